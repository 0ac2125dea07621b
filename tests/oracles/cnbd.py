"""BG/CNBD-k and MBG/CNBD-k: Platzer & Reutterer (2016); Reutterer, Platzer & Schroeder (2021); parameters r, alpha, a, b.

As BG/NBD (z = 0) and MBG/NBD (z = 1), but only every k-th event of a Poisson process of rate lambda is a purchase: gaps are
Erlang-k. Histories are x, t_x, T and litt, the sum of the logs of the x gaps. If she is alive, some j < k events have passed
unseen since her last purchase, and given this phase lambda ~ Gamma(r + k x + j, alpha + T)::

    L = exp((k - 1) litt) / Gamma(k)^x Gamma(r + k x) / Gamma(r) alpha^r (
        B(a, b + x + z) / B(a, b) sum over j < k of (r + k x)_j / j! (T - t_x)^j (alpha + T)^-(r + k x + j)
        + B(a + 1, b + x + z - 1) / B(a, b) (alpha + t_x)^-(r + k x) if x + z > 0 )
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import mpmath as mp

from oracles.tools import ahead, at_least, beta_power, exactly, grid, integral, over_events

if TYPE_CHECKING:
    from collections.abc import Iterator

Point = tuple[float, ...]
Phases = list[tuple[int, mp.mpf, mp.mpf]]
"""Each phase, the shape of lambda in it, and its chance."""


def cnbd_loglik(theta: Point, history: Point, k: int, z: int) -> mp.mpf:
    """The log-likelihood of the times of all purchases, or of t_x and x if their gaps are not known (litt is nan)."""
    r, alpha, *_ = map(exactly, theta)
    x, t_x, *_ = map(exactly, history)
    front = mp.loggamma(r + k * x) - mp.loggamma(r) + r * mp.log(alpha) - (r + k * x) * mp.log(alpha + t_x)
    still, gone = _still_and_gone(theta, history, k, z)
    return _gaps(history, k) + front + mp.log(mp.fsum(still) + gone)


def cnbd_mixture(theta: Point, history: Point, k: int, z: int) -> mp.mpf:
    """The same without a closed form: the likelihood of one customer, added up over all lambda and all p."""
    r, alpha, a, b = map(exactly, theta)
    x, t_x, T, _ = map(exactly, history)
    x = int(x)

    def over_rates(shape: mp.mpf, time: mp.mpf, unseen: mp.mpf) -> mp.mpf:
        def density(y: mp.mpf) -> mp.mpf:
            rate = mp.exp(y)
            waits = mp.gammainc(k, rate * unseen, regularized=True) if unseen else 1
            return mp.exp(shape * y - rate * time + r * mp.log(alpha) - mp.loggamma(r)) * waits

        return integral(density, _logs_of_rates(shape, time, -mp.log(unseen or time)))

    def over_chances(stays: int, leaves: int) -> mp.mpf:
        def density(y: mp.mpf) -> mp.mpf:
            p, rest = 1 / (1 + mp.exp(-y)), 1 / (1 + mp.exp(y))
            return p ** (a + leaves) * rest ** (b + stays) / mp.beta(a, b)

        digits = mp.mp.dps * mp.log(10) + 40
        return integral(density, grid(-digits / (a + leaves), digits / (b + stays), (mp.mpf(0), mp.mpf(1)), step=mp.inf))

    total = over_chances(x + z, 0) * over_rates(r + k * x, alpha + t_x, T - t_x)
    if x + z > 0:
        total += over_chances(x + z - 1, 1) * over_rates(r + k * x, alpha + t_x, mp.mpf(0))
    return _gaps(history, k) + mp.log(total)


def cnbd_alive(theta: Point, history: Point, k: int, z: int) -> mp.mpf:
    """P(alive): the first term's share of the likelihood."""
    still, gone = _still_and_gone(theta, history, k, z)
    return 1 / (1 + gone / mp.fsum(still))


def cnbd_phase(theta: Point, history: Point, k: int, z: int, j: int) -> mp.mpf:
    """The chance that j events have passed since her last purchase, if she is alive."""
    still, _ = _still_and_gone(theta, history, k, z)
    return still[j] / mp.fsum(still)


