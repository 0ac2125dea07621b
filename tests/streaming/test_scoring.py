"""Scores as a stream: the rows of a valuation, whoever cuts the batches, holds the table or stops the run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from pyarrow import parquet
from typer.testing import CliRunner

import clvmodels as clv
from clvmodels import cli
from clvmodels.errors import ClvError, CustomersError, FitError
from clvmodels.streaming import scoring, shards

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXPECTED = ["probability_alive", "expected_purchases", "expected_spend", "clv", "clv_low", "clv_high"]
ENDS = ["outcome_low", "outcome_high"]


@pytest.fixture(scope="module")
def some(cdnow: clv.Customers) -> clv.Customers:
    """Every fourth customer: 590."""
    return cdnow.some(np.arange(0, len(cdnow), 4))


@pytest.fixture(scope="module")
def worth(purchases: clv.Fit, spend: clv.Fit, some: clv.Customers) -> clv.Valuation:
    return clv.value(purchases, spend, horizon=52, discount=clv.yearly(0.1), customers=some, draws=300, seed=7)


@pytest.fixture(scope="module")
def scored(worth: clv.Valuation, some: clv.Customers) -> pd.DataFrame:
    return together(worth.score(some))


def together(batches: Iterator[pa.RecordBatch]) -> pd.DataFrame:
    return pa.Table.from_batches(list(batches)).to_pandas()


def test_scores_are_the_rows_of_the_valuation(worth: clv.Valuation, scored: pd.DataFrame) -> None:
    frame = worth.frame()
    assert list(scored) == list(frame)
    assert scored["customer_id"].tolist() == frame["customer_id"].tolist()
    assert_array_equal(scored[EXPECTED], frame[EXPECTED])
    many = clv.value(worth.fit, worth.spend, horizon=52, discount=clv.yearly(0.1), customers=worth.customers, seed=1)
    errors = (scored["outcome_high"] - many.frame()["outcome_high"]) / many.frame()["outcome_high"].mean()
    assert abs(errors.mean()) < 0.02  # each is off by the luck of 300 draws, all of them by hardly anything


def test_an_interval_that_is_asked_for(worth: clv.Valuation, some: clv.Customers) -> None:
    assert_array_equal(together(worth.score(some, prob=0.5))["clv_high"], worth.frame(0.5)["clv_high"])


@pytest.mark.parametrize("model", [clv.BGNBD(), clv.ParetoNBD(), clv.NBD()], ids=lambda m: m.name)
def test_neither_cuts_nor_order_nor_neighbours_matter(
    model: Any, spend: clv.Fit, some: clv.Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = clv.fit(model, some, clv.Laplace(draws=100), seed=1)
    worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), customers=some, seed=3)
    frame = some.frame()
    whole = together(worth.score(frame))
    cuts = [0, 1, 2, 300, len(frame)]
    cut = together(worth.score([frame.iloc[a:b] for a, b in pairwise(cuts)]))
    pd.testing.assert_frame_equal(cut, whole)  # to the last digit: batches are cut anew
    monkeypatch.setattr(scoring, "CHUNK", 100)
    mixed = together(worth.score(frame.sample(frac=1.0, random_state=1)))
    again = mixed.set_index("customer_id").loc[whole["customer_id"]].reset_index()
    pd.testing.assert_frame_equal(again, whole, rtol=1e-9)
    alone = together(worth.score(frame.iloc[[5]]))
    pd.testing.assert_frame_equal(alone, whole.iloc[[5]].reset_index(drop=True), rtol=1e-9)


def test_equals_have_equal_scores_and_others_have_not(worth: clv.Valuation) -> None:
    told = {"frequency": [2, 2, 2], "recency": [20.0, 20.0, 20.5], "T": [30.0] * 3, "monetary_value": [9.0] * 3}
    first, second, other = together(worth.score(pd.DataFrame({"customer_id": [1, 2, 3], **told, "first_value": 8.0})))[
        "outcome_high"
    ]
    assert first == second
    assert first != other


def test_another_seed_gives_other_outcomes(worth: clv.Valuation, some: clv.Customers, scored: pd.DataFrame) -> None:
    other = clv.value(worth.fit, worth.spend, horizon=52, discount=clv.yearly(0.1), customers=some, draws=300, seed=8)
    found = together(other.score(some))
    assert_array_equal(found[EXPECTED], scored[EXPECTED])
    assert (found["outcome_high"] != scored["outcome_high"]).mean() > 0.5


WAYS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
    "polars batches": lambda frame: pl.from_pandas(frame).iter_slices(101),
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "batches": lambda frame: pa.Table.from_pandas(frame, preserve_index=False).to_batches(73),
    "reader": lambda frame: pa.Table.from_pandas(frame, preserve_index=False).to_reader(50),
    "DuckDB": duckdb.from_df,
    "DuckDB batches": lambda frame: duckdb.from_df(frame).to_arrow_reader(64),
    "lazy customers": lambda frame: clv.LazyCustomers.from_frame(pl.from_pandas(frame).lazy(), unit="week"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_scores_from_every_engine(
    way: str, worth: clv.Valuation, some: clv.Customers, scored: pd.DataFrame
) -> None:
    found = together(worth.score(WAYS[way](some.frame())))
    assert found["customer_id"].tolist() == scored["customer_id"].tolist()
    assert_array_equal(found[EXPECTED + ENDS], scored[EXPECTED + ENDS])


@pytest.fixture(scope="module")
def channels(some: clv.Customers) -> pd.DataFrame:
    """The customers with a channel, which isn't known of some, and of which one comes late and another ends early."""
    place = np.arange(len(some))
    names = np.select([place < 60, place > 550, place % 3 == 0], ["early", "late", None], "shop")
    return some.frame().assign(channel=names)


