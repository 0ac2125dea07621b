"""Following a business: what its log shows in each period of the calendar, in the field's own indicators.

A period is *whole* when the observation covers it from its first day to its last. One that isn't has had less time, so its
numbers are no fall and no rise: they are marked, and drawn apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.data.calendar import Every, as_every, first_day, period_of, title
from clvmodels.data.dates import PER_DAY
from clvmodels.data.reading import LogReader
from clvmodels.data.summary import without_refunded
from clvmodels.data.transactions import up_to
from clvmodels.errors import QuestionError, counted
from clvmodels.evaluate.pictures import LINE, SEEN, axes, dated, plain

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clvmodels.data.transactions import Purchases
    from clvmodels.kernels.lift import Array

TITLES = {
    "active": "Active customers",
    "new": "New customers",
    "customers": "Customers so far",
    "activity_rate": "Activity rate",
    "repurchase_rate": "Repurchase rate",
    "retention_rate": "Retention rate",
    "purchases": "Purchases",
    "purchase_frequency": "Purchases per active customer",
    "average_basket": "Average basket",
    "revenue": "Revenue",
}
"""The indicators, and how a picture names them."""


@dataclass(frozen=True, eq=False)
class Indicators:
    """What was bought, by whom, in each of n periods of the calendar.

    Attributes
    ----------
    every
        the kind of period
    periods
        their numbers, one after the other, (n,)
    whole
        whether the observation covers all of a period, (n,)
    active
        customers who bought in it, (n,)
    new
        those of them who bought for the first time, (n,)
    retained
        those of them who had bought in the period before, (n,)
    purchases
        how many they made, (n,)
    revenue
        what these were worth, (n,); None where spend isn't recorded
    notes
        what was left out or netted, in sentences
    """

    every: Every
    periods: NDArray[np.int64] = field(repr=False)
    whole: NDArray[np.bool_] = field(repr=False)
    active: NDArray[np.int64] = field(repr=False)
    new: NDArray[np.int64] = field(repr=False)
    retained: NDArray[np.int64] = field(repr=False)
    purchases: NDArray[np.int64] = field(repr=False)
    revenue: Array | None = field(repr=False)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Count the periods."""
        return len(self.periods)

    def __repr__(self) -> str:
        """Say how many periods there are, which of them aren't whole, and what was left out."""
        names = [title(int(period), self.every) for period in self.periods]
        broken = [name for name, whole in zip(names, self.whole, strict=True) if not whole]
        told = f", not whole: {', '.join(broken)}" if broken else ""
        span = f"Indicators({counted(len(self), self.every)}, {names[0]} to {names[-1]}{told})"
        return "\n".join((span, *(f"  {note}" for note in self.notes)))

    def frame(self) -> pd.DataFrame:
        """Tabulate them, a row a period.

        Columns: period, its start and end (the last day); whole; active, new and customers (won so far, the new ones
        included); activity_rate, repurchase_rate, retention_rate; purchases, purchase_frequency and, where spend is
        recorded, average_basket and revenue. A share of nobody is nan.
        """
        customers = np.cumsum(self.new)
        before = np.r_[0, self.active[:-1]]
        days = first_day(np.r_[self.periods, self.periods[-1] + 1], self.every)
        columns: dict[str, Any] = {
            "period": [title(int(period), self.every) for period in self.periods],
            "start": pd.DatetimeIndex(days[:-1].astype("datetime64[D]")),
            "end": pd.DatetimeIndex((days[1:] - 1).astype("datetime64[D]")),
            "whole": self.whole,
            "active": self.active,
            "new": self.new,
            "customers": customers,
            "activity_rate": _share(self.active, customers),
            "repurchase_rate": _share(self.active - self.new, customers - self.new),
            "retention_rate": _share(self.retained, before),
            "purchases": self.purchases,
            "purchase_frequency": _share(self.purchases, self.active),
        }
        if self.revenue is not None:
            columns |= {"average_basket": _share(self.revenue, self.purchases), "revenue": self.revenue}
        return pd.DataFrame(columns)

    def plot(self, ax: Axes | None = None, what: str = "activity_rate") -> Axes:
        """Draw one of the indicators, by period; one that isn't whole stands apart, in outline."""
        told = self.frame()
        if what not in TITLES or what not in told:
            message = f"{what!r} is no indicator here. Say one of {', '.join(name for name in TITLES if name in told)}."
            raise QuestionError(message)
        ax = axes(ax, f"{TITLES[what]} by {self.every}", "", TITLES[what])
        ax.yaxis.set_major_formatter(_percent if what.endswith("_rate") else plain)
        drawn = _line if what in {"purchase_frequency", "average_basket"} or what.endswith("_rate") else _bars
        drawn(ax, np.arange(len(told)), told[what].to_numpy(float), self.whole)
        ax.set_xlim(-0.5, len(told) - 0.5)
        return dated(ax, told["period"].tolist())