def cnbd_survival(theta: Point, history: Point, k: int, z: int, u: float) -> mp.mpf:
    """The chance of one who is alive at T to be so at T + u: she stays after each purchase, however many there are."""
    _, _, a, b = map(exactly, theta)
    left, y = b + exactly(history[0]) + z, _y(theta, history, u)

    def weights(j: int) -> Iterator[mp.mpf]:
        return (stays for n, stays in enumerate(_stays(a, left)) for _ in range(k - j if n == 0 else k))

    return mp.fsum(chance * over_events(shape, y, weights(j)) for j, shape, chance in _phases(theta, history, k, z))


def cnbd_purchases(theta: Point, history: Point, k: int, z: int, t: float) -> mp.mpf:
    """The n-th purchase is made if there are the events for it and she has stayed n - 1 times."""
    _, _, a, b = map(exactly, theta)
    left, y = b + exactly(history[0]) + z, _y(theta, history, t)

    def weights(j: int) -> Iterator[mp.mpf]:
        bought = mp.mpf(0)
        for n, stays in enumerate(_stays(a, left)):
            yield from (bought for _ in range(k - j if n == 0 else k))
            bought += stays

    bought = mp.fsum(chance * over_events(shape, y, weights(j)) for j, shape, chance in _phases(theta, history, k, z))
    return cnbd_alive(theta, history, k, z) * bought


def cnbd_count(theta: Point, history: Point, k: int, z: int, n: int, t: float) -> mp.mpf:  # noqa: PLR0917
    """The chance of n purchases: she stays after each, or leaves after the n-th, if she would have made n or more."""
    _, _, a, b = map(exactly, theta)
    left, y, alive = b + exactly(history[0]) + z, _y(theta, history, t), cnbd_alive(theta, history, k, z)
    stays = mp.beta(a, left + n) / mp.beta(a, left)
    leaves = mp.beta(a + 1, left + n - 1) / mp.beta(a, left) if n > 0 else mp.mpf(0)

    def counted(j: int, shape: mp.mpf) -> mp.mpf:
        enough = range(max(k * n - j, 0), k * n - j + k)
        exact = mp.fsum(mp.rf(shape, m) / mp.factorial(m) * (1 - y) ** shape * y**m for m in enough)
        return stays * exact + leaves * at_least(k * n - j, shape, y)

    chances = mp.fsum(chance * counted(j, shape) for j, shape, chance in _phases(theta, history, k, z))
    return alive * chances + (1 - alive if n == 0 else 0)


def cnbd_discounted(theta: Point, history: Point, k: int, z: int, t: float, force: float) -> mp.mpf:  # noqa: PLR0917
    """Discounted purchases up to a horizon, or for ever."""
    _, alpha, a, b = map(exactly, theta)
    x, _, T, _ = map(exactly, history)
    phases, rate, stays, d = _phases(theta, history, k, z), alpha + T, (a, b + x + z), exactly(force)
    discounted = _for_ever(phases, rate, stays, d) if mp.isinf(t) else _up_to(phases, rate, stays, d, t)
    return cnbd_alive(theta, history, k, z) * discounted


def cnbd_rate(theta: Point, history: Point, k: int, z: int) -> mp.mpf:
    """The mean of lambda, given the history."""
    r, alpha, *_ = map(exactly, theta)
    x, t_x, T, _ = map(exactly, history)
    alive = cnbd_alive(theta, history, k, z)
    events = mp.fsum(shape * chance for _, shape, chance in _phases(theta, history, k, z))
    return alive * events / (alpha + T) + (1 - alive) * (r + k * x) / (alpha + t_x)


def cnbd_dropout(theta: Point, history: Point, k: int, z: int) -> mp.mpf:
    """The mean of p, given the history."""
    _, _, a, b = map(exactly, theta)
    return (a + 1 - cnbd_alive(theta, history, k, z)) / (a + b + exactly(history[0]) + z)


def _gaps(history: Point, k: int) -> mp.mpf:
    """What the gaps add to the likelihood of k x events: their own, or that of t_x alone, over what it is where k = 1."""
    x, t_x, _, litt = map(exactly, history)
    if x == 0:
        return mp.mpf(0)
    if mp.isnan(litt):
        return (k - 1) * x * mp.log(t_x) + mp.loggamma(x) - mp.loggamma(k * x)
    return (k - 1) * litt - x * mp.loggamma(k)


