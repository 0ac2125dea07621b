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
def counting(total: int, label: str) -> Generator[Callable[[], None]]:
    """Give a function to call once for each of the total that has gone by.

    >>> with counting(2, "counting") as advance:
    ...     advance()
    """
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console  # noqa: PLC0415  (a tenth of a second, for terminals only)
    from rich.progress import Progress  # noqa: PLC0415

    begun = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total, visible=False)
        yield lambda: bar.update(task, advance=1, visible=time.monotonic() - begun > PATIENCE)


def watch(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Pass items through, and show how many of the total have gone by.

    >>> list(watch([1, 2], 2, "counting"))
    [1, 2]
    """
    with counting(total, label) as advance:
        for item in items:
            advance()
            yield item
