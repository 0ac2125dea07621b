"""Spending: customers by the mean value of their purchases, and what a spend model expects of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.buyers import Buyers
from clvmodels.contract import HasSpend
from clvmodels.errors import QuestionError, counted
from clvmodels.estimate import as_probability
from clvmodels.evaluate.pictures import LINE, SEEN, axes, legend, plain, styles
from clvmodels.evaluate.replicates import some, worlds
from clvmodels.plots.scales import log_axis
from clvmodels.plots.several import named
from clvmodels.questions.asking import seeded
from clvmodels.questions.spending import WHAT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from clvmodels.contract import Told
    from clvmodels.kernels.lift import Array
    from clvmodels.plots.several import Fits

BINS = 30
"""Of equal factors, into which customers are counted."""

ROUNDING = 1e-9
"""How far, relatively, the ends lie outside, so that there is room between them where all spend the same."""

INSIDE = 0.001, 0.999
"""Of the buyers, between which the bins lie; those outside are counted into the first and the last."""


@dataclass(frozen=True, eq=False)
class Spending:
    """Buyers by the mean value of their purchases, beside what fits expect of as many who buy as often.

    Attributes
    ----------
    buyers
        how many were looked at
    edges
        of the bins, in the currency of the log (bins + 1,); the first and the last hold those outside, too
    actual
        buyers in each (bins,)
    expected
        those of each replicate, by the name of the fit: (replicates, bins)
    """

    buyers: int
    edges: Array = field(repr=False)
    actual: Array = field(repr=False)
    expected: Mapping[str, Array] = field(repr=False)

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a model and bin.

        Columns: model; from and to; actual and expected (the mean of the replicates) buyers, with the predictive interval
        low to high.
        """
        tail = 0.5 * (1.0 - as_probability(prob))
        tables: list[pd.DataFrame] = []
        for model, drawn in self.expected.items():
            low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=0)
            said = {"actual": self.actual, "expected": drawn.mean(axis=0), "low": low, "high": high}
            tables.append(pd.DataFrame({"model": model, "from": self.edges[:-1], "to": self.edges[1:], **said}))
        return pd.concat(tables, ignore_index=True)

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw the histogram of mean spend, and what each fit expects of it, with its band; on a scale of equal factors."""
        across = "Mean value of a purchase, in the currency of the log"
        ax = axes(ax, f"Mean spend of {counted(self.buyers, 'buyer')}", across, "Buyers")
        ax.stairs(self.actual, self.edges, fill=True, color=SEEN, label="actual")
        ax.stairs(self.actual, self.edges, color=LINE, linewidth=0.6)
        place, told = np.sqrt(self.edges[1:] * self.edges[:-1]), self.frame(prob)
        for name, style in styles(self.expected):
            mine = told.loc[told["model"] == name]
            ax.fill_between(place, mine["low"], mine["high"], color=style.colour, alpha=0.3, linewidth=0.0)
            look: dict[str, Any] = {
                "color": style.colour,
                "linestyle": style.line,
                "marker": style.marker,
                "markersize": 3.5,
            }
            ax.plot(place, mine["expected"], linewidth=1.2, label=f"{name}, {prob:.0%}", **look)
        log_axis(ax, "x", self.edges)
        ax.yaxis.set_major_formatter(plain)
        ax.set_ylim(bottom=0.0)
        return legend(ax)


def spending(fits: Fits, customers: Told | None = None, *, replicates: int = 200, seed: int | None = None) -> Spending:
    """Hold the mean spend of buyers beside what one spend fit or several expect of as many who buy as often.

    Parameters
    ----------
    fits
        of spend: one, a list of them, or a dict by name, all of which see the same purchases
    customers
        those seen; by default those that the first fit has learned from; 20,000 of them at random where there are more
    replicates
        how many times to draw what they spend, each time from a draw of the fit
    seed
        of what they spend

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> found = clv.plots.spending(spend, seed=1)
    >>> found.buyers, int(found.frame()["actual"].sum())
    (2349, 2349)
    """
    several = named(fits)
    first = next(iter(several.values()))
    views = {fit.view for fit in several.values() if fit.view is not None}
    if len(views) > 1:
        message = "Some of these fits have seen all purchases and some the repeat purchases only: draw them apart."
        raise QuestionError(message)
    rng = np.random.default_rng(seeded(seed))
    for fit in several.values():
        fit.able(HasSpend, WHAT)
    x, m = _bought(first.known(customers), rng)
    low, high = (float(end) for end in np.quantile(m, INSIDE))
    edges = np.geomspace(low * (1.0 - ROUNDING), high * (1.0 + ROUNDING), BINS + 1)
    drawn = {
        name: np.stack([_counted(world.draw_spend(x, rng)[1], edges) for world in worlds(fit, replicates)])
        for name, fit in several.items()
    }
    return Spending(len(x), edges, _counted(m, edges), drawn)


def _bought(told: Told, rng: np.random.Generator) -> tuple[Array, Array]:
    """How many purchases of what mean value each buyer made, of those looked at."""
    seen = np.flatnonzero(told.x) if isinstance(told, Buyers) else np.zeros(0, dtype=np.intp)
    if not isinstance(told, Buyers) or len(seen) == 0:
        message = "None of these customers has a purchase of known value, so there is no spend to draw. Take others."
        raise QuestionError(message)
    seen = seen[some(len(seen), rng)]
    return told.x[seen], told.m[seen]


def _counted(m: Array, edges: Array) -> Array:
    """Count values by bin, those outside into the first and the last."""
    return np.histogram(np.clip(m, edges[0], edges[-1]), edges)[0].astype(float)
