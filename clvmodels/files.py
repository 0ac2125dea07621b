"""Files: a zip of arrays and one JSON text, so that nothing in it can run; written aside and renamed."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from clvmodels.errors import FitError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

FORMAT = 4


@contextmanager
def aside(path: str | Path) -> Generator[Path]:
    """Give a path to write to, beside the one that is meant; rename it at the end, or leave nothing behind."""
    target = Path(path)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield draft
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def write(path: str | Path, told: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """Write what is told, and arrays beside it."""
    text = np.array(json.dumps({"format": FORMAT, **told}))
    with aside(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, told=text, **arrays)


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Read what `write` has written."""
    try:
        with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        told = json.loads(str(arrays.pop("told")))
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as trouble:
        message = f"{path} is no fit or valuation saved by clvmodels: {trouble}"
        raise FitError(message) from trouble
    if told["format"] != FORMAT:
        message = f"{path} is in format {told['format']}, and this version reads format {FORMAT}: save it anew."
        raise FitError(message)
    return told, arrays
