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
    result = CliRunner().invoke(cli.app, ["value", "shop.csv", "--no-report", *names, *words])
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
    assert "1 value of 'paid' is negative in row (4). If they are refunds, say --refunds net" in run(*FAST)[1]
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


# costs, columns, segments, horizons


@pytest.fixture
def shop(folder: Path) -> pd.DataFrame:
    """The same log with what a business knows besides: a channel, a region by number, a margin and a cost of post."""
    log = pd.read_csv(folder / "shop.csv", dtype={"user": str})
    number = log["user"].astype(int)
    told = log.assign(
        channel=np.where(number % 3 == 0, "ads", "shop"), region=number % 2, share=0.2 + 0.1 * (number % 2), post=1.5
    )
    told.to_csv(folder / "shop.csv", index=False)
    return told


def valued(log: pd.DataFrame, economics: clv.Economics, horizon: float = 52.0) -> clv.Valuation:
    """The same valuation as ``run(*FAST)``, in Python."""
    names = {"customer_id": "user", "date": "day"}
    customers = clv.rfm_summary(log, **names, value="paid")
    attributes = clv.attributes(log, ["channel", "region", "share", "post"], **names)
    fit = clv.fit(clv.BGNBD(), customers, clv.MLE(), seed=1)
    spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.MLE(), seed=1)
    asked = {"discount": clv.yearly(0.10), "economics": economics, "attributes": attributes, "seed": 1}
    return clv.value(fit, spend, horizon=horizon, **asked)


YEAR = ["--horizon", "52"]
COSTS = {"goods": clv.Cost(0.3, "turnover"), "post": clv.Cost("post", "order"), "mail": clv.Cost(6.0, "year")}


@pytest.mark.parametrize(
    ("words", "economics"),
    [
        (["--cost", "goods=0.3/turnover", "--cost", "post=post/order", "--cost", "mail=6/year"], clv.Economics(costs=COSTS)),
        (["--margin", "share"], clv.Economics(margin="share")),
        (["--margin", "channel:ads=0.2,shop=0.4"], clv.Economics(margin=clv.By("channel", {"ads": 0.2, "shop": 0.4}))),
        (["--margin", "region:0=0.2,1=0.4"], clv.Economics(margin=clv.By("region", {0: 0.2, 1: 0.4}))),
        (
            ["--cost", "post=channel:ads=1,shop=2.5/order"],
            clv.Economics(costs={"post": clv.Cost(clv.By("channel", {"ads": 1.0, "shop": 2.5}), "order")}),
        ),
    ],
    ids=["lines", "margin by column", "margin by segment", "segments that are numbers", "cost by segment"],
)
def test_economics_are_those_of_the_library(
    folder: Path, shop: pd.DataFrame, words: list[str], economics: clv.Economics
) -> None:
    code, said = run(*FAST, *YEAR, *words)
    assert code == 0
    table, exact = pd.read_csv(folder / "shop_clv.csv"), valued(shop, economics).frame()
    for column in ("clv", "outcome_low", "outcome_high"):
        np.testing.assert_allclose(table[column], exact[column], rtol=1e-5, atol=1e-12)
    assert all(name in said for name in economics.costs)


def test_what_customers_have_cost_to_win_is_told_and_written(folder: Path, shop: pd.DataFrame) -> None:
    code, said = run(*FAST, *YEAR, "--margin", "0.5", "--acquisition", "channel:ads=30,shop=5")
    assert code == 0
    worth = valued(shop, clv.Economics(margin=0.5, acquisition=clv.By("channel", {"ads": 30.0, "shop": 5.0})))
    exact, table = worth.account(), pd.read_csv(folder / "shop_clv.csv")
    for column in ("past", "acquisition", "lifetime"):
        np.testing.assert_allclose(table[column], exact[column], rtol=1e-5)
    told = {name: f"{exact[name].sum():,.0f}" for name in ("past", "acquisition", "lifetime")}
    sentence = "They have left {past} so far and have cost {acquisition} to win, so that over their lifetimes they are worth"
    assert f"{sentence} {{lifetime}}.".format(**told) in said
    newcomer, cost = clv.newcomer_value(worth).mean[0], exact["acquisition"].mean()
    assert f"A newcomer would be worth {newcomer:,.2f} from her first purchase on, {newcomer / cost:.2f} for each 1" in said
    assert "lifetime" not in pd.read_csv(folder / "shop_clv.csv" if run(*FAST)[0] == 0 else "").columns


