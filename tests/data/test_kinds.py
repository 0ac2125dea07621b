"""Answers about customers who stay in an engine: a number for each kind of them, and their sums those of everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import narwhals as nw
import numpy as np
import polars as pl
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import clvmodels as clv
from clvmodels.engines.tables import gathered
from clvmodels.errors import CustomersError, QuestionError

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from tests.data.conftest import Engine

RATE = clv.yearly(0.1)
QUESTIONS: dict[str, Callable[[clv.Fit, Any], clv.Estimate]] = {
    "probability_alive": lambda fit, whom: fit.probability_alive(whom),
    "expected_purchases": lambda fit, whom: fit.expected_purchases(39, whom),
    "discounted_purchases": lambda fit, whom: fit.discounted_purchases(np.inf, RATE, whom),
    "expected_lifetime": lambda fit, whom: fit.expected_lifetime(39, whom),
    "probability_no_purchase": lambda fit, whom: fit.probability_no_purchase(39, whom),
    "purchase_count_pmf": lambda fit, whom: fit.purchase_count_pmf(2, 39, whom),
    "expected_rate": lambda fit, whom: fit.expected_rate(whom),
    "expected_dropout": lambda fit, whom: fit.expected_dropout(whom),
}


@pytest.fixture(scope="module")
def everybody(cdnow: clv.Customers) -> clv.LazyCustomers:
    return clv.LazyCustomers.from_frame(pl.from_pandas(cdnow.frame()).lazy(), unit="week")


@pytest.fixture(scope="module")
def paper() -> clv.Fit:
    return clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)


def test_names_of_tables_are_the_users_own(paper: clv.Fit, cdnow: clv.Customers) -> None:
    """What is put beside customers for a while takes no name that a table may have."""
    engine = duckdb.connect()
    for name in ("small", "big", "told", "columns", "table"):
        engine.execute(f'CREATE TABLE "{name}" AS SELECT 7 AS "clvmodels frequency"')
    engine.register("frame", cdnow.frame())
    everybody = clv.LazyCustomers.from_frame(engine.table("frame"), unit="week")
    alive = paper.probability_alive(everybody).frame()[["frequency", "recency", "T", "mean"]]
    found = everybody.joined(alive).df().sort_values("customer_id")
    assert_allclose(found["mean"], paper.probability_alive(cdnow).mean)
    assert engine.sql('SELECT * FROM big, small, "table"').fetchall() == [(7, 7, 7)]


def by_customer(told: pd.DataFrame, customers: clv.Customers) -> pd.DataFrame:
    """What is told of each customer's kind, in the order of the customers."""
    names = [name for name in ("frequency", "recency", "T") if name in told]
    return customers.frame()[["customer_id", *names]].merge(told, on=names, how="left")


@pytest.mark.parametrize("name", QUESTIONS)
def test_expectations(purchases: clv.Fit, everybody: clv.LazyCustomers, cdnow: clv.Customers, name: str) -> None:
    found, usual = QUESTIONS[name](purchases, everybody), QUESTIONS[name](purchases, cdnow)
    told = found.frame()
    assert list(told) == ["frequency", "recency", "T", "customers", "mean", "low", "high"]
    assert len(found) == len(told) == len(cdnow.histories(["x", "t_x", "T"]))
    assert told["customers"].sum() == len(cdnow)
    each = by_customer(told, cdnow)
    assert_allclose(each[["mean", "low", "high"]], usual.frame()[["mean", "low", "high"]], rtol=1e-9)
    assert_allclose(found.sum().frame(), usual.sum().frame(), rtol=1e-9)


def test_groups_of_kinds(purchases: clv.Fit, everybody: clv.LazyCustomers, cdnow: clv.Customers) -> None:
    found, usual = purchases.expected_purchases(39, everybody), purchases.expected_purchases(39, cdnow)
    again = (found.frame()["frequency"] > 0).to_numpy().astype(np.intp)
    expected = usual.by((cdnow.frequency > 0).astype(np.intp))
    assert_allclose(found.by(again).frame(), expected.frame(), rtol=1e-9)


def test_a_fit_to_an_engine_is_asked_about_those_it_saw(everybody: clv.LazyCustomers, cdnow: clv.Customers) -> None:
    fit, same = clv.fit(clv.BGNBD(), everybody, seed=1), clv.fit(clv.BGNBD(), cdnow, seed=1)
    assert_allclose(fit.expected_purchases(39).sum().mean, same.expected_purchases(39).sum().mean, rtol=1e-9)
    assert "1,016 kinds of 2,357 customers" in repr(fit.expected_purchases(39))
    page = fit.expected_purchases(39)._repr_html_()
    assert "expected_purchases of 1,016 kinds of 2,357 customers" in page
    assert "<th>frequency</th>" in page


@pytest.mark.parametrize("view", ["all", "repeat"])
def test_spend(cdnow: clv.Customers, everybody: clv.LazyCustomers, view: str) -> None:
    theirs, ours = (getattr(whom, f"{view}_buyers")() for whom in (everybody, cdnow))
    fit = clv.fit(clv.GammaGamma(), ours, seed=1)
    for whom in (theirs, everybody):
        found = fit.expected_spend(whom)
        assert list(found.frame()) == ["purchases", "mean_value", "customers", "mean", "low", "high"]
        assert_allclose(found.sum().mean, fit.expected_spend(cdnow).sum().mean, rtol=1e-9)


