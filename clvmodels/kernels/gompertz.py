"""Customers who grow tired: leaving times whose hazard rises as exp(b t), at a rate of each customer's own.

Given that rate eta a customer is still there after t with chance exp(-eta (exp(b t) - 1)); with eta ~ Gamma(s, beta)::

    S(t) = (1 + (exp(b t) - 1) / beta)^-s

and one who is there at t is as a newcomer whose beta is B = 1 + (beta - 1) exp(-b t). Densities of leaving, times the
chance of not having bought, are integrated over a finite time by Gauss-Legendre panels.
"""

from __future__ import annotations

from math import exp, expm1, inf, log, log1p, sqrt
from typing import NamedTuple

from clvmodels.kernels.jit import jit
from clvmodels.kernels.panels import log_panels
from clvmodels.kernels.special import log_beta
from clvmodels.kernels.walk import at, integrand

LONG = 30.0

Six = tuple[float, float, float, float, float, float]


@jit
def tired(b: float, beta: float, t: float) -> float:
    """The beta of one who is there at t, as a sum of positive numbers."""
    return beta * exp(-b * t) - expm1(-b * t)


@jit
def log_gone(y: float, beta: float) -> float:
    """log(1 + (exp(y) - 1) / beta), for any y from 0 on."""
    if y < LONG:
        return log1p(expm1(y) / beta)
    return y + log((beta * exp(-y) - expm1(-y)) / beta)


class Leaving(NamedTuple):
    """Parameters of the density of leaving at u before she buys again, at a rate from Gamma(m, A)."""

    m: float
    A: float
    b: float
    s: float
    B: float


@integrand(Leaving)
def _leaving(u: float, what: Leaving) -> Six:
    """Log of that density, but for s b / B, and its slopes in m, A, b, s and B."""
    m, A, b, s, B = what
    waited, gone, now = log1p(u / A), log_gone(b * u, B), tired(b, B, u)
    d_B = (s + 1.0) * -expm1(-b * u) / (B * now)
    return -m * waited + b * u - (s + 1.0) * gone, -waited, m * u / (A * (A + u)), u - (s + 1.0) * u / now, -gone, d_B


@jit
def nearest(A: float, b: float, B: float) -> float:
    """The smallest of the times at which densities of leaving bend."""
    return min(A, min(B, 1.0) / b)


@jit
def leaves_within(m: float, A: float, b: float, s: float, B: float, time: float) -> Six:
    """Log of the chance that she leaves within a time and before she buys again, and its slopes in m, A, b, s and B."""
    value, d_m, d_A, d_b, d_s, d_B = log_panels(Leaving(m, A, b, s, B), nearest(A, b, B), 3.0 / b, time)
    return value + log(s * b / B), d_m, d_A, d_b + 1.0 / b, d_s + 1.0 / s, d_B - 1.0 / B


class Bought(NamedTuple):
    """Parameters of the chance to leave within t after n purchases."""

    n: float
    m: float
    A: float
    b: float
    s: float
    B: float


@integrand(Bought)
def _bought(u: float, what: Bought) -> tuple[float]:
    """Log of the density of leaving at u, with n purchases until then, but for constants."""
    n, m, A, b, s, B = what
    ways = n * log(u) if n > 0.0 and u > 0.0 else (-inf if n > 0.0 else 0.0)
    return (ways - (n + m) * log1p(u / A) + b * u - (s + 1.0) * log_gone(b * u, B),)


@jit
def log_leaves(m: float, A: float, b: float, s: float, B: float, time: float) -> float:
    """Log of the chance that she leaves within a time and before she buys again, alone."""
    (value,) = log_panels(Bought(0.0, m, A, b, s, B), nearest(A, b, B), 3.0 / b, time)
    return value + log(s * b / B)


@jit
def leaves_at(m: float, A: float, b: float, s: float, B: float, u: float) -> float:
    """The density of leaving at u, before she buys again."""
    return s * b / B * exp(at(u, Bought(0.0, m, A, b, s, B))[0])


@jit
def count_before(n: float, m: float, A: float, b: float, s: float, B: float, t: float) -> float:
    """P(n purchases within t) of one who is alive: she stays that long, or leaves at u, having bought n times."""
    if t == 0.0:
        return 1.0 if n == 0.0 else 0.0
    ways = -log_beta(m, n) - log(n) if n > 0.0 else 0.0
    stays = ways + n * log(t / A) - (n + m) * log1p(t / A) - s * log_gone(b * t, B)
    longest = min(3.0 / b, t / (1.0 + sqrt(n)))
    leaves = ways - n * log(A) + log(s * b / B) + log_panels(Bought(n, m, A, b, s, B), nearest(A, b, B), longest, t)[0]
    return exp(stays) + exp(min(leaves, 0.0))
