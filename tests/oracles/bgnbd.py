"""BG/NBD: Fader, Hardie & Lee (2005), "Counting your customers" the easy way; parameters r, alpha, a, b."""

from __future__ import annotations

import mpmath as mp

from oracles.tools import DIGITS, beta_power, exactly


def bgnbd_loglik(theta: tuple[float, ...], history: tuple[float, ...]) -> mp.mpf:
    """Fader, Hardie & Lee (2005), eq. 6: log of A1 A2 (A3 + A4)."""
    r, alpha, a, b = map(exactly, theta)
    x, t_x, T = map(exactly, history)
    first = mp.loggamma(r + x) - mp.loggamma(r) + r * mp.log(alpha)
    second = mp.loggamma(a + b) + mp.loggamma(b + x) - mp.loggamma(b) - mp.loggamma(a + b + x)
    third = (alpha + T) ** (-(r + x))
    fourth = a / (b + x - 1) * (alpha + t_x) ** (-(r + x)) if x > 0 else mp.mpf(0)
    return first + second + mp.log(third + fourth)


def bgnbd_alive(theta: tuple[float, ...], history: tuple[float, ...]) -> mp.mpf:
    """P(alive) of Fader, Hardie & Lee (2008), note 021, eq. 7."""
    r, alpha, a, b = map(exactly, theta)
    x, t_x, T = map(exactly, history)
    if x == 0:
        return mp.mpf(1)
    return 1 / (1 + a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x))


def bgnbd_survival(theta: tuple[float, ...], history: tuple[float, ...], u: float) -> mp.mpf:
    """The chance of one who is alive at T to be so at T + u: the mean of exp(-lambda p u)."""
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    return beta_power(r + x, a, b + x, exactly(u) / (alpha + T))


def bgnbd_purchases(theta: tuple[float, ...], history: tuple[float, ...], t: float) -> mp.mpf:
    """Fader, Hardie & Lee (2005), eq. 10; at a = 1, where it is 0 / 0, a hair beside it."""
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    t = exactly(t)
    with mp.workdps(3 * DIGITS):
        a = a + mp.mpf(10) ** (-DIGITS) if a == 1 else a
        shrink = ((alpha + T) / (alpha + T + t)) ** (r + x)
        gauss = mp.hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t), maxprec=50_000)
        return bgnbd_alive(theta, history) * (a + b + x - 1) / (a - 1) * (1 - shrink * gauss)


def bgnbd_count(theta: tuple[float, ...], history: tuple[float, ...], k: int, t: float) -> mp.mpf:
    """Fader, Hardie & Lee (2005), eq. 8, for one who is alive with what her history has taught; 0 purchases for the gone.

    In 400 digits, for its difference of nearly equal numbers leaves few of them.
    """
    with mp.workdps(400):
        r, alpha, a, b = map(exactly, theta)
        x, _, T = map(exactly, history)
        r, alpha, b, t = r + x, alpha + T, b + x, exactly(t)
        z, alive = t / (alpha + t), bgnbd_alive(theta, history)

        def buys(j: int) -> mp.mpf:
            return mp.rf(r, j) / mp.factorial(j) * (1 - z) ** r * z**j

        stays = mp.beta(a, b + k) / mp.beta(a, b) * buys(k)
        if k == 0:
            return 1 - alive + alive * stays
        leaves = mp.beta(a + 1, b + k - 1) / mp.beta(a, b) * (1 - mp.fsum(buys(j) for j in range(k)))
        return alive * (stays + leaves)


def bgnbd_residual(theta: tuple[float, ...], history: tuple[float, ...], force: float) -> mp.mpf:
    """Discounted purchases for ever.

    Given rate and chance to leave, the j-th purchase is made if she stayed j - 1 times, and is discounted by
    (lambda / (lambda + force))^j; the geometric sum is lambda / (force + p lambda). Its mean over p is a Gauss function, the
    one over lambda an integral.
    """
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    force, shape, rate, left = exactly(force), r + x, alpha + T, b + x

    def given(rate_of_buying: mp.mpf) -> mp.mpf:
        ratio = rate_of_buying / force
        return ratio * mp.hyp2f1(1, a, a + left, -ratio)

    def weighed(y: mp.mpf) -> mp.mpf:
        scaled = mp.exp(y)
        return mp.exp(shape * y - scaled - mp.loggamma(shape)) * given(scaled / rate)

    middle, width = mp.log(shape), 1 / mp.sqrt(shape) + 1
    ends = [middle + k * width for k in (-60, -30, -15, -8, -4, -2, -1, 0, 1, 2, 4)]
    return bgnbd_alive(theta, history) * mp.quad(weighed, ends)


def bgnbd_discounted(theta: tuple[float, ...], history: tuple[float, ...], t: float, force: float) -> mp.mpf:
    """Discounted purchases up to a horizon: the rate of buying, discounted, added up over the time ahead."""
    if mp.isinf(t):
        return bgnbd_residual(theta, history, force)
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    force, shape, rate = exactly(force), r + x, alpha + T

    def intensity(u: mp.mpf) -> mp.mpf:
        return shape / rate * mp.hyp2f1(shape + 1, a, a + b + x, -u / rate) * mp.exp(-force * u)

    ends = [exactly(t) * k / 8 for k in range(9)]
    return bgnbd_alive(theta, history) * mp.quad(intensity, ends)


def bgnbd_rate(theta: tuple[float, ...], history: tuple[float, ...]) -> mp.mpf:
    """The mean of lambda, given the history: of one who is alive until T, of one who has left until t_x."""
    r, alpha, *_ = map(exactly, theta)
    x, t_x, T = map(exactly, history)
    alive = bgnbd_alive(theta, history)
    return (r + x) * (alive / (alpha + T) + (1 - alive) / (alpha + t_x))


def bgnbd_dropout(theta: tuple[float, ...], history: tuple[float, ...]) -> mp.mpf:
    """The mean of p, given the history: one who has left has used it once more."""
    _, _, a, b = map(exactly, theta)
    return (a + 1 - bgnbd_alive(theta, history)) / (a + b + exactly(history[0]))
