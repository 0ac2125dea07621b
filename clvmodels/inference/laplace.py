"""The default: the posterior in a fraction of a second, and a measure of how far to trust it.

Points are proposed around the mode and weighed (`proposals`); by the weights they are resampled, systematically, so that the
draws keep the precision of the lattice that they come from. The shape k of the weights' tail says whether they can be
trusted (k <= 0.7; Vehtari, Simpson, Gelman, Yao & Gabry 2024); where they can't, or there is no mode inside the support,
`NUTS` takes over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import FitError
from clvmodels.inference.climb import Summit, climb, remarks
from clvmodels.inference.nuts import NUTS
from clvmodels.inference.proposals import weighed
from clvmodels.inference.solution import Solution

if TYPE_CHECKING:
    from numpy.random import Generator

    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective

TRUSTED = 0.7
"""The largest Pareto k at which weights can be trusted."""

CHAINS, SHORTEST = 4, 256
"""Of the sampler that takes over: how many chains, and the fewest draws of each."""


def _resampled(points: Array, weights: Array, number: int, rng: Generator) -> Array:
    """Systematic resampling, in random order: (number, parameters)."""
    places = (rng.random() + np.arange(number)) / number
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)
    return points[rng.permutation(chosen)]


@dataclass(frozen=True)
class Laplace:
    """Importance-corrected Laplace approximation of the posterior.

    Parameters
    ----------
    draws
        How many draws of the posterior to keep. 2,000 put the ends of 90 % intervals within a tenth of a posterior
        standard deviation of where they belong; 1,000 do for the value of customers.
    """

    draws: int = 2000

    def __post_init__(self) -> None:
        if self.draws < 1:
            message = f"Laplace needs at least one draw, not {self.draws}."
            raise FitError(message)

    @property
    def believes(self) -> bool:
        """It solves the posterior."""
        return True

    def solve(self, objective: Objective, rng: Generator) -> Solution:
        """Climb the posterior, propose around its mode, weigh, and resample."""
        summit = climb(objective, rng)
        if not np.all(np.isfinite(summit.covariance)):
            return self._escalate(objective, summit, np.inf, rng)
        best, evaluations = weighed(objective, summit, self.draws, rng)
        if best.k > TRUSTED:
            return self._escalate(objective, replace(summit, evaluations=evaluations), best.k, rng)
        draws = _resampled(best.points, best.weights, self.draws, rng)
        warnings = remarks(objective, summit)
        ess = (min(1.0 / float(best.weights @ best.weights), float(self.draws)),) * objective.dimension
        return Solution(summit.u, summit.covariance, draws, summit.found, evaluations, warnings, best.k, ess=ess)

    def _escalate(self, objective: Objective, summit: Summit, k: float, rng: Generator) -> Solution:
        """Sample what can't be proposed."""
        way = NUTS(draws=max(ceil(self.draws / CHAINS), SHORTEST), chains=CHAINS, target_accept=0.9)
        found = way.sample(objective, summit, rng)
        trouble = f"Pareto k = {k:.2f}, to be trusted up to 0.7" if k < np.inf else "no mode inside the support"
        said = f"The posterior of {objective.model.name} is too far from the shape that Laplace() proposes ({trouble}):"
        warnings = (f"{said} {way} was run instead.", *found.warnings)
        return replace(found, warnings=warnings, pareto_k=k if k < np.inf else None)