@pytest.mark.usefixtures("shop")
def test_segments_and_cohorts_side_by_side(folder: Path) -> None:
    code, said = run(*FAST, *YEAR, "--by", "channel", "--by", "cohort", "--cohort", "month")
    table = pd.read_csv(folder / "shop_clv.csv", dtype={"customer_id": str})
    ads = table["customer_id"].astype(int) % 3 == 0
    assert code == 0
    assert "By channel (intervals with 90%)" in said
    assert f"ads {ads.sum()} {table['clv'][ads].sum() / table['clv'].sum():.1%} {table['clv'][ads].sum():,.0f}" in said
    assert "By cohort (intervals with 90%)" in said
    dates = clv.datasets.cdnow(sample=True).query("customer_id in @table.customer_id").groupby("customer_id")["date"].min()
    for month, number in dates.dt.strftime("%Y-%m").value_counts().items():
        assert f"{month} {number} " in said


def test_horizons_side_by_side(folder: Path) -> None:
    code, said = run(*FAST, "--horizons", "12,36,life")
    assert code == 0
    year = pd.read_csv(folder / "shop_clv.csv")["clv"].sum()  # a year is the usual horizon
    assert "Horizons side by side (intervals with 90%)" in said
    assert f"52.18 weeks {year:,.0f}" in said
    assert "156.5 weeks" in said
    assert "a whole life" in said


@pytest.mark.usefixtures("shop")
def test_a_scenario_is_that_of_the_library(folder: Path, shop: pd.DataFrame) -> None:
    names = ["--customer-id", "user", "--date", "day", "--value", "paid"]
    costs = ["--margin", "0.5", "--cost", "mail=6/year"]
    change = ["--purchase-rate", "1.1", "--dropout", "0.9", "--spend", "1.05", "--costs-times", "2", "--by", "channel"]
    result = CliRunner().invoke(cli.app, ["scenario", "shop.csv", *names, *FAST, *YEAR, *costs, *change])
    said = " ".join(result.output.split())
    assert result.exit_code == 0
    worth = valued(shop, clv.Economics(margin=0.5, costs={"mail": clv.Cost(6.0, "year")}))
    found = clv.potential(worth, clv.Scenario(purchase_rate=1.1, dropout=0.9, spend=1.05, costs=2.0))
    table = pd.read_csv(folder / "shop_scenario.csv")
    np.testing.assert_allclose(table["gain"], found.gain.mean, rtol=1e-5)
    total = found.total().iloc[0]
    assert (
        f"all 300 {total['current']:,.0f} {total['potential']:,.0f} {total['gain']:,.0f} ({total['relative']:+.1%})" in said
    )
    levers = clv.elasticities(worth).frame()
    assert f"{levers['lever'][0]} {levers['elasticity'][0]:+.2f} %" in said
    assert "mail" in said
    assert "ads" in said


