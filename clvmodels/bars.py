"""Bars on a terminal, for what has become long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

PATIENCE = 1.0
"""Seconds before a bar appears."""


class Bars(Progress):
    """Lines of what is going on, each as soon as it has gone on for long."""

    def get_renderables(self) -> Iterable[RenderableType]:
        """Show what has gone on for long."""
        yield self.make_tasks_table([task for task in self.tasks if (task.elapsed or 0.0) > PATIENCE])


def bars() -> Bars:
    """Make lines on the terminal of errors, none of which stays."""
    columns = TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[said]}")
    return Bars(*columns, console=Console(stderr=True), transient=True)
