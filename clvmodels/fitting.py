"""Fitting: a model, customers and a method make a Fit."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol
from zlib import crc32

import numpy as np

from clvmodels.doubts import doubts, untold
from clvmodels.engines.grain import EFFECT
from clvmodels.engines.kinds import Kinds
from clvmodels.engines.lazy import LazyBuyers, LazyCustomers
from clvmodels.fitted import Fit
from clvmodels.inference.laplace import Laplace
from clvmodels.inference.point import MAP, MLE
from clvmodels.objective import Objective
from clvmodels.questions.asking import Record, histories_of, seeded
from clvmodels.units import as_unit

if TYPE_CHECKING:
    from clvmodels.contract import Model, Told
    from clvmodels.inference.solution import Solution
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit


class Method(Protocol):
    """A way to fit: frozen settings, and a function that solves an objective."""

    @property
    def believes(self) -> bool:
        """Whether it solves the posterior, or the likelihood alone."""
        ...

    def solve(self, objective: Objective, rng: np.random.Generator) -> Solution:
        """Solve the objective."""
        ...


def fit(
    model: Model, customers: Told | LazyCustomers | LazyBuyers, method: Method | None = None, *, seed: int | None = None
) -> Fit:
    """Fit a model to customers.

    Parameters
    ----------
    model
        Of purchases, for `Customers`; of spend, for the `Buyers` that ``customers.all_buyers()`` gives.
    customers
        To learn from. Of those who stay in an engine, distinct histories are brought home, and no more.
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
    told = customers.kinds(model.history) if isinstance(customers, LazyCustomers | LazyBuyers) else customers
    model, choice = chosen(model, told, seed)
    objective = Objective(model, histories_of(model, told, model.history), way.believes, told.unit)
    solution = way.solve(objective, generator(seed, model))
    mode = objective.theta(solution.mode)
    draws = mode[None] if solution.draws is None else objective.theta(solution.draws)
    record = Record(
        repr(way),
        solution.converged,
        solution.evaluations,
        time.perf_counter() - begun,
        seed,
        (
            *solution.warnings,
            *choice,
            *coarsened(objective, told, solution, seed),
            *doubts(model, objective.histories, draws, solution.covariance),
            *(untold(objective, solution.draws) if solution.draws is not None and way.believes and solution.learned else ()),
        ),
        solution.pareto_k,
        solution.ess,
        solution.r_hat,
        solution.divergences,
        solution.learned,
    )
    return Fit(model, draws, mode, solution.covariance, told, told.unit, record, solution.chains, solution.stats)


def coarsened(objective: Objective, told: Told, solution: Solution, seed: int) -> tuple[str, ...]:
    """Say what rounding does to the estimates, if there is any: how far they move when it is done three times as far."""
    if not isinstance(told, Kinds) or not told.grain:
        return ()
    model, again = objective.model, told.coarser()
    other = replace(objective, histories=histories_of(model, again, model.history))
    there = (MAP() if objective.believes else MLE()).solve(other, generator(seed, model))
    moved = np.log(other.theta(there.mode) / objective.theta(solution.mode)) / np.sqrt(np.diag(solution.covariance))
    least = int(np.argmax(np.abs(moved)))
    far, name = float(np.abs(moved[least])), model.parameters()[least]
    effect = f"{far:.2g} standard errors ({name}), so rounding itself moves them by about {far / EFFECT:.1g}"
    return (f"Rounded three times as far, these customers have estimates that differ by at most {effect}.",)


def generator(seed: int, model: Model) -> np.random.Generator:
    """Make a generator such that fits of two models with one seed draw independently."""
    return np.random.default_rng(np.random.SeedSequence((seed, crc32(model.name.encode()))))


def chosen(model: Model, customers: Told, seed: int) -> tuple[Model, tuple[str, ...]]:
    """Choose among the candidates of a model the one of the highest likelihood, and say so."""
    candidates = model.candidates()
    if len(candidates) == 1:
        return candidates[0], ()
    heights = {repr(candidate): highest(candidate, customers, seed) for candidate in candidates}
    best = max(candidates, key=lambda candidate: heights[repr(candidate)])
    others = ", ".join(f"{name} {height - heights[repr(best)]:+.1f}" for name, height in heights.items())
    return best, (f"The data chose {best!r}; log-likelihoods beside it: {others}.",)


def highest(model: Model, customers: Told, seed: int) -> float:
    """Return the maximum of the log-likelihood."""
    objective = Objective(model, histories_of(model, customers, model.history), believes=False)
    return objective.at(MLE().solve(objective, generator(seed, model)).mode)[0]


def fixed(model: Model, point: Array, unit: Unit) -> Fit:
    """Take a point of the parameters as it is."""
    unknown = np.full((len(point), len(point)), np.nan)
    return Fit(model, point[None], point, unknown, None, as_unit(unit), Record("given"))
