"""The one way in which this package compiles: cached, without the GIL, with IEEE division.

Under ``NUMBA_DISABLE_JIT=1`` every kernel is plain Python, for debuggers and coverage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")

COMPILED: bool = not numba.config.DISABLE_JIT
"""Whether kernels are compiled at all."""


def jit(function: F) -> F:
    """Compile a function of scalars and arrays.

    >>> @jit
    ... def double(x):
    ...     return 2.0 * x
    >>> double(1.5)
    3.0
    """
    return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
