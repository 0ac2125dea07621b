"""The simulated customers that all competitors are timed on."""

from __future__ import annotations

import numpy as np

import clvmodels as clv

PURCHASES = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}


def customers(n: int, seed: int = 1) -> clv.Customers:
    """CDNOW-like customers, first seen over 12 weeks and watched until week 39, dated by the day."""
    rng = np.random.default_rng(seed)
    days = rng.integers(27 * 7, 39 * 7 + 1, size=n)
    purchases, spend = clv.BGNBD().at(**PURCHASES), clv.GammaGamma().at(**SPEND)
    exact = purchases.simulate(n, days / 7.0, seed, spend=spend)
    return clv.Customers.from_arrays(
        exact.frequency,
        np.minimum(np.ceil(exact.recency * 7.0), days) / 7.0,
        days / 7.0,
        unit="week",
        monetary_value=exact.monetary_value,
        first_value=exact.first_value,
    )
