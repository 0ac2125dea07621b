"""Is this commit slower than another? ``python benchmarks/gate.py BASE``: ratios, and exit code 1 at more than 20 %.

Both commits are checked out in work trees of their own, with compiled kernels of their own; what isn't committed isn't
timed. The jobs are this commit's for both, on the same tables, in turn (base, head, base, head...), and of several times the
shortest counts, for a busy machine only ever adds; what looks slower is timed as often again. A job that the base doesn't
know isn't compared. About five minutes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Generator  # noqa: TC003  (a context manager's type is looked at)
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "speed"))

from cells import Row, run  # noqa: E402  (they are scripts beside each other, no package)
from plan import CDNOW, HUNDRED_THOUSAND, TEN_THOUSAND, WEEKS, Cell, fit, posterior, value  # noqa: E402

SLOWER, PATIENCE = 1.2, 300.0
JOBS = (
    Cell("summary", HUNDRED_THOUSAND),
    fit(HUNDRED_THOUSAND),
    fit(HUNDRED_THOUSAND, *WEEKS),
    posterior(CDNOW),
    value(TEN_THOUSAND),
    value(TEN_THOUSAND, method="outcome"),
)
screen = Console()


@dataclass(frozen=True)
class Verdict:
    """What a job took in base and head: the shortest times, or how it failed."""

    job: str
    base: float | str
    head: float | str

    @property
    def ratio(self) -> float | None:
        """Time of head over that of base, if both are known."""
        known = isinstance(self.base, float) and isinstance(self.head, float)
        return self.head / self.base if known else None

    @property
    def worse(self) -> bool:
        """Whether head is slower, or no longer does what base did."""
        return self.ratio > SLOWER if self.ratio is not None else isinstance(self.base, float)


def main(
    base: Annotated[str, typer.Argument(help="The commit to compare with.")],
    rounds: Annotated[int, typer.Option(help="How many times each job is timed in each.")] = 3,
) -> None:
    """Time both, print ratios, and fail if something has become slower."""
    with tempfile.TemporaryDirectory() as name, _checked_out(Path(name), base=base, head="HEAD") as trees:
        commands = {side: _command(trees, side) for side in trees}
        verdicts = [compared(job, commands, rounds, Path(name)) for job in track(JOBS, "Timing", console=screen)]
    show(verdicts)
    if any(verdict.worse for verdict in verdicts):
        raise typer.Exit(1)


def compared(job: Cell, commands: dict[str, list[str]], rounds: int, folder: Path) -> Verdict:
    """Run a job in both in turn, after a time each that compiles and isn't counted."""
    taken = {side: [run(job, command, PATIENCE, folder)] for side, command in commands.items()}
    if any("failed" in rows[0] for rows in taken.values()):
        return judged(job, taken)
    for _ in range(2):
        for _ in range(rounds):
            for side, command in commands.items():
                taken[side].append(run(job, command, PATIENCE, folder))
        if not judged(job, taken).worse:
            break
    return judged(job, taken)


def judged(job: Cell, taken: dict[str, list[Row]]) -> Verdict:
    """What a job took in both."""
    told = " ".join(filter(None, job.told().values()))
    return Verdict(told, **{side: shortest(rows) for side, rows in taken.items()})


def shortest(rows: list[Row]) -> float | str:
    """The shortest time after the first, or how one of them failed."""
    failed = [row["failed"] for row in rows if "failed" in row]
    return failed[0] if failed else min((row["seconds"] for row in rows[1:]), default=rows[0]["seconds"])


def show(verdicts: list[Verdict]) -> None:
    """Print what both took."""
    table = Table("job", "base", "head", "head / base")
    for verdict in verdicts:
        times = (f"{time:.4g} s" if isinstance(time, float) else time for time in (verdict.base, verdict.head))
        ratio = "not compared" if verdict.ratio is None else f"{verdict.ratio:.2f}"
        table.add_row(verdict.job, *times, f"[bold red]{ratio}, worse[/bold red]" if verdict.worse else ratio)
    screen.print(table)


@contextmanager
def _checked_out(folder: Path, **commits: str) -> Generator[dict[str, Path]]:
    """Work trees of commits."""
    trees = {side: folder / side for side in commits}
    try:
        for side, commit in commits.items():
            _git("worktree", "add", "--quiet", "--detach", str(trees[side]), commit)
        yield trees
    finally:
        for tree in filter(Path.exists, trees.values()):
            _git("worktree", "remove", "--force", str(tree))


def _git(*words: str) -> None:
    """Run git on this repository; what it can't do, it says itself."""
    if subprocess.run(["git", "-C", str(HERE), *words], check=False).returncode:  # noqa: S603, S607
        raise typer.Exit(2)


def _command(trees: dict[str, Path], side: str) -> list[str]:
    """Our jobs as they stand at the head, by the library of a side."""
    tree, script = trees[side], trees["head"] / "benchmarks" / "speed" / "clvmodels_.py"
    return ["env", f"PYTHONPATH={tree}", f"NUMBA_CACHE_DIR={tree / '.numba_cache'}", sys.executable, str(script)]


if __name__ == "__main__":
    typer.run(main)
