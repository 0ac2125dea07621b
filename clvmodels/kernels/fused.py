"""A whole posterior at one point in one call: for samplers, to which what surrounds a kernel costs more than the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import int64, literal_unroll, types

from clvmodels.kernels.bent import AXES, place, pull
from clvmodels.kernels.blend import log_sum
from clvmodels.kernels.jit import COMPILED, jit
from clvmodels.kernels.laws import law
from clvmodels.kernels.lift import driver, matrix
from clvmodels.kernels.tuples import as_tuple, filled

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from clvmodels.kernels.bent import Axes
    from clvmodels.kernels.laws import Codes
    from clvmodels.kernels.lift import Array, Row

    Index = NDArray[np.intp]
    Point = Callable[[Array], tuple[float, Array]]
    """Value and gradient at one point (parameters,)."""

INDEX = types.Array(int64, 1, "C")


class Term(NamedTuple):
    """A term of a log-likelihood: a formula of all parameters, the distinct rows of its columns, and their weights."""

    formula: Row
    table: Array
    weights: Array


class Pair(NamedTuple):
    """A term that is the log of a sum of two parts, which see rows of their own.

    Attributes
    ----------
    first, second, first_table, second_table
        The formulas of the logs of the parts, and their rows.
    i, j, weights
        Which rows belong together, and how often they do: (rows,) each.
    """

    first: Row
    second: Row
    first_table: Array
    second_table: Array
    i: Index
    j: Index
    weights: Array


@jit
def _add_terms(terms: Any, theta: Array, out: Array) -> None:
    """Add to out[k] the sum over terms and rows, weighted, of the k-th number that the formulas give."""
    for term in literal_unroll(terms):
        parameters = filled(term[0][0], theta)
        for i in range(len(term[3])):
            result = as_tuple(term[1](*(parameters + filled(term[0][1], term[2][i]))))
            for k in range(len(result)):
                out[k] += term[3][i] * result[k]


@jit
def _evaluated(blank: Any, formula: Any, table: Array, theta: Array, width: int) -> Array:
    """What a formula gives for each row: (rows, numbers)."""
    out, parameters = np.empty((len(table), width)), filled(blank[0], theta)
    for i in range(len(table)):
        result = as_tuple(formula(*(parameters + filled(blank[1], table[i]))))
        for k in range(len(result)):
            out[i, k] = result[k]
    return out


@jit
def _add_pairs(pairs: Any, theta: Array, out: Array) -> None:
    """Add to out[k] the weighted sum over rows of the logs of sums of two parts, and of their slopes."""
    for pair in literal_unroll(pairs):
        first = _evaluated(pair[0], pair[1], pair[4], theta, len(out))
        second = _evaluated(pair[2], pair[3], pair[5], theta, len(out))
        for n in range(len(pair[8])):
            a, b, weight = first[pair[6][n]], second[pair[7][n]], pair[8][n]
            value, share = log_sum(a[0], b[0])
            out[0] += weight * value
            for k in range(1, len(out)):
                out[k] += weight * (share * a[k] + (1.0 - share) * b[k])


@jit
def _believe(codes: Codes, numbers: Array, log_scales: Array, u: Array, theta: Array, out: Array) -> None:
    """Make a log-likelihood and its slopes in theta the log posterior and its gradient on the line."""
    for j in range(len(u)):
        value, slope = law(codes[j], theta[j], numbers[j, 0], numbers[j, 1])
        out[0] += value + u[j] + log_scales[j]
        out[1 + j] = (out[1 + j] + slope) * theta[j] + 1.0


@jit
def _of_terms(terms: Any, codes: Codes, numbers: Array, log_scales: Array, axes: Axes, white: Array, out: Array) -> None:
    """Fill out with the log posterior at coordinates of a point of the line, and its gradient in these.

    Parameters are exp(u + log_scales), with u the point.
    """
    u = place(axes, white)
    theta = np.exp(u + log_scales)
    _add_terms(terms, theta, out)
    _believe(codes, numbers, log_scales, u, theta, out)
    out[1:] = pull(axes, white, out[1:])


@jit
def _of_both(
    terms: Any, pairs: Any, codes: Codes, numbers: Array, log_scales: Array, axes: Axes, white: Array, out: Array
) -> None:
    """The same of a likelihood with both kinds of terms."""
    u = place(axes, white)
    theta = np.exp(u + log_scales)
    _add_terms(terms, theta, out)
    _add_pairs(pairs, theta, out)
    _believe(codes, numbers, log_scales, u, theta, out)
    out[1:] = pull(axes, white, out[1:])


def fused(
    terms: tuple[Term, ...], pairs: tuple[Pair, ...], codes: Codes, numbers: Array, log_scales: Array
) -> Callable[[Axes], Point]:
    """Make a function of axes: with them, one of the coordinates of a point of the line, for the log posterior there.

    There is at least one plain term.
    """
    theta = np.ones((1, len(codes)))
    told: list[Any] = [tuple((*_places(t.formula, theta), t.table, t.weights) for t in terms)]
    kinds = [_kinds([(*_kind(t.formula, theta), matrix(2), matrix(1)) for t in terms])]
    if pairs:
        told.append(tuple((*_places(p.first, theta), *_places(p.second, theta), *p[2:]) for p in pairs))
        rows = (matrix(2), matrix(2), INDEX, INDEX, matrix(1))
        kinds.append(_kinds([(*_kind(p.first, theta), *_kind(p.second, theta), *rows) for p in pairs]))
    numbers_of_all = (INDEX, matrix(2), matrix(1), types.Tuple(AXES), matrix(1), matrix(1))
    loop = driver(_of_both if pairs else _of_terms, *kinds, *numbers_of_all)

    def along(axes: Axes) -> Point:
        def at(white: Array) -> tuple[float, Array]:
            out = np.zeros(1 + len(white))
            loop(*told, codes, numbers, log_scales, axes, white, out)
            value = out[0]
            return (value, out[1:]) if value == value else (-np.inf, np.zeros(len(white)))  # noqa: PLR0124  (nan)

        return at

    return along


def _places(formula: Row, theta: Array) -> tuple[Any, Any]:
    """Places for its arguments, and its address."""
    return formula.blank(theta), formula.address


def _kind(formula: Row, theta: Array) -> tuple[Any, ...]:
    """The compiler's types of these."""
    return tuple(reversed(formula.kind(theta))) if COMPILED else ()


def _kinds(parts: list[tuple[Any, ...]]) -> Any:
    """The compiler's type of a tuple of tuples."""
    return types.Tuple([types.Tuple(part) for part in parts]) if COMPILED else None
