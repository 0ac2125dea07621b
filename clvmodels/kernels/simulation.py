"""Futures, drawn: purchases of one customer after another, with what each is worth today.

The future of a customer is three numbers, drawn by her model: the rate at which she buys, how long she stays, and how many
purchases she makes before she leaves (either may be infinite; a rate of 0 is a customer who has left). The size of her
purchases is two, drawn by the spend model: the shape and the rate of a gamma law.
"""

from __future__ import annotations

from math import exp, inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import float64

from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import RNG, Array, Row, driver, matrix, with_value

if TYPE_CHECKING:
    from numpy.random import Generator

FAR = 25.0
"""Discounted by more than exp(-FAR), a purchase is not drawn."""


@jit
def _filled(blank: Any, parameters: Array, columns: Array) -> Any:
    """The arguments of a row function: a draw's parameters and a customer's columns."""
    arguments = blank
    for j in range(len(parameters)):
        arguments = with_value(arguments, j, parameters[j])
    for j in range(len(columns)):
        arguments = with_value(arguments, len(parameters) + j, columns[j])
    return arguments


@jit
def _wait(rng: Any, rate: float) -> float:
    """The time to the next purchase: for ever, at a rate of 0."""
    return rng.standard_exponential() / rate if rate > 0.0 else inf


@jit
def _counts(rng: Any, future: Any, blank: Any, theta: Array, rows: Array, horizon: float, out: Array) -> None:
    """Fill out[row, draw] with the number of purchases within the horizon."""
    for i in range(rows.shape[0]):
        for d in range(theta.shape[0]):
            rate, lifetime, left = future(rng, *_filled(blank, theta[d], rows[i]))
            n, end = 0.0, min(horizon, lifetime)
            t = _wait(rng, rate)
            while t <= end and n < left:
                n += 1.0
                t += _wait(rng, rate)
            out[i, d] = n


@jit
def _values(
    rng: Any,
    future: Any,
    blank: Any,
    theta: Array,
    rows: Array,
    basket: Any,
    basket_blank: Any,
    basket_theta: Array,
    basket_rows: Array,
    horizon: float,
    force: float,
    out: Array,
) -> None:
    """Fill out[row, draw] with the discounted value of the purchases within the horizon."""
    far = min(horizon, FAR / force) if force > 0.0 else horizon
    for i in range(rows.shape[0]):
        for d in range(theta.shape[0]):
            rate, lifetime, left = future(rng, *_filled(blank, theta[d], rows[i]))
            n, end, value = 0.0, min(far, lifetime), 0.0
            t = _wait(rng, rate)
            if t <= end:
                shape, scale = basket(rng, *_filled(basket_blank, basket_theta[d], basket_rows[i]))
                while t <= end and n < left:
                    n += 1.0
                    value += exp(-force * t) * rng.standard_gamma(shape)
                    t += _wait(rng, rate)
                value /= scale
            out[i, d] = value


@jit
def _histories(rng: Any, future: Any, blank: Any, theta: Array, newcomer: Array, T: Array, out: Array) -> None:
    """Fill out[row] with (frequency, recency) of a newcomer watched for T; theta is (rows, parameters)."""
    for i in range(len(T)):
        rate, lifetime, left = future(rng, *_filled(blank, theta[i], newcomer))
        end = min(T[i], lifetime)
        t = _wait(rng, rate)
        while t <= end and out[i, 0] < left:
            out[i, 0] += 1.0
            out[i, 1] = t
            t += _wait(rng, rate)


def draw_counts(rng: Generator, future: Row, theta: Array, rows: Array, horizon: float) -> Array:
    """Draw the number of purchases within the horizon: (rows, draws)."""
    loop = driver(_counts, RNG, *future.kind, matrix(2), matrix(2), float64, matrix(2))
    out = np.empty((len(rows), len(theta)))
    loop(rng, future.pointer, future.blank, theta, rows, horizon, out)
    return out


def draw_values(
    rng: Generator,
    purchases: tuple[Row, Array, Array],
    baskets: tuple[Row, Array, Array],
    horizon: float,
    force: float,
) -> Array:
    """Draw the discounted value of the purchases within the horizon: (rows, draws).

    Each of ``purchases`` and ``baskets`` is a row function that draws, its theta (draws, parameters) and its rows.
    """
    future, theta, rows = purchases
    basket, basket_theta, basket_rows = baskets
    two = matrix(2)
    loop = driver(_values, RNG, *future.kind, two, two, *basket.kind, two, two, float64, float64, two)
    out = np.empty((len(rows), len(theta)))
    loop(
        rng,
        *(future.pointer, future.blank, theta, rows),
        *(basket.pointer, basket.blank, basket_theta, basket_rows),
        *(horizon, force, out),
    )
    return out


def draw_histories(rng: Generator, future: Row, theta: Array, newcomer: Array, T: Array) -> tuple[Array, Array]:
    """Draw frequency and recency of newcomers watched for T: two arrays (rows,); theta is (rows, parameters)."""
    loop = driver(_histories, RNG, *future.kind, matrix(2), matrix(1), matrix(1), matrix(2))
    out = np.zeros((len(T), 2))
    loop(rng, future.pointer, future.blank, theta, newcomer, T, out)
    return out[:, 0], out[:, 1]
