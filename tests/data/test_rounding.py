"""Rounding: nothing is moved further than said, nothing that can't be comes of it, and what it does is said about right."""

from __future__ import annotations

import re

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import clvmodels as clv
from clvmodels.errors import CustomersError


@pytest.fixture(scope="module")
def fine() -> clv.LazyCustomers:
    """Customers whose times are exact, so that hardly two histories are alike."""
    times = np.random.default_rng(1).uniform(27, 39, size=20_000)
    spend = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
    drawn = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426).simulate(len(times), times, 1, spend=spend)
    return clv.LazyCustomers.from_frame(pl.from_pandas(drawn.frame()).lazy(), unit="week")


histories = st.lists(
    st.tuples(st.integers(0, 3), st.floats(0, 50), st.floats(0, 1)).map(lambda h: (h[0], h[1] * h[2] * (h[0] > 0), h[1])),
    min_size=1,
    max_size=20,
)


@given(histories, st.sampled_from([0.01, 0.3, 1.0]))
@settings(deadline=None)
def test_nothing_is_moved_far_or_out_of_place(rows: list[tuple[int, float, float]], step: float) -> None:
    x, t_x, t = (np.array(column, float) for column in zip(*rows, strict=True))
    table = pl.LazyFrame({"customer_id": range(len(x)), "frequency": x, "recency": t_x, "T": t})
    kinds = clv.LazyCustomers.from_frame(table, unit="day").rounded(time=step).kinds(["x", "t_x", "T"])
    columns = kinds.columns
    assert kinds.weights.sum() == len(x)
    assert np.all(columns["t_x"] <= columns["T"])
    assert np.all(columns["t_x"][columns["x"] == 0] == 0)
    for name, exact in (("t_x", t_x), ("T", t)):
        assert_allclose(columns[name] / step, np.round(columns[name] / step), atol=1e-9)
        nearest = np.abs(columns[name][:, None] - exact).min(axis=0)
        assert np.all(nearest <= np.where(exact < step / 2, step, step / 2) * (1 + 1e-9))
        assert np.all((columns[name] > 0).any() == (exact > 0).any())


def test_far_fewer_histories_and_hardly_another_estimate(fine: clv.LazyCustomers) -> None:
    exact = clv.fit(clv.BGNBD(), fine, clv.MLE())
    rough = clv.fit(clv.BGNBD(), fine.rounded(time=0.5), clv.MLE())
    assert len(exact.customers.weights) > 19_000
    assert len(rough.customers.weights) < 6_000
    moved = np.abs(np.log(rough.mode / exact.mode)) / np.sqrt(np.diag(exact.covariance))
    assert moved.max() < 0.3
    assert "Times are rounded to multiples of 0.5 weeks: each is off by 0.25 at most" in rough.customers.notes[-1]
    told = re.search(r"moves them by about ([\d.]+)$", rough.record.warnings[-1].rstrip("."))
    assert told is not None
    assert moved.max() / 2 < float(told[1]) < moved.max() * 2


def test_nothing_is_rounded_unasked(fine: clv.LazyCustomers) -> None:
    exact = clv.fit(clv.BGNBD(), fine, clv.MLE())
    assert fine.notes == ()
    assert not any("ounded" in sentence for sentence in (*exact.customers.notes, *exact.record.warnings))
    assert_array_equal(fine.rounded(time=1.0).collect().T, fine.collect().T)


def test_spend(fine: clv.LazyCustomers) -> None:
    exact = clv.fit(clv.GammaGamma(), fine.all_buyers(), clv.MLE())
    rough = clv.fit(clv.GammaGamma(), fine.rounded(spend=0.01).all_buyers(), clv.MLE())
    assert len(rough.customers.weights) < len(exact.customers.weights) / 5
    assert_allclose(rough.mode, exact.mode, rtol=2e-3)
    assert "Mean values are rounded: each is off by 0.500% at most." in rough.customers.notes
    assert "Rounded three times as far" in rough.record.warnings[-1]


def test_a_fit_of_rounded_kinds_is_kept(fine: clv.LazyCustomers, tmp_path: object) -> None:
    fit = clv.fit(clv.BGNBD(), fine.rounded(time=1.0), clv.MLE())
    fit.save(f"{tmp_path}/kept.fit")
    again = clv.load(f"{tmp_path}/kept.fit")
    assert again.customers.notes == fit.customers.notes
    assert again.record == fit.record


@pytest.mark.parametrize("step", [-1.0, np.nan, np.inf])
def test_steps_that_cannot_be(fine: clv.LazyCustomers, step: float) -> None:
    with pytest.raises(CustomersError, match="can't be: say how far apart"):
        fine.rounded(time=step)


def test_ordered(fine: clv.LazyCustomers) -> None:
    rough = fine.rounded(time=0.5, spend=0.01).ordered()
    found, exact = rough.table.collect("polars"), fine.collect()
    rows = list(zip(*(found[name].to_list() for name in ("frequency", "recency", "T", "customer_id")), strict=True))
    assert rows == sorted(rows)
    assert "Times are rounded to multiples of 0.5 weeks: each is off by 0.25 at most" in rough.notes[-1]
    assert (rough.grain.time, rough.grain.spend) == (0.0, 0.01)
    place = np.argsort(np.array(found["customer_id"].to_list()))
    for name in ("recency", "T"):
        assert_allclose(found[name].to_numpy()[place], getattr(exact, name), atol=0.5)
    again = rough.collect()  # checked as all customers are: gaps of purchases still add up to recency
    assert_array_equal(clv.Customers.from_frame(again.frame(), unit="week").T, again.T)


def test_scores_of_rounded_customers(fine: clv.LazyCustomers) -> None:
    few = clv.LazyCustomers.from_frame(fine.frame().filter(pl.col("customer_id") < 2000), unit="week")
    purchases, spend = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426), clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
    scorer = clv.scorer(purchases, spend, horizon=52, discount=clv.yearly(0.1), draws=4000, seed=1)
    exact, same, rough = (
        pl.concat([pl.from_arrow(batch) for batch in scorer.score(some)]).sort("customer_id")
        for some in (few, few.ordered(), few.rounded(time=1 / 7).ordered())
    )
    assert same["customer_id"].equals(exact["customer_id"])
    assert_allclose(same.drop("customer_id").to_numpy(), exact.drop("customer_id").to_numpy(), rtol=1e-9)
    off = np.abs(rough["clv"].to_numpy() / exact["clv"].to_numpy() - 1.0)
    assert (off.mean() < 0.005, off.max() < 0.1) == (True, True)
    for name in ("clv", "outcome_high"):
        assert_allclose(rough[name].sum(), exact[name].sum(), rtol=0.005)