def indicators(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    *,
    customer_id: str = "customer_id",
    date: str = "date",
    value: str | None = "value",
    every: str = "month",
    resolution: str = "day",
    observation_end: str | Date | None = None,
    timezone: str | None = None,
    date_format: str | None = None,
    refunds: str = "error",
) -> Indicators:
    """Follow a log through the calendar: who bought in each period, how often, for how much.

    - *active*: customers who bought in the period; *new*: those whose first purchase in the log it holds; *customers*: all
      won so far.
    - *activity rate*: active / customers.
    - *repurchase rate*: of the customers won before the period, the share who bought in it: (active - new) / (customers -
      new).
    - *retention rate*, from period to period: of those active in the period before, the share who bought in this one.
    - *purchase frequency*: purchases / active. *Average basket*: revenue / purchases.

    A log that doesn't reach back to the beginning of the shop takes old customers for new ones in its first periods.

    Parameters
    ----------
    log, customer_id, date, value, resolution, timezone, date_format, refunds
        as in ``rfm_summary``
    every
        the period of the calendar: ``"week"`` (from Monday), ``"month"``, ``"quarter"``, ``"half-year"`` or ``"year"``
    observation_end
        the last bucket that counts, by default the last day with a purchase in the log; the periods that hold it and the
        first purchase are whole only if they end and begin there

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.cdnow(sample=True)
    >>> found = clv.indicators(log, every="quarter", observation_end="1998-06-30")
    >>> found.frame()[["period", "whole", "active", "new", "repurchase_rate", "average_basket"]].round(2)
        period  whole  active   new  repurchase_rate  average_basket
    0  1997-Q1   True    2357  2357              NaN           35.50
    1  1997-Q2   True     524     0             0.22           36.55
    2  1997-Q3   True     418     0             0.18           37.22
    3  1997-Q4   True     404     0             0.17           38.45
    4  1998-Q1   True     384     0             0.16           37.94
    5  1998-Q2   True     300     0             0.13           36.32
    """
    by = as_every(every)
    reader = LogReader(customer_id, date, value, resolution, timezone, date_format, refunds)
    purchases = reader.read(log)
    day = PER_DAY[purchases.resolution]
    last = int(purchases.bucket.max())
    end = last // day * day + day - 1 if observation_end is None else reader.moment(observation_end, "observation_end")
    begin = int(purchases.bucket.min()) // day * day
    seen, left_out = up_to(purchases, end, "observation_end")
    kept, netting = without_refunded(seen, end)
    return _followed(kept, by, (begin, end), (*left_out, *netting))


def _followed(purchases: Purchases, every: Every, observed: tuple[int, int], notes: tuple[str, ...]) -> Indicators:
    """Count by period; ``observed`` are the first bucket of the observation and the last."""
    day = PER_DAY[purchases.resolution]
    begin, end = (int(period_of(np.array([bucket // day]), every)[0]) for bucket in observed)
    periods = np.arange(begin, end + 1)
    days = first_day(np.r_[periods, end + 1], every) * day
    whole = (days[:-1] >= observed[0]) & (days[1:] - 1 <= observed[1])
    place = period_of(purchases.bucket // day, every) - begin
    after = np.diff(place, prepend=-1)
    after[purchases.starts()] = -1
    numbers = (np.bincount(place[some], minlength=len(periods)) for some in (after != 0, after == -1, after == 1))
    active, new, retained = (number.astype(np.int64) for number in numbers)
    made = np.bincount(place, minlength=len(periods)).astype(np.int64)
    revenue = None if purchases.value is None else np.bincount(place, purchases.value, len(periods)).astype(np.float64)
    return Indicators(every, periods, whole, active, new, retained, made, revenue, notes)


def _share(part: NDArray[Any], whole: NDArray[Any]) -> Array:
    """Divide; nan where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)


def _percent(number: float, _: object) -> str:
    return f"{number:.0%}"


def _bars(ax: Axes, place: NDArray[np.int64], values: Array, whole: NDArray[np.bool_]) -> None:
    """Draw a bar for each period."""
    ax.bar(place[whole], values[whole], width=0.7, color=SEEN)
    if not whole.all():
        ax.bar(place[~whole], values[~whole], width=0.7, fill=False, edgecolor=SEEN, hatch="///", label="not whole")
        ax.legend(frameon=False)


def _line(ax: Axes, place: NDArray[np.int64], values: Array, whole: NDArray[np.bool_]) -> None:
    """Draw a line through the whole periods, and a ring for the others."""
    ax.plot(place, np.where(whole, values, np.nan), "o-", color=LINE, linewidth=1.2, markersize=4.0)
    if not whole.all():
        ax.plot(place[~whole], values[~whole], "o", color=LINE, fillstyle="none", markersize=5.0, label="not whole")
        ax.legend(frameon=False)
    ax.set_ylim(bottom=0.0)
