"""The gamma law against 40 digits: both tails, its quantile, and the median of spend that stands on them."""

from __future__ import annotations

from math import inf, isinf
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import clvmodels as clv
from clvmodels.kernels.gamma_law import gamma_quantile, gamma_tails, gammainc, log_gamma_quantile

RNG = np.random.default_rng(1)
SHAPES = [1e-8, 1e-5, *[float(10**e) for e in np.linspace(-3.0, 4.0, 29)], 0.999, 1.0, 1.001, 9.999, 10.0]


def exact(a: float, x: float) -> tuple[Any, Any]:
    """Both tails, by the series of the lower one with as many more digits as the upper one is small."""
    with mp.workdps(40 + int(0.45 * max(0.0, x - a))):
        shape, end = mp.mpf(a), mp.mpf(x)
        term, total, n = mp.mpf(1), mp.mpf(1), 0
        while term > total * mp.eps:
            n += 1
            term *= end / (shape + n)
            total += term
        lower = total * mp.exp(shape * mp.log(end) - end - mp.loggamma(shape + 1))
        return lower, 1 - lower


def check(a: float, x: float) -> None:
    for found, expected in zip(gamma_tails(a, x), exact(a, x), strict=True):
        if expected > 1e-290:
            assert abs(found / expected - 1) < 1e-12, (a, x)


@pytest.mark.parametrize("a", SHAPES)
def test_tails(a: float) -> None:
    places = [a + z * a**0.5 for z in (-6.0, -2.0, -0.5, 0.0, 0.01, 0.5, 2.0, 8.0)]
    for x in (*places, 1e-5 * a, 0.3 * a, 0.7 * a, 1.3 * a, 0.2, 0.999, 1.0, 1.001, 5.0):
        if 0.0 < x < a + 300.0:
            check(a, x)


@pytest.mark.parametrize("a", [1e5, 1e6])
@pytest.mark.parametrize("z", [-7.0, -0.1, 0.0, 1.0])
def test_tails_of_large_shapes(a: float, z: float) -> None:
    check(a, a + z * a**0.5)


def test_ends() -> None:
    assert gamma_tails(2.0, 0.0) == (0.0, 1.0)
    assert gamma_tails(2.0, inf) == (1.0, 0.0)
    assert gammainc(2.0, 3.0) == gamma_tails(2.0, 3.0)[0]
    assert gamma_tails(1.0, 3.0)[1] == pytest.approx(float(mp.exp(-3)), rel=1e-14)


CHANCES = [0.5, 0.1, 0.9, 1e-3, 0.999, 1e-12, 1 - 1e-12, 1e-100, 0.4999999, 0.5000001]


def misses(a: float, q: float) -> float:
    """The relative error of a quantile: how far the exact tail there is from what it should be, over its slope in log x."""
    x = mp.mpf(gamma_quantile(a, q))
    lower, upper = exact(a, float(x))
    share, sought = (lower, mp.mpf(q)) if q <= 0.5 else (upper, 1 - mp.mpf(q))
    slope = mp.exp(mp.mpf(a) * mp.log(x) - x - mp.loggamma(a)) / share
    return float(abs(mp.log(share / sought)) / slope)


@pytest.mark.parametrize("a", SHAPES)
def test_quantiles(a: float) -> None:
    assert all(misses(a, q) < 1e-11 for q in CHANCES if gamma_quantile(a, q) > 1e-290)


@pytest.mark.parametrize("a", [1e6, 0.9e7])
def test_quantiles_of_large_shapes(a: float) -> None:
    assert misses(a, 0.5) < 1e-13
    middle = mp.mpf(a) - mp.mpf(1) / 3 + 8 / (405 * mp.mpf(a))
    assert abs(gamma_quantile(a, 0.5) / middle - 1) < 1e-14


def test_quantiles_do_not_jump_where_the_expansion_takes_over() -> None:
    for q in (1e-9, 0.2, 0.5, 0.999):
        below, above = gamma_quantile(1e7, q), gamma_quantile(float(np.nextafter(1e7, inf)), q)
        assert abs(below / above - 1) < 1e-14


def test_quantiles_invert_tails() -> None:
    for a, q in zip(10 ** RNG.uniform(-2, 6, 300), RNG.random(300), strict=True):
        assert gammainc(float(a), gamma_quantile(float(a), float(q))) == pytest.approx(q, rel=1e-9)


def test_quantiles_below_every_float_have_a_log() -> None:
    assert gamma_quantile(1e-4, 0.5) == 0.0
    expected = (mp.log(0.5) + mp.loggamma(mp.mpf(1e-4) + 1)) / mp.mpf(1e-4)
    assert log_gamma_quantile(1e-4, 0.5) == pytest.approx(float(expected), rel=1e-14)


def test_quantiles_at_the_ends() -> None:
    assert gamma_quantile(3.0, 0.0) == 0.0
    assert isinf(gamma_quantile(3.0, 1.0))
    assert gamma_quantile(2.0, 5e-324) > 0.0


PAPER = {"p": 6.25, "q": 3.74, "v": 15.44}


def median_spend(theta: dict[str, float], x: float, m: float) -> float:
    row = clv.GammaGamma.median_spend
    return float(row(np.array([list(theta.values())]), np.array([[x, m]]))[0, 0, 0])


@pytest.mark.parametrize(("x", "m"), [(0.0, 0.0), (1.0, 20.0), (2.0, 22.35), (50.0, 7.0), (1e5, 30.0)])
@pytest.mark.parametrize("q", [0.2, 1.0, 3.74])
def test_median_spend(q: float, x: float, m: float) -> None:
    """Half of the law of nu lies on either side; where q <= 1 there is no mean of a newcomer's spend, but this."""
    theta = {**PAPER, "q": q}
    shape, rate = PAPER["p"] * x + q, PAPER["v"] + x * m
    median = median_spend(theta, x, m)
    assert gammainc(shape, rate * PAPER["p"] / median) == pytest.approx(0.5, rel=1e-9)
    if shape > 1.0:
        assert median < PAPER["p"] * rate / (shape - 1.0)


def test_median_spend_follows_the_unit_of_money() -> None:
    other = {**PAPER, "v": 100 * PAPER["v"]}
    assert median_spend(other, 2.0, 2235.0) == pytest.approx(100 * median_spend(PAPER, 2.0, 22.35), rel=1e-13)


def test_median_spend_beyond_floats_is_infinite() -> None:
    assert median_spend({**PAPER, "q": 1e-5}, 0.0, 0.0) == inf
