"""Probability integral transforms: where what happened lies among what forecasters said might happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.errors import QuestionError
from clvmodels.evaluate.pictures import LINE, SEEN, axes, percent, styles

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.evaluate.compare import Comparison

NOISE = 2.0
"""Standard errors within which a bin may lie by chance, were the laws right and all customers' histories their own."""


@dataclass(frozen=True, eq=False)
class Pit:
    """Where what happened to customers lies in the laws that were forecast of it.

    Attributes
    ----------
    table
        that of ``Comparison.pit()``: the share of what happened in each bin of the law, a column a forecaster
    cases
        how many customers and origins there are
    what
        ``"purchases"`` or ``"value"``
    """

    table: pd.DataFrame = field(repr=False)
    cases: int
    what: str

    def frame(self) -> pd.DataFrame:
        """Tabulate it, a row a model and bin: model, from and to (probabilities), share of what happened."""
        ends = pd.IntervalIndex(self.table.index)
        known = {"from": ends.left, "to": ends.right}
        tables = [pd.DataFrame({"model": name, **known, "share": self.table[name].to_numpy()}) for name in self.table]
        return pd.concat(tables, ignore_index=True)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of what happened in each bin; flat where the laws are right, a U where they are too narrow."""
        across = f"Where actual {self.what} lie in the law that was forecast"
        ax = axes(ax, f"Are the forecast laws of {self.what} right?", across, "Share of customers")
        bins = len(self.table)
        edges, flat = np.linspace(0.0, 1.0, bins + 1), 1.0 / bins
        half = NOISE * np.sqrt(flat * (1.0 - flat) / self.cases)
        ax.axhspan(flat - half, flat + half, color=SEEN, alpha=0.6, linewidth=0.0, label="by chance, if right")
        ax.axhline(flat, color=LINE, linewidth=0.8)
        for name, style in styles(map(str, self.table)):
            heights, middle = self.table[name].to_numpy(), 0.5 * (edges[1:] + edges[:-1])
            ax.stairs(heights, edges, baseline=None, color=style.colour, linestyle=style.line, linewidth=1.5)
            ax.plot(middle, heights, style.marker, color=style.colour, markersize=4.5, label=name)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(percent)
        ax.set_ylim(bottom=0.0)
        ax.legend(frameon=False)
        return ax


def pit(found: Comparison, what: str = "purchases", bins: int = 10) -> Pit:
    """Find where what happened lies in the laws that the forecasters of a comparison gave.

    Parameters
    ----------
    found
        ``clv.compare`` of a backtest
    what
        ``"purchases"`` or ``"value"``
    bins
        of equal probability

    Examples
    --------
    >>> import clvmodels as clv
    >>> done = clv.backtest(clv.datasets.cdnow(sample=True), [clv.BGNBD()], 1, 26, method=clv.MLE(), seed=1)
    >>> float(clv.plots.pit(clv.compare(done)).frame()["share"].sum().round(6))
    1.0
    """
    table = found.pit(what, bins)
    if table.empty:
        message = f"Nobody has a law of {what} here to hold beside what happened: compare a backtest (clv.backtest)."
        raise QuestionError(message)
    return Pit(table, sum(map(len, found.who.values())), what)
