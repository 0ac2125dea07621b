"""A common shock: what moves all customers together, as no model of single customers knows, taken from a backtest.

Seasons, campaigns and a shop that ages let rates drift together, so totals lie further off than a model says. How far they
did at earlier origins, as logs of actual over forecast, is what is to be expected of the next: Student's around no shock,
with a degree of freedom an origin, whose scale is what their spread has beyond the model's own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import QuestionError
from clvmodels.questions.asking import seeded
from clvmodels.sources import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clvmodels.estimate import Estimate
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True)
class Shock:
    """How far totals are moved by what all customers have in common.

    Attributes
    ----------
    sd
        spread of the log of actual over forecast, beyond what the model knew of
    origins
        how many totals it was estimated from
    """

    sd: float
    origins: int

    def __repr__(self) -> str:
        return f"Shock(sd={self.sd:.2f}, origins={self.origins})"

    def widened(self, draws: Array, seed: int | None = None) -> Array:
        """Return draws of a total with a shock to each."""
        rng = np.random.default_rng(seeded(seed))
        return draws * np.exp(self.sd * rng.standard_t(self.origins, size=draws.shape))

    def widen(self, total: Estimate, seed: int | None = None) -> Estimate:
        """Return a total, as ``estimate.sum()`` gives it, with an interval that knows of common shocks, and says so.

        >>> import clvmodels as clv
        >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
        >>> total = clv.fit(clv.BGNBD(), customers, seed=1).predict_purchases(39, seed=1).sum()
        >>> clv.Shock(sd=0.1, origins=3).widen(total, seed=1)
        Estimate(total purchases, with a common shock of 10 %, outcome, 1 x 1,000 draws)
        """
        rows, _ = total.source.shape
        if rows != 1:
            message = "A common shock is one for all customers together: ask for the total first, with .sum()."
            raise QuestionError(message)
        drawn = self.widened(total.source.block(slice(0, 1)), seed)
        label = f"{total.label}, with a common shock of {100.0 * self.sd:.0f} %"
        return replace(total, meaning="outcome", label=label, source=Table(drawn), certain=False, _known=[], _sums={})


def shock_of(totals: Sequence[tuple[Array, float]]) -> Shock:
    """Estimate a shock from draws of totals, and the totals that came about: at least one.

    >>> shock_of([(np.full(9, 100.0), 110.0), (np.full(9, 100.0), 90.0)])
    Shock(sd=0.10, origins=2)
    """
    if not totals or min(actual for _, actual in totals) <= 0.0:
        message = "A shock is estimated from totals above 0 at one origin at least, besides any that is judged by it."
        raise QuestionError(message)
    logs = np.array([np.log(actual / draws.mean()) for draws, actual in totals])
    known = np.array([np.log(np.maximum(draws, 1e-300)).var() for draws, _ in totals])
    return Shock(float(np.sqrt(max(np.mean(logs**2 - known), 0.0))), len(totals))
