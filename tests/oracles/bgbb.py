"""BG/BB: Fader, Hardie & Shang (2010); parameters alpha, beta, gamma, delta, histories x, t_x, n.

At each opportunity she first leaves for good with a chance theta ~ Beta(gamma, delta), and if not, buys with a chance
p ~ Beta(alpha, beta)::

    L = B(alpha + x, beta + n - x) / B(alpha, beta) B(gamma, delta + n) / B(gamma, delta)
        + sum over i < n - t_x of B(alpha + x, beta + t_x - x + i) / B(alpha, beta)
        B(gamma + 1, delta + t_x + i) / B(gamma, delta)
"""

from __future__ import annotations

import mpmath as mp

from oracles.tools import exactly

Point = tuple[float, ...]


def bgbb_loglik(theta: Point, history: Point) -> mp.mpf:
    """The log of L."""
    return mp.log(mp.fsum(_still_and_gone(theta, history)))


def bgbb_alive(theta: Point, history: Point) -> mp.mpf:
    """The chance that she hadn't left when the n-th opportunity came."""
    still, gone = _still_and_gone(theta, history)
    return still / (still + gone)


def bgbb_alive_next(theta: Point, history: Point) -> mp.mpf:
    """The P(alive) of Fader, Hardie & Shang (2010): the chance that she will be there for the next opportunity."""
    return bgbb_alive(theta, history) * bgbb_survival(theta, history, 1)


def bgbb_survival(theta: Point, history: Point, m: int) -> mp.mpf:
    """The chance of one who was there at the n-th opportunity to be there at the m-th after it."""
    *_, gamma, delta = map(exactly, theta)
    n = exactly(history[-1])
    return mp.beta(gamma, delta + n + m) / mp.beta(gamma, delta + n)


def bgbb_purchases(theta: Point, history: Point, m: int) -> mp.mpf:
    """Purchases at the next m opportunities: at each, that she is there and buys."""
    buys = _buys(theta, history)
    there = mp.fsum(bgbb_survival(theta, history, j) for j in range(1, int(m) + 1))
    return bgbb_alive(theta, history) * buys * there


def bgbb_count(theta: Point, history: Point, k: int, m: int) -> mp.mpf:
    """The chance of k purchases at the next m opportunities, over the number i of them at which she is there."""
    alpha, beta, gamma, delta = map(exactly, theta)
    x, _, n = map(exactly, history)
    alpha, beta, delta, m = alpha + x, beta + n - x, delta + n, int(m)

    def there(i: int) -> mp.mpf:
        leaves = mp.beta(gamma + 1, delta + i) if i < m else mp.beta(gamma, delta + m)
        return leaves / mp.beta(gamma, delta)

    def buys(i: int) -> mp.mpf:
        return mp.binomial(i, k) * mp.beta(alpha + k, beta + i - k) / mp.beta(alpha, beta)

    alive = bgbb_alive(theta, history)
    return alive * mp.fsum(there(i) * buys(i) for i in range(k, m + 1)) + (1 - alive if k == 0 else 0)


def bgbb_discounted(theta: Point, history: Point, d: float) -> mp.mpf:
    """The DERT of Fader, Hardie & Shang (2010): purchases for ever, the next opportunity's being discounted once."""
    *_, gamma, delta = map(exactly, theta)
    n, d = exactly(history[-1]), exactly(d)
    gauss = mp.hyp2f1(1, delta + n + 1, gamma + delta + n + 1, 1 / (1 + d))
    return bgbb_alive_next(theta, history) * _buys(theta, history) / (1 + d) * gauss


def bgbb_discounted_sum(theta: Point, history: Point, d: float, m: float = mp.inf) -> mp.mpf:
    """The same, opportunity by opportunity, up to the m-th or until nothing more is added."""
    *_, gamma, delta = map(exactly, theta)
    n, d = exactly(history[-1]), exactly(d)
    total, there, j = mp.mpf(0), mp.mpf(1), 1
    while j <= m:
        there *= (delta + n + j - 1) / (gamma + delta + n + j - 1) / (1 + d)
        total, j = total + there, j + 1
        if there < mp.eps / 1000 * total * d:
            break
    return bgbb_alive(theta, history) * _buys(theta, history) * total


def bgbb_rate(theta: Point, history: Point) -> mp.mpf:
    """The mean of p, given the history: the likelihood with one more power of it, over the likelihood."""
    alpha, beta, gamma, delta = map(exactly, theta)
    more = _still_and_gone((alpha, beta, gamma, delta), history, buying=1)
    return mp.fsum(more) / mp.fsum(_still_and_gone(theta, history))


def bgbb_dropout(theta: Point, history: Point) -> mp.mpf:
    """The mean of theta, given the history."""
    more = _still_and_gone(theta, history, leaving=1)
    return mp.fsum(more) / mp.fsum(_still_and_gone(theta, history))


def _buys(theta: Point, history: Point) -> mp.mpf:
    """The mean of p of one who was there all the time."""
    alpha, beta, *_ = map(exactly, theta)
    x, _, n = map(exactly, history)
    return (alpha + x) / (alpha + beta + n)


def _still_and_gone(theta: Point, history: Point, buying: int = 0, leaving: int = 0) -> tuple[mp.mpf, mp.mpf]:
    """The two terms of the likelihood, with more powers of p and theta in its mean."""
    alpha, beta, gamma, delta = map(exactly, theta)
    x, t_x, n = map(exactly, history)
    norm, bought, left = mp.beta(alpha, beta) * mp.beta(gamma, delta), alpha + x + buying, gamma + leaving
    still = mp.beta(bought, beta + n - x) * mp.beta(left, delta + n)
    gone = (mp.beta(bought, beta + t_x - x + i) * mp.beta(left + 1, delta + t_x + i) for i in range(int(n - t_x)))
    return still / norm, mp.fsum(gone) / norm
