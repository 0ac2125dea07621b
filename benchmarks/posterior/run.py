"""Posteriors, ours and pymc-marketing's, in one run: ``python benchmarks/posterior/run.py [PYTHON]``.

PYTHON is an interpreter that has pymc-marketing (in an environment of its own, for it pins what it needs); without it only
ours are run. Wall time of the fit, compilation included, imports not; effective draws of the parameter that has the fewest.
Each posterior has a process of its own, and an hour; results go to ``clvmodels.csv`` and ``pymc_marketing.csv`` beside this.
"""

from __future__ import annotations

import csv
import json
import platform
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

import clvmodels as clv

HERE = Path(__file__).parent
PATIENCE = 3600.0
COLUMNS = ("customer_id", "frequency", "recency", "T")
TRUTH = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
SIZES, TOLD, METHODS = ("CDNOW", "10000", "100000"), ("BG/NBD", "Pareto/NBD"), ("NUTS", "Laplace")
OURS = [case for case in product(METHODS, TOLD, SIZES) if case != ("NUTS", "Pareto/NBD", "100000")]
FIGURES = ("seconds", "effective", "effective_a_second", "r_hat")
THEIRS = [
    ("NUTS", "BG/NBD", "CDNOW"),
    ("NUTS by nutpie", "BG/NBD", "CDNOW"),
    ("NUTS", "BG/NBD", "10000"),
    ("NUTS", "Pareto/NBD", "CDNOW"),
    ("NUTS", "BG/NBD", "100000"),
]


def tables(folder: Path) -> dict[str, Path]:
    """Write the tables of customers that all are given."""
    base = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    seen = {"CDNOW": base, **{str(n): TRUTH.simulate(n, 39.0, seed=n) for n in (10_000, 100_000)}}
    paths = {name: folder / f"{name}.csv" for name in seen}
    for name, customers in seen.items():
        told = customers.frame()[list(COLUMNS)]
        by_day = np.minimum(np.ceil(told["recency"] * 7.0 - 1e-6) / 7.0, told["T"])
        told.assign(recency=by_day).to_csv(paths[name], index=False)
    return paths


def timed(python: str, script: str, case: tuple[str, str, str], paths: dict[str, Path]) -> dict[str, Any]:
    """Run one case; one that fails is a row that says how."""
    method, model, size = case
    told = {"method": method, "model": model, "customers": size, "machine": f"{platform.machine()} {platform.system()}"}
    command = [python, str(HERE / script), method, model, str(paths[size])]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)  # noqa: S603
    except subprocess.TimeoutExpired:
        return {**told, "failed": f"no result after {PATIENCE:.0f} s"}
    except subprocess.CalledProcessError as trouble:
        return {**told, "failed": trouble.stderr.strip().splitlines()[-1]}
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return {**told, **found, "effective_a_second": found["effective"] / found["seconds"]}


def write(name: str, rows: list[dict[str, Any]]) -> None:
    """Write the rows of a competitor."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with (HERE / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Run all, write and show the results."""
    table = Table("", "method", "model", "customers", "seconds", "effective draws", "a second", "r_hat")
    sides = [("clvmodels", sys.executable, "ours.py", OURS)]
    if sys.argv[1:]:
        sides.append(("pymc_marketing", sys.argv[1], "marketing.py", THEIRS))
    with tempfile.TemporaryDirectory() as folder:
        paths = tables(Path(folder))
        for name, python, script, cases in sides:
            rows: list[dict[str, Any]] = []
            for case in track(cases, name):
                rows.append(timed(python, script, case, paths))
                write(f"{name}.csv", rows)
            for row in rows:
                *figures, last = (f"{row[k]:,.4g}" if k in row else "-" for k in FIGURES)
                table.add_row(name, row["method"], row["model"], row["customers"], *figures, row.get("failed", last))
    Console().print(table)


if __name__ == "__main__":
    main()
