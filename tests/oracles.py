"""What the papers say, in 50 digits: formulas written anew from their pages, slow and without a trick."""

from __future__ import annotations

import mpmath as mp

DIGITS = 50


def exactly(value: float | mp.mpf) -> mp.mpf:
    """Take a number as it is, and not as it is printed."""
    return value if isinstance(value, mp.mpf) else mp.mpf(float(value))


def beta_power(m: float, a: float, b: float, w: float) -> mp.mpf:
    """Mean of (1 + p w)^-m over p ~ Beta(a, b): Gauss's 2F1, or the integral itself where that can't be summed."""
    m, a, b, w = map(exactly, (m, a, b, w))
    try:
        with mp.workdps(DIGITS):
            return mp.hyp2f1(m, a, a + b, -w, maxprec=20_000)
    except (ValueError, mp.NoConvergence):
        with mp.workdps(DIGITS):
            return beta_power_integral(m, a, b, w)


def beta_power_integral(m: mp.mpf, a: mp.mpf, b: mp.mpf, w: mp.mpf) -> mp.mpf:
    """The same as an integral over p, in pieces of log-odds, each by Gauss-Legendre."""

    def density(y: mp.mpf) -> mp.mpf:
        p, rest = 1 / (1 + mp.exp(-y)), 1 / (1 + mp.exp(y))
        return p**a * rest**b * (1 + p * w) ** (-m)

    ends = mp.linspace(-mp.mpf(60) / min(a, 1) - mp.log(1 + m * w), mp.mpf(60) / min(b, 1), 160)
    return mp.quad(density, ends, method="gauss-legendre", maxdegree=4) / mp.beta(a, b)


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
    r, alpha, a, b = map(exactly, theta)
    x, _, T = map(exactly, history)
    force, shape, rate = exactly(force), r + x, alpha + T

    def intensity(u: mp.mpf) -> mp.mpf:
        return shape / rate * mp.hyp2f1(shape + 1, a, a + b + x, -u / rate) * mp.exp(-force * u)

    ends = [exactly(t) * k / 8 for k in range(9)]
    return bgnbd_alive(theta, history) * mp.quad(intensity, ends)


def gammagamma_loglik(theta: tuple[float, ...], history: tuple[float, ...]) -> mp.mpf:
    """Fader & Hardie (2013), eq. 1a."""
    p, q, v = map(exactly, theta)
    x, m = map(exactly, history)
    front = mp.loggamma(p * x + q) - mp.loggamma(p * x) - mp.loggamma(q)
    return front + q * mp.log(v) + (p * x - 1) * mp.log(m) + p * x * mp.log(x) - (p * x + q) * mp.log(v + m * x)


def gammagamma_mixture(theta: tuple[float, ...], history: tuple[float, ...]) -> mp.mpf:
    """The same density without its closed form: the gamma law of a mean of x purchases, mixed over customers' rates."""
    p, q, v = map(exactly, theta)
    x, m = map(exactly, history)

    def joint(y: mp.mpf) -> mp.mpf:
        rate = mp.exp(y)
        mean = p * x * mp.log(rate * x) + (p * x - 1) * mp.log(m) - rate * x * m - mp.loggamma(p * x)
        return mp.exp(mean + q * mp.log(v * rate) - v * rate - mp.loggamma(q))

    middle, width = mp.log((p * x + q) / (v + x * m)), 1 / mp.sqrt(p * x + q)
    return mp.log(
        mp.quad(joint, [middle + k * width for k in (-80, -40, -20, -12, -8, -6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12)])
    )


def gammagamma_mean(theta: tuple[float, ...], history: tuple[float, ...]) -> mp.mpf:
    """Fader & Hardie (2013), eq. 5: a weighted mean of hers and of everybody's."""
    p, q, v = map(exactly, theta)
    x, m = map(exactly, history)
    everybody, hers = (q - 1) / (p * x + q - 1), p * x / (p * x + q - 1)
    return everybody * p * v / (q - 1) + hers * m
