"""The benchmarks' own machinery: the README's table is that of the rows, failures are rows, and one small cell runs."""

from __future__ import annotations

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FAKE = """
import json, sys, time
task = sys.argv[1]
if task == "fit":
    sys.exit("it can't")
if task == "posterior":
    time.sleep(60)
print("noise")
print(json.dumps({"seconds": 1.5, "versions": {"fake": "0.1"}}))
"""


@pytest.fixture
def speed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give the modules of the benchmarks, which are scripts beside each other."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks" / "speed"))
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module


def test_the_readme_has_the_table_of_the_rows(speed: Any) -> None:
    readme = speed("readme")
    text = readme.README.read_text(encoding="utf-8")
    assert text.split(readme.BEGIN)[1].split(readme.END)[0].strip() == readme.table()


def test_rewriting_the_readme_changes_the_table_only(speed: Any, tmp_path: Path) -> None:
    readme, copy = speed("readme"), tmp_path / "README.md"
    copy.write_text("before\n<!-- speed -->\nold\n<!-- /speed -->\nafter\n", encoding="utf-8")
    readme.rewrite(readme=copy)
    assert copy.read_text(encoding="utf-8") == f"before\n<!-- speed -->\n{readme.table()}\n<!-- /speed -->\nafter\n"


def test_what_fails_is_a_row_that_says_how(speed: Any, tmp_path: Path) -> None:
    plan, run, cells = speed("plan"), speed("run"), speed("cells")
    (tmp_path / "fake_.py").write_text(FAKE)
    asked = (plan.fit("10"), plan.posterior("10"), plan.value("10"), plan.fit("20", took=99.0, came="nothing"))
    run.race({"fake": plan.Competitor(tmp_path / "fake_.py", asked, patience=2.0)}, {}, 0.0, tmp_path)
    rows = cells.read(tmp_path / "fake.csv")
    assert [row.get("failed") for row in rows] == [
        "it can't",
        "no result after 2 s",
        None,
        "not tried within 2 s: it took 99 s once, for nothing",
    ]
    assert rows[2]["seconds"] == "1.5"
    assert all(row["fake"] == "0.1" and row["machine"] == cells.machine() for row in rows)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("task", "size", "figure"),
    [("summary", "1000", "purchases"), ("summary", "CDNOW", "purchases"), ("fit", "1000", "log_likelihood")],
)
def test_our_cells_answer(speed: Any, tmp_path: Path, task: str, size: str, figure: str) -> None:
    plan, cells = speed("plan"), speed("cells")
    command = [sys.executable, str(plan.COMPETITORS["clvmodels"].file)]
    row = cells.run(plan.Cell(task, size), command, 120.0, tmp_path)
    assert "failed" not in row
    assert row["seconds"] > 0.0
    assert row["peak_mb"] > 0.0
    assert figure in row
    assert {"clvmodels", "numpy", "python"} <= set(row["versions"])


def test_each_competitor_is_a_file_with_cells_of_its_own(speed: Any) -> None:
    for name, competitor in speed("plan").COMPETITORS.items():
        assert competitor.file.name == f"{name}_.py"
        assert competitor.file.exists()
        keys = [tuple(cell.told().values()) for cell in competitor.cells]
        assert len(set(keys)) == len(keys)


def test_the_gate_is_shut_for_what_is_slower_or_lost(speed: Any) -> None:
    verdict = speed("gate").Verdict("fit", base=1.0, head=1.1)
    assert not verdict.worse
    assert replace(verdict, head=1.3).worse
    assert replace(verdict, head="it can't").worse
    assert not replace(verdict, base="it couldn't").worse
    assert speed("gate").shortest([{"seconds": 0.1}, {"seconds": 0.4}, {"seconds": 0.3}]) == 0.3
