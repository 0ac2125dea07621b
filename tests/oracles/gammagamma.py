"""Gamma-Gamma: Fader & Hardie (2013), note 025; parameters p, q, v."""

from __future__ import annotations

import mpmath as mp

from oracles.tools import exactly


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
