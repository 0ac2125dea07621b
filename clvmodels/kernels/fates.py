"""Which comes first: the next purchase of a customer or her leaving? The chance that she leaves, and its slopes.

A customer is alive at t. Her next purchase waits an exponential time whose rate is Gamma(m, A) over customers, and her
leaving one whose rate is Gamma(s, B). The chance that she leaves first is::

    h = s / B * integral over v > 0 of (1 + v / A)^-m (1 + v / B)^-(s + 1)

which is Gauss's 2F1 with a 1 among its parameters (Abramowitz & Stegun 15.3.1, 15.3.3). With c = m + s + 1,

    h = s / (m + s) S(m, c, (A - B) / A)                 where A >= B
    h = s / (m + s) (B / A)^-1 S(s + 1, c, (B - A) / B)  where B > A

    S(b, c, z) = sum over k of (b)_k / (c)_k z^k = 1 + b z * integral over y in (0, 1) of y^(c - 1) (1 - z + z y)^-(b + 1)

S is Gauss's continued fraction 1 / (1 - u_1 z / (1 - u_2 z / ...)), whose u lie between 0 and 1. Its convergents rise, so
it is a sum of positive parts (Steed's form), each the one before it times d - 1, with d = 1 / (1 - u z d). It takes half as
many steps as the series has terms where z is small, and far fewer where z is near 1. Where even these are many (A and B of
very unlike size), the integral is taken by the trapezoidal rule in log(y / (1 - y)); its integrand is positive, too.

Source: W. B. Jones, W. J. Thron (1980), Continued Fractions, sections 6.1 and 8.
"""

from __future__ import annotations

from math import exp, expm1, inf, log, log1p
from typing import Any, NamedTuple

from clvmodels.kernels.jit import jit
from clvmodels.kernels.panels import log_panels
from clvmodels.kernels.special import log_beta
from clvmodels.kernels.walk import integrand, log_integral

PAIRS = 200
"""A fraction that needs more pairs of steps than this is left to the integral."""

ENOUGH = 1e-17
"""Digits that a fraction must gain."""

Four = tuple[float, float, float, float]


@jit
def leaves_first(m: float, s: float, A: float, B: float) -> float:
    """The chance that she leaves before she buys again."""
    low, high = min(A, B), max(A, B)
    b = m if A >= B else s + 1.0
    front = s / (m + s) * (1.0 if A >= B else low / high)
    return front * _sum(b, m + s + 1.0, (high - low) / high, low / high)


@jit
def leaves_first_slopes(m: float, s: float, A: float, B: float) -> tuple[float, float, float, float, float]:
    """The log of that chance, and its slopes in m, s, A and B."""
    c, total = m + s + 1.0, m + s
    if A >= B:
        z = (A - B) / A
        found, b_slope, c_slope, z_slope = _sum_and_slopes(m, c, z, B / A)
        d_m, d_s = b_slope + c_slope, c_slope
        d_A, d_B = z_slope * B / (A * A), -z_slope / A
        value = log(s / total * found)
    else:
        z = (B - A) / B
        found, b_slope, c_slope, z_slope = _sum_and_slopes(s + 1.0, c, z, A / B)
        d_m, d_s = c_slope, b_slope + c_slope
        d_A, d_B = -z_slope / B + 1.0 / A, z_slope * A / (B * B) - 1.0 / B
        value = log(s / total * (A / B) * found)
    return value, d_m - 1.0 / total, d_s + 1.0 / s - 1.0 / total, d_A, d_B


@jit
def _sum(b: float, c: float, z: float, rest: float) -> float:
    """S(b, c, z); ``rest`` is 1 - z, with all of its digits."""
    d, part, total = 1.0, 1.0, 1.0
    for k in range(PAIRS):
        n = c - 1.0 + 2.0 * k
        q = (b + k) * (c - 1.0 + k) * z / (n * (n + 1.0)) * d
        d = 1.0 / (1.0 - q)
        first = part * q * d
        q = (k + 1.0) * (c - b + k) * z / ((n + 1.0) * (n + 2.0)) * d
        d = 1.0 / (1.0 - q)
        part = first * q * d
        total += first + part
        if part < ENOUGH * total * (1.0 - q * d):
            return total
    return _integral(b, c, z, rest)[0]


