"""The gamma law with rate 1: the chance to lie below a number, and the number below which a chance lies.

With the front x^a e^-x / Gamma(a + 1), the lower tail is the front times the series of x^n / ((a + 1) ... (a + n)), DLMF
8.11.4, and the upper tail a times the front times the even part of the continued fraction DLMF 8.9.2, by Lentz's method;
each is taken where it has the digits, up to shapes of 1e8. The quantile is found in y = log x, where the log of either tail
is concave, by Halley's steps between bounds.
"""

from __future__ import annotations

from math import erfc, exp, expm1, inf, lgamma, log, pi, sqrt

from clvmodels.kernels.jit import jit
from clvmodels.kernels.special import EPSILON, ROUNDS, TINY, stirling

MANY = 1e7
"""From such a shape on, the normal law with its corrections has all digits of a quantile."""

NOTHING = 1e-17
"""Below such an x the series of the lower tail has one term."""

NEAR_ONE = (
    -0.5772156649015329,
    0.8224670334241132,
    -0.40068563438653143,
    0.27058080842778454,
    -0.207385551028674,
    0.16955717699740822,
    -0.14404989676884614,
)
"""The series of log Gamma(1 + a): minus Euler's constant, and (-1)^n zeta(n) / n."""

CLOSE = 1e-4
"""A step so short, in standard deviations, is the last: what it leaves is of the order of its cube."""


@jit
def _distance(a: float, x: float) -> float:
    """How far x is from a: x - a - a log(x / a), near a by the series of the log in s = (x - a) / (x + a)."""
    if abs(x - a) > 0.3 * a:
        return x - a - a * log(x / a)
    s = (x - a) / (x + a)
    power, total = 2.0 * s * s * s, 0.0
    for n in range(3, 41, 2):
        total += power / n
        power *= s * s
        if abs(power) <= EPSILON * abs(total):
            break
    return s * (x - a) - a * total


@jit
def _front(a: float, x: float) -> float:
    """x^a e^-x / Gamma(a + 1); for large a from the distance of x from a, so that large numbers don't cancel."""
    if a < 10.0:
        return exp(a * log(x) - x - lgamma(a + 1.0))
    return exp(-_distance(a, x) - stirling(a)) / sqrt(2.0 * pi * a)


@jit
def _series(a: float, x: float) -> float:
    """The series of the lower tail, for x up to about a."""
    term, total = 1.0, 1.0
    for n in range(1, ROUNDS):
        term *= x / (a + n)
        total += term
        if term < EPSILON * total:
            break
    return total


@jit
def _fraction(a: float, x: float) -> float:
    """The continued fraction of the upper tail, for x from about a, and not near 0."""
    b = x + 1.0 - a
    c, d = 1.0 / TINY, 1.0 / b
    result = d
    for n in range(1, ROUNDS):
        term = -n * (n - a)
        b += 2.0
        d = term * d + b
        d = 1.0 / (d if abs(d) > TINY else TINY)
        c = b + term / c
        c = c if abs(c) > TINY else TINY
        result *= c * d
        if abs(c * d - 1.0) < 4.0 * EPSILON:
            break
    return result


@jit
def _log_gamma_above_one(a: float) -> float:
    """Log Gamma(1 + a), which keeps its digits where it is small."""
    if a > 0.01:
        return lgamma(1.0 + a)
    total, power = 0.0, 1.0
    for one in NEAR_ONE:
        power *= a
        total += one * power
    return total


@jit
def _small_upper(a: float, x: float) -> float:
    """The upper tail for a and x below 1, which is small where a is."""
    power = a * log(x) - _log_gamma_above_one(a)
    term, total = 1.0, 0.0
    for n in range(1, 20):
        term *= -x / n
        total -= term / (a + n)
    return a * exp(power) * total - expm1(power)


@jit
def gamma_tails(a: float, x: float) -> tuple[float, float]:
    """The chances that a Gamma(a, 1) number lies below x, and above it: each to its last digits, however small."""
    if x <= 0.0:
        return 0.0, 1.0
    if x == inf:
        return 1.0, 0.0
    front = _front(a, x)
    if x < 1.0 or x < a:
        lower = front * _series(a, x)
        return lower, _small_upper(a, x) if x < 1.0 and a < 1.0 else 1.0 - lower
    upper = a * front * _fraction(a, x)
    return 1.0 - upper, upper


@jit
def gammainc(a: float, x: float) -> float:
    """Regularised lower incomplete gamma function: the chance that a Gamma(a, 1) number lies below x."""
    return gamma_tails(a, x)[0]


@jit
def _normal_quantile(q: float) -> float:
    """The quantile of the normal law: Abramowitz & Stegun 26.2.23, and two of Newton's steps in the smaller tail."""
    tail = min(q, 1.0 - q)
    t = sqrt(-2.0 * log(tail))
    z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    for _ in range(2 if tail > 1e-300 else 0):
        above = 0.5 * erfc(z / sqrt(2.0))
        z += log(above / tail) * above * sqrt(2.0 * pi) * exp(0.5 * z * z)
    return -z if q < 0.5 else z


@jit
def _guess(a: float, q: float) -> float:
    """A first quantile from the normal one: Cornish & Fisher's expansion, or Wilson & Hilferty's cube far out."""
    z, s = _normal_quantile(q), sqrt(a)
    if abs(z) > 0.3 * s:
        return a * (1.0 - 1.0 / (9.0 * a) + z / (3.0 * s)) ** 3
    w = z * z
    value = a + s * z + (w - 1.0) / 3.0 + z * (w - 7.0) / (36.0 * s) - (w * (3.0 * w + 7.0) - 16.0) / (810.0 * a)
    return value + z * (w * (9.0 * w + 256.0) - 433.0) / (38880.0 * a * s)


@jit
def _halley(a: float, q: float, y: float) -> tuple[bool, float]:
    """Whether y = log x lies below the quantile, and the step to it, in the log of the smaller tail."""
    x = exp(y)
    lower, upper = gamma_tails(a, x)
    share, sought, sign = (lower, q, 1.0) if q <= 0.5 else (upper, 1.0 - q, -1.0)
    below = sign * (sought - share) > 0.0
    slope = a * _front(a, x) / share if share > 0.0 else 0.0
    if slope == 0.0:
        return below, inf
    newton = -sign * log(share / sought) / slope
    return below, newton / max(1.0 + 0.5 * newton * (a - x - sign * slope), 0.5)


@jit
def log_gamma_quantile(a: float, q: float) -> float:
    """Log of the number below which a Gamma(a, 1) number lies with the chance q: also where the number itself is 0."""
    if q <= 0.0 or q >= 1.0:
        return -inf if q <= 0.0 else inf
    low, high = (log(q) + lgamma(a + 1.0)) / a, inf
    guess = _guess(a, q) if a > 0.5 else 0.0
    y = max(log(guess), low) if guess > 0.0 else low
    if a > MANY:
        return y
    for _ in range(100):
        if exp(y) < NOTHING:
            return low
        below, step = _halley(a, q, y)
        low, high = (y, high) if below else (low, y)
        if abs(step) * sqrt(max(a, 1.0)) < CLOSE:
            return min(max(y + step, low), high)
        if low <= y + step <= high:
            y += step
        else:
            y = 0.5 * (low + high) if high < inf else y + 1.0
    return y


@jit
def gamma_quantile(a: float, q: float) -> float:
    """The number below which a Gamma(a, 1) number lies with the chance q."""
    return exp(log_gamma_quantile(a, q))
