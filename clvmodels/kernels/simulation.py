"""Futures, drawn: purchases of one customer after another.

A customer's future is drawn by P(alive) and two row functions of her model: the time to her next purchase if she is alive
and, once that lies within the horizon, whether she is, and then the rate at which she goes on, how long she stays and how
many purchases she makes before she leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import float64

from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import RNG, Array, Row, driver, in_c_order, matrix
from clvmodels.kernels.tuples import filled

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

TINY = 1e-300


@dataclass(frozen=True, eq=False)
class Drawing:
    """Row functions that draw, with their parameters (draws, parameters) and their columns (rows, columns)."""

    formulas: tuple[Row, ...]
    theta: Array
    rows: Array

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and draws."""
        return len(self.rows), len(self.theta)

    def some(self, rows: slice | NDArray[np.intp]) -> Drawing:
        """Take some rows."""
        return Drawing(self.formulas, self.theta, self.rows[rows])

    def arguments(self) -> list[Any]:
        """What a loop is called with."""
        theta, rows = in_c_order(self.theta, self.rows)
        return [*(f.address for f in self.formulas), self.formulas[0].blank(theta), theta, rows]

    def types(self) -> list[Any]:
        """The compiler's types of the arguments."""
        return [*(f.type for f in self.formulas), self.formulas[0].kind(self.theta)[1], matrix(2), matrix(2)]


@jit
def leaves(rng: Any, n: float, leave: float, stay: float) -> bool:
    """Whether she leaves at her n-th purchase, having stayed at those before it."""
    return leave > 0.0 and rng.random() * (leave + stay + n - 1.0) < leave


@jit
def gap(rng: Any, rate: float, shape: float) -> float:
    """Time between purchases: exponential, gamma, or (shape 0) a number of opportunities."""
    if shape == 1.0:
        return rng.standard_exponential() / rate
    return rng.standard_gamma(shape) / rate if shape > 0.0 else rng.geometric(rate) * 1.0


@jit
def next_purchase(rng: Any, first: Any, arguments: Any, chance: float, horizon: float) -> float:
    """The time to her next purchase; infinite if she has left. Where it lies beyond the horizon, it doesn't matter."""
    t = first(rng, *arguments)
    return inf if t <= horizon and t < inf and chance < 1.0 and rng.random() >= chance else t


@jit
def _counts(
    rng: Any, first: Any, future: Any, blank: Any, theta: Array, rows: Array, chances: Array, horizon: float, out: Array
) -> None:
    """Fill out[row, draw] with the number of purchases within the horizon."""
    for i in range(rows.shape[0]):
        history = filled(blank[1], rows[i])
        for d in range(theta.shape[0]):
            arguments = filled(blank[0], theta[d]) + history
            t, n = next_purchase(rng, first, arguments, chances[i, d], horizon), 0.0
            if t <= horizon:
                rate, shape, lifetime, leave, stay = future(rng, *(arguments + (t,)))
                while t <= min(horizon, lifetime):
                    n += 1.0
                    if leaves(rng, n, leave, stay):
                        break
                    t += gap(rng, rate, shape)
            out[i, d] = n


@jit
def _pairs(rng: Any, formula: Any, blank: Any, theta: Array, rows: Array, out: Array) -> None:
    """Fill out[:, row, draw] with the two numbers that a formula draws."""
    for i in range(rows.shape[0]):
        history = filled(blank[1], rows[i])
        for d in range(theta.shape[0]):
            out[0, i, d], out[1, i, d] = formula(rng, *(filled(blank[0], theta[d]) + history))


@jit
def _histories(
    rng: Any, first: Any, future: Any, blank: Any, theta: Array, rows: Array, chances: Array, T: Array, out: Array
) -> None:
    """Fill out[i] with (frequency, recency, litt) of a newcomer with parameters theta[i], watched for T[i]."""
    newcomer = filled(blank[1], rows[0])
    for i in range(len(T)):
        arguments = filled(blank[0], theta[i]) + newcomer
        t = next_purchase(rng, first, arguments, chances[i], T[i])
        if t <= T[i]:
            rate, shape, lifetime, leave, stay = future(rng, *(arguments + (t,)))
            while t <= min(T[i], lifetime):
                out[i, 2] += log(max(t - out[i, 1], TINY))
                out[i, 0] += 1.0
                out[i, 1] = t
                if leaves(rng, out[i, 0], leave, stay):
                    break
                t += gap(rng, rate, shape)


def draw_counts(rng: Generator, future: Drawing, chances: Array, horizon: float) -> Array:
    """Draw the number of purchases within the horizon, given P(alive): both (rows, draws)."""
    loop = driver(_counts, RNG, *future.types(), matrix(2), float64, matrix(2))
    out = np.empty((len(future.rows), len(future.theta)))
    loop(rng, *future.arguments(), chances, horizon, out)
    return out


def draw_pairs(rng: Generator, drawing: Drawing) -> Array:
    """Draw the two numbers that a formula gives: (2, rows, draws)."""
    loop = driver(_pairs, RNG, *drawing.types(), matrix(3))
    out = np.empty((2, len(drawing.rows), len(drawing.theta)))
    loop(rng, *drawing.arguments(), out)
    return out


def draw_histories(rng: Generator, newcomers: Drawing, chances: Array, T: Array) -> Array:
    """Draw frequency, recency and litt of newcomers watched for T: (n, 3).

    Their parameters are (n, parameters), P(alive) is (n,), and all have the same row.
    """
    loop = driver(_histories, RNG, *newcomers.types(), matrix(1), matrix(1), matrix(2))
    out = np.zeros((len(T), 3))
    loop(rng, *newcomers.arguments(), chances, T, out)
    return out
