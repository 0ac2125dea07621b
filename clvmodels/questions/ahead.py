"""What the living are expected to buy: discounted purchases over a horizon, at every draw, for many histories.

Given that a customer is alive, what lies ahead of her depends on T smoothly and not on when she last bought. So for each
draw and each number of purchases the integral over the time ahead is taken at a few Chebyshev nodes in log(c + T) - c
the smallest time of the model, which keeps all singularities a half-turn away - and interpolated between them: a
matrix product instead of an integral for each history. Where there are fewer distinct T than nodes, the integral is
taken at each.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asinh, ceil, inf, log, pi
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.contract import HasPhases
from clvmodels.kernels.jit import jit
from clvmodels.kernels.quadrature import add_up, integrate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clvmodels.contract import Described
    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array, Row
    from clvmodels.sources import Rows

DIGITS = 13
"""Digits that interpolation keeps, by the bound of analytic functions."""

GAPS = 1.5
"""Purchases of regular customers for which the first panel of the integral lasts, at most."""

PRODUCTS = 500.0
"""What an integral costs, in products of the interpolation; with regard to the memory that these take, rather few."""

NEAREST = 1e-3
"""Of their size, how far beyond all ages a time is at least."""

PANELS = 3.0
"""Of the times that are inverse rates among the parameters, how many a panel of the integral may be long."""


def time_scales(model: Described, theta: Array) -> tuple[Array, Array]:
    """Return the smallest time of a model, and the smallest among its parameters that are rates, at each draw: (draws,)."""
    dimensions = [param.dimension for param in model.params().values()]
    times = theta[:, [d == "time" for d in dimensions]]
    paces = 1.0 / theta[:, [d == "rate" for d in dimensions]]
    bends = model.bend(theta)[:, None]
    return np.hstack([times, paces, bends]).min(axis=1), paces.min(axis=1, initial=inf)


def node_count(low: float, high: float, height: float = pi) -> int:
    """How many nodes on an interval of log(c + T) keep DIGITS digits: the Bernstein ellipse reaches so far up."""
    half = 0.5 * (high - low)
    return 3 + ceil(DIGITS * log(10.0) / asinh(height / half)) if half > 0.0 else 1


def nodes_and_weights(places: Array, height: float = pi) -> tuple[Array, Array]:
    """Nodes for some places on the line (m,), and the matrix that interpolates from them: (nodes,), (m, nodes)."""
    distinct, which = np.unique(places, return_inverse=True)
    number = node_count(distinct[0], distinct[-1], height)
    if len(distinct) <= number:
        return distinct, np.eye(len(distinct))[which]
    angles = (np.arange(number) + 0.5) * pi / number
    nodes = 0.5 * (distinct[0] + distinct[-1]) + 0.5 * (distinct[-1] - distinct[0]) * np.cos(angles)
    signs = np.where(np.arange(number) % 2 == 0, 1.0, -1.0) * np.sin(angles)
    away = distinct[:, None] - nodes
    hit = np.abs(away) < 1e-14 * (1.0 + np.abs(nodes))
    weights = signs / np.where(hit, 1.0, away)
    weights[hit.any(axis=1)] = hit[hit.any(axis=1)]
    return nodes, (weights / weights.sum(axis=1, keepdims=True))[which]


@dataclass(frozen=True, eq=False)
class Group:
    """Histories that differ in T (and t_x) only, which lie together: their rows, their nodes, and the matrix between."""

    rows: slice
    nodes: slice
    matrix: Array


@dataclass(frozen=True, eq=False)
class Ahead:
    """Discounted purchases of the living.

    Attributes
    ----------
    values
        At the nodes of all groups, one after the other: (nodes, draws).
    groups
        In the order of their rows.
    """

    values: Array
    groups: tuple[Group, ...]

    def block(self, rows: Rows) -> Array:
        """Interpolate some histories, in their order: (rows, draws)."""
        some = np.arange(rows.start, rows.stop) if isinstance(rows, slice) else rows
        out, start = np.empty((len(some), self.values.shape[1])), 0
        for group, stop in zip(self.groups, np.searchsorted(some, [group.rows.stop for group in self.groups]), strict=True):
            if start < stop:
                combine(group.matrix[some[start:stop] - group.rows.start], self.values[group.nodes], out[start:stop])
                start = stop
        return out


def gather(groups: Sequence[Group], rows: slice, weights: Array) -> tuple[slice, Array]:
    """Carry weights of some histories (rows, draws) to the nodes: which, and theirs (nodes, draws).

    The sum over nodes of these times what holds there is that over histories of the weights times what is interpolated.
    """
    touched = [group for group in groups if group.rows.start < rows.stop and group.rows.stop > rows.start]
    nodes = slice(touched[0].nodes.start, touched[-1].nodes.stop)
    out = np.zeros((nodes.stop - nodes.start, weights.shape[1]))
    for group in touched:
        start, stop = max(group.rows.start, rows.start), min(group.rows.stop, rows.stop)
        matrix, own = group.matrix[start - group.rows.start : stop - group.rows.start], weights[start - rows.start :]
        scatter(matrix, own, out[group.nodes.start - nodes.start : group.nodes.stop - nodes.start])
    return nodes, out


@jit
def scatter(matrix: Array, weights: Array, out: Array) -> None:
    """Add matrix.T @ weights to out, in the thread that calls."""
    for i in range(matrix.shape[0]):
        for k in range(matrix.shape[1]):
            for d in range(weights.shape[1]):
                out[k, d] += matrix[i, k] * weights[i, d]


@jit
def combine(matrix: Array, values: Array, out: Array) -> None:
    """Fill out with matrix @ values, in the thread that calls (a BLAS would start threads of its own)."""
    for i in range(matrix.shape[0]):
        for d in range(values.shape[1]):
            out[i, d] = matrix[i, 0] * values[0, d]
        for k in range(1, matrix.shape[1]):
            for d in range(values.shape[1]):
                out[i, d] += matrix[i, k] * values[k, d]


def look_ahead(formula: Row, model: Described, theta: Array, histories: Histories, ahead: tuple[float, float]) -> Ahead:
    """Take the integrals over the time ahead at the nodes of all histories, which are in lexicographic order.

    Parameters
    ----------
    formula
        What is added up, given alive: a row function whose last columns are T and the time ahead u.
    model
        Whose formula.
    theta
        (draws, parameters).
    histories
        Of the customers (k,).
    ahead
        The horizon, which may be infinite where there is a force; the force of discount per unit of time.
    """
    groups, rows = grid(formula, model, theta, histories)
    if model.discrete:
        values = add_up(formula, theta, rows, *ahead)
    else:
        scales, paces = time_scales(model, theta)
        gaps = GAPS if isinstance(model, HasPhases) else 0.0
        values = integrate(formula, theta, rows, scales, PANELS * paces, *ahead, gaps=gaps)
    return Ahead(np.ascontiguousarray(values.T), groups)


def grid(formula: Row, model: Described, theta: Array, histories: Histories) -> tuple[tuple[Group, ...], Array]:
    """Group histories, which are in lexicographic order: the groups, and what a formula of T and u is to be asked of.

    Its columns, less u, are those of the nodes of all groups, one after the other: (nodes, columns).
    """
    *fixed, age, _ = formula.columns(model.parameters())
    scales, paces = time_scales(model, theta)
    least = 0.0 if model.discrete else float(scales.min())
    keys, parts = _parts(fixed, histories)
    groups, tables, place = [], [], 0
    for part in parts:
        ages = histories.columns[age][part]
        nodes, matrix = _exactly(ages) if model.discrete else nodes_and_weights(np.log(least + ages), _height(paces, ages))
        groups.append(Group(part, slice(place, place + len(nodes)), matrix))
        place += len(nodes)
        at = nodes if model.discrete else np.maximum(np.exp(nodes) - least, 0.0)
        tables.append(np.column_stack([np.tile(keys[part.start], (len(nodes), 1)), at]))
    return tuple(groups), np.concatenate(tables)


def _parts(fixed: Sequence[str], histories: Histories) -> tuple[Array, list[slice]]:
    """The columns that stay the same within a group, and the rows of each."""
    keys = histories.table(fixed) if fixed else np.zeros((len(histories), 0))
    starts = np.flatnonzero(np.r_[True, np.any(keys[1:] != keys[:-1], axis=1)])
    return keys, [slice(start, end) for start, end in zip(starts, np.r_[starts[1:], len(keys)], strict=True)]


def effort(formula: Row, model: Described, theta: Array, histories: Histories) -> float:
    """How many integrals at nodes `grid` would take, interpolation between them included, in continuous time."""
    *fixed, age, _ = formula.columns(model.parameters())
    scales, paces = time_scales(model, theta)
    total = 0.0
    for part in _parts(fixed, histories)[1]:
        ages = histories.columns[age][part]
        low, high = np.log(float(scales.min()) + np.array([ages.min(), ages.max()]))
        number = min(node_count(low, high, _height(paces, ages)), len(ages))
        total += number * (1.0 + len(ages) / PRODUCTS)
    return total


def _height(paces: Array, ages: Array) -> float:
    """How far up from log(c + T) singularities stay: a half-turn; half a period of exp(T / pace), seen in that scale."""
    pace = float(paces.min())
    return pi if pace == inf else float(np.arctan(pi * pace / (pace + ages.max())))


def beyond(least: float, paces: Array, ages: Array) -> float:
    """A time beyond all ages, as far as singularities must lie: where the Bernstein ellipse that reaches so far up ends."""
    ends = np.log(least + ages)
    half = 0.5 * (ends.max() - ends.min())
    return float(np.exp(ends.max() + max(np.hypot(half, _height(paces, ages)) - half, NEAREST))) - least


def _exactly(ages: Array) -> tuple[Array, Array]:
    """Take each distinct age as a node of its own: (nodes,), (m, nodes)."""
    distinct, which = np.unique(ages, return_inverse=True)
    return distinct, np.eye(len(distinct))[which]
