"""Several fits in one picture, each by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

from clvmodels.customers import Customers
from clvmodels.errors import QuestionError, naming
from clvmodels.fitted import Fit

if TYPE_CHECKING:
    from clvmodels.units import Unit

Fits: TypeAlias = Fit | Sequence[Fit] | Mapping[str, Fit]
"""One fit; several, by the names of their models; or several by names of your own."""


def named(fits: Fits) -> dict[str, Fit]:
    """Name one fit or several: by their models, or as the caller does.

    >>> from clvmodels import BGNBD
    >>> paper = BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> [*named(paper)], [*named({"paper": paper})]
    (['BG/NBD'], ['paper'])
    """
    if isinstance(fits, Mapping):
        found = dict(fits)
    else:
        several = [fits] if isinstance(fits, Fit) else list(fits)
        found = {fit.model.title: fit for fit in several}
        if len(found) < len(several):
            names = naming(fit.model.title for fit in several)
            message = (
                f"Fits in one picture have different names, and these are {names}: say {{'mine': fit, 'other': another}}."
            )
            raise QuestionError(message)
    if not found:
        message = "There is no fit to draw here: pass one, a list of them, or a dict by name."
        raise QuestionError(message)
    return found


def unit_of(fits: Mapping[str, Fit]) -> Unit:
    """Return the unit of time that all fits share."""
    units = {fit.unit for fit in fits.values()}
    if len(units) > 1:
        told = naming(f"{name} in {fit.unit}s" for name, fit in fits.items())
        message = f"These fits are in different units of time ({told}): bring them to one."
        raise QuestionError(message)
    return next(iter(fits.values())).unit


def everybody(fits: Mapping[str, Fit], customers: Customers | None) -> Customers:
    """Return whom a picture is of: those said, or those that the first fit has learned from."""
    name, fit = next(iter(fits.items()))
    told = fit.known(customers) if customers is None else customers
    if not isinstance(told, Customers):
        message = f"{name} was fitted to {type(told).__name__}: say whom the picture is of, as in customers=customers."
        raise QuestionError(message)
    return told
