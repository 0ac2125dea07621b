"""Histories: the distinct rows of what a model sees of its customers, with how many customers have each.

The likelihood and every expectation depend on these alone, so cost grows with distinct histories, not with customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clvmodels.kernels.blend import blend, blend_total
from clvmodels.kernels.fused import Pair, Term
from clvmodels.kernels.lift import Row
from clvmodels.kernels.threads import slices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clvmodels.kernels.lift import Array

Index = NDArray[np.intp]

CELLS = 1_000_000
"""Draws times rows that the parts of a `LogSum` may have at once."""


def _codes(columns: Sequence[Array]) -> tuple[Index, Index]:
    """Number the distinct rows: the number of each row (n,), and the place of a row for each number (k,).

    What isn't known (nan) is a value like another.
    """
    codes, first = np.zeros(len(columns[0]), dtype=np.int64), np.zeros(1, dtype=np.int64)
    for column in columns:
        inner, values = pd.factorize(column, use_na_sentinel=False)
        codes, distinct = pd.factorize(codes * max(len(values), 1) + inner)
        first = np.empty(len(distinct), dtype=np.int64)
        first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, first


@dataclass(frozen=True, eq=False)
class Histories:
    """Distinct histories, in lexicographic order.

    Attributes
    ----------
    columns
        The letters of the model's paper, each with an array (k,).
    weights
        How many customers have each history (k,); any positive number will do.
    index
        The history of each customer (n,).
    """

    columns: Mapping[str, Array]
    weights: Array
    index: Index
    _known: dict[tuple[str, ...], Histories] = field(default_factory=dict, repr=False)
    _tables: dict[tuple[str, ...], Array] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, columns: Mapping[str, Array], weights: Array | None = None) -> Histories:
        """Find the distinct rows of some columns of equal length.

        >>> c = Histories.of({"x": np.array([2.0, 0.0, 2.0]), "T": np.array([5.0, 5.0, 5.0])})
        >>> c.columns["x"], c.weights, c.index
        (array([0., 2.]), array([1., 2.]), array([1, 0, 1]))
        """
        codes, first = _codes(list(columns.values()))
        order = np.lexsort([column[first] for column in reversed(list(columns.values()))])
        rank = np.empty_like(order)
        rank[order] = np.arange(len(order))
        index = rank[codes]
        distinct = {name: np.ascontiguousarray(column[first[order]], float) for name, column in columns.items()}
        return cls(distinct, np.bincount(index, weights, len(order)).astype(float), index)

    def __len__(self) -> int:
        return len(self.weights)

    def only(self, names: Sequence[str]) -> Histories:
        """Return the distinct rows of fewer columns; its ``index`` is over the rows of this one."""
        key = tuple(names)
        if key not in self._known:
            same = key == tuple(self.columns)
            self._known[key] = self if same else Histories.of({n: self.columns[n] for n in key}, self.weights)
        return self._known[key]

    def with_constants(self, values: Mapping[str, float]) -> Histories:
        """Add columns that are the same for everybody."""
        constants = {name: np.full(len(self), value) for name, value in values.items()}
        return replace(self, columns={**self.columns, **constants}, _known={}, _tables={}) if values else self

    def weighted(self, weights: Array) -> Histories:
        """Return the histories with other weights (k,), without those of no weight; customers are the rows that stay."""
        return replace(self, weights=weights).some(np.flatnonzero(weights > 0.0))

    def some(self, rows: slice | Index) -> Histories:
        """Return some of the histories; customers are the rows."""
        columns = {name: np.ascontiguousarray(column[rows]) for name, column in self.columns.items()}
        return Histories(columns, self.weights[rows], np.arange(len(self.weights[rows])))

    def table(self, names: Sequence[str]) -> Array:
        """Return some columns as a matrix (k, columns); made once."""
        key = tuple(names)
        if key not in self._tables:
            self._tables[key] = np.stack([self.columns[name] for name in names], axis=1)
        return self._tables[key]

    def scale(self, name: str) -> float:
        """Return the mean of a column over the customers who have more than 0 there; 0 if nobody has."""
        column = self.columns[name]
        total = float(self.weights @ (column > 0.0))
        return float(self.weights @ column) / total if total > 0.0 else 0.0


@dataclass(frozen=True, eq=False)
class LogSum:
    """The log of a sum of two positive parts of a likelihood, each of which depends on fewer columns than the sum.

    Attributes
    ----------
    parts
        Row functions: each gives the log of its part, and the slopes of that log in each parameter.
    """

    parts: tuple[Row, Row]

    def total(self, parameters: tuple[str, ...], theta: Array, histories: Histories) -> Array:
        """Sum over customers: (1 + parameters, draws)."""
        rows, weights = self._rows(parameters, histories), histories.weights
        found = [
            blend_total(*self._values(parameters, some, histories), *rows, weights) for some in self._draws(theta, rows)
        ]
        return np.concatenate(found, axis=1)

    def each(self, parameters: tuple[str, ...], theta: Array, histories: Histories) -> Array:
        """Evaluate each history: (1 + parameters, draws, k)."""
        rows = self._rows(parameters, histories)
        found = [blend(*self._values(parameters, some, histories), *rows) for some in self._draws(theta, rows)]
        return np.concatenate(found, axis=1)

    def pair(self, parameters: tuple[str, ...], histories: Histories) -> Pair:
        """Return its parts, their own distinct rows, and how these belong together."""
        first, second = (histories.only(names).table(names) for names in (part.columns(parameters) for part in self.parts))
        i, j = self._rows(parameters, histories)
        return Pair(*self.parts, first, second, i, j, histories.weights)

    def _rows(self, parameters: tuple[str, ...], histories: Histories) -> tuple[Index, Index]:
        """The row of each part that belongs to each history: (k,) each."""
        parts = (histories.only(part.columns(parameters)) for part in self.parts)
        first, second = (np.arange(len(part)) if part is histories else part.index for part in parts)
        return first, second

    def _values(self, parameters: tuple[str, ...], theta: Array, histories: Histories) -> tuple[Array, Array]:
        """Both parts on their own distinct rows: (1 + parameters, draws, rows) each."""
        names = [part.columns(parameters) for part in self.parts]
        first, second = (p(theta, histories.only(n).table(n)) for p, n in zip(self.parts, names, strict=True))
        return first, second

    def _draws(self, theta: Array, rows: tuple[Index, Index]) -> list[Array]:
        """Cut the draws so that the parts of some of them fit into memory."""
        width = int(rows[0].max()) + int(rows[1].max()) + 2
        return [theta[some] for some in slices(len(theta), max(CELLS // width, 1))]


@dataclass(frozen=True)
class LogLikelihood:
    """A log-likelihood that is a sum of terms, each evaluated on the distinct rows of the columns that it names.

    Attributes
    ----------
    terms
        Row functions, each of which gives its value and its derivative in each parameter; or `LogSum` of such.
    parameters
        The names of the parameters.
    theta
        (draws, parameters).
    histories
        Of the customers.
    """

    terms: tuple[Row | LogSum, ...]
    parameters: tuple[str, ...]
    theta: Array
    histories: Histories

    def total(self) -> Array:
        """Sum over customers: (1 + parameters, draws), the value and then its slopes."""
        first, *others = (self._total(term) for term in self.terms)
        return sum(others, first)

    def each(self) -> Array:
        """Evaluate each history: (1 + parameters, draws, k), the value and then its slopes."""
        first, *others = (self._each(term) for term in self.terms)
        return sum(others, first)

    def parts(self) -> tuple[tuple[Term, ...], tuple[Pair, ...]]:
        """Return its terms with the distinct rows that they see: plain ones, and logs of sums."""
        plain, pairs = [t for t in self.terms if isinstance(t, Row)], [t for t in self.terms if isinstance(t, LogSum)]
        told = [(term, self.histories.only(term.columns(self.parameters))) for term in plain]
        terms = tuple(Term(t, part.table(t.columns(self.parameters)), part.weights) for t, part in told)
        return terms, tuple(pair.pair(self.parameters, self.histories) for pair in pairs)

    def _total(self, term: Row | LogSum) -> Array:
        if isinstance(term, LogSum):
            return term.total(self.parameters, self.theta, self.histories)
        names = term.columns(self.parameters)
        part = self.histories.only(names)
        return term.total(self.theta, part.table(names), part.weights)

    def _each(self, term: Row | LogSum) -> Array:
        if isinstance(term, LogSum):
            return term.each(self.parameters, self.theta, self.histories)
        names = term.columns(self.parameters)
        part = self.histories.only(names)
        values = term(self.theta, part.table(names))
        return values if part is self.histories else values[:, :, part.index]
