"""Special functions against 50 digits."""

from __future__ import annotations

from math import inf, log, log1p
from typing import TYPE_CHECKING

import mpmath as mp
import numpy as np
import pytest

from clvmodels.kernels.special import betainc, digamma, log_beta, log_rising, log_survive, logistic

if TYPE_CHECKING:
    from collections.abc import Callable

WIDE = [float(10**e) for e in np.linspace(-2.5, 5.0, 31)]
SEEDED = np.random.default_rng(1)
PAIRS = [tuple(map(float, 10 ** SEEDED.uniform(-2.5, 4.0, 2))) for _ in range(150)]
COUNTS = [0, 1, 2, 5, 63, 64, 65, 66, 300, 10_000, 100_000]


def relative(value: float, expected: mp.mpf, floor: float = 0.0) -> float:
    """The relative error, of numbers above a floor."""
    return float(abs(value - expected) / max(abs(expected), mp.mpf(floor), mp.mpf(10) ** -300))


def worst(
    function: Callable[..., float], oracle: Callable[..., mp.mpf], cases: list[tuple[float, ...]], floor: float = 0.0
) -> float:
    return max(relative(function(*case), oracle(*map(mp.mpf, case)), floor) for case in cases)


def test_digamma() -> None:
    # near its zero at 1.46 the error is absolute
    assert worst(digamma, mp.digamma, [(x,) for x in [*WIDE, 1.4616321449683623, 9.999, 10.0]], floor=1.0) < 5e-15


def test_log_beta() -> None:
    # where it is near 0 (a beta function near 1) the error is absolute
    assert worst(log_beta, lambda a, b: mp.log(mp.beta(a, b)), PAIRS, floor=1.0) < 2e-14


def test_log_beta_is_symmetric() -> None:
    assert all(log_beta(a, b) == log_beta(b, a) for a, b in PAIRS)


def test_log_beta_of_unlike_arguments_does_not_cancel() -> None:
    assert relative(log_beta(0.01, 1e9), mp.log(mp.beta(mp.mpf(0.01), mp.mpf(1e9)))) < 1e-14


@pytest.mark.parametrize("x", COUNTS)
def test_log_rising_and_its_slope(x: int) -> None:
    for a in WIDE:
        value, slope = log_rising(a, float(x))
        exact = mp.loggamma(mp.mpf(a) + x) - mp.loggamma(mp.mpf(a))
        # what is left of two large log-gammas keeps the digits of the larger
        assert relative(value, exact, floor=float(mp.loggamma(mp.mpf(a) + x))) < 1e-14
        assert relative(slope, mp.digamma(mp.mpf(a) + x) - mp.digamma(mp.mpf(a)), floor=1.0) < 1e-14


@pytest.mark.parametrize("x", COUNTS)
def test_log_survive_and_its_slopes(x: int) -> None:
    for a, b in PAIRS[:60]:
        value, slope_a, slope_b = log_survive(a, b, float(x))
        A, B = mp.mpf(a), mp.mpf(b)
        exact = mp.loggamma(B + x) - mp.loggamma(B) - mp.loggamma(A + B + x) + mp.loggamma(A + B)
        large = max(1.0, float(mp.loggamma(A + B + x))) if x > 64 else 1.0
        assert relative(value, exact, floor=large) < 2e-14
        assert relative(slope_a, mp.digamma(A + B) - mp.digamma(A + B + x), floor=1.0) < 2e-14
        exact_b = mp.digamma(B + x) - mp.digamma(B) + mp.digamma(A + B) - mp.digamma(A + B + x)
        assert relative(slope_b, exact_b, floor=1.0) < 2e-14


def test_few_factors_lose_nothing_however_large() -> None:
    value, slope = log_rising(1e9, 3.0)
    exact = mp.fsum(mp.log(mp.mpf(10) ** 9 + i) for i in range(3))
    assert relative(value, exact) < 1e-15
    assert relative(slope, mp.fsum(1 / (mp.mpf(10) ** 9 + i) for i in range(3))) < 1e-15
    assert (
        relative(log_survive(1e-9, 1e9, 2.0)[0], -mp.log1p(mp.mpf(1e-9) / 1e9) - mp.log1p(mp.mpf(1e-9) / (1e9 + 1))) < 1e-15
    )


@pytest.mark.parametrize("z", [1e-8, 0.01, 0.3, 0.5, 0.77, 0.99, 1 - 1e-8])
def test_betainc(z: float) -> None:
    for a, b in PAIRS[:50]:
        exact = mp.betainc(mp.mpf(a), mp.mpf(b), 0, mp.mpf(z), regularized=True)
        # a tail loses the digits that its logarithm is made of, and the complement those of what it leaves
        exponent = a * abs(log(z)) + b * abs(log1p(-z)) + abs(log_beta(a, b))
        assert relative(betainc(a, b, z), exact, floor=1e-290) < 5e-13 + 4e-16 * exponent


def test_betainc_at_the_ends_and_its_complement() -> None:
    assert betainc(2.0, 3.0, 0.0) == 0.0
    assert betainc(2.0, 3.0, 1.0) == 1.0
    assert betainc(2.0, 3.0, 0.4) + betainc(3.0, 2.0, 0.6) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    ("y", "expected"), [(0.0, 0.5), (inf, 1.0), (-inf, 0.0), (-700.0, float(mp.exp(-700))), (40.0, 1.0)]
)
def test_logistic(y: float, expected: float) -> None:
    assert logistic(y) == pytest.approx(expected, rel=1e-14)
