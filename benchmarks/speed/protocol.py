"""What a competitor is: a file, run as ``python FILE TASK MODEL SIZE TABLE [METHOD]``, that prints one line of JSON.

It runs in a process of its own, so that peak memory is its own, and by an interpreter of its own, so that it may have an
environment of its own: here are only the standard library and numpy. The line holds at least ``seconds``, ``peak_mb`` and
``versions``; a competitor that can't, exits with what went wrong as the last line of its errors.

TASK is ``summary`` (a log of purchases to a row a customer), ``fit`` (maximum likelihood), ``posterior``, ``value``, or
something that only one competitor can be asked. TABLE is a file of numpy's with the columns of a log, or of customers.
"""

from __future__ import annotations

import json
import platform
import resource
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

HISTORY = ("customer_id", "frequency", "recency", "T")


@dataclass(frozen=True)
class Asked:
    """One cell, as the command line tells it."""

    task: str
    model: str
    size: str
    table: str
    method: str = ""

    def columns(self) -> dict[str, NDArray[Any]]:
        """Read the table."""
        with np.load(self.table) as stored:
            return {name: stored[name] for name in stored.files}


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def peak_megabytes() -> float:
    """The most memory that this program had; where the system doesn't say, that of who has started it may be in it."""
    status = Path("/proc/self/status")
    if status.exists():
        told = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        return float(told["VmHWM"].split()[0]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def answer(tasks: dict[str, Callable[[Asked], dict[str, Any]]], packages: tuple[str, ...], **versions: str) -> None:
    """Do what the command line asks for and print the line; versions of packages that may not be installed are given."""
    asked = Asked(*sys.argv[1:])
    if asked.task not in tasks:
        sys.exit(f"{asked.task!r} is nothing that it does")
    found = tasks[asked.task](asked)
    peak = peak_megabytes()
    used = {**versions, **{name: version(name) for name in packages}, "python": platform.python_version()}
    print(json.dumps({**found, "peak_mb": round(peak), "versions": used}))