def _still_and_gone(theta: Point, history: Point, k: int, z: int) -> tuple[list[mp.mpf], mp.mpf]:
    """The terms of the parentheses over (alpha + t_x)^-(r + k x): of one alive in each phase, and of one who has left."""
    r, alpha, a, b = map(exactly, theta)
    x, t_x, T, _ = map(exactly, history)
    shape, wait = r + k * x, (T - t_x) / (alpha + T)
    stays = mp.beta(a, b + x + z) / mp.beta(a, b) * ((alpha + t_x) / (alpha + T)) ** shape
    leaves = mp.beta(a + 1, b + x + z - 1) / mp.beta(a, b) if x + z > 0 else mp.mpf(0)
    return [stays * mp.rf(shape, j) / mp.factorial(j) * wait**j for j in range(k)], leaves


def _phases(theta: Point, history: Point, k: int, z: int) -> Phases:
    """What is known of one who is alive."""
    shape = exactly(theta[0]) + k * exactly(history[0])
    return [(j, shape + j, cnbd_phase(theta, history, k, z, j)) for j in range(k)]


def _y(theta: Point, history: Point, t: float) -> mp.mpf:
    """The share of t in alpha + T + t."""
    return exactly(t) / (exactly(theta[1]) + exactly(history[2]) + exactly(t))


def _stays(a: mp.mpf, b: mp.mpf) -> Iterator[mp.mpf]:
    """Means of (1 - p)^n, n = 0, 1, 2, ..., for p ~ Beta(a, b)."""
    stays = mp.mpf(1)
    for n in count():
        yield stays
        stays *= (b + n) / (a + b + n)


def _logs_of_rates(shape: mp.mpf, time: mp.mpf, turn: mp.mpf, power: float = 0) -> list[mp.mpf]:
    """Where lambda ~ Gamma(shape, time) is, in logs, if it is weighed by a power of lambda below a turn."""
    digits, peak = mp.mp.dps * mp.log(10) + 40, mp.log(shape / time)
    low = min(peak, turn) - 2 - digits / (shape + power)
    high = mp.log((4 * shape + 4 * digits) / time)
    return grid(low, high, (peak, 1 / mp.sqrt(shape)), (turn, mp.mpf(1)), step=mp.inf)


def _up_to(phases: Phases, rate: mp.mpf, stays: tuple[mp.mpf, mp.mpf], d: mp.mpf, t: float) -> mp.mpf:
    """Discounted purchases up to t: at each time the chance that an event comes then, and is a purchase of hers."""
    k = len(phases)

    def weights(j: int) -> Iterator[mp.mpf]:
        for n, stayed in enumerate(_stays(*stays)):
            yield from (mp.mpf(0) for _ in range(k - 1 - j if n == 0 else k - 1))
            yield stayed

    def worth(u: mp.mpf) -> mp.mpf:
        y = u / (rate + u)
        return mp.exp(-d * u) * mp.fsum(
            chance * shape / rate * over_events(shape + 1, y, weights(j)) for j, shape, chance in phases
        )

    return ahead(worth, t, rate, (mp.mpf(0), rate / phases[0][1]), force=d)


def _for_ever(phases: Phases, rate: mp.mpf, stays: tuple[mp.mpf, mp.mpf], d: mp.mpf) -> mp.mpf:
    """Discounted purchases for ever.

    An event is discounted by rho = lambda / (lambda + d), the n-th purchase, made if she has stayed n - 1 times, by
    rho^(k n - j); the geometric sum is rho^(k - j) / (1 - (1 - p) rho^k).
    """
    k, (_, least, _) = len(phases), phases[0]

    def worth(y: mp.mpf) -> mp.mpf:
        log_rho, log_scaled = -mp.log1p(d * mp.exp(-y)), y + mp.log(rate)
        falls = -mp.expm1(k * log_rho)
        first = mp.fsum(
            chance * mp.exp(shape * log_scaled - mp.exp(log_scaled) - mp.loggamma(shape) + (k - j) * log_rho)
            for j, shape, chance in phases
        )
        return first / falls * beta_power(1, *stays, (1 - falls) / falls)

    return integral(worth, _logs_of_rates(least, rate, mp.log(d), 1))
