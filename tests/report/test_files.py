"""The files: a csv with every customer that no spreadsheet runs, and the commands that write reports."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels import cli
from clvmodels.data.tables import harmless

FAST = ["--method", "map", "--model", "mbgnbd"]


def test_a_csv_beside_the_page_has_every_customer(written: dict[str, Path], worth: clv.Valuation) -> None:
    table, frame = pd.read_csv(written["en"].with_suffix(".csv"), dtype={"customer_id": str}), worth.frame()
    assert len(table) == len(frame)
    for column in frame.columns.drop("customer_id"):
        np.testing.assert_allclose(table[column], frame[column], rtol=1e-5, atol=1e-5)
    assert table["segment"].to_list() == clv.rfm_segments(worth.customers).names.tolist()
    assert table["action"].to_list() == clv.portfolio(worth).customers()["action"].to_list()
    plain = table["customer_id"].str.removeprefix("'")
    assert plain.to_list() == frame["customer_id"].to_list()


def test_no_cell_of_the_csv_runs(written: dict[str, Path]) -> None:
    table = pd.read_csv(written["en"].with_suffix(".csv"), dtype=str)
    assert table["customer_id"].str.startswith("'=").any()
    for name in ("customer_id", "segment", "action"):
        assert not table[name].str.match(r"[=+\-@\t\r]").any()
    assert pd.to_numeric(table["clv"]).lt(0.0).any()  # a negative number is a number, and stays one


def test_text_alone_is_made_harmless() -> None:
    marks = ["=1", "+1", "-1", "@a", "\ta", "\ra", "a=", "", None]
    table = pd.DataFrame({"id": marks, "clv": np.arange(-4.0, 5.0), "=sum": 1})
    told = harmless(table)
    assert told["id"].to_list()[:8] == ["'=1", "'+1", "'-1", "'@a", "'\ta", "'\ra", "a=", ""]
    assert pd.isna(told["id"].iloc[8])
    assert told["clv"].to_list() == table["clv"].to_list()
    assert list(told) == ["id", "clv", "'=sum"]
    assert list(table) == ["id", "clv", "=sum"]


def test_other_frames_and_endless_horizons(tmp_path: Path) -> None:
    log = clv.datasets.cdnow(sample=True).iloc[:900]
    customers = clv.rfm_summary(pl.from_pandas(log))
    fit, spend = clv.fit(clv.ParetoNBD(), customers, clv.MAP()), clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.MAP())
    worth = clv.value(fit, spend, horizon=np.inf, discount=clv.yearly(0.1), draws=50, seed=1)
    page = clv.report(worth, tmp_path / "x.html", horizons=(52, np.inf), levers=False).read_text(encoding="utf-8")
    assert "over their whole lives" in page
    assert "a whole life" in page
    assert len(pd.read_csv(tmp_path / "x.csv")) == len(customers)


def test_without_spend_of_first_purchases_the_rest_is_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 6, 300)
    columns = {"unit": "week", "monetary_value": np.where(x > 0, rng.gamma(4.0, 8.0, 300), 0.0)}
    customers = clv.Customers.from_arrays(x, np.where(x > 0, rng.uniform(1, 30, 300), 0.0), np.full(300, 40.0), **columns)
    fit = clv.fit(clv.MBGNBD(), customers, clv.MAP())
    spend = clv.fit(clv.GammaGamma(), customers.repeat_buyers(), clv.MAP())
    worth = clv.value(fit, spend, horizon=26, discount=clv.yearly(0.1), draws=50, seed=1)
    page = clv.report(worth, tmp_path / "x.html", horizons=(), levers=False, title="A & B").read_text(encoding="utf-8")
    assert "A &amp; B" in page
    assert "This can't be shown" in page
    assert "segment" not in pd.read_csv(tmp_path / "x.csv").columns


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: pd.DataFrame) -> Path:
    """A folder to run in, with a log."""
    monkeypatch.chdir(tmp_path)
    log.rename(columns={"customer_id": "user"}).to_csv("shop.csv", index=False)
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, [*words, "--customer-id", "user", *FAST])
    return result.exit_code, " ".join(result.output.split())


def test_value_ends_with_the_path_of_its_report(folder: Path) -> None:
    code, said = run("value", "shop.csv", "--by", "channel")
    assert code == 0
    assert said.endswith("Report: shop_clv.html")
    assert sorted(path.name for path in folder.iterdir()) == ["shop.csv", "shop_clv.csv", "shop_clv.html"]
    assert {"clv", "segment", "action"} <= set(pd.read_csv("shop_clv.csv").columns)
    assert "By channel" in Path("shop_clv.html").read_text(encoding="utf-8")


def test_value_can_do_without(folder: Path) -> None:
    code, said = run("value", "shop.csv", "--no-report", "--out", "x.parquet")
    assert code == 0
    assert "Report" not in said
    assert sorted(path.name for path in folder.iterdir()) == ["shop.csv", "x.parquet"]


def test_a_report_in_french_says_how_it_was_made(folder: Path) -> None:
    words = ("--lang", "fr", "--currency", "EUR", "--horizons", "12,life", "--out", "rapport.html", "--cost", "mail=8/year")
    code, said = run("report", "shop.csv", *words)
    page = Path("rapport.html").read_text(encoding="utf-8")
    assert code == 0
    assert said.endswith("Report: rapport.html")
    assert sorted(path.name for path in folder.iterdir()) == ["rapport.csv", "rapport.html", "shop.csv"]
    command = "clvmodels report shop.csv --customer-id user --cost mail=8/year --model mbgnbd --method map"
    assert f"{command} --lang fr --currency EUR --horizons 12,life --out rapport.html" in page
    assert "Ce que montre le journal" in page
    assert "1 juil. 1998" in page  # the forecast begins where the log ends


REFUSALS = {
    "language": (["--lang", "de"], "lang='de' isn't spoken here"),
    "currency": (["--currency", "euro"], "currency='euro' is no currency"),
    "place": (["--out", "x.pdf"], "x.pdf is no name for a report"),
    "folder": (["--out", "nowhere/x.html"], "There is no folder"),
    "the log itself": (["--out", "shop.html"], "shop.csv is the log itself"),
    "column": (["--value", "price"], "shop.csv has no column price"),
}


@pytest.mark.parametrize(("words", "sentence"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refusals_are_sentences(folder: Path, words: list[str], sentence: str) -> None:
    code, said = run("report", "shop.csv", *words)
    assert code == 2
    assert sentence in said
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["shop.csv"]


def test_an_interruption_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_csv", interrupted)
    code, said = run("value", "shop.csv")
    assert code == 130
    assert "Interrupted; nothing was written." in said
    assert [path.name for path in folder.iterdir()] == ["shop.csv"]


def test_of_many_groups_the_largest_are_shown(worth: clv.Valuation, tmp_path: Path) -> None:
    groups = pd.DataFrame({"customer_id": worth.customers.ids.to_list(), "shop": np.arange(len(worth.customers)) % 50})
    many = clv.value(
        worth.fit, worth.spend, horizon=52, discount=worth.discount, attributes=groups, by="shop", draws=50, seed=1
    )
    page = clv.report(many, tmp_path / "x.html", by="shop", horizons=(), levers=False).read_text(encoding="utf-8")
    told = many.total(by="shop").sort_values("mean", ascending=False)
    table = page[page.index('id="table-by0"') :].partition("</table>")[0]
    assert [int(name) for name in re.findall(r'<th scope="row">(\d+)</th>', table)] == told["shop"].head(30).to_list()
    assert '<data value="20.0" data-of="more0:0:groups">20</data> more are not' in page
