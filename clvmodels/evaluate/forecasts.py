"""Forecasts: what is asked of whoever forecasts, models and rules alike, and what they are given to do it with."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import numpy as np

from clvmodels.data.split import halves
from clvmodels.data.summary import elapsed, without_refunded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clvmodels.customers import Customers
    from clvmodels.data.split import Holdout
    from clvmodels.data.transactions import Purchases
    from clvmodels.estimate import Estimate
    from clvmodels.fitted import Fit
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True, eq=False)
class Origin:
    """A moment of a log from which to forecast, and what was known then; nothing of what came later is in here.

    Attributes
    ----------
    customers
        those known
    past
        their purchases, refunds not yet netted
    cut, steps
        the last bucket known, and how many buckets the horizon has
    spend
        a fit of spend to the same customers, where money is forecast
    seed
        for whatever is drawn
    """

    customers: Customers
    past: Purchases
    cut: int
    steps: int
    spend: Fit | None
    seed: int

    @cached_property
    def horizon(self) -> float:
        """How far ahead, in the unit of the customers."""
        return float(elapsed(np.array(self.steps), self.past.resolution, self.customers.unit))

    @cached_property
    def kept(self) -> Purchases:
        """The purchases without those that were refunded, in the order of the customers."""
        return without_refunded(self.past, self.cut)[0]

    def recent(self) -> tuple[Array, Array | None]:
        """Repeat purchases of each customer within the last time as long as the horizon, and what they were worth: (n,)."""
        starts = self.kept.starts()
        row = np.cumsum(np.isin(np.arange(len(self.kept.bucket)), starts)) - 1
        again = self.kept.bucket > self.cut - self.steps
        again[starts] = False
        counts = np.bincount(row[again], minlength=len(starts)).astype(float)
        value = self.kept.value
        worth = None if value is None else np.bincount(row[again], value[again], len(starts)).astype(float)
        return counts, worth

    def earlier(self) -> tuple[Customers, Holdout]:
        """Customers as they were known one horizon earlier, and what they have bought since: something to learn from."""
        return halves(self.past, self.cut - self.steps, self.cut, self.customers.unit)


@dataclass(frozen=True, eq=False)
class Forecast:
    """What somebody says of the customers of an origin; what it doesn't say is None, and isn't judged.

    Attributes
    ----------
    purchases, value
        expected number of purchases within the horizon, and what they are worth, (n,)
    any_purchase, alive
        chance of a purchase within the horizon, and of being a customer still, (n,)
    chance
        gives the chance of exactly so many purchases of some customers
    purchases_law, value_law
        what will happen, as an estimate of n customers: draw d is one world for all of them
    elpd
        the log-likelihood of each customer's past had she been left out, (n,)
    told
        numbers that go with it, by name: time taken, information criteria
    warnings
        what must be known of it, in sentences
    """

    purchases: Array
    value: Array | None = None
    any_purchase: Array | None = None
    alive: Array | None = None
    chance: Callable[[int, Index], Array] | None = None
    purchases_law: Estimate | None = None
    value_law: Estimate | None = None
    elpd: Array | None = None
    told: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@runtime_checkable
class Forecaster(Protocol):
    """Whoever can forecast from an origin; models are made one by `clvmodels.evaluate.modelled`, rules are one."""

    @property
    def name(self) -> str:
        """What it is called in tables."""
        ...

    def forecast(self, origin: Origin) -> Forecast:
        """Forecast for each customer of the origin."""
        ...
