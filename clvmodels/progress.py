"""Progress of what is long, on a terminal only, and only once it has shown itself to be long."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds before a bar appears."""


@contextmanager
def counting(total: int | None, label: str) -> Generator[Callable[..., None]]:
    """Give a function to call with how many of the total have gone by (1, unless told); None where the total isn't known.

    >>> with counting(3, "counting") as advance:
    ...     advance()
    ...     advance(2)
    """
    if not sys.stderr.isatty():
        yield _unseen
        return
    from rich.console import Console  # noqa: PLC0415  (a tenth of a second, for terminals only)
    from rich.progress import Progress, TextColumn  # noqa: PLC0415

    begun, done = time.monotonic(), 0
    with Progress(
        *Progress.get_default_columns(), TextColumn("{task.fields[rate]}"), console=Console(stderr=True), transient=True
    ) as bar:
        task = bar.add_task(label, total=total, visible=False, rate="")

        def advance(number: int = 1) -> None:
            nonlocal done
            done, passed = done + number, time.monotonic() - begun
            bar.update(task, advance=number, visible=passed > PATIENCE, rate=f"{done / max(passed, 1e-9):,.0f} a second")

        yield advance


def _unseen(_: int = 1) -> None:
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
