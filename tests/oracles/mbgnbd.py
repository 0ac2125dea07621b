"""MBG/NBD: Batislam, Denizel & Filiztekin (2007); parameters r, alpha, a, b.

As BG/NBD, but a customer may also leave right after her first purchase, with the same chance p as after any other::

    L = Gamma(r + x) / Gamma(r) alpha^r ( B(a, b + x + 1) / B(a, b) (alpha + T)^-(r + x)
        + B(a + 1, b + x) / B(a, b) (alpha + t_x)^-(r + x) )

One who is alive has lambda ~ Gamma(r + x, alpha + T) and p ~ Beta(a, b + x + 1), independently.
"""

from __future__ import annotations

import mpmath as mp

from oracles.tools import ahead, at_least, beta_power, exactly

Point = tuple[float, ...]


def mbgnbd_loglik(theta: Point, history: Point) -> mp.mpf:
    """The log of L."""
    r, alpha, a, b = map(exactly, theta)
    x, t_x, T = map(exactly, history)
    front = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
    still = mp.beta(a, b + x + 1) * (alpha + T) ** (-r - x)
    gone = mp.beta(a + 1, b + x) * (alpha + t_x) ** (-r - x)
    return front + mp.log((still + gone) / mp.beta(a, b))


def mbgnbd_alive(theta: Point, history: Point) -> mp.mpf:
    """P(alive): the first term's share of the likelihood."""
    r, alpha, a, b = map(exactly, theta)
    x, t_x, T = map(exactly, history)
    return 1 / (1 + a / (b + x) * ((alpha + T) / (alpha + t_x)) ** (r + x))


def mbgnbd_survival(theta: Point, history: Point, u: float) -> mp.mpf:
    """The chance of one who is alive at T to be so at T + u: the mean of exp(-lambda p u)."""
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    return beta_power(r + x, a, b + x + 1, exactly(u) / (alpha + T))


def mbgnbd_purchases(theta: Point, history: Point, t: float) -> mp.mpf:
    """The mean of (1 - exp(-lambda p t)) / p; at a = 1, where it is 0 / 0, a hair beside it."""
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    t, digits = exactly(t), mp.mp.dps
    with mp.workdps(3 * digits):
        a = a + mp.mpf(10) ** -digits if a == 1 else a
        shrink = ((alpha + T) / (alpha + T + t)) ** (r + x)
        gauss = mp.hyp2f1(r + x, b + x + 1, a + b + x, t / (alpha + T + t), maxprec=50_000)
        return mbgnbd_alive(theta, history) * (a + b + x) / (a - 1) * (1 - shrink * gauss)


def mbgnbd_count(theta: Point, history: Point, k: int, t: float) -> mp.mpf:
    """The chance of k purchases: she stays after each, or leaves after the k-th, if she would have made k or more."""
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    shape, left, t = r + x, b + x + 1, exactly(t)
    y, alive = t / (alpha + T + t), mbgnbd_alive(theta, history)
    stays = mp.beta(a, left + k) / mp.beta(a, left)
    counted = stays * mp.rf(shape, k) / mp.factorial(k) * (1 - y) ** shape * y**k
    if k == 0:
        return 1 - alive + alive * counted
    leaves = mp.beta(a + 1, left + k - 1) / mp.beta(a, left)
    return alive * (counted + leaves * at_least(k, shape, y))


def mbgnbd_discounted(theta: Point, history: Point, t: float, force: float) -> mp.mpf:
    """Discounted purchases up to a horizon, or for ever: the mean of lambda exp(-lambda p u), discounted and added up."""
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    shape, rate, d = r + x, alpha + T, exactly(force)

    def worth(u: mp.mpf) -> mp.mpf:
        return beta_power(shape + 1, a, b + x + 1, u / rate) * mp.exp(-d * u)

    return mbgnbd_alive(theta, history) * shape / rate * ahead(worth, t, rate, (mp.mpf(0), 4 / d), force=force)


def mbgnbd_rate(theta: Point, history: Point) -> mp.mpf:
    """The mean of lambda, given the history."""
    r, alpha, _, _ = map(exactly, theta)
    x, t_x, T = map(exactly, history)
    alive = mbgnbd_alive(theta, history)
    return (r + x) * (alive / (alpha + T) + (1 - alive) / (alpha + t_x))


def mbgnbd_dropout(theta: Point, history: Point) -> mp.mpf:
    """The mean of p, given the history."""
    _, _, a, b = map(exactly, theta)
    x = exactly(history[0])
    return (a + 1 - mbgnbd_alive(theta, history)) / (a + b + x + 1)
