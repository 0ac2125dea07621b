"""Batches: rows that come a few at a time, as Arrow record batches, from whatever holds a table; and cut anew."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from clvmodels.errors import CustomersError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa


ROWS = 65_536
"""Rows of the batches that an engine is asked for."""


def need_pyarrow() -> None:
    """Check that pyarrow is there."""
    try:
        import pyarrow  # noqa: F401, ICN001, PLC0415  (an extra)  # pyright: ignore[reportUnusedImport]
    except ImportError as missing:
        message = "Arrow record batches need pyarrow. Install it with pip install 'clvmodels[parquet]'."
        raise CustomersError(message) from missing


def tables(told: Any) -> Iterator[pa.Table]:  # noqa: ANN401
    """Take a table of any library that speaks Arrow, or batches of such, one after the other.

    >>> import pyarrow as pa
    >>> batch = pa.record_batch({"customer_id": [7, 8]})
    >>> [len(table) for table in tables([batch, batch])], [len(table) for table in tables(pa.table(batch))]
    ([2, 2], [2])
    """
    need_pyarrow()
    import pyarrow as pa  # noqa: PLC0415  (an extra)

    if hasattr(told, "collect_batches"):
        told = told.collect_batches()
    elif hasattr(told, "to_arrow_reader"):  # DuckDB's, whose 1.5 makes all batches first for __arrow_c_stream__
        told = told.to_arrow_reader(ROWS)
    if hasattr(told, "__arrow_c_stream__"):
        reader = pa.RecordBatchReader.from_stream(told)
        return (_plain(batch) for batch in reader)
    if isinstance(told, pa.RecordBatch):
        return iter([_plain(told)])
    try:
        return chain.from_iterable(map(tables, told))
    except TypeError as refused:
        message = f"A {type(told).__name__} holds no record batches. Pass an iterator of them, or a table that speaks Arrow."
        raise CustomersError(message) from refused


def _plain(batch: pa.RecordBatch) -> pa.Table:
    """Take views of text, which hardly any function takes, to text."""
    import pyarrow as pa  # noqa: PLC0415  (an extra)

    table = pa.Table.from_batches([batch])
    fields = [one.with_type(pa.large_string()) if one.type == pa.string_view() else one for one in table.schema]
    return table.cast(pa.schema(fields))


def recut(parts: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Cut tables that follow each other into such of one length, but for the last.

    >>> import pyarrow as pa
    >>> [len(part) for part in recut([pa.table({"x": [1, 2, 3]}), pa.table({"x": [4, 5]})], 2)]
    [2, 2, 1]
    """
    import pyarrow as pa  # noqa: PLC0415  (an extra)

    held, number = [], 0
    for part in parts:
        held.append(part)
        number += len(part)
        if number < rows:
            continue
        whole = pa.concat_tables(held)
        full = number - number % rows
        yield from (whole.slice(start, rows).combine_chunks() for start in range(0, full, rows))
        held, number = [whole.slice(full)], number - full
    if number:
        yield pa.concat_tables(held).combine_chunks()