@pytest.mark.parametrize("rows", [50, 1000])
def test_totals_of_a_stream_are_those_of_the_base(
    worth: clv.Valuation, channels: pd.DataFrame, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "CHUNK", rows)
    known = clv.value(
        worth.fit,
        worth.spend,
        horizon=52,
        discount=clv.yearly(0.1),
        customers=worth.customers,
        attributes=channels[["customer_id", "channel"]],
        draws=300,
        seed=7,
    )
    told, whole = worth.scorer.total(channels), known.total()
    assert_allclose(told.loc["expected"], whole.loc["expected"], rtol=1e-12)
    assert_allclose(told.loc["outcome"], whole.loc["outcome"], rtol=0.02)
    widths = [frame.loc["outcome", "high"] - frame.loc["outcome", "low"] for frame in (told, whole)]
    assert widths[0] == pytest.approx(widths[1], rel=0.15)  # both of 300 draws
    told, whole = worth.scorer.total(channels, by="channel"), known.total(by="channel")
    assert list(told) == list(whole)
    assert told["channel"].to_list()[:3] == whole["channel"].to_list()[:3] == ["early", "late", "shop"]
    exact = ["mean", "low", "high", "customers", "share", "each"]
    assert_allclose(told[exact], whole[exact], rtol=1e-12)
    assert_allclose(told["outcome_high"], whole["outcome_high"], rtol=0.15)