ECONOMIC_REFUSALS = {
    "unknown per": (["--cost", "post=2/parcel"], "A cost per 'parcel' isn't known: say one of turnover, order, hour, day"),
    "no per": (["--cost", "post=2"], "The cost 'post=2' isn't understood: say NAME=AMOUNT/PER, such as goods=0.55/turnover"),
    "cost negative": (["--cost", "post=-2/order"], "A cost of -2.0 can't be: costs are 0 or more"),
    "goods in per cent": (["--cost", "goods=55/turnover"], "it is a share, such as 0.55 for 55 %"),
    "the same cost twice": (
        ["--cost", "a=1/order", "--cost", "a=2/order"],
        "Each line of costs has a name of its own",
    ),
    "unknown column": (["--margin", "marge"], "shop.csv has no column marge; it has: user, day"),
    "unknown column to group by": (["--by", "sector"], "shop.csv has no column sector"),
    "unknown segment": (["--acquisition", "channel:ads=40"], "customers are of an unknown channel, (shop): ("),
    "no number of a segment": (["--margin", "channel:ads=lots"], "'ads=lots' isn't understood: say VALUE=NUMBER"),
    "margin above 1": (["--margin", "1.3"], "A margin of 1.3 can't be: it is a share of turnover, such as 0.30 for 30 %"),
    "margin of a segment above 1": (["--margin", "channel:ads=0.3,shop=30"], "A margin of [0.3, 30.0] can't be"),
    "margin no number": (["--margin", "nan"], "A margin of nan can't be"),
    "a column of words": (["--margin", "channel"], "Column 'channel' holds no numbers but String, such as "),
    "acquisition negative": (["--acquisition", "-5"], "An acquisition cost of -5.0 can't be: it is 0 or more."),
    "horizons in words": (
        ["--horizons", "soon"],
        "The horizons 'soon' aren't understood: say months, such as 12,24,36,life.",
    ),
    "horizon behind": (["--horizons", "12,-3"], "can't be: it is a time ahead"),
    "life for nothing": (["--horizons", "12,life", "--discount", "0"], "An infinite horizon needs a discount rate above 0"),
    "unknown cohort": (
        ["--by", "cohort", "--cohort", "decade"],
        "cohort='decade' is no period of the calendar. Say one of week",
    ),
    "unknown cohort, unused": (["--cohort", "decade"], "cohort='decade' is no period of the calendar"),
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("words", "sentence"), ECONOMIC_REFUSALS.values(), ids=ECONOMIC_REFUSALS.keys())
def test_economics_that_cannot_be_are_refused_and_nothing_is_written(folder: Path, words: list[str], sentence: str) -> None:
    code, said = run(*FAST, *words)
    assert code == 2
    assert sentence in said
    assert "Traceback" not in said
    assert [path.name for path in folder.iterdir()] == ["shop.csv"]


SCENARIO_REFUSALS = {
    "nothing changes by less than nothing": (["--spend", "-1"], "A scenario can't multiply by -1.0"),
    "margin above 1": (["--margin", "0.5", "--margin-times", "3"], "300 customers would have a margin above 1"),
    "nothing to say in per cent": (["--cost", "all=1/turnover"], "The base is worth nothing, so nothing can be said"),
}


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("words", "sentence"), SCENARIO_REFUSALS.values(), ids=SCENARIO_REFUSALS.keys())
def test_scenarios_that_cannot_be_are_refused_and_nothing_is_written(folder: Path, words: list[str], sentence: str) -> None:
    names = ["--customer-id", "user", "--date", "day", "--value", "paid"]
    result = CliRunner().invoke(cli.app, ["scenario", "shop.csv", *names, *FAST, *words])
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
    assert [path.name for path in folder.iterdir()] == ["shop.csv"]


def test_a_log_of_parquet_is_read_by_its_columns(folder: Path) -> None:
    log = pd.read_csv(folder / "shop.csv", dtype={"user": str})
    (folder / "many" / "year=1997").mkdir(parents=True)
    log.iloc[:500].assign(note="much").to_parquet(folder / "many" / "a.parquet")
    log.iloc[500:].assign(note="more").to_parquet(folder / "many" / "year=1997" / "b.parquet")
    names = ["--customer-id", "user", "--date", "day", "--value", "paid", "--no-report", *FAST]
    result = CliRunner().invoke(cli.app, ["value", "many", *names])
    assert result.exit_code == 0, result.output
    run(*FAST)
    pd.testing.assert_frame_equal(pd.read_csv(folder / "many_clv.csv"), pd.read_csv(folder / "shop_clv.csv"))


NO_LOGS = {
    "no.parquet": "no.parquet can't be read as a table",
    "nothing": "There is no parquet file in nothing",
    "many": "many has no column price; it has: user, paid. Say which is which with --customer-id, --date and --value.",
}


