"""The oracles against printed numbers, a line a case, and against one another.

A number without a tolerance is exact, or rounded from exact parameters: it holds to half a unit of the last digit shown.
Others have the tolerance of their source: of its digits, or of the parameters that it doesn't print.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import pairwise
from math import inf, log, nan
from typing import TYPE_CHECKING, Any

import mpmath as mp
import numpy as np
import oracles as o
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import clvmodels as clv

    Oracle = Callable[..., mp.mpf]
    Case = tuple[str, Oracle, tuple[Any, ...], str, float]

Point = tuple[float, ...]

FIRST = (2, 30.43, 38.86)
"""The first customer of the CDNOW sample: her x, t_x and T are in every example."""
NONE = (0, 0, 38.86)
NEW = (0, 0, 0)

PARETO = (0.5534, 10.5802, 0.6061, 11.6562)
PARETO_BEST = (0.55327704685318, 10.577683463302, 0.60623998912779, 11.668735288854)
PARETO_BEST_ROUNDED = (0.55327550868952, 10.577612238682, 0.60621356867404, 11.667911237919)
PARETO_ONE = (0.5534, 10.5802, 1.0, 11.6562)
DERT = (0.5629966, 12.559037, 0.4081095, 10.5148048)
BUSY = (0.5143, 2.8845, 0.2856, 14.1087)
TIGHT = (10.465, 0.00798565181, 3.0516, 2.820)
SHORT = (0.55, 10.58, 0.61, 11.67)
MBG = (0.525, 6.183, 0.891, 1.614)
MBG_BEST = (0.5248431591063, 6.183085279576, 0.89135939073222, 1.6140022401703)
NOTE_27 = (0.25, 4.0, 0.80, 2.50)
BG = (0.243, 4.414, 0.793, 2.426)
BG_BEST = (0.24259452243016, 4.4136020190135, 0.7929220172256, 2.4259067768263)
BG_ONE = (0.243, 4.414, 1.0, 2.426)
BG_BELOW_ONE = (0.243, 4.414, 0.3, 0.4)
NO_PURCHASE = (0.243722, 4.443668, 0.70565, 2.091832)
BGBB = (1.204, 0.750, 0.657, 2.783)
BGBB_BEST = (1.2035223516019, 0.74971635817294, 0.65671820844183, 2.7834422325774)
BGBB_OTHER = (2.0, 1.75, 1.657, 5.783)
BGBB_SHORT = (1.20, 0.75, 0.66, 2.78)
REGULAR, HIGH_END = (0.704, 1.182), (0.668, 3.806)
SBG = (3.80, 15.20)

A_YEAR = log(1.1) / (365.25 / 7)
"""10 % a year, as a force a week."""
NEWCOMERS = [(NEW, n) for n in range(1, 12)]
DONATED = {
    (6, 6): 1203, (5, 6): 728, (4, 6): 512, (3, 6): 357, (2, 6): 234, (1, 6): 129, (5, 5): 335, (4, 5): 284, (3, 5): 225,
    (2, 5): 173, (1, 5): 119, (4, 4): 240, (3, 4): 181, (2, 4): 155, (1, 4): 78, (3, 3): 322, (2, 3): 255, (1, 3): 129,
    (2, 2): 613, (1, 2): 277, (1, 1): 1091, (0, 0): 3464,
}  # fmt: skip
"""Fader, Hardie & Shang (2010): how many of 11,104 people gave x times in six years, for the last time in year t_x."""
DONORS = {(x, t_x, 6): number for (x, t_x), number in DONATED.items()}


def case(name: str, oracle: Oracle, args: tuple[Any, ...], value: str, tolerance: float = 0.0) -> Case:
    return f"{oracle.__name__} {name}", oracle, args, value, tolerance


def cases(oracle: Oracle, theta: Point, asked: list[Any], values: str, tolerance: float = 0.0) -> list[Case]:
    """One oracle, asked many times; the answers stand apart by blanks."""
    return [
        case(str(args), oracle, (theta, *args), value, tolerance) for args, value in zip(asked, values.split(), strict=True)
    ]


def donors(oracle: Oracle, theta: Point, *asked: Any) -> mp.mpf:
    """A sum over all people of the donations table."""
    return mp.fsum(number * oracle(theta, history, *asked) for history, number in DONORS.items())


def mean_donor(theta: Point, m: int, x: int) -> mp.mpf:
    """The mean of what is expected over m years of those who gave x times."""
    chosen = {history: number for history, number in DONORS.items() if history[0] == x}
    return mp.fsum(n * o.bgbb_purchases(theta, history, m) for history, n in chosen.items()) / sum(chosen.values())


def yearly_donations(theta: Point, year: int) -> mp.mpf:
    return 11_104 * (o.bgbb_purchases(theta, NEW, year) - o.bgbb_purchases(theta, NEW, year - 1))


def people(theta: Point, x: int) -> mp.mpf:
    return 11_104 * o.bgbb_count(theta, NEW, x, 6)


def two_ways(theta: Point, history: Point, d: float) -> mp.mpf:
    """The ratio of a discounted sum to its closed form."""
    return o.bgbb_discounted_sum(theta, history, d) / o.bgbb_discounted(theta, history, d)


PARETO_NBD = [
    case("first", o.pareto_alive, (PARETO, FIRST), ".86911064396814"),
    case("first", o.pareto_purchases, (PARETO, FIRST, 39), "1.4550928438443"),
    *cases(
        o.pareto_purchases, PARETO, [(FIRST, 12), (FIRST, 52), (FIRST, 104)], ".504138557056 1.85076079043 3.18507436312"
    ),
    *cases(
        o.pareto_count,
        PARETO,
        [(FIRST, 0, 39), (FIRST, 1, 39), (FIRST, 2, 39), (FIRST, 5, 39), (FIRST, 20, 39)],
        ".408095282359 .219265213376 .151746052076 .0319828498734 9.21976034554e-7",
    ),
    # 2.80563513637e-20 and 1.0317e-18 are printed too: differences of 2F1 that have lost their digits
    case("first", o.pareto_count, (PARETO, FIRST, 60, 39), "2.8056352146336e-20"),
    *cases(
        o.pareto_loglik,
        PARETO,
        [(FIRST,), ((1, 1.71, 38.86),), (NONE,), ((7, 29.43, 38.86),), ((10, 34.14, 38.86),)],
        "-9.554510695 -4.449467061 -.521129196 -21.59454465 -27.05618856",
    ),
    *cases(
        o.pareto_purchases,
        PARETO_BEST,
        NEWCOMERS[:9],
        ".051006376 .099626253 .14613444 .19075782 .23368618 .27508011 .31507688 .3537949 .39133708",
    ),
    case("not monotone in x", o.pareto_discounted, (DERT, (7, 35, 77.86), inf, 0.0027), "1.8641833280713"),
    case("10 % a week", o.pareto_discounted, (PARETO, FIRST, inf, log(1.1)), "0.425034002"),
    case("10 % a year", o.pareto_discounted, (PARETO, FIRST, inf, A_YEAR), "8.17290484322"),
    case("0.0027 a week", o.pareto_discounted, (PARETO, FIRST, inf, 0.0027), "6.48256236494"),
    case("0.0027 a week, as an integral", o.pareto_discounted, (PARETO, FIRST, 1e6, 0.0027), "6.48256236494"),
    *cases(
        o.pareto_alive,
        BUSY,
        [
            ((221, 103.42857, 103.57143),),
            ((254, 97.14286, 97.28571),),
            ((161, 94.71429, 98.0),),
            ((204, 98.57143, 99.42857),),
        ],
        ".99959605231794 .99955822612301 .74948775225811 .9942550796379",
    ),
    *cases(
        o.pareto_alive,
        TIGHT,
        [((400, 5, 6),), ((500, 1, 37),), ((500, 4, 37),)],
        "5.1374581133e-31 7.922e-800 2.137e-493",
    ),
    *cases(o.pareto_loglik, SHORT, [((200, 38, 40),), ((1000, 10, 100),)], "76.2782072775 2876.02158604"),
    *cases(o.pareto_purchases, PARETO_ONE, [(FIRST, 39), (NONE, 39)], "1.186031571458 .04778889269145"),
]

BG_NBD = [
    *cases(o.bgnbd_purchases, BG_ONE, [(FIRST, 39), (NONE, 39)], "1.10213678604 .1910770125739"),
    case("a + b < 1", o.bgnbd_purchases, (BG_BELOW_ONE, NONE, 39), ".1833899579004"),
    *cases(
        o.bgnbd_purchases,
        BG,
        [((300, 38, 38.86), 39), ((2000, 38, 38.86), 39), ((1000, 10, 100), 39)],
        "98.841061234005 1.2664255041e-11 2.7e-855",
    ),
    *cases(o.bgnbd_count, BG, [(NEW, 170, 39), (NEW, 171, 39)], "1.3120629707e-12 1.1677978276e-12", 1e-10),
    *cases(o.bgnbd_count, NO_PURCHASE, [((0, 0, 39), 0, 39), ((1, 5, 39), 0, 39)], ".8554389646532 .83106139401517"),
]

MBG_NBD = [
    *cases(o.mbgnbd_purchases, MBG, [(NONE, 39), (FIRST, 39)], ".1540127466751 1.262960623267"),
    *cases(o.mbgnbd_alive, MBG, [(NONE,), (FIRST,)], ".3897350809188 .7062022651185"),
    *cases(o.mbgnbd_loglik, NOTE_27, [((0, 0, 40),), ((200, 38, 40),)], "-.417928262045 100.786909761"),
    *cases(o.bgnbd_loglik, NOTE_27, [((0, 0, 40),), ((200, 38, 40),)], "-.5994738182 100.795693093"),
]

BG_BB = [
    *cases(
        o.bgbb_alive_next,
        BGBB,
        [((0, 0, 6),), ((2, 4, 6),), ((6, 6, 6),), ((4, 5, 6),)],
        ".10801658416867 .5895141164337 .93040254237288 .6967010676851",
    ),
    *cases(
        o.bgbb_alive,
        BGBB,
        [((0, 0, 6),), ((2, 4, 6),), ((6, 6, 6),), ((4, 5, 6),)],
        ".11609661329298 .6336118933319 1 .7488168141805",
    ),
    *cases(
        o.bgbb_purchases,
        BGBB,
        [((0, 0, 6), 5), ((2, 4, 6), 5), ((6, 6, 6), 5), ((4, 5, 6), 5)],
        ".072802877475 1.0573489419097 3.7521156075998 2.0296230314778",
    ),
    *cases(
        o.bgbb_purchases,
        BGBB,
        [((0, 0, 6), 10), ((2, 4, 6), 10), ((6, 6, 6), 10), ((4, 5, 6), 10)],
        ".13010379141 1.8895558933913 6.7052908250145 3.62707712514",
    ),
    *cases(
        o.bgbb_loglik,
        BGBB,
        [((6, 6, 6),), ((2, 4, 6),), ((4, 5, 6),), ((0, 0, 6),)],
        "-2.1822484476 -5.1956976010 -5.0956756389 -1.1672624727",
    ),
    *cases(o.bgbb_purchases, BGBB_OTHER, [((2, 4, 6), 5), ((4, 5, 6), 5)], ".71495620975 1.4599601384"),
    case("six years", o.bgbb_purchases, (BGBB_SHORT, NEW, 6), "2.2113893018138"),
    case("six years", o.bgbb_count, (BGBB_SHORT, NEW, 0, 6), ".31268346144171"),
    case("two digits", o.bgbb_discounted, (BGBB_SHORT, (3, 4, 6), 0.1), "1.6213791858426"),
    case("two digits", two_ways, (BGBB_SHORT, (3, 4, 6), 0.1), "1.000000000000000"),
    case("log-likelihood", donors, (o.bgbb_loglik, BGBB_BEST), "-33225.581274347"),
    case("five years", donors, (o.bgbb_purchases, BGBB_BEST, 5), "12884.2"),
    *cases(people, BGBB_BEST, [(0,), (6,)], "3454.9 1253.1"),
    *cases(
        o.bgbb_purchases,
        BGBB_BEST,
        NEWCOMERS,
        ".4985 .9233 1.2969 1.6323 1.9381 2.2202 2.4826 2.7285 2.9603 3.1798 3.3887",
        1e-4,
    ),
    # by parameters of which we are told four digits
    *cases(o.bgbb_purchases, BGBB_BEST, [((0, 0, 6), 10), ((4, 5, 6), 10)], ".1302169 3.627858", 4e-5),
    case("ten years", o.bgbb_purchases, (BGBB_BEST, NEW, 10), "3.179805", 1e-5),
    *cases(
        mean_donor,
        BGBB_BEST,
        [(5, x) for x in range(7)],
        ".07286318 .3248841 .7089417 1.333666 2.031203 2.784482 3.752500",
        3e-5,
    ),
    *cases(
        yearly_donations,
        BGBB_BEST,
        [(year,) for year in range(1, 12)],
        "5535.833 4717.059 4147.621 3724.665 3395.888 3131.647 2913.778 2730.482 2573.731 2437.854 2318.727",
        4e-5,
    ),
    *cases(
        o.bgbb_loglik,
        BGBB_BEST,
        [(history,) for history in DONORS],
        """-2.18167018824 -4.29485034929 -5.38473334360 -5.80915881601 -5.65172964525 -4.88370164695
        -3.71682127437 -5.09558227343 -5.61576884108 -5.50636893346 -4.76723821904
        -3.84829625138 -5.05936147828 -5.19562191019 -4.57070931973
        -3.52745257839 -4.51620272962 -4.22465969453 -3.01199924784 -3.58817880928 -2.28882847451 -1.16751622367""",
        2e-6,
    ),
]

RENEWALS = [
    *cases(o.sbg_derl, SBG, [(0.1, n) for n in range(1, 6)], "3.3098184 3.4510003 3.5865437 3.7168115 3.842134"),
    *cases(o.sbg_derl_sum, SBG, [(0.1, n) for n in range(1, 6)], "3.3098184 3.4510003 3.5865437 3.7168115 3.842134"),
    *cases(o.bdw_derl, (*SBG, 1.0), [(0.1, n) for n in range(1, 6)], "3.3098184 3.4510003 3.5865437 3.7168115 3.842134"),
]

TABLE = [*PARETO_NBD, *BG_NBD, *MBG_NBD, *BG_BB, *RENEWALS]


def printed_as(value: str, tolerance: float) -> mp.mpf:
    """How far a number may be from a printed one."""
    last = mp.mpf(10) ** Decimal(value).as_tuple().exponent
    return tolerance * abs(mp.mpf(value)) if tolerance else mp.mpf("0.501") * last


@pytest.mark.parametrize(
    ("oracle", "args", "value", "tolerance"), [line[1:] for line in TABLE], ids=[line[0] for line in TABLE]
)
def test_published(oracle: Oracle, args: tuple[Any, ...], value: str, tolerance: float) -> None:
    assert abs(oracle(*args) - mp.mpf(value)) <= printed_as(value, tolerance)


# all customers of the CDNOW sample


@pytest.fixture(scope="module")
def seen(cdnow: clv.Customers) -> Counter[tuple[int, int, int]]:
    """How many have each x, t_x and T, in days."""
    columns = cdnow.frequency, 7 * cdnow.recency, 7 * cdnow.T
    return Counter(zip(*(np.round(column).astype(int).tolist() for column in columns), strict=True))


@pytest.mark.parametrize(
    ("oracle", "theta", "decimals", "value"),
    [
        (o.pareto_loglik, PARETO_BEST, None, "-9594.9761789395"),
        (o.pareto_loglik, PARETO_BEST_ROUNDED, 2, "-9594.9739298269"),
        (o.mbgnbd_loglik, MBG_BEST, None, "-9582.1357155537"),
        (o.bgnbd_loglik, BG_BEST, None, "-9582.4292066739"),
    ],
)
def test_log_likelihood_of_the_sample(
    oracle: Oracle, theta: Point, decimals: int | None, value: str, seen: Counter[tuple[int, int, int]]
) -> None:
    with mp.workdps(20):
        weeks = (lambda days: mp.mpf(days) / 7) if decimals is None else (lambda days: round(days / 7, decimals))
        total = mp.fsum(number * oracle(theta, (x, weeks(t_x), weeks(T))) for (x, t_x, T), number in seen.items())
    assert abs(total - mp.mpf(value)) <= printed_as(value, 0)


def test_purchases_of_the_sample_by_frequency(seen: Counter[tuple[int, int, int]]) -> None:
    """Schmittlein's model in the walkthrough of BTYD: three decimals, and parameters of three."""
    bought, number = Counter[int](), Counter[int]()
    with mp.workdps(16):
        for (x, t_x, T), n in seen.items():
            bought[min(x, 7)] += n * o.pareto_purchases(PARETO_BEST, (x, t_x / 7, T / 7), 39)
            number[min(x, 7)] += n
    for x, value in enumerate((0.138, 0.600, 1.196, 1.714, 2.399, 2.907, 3.819, 6.403)):
        assert abs(bought[x] / number[x] - value) < 8e-4