def test_strangers_do_not_buy_in_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred equals, in ten batches: how far their sum spreads grows with the root of how many they are."""
    monkeypatch.setattr(scoring, "CHUNK", 10)
    points = clv.BGNBD().at(r=0.24, alpha=4.4, a=0.8, b=2.4), clv.GammaGamma().at(p=6.2, q=3.7, v=15.4)
    scorer = clv.scorer(*points, horizon=52, discount=clv.yearly(0.1), draws=4000, seed=1)
    one = {"frequency": 3.0, "recency": 30.0, "T": 35.0, "monetary_value": 30.0, "first_value": 20.0}
    spread = []
    for number in (1, 100):
        told = scorer.total(pd.DataFrame({"customer_id": np.arange(number), **one}), prob=0.68)
        spread.append(told.loc["outcome", "high"] - told.loc["outcome", "low"])
        assert np.isnan(told.loc["expected", "low"])  # a point has no interval
    assert 5.0 < spread[1] / spread[0] < 20.0


def test_totals_of_nobody_are_refused(worth: clv.Valuation, channels: pd.DataFrame) -> None:
    with pytest.raises(CustomersError, match="There are no customers here"):
        worth.scorer.total(iter([]))
    with pytest.raises(ClvError, match="region"):
        worth.scorer.total(channels, by="region")


def test_nothing_is_no_fault(worth: clv.Valuation) -> None:
    assert list(worth.score(iter([]))) == []


def test_a_stream_is_read_as_it_is_asked_for(
    worth: clv.Valuation, some: clv.Customers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring, "CHUNK", 50)
    taken: list[int] = []

    def endless() -> Iterator[pd.DataFrame]:
        while True:
            taken.append(1)
            yield some.frame().iloc[:50]

    stream = worth.score(endless())
    assert not taken
    assert [next(stream).num_rows for _ in range(3)] == [50] * 3
    assert len(taken) == 3


def test_terms_may_differ_by_customer(purchases: clv.Fit, spend: clv.Fit, some: clv.Customers) -> None:
    rng = np.random.default_rng(1)
    known = pd.DataFrame({
        "customer_id": some.ids.to_list(),
        "channel": rng.choice(["shop", "ads"], len(some)),
        "post": rng.uniform(1.0, 3.0, len(some)),
        "risk": rng.choice([0.05, 0.2], len(some)),
    })  # fmt: skip
    business = clv.Economics(margin=clv.By("channel", {"shop": 0.5, "ads": 0.3}), costs={"post": clv.Cost("post", "order")})
    terms: dict[str, Any] = {"horizon": np.inf, "discount": clv.yearly("risk"), "economics": business}
    worth = clv.value(purchases, spend, **terms, customers=some, attributes=known, draws=200, seed=1)
    table = some.frame().merge(known, on="customer_id")
    assert_array_equal(together(worth.score(table))[EXPECTED], worth.frame()[EXPECTED])
    with pytest.raises(CustomersError, match=r"There is no column \(post, risk\)"):
        list(worth.score(table.drop(columns=["post", "risk"])))


@pytest.mark.parametrize("kind", ["fit", "stack", "repeat"])
def test_a_valuation_is_kept_without_its_customers(  # noqa: PLR0917
    kind: str, some: clv.Customers, purchases: clv.Fit, spend: clv.Fit, gammagamma: clv.Fit, tmp_path: Path
) -> None:
    nbd = clv.fit(clv.NBD(), some, clv.Laplace(draws=200), seed=1)
    own = clv.fit(clv.BGNBD(), some, clv.Laplace(draws=200), seed=1)
    fit = clv.Stack.of([own, nbd], draws=200) if kind == "stack" else purchases
    basket = gammagamma if kind == "repeat" else spend
    channel = clv.By("channel", {"shop": 2.0, 7: 1.0})
    business = clv.Economics(margin=0.4, costs={"mail": clv.Cost(channel, "year"), "goods": clv.Cost(0.1, "turnover")})
    terms: dict[str, Any] = {"horizon": np.inf, "discount": clv.monthly(0.01), "economics": business}
    known = pd.DataFrame({"customer_id": some.ids.to_list(), "channel": "shop"})
    worth = clv.value(fit, basket, **terms, customers=some, attributes=known, draws=100, seed=5)
    worth.save(tmp_path / "kept.clv")
    again = clv.load(tmp_path / "kept.clv")
    assert isinstance(again, clv.Scorer)
    assert (again.horizon, again.discount, again.economics) == (worth.horizon, worth.discount, worth.economics)
    assert again.spend.view == basket.view
    with np.load(tmp_path / "kept.clv", allow_pickle=False) as file:
        assert not any(name.endswith("ids") for name in file.files)
        assert max(file[name].size for name in file.files) <= 2000 * 4  # draws of parameters, and nothing as long as a table
    table = some.frame().merge(known, on="customer_id")
    pd.testing.assert_frame_equal(together(again.score(table)), together(worth.score(table)))
    assert_array_equal(again.value(some, known).frame()[EXPECTED + ENDS], worth.frame()[EXPECTED + ENDS])


def test_terms_by_columns_of_an_engine(purchases: clv.Fit, spend: clv.Fit, channels: pd.DataFrame) -> None:
    """What a table says besides stays beside its customers in the engine, and what nothing follows from isn't fetched."""
    known = channels.assign(channel=channels["channel"].fillna("shop"), note="much", margin=0.4)
    post = clv.By("channel", {"shop": 2.0, "early": 1.0, "late": 0.0})
    business = clv.Economics(margin="margin", costs={"post": clv.Cost(post, "order")})
    scorer = clv.scorer(purchases, spend, horizon=52, discount=clv.yearly(0.1), economics=business, draws=100, seed=1)
    everybody = clv.LazyCustomers.from_frame(duckdb.from_df(known), unit="week")
    expected = together(scorer.score(known)).set_index("customer_id")
    for there in (everybody, everybody.ordered()):
        found = together(scorer.score(there)).set_index("customer_id").loc[expected.index]
        pd.testing.assert_frame_equal(found, expected, rtol=1e-9)
    told = scorer.total(everybody.ordered(), by="channel")
    assert told["channel"].to_list() == ["early", "late", "shop"]
    with pytest.raises(CustomersError, match=r"There is no column \(region\) in this frame; its columns are .*note"):
        scorer.total(everybody, by="region")


