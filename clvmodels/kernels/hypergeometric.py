"""The mean of (1 + p w)^-m over p ~ Beta(a, b): Gauss's 2F1(m, a; a + b; -w), for positive arguments only.

It is what becomes of a gamma mixture of exponentials when each event ends the process with a beta-distributed chance p.
Three roads, with z = w / (1 + w):

- near, the Pfaff transforms of the series, where all of their terms are positive and few suffice::

      (1 + w)^-a 2F1(a, a + b - m; a + b; z)    or    (1 + w)^-m 2F1(m, b; a + b; z)

- far (w large), the two series in 1 - z of Abramowitz & Stegun 15.3.6, unless m - a is so near a whole number that they
  cancel;
- else the integral itself by the trapezoidal rule in y = log(p / (1 - p)), which converges exponentially (Trefethen &
  Weideman 2014): the integrand is positive, analytic in a strip, and falls off exponentially on both sides.

Relative error below 1e-12 (by comparison with 60-digit values; see the tests for the range).
"""

from __future__ import annotations

from math import exp, expm1, floor, lgamma, log, log1p, nan, sqrt

from clvmodels.kernels.jit import jit
from clvmodels.kernels.special import log_beta, logistic

TERMS = 300
"""A series that needs more terms is left to the quadrature."""

ENOUGH = 1e-17
REACH = 42.0
"""How far below its peak, in logs, the integrand is followed."""

FAR = 4.0
"""From this w on, 1 - z is at most 1/5."""

APART = 0.03
"""How far from a whole number m - a must be for the far series not to cancel."""

WIDE = 5.0
"""The largest b (1 - z) for the far series, whose terms grow beyond it."""

LOST = 4.0
"""How much larger than their sum the terms of a series may be."""

SMALL = 0.25
"""Below this a tail of the beta law is too long to be walked."""


@jit
def _series(a: float, b: float, c: float, z: float) -> float:
    """2F1(a, b; c; z), all arguments positive and z < 1; -1 when TERMS were not enough."""
    term, total = 1.0, 1.0
    for k in range(TERMS):
        ratio = (a + k) * (b + k) / ((c + k) * (1.0 + k)) * z
        term *= ratio
        total += term
        if ratio < 1.0 and term < ENOUGH * total * (1.0 - max(ratio, z)):
            return total
    return -1.0


@jit
def _sign_of_gamma(y: float) -> float:
    """The sign of the gamma function."""
    return 1.0 if y > 0.0 or floor(y) % 2.0 == 0.0 else -1.0


@jit
def _signed_series(a: float, b: float, c: float, z: float) -> float:
    """2F1(a, b; c; z) for z at most 1/5, b and c of any sign; nan when TERMS were not enough, or cancelled."""
    term, total, largest = 1.0, 1.0, 1.0
    for k in range(TERMS):
        term *= (a + k) * (b + k) / ((c + k) * (1.0 + k)) * z
        total += term
        largest = max(largest, abs(term))
        if abs(term) < ENOUGH * abs(total) and c + k > 0.0:
            return total if largest < LOST * abs(total) else nan
    return nan


@jit
def _far(m: float, a: float, b: float, w: float) -> float:
    """The two series in q = 1 - z = 1 / (1 + w); nan where they cancel or don't arrive."""
    gap, c, q = m - a, a + b, 1.0 / (1.0 + w)
    if gap <= 0.0 or abs(gap - round(gap)) < APART or b * q > WIDE:
        return nan
    first = exp(log_beta(gap, a) - log_beta(a, b)) * _signed_series(a, c - m, 1.0 - gap, q)
    second = 0.0
    if c > m or c - m != floor(c - m):
        shift = lgamma(m) - log_beta(c - m, m) if c > m else lgamma(c) - lgamma(c - m)
        size = shift - lgamma(a) + lgamma(-gap) - gap * log1p(w)
        second = _sign_of_gamma(-gap) * _sign_of_gamma(c - m) * exp(size)
        if abs(second) > ENOUGH * exp(-2.0 * WIDE) * abs(first):
            second *= _signed_series(b, m, 1.0 + gap, q)
    total = first + second
    return total * exp(-a * log1p(w)) if abs(first) < LOST * total else nan


