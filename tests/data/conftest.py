"""The frame libraries and engines that the data layer is tested on."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path


SPARK = pytest.mark.xdist_group("spark")
AT_HAND = ("pandas", "polars", "pyarrow")
LAZY = ("polars lazy", "DuckDB", "DuckDB query", "DuckDB file", "parquet", "parquet folder")


@dataclass(frozen=True)
class Engine:
    """A place for tables, and how one gets there."""

    name: str
    put: Callable[[pd.DataFrame], Any]

    @property
    def lazy(self) -> bool:
        return self.name not in AT_HAND


@pytest.fixture(scope="session")
def session() -> Generator[Any]:
    """A Spark of two threads, once for all."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession  # noqa: PLC0415  (seconds)

    quiet = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2", "spark.sql.session.timeZone": "Asia/Tokyo"}
    builder = SparkSession.builder.master("local[2]")  # pyright: ignore[reportAttributeAccessIssue]
    for name, value in quiet.items():
        builder = builder.config(name, value)
    found = builder.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    yield found
    found.stop()


def _spark(session: Any, frame: pd.DataFrame) -> Any:
    """Times without a zone stay so: Spark would else take them for moments of its own zone."""
    plain = [name for name in frame if frame[name].dtype.kind == "M" and getattr(frame[name].dtype, "tz", None) is None]
    table = session.createDataFrame(frame)
    for name in plain:
        table = table.withColumn(name, table[name].cast("timestamp_ntz"))
    return table


def _folder(frame: pd.DataFrame, path: Path) -> Path:
    """Parquet files of a folder, cut anywhere."""
    (path / "deep").mkdir(parents=True)
    cut = len(frame) // 3
    frame.iloc[:cut].to_parquet(path / "a.parquet")
    frame.iloc[cut:].to_parquet(path / "deep" / "b.parquet")
    return path


def _file(frame: pd.DataFrame, path: Path) -> Path:
    """A file of DuckDB with one table."""
    with duckdb.connect(str(path)) as connection:
        connection.register("frame", frame)
        connection.execute("CREATE TABLE purchases AS SELECT * FROM frame")
    return path


@pytest.fixture(params=[*AT_HAND, *LAZY, pytest.param("Spark", marks=SPARK)])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Every engine."""
    return make(request, tmp_path, request.param)


@pytest.fixture(params=["polars lazy", "DuckDB", pytest.param("Spark", marks=SPARK)])
def lazy(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Every engine that has its own way to do things."""
    return make(request, tmp_path, request.param)


def make(request: pytest.FixtureRequest, folder: Path, name: str) -> Engine:
    """Find the way to put tables into an engine."""
    connection = duckdb.connect()
    ways: dict[str, Callable[[pd.DataFrame], Any]] = {
        "pandas": lambda frame: frame,
        "polars": pl.from_pandas,
        "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
        "polars lazy": lambda frame: pl.from_pandas(frame).lazy(),
        "DuckDB": connection.from_df,
        "DuckDB query": lambda frame: connection.from_df(frame).query("x", "SELECT *, 1 AS other FROM x"),
        "DuckDB file": lambda frame: _file(frame, folder / "shop.duckdb"),
        "parquet": lambda frame: frame.to_parquet(folder / "log.parquet") or str(folder / "log.parquet"),
        "parquet folder": lambda frame: _folder(frame, folder / "log"),
        "Spark": lambda frame: _spark(request.getfixturevalue("session"), frame),
    }
    return Engine(name, ways[name])


@pytest.fixture(params=[pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def frame(request: pytest.FixtureRequest) -> Callable[[Mapping[str, Sequence[Any]]], Any]:
    """Make a frame of columns, in each library."""
    return request.param
