"""Published numbers, digit for digit: one table, a line a case.

Printed digits carry the tolerance of their source; what is called exact was computed afresh in 25 digits or more, and
holds to 1e-8 or to the last digit shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from math import exp, inf
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import clvmodels as clv

EXACT = 1e-9
PAPER = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
BEST = clv.BGNBD().at(r=0.24259452243016, alpha=4.4136020190135, a=0.7929220172256, b=2.4259067768263)
BTYD = clv.BGNBD().at(r=0.2425967, alpha=4.413659, a=0.7929869, b=2.426164)
"""The parameters of the BTYD walkthrough's third run, which printed the tracking numbers: seven digits."""
ONE = clv.BGNBD().at(r=0.243, alpha=4.414, a=1.0, b=2.426)
BELOW_ONE = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.3, b=0.4)
NOTE_27 = clv.BGNBD().at(r=0.25, alpha=4.0, a=0.80, b=2.50)
NO_PURCHASE = clv.BGNBD().at(r=0.243722, alpha=4.443668, a=0.70565, b=2.091832)
SPEND = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
CSV_SPEND = clv.GammaGamma().at(p=6.2488024897091, q=3.7445884532875, v=15.447748009464)
RAW_SPEND = clv.GammaGamma().at(p=6.2495722713238, q=3.744224667132, v=15.443520962589)
A_WEEK = clv.yearly(exp(0.0027 * 365.25 / 7) - 1)
"""A force of discount of 0.0027 a week."""


def one(x: float, t_x: float, T: float = 38.86) -> clv.Customers:
    return clv.Customers.from_arrays([x], [t_x], [T], unit="week")


def alive(fit: clv.Fit, *history: float) -> float:
    return float(fit.probability_alive(one(*history)).mean[0])


def expected(fit: clv.Fit, horizon: float, *history: float) -> float:
    return float(fit.expected_purchases(horizon, one(*history)).mean[0])


def newcomer(fit: clv.Fit, horizon: float) -> float:
    return float(fit.expected_purchases_new(horizon).mean[0])


def pmf(fit: clv.Fit, k: int, horizon: float, history: tuple[float, ...] = (0, 0, 0)) -> float:
    return float(fit.purchase_count_pmf(k, horizon, one(*history)).mean[0])


def loglik(fit: clv.Fit, *history: float) -> float:
    return float(fit.pointwise(one(*history))[0])


def residual(fit: clv.Fit, *history: float) -> float:
    return float(fit.discounted_purchases(inf, A_WEEK, one(*history)).mean[0])


def spends(fit: clv.Fit, x: float, m: float) -> float:
    buyer = clv.Customers.from_arrays([x], [1], [2], unit="week", monetary_value=[m]) if x else None
    nobody = clv.Customers.from_arrays([0], [0], [2], unit="week", monetary_value=[0])
    return float(fit.expected_spend((buyer or nobody).repeat_buyers()).mean[0])


@dataclass(frozen=True)
class Cdnow:
    """The sample, its fits, and the same in the two decimals and the order of the published tables: by first purchase."""

    customers: clv.Customers
    holdout: clv.Holdout
    fit: clv.Fit
    spend: clv.Fit
    rounded: SimpleNamespace

    def bin(self, values: Any, frequency: int) -> float:
        """The mean over those with a frequency; 7 stands for 7 or more."""
        return float(values[np.minimum(self.customers.frequency, 7) == frequency].mean())

    def conditional(self, fit: clv.Fit, frequency: int) -> float:
        return self.bin(fit.expected_purchases(39, self.customers).mean, frequency)

    def cumulative(self, fit: clv.Fit, day: int) -> float:
        """Repeat purchases expected of everybody up to a day, the 1st of January 1997 being day 0."""
        watched = Counter(np.round(7 * self.customers.T).astype(int).tolist())
        ages = {day - 272 + T: number for T, number in watched.items()}
        return sum(number * newcomer(fit, age / 7) for age, number in ages.items() if age > 0)

    def incremental(self, fit: clv.Fit, week: int) -> float:
        return self.cumulative(fit, 7 * week) - self.cumulative(fit, 7 * week - 7)


