"""A schedule: periods ahead, of one length or of the calendar, and the days on which they begin and end."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.data.calendar import as_every, first_day, period_of, title
from clvmodels.data.dates import PER_DAY, read_moment
from clvmodels.errors import QuestionError
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from clvmodels.units import Unit

MINUTES = PER_DAY["minute"]
"""Of a day."""


@dataclass(frozen=True)
class Schedule:
    """Periods ahead, one after the other.

    Attributes
    ----------
    names
        of the periods
    ends
        how far ahead each ends, in ``unit``
    unit
        of time
    begins
        the last minute that the customers' histories know, from 1970; None where no date is known
    """

    names: tuple[str, ...]
    ends: tuple[float, ...]
    unit: Unit
    begins: int | None = None

    def frame(self) -> pd.DataFrame:
        """Tabulate them: period, until (how far ahead it ends) and, where dates are known, its first and last day."""
        columns: dict[str, Any] = {"period": self.names, "until": self.ends}
        if self.begins is not None:
            minutes = self.begins + np.round(np.r_[0.0, self.ends] * DAYS[self.unit] * MINUTES).astype(np.int64)
            columns["start"] = pd.DatetimeIndex(((minutes[:-1] + 1) // MINUTES).astype("datetime64[D]"))
            columns["end"] = pd.DatetimeIndex((minutes[1:] // MINUTES).astype("datetime64[D]"))
        return pd.DataFrame(columns)


def scheduled(periods: int, every: float | str, observation_end: object, unit: Unit) -> Schedule:
    """Lay out periods ahead.

    >>> scheduled(2, "month", "1997-01-30", "day")
    Schedule(names=('1997-01', '1997-02'), ends=(1.0, 29.0), unit='day', begins=14244479)
    """
    if periods != int(periods) or periods < 1:
        message = f"{periods} periods can't be: say a whole number from 1 on."
        raise QuestionError(message)
    begins = None if observation_end is None else read_moment(observation_end, "observation_end", "minute", None)
    if not isinstance(every, str):
        if not (isfinite(every) and every > 0.0):
            message = f"every = {every} can't be: it is the length of a period in the unit of the customers, above 0."
            raise QuestionError(message)
        names = tuple(str(number) for number in range(1, int(periods) + 1))
        return Schedule(names, tuple(float(every) * number for number in range(1, int(periods) + 1)), unit, begins)
    by = as_every(every)
    if begins is None:
        message = (
            f"A forecast by {by} of the calendar begins at a date: say observation_end=, as to rfm_summary(); or "
            f"every=13 for periods of 13 {unit}s."
        )
        raise QuestionError(message)
    first = period_of(np.array([(begins + 1) // MINUTES]), by)
    numbers = first + np.arange(int(periods))
    ahead = (first_day(numbers + 1, by) * MINUTES - 1 - begins) / (MINUTES * DAYS[unit])
    return Schedule(tuple(title(int(number), by) for number in numbers), tuple(ahead.tolist()), unit, begins)
