"""The calendar: weeks, months, quarters, half-years and years, as numbers of periods and their days.

Units of time (`clvmodels.units`) are all of one length, as models need them; periods of the calendar are what a business
follows, and a February is shorter than a March. Weeks begin on Monday and are numbered as in ISO 8601.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np

from clvmodels.errors import LogError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Every = Literal["week", "month", "quarter", "half-year", "year"]

MONTHS: dict[Every, int] = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
"""How many months a period has; a week has none."""

_MONDAY = 3
"""Days from Monday, 29 December 1969, to the first day of 1970."""


def as_every(every: str) -> Every:
    """Check the name of a period of the calendar.

    >>> as_every("half-year")
    'half-year'
    """
    if every not in get_args(Every):
        message = f"{every!r} is no period of the calendar here. Say one of {', '.join(get_args(Every))}."
        raise LogError(message)
    return cast("Every", every)


def period_of(days: NDArray[np.int64], every: Every) -> NDArray[np.int64]:
    """Find the periods that some days lie in, both numbered from 1970.

    >>> period_of(np.array([0, 30, 31]), "month")
    array([0, 0, 1])
    """
    if every == "week":
        return (days + _MONDAY) // 7
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // MONTHS[every]


def first_day(periods: NDArray[np.int64], every: Every) -> NDArray[np.int64]:
    """Find the first day of some periods; the last is the day before the first of the next.

    >>> first_day(np.array([0, 1, 2]), "month")
    array([ 0, 31, 59])
    """
    if every == "week":
        return periods * 7 - _MONDAY
    return (periods * MONTHS[every]).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def title(period: int, every: Every) -> str:
    """Write a period as people do.

    >>> [title(int(period_of(np.array([10134]), every)[0]), every) for every in get_args(Every)]
    ['1997-W40', '1997-09', '1997-Q3', '1997-H2', '1997']
    """
    begins = np.datetime64(int(first_day(np.array([period]), every)[0]), "D")
    if every == "week":
        year, week, _ = begins.item().isocalendar()
        return f"{year}-W{week:02}"
    if every == "month":
        return str(begins)[:7]
    parts = 12 // MONTHS[every]
    return str(begins)[:4] + {1: "", 2: f"-H{period % 2 + 1}", 4: f"-Q{period % 4 + 1}"}[parts]
