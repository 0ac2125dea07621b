"""Doubts at the end of a fit: ridges, heaps and means that don't exist are named, and healthy fits are left in peace."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.doubts import doubts
from clvmodels.histories import Histories

NOBODY = Histories.of({"x": np.zeros(1), "t_x": np.zeros(1), "T": np.ones(1)})
PAPER = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
NEWCOMER = clv.Customers.from_arrays([0], [0], [9], unit="week", monetary_value=[0], first_value=[0])
UNKNOWN = np.full((4, 4), np.nan)


def ridge(common: float, apart: float, sign: float = 1.0) -> np.ndarray:
    """Draws of BG/NBD whose log a and log b share a normal number, and have one of their own."""
    rng = np.random.default_rng(1)
    u, both = 0.1 * rng.standard_normal((4000, 4)), common * rng.standard_normal(4000)
    u[:, 2:] = both[:, None] * [1.0, sign] + apart * rng.standard_normal((4000, 2)) / np.sqrt(2.0)
    return np.exp(u)


def test_a_ridge_is_named_with_what_is_known() -> None:
    (sentence,) = doubts(clv.BGNBD(), NOBODY, ridge(1.0, 0.1), UNKNOWN)
    assert sentence.startswith(
        "These data hardly tell a and b of BG/NBD apart: their ratio a / b is known to 18%, but a only up"
    )
    assert "a only up to a factor of 5." in sentence
    assert "rests on the ratio. Try more customers" in sentence


def test_a_ridge_of_a_product_and_without_end() -> None:
    (sentence,) = doubts(clv.BGNBD(), NOBODY, ridge(4.0, 0.4, sign=-1.0), UNKNOWN)
    assert "their product a * b is known up to a factor of 1.9, but a only up to a factor beyond 100" in sentence


@pytest.mark.parametrize(("common", "apart"), [(0.4, 0.01), (1.0, 0.4), (0.0, 2.0)])
def test_tied_but_known_or_loose_but_apart_is_no_ridge(common: float, apart: float) -> None:
    assert doubts(clv.BGNBD(), NOBODY, ridge(common, apart), UNKNOWN) == ()


def test_a_point_has_the_ridge_of_its_covariance() -> None:
    draws = ridge(1.0, 0.1)
    covariance = np.cov(np.log(draws).T)
    known = doubts(clv.BGNBD(), NOBODY, draws, UNKNOWN)
    assert doubts(clv.BGNBD(), NOBODY, draws[:1], covariance) == known
    assert doubts(clv.BGNBD(), NOBODY, draws[:1], UNKNOWN) == ()


def test_a_small_base_has_a_ridge_at_its_maximum() -> None:
    customers = PAPER.simulate(300, 39.0, seed=13)
    (sentence,) = clv.fit(clv.BGNBD(), customers, clv.MLE(), seed=1).record.warnings
    assert "their ratio a / b is known up to a factor of 1.6, but a only up to a factor beyond 100" in sentence


@pytest.mark.parametrize("model", [clv.BGNBD(), clv.MBGNBD(), clv.ParetoNBD()], ids=lambda model: model.name)
def test_cdnow_is_left_in_peace(model: Any, cdnow: clv.Customers) -> None:
    assert clv.fit(model, cdnow, clv.MLE()).record.warnings == ()


def test_posteriors_of_cdnow_are_left_in_peace(purchases: clv.Fit, spend: clv.Fit, gammagamma: clv.Fit) -> None:
    for fit in (purchases, spend, gammagamma):
        assert fit.record.warnings == ()


def heap(x: Any, t_x: Any, T: Any, model: Any = None) -> tuple[str, ...]:
    columns = {"x": x, "t_x": t_x, "T": T}
    arrays = np.broadcast_arrays(*(np.asarray(column, float) for column in columns.values()))
    return doubts(model or clv.BGNBD(), Histories.of(dict(zip(columns, arrays, strict=True))), PAPER.draws, UNKNOWN)


DAYS = np.repeat(np.arange(20.0, 41.0), 4)  # four customers bought last on each day from the 20th to the 40th, the end


def test_a_heap_is_counted() -> None:
    (sentence,) = heap(1.0, np.concatenate([DAYS, np.full(9, 40.0)]), 40.0)
    assert sentence.startswith(
        "13 customers who buy rarely bought last exactly at the end of the observation, and 4 at most"
    )
    assert "end the observation before it" in sentence


def test_what_is_no_heap() -> None:
    assert heap(1.0, DAYS, 40.0) == ()
    assert heap(1.0, np.concatenate([DAYS, np.full(8, 40.0)]), 40.0) == (), "three times as many can be chance"
    assert heap(1.0, np.concatenate([DAYS[DAYS < 40.0][::4], np.full(9, 40.0)]), 40.0) == (), "and so can a few"
    assert heap(20.0, np.concatenate([DAYS, np.full(90, 40.0)]), 40.0) == (), "who buys daily buys on the last day"
    assert heap(0.0, 0.0, np.full(90, 40.0)) == ()
    assert heap(1.0, 0.0, np.zeros(90)) == ()


def test_opportunities_heap_by_nature() -> None:
    table = clv.datasets.donations()
    x, t_x, T, n = (table[name].to_numpy() for name in ("frequency", "recency", "T", "customers"))
    donors = clv.Customers.from_arrays(*(np.repeat(column, n) for column in (x, t_x, T)), unit="year")
    assert clv.fit(clv.BGBB(), donors, clv.MLE()).record.warnings == ()


def test_an_export_that_puts_its_own_date_is_found(cdnow: clv.Customers) -> None:
    rng = np.random.default_rng(2)
    wrong = (cdnow.frequency > 0) & (rng.random(len(cdnow)) < 0.08)
    recency = np.where(wrong, cdnow.T, cdnow.recency)
    customers = clv.Customers.from_arrays(cdnow.frequency, recency, cdnow.T, unit="week")
    for method in (clv.MLE(), clv.Laplace(draws=200)):
        warnings = clv.fit(clv.BGNBD(), customers, method, seed=1).record.warnings
        assert [w for w in warnings if "exactly at the end of the observation" in w]


@pytest.mark.parametrize("seed", range(5))
def test_healthy_bases_have_no_heap(seed: int) -> None:
    T = np.random.default_rng(seed).uniform(20.0, 50.0, 2000)
    exact = clv.BGNBD().at(r=1.0, alpha=5.0, a=0.8, b=3.0).simulate(2000, T, seed=seed)
    in_days = [np.floor(7.0 * column) / 7.0 for column in (exact.recency, exact.T)]
    for recency, watched in (in_days, (exact.recency, exact.T)):
        assert heap(exact.frequency, recency, watched) == ()


def test_spend_without_a_mean_is_said_at_the_fit() -> None:
    customers = PAPER.simulate(500, 39.0, seed=1, spend=clv.GammaGamma().at(p=2.0, q=0.8, v=15.0))
    for method, where in ((clv.MLE(), "no finite mean (q <= 1)"), (clv.Laplace(draws=500), "% of the draws (q <= 1)")):
        fit = clv.fit(clv.GammaGamma(), customers.all_buyers(), method, seed=1)
        (sentence,) = fit.record.warnings
        assert where in sentence
        assert "median_spend()" in sentence
        with pytest.raises(clv.ClvError, match="no finite mean"):
            fit.expected_spend(NEWCOMER)