@jit
def _log_power(y: float, a: float, b: float, m: float, w: float) -> tuple[float, float]:
    """At p = logistic(y): log of p^a (1 - p)^b, and log of (1 + p w)^-m."""
    if y < 0.0:
        tail = log1p(exp(y))
        return a * y - (a + b) * tail, -m * log1p(w * exp(y - tail))
    tail = log1p(exp(-y))
    return -b * y - (a + b) * tail, -m * log1p(w * exp(-tail))


@jit
def _peak(a: float, b: float, m: float, w: float) -> tuple[float, float]:
    """Where p^a (1 - p)^b (1 + p w)^-m is largest, as y = log(p / (1 - p)), and the width of that peak in y."""
    linear, square = a + b - a * w + m * w, w * (a + b - m)
    root = sqrt(max(linear * linear + 4.0 * a * square, 0.0))
    p = 2.0 * a / (linear + root) if linear > 0.0 else (root - linear) / (2.0 * square)
    p = min(max(p, 1e-300), 1.0 - 1e-16)
    pull = m * w / ((1.0 + p * w) * (1.0 + p * w)) * (1.0 - 2.0 * p - p * p * w)
    curvature = p * (1.0 - p) * (a + b + pull)
    return log(p) - log1p(-p), 1.0 / sqrt(curvature) if curvature > 0.0 else 1.0


@jit
def _weight(y: float, power: float, last: float, m: float, w: float, left: bool, right: bool) -> float:  # noqa: FBT001
    """Of g = (1 + p w)^-m at p = logistic(y), what vanishes where the beta law has a long tail, without cancellation.

    On the left 1 - g vanishes; on the right g - g(1); on both sides the height of 1 - g above its chord.
    """
    if not (left or right):
        return exp(power)
    rest = logistic(-y)
    above = last * expm1(-m * log1p(-rest * w / (1.0 + w))) if y > 0.0 and last > 0.0 else exp(power) - last
    if not left:
        return above
    if not right:
        return -expm1(power)
    return max(-expm1(power) - logistic(y) * (1.0 - last) if y < 0.0 else rest * (1.0 - last) - above, 0.0)


@jit
def _walk(m: float, a: float, b: float, w: float, left: bool, right: bool) -> float:  # noqa: FBT001
    """The integral over y of the beta law times a weight."""
    y, width = _peak(a + 1.0 * left, b + 1.0 * right, m + 1.0 * left, w)
    step, total, largest, norm = 0.3 * min(1.0, width), 0.0, -1e308, log_beta(a, b)
    last = exp(-m * log1p(w))
    for side in (1.0, -1.0):
        k = 0.0 if side > 0.0 else 1.0
        while True:
            here = y + side * k * step
            density, power = _log_power(here, a, b, m, w)
            weight = _weight(here, power, last, m, w, left, right)
            level = density + (log(max(weight, 1e-300)) if left or right else power)
            total += exp(density - norm) * weight
            largest = max(largest, level)
            k += 1.0
            if level < largest - REACH:
                break
    return total * step


@jit
def _quadrature(m: float, a: float, b: float, w: float) -> float:
    """The integral; where the beta law has a long tail, what the tail tends to is taken in closed form."""
    left, right, last = a < SMALL, b < SMALL, exp(-m * log1p(w))
    walked = _walk(m, a, b, w, left, right)
    if left:
        return (b + a * last) / (a + b) - walked if right else 1.0 - walked
    return last + walked if right else walked


@jit
def beta_power(m: float, a: float, b: float, w: float) -> float:
    """Mean of (1 + p w)^-m over p ~ Beta(a, b); m, a, b > 0, w >= 0."""
    if w == 0.0:
        return 1.0
    c, z = a + b, w / (1.0 + w)
    if c >= m:
        result = _series(a, c - m, c, z)
        if result > 0.0:
            return result * exp(-a * log1p(w))
    elif m * log1p(w) < 600.0 and m * w < TERMS:
        result = _series(m, b, c, z)
        if result > 0.0:
            return result * exp(-m * log1p(w))
    result = _far(m, a, b, w) if w >= FAR else nan
    return result if result > 0.0 else _quadrature(m, a, b, w)
