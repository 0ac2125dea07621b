"""Speed and memory, as ratios within one run: ``python benchmarks/speed.py`` (needs the ``bench`` extra).

About twenty minutes, most of them lifetimes'.

Each job runs in a process of its own. Results go to ``benchmarks/speed.csv``, with versions and machine in each row, and to
the screen. The rate of pymc-marketing per customer and draw is one measured once (1.3.0, 2 cores), not in this run.
"""

from __future__ import annotations

import csv
import json
import platform
import subprocess
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track
from rich.table import Table

HERE = Path(__file__).parent
MILLION, HUNDRED_THOUSAND = 1_000_000, 100_000
PYMC_MARKETING = 2.97
"""Microseconds per customer and draw of pymc-marketing 1.3.0's customer lifetime value."""


@dataclass(frozen=True)
class Job:
    """What is timed, for how many customers, of which model (and dated how)."""

    name: str
    customers: int
    model: str = "BG/NBD"
    dated: str = ""

    def run(self) -> dict[str, Any]:
        """Run it in a process of its own; a job that fails is a row that says how."""
        command = [str(HERE / "jobs.py"), self.name, str(self.customers), self.model, *filter(None, [self.dated])]
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)  # noqa: S603
        told = {"job": self.name, "customers": self.customers, "model": self.model, "dated": self.dated}
        if done.returncode:
            return {**told, "failed": done.stderr.strip().splitlines()[-1]}
        return {**told, **json.loads(done.stdout.strip().splitlines()[-1])}


FITS = [("BG/NBD", ""), ("Pareto/NBD", "by week"), ("Pareto/NBD", "two years by day")]
FAMILY = ("MBG/NBD", "BG/CNBD-2", "MBG/CNBD-2", "NBD", "Pareto/NBD", "GG/NBD")
PLAN = [
    *(Job(name, MILLION, *kind) for kind in FITS for name in ("clvmodels_fit", "lifetimes_fit")),
    *(Job("evaluation", HUNDRED_THOUSAND, model) for model in ("BG/NBD", *FAMILY)),
    *(Job(name, n) for name in ("baseline", "expected", "outcome") for n in (HUNDRED_THOUSAND, MILLION)),
    *(Job(name, HUNDRED_THOUSAND, model) for model in FAMILY for name in ("expected", "outcome")),
]


def machine() -> dict[str, str]:
    """What the figures were measured on and with."""
    packages = {name: version(name) for name in ("clvmodels", "lifetimes", "numpy", "numba", "scipy")}
    return {"python": platform.python_version(), "machine": f"{platform.machine()} {platform.system()}", **packages}


def ratios(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The figures that are promised, from the rows."""
    found = {(row["job"], row["customers"], row["model"], row["dated"]): row for row in rows if "failed" not in row}
    told: list[tuple[str, str]] = []
    for kind in FITS:
        ours, theirs = found.get(("clvmodels_fit", MILLION, *kind)), found.get(("lifetimes_fit", MILLION, *kind))
        if ours and theirs:
            what = f"{' '.join(filter(None, kind))} fit, 1,000,000 customers, against lifetimes"
            told.append((what, f"{theirs['seconds'] / ours['seconds']:.0f}x"))
            gate = theirs["seconds"] / (ours["seconds"] + ours["gate"])
            told.append(("the same, finding distinct histories included", f"{gate:.0f}x"))
    if expected := found.get(("expected", HUNDRED_THOUSAND, "BG/NBD", "")):
        rate = PYMC_MARKETING / expected["microseconds_per_customer_and_draw"]
        told.append(("expected value, 100,000 customers, rate against pymc-marketing 1.3.0", f"{rate:.0f}x"))
    for job in ("expected", "outcome"):
        small, large = (found.get((job, n, "BG/NBD", "")) for n in (HUNDRED_THOUSAND, MILLION))
        if small and large:
            told.append(
                (f"{job}: time of 1,000,000 customers over that of 100,000", f"{large['seconds'] / small['seconds']:.1f}x")
            )
            grown = (large["peak_mb"] - found["baseline", MILLION, "BG/NBD", ""]["peak_mb"]) * 2**20 / MILLION
            told.append((f"{job}: memory a customer beyond the summary's own", f"{grown:.0f} bytes"))
    return told


def show(rows: list[dict[str, Any]]) -> None:
    """Print all rows and ratios."""
    screen, table = Console(), Table("job", "model", "customers", "seconds", "peak MB", "else")
    for row in rows:
        rest = {
            k: v for k, v in row.items() if v and k not in {"job", "model", "customers", "seconds", "peak_mb", *machine()}
        }
        seconds = f"{row['seconds']:.3f}" if "seconds" in row else "-"
        told = ", ".join(f"{k} {v:,.6g}" if isinstance(v, float | int) else f"{k}: {v}" for k, v in rest.items())
        table.add_row(row["job"], row["model"], f"{row['customers']:,}", seconds, str(row.get("peak_mb", "-")), told)
    screen.print(table)
    for what, figure in ratios(rows):
        screen.print(f"{what}: [bold]{figure}[/bold]")


def main() -> None:
    """Run all jobs, write and show the results."""
    rows = [{**job.run(), **machine()} for job in track(PLAN, "Timing")]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    with (HERE / "speed.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    show(rows)


if __name__ == "__main__":
    main()
