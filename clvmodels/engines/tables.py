"""Engines: polars, DuckDB and Spark, in which tables stay that are too big, or too far, to be taken into Python.

What they are asked is written once (narwhals). What narwhals doesn't say for all of them stands here: opening a path,
putting a small table beside a big one, the clock on the wall of a time zone, and bringing a result home.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals as nw

from clvmodels.errors import ClvError, counted, naming
from clvmodels.frames import eager

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from numpy.typing import NDArray

    Table = nw.DataFrame[Any] | nw.LazyFrame[Any]

ENGINES = (nw.Implementation.POLARS, nw.Implementation.DUCKDB, nw.Implementation.PYSPARK)
PARQUET = (".parquet", ".pq")
DATABASE = (".duckdb", ".ddb", ".db")


def opened(table: Any, error: type[ClvError]) -> Table:  # noqa: ANN401
    """Take a frame of any library, a table of an engine, or a path, and check that it has rows if it is at hand.

    >>> import pandas as pd
    >>> len(opened(pd.DataFrame({"customer_id": ["ann"]}), ClvError))
    1
    """
    native = table
    if isinstance(table, str | Path):
        with readable(Path(table), error):
            native = _at(Path(table), error)
    try:
        found = nw.from_native(native, pass_through=True)
    except nw.exceptions.DuplicateError:
        return eager(native, error)
    if not isinstance(found, nw.LazyFrame):
        return eager(native, error)
    if found.implementation not in ENGINES:
        message = (
            f"A lazy table of {found.implementation.name.lower()} can't be read here. Pass one of polars, DuckDB or Spark, "
            "the path of parquet files, or collect it first."
        )
        raise error(message)
    return found


@contextmanager
def readable(path: Path, error: type[ClvError]) -> Generator[None]:
    """Say in a sentence what a library finds wrong with a file.

    >>> with readable(Path("log.csv"), ClvError):
    ...     raise OSError("disk on fire")
    Traceback (most recent call last):
    clvmodels.errors.ClvError: log.csv can't be read as a table: disk on fire
    """
    try:
        yield
    except ClvError:
        raise
    except Exception as trouble:
        engine = sys.modules.get("duckdb")
        if not isinstance(trouble, (ValueError, OSError, *((engine.Error,) if engine else ()))):
            raise
        message = f"{path.name} can't be read as a table: {trouble}"
        raise error(message) from trouble


def gathered(table: nw.LazyFrame[Any]) -> nw.DataFrame[Any]:
    """Bring a result home: polars' to polars, others' to pandas."""
    if table.implementation is nw.Implementation.POLARS:
        return table.collect("polars", engine="streaming")
    if table.implementation is nw.Implementation.DUCKDB:
        return table.collect("pandas")
    return nw.from_native(table.collect("pyarrow").to_native().to_pandas(), eager_only=True)


def beside(table: nw.LazyFrame[Any], columns: Mapping[str, NDArray[Any]]) -> nw.LazyFrame[Any]:
    """Put a small table where a big one is, so that they can be joined."""
    if table.implementation is nw.Implementation.POLARS:
        return nw.from_dict(columns, backend="polars").lazy()
    import pandas as pd  # noqa: PLC0415  (polars alone does without)

    clvmodels_beside = pd.DataFrame(dict(columns))  # DuckDB finds it by this name, after all tables that users have named
    if table.implementation is nw.Implementation.DUCKDB:
        return nw.from_native(table.to_native().query("clvmodels_there", "SELECT * FROM clvmodels_beside"))
    return nw.from_native(table.to_native().sparkSession.createDataFrame(clvmodels_beside))


def wall_clock(table: nw.LazyFrame[Any], column: str, timezone: str) -> nw.LazyFrame[Any]:
    """Take moments that carry a time zone to the wall clock of another."""
    native: Any = table.to_native()
    if table.implementation is nw.Implementation.POLARS:
        there = nw.col(column).dt.convert_time_zone(timezone).dt.replace_time_zone(None)
        return table.with_columns(there.alias(column))
    quoted = column.replace('"', '""')
    if table.implementation is nw.Implementation.DUCKDB:
        zone = timezone.replace("'", "''")
        return nw.from_native(native.project(f"""* REPLACE (timezone('{zone}', "{quoted}") AS "{quoted}")"""))
    from pyspark.sql import functions as spark  # noqa: PLC0415  (only those who have Spark have it)

    start, second = spark.lit("1970-01-01").cast("timestamp_ntz"), spark.expr("INTERVAL '1' SECOND")
    there = spark.unix_micros(spark.from_utc_timestamp(spark.col(column), timezone))
    return nw.from_native(native.withColumn(column, start + second * spark.floor(there / 1_000_000)))


def mapped(frame: Any, function: Callable[[Any], Any], columns: Sequence[str]) -> Any:  # noqa: ANN401
    """Take a frame of Spark through a function of record batches that gives customer_id and columns of numbers.

    Spark's workers run the first python of the path unless told otherwise: they are told to run this one.
    """
    context = frame.sparkSession.sparkContext
    if "PYSPARK_PYTHON" not in os.environ and not context.getConf().get("spark.pyspark.python"):
        context.pythonExec = sys.executable
    kind = frame.schema["customer_id"].dataType.simpleString()
    return frame.mapInArrow(function, ", ".join([f"customer_id {kind}", *(f"{name} double" for name in columns)]))


def _at(path: Path, error: type[ClvError]) -> Any:  # noqa: ANN401
    """Open what lies at a path: parquet files, a folder of such, or a database with one table."""
    ending = path.suffix.lower()
    if ending in DATABASE:
        return _only_table(path, error)
    folder = path.is_dir()
    if not folder and ending not in PARQUET:
        message = f"{path.name} is no parquet. Name a parquet file, a folder of them or a file of DuckDB, or pass a frame."
        raise error(message)
    if not path.exists() and not any(path.parent.glob(path.name)):
        message = f"There is no file {path}."
        raise error(message)
    files = str(path / "**" / "*.parquet") if folder else str(path)
    if folder and not any(path.glob("**/*.parquet")):
        message = f"There is no parquet file in {path}: their names must end with .parquet."
        raise error(message)
    if find_spec("duckdb"):
        import duckdb  # noqa: PLC0415  (an extra)

        return duckdb.connect().read_parquet(files, hive_partitioning=folder)
    if find_spec("polars"):
        import polars as pl  # noqa: PLC0415  (an extra)

        return pl.scan_parquet(files)
    if not folder and find_spec("pyarrow"):
        from pyarrow import parquet  # noqa: PLC0415  (an extra)

        return parquet.read_table(path)
    message = f"{path.name}: parquet needs an engine. Install one with pip install 'clvmodels[duckdb]', or polars."
    raise error(message)


def _only_table(path: Path, error: type[ClvError]) -> Any:  # noqa: ANN401
    """Open the table of a DuckDB file that has one."""
    if not path.is_file():
        message = f"There is no file {path}."
        raise error(message)
    if not find_spec("duckdb"):
        message = f"{path.name} is DuckDB's. Install it with pip install 'clvmodels[duckdb]'."
        raise error(message)
    import duckdb  # noqa: PLC0415  (an extra)

    connection = duckdb.connect(str(path), read_only=True)
    names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()]
    if len(names) != 1:
        message = (
            f"{path.name} holds {counted(len(names), 'table')} {naming(names)}. Say which one, as in "
            f'duckdb.connect("{path.name}").table("purchases").'
        )
        raise error(message)
    return connection.table(names[0])
