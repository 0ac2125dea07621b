"""Our models, as posteriors by ``Laplace``; and what they say by maximum likelihood, or of expectations only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import clvmodels as clv
from clvmodels.evaluate.forecasts import Forecast, Forecaster
from clvmodels.evaluate.modelled import Modelled

if TYPE_CHECKING:
    from clvmodels.evaluate.forecasts import Origin

PACKAGES = ("clvmodels", "numpy", "scipy", "numba")
DRAWS = 300
METHOD = clv.Laplace(draws=DRAWS)
SPEND = clv.GammaGamma()


@dataclass(frozen=True)
class Expectation:
    """BG/NBD with the interval of its expectation for that of what will happen: the mistake, made with our own model."""

    name: str = "BG/NBD, expectation"

    def forecast(self, origin: Origin) -> Forecast:
        begun = time.perf_counter()
        fit = clv.fit(clv.BGNBD(), origin.customers, METHOD, seed=origin.seed)
        seconds = time.perf_counter() - begun
        expected = fit.expected_purchases(origin.horizon)
        return Forecast(expected.mean, purchases_law=expected, told={"seconds": seconds})


def contestants() -> dict[str, Forecaster]:
    models = {
        "BG/NBD": clv.BGNBD(),
        "MBG/NBD": clv.MBGNBD(),
        "Pareto/NBD": clv.ParetoNBD(),
        "BG/CNBD-2": clv.BGCNBD(2),
        "MBG/CNBD-2": clv.MBGCNBD(2),
        "NBD": clv.NBD(),
    }
    posteriors = {name: Modelled(model, METHOD, DRAWS) for name, model in models.items()}
    stack = clv.Stacking(tuple(models.values()), METHOD, DRAWS)
    return {**posteriors, stack.name: stack, Expectation().name: Expectation()}


def by_likelihood() -> dict[str, Forecaster]:
    """The three whose forecasts R packages have published, fitted as these do."""
    models = (clv.BGNBD(), clv.MBGNBD(), clv.ParetoNBD())
    return {f"{model.name}, MLE": Modelled(model, clv.MLE(), DRAWS) for model in models}
