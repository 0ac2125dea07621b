"""Simulated customers, by what a model can draw: futures, baskets, leaving; and statistics of what was drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import chi2

from clvmodels.contract import HasFuture, HasRetention, HasSpend
from clvmodels.kernels.leaving import draw_stays
from clvmodels.kernels.simulation import Drawing, draw_histories, draw_pairs
from clvmodels.questions.answers import futures
from clvmodels.testing.cases import table
from clvmodels.testing.kinds import LONGEST, SHORTEST
from clvmodels.testing.trials import Spared

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals as nw
    from numpy.random import Generator

    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array, Row
    from clvmodels.testing.cases import Case
    from clvmodels.testing.kinds import Columns
    from clvmodels.testing.trials import Points
    from clvmodels.units import Unit

RARE = 1e-3
"""How often a law of chance is found broken though it holds."""

CELL = 20.0
"""Expected number, at least, of what is counted for a chi-square."""


def simulated(case: Case, theta: Array, n: int, rng: Generator) -> Columns:
    """Draw the histories of n newcomers with parameters theta (parameters,), watched for SHORTEST to LONGEST.

    How long anybody is watched, or how often she has bought, is drawn evenly: models are of what follows.
    """
    model = case.model
    if isinstance(model, HasFuture):
        return lives(case, theta, rng.integers(int(SHORTEST), int(LONGEST) + 1, n).astype(float), rng)
    newcomer = case.at(theta[None], case.newcomer)
    if isinstance(model, HasSpend):
        return _spenders(rng, model.basket, newcomer, rng.integers(1, 9, n).astype(float))
    if isinstance(model, HasRetention):
        return _contracts(rng, model.leaving, newcomer, rng.integers(1, 25, n).astype(float))
    reason = "it draws nothing: neither future (HasFuture) nor basket (HasSpend) nor leaving (HasRetention)"
    raise Spared(reason)


def lives(case: Case, theta: Array, T: Array, rng: Generator) -> Columns:
    """Draw the histories of newcomers watched for T (n,)."""
    model: Any = case.model
    everybody = np.tile(theta, (len(T), 1))
    future, alive = futures(model, everybody, case.newcomer)
    x, t_x, litt = draw_histories(rng, future, table(alive)[:, 0], T).T
    return {"x": x, "t_x": t_x, "T": T, "litt": litt}


def pairs(rng: Generator, formula: Row, points: Points, n: int) -> tuple[Array, Array]:
    """Draw n times the two numbers that a formula gives at the first of some parameters: (rows, n) each."""
    rows = points.histories.table(formula.columns(points.names))
    first, second = draw_pairs(rng, Drawing((formula,), np.tile(points.theta[0], (n, 1)), rows))
    return first, second


def _spenders(rng: Generator, formula: Row, newcomer: Points, x: Array) -> Columns:
    """Draw the mean value of x purchases of newcomers."""
    shape, rate = (drawn[0] for drawn in pairs(rng, formula, newcomer, len(x)))
    return {"x": x, "m": rng.standard_gamma(shape * x) / (rate * x)}


def _contracts(rng: Generator, formula: Row, newcomer: Points, most: Array) -> Columns:
    """Draw when newcomers leave, of whom it is known until most periods have passed."""
    stays = leavings(rng, formula, newcomer, len(most))
    lost = stays < most
    return {"t": np.where(lost, stays + 1.0, most), "lost": lost.astype(float)}


def leavings(rng: Generator, formula: Row, points: Points, n: int) -> Array:
    """Draw n times how many further periods a customer stays, at the first of some parameters and histories: (n,)."""
    rows = points.histories.table(formula.columns(points.names))[:1]
    return draw_stays(rng, Drawing((formula,), np.tile(points.theta[0], (n, 1)), rows))[0]


@dataclass(frozen=True, eq=False)
class Simulated:
    """Customers who were simulated, told to a model as customers are.

    Attributes
    ----------
    seen
        Their distinct histories.
    unit
        Of their times, which doesn't matter.
    """

    seen: Histories
    unit: Unit = "week"
    ids: nw.Series[Any] | None = None
    notes: tuple[str, ...] = ()

    def letters(self) -> dict[str, Array]:
        """Return the columns, by letter."""
        return dict(self.seen.columns)

    def histories(self, names: Sequence[str]) -> Histories:
        """Return the distinct rows of some of the columns."""
        return self.seen.only(names)


def standard_error(values: Array, weights: Array | None = None, event: Array | float = 0.0) -> Array:
    """Return the standard error of the mean along the last axis, and what one value more would move it by.

    ``event`` is what such a value may be where it may be that none was drawn.
    """
    mean = np.average(values, axis=-1, weights=weights)
    spread = np.average((values - mean[..., None]) ** 2, axis=-1, weights=weights)
    n = values.shape[-1] if weights is None else weights.sum()
    return np.sqrt(spread / n) + np.maximum(np.abs(values).max(axis=-1), event) / n


def distance(values: Array, weights: Array) -> tuple[float, int, Array]:
    """Return Hotelling's chi-square of the means of columns (n, columns), its degrees of freedom, and each mean's errors."""
    mean = np.average(values, axis=0, weights=weights)
    covariance = np.cov(values.T, aweights=weights, ddof=0).reshape(len(mean), len(mean))
    spread = np.sqrt(np.diag(covariance))
    used = spread > 0.0
    roots, axes = np.linalg.eigh(covariance[np.ix_(used, used)] / np.outer(spread[used], spread[used]))
    kept = roots > 1e-8
    parts = (mean[used] / spread[used]) @ axes[:, kept]
    each = np.divide(mean, spread, out=np.zeros_like(mean), where=used) * np.sqrt(weights.sum())
    return float(weights.sum() * np.sum(parts**2 / roots[kept])), int(kept.sum()), each


def critical(freedom: int, tests: int = 1) -> float:
    """The chi-square that is passed by chance in RARE cases, by any of so many tests."""
    return float(chi2.isf(RARE / tests, freedom))


def fits(found: Array, expected: Array) -> tuple[float, int]:
    """Pearson's chi-square of counts, neighbours put together until CELL are expected; and its degrees of freedom."""
    group, due = np.zeros(len(expected), np.int64), 0.0
    for i in range(1, len(expected)):
        due += expected[i - 1]
        full = due >= CELL and expected[i:].sum() >= CELL
        group[i], due = group[i - 1] + full, 0.0 if full else due
    seen, expects = np.bincount(group, found), np.bincount(group, expected)
    return float(np.sum((seen - expects) ** 2 / expects)), max(len(expects) - 1, 1)