class Fraction(NamedTuple):
    """A continued fraction so far: its last d and part, with slopes of their logs in b, c, z; its total, with its own."""

    d: float
    last_b: float
    last_c: float
    last_z: float
    part: float
    part_b: float
    part_c: float
    part_z: float
    total: float
    d_b: float
    d_c: float
    d_z: float


@jit
def _one_more(so_far: Fraction, uz: float, b: float, c: float, z: float) -> Fraction:
    """Take one step, with u z and the slopes of its log: as d = 1 / (1 - q), log d has d - 1 times the slopes of log q."""
    q = uz * so_far.d
    d = 1.0 / (1.0 - q)
    more = q * d
    b, c, z = b + so_far.last_b, c + so_far.last_c, z + so_far.last_z
    part_b, part_c, part_z = so_far.part_b + d * b, so_far.part_c + d * c, so_far.part_z + d * z
    part = so_far.part * more
    d_b, d_c, d_z = so_far.d_b + part * part_b, so_far.d_c + part * part_c, so_far.d_z + part * part_z
    return Fraction(d, more * b, more * c, more * z, part, part_b, part_c, part_z, so_far.total + part, d_b, d_c, d_z)


@jit
def _sum_and_slopes(b: float, c: float, z: float, rest: float) -> Four:
    """S(b, c, z), and the slopes of its log in b, c and z."""
    if z == 0.0:
        return 1.0, 0.0, 0.0, b / c
    so_far, by_z = Fraction(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0), 1.0 / z
    before, between = 1.0 / (c - 1.0), 1.0 / c
    for k in range(PAIRS):
        after, last = 1.0 / (c + 2.0 * k + 1.0), 1.0 / (c + 2.0 * k + 2.0)
        one, two = b + k, c - 1.0 + k
        so_far = _one_more(so_far, one * two * z * before * between, 1.0 / one, 1.0 / two - before - between, by_z)
        one, two = k + 1.0, c - b + k
        so_far = _one_more(so_far, one * two * z * between * after, -1.0 / two, 1.0 / two - between - after, by_z)
        before, between = after, last
        if so_far.part * one < ENOUGH * so_far.total * (2.0 - so_far.d):
            return so_far.total, so_far.d_b / so_far.total, so_far.d_c / so_far.total, so_far.d_z / so_far.total
    return _integral(b, c, z, rest)


class Tail(NamedTuple):
    """Parameters of the integrand of S."""

    b: float
    c: float
    z: float
    rest: float


@integrand(Tail)
def _tail(x: float, what: Tail) -> Four:
    """At y = 1 / (1 + exp(-x)): the log of y^c (1 - y) (1 - z + z y)^-(b + 1), and its slopes in b, c and z."""
    b, c, z, rest = what
    tail = log1p(exp(-abs(x)))
    log_y, log_rest = min(x, 0.0) - tail, min(-x, 0.0) - tail
    g = rest + z * exp(log_y)
    log_g = log(g)
    return c * log_y + log_rest - (b + 1.0) * log_g, -log_g, log_y, (b + 1.0) * exp(log_rest) / g


@jit
def _integral(b: float, c: float, z: float, rest: float) -> Four:
    """The same by the integral K: S = 1 + b z K."""
    value, d_b, d_c, d_z = log_integral(Tail(b, c, z, rest), 0.0)
    more = b * z * exp(value)
    share = more / (1.0 + more)
    return 1.0 + more, share * (d_b + 1.0 / b), share * d_c, share * (d_z + 1.0 / z)


class Buying(NamedTuple):
    """Parameters of the density of buying at u, before she leaves."""

    m: float
    s: float
    A: float
    B: float


@integrand(Buying)
def _buying(u: float, what: Buying) -> tuple[float, float, float, float, float]:
    """Log of (1 + u / A)^-(m + 1) (1 + u / B)^-s, and its slopes in m, s, A and B."""
    m, s, A, B = what
    waited, lasted = log1p(u / A), log1p(u / B)
    return -(m + 1.0) * waited - s * lasted, -waited, -lasted, (m + 1.0) * u / (A * (A + u)), s * u / (B * (B + u))


@jit
def buys_within(m: float, s: float, A: float, B: float, time: float) -> tuple[float, float, float, float, float]:
    """Log of the chance that she buys within a time and before she leaves, and its slopes in m, s, A and B."""
    value, d_m, d_s, d_A, d_B = log_panels(Buying(m, s, A, B), min(A, B), inf, time)
    return value + log(m / A), d_m + 1.0 / m, d_s, d_A - 1.0 / A, d_B


