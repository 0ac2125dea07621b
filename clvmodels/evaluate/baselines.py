"""Rules: what people use who have no model, judged in the same table as those who have one.

A rule says how many purchases and how much money to expect; it has no law, so nothing that needs one is judged of it. NBD, a
model in which nobody ever leaves, is the baseline among models (`clvmodels.NBD`); `Boosting` is what machine learning does.

Sources: the hiatus rule, M. Wuebben, F. v. Wangenheim (2008), Instant customer base analysis: managerial heuristics often
"get it right", Journal of Marketing 72.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.evaluate.boosting import Boosting
from clvmodels.evaluate.forecasts import Forecast
from clvmodels.units import DAYS

__all__ = ["Boosting", "Hiatus", "LastPeriod", "MeanOfAll", "Textbook", "usual"]

if TYPE_CHECKING:
    from clvmodels.customers import Customers
    from clvmodels.evaluate.forecasts import Origin
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True)
class LastPeriod:
    """Each customer goes on as in the last period as long as the horizon, her first purchase not counted.

    >>> import clvmodels as clv
    >>> log = clv.datasets.cdnow(sample=True)
    >>> done = clv.backtest(log, [clv.baselines.LastPeriod()], ["1997-09-30"], 39)
    >>> float(done.frame()["purchases"].sum())
    2457.0
    """

    name: str = "last period"

    def forecast(self, origin: Origin) -> Forecast:
        """Carry the last period forward."""
        counts, worth = origin.recent()
        return Forecast(counts, worth)


@dataclass(frozen=True)
class MeanOfAll:
    """Every customer buys again as often, and for as much, as all of them did on average."""

    name: str = "mean of all"

    def forecast(self, origin: Origin) -> Forecast:
        """Give everybody the mean rate of repeat purchases."""
        customers = origin.customers
        exposure = float(customers.T.sum())
        worth = _repeat_value(customers)
        ahead = np.full(len(customers), origin.horizon / exposure if exposure > 0.0 else 0.0)
        return Forecast(ahead * customers.frequency.sum(), None if worth is None else ahead * worth.sum())


@dataclass(frozen=True)
class Hiatus:
    """Whoever has bought within the last ``weeks`` is active, and goes on at her own mean rate; the others have left.

    Attributes
    ----------
    weeks
        how long a silence may last; as long as the horizon, unless given
    """

    weeks: float | None = None
    name: str = "hiatus"

    def forecast(self, origin: Origin) -> Forecast:
        """Carry the rates of those forward who are active."""
        customers = origin.customers
        silence = customers.T - customers.recency
        allowed = origin.horizon if self.weeks is None else self.weeks * DAYS["week"] / DAYS[customers.unit]
        active = (silence <= allowed).astype(float)
        ahead = active * origin.horizon / np.where(customers.T > 0.0, customers.T, np.inf)
        worth = _repeat_value(customers)
        return Forecast(ahead * customers.frequency, None if worth is None else ahead * worth, alive=active)


@dataclass(frozen=True)
class Textbook:
    """Average revenue a month times the months ahead: one average for all, first purchases included, and nobody leaves."""

    name: str = "textbook formula"

    def forecast(self, origin: Origin) -> Forecast:
        """Give everybody the mean revenue a month of all."""
        customers = origin.customers
        months = np.maximum(customers.T * DAYS[customers.unit] / DAYS["month"], 1.0)
        ahead = np.full(len(customers), origin.horizon * DAYS[customers.unit] / DAYS["month"] / months.sum())
        worth = _repeat_value(customers)
        first = customers.first_value
        money = None if worth is None or first is None else ahead * float(worth.sum() + first.sum())
        return Forecast(ahead * float((customers.frequency + 1.0).sum()), money)


def _repeat_value(customers: Customers) -> Array | None:
    """What the repeat purchases of each were worth in all: (n,)."""
    return None if customers.monetary_value is None else customers.frequency * customers.monetary_value


def usual() -> tuple[LastPeriod, MeanOfAll, Hiatus, Textbook]:
    """Return the rules as people use them."""
    return LastPeriod(), MeanOfAll(), Hiatus(), Textbook()
