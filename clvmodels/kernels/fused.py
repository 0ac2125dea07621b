"""A whole posterior at one point in one call: for samplers, to which what surrounds a kernel costs more than the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import int64, literal_unroll, types

from clvmodels.kernels.jit import COMPILED, jit
from clvmodels.kernels.laws import law
from clvmodels.kernels.lift import driver, matrix
from clvmodels.kernels.tuples import as_tuple, filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from clvmodels.kernels.laws import Codes
    from clvmodels.kernels.lift import Array, Row

Term = tuple["Row", "Array", "Array"]
"""A formula of all parameters, the distinct rows of its columns (rows, columns), and their weights (rows,)."""


@jit
def _posterior(terms: Any, theta: Array, out: Array) -> None:
    """Fill out[k] with the sum over terms and rows, weighted, of the k-th number that the formulas give."""
    for term in literal_unroll(terms):
        parameters = filled(term[0][0], theta)
        for i in range(len(term[3])):
            result = as_tuple(term[1](*(parameters + filled(term[0][1], term[2][i]))))
            for k in range(len(result)):
                out[k] += term[3][i] * result[k]


@jit
def _whole(terms: Any, codes: Codes, numbers: Array, log_scales: Array, u: Array, out: Array) -> None:
    """Fill out with the log posterior at a point of the line, where parameters are exp(u + log_scales), and its gradient."""
    theta = np.exp(u + log_scales)
    _posterior(terms, theta, out)
    for j in range(len(u)):
        value, slope = law(codes[j], theta[j], numbers[j, 0], numbers[j, 1])
        out[0] += value + u[j] + log_scales[j]
        out[1 + j] = (out[1 + j] + slope) * theta[j] + 1.0


def fused(
    terms: tuple[Term, ...], codes: Codes, numbers: Array, log_scales: Array
) -> Callable[[Array], tuple[float, Array]]:
    """Make a function of a point (parameters,) of the line: value and gradient (parameters,) of the log posterior there."""
    theta = np.ones((1, len(codes)))
    told = tuple((formula.blank(theta), formula.address, table, weights) for formula, table, weights in terms)
    kinds = (
        [types.Tuple([*reversed(formula.kind(theta)), matrix(2), matrix(1)]) for formula, _, _ in terms] if COMPILED else []
    )
    arrays = types.Array(int64, 1, "C"), matrix(2), matrix(1), matrix(1), matrix(1)
    loop = driver(_whole, types.Tuple(kinds), *arrays)

    def at(u: Array) -> tuple[float, Array]:
        out = np.zeros(1 + len(u))
        loop(told, codes, numbers, log_scales, u, out)
        value = out[0]
        return (value, out[1:]) if value == value else (-np.inf, np.zeros(len(u)))  # noqa: PLR0124  (nan)

    return at
