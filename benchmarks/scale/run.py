"""Size, measured: ``python benchmarks/scale/run.py`` (needs the ``bench`` extra, DuckDB, polars and 4 GB of disk), hours.

Each job runs in a process of its own, one at a time; rows go to ``rows.csv`` beside this file as they are had, with the load
of the machine before each, and the page and its picture are made from them. ``--most 1000000`` stays small: minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import product
from math import inf
from pathlib import Path
from typing import Annotated, Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "speed")]

import pages  # noqa: E402  (they are scripts beside each other, no package)
import typer  # noqa: E402
from cells import answered, flat, machine, read, run, write  # noqa: E402
from plan import COMPETITORS, Cell  # noqa: E402
from rich.console import Console  # noqa: E402

ROWS, PATIENCE = HERE / "rows.csv", 4 * 3600.0
PURCHASERS = 3_600_000
SCORED = 10**7
"""Customers who are scored."""
SIZES = [10**k for k in range(3, 9)]
MEMORY = 20 * 2**30
"""Bytes that others may take, so that they end by themselves and not with the machine."""
THEIRS = {"lifetimes": ("fit", "value"), "pymc_marketing": ("posterior", "value")}
ROUNDS = 5
"""How often a summary is timed, in turn with the others; the median counts."""
ENGINES = [(engine, by) for engine in ("DuckDB", "polars") for by in ("us", "hand", "hand, no litt")]
screen = Console()


@dataclass(frozen=True)
class Asked:
    """A folder to write to, customers at most, the interpreters of others, and for how many seconds they are waited for."""

    folder: Path
    most: int
    pythons: dict[str, str]
    patience: float


def main(
    python: Annotated[list[str] | None, typer.Option(help="NAME=PATH: the interpreter of a competitor.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="summary, whole, growth, score or others (several times).")] = None,
    most: Annotated[int, typer.Option(help="Customers at most.")] = SIZES[-1],
    patience: Annotated[float, typer.Option(help="Seconds to wait for others.")] = 300.0,
    page: Annotated[bool, typer.Option("--page", help="Rewrite the page; run nothing.")] = False,  # noqa: FBT002
) -> None:
    """Measure, write the rows, and make the page."""
    pythons = dict(told.split("=", 1) for told in python or [])
    with tempfile.TemporaryDirectory() as name:
        asked = Asked(Path(name), most, pythons, patience)
        for part in () if page else only or PARTS:
            PARTS[part](asked)
    pages.rewrite(read(ROWS), HERE)


def keep(row: dict[str, Any]) -> None:
    """Put a row in the place of the one that it repeats, or at the end."""
    row = {key: row[key] for key in row if key != "curve"}
    keys = [key for key in ("task", "engine", "by", "model", "page", "customers", "who", "ordered") if key in row]
    others = [old for old in read(ROWS) if any(old.get(key) != str(row[key]) for key in keys)]
    write(ROWS, flat([*others, row]))
    screen.print(row)


def ours(task: str, *, patience: float = PATIENCE, **asked: Any) -> dict[str, Any]:  # noqa: ANN401
    """Run a job of ours."""
    words = [f"{name}={value}" for name, value in asked.items()]
    return attempted([sys.executable, str(HERE / "jobs.py"), task, *words], patience)


def attempted(command: list[str], patience: float) -> dict[str, Any]:
    """Run a command that prints a row; say how it failed, if it did."""
    before = {"machine": machine(), "load": round(os.getloadavg()[0], 1)}
    try:
        return {**before, **answered(command, patience)}
    except subprocess.TimeoutExpired:
        return {**before, "failed": f"no result after {patience:.0f} s"}
    except subprocess.CalledProcessError as trouble:
        return {**before, "failed": (trouble.stderr.strip().splitlines() or [f"exit code {trouble.returncode}"])[-1]}


def summary(asked: Asked) -> None:
    """Ten million purchases, in an engine, by us and by hand, in turn: the median of each."""
    path, customers = asked.folder / "log.parquet", min(PURCHASERS, asked.most)
    purchases = ours("log", path=path, customers=customers)["purchases"]
    rounds = [[ours("summary", path=path, engine=engine, by=by) for engine, by in ENGINES] for _ in range(ROUNDS)]
    for (engine, by), found in zip(ENGINES, zip(*rounds, strict=True), strict=True):
        told = {"task": "summary", "engine": engine, "by": by, "customers": customers, "purchases": purchases}
        keep({**told, **sorted(found, key=lambda row: row.get("seconds", inf))[ROUNDS // 2]})
    path.unlink()


def whole(asked: Asked) -> None:
    """From a log on disk to the values of all its customers on disk: the command line."""
    path, customers = asked.folder / "log.parquet", min(1_000_000, asked.most)
    purchases = ours("log", path=path, customers=customers)["purchases"]
    for model, page in product(("bgnbd", "pareto"), ("report", "no-report")):
        words = ["value", str(path), "--model", model, "--out", str(asked.folder / "clv.parquet"), f"--{page}"]
        told = {"task": "whole", "model": model, "page": page, "customers": customers, "purchases": purchases}
        keep({**told, **commanded(words)})
    path.unlink()


def commanded(words: list[str]) -> dict[str, Any]:
    """Run the command line, and say what it took."""
    before, begun = {"machine": machine(), "load": round(os.getloadavg()[0], 1)}, time.perf_counter()
    pid = os.posix_spawn(
        sys.executable, [sys.executable, "-c", "from clvmodels.cli import main; main()", *words], os.environ
    )
    _, status, used = os.wait4(pid, 0)
    seconds = time.perf_counter() - begun
    failed = {"failed": f"exit code {os.waitstatus_to_exitcode(status)}"} if status else {}
    return {**before, "seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak_mb": used.ru_maxrss // 1024, **failed}


def growth(asked: Asked) -> None:
    """How time and memory grow with customers."""
    drawn, sizes = asked.folder / "drawn", [size for size in SIZES if size <= asked.most]
    told = {"task": "simulate", "customers": sizes[-1], "who": "clvmodels"}
    keep({**told, **ours("simulate", folder=drawn, customers=sizes[-1])})
    for task in pages.OURS:
        for size in sizes:
            keep({"task": task, "customers": size, "who": "clvmodels", **ours(task, folder=drawn, customers=size)})


def score(asked: Asked) -> None:
    """Scores of ten million as a stream, and the memory that it takes."""
    drawn, size = asked.folder / "drawn", min(SCORED, asked.most)
    if not drawn.exists():
        ours("simulate", folder=drawn, customers=size)
    points = []
    for ordered in ("no", "yes"):
        found = ours("score", folder=drawn, customers=size, ordered=ordered)
        keep({"task": "score", "customers": size, "who": "clvmodels", "ordered": ordered, **found})
        curve = (dict(zip(("customers", "seconds", "mb"), point, strict=True)) for point in found.get("curve", ()))
        points += [{"ordered": ordered, **point} for point in curve]
    write(HERE / "curve.csv", points)


def others(asked: Asked) -> None:
    """The others on the same growth, up to where they fail."""
    for name, tasks in THEIRS.items():
        if COMPETITORS[name].elsewhere and name not in asked.pythons:
            screen.print(f"{name} left out: say --python {name}=PATH")
            continue
        command = ["prlimit", f"--as={MEMORY}", asked.pythons.get(name, sys.executable), str(COMPETITORS[name].file)]
        for task in tasks:
            for size in [size for size in SIZES if size <= asked.most]:
                told = {"task": task, "customers": size, "who": name, "load": round(os.getloadavg()[0], 1)}
                found = run(Cell(task, str(size)), command, asked.patience, asked.folder)
                keep({**told, **{key: found[key] for key in ("machine", "seconds", "peak_mb", "failed") if key in found}})
                if "failed" in found:
                    break


PARTS = {"summary": summary, "whole": whole, "growth": growth, "score": score, "others": others}

if __name__ == "__main__":
    typer.run(main)
