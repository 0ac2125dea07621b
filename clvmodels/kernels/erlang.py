"""Regular customers: times between purchases are Erlang-k, and at each purchase she may leave for good.

Events come at random, at a rate lambda ~ Gamma(m, A), and every k-th is a purchase; phase j says how many events have
passed since the last one. At each purchase she leaves with a chance p ~ Beta(a, b). What lies u ahead of a customer in
phase j are sums over purchases (or events), all of whose terms are positive::

    intensity = sum over q >= 1 of E[(1 - p)^(q - 1)] f(q k - j),    f(i) the density of the i-th event at u
    survival  = sum over i >= 0 of E[(1 - p)^floor((i + j) / k)] P(i events within u)

The number of events within u is negative binomial. With phi = (1 - p)^(1/k) the sums are also sums over the k-th roots of
unity, of which but one die out as (1 + u / A)^-m: once they have, that one is taken, an integral over p.

Source: T. Reutterer, M. Platzer, N. Schroeder (2021), Leveraging purchase regularity for predicting customer behavior the
easy way, International Journal of Research in Marketing 38(1); the sums are our own.
"""

from __future__ import annotations

from math import cos, exp, lgamma, log, log1p, pi
from typing import Any, NamedTuple

from clvmodels.kernels.jit import jit
from clvmodels.kernels.special import betainc, log_beta, log_rising, log_survive, logistic, softplus, stays_again
from clvmodels.kernels.walk import integrand, log_integral

ENOUGH = 1e-17
GONE = 32.0
"""The other roots are this far below 1, in logs, when they no longer count."""

MANY = 2_000.0
"""Events that are summed rather than looking for the root that lasts."""

LEAST = 0.05
"""Below this the beta law of p has too long a tail to be walked."""

MOST = 200_000.0
"""Events that a sum goes through at most; those beyond it are left out."""

LARGE, SMALLER = 1e200, 1e-200

RUN = 8.0
"""Events whose terms grow at once, at most: by far less than what LARGE leaves of the range of numbers."""


@jit
def log_waiting(m: float, v: float, k: float) -> tuple[float, float, float]:
    """Log of the sum over phases of (m)_j / j! v^j, and its slopes in m and v."""
    term, total, slope, d_m, d_v = 1.0, 1.0, 0.0, 0.0, 0.0
    for j in range(int(k) - 1):
        d_v += term * (m + j)
        slope += 1.0 / (m + j)
        term *= (m + j) / (j + 1.0) * v
        total += term
        d_m += term * slope
    return log(total), d_m / total, d_v / total


@jit
def phase_chance(m: float, v: float, k: float, j: float) -> float:
    """P(phase j): the share of one term in that sum."""
    term, total, mine = 1.0, 0.0, 0.0
    for i in range(int(k)):
        total += term
        mine = term if i == j else mine
        term *= (m + i) / (i + 1.0) * v
    return mine / total


@jit
def draw_phase(rng: Any, m: float, v: float, k: float) -> float:
    """Draw the phase of one who is alive."""
    place, j, term = rng.random() * exp(log_waiting(m, v, k)[0]), 0.0, 1.0
    while place >= term and j < k - 1.0:
        place -= term
        term *= (m + j) / (j + 1.0) * v
        j += 1.0
    return j


@jit
def left_or_waiting(
    r: float, alpha: float, a: float, b: float, k: float, z: float, x: float, t_x: float, T: float
) -> tuple[float, float, float, float, float]:
    """Log-likelihood of the time since the last purchase: she waits for the next, or left at the last; and its slopes.

    She could leave at x + z purchases; where there was none, she hasn't.
    """
    m, stay, now, then = r + k * x, b + x + z - 1.0, 1.0 / (alpha + T), 1.0 / (alpha + t_x)
    v = (T - t_x) * now
    waiting, d_m, d_v = log_waiting(m, v, k)
    if x + z == 0.0:
        return waiting, d_m, -d_v * v * now, 0.0, 0.0
    growth = log((alpha + T) * then)
    more, share = softplus(log(a / stay) + m * growth - waiting)
    keep = 1.0 - share
    d_alpha = share * m * (now - then) - keep * d_v * v * now
    return waiting + more, share * growth + keep * d_m, d_alpha, share / a, -share / stay


@jit
def here(r: float, alpha: float, a: float, b: float, k: float, z: float, x: float, t_x: float, T: float) -> float:
    """P(alive at T): she waits, and didn't leave at the last purchase."""
    if x + z == 0.0:
        return 1.0
    m, stay = r + k * x, b + x + z - 1.0
    growth = log((alpha + T) / (alpha + t_x))
    return logistic(log_waiting(m, (T - t_x) / (alpha + T), k)[0] - log(a / stay) - m * growth)


@jit
def timing(x: float, t_x: float, litt: float, k: float) -> float:
    """Log-likelihood of the gaps between purchases; where only their sum is known, of that, beside what it is for k = 1."""
    if x == 0.0 or k == 1.0:
        return 0.0
    if litt == litt:  # noqa: PLR0124  (nan is not)
        return (k - 1.0) * litt - x * lgamma(k)
    return (k - 1.0) * x * log(t_x) + lgamma(x) - lgamma(k * x)


