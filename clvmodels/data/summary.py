"""From a log of purchases to customers: one row of history each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.customers import Customers
from clvmodels.data import grouped
from clvmodels.data.dates import PER_DAY, written
from clvmodels.data.lazylog import Buckets
from clvmodels.data.notes import all_refunded
from clvmodels.data.reading import LogReader
from clvmodels.data.refunds import all_cancelled, net
from clvmodels.data.transactions import up_to
from clvmodels.errors import LogError
from clvmodels.units import DAYS, Unit, as_unit

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812

    from numpy.typing import NDArray

    from clvmodels.data.dates import Resolution
    from clvmodels.data.transactions import Purchases
    from clvmodels.engines.lazy import LazyCustomers


def rfm_summary(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    *,
    customer_id: str = "customer_id",
    date: str = "date",
    value: str | None = "value",
    unit: str = "week",
    resolution: str = "day",
    observation_end: str | Date | None = None,
    timezone: str | None = None,
    date_format: str | None = None,
    refunds: str = "error",
) -> Customers:
    """Summarise a log of purchases as customers: frequency, recency, T, spend and litt, how regular their timing is.

    Customers come in the order of their first rows; what has no order, as tables of an engine, in that of their ids.

    Parameters
    ----------
    log
        a frame with a row a purchase, in any order: pandas, polars (lazy or not), pyarrow, a table or query of DuckDB, a
        frame of Spark; or the path of a parquet file, of a folder of them, or of a DuckDB file with one table
    customer_id, date, value
        the columns that hold them; ``value=None`` where spend isn't recorded
    unit
        the unit of recency and T: ``"hour"``, ``"day"``, ``"week"``, ``"month"`` or ``"year"`` of elapsed time
    resolution
        a customer's purchases in one ``"minute"``, ``"hour"`` or ``"day"`` are one purchase, and their values add
    observation_end
        the last bucket that counts, by default the last one in the log; a date without a time means all of that day
    timezone
        whose wall clock counts, for dates that carry a time zone
    date_format
        how dates that are text are written, as in ``"%d/%m/%Y"``; by default they're ISO 8601
    refunds
        what a negative value means: ``"error"`` to refuse it, ``"net"`` to take it off the customer's purchases

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "bob"],
    ...     "date": ["2015-02-01", "2015-02-06", "2015-01-01"],
    ...     "value": [10.0, 12.0, 8.0],
    ... })
    >>> rfm_summary(log, unit="day", observation_end="2015-02-07").frame()
      customer_id  frequency  recency     T  monetary_value  first_value      litt
    0         ann        1.0      5.0   6.0            12.0         10.0  1.609438
    1         bob        0.0      0.0  37.0             0.0          8.0  0.000000
    """
    told_in = as_unit(unit)
    reader = LogReader(customer_id, date, value, resolution, timezone, date_format, refunds)
    found = reader.open(log)
    last = found.last
    end = last if observation_end is None else reader.moment(observation_end, "observation_end")
    if isinstance(found, Buckets):
        return grouped.summary_of(found, end, told_in).collect()
    seen, left_out = up_to(found, end, "observation_end")
    kept, netting = without_refunded(seen, end)
    return customers_of(kept, end, told_in, (*left_out, *netting))


def lazy_summary(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    *,
    customer_id: str = "customer_id",
    date: str = "date",
    value: str | None = "value",
    unit: str = "week",
    resolution: str = "day",
    observation_end: str | Date | None = None,
    timezone: str | None = None,
    date_format: str | None = None,
    refunds: str = "error",
) -> LazyCustomers:
    """Summarise a log in an engine as customers who stay there, a row each: `rfm_summary` that is not taken home.

    The log is checked now; the summary itself is made when it is asked for, as often as it is.

    Parameters
    ----------
    log
        a lazy frame of polars, a table or query of DuckDB, a frame of Spark, or the path of parquet files
    customer_id, date, value, unit, resolution, observation_end, timezone, date_format, refunds
        as in ``rfm_summary``

    Examples
    --------
    >>> import polars as pl
    >>> log = pl.LazyFrame({"customer_id": ["ann", "ann", "bob"], "date": ["2015-02-01", "2015-02-06", "2015-01-01"]})
    >>> everybody = lazy_summary(log, value=None, unit="day", observation_end="2015-02-07")
    >>> everybody
    LazyCustomers(in polars, told in days)
    >>> everybody.collect()
    Customers(2 customers, T 6.00 to 37.00 days, 50.0% bought once, spend not known)
    """
    told_in = as_unit(unit)
    reader = LogReader(customer_id, date, value, resolution, timezone, date_format, refunds)
    found = reader.open(log)
    if not isinstance(found, Buckets):
        message = (
            f"A {type(log).__name__} is at hand, and so would its summary be: say rfm_summary(), or pass a lazy frame of "
            "polars, a table of DuckDB or Spark, or the path of parquet files."
        )
        raise LogError(message)
    end = found.last if observation_end is None else reader.moment(observation_end, "observation_end")
    return grouped.summary_of(found, end, told_in)


def without_refunded(purchases: Purchases, end: int) -> tuple[Purchases, tuple[str, ...]]:
    """Net the refunds of purchases up to ``end``, and say which purchases and customers that leaves out."""
    when = f"up to {written(end, purchases.resolution)}"
    kept, notes = net(purchases, when)
    if len(kept.bucket) == 0:
        raise all_cancelled(when)
    gone = len(purchases.starts()) - len(kept.starts())
    return kept, (*notes, all_refunded(gone)) if gone else notes


def customers_of(purchases: Purchases, end: int, unit: Unit, notes: tuple[str, ...]) -> Customers:
    """Summarise purchases without refunds, observed up to ``end``."""
    starts = purchases.starts()
    lasts = np.append(starts[1:], len(purchases.bucket)) - 1
    frequency, born = lasts - starts, purchases.bucket[starts]
    first, mean = (None, None) if purchases.value is None else _spend(purchases.value, starts, frequency)
    return Customers.from_arrays(
        frequency,
        elapsed(purchases.bucket[lasts] - born, purchases.resolution, unit),
        elapsed(end - born, purchases.resolution, unit),
        unit=unit,
        ids=purchases.ids[purchases.customer[starts]],
        monetary_value=mean,
        first_value=first,
        litt=_log_gaps(purchases, starts, unit),
        notes=notes,
    )


def elapsed(steps: NDArray[np.int64], resolution: Resolution, unit: Unit) -> NDArray[np.float64]:
    """Convert numbers of buckets into units of time."""
    return steps / (PER_DAY[resolution] * DAYS[unit])


def _log_gaps(purchases: Purchases, starts: NDArray[np.intp], unit: Unit) -> NDArray[np.float64]:
    """Sum the logs of each customer's gaps between successive purchases, (n,); 0 where there are none."""
    gaps = elapsed(np.diff(purchases.bucket, prepend=0), purchases.resolution, unit)
    gaps[starts] = 1.0
    return np.add.reduceat(np.log(gaps), starts)


def _spend(
    value: NDArray[np.float64], starts: NDArray[np.intp], frequency: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find each customer's first value and the mean of the others, 0 where there are none."""
    first = value[starts]
    repeat = value.copy()
    repeat[starts] = 0.0
    return first, np.add.reduceat(repeat, starts) / np.maximum(frequency, 1)