def test_batches_of_duckdb_come_one_by_one(worth: clv.Valuation, some: clv.Customers, scored: pd.DataFrame) -> None:
    """Its 1.5 makes the whole table before the first batch of `__arrow_c_stream__`: it isn't asked for that."""

    class Relation:
        def __arrow_c_stream__(self, _: object = None) -> object:
            raise AssertionError

        def to_arrow_reader(self, rows: int) -> pa.RecordBatchReader:
            return pa.Table.from_pandas(some.frame(), preserve_index=False).to_reader(rows)

    pd.testing.assert_frame_equal(together(worth.score(Relation())), scored)


def test_another_unit_is_refused(worth: clv.Valuation, some: clv.Customers) -> None:
    days = some.frame().assign(recency=7.0 * some.recency, T=7.0 * some.T).drop(columns="litt")
    with pytest.raises(CustomersError, match="These rows are told in days and the valuation in weeks"):
        worth.score(days, unit="day")
    with pytest.raises(CustomersError, match="told in days and the valuation in weeks"):
        worth.score(clv.Customers.from_frame(days, unit="day"))
    with pytest.raises(
        CustomersError, match=r"T is up to 272 in these rows, where .* 38.8571 weeks at most. Are they told in"
    ):
        list(worth.score(days))
    assert len(together(worth.score(days, unit="week"))) == len(some)  # whoever says so is believed
    with pytest.raises(ClvError, match="'weeks' is no unit"):
        worth.score(days, unit="weeks")


def test_columns_that_share_a_name_are_refused(worth: clv.Valuation) -> None:
    table = pa.Table.from_arrays([pa.array([1.0])] * 5, names=["customer_id", "frequency", "recency", "T", "T"])
    with pytest.raises(CustomersError, match="Some columns share a name"):
        list(worth.score(table))