class Lasting(NamedTuple):
    """Parameters of the root that lasts: the integral over p of phi^power (1 + (1 - phi) w)^-m, times a sum over phases."""

    m: float
    a: float
    b: float
    w: float
    k: float
    power: float
    phases: float
    kappa: float


@integrand(Lasting)
def _lasting(y: float, what: Lasting) -> tuple[float]:
    """At p = 1 / (1 + exp(-y)), but for constants."""
    m, a, b, w, k, power, phases, kappa = what
    tail = log1p(exp(-abs(y)))
    log_p, log_stay = min(y, 0.0) - tail, min(-y, 0.0) - tail
    log_phi = (log_stay if kappa == 1.0 else log1p(-kappa * exp(log_p))) / k
    leaving = -log_phi if log_phi > -1e-9 else 1.0 - exp(log_phi)
    total = 0.0
    for i in range(int(phases)):
        total += exp(-i * log_phi)
    return (a * log_p + b * log_stay + power * log_phi - m * log1p(leaving * w) + log(total / k),)


@jit
def _lasts(m: float, a: float, b: float, w: float, k: float, power: float, phases: float, kappa: float) -> float:
    """The root that lasts; -1 where others do, too, or where there are not many events to sum."""
    turn = min(1.0, 1.0 - cos(2.0 * pi / k))
    if a < LEAST or b <= 1.0 or m * w < MANY or m * log1p(turn * w) < GONE:
        return -1.0
    value = exp(log_integral(Lasting(m, a, b, w, k, power, phases, kappa), 0.0)[0] - log_beta(a, b))
    return value if -m * log1p(turn * w) < log(value) - GONE else -1.0


@jit
def _growth(m: float, i: float, z: float, events: float) -> float:
    """How the term of the i-th event grows over some events: one division for all, which is what a sum takes time for."""
    over, under = 1.0, 1.0
    for _ in range(int(events)):
        over *= (m + i) * z
        under *= i
        i += 1.0
    return over / under


@jit
def intensity_of(m: float, A: float, a: float, b: float, k: float, j: float, u: float, kappa: float) -> float:
    """Expected purchases per unit of time, u ahead of one in phase j."""
    w, z = u / A, u / (A + u)
    found = _lasts(m + 1.0, a, b, w, k, j + 1.0 - k, 1.0, kappa)
    if found >= 0.0:
        return m / A * found
    term, scale, i, total, q, wanting = 1.0, -(m + 1.0) * log1p(w), 1.0, 0.0, 0.0, k - j - 1.0
    stayed, before = 1.0, 0.0
    while i < MOST:
        if wanting == 0.0:
            total, wanting = total + stayed * term, k
            stayed, before, q = stays_again(a, b, q, kappa, stayed, before), stayed, q + 1.0
        run = min(wanting, RUN)
        ratio = _growth(m, i, z, run)
        term *= ratio
        i, wanting = i + run, wanting - run
        if ratio < 1.0 and stayed * term <= ENOUGH * total * (1.0 - max(ratio, z)):
            break
        if term > LARGE:
            term, total, scale = term * SMALLER, total * SMALLER, scale - log(SMALLER)
    return m / A * exp(scale + log(total)) if total > 0.0 else 0.0


@jit
def survival_of(m: float, A: float, a: float, b: float, k: float, j: float, u: float, kappa: float) -> float:
    """P(still there) u ahead of one in phase j."""
    w, z = u / A, u / (A + u)
    found = _lasts(m, a, b, w, k, j, k, kappa)
    if found >= 0.0:
        return min(found, 1.0)
    term, scale, i, total, q, wanting = 1.0, -m * log1p(w), 0.0, 0.0, 0.0, k - j
    stayed, before = 1.0, 0.0
    while i < MOST:
        total += stayed * term
        ratio = (m + i) / (i + 1.0) * z
        term *= ratio
        i, wanting = i + 1.0, wanting - 1.0
        if wanting == 0.0:
            stayed, before, q, wanting = stays_again(a, b, q, kappa, stayed, before), stayed, q + 1.0, k
        if ratio < 1.0 and term * stayed <= ENOUGH * total * (1.0 - max(ratio, z)):
            break
        if term > LARGE:
            term, total, scale = term * SMALLER, total * SMALLER, scale - log(SMALLER)
    return min(exp(scale + log(total)), 1.0)


@jit
def count_of(n: float, m: float, A: float, a: float, b: float, k: float, j: float, t: float) -> float:
    """P(n purchases within t) of one in phase j: n and still there, or the n-th was the last."""
    if t == 0.0:
        return 1.0 if n == 0.0 else 0.0
    z, events = t / (A + t), max(n * k - j, 0.0)
    log_term = log_rising(m, events)[0] - lgamma(events + 1.0) + m * log1p(-z) + (events * log(z) if events > 0.0 else 0.0)
    term, exactly = exp(log_term), 0.0
    while events < (n + 1.0) * k - j:
        exactly += term
        term *= (m + events) / (events + 1.0) * z
        events += 1.0
    if n == 0.0:
        return exactly
    stayed = exp(log_survive(a, b, n)[0])
    return stayed * exactly + stayed * a / (b + n - 1.0) * betainc(n * k - j, m, z)
