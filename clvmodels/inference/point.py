"""One best point: of the likelihood, or of the posterior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from clvmodels.inference.climb import climb, remarks
from clvmodels.inference.solution import Solution

if TYPE_CHECKING:
    from numpy.random import Generator

    from clvmodels.objective import Objective


def _point(objective: Objective, rng: Generator) -> Solution:
    summit = climb(objective, rng)
    warnings = remarks(objective, summit)
    return Solution(summit.u, summit.covariance, None, summit.found, summit.evaluations, warnings)


@dataclass(frozen=True)
class MLE:
    """Maximum likelihood: the parameters that make the data most likely, as the papers print them.

    Gives a point with standard errors and no draws, so it has nothing to say about the uncertainty of what is expected.
    """

    @property
    def believes(self) -> bool:
        """It solves the likelihood alone."""
        return False

    def solve(self, objective: Objective, rng: Generator) -> Solution:
        """Climb the likelihood."""
        return _point(objective, rng)


@dataclass(frozen=True)
class MAP:
    """The highest point of the posterior, in the logarithms of the parameters: the centre of `Laplace`."""

    @property
    def believes(self) -> bool:
        """It solves the posterior."""
        return True

    def solve(self, objective: Objective, rng: Generator) -> Solution:
        """Climb the posterior."""
        return _point(objective, rng)
