"""Laws of broadcasting: it doesn't matter in whose company, or where in a table, a customer or a draw is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvmodels.testing.cases import rows_of
from clvmodels.testing.laws.law import law
from clvmodels.testing.laws.likelihood import ROUNDING
from clvmodels.testing.predictions import predictions
from clvmodels.testing.trials import Spared, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.kernels.lift import Array
    from clvmodels.testing.cases import Case
    from clvmodels.testing.trials import Points

INTERPOLATED = 1e-10
"""Of predictions, relative: sums over the time ahead are interpolated between histories, to 12 digits."""

CROWD = 200
"""Histories among which predictions are looked at: enough for an interpolation."""


@law("alone", "The likelihood of a customer or a draw alone is the one that it has in a table, in whatever order.")
def alone(case: Case) -> Iterator[Trial]:
    """Take rows and draws out of a table, and lay the table out in another order."""
    theta, histories = case.theta, case.histories
    points = case.at(theta, histories)
    together = _parts(case, points)
    for row in range(0, len(histories), 7):
        one = case.at(theta, rows_of(histories, [row]))
        yield from _compared("of a row alone", one, _parts(case, one), together[:, :, [row]])
    for draw in range(len(theta)):
        one = case.at(theta[[draw]], histories)
        yield from _compared("of a draw alone", one, _parts(case, one), together[:, [draw]])
    order = case.rng("order").permutation(len(histories))
    shuffled = case.lay({name: column[order] for name, column in histories.columns.items()})
    found = _parts(case, case.at(theta, shuffled))[:, :, shuffled.index[np.argsort(order)]]
    yield from _compared("in another order", points, found, together)


def _parts(case: Case, points: Points) -> Array:
    """The log-likelihood of each history, and its slopes: (1 + parameters, draws, rows)."""
    return case.model.loglik(points.theta, points.histories).each()


def _compared(how: str, points: Points, found: Array, should: Array) -> Iterator[Trial]:
    """Compare a log-likelihood and its slopes."""
    for k, name in enumerate(("the log-likelihood", *(f"its slope in {name}" for name in points.names))):
        yield Trial(f"{name}, {how},", points, found[k], should[k], ROUNDING, 1.0 + np.abs(should[k]))


@law("predictions alone", "The predictions of a customer or a draw alone are those that it has in a table.")
def predictions_alone(case: Case) -> Iterator[Trial]:
    """Take rows and draws out of a table."""
    theta, crowd = case.theta, case.lay(case.kind.usual(case.rng("crowd"), CROWD))
    together = [values for _, values, _ in predictions(case.model, theta, crowd)]
    if not together:
        reason = "it predicts nothing"
        raise Spared(reason)
    for row in range(0, len(crowd), CROWD // 8):
        one = case.at(theta, rows_of(crowd, [row]))
        yield from _alike(case, "of a row alone", one, [values[:, [row]] for values in together])
    for draw in range(len(theta)):
        one = case.at(theta[[draw]], crowd)
        yield from _alike(case, "of a draw alone", one, [values[[draw]] for values in together])


def _alike(case: Case, how: str, points: Points, together: list[Array]) -> Iterator[Trial]:
    """Compare predictions."""
    for (name, found, _), should in zip(predictions(case.model, points.theta, points.histories), together, strict=True):
        yield Trial(f"{name}, {how},", points, found, should, INTERPOLATED, 1e-3 + np.abs(should))
