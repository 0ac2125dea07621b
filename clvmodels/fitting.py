"""Fitting: a model, customers and a method make a Fit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Protocol
from zlib import crc32

import numpy as np

from clvmodels.fitted import Fit, Record, histories_of, seeded
from clvmodels.inference.laplace import Laplace
from clvmodels.objective import Objective
from clvmodels.units import as_unit

if TYPE_CHECKING:
    from clvmodels.buyers import Buyers
    from clvmodels.contract import Model
    from clvmodels.customers import Customers
    from clvmodels.inference.solution import Solution
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit


class Method(Protocol):
    """A way to fit: frozen settings, and a function that solves an objective."""

    believes: ClassVar[bool]
    """Whether it solves the posterior, or the likelihood alone."""

    def solve(self, objective: Objective, rng: np.random.Generator) -> Solution:
        """Solve the objective."""
        ...


def fit(model: Model, customers: Customers | Buyers, method: Method | None = None, *, seed: int | None = None) -> Fit:
    """Fit a model to customers.

    Parameters
    ----------
    model
        Of purchases, for `Customers`; of spend, for the `Buyers` that ``customers.all_buyers()`` gives.
    customers
        To learn from.
    method
        ``Laplace()`` unless said otherwise: draws of the posterior, checked.
    seed
        To get the same draws again; a fresh one is drawn, and kept in the record, unless given.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> point = clv.fit(clv.BGNBD(), customers, clv.MLE())
    >>> float(point.theta.r.round(4))
    0.2426
    """
    way: Method = method or Laplace()
    seed = seeded(seed)
    begun = time.perf_counter()
    objective = Objective(model, histories_of(model, customers)[0], way.believes)
    solution = way.solve(objective, np.random.default_rng(np.random.SeedSequence((seed, crc32(model.name.encode())))))
    record = Record(
        repr(way),
        solution.converged,
        solution.evaluations,
        time.perf_counter() - begun,
        seed,
        solution.warnings,
        solution.pareto_k,
    )
    mode = objective.theta(solution.mode)
    draws = mode[None] if solution.draws is None else objective.theta(solution.draws)
    return Fit(model, draws, mode, solution.covariance, customers, customers.unit, record)


def fixed(model: Model, point: Array, unit: Unit) -> Fit:
    """Take a point of the parameters as it is."""
    unknown = np.full((len(point), len(point)), np.nan)
    return Fit(model, point[None], point, unknown, None, as_unit(unit), Record("given"))
