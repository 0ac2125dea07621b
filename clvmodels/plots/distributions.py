"""Distribution of value: how many customers are worth how much, as expected, and as it will turn out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.errors import counted
from clvmodels.estimate import as_probability
from clvmodels.evaluate.pictures import EXPECTED, LINE, OFF, SEEN, axes, legend, plain
from clvmodels.plots.scales import bent, money_axis, span_of
from clvmodels.sources import blocks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.economics.valuation import Valuation
    from clvmodels.estimate import Estimate
    from clvmodels.kernels.lift import Array

BINS = 30
"""Into which customers are counted, even on the scale of the picture."""

DRAWS = 200
"""Draws in each of which the customers are counted, at most."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """Customers by their discounted value within a horizon.

    Attributes
    ----------
    customers
        how many there are
    edges
        of the bins, in the currency of the valuation (bins + 1,); the first and the last hold those outside, too
    scale
        the amount below which the scale of the picture is even, and above which it is one of equal factors
    mean
        customers by the mean of what is expected of them (bins,)
    expected, outcome
        customers by what is expected of them, and by what they will really bring, in each draw (draws, bins)
    certain
        whether the expectations are those of a single point of the parameters, and so have no interval
    span
        the horizon, in words
    """

    customers: int
    edges: Array = field(repr=False)
    scale: float
    mean: Array = field(repr=False)
    expected: Array = field(repr=False)
    outcome: Array = field(repr=False)
    certain: bool
    span: str

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a bin.

        Columns: from and to; customers, by the mean of their value; expected, the mean number of customers over the draws
        of the expectation, with its credible interval expected_low to expected_high; outcome, by what they will really
        bring, with outcome_low to outcome_high. A mean over draws differs from the number of customers with such a mean.
        """
        tail = 0.5 * (1.0 - as_probability(prob))
        columns: dict[str, Array] = {"from": self.edges[:-1], "to": self.edges[1:], "customers": self.mean}
        for name, drawn in (("expected", self.expected), ("outcome", self.outcome)):
            known = np.nan if self.certain and name == "expected" else 1.0
            low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=0) * known
            columns |= {name: drawn.mean(axis=0), f"{name}_low": low, f"{name}_high": high}
        return pd.DataFrame(columns)

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw the histogram of expected value with its intervals, and that of what customers will bring."""
        title = f"Value of {counted(self.customers, 'customer')} over {self.span}"
        ax = axes(ax, title, "Discounted value, in the currency of the log", "Customers")
        told, place = (
            self.frame(prob),
            self.scale * np.sinh(0.5 * (bent(self.edges[1:], self.scale) + bent(self.edges[:-1], self.scale))),
        )
        ax.stairs(self.mean, self.edges, fill=True, color=SEEN, label="expected value")
        ax.stairs(self.mean, self.edges, color=LINE, linewidth=0.6)
        if not self.certain:
            label = f"expected value, {prob:.0%} credible"
            ax.vlines(place, told["expected_low"], told["expected_high"], color=EXPECTED, linewidth=2.0, label=label)
        ax.fill_between(place, told["outcome_low"], told["outcome_high"], color=OFF, alpha=0.3, linewidth=0.0)
        label = f"what they will bring, {prob:.0%}"
        ax.plot(place, told["outcome"], "s--", color=OFF, markersize=3.5, linewidth=1.0, label=label)
        money_axis(ax, "x", self.edges, self.scale)
        ax.yaxis.set_major_formatter(plain)
        ax.set_ylim(bottom=0.0)
        return legend(ax, first="expected value")


def distribution(worth: Valuation, *, draws: int = DRAWS) -> Distribution:
    """Count customers by their value: by its mean, in each draw of what is expected of them, and of what they will bring.

    Parameters
    ----------
    worth
        what they are worth
    draws
        in how many draws to count the customers, at most; outcomes are drawn anew where that is fewer than it has

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.BGNBD(), customers, seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> float(clv.plots.distribution(worth).frame()["customers"].sum())
    2357.0
    """
    some = replace(worth, draws=min(worth.draws, draws))
    mean, ends = worth.expected.mean, some.outcome.interval()
    scale = float(np.median(np.abs(mean))) or 1.0
    low, high = (float(np.quantile(np.r_[mean, ends.ravel()], share)) for share in (0.001, 0.999))
    edges = scale * np.sinh(np.linspace(bent(low, scale), bent(max(high, low + scale), scale), BINS + 1))
    edges = edges - edges[np.abs(edges).argmin()] if low <= 0.0 else edges
    expected, outcome = (_counted(estimate, edges) for estimate in (some.expected, some.outcome))
    by_mean = np.histogram(np.clip(mean, edges[0], edges[-1]), edges)[0].astype(float)
    return Distribution(len(mean), edges, scale, by_mean, expected, outcome, worth.expected.certain, span_of(worth))


def _counted(estimate: Estimate, edges: Array) -> Array:
    """Count customers by bin in each draw, a block of customers at a time: (draws, bins)."""
    rows, draws = estimate.source.shape
    weights, bins = np.bincount(estimate.index, minlength=rows).astype(float), len(edges) - 1
    found = np.zeros(draws * bins)
    for block in blocks(rows, draws):
        values = estimate.source.block(block)
        place = np.clip(np.searchsorted(edges, values, "right") - 1, 0, bins - 1) + bins * np.arange(draws)
        found += np.bincount(place.ravel(), np.repeat(weights[block], draws), draws * bins)
    return found.reshape(draws, bins)
