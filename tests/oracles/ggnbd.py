"""Gamma/Gompertz/NBD: Bemmaor & Glady (2012); parameters r, alpha, b, s, beta.

She buys at a rate lambda ~ Gamma(r, alpha) for a Gompertz lifetime, exp(-eta (e^(b t) - 1)) of whose kind outlive t, with
eta ~ Gamma(s, beta); over all eta it is S(t) = (beta / (beta - 1 + e^(b t)))^s::

    L = Gamma(r + x) / Gamma(r) alpha^r ( (alpha + T)^-(r + x) S(T)
        + integral from t_x to T of (alpha + u)^-(r + x) (-S'(u)) du )
"""

from __future__ import annotations

import mpmath as mp

from oracles.tools import ahead, exactly

Point = tuple[float, ...]


def ggnbd_loglik(theta: Point, history: Point) -> mp.mpf:
    """The log of L, over what it would be at T = t_x."""
    r, alpha, b, s, beta = map(exactly, theta)
    x, t_x, _ = map(exactly, history)
    rate = alpha + t_x
    front = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha / rate) - x * mp.log(rate)
    outlived = -s * mp.log1p(mp.expm1(b * t_x) / beta)
    return front + outlived + mp.log(mp.fsum(_still_and_gone(theta, history)))


def ggnbd_alive(theta: Point, history: Point) -> mp.mpf:
    """P(alive): the first term's share of the likelihood."""
    still, gone = _still_and_gone(theta, history)
    return still / (still + gone)


def ggnbd_survival(theta: Point, history: Point, u: float) -> mp.mpf:
    """The chance of one who is alive at T to be so at T + u: S(T + u) / S(T)."""
    return mp.exp(-_wear(theta, exactly(history[-1]), exactly(u)))


def ggnbd_purchases(theta: Point, history: Point, t: float) -> mp.mpf:
    """Her rate times the time that she has left, up to t."""
    return ggnbd_discounted(theta, history, t, 0)


def ggnbd_discounted(theta: Point, history: Point, t: float, force: float) -> mp.mpf:
    """Discounted purchases up to a horizon, or for ever: her rate times the discounted time that she has left."""
    r, alpha, *_ = map(exactly, theta)
    x, _, T = map(exactly, history)
    d = exactly(force)

    def worth(u: mp.mpf) -> mp.mpf:
        return mp.exp(-_wear(theta, T, u) - d * u)

    unit, *peaks = _scales(theta, T)
    rate = (r + x) / (alpha + T)
    return ggnbd_alive(theta, history) * rate * ahead(worth, t, unit, *peaks, force=force)


def ggnbd_count(theta: Point, history: Point, k: int, t: float) -> mp.mpf:
    """The chance of k purchases: she stays to the end, or leaves at some u before it, having bought k times."""
    r, alpha, *_ = map(exactly, theta)
    x, _, T = map(exactly, history)
    shape, rate, t = r + x, alpha + T, exactly(t)
    front = mp.rf(shape, k) / mp.factorial(k)

    def buys(u: mp.mpf) -> mp.mpf:
        return front * (1 + u / rate) ** -shape * (u / (rate + u)) ** k

    def buys_and_leaves(u: mp.mpf) -> mp.mpf:
        return buys(u) * _hazard(theta, T + u) * mp.exp(-_wear(theta, T, u))

    unit, *peaks = _scales(theta, T)
    unit, most = min(unit, rate), rate * k / shape
    width = (most + rate) * mp.sqrt(1 / (shape + k) + mp.mpf(1) / (k + 1))
    peaks += [(mp.mpf(0), rate / shape), (t, (t + unit) / (k + 1)), *([(most, width)] if most < t else [])]
    alive = ggnbd_alive(theta, history)
    counted = buys(t) * mp.exp(-_wear(theta, T, t)) + ahead(buys_and_leaves, t, unit, *peaks)
    return alive * counted + (1 - alive if k == 0 else 0)


def ggnbd_rate(theta: Point, history: Point) -> mp.mpf:
    """The mean of lambda, given the history: the likelihood with one more power of it, over the likelihood."""
    r, alpha, *lifetime = map(exactly, theta)
    x, t_x, _ = map(exactly, history)
    more = mp.fsum(_still_and_gone((r + 1, alpha, *lifetime), history))
    return (r + x) / (alpha + t_x) * more / mp.fsum(_still_and_gone(theta, history))


def ggnbd_dropout(theta: Point, history: Point) -> mp.mpf:
    """The mean of eta, given the history."""
    r, alpha, b, s, beta = map(exactly, theta)
    more = mp.fsum(_still_and_gone((r, alpha, b, s + 1, beta), history))
    return s / (beta + mp.expm1(b * exactly(history[1]))) * more / mp.fsum(_still_and_gone(theta, history))


def _wear(theta: Point, since: mp.mpf, v: mp.mpf) -> mp.mpf:
    """The log of S(since) / S(since + v)."""
    b, s = exactly(theta[2]), exactly(theta[3])
    return s * mp.log1p(mp.expm1(b * v) / _left(theta, since))


def _hazard(theta: Point, u: mp.mpf) -> mp.mpf:
    """The rate of leaving at u: minus the slope of log S."""
    b, s = exactly(theta[2]), exactly(theta[3])
    return s * b / _left(theta, u)


def _left(theta: Point, u: mp.mpf) -> mp.mpf:
    """(beta - 1 + e^(b u)) / e^(b u), without a difference of nearly equal numbers."""
    _, _, b, _, beta = map(exactly, theta)
    return beta * mp.exp(-b * u) - mp.expm1(-b * u)


def _scales(theta: Point, since: mp.mpf) -> tuple[mp.mpf, tuple[mp.mpf, mp.mpf], tuple[mp.mpf, mp.mpf]]:
    """How far from a time S is analytic, and the times at which it bends: now, and once e^(b t) passes beta."""
    _, _, b, s, beta = map(exactly, theta)
    unit = min(mp.pi / b, since - mp.log1p(-beta) / b) if beta < 1 else mp.pi / b
    bend = max(mp.log(beta) / b - since, mp.mpf(0))
    return unit, (mp.mpf(0), min(unit, 4 / _hazard(theta, since))), (bend, 1 / (b * (1 + s)))


def _still_and_gone(theta: Point, history: Point) -> tuple[mp.mpf, mp.mpf]:
    """The two terms of the parentheses, over (alpha + t_x)^-(r + x) S(t_x)."""
    r, alpha, *_ = map(exactly, theta)
    x, t_x, T = map(exactly, history)
    shape, rate, unseen = r + x, alpha + t_x, T - t_x

    def unbroken(v: mp.mpf) -> mp.mpf:
        return mp.exp(-shape * mp.log1p(v / rate) - _wear(theta, t_x, v))

    def leaves(v: mp.mpf) -> mp.mpf:
        return _hazard(theta, t_x + v) * unbroken(v)

    unit, *peaks = _scales(theta, t_x)
    return unbroken(unseen), ahead(leaves, unseen, min(unit, rate), (mp.mpf(0), 4 * rate / shape), *peaks)