def test_tracking_of_the_sample(seen: Counter[tuple[int, int, int]]) -> None:
    born = Counter[int]()
    for (_, _, T), number in seen.items():
        born[272 - T] += number

    def upto(week: int) -> mp.mpf:
        ages = {(7 * week - day) / 7: number for day, number in born.items() if 7 * week > day}
        return mp.fsum(number * o.pareto_purchases(PARETO_BEST, NEW, age) for age, number in ages.items())

    for week, value in enumerate((1308.856, 1385.275, 1459.923, 1532.906, 1604.32, 1674.253), start=20):
        assert abs(upto(week) / value - 1) < 5e-5
    for week, value in enumerate((78.308, 76.419, 74.648, 72.983, 71.414, 69.933), start=20):
        assert abs((upto(week) - upto(week - 1)) / value - 1) < 6e-5


# what Fader & Hardie (2007) printed: seven years of survival in %, and the parameters that fit them best


@pytest.mark.parametrize(
    ("theta", "survived", "value"),
    [
        (REGULAR, (100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1), "-1680.265"),
        (HIGH_END, (100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1), "-1611.158"),
    ],
)
def test_best_parameters_of_retention(theta: Point, survived: Point, value: str) -> None:
    lost = [before - after for before, after in pairwise(survived)]

    def loglik(alpha: mp.mpf, beta: mp.mpf) -> mp.mpf:
        left = mp.fsum(n * mp.log(o.sbg_lifetime((alpha, beta), t)) for t, n in enumerate(lost, start=1))
        return 10 * (left + survived[-1] * mp.log(o.sbg_survival((alpha, beta), 7)))

    with mp.workdps(20):
        slopes = [lambda *p, n=n: mp.diff(loglik, p, n) for n in ((1, 0), (0, 1))]
        best = mp.findroot(slopes, theta, tol=1e-12)
        assert max(abs(found - shown) for found, shown in zip(best, theta, strict=True)) < 5e-4
        assert abs(loglik(*best) - mp.mpf(value)) <= printed_as(value, 0)


