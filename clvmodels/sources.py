"""Sources: tables of rows by draws, made a block at a time; and the one pass over them that finds all that is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy.sparse import csc_array

from clvmodels.kernels.threads import each, slices
from clvmodels.progress import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

    Rows = slice | Index

CELLS = 150_000
"""Rows times draws of a block: small enough to stay in cache, and in memory that is not given back in between."""


WIDE = 500_000
"""The same of sources whose rows are cheap, and the same wherever they are cut: fewer steps, which count then."""


class Source(Protocol):
    """Where an estimate's draws come from: a table of rows by draws that is made a block at a time."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and draws."""
        ...

    @property
    def wide(self) -> bool:
        """Whether it is made in wide blocks."""
        ...

    def block(self, rows: Rows) -> Array:
        """Make some rows: (rows, draws), an array that the caller may overwrite."""
        ...


@dataclass(frozen=True, eq=False)
class Table:
    """A source that is at hand: (rows, draws)."""

    values: Array
    wide: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and draws."""
        return self.values.shape

    def block(self, rows: Rows) -> Array:
        """Copy some rows."""
        return self.values[rows].copy()


@dataclass(frozen=True, eq=False)
class Blocks:
    """A source that is a function of a block's rows."""

    shape: tuple[int, int]
    make: Callable[[Any], Array]
    wide: bool = False

    def block(self, rows: Rows) -> Array:
        """Make some rows."""
        return self.make(rows)


@dataclass(frozen=True, eq=False)
class Ladder:
    """A source that makes several tables at once, such as outcomes up to several ends: (rows, draws, tables).

    Attributes
    ----------
    shape
        rows and draws
    make
        all tables of a block's rows
    place
        of the table that it is a source of
    wide
        whether blocks are wide
    """

    shape: tuple[int, int]
    make: Callable[[Any], Array]
    place: int
    wide: bool = False

    def block(self, rows: Rows) -> Array:
        """Make some rows of its own table."""
        return np.ascontiguousarray(self.make(rows)[..., self.place])


@dataclass(frozen=True, eq=False)
class Reduction:
    """What one pass has found.

    Attributes
    ----------
    mean
        of each row (rows,)
    quantiles
        of each row (rows,), by probability
    sums
        each draw's total (groups, draws): of all, then of each group of each grouping
    ladder
        each draw's total of each table of a `Ladder` (tables, draws); nothing of another source
    """

    mean: Array
    quantiles: dict[float, Array]
    sums: Array
    ladder: Array


def blocks(rows: int, draws: int, *, wide: bool = False) -> list[slice]:
    """Cut the rows of a table into blocks."""
    return slices(rows, max((WIDE if wide else CELLS) // draws, 1))


def quantiles(ordered: Array, probabilities: Sequence[float]) -> Array:
    """Quantiles by linear interpolation (type 7) of rows that are in order: (probabilities, rows)."""
    place = np.asarray(probabilities) * (ordered.shape[1] - 1)
    below = np.minimum(place.astype(int), max(ordered.shape[1] - 2, 0))
    above = np.minimum(below + 1, ordered.shape[1] - 1)
    return (ordered[:, below] + (place - below) * (ordered[:, above] - ordered[:, below])).T


def _tables(source: Source, block: slice) -> tuple[Array, Array]:
    """Make some rows (rows, draws), and each draw's total of each table of a `Ladder` (tables, draws), or nothing."""
    if not isinstance(source, Ladder):
        return source.block(block), np.zeros((1, 1))
    cube = source.make(block)
    return np.ascontiguousarray(cube[..., source.place]), cube.sum(axis=0).T


def _added(shares: csc_array, values: Array) -> tuple[Index, Array]:
    """Add up some rows by group: which groups they are of, few of many, and each draw's totals of these (groups, draws)."""
    groups, which = np.unique(shares.indices, return_inverse=True)
    some = csc_array((shares.data, which, shares.indptr), shape=(len(groups), len(values)))
    return groups.astype(np.intp), some @ values


def reduce(source: Source, shares: csc_array, probabilities: Sequence[float], label: str) -> Reduction:
    """Pass over a source once; shares (groups, rows) say how many customers of each group share a row."""
    (rows, draws), found = source.shape, np.empty((len(probabilities), source.shape[0]))
    mean, sums, rungs = np.empty(rows), np.zeros((int(shares.indices.max()) + 1, draws)), np.zeros((1, 1))

    def part(block: slice) -> tuple[slice, Array, tuple[Index, Array], Array, Array]:
        values, ladder = _tables(source, block)
        average, totals = values.mean(axis=1), _added(shares[:, block], values)
        if len(probabilities):
            values.sort(axis=1)
        return block, average, totals, ladder, quantiles(values, probabilities)

    cut = blocks(rows, draws, wide=source.wide)
    for block, average, totals, ladder, ends in watch(each(part, cut), len(cut), label):
        mean[block], found[:, block] = average, ends
        sums[totals[0]] += totals[1]
        rungs = rungs + ladder
    return Reduction(mean, dict(zip(probabilities, found, strict=True)), sums, rungs)


def in_order(source: Source, rows: Index) -> Array:
    """Make rows of a source that stand in any order, some of them more than once, in one run: (rows, draws)."""
    run = slice(int(rows.min()), int(rows.max()) + 1)
    return source.block(run)[rows - run.start]
