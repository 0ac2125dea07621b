"""The one way in which this package compiles: cached, without the GIL, with IEEE division.

Under ``NUMBA_DISABLE_JIT=1`` every kernel is plain Python, for debuggers and coverage.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
from numba.core import config

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., object]")

COMPILED: bool = not config.DISABLE_JIT  # pyright: ignore[reportAttributeAccessIssue]
"""Whether kernels are compiled at all."""


def compiled(function: Any, *signatures: Any) -> Any:
    """Compile a function, kept on disk if it has a file of its own (what is typed at a prompt has none).

    With signatures, all argument types of each, it is compiled at once and for these only.
    """
    compiler: Any = partial(numba.njit, list(signatures) or None, nogil=True, error_model="numpy")
    try:
        return compiler(cache=True)(function)
    except RuntimeError:
        return compiler()(function)


def jit(function: F) -> F:
    """Compile a function of scalars and arrays, when it is first called.

    >>> @jit
    ... def double(x):
    ...     return 2.0 * x
    >>> double(1.5)
    3.0
    """
    return cast("F", compiled(function))