# the oracles meet


def far(value: mp.mpf, other: mp.mpf) -> mp.mpf:
    return abs(value - other) / max(abs(other), 1)


ERLANG = (0.85, 1.45, 0.79, 2.42)
GOMPERTZ = (0.9, 8.0, 0.05, 1.3, 4.0)
HERS = (3.0, 20.0, 32.0)
NOBODY = (0.0, 0.0, 32.0)
ANSWERS: dict[str, tuple[Callable[..., mp.mpf], Callable[..., mp.mpf], tuple[Any, ...]]] = {
    "Pareto/NBD": (o.pareto_count, o.pareto_purchases, (PARETO, HERS)),
    "Pareto/NBD, no purchase": (o.pareto_count, o.pareto_purchases, (PARETO, NOBODY)),
    "BG/NBD": (o.bgnbd_count, o.bgnbd_purchases, (BG, HERS)),
    "MBG/NBD": (o.mbgnbd_count, o.mbgnbd_purchases, (MBG, HERS)),
    "MBG/NBD, no purchase": (o.mbgnbd_count, o.mbgnbd_purchases, (MBG, NOBODY)),
    "NBD": (o.nbd_count, o.nbd_purchases, (PARETO[:2], HERS)),
    "GG/NBD": (o.ggnbd_count, o.ggnbd_purchases, (GOMPERTZ, HERS)),
    "BG/CNBD-3": (o.cnbd_count, o.cnbd_purchases, (ERLANG, (*HERS, nan), 3, 0)),
    "MBG/CNBD-2": (o.cnbd_count, o.cnbd_purchases, (ERLANG, (*HERS, nan), 2, 1)),
    "BG/BB": (o.bgbb_count, o.bgbb_purchases, (BGBB, (2, 4, 6))),
}


