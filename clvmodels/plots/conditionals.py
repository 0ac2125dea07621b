"""Conditional expectations: what customers of one history went on to buy, and what was expected of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from clvmodels.errors import QuestionError, counted, naming
from clvmodels.estimate import as_probability
from clvmodels.evaluate.pictures import LINE, axes, legend, round_step, side_by_side, styles
from clvmodels.plots.several import everybody, named, unit_of
from clvmodels.questions.asking import seeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clvmodels.customers import Customers
    from clvmodels.data.split import Holdout
    from clvmodels.fitted import Fit
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.plots.several import Fits
    from clvmodels.units import Unit

By = Literal["frequency", "recency"]

MOST = 7
"""Repeat purchases from which on customers are grouped together."""

MOST_STEPS = 10
"""Groups of repeat buyers by recency, of equal width, at most."""


@dataclass(frozen=True, eq=False)
class Conditional:
    """Purchases in a holdout by what was known of customers before it.

    Attributes
    ----------
    by
        ``"frequency"`` or ``"recency"``
    groups
        their names
    customers
        how many each has, (groups,)
    actual
        their mean number of purchases in the holdout, (groups,)
    expected
        what each fit expects of that mean, by its name: (groups,)
    outcome
        draws of that mean, by the name of the fit: (draws, groups)
    horizon, unit
        how long the holdout is
    """

    by: By
    groups: tuple[str, ...]
    customers: NDArray[np.intp] = field(repr=False)
    actual: Array = field(repr=False)
    expected: Mapping[str, Array] = field(repr=False)
    outcome: Mapping[str, Array] = field(repr=False)
    horizon: float
    unit: Unit

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a model and group.

        Columns: model; group; customers; actual and expected, mean purchases of a customer in the holdout; low and high,
        the predictive interval of what the group's mean would be.
        """
        tail = 0.5 * (1.0 - as_probability(prob))
        tables: list[pd.DataFrame] = []
        for model, expected in self.expected.items():
            low, high = np.quantile(self.outcome[model], [tail, 1.0 - tail], axis=0)
            known = {"model": model, "group": self.groups, "customers": self.customers, "actual": self.actual}
            tables.append(pd.DataFrame({**known, "expected": expected, "low": low, "high": high}))
        return pd.concat(tables, ignore_index=True)

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw what each group bought in the holdout, and what each fit expected of it, with its interval."""
        across = "Repeat purchases before" if self.by == "frequency" else f"Recency in {self.unit}s"
        span = f"the following {self.horizon:.4g} {self.unit}s"
        ax = axes(ax, f"Purchases in {span}, by {self.by}", across, "Purchases of a customer")
        place, told = np.arange(len(self.groups)), self.frame(prob)
        ax.plot(place, self.actual, "-", color=LINE, marker="_", markersize=22.0, markeredgewidth=2.5, label="actual")
        for (name, style), shift in zip(styles(self.expected), side_by_side(len(self.expected), 0.5), strict=True):
            mine = told.loc[told["model"] == name]
            ax.vlines(place + shift, mine["low"], mine["high"], color=style.colour, linewidth=2.0)
            label = f"{name}, {prob:.0%}"
            ax.plot(place + shift, mine["expected"], style.marker, color=style.colour, markersize=5.0, label=label)
        ax.set_xticks(place, [f"{name}\n{number:,}" for name, number in zip(self.groups, self.customers, strict=True)])
        ax.set_xlabel(f"{across} (below: customers)")
        ax.set_ylim(bottom=0.0)
        return legend(ax, "upper left")


def conditional(  # noqa: PLR0913
    fits: Fits,
    holdout: Holdout,
    customers: Customers | None = None,
    *,
    by: By = "frequency",
    draws: int = 500,
    seed: int | None = None,
) -> Conditional:
    """Hold what customers bought in a holdout beside what one fit or several expected, by frequency or by recency.

    Parameters
    ----------
    fits
        one, a list of them, or a dict by name
    holdout
        from ``clv.split``
    customers
        the other half of the split; by default those that the first fit has learned from
    by
        groups of customers: ``"frequency"``, 0, 1, ... 6, 7 or more repeat purchases; or ``"recency"``, those who bought
        once, and up to ten groups of equal width, their upper ends included
    draws
        how many outcomes to draw for the intervals
    seed
        of the outcomes

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.cdnow(sample=True)
    >>> customers, holdout = clv.split(log, at="1997-09-30", until="1998-06-30")
    >>> found = clv.plots.conditional(clv.fit(clv.BGNBD(), customers, seed=1), holdout, seed=1)
    >>> found.frame()[["group", "customers", "actual", "expected"]].head(3).round(2)
      group  customers  actual  expected
    0     0       1411    0.24      0.23
    1     1        439    0.70      0.53
    2     2        214    1.39      1.05
    """
    several = named(fits)
    told, unit = _checked(everybody(several, customers), holdout), unit_of(several)
    groups, codes = _grouped(told, by)
    number = np.bincount(codes, minlength=len(groups))
    actual = np.bincount(codes, holdout.purchases, len(groups)) / number
    expected: dict[str, Array] = {}
    outcome: dict[str, Array] = {}
    seeds = np.random.default_rng(seeded(seed)).integers(2**32, size=len(several))
    for (name, fit), mine in zip(several.items(), seeds, strict=True):
        expected[name] = np.bincount(codes, _mean(fit, holdout, told), len(groups)) / number
        drawn = fit.predict_purchases(holdout.horizon, told, seed=int(mine), draws=draws)
        outcome[name] = drawn.by(codes).draws() / number
    return Conditional(by, groups, number, actual, expected, outcome, holdout.horizon, unit)


def _mean(fit: Fit, holdout: Holdout, customers: Customers) -> Array:
    return fit.expected_purchases(holdout.horizon, customers).mean_only()


def _checked(customers: Customers, holdout: Holdout) -> Customers:
    """Check that the holdout is of these customers, and in their unit."""
    if customers.unit != holdout.unit:
        message = f"The customers are in {customers.unit}s and the holdout in {holdout.unit}s: take both from one split."
        raise QuestionError(message)
    if len(customers) != len(holdout) or customers.ids.to_list() != holdout.ids.to_list():
        message = (
            f"The holdout is of {counted(len(holdout), 'customer')} and the fit of {counted(len(customers), 'customer')}, "
            "and they are not the same in the same order. Take both from one split, and fit the first half of it."
        )
        raise QuestionError(message)
    return customers


def _grouped(customers: Customers, by: str) -> tuple[tuple[str, ...], Index]:
    """Put customers into groups that are not empty: their names, and the group of each (n,)."""
    if by == "frequency":
        codes = np.minimum(customers.frequency, MOST).astype(np.intp)
        names = [*map(str, range(MOST)), f"{MOST}+"]
    elif by == "recency":
        longest = float(customers.recency.max()) or 1.0
        width = round_step(longest, MOST_STEPS)
        edges = width * np.arange(np.ceil(longest / width - 1e-9) + 1)
        inside = np.clip(np.searchsorted(edges, customers.recency, "left"), 1, len(edges) - 1)
        codes = np.where(customers.frequency > 0, inside, 0).astype(np.intp)
        names = ["once", *(f"{low:.4g}-{high:.4g}" for low, high in pairwise(edges))]
    else:
        message = f"by={by!r} is no way to group customers here. Say one of {naming(('frequency', 'recency'))}."
        raise QuestionError(message)
    used, codes = np.unique(codes, return_inverse=True)
    return tuple(names[place] for place in used), codes
