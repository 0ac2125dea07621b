"""Marks: where in a stream of random numbers the draws of a row begin, told by the row's own numbers.

Each is a hash (the finalizer of splitmix64, over the row's columns in turn), so that like rows begin far apart, and equal
rows in one place, wherever they stand. Numbers count to the 24 binary digits of a single float: what was added up in another
order is the same.

Source: G. Steele, D. Lea, C. Flood (2014), Fast splittable pseudorandom number generators, OOPSLA.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clvmodels.kernels.lift import Array

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def marks_of(rows: Array) -> NDArray[np.uint64]:
    """Return two whole numbers for each row of a table (rows, columns): (rows, 2).

    >>> one, two, three = marks_of(np.array([[1.0, 2.0], [1.0, 2.0 + 1e-12], [2.0, 1.0]]))
    >>> bool((one == two).all()), bool((one == three).any())
    (True, False)
    """
    bits = (rows.astype(np.float32) + np.float32(0.0)).view(np.uint32).astype(np.uint64)
    marks = np.stack([np.full(len(rows), start, dtype=np.uint64) for start in (1, 2)], axis=1)
    for column in bits.T:
        marks = _mixed(marks ^ column[:, None])
    return marks


def _mixed(marks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Take each number to another, one to one, such that neighbours part."""
    z = marks + GOLDEN
    z = (z ^ (z >> np.uint64(30))) * FIRST
    z = (z ^ (z >> np.uint64(27))) * SECOND
    return z ^ (z >> np.uint64(31))
