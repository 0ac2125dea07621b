"""Speed and memory, as ratios within one run: ``python benchmarks/speed.py`` (needs the ``bench`` extra); a few minutes.

Each job runs in a process of its own. Results go to ``benchmarks/speed.csv``, with versions and machine in each row, and to
the screen. The rate of pymc-marketing per customer and draw is one measured once (1.3.0, 2 cores), not in this run.
"""

from __future__ import annotations

import csv
import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).parent
MILLION, HUNDRED_THOUSAND = 1_000_000, 100_000
PYMC_MARKETING = 2.97
"""Microseconds per customer and draw of pymc-marketing 1.3.0's customer lifetime value."""


def run(name: str, customers: int) -> dict[str, Any]:
    """Run a job in a process of its own; a job that fails is a row that says how."""
    done = subprocess.run(  # noqa: S603  (our own script)
        [sys.executable, str(HERE / "jobs.py"), name, str(customers)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return {"job": name, "customers": customers, "failed": done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout.strip().splitlines()[-1])


def machine() -> dict[str, str]:
    """What the figures were measured on and with."""
    packages = {name: version(name) for name in ("clvmodels", "lifetimes", "numpy", "numba", "scipy")}
    return {"python": platform.python_version(), "machine": f"{platform.machine()} {platform.system()}", **packages}


def ratios(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The figures that are promised, from the rows."""
    found = {(row["job"], row["customers"]): row for row in rows if "failed" not in row}
    told: list[tuple[str, str]] = []
    ours, theirs = found.get(("clvmodels_fit", MILLION)), found.get(("lifetimes_fit", MILLION))
    if ours and theirs:
        told.append(("BG/NBD fit, 1,000,000 customers, against lifetimes", f"{theirs['seconds'] / ours['seconds']:.0f}x"))
        gate = theirs["seconds"] / (ours["seconds"] + ours["gate"])
        told.append(("the same, finding distinct histories included", f"{gate:.0f}x"))
    if expected := found.get(("expected", HUNDRED_THOUSAND)):
        rate = PYMC_MARKETING / expected["microseconds_per_customer_and_draw"]
        told.append(("expected value, 100,000 customers, rate against pymc-marketing 1.3.0", f"{rate:.0f}x"))
    for job in ("expected", "outcome"):
        small, large = found.get((job, HUNDRED_THOUSAND)), found.get((job, MILLION))
        if small and large:
            told.append(
                (f"{job}: time of 1,000,000 customers over that of 100,000", f"{large['seconds'] / small['seconds']:.1f}x")
            )
            grown = (large["peak_mb"] - found["baseline", MILLION]["peak_mb"]) * 2**20 / MILLION
            told.append((f"{job}: memory a customer beyond the summary's own", f"{grown:.0f} bytes"))
    return told


def show(rows: list[dict[str, Any]]) -> None:
    """Print all rows and ratios."""
    screen, table = Console(), Table("job", "customers", "seconds", "peak MB", "else")
    for row in rows:
        rest = {k: v for k, v in row.items() if k not in {"job", "customers", "seconds", "peak_mb", *machine()}}
        seconds = f"{row['seconds']:.3f}" if "seconds" in row else "-"
        told = ", ".join(f"{k} {v:,.6g}" if isinstance(v, float | int) else f"{k}: {v}" for k, v in rest.items())
        table.add_row(row["job"], f"{row['customers']:,}", seconds, str(row.get("peak_mb", "-")), told)
    screen.print(table)
    for what, figure in ratios(rows):
        screen.print(f"{what}: [bold]{figure}[/bold]")


def main() -> None:
    """Run all jobs, write and show the results."""
    plan = [("clvmodels_fit", MILLION), ("lifetimes_fit", MILLION)]
    plan += [(job, n) for job in ("baseline", "expected", "outcome") for n in (HUNDRED_THOUSAND, MILLION)]
    rows = [{**run(job, n), **machine()} for job, n in plan]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with (HERE / "speed.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    show(rows)


if __name__ == "__main__":
    main()
