"""Ranked value: every customer's, the best first, with what she may bring instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.errors import counted
from clvmodels.evaluate.pictures import EXPECTED, LINE, SEEN, axes, percent
from clvmodels.plots.scales import money_axis, span_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.economics.valuation import Valuation
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

SHOWN = 60
"""Customers whose intervals are drawn."""


@dataclass(frozen=True, eq=False)
class Ranked:
    """Customers in the order of their expected value, the best first.

    Attributes
    ----------
    worth
        what they are worth
    order
        their places in the valuation, the best first (n,)
    """

    worth: Valuation = field(repr=False)
    order: Index = field(repr=False)

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a customer, the best first.

        Columns: rank, from 1 on; customer_id; clv with its credible interval clv_low to clv_high; outcome_low to
        outcome_high, the predictive interval of what she will bring.
        """
        clv, outcome = (estimate.interval(prob)[self.order] for estimate in (self.worth.expected, self.worth.outcome))
        return pd.DataFrame(
            {
                "rank": np.arange(1, len(self.order) + 1),
                "customer_id": self.worth.customers.ids.to_numpy()[self.order],
                "clv": self.worth.expected.mean[self.order],
                "clv_low": clv[:, 0],
                "clv_high": clv[:, 1],
                "outcome_low": outcome[:, 0],
                "outcome_high": outcome[:, 1],
            }
        )

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw the value of all customers, the best first, and the intervals of some, evenly chosen among them."""
        told, n = self.frame(prob), len(self.order)
        title = f"Value of each of {counted(n, 'customer')} over {span_of(self.worth)}"
        ax = axes(ax, title, "Customers, the best first", "Discounted value, in the currency of the log")
        share = np.arange(1, n + 1) / n
        chosen = np.unique(np.linspace(0, n - 1, min(SHOWN, n)).round().astype(int))
        some, place = told.iloc[chosen], share[chosen]
        each = f"of one customer in {n // len(chosen):,}, {prob:.0%}"
        label = f"what she will bring, {each}"
        ax.vlines(place, some["outcome_low"], some["outcome_high"], color=SEEN, linewidth=4.0, label=label)
        if not self.worth.expected.certain:
            label = f"expected value, {each}"
            ax.vlines(place, some["clv_low"], some["clv_high"], color=EXPECTED, linewidth=1.6, label=label)
        ax.plot(share, told["clv"], color=LINE, linewidth=1.2, label="expected value")
        scale = float(np.median(np.abs(told["clv"]))) or 1.0
        money_axis(ax, "y", some[["clv", "outcome_low", "outcome_high"]].to_numpy(), scale)
        ax.axhline(0.0, color=LINE, linewidth=0.8)
        ax.xaxis.set_major_formatter(percent)
        ax.legend(frameon=False)
        return ax


def ranked(worth: Valuation) -> Ranked:
    """Put customers in the order of their expected value, the best first.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.BGNBD(), customers, seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> bool(clv.plots.ranked(worth).frame()["clv"].is_monotonic_decreasing)
    True
    """
    mean: Array = worth.expected.mean
    return Ranked(worth, np.argsort(-mean, kind="stable"))
