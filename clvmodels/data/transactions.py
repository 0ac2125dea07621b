"""Purchases from a log: one purchase a customer and bucket of time, typed, checked and sorted.

Everything after this gate is plain arithmetic on arrays, so it's the same for every frame library.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from clvmodels.data.dates import Resolution, buckets, read_dates, written
from clvmodels.data.notes import left_out_after
from clvmodels.data.said import NET_THEM, negative
from clvmodels.errors import LogError
from clvmodels.frames import need, numbered, numbers, refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clvmodels.data.said import Reading


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

    @property
    def last(self) -> int:
        """The last bucket of all."""
        return int(self.bucket.max())

    def where(self, kept: NDArray[np.bool_]) -> Purchases:
        """Keep some of the buckets."""
        value = None if self.value is None else self.value[kept]
        refund = None if self.refund is None else self.refund[kept]
        return replace(self, customer=self.customer[kept], bucket=self.bucket[kept], value=value, refund=refund)

    def starts(self) -> NDArray[np.intp]:
        """Find where each customer's buckets begin."""
        return np.flatnonzero(np.diff(self.customer, prepend=-1))


def purchases_of(table: nw.DataFrame[Any], said: Reading) -> Purchases:
    """Check a log that is at hand, and add up its purchases by customer and bucket."""
    need(table, said.needed(), LogError)
    codes, ids = _customers(table.get_column(said.customer_id))
    stamps = read_dates(table.get_column(said.date), said.timezone, said.date_format)
    values = None if said.value is None else _values(table.get_column(said.value), said)
    return _added_up(ids, codes, buckets(stamps, said.step), values, said.step)


def up_to(purchases: Purchases, end: int, what: str) -> tuple[Purchases, tuple[str, ...]]:
    """Leave out what comes after ``end``, and say how much that was."""
    resolution = purchases.resolution
    kept = purchases.bucket <= end
    if not kept.any():
        raise too_early(what, end, int(purchases.bucket.min()), resolution)
    number = int(np.count_nonzero(~kept))
    if number == 0:
        return purchases, ()
    before = purchases.where(kept)
    gone = len(purchases.starts()) - len(before.starts())
    return before, (left_out_after(number, gone, written(end, resolution)),)


def too_early(what: str, end: int, first: int, resolution: Resolution) -> LogError:
    """Say that nobody has bought yet."""
    message = (
        f"{what}={written(end, resolution)} lies before the first purchase of the log ({written(first, resolution)}), "
        "so there is nobody to describe. Say a later date."
    )
    return LogError(message)


def _values(column: nw.Series[Any], said: Reading) -> NDArray[np.float64]:
    """Check the values, and that none is negative unless refunds are netted."""
    values = numbers(column, LogError)
    if said.refunds == "error":
        refuse(values < 0, negative(column.name), NET_THEM, LogError)
    return values


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
