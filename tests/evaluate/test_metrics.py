"""Metrics against scipy, scikit-learn's definitions worked by hand, and plain sums over all orders of ties."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from scipy import stats

from clvmodels.evaluate import metrics

RNG = np.random.default_rng(5)
COUNTS = RNG.poisson(RNG.gamma(0.5, 2.0, 60)).astype(float)
GUESSES = np.round(COUNTS * RNG.random(60) + RNG.gamma(1.0, 1.0, 60), 1)


def test_errors_of_a_table_worked_by_hand() -> None:
    forecast, actual = np.array([0.0, 1.0, 2.5, 4.0]), np.array([1.0, 1.0, 0.5, 6.0])
    assert metrics.mae(forecast, actual) == pytest.approx((1 + 0 + 2 + 2) / 4)
    assert metrics.rmse(forecast, actual) == pytest.approx(np.sqrt((1 + 0 + 4 + 4) / 4))
    assert metrics.bias(forecast, actual) == pytest.approx(7.5 / 8.5 - 1)
    assert metrics.brier(np.array([0.2, 0.9]), np.array([False, True])) == pytest.approx((0.04 + 0.01) / 2)


def test_spearman_is_scipys() -> None:
    assert metrics.spearman(GUESSES, COUNTS) == pytest.approx(stats.spearmanr(GUESSES, COUNTS).statistic, abs=1e-12)


def test_auc_is_the_mann_whitney_statistic() -> None:
    yes = COUNTS > 0
    u = stats.mannwhitneyu(GUESSES[yes], GUESSES[~yes]).statistic
    assert metrics.auc(GUESSES, yes) == pytest.approx(u / (yes.sum() * (~yes).sum()), abs=1e-12)


def lorenz(order: tuple[int, ...], actual: np.ndarray) -> float:
    """The area between the diagonal and the share that the first so many customers have."""
    shares = np.cumsum(actual[list(order)]) / actual.sum()
    return float(np.sum(shares - np.arange(1, len(actual) + 1) / len(actual)))


def test_gini_is_the_mean_over_all_orders_of_ties() -> None:
    forecast, actual = np.array([3.0, 1.0, 1.0, 3.0, 2.0]), np.array([4.0, 2.0, 0.0, 1.0, 4.0])
    fair = [o for o in permutations(range(5)) if list(forecast[list(o)]) == sorted(forecast, reverse=True)]
    best = lorenz(tuple(np.argsort(-actual)), actual)
    assert metrics.gini(forecast, actual) == pytest.approx(np.mean([lorenz(o, actual) for o in fair]) / best, abs=1e-12)


@pytest.mark.parametrize("share", [0.2, 0.4, 0.6])
def test_capture_is_the_mean_over_all_orders_of_ties(share: float) -> None:
    forecast, actual = np.array([3.0, 1.0, 1.0, 3.0, 3.0]), np.array([4.0, 0.0, 0.0, 1.0, 4.0])
    k = round(share * 5)

    def tops(values: np.ndarray) -> list[set[int]]:
        return [set(o[:k]) for o in permutations(range(5)) if list(values[list(o)]) == sorted(values, reverse=True)]

    overlaps = [len(a & b) / k for a in tops(forecast) for b in tops(actual)]
    assert metrics.capture(forecast, actual, share) == pytest.approx(np.mean(overlaps), abs=1e-12)


def test_crps_is_the_integral_of_the_squared_distance_of_laws() -> None:
    draws, actual = np.sort(RNG.gamma(2.0, 1.0, (3, 40))), np.array([0.3, 2.0, 9.0])
    for row, y, found in zip(draws, actual, metrics.crps(draws, actual), strict=True):
        ends = np.sort(np.r_[row, y])
        steps = [(np.mean(row <= left) - (y <= left)) ** 2 * (right - left) for left, right in pairwise(ends)]
        assert found == pytest.approx(sum(steps), abs=1e-12)


def test_crps_of_a_normal_law() -> None:
    """Gneiting & Raftery's closed form, by as many quantiles as draws."""
    draws, y = stats.norm.ppf((np.arange(20_000) + 0.5) / 20_000)[None], 0.7
    exact = y * (2 * stats.norm.cdf(y) - 1) + 2 * stats.norm.pdf(y) - 1 / np.sqrt(np.pi)
    assert metrics.crps(draws, np.array([y]))[0] == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize("prob", [0.5, 0.8, 0.9, 0.95])
def test_intervals_of_the_right_law_cover_at_their_rate_exactly(prob: float) -> None:
    """In the mean over the counts that a Poisson law draws."""
    law, counts = stats.poisson(1.3), np.arange(60)
    chance = law.pmf(counts)
    below, upto = law.cdf(counts - 1), law.cdf(counts)
    assert chance @ metrics.covered(below, upto, prob) == pytest.approx(prob, abs=1e-9)
    low, high = law.ppf(0.5 * (1 - prob)), law.ppf(0.5 * (1 + prob))
    assert chance @ metrics.held(below, upto, prob) == pytest.approx(chance[(counts >= low) & (counts <= high)].sum())
    assert chance @ metrics.held(below, upto, prob) >= prob


def test_places_under_the_right_law_are_flat_and_under_a_wrong_one_not() -> None:
    law, counts = stats.poisson(1.3), np.arange(60)
    sizes = np.round(law.pmf(counts) * 1e6).astype(int)
    seen = np.repeat(counts, sizes)
    assert np.allclose(metrics.pit(law.cdf(seen - 1), law.cdf(seen)), 0.1, atol=1e-4)
    wrong = stats.poisson(2.0)
    assert metrics.pit(wrong.cdf(seen - 1), wrong.cdf(seen))[0] > 0.15


def test_what_has_no_answer_is_nan() -> None:
    ones = np.ones(3)
    assert np.isnan(metrics.spearman(ones, np.arange(3.0)))
    assert np.isnan(metrics.auc(ones, ones > 0))
    assert np.isnan(metrics.bias(ones, 0 * ones))
    assert np.isnan(metrics.gini(ones, 0 * ones))
