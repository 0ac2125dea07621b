"""Outcomes, drawn: what each purchase of a future is worth today, by the terms of the business.

The size of a customer's purchases is drawn by a row function of the spend model: the shape and the rate of a gamma law.
"""

from __future__ import annotations

from math import exp, expm1, inf, log1p
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import float64

from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import RNG, Array, driver, matrix
from clvmodels.kernels.simulation import gap, leaves, next_purchase
from clvmodels.kernels.tuples import filled

if TYPE_CHECKING:
    Terms = tuple[float, float, float, float]

    from numpy.random import Generator
    from numpy.typing import NDArray

    from clvmodels.kernels.simulation import Drawing

FAR = 6.0
"""Of a whole life, the first purchase is drawn, and others until the discount is exp(-FAR); the rest enters as its mean.

The variance that is lost is exp(-2 FAR), 6 millionths, of that of an endless customer.
"""

GONE = (0.0, 1.0, 0.0, 0.0, 1.0)
"""The future of one who has left."""

LATEST = 1e300
"""A time to the next purchase that never comes, as a number."""


@jit
def _rest(rng: Any, n: float, leave: float, stay: float, rate: float, time: float, force: float) -> float:
    """Discounted time to expect of a customer after n purchases, who still stays for a time, or till she leaves at one.

    ``rate`` is of purchases. Her chance of leaving at a purchase is drawn; where both ends come into it, the
    nearer is taken for the only one.
    """
    chance = rng.beta(leave, stay + n) if leave > 0.0 else 0.0
    gone = force / rate / (force / rate + chance) if chance > 0.0 else 1.0
    return min(gone, -expm1(-force * time)) / force


@jit
def _annuity(time: float, force: float) -> float:
    """What 1 per unit of time is worth today, for a time."""
    return -expm1(-force * time) / force if force > 0.0 else time


@jit
def _time_of(annuity: float, force: float) -> float:
    """The time for which 1 per unit of time is worth so much today."""
    return -log1p(-force * annuity) / force if force * annuity < 1.0 else inf


@jit
def _left(terms: Terms, bought: float, orders: float, time: float) -> float:
    """What is left of discounted purchases and orders of one who is a customer for a time."""
    margin, order, period, force = terms
    left = margin * bought - order * orders
    return left - period * _annuity(time, force) if period > 0.0 else left


@jit
def _values(
    rng: Any,
    first: Any,
    future: Any,
    blank: Any,
    theta: Array,
    rows: Array,
    chances: Array,
    basket: Any,
    basket_blank: Any,
    basket_theta: Array,
    basket_rows: Array,
    ends: Array,
    terms: Array,
    out: Array,
) -> None:
    """Fill out[row, draw, end] with the discounted value of the purchases up to each end, by the row's terms.

    Ends are in order, and the last may be infinite. Terms are the share of a purchase that is profit, the cost of an order,
    the cost of a unit of time while she is alive, the force of discount, and whether (1 or 0) she buys now, too, as
    newcomers do. Only where time costs something, those who buy nothing are drawn to their end.
    """
    last = ends[-1]
    for i in range(rows.shape[0]):
        history, purchases = filled(blank[1], rows[i]), filled(basket_blank[1], basket_rows[i])
        margin, order, period, force, opens = terms[i]
        mine = margin, order, period, force
        far = max(FAR / force, ends[max(len(ends) - 2, 0)] if len(ends) > 1 else 0.0) if last == inf else last
        for d in range(theta.shape[0]):
            arguments = filled(blank[0], theta[d]) + history
            t = first(rng, *arguments)
            value, orders, lived, n, k, begun = 0.0, 0.0, 0.0, 0.0, 0, far
            buys = t <= last and t < inf
            here = (buys or period > 0.0) and (chances[i, d] >= 1.0 or rng.random() < chances[i, d])
            drawn = future(rng, *(arguments + (min(t, LATEST),))) if here else GONE
            rate, regularity, lifetime, leave, stay = drawn
            spends = opens > 0.0 or (here and buys)
            shape, scale = basket(rng, *(filled(basket_blank[0], basket_theta[d]) + purchases)) if spends else (0.0, 1.0)
            if opens > 0.0:
                value, orders = rng.standard_gamma(shape), 1.0
            lived, stays = lifetime, here
            while stays and t <= lifetime and (t <= far or (n == 0.0 and buys and last == inf)):
                while t > ends[k]:
                    out[i, d, k] = _left(mine, value / scale, orders, ends[k])
                    k += 1
                n, begun, weight = n + 1.0, max(far, t), exp(-force * t)
                value += weight * rng.standard_gamma(shape)
                orders += weight
                stays = not leaves(rng, n, leave, stay)
                lived = lifetime if stays else t
                t += gap(rng, rate, regularity) if stays else 0.0
            if stays and last == inf and n > 0.0 and lifetime > begun:
                while k < len(ends) - 1:
                    out[i, d, k] = _left(mine, value / scale, orders, ends[k])
                    k += 1
                pace = rate / regularity if regularity > 0.0 else rate
                later = _rest(rng, n, leave, stay, pace, lifetime - begun, force) * exp(-force * begun)
                value, orders = value + pace * shape * later, orders + pace * later
                lived = _time_of(_annuity(begun, force) + later, force)
            while k < len(ends):
                out[i, d, k] = _left(mine, value / scale, orders, min(lived, ends[k]))
                k += 1


