"""Parts: a valuation by parts of its customers, and the picture of what share of customers and value each has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.estimate import Estimate
from clvmodels.evaluate.pictures import EXPECTED, SEEN, axes
from clvmodels.sources import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clvmodels.economics.valuation import Valuation
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True, eq=False)
class Parts:
    """A valuation by parts of its customers, some of them empty maybe.

    Attributes
    ----------
    worth
        what the customers are worth
    codes
        the part of each customer (n,), from 0 on
    number
        of parts
    """

    worth: Valuation
    codes: Index
    number: int

    @cached_property
    def counts(self) -> NDArray[np.intp]:
        """How many customers each has (number,)."""
        return np.bincount(self.codes, minlength=self.number)

    @cached_property
    def expected(self) -> Estimate:
        """Expected value of each part; its interval is credible."""
        return self._by(self.worth.expected)

    @cached_property
    def outcome(self) -> Estimate:
        """What each part will bring; its interval is predictive."""
        return self._by(self.worth.outcome)

    @cached_property
    def alive(self) -> Array:
        """Mean P(alive) of the customers of each part (number,); nan where there are none."""
        total = self.sums(self.worth.alive)
        return np.divide(total, self.counts, out=np.full(self.number, np.nan), where=self.counts > 0)

    def sums(self, amounts: Array) -> Array:
        """Add up amounts of the customers, such as what they have bought for, by part (number,)."""
        return np.bincount(self.codes, amounts, self.number).astype(float)

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Return a row a part.

        Columns: customers and of_customers, their share; mean, low and high of the expected value of all of them,
        outcome_low and outcome_high of what they will bring; of_value, their share of the expected value (nan where that is
        not above 0); each, the expected value of one of them; probability_alive, its mean.
        """
        told, outcome = self.expected.frame(prob), self.outcome.interval(prob)
        total = told["mean"].sum()
        return pd.DataFrame({"customers": self.counts, "of_customers": self.counts / len(self.codes)}).assign(
            **told,
            outcome_low=outcome[:, 0],
            outcome_high=outcome[:, 1],
            of_value=told["mean"] / total if total > 0.0 else np.nan,
            each=told["mean"] / np.where(self.counts > 0, self.counts, np.nan),
            probability_alive=self.alive,
        )

    def _by(self, estimate: Estimate) -> Estimate:
        """Add an estimate up by part."""
        some, codes = np.unique(self.codes, return_inverse=True)
        sums = np.zeros((self.number, estimate.source.shape[1]))
        found = estimate.by(codes)
        sums[some] = found.draws().T
        return Estimate(found.meaning, found.label, None, Table(sums), np.arange(self.number), found.certain)


def pairs(ax: Axes | None, title: str, names: Sequence[str], bars: dict[str, Array]) -> Axes:
    """Draw a pair of bars, shares of two things, for each of some names, the first on top."""
    ax = axes(ax, title, "Share of all", "")
    for place, ((label, shares), colour) in enumerate(zip(bars.items(), (SEEN, EXPECTED), strict=True)):
        where = np.arange(len(names)) + 0.4 * place - 0.2
        ax.barh(where, shares, height=0.38, color=colour, label=label)
        for y, share in zip(where, shares, strict=True):
            ax.annotate(f"{share:.1%}", (max(share, 0.0), y), (3, 0), textcoords="offset points", va="center", size=8)
    ax.set_yticks(np.arange(len(names)), list(names))
    ax.invert_yaxis()
    ax.xaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
    ax.grid(visible=False)
    ax.legend(frameon=False)
    return ax
