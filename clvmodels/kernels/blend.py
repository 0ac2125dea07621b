"""Logs of sums: two positive parts of a likelihood, each known by its log and its slopes on rows of its own."""

from __future__ import annotations

from math import exp, log1p
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.kernels.jit import jit
from clvmodels.kernels.threads import each, slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clvmodels.kernels.lift import Array

    Index = NDArray[np.intp]

BLOCK = 20_000


@jit
def log_sum(a: float, b: float) -> tuple[float, float]:
    """Log of exp(a) + exp(b), and the share of the first; minus infinity is the log of nothing."""
    if a == b:
        return a + log1p(1.0), 0.5
    small = exp(-abs(a - b))
    share = 1.0 / (1.0 + small)
    return max(a, b) + log1p(small), share if a > b else small * share


@jit
def _blend(first: Array, second: Array, i: Index, j: Index, out: Array) -> None:
    """Fill out[k, draw, row] with the log of the sum, and its slopes."""
    for d in range(first.shape[1]):
        for n in range(len(i)):
            value, share = log_sum(first[0, d, i[n]], second[0, d, j[n]])
            out[0, d, n] = value
            for k in range(1, first.shape[0]):
                out[k, d, n] = share * first[k, d, i[n]] + (1.0 - share) * second[k, d, j[n]]


@jit
def _blend_total(first: Array, second: Array, i: Index, j: Index, weights: Array, out: Array) -> None:
    """Fill out[k, draw] with the weighted sum over rows; the parts are (draws, rows, numbers)."""
    for d in range(first.shape[0]):
        for n in range(len(i)):
            a, b, w = first[d, i[n]], second[d, j[n]], weights[n]
            value, share = log_sum(a[0], b[0])
            out[0, d] += w * value
            mine, other = w * share, w * (1.0 - share)
            for k in range(1, first.shape[2]):
                out[k, d] += mine * a[k] + other * b[k]


def blend(first: Array, second: Array, i: Index, j: Index) -> Array:
    """Combine two parts.

    Parameters
    ----------
    first, second
        The log of each part and its slopes: (numbers, draws, rows of its own).
    i, j
        Which of those rows belong together: (rows,) each.

    Returns
    -------
    Array
        The log of the sum of the parts, and its slopes: (numbers, draws, rows).
    """
    out = np.empty((*first.shape[:2], len(i)))

    def block(rows: slice) -> None:
        _blend(first, second, i[rows], j[rows], out[:, :, rows])

    for _ in each(block, slices(len(i), max(BLOCK // first.shape[1], 1))):
        pass
    return out


def blend_total(first: Array, second: Array, i: Index, j: Index, weights: Array) -> Array:
    """Combine two parts and add up over rows, weighted: (numbers, draws); the order of the sum is fixed."""
    a, b = (np.ascontiguousarray(part.transpose(1, 2, 0)) for part in (first, second))

    def block(rows: slice) -> Array:
        out = np.zeros(first.shape[:2])
        _blend_total(a, b, i[rows], j[rows], weights[rows], out)
        return out

    return np.sum(list(each(block, slices(len(i), max(BLOCK // first.shape[1], 500)))), axis=0)
