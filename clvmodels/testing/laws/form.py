"""Laws of form: frozen, declared, whole, with row functions named as the contract says, and the same after a round trip."""

from __future__ import annotations

from copy import copy
from dataclasses import FrozenInstanceError
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, get_type_hints

import numpy as np

from clvmodels.contract import (
    HasAlive,
    HasCounts,
    HasDepartures,
    HasFuture,
    HasPhases,
    HasPurchases,
    HasRetention,
    HasSpend,
    HasTraits,
)
from clvmodels.histories import Histories, LogLikelihood, LogSum
from clvmodels.kernels.lift import Row
from clvmodels.parameters import Param
from clvmodels.storage import load
from clvmodels.testing.laws.law import law

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.contract import Model
    from clvmodels.testing.cases import Case

CAPABILITIES: tuple[type[Any], ...] = (
    HasAlive,
    HasDepartures,
    HasPurchases,
    HasCounts,
    HasPhases,
    HasFuture,
    HasTraits,
    HasSpend,
    HasRetention,
)

LAST: dict[str, tuple[str, ...]] = {
    "survival": ("T", "u"),
    "silence": ("T",),
    "departure": ("T", "u"),
    "intensity": ("T", "u"),
    "count": ("n", "t"),
    "phase": ("j",),
    "future": ("u",),
    "retained": ("t", "u"),
    "leaving": ("t",),
    "beyond": ("t", "u"),
}
"""What the arguments of some row functions end in."""

DRAW = frozenset({"first", "future", "traits", "basket", "leaving"})
"""Row functions that draw."""


@law("frozen", "The model is a frozen dataclass: nothing about it changes once it is made.")
def frozen(case: Case) -> Iterator[str]:
    """Try to change it."""
    try:
        copy(case.model).name = "changed"  # type: ignore[misc]
    except FrozenInstanceError:
        yield ""
    else:
        yield f"an attribute of {type(case.model).__name__} could be set; put @dataclass(frozen=True) above the class"


@law("declared", "Every parameter carries its declaration: words, dimension, support, prior.")
def declared(case: Case) -> Iterator[str]:
    """Look for a Param on each field of Theta."""
    theta = case.model.Theta
    for name, hint in get_type_hints(theta, include_extras=True).items():
        found = [note for note in getattr(hint, "__metadata__", ()) if isinstance(note, Param)]
        yield "" if len(found) == 1 else f"{name} in Theta should be Annotated[Array, Param(...)], with one Param"
    yield "" if theta._fields else "Theta has no fields"


def rows_of(model: Model) -> dict[str, Row]:
    """Return the row functions that are attributes of a model, by name."""
    return {
        name: value for kind in type(model).__mro__[::-1] for name, value in vars(kind).items() if isinstance(value, Row)
    }


@law("capabilities", "A capability is there with all of its row functions, or not at all.")
def capabilities(case: Case) -> Iterator[str]:
    """Look for capabilities of which only some is there."""
    found = rows_of(case.model)
    for capability in CAPABILITIES:
        own = [name for name in vars(capability)["__annotations__"] if name in found]
        if own and not isinstance(case.model, capability):
            yield f"it has {', '.join(own)}, but not all that {capability.__name__} needs"
        yield ""


@law("arguments", "A row function names all parameters in order, then columns of a history or settings, then what is asked.")
def arguments(case: Case) -> Iterator[str]:
    """Read the names of the arguments of each row function."""
    model, found = case.model, rows_of(case.model)
    known = {*model.history, *model.settings(), *(("j",) if isinstance(model, HasPhases) else ())}
    for name, row in (*found.items(), *((row.name, row) for row in terms(case))):
        asked = LAST.get(name, ()) if name in found else ()
        yield _misnamed(row, model.parameters(), known | set(asked), asked)
        if name in found and row.draws != (name in DRAW):
            yield f"{row!r} should {'' if name in DRAW else 'not '}name rng before its parameters"
    if isinstance(model, HasFuture):
        yield _unlike(model, found)


def _misnamed(row: Row, parameters: tuple[str, ...], known: set[str], asked: tuple[str, ...]) -> str:
    """Say what is wrong with the names of a row function's arguments, if anything is."""
    columns = row.names[len(parameters) :]
    if row.names[: len(parameters)] != parameters:
        return f"{row!r} should begin with all parameters in their order: {', '.join(parameters)}"
    if strange := [name for name in columns if name not in known]:
        return f"{row!r} names {', '.join(strange)}, neither in the model's history nor a setting, nor asked of it"
    if columns[len(columns) - len(asked) :] != asked:
        return f"{row!r} should end in {', '.join(asked)}"
    return ""


def _unlike(model: Model, found: dict[str, Row]) -> str:
    """Say that alive, first and future name different columns, if they do: one draws with the columns of another."""
    names = found["alive"].names
    if found["first"].names == names and found["future"].names == (*names, "u"):
        return ""
    return f"alive, first and future of {model.name} should name the same columns, and future u after them"


def terms(case: Case) -> list[Row]:
    """Return the row functions that a log-likelihood is a sum of, where it is one of row functions."""
    model = case.model
    one = Histories.of(dict.fromkeys(model.history, np.ones(1))).with_constants(model.settings())
    found = model.loglik(np.ones((1, len(model.parameters()))), one)
    parts = found.terms if isinstance(found, LogLikelihood) else ()  # type: ignore[reportUnnecessaryIsInstance]
    return [row for part in parts for row in (part.parts if isinstance(part, LogSum) else (part,))]


@law("saved", "What it is, settings and parameters included, comes back from a file to the last digit.")
def saved(case: Case) -> Iterator[str]:
    """Save and load a fit of it."""
    model, theta = case.model, case.theta[1]
    fit = model.at(**dict(zip(model.parameters(), theta.tolist(), strict=True)))
    with TemporaryDirectory() as folder:
        fit.save(Path(folder) / "model.fit")
        again = load(Path(folder) / "model.fit")
    same = type(again.model) is type(model) and again.model.settings() == model.settings()
    yield "" if same else f"{model!r} came back as {again.model!r}; is another model of that name imported?"
    yield "" if np.array_equal(again.draws, fit.draws) and again.unit == fit.unit else "its parameters came back changed"