@jit
def _paybacks(
    rng: Any,
    first: Any,
    future: Any,
    blank: Any,
    theta: Array,
    rows: Array,
    chances: Array,
    basket: Any,
    basket_blank: Any,
    basket_theta: Array,
    basket_rows: Array,
    horizon: float,
    terms: Array,
    out: Array,
) -> None:
    """Fill out[row, draw] with the time at which a newcomer has left what she has cost; infinite if not by the horizon.

    The terms are those of `_values`, with the cost of winning her in the place of the last.
    """
    for i in range(rows.shape[0]):
        history, purchases = filled(blank[1], rows[i]), filled(basket_blank[1], basket_rows[i])
        margin, order, period, force, debt = terms[i]
        for d in range(theta.shape[0]):
            arguments = filled(blank[0], theta[d]) + history
            shape, scale = basket(rng, *(filled(basket_blank[0], basket_theta[d]) + purchases))
            left = margin * rng.standard_gamma(shape) / scale - order - debt
            out[i, d] = 0.0 if left >= 0.0 else inf
            t = next_purchase(rng, first, arguments, chances[i, d], horizon) if left < 0.0 else inf
            if t <= horizon and t < inf:
                rate, regularity, lifetime, leave, stay = future(rng, *(arguments + (t,)))
                n, paid = 0.0, 0.0
                while t <= min(horizon, lifetime):
                    n, now = n + 1.0, _annuity(t, force)
                    left += exp(-force * t) * (margin * rng.standard_gamma(shape) / scale - order) - period * (now - paid)
                    paid = now
                    if left >= 0.0:
                        out[i, d] = t
                        break
                    if leaves(rng, n, leave, stay):
                        break
                    t += gap(rng, rate, regularity)


@jit
def _periods(
    rng: Any,
    first: Any,
    future: Any,
    blank: Any,
    theta: Array,
    rows: Array,
    chances: Array,
    basket: Any,
    basket_blank: Any,
    basket_theta: Array,
    basket_rows: Array,
    ends: Array,
    out: Array,
) -> None:
    """Add to out[:, period, draw] the number and the value of all rows' purchases in each period."""
    last = ends[-1]
    for i in range(rows.shape[0]):
        history, purchases = filled(blank[1], rows[i]), filled(basket_blank[1], basket_rows[i])
        for d in range(theta.shape[0]):
            arguments = filled(blank[0], theta[d]) + history
            t, n, period = next_purchase(rng, first, arguments, chances[i, d], last), 0.0, 0
            if t <= last:
                rate, regularity, lifetime, leave, stay = future(rng, *(arguments + (t,)))
                shape, scale = basket(rng, *(filled(basket_blank[0], basket_theta[d]) + purchases))
                while t <= min(last, lifetime):
                    while t > ends[period]:
                        period += 1
                    n += 1.0
                    out[0, period, d] += 1.0
                    out[1, period, d] += rng.standard_gamma(shape) / scale
                    if leaves(rng, n, leave, stay):
                        break
                    t += gap(rng, rate, regularity)


def draw_values(rng: Generator, future: Drawing, chances: Array, baskets: Drawing, ends: Array, terms: Array) -> Array:
    """Draw the discounted value of the purchases up to each end, given P(alive) (rows, draws): (rows, draws, ends).

    ``ends`` are in order, and the last may be infinite. ``terms`` (rows, 5) are the margin, the cost of an order and of a
    unit of time alive, the force of discount, and whether she buys now.
    """
    loop = driver(_values, RNG, *future.types(), matrix(2), *baskets.types(), matrix(1), matrix(2), matrix(3))
    out = np.empty((len(future.rows), len(future.theta), len(ends)))
    loop(rng, *future.arguments(), chances, *baskets.arguments(), ends, terms, out)
    return out


def draw_values_apart(
    marks: NDArray[np.uint64],
    stream: int,
    future: Drawing,
    chances: Array,
    baskets: Drawing,
    ends: Array,
    terms: Array,
) -> Array:
    """Draw what `draw_values` draws, each row from a place of its own in a stream of random numbers: (rows, draws, ends).

    ``marks`` (rows, 2) say where; rows with one mark have the same numbers.
    """
    loop = driver(_values, RNG, *future.types(), matrix(2), *baskets.types(), matrix(1), matrix(2), matrix(3))
    source = np.random.PCG64(stream)
    rng, told = np.random.Generator(source), source.state
    (*buying, rows), (*spending, purchases) = future.arguments(), baskets.arguments()
    out = np.empty((len(future.rows), len(future.theta), len(ends)))
    for i, (high, low) in enumerate(marks.tolist()):
        told["state"]["state"] = high << 64 | low
        source.state, one = told, slice(i, i + 1)
        loop(rng, *buying, rows[one], chances[one], *spending, purchases[one], ends, terms[one], out[one])
    return out


def draw_paybacks(rng: Generator, future: Drawing, chances: Array, baskets: Drawing, horizon: float, terms: Array) -> Array:
    """Draw when newcomers have left what they have cost to win, given P(alive): both (rows, draws); infinite if never.

    ``terms`` (rows, 5) are those of `draw_values`, with the cost of winning them in the place of the last.
    """
    loop = driver(_paybacks, RNG, *future.types(), matrix(2), *baskets.types(), float64, matrix(2), matrix(2))
    out = np.empty((len(future.rows), len(future.theta)))
    loop(rng, *future.arguments(), chances, *baskets.arguments(), horizon, terms, out)
    return out


def draw_periods(rng: Generator, future: Drawing, chances: Array, baskets: Drawing, ends: Array) -> Array:
    """Draw how many purchases all rows make in periods with these ends, and their value, given P(alive) (rows, draws).

    One future a row and draw, so that periods add up to what is bought until the last end: (2, periods, draws).
    """
    loop = driver(_periods, RNG, *future.types(), matrix(2), *baskets.types(), matrix(1), matrix(3))
    out = np.zeros((2, len(ends), len(future.theta)))
    loop(rng, *future.arguments(), chances, *baskets.arguments(), ends, out)
    return out
