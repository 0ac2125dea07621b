"""A thread pool over blocks: kernels release the GIL, so threads are all the parallelism there is."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from threading import current_thread
from typing import TYPE_CHECKING, TypeVar

from clvmodels.errors import ClvError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")
R = TypeVar("R")


NAME = "clvmodels"

SETTING = "CLVMODELS_THREADS"
"""The environment's variable that says how many threads to use, where it isn't one for each processor."""


def threads() -> int:
    """Threads to use: one for each processor that this process may use, or as many as the user has set."""
    setting = os.environ.get(SETTING, "").strip()
    if not setting:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not setting.isdecimal() or int(setting) < 1:
        message = f"{SETTING} is {setting!r}, which is no number of threads: set it to 1 or more, or unset it."
        raise ClvError(message)
    return int(setting)


@cache
def _pool(_process: int, number: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(number, thread_name_prefix=NAME)


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
    number = threads()
    if len(items) <= 1 or number == 1 or current_thread().name.startswith(NAME):
        yield from map(function, items)
        return
    pool = _pool(os.getpid(), number)
    ahead = 2 * number
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
