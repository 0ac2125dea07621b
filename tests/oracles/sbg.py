"""Shifted beta-geometric: Fader & Hardie (2007), "How to project customer retention"; parameters alpha, beta.

At the end of each period she leaves with a chance p ~ Beta(alpha, beta), her own and always the same.
"""

from __future__ import annotations

import mpmath as mp

from oracles.tools import exactly

Point = tuple[float, ...]


def sbg_survival(theta: Point, t: float) -> mp.mpf:
    """S(t): the share that outlives t periods."""
    alpha, beta = map(exactly, theta)
    return mp.beta(alpha, beta + exactly(t)) / mp.beta(alpha, beta)


def sbg_lifetime(theta: Point, t: float) -> mp.mpf:
    """P(T = t): the share that leaves at the end of period t."""
    alpha, beta = map(exactly, theta)
    return mp.beta(alpha + 1, beta + exactly(t) - 1) / mp.beta(alpha, beta)


def sbg_retention(theta: Point, t: float) -> mp.mpf:
    """r(t): those who outlive period t, of those who have come to it."""
    alpha, beta = map(exactly, theta)
    t = exactly(t)
    return (beta + t - 1) / (alpha + beta + t - 1)


def sbg_derl(theta: Point, d: float, tenure: int) -> mp.mpf:
    """The DERL of Fader & Hardie (2010): discounted renewals of one in her period of this number, about to renew or not."""
    alpha, beta = map(exactly, theta)
    n, d = exactly(tenure), exactly(d)
    return sbg_retention(theta, n) * mp.hyp2f1(1, beta + n, alpha + beta + n, 1 / (1 + d))


def sbg_derl_sum(theta: Point, d: float, tenure: int) -> mp.mpf:
    """The same, renewal by renewal: the next isn't discounted."""
    d, total, there, t = exactly(d), mp.mpf(0), mp.mpf(1), int(tenure)
    while there >= mp.eps / 1000 * total * d:
        there *= sbg_retention(theta, t)
        total, there, t = total + there, there / (1 + d), t + 1
    return total
