"""The simulated customers that all competitors are timed on."""

from __future__ import annotations

import numpy as np

import clvmodels as clv

SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}

PURCHASES: dict[str, clv.Fit] = {
    "BG/NBD": clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426),
    "MBG/NBD": clv.MBGNBD().at(r=0.525, alpha=6.183, a=0.891, b=1.614),
    "BG/CNBD-2": clv.BGCNBD(2).at(r=0.35, alpha=2.0, a=0.9, b=2.4),
    "MBG/CNBD-2": clv.MBGCNBD(2).at(r=0.58, alpha=2.288, a=1.134, b=1.585),
    "NBD": clv.NBD().at(r=0.385, alpha=12.07),
    "Pareto/NBD": clv.ParetoNBD().at(r=0.553, alpha=10.578, s=0.606, beta=11.669),
    "GG/NBD": clv.GGNBD().at(r=0.553, alpha=10.578, b=0.05, s=0.6, beta=0.6),
}
"""Models of purchases in continuous time, at parameters like those of CDNOW."""

WEEKS = (27 * 7, 39 * 7 + 1)
TWO_YEARS = (1, 731)


def customers(
    n: int, seed: int = 1, *, model: str = "BG/NBD", watched: tuple[int, int] = WEEKS, bucket: int = 1
) -> clv.Customers:
    """Customers who are watched for so many days (from, up to), their times known in buckets of so many days.

    By default first seen over 12 weeks and watched until week 39, by the day.
    """
    rng = np.random.default_rng(seed)
    times = bucket * np.ceil(rng.integers(*watched, size=n) / bucket)
    exact = PURCHASES[model].simulate(n, times / 7.0, seed, spend=clv.GammaGamma().at(**SPEND))
    recency = np.minimum(bucket * np.ceil(exact.recency * 7.0 / bucket), times)
    return clv.Customers.from_arrays(
        exact.frequency,
        recency / 7.0,
        times / 7.0,
        unit="week",
        monetary_value=exact.monetary_value,
        first_value=exact.first_value,
    )
