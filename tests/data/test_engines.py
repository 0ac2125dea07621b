"""The same summary, fit and value from every engine; the same refusals, by customer where rows have no numbers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import clvmodels as clv
from clvmodels.errors import CustomersError, FitError, LogError, QuestionError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.data.conftest import Engine

EXACT, SUMS = ("frequency", "recency", "T"), ("monetary_value", "first_value", "litt")


def assert_same(found: clv.Customers, expected: clv.Customers) -> None:
    """The same customers in the order of their ids; sums of money and logs but for the order in which they were added."""
    place, other = (np.argsort(np.array(one.ids.to_list())) for one in (found, expected))
    assert [found.ids.to_list()[i] for i in place] == [expected.ids.to_list()[i] for i in other]
    for name in EXACT:
        assert_array_equal(getattr(found, name)[place], getattr(expected, name)[other], err_msg=name)
    for name in SUMS:
        one, two = getattr(found, name), getattr(expected, name)
        assert (one is None) == (two is None)
        if one is not None:
            assert_allclose(one[place], two[other], rtol=1e-12, atol=1e-12, err_msg=name)
    assert found.notes == expected.notes
    assert found.unit == expected.unit


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return clv.datasets.cdnow(sample=True)


def test_cdnow(engine: Engine, log: pd.DataFrame) -> None:
    expected = clv.rfm_summary(log, observation_end="1997-09-30")
    found = clv.rfm_summary(engine.put(log), observation_end="1997-09-30")
    assert_same(found, expected)
    fit, spend = (clv.fit(m, c, seed=1) for m, c in ((clv.BGNBD(), found), (clv.GammaGamma(), found.all_buyers())))
    same = clv.fit(clv.BGNBD(), expected, seed=1)
    assert_array_equal(fit.draws, same.draws)
    worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), seed=1).frame()
    own = clv.fit(clv.GammaGamma(), expected.all_buyers(), seed=1)
    usual = clv.value(same, own, horizon=52, discount=clv.yearly(0.1), seed=1).frame()
    columns = nw.from_native(worth, eager_only=True)
    assert columns.columns == list(usual.columns)
    assert columns["customer_id"].to_list() == usual["customer_id"].tolist()
    for name in usual.columns[1:]:
        assert_allclose(columns[name].to_numpy(), usual[name], rtol=1e-6, err_msg=name)


def test_a_split_is_the_same(engine: Engine, log: pd.DataFrame, halves: tuple[clv.Customers, clv.Holdout]) -> None:
    known, later = clv.split(engine.put(log), at="1997-09-30", until="1998-06-30")
    assert_same(known, halves[0])
    assert_array_equal(later.purchases, halves[1].purchases)
    assert later.value is not None
    assert halves[1].value is not None
    assert_allclose(later.value, halves[1].value, rtol=1e-12, atol=1e-12)
    assert later.notes == halves[1].notes


def test_what_stays_in_the_engine_is_fitted_by_its_kinds(lazy: Engine, log: pd.DataFrame, cdnow: clv.Customers) -> None:
    everybody = clv.lazy_summary(lazy.put(log), observation_end="1997-09-30")
    assert everybody.notes == ("1,882 purchases after 1997-09-30 were left out.",)
    fit = clv.fit(clv.BGNBD(), everybody, seed=1)
    same = clv.fit(clv.BGNBD(), cdnow, seed=1)
    assert_array_equal(fit.draws, same.draws)
    assert fit.log_likelihood == same.log_likelihood
    assert fit.expected_purchases_new(39).mean == same.expected_purchases_new(39).mean
    assert_array_equal(fit.expected_purchases(39, cdnow).mean, same.expected_purchases(39).mean)
    assert repr(fit.customers).startswith("Kinds(1,016 kinds of 2,357 customers)")
    with pytest.raises(QuestionError, match="not who they are: say which customers you ask about"):
        fit.pointwise()


def test_a_summary_is_written_down(lazy: Engine, log: pd.DataFrame, tmp_path: Path) -> None:
    everybody, target = clv.lazy_summary(lazy.put(log), observation_end="1997-09-30"), tmp_path / "customers.parquet"
    if lazy.name == "Spark":
        with pytest.raises(CustomersError, match=r"say everybody.frame\(\).write.parquet\(path\)"):
            everybody.write(target)
        return
    again = everybody.rounded(time=0.5).write(target)
    expected = clv.rfm_summary(log, observation_end="1997-09-30")
    assert_same(again.collect(), expected)
    assert again.grain == everybody.rounded(time=0.5).grain
    assert list(pd.read_parquet(target)) == list(expected.frame())
    assert list(tmp_path.glob(".*")) == []


def test_what_else_is_told_of_customers_stays_beside_them(lazy: Engine, cdnow: clv.Customers) -> None:
    table = cdnow.frame().assign(channel=np.where(cdnow.T > 33, "ads", "shop"), since=2020)
    everybody = clv.LazyCustomers.from_frame(lazy.put(table), unit="week")
    assert nw.from_native(everybody.frame()).collect_schema().names()[-2:] == ["channel", "since"]
    assert_same(everybody.collect(), clv.Customers.from_frame(cdnow.frame(), unit="week"))
    with pytest.raises(CustomersError, match=r"The customers have a column \(channel\) already"):
        everybody.joined(pd.DataFrame({"frequency": [0.0], "channel": ["web"]}))


@pytest.mark.parametrize("view", ["all", "repeat"])
def test_spend_is_fitted_by_its_kinds(lazy: Engine, log: pd.DataFrame, cdnow: clv.Customers, view: str) -> None:
    everybody = clv.lazy_summary(lazy.put(log), observation_end="1997-09-30")
    theirs, ours = (getattr(seen, f"{view}_buyers" if view == "all" else "repeat_buyers")() for seen in (everybody, cdnow))
    fit, same = clv.fit(clv.GammaGamma(), theirs, clv.MLE()), clv.fit(clv.GammaGamma(), ours, clv.MLE())
    assert_allclose(fit.draws, same.draws, rtol=1e-6)
    assert fit.view == view
    assert_allclose(fit.expected_spend(cdnow).mean, same.expected_spend(cdnow).mean, rtol=1e-6)


def test_a_ready_table_is_taken_as_it_is(lazy: Engine, cdnow: clv.Customers) -> None:
    everybody = clv.LazyCustomers.from_frame(lazy.put(cdnow.frame()), unit="week")
    assert_same(everybody.collect(), clv.Customers.from_frame(cdnow.frame(), unit="week"))
    assert len(everybody.kinds(["x"]).weights) == len(cdnow.histories(["x"]))
    assert_array_equal(everybody.kinds(["x", "T"]).weights, cdnow.histories(["x", "T"]).weights)


TIMES = {
    "dates": [date(1969, 12, 31), date(1970, 1, 1), date(2000, 2, 29), date(1900, 3, 1), date(2100, 12, 31)],
    "moments": pd.to_datetime(["1969-12-31T23:59", "1970-01-01T00:00", "2000-02-29T12:30", "1900-03-01", "2100-12-31T23:59"],
                              format="ISO8601"),
    "text": ["1969-12-31", "1970-01-01 00:00", "2000-02-29T12:30:15", "1900-03-01", "2100-12-31T23:59:59.5"],
}  # fmt: skip


@pytest.mark.parametrize("kind", TIMES)
@pytest.mark.parametrize("resolution", ["minute", "hour", "day"])
def test_dates_of_every_kind(lazy: Engine, kind: str, resolution: str) -> None:
    log = pd.DataFrame({"customer_id": [1, 1, 1, 2, 2], "date": TIMES[kind]})
    expected = clv.rfm_summary(log, value=None, unit="day", resolution=resolution)
    assert_same(clv.rfm_summary(lazy.put(log), value=None, unit="day", resolution=resolution), expected)


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu"])
def test_time_zones(lazy: Engine, timezone: str) -> None:
    stamps = pd.date_range("2020-03-28T21:30", periods=200, freq="97min", tz="UTC").union(
        pd.date_range("2020-10-24T21:30", periods=200, freq="61min", tz="UTC")
    )
    log = pd.DataFrame({"customer_id": np.arange(len(stamps)) // 7, "date": stamps})
    expected = clv.rfm_summary(log, value=None, unit="hour", resolution="hour", timezone=timezone)
    assert_same(clv.rfm_summary(lazy.put(log), value=None, unit="hour", resolution="hour", timezone=timezone), expected)
    text = log.assign(date=log["date"].dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert_same(clv.rfm_summary(lazy.put(text), value=None, unit="hour", resolution="hour", timezone=timezone), expected)


def test_text_in_a_format(lazy: Engine) -> None:
    log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": ["1/2/2020", "11/02/2020", "5/2/2020"], "value": [1, 2, 3]})
    expected = clv.rfm_summary(log, date_format="%d/%m/%Y")
    assert_same(clv.rfm_summary(lazy.put(log), date_format="%d/%m/%Y"), expected)


NAIVE = pd.to_datetime(["2020-01-01", "2020-01-03", "2020-01-05"])
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no id": ({"customer_id": ["a", None, "b"]}, {}, "1 customer id is missing. Give these rows the id"),
    "no date": ({"date": [NAIVE[0], None, None]}, {}, r"2 dates of 'date' are missing, of customers \(a, b\). Repair"),
    "no text": ({"date": ["2020-01-01", None, "2020-01-01"]}, {}, r"1 date of 'date' is missing, of customer \(a\)"),
    "bad text": ({"date": ["2020-01-01", "n/a", "2020-02-30"]}, {}, r"2 texts .* can't be read: \('2020-02-30', 'n/a'\)"),
    "numbers": ({"date": [20200101, 20200102, 20200103]}, {}, "holds no dates but Int64, such as 20200101"),
    "zone": ({"date": NAIVE.tz_localize("UTC")}, {}, "carry a time zone"),
    "no zone": ({}, {"timezone": "UTC"}, "carry no time zone, so timezone='UTC' can't convert them"),
    "no value": ({"value": [1.0, None, float("inf")]}, {}, r"2 values of 'value' are missing .*, of customers \(a, b\)"),
    "no number": ({"value": ["1", "2", "x"]}, {}, "Column 'value' holds no numbers but String, such as '1'"),
    "negative": ({"value": [1.0, -2.0, 3.0]}, {}, r"1 value of 'value' is negative, of customer \(a\).*refunds='net'"),
    "column": ({}, {"value": "spend"}, r"no column \(spend\) in this frame; its columns are \(customer_id, date, value\)"),
    "format": ({}, {"date_format": "%Y"}, "date_format is for dates that are text, but 'date' holds Datetime"),
    "early": ({}, {"observation_end": "2019-12-31"}, r"observation_end=2019-12-31 lies before .* \(2020-01-01\)"),
    "nobody": ({"value": [-1.0, -2.0, -3.0]}, {"refunds": "net"}, "Refunds cancel every purchase up to 2020-01-05"),
    "rule": ({}, {"refunds": "drop"}, "refunds='drop' is no rule here"),
}


@pytest.mark.parametrize(("changed", "said", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_refusals(lazy: Engine, changed: dict[str, Any], said: dict[str, Any], message: str) -> None:
    log = pd.DataFrame({"customer_id": ["a", "a", "b"], "date": NAIVE, "value": [1.0, 2.0, 3.0], **changed})
    with pytest.raises(LogError, match=message):
        clv.rfm_summary(lazy.put(log), **said)


def test_a_log_without_rows_is_refused(lazy: Engine, log: pd.DataFrame) -> None:
    empty = nw.from_native(lazy.put(log)).filter(nw.col("value") < -1.0).to_native()
    with pytest.raises(LogError, match="The frame has no rows"):
        clv.rfm_summary(empty)


TABLE = {"customer_id": ["a", "b"], "frequency": [2, 0], "recency": [5.0, 0.0], "T": [9.0, 9.0]}
WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "gap": ({"T": [9.0, None]}, r"1 value of 'T' is missing or not finite \(b\)"),
    "negative": ({"frequency": [-1, 0]}, r"1 customer has a negative frequency \(a\)"),
    "fraction": ({"frequency": [0.5, 0.0]}, r"1 customer has a fractional frequency \(a\)"),
    "beyond": ({"recency": [9.5, 0.0]}, r"1 customer has recency > T \(a\)"),
    "once": ({"recency": [5.0, 3.0]}, r"1 customer has frequency 0 but recency > 0 \(b\)"),
    "spent": ({"monetary_value": [1.0, 3.0]}, r"1 customer has frequency 0 but monetary_value > 0 \(b\)"),
    "litt": ({"litt": [9.0, 0.0]}, r"1 customer has a litt that no gaps can have \(a\)"),
    "litt of one": ({"litt": [1.0, 0.1]}, r"1 customer has a litt that no gaps can have \(b\)"),
}


@pytest.mark.parametrize(("changed", "message"), WRONG.values(), ids=WRONG.keys())
def test_ready_tables_that_cannot_be(lazy: Engine, changed: dict[str, Any], message: str) -> None:
    with pytest.raises(CustomersError, match=message):
        clv.LazyCustomers.from_frame(lazy.put(pd.DataFrame({**TABLE, **changed})), unit="day")
    with pytest.raises(CustomersError, match=message):
        clv.Customers.from_frame(pd.DataFrame({**TABLE, **changed}), unit="day")


rows = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12), st.integers(-50, 50)), min_size=1, max_size=30)


@pytest.mark.parametrize("put", [lambda log: pl.from_pandas(log).lazy(), duckdb.from_df], ids=["polars lazy", "DuckDB"])
@given(rows=rows, end=st.integers(1, 12), cents=st.booleans())
@settings(deadline=None, max_examples=60)
def test_refunds_are_netted_alike(put: Callable[[pd.DataFrame], Any], rows: list[Any], end: int, cents: bool) -> None:  # noqa: FBT001
    """The closed form of an engine against last in, first out, purchase by purchase."""
    values = [row[2] * (0.1 if cents else 1.0) for row in rows]
    days = [date(2020, 1, row[1]) for row in rows]
    log = pd.DataFrame({"customer_id": [row[0] for row in rows], "date": pd.to_datetime(days), "value": values})
    said = {"refunds": "net", "unit": "day", "observation_end": date(2020, 1, end)}
    refused = _refusal(log, said)
    if refused:
        assert _refusal(put(log), said) == refused
    else:
        assert_same(clv.rfm_summary(put(log), **said), clv.rfm_summary(log, **said))


def _refusal(log: Any, said: dict[str, Any]) -> str:
    """What a summary is refused with, if it is."""
    try:
        clv.rfm_summary(log, **said)
    except LogError as refusal:
        return str(refusal)
    return ""


def test_refunds_in_spark(lazy: Engine) -> None:
    log = pd.DataFrame({
        "customer_id": ["a", "a", "a", "a", "b", "b", "c", "c"],
        "date": pd.to_datetime([f"2020-01-{day:02}" for day in (1, 5, 5, 9, 2, 3, 4, 6)]),
        "value": [10.0, 20.0, -5.0, -18.0, 4.0, -4.0, -3.0, 8.0],
    })  # fmt: skip
    found = clv.rfm_summary(lazy.put(log), refunds="net", unit="day")
    assert_same(found, clv.rfm_summary(log, refunds="net", unit="day"))
    assert found.ids.to_list() == ["a", "c"]
    assert_allclose(found.first_value, [7.0, 8.0])


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with duckdb.connect(str(tmp_path / "two.duckdb")) as connection:
        connection.execute("CREATE TABLE one AS SELECT 1 AS x")
        connection.execute("CREATE TABLE other AS SELECT 1 AS x")
    for name, message in {
        "none.parquet": "There is no file",
        "log.xlsx": "log.xlsx is no parquet. Name a parquet file",
        "empty": "There is no parquet file in",
        "two.duckdb": r"two.duckdb holds 2 tables \(one, other\). Say which one",
        "no.duckdb": "There is no file",
    }.items():
        with pytest.raises(LogError, match=message):
            clv.rfm_summary(tmp_path / name)


def test_a_fit_of_kinds_is_kept(log: pd.DataFrame, cdnow: clv.Customers, tmp_path: Path) -> None:
    everybody = clv.lazy_summary(pl.from_pandas(log).lazy(), observation_end="1997-09-30")
    for model, seen in ((clv.BGNBD(), everybody), (clv.GammaGamma(), everybody.repeat_buyers())):
        fit = clv.fit(model, seen, clv.MLE())
        fit.save(tmp_path / "kept.fit")
        again = clv.load(tmp_path / "kept.fit")
        assert again.log_likelihood == fit.log_likelihood
        assert again.view == fit.view
        assert repr(again.customers) == repr(fit.customers)
        with pytest.raises(QuestionError, match="not who they are"):
            again.known(None)
    assert_array_equal(again.expected_spend(cdnow).mean, fit.expected_spend(cdnow).mean)


def test_only_what_stays_somewhere_is_lazy(log: pd.DataFrame, cdnow: clv.Customers) -> None:
    with pytest.raises(LogError, match=r"A DataFrame is at hand.*rfm_summary\(\)"):
        clv.lazy_summary(log)
    with pytest.raises(CustomersError, match=r"A DataFrame is at hand: pass it to Customers.from_frame"):
        clv.LazyCustomers.from_frame(cdnow.frame(), unit="week")


def test_too_many_kinds_are_refused(log: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clvmodels.engines.lazy.MOST", 1000)
    everybody = clv.lazy_summary(pl.from_pandas(log).lazy(), observation_end="1997-09-30")
    with pytest.raises(CustomersError, match="These customers have more than 1,000 different histories"):
        clv.fit(clv.BGNBD(), everybody)
    assert len(everybody.kinds(["x"]).weights) < 100


def test_kinds_know_what_they_were_brought_home_for(log: pd.DataFrame) -> None:
    everybody = clv.lazy_summary(pl.from_pandas(log).lazy(), value=None)
    kinds = everybody.kinds(["x", "T"])
    with pytest.raises(CustomersError, match=r"don't tell \(t_x\)"):
        kinds.histories(["x", "t_x"])
    with pytest.raises(CustomersError, match="don't tell m"):
        everybody.kinds(["m"])
    with pytest.raises(CustomersError, match=r"There is no column \(monetary_value, first_value\)"):
        clv.fit(clv.GammaGamma(), everybody.all_buyers())


def test_customers_in_an_engine_are_scored_and_nothing_else(log: pd.DataFrame, cdnow: clv.Customers) -> None:
    everybody = clv.lazy_summary(pl.from_pandas(log).lazy(), observation_end="1997-09-30")
    fit, spend = clv.fit(clv.BGNBD(), everybody, clv.MLE()), clv.fit(clv.GammaGamma(), everybody.all_buyers(), clv.MLE())
    terms: dict[str, Any] = {"horizon": 52, "discount": clv.yearly(0.1)}
    scores = {
        row["customer_id"]: row["clv"] for b in clv.scorer(fit, spend, **terms).score(everybody) for row in b.to_pylist()
    }
    expected = clv.value(fit, spend, **terms, customers=cdnow).expected.mean
    assert_allclose([scores[name] for name in cdnow.ids.to_list()], expected, rtol=1e-9)
    assert fit.to_arviz()["posterior"].sizes["draw"] == 1
    refused: list[tuple[Callable[[], Any], str]] = [
        (lambda: clv.value(fit, spend, **terms), r"stay in their engine: score them by clv.scorer\(\)"),
        (lambda: clv.value(fit, spend, **terms, customers=everybody), r"stay in their engine: score them by clv.scorer\(\)"),
        (lambda: clv.compare({"one": fit, "two": fit}), "or fit to those"),
    ]
    for question, message in refused:
        with pytest.raises(QuestionError, match=message):
            question()
    for some in (everybody, everybody.kinds(["x", "t_x", "T"])):
        with pytest.raises(FitError, match=r"choose by best\(everybody.collect\(\)\)"):
            clv.best(some)