def test_what_holds_no_batches_is_refused(worth: clv.Valuation) -> None:
    with pytest.raises(CustomersError, match="A int holds no record batches"):
        worth.score(7)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worth: clv.Valuation, some: clv.Customers) -> Path:
    """A folder to run in, with a valuation and a summary as one file and as a folder of them; parts of 100 rows."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shards, "PART", 100)
    monkeypatch.setattr(scoring, "CHUNK", 50)
    worth.save("kept.clv")
    frame = some.frame()
    frame.to_parquet("all.parquet")
    frame.to_csv("all.csv", index=False)
    (tmp_path / "many" / "year=1997").mkdir(parents=True)
    frame.iloc[:70].to_parquet("many/a.parquet")
    frame.iloc[70:].to_parquet("many/year=1997/b.parquet")
    return tmp_path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli.app, ["score", "kept.clv", *words])
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize("source", ["all.parquet", "all.csv", "many"])
@pytest.mark.parametrize("target", ["out", "out.parquet", "out.csv"])
def test_a_table_on_disk_is_scored(folder: Path, source: str, target: str, scored: pd.DataFrame) -> None:
    code, said = run(source, "--out", target)
    assert code == 0, said
    assert "590 customers scored to" in said
    found = pd.read_csv(target, dtype={"customer_id": str}) if target.endswith("csv") else pd.read_parquet(target)
    assert found["customer_id"].tolist() == scored["customer_id"].tolist()
    assert_allclose(
        found[EXPECTED + ENDS], scored[EXPECTED + ENDS], rtol=1e-5 if target.endswith("csv") else 1e-9, atol=1e-9
    )
    left = {path.name for path in folder.iterdir()}
    assert left == {"kept.clv", "all.parquet", "all.csv", "many", target}


@pytest.mark.parametrize("source", ["all.parquet", "all.csv", "many"])
def test_those_alike_are_scored_together(folder: Path, source: str, scored: pd.DataFrame, some: clv.Customers) -> None:
    code, said = run(source, "--out", "out", "--ordered")
    assert code == 0, said
    found = pd.read_parquet("out")
    histories = found[["customer_id"]].merge(some.frame(), on="customer_id")[["frequency", "recency", "T"]]
    pd.testing.assert_frame_equal(histories, histories.sort_values(["frequency", "recency", "T"], ignore_index=True))
    again = found.set_index("customer_id").loc[scored["customer_id"]].reset_index()
    pd.testing.assert_frame_equal(again, scored, rtol=1e-9)
    assert sorted(path.name for path in (folder / "out").iterdir()) == [f"part-0000{k}.parquet" for k in range(6)]


def test_rounded_times_are_said(folder: Path, worth: clv.Valuation, some: clv.Customers, scored: pd.DataFrame) -> None:
    code, said = run("all.parquet", "--out", "out.parquet", "--rounded", "0.5")
    assert code == 0, said
    assert "Times are rounded to multiples of 0.5 weeks: each is off by 0.25 at most" in said
    found = pd.read_parquet(folder / "out.parquet")
    there = clv.LazyCustomers.from_frame(pl.from_pandas(some.frame()).lazy(), unit="week").rounded(time=0.5)
    pd.testing.assert_frame_equal(found, together(worth.score(there.ordered())), rtol=1e-9)
    assert len(found["expected_purchases"].unique()) < len(scored["expected_purchases"].unique())


def test_finished_parts_are_kept(folder: Path) -> None:
    run("all.parquet")
    before = {path.name: path.stat().st_mtime_ns for path in (folder / "all_clv").iterdir()}
    assert sorted(before) == [f"part-0000{k}.parquet" for k in range(6)]
    (folder / "all_clv" / "part-00003.parquet").unlink()
    (folder / "all_clv" / ".part-00003.parquet.7.part").write_text("half")
    code, said = run("all.parquet")
    assert code == 0
    assert "490 of them by a run before" in said
    after = {path.name: path.stat().st_mtime_ns for path in (folder / "all_clv").iterdir()}
    assert {name for name in after if after[name] != before.get(name)} == {"part-00003.parquet"}


def test_parts_of_another_run_are_refused(folder: Path, worth: clv.Valuation) -> None:
    run("all.parquet", "--out", "out")
    for words in (["all.parquet", "--interval", "0.5"], ["many"]):
        code, said = run(*words, "--out", "out")
        assert code == 2
        assert "out holds part-00000.parquet, which is of another valuation, table or interval" in said
    worth.over(10.0).save(folder / "kept.clv")
    assert run("all.parquet", "--out", "out")[0] == 2


REFUSALS = {
    "unit": (["all.parquet", "--unit", "day"], "told in days and the valuation in weeks"),
    "nothing": (["none.parquet"], "There is no file none.parquet."),
    "no parquet": (["empty"], "There is no parquet file in empty."),
    "no column": (["all.parquet", "--customer-id", "user"], "There is no column (customer_id)"),
    "a file": (["all.parquet", "--out", "notes"], "notes is a file: name a folder"),
    "itself": (["all.parquet", "--out", "all.parquet"], "all.parquet is what is read"),
    "no folder": (["all.parquet", "--out", "nowhere/out"], "There is no folder"),
    "probability": (["all.parquet", "--interval", "90"], "90.0 is no probability"),
    "rounding": (["all.parquet", "--rounded", "-1"], "Rounding to time = -1.0 can't be"),
    "broken": (["broken.parquet"], "broken.parquet can't be read as a table"),
    "broken, ordered": (["half", "--ordered"], "half can't be read as a table"),
    "no column, ordered": (["all.parquet", "--customer-id", "user", "--ordered"], "There is no column (user)"),
}


@pytest.mark.parametrize(("words", "sentence"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_cannot_be_scored_is_refused_in_a_sentence(folder: Path, words: list[str], sentence: str) -> None:
    (folder / "empty").mkdir()
    (folder / "notes").write_text("mine")
    (folder / "broken.parquet").write_bytes((folder / "all.parquet").read_bytes()[:-9])
    (folder / "half").mkdir()
    shutil.copy("all.parquet", "half/a.parquet")
    shutil.copy("broken.parquet", "half/b.parquet")
    code, said = run(*words)
    assert code == 2, said
    assert sentence in said


def test_a_fit_is_no_valuation(folder: Path, purchases: clv.Fit) -> None:
    purchases.save(folder / "kept.clv")
    code, said = run("all.parquet")
    assert code == 2
    assert "kept.clv holds a fit, and scoring takes a valuation" in said
    with pytest.raises(FitError, match="is no fit or valuation saved by clvmodels"):
        clv.load(folder / "all.csv")


SLOWLY = """
import sys, time
from clvmodels import cli
from clvmodels.streaming import scoring
from clvmodels.streaming import shards
shards.PART, scoring.CHUNK = 100, 50
told = scoring.Scorer._valuation
def slowly(*asked, **known):
    time.sleep(0.05)
    return told(*asked, **known)
