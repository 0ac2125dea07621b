"""What the living are expected to buy: discounted purchases over a horizon, at every draw, for many histories.

Given that a customer is alive, what lies ahead of her depends on T smoothly and not on when she last bought. So for each
draw and each number of purchases the integral over the time ahead is taken at a few Chebyshev nodes in log(c + T) - c
the smallest time among the parameters, which keeps all singularities a half-turn away - and interpolated between them: a
matrix product instead of an integral for each history. Where there are fewer distinct T than nodes, the integral is
taken at each.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import asinh, ceil, log, pi
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.kernels.jit import jit
from clvmodels.kernels.quadrature import integrate

if TYPE_CHECKING:
    from clvmodels.contract import Described, HasPurchases
    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array

DIGITS = 13
"""Digits that interpolation keeps, by the bound of analytic functions."""


def time_scales(model: Described, theta: Array) -> Array:
    """Return the smallest time among the parameters at each draw: (draws,)."""
    times = [j for j, param in enumerate(model.params().values()) if param.dimension == "time"]
    return theta[:, times].min(axis=1)


def node_count(low: float, high: float) -> int:
    """How many nodes on an interval of log(c + T) keep DIGITS digits: the Bernstein ellipse reaches a half-turn up."""
    half = 0.5 * (high - low)
    return 3 + ceil(DIGITS * log(10.0) / asinh(pi / half)) if half > 0.0 else 1


def nodes_and_weights(places: Array) -> tuple[Array, Array]:
    """Nodes for some places on the line (m,), and the matrix that interpolates from them: (nodes,), (m, nodes)."""
    distinct, which = np.unique(places, return_inverse=True)
    number = node_count(distinct[0], distinct[-1])
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

    def block(self, rows: slice) -> Array:
        """Interpolate some histories: (rows, draws)."""
        out = np.empty((rows.stop - rows.start, self.values.shape[1]))
        for group in self.groups:
            start, stop = max(rows.start, group.rows.start), min(rows.stop, group.rows.stop)
            if start < stop:
                matrix = group.matrix[start - group.rows.start : stop - group.rows.start]
                combine(matrix, self.values[group.nodes], out[start - rows.start : stop - rows.start])
        return out


@jit
def combine(matrix: Array, values: Array, out: Array) -> None:
    """Fill out with matrix @ values, in the thread that calls (a BLAS would start threads of its own)."""
    for i in range(matrix.shape[0]):
        for d in range(values.shape[1]):
            out[i, d] = matrix[i, 0] * values[0, d]
        for k in range(1, matrix.shape[1]):
            for d in range(values.shape[1]):
                out[i, d] += matrix[i, k] * values[k, d]


def look_ahead(model: HasPurchases, theta: Array, histories: Histories, horizon: float, force: float) -> Ahead:
    """Take the integrals over the time ahead at the nodes of all histories, which are in lexicographic order.

    Parameters
    ----------
    model
        Whose intensity of purchases.
    theta
        (draws, parameters).
    histories
        Of the customers (k,).
    horizon, force
        How far ahead, which may be infinite where there is a force; the force of discount per unit of time.
    """
    *fixed, age, _ = model.intensity.columns(model.parameters())
    scales = time_scales(model, theta)
    keys = histories.table(fixed)
    starts = np.flatnonzero(np.r_[True, np.any(keys[1:] != keys[:-1], axis=1)])
    ends = np.r_[starts[1:], len(keys)]
    groups, tables, place = [], [], 0
    for start, end in zip(starts, ends, strict=True):
        nodes, matrix = nodes_and_weights(np.log(scales.min() + histories.columns[age][start:end]))
        groups.append(Group(slice(start, end), slice(place, place + len(nodes)), matrix))
        place += len(nodes)
        ages = np.maximum(np.exp(nodes) - scales.min(), 0.0)
        tables.append(np.column_stack([np.tile(keys[start], (len(nodes), 1)), ages]))
    values = integrate(model.intensity, theta, np.concatenate(tables), scales, horizon, force)
    return Ahead(np.ascontiguousarray(values.T), tuple(groups))
