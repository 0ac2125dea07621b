"""NBD: Ehrenberg (1959); parameters r, alpha. Everybody buys at a rate lambda ~ Gamma(r, alpha), and nobody leaves.

The likelihood is that of the times of the purchases, as in the models where customers leave: of their number it would be
T^x / x! times as large.
"""

from __future__ import annotations

import mpmath as mp

from oracles.tools import exactly

Point = tuple[float, ...]


def nbd_loglik(theta: Point, history: Point) -> mp.mpf:
    """The log of Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x)."""
    r, alpha = map(exactly, theta)
    x, _, T = map(exactly, history)
    return mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha) - (r + x) * mp.log(alpha + T)


def nbd_rate(theta: Point, history: Point) -> mp.mpf:
    """The mean of lambda, given the history."""
    r, alpha = map(exactly, theta)
    x, _, T = map(exactly, history)
    return (r + x) / (alpha + T)


def nbd_purchases(theta: Point, history: Point, t: float) -> mp.mpf:
    """As many as her rate says."""
    return nbd_rate(theta, history) * exactly(t)


def nbd_count(theta: Point, history: Point, k: int, t: float) -> mp.mpf:
    """The chance of k purchases: negative binomial."""
    r, alpha = map(exactly, theta)
    x, _, T = map(exactly, history)
    y = exactly(t) / (alpha + T + exactly(t))
    return mp.rf(r + x, k) / mp.factorial(k) * (1 - y) ** (r + x) * y**k


def nbd_discounted(theta: Point, history: Point, t: float, force: float) -> mp.mpf:
    """Discounted purchases up to a horizon, or for ever."""
    d = exactly(force)
    return nbd_rate(theta, history) * (1 / d if mp.isinf(t) else -mp.expm1(-d * exactly(t)) / d)
