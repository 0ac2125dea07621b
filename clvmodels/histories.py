"""Histories: the distinct rows of what a model sees of its customers, with how many customers have each.

The likelihood and every expectation depend on these alone, so cost grows with distinct histories, not with customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clvmodels.kernels.lift import Array, Row

Index = NDArray[np.intp]


def _codes(columns: Sequence[Array]) -> tuple[Index, Index]:
    """Number the distinct rows: the number of each row (n,), and the place of a row for each number (k,)."""
    codes, first = np.zeros(len(columns[0]), dtype=np.int64), np.zeros(1, dtype=np.int64)
    for column in columns:
        inner, values = pd.factorize(column)
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

    def columns_only(self, names: Sequence[str]) -> Histories:
        """Return the distinct rows of fewer columns, with the index of the customers."""
        part = self.only(names)
        return part if part is self else replace(part, index=part.index[self.index])

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


@dataclass(frozen=True)
class LogLikelihood:
    """A log-likelihood that is a sum of row functions, each evaluated on the distinct rows of the columns that it names.

    Attributes
    ----------
    terms
        Row functions: each gives its value and its derivative in each parameter.
    parameters
        The names of the parameters.
    theta
        (draws, parameters).
    histories
        Of the customers.
    """

    terms: tuple[Row, ...]
    parameters: tuple[str, ...]
    theta: Array
    histories: Histories

    def total(self) -> Array:
        """Sum over customers: (1 + parameters, draws), the value and then its slopes."""
        parts = [(term, self.histories.only(term.columns(self.parameters))) for term in self.terms]
        return np.sum([t.total(self.theta, c.table(t.columns(self.parameters)), c.weights) for t, c in parts], axis=0)

    def each(self) -> Array:
        """Evaluate each history: (1 + parameters, draws, k), the value and then its slopes."""
        result = np.zeros((1 + len(self.parameters), len(self.theta), len(self.histories)))
        for term in self.terms:
            names = term.columns(self.parameters)
            part = self.histories.only(names)
            values = term(self.theta, part.table(names))
            result += values if part is self.histories else values[:, :, part.index]
        return result