def half_up(values: Any) -> Any:
    """Round to cents as spreadsheets do: halves up."""
    return np.floor(100 * values + 0.5 + 1e-6) / 100


@pytest.fixture(scope="module")
def sample(cdnow: clv.Customers, holdout: clv.Holdout, bgnbd: clv.Fit, gammagamma: clv.Fit) -> Cdnow:
    order = np.argsort(-cdnow.T, kind="stable")
    customers = clv.Customers.from_arrays(
        cdnow.frequency[order],
        cdnow.recency[order].round(2),
        cdnow.T[order].round(2),
        unit="week",
        monetary_value=half_up(cdnow.monetary_value[order]),
    )
    fits = clv.fit(clv.BGNBD(), customers, clv.MLE()), clv.fit(clv.GammaGamma(), customers.repeat_buyers(), clv.MLE())
    rounded = SimpleNamespace(customers=customers, fit=fits[0], spend=fits[1])
    return Cdnow(cdnow, holdout, bgnbd, gammagamma, rounded)


Question = Callable[[Cdnow], float]
Case = tuple[str, Question, float, float]


def theta(which: Callable[[Cdnow], clv.Fit], values: dict[str, float], tolerance: float, name: str) -> list[Case]:
    return [(f"{name} {n}", lambda c, n=n: float(getattr(which(c).theta, n)), v, tolerance) for n, v in values.items()]


def errors(which: Callable[[Cdnow], clv.Fit], values: dict[str, float], tolerance: float, name: str) -> list[Case]:
    return [(f"{name} {n}", lambda c, n=n: which(c).parameters().loc[n, "sd"], v, tolerance) for n, v in values.items()]


DATA: list[Case] = [
    ("customers", lambda c: len(c.customers), 2357, 0),
    ("repeat buyers", lambda c: (c.customers.frequency > 0).sum(), 946, 0),
    ("repeat purchases", lambda c: c.customers.frequency.sum(), 2457, 0),
    ("most repeat purchases", lambda c: c.customers.frequency.max(), 29, 0),
    ("holdout purchases", lambda c: c.holdout.purchases.sum(), 1882, 0),
    ("shortest observation", lambda c: c.customers.T.min(), 27.0, 1e-12),
    ("longest observation", lambda c: c.customers.T.max(), 272 / 7, 1e-12),
    ("mean spend", lambda c: c.customers.monetary_value[c.customers.frequency > 0].mean(), 35.077848, 1e-7),
    ("sd of spend", lambda c: c.customers.monetary_value[c.customers.frequency > 0].std(ddof=1), 30.283506, 1e-7),
    ("least spend", lambda c: c.customers.monetary_value[c.customers.frequency > 0].min(), 2.99, 1e-12),
    ("median spend", lambda c: np.median(c.customers.monetary_value[c.customers.frequency > 0]), 27.4975, 1e-9),
    ("most spend", lambda c: c.customers.monetary_value.max(), 299.633810, 1e-8),
]

