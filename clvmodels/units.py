"""Units of time: elapsed time only, so a week is 7 days and a year 365.25 days, whatever the calendar says."""

from __future__ import annotations

from typing import Literal, cast, get_args

from clvmodels.errors import ClvError

Unit = Literal["hour", "day", "week", "month", "year"]

DAYS: dict[Unit, float] = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}
"""The length of one unit, in days."""


def as_unit(unit: str) -> Unit:
    """Check the name of a unit of time.

    >>> as_unit("week")
    'week'
    """
    if unit not in get_args(Unit):
        message = f"{unit!r} is no unit of time here. Say one of {', '.join(get_args(Unit))}."
        raise ClvError(message)
    return cast("Unit", unit)
