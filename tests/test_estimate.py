"""Estimates: means, intervals and totals of draws, in any blocks, for each customer in the caller's own order."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels import sources as module
from clvmodels.errors import QuestionError
from clvmodels.estimate import Estimate
from clvmodels.sources import Blocks, Table, quantiles

VALUES = np.random.default_rng(0).gamma(2.0, size=(30, 400))
"""Rows by draws."""

INDEX = np.r_[np.arange(30), [4, 4, 0]]
"""Three customers share the rows of others."""


def estimate(meaning: str = "expectation", *, certain: bool = False) -> Estimate:
    ids = nw.from_native(pd.Series([f"c{i}" for i in range(len(INDEX))]), series_only=True)
    return Estimate(meaning, "something", ids, Table(VALUES), INDEX, certain)


def test_a_mean_is_that_of_the_draws() -> None:
    np.testing.assert_allclose(estimate().mean, VALUES.mean(axis=1)[INDEX], rtol=1e-13)


@pytest.mark.parametrize("q", [0.0, 0.05, 0.37, 0.5, 0.999, 1.0])
def test_quantiles_are_those_of_numpy(q: float) -> None:
    np.testing.assert_allclose(estimate().quantile(q), np.quantile(VALUES, q, axis=1)[INDEX], rtol=1e-13)


@pytest.mark.parametrize("prob", [0.0, 0.5, 0.9, 0.95, 0.77, 1.0])
def test_an_interval_is_central(prob: float) -> None:
    tail = 0.5 * (1.0 - prob)
    expected = np.quantile(VALUES, [tail, 1.0 - tail], axis=1).T[INDEX]
    np.testing.assert_allclose(estimate().interval(prob), expected, rtol=1e-12)


def test_draws_are_draws_by_customers() -> None:
    assert estimate().draws().shape == (400, 33)
    np.testing.assert_array_equal(estimate().draws(), VALUES[INDEX].T)


def test_a_sum_is_made_draw_by_draw() -> None:
    totals = VALUES[INDEX].sum(axis=0)
    total = estimate().sum()
    assert len(total) == 1
    assert total.meaning == "expectation"
    assert total.mean[0] == pytest.approx(totals.mean(), rel=1e-13)
    np.testing.assert_allclose(total.interval(0.8)[0], np.quantile(totals, [0.1, 0.9]), rtol=1e-13)
    np.testing.assert_allclose(total.draws()[:, 0], totals, rtol=1e-13)


def test_one_draw_has_its_quantiles() -> None:
    np.testing.assert_array_equal(quantiles(np.array([[3.0], [4.0]]), [0.0, 0.5, 1.0]), [[3.0, 4.0]] * 3)


@pytest.mark.parametrize("cells", [1, 400, 1_234, 10**9])
def test_blocks_change_nothing(cells: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = estimate().interval(), estimate().mean, estimate().sum().mean, estimate().draws()
    monkeypatch.setattr(module, "CELLS", cells)
    made: list[slice] = []

    def make(rows: slice) -> np.ndarray:
        made.append(rows)
        return VALUES[rows].copy()

    blocked = Estimate("outcome", "something", None, Blocks(VALUES.shape, make), INDEX)
    for found, known in zip((blocked.interval(), blocked.mean, blocked.sum().mean, blocked.draws()), expected, strict=True):
        np.testing.assert_allclose(found, known, rtol=1e-13)
    assert all((part.stop - part.start) * 400 <= max(cells, 400) for part in made)


def test_one_pass_serves_the_usual_questions() -> None:
    passes: list[slice] = []
    source = Blocks(VALUES.shape, lambda rows: (passes.append(rows), VALUES[rows].copy())[1])
    asked = Estimate("expectation", "something", None, source, INDEX)
    asked.mean, asked.interval(0.9), asked.interval(0.5), asked.sum()
    assert len(passes) == 1


def test_asking_does_not_disturb_the_draws() -> None:
    before = VALUES.copy()
    estimate().interval()
    np.testing.assert_array_equal(VALUES, before)


def test_a_certain_estimate_has_no_interval() -> None:
    certain = estimate(certain=True)
    assert np.isfinite(certain.mean).all()
    assert np.isnan(certain.interval()).all()
    assert np.isnan(certain.quantile(0.5)).all()
    assert np.isnan(certain.sum().interval()).all()


@pytest.mark.parametrize("wrong", [-0.1, 1.1, 90, float("nan")])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(QuestionError, match=r"no probability.*0\.9"):
        estimate().interval(wrong)
    with pytest.raises(QuestionError, match="no probability"):
        estimate().quantile(wrong)


def test_draws_that_would_fill_the_memory_are_refused() -> None:
    def never(_: slice) -> np.ndarray:
        raise AssertionError

    huge = Estimate("outcome", "something", None, Blocks((100_000, 4_000), never), np.arange(100_000))
    with pytest.raises(QuestionError, match=r"4,000 draws of 100,000 customers.*GB.*\.interval\(\)"):
        huge.draws()


def test_a_frame_is_a_row_a_customer() -> None:
    frame = estimate().frame(prob=0.5)
    assert frame.columns.tolist() == ["customer_id", "mean", "low", "high"]
    assert frame["customer_id"].tolist() == [f"c{i}" for i in range(33)]
    np.testing.assert_array_equal(frame[["low", "high"]], estimate().interval(0.5))


def test_a_total_is_of_nobody_in_particular() -> None:
    assert estimate().sum().frame().columns.tolist() == ["mean", "low", "high"]


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
def test_frames_come_back_in_their_own_library(library: type, purchases: clv.Fit) -> None:
    table = library({"customer_id": ["z", "a"], "frequency": [2, 0], "recency": [3.0, 0.0], "T": [9.0, 9.0]})
    customers = clv.Customers.from_frame(table, unit="week")
    frame = purchases.expected_purchases(10, customers).frame()
    assert isinstance(frame, library)
    assert list(frame["customer_id"]) == ["z", "a"]


def test_meanings(purchases: clv.Fit) -> None:
    assert purchases.expected_purchases(10).meaning == "expectation"
    assert purchases.predict_purchases(10, seed=1).meaning == "outcome"
    assert repr(purchases.expected_purchases(10)) == "Estimate(expected_purchases, expectation, 2,357 x 1,000 draws)"


def test_predicted_purchases_have_the_expected_mean_and_chances() -> None:
    """Counts of a point fit: their mean is the expectation, and each count comes as often as its chance says."""
    paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    who = clv.Customers.from_arrays([0, 2, 10], [0, 30.43, 34.14], [38.86] * 3, unit="week")
    number = 40_000
    drawn = paper.predict_purchases(39, who, seed=9, draws=number).draws()
    error = drawn.std(axis=0) / np.sqrt(number)
    assert (np.abs(drawn.mean(axis=0) - paper.expected_purchases(39, who).mean) < 4.0 * error).all()
    for k in (0, 1, 2, 5):
        chance = paper.purchase_count_pmf(k, 39, who).mean
        assert (np.abs((drawn == k).mean(axis=0) - chance) < 4.0 * np.sqrt(chance * (1.0 - chance) / number)).all()


def test_strangers_do_not_buy_in_step() -> None:
    """Customers of one history draw their own outcomes: the variance of a total is the sum of their variances."""
    paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    who = clv.Customers.from_arrays([2] * 400, [30.43] * 400, [38.86] * 400, unit="week")
    drawn = paper.predict_purchases(39, who, seed=2, draws=2_000)
    total = drawn.sum().draws()[:, 0]
    assert total.var() == pytest.approx(400 * drawn.draws().var(axis=0).mean(), rel=4.0 * np.sqrt(2.0 / 2_000))


def test_outcomes_share_a_world(purchases: clv.Fit, cdnow: clv.Customers) -> None:
    """Draw d has one theta for everybody: the total of outcomes is at least as uncertain as the total expected."""
    expected = purchases.expected_purchases(39).sum()
    outcome = purchases.predict_purchases(39, seed=1).sum()
    together = np.corrcoef(expected.draws()[:, 0], outcome.draws()[:, 0])[0, 1]
    assert together > 0.3
    assert outcome.mean[0] == pytest.approx(expected.mean[0], rel=0.01)
    assert np.diff(outcome.interval())[0, 0] > np.diff(expected.interval())[0, 0]
    assert len(cdnow) == len(purchases.predict_purchases(39, seed=1))


def test_simulated_customers_are_those_of_the_paper() -> None:
    """An independent simulation in numpy gives the same share of one-time buyers, mean, variance and mean recency."""
    n, T, rng = 40_000, 39.0, np.random.default_rng(1)
    rate, leave = rng.gamma(0.8, 1 / 6.0, n), rng.beta(0.9, 2.4, n)
    counted, last = np.zeros(n), np.zeros(n)
    now, here = np.zeros(n), np.ones(n, dtype=bool)
    while here.any():
        now = now + rng.exponential(size=n) / rate
        here &= now <= T
        counted[here] += 1.0
        last[here] = now[here]
        here &= rng.random(n) > leave
    drawn = clv.BGNBD().at(r=0.8, alpha=6.0, a=0.9, b=2.4).simulate(n, T, seed=2)
    for mine, theirs in (
        (counted == 0, drawn.frequency == 0),
        (counted, drawn.frequency),
        (last, drawn.recency),
        (counted**2, drawn.frequency**2),
        (counted * last, drawn.frequency * drawn.recency),
    ):
        error = np.hypot(np.std(mine), np.std(theirs)) / np.sqrt(n)
        assert abs(np.mean(mine) - np.mean(theirs)) < 4.0 * error


def test_groups_foreseen_are_those_that_are_asked_for() -> None:
    rng = np.random.default_rng(1)
    values, passes = rng.normal(size=(50, 20)), []

    def make(rows: slice) -> np.ndarray:
        passes.append(rows)
        return values[rows].copy()

    index, thirds, halves = rng.integers(50, size=200), np.arange(200) % 3, np.arange(200) % 2
    found = Estimate("outcome", "value", None, Blocks((50, 20), make), index)
    found.foresee([thirds, halves, thirds], 0.9)
    drawn = np.array([values[index[thirds == code]].sum(axis=0) for code in range(3)]).T
    np.testing.assert_allclose(found.by(thirds).draws(), drawn, rtol=1e-12)
    np.testing.assert_allclose(found.interval(0.9), np.quantile(values[index], [0.05, 0.95], axis=1).T)
    assert len(passes) == 1  # one pass for the groups, the interval and the total
    assert found.by(halves).draws().shape == (20, 2)
    found.foresee([halves], 0.5)
    np.testing.assert_allclose(found.sum().draws()[:, 0], values[index].sum(axis=0))
    assert len(passes) == 1
    found.by(np.arange(200) % 5)
    assert len(passes) == 2
