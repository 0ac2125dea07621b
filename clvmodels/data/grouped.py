"""Summaries in an engine: what ``summary`` and ``refunds`` do with arrays, said as questions to a table of purchase buckets.

Refunds, last in, first out: let S be the running sum of what a customer spent less what she got back. What is left of a
purchase in the end is how far the lowest S from then on stays above S before it; a refund finds no purchase as far as it
takes S below all before, and below 0.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals as nw

from clvmodels.data.dates import PER_DAY, written
from clvmodels.data.lazylog import BUCKET, ID, REFUND, VALUE
from clvmodels.data.notes import all_refunded, left_out_after, netted, unmatched
from clvmodels.data.refunds import ROUNDING, all_cancelled
from clvmodels.data.transactions import too_early
from clvmodels.engines.lazy import LazyCustomers
from clvmodels.engines.tables import gathered
from clvmodels.units import DAYS, Unit

if TYPE_CHECKING:
    from clvmodels.data.lazylog import Buckets


def summary_of(found: Buckets, end: int, unit: Unit) -> LazyCustomers:
    """Summarise purchases up to ``end``, and say what that leaves out."""
    seen, left_out = up_to(found, end, "observation_end")
    kept, netting = without_refunded(seen, end)
    return customers_of(kept, end, unit, (*left_out, *netting))


def up_to(found: Buckets, end: int, what: str) -> tuple[Buckets, tuple[str, ...]]:
    """Leave out what comes after ``end``, and say how much that was."""
    if end < found.first:
        raise too_early(what, end, found.first, found.resolution)
    if end >= found.last:
        return found, ()
    late = (nw.col(BUCKET) > end).cast(nw.Int64)
    customers = found.table.with_columns(late=late, only=late).group_by(ID).agg(nw.col("late").sum(), nw.col("only").min())
    [(number, gone)] = gathered(customers.select(nw.col("late", "only").sum())).rows()
    before = replace(found, table=found.table.filter(nw.col(BUCKET) <= end), last=end)
    return before, (left_out_after(int(number), int(gone), written(end, found.resolution)),)


def without_refunded(found: Buckets, end: int) -> tuple[Buckets, tuple[str, ...]]:
    """Net the refunds of purchases up to ``end``, and say which purchases and customers that leaves out."""
    when = f"up to {written(end, found.resolution)}"
    kept, notes = net(found, when)
    if kept is found:
        return found, ()
    before, after = (int(gathered(some.table.select(ID).unique().select(nw.len())).item()) for some in (found, kept))
    if after == 0:
        raise all_cancelled(when)
    return kept, (*notes, all_refunded(before - after)) if before > after else notes


def net(found: Buckets, when: str) -> tuple[Buckets, tuple[str, ...]]:
    """Take refunds off purchases, leave out the purchases that they took to 0, and say how much that was."""
    if not found.refunded:
        return found, ()
    value, refund, left, owing = nw.col(VALUE), nw.col(REFUND), nw.col("left"), nw.col("owing")
    table = _left(found.table)
    kept = (left > 0) | ((value == 0) & (refund == 0))
    told = table.with_columns(some=refund > 0, cancelled=~kept & (value > 0), unpaid=owing > 0)
    counts = [nw.col(name).cast(nw.Int64).sum() for name in ("some", "cancelled", "unpaid")]
    refunds, cancelled, unpaid, amount, rest = gathered(told.select(*counts, refund.sum(), owing.sum())).rows()[0]
    if not refunds:
        return found, ()
    notes = [netted(int(refunds), float(amount), int(cancelled), when)]
    if unpaid:
        notes.append(unmatched(int(unpaid), float(rest), when))
    net_of = table.filter(kept).select(ID, BUCKET, left.alias(VALUE), nw.lit(0.0).alias(REFUND))
    return replace(found, table=net_of, refunded=False), tuple(notes)


def _left(table: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Find what is left of each bucket's purchases, and what its refunds owe that no earlier purchase can bear."""
    value, refund, change, total = nw.col(VALUE), nw.col(REFUND), nw.col("change"), nw.col("total")
    nothing, whose = nw.lit(0.0), {"order_by": BUCKET}
    larger = nw.when(value > refund).then(value).otherwise(refund)
    even = (value - refund).abs() <= ROUNDING * larger
    told = table.with_columns(change=nw.when(even).then(nothing).otherwise(value - refund))
    told = told.with_columns(total=change.cum_sum().over(ID, **whose))
    told = told.with_columns(
        later=total.cum_min(reverse=True).over(ID, **whose), lowest=total.cum_min().over(ID, **whose)
    ).with_columns(before=nw.col("lowest").shift(1).over(ID, **whose))
    floor = nw.when(nw.col("before") < 0).then(nw.col("before")).otherwise(nothing)
    rest, short = nw.col("later") - (total - change), floor - total
    whole = nw.when((change - rest).abs() <= ROUNDING * change).then(change).otherwise(rest)
    return told.with_columns(
        left=nw.when(rest > ROUNDING * value).then(whole).otherwise(nothing),
        owing=nw.when((change < 0) & (short > ROUNDING * refund)).then(short).otherwise(nothing),
    )


def customers_of(found: Buckets, end: int, unit: Unit, notes: tuple[str, ...]) -> LazyCustomers:
    """Summarise purchases without refunds, observed up to ``end``."""
    steps = PER_DAY[found.resolution] * DAYS[unit]
    gap, bucket, again = nw.col("gap"), nw.col(BUCKET), nw.col("gap").is_null()
    table = found.table.with_columns(gap=bucket - bucket.shift(1).over(ID, order_by=BUCKET))
    parts = {"litt": nw.when(again).then(nw.lit(0.0)).otherwise((gap / steps).log())}
    if found.valued:
        parts["first_value"] = nw.when(again).then(nw.col(VALUE)).otherwise(nw.lit(0.0))
        parts["repeat"] = nw.when(again).then(nw.lit(0.0)).otherwise(nw.col(VALUE))
    grouped = (
        table.with_columns(first=bucket, last=bucket, **parts)
        .group_by(ID)
        .agg(nw.len().alias("purchases"), nw.col("first").min(), nw.col("last").max(), nw.col(*parts).sum())
    )
    repeats = nw.col("purchases").cast(nw.Float64) - 1.0
    per = steps + 0.0 * repeats  # polars multiplies by the inverse of what is the same in all rows: another last digit
    told = {
        "frequency": repeats,
        "recency": (nw.col("last") - nw.col("first")).cast(nw.Float64) / per,
        "T": (end - nw.col("first")).cast(nw.Float64) / per,
    }
    if found.valued:
        several = nw.when(repeats > 1).then(repeats).otherwise(nw.lit(1.0))
        told |= {"monetary_value": nw.col("repeat") / several, "first_value": nw.col("first_value")}
    return LazyCustomers(grouped.select(nw.col(ID), **told, litt=nw.col("litt")), unit, notes)