def test_outcomes_are_those_of_one_customer(paper: clv.Fit, everybody: clv.LazyCustomers) -> None:
    """Drawn 20,000 times: the mean is the expectation, and the quantiles are those of the law."""
    drawn, draws = paper.predict_purchases(39, everybody, seed=1, draws=20_000), 20_000
    expected = paper.expected_purchases(39, everybody).mean
    often = expected * draws > 50.0
    off = (drawn.mean - expected)[often] / (drawn.draws().std(axis=0)[often] / np.sqrt(draws))
    assert often.mean() > 0.9
    assert np.abs(off).max() < 5.0
    assert abs(off.mean()) < 5.0 / np.sqrt(len(off))
    none = np.mean(drawn.draws() == 0.0, axis=0)
    chance = paper.probability_no_purchase(39, everybody).mean
    assert np.abs((none - chance)[often] / np.sqrt((chance * (1.0 - chance))[often] / draws)).max() < 5.0


def test_strangers_do_not_buy_in_step(paper: clv.Fit, everybody: clv.LazyCustomers, cdnow: clv.Customers) -> None:
    drawn = paper.predict_purchases(39, everybody, seed=1)
    for question in (drawn.sum, lambda: drawn.by(np.zeros(len(drawn), dtype=np.intp))):
        with pytest.raises(QuestionError, match=r"takes an outcome of each\. Add up the expectation, or ask"):
            question()
    apart = clv.Kinds(cdnow.letters(), np.ones(len(cdnow)), "week")
    alone = paper.predict_purchases(39, apart, seed=1).sum()
    assert_allclose(alone.mean, paper.expected_purchases(39, cdnow).sum().mean, rtol=0.05)


def test_a_stack(everybody: clv.LazyCustomers, cdnow: clv.Customers, purchases: clv.Fit) -> None:
    stack = clv.Stack((purchases, clv.fit(clv.MBGNBD(), cdnow, seed=1)), (0.5, 0.5), 200)
    assert_allclose(stack.expected_purchases(39, everybody).sum().mean, stack.expected_purchases(39, cdnow).sum().mean)
    odd = clv.Stack((purchases, clv.fit(clv.BGCNBD(2), cdnow, seed=1)), (0.5, 0.5), 200)
    with pytest.raises(QuestionError, match=r"no kinds in common. Ask .* everybody.kinds\(\['T', 'litt', 't_x', 'x'\]\)"):
        odd.expected_purchases(39, everybody)
    kinds = everybody.kinds(["T", "litt", "t_x", "x"])
    assert_allclose(odd.expected_purchases(39, kinds).sum().mean, odd.expected_purchases(39, cdnow).sum().mean)


def test_answers_join_their_customers_in_the_engine(lazy: Engine, purchases: clv.Fit, cdnow: clv.Customers) -> None:
    everybody = clv.LazyCustomers.from_frame(lazy.put(cdnow.frame()), unit="week")
    told = purchases.expected_purchases(39, everybody).frame().drop(columns="customers")
    found = gathered(nw.from_native(everybody.joined(told)).sort("customer_id"))
    usual = purchases.expected_purchases(39, cdnow).frame().sort_values("customer_id", ignore_index=True)
    assert found.columns == [*everybody.table.collect_schema().names(), "mean", "low", "high"]
    assert found["customer_id"].to_list() == usual["customer_id"].tolist()
    for name in ("mean", "low", "high"):
        assert_allclose(found[name].to_numpy(), usual[name], rtol=1e-12)


def test_rounded_histories_join(purchases: clv.Fit, everybody: clv.LazyCustomers, cdnow: clv.Customers) -> None:
    rough = everybody.rounded(time=1.0)
    told = purchases.expected_purchases(39, rough).frame()
    assert len(told) < len(cdnow.histories(["x", "t_x", "T"]))
    found = rough.joined(told[["frequency", "recency", "T", "mean"]]).sort("customer_id").collect()
    assert found["mean"].null_count() == 0
    assert_array_equal(found["recency"], cdnow.frame().sort_values("customer_id")["recency"])  # the table isn't rounded
    expected = purchases.expected_purchases(39, cdnow)
    assert_allclose(found["mean"].sum(), expected.mean.sum(), rtol=0.02)


def test_what_nothing_is_told_of_is_null(everybody: clv.LazyCustomers, purchases: clv.Fit) -> None:
    told = purchases.probability_alive(everybody).frame()[["frequency", "recency", "T", "mean"]]
    found = everybody.joined(told[told["frequency"] > 0]).collect()
    assert found.filter(pl.col("mean").is_null())["frequency"].unique().to_list() == [0.0]


def test_what_cannot_be_joined(everybody: clv.LazyCustomers, purchases: clv.Fit) -> None:
    told = purchases.probability_alive(everybody).frame()
    with pytest.raises(
        CustomersError, match=r"By its columns \(frequency, T\) of histories, .* more than once: give it with"
    ):
        everybody.joined(told.drop(columns="recency"))
    with pytest.raises(
        CustomersError, match=r"There is no column of histories \(frequency, recency, T, litt\) in what is told"
    ):
        everybody.joined(told[["mean"]])
    with pytest.raises(CustomersError, match=r"have a column \(monetary_value\) already: rename it"):
        everybody.joined(told.rename(columns={"mean": "monetary_value"}))
    with pytest.raises(CustomersError, match="don't tell litt, the column litt"):
        clv.LazyCustomers.from_frame(
            pl.LazyFrame({"customer_id": [1], "frequency": 0, "recency": 0, "T": 9}), "week"
        ).joined(told.assign(litt=0.0))


def test_another_unit(everybody: clv.LazyCustomers) -> None:
    days = clv.BGNBD().at(r=0.243, alpha=30.9, a=0.793, b=2.426, unit="day")
    for whom in (everybody, everybody.kinds(["x", "t_x", "T"])):
        with pytest.raises(QuestionError, match="in days, and these customers are told in weeks"):
            days.expected_purchases(39, whom)
    spend = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44, unit="day")
    with pytest.raises(QuestionError, match="in days, and these customers are told in weeks"):
        spend.expected_spend(everybody.all_buyers())
