"""Fits in files: a zip of arrays and one JSON text, so that nothing in it can run; written aside and renamed.

Models are known by the name of their class, once their module has been imported; ids are kept if they are text or whole
numbers, as those of nearly all logs are.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.buyers import Buyers, view_of
from clvmodels.cohorts import Cohorts
from clvmodels.contract import Model
from clvmodels.customers import Customers
from clvmodels.errors import FitError
from clvmodels.fitted import Fit
from clvmodels.kinds import Kinds
from clvmodels.priors import read as read_prior
from clvmodels.priors import told as told_prior
from clvmodels.questions import Record

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

FORMAT = 3
STAT = "stat_"
"""Before the names of a sampler's statistics."""
LETTER = "letter_"
"""Before the columns of kinds."""
COLUMNS: dict[type[Any], tuple[str, ...]] = {
    Customers: ("frequency", "recency", "T", "monetary_value", "first_value", "litt"),
    Cohorts: ("period", "survivors"),
}
"""What is kept of those that a fit learned from, beside the names in front of them."""


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


def save(fit: Fit, path: str | Path) -> None:
    """Write a fit, with the customers that it was fitted to."""
    told: dict[str, Any] = {
        "format": FORMAT,
        "model": type(fit.model).__name__,
        "settings": fit.model.options(),
        "priors": [[names, told_prior(prior)] for names, prior in fit.model.priors.items()],
        "unit": fit.unit,
        "record": asdict(fit.record),
        "view": fit.view,
        "chains": fit.chains,
    }
    arrays = {"draws": fit.draws, "mode": fit.mode, "covariance": fit.covariance}
    arrays |= {f"{STAT}{name}": values for name, values in fit.stats.items()}
    base = fit.customers.customers if isinstance(fit.customers, Buyers) else fit.customers
    if isinstance(base, Customers | Cohorts):
        names = base.cohort if isinstance(base, Cohorts) else base.ids
        told["kind"], told["notes"], told["ids"] = type(base).__name__, base.notes, str(names.implementation)
        arrays["ids"] = _plain(names)
        arrays |= {name: getattr(base, name) for name in COLUMNS[type(base)] if getattr(base, name) is not None}
    if isinstance(base, Kinds):
        told["notes"] = base.notes
        arrays |= {"weights": base.weights, **{f"{LETTER}{name}": values for name, values in base.columns.items()}}
    with aside(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, told=np.array(json.dumps(told)), **arrays)


def load(path: str | Path) -> Fit:
    """Read a fit that `Fit.save` has written.

    >>> import tempfile
    >>> import clvmodels as clv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426).save(f"{folder}/paper.fit")
    ...     again = clv.load(f"{folder}/paper.fit")
    >>> float(again.theta.r)
    0.243
    """
    try:
        with Path(path).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        told = json.loads(str(arrays["told"]))
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as trouble:
        message = f"{path} is no fit saved by clvmodels: {trouble}"
        raise FitError(message) from trouble
    if told["format"] != FORMAT:
        message = f"{path} is in format {told['format']}, and this version reads format {FORMAT}: save the fit anew."
        raise FitError(message)
    priors = {tuple(names): read_prior(prior) for names, prior in told["priors"]}
    model = _model(told["model"])(**told["settings"], priors=priors)
    known: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in told["record"].items()}
    record = Record(**known)
    seen = _customers(told, arrays) if "ids" in arrays else None
    if "weights" in arrays:
        letters = {name.removeprefix(LETTER): values for name, values in arrays.items() if name.startswith(LETTER)}
        seen = Kinds(letters, arrays["weights"], told["unit"], tuple(told["notes"]), told["view"])
    customers = view_of(seen, told["view"]) if isinstance(seen, Customers) and told["view"] else seen
    stats = {name.removeprefix(STAT): values for name, values in arrays.items() if name.startswith(STAT)}
    parts = (arrays["draws"], arrays["mode"], arrays["covariance"])
    return Fit(model, *parts, customers, told["unit"], record, told["chains"], stats)


def _model(name: str) -> type[Model]:
    """Find a model by the name of its class, among those that are imported."""
    import_module("clvmodels.models")
    known = {model.__name__: model for model in _family(Model)}
    if name not in known:
        message = f"The model {name} isn't known: import its module first. Known: {', '.join(sorted(known))}."
        raise FitError(message)
    return known[name]


def _family(root: type[Model]) -> Iterator[type[Model]]:
    for child in root.__subclasses__():
        yield child
        yield from _family(child)


def _plain(ids: nw.Series[Any]) -> np.ndarray[Any, Any]:
    """Ids as an array of text or whole numbers."""
    values = np.asarray(ids.to_list())
    if values.dtype.kind not in "iuU":
        message = f"Ids of type {ids.dtype} can't be saved: make them text or whole numbers before fitting."
        raise FitError(message)
    return values


def _customers(told: Mapping[str, Any], arrays: Mapping[str, Any]) -> Customers | Cohorts:
    """Put them together again; their ids come back in the library that they were in, or pandas where it is absent."""
    try:
        backend: Any = nw.Implementation.from_string(told["ids"].rsplit(".", 1)[-1].lower())
        ids: Any = nw.new_series("customer_id", arrays["ids"], backend=backend)
    except (ImportError, ValueError):
        ids = nw.from_native(pd.Series(arrays["ids"], name="customer_id"), series_only=True)
    kind = next(kind for kind in COLUMNS if kind.__name__ == told["kind"])
    columns = {name: arrays.get(name) for name in COLUMNS[kind]}
    return kind(ids, unit=told["unit"], notes=tuple(told["notes"]), **columns)
