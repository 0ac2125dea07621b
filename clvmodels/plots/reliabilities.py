"""Reliability: whether what was forecast of groups of customers is what they did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import QuestionError
from clvmodels.evaluate.pictures import LINE, axes, styles

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from clvmodels.evaluate.compare import Comparison

NOISE = 2.0
"""Standard errors that are drawn each way."""


@dataclass(frozen=True, eq=False)
class Reliability:
    """What happened to customers by how much was forecast of them.

    Attributes
    ----------
    table
        that of ``Comparison.reliability()``
    what
        ``"purchases"`` or ``"value"``
    """

    table: pd.DataFrame = field(repr=False)
    what: str

    def frame(self) -> pd.DataFrame:
        """Return the table: model, group, customers, forecast and actual (means), se (of actual)."""
        return self.table

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what each group did over what was forecast of it, with two standard errors."""
        unit = "purchases of a customer" if self.what == "purchases" else "value of a customer, in the currency of the log"
        ax = axes(ax, f"Reliability of forecast {self.what}", f"Forecast {unit}", f"Actual {unit}")
        for name, style in styles(dict.fromkeys(self.table["model"])):
            mine = self.table.loc[self.table["model"] == name]
            said, then, half = (mine[column].to_numpy() for column in ("forecast", "actual", "se"))
            ax.vlines(said, then - NOISE * half, then + NOISE * half, color=style.colour, linewidth=1.0)
            look = {"color": style.colour, "marker": style.marker, "markersize": 4.5}
            ax.plot(said, then, linestyle=style.line, linewidth=1.0, label=name, **look)  # type: ignore[arg-type]
        end = float(np.max(self.table[["forecast", "actual"]].to_numpy()))
        ax.plot([0.0, end], [0.0, end], color=LINE, linewidth=0.9, linestyle=(0, (1, 2)), label="right")
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(lambda number, _: f"{number:,.4g}")
        ax.legend(frameon=False)
        return ax


def reliability(found: Comparison, what: str = "purchases", groups: int = 10) -> Reliability:
    """Hold what customers did beside what each forecaster of a comparison said of them, in groups of equal size.

    Parameters
    ----------
    found
        ``clv.compare`` of a backtest
    what
        ``"purchases"`` or ``"value"``
    groups
        of customers, by how much was forecast of them

    Examples
    --------
    >>> import clvmodels as clv
    >>> done = clv.backtest(clv.datasets.cdnow(sample=True), [clv.BGNBD()], 1, 26, method=clv.MLE(), seed=1)
    >>> len(clv.plots.reliability(clv.compare(done)).frame())
    10
    """
    table = found.reliability(what, groups) if found.outcomes else None
    if table is None or table.empty:
        message = (
            f"Nobody has forecast {what} here that can be held beside what happened: compare a backtest (clv.backtest)."
        )
        raise QuestionError(message)
    return Reliability(table, what)
