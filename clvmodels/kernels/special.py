"""Special functions of one number, exact to the last digits and finite wherever they can be.

Sources: the recurrence and asymptotic series of the digamma function, Abramowitz & Stegun 6.3.5 and 6.3.18; Stirling's
series, 6.1.41; the continued
fraction of the incomplete beta function, DLMF 8.17.22, evaluated by Lentz's method.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p

from clvmodels.kernels.jit import jit

SHORT = 64.0
"""Up to so many factors a product is summed factor by factor, which loses nothing however large its arguments."""

TINY = 1e-300
EPSILON = 1e-16
ROUNDS = 100_000


@jit
def digamma(x: float) -> float:
    """Derivative of lgamma at x > 0."""
    result = 0.0
    while x < 10.0:
        result -= 1.0 / x
        x += 1.0
    s = 1.0 / (x * x)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * (691 / 32760 - s / 12))))))
    return result + log(x) - 0.5 / x - series


@jit
def log_rising(a: float, x: float) -> tuple[float, float]:
    """Log of a (a + 1) ... (a + x - 1) = Gamma(a + x) / Gamma(a), x a whole number, and its slope in a."""
    if x > SHORT:
        return lgamma(a + x) - lgamma(a), digamma(a + x) - digamma(a)
    value, slope = 0.0, 0.0
    for i in range(int(x)):
        value += log(a + i)
        slope += 1.0 / (a + i)
    return value, slope


@jit
def log_survive(a: float, b: float, x: float) -> tuple[float, float, float]:
    """Log of B(a, b + x) / B(a, b), the chance to come through x trials, and its slopes in a and b."""
    if x > SHORT:
        over, slope_over = log_rising(b, x)
        under, slope_under = log_rising(a + b, x)
        return over - under, -slope_under, slope_over - slope_under
    value, slope_a, slope_b = 0.0, 0.0, 0.0
    for i in range(int(x)):
        value -= log1p(a / (b + i))
        slope_a -= 1.0 / (a + b + i)
        slope_b += a / ((b + i) * (a + b + i))
    return value, slope_a, slope_b


@jit
def stays_again(a: float, b: float, q: float, kappa: float, stayed: float, before: float) -> float:
    """The chance to come through q + 1 trials from those for q and q - 1, where failing, p ~ Beta(a, b), became kappa p.

    E[(1 - kappa p)^q] = 2F1(-q, a; a + b; kappa), by the recurrence in q (DLMF 15.5.11), of which it is the larger solution.
    """
    if kappa == 1.0:
        return stayed * ((b + q) / (a + b + q))
    return ((2.0 * q + a + b - (q + a) * kappa) * stayed - q * (1.0 - kappa) * before) / (a + b + q)


@jit
def stays(a: float, b: float, x: float, kappa: float) -> float:
    """The chance to come through x trials, each of which fails by kappa p, p ~ Beta(a, b)."""
    if kappa == 1.0:
        return exp(log_survive(a, b, x)[0])
    stayed, before = 1.0, 0.0
    for q in range(int(x)):
        stayed, before = stays_again(a, b, float(q), kappa, stayed, before), stayed
    return stayed


@jit
def stirling(x: float) -> float:
    """lgamma(x) less its leading terms (x - 1/2) log x - x + log(2 pi) / 2, for x >= 10."""
    s = 1.0 / (x * x)
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * 691 / 360360))))) / x


@jit
def log_beta(a: float, b: float) -> float:
    """Log of the beta function, without the cancellation of large lgammas."""
    a, b = min(a, b), max(a, b)
    if b < 10.0:
        return lgamma(a) + lgamma(b) - lgamma(a + b)
    shift = stirling(b) - stirling(a + b) - (b - 0.5) * log1p(a / b)
    return lgamma(a) + shift - a * log(a + b) + a


@jit
def _fraction(a: float, b: float, z: float) -> float:
    """The continued fraction of the incomplete beta function, for z below its mean."""
    c, d = 1.0, 1.0 - (a + b) * z / (a + 1.0)
    d = 1.0 / (d if abs(d) > TINY else TINY)
    result = d
    for m in range(1, ROUNDS):
        for term in (
            m * (b - m) * z / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * z / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1.0 + term * d
            d = 1.0 / (d if abs(d) > TINY else TINY)
            c = 1.0 + term / c
            c = c if abs(c) > TINY else TINY
            result *= c * d
        if abs(c * d - 1.0) < EPSILON:
            break
    return result


@jit
def betainc(a: float, b: float, z: float) -> float:
    """Regularised incomplete beta function: the chance that a Beta(a, b) number lies below z in [0, 1]."""
    if z <= 0.0:
        return 0.0
    if z >= 1.0:
        return 1.0
    front = exp(a * log(z) + b * log1p(-z) - log_beta(a, b))
    if z < (a + 1.0) / (a + b + 2.0):
        return front * _fraction(a, b, z) / a
    return 1.0 - front * _fraction(b, a, 1.0 - z) / b


@jit
def logistic(y: float) -> float:
    """1 / (1 + exp(-y)), for any y, infinite ones included."""
    return 1.0 / (1.0 + exp(-y)) if y > -700.0 else 0.0


@jit
def log_odds_and_one(factor: float, y: float) -> tuple[float, float]:
    """log(1 + factor exp(y)) and its slope in y, for a positive factor and any y but plus infinity."""
    if y > 600.0 or factor > 1e30:
        return softplus(log(factor) + y)
    odds = factor * exp(y)
    return log(1.0 + odds), odds / (1.0 + odds)


@jit
def softplus(y: float) -> tuple[float, float]:
    """log(1 + exp(y)) and its slope, the logistic of y, for any y but plus infinity."""
    small = exp(-abs(y))
    share = 1.0 / (1.0 + small)
    return max(y, 0.0) + log(1.0 + small), share if y > 0.0 else small * share
