"""Laws of units: parameters are declared with their dimensions, so that nothing depends on the unit of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvmodels.contract import HasTraits
from clvmodels.histories import Histories
from clvmodels.testing.laws.law import law
from clvmodels.testing.predictions import answer, predictions
from clvmodels.testing.trials import Spared, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clvmodels.kernels.lift import Array
    from clvmodels.parameters import Dimension
    from clvmodels.testing.cases import Case
    from clvmodels.testing.trials import Points

    Told = tuple[str, Mapping[Dimension, float], Points]

SHIFT = 1e-11
"""Of the log-likelihood, relative to it and to the shift: its terms are larger than their sum, but not 1,000 times."""

CHANGE = 1e-9
"""Of predictions, relative: integrals over the time ahead keep 12 digits."""


@law("units", "A change of unit shifts the log-likelihood by what the unit is to a density, whatever the parameters.")
def units(case: Case) -> Iterator[Trial]:
    """Compare log-likelihoods in two units: of the times of purchases, or of their number alone."""
    old = case.model.loglik(case.theta, case.histories).each()[0]
    points = case.at(case.theta, case.histories)
    for what, by, there in told_otherwise(case):
        new = case.model.loglik(there.theta, there.histories).each()[0]
        shift = case.kind.densities(dict(case.histories.columns)) * np.log(by[case.kind.dimension])
        should = min((old - shift, old), key=lambda might: float(np.abs(new - might).max()))
        yield Trial(f"the log-likelihood {what}", points, new, should, SHIFT, 1.0 + np.abs(should) + np.abs(shift))


@law("predictions in units", "A change of unit changes no prediction, but by its own dimension.")
def predictions_in_units(case: Case) -> Iterator[Trial]:
    """Compare predictions in two units."""
    points = case.at(case.theta, case.histories)
    for what, by, there in told_otherwise(case):
        before = predictions(case.model, case.theta, case.histories)
        after = predictions(case.model, there.theta, there.histories, by["time"])
        for (name, old, dimension), (_, new, _) in zip(before, after, strict=True):
            should = np.where(old == -1.0, old, old * by[dimension])
            yield Trial(f"{name} {what}", points, new, should, CHANGE, np.abs(should) + 1e-12)
        if isinstance(case.model, HasTraits):
            old, new = (answer(case.model, case.model.dropout, at.theta, at.histories) for at in (points, there))
            should = _as_rate_or_chance(old, new, by["rate"])
            yield Trial(f"the mean of her dropout {what}", points, new, should, CHANGE, np.abs(should) + 1e-12)


def _as_rate_or_chance(old: Array, new: Array, rate: float) -> Array:
    """What a dropout should be: what it was, or, for a rate, so many times it; whichever is nearer."""
    return min((old, old * rate), key=lambda might: float(np.abs(new - might).max()))


def told_otherwise(case: Case) -> Iterator[Told]:
    """Yield another unit, in words and by dimension, and the usual parameters and histories told in it."""
    if not case.kind.units:
        reason = "its histories only count, so they have no unit"
        raise Spared(reason)
    old, of = case.histories, case.kind.dimension
    for unit in case.kind.units:
        by: dict[Dimension, float] = {"": 1.0, "time": 1.0, "rate": 1.0, "money": 1.0, of: unit}
        by["rate"] = 1.0 / by["time"]
        theta = case.theta * [by[param.dimension] for param in case.model.params().values()]
        new = Histories(case.kind.converted(dict(old.columns), unit), old.weights, old.index)
        yield f"told in a unit of {of} of which there are {unit:.4g} to one", by, case.at(np.ascontiguousarray(theta), new)