@pytest.mark.parametrize("model", ANSWERS)
def test_counts_add_up_to_purchases(model: str) -> None:
    count, purchases, args = ANSWERS[model]
    with mp.workdps(20):
        chances = [count(*args, k, 4) for k in range(5 if model == "BG/BB" else 45)]
        assert abs(mp.fsum(chances) - 1) < 1e-13
        assert far(mp.fsum(k * chance for k, chance in enumerate(chances)), purchases(*args, 4)) < 1e-12


def by_gauss(theta: Point, history: Point) -> mp.mpf:
    """The log-likelihood of Pareto/NBD as Fader & Hardie (note 009) print it, with 2F1."""
    r, alpha, s, beta = map(mp.mpf, theta)
    x, t_x, T = map(mp.mpf, history)
    least, most, second = min(alpha, beta), max(alpha, beta), s + 1 if alpha >= beta else r + x

    def part(t: mp.mpf) -> mp.mpf:
        gauss = mp.hyp2f1(r + s + x, second, r + s + x + 1, (most - least) / (most + t), maxprec=100_000)
        return gauss * (most + t) ** -(r + s + x)

    front = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) + s * mp.log(beta)
    return front + mp.log((alpha + T) ** -(r + x) * (beta + T) ** -s + s / (r + s + x) * (part(t_x) - part(T)))


