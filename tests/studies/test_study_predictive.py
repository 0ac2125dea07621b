"""Study 2, whether predictive intervals of money hold what customers really bring, each and in total."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from worlds import DISCOUNT, World, covered, furthest, lived, near_cdnow, percentages, ranked, say, watched

import clvmodels as clv

LEVELS = (0.5, 0.8, 0.9, 0.95)
HORIZON = 52.0


@pytest.mark.slow
def test_predictive_intervals_hold_the_realised_value_of_200_000_customers() -> None:
    """One world of CDNOW's parameters, 200,000 customers, both models fitted to all of them, 500 draws.

    The realised value is of an independent simulator, from each customer's own rate, dropout and spend. Intervals must
    cover at least nominally (less three standard errors of a share among so many), for all, one-time and repeat buyers;
    most outcomes are exactly 0, so intervals that end there cover more than they must. The place of the realised value
    among the drawn ones, by chance among equals, must be uniform to 0.02 (all, one-time and repeat buyers).
    """
    rng = np.random.default_rng(20261122)
    n, part = 200_000, 20_000
    lives = lived(World(), watched(rng, n), HORIZON, rng)
    customers, realised = lives.customers, lives.later_value
    fit = clv.fit(clv.BGNBD(), customers, clv.Laplace(500), seed=1)
    spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.Laplace(500), seed=1)
    hits, places, total = np.empty((len(LEVELS), n), dtype=bool), np.empty(n), np.zeros(500)
    for start in range(0, n, part):
        rows = slice(start, start + part)
        some = clv.Customers.from_arrays(
            *(customers.frequency[rows], customers.recency[rows], customers.T[rows]),
            unit="week",
            monetary_value=customers.monetary_value[rows],
            first_value=customers.first_value[rows],
        )
        outcome = clv.value(fit, spend, horizon=HORIZON, discount=DISCOUNT, customers=some, seed=1000 + start).outcome
        for level, row in zip(LEVELS, hits, strict=True):
            row[rows] = covered(outcome.interval(level), realised[rows])
        places[rows] = ranked(outcome.draws(), realised[rows], rng)
        total += outcome.sum().draws()[:, 0]
    groups = {"all": np.ones(n, dtype=bool), "one-time": customers.frequency == 0, "repeat": customers.frequency > 0}
    low, high = np.quantile(total, [0.05, 0.95])
    say(f"\nPredictive intervals of money at {LEVELS}; {np.mean(realised == 0):.1%} of {n:,} customers bring nothing")
    for name, who in groups.items():
        say(f"  {name:9} cover {percentages(hits[:, who])}   PIT off by {furthest(places[who]):.4f}")
    say(f"  total {realised.sum():,.0f}, 90 % predictive interval {low:,.0f} to {high:,.0f}")
    for who in groups.values():
        for level, row in zip(LEVELS, hits, strict=True):
            assert row[who].mean() >= level - 3.0 * np.sqrt(level * (1.0 - level) / who.sum())
        assert furthest(places[who]) < 0.02


@pytest.mark.slow
def test_predictive_intervals_of_totals_hold_the_realised_total_nine_times_in_ten() -> None:
    """60 worlds of 2,000 customers around CDNOW: the total is no sum of interval ends, and no stranger buys in step.

    Its 90 % interval must hold the realised total as often as 60 tosses of a 90 % coin allow (0.1 % at either end), for
    value and for purchases; and the mean place of the realised total among its draws must be the middle.
    """
    rng = np.random.default_rng(20261123)
    worlds, n = 60, 2_000
    value, purchases, places, widths = [], [], [], []
    for number in range(worlds):
        world = near_cdnow(rng)
        lives = lived(world, watched(rng, n), HORIZON, rng)
        fit = clv.fit(clv.BGNBD(), lives.customers, seed=number)
        spend = clv.fit(clv.GammaGamma(), lives.customers.all_buyers(), seed=number)
        worth = clv.value(fit, spend, horizon=HORIZON, discount=DISCOUNT, seed=number)
        total, count = worth.outcome.sum(), fit.predict_purchases(HORIZON, seed=number).sum()
        realised = lives.later_value.sum(keepdims=True)
        ends = total.interval(0.9)
        value.append(covered(ends, realised)[0])
        purchases.append(covered(count.interval(0.9), lives.later_purchases.sum(keepdims=True))[0])
        places.append(ranked(total.draws(), realised, rng)[0])
        widths.append(float(np.ptp(ends) / total.mean[0]))
    low, high = binom.ppf([0.001, 0.999], worlds, 0.9)
    say(
        f"\n90 % predictive intervals of totals, {worlds} worlds: value {sum(value)}, purchases {sum(purchases)} "
        f"(by chance {low:.0f} to {high:.0f}); mean width {np.mean(widths):.0%} of the total; mean place "
        f"{np.mean(places):.3f}"
    )
    assert low <= sum(value) <= high
    assert low <= sum(purchases) <= high
    assert abs(np.mean(places) - 0.5) < 3.3 * np.sqrt(1.0 / 12.0 / worlds)
