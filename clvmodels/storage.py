"""Fits and valuations as numbers and text.

Models are known by the name of their class, once their module has been imported; ids are kept if they are text or whole
numbers, as those of nearly all logs are.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib import import_module
from math import inf
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.buyers import Buyers, view_of
from clvmodels.contract import Model
from clvmodels.contracts.cohorts import Cohorts
from clvmodels.customers import Customers
from clvmodels.economics.amounts import By
from clvmodels.economics.assumptions import Cost, Economics, Rate
from clvmodels.engines.kinds import Kinds
from clvmodels.errors import FitError
from clvmodels.files import read, write
from clvmodels.fitted import Fit
from clvmodels.priors import read as read_prior
from clvmodels.priors import told as told_prior
from clvmodels.questions import Record
from clvmodels.stacking import Stack
from clvmodels.streaming.scoring import Scorer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from clvmodels.economics.amounts import Amount

STAT = "stat_"
"""Before the names of a sampler's statistics."""
LETTER = "letter_"
"""Before the columns of kinds."""
MARK = "/"
"""Between the name of a fit and that of an array of its own."""
COLUMNS: dict[type[Any], tuple[str, ...]] = {
    Customers: ("frequency", "recency", "T", "monetary_value", "first_value", "litt"),
    Cohorts: ("period", "survivors"),
}
"""What is kept of those that a fit learned from, beside the names in front of them."""


def save(fit: Fit, path: str | Path) -> None:
    """Write a fit, with the customers that it was fitted to."""
    told, arrays = _told(fit)
    write(path, {"kept": "fit", **told}, arrays)


def save_scorer(scorer: Scorer, path: str | Path) -> None:
    """Write a scorer: its fits, each with a prefix of its own before its arrays, and its terms."""
    stack = scorer.fit if isinstance(scorer.fit, Stack) else None
    fits = {"spend": scorer.spend}
    fits |= {f"fit{k}": fit for k, fit in enumerate(stack.fits if stack else scorer.fit.members)}
    parts = {name: _told(fit) for name, fit in fits.items()}
    told = {
        "kept": "valuation",
        "fits": {name: part for name, (part, _) in parts.items()},
        "stack": {"weights": stack.weights, "draws": stack.draws} if stack else None,
        "horizon": None if scorer.horizon == inf else scorer.horizon,
        "discount": {"rate": _told_amount(scorer.discount.rate), "period": scorer.discount.period},
        "economics": _told_economics(scorer.economics),
        **{name: getattr(scorer, name) for name in ("draws", "seed", "longest")},
    }
    write(path, told, {f"{name}{MARK}{key}": array for name, (_, own) in parts.items() for key, array in own.items()})


def load(path: str | Path) -> Any:  # noqa: ANN401
    """Read what was saved: a `Fit` by ``fit.save(path)``, a `Scorer` by ``worth.save(path)``.

    >>> import tempfile
    >>> import clvmodels as clv
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426).save(f"{folder}/paper.fit")
    ...     again = clv.load(f"{folder}/paper.fit")
    >>> float(again.theta.r)
    0.243
    """
    told, arrays = read(path)
    return _scorer(told, arrays) if told["kept"] == "valuation" else _fit(told, arrays)


def _told(fit: Fit) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """Say a fit in text and arrays."""
    told: dict[str, Any] = {
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
    return told, arrays


def _fit(told: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> Fit:
    """Put a fit together again."""
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


def _scorer(told: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> Scorer:
    """Put a scorer together again."""
    fits: dict[str, Fit] = {}
    for name, part in told["fits"].items():
        before = f"{name}{MARK}"
        fits[name] = _fit(part, {key.removeprefix(before): array for key, array in arrays.items() if key.startswith(before)})
    spend, (first, *others) = fits.pop("spend"), fits.values()
    mixed = told["stack"]
    return Scorer(
        Stack((first, *others), tuple(mixed["weights"]), mixed["draws"]) if mixed else first,
        spend,
        inf if told["horizon"] is None else told["horizon"],
        Rate(_amount(told["discount"]["rate"]), told["discount"]["period"]),
        _economics(told["economics"]),
        *(told[name] for name in ("draws", "seed", "longest")),
    )


def _told_amount(amount: Amount) -> Any:  # noqa: ANN401
    """Say an amount: a number, the name of a column, or a column with pairs of value and number."""
    return {"column": amount.column, "amounts": list(amount.amounts.items())} if isinstance(amount, By) else amount


def _amount(told: Any) -> Amount:  # noqa: ANN401
    return By(told["column"], dict(told["amounts"])) if isinstance(told, dict) else told


def _told_economics(economics: Economics) -> dict[str, Any]:
    amounts = {name: _told_amount(getattr(economics, name)) for name in ("margin", "acquisition", "referral")}
    return {**amounts, "costs": {name: [_told_amount(cost.amount), cost.per] for name, cost in economics.costs.items()}}


def _economics(told: dict[str, Any]) -> Economics:
    costs = {name: Cost(_amount(amount), per) for name, (amount, per) in told["costs"].items()}
    return Economics(costs=costs, **{name: _amount(told[name]) for name in ("margin", "acquisition", "referral")})


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
