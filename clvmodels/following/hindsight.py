"""Hindsight: a forecast by period beside what happened, and whether that lies within the band."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.data.dates import PER_DAY, written
from clvmodels.data.notes import left_out_after
from clvmodels.data.refunds import net
from clvmodels.data.summary import elapsed, without_refunded
from clvmodels.errors import LogError, QuestionError, counted
from clvmodels.evaluate.pictures import LINE, OFF
from clvmodels.following.schedule import MINUTES
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clvmodels.data.transactions import Purchases
    from clvmodels.following.outlook import Outlook
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

ROUNDING = 1e-9
"""How far, relatively, a time may lie beyond the end of a period before it is one of the next."""


@dataclass(frozen=True, eq=False)
class Hindsight:
    """What was forecast of each period, and what happened.

    Attributes
    ----------
    outlook
        the forecast
    actual
        purchases and, where both are known, revenue of the same customers, as far as the log goes: (periods,)
    whole
        whether the log covers a period, (periods,)
    notes
        what was left out or netted, and how the period that isn't over stands, in sentences
    """

    outlook: Outlook
    actual: Mapping[str, Array] = field(repr=False)
    whole: NDArray[np.bool_] = field(repr=False)
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say how many periods are over, and how what happened compares."""
        over = int(self.whole.sum())
        lines = [f"Hindsight({over} of {counted(len(self.whole), 'period')} over)"]
        told = self.frame()[self.whole]
        for name in self.actual if over else ():
            held, actual, forecast = (
                float(np.asarray(told[f"{name}{end}"], float).sum()) for end in ("_within", "_actual", "")
            )
            gap = f"{actual / forecast - 1.0:+.1%} against the forecast"
            lines.append(f"  {name}: {gap}; {held:.0f} of {over} within the 90% band")
        return "\n".join((*lines, *(f"  {note}" for note in self.notes)))

    def frame(self, prob: float = 0.9, *, cumulative: bool = False) -> pd.DataFrame:
        """Return the table of the forecast, with what happened beside it.

        More columns: whole, whether a period is over; of purchases and revenue ``_actual``, ``_gap`` (actual over forecast,
        less 1) and ``_within``, whether it lies in the predictive interval. Of what isn't over, all three are missing.
        """
        told = self.outlook.frame(prob, cumulative=cumulative).assign(whole=self.whole)
        for name, happened in self.actual.items():
            actual = np.where(self.whole, np.cumsum(happened) if cumulative else happened, np.nan)
            low, high, forecast = (told[f"{name}{end}"].to_numpy(float) for end in ("_outcome_low", "_outcome_high", ""))
            gap, held = actual / forecast - 1.0, pd.array((actual >= low) & (actual <= high), dtype="boolean")
            held[~self.whole] = pd.NA
            told = told.assign(**{f"{name}_actual": actual, f"{name}_gap": gap, f"{name}_within": held})
        return told

    def plot(self, ax: Axes | None = None, what: str | None = None, prob: float = 0.9, *, cumulative: bool = False) -> Axes:
        """Draw what happened over the bands of the forecast; periods that are not over are left out."""
        what = what or list(self.actual)[-1]
        if what not in self.actual:
            message = f"What happened to {what!r} isn't known here. Say one of {', '.join(self.actual)}."
            raise QuestionError(message)
        ax = self.outlook.plot(ax, what, prob, cumulative=cumulative)
        told, place = self.frame(prob, cumulative=cumulative), np.arange(len(self.whole))
        actual = told[f"{what}_actual"].to_numpy()
        ax.plot(place, actual, "o-", color=LINE, linewidth=1.0, markersize=4.5, label="happened")
        outside = self.whole & ~told[f"{what}_within"].fillna(value=True).to_numpy(bool)
        if outside.any():
            ax.plot(place[outside], actual[outside], "o", color=OFF, markersize=6.0, label="happened, outside")
        ax.autoscale(axis="y")
        ax.set_ylim(bottom=0.0)
        ax.legend(frameon=False, loc="upper left" if cumulative else "lower left")
        return ax


