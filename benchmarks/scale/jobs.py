"""Our jobs of size: ``python jobs.py JOB NAME=VALUE...`` prints one line of JSON; each runs in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1] / "speed"))

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
from histories import PURCHASES, SPEND
from protocol import peak_megabytes, timed
from pyarrow import dataset, parquet

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BLOCK = 1_000_000
GRAIN = 1 / 21
WATCHED = (27 * 7, 39 * 7 + 1)
TERMS: dict[str, Any] = {"horizon": 52, "discount": clv.yearly(0.10), "seed": 1}
TRUTH, SPENDING = PURCHASES["BG/NBD"], clv.GammaGamma().at(**SPEND)

BY_HAND = {
    "DuckDB": """
        CREATE TABLE o AS WITH b AS (
            SELECT customer_id, date::DATE AS d, sum(value) AS v FROM read_parquet('{log}') GROUP BY ALL
        ), g AS (SELECT *, d - lag(d) OVER (PARTITION BY customer_id ORDER BY d) AS gap FROM b)
        SELECT customer_id, count(*) - 1 AS frequency, (max(d) - min(d)) / 7.0 AS recency,
            (DATE '1998-07-02' - min(d)) / 7.0 AS T,
            sum(CASE WHEN gap IS NULL THEN 0 ELSE v END) / greatest(count(*) - 1, 1) AS monetary_value,
            sum(CASE WHEN gap IS NULL THEN v ELSE 0 END) AS first_value, coalesce(sum(ln(gap / 7.0)), 0) AS litt
        FROM g GROUP BY customer_id""",
    "DuckDB, no litt": """
        CREATE TABLE o AS WITH b AS (
            SELECT customer_id, date::DATE AS d, sum(value) AS v FROM read_parquet('{log}') GROUP BY ALL
        )
        SELECT customer_id, count(*) - 1 AS frequency, (max(d) - min(d)) / 7.0 AS recency,
            (DATE '1998-07-02' - min(d)) / 7.0 AS T,
            (sum(v) - arg_min(v, d)) / greatest(count(*) - 1, 1) AS monetary_value, arg_min(v, d) AS first_value
        FROM b GROUP BY customer_id""",
}


def log(path: str, customers: str) -> dict[str, Any]:
    """Write a log of purchases in no order: given the last of x repeat purchases, those before it are spread evenly."""
    n, rng = int(customers), np.random.default_rng(1)
    days = rng.integers(66 * 7, 78 * 7 + 1, size=n)
    seen = TRUTH.simulate(n, days / 7.0, 1)
    who = np.repeat(np.arange(n), seen.frequency.astype(int))
    last = np.append(np.diff(who) > 0, True)[: len(who)]
    since = np.where(last, seen.recency[who], rng.uniform(size=len(who)) * seen.recency[who])
    first = 78 * 7 - days
    when = np.floor(np.concatenate((first, first[who] + 7 * since))).astype("m8[D]")
    values, order = rng.gamma(6.25, 6.0, size=n + len(who)).round(2) + 0.01, rng.permutation(n + len(who))
    dates = (np.datetime64("1997-01-01") + when).astype("M8[us]")[order]
    told = {"customer_id": np.concatenate((np.arange(n), who))[order], "date": dates, "value": values}
    parquet.write_table(pa.table(told), path)
    return {"purchases": len(order)}


def summary(path: str, engine: str, by: str) -> dict[str, Any]:
    """Summarise a log in an engine, by us or by hand; the result stays in the engine."""
    clv.lazy_summary(pl.LazyFrame({"customer_id": [1], "date": ["2020-01-01"], "value": [1.0]})).frame().collect()
    if engine == "DuckDB":
        connection = duckdb.connect()
        if by == "us":
            return {"seconds": timed(lambda: clv.lazy_summary(connection.read_parquet(path)).frame().create("o"))}
        name = "DuckDB" if by == "hand" else "DuckDB, no litt"
        return {"seconds": timed(lambda: connection.execute(BY_HAND[name].format(log=path)))}
    scan = pl.scan_parquet(path)
    if by == "us":
        return {"seconds": timed(lambda: clv.lazy_summary(scan).frame().collect(engine="streaming"))}
    return {"seconds": timed(lambda: _by_polars(scan, litt=by == "hand").collect(engine="streaming"))}


def _by_polars(scan: pl.LazyFrame, *, litt: bool) -> pl.LazyFrame:
    day, value = pl.col("date"), pl.col("value")
    table = scan.group_by("customer_id", day.dt.date()).agg(value.sum())
    told = [pl.len().alias("n"), day.min().alias("first"), day.max().alias("last"), value.sum()]
    if not litt:
        return table.group_by("customer_id").agg(*told, value.filter(day == day.min()).sum().alias("first_value"))
    gap = (day - day.shift(1).over("customer_id", order_by="date")).dt.total_days() / 7.0
    told += [value.filter(pl.col("gap").is_null()).sum().alias("first_value"), pl.col("gap").log().sum().alias("litt")]
    return table.with_columns(gap=gap).group_by("customer_id").agg(*told)


def simulate(folder: str, customers: str) -> dict[str, Any]:
    """Draw customers straight into a partitioned summary, a block at a time: watched for whole days, buying at any time."""
    n, target = int(customers), Path(folder)
    begun, rng = time.perf_counter(), np.random.default_rng(1)
    for block, start in enumerate(range(0, n, BLOCK)):
        size, place = min(BLOCK, n - start), target / f"block={block:03}"
        place.mkdir(parents=True, exist_ok=True)
        drawn = TRUTH.simulate(size, rng.integers(*WATCHED, size=size) / 7.0, block, spend=SPENDING)
        told = {name: getattr(drawn, name) for name in ("frequency", "recency", "T", "monetary_value", "first_value")}
        parquet.write_table(pa.table({"customer_id": np.arange(start, start + size), **told}), place / "part.parquet")
    size = sum(path.stat().st_size for path in target.rglob("*.parquet"))
    return {"seconds": time.perf_counter() - begun, "disk_gb": size / 2**30}


def _files(folder: str, customers: int) -> list[str]:
    """As many files as that many customers are in."""
    return [str(path) for path in sorted(Path(folder).rglob("*.parquet"))][: -(-customers // BLOCK)]


def _lazy(folder: str, customers: int) -> clv.LazyCustomers:
    """The first customers, in DuckDB, which has 2 GB and a disk; rounded to a third of a day for those who ask for it."""
    engine = duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(Path(folder).parent / "sorted")})
    table = engine.read_parquet(_files(folder, customers)).limit(customers)
    return clv.LazyCustomers.from_frame(table, unit="week").rounded(time=GRAIN)


def _learned(folder: str, customers: str, method: Any) -> dict[str, Any]:  # noqa: ANN401
    clv.fit(clv.BGNBD(), TRUTH.simulate(2000, 39.0, 1), method, seed=1)
    begun = time.perf_counter()
    everybody = _lazy(folder, int(customers))
    kinds = everybody.kinds(clv.BGNBD().history)
    home = time.perf_counter() - begun
    fit = clv.fit(clv.BGNBD(), kinds, method, seed=1)
    told: dict[str, Any] = {"seconds": time.perf_counter() - begun, "gathering": home, "distinct": len(kinds.weights)}
    table = fit.parameters(0.99)
    for name, true in zip(table.index, TRUTH.mode, strict=True):
        told |= {name: table["mean"][name], f"{name}_off": (table["mean"][name] - true) / table["sd"][name]}
    return {**told, "said": " ".join(fit.record.warnings)}


def fit(folder: str, customers: str) -> dict[str, Any]:
    """Fit BG/NBD by maximum likelihood to customers in DuckDB; how far off it is, in standard errors."""
    return _learned(folder, customers, clv.MLE())


def posterior(folder: str, customers: str) -> dict[str, Any]:
    """Draw the posterior of BG/NBD of customers in DuckDB; how far the truth is from it, in standard deviations."""
    return _learned(folder, customers, clv.Laplace(draws=1000))


def _scorer() -> clv.Scorer:
    """What was learned from a few, whose scores take no less time."""
    few = TRUTH.simulate(50_000, 39.0, 1, spend=SPENDING)
    method = clv.Laplace(draws=1000)
    fits = clv.fit(clv.BGNBD(), few, method, seed=1), clv.fit(clv.GammaGamma(), few.all_buyers(), method, seed=1)
    return clv.scorer(*fits, **TERMS)


def _asked(folder: str, customers: str, ask: Callable[[clv.Valuation], object]) -> dict[str, Any]:
    """What is asked of each customer, a block at a time, those alike together: as scores are made."""
    scorer = _scorer()
    ask(scorer.value(TRUTH.simulate(1000, 39.0, 1, spend=SPENDING)))
    begun = time.perf_counter()
    for batch in _lazy(folder, int(customers)).ordered().frame().to_arrow_reader(BLOCK):
        some = clv.Customers.from_frame(pa.Table.from_batches([batch]), unit="week")
        ask(replace(scorer.value(some), apart=True))
    return {"seconds": time.perf_counter() - begun}


def expected_value(folder: str, customers: str) -> dict[str, Any]:
    """The expected value of customers with its interval."""
    return _asked(folder, customers, lambda worth: worth.expected.interval())


def outcome_value(folder: str, customers: str) -> dict[str, Any]:
    """The outcome of customers with its interval."""
    return _asked(folder, customers, lambda worth: worth.outcome.interval())


def _of_kinds(folder: str, customers: str, ask: Callable[[clv.Fit, clv.LazyCustomers], clv.Estimate]) -> dict[str, Any]:
    """What customers in DuckDB are asked, with its interval: of each history, and then beside each customer, on disk."""
    fit = clv.fit(clv.BGNBD(), TRUTH.simulate(50_000, 39.0, 1), clv.Laplace(draws=1000), seed=1)
    ask(fit, _lazy(folder, 1000)).interval()
    begun, everybody, target = time.perf_counter(), _lazy(folder, int(customers)), Path(folder).parent / "answers.parquet"
    told = ask(fit, everybody).frame()
    took = time.perf_counter() - begun
    everybody.joined(told.drop(columns="customers")).write_parquet(str(target))
    target.unlink()
    return {"seconds": took, "joined": time.perf_counter() - begun - took, "distinct": len(told)}


def expected(folder: str, customers: str) -> dict[str, Any]:
    """The expected purchases of customers in DuckDB within a year."""
    return _of_kinds(folder, customers, lambda fit, everybody: fit.expected_purchases(52, everybody))


def outcome(folder: str, customers: str) -> dict[str, Any]:
    """The purchases that customers in DuckDB will make within a year."""
    return _of_kinds(folder, customers, lambda fit, everybody: fit.predict_purchases(52, everybody, seed=1))


def score(folder: str, customers: str, ordered: str) -> dict[str, Any]:
    """Score customers as a stream, as they come or those alike together; the memory of the process after each batch."""
    scorer, n, curve = _scorer(), int(customers), []
    list(scorer.score(TRUTH.simulate(1000, 39.0, 1, spend=SPENDING)))
    begun, rows, memory = time.perf_counter(), 0, _Memory()
    plain = dataset.dataset(_files(folder, n)).to_batches(batch_readahead=2, fragment_readahead=1)
    with memory:
        for batch in scorer.score(_lazy(folder, n).ordered() if ordered == "yes" else _first(plain, n)):
            rows += batch.num_rows
            curve.append((rows, round(time.perf_counter() - begun, 2), memory.highest()))
    return {"seconds": time.perf_counter() - begun, "rate": rows / (time.perf_counter() - begun), "curve": curve}


def _first(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield batch.slice(0, rows)
        rows -= batch.num_rows
        if rows <= 0:
            return


class _Memory:
    """The most memory that this process has had since it was last asked."""

    def __init__(self) -> None:
        self._most, self._over = 0.0, Event()
        self._watch = Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._watch.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.05):
            self._most = max(self._most, _megabytes())

    def highest(self) -> float:
        most, self._most = max(self._most, _megabytes()), 0.0
        return round(most)


def _megabytes() -> float:
    """The memory that this process has."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * 4096 / 2**20


MEASURED = (log, summary, simulate, fit, posterior, expected, outcome, expected_value, outcome_value, score)
JOBS = {job.__name__: job for job in MEASURED}

if __name__ == "__main__":
    known = dict(word.split("=", 1) for word in sys.argv[2:])
    found = JOBS[sys.argv[1]](**known)
    print(json.dumps({"peak_mb": round(peak_megabytes()), **found}))
