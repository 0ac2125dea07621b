"""Tuples in compiled code: of a length that the compiler knows, so that a formula's arguments stay in registers."""
# pyright: basic

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from numba import types
from numba.cpython.unsafe.tuple import tuple_setitem
from numba.extending import overload

from clvmodels.kernels.jit import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray


def with_value(values: tuple[float, ...], position: int, value: float) -> tuple[float, ...]:
    """Return the same tuple with one value replaced (plain Python; compiled code has its own)."""
    return (*values[:position], value, *values[position + 1 :])


@overload(with_value)
def _with_value(values, position, value):  # noqa: ANN001, ANN202, ARG001
    return lambda values, position, value: tuple_setitem(values, position, value)  # noqa: PLW0108  # pyright: ignore[reportCallIssue]


def as_tuple(result: Any) -> tuple[float, ...]:
    """Return what a row function gave as a tuple, whether it gave one number or several."""
    return result if isinstance(result, tuple) else (result,)


@overload(as_tuple)
def _as_tuple(result):  # noqa: ANN001, ANN202
    return (lambda result: result) if isinstance(result, types.BaseTuple) else (lambda result: (result,))


@jit
def filled(blank: Any, values: NDArray[Any]) -> Any:
    """Return a tuple of the length of ``blank`` with the values of an array."""
    arguments = blank
    for j in range(len(blank)):
        arguments = with_value(arguments, j, values[j])
    return arguments
