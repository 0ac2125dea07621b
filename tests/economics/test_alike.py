"""Outcomes as scores draw them, those alike together: of the same law as when each is drawn alone, and exact multiples."""

from __future__ import annotations

from dataclasses import replace
from math import inf

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import ks_2samp

import clvmodels as clv

BUYING, SPENDING = clv.BGNBD().at(r=0.9, alpha=6.0, a=0.8, b=2.5), clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
PARETO = clv.ParetoNBD().at(r=0.9, alpha=6.0, s=0.7, beta=9.0)
DRAWS = 20_000
TERMS = {
    "plain": clv.Economics(),
    "margin": clv.Economics(margin=0.3),
    "orders": clv.Economics(margin=0.3, costs={"post": clv.Cost(4.0, "order")}),
    "time": clv.Economics(margin=0.3, costs={"mail": clv.Cost(1.0, "week")}),
    "both": clv.Economics(margin=0.3, costs={"post": clv.Cost(4.0, "order"), "mail": clv.Cost(1.0, "week")}),
}


def base() -> clv.Customers:
    """Four who differ in what they spent alone, one who never came back, and one without a value."""
    spend = {"monetary_value": [10.0, 20.0, 40.0, 20.0, 0.0, 0.0], "first_value": [10.0, 20.0, 40.0, 95.0, 35.0, 0.0]}
    return clv.Customers.from_arrays([3, 3, 3, 3, 0, 0], [20, 20, 20, 20, 0, 0], [26.0] * 6, unit="week", **spend)


def worth(fit: clv.Fit, terms: str, horizon: float = 52.0) -> clv.Valuation:
    asked = {"horizon": horizon, "discount": clv.yearly(0.2), "economics": TERMS[terms], "customers": base()}
    return clv.value(fit, SPENDING, **asked, draws=DRAWS, seed=1)


@pytest.mark.parametrize("horizon", [52.0, inf])
@pytest.mark.parametrize("terms", TERMS)
@pytest.mark.parametrize("fit", [BUYING, PARETO], ids=["BG/NBD", "Pareto/NBD"])
def test_of_the_same_law_as_drawn_alone(fit: clv.Fit, terms: str, horizon: float) -> None:
    alone = worth(fit, terms, horizon)
    alike = replace(alone, apart=True).outcome
    drawn = alike.draws()
    off = (alike.mean - alone.expected.mean) / (drawn.std(axis=0) / np.sqrt(DRAWS))
    assert np.abs(off).max() < 4.5
    for theirs, ours in zip(alone.outcome.draws().T, drawn.T, strict=True):
        assert ks_2samp(theirs, ours).statistic < 2.2 * np.sqrt(2.0 / DRAWS)  # 1 in 8,000 by chance


@pytest.mark.parametrize("horizon", [52.0, inf])
@pytest.mark.parametrize("terms", TERMS)
def test_what_differs_in_spend_alone_is_a_straight_line(terms: str, horizon: float) -> None:
    drawn = replace(worth(BUYING, terms, horizon), apart=True).outcome.draws()
    low, middle, high = drawn[:, :3].T
    assert_allclose(high - low, 3.0 * (middle - low), rtol=1e-9, atol=1e-9)  # 10, 20 and 40 a purchase
    assert np.any(high != low)
