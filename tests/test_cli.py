"""The command line: the main job on a small log, every option that changes it, and what it says when it can't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels import cli

FAST = ["--method", "mle", "--model", "bgnbd"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in, with a log of 300 customers in the business's own words."""
    monkeypatch.chdir(tmp_path)
    log = clv.datasets.cdnow(sample=True)
    some = log[log["customer_id"].isin(log["customer_id"].unique()[:300])]
    named = some.rename(columns={"customer_id": "user", "date": "day", "value": "paid"})
    named.to_csv(tmp_path / "shop.csv", index=False)
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    """Exit code and output of ``clvmodels value shop.csv`` with some options."""
    names = ["--customer-id", "user", "--date", "day", "--value", "paid"]
    result = CliRunner().invoke(cli.app, ["value", "shop.csv", *names, *words])
    return result.exit_code, " ".join(result.output.split())


def test_a_log_becomes_a_table_and_a_summary(folder: Path) -> None:
    code, said = run("--horizon", "39", "--margin", "0.3", "--model", "bgnbd")
    table = pd.read_csv(folder / "shop_clv.csv", dtype={"customer_id": str})
    assert code == 0
    assert len(table) == 300
    assert table["customer_id"].iloc[0] == "00004"  # leading zeros are part of an id
    assert (table["clv_low"] <= table["clv"]).all()
    assert (table["outcome_low"] <= table["outcome_high"]).all()
    assert "300 customers of shop.csv, over the next 39 weeks, discounted at 10% a year, margin 30%" in said
    assert "BG/NBD by Laplace(draws=1000): converged, Pareto k" in said
    assert f"{table['clv'].sum():,.0f}" in said


def test_the_table_is_that_of_the_library(folder: Path) -> None:
    run("--horizon", "39", *FAST, "--seed", "7")
    log = pd.read_csv(folder / "shop.csv", dtype={"user": str})
    customers = clv.rfm_summary(log, customer_id="user", date="day", value="paid")
    fit = clv.fit(clv.BGNBD(), customers, clv.MLE(), seed=7)
    spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.MLE(), seed=7)
    worth = clv.value(fit, spend, horizon=39, discount=clv.yearly(0.10), seed=7).frame()
    table = pd.read_csv(folder / "shop_clv.csv")
    for column in ("probability_alive", "expected_purchases", "clv", "outcome_high"):
        np.testing.assert_allclose(table[column], worth[column], rtol=1e-5)


@pytest.mark.parametrize("name", ["out.csv", "out.csv.gz", "out.tsv", "out.parquet"])
def test_results_go_where_and_how_they_are_wanted(folder: Path, name: str) -> None:
    code, _ = run(*FAST, "--out", name)
    read = pd.read_parquet if name.endswith("parquet") else pd.read_csv
    table = read(folder / name, **({"sep": "\t"} if name.endswith("tsv") else {}))
    assert code == 0
    assert len(table) == 300
    assert sorted(path.name for path in folder.iterdir()) == sorted(["shop.csv", name])


def test_for_life_and_in_days(folder: Path) -> None:
    code, said = run(*FAST, "--horizon", "inf", "--discount", "0.5", "--unit", "day")
    assert code == 0
    assert "over their whole lives" in said
    assert np.isfinite(pd.read_csv(folder / "shop_clv.csv")["clv"]).all()


REFUSALS = {
    "no such file": (["--out", "x.csv"], "nothing.csv", "There is no file nothing.csv."),
    "no such column": (["--value", "price"], None, "shop.csv has no column price; it has: user, day"),
    "no such method": (["--method", "magic"], None, "'magic' is no method. Say one of laplace, nuts, bootstrap, map, mle."),
    "no such unit": (["--unit", "weeks"], None, "'weeks' is no unit of time here."),
    "no such kind of file": (["--out", "x.xlsx"], None, "x.xlsx is neither csv nor parquet."),
    "no such folder": (["--out", "nowhere/x.csv"], None, "There is no folder"),
    "the log itself": (["--out", "shop.csv"], None, "shop.csv is the log itself"),
    "negative rate": (["--discount", "-0.1"], None, "A discount rate of -0.1 can't be"),
    "margin in per cent": (["--margin", "30"], None, "A margin of 30.0 can't be"),
    "interval in per cent": (["--interval", "90"], None, "90.0 is no probability"),
    "horizon behind": (["--horizon", "-3"], None, "horizon = -3.0 can't be"),
    "too early an end": (["--observation-end", "1990-01-01"], None, "lies before the first purchase"),
}


@pytest.mark.parametrize(("words", "log", "sentence"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_be_is_refused_in_a_sentence(folder: Path, words: list[str], log: str | None, sentence: str) -> None:
    if log:
        result = CliRunner().invoke(cli.app, ["value", log])
        code, said = result.exit_code, " ".join(result.output.split())
    else:
        code, said = run(*FAST, *words)
    assert code == 2
    assert sentence in said
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["shop.csv"]


def test_a_refund_names_its_row(folder: Path) -> None:
    log = pd.read_csv(folder / "shop.csv", dtype={"user": str})
    log.loc[4, "paid"] = -3.0
    log.to_csv(folder / "shop.csv", index=False)
    assert "1 value of 'paid' is negative in row (4). If they are refunds, say refunds='net'" in run(*FAST)[1]
    assert run(*FAST, "--refunds", "net")[0] == 0


def test_an_interruption_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(clv.Valuation, "frame", interrupted)
    code, said = run(*FAST)
    assert code == 130
    assert "Interrupted; nothing was written." in said
    assert [path.name for path in folder.iterdir()] == ["shop.csv"]


def test_half_a_table_is_never_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: pd.DataFrame, path: Path, **__: object) -> None:
        Path(path).write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(pd.DataFrame, "to_csv", broken)
    assert run(*FAST)[0] == 130
    assert [path.name for path in folder.iterdir()] == ["shop.csv"]


def test_the_data_choose_the_model_unless_one_is_named(folder: Path) -> None:
    code, said = run("--method", "mle")
    assert code == 0
    assert "was chosen from 8 models; behind it, in log-likelihood of customers left out:" in said
    assert (folder / "shop_clv.csv").exists()
