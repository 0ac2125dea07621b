"""The lift: a formula for ONE customer, in scalars, becomes a formula for many customers and many draws.

A model's author writes ``@row def alive(r, alpha, a, b, x, t_x, T)``. The lift looks at the names of the arguments: those
that are parameters run over draws, the others run over customers. One compiled loop serves every row function: it
calls the row function through a pointer, so that a new model costs the compiler its own formulas and nothing else.

Shapes: ``theta`` is (draws, parameters), ``rows`` is (rows, columns), in the order in which the function names them.
"""

from __future__ import annotations

import inspect
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from clvmodels.kernels.address import Address
from clvmodels.kernels.jit import COMPILED, compiled, jit
from clvmodels.kernels.threads import each, slices
from clvmodels.kernels.tuples import as_tuple, filled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Array: TypeAlias = NDArray[np.float64]

RNG = numba.typeof(np.random.default_rng(0))
"""The compiler's name for a random generator."""

BLOCK, MANY = 20_000, 64
"""Evaluations that are worth a thread, and more blocks than any number of threads needs."""


@jit
def _tabulate(formula: Any, blank: Any, theta: Array, rows: Array, out: Array) -> None:
    """Fill out[k, draw, row] with the k-th number that the formula gives."""
    for d in range(theta.shape[0]):
        parameters = filled(blank[0], theta[d])
        for i in range(rows.shape[0]):
            result = as_tuple(formula(*(parameters + filled(blank[1], rows[i]))))
            for k in range(len(result)):
                out[k, d, i] = result[k]


@jit
def _total(formula: Any, blank: Any, theta: Array, rows: Array, weights: Array, out: Array) -> None:
    """Fill out[k, draw] with the weighted sum over rows of the k-th number that the formula gives."""
    for d in range(theta.shape[0]):
        parameters = filled(blank[0], theta[d])
        for i in range(rows.shape[0]):
            result = as_tuple(formula(*(parameters + filled(blank[1], rows[i]))))
            for k in range(len(result)):
                out[k, d] += weights[i] * result[k]


@cache
def driver(loop: Any, *signature: Any) -> Callable[..., None]:
    """Compile a loop for a kind of row function; all row functions of that kind share it (and its place on disk)."""
    if not COMPILED:
        return loop
    loop.compile(signature)
    return loop.overloads[signature].entry_point


def matrix(dimensions: int, layout: str = "C") -> Any:
    """The compiler's name for an array of numbers, in C order or (layout ``"A"``) a part of one."""
    return types.Array(types.float64, dimensions, layout)


def in_c_order(*arrays: Array) -> list[Array]:
    """Lay arrays out row by row in memory, where they aren't: compiled loops take that on trust."""
    return [np.ascontiguousarray(array) for array in arrays]


CELLS, SUMS = (matrix(2), matrix(2), matrix(3, "A")), tuple(map(matrix, (2, 2, 1, 2)))
"""What the two loops are given besides a formula and places for its arguments."""


