"""Frames at the gate: any eager pandas, polars or pyarrow frame in, numpy columns inside, the caller's library out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.errors import SHOWN, ClvError, naming

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from clvmodels.units import Unit


def eager(frame: Any, error: type[ClvError]) -> nw.DataFrame[Any]:  # noqa: ANN401
    """Take a frame of any library, and check that it has rows."""
    try:
        table = nw.from_native(frame, eager_only=True)
    except TypeError as refused:
        message = (
            f"A {type(frame).__name__} is no table that can be read here. Pass a pandas, polars or pyarrow frame, a table "
            "of DuckDB or Spark, or the path of parquet files."
        )
        raise error(message) from refused
    except nw.exceptions.DuplicateError as refused:
        message = f"Some columns share a name: {' '.join(str(refused).split())}. Rename or drop all but one."
        raise error(message) from refused
    if len(table) == 0:
        message = "The frame has no rows, so there is nobody to describe. Was it filtered too far?"
        raise error(message)
    return table


def need(table: nw.DataFrame[Any] | nw.LazyFrame[Any], columns: Iterable[str], error: type[ClvError]) -> None:
    """Check that a table has some columns."""
    known = table.collect_schema().names()
    missing = [column for column in columns if column not in known]
    if missing:
        message = (
            f"There is no column {naming(missing)} in this frame; its columns are "
            f"({', '.join(map(str, known))}). Say which holds what, as in "
            'customer_id="user"; ids kept in the index must become a column first.'
        )
        raise error(message)


def numbered(ids: nw.Series[Any], error: type[ClvError]) -> NDArray[np.int64]:
    """Give ids numbers from 0 in order of first appearance, and refuse missing ones."""
    try:
        codes, _ = pd.factorize(ids.to_numpy())
    except (TypeError, ValueError) as unhashable:
        message = f"Ids of type {ids.dtype} can't be told apart: {unhashable}. Make the ids of {ids.name!r} text."
        raise error(message) from unhashable
    fault = "customer id is missing|customer ids are missing"
    refuse(codes < 0, fault, "Give these rows the id of a customer, or remove them first.", error)
    return codes.astype(np.int64)


def numbers(column: nw.Series[Any], error: type[ClvError], ids: nw.Series[Any] | None = None) -> NDArray[np.float64]:
    """Take a column as floats, and refuse text, gaps and infinities; offenders are ids, or else row numbers."""
    if not column.dtype.is_numeric():
        raise error(no_numbers(column.name, column.dtype, column.head(1).to_list()[0]))
    missing = column.is_null().to_numpy().astype(bool)
    values = column.cast(nw.Float64).to_numpy().astype(np.float64)
    refuse(
        missing | ~np.isfinite(values),
        gap_of(column.name),
        GAP,
        error,
        ids,
    )
    return values


GAP = "Repair or remove them first: a gap is never taken for 0."


def gap_of(name: str) -> str:
    """Word the fault of a column that has gaps."""
    return f"value of {name!r} is missing or not finite|values of {name!r} are missing or not finite"


def no_numbers(name: str, kind: nw.dtypes.DType, such: object) -> str:
    """Say that a column holds something else."""
    return (
        f"Column {name!r} holds no numbers but {kind}, such as {such!r}. "
        "Convert it to numbers first, and look at what doesn't convert."
    )


def refuse(
    wrong: NDArray[np.bool_],
    fault: str,
    advice: str,
    error: type[ClvError],
    ids: nw.Series[Any] | None = None,
) -> None:
    """Raise if anything is wrong; ``fault`` is its wording for one and for several, parted by a bar."""
    number = int(np.count_nonzero(wrong))
    if number == 0:
        return
    places = np.flatnonzero(wrong)[: SHOWN + 1]
    named = naming(places) if ids is None else naming(ids[places].to_list())
    singular, _, plural = fault.partition("|")
    where = "" if ids is not None else "in row " if number == 1 else "in rows "
    message = f"{number:,} {singular if number == 1 else plural} {where}{named}. {advice}"
    raise error(message)


def native(ids: nw.Series[Any], columns: Mapping[str, NDArray[Any]]) -> Any:  # noqa: ANN401
    """Put columns beside the customers' ids, in the library that the ids come from."""
    beside = [nw.new_series(name, values, backend=ids.implementation) for name, values in columns.items()]
    return ids.alias("customer_id").to_frame().with_columns(*beside).to_native()


def span(values: NDArray[np.float64], unit: Unit) -> str:
    """Write the range of some times with their unit: ``27.00 to 38.86 weeks``.

    >>> span(np.array([27.0, 38.857]), "week")
    '27.00 to 38.86 weeks'
    """
    return f"{values.min():.2f} to {values.max():.2f} {unit}s"
