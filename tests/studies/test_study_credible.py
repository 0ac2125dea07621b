"""Study 1, whether credible intervals of the expected value hold the true expectation as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import DISCOUNT, KINDS, by_chance, covered, drawn, drawn_spend, say, watched

import clvmodels as clv

CUSTOMERS = 1_000
SIZES = dict.fromkeys(KINDS, (250, 1_000)) | {
    "MBGNBD": (250, 500),
    "ParetoNBD": (200, 250),
    "BGCNBD": (150, 300),
    "MBGCNBD": (150, 300),
    "GGNBD": (150, 250),
}
"""Worlds, and draws of Laplace: fewer where a draw costs more."""


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_credible_intervals_of_the_expected_value_hold_the_true_expectation_nine_times_in_ten(name: str) -> None:
    """Worlds of 1,000 customers, parameters drawn for each around CDNOW's (sd 0.4 in logs, q > 1.5).

    The truth is each customer's expectation given her history at the world's own parameters. Customers of one world share
    its parameters, so their intervals hit or miss together: 250 worlds are 250 worlds' worth of evidence, not 250,000
    customers' worth. The standard error is 1.1 to 1.3 % where there are 250; it is 1.6 % for Pareto/NBD, up to 1.7 % for
    the Erlang models and 2.2 % for GG/NBD, whose worlds cost more: for these the bar is met, but they might have missed it
    by bad luck.
    Bars: 87 to 93 % of customers; the totals of the worlds within what chance allows as many tosses of a 90 % coin (0.1 %
    at either end).
    """
    kind, (worlds, draws) = KINDS[name], SIZES[name]
    rng = np.random.default_rng(20261121)
    hits, once, repeat, totals, ks, warned = [], [], [], [], [], 0
    for number in range(worlds):
        world, worth, horizon = drawn(kind.middle, rng, 0.4), drawn_spend(rng, 0.4), (39.0, 52.0)[number % 2]
        customers = kind.live(world, watched(rng, CUSTOMERS), rng, spend=worth).customers
        fit = clv.fit(kind.model, customers, clv.Laplace(draws), seed=number)
        spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.Laplace(draws), seed=number)
        asked = {"horizon": horizon, "discount": DISCOUNT, "customers": customers, "seed": number}
        expected = clv.value(fit, spend, **asked).expected
        truth = clv.value(kind.model.at(**world), clv.GammaGamma().at(**worth), **asked).expected
        hit = covered(expected.interval(0.9), truth.mean)
        hits.append(hit.mean())
        once.append(hit[customers.frequency == 0].mean())
        repeat.append(hit[customers.frequency > 0].mean())
        totals.append(covered(expected.sum().interval(0.9), truth.sum().mean)[0])
        ks.append(fit.record.pareto_k)
        warned += bool(fit.record.warnings or spend.record.warnings)
    error = np.std(hits, ddof=1) / np.sqrt(worlds)
    low, high = by_chance(worlds)
    say(
        f"\n{name}: 90 % credible intervals of the expected value, {worlds} worlds: all customers {np.mean(hits):.1%} "
        f"(standard error over worlds {error:.1%}), one-time buyers {np.mean(once):.1%}, repeat buyers "
        f"{np.mean(repeat):.1%}; expected total in {sum(totals)} of {worlds} worlds ({low:.0f} to {high:.0f} by chance); "
        f"Pareto k {np.median(ks):.2f} in the middle, {np.max(ks):.2f} at worst; "
        f"{warned} worlds with a warning in the record"
    )
    assert 0.87 <= np.mean(hits) <= 0.93
    assert low <= sum(totals) <= high
