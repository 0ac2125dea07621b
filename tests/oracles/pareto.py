"""Pareto/NBD: Schmittlein, Morrison & Colombo (1987); Fader & Hardie, notes 009 and 015; parameters r, alpha, s, beta.

She buys at a rate lambda ~ Gamma(r, alpha), until she leaves at a rate mu ~ Gamma(s, beta). One who was last seen at t_x has
left at some u, or is alive at T; the mean over both rates is::

    L = Gamma(r + x) / Gamma(r) alpha^r beta^s ( (alpha + T)^-(r + x) (beta + T)^-s
        + s integral from t_x to T of (alpha + u)^-(r + x) (beta + u)^-(s + 1) du )

The papers write the integral as a difference of two 2F1, of which few digits may be left; here it is an integral.
"""

from __future__ import annotations

import mpmath as mp

from oracles.tools import ahead, exactly

Point = tuple[float, ...]


def pareto_loglik(theta: Point, history: Point) -> mp.mpf:
    """The log of L, over what it would be at T = t_x."""
    r, alpha, s, beta = map(exactly, theta)
    x, t_x, _ = map(exactly, history)
    shape, rate, left = r + x, alpha + t_x, beta + t_x
    front = mp.loggamma(shape) - mp.loggamma(r) + r * mp.log(alpha / rate) - x * mp.log(rate) + s * mp.log(beta / left)
    return front + mp.log(mp.fsum(_still_and_gone(theta, history)))


def pareto_alive(theta: Point, history: Point) -> mp.mpf:
    """P(alive): the first term's share of the likelihood."""
    still, gone = _still_and_gone(theta, history)
    return still / (still + gone)


def pareto_survival(theta: Point, history: Point, u: float) -> mp.mpf:
    """The chance of one who is alive at T to be so at T + u; what she has bought doesn't matter."""
    _, _, s, beta = map(exactly, theta)
    T = exactly(history[-1])
    return ((beta + T) / (beta + T + exactly(u))) ** s


def pareto_purchases(theta: Point, history: Point, t: float) -> mp.mpf:
    """Schmittlein, Morrison & Colombo (1987), with the limit where s = 1."""
    r, alpha, s, beta = map(exactly, theta)
    x, _, T = map(exactly, history)
    longer = mp.log1p(exactly(t) / (beta + T))
    lived = -mp.expm1((1 - s) * longer) / (s - 1) if s != 1 else longer
    return pareto_alive(theta, history) * (r + x) / (alpha + T) * (beta + T) * lived


def pareto_count(theta: Point, history: Point, k: int, t: float) -> mp.mpf:
    """The chance of k purchases: she stays to the end, or leaves at some u before it, having bought k times."""
    r, alpha, s, beta = map(exactly, theta)
    x, _, T = map(exactly, history)
    shape, rate, left, t = r + x, alpha + T, beta + T, exactly(t)
    front = mp.rf(shape, k) / mp.factorial(k)

    def buys(u: mp.mpf) -> mp.mpf:
        return front * (1 + u / rate) ** -shape * (u / (rate + u)) ** k

    def buys_and_leaves(u: mp.mpf) -> mp.mpf:
        return buys(u) * s / left * (1 + u / left) ** (-s - 1)

    most, end = rate * k / shape, (t, (t + min(rate, left)) / (k + 1))
    width = (most + rate) * mp.sqrt(1 / (shape + k) + mp.mpf(1) / (k + 1))
    peaks = ((mp.mpf(0), rate / shape), end, *([(most, width)] if most < t else []))
    alive = pareto_alive(theta, history)
    counted = buys(t) * (1 + t / left) ** -s + ahead(buys_and_leaves, t, min(rate, left), *peaks)
    return alive * counted + (1 - alive if k == 0 else 0)


def pareto_discounted(theta: Point, history: Point, t: float, force: float) -> mp.mpf:
    """Discounted purchases: for ever by the U of Fader, Hardie & Lee (2005b), up to a horizon as an integral."""
    r, alpha, s, beta = map(exactly, theta)
    x, _, T = map(exactly, history)
    left, d = beta + T, exactly(force)
    buying = pareto_alive(theta, history) * (r + x) / (alpha + T)
    if mp.isinf(t):
        return buying * left**s * d ** (s - 1) * mp.hyperu(s, s, d * left)

    def worth(u: mp.mpf) -> mp.mpf:
        return (1 + u / left) ** -s * mp.exp(-d * u)

    return buying * ahead(worth, t, left, (mp.mpf(0), 4 / (d + s / left)), force=force)


def pareto_rate(theta: Point, history: Point) -> mp.mpf:
    """The mean of lambda, given the history: the likelihood with one more power of it, over the likelihood."""
    r, alpha, s, beta = map(exactly, theta)
    x, t_x, _ = map(exactly, history)
    more = mp.fsum(_still_and_gone((r + 1, alpha, s, beta), history))
    return (r + x) / (alpha + t_x) * more / mp.fsum(_still_and_gone(theta, history))


def pareto_dropout(theta: Point, history: Point) -> mp.mpf:
    """The mean of mu, given the history."""
    r, alpha, s, beta = map(exactly, theta)
    more = mp.fsum(_still_and_gone((r, alpha, s + 1, beta), history))
    return s / (beta + exactly(history[1])) * more / mp.fsum(_still_and_gone(theta, history))


def _still_and_gone(theta: Point, history: Point) -> tuple[mp.mpf, mp.mpf]:
    """The two terms of the braces, over (alpha + t_x)^-(r + x) (beta + t_x)^-s."""
    r, alpha, s, beta = map(exactly, theta)
    x, t_x, T = map(exactly, history)
    shape, rate, left, unseen = r + x, alpha + t_x, beta + t_x, T - t_x

    def leaves(v: mp.mpf) -> mp.mpf:
        return s / left * mp.exp(-shape * mp.log1p(v / rate) - (s + 1) * mp.log1p(v / left))

    still = mp.exp(-shape * mp.log1p(unseen / rate) - s * mp.log1p(unseen / left))
    quick = 4 / (shape / rate + (s + 1) / left)
    return still, ahead(leaves, unseen, min(rate, left), (mp.mpf(0), quick))