FITS: list[Case] = [
    *theta(lambda c: c.fit, {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, 2.1e-3, "FHL 2005, three decimals"),
    *theta(
        lambda c: c.fit,
        {"r": 0.24259452243016, "alpha": 4.4136020190135, "a": 0.7929220172256, "b": 2.4259067768263},
        1e-8,
        "exact maximum",
    ),
    *errors(
        lambda c: c.fit,
        {"r": 0.012557378, "alpha": 0.37822406, "a": 0.18573382, "b": 0.70541426},
        1e-7,
        "exact standard error",
    ),
    *theta(
        lambda c: c.rounded.fit,
        {"r": 0.24259290720447, "alpha": 4.4135315612054, "a": 0.79288614809877, "b": 2.4257534364936},
        1e-8,
        "exact maximum, two decimals",
    ),
    *theta(
        lambda c: c.spend, {"p": 6.2495722713238, "q": 3.744224667132, "v": 15.443520962589}, 1e-8, "exact maximum of spend"
    ),
    *errors(
        lambda c: c.spend,
        {"p": 1.1900553359637, "q": 0.29013306527616, "v": 4.1594227519672},
        5e-8,
        "exact standard error of spend",
    ),
    *theta(
        lambda c: c.rounded.spend,
        {"p": 6.2488024897091, "q": 3.7445884532875, "v": 15.447748009464},
        1e-8,
        "exact maximum of spend, two decimals",
    ),
    ("log-likelihood", lambda c: c.fit.log_likelihood, -9582.4292066739, 1e-13),
    ("log-likelihood, two decimals", lambda c: c.rounded.fit.log_likelihood, -9582.4255605674, 1e-13),
    ("log-likelihood of spend", lambda c: c.spend.log_likelihood, -4055.9176948019, 1e-13),
    ("log-likelihood of spend, two decimals", lambda c: c.rounded.spend.log_likelihood, -4055.9232435029, 1e-13),
    ("FHL note 025 p", lambda c: float(c.spend.theta.p), 6.25, 1e-3),
    ("FHL note 025 q", lambda c: float(c.spend.theta.q), 3.74, 2e-3),
    ("FHL note 025 v", lambda c: float(c.spend.theta.v), 15.44, 1e-3),
]

ONE_CUSTOMER: list[Case] = [
    ("Hardie's sheet, E over 39", lambda _: expected(PAPER, 39, 2, 30.43), 1.2260281747671, 1e-12),
    ("E over 39 at the maximum", lambda _: expected(BEST, 39, 2, 213 / 7, 272 / 7), 1.225994455287, 1e-11),
    ("P(alive), three decimals", lambda _: alive(PAPER, 2, 30.43), 0.72657857008067, 1e-12),
    ("E(52) of customer 1516", lambda _: expected(BEST, 52, 26, 216 / 7, 31), 25.7573369703, 1e-11),
    ("BTYD: E(52) of customer 1516", lambda _: expected(BTYD, 52, 26, 216 / 7, 31), 25.75659, 1e-6),
    ("P(alive) of customer 1516", lambda _: alive(BEST, 26, 216 / 7, 31), 0.968854441398, 1e-11),
    ("BTYD: P(alive) of customer 1516", lambda _: alive(BTYD, 26, 216 / 7, 31), 0.9688523, 1e-6),
    ("E over 52, once", lambda _: expected(PAPER, 52, 0, 0), 0.2520730223, EXACT),
    ("E over 52, thrice", lambda _: expected(PAPER, 52, 2, 30.43), 1.558720806, EXACT),
    ("E over 52, eleven times", lambda _: expected(PAPER, 52, 10, 34.14), 7.449789635, EXACT),
    ("discounted for ever, once", lambda _: residual(PAPER, 0, 0), 1.015701931, EXACT),
    ("discounted for ever, thrice", lambda _: residual(PAPER, 2, 30.43), 5.156379826, EXACT),
    ("discounted for ever, eleven times", lambda _: residual(PAPER, 10, 34.14), 22.11905183, EXACT),
    ("T7: a = 1, x = 2", lambda _: expected(ONE, 39, 2, 30.43), 1.10213678604, 1e-11),
    ("T7: a = 1, x = 0", lambda _: expected(ONE, 39, 0, 0), 0.1910770125739, 1e-11),
    ("T8: a + b < 1, x = 0", lambda _: expected(BELOW_ONE, 39, 0, 0), 0.1833899579004, 1e-11),
    ("T9: x = 300", lambda _: expected(PAPER, 39, 300, 38), 98.841061234005, 1e-11),
    ("T9: x = 2000", lambda _: expected(PAPER, 39, 2000, 38), 1.2664255041e-11, 1e-9),
    ("T9: x = 1000, gone for sure", lambda _: expected(PAPER, 39, 1000, 10, 100), 0.0, 0),
    ("B8: x = 2000, gone for sure", lambda _: expected(PAPER, 39, 2000, 10, 38), 0.0, 0),
    ("T13: no purchase, x = 0", lambda _: pmf(NO_PURCHASE, 0, 39, (0, 0, 39)), 0.8554389646532, 1e-11),
    ("T13: no purchase, x = 1", lambda _: pmf(NO_PURCHASE, 0, 39, (1, 5, 39)), 0.83106139401517, 1e-11),
    ("T17: nobody leaves in no time", lambda _: alive(PAPER, 0, 0, 0), 1.0, 0),
    ("T17: nobody buys in no time", lambda _: expected(PAPER, 0, 0, 0, 0), 0.0, 0),
]

NEWCOMERS: list[Case] = [
    (f"E of a newcomer over {t:.4g}", lambda _, t=t: newcomer(BEST, t), value, tolerance)
    for t, value, tolerance in (
        (0.1429, 0.0078160004, 2e-8),
        (1, 0.053184292, 2e-8),
        (3, 0.15063084, 5e-8),
        (31.8571, 1.0404891, 5e-8),
        (32, 1.043732, 5e-7),
        (78, 1.8579584, 5e-8),
    )
]

COUNTS: list[Case] = [
    ("P(X(2) = 10)", lambda _: pmf(PAPER, 10, 2), 1.0786896403691e-7, 1e-11),
    ("P(X(39) = 0)", lambda _: pmf(PAPER, 0, 39), 0.57378635209601, 1e-12),
    ("T10: P(X(39) = 170)", lambda _: pmf(PAPER, 170, 39), 1.3120629707e-12, EXACT),
    ("B9: P(X(39) = 171)", lambda _: pmf(PAPER, 171, 39), 1.1677978276e-12, EXACT),
    *(
        (f"P(X(30) = {n})", lambda _, n=n: pmf(PAPER, n, 30), value, 1e-11)
        for n, value in enumerate(
            (
                0.0019995214474789,
                0.0015170236299647,
                0.0011633150066561,
                0.00090031478964364,
                0.0007023637658874,
                0.00055179024264923,
                0.0004361912808977,
                0.00034671713962422,
                0.00027696126484011,
                0.00022222604800664,
            ),
            start=11,
        )
    ),
]

LOG_LIKELIHOODS: list[Case] = [
    *(
        (f"log L at x = {x}, t_x = {t_x}", lambda _, h=(x, t_x): loglik(PAPER, *h), value, 1e-9)
        for x, t_x, value in (
            (2, 30.43, -9.458606307),
            (1, 1.71, -4.469093275),
            (0, 0, -0.5547132764),
            (7, 29.43, -21.86327627),
            (1, 5.00, -4.863923084),
            (2, 35.71, -9.535676628),
            (5, 24.43, -17.35810236),
            (10, 34.14, -27.31319962),
            (1, 4.86, -4.851124289),
        )
    ),
    ("note 027: x = 0", lambda _: loglik(NOTE_27, 0, 0, 40), -0.5994738182, 1e-9),
    ("note 027: x = 200", lambda _: loglik(NOTE_27, 200, 38, 40), 100.795693093, 1e-11),
]

BINS: list[Case] = [
    *(
        (f"BTYD: mean of E(39) at frequency {k}", lambda c, k=k: c.conditional(BTYD, k), value, 1e-6)
        for k, value in enumerate((0.2250893, 0.5231364, 1.044126, 1.520256, 2.163824, 2.653789, 3.503957, 6.157036))
    ),
    *(
        (f"mean holdout at frequency {k}", lambda c, k=k: c.bin(c.holdout.purchases, k), value, 5e-7)
        for k, value in enumerate((0.2367116, 0.6970387, 1.392523, 1.56, 2.532258, 2.947368, 3.862069, 6.359375))
    ),
    *(
        (
            f"customers at frequency {k}",
            lambda c, k=k: 2357 * np.mean(np.minimum(c.customers.frequency, 7) == k),
            value,
            1e-12,
        )
        for k, value in enumerate((1411, 439, 214, 100, 62, 38, 29, 64))
    ),
]

TRACKING: list[Case] = [
    *(
        (f"BTYD: purchases in week {week}", lambda c, w=week: c.incremental(BTYD, w), value, 1e-6)
        for week, value in enumerate((76.86531, 74.88843, 73.04554, 71.32166, 69.70412, 68.18213), start=20)
    ),
    *(
        (f"BTYD: purchases up to week {week}", lambda c, w=week: c.cumulative(BTYD, 7 * w), value, 1e-6)
        for week, value in enumerate((1312.458, 1387.346, 1460.392, 1531.713, 1601.418, 1669.6), start=20)
    ),
    *(
        (f"lifetimes: purchases up to the {day}th of January", lambda c, d=day: c.cumulative(BTYD, d), value, 0.005 / value)
        for day, value in ((11, 10.67), (12, 12.67), (13, 14.87), (14, 17.24))
    ),
]

MONEY: list[Case] = [
    ("population mean at the csv maximum", lambda _: spends(CSV_SPEND, 0, 0), 35.17100208824124, 1e-13),
    ("rounded parameters, x = 2", lambda _: spends(SPEND, 2, 22.35), 24.663713910761, 1e-12),
    ("rounded parameters, x = 1", lambda _: spends(SPEND, 1, 11.77), 18.916852057842, 1e-12),
    ("rounded parameters, x = 7", lambda _: spends(SPEND, 7, 73.74), 71.469670896967, 1e-12),
    *(
        (f"lifetimes: spend of customer {i + 1}", lambda c, i=i: ten(c)[i], value, 5e-7)
        for i, value in enumerate(
            (24.658616, 18.911480, 35.171003, 35.171003, 35.171003, 71.462851, 18.911480, 35.171003, 27.282408, 35.171003)
        )
    ),
]


def ten(c: Cdnow) -> Any:
    return CSV_SPEND.expected_spend(c.rounded.customers.repeat_buyers()).mean[:10]


def lifetimes_clv(c: Cdnow, rate: float) -> Any:
    """Twelve months of 4.345 weeks, each month's purchases discounted at its end, at the csv maxima."""
    customers = c.rounded.customers
    ends = [c.rounded.fit.expected_purchases(4.345 * month, customers).mean for month in range(13)]
    bought = np.diff(ends, axis=0)
    discount = (1 + rate) ** -np.arange(1.0, 13.0)
    return discount @ bought * CSV_SPEND.expected_spend(customers.repeat_buyers()).mean


IDENTITIES: list[Case] = [
    *(
        (f"lifetimes: undiscounted CLV of customer {i + 1}", lambda c, i=i: lifetimes_clv(c, 0)[i], value, 2e-5)
        for i, value in enumerate((38.51717802455758, 4.926341926988381, 8.872284170140306))
    ),
    *(
        (f"lifetimes: CLV of customer {i + 1} at 1 % a month", lambda c, i=i: lifetimes_clv(c, 0.01)[i], value, 2e-5)
        for i, value in enumerate((36.278496, 4.637466, 8.344093, 8.344093))
    ),
    ("lifetimes: CLV of everybody", lambda c: lifetimes_clv(c, 0.01).sum(), 71509.90, 2e-5),
]

TABLE = [
    *DATA,
    *FITS,
    *ONE_CUSTOMER,
    *NEWCOMERS,
    *COUNTS,
    *LOG_LIKELIHOODS,
    *BINS,
    *TRACKING,
    *MONEY,
    *IDENTITIES,
]


@pytest.mark.parametrize(("question", "value", "tolerance"), [case[1:] for case in TABLE], ids=[case[0] for case in TABLE])
def test_published(question: Question, value: float, tolerance: float, sample: Cdnow) -> None:
    assert question(sample) == pytest.approx(value, rel=tolerance, abs=0.0)
