"""The priors alone: what is believed before the data, as a fit that can be asked like any other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import FitError
from clvmodels.inference.solution import Solution

if TYPE_CHECKING:
    from numpy.random import Generator

    from clvmodels.objective import Objective


@dataclass(frozen=True)
class PriorOnly:
    """Draws of the priors, without a look at the data (but for their scale, where priors speak in ``unit="data"``).

    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> before = clv.fit(clv.BGNBD(), customers, clv.PriorOnly(), seed=1)
    >>> before.parameters().loc["r", "low":"high"].round(2).tolist()
    [0.04, 29.46]
    """

    draws: int = 1000

    def __post_init__(self) -> None:
        if self.draws < 1:
            message = f"PriorOnly needs at least one draw, not {self.draws}."
            raise FitError(message)

    @property
    def believes(self) -> bool:
        """It solves the posterior."""
        return True

    def solve(self, objective: Objective, rng: Generator) -> Solution:
        """Draw from the priors; their middle stands for a mode."""
        draws = objective.draw(rng, self.draws)
        unknown = np.full((objective.dimension, objective.dimension), np.nan)
        ess = (float(self.draws),) * objective.dimension
        return Solution(np.median(draws, axis=0), unknown, draws, converged=True, evaluations=0, ess=ess, learned=False)