@pytest.mark.parametrize(
    ("theta", "history"),
    [
        (PARETO, FIRST),
        (PARETO, NONE),
        (TIGHT, (500, 1, 37)),
        ((0.01, 1e-3, 0.01, 1e4), (10_000, 9_000, 10_000)),
        ((30.0, 1e4, 30.0, 1e-3), (0, 0, 10_000)),
        ((3.0, 0.02, 12.0, 3_000.0), (40, 0.5, 700)),
    ],
)
def test_pareto_as_a_difference_of_gauss_functions(theta: Point, history: Point) -> None:
    with mp.workdps(100):
        closed = by_gauss(theta, history)
    assert far(o.pareto_loglik(theta, history), closed) < 1e-45


@pytest.mark.parametrize(("k", "z"), [(1, 0), (3, 0), (2, 1)])
@pytest.mark.parametrize("history", [(3.0, 20.0, 32.0, 5.1), (0.0, 0.0, 32.0, 0.0), (1.0, 5.0, 32.0, nan)])
def test_regular_purchases_mixed_by_hand(history: Point, k: int, z: int) -> None:
    with mp.workdps(20):
        assert far(o.cnbd_loglik(ERLANG, history, k, z), o.cnbd_mixture(ERLANG, history, k, z)) < 1e-17


