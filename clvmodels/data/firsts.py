"""What is known of customers from their first purchases: the cohort that they came with, and what that purchase says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.data.dates import check_zone, read_dates
from clvmodels.errors import LogError, naming
from clvmodels.frames import eager, need, numbered

if TYPE_CHECKING:
    from collections.abc import Sequence

PERIODS = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}
"""Periods of the calendar by which cohorts are named."""


def attributes(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    columns: Sequence[str] = (),
    *,
    customer_id: str = "customer_id",
    date: str = "date",
    cohort: str | None = "quarter",
    timezone: str | None = None,
    date_format: str | None = None,
) -> Any:  # noqa: ANN401
    """Tabulate customers by their first purchases, a row each: for ``clv.value(..., attributes=)`` and ``by=``.

    Parameters
    ----------
    log
        a pandas, polars or pyarrow frame with a row a purchase, in any order
    columns
        what to take from each customer's first purchase: the channel that won her, her country...
    customer_id, date
        the columns that hold them
    cohort
        the period of the calendar that names a customer's cohort, in a column ``cohort``: ``"week"``, ``"month"``,
        ``"quarter"``, ``"year"``; None for none
    timezone, date_format
        as in ``rfm_summary``

    Examples
    --------
    >>> log = pd.DataFrame({
    ...     "customer_id": ["ann", "bob", "ann"],
    ...     "date": ["2015-05-06", "2015-01-01", "2015-02-01"],
    ...     "channel": ["shop", "ads", "ads"],
    ... })
    >>> attributes(log, ["channel"])
      customer_id channel   cohort
    0         ann     ads  2015-Q1
    1         bob     ads  2015-Q1
    """
    check_cohort(cohort)
    taken = {"customer_id", *(() if cohort is None else ("cohort",))}
    twice = sorted(taken & set(columns))
    if twice:
        message = f"The columns {naming(twice)} are made here: rename those of the log, or say cohort=None."
        raise LogError(message)
    check_zone(timezone)
    table = eager(log, LogError)
    need(table, (customer_id, date, *columns), LogError)
    stamps = read_dates(table.get_column(date), timezone, date_format)
    codes = numbered(table.get_column(customer_id), LogError)
    order = np.lexsort((stamps.to_numpy(), codes))
    first = order[np.flatnonzero(np.diff(codes[order], prepend=-1))]
    found = table[first.tolist()].select(nw.col(customer_id).alias("customer_id"), *columns)
    if cohort is None:
        return nw.maybe_reset_index(found).to_native()
    named = nw.new_series("cohort", _named(stamps[first], cohort), backend=table.implementation)
    return nw.maybe_reset_index(found).with_columns(named).to_native()


def check_cohort(cohort: str | None) -> None:
    """Refuse a period that cohorts can't be named by."""
    if cohort is not None and cohort not in PERIODS:
        message = f"cohort={cohort!r} is no period of the calendar. Say one of {', '.join(PERIODS)}, or None."
        raise LogError(message)


def _named(stamps: pd.DatetimeIndex, period: str) -> list[str]:
    """Name the periods that some moments lie in, so that their names are in order: 2015, 2015-Q1, 2015-02, or a Monday."""
    within = pd.Series(stamps.to_period(PERIODS[period]))
    if period == "week":
        return [str(week.start_time.date()) for week in within]
    if period == "quarter":
        return [f"{quarter.year}-Q{quarter.quarter}" for quarter in within]
    return [str(each) for each in within]
