"""Speed and memory, ours and others': ``python benchmarks/speed/run.py`` (needs the ``bench`` extra), about 15 minutes.

Each cell runs in a process of its own, one at a time. Results go to a file a competitor beside this one, with versions and
machine in each row; to the screen; and to the table of the README.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import readme
import typer
from cells import flat, read, run, write
from plan import COMPETITORS, HERE
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cells import Row
    from plan import Competitor

screen = Console()
SHOWN = ("task", "method", "model", "customers", "dated", "seconds", "peak_mb")
FIGURES = (
    *("gate", "distinct", "evaluations", "log_likelihood", "nanoseconds_a_history", "transcendental"),
    *("microseconds_per_customer_and_draw", "effective", "effective_a_second", "r_hat", "purchases", "failed"),
)


def main(
    python: Annotated[list[str] | None, typer.Option(help="NAME=PATH: the interpreter of a competitor.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="This competitor only (may be said several times).")] = None,
    patience: Annotated[float, typer.Option(help="Seconds to wait for a cell at least.")] = 0.0,
    readme_only: Annotated[bool, typer.Option("--readme", help="Rewrite the README's table; run nothing.")] = False,  # noqa: FBT002
) -> None:
    """Time everybody, write and show the results, and rewrite the README's table."""
    pythons = dict(told.split("=", 1) for told in python or [])
    asked = {name: COMPETITORS[name] for name in only or COMPETITORS} if not readme_only else {}
    able = {name: who for name, who in asked.items() if name in pythons or name in (only or ()) or not who.elsewhere}
    for name in asked.keys() - able.keys():
        screen.print(f"{name} left out, its figures stay: say --python {name}=PATH")
    race(able, pythons, patience, HERE)
    readme.rewrite()


def race(competitors: Mapping[str, Competitor], pythons: Mapping[str, str], patience: float, folder: Path) -> None:
    """Run all cells of all competitors; write and show their rows."""
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=screen)
    with bar, tempfile.TemporaryDirectory() as tables:
        for name, competitor in competitors.items():
            command = [pythons.get(name, sys.executable), str(competitor.file)]
            job, rows = bar.add_task(name, total=len(competitor.cells)), []
            for cell in competitor.cells:
                bar.update(job, description=f"{name}: {' '.join(filter(None, cell.told().values()))}")
                rows.append(run(cell, command, max(patience, competitor.patience, cell.patience), Path(tables)))
                bar.advance(job)
            write(folder / f"{name}.csv", flat(rows))
            show(name, read(folder / f"{name}.csv"))


def show(name: str, rows: list[Row]) -> None:
    """Print rows."""
    table = Table(*SHOWN, "else", title=name)
    for row in rows:
        rest = ", ".join(f"{key} {_short(row[key])}" for key in FIGURES if key in row)
        table.add_row(*(_short(row.get(key, "-")) for key in SHOWN), rest)
    screen.print(table)


def _short(text: str) -> str:
    """A number to six digits."""
    try:
        return f"{float(text):,.6g}"
    except ValueError:
        return text


if __name__ == "__main__":
    typer.run(main)
