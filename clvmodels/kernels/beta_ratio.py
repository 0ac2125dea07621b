"""B(a, b + y) / B(a, b), the chance that one whose chance to fail is Beta(a, b) comes through y trials, for any real y >= 0.

Its logarithm is minus the second difference of lgamma over the corners b, a + b, b + y, a + b + y, and its slopes are
differences of digamma: small next to what they are differences of. So nothing is subtracted here. With
Gamma(x + 1) = x Gamma(x) the corners are moved up until b is at least SHIFTED, which divides the ratio by a product of

    1 + (a / (b + k)) (y / (a + b + k + y))

for k = 0, 1, ... and there, at x = b, Stirling's series is differenced term by term, in the logarithms

    over_a = log((x + a + y) / (x + y)),  over_y = log((x + a + y) / (x + a)),
    cross = log((x + a) (x + y) / (x (x + a + y)))

whose arguments are 1 + something positive: the leading terms are a over_y + y over_a - (x - 1/2) cross, and the second
difference of x^-n is x^-n times (1 - e^(-n A)) (1 - e^(-n Y)) + e^(-n (A + Y - cross)) (1 - e^(-n cross)), where
A = over_a + cross = log(1 + a / x) and Y = over_y + cross = log(1 + y / x). Results are good to a few units of the
last digit relative to themselves, however small.

Sources: Abramowitz & Stegun 6.1.15, 6.1.41 and 6.3.18.
"""

from __future__ import annotations

from math import exp, expm1, log, log1p
from typing import Any

from clvmodels.kernels.jit import jit

SHIFTED = 32.0
"""From here on four terms of Stirling's series are exact to the last digit."""

LARGE = 1e8
"""The logarithm of a product is taken when it is larger, and anew from there."""

MOST = 1e300
"""A larger number of trials is taken for this many."""

LARGEST = 690.0
"""The log of the largest odds."""


@jit
def _corner(n: float, x: float, A: float, Y: float, cross: float) -> float:
    """x^-n - (x + a)^-n - (x + y)^-n + (x + a + y)^-n."""
    apart = expm1(-n * A) * expm1(-n * Y)
    return x**-n * (apart - exp(-n * (A + Y - cross)) * expm1(-n * cross))


@jit
def _side(n: float, x: float, step: float) -> float:
    """x^-n - (x + h)^-n, where step is log(1 + h / x)."""
    return -(x**-n) * expm1(-n * step)


@jit
def _gain(a: float, x: float, y: float) -> float:
    """(x + a) (x + y) / (x (x + a + y)) - 1."""
    return min(max(a, y) / (a + x + y) * (min(a, y) / x), MOST)


@jit
def log_beta_ratio(a: float, b: float, y: float) -> float:
    """Log of B(a, b + y) / B(a, b).

    >>> from math import exp
    >>> round(exp(log_beta_ratio(2.0, 3.0, 1.0)), 12), round(exp(log_beta_ratio(2.0, 3.0, 1.5)), 6)
    (0.6, 0.484848)
    """
    total, grown, x, y = 0.0, 0.0, b, min(y, MOST)
    while x < SHIFTED:
        factor = _gain(a, x, y)
        grown += factor + grown * factor
        if grown > LARGE:
            total, grown = total + log1p(grown), 0.0
        x += 1.0
    total += log1p(grown)
    over_a, over_y, cross = log1p(a / (x + y)), log1p(y / (a + x)), log1p(_gain(a, x, y))
    A, Y = over_a + cross, over_y + cross
    series = _corner(1.0, x, A, Y, cross) / 12 - _corner(3.0, x, A, Y, cross) / 360
    series += _corner(5.0, x, A, Y, cross) / 1260 - _corner(7.0, x, A, Y, cross) / 1680
    return -(total + a * over_y + y * over_a - (x - 0.5) * cross + series)


@jit
def digamma_rise(x: float, h: float) -> float:
    """Rise of the digamma function from x > 0 to x + h.

    >>> round(digamma_rise(1.0, 1.0), 15), round(digamma_rise(0.5, 1e-12) * 1e12, 9)
    (1.0, 4.934802201)
    """
    total, h = 0.0, min(h, MOST)
    while x < SHIFTED:
        total += h / (x + h) / x
        x += 1.0
    step = log1p(h / x)
    total += step + 0.5 * _side(1.0, x, step) + _side(2.0, x, step) / 12 - _side(4.0, x, step) / 120
    return total + _side(6.0, x, step) / 252 - _side(8.0, x, step) / 240


@jit
def _digamma_corner(a: float, b: float, y: float) -> float:
    """Rise of the digamma function from b to b + y, less that from a + b to a + b + y."""
    total, x, y = 0.0, b, min(y, MOST)
    while x < SHIFTED:
        total += a / (a + x) * (y / (x + y)) * ((a + x + x + y) / (a + x + y)) / x
        x += 1.0
    cross = log1p(_gain(a, x, y))
    A, Y = log1p(a / (x + y)) + cross, log1p(y / (a + x)) + cross
    total += cross + 0.5 * _corner(1.0, x, A, Y, cross) + _corner(2.0, x, A, Y, cross) / 12
    total -= _corner(4.0, x, A, Y, cross) / 120 - _corner(6.0, x, A, Y, cross) / 252
    return total - _corner(8.0, x, A, Y, cross) / 240


@jit
def beta_ratio_slopes(a: float, b: float, y: float) -> tuple[float, float, float]:
    """Slopes of `log_beta_ratio` in a, b and y."""
    return -digamma_rise(a + b, y), _digamma_corner(a, b, y), -digamma_rise(b + y, a)


@jit
def beta_odds(rng: Any, a: float, b: float) -> float:
    """Draw the odds p / (1 - p) of a chance p ~ Beta(a, b), however small or large, but never 0 or infinite."""
    over = log(rng.standard_gamma(a + 1.0)) - rng.standard_exponential() / a
    under = log(rng.standard_gamma(b + 1.0)) - rng.standard_exponential() / b
    return exp(max(min(over - under, LARGEST), -LARGEST))
