"""Frequency: how many customers made 0, 1, 2... repeat purchases, and how many models expect to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.contract import HasFuture
from clvmodels.errors import counted
from clvmodels.estimate import as_probability
from clvmodels.evaluate.pictures import SEEN, axes, legend, plain, side_by_side, styles
from clvmodels.evaluate.replicates import BARS, MANY, purchases_of, some
from clvmodels.plots.several import everybody, named
from clvmodels.questions.asking import seeded
from clvmodels.questions.purchases import FUTURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from clvmodels.customers import Customers
    from clvmodels.kernels.lift import Array
    from clvmodels.plots.several import Fits


@dataclass(frozen=True, eq=False)
class Frequency:
    """Customers by their repeat purchases, beside what fits expect of as many strangers watched for as long.

    Attributes
    ----------
    customers
        how many there are
    looked_at
        how many of them were looked at
    actual
        the customers with 0, 1, ... 6, and 7 or more repeat purchases, (8,)
    expected
        those of each replicate, by the name of the fit: (replicates, 8)
    """

    customers: int
    looked_at: int
    actual: Array = field(repr=False)
    expected: Mapping[str, Array] = field(repr=False)

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a model and number of purchases.

        Columns: model; purchases ("7+" are 7 or more); actual; expected (the mean of the replicates), with the predictive
        interval low to high.
        """
        tail = 0.5 * (1.0 - as_probability(prob))
        names = [*map(str, range(MANY)), f"{MANY}+"]
        tables: list[pd.DataFrame] = []
        for model, drawn in self.expected.items():
            low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=0)
            said = {"expected": drawn.mean(axis=0), "low": low, "high": high}
            tables.append(pd.DataFrame({"model": model, "purchases": names, "actual": self.actual, **said}))
        return pd.concat(tables, ignore_index=True)

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw a bar for the customers with each number of purchases, and beside it what each fit expects."""
        of = "" if self.looked_at == self.customers else f", from {self.looked_at:,} of them"
        ax = axes(ax, f"Repeat purchases of {counted(self.customers, 'customer')}{of}", "Repeat purchases", "Customers")
        place, told = np.arange(MANY + 1), self.frame(prob)
        ax.bar(place, self.actual, width=0.8, color=SEEN, edgecolor="none", label="actual")
        shifts = side_by_side(len(self.expected), 0.6)
        for (name, style), shift in zip(styles(self.expected), shifts, strict=True):
            mine = told.loc[told["model"] == name]
            ax.vlines(place + shift, mine["low"], mine["high"], color=style.colour, linewidth=2.0)
            label = f"{name}, {prob:.0%}"
            ax.plot(place + shift, mine["expected"], style.marker, color=style.colour, markersize=5.0, label=label)
        ax.set_xticks(place, told["purchases"][: MANY + 1])
        ax.yaxis.set_major_formatter(plain)
        return legend(ax)


def frequency(
    fits: Fits, customers: Customers | None = None, *, replicates: int = 200, seed: int | None = None
) -> Frequency:
    """Hold the histogram of repeat purchases beside what one fit or several expect.

    Parameters
    ----------
    fits
        one, a list of them, or a dict by name
    customers
        those seen; by default those that the first fit has learned from; 20,000 of them at random where there are more
    replicates
        how many bases of strangers to draw, each from a draw of the fit
    seed
        of the bases

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> found = clv.plots.frequency(clv.fit(clv.BGNBD(), customers, seed=1), seed=1)
    >>> found.frame()[["purchases", "actual", "expected"]].head(2).round(-1)
      purchases  actual  expected
    0         0  1410.0    1410.0
    1         1   440.0     460.0
    """
    several = named(fits)
    everyone = everybody(several, customers)
    rng = np.random.default_rng(seeded(seed))
    chosen = some(len(everyone), rng)
    looked_at = everyone.some(chosen)
    for fit in several.values():
        fit.able(HasFuture, FUTURE)
        fit.known(looked_at)
    shown = {name: purchases_of(fit, looked_at, replicates, rng) for name, fit in several.items()}
    said = {name: _counts(drawn, len(chosen), len(everyone)) for name, (_, drawn) in shown.items()}
    actual = _counts(next(iter(shown.values()))[0], len(chosen), len(everyone))
    return Frequency(len(everyone), len(chosen), actual, said)


def _counts(shares: Array, looked_at: int, customers: int) -> Array:
    """Turn the shares of those looked at into whole customers among them, and into as many of all."""
    return np.round(shares[..., : len(BARS)] * looked_at) * (customers / looked_at)
