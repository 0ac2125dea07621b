"""The law of recovery: many simulated customers give back the parameters that they were simulated with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvmodels.inference import MLE
from clvmodels.testing.laws.law import law
from clvmodels.testing.laws.score import MANY
from clvmodels.testing.simulating import Simulated, simulated
from clvmodels.testing.trials import Spared, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.testing.cases import Case

ERRORS = 4.0
"""Standard errors: passed by chance by 1 estimate in 16,000."""


@law("recovery", "Maximum likelihood finds the parameters of 20,000 simulated customers again.")
def recovery(case: Case) -> Iterator[Trial]:
    """Fit simulated customers, and compare with the parameters that they have, in logs."""
    if not case.thorough:
        reason = "it takes time: say thorough=True"
        raise Spared(reason)
    theta = case.theta[0]
    seen = case.lay(simulated(case, theta, MANY, case.rng("recovery")))
    fit = case.model.fit(Simulated(seen), MLE(), seed=case.seed)
    errors = np.sqrt(np.diag(fit.covariance))
    for name, found, should, error in zip(case.model.parameters(), fit.mode, theta, errors, strict=True):
        off = np.log(found) - np.log(should)
        yield Trial(
            f"log {name}, estimated from {MANY:,} customers,",
            case.at(theta[None]),
            off + np.log(should),
            np.log(should),
            ERRORS,
            error,
        )