class Row:
    """A formula for one customer, lifted over customers and draws.

    Parameters
    ----------
    function
        Scalars in, one float or a tuple of floats out; compiled by numba. The names of its arguments say what it needs:
        first all parameters of its model, in their order, then columns of a history, then what is asked. A formula that
        draws names a `numpy.random.Generator` before all of them, as ``rng``; simulations call it.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = function.__name__
        self.__doc__ = function.__doc__
        names = tuple(inspect.signature(function).parameters)
        self.draws = names[0] == "rng"
        self.names = names[1:] if self.draws else names
        self._columns: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._loops: dict[tuple[Any, int], tuple[Callable[..., None], Any]] = {}

    def __repr__(self) -> str:
        return f"<row {self.name}({', '.join(self.names)})>"

    def columns(self, parameters: Sequence[str]) -> tuple[str, ...]:
        """Those of its arguments that are not parameters."""
        known = tuple(parameters)
        if known not in self._columns:
            self._columns[known] = tuple(name for name in self.names if name not in known)
        return self._columns[known]

    @cached_property
    def pointer(self) -> Any:
        """The compiled formula."""
        if not COMPILED:
            return self.function
        arguments: list[Any] = [*([RNG] if self.draws else []), *[types.float64] * len(self.names)]
        return compiled(self.function, tuple(arguments))

    @cached_property
    def address(self) -> Any:
        """Where the compiled formula lies, which is what loops are given."""
        return Address(self.pointer) if COMPILED else self.function

    @cached_property
    def type(self) -> Any:
        """The compiler's type of the address: what goes in, what comes out."""
        return self.address.type if COMPILED else None

    @cached_property
    def width(self) -> int:
        """How many numbers it gives."""
        if not COMPILED:
            return len(as_tuple(self.function(*(1.0,) * len(self.names))))
        result = self.type.signature.return_type
        return len(cast("Any", result)) if isinstance(result, types.BaseTuple) else 1

    def blank(self, theta: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Places for its parameters and for its other arguments."""
        parameters = theta.shape[1]
        return (0.0,) * parameters, (0.0,) * (len(self.names) - parameters)

    def kind(self, theta: Array) -> tuple[Any, Any]:
        """The compiler's types of its pointer and of the places for its arguments."""
        return self.type, types.Tuple([types.UniTuple(types.float64, len(part)) for part in self.blank(theta)])

    def _loop(self, loop: Any, theta: Array, rows: Array, *arrays: Any) -> tuple[Callable[..., None], Any]:
        """A loop compiled for this formula, and the places for its arguments; found once."""
        if theta.shape[1] + rows.shape[1] != len(self.names):
            message = f"{self!r} was given {theta.shape[1]} parameters and {rows.shape[1]} columns."
            raise TypeError(message)
        key = (loop, theta.shape[1])
        if key not in self._loops:
            self._loops[key] = driver(loop, *self.kind(theta), *arrays), self.blank(theta)
        return self._loops[key]

    def __call__(self, theta: Array, rows: Array) -> Array:
        """Evaluate at every draw and row: shape (width, draws, rows)."""
        loop, blank = self._loop(_tabulate, theta, rows, *CELLS)
        theta, rows = in_c_order(theta, rows)
        out = np.empty((self.width, len(theta), len(rows)))
        if len(theta) * len(rows) <= BLOCK:
            loop(self.address, blank, theta, rows, out)
            return out

        def block(part: tuple[slice, slice]) -> None:
            loop(self.address, blank, theta[part[0]], rows[part[1]], out[:, part[0], part[1]])

        for _ in each(block, _parts(len(theta), len(rows))[0]):
            pass
        return out

    def total(self, theta: Array, rows: Array, weights: Array) -> Array:
        """Sum over rows, weighted, at every draw: shape (width, draws); the sum's order is fixed."""
        loop, blank = self._loop(_total, theta, rows, *SUMS)
        theta, rows, weights = in_c_order(theta, rows, weights)
        if len(theta) * len(rows) <= BLOCK:
            out = np.zeros((self.width, len(theta)))
            loop(self.address, blank, theta, rows, weights, out)
            return out

        def block(part: tuple[slice, slice]) -> Array:
            out = np.zeros((self.width, len(theta[part[0]])))
            loop(self.address, blank, theta[part[0]], rows[part[1]], weights[part[1]], out)
            return out

        parts, axis = _parts(len(theta), len(rows))
        results = list(each(block, parts))
        return np.concatenate(results, axis=1) if axis == 0 else np.sum(results, axis=0)


def _parts(draws: int, rows: int) -> tuple[list[tuple[slice, slice]], int]:
    """Cut draws x rows into blocks worth a thread, along draws where there are many: the parts, and the side cut."""
    if draws >= MANY:
        return [(part, slice(None)) for part in slices(draws, _size(draws, rows))], 0
    return [(slice(None), part) for part in slices(rows, _size(rows, draws))], 1


def _size(length: int, width: int) -> int:
    """The length of a block: worth a thread, and no more than MANY of them."""
    return max(BLOCK // max(width, 1), -(-length // MANY), 1)


def row(function: Callable[..., Any]) -> Row:
    """Lift a formula for one customer.

    >>> @row
    ... def difference(a, x):
    ...     return x - a
    >>> difference(np.array([[1.0]]), np.array([[3.0], [4.0]]))
    array([[[2., 3.]]])
    """
    return Row(function)
