"""Libraries that take seconds to import: loaded when they are first needed, without their announcements."""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import Any


def heavy(name: str) -> Any:  # noqa: ANN401  (a module)
    """Import a library.

    >>> heavy("math").sqrt(4.0)
    2.0
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\s*ArviZ is undergoing a major refactor", FutureWarning)
        return import_module(name)
