"""The bootstrap: how the estimate would vary if other customers of the same kind had come, without any prior."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import FitError, counted
from clvmodels.inference.climb import ascend, climb, remarks
from clvmodels.inference.point import MAP, MLE
from clvmodels.inference.solution import Solution
from clvmodels.progress import watch

if TYPE_CHECKING:
    from numpy.random import Generator

    from clvmodels.inference.climb import Summit
    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective


@dataclass(frozen=True)
class Bootstrap:
    """Fit again and again to customers drawn with replacement from those seen (Efron 1979).

    Parameters
    ----------
    method
        How each is fitted: ``MLE()``, or ``MAP()``.
    replicates
        How many times; they are the draws of the fit.
    """

    method: MLE | MAP = field(default_factory=MLE)
    replicates: int = 200

    def __post_init__(self) -> None:
        if self.replicates < 2:
            message = f"Bootstrap needs at least two replicates, not {self.replicates}."
            raise FitError(message)

    @property
    def believes(self) -> bool:
        """Whether the method that it repeats has priors."""
        return self.method.believes

    def solve(self, objective: Objective, rng: Generator) -> Solution:
        """Climb to the estimate, and from there to that of each replicate."""
        summit = climb(objective, rng)
        numbers = range(self.replicates)
        again = [_again(objective, summit, rng) for _ in watch(numbers, self.replicates, "Fitting replicates")]
        draws = np.array([u for u, _ in again])
        evaluations = summit.evaluations + sum(found.evaluations for _, found in again)
        lost = sum(not found.found for _, found in again)
        warnings = (*remarks(objective, summit), *_lost(lost, self.replicates))
        ess = (float(self.replicates),) * objective.dimension
        return Solution(summit.u, summit.covariance, draws, summit.found, evaluations, warnings, ess=ess)


def _again(objective: Objective, summit: Summit, rng: Generator) -> tuple[Array, Summit]:
    """Draw as many customers with replacement, and climb from the estimate: where that leads, on the line of all."""
    weights = objective.histories.weights
    drawn = rng.multinomial(round(float(weights.sum())), weights / weights.sum()).astype(float)
    other = replace(objective, histories=objective.histories.weighted(drawn))
    found = ascend(other, other.line(objective.theta(summit.u)))
    return objective.line(other.theta(found.u)), found


def _lost(lost: int, replicates: int) -> tuple[str, ...]:
    """What replicates without a summit mean."""
    if not lost:
        return ()
    message = (
        f"{counted(lost, 'replicate')} of {replicates} ran to the edge of the support: the customers are too few, or the "
        "model too rich, to do without a prior. The intervals hold these replicates as they are; Laplace() needs none."
    )
    return (message,)
