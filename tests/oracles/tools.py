"""What the formulas of the papers are made of: exact numbers, means of powers, integrals to every digit."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

import mpmath as mp
from mpmath.calculus.quadrature import GaussLegendre

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DIGITS = 50
SPARE = 8
"""Digits that an integral carries beyond those that are asked for."""


def exactly(value: float | mp.mpf) -> mp.mpf:
    """Take a number as it is, and not as it is printed."""
    return value if isinstance(value, mp.mpf) else mp.mpf(float(value))


def integral(f: Callable[[mp.mpf], mp.mpf], ends: list[mp.mpf]) -> mp.mpf:
    """An integral in pieces by Gauss-Legendre, each halved until its halves say what it said.

    For its size, half a piece is twice as far from whatever keeps f from being analytic: with n nodes, the halves are right
    to 0.6 n digits more than those in which they agree with the whole; 0.5 n of them are counted upon here.
    """
    with mp.workdps(mp.mp.dps + SPARE):
        weighed = _rule(mp.mp.dps, mp.mp.prec)

        def piece(low: mp.mpf, high: mp.mpf) -> mp.mpf:
            middle, half = (low + high) / 2, (high - low) / 2
            return half * mp.fsum(weight * f(middle + half * node) for node, weight in weighed)

        todo = [(low, high, piece(low, high)) for low, high in pairwise(ends)]
        close = mp.mpf(10) ** (SPARE // 2 + len(weighed) // 2 - mp.mp.dps)
        size, total, patience = mp.fsum(abs(whole) for *_, whole in todo), mp.mpf(0), len(todo) + 2_000
        while todo:
            patience -= 1
            low, high, whole = todo.pop()
            middle = (low + high) / 2
            left, right = piece(low, middle), piece(middle, high)
            size = max(size, abs(total + left + right))
            if abs(left + right - whole) <= close * size:
                total += left + right
            elif patience < 0:
                message = f"no integral comes out near {mp.nstr(middle)}: f may have fewer digits than it should"
                raise ArithmeticError(message)
            else:
                todo += [(low, middle, left), (middle, high, right)]
    return +total


@cache
def _rule(digits: int, precision: int) -> list[tuple[mp.mpf, mp.mpf]]:
    """Nodes and weights on (-1, 1): half as many as digits, 12, 24, 48 or 96 of them."""
    degree = max(3, int(mp.ceil(mp.log(mp.mpf(digits) / 7, 2))))
    return GaussLegendre(mp.mp).calc_nodes(degree, precision)


def grid(low: mp.mpf, high: mp.mpf, *peaks: tuple[mp.mpf, mp.mpf], step: float = 2) -> list[mp.mpf]:
    """Ends of pieces: equal steps from low to high, and steps that double away from peaks given by their place and width."""
    low, high = mp.mpf(low), mp.mpf(high)
    number = max(1, int(mp.ceil((high - low) / step)))
    ends = {low, high, *(low + (high - low) * i / number for i in range(number))}
    for place, width in peaks:
        ends.add(place)
        while width < high - low:
            ends |= {place - width, place + width}
            width = 2 * width  # noqa: PLW2901
    return sorted(end for end in ends if low <= end <= high)


def ahead(f: Callable[[mp.mpf], mp.mpf], t: float, unit: mp.mpf, *peaks: tuple[mp.mpf, mp.mpf], force: float = 0) -> mp.mpf:
    """The integral of f from 0 to t, a horizon or for ever, for an f that is analytic but for u <= -unit.

    Over the logarithm of 1 + u / unit; peaks are times, with their widths. For ever needs a force of discount in f: it ends
    where that has left no digit.
    """
    force = exactly(force)
    end = min(exactly(t), (mp.mp.dps + 2 * SPARE) * mp.log(10) / force) if force else exactly(t)
    if not end:
        return mp.mpf(0)
    width = mp.log1p(end / unit)
    places = [(mp.log1p(place / unit), wide / (unit + place)) for place, wide in peaks]

    def stretched(w: mp.mpf) -> mp.mpf:
        return f(unit * mp.expm1(w)) * unit * mp.exp(w)

    return integral(stretched, grid(mp.mpf(0), width, *places))


def over_events(shape: mp.mpf, y: mp.mpf, weights: Iterator[mp.mpf]) -> mp.mpf:
    """A mean over the number of events: the sum of weights times (shape)_n / n! (1 - y)^shape y^n, y = t / (rate + t).

    It ends where the rest has no digit, for weights that are 0, or positive and don't rise faster than n + 1.
    """
    total, chance = mp.mpf(0), (1 - y) ** shape
    for n, weight in enumerate(weights):
        total += chance * weight
        ratio = (shape + n) / (n + 1) * y
        most = max(ratio, y)
        if weight and most < 1 and chance * weight * most <= mp.eps / 1000 * total * (1 - most) ** 2:
            break
        chance *= ratio
    return total


def at_least(n: int, shape: mp.mpf, y: mp.mpf) -> mp.mpf:
    """The chance of n negative binomial events or more: y^n (shape)_n / n! 2F1(...), a sum without a minus sign."""
    if n <= 0:
        return mp.mpf(1)
    total, chance, j = mp.mpf(0), mp.rf(shape, n) / mp.factorial(n) * (1 - y) ** shape * y**n, n
    while True:
        total += chance
        ratio = (shape + j) / (j + 1) * y
        most = max(ratio, y)
        if most < 1 and chance * most <= mp.eps / 1000 * total * (1 - most):
            return total
        chance, j = chance * ratio, j + 1


def beta_power(m: float, a: float, b: float, w: float) -> mp.mpf:
    """Mean of (1 + p w)^-m over p ~ Beta(a, b): Gauss's 2F1 without minus signs, or an integral where it can't be summed."""
    m, a, b, w = map(exactly, (m, a, b, w))
    try:
        with mp.workprec(mp.mp.prec):  # a sum that doesn't converge leaves more digits behind
            return (1 + w) ** -m * mp.hyp2f1(m, b, a + b, w / (1 + w), maxprec=4 * mp.mp.prec)
    except (ValueError, mp.mp.NoConvergence):
        return beta_power_integral(m, a, b, w)


def beta_power_integral(m: mp.mpf, a: mp.mpf, b: mp.mpf, w: mp.mpf) -> mp.mpf:
    """The same as an integral over the log-odds y of p: 1 + p w = (1 + (1 + w) e^y) / (1 + e^y)."""
    shift, digits = mp.log1p(w), (mp.mp.dps + 2 * SPARE) * mp.log(10)

    def log_density(y: mp.mpf) -> mp.mpf:
        return a * y + (m - a - b) * mp.log1p(mp.exp(y)) - m * mp.log1p(mp.exp(y + shift))

    def bend(y: mp.mpf) -> mp.mpf:
        return (a + b - m) / (2 + 2 * mp.cosh(y)) + m / (2 + 2 * mp.cosh(y + shift))

    half = (a + b + m * w - a * w) / 2
    most = a / (half + mp.sqrt(half**2 - a * w * (m - a - b)))
    peak = mp.log(most / (1 - most))
    top, width = log_density(peak), 1 / mp.sqrt(abs(bend(peak)) + 1)

    def reach(step: mp.mpf) -> mp.mpf:
        while log_density(peak + step) > top - digits:
            step *= 2
        return peak + step

    turns = (mp.mpf(0), mp.mpf(1)), (-shift, mp.mpf(1)), (peak, width)
    ends = grid(reach(-width), reach(width), *turns, step=mp.inf)
    return integral(lambda y: mp.exp(log_density(y) - top), ends) * mp.exp(top) / mp.beta(a, b)
