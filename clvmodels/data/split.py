"""Split a log in time: customers as they were known at a moment, and what they went on to buy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.data.dates import written
from clvmodels.data.notes import first_seen_after, left_out_after
from clvmodels.data.reading import LogReader
from clvmodels.data.refunds import net
from clvmodels.data.summary import customers_of, elapsed, without_refunded
from clvmodels.data.transactions import up_to
from clvmodels.errors import LogError, counted
from clvmodels.frames import native
from clvmodels.units import Unit, as_unit

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812

    import narwhals as nw
    from numpy.typing import NDArray

    from clvmodels.customers import Customers
    from clvmodels.data.dates import Resolution
    from clvmodels.data.transactions import Purchases


@dataclass(frozen=True, eq=False)
class Holdout:
    """What the customers of a calibration bought in the time after it, a row each in the same order.

    Attributes
    ----------
    ids
        the customers' ids, in the caller's library
    purchases
        number of purchases after the calibration, (n,)
    value
        what they were worth in all, (n,); None where spend isn't recorded
    horizon
        the length of the holdout in ``unit``
    unit
        the unit of time
    notes
        what was left out or netted, and how much of it, in sentences
    """

    ids: nw.Series[Any]
    purchases: NDArray[np.int64]
    value: NDArray[np.float64] | None
    horizon: float
    unit: Unit
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.purchases)

    def __repr__(self) -> str:
        """Say how much was bought in how long a time, and what was left out."""
        bought = counted(int(self.purchases.sum()), "purchase")
        told = f"Holdout({counted(len(self), 'customer')}, {bought} in {self.horizon:.2f} {self.unit}s)"
        return "\n".join((told, *(f"  {note}" for note in self.notes)))

    def frame(self) -> Any:  # noqa: ANN401
        """Tabulate the holdout (customer_id, purchases, value) in the library that the log came in."""
        columns: dict[str, NDArray[Any]] = {"purchases": self.purchases}
        if self.value is not None:
            columns["value"] = self.value
        return native(self.ids, columns)


def split(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    *,
    customer_id: str = "customer_id",
    date: str = "date",
    value: str | None = "value",
    unit: str = "week",
    at: str | Date,
    until: str | Date | None = None,
    resolution: str = "day",
    timezone: str | None = None,
    date_format: str | None = None,
    refunds: str = "error",
) -> tuple[Customers, Holdout]:
    """Split a log at a moment: the customers as known then, and what they bought afterwards.

    Customers first seen after ``at`` are in neither half. Refunds are netted in each half alone, so that calibration
    knows nothing of what came later.

    Parameters
    ----------
    log, customer_id, date, value, unit, resolution, timezone, date_format, refunds
        as in ``rfm_summary``
    at
        the last bucket of the calibration; a date without a time means all of that day
    until
        the last bucket of the holdout, by default the last one in the log

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({
    ...     "customer_id": ["ann", "ann", "bob"],
    ...     "date": ["2015-02-01", "2015-02-06", "2015-01-01"],
    ...     "value": [10.0, 12.0, 8.0],
    ... })
    >>> calibration, holdout = split(log, unit="day", at="2015-02-01", until="2015-02-07")
    >>> holdout.frame()
      customer_id  purchases  value
    0         ann          1   12.0
    1         bob          0    0.0
    """
    told_in = as_unit(unit)
    reader = LogReader(customer_id, date, value, resolution, timezone, date_format, refunds)
    purchases = reader.read(log)
    cut = reader.moment(at, "at")
    end = int(purchases.bucket.max()) if until is None else reader.moment(until, "until")
    return halves(purchases, cut, end, told_in)


def halves(purchases: Purchases, cut: int, end: int, unit: Unit) -> tuple[Customers, Holdout]:
    """Split purchases after the bucket ``cut``; the holdout ends with the bucket ``end``."""
    known, _ = up_to(purchases, cut, "at")
    _check_holdout(cut, end, purchases.resolution)
    newcomers = len(purchases.starts()) - len(known.starts())
    left_out = (first_seen_after(newcomers, written(cut, purchases.resolution)),) if newcomers else ()
    kept, netting = without_refunded(known, cut)
    calibration = customers_of(kept, cut, unit, (*left_out, *netting))
    counts, worth, notes = _bought_after(purchases, kept, cut, end)
    horizon = float(elapsed(np.array(end - cut), purchases.resolution, unit))
    return calibration, Holdout(calibration.ids, counts, worth, horizon, unit, (*left_out, *notes))


def _bought_after(
    purchases: Purchases, kept: Purchases, cut: int, end: int
) -> tuple[NDArray[np.int64], NDArray[np.float64] | None, tuple[str, ...]]:
    """Count and add up what each customer of the calibration bought after it, up to the end."""
    codes = kept.customer[kept.starts()]
    row = np.full(len(purchases.ids), -1)
    row[codes] = np.arange(len(codes))
    later = purchases.where((purchases.bucket > cut) & (row[purchases.customer] >= 0))
    beyond = int(np.count_nonzero(later.bucket > end))
    resolution = purchases.resolution
    too_late = (left_out_after(beyond, 0, written(end, resolution)),) if beyond else ()
    when = f"after {written(cut, resolution)} up to {written(end, resolution)}"
    bought, netting = net(later.where(later.bucket <= end), when)
    rows = row[bought.customer]
    counts = np.bincount(rows, minlength=len(codes)).astype(np.int64)
    worth = None
    if bought.value is not None:
        worth = np.bincount(rows, weights=bought.value, minlength=len(codes)).astype(np.float64)
    return counts, worth, (*too_late, *netting)


def _check_holdout(cut: int, end: int, resolution: Resolution) -> None:
    """Check that there is time between the end of the calibration and the end of the holdout."""
    if end <= cut:
        message = (
            f"The holdout would end at {written(end, resolution)}, no later than the calibration at "
            f"{written(cut, resolution)}. Say an earlier at= or a later until=, which is the end of the log by default."
        )
        raise LogError(message)