scoring.Scorer._valuation = slowly
sys.argv = ["clvmodels", "score", "kept.clv", "all.parquet", "--out", *sys.argv[1:]]
cli.main()
"""


@pytest.mark.parametrize(("target", "words"), [("killed", []), ("killed.parquet", []), ("killed", ["--ordered"])])
def test_a_run_that_is_killed_goes_on(folder: Path, target: str, words: list[str]) -> None:
    place = folder / (target if target == "killed" else f"{target}.parts")
    command = [sys.executable, "-c", SLOWLY, target, *words]
    home = {**os.environ, "PYTHONPATH": str(Path(clv.__file__).parents[1])}
    with subprocess.Popen(command, env=home, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:  # noqa: S603
        until = time.monotonic() + 120.0
        while len(list(place.glob("part-*"))) < 2:
            assert process.poll() is None, process.stderr.read() if process.stderr else ""
            assert time.monotonic() < until
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    begun = sorted(place.glob("part-*"))
    assert 2 <= len(begun) < 6
    assert not (folder / "killed.parquet").exists()
    assert [parquet.read_table(part).num_rows for part in begun] == [100] * len(begun)
    code, said = run("all.parquet", "--out", target, *words)
    assert code == 0
    assert f"{100 * len(begun)} of them by a run before" in said
    run("all.parquet", "--out", f"un{target}", *words)
    if target == "killed":
        names = [path.name for path in sorted((folder / "unkilled").iterdir())]
        assert [path.name for path in sorted(place.iterdir())] == names
        assert all((place / name).read_bytes() == (folder / "unkilled" / name).read_bytes() for name in names)
    else:
        assert (folder / target).read_bytes() == (folder / f"un{target}").read_bytes()
        assert not place.exists()


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), RuntimeError("Query interrupted")], ids=["Python's", "DuckDB's"])
def test_an_interruption_says_how_to_go_on(folder: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException) -> None:
    def interrupted(*_: object) -> None:
        raise stop

    monkeypatch.setattr(scoring.Scorer, "value", interrupted)
    code, said = run("all.parquet")
    assert code == 130
    assert "what is finished stays, and the same command goes on from there." in said
    assert list((folder / "all_clv").iterdir()) == []


@pytest.mark.usefixtures("folder")
def test_other_faults_are_no_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        message = "a fault of ours"
        raise RuntimeError(message)

    monkeypatch.setattr(scoring.Scorer, "value", failing)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        CliRunner().invoke(cli.app, ["score", "kept.clv", "all.parquet"], catch_exceptions=False)
