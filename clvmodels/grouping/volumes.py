"""Tiers: small, medium and large customers, by past turnover or by anything else, and what they are worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.frames import native
from clvmodels.grouping.cuts import Cuts, Levels, turnover
from clvmodels.grouping.parts import Parts, pairs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.economics.valuation import Valuation

VOLUMES, NAMES = Cuts(shares=(0.8, 0.95)), ("small", "medium", "large")
"""The usual cuts: those who bring the first 80 %, the next 15 % and the last 5 %; and what three tiers are called."""


@dataclass(frozen=True, eq=False)
class Tiers:
    """Customers by volume; make them with `tiers`.

    Attributes
    ----------
    worth
        what they are worth
    levels
        the tier of each, and what it is by
    """

    worth: Valuation = field(repr=False)
    levels: Levels = field(repr=False)

    def __repr__(self) -> str:
        counts = zip(self.levels.names[::-1], self.parts.counts[::-1], strict=True)
        return f"Tiers(by {self.levels.title}: {', '.join(f'{name} {count:,}' for name, count in counts)})"

    @cached_property
    def parts(self) -> Parts:
        """The valuation by tier: ``.expected`` and ``.outcome`` of each, draw by draw, the lowest first."""
        return Parts(self.worth, self.levels.codes, len(self.levels.names))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, in sentences: empty tiers, and the notes of the valuation."""
        return (*self.levels.notes, *self.worth.notes)

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Return a row a tier, the highest first.

        Columns: tier; from, where it begins; amount and of_amount, what its customers have together of what they are parted
        by, and its share; and those of `Parts.frame`: customers, of_customers; mean, low, high, outcome_low, outcome_high of
        what they are worth; of_value, each, probability_alive.
        """
        amount = self.parts.sums(self.levels.measure)
        total = amount.sum()
        told = {"tier": self.levels.names, "from": self.levels.starts, "amount": amount}
        shares = amount / total if total > 0.0 else np.nan
        table = pd.DataFrame(told).assign(of_amount=shares).join(self.parts.frame(prob))
        return table.iloc[::-1].reset_index(drop=True)

    def customers(self) -> Any:  # noqa: ANN401
        """Return a row a customer (customer_id, amount, tier), in the customers' own frame library."""
        return native(self.worth.customers.ids, {"amount": self.levels.measure, "tier": self.levels.labels})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of the customers in each tier, beside that of the expected value."""
        told = self.frame()
        bars = {"customers": told["of_customers"].to_numpy(), "expected value": told["of_value"].to_numpy()}
        return pairs(ax, f"Customers by {self.levels.title}", told["tier"].to_list(), bars)


def tiers(worth: Valuation, cuts: Cuts = VOLUMES) -> Tiers:
    """Part customers by volume: by default by past turnover, at those who bring the first 80 %, the next 15 %, the last 5 %.

    Parameters
    ----------
    worth
        What they are worth.
    cuts
        Where tiers begin, and of what: past turnover, unless they say otherwise, as in
        ``clv.Cuts(at=(100, 1000), of=worth.expected.mean)``.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.MBGNBD(), customers, seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> clv.tiers(worth)
    Tiers(by past turnover: large 900, medium 800, small 657)
    >>> clv.tiers(worth).frame()[["tier", "customers", "of_amount"]].round(2)
         tier  customers  of_amount
    0   large        900       0.80
    1  medium        800       0.15
    2   small        657       0.05
    """
    return Tiers(worth, Levels.of(cuts, lambda: turnover(worth.customers), "past turnover", worth.attributes, NAMES))
