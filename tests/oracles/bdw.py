"""Beta-discrete-Weibull: Fader, Hardie, Liu, Davin & Steenburgh (2018); parameters alpha, beta, c.

As the shifted beta-geometric, with S(t) = (1 - p)^(t^c) for each customer: her chance to leave rises with time if c > 1, and
falls if c < 1.
"""

from __future__ import annotations

import mpmath as mp

from oracles.tools import exactly

Point = tuple[float, ...]


def bdw_survival(theta: Point, t: float) -> mp.mpf:
    """The share that outlives t periods."""
    alpha, beta, c = map(exactly, theta)
    return mp.beta(alpha, beta + exactly(t) ** c) / mp.beta(alpha, beta)


def bdw_lifetime(theta: Point, t: float) -> mp.mpf:
    """The share that leaves at the end of period t."""
    with mp.workdps(2 * mp.mp.dps):
        return bdw_survival(theta, t - 1) - bdw_survival(theta, t)


def bdw_retention(theta: Point, t: float) -> mp.mpf:
    """Those who outlive period t, of those who have come to it."""
    return bdw_survival(theta, t) / bdw_survival(theta, t - 1)


def bdw_derl(theta: Point, d: float, tenure: int) -> mp.mpf:
    """Discounted renewals ahead of one in her period of this number, renewal by renewal: the next isn't discounted."""
    d, total, t = exactly(d), mp.mpf(0), int(tenure)
    worth = now = bdw_survival(theta, t - 1)
    while worth >= mp.eps / 1000 * total * d:
        worth = bdw_survival(theta, t) / (1 + d) ** (t - int(tenure))
        total, t = total + worth, t + 1
    return total / now