def happened(outlook: Outlook, purchases: Purchases, until: int | None) -> Hindsight:
    """Add up what the customers of a forecast have bought since, by period, up to the bucket ``until``."""
    begins, resolution = outlook.schedule.begins, purchases.resolution
    if begins is None:
        message = "This forecast has no dates, so a log can't be held against it: say forecast(..., observation_end=)."
        raise QuestionError(message)
    if (begins + 1) * PER_DAY[resolution] % MINUTES:
        message = f"The forecast begins within a {resolution}: say the resolution that rfm_summary() was told."
        raise QuestionError(message)
    cut = (begins + 1) * PER_DAY[resolution] // MINUTES - 1
    end = int(purchases.bucket.max()) if until is None else until
    if end <= cut:
        message = (
            f"The log ends at {written(end, resolution)}, and the forecast begins after {written(cut, resolution)}. Pass "
            "the log of the time since."
        )
        raise LogError(message)
    mine = _of_the_base(outlook, purchases)
    _check_begin(outlook, mine, cut)
    late = int(np.count_nonzero(mine.bucket > end))
    left_out = (left_out_after(late, 0, written(end, resolution)),) if late else ()
    when = f"after {written(cut, resolution)} up to {written(end, resolution)}"
    bought, netting = net(mine.where((mine.bucket > cut) & (mine.bucket <= end)), when)
    ends = np.array(outlook.schedule.ends) * (1.0 + ROUNDING)
    place = np.searchsorted(ends, elapsed(bought.bucket - cut, resolution, outlook.schedule.unit))
    inside, periods = place < len(ends), len(ends)
    actual = {"purchases": np.bincount(place[inside], minlength=periods).astype(float)}
    if bought.value is not None and "revenue" in outlook.expected:
        actual["revenue"] = np.bincount(place[inside], bought.value[inside], periods).astype(float)
    whole = elapsed(np.array([end + 1 - cut]), resolution, outlook.schedule.unit) > ends
    running = _running(outlook, actual, whole, written(end, resolution))
    return Hindsight(outlook, actual, whole, (*left_out, *netting, *running))


def _of_the_base(outlook: Outlook, purchases: Purchases) -> Purchases:
    """Keep the purchases of the customers that were asked about, as the log numbers them."""
    known = _places(outlook, purchases)[purchases.customer] >= 0
    if not known.any():
        message = (
            f"None of the {counted(len(outlook.customers), 'customer')} of the forecast is in this log: "
            f"{outlook.customers.ids.to_list()[0]!r} was one of them, and the log knows "
            f"{purchases.ids.to_list()[0]!r}. Are the ids written alike?"
        )
        raise LogError(message)
    return purchases.where(known)


def _places(outlook: Outlook, purchases: Purchases) -> Index:
    """Find the place in the forecast of each customer of a log; -1 of those who came later."""
    return pd.Index(outlook.customers.ids.to_numpy()).get_indexer(pd.Index(purchases.ids.to_numpy()))


def _check_begin(outlook: Outlook, mine: Purchases, cut: int) -> None:
    """Check, by what the log knows of the time before, that the customers' histories end where the forecast begins.

    A log that begins late knows too little of them, each by another time; where the date is wrong, all are off alike.
    """
    earlier = mine.where(mine.bucket <= cut)
    if len(earlier.bucket) == 0:
        return
    kept, _ = without_refunded(earlier, cut)
    base, starts = outlook.customers, kept.starts()
    theirs = base.T[_places(outlook, mine)[kept.customer[starts]]]
    low, lag, high = np.quantile(elapsed(cut - kept.bucket[starts], mine.resolution, base.unit) - theirs, [0.1, 0.5, 0.9])
    day = 1.0 / DAYS[base.unit]
    if abs(lag) > day and high - low <= day:
        where = "before" if lag > 0.0 else "after"
        message = (
            f"By this log, the histories of these customers end {abs(lag):.4g} {base.unit}s {where} "
            f"{written(cut, mine.resolution)}. Say the observation_end in forecast() that rfm_summary() was told."
        )
        raise QuestionError(message)


def _running(outlook: Outlook, actual: Mapping[str, Array], whole: NDArray[np.bool_], end: str) -> tuple[str, ...]:
    """Say how the period stands that has begun and isn't over."""
    place = int(whole.sum())
    if place == len(whole) or not actual["purchases"][place]:
        return ()
    so_far = " and ".join(f"{name} {values[place]:,.0f}" for name, values in actual.items())
    return (f"Period {outlook.schedule.names[place]} isn't over by {end}, and isn't judged: {so_far} so far.",)
