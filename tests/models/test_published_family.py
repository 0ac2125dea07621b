"""Published numbers of Pareto/NBD and its relatives, digit for digit: one table, a line a case.

Printed digits carry the tolerance of their source; what is called exact was computed afresh in 25 digits or more, and holds
to 1e-9 or to the last digit shown. BG/NBD and Gamma-Gamma have theirs in `test_published`, sBG in `test_contracts`.
"""

from __future__ import annotations

from collections.abc import Callable
from math import expm1, inf, log
from typing import Any

import numpy as np
import pytest

import clvmodels as clv

Case = tuple[str, Callable[["Fits"], float], float, float]

PARETO = clv.ParetoNBD().at(r=0.5534, alpha=10.5802, s=0.6061, beta=11.6562)
PARETO_BEST = clv.ParetoNBD().at(r=0.55327704685318, alpha=10.577683463302, s=0.60623998912779, beta=11.668735288854)
PARETO_ONE = clv.ParetoNBD().at(r=0.5534, alpha=10.5802, s=1.0, beta=11.6562)
DERT = clv.ParetoNBD().at(r=0.5629966, alpha=12.559037, s=0.4081095, beta=10.5148048)
BUSY = clv.ParetoNBD().at(r=0.5143, alpha=2.8845, s=0.2856, beta=14.1087)
TIGHT = clv.ParetoNBD().at(r=10.465, alpha=0.00798565181, s=3.0516, beta=2.820)
SHORT = clv.ParetoNBD().at(r=0.55, alpha=10.58, s=0.61, beta=11.67)
MBG = clv.MBGNBD().at(r=0.525, alpha=6.183, a=0.891, b=1.614)
MBG_27 = clv.MBGNBD().at(r=0.25, alpha=4.0, a=0.80, b=2.50)
MBG_K = clv.MBGCNBD(1).at(r=0.525, alpha=6.183, a=0.891, b=1.614)
BG_K = clv.BGCNBD(1).at(r=0.243, alpha=4.414, a=0.793, b=2.426)
BGBB = clv.BGBB().at(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year")
BGBB_BTYD = clv.BGBB().at(alpha=1.203522, beta=0.749716, gamma=0.656718, delta=2.783442, unit="year")
BGBB_SHORT = clv.BGBB().at(alpha=1.20, beta=0.75, gamma=0.66, delta=2.78, unit="year")
BGBB_OTHER = clv.BGBB().at(alpha=2.0, beta=1.75, gamma=1.657, delta=5.783, unit="year")


class Fits:
    """The CDNOW sample, the donors, and the maxima of their likelihoods, found when they are first asked for."""

    def __init__(self, customers: clv.Customers) -> None:
        self.customers = customers
        cells = clv.datasets.donations()
        rows = np.repeat(np.arange(len(cells)), cells["customers"])
        columns = [cells[name].to_numpy()[rows] for name in ("frequency", "recency", "T")]
        self.cells, self.donors = cells, clv.Customers.from_arrays(*columns, unit="year")
        self.found: dict[str, clv.Fit] = {}

    def best(self, model: Any) -> clv.Fit:
        seen = self.donors if model.discrete else self.customers
        if repr(model) not in self.found:
            self.found[repr(model)] = clv.fit(model, seen, clv.MLE())
        return self.found[repr(model)]


@pytest.fixture(scope="module")
def fits(cdnow: clv.Customers) -> Fits:
    return Fits(cdnow)


def one(fit: clv.Fit, *history: float) -> clv.Customers:
    return clv.Customers.from_arrays(*[[h] for h in history], unit=fit.unit)


def alive(fit: clv.Fit, *history: float, ahead: float = 0.0) -> float:
    return float(fit.probability_alive(one(fit, *history), ahead=ahead).mean[0])


def expected(fit: clv.Fit, horizon: float, *history: float) -> float:
    return float(fit.expected_purchases(horizon, one(fit, *history)).mean[0])


def new(fit: clv.Fit, horizon: float) -> float:
    return float(fit.expected_purchases_new(horizon).mean[0])


def pmf(fit: clv.Fit, k: int, horizon: float, *history: float) -> float:
    return float(fit.purchase_count_pmf(k, horizon, one(fit, *history)).mean[0])


def loglik(fit: clv.Fit, *history: float) -> float:
    return float(fit.pointwise(one(fit, *history))[0])


def residual(fit: clv.Fit, force: float, *history: float) -> float:
    rate = clv.yearly(expm1(force * (365.25 / 7.0 if fit.unit == "week" else 1.0)))
    return float(fit.discounted_purchases(inf, rate, one(fit, *history)).mean[0])


def maxima(
    label: str, model: Any, names: str, values: tuple[float, ...], tolerance: float, *, what: str = "mean"
) -> list[Case]:
    """A case for each parameter at the maximum, or its standard error."""
    return [
        (f"{label}: {what} of {name}", lambda f, n=name: f.best(model).parameters()[what][n], value, tolerance)
        for name, value in zip(names.split(), values, strict=True)
    ]


FIRST, NOBODY = (2, 30.43, 38.86), (0, 0, 38.86)

MAXIMA: list[Case] = [
    *maxima(
        *("Pareto/NBD", clv.ParetoNBD(), "r alpha s beta"),
        *((0.55327704685318, 10.577683463302, 0.60623998912779, 11.668735288854), 1e-8),
    ),
    *maxima(
        *("Pareto/NBD", clv.ParetoNBD(), "r alpha s beta"),
        *((0.047627926, 0.842722534, 0.187281342, 6.21111359), 1e-7),
        what="sd",
    ),
    ("Pareto/NBD: log-likelihood", lambda f: f.best(clv.ParetoNBD()).log_likelihood, -9594.9761789395, 1e-13),
    *maxima(
        *("MBG/NBD", clv.MBGNBD(), "r alpha a b"),
        *((0.5248431591063, 6.183085279576, 0.89135939073222, 1.6140022401703), 1e-8),
    ),
    *maxima("MBG/NBD", clv.MBGNBD(), "r alpha a b", (0.083268208, 0.69562065, 0.15478993, 0.5374948), 2e-6, what="sd"),
    ("MBG/NBD: log-likelihood", lambda f: f.best(clv.MBGNBD()).log_likelihood, -9582.1357155537, 1e-13),
    ("MBG/CNBD-1: the same", lambda f: f.best(clv.MBGCNBD(1)).log_likelihood, -9582.1357155537, 1e-13),
    ("BG/CNBD-1: BG/NBD's", lambda f: f.best(clv.BGCNBD(1)).log_likelihood, -9582.4292066739, 1e-13),
    ("GG/NBD: on CDNOW it is Pareto/NBD", lambda f: f.best(clv.GGNBD()).log_likelihood, -9594.9762, 1e-8),
    ("GG/NBD: r", lambda f: f.best(clv.GGNBD()).theta.r, 0.55313, 5e-4),
    ("GG/NBD: alpha", lambda f: f.best(clv.GGNBD()).theta.alpha, 10.5758, 5e-4),
    *maxima(
        *("BG/BB", clv.BGBB(), "alpha beta gamma delta"),
        *((1.2035223516019, 0.74971635817294, 0.65671820844183, 2.7834422325774), 1e-8),
    ),
    *maxima(
        *("BG/BB", clv.BGBB(), "alpha beta gamma delta"),
        *((0.069391363, 0.029447717, 0.051009859, 0.32081901), 2e-6),
        what="sd",
    ),
    ("BG/BB: log-likelihood", lambda f: f.best(clv.BGBB()).log_likelihood, -33225.581274347, 1e-13),
]

ONE_CUSTOMER: list[Case] = [
    ("Pareto/NBD: P(alive)", lambda _: alive(PARETO, *FIRST), 0.86911064396814, 1e-12),
    *(
        (f"Pareto/NBD: E over {t}", lambda _, t=t: expected(PARETO, t, *FIRST), value, 1e-11)
        for t, value in ((12, 0.504138557056), (39, 1.4550928438443), (52, 1.85076079043), (104, 3.18507436312))
    ),
    *(
        (f"Pareto/NBD: P({n} purchases)", lambda _, n=n: pmf(PARETO, n, 39, *FIRST), value, 1e-11)
        for n, value in (
            (0, 0.408095282359),
            (1, 0.219265213376),
            (2, 0.151746052076),
            (5, 0.0319828498734),
            (20, 9.21976034554e-7),
            (60, 2.8056352146336e-20),
        )
    ),
    *(
        (f"Pareto/NBD: log-likelihood of {h}", lambda _, h=h: loglik(PARETO, *h, 38.86), value, 5e-9)
        for h, value in (
            ((2, 30.43), -9.554510695),
            ((1, 1.71), -4.449467061),
            ((0, 0), -0.521129196),
            ((7, 29.43), -21.59454465),
            ((10, 34.14), -27.05618856),
        )
    ),
    *(
        (f"Pareto/NBD: E of a newcomer over {t}", lambda _, t=t: new(PARETO_BEST, t), value, 1e-7)
        for t, value in enumerate(
            (
                *(0.051006376, 0.099626253, 0.14613444, 0.19075782, 0.23368618, 0.27508011, 0.31507688, 0.3537949),
                0.39133708,
            ),
            1,
        )
    ),
    ("Pareto/NBD: DERT of BTYD", lambda _: residual(DERT, 0.0027, 7, 35, 77.86), 1.8641833280713, 1e-11),
    ("Pareto/NBD: DERT, .0027 a week", lambda _: residual(PARETO, 0.0027, *FIRST), 6.48256236494, 1e-11),
    ("Pareto/NBD: DERT, 10 % a year", lambda _: residual(PARETO, log(1.1) / (365.25 / 7), *FIRST), 8.17290484322, 2e-6),
    ("Pareto/NBD: DERT, 10 % a week", lambda _: residual(PARETO, log(1.1), *FIRST), 0.425034002, 1e-8),
    ("MBG/NBD: E, x = 0", lambda _: expected(MBG, 39, *NOBODY), 0.1540127466751, 1e-12),
    ("MBG/NBD: P(alive), x = 0", lambda _: alive(MBG, *NOBODY), 0.3897350809188, 1e-12),
    ("MBG/NBD: E, x = 2", lambda _: expected(MBG, 39, *FIRST), 1.262960623267, 1e-12),
    ("MBG/NBD: P(alive), x = 2", lambda _: alive(MBG, *FIRST), 0.7062022651185, 1e-12),
    ("MBG/NBD: note 027, x = 0", lambda _: loglik(MBG_27, 0, 0, 40), -0.417928262045, 1e-11),
    ("MBG/NBD: note 027, x = 200", lambda _: loglik(MBG_27, 200, 38, 40), 100.786909761, 1e-11),
    ("MBG/CNBD-1: E, x = 0", lambda _: expected(MBG_K, 39, *NOBODY), 0.1540127466751, 1e-12),
    ("MBG/CNBD-1: E, x = 2", lambda _: expected(MBG_K, 39, *FIRST), 1.262960623267, 1e-12),
    ("BG/CNBD-1: E, x = 2", lambda _: expected(BG_K, 39, *FIRST), 1.2260281747671, 1e-12),
    ("BG/CNBD-1: P(alive), x = 2", lambda _: alive(BG_K, *FIRST), 0.72657857008067, 1e-12),
]

BUSY_ONES = (
    ((221, 103.42857, 103.57143), 0.99959605231794),
    ((254, 97.14286, 97.28571), 0.99955822612301),
    ((161, 94.71429, 98.0), 0.74948775225811),
    ((204, 98.57143, 99.42857), 0.9942550796379),
)
HARD: list[Case] = [
    *((f"T1: P(alive) of {h}", lambda _, h=h: alive(BUSY, *h), value, 1e-11) for h, value in BUSY_ONES),
    ("T3: P(alive), x = 400", lambda _: alive(TIGHT, 400, 5, 6), 5.1374581133e-31, 1e-9),
    ("T3: P(alive), x = 500, long ago", lambda _: alive(TIGHT, 500, 1, 37), 0.0, 1e-300),
    ("T3: P(alive), x = 500", lambda _: alive(TIGHT, 500, 4, 37), 0.0, 1e-300),
    ("T4: log-likelihood, x = 200", lambda _: loglik(SHORT, 200, 38, 40), 76.2782072775, 1e-11),
    ("T4: log-likelihood, x = 1,000", lambda _: loglik(SHORT, 1000, 10, 100), 2876.02158604, 1e-11),
    ("T6: s = 1, x = 2", lambda _: expected(PARETO_ONE, 39, *FIRST), 1.186031571458, 1e-12),
    ("T6: s = 1, x = 0", lambda _: expected(PARETO_ONE, 39, *NOBODY), 0.04778889269145, 1e-12),
]

ROWS = [(x, t) for t in range(6, 0, -1) for x in range(t, 0, -1)] + [(0, 0)]
PRINTED = """
-2.18167018824 -4.29485034929 -5.38473334360 -5.80915881601 -5.65172964525 -4.88370164695 -3.71682127437 -5.09558227343
-5.61576884108 -5.50636893346 -4.76723821904 -3.84829625138 -5.05936147828 -5.19562191019 -4.57070931973 -3.52745257839
-4.51620272962 -4.22465969453 -3.01199924784 -3.58817880928 -2.28882847451 -1.16751622367
"""
DONORS: list[Case] = [
    *(
        case
        for (x, t_x), (ahead, now, five, ten) in (
            ((0, 0), (0.10801658416867, 0.11609661329298, 0.072802877475, 0.13010379141)),
            ((2, 4), (0.5895141164337, 0.6336118933319, 1.0573489419097, 1.8895558933913)),
            ((6, 6), (0.93040254237288, 1.0, 3.7521156075998, 6.7052908250145)),
            ((4, 5), (0.6967010676851, 0.7488168141805, 2.0296230314778, 3.62707712514)),
        )
        for case in (
            (f"BG/BB {x, t_x}: alive at 7", lambda _, h=(x, t_x, 6): alive(BGBB, *h, ahead=1), ahead, 1e-11),
            (f"BG/BB {x, t_x}: alive now", lambda _, h=(x, t_x, 6): alive(BGBB, *h), now, 1e-11),
            (f"BG/BB {x, t_x}: E over 5", lambda _, h=(x, t_x, 6): expected(BGBB, 5, *h), five, 1e-10),
            (f"BG/BB {x, t_x}: E over 10", lambda _, h=(x, t_x, 6): expected(BGBB, 10, *h), ten, 1e-10),
        )
    ),
    *(
        (f"BG/BB: log-likelihood of {h}", lambda _, h=h: loglik(BGBB_BTYD, *h, 6), float(value), 1e-3)
        for h, value in zip(ROWS, PRINTED.split(), strict=True)
    ),
    *(
        (f"BG/BB: log-likelihood of {h}, exact", lambda _, h=h: loglik(BGBB, *h, 6), value, 1e-10)
        for h, value in (
            ((6, 6), -2.1822484476),
            ((2, 4), -5.1956976010),
            ((4, 5), -5.0956756389),
            ((0, 0), -1.1672624727),
        )
    ),
    *(
        (f"BG/BB: E of a newcomer over {n}", lambda _, n=n: new(BGBB_BTYD, n), value, 2e-4)
        for n, value in enumerate(
            (0.4985, 0.9233, 1.2969, 1.6323, 1.9381, 2.2202, 2.4826, 2.7285, 2.9603, 3.1798, 3.3887), 1
        )
    ),
    ("BG/BB: DERT", lambda _: residual(BGBB_SHORT, log(1.1), 3, 4, 6), 1.6213791858426, 1e-11),
    ("BG/BB: mean of six years", lambda _: new(BGBB_SHORT, 6), 2.2113893018138, 1e-12),
    ("BG/BB: nothing in six years", lambda _: pmf(BGBB_SHORT, 0, 6, 0, 0, 0), 0.31268346144171, 1e-12),
    ("BG/BB: a second draw (2, 4)", lambda _: expected(BGBB_OTHER, 5, 2, 4, 6), 0.71495620975, 1e-10),
    ("BG/BB: a second draw (4, 5)", lambda _: expected(BGBB_OTHER, 5, 4, 5, 6), 1.4599601384, 1e-10),
    ("BG/BB: all over five years", lambda f: f.best(clv.BGBB()).expected_purchases(5).mean.sum(), 12884.2, 1e-5),
    ("BG/BB: donors of nothing", lambda f: 11104 * pmf(f.best(clv.BGBB()), 0, 6, 0, 0, 0), 3454.9, 3e-5),
    ("BG/BB: donors of six", lambda f: 11104 * pmf(f.best(clv.BGBB()), 6, 6, 0, 0, 0), 1253.1, 5e-5),
]


def by_frequency(f: Fits, x: int) -> float:
    """The mean expectation of the donors with x gifts."""
    means = f.best(clv.BGBB()).expected_purchases(5).mean
    return float(means[f.donors.frequency == x].mean())


def yearly_gifts(f: Fits, year: int) -> float:
    """What all donors are expected to give in a year after the first."""
    fit = f.best(clv.BGBB())
    return 11104 * (new(fit, year) - new(fit, year - 1))


TRACKING: list[Case] = [
    *(
        (f"BG/BB: E of donors of {x}", lambda f, x=x: by_frequency(f, x), value, 3e-5)
        for x, value in enumerate((0.07286318, 0.3248841, 0.7089417, 1.333666, 2.031203, 2.784482, 3.752500))
    ),
    *(
        (f"BG/BB: gifts in year {n}", lambda f, n=n: yearly_gifts(f, n), value, 4e-5)
        for n, value in enumerate(
            (
                *(5535.833, 4717.059, 4147.621, 3724.665, 3395.888, 3131.647),
                *(2913.778, 2730.482, 2573.731, 2437.854, 2318.727),
            ),
            1,
        )
    ),
]

BINS: list[Case] = [
    (f"Pareto/NBD: E of customers with {x}", lambda f, x=x: cdnow_bin(f, x), value, 1e-3 / value)
    for x, value in enumerate((0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403))
]


def cdnow_bin(f: Fits, x: int) -> float:
    """The mean expectation over 39 weeks of the customers with x repeat purchases (7 or more)."""
    fit = clv.ParetoNBD().at(r=0.553, alpha=10.578, s=0.606, beta=11.669)
    return float(fit.expected_purchases(39, f.customers).mean[np.minimum(f.customers.frequency, 7) == x].mean())


TABLE = [*MAXIMA, *ONE_CUSTOMER, *HARD, *DONORS, *TRACKING, *BINS]


@pytest.mark.parametrize(("question", "value", "tolerance"), [case[1:] for case in TABLE], ids=[case[0] for case in TABLE])
def test_published(question: Callable[[Fits], float], value: float, tolerance: float, fits: Fits) -> None:
    found = float(question(fits))
    assert found == pytest.approx(value, rel=tolerance, abs=tolerance if value == 0.0 else 0.0)


def test_tracking_of_pareto(fits: Fits) -> None:
    """Cumulative purchases of weeks 20 to 25, the 1st of January being day 0, from three-digit parameters."""
    watched, number = np.unique(np.round(7 * fits.customers.T), return_counts=True)

    def cumulative(week: int) -> float:
        ages = 7 * week - 272 + watched
        return sum(n * new(PARETO_BEST, age / 7) for age, n in zip(ages, number, strict=True) if age > 0)

    found = [cumulative(week) for week in range(20, 26)]
    assert found == pytest.approx([1308.856, 1385.275, 1459.923, 1532.906, 1604.32, 1674.253], rel=5e-4)