@jit
def _log_leaving(w: float, m: float, s: float, low: float, tie: float) -> float:
    """Log-density of w = log(1 + v / C), of one who leaves at v before she buys; C is the smaller of A and B."""
    far = log1p(tie * expm1(w))
    return -(m - 1.0) * w - (s + 1.0) * far if low > 0.0 else -s * w - m * far


@jit
def time_of_leaving(rng: Any, m: float, s: float, A: float, B: float, within: float) -> float:
    """Draw when she leaves, of those who leave within a time and before they buy: density (1 + v/A)^-m (1 + v/B)^-(s + 1).

    The density of w = log(1 + v / min(A, B)) is log-concave: it lies below its top between the two points that are 1 lower
    in logs, and below the lines through the top and these points beyond them.
    """
    C, low = min(A, B), 1.0 if A <= B else 0.0
    tie, end = C / max(A, B), log1p(within / C)
    mode = 0.0
    if low > 0.0 and m < 1.0 and tie < 1.0:
        mode = min(max(log((1.0 - m) * (1.0 - tie) / (tie * (m + s))), 0.0), end)
    top = _log_leaving(mode, m, s, low, tie)
    left, right = _one_lower(mode, 0.0, top, m, s, low, tie), _one_lower(mode, end, top, m, s, low, tie)
    before, after = mode - left, right - mode
    tails = before * exp(-1.0) if left > 0.0 else 0.0, after * exp(-1.0) if right < end else 0.0
    while True:
        place = rng.random() * (before + after + tails[0] + tails[1])
        if place < before + after:
            w, envelope = left + place, 0.0
        elif place < before + after + tails[0]:
            beyond = rng.standard_exponential()
            w, envelope = left - before * beyond, -1.0 - beyond
        else:
            beyond = rng.standard_exponential()
            w, envelope = right + after * beyond, -1.0 - beyond
        if 0.0 <= w <= end and log(max(rng.random(), 1e-300)) <= _log_leaving(w, m, s, low, tie) - top - envelope:
            return C * expm1(w)


@jit
def _one_lower(mode: float, end: float, top: float, m: float, s: float, low: float, tie: float) -> float:
    """Between the mode and an end, where the log-density is 1 lower than at the top; the end where it isn't."""
    if _log_leaving(end, m, s, low, tie) > top - 1.0:
        return end
    near, far = mode, end
    for _ in range(60):
        middle = 0.5 * (near + far)
        if _log_leaving(middle, m, s, low, tie) > top - 1.0:
            near = middle
        else:
            far = middle
    return far


class Bought(NamedTuple):
    """Parameters of the chance to leave within t after n purchases."""

    n: float
    m: float
    A: float
    s: float
    B: float
    t: float


@integrand(Bought)
def _bought(x: float, what: Bought) -> tuple[float]:
    """At u = t / (1 + exp(-x)): log of the density of leaving at u, with n purchases until then, but for constants."""
    n, m, A, s, B, t = what
    tail = log1p(exp(-abs(x)))
    log_y, log_rest = min(x, 0.0) - tail, min(-x, 0.0) - tail
    u = t * exp(log_y)
    return ((n + 1.0) * log_y + log_rest - (n + m) * log1p(u / A) - (s + 1.0) * log1p(u / B),)


@jit
def count_before(n: float, m: float, A: float, s: float, B: float, t: float) -> float:
    """P(n purchases within t) of one who is alive, buys at a rate from Gamma(m, A) and leaves at one from Gamma(s, B).

    She stays that long, with a negative binomial number of purchases; or she leaves at u, having bought n times. Of none
    there is a shorter way: she leaves before she buys; or she is there at t, silent, and then buys before she leaves.
    """
    if t == 0.0:
        return 1.0 if n == 0.0 else 0.0
    if n == 0.0:
        silent = exp(-m * log1p(t / A) - s * log1p(t / B))
        return leaves_first(m, s, A, B) + silent * (1.0 - leaves_first(m, s, A + t, B + t))
    ways = -log_beta(m, n) - log(n) + n * log(t / A)
    stays = ways - (n + m) * log1p(t / A) - s * log1p(t / B)
    leaves = ways + log(s / B * t) + log_integral(Bought(n, m, A, s, B, t), 0.0)[0]
    return exp(stays) + exp(leaves)
