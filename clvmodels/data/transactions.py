"""Purchases from a log: one purchase a customer and bucket of time, typed, checked and sorted.

Everything after this gate is plain arithmetic on arrays, so it's the same for every frame library.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import narwhals as nw
import numpy as np

from clvmodels.data.dates import Resolution, as_resolution, buckets, check_zone, read_dates, read_moment, written
from clvmodels.data.notes import left_out_after
from clvmodels.errors import LogError
from clvmodels.frames import eager, need, numbered, numbers, refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

Refunds = Literal["error", "net"]


@dataclass(frozen=True, eq=False)
class Purchases:
    """The purchase buckets of some customers, sorted by customer and time.

    Attributes
    ----------
    ids
        all customers of the log in order of first appearance, in the caller's library
    customer
        position in ``ids`` of each bucket's customer, (m,)
    bucket
        number of the bucket, counted from 1970 in steps of ``resolution``, (m,)
    value
        what was bought in the bucket, refunds apart, (m,); None where spend isn't recorded
    refund
        what was refunded in the bucket, as a positive number, (m,); None where spend isn't recorded
    resolution
        the length of a bucket
    """

    ids: nw.Series[Any]
    customer: NDArray[np.int64]
    bucket: NDArray[np.int64]
    value: NDArray[np.float64] | None
    refund: NDArray[np.float64] | None
    resolution: Resolution

    def where(self, kept: NDArray[np.bool_]) -> Purchases:
        """Keep some of the buckets."""
        value = None if self.value is None else self.value[kept]
        refund = None if self.refund is None else self.refund[kept]
        return replace(self, customer=self.customer[kept], bucket=self.bucket[kept], value=value, refund=refund)

    def starts(self) -> NDArray[np.intp]:
        """Find where each customer's buckets begin."""
        return np.flatnonzero(np.diff(self.customer, prepend=-1))


@dataclass(frozen=True)
class LogReader:
    """How a log is to be read: which column holds what, and how dates and refunds are meant."""

    customer_id: str
    date: str
    value: str | None
    resolution: str
    timezone: str | None
    date_format: str | None
    refunds: str

    def read(self, log: Any) -> Purchases:  # noqa: ANN401
        """Check a log and add up its purchases by customer and bucket."""
        resolution = as_resolution(self.resolution)
        check_zone(self.timezone)
        self._check_refunds()
        table = eager(log, LogError)
        need(table, [name for name in (self.customer_id, self.date, self.value) if name is not None], LogError)
        codes, ids = _customers(table.get_column(self.customer_id))
        stamps = read_dates(table.get_column(self.date), self.timezone, self.date_format)
        values = None if self.value is None else self._values(table.get_column(self.value))
        return _added_up(ids, codes, buckets(stamps, resolution), values, resolution)

    def moment(self, moment: object, what: str) -> int:
        """Read a moment that the caller named as a bucket."""
        return read_moment(moment, what, as_resolution(self.resolution), self.timezone)

    def _check_refunds(self) -> None:
        """Check the word for refunds."""
        if self.refunds not in ("error", "net"):
            message = f"refunds={self.refunds!r} is no rule here. Say 'error' to refuse negative values, or 'net'."
            raise LogError(message)
        if self.refunds == "net" and self.value is None:
            message = "refunds='net' nets values, and value=None says that there are none. Name the column of values."
            raise LogError(message)

    def _values(self, column: nw.Series[Any]) -> NDArray[np.float64]:
        """Check the values, and that none is negative unless refunds are netted."""
        values = numbers(column, LogError)
        if self.refunds == "error":
            fault = f"value of {column.name!r} is negative|values of {column.name!r} are negative"
            advice = "If they are refunds, say refunds='net' to take them off the same customer's purchases."
            refuse(values < 0, fault, advice, LogError)
        return values


def up_to(purchases: Purchases, end: int, what: str) -> tuple[Purchases, tuple[str, ...]]:
    """Leave out what comes after ``end``, and say how much that was."""
    resolution = purchases.resolution
    kept = purchases.bucket <= end
    if not kept.any():
        first = written(int(purchases.bucket.min()), resolution)
        message = (
            f"{what}={written(end, resolution)} lies before the first purchase of the log ({first}), so there is "
            "nobody to describe. Say a later date."
        )
        raise LogError(message)
    number = int(np.count_nonzero(~kept))
    if number == 0:
        return purchases, ()
    before = purchases.where(kept)
    gone = len(purchases.starts()) - len(before.starts())
    return before, (left_out_after(number, gone, written(end, resolution)),)


def _customers(column: nw.Series[Any]) -> tuple[NDArray[np.int64], nw.Series[Any]]:
    """Give the customers numbers, in order of first appearance."""
    codes = numbered(column, LogError)
    newest = np.maximum.accumulate(codes)
    firsts = np.flatnonzero(np.diff(newest, prepend=-1))
    return codes, nw.maybe_reset_index(column[firsts])


def _added_up(
    ids: nw.Series[Any],
    codes: NDArray[np.int64],
    bucket: NDArray[np.int64],
    values: NDArray[np.float64] | None,
    resolution: Resolution,
) -> Purchases:
    """Add up the values of each customer and bucket."""
    since = bucket - bucket.min()
    key = codes * (since.max() + 1) + since
    order = np.argsort(key, kind="stable")
    begins = np.flatnonzero(np.diff(key[order], prepend=-1))
    value, refund = None, None
    if values is not None:
        value = np.add.reduceat(np.maximum(values, 0.0)[order], begins)
        refund = np.add.reduceat(np.maximum(-values, 0.0)[order], begins)
    return Purchases(ids, codes[order][begins], bucket[order][begins], value, refund, resolution)
