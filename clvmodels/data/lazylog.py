"""Logs in an engine: checked there, and cut there into one row a customer and bucket of time with a purchase.

Rows have no numbers there, so whoever is refused is named by customer. Text is brought home once for each distinct text, so
that all engines read dates by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.data.dates import (
    GAP,
    PER_DAY,
    Resolution,
    buckets,
    check_clock,
    check_format,
    how_to_write,
    no_dates,
    read_texts,
)
from clvmodels.data.dates import wall_clock as clock_of
from clvmodels.data.said import NET_THEM, negative
from clvmodels.data.transactions import Purchases
from clvmodels.engines.tables import beside, gathered, wall_clock
from clvmodels.errors import SHOWN, LogError, counted, naming
from clvmodels.frames import GAP as NO_ZERO
from clvmodels.frames import gap_of, need, no_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clvmodels.data.said import Reading

TEXTS = 5_000_000
"""Distinct texts of dates that are brought home at most."""

EPOCH = 719_162
"""Days from the first of the year 1 to 1970."""

ID, DATE, VALUE, BUCKET, REFUND = "customer_id", "date", "value", "bucket", "refund"


@dataclass(frozen=True, eq=False)
class Buckets:
    """The purchase buckets of a log, in its engine.

    Attributes
    ----------
    table
        customer_id, bucket, and value and refund where spend is recorded: a row a customer and bucket
    first, last
        the first and the last bucket of all
    valued
        whether spend is recorded
    refunded
        whether there are refunds
    resolution
        the length of a bucket
    """

    table: nw.LazyFrame[Any]
    first: int
    last: int
    valued: bool
    refunded: bool
    resolution: Resolution

    def purchases(self) -> Purchases:
        """Take all purchases home, customers in the order of their ids."""
        found = gathered(self.table.sort(ID, BUCKET))
        ids, bucket = found.get_column(ID), found.get_column(BUCKET).to_numpy().astype(np.int64)
        codes, _ = pd.factorize(ids.to_numpy())
        names = nw.maybe_reset_index(ids[np.flatnonzero(np.diff(codes, prepend=-1))])
        spent = [found.get_column(name).to_numpy() if self.valued else None for name in (VALUE, REFUND)]
        return Purchases(names, codes.astype(np.int64), bucket, spent[0], spent[1], self.resolution)


def read_lazy(log: nw.LazyFrame[Any], said: Reading) -> Buckets:
    """Check a log where it is, and say how its purchases add up by customer and bucket."""
    need(log, said.needed(), LogError)
    kept = {ID: nw.col(said.customer_id), DATE: nw.col(said.date)}
    if said.value is not None:
        kept[VALUE] = nw.col(_numeric(log, said.value)).cast(nw.Float64)
    told = _dated(log.select(**kept), said)
    found = _checked(told, said)
    refunded = bool(found["negative"])
    if said.value is None:
        table = told.select(ID, BUCKET).unique()
    elif refunded:
        table = told.with_columns(_purchase(), _refund()).group_by(ID, BUCKET).agg(nw.col(VALUE, REFUND).sum())
    else:
        table = told.group_by(ID, BUCKET).agg(nw.col(VALUE).sum()).with_columns(nw.lit(0.0).alias(REFUND))
    return Buckets(table, int(found["first"]), int(found["last"]), said.value is not None, refunded, said.step)


def _purchase() -> nw.Expr:
    value = nw.col(VALUE)
    return nw.when(value > 0).then(value).otherwise(nw.lit(0.0)).alias(VALUE)


def _refund() -> nw.Expr:
    value = nw.col(VALUE)
    return nw.when(value < 0).then(-value).otherwise(nw.lit(0.0)).alias(REFUND)


def _numeric(log: nw.LazyFrame[Any], column: str) -> str:
    """Check that a column holds numbers."""
    kind = log.collect_schema()[column]
    if not kind.is_numeric():
        raise LogError(no_numbers(column, kind, _such(log, column)))
    return column


def _such(log: nw.LazyFrame[Any], column: str) -> object:
    """Take one value of a column, to show what it holds."""
    some = gathered(log.select(column).head(1)).get_column(column).to_list()
    return some[0] if some else None


def _dated(told: nw.LazyFrame[Any], said: Reading) -> nw.LazyFrame[Any]:
    """Find the bucket of each date; none where a date is missing."""
    kind = told.collect_schema()[DATE]
    check_format(said.date, kind, said.date_format)
    if kind == nw.String:
        return _from_texts(told, said)
    if isinstance(kind, nw.Datetime):
        check_clock(said.date, kind.time_zone, said.timezone)
        if said.timezone is not None:
            told = wall_clock(told, DATE, said.timezone)
    elif kind == nw.Date:
        check_clock(said.date, None, said.timezone)
    else:
        raise no_dates(said.date, kind, _such(told, DATE))
    return told.with_columns(_bucket(said.step, day_only=kind == nw.Date).alias(BUCKET))


def _bucket(resolution: Resolution, *, day_only: bool) -> nw.Expr:
    """Count buckets since 1970 on the wall clock of a date, by the rules of the Gregorian calendar."""
    date = nw.col(DATE).dt
    year = date.year().cast(nw.Int64) - 1
    days = 365 * year + year // 4 - year // 100 + year // 400 + date.ordinal_day().cast(nw.Int64) - (EPOCH + 1)
    if resolution == "day" or day_only:
        return days * PER_DAY[resolution]
    hours = days * 24 + date.hour().cast(nw.Int64)
    return hours if resolution == "hour" else hours * 60 + date.minute().cast(nw.Int64)


def _from_texts(told: nw.LazyFrame[Any], said: Reading) -> nw.LazyFrame[Any]:
    """Read each distinct text at home, and put the buckets beside the rows."""
    found = gathered(told.select(DATE).unique().head(TEXTS + 1)).get_column(DATE).drop_nulls()
    if len(found) > TEXTS:
        message = f"{said.date!r} holds more than {TEXTS:,} different texts: let the engine make dates of them first."
        raise LogError(message)
    texts = np.array(found.to_list(), dtype=object)
    stamps = read_texts(said.date, texts, said.date_format)
    bad = np.asarray(stamps.isna())
    if bad.any():
        shown = naming(repr(text) for text in sorted(texts[bad])[: SHOWN + 1])
        message = f"{counted(int(bad.sum()), 'text')} among the dates of {said.date!r} can't be read: {shown}. "
        raise LogError(message + how_to_write(said.date_format))
    check_clock(said.date, None if stamps.tz is None else str(stamps.tz), said.timezone)
    numbers = buckets(clock_of(stamps, said.timezone), said.step)
    return told.join(beside(told, {DATE: texts, BUCKET: numbers}), on=DATE, how="left")


def _checked(told: nw.LazyFrame[Any], said: Reading) -> Mapping[str, Any]:
    """Count what is wrong in one pass, and refuse it; return that pass."""
    wrong = _faults(told, said)
    counts = {name: fault.cast(nw.Int64).sum() for name, (fault, _, _) in wrong.items()}
    negative = (nw.col(VALUE) < 0) if said.value is not None else nw.lit(value=False)
    told = told.with_columns(negative.cast(nw.Int64).alias("negative"))
    first, last = nw.col(BUCKET).min().alias("first"), nw.col(BUCKET).max().alias("last")
    found = gathered(told.select(nw.len().alias("rows"), first, last, negative=nw.col("negative").sum(), **counts))
    pass_ = found.rows(named=True)[0]
    if not pass_["rows"]:
        message = "The frame has no rows, so there is nobody to describe. Was it filtered too far?"
        raise LogError(message)
    for name, (fault, wording, advice) in wrong.items():
        if pass_[name]:
            _refuse(told, fault, int(pass_[name]), wording, advice)
    return pass_


def _faults(told: nw.LazyFrame[Any], said: Reading) -> dict[str, tuple[nw.Expr, str, str]]:
    """What may be wrong with a row: how it shows, its wording for one and for several, and what to try."""
    no_id = nw.col(ID).is_null()
    if told.collect_schema()[ID].is_float():
        no_id |= nw.col(ID).is_nan()
    gone = f"date of {said.date!r} is missing|dates of {said.date!r} are missing"
    unnamed = "Give these rows the id of a customer, or remove them first."
    found = {
        "no_id": (no_id, "customer id is missing|customer ids are missing", unnamed),
        "no_date": (nw.col(BUCKET).is_null(), gone, GAP),
    }
    if said.value is not None:
        value = nw.col(VALUE)
        found["no_value"] = (value.is_null() | ~value.is_finite(), gap_of(said.value), NO_ZERO)
        if said.refunds == "error":
            found["below"] = (value < 0, negative(said.value), NET_THEM)
    return found


def _refuse(told: nw.LazyFrame[Any], wrong: nw.Expr, number: int, fault: str, advice: str) -> None:
    """Refuse some rows, and name their customers."""
    whom = gathered(told.filter(wrong & ~nw.col(ID).is_null()).select(ID).unique().sort(ID).head(SHOWN + 1))
    singular, _, plural = fault.partition("|")
    named = naming(whom.get_column(ID).to_list())
    where = f", of {'customer' if len(whom) == 1 else 'customers'} {named}" if len(whom) else ""
    message = f"{number:,} {singular if number == 1 else plural}{where}. {advice}"
    raise LogError(message)