def test_one_gap_is_known_without_being_told() -> None:
    for z in (0, 1):
        told, untold = (o.cnbd_loglik(ERLANG, (1.0, 5.0, 32.0, gap), 4, z) for gap in (mp.log(5), nan))
        assert far(told, untold) < 1e-48


@pytest.mark.parametrize("history", [HERS, NOBODY])
@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("loglik", ()),
        ("alive", ()),
        ("rate", ()),
        ("dropout", ()),
        ("survival", (30.0,)),
        ("purchases", (30.0,)),
        ("count", (2, 30.0)),
        ("discounted", (30.0, 0.01)),
        ("discounted", (inf, 0.01)),
    ],
)
def test_every_event_a_purchase(name: str, asked: tuple[float, ...], history: Point) -> None:
    """BG/CNBD-1 is BG/NBD, MBG/CNBD-1 is MBG/NBD; two ways of adding up."""
    with mp.workdps(20):
        for z, model in enumerate(("bgnbd", "mbgnbd")):
            closed = getattr(o, f"{model}_{name}")(ERLANG, history, *asked)
            assert far(getattr(o, f"cnbd_{name}")(ERLANG, (*history, nan), 1, z, *asked), closed) < 1e-16


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("loglik", ()),
        ("alive", ()),
        ("rate", ()),
        ("survival", (39,)),
        ("purchases", (39,)),
        ("count", (2, 39)),
        ("discounted", (inf, 0.01)),
    ],
)
def test_gompertz_without_wear(name: str, asked: tuple[float, ...]) -> None:
    """Where b is next to nothing and beta as small, GG/NBD is Pareto/NBD."""
    r, alpha, s, beta = PARETO
    pareto = getattr(o, f"pareto_{name}")(PARETO, FIRST, *asked)
    with mp.workdps(30):
        small = mp.mpf(10) ** -20
        assert far(getattr(o, f"ggnbd_{name}")((r, alpha, small, s, small * mp.mpf(beta)), FIRST, *asked), pareto) < 1e-17
