"""Progress of what is long, on a terminal only, and only once it has shown itself to be long.

There is one display: what begins while something else is counted has a line below it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from rich.progress import Progress, Task

T = TypeVar("T")

SHOWN: list[Progress] = []
"""The display, while there is one."""


@contextmanager
def counting(total: int | None, label: str) -> Generator[Callable[..., None]]:
    """Give a function to call with how many of the total have gone by (1, unless told); None where the total isn't known.

    What was done before (``worked=False``) is counted, but says nothing of the rate.

    >>> with counting(3, "counting") as advance:
    ...     advance()
    ...     advance(2, worked=False)
    """
    if not sys.stderr.isatty():
        yield _unseen
        return
    with _display() as bar:
        mine = bar.add_task(label, total=total, said="")
        try:
            yield Counter(bar, next(task for task in bar.tasks if task.id == mine))
        finally:
            bar.remove_task(mine)


@contextmanager
def _display() -> Generator[Progress]:
    """The display: the one that is there, or a new one."""
    if SHOWN:
        yield SHOWN[0]
        return
    from clvmodels.bars import bars  # noqa: PLC0415  (a tenth of a second, for terminals only)

    with bars() as bar:
        SHOWN.append(bar)
        try:
            yield bar
        finally:
            SHOWN.clear()


@dataclass(eq=False)
class Counter:
    """Counts one thing on the display.

    Attributes
    ----------
    bar, task
        The display, and the line on it.
    worked
        How many have gone by and took work.
    """

    bar: Progress
    task: Task
    worked: int = 0

    def __call__(self, number: int = 1, *, worked: bool = True) -> None:
        """Count some more."""
        self.worked += number if worked else 0
        self.bar.update(self.task.id, advance=number)
        self.bar.update(self.task.id, said=self._said())

    def _said(self) -> str:
        """The rate, and how long it will take at that."""
        passed = self.task.elapsed
        if not (passed and self.worked):
            return ""
        rate = self.worked / passed
        left = "" if self.task.remaining is None else f", {timedelta(seconds=round(self.task.remaining / rate))} left"
        return f"{rate:,.0f} a second{left}"


def _unseen(_: int = 1, *, worked: bool = True) -> None:
    """Nobody looks."""


def watch(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Pass items through, and show how many of the total have gone by.

    >>> list(watch([1, 2], 2, "counting"))
    [1, 2]
    """
    with counting(total, label) as advance:
        for item in items:
            advance()
            yield item
