"""A thread pool over blocks: kernels release the GIL, so threads are all the parallelism there is."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import current_thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


NAME = "clvmodels"


@cache
def _pool(_process: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(cores(), thread_name_prefix=NAME)


def slices(length: int, size: int) -> list[slice]:
    """Cut ``range(length)`` into slices of at most ``size``.

    >>> slices(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]


def each(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Yield ``function(item)`` for each item, in order, computed side by side; a stop cancels what has not begun.

    The results don't depend on the number of threads; what a block asks for in turn is computed in its own thread. At most
    a few blocks more than there are threads wait for their reader, so memory is that of a few blocks.
    """
    if len(items) <= 1 or cores() == 1 or current_thread().name.startswith(NAME):
        yield from map(function, items)
        return
    pool = _pool(os.getpid())
    ahead = 2 * cores()
    waiting = [pool.submit(function, item) for item in items[:ahead]]
    try:
        for following in range(ahead, len(items) + ahead):
            if not waiting:
                return
            result = waiting.pop(0).result()
            if following < len(items):
                waiting.append(pool.submit(function, items[following]))
            yield result
    finally:
        for future in waiting:
            future.cancel()
