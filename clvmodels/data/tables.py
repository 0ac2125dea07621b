"""Tables on disk: logs in, results out; csv or parquet, by the ending of the name."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pandas as pd

from clvmodels.engines.tables import readable
from clvmodels.errors import LogError
from clvmodels.files import aside

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

CSV = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")
PARQUET = (".parquet", ".pq")


def ending_of(path: Path) -> str:
    """Check that a file's kind is known."""
    name = path.name.lower()
    for ending in (*CSV, *PARQUET):
        if name.endswith(ending):
            return ending
    message = f"{path.name} is neither csv nor parquet. Name it with one of {', '.join((*CSV, *PARQUET))}."
    raise LogError(message)


def _need_pyarrow(path: Path) -> None:
    try:
        import pyarrow  # noqa: F401, ICN001, PLC0415  # pyright: ignore[reportUnusedImport]
    except ImportError as missing:
        message = f"{path.name}: parquet needs pyarrow. Install it with pip install 'clvmodels[parquet]', or use csv."
        raise LogError(message) from missing


def check_target(path: Path) -> None:
    """Check, before any work is done, that a table can be written to a path."""
    if ending_of(path) in PARQUET:
        _need_pyarrow(path)
    if not path.absolute().parent.is_dir():
        message = f"There is no folder {path.absolute().parent} to write {path.name} into."
        raise LogError(message)


def read_log(path: Path, columns: Sequence[str], text: Sequence[str]) -> pd.DataFrame:
    """Read some columns of a log, a file or a folder of parquet.

    In csv, ids and names, in the columns ``text``, stay as written, leading zeros and all.
    """
    ending = PARQUET[0] if path.is_dir() else ending_of(path)
    if not path.exists():
        message = f"There is no file {path}."
        raise LogError(message)
    if path.is_dir() and not any(path.rglob("*.parquet")):
        message = f"There is no parquet file in {path}: their names must end with .parquet."
        raise LogError(message)
    with readable(path, LogError):
        if ending in PARQUET:
            _need_pyarrow(path)
            from pyarrow import dataset  # noqa: PLC0415  (an extra)

            _need_columns(path, columns, dataset.dataset(path, format="parquet", partitioning="hive").schema.names)
            return pd.read_parquet(path, columns=list(columns))
        separator = "\t" if ending.startswith(".tsv") else ","
        _need_columns(path, columns, pd.read_csv(path, sep=separator, nrows=0).columns)
        kinds: Any = dict.fromkeys(text, "str")
        return pd.read_csv(path, sep=separator, usecols=list(columns), dtype=kinds, keep_default_na=True)


def _need_columns(path: Path, columns: Sequence[str], header: Iterable[str]) -> None:
    """Check that a log has some columns."""
    known = list(header)
    missing = [column for column in columns if column not in known]
    if missing:
        has = f"{path.name} has no column {', '.join(missing)}; it has: {', '.join(known)}."
        message = f"{has} Say which is which with --customer-id, --date and --value."
        raise LogError(message)


RUN = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet would run."""


def harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Put a ' before text that a spreadsheet would run, in cells and in headings; numbers stay as they are.

    >>> harmless(pd.DataFrame({"id": ["=1+1", "ann"], "clv": [-2.0, 3.0]}))
          id  clv
    0  '=1+1 -2.0
    1    ann  3.0
    """
    texts: dict[Any, Any] = {
        name: column.map(_quoted) for name, column in frame.items() if not pd.api.types.is_numeric_dtype(column)
    }
    return pd.DataFrame({**frame, **texts}).rename(columns=_quoted)


def _quoted(cell: Any) -> Any:  # noqa: ANN401
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(RUN) else cell


def rows_of(path: Path) -> int:
    """Count the rows of a parquet file."""
    from pyarrow import parquet  # noqa: PLC0415  (an extra)

    return parquet.read_metadata(path).num_rows


def write_parts(parts: Sequence[Path], path: Path) -> None:
    """Put parquet files of like tables together to one table, a file at a time."""
    from pyarrow import parquet  # noqa: PLC0415  (an extra)

    ending = ending_of(path)
    with aside(path) as draft:
        if ending in PARQUET:
            schema = parquet.read_schema(parts[0]).remove_metadata()
            with parquet.ParquetWriter(draft, schema) as writer:
                for part in parts:
                    writer.write_table(parquet.read_table(part).replace_schema_metadata())
            return
        with gzip.open(draft, "wt") if ending.endswith(".gz") else draft.open("w", encoding="utf-8") as file:
            for number, part in enumerate(parts):
                separator = "\t" if ending.startswith(".tsv") else ","
                table = harmless(pd.read_parquet(part))
                table.to_csv(file, sep=separator, index=False, float_format="%.6g", header=number == 0)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table aside and rename it, so that a stop in between leaves nothing half-written.

    In csv, text that a spreadsheet would run has a ' before it.
    """
    ending = ending_of(path)
    with aside(path) as draft:
        if ending in PARQUET:
            frame.to_parquet(draft, index=False)
        else:
            separator = "\t" if ending.startswith(".tsv") else ","
            compression = "gzip" if ending.endswith(".gz") else None
            harmless(frame).to_csv(draft, sep=separator, index=False, float_format="%.6g", compression=compression)
