"""Sums of a stream: a draw of the parameters is one world for all customers, so parts of a base add up draw by draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.economics.totals import grouped, total
from clvmodels.estimate import Estimate
from clvmodels.sources import Table

if TYPE_CHECKING:
    from clvmodels.economics.valuation import Valuation
    from clvmodels.estimate import Meaning
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True, eq=False)
class Sums:
    """What groups of customers are worth together, draw by draw.

    Attributes
    ----------
    table
        what the groups are called, a row each; without columns where there is only one, of everybody
    number
        of their customers (groups,)
    expected, outcome
        of both, each draw's sum (groups, draws)
    certain
        whether the expectation is that of a single point of the parameters
    """

    table: pd.DataFrame
    number: Array
    expected: Array
    outcome: Array
    certain: bool

    @classmethod
    def of(cls, worth: Valuation, by: tuple[str, ...]) -> Sums:
        """Add up customers who are at hand."""
        groups = worth.attributes.groups(by) if by else None
        table = pd.DataFrame(index=[0]) if groups is None else groups.table
        codes = np.zeros(len(worth.customers), dtype=np.intp) if groups is None else groups.codes
        expected, outcome = (each.by(codes).draws().T for each in (worth.expected, worth.outcome))
        return cls(table, np.bincount(codes).astype(float), expected, outcome, worth.expected.certain)

    def __add__(self, others: Sums) -> Sums:
        """Add other customers: groups of one name become one."""
        table = pd.concat([self.table, others.table], ignore_index=True)
        codes = _codes(table)
        first = np.unique(codes, return_index=True)[1]

        def added(mine: Array, theirs: Array) -> Array:
            out = np.zeros((len(first), *mine.shape[1:]))
            np.add.at(out, codes, np.concatenate([mine, theirs]))
            return out

        number, expected = added(self.number, others.number), added(self.expected, others.expected)
        outcome = added(self.outcome, others.outcome)
        return Sums(table.iloc[first].reset_index(drop=True), number, expected, outcome, self.certain)

    def frame(self, prob: float) -> pd.DataFrame:
        """Tabulate them as ``Valuation.total`` does."""
        expected = self._estimate("expectation", self.expected, certain=self.certain)
        outcome = self._estimate("outcome", self.outcome, certain=False)
        if len(self.table.columns) == 0:
            return total(expected, outcome, prob)
        return grouped(expected, outcome, self.number, self.table, prob)

    def _estimate(self, meaning: Meaning, sums: Array, *, certain: bool) -> Estimate:
        return Estimate(meaning, "total", None, Table(sums), np.arange(len(sums)), certain)


def _codes(table: pd.DataFrame) -> Index:
    """Number the groups, in the order of their names."""
    if len(table.columns) == 0:
        return np.zeros(len(table), dtype=np.intp)
    return table.groupby(list(table.columns), sort=True, dropna=False).ngroup().to_numpy().astype(np.intp)
