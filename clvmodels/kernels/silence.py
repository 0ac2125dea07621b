"""Silence: one who has bought x times and is silent since t will leave before she buys again, or buy; and the slopes.

Customers who buy at a rate from Gamma(r, alpha) and leave at one from Gamma(s, beta). A(t) = (1 + t / alpha)^-(r + x) (1 +
t / beta)^-s, but for constants, is the likelihood of one who is there at t, and h(t) the chance that she leaves first
(`fates`).
"""

from __future__ import annotations

from math import exp, expm1, log, log1p

from clvmodels.kernels.blend import log_sum
from clvmodels.kernels.fates import buys_within, leaves_first_slopes
from clvmodels.kernels.jit import jit

Five = tuple[float, float, float, float, float]


RARELY = -0.05
"""Log of a chance to be silent above which that of buying, its complement, is the one that keeps the digits."""


@jit
def log_still(r: float, alpha: float, s: float, beta: float, x: float, t: float) -> Five:
    """Log of A(t), and its slopes."""
    bought, stayed = log1p(t / alpha), log1p(t / beta)
    d_alpha, d_beta = (r + x) * t / (alpha * (alpha + t)), s * t / (beta * (beta + t))
    return -(r + x) * bought - s * stayed, -bought, d_alpha, -stayed, d_beta


@jit
def leaves_later(r: float, alpha: float, s: float, beta: float, x: float, t: float) -> Five:
    """Log of A(t) h(t), and its slopes."""
    still, d_r, d_alpha, d_s, d_beta = log_still(r, alpha, s, beta, x, t)
    chance, g_r, g_s, g_alpha, g_beta = leaves_first_slopes(r + x, s, alpha + t, beta + t)
    return still + chance, d_r + g_r, d_alpha + g_alpha, d_s + g_s, d_beta + g_beta


@jit
def buys_later(r: float, alpha: float, s: float, beta: float, x: float, T: float) -> Five:
    """Log of A(T) (1 - h(T)), and its slopes."""
    still, d_r, d_alpha, d_s, d_beta = log_still(r, alpha, s, beta, x, T)
    chance, g_r, g_s, g_alpha, g_beta = leaves_first_slopes(r + x, s, alpha + T, beta + T)
    buys = max(-expm1(chance), 1e-300)
    odds = (1.0 - buys) / buys
    return still + log(buys), d_r - odds * g_r, d_alpha - odds * g_alpha, d_s - odds * g_s, d_beta - odds * g_beta


@jit
def nobody_bought(r: float, alpha: float, s: float, beta: float, T: float) -> Five:
    """Log of both parts where x = 0: a chance that may be so near 1 that its complement alone keeps the digits."""
    if T == 0.0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    gone, kept = leaves_later(r, alpha, s, beta, 0.0, 0.0), buys_later(r, alpha, s, beta, 0.0, T)
    value, share = log_sum(gone[0], kept[0])
    if value < RARELY:
        d_r, d_alpha, d_s, d_beta = [share * gone[i] + (1.0 - share) * kept[i] for i in range(1, 5)]
        return value, d_r, d_alpha, d_s, d_beta
    bought, d_r, d_s, d_alpha, d_beta = buys_within(r, s, alpha, beta, T)
    odds = -exp(bought) / -expm1(bought)
    return log1p(-exp(bought)), odds * d_r, odds * d_alpha, odds * d_s, odds * d_beta