@pytest.mark.parametrize(("log", "sentence"), NO_LOGS.items())
def test_what_is_no_log_is_refused_in_a_sentence(folder: Path, log: str, sentence: str) -> None:
    (folder / "no.parquet").write_bytes(b"PAR1 and then nothing")
    (folder / "nothing").mkdir()
    (folder / "many").mkdir()
    pd.DataFrame({"user": ["a"], "paid": [1.0]}).to_parquet(folder / "many" / "a.parquet")
    result = CliRunner().invoke(cli.app, ["value", log, "--customer-id", "user", "--date", "paid", "--value", "price"])
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())


NAMED = ["--customer-id", "user", "--date", "day", "--value", "paid"]


@pytest.mark.parametrize("source", ["shop.csv", "shop.parquet", "many"])
def test_a_log_becomes_a_summary_that_a_kept_valuation_scores(folder: Path, source: str) -> None:
    log = pd.read_csv(folder / "shop.csv", dtype={"user": str})
    (folder / "many").mkdir()
    log.to_parquet(folder / "shop.parquet")
    log.to_parquet(folder / "many" / "a.parquet")
    result = CliRunner().invoke(
        cli.app, ["summary", source, *NAMED, "--out", "customers.parquet", "--observation-end", "1998-03-01"]
    )
    said = " ".join(result.output.split())
    assert result.exit_code == 0, said
    assert "300 customers, in weeks, written to customers.parquet" in said
    assert "purchases after 1998-03-01 were left out" in said
    told = {"customer_id": "user", "date": "day", "value": "paid", "observation_end": "1998-03-01"}
    expected, found = clv.rfm_summary(log, **told).frame(), pd.read_parquet("customers.parquet")
    pd.testing.assert_frame_equal(found.sort_values("customer_id", ignore_index=True), expected, rtol=1e-12)
    assert run(*FAST, "--observation-end", "1998-03-01", "--save", "kept.clv", "--out", "valued.parquet")[0] == 0
    scored = CliRunner().invoke(
        cli.app, ["score", "kept.clv", "customers.parquet", "--out", "scored.parquet", "--unit", "week"]
    )
    assert scored.exit_code == 0, scored.output
    one, two = (pd.read_parquet(name).set_index("customer_id") for name in ("valued.parquet", "scored.parquet"))
    columns = ["probability_alive", "expected_purchases", "clv"]
    pd.testing.assert_frame_equal(two.loc[one.index, columns], one[columns], rtol=1e-9)


def test_a_summary_keeps_what_first_purchases_say(folder: Path) -> None:
    log = pd.read_csv(folder / "shop.csv", dtype={"user": str})
    log.assign(channel=np.where(log["paid"] > 20, "ads", "shop")).to_parquet(folder / "shop.parquet")
    words = ["summary", "shop.parquet", *NAMED, "--keep", "channel", "--cohort", "month"]
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 0, result.output
    found = pd.read_parquet("shop_customers.parquet")
    assert list(found)[-2:] == ["channel", "cohort"]
    assert (found["channel"] == np.where(found["first_value"] > 20, "ads", "shop")).mean() > 0.95  # but for two of one day
    assert set(found["cohort"]) <= {"1997-01", "1997-02", "1997-03"}


NO_SUMMARIES = {
    "digits": (
        ["--out", "customers.csv"],
        "customers.csv wouldn't keep all digits of times: name a parquet file with --out.",
    ),
    "cohort": (["--cohort", "day"], "cohort='day' is no period of the calendar"),
    "column": (["--keep", "channel"], "shop.csv has no column channel"),
    "itself": (["--out", "shop.csv"], "shop.csv is the log itself"),
    "its own": (["--keep", "T"], "A summary has a column (T) of its own: rename that of the log"),
}


@pytest.mark.parametrize(("words", "sentence"), NO_SUMMARIES.values(), ids=NO_SUMMARIES.keys())
def test_no_summary(folder: Path, words: list[str], sentence: str) -> None:
    log = pd.read_csv(folder / "shop.csv", dtype={"user": str})
    log.assign(T=1.0).to_csv(folder / "shop.csv", index=False)
    result = CliRunner().invoke(cli.app, ["summary", "shop.csv", *NAMED, *words])
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())
    assert [path.name for path in folder.iterdir()] == ["shop.csv"]
