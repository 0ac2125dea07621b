"""lifetimes as a forecaster: points by maximum likelihood, as its users have them; it has no intervals of customers."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.evaluate.forecasts import Forecast

if TYPE_CHECKING:
    from clvmodels.evaluate.forecasts import Forecaster, Origin
    from clvmodels.kernels.lift import Array

PACKAGES = ("lifetimes", "clvmodels", "numpy", "scipy", "pandas", "autograd")
FITTERS = {"BG/NBD": "BetaGeoFitter", "MBG/NBD": "ModifiedBetaGeoFitter", "Pareto/NBD": "ParetoNBDFitter"}
ADVISED = 0.001
"""The least of the penalties that its manual names, for what its message says to try where a fit doesn't converge."""

ALONE = Lock()
"""Its gradients come from autograd, whose record of what is computed is one for all threads."""


@dataclass(frozen=True)
class Lifetimes:
    """One of its models, and its Gamma-Gamma for the money."""

    model: str
    penalizer: float = 0.0

    @property
    def name(self) -> str:
        return f"lifetimes {self.model}{', penalised' if self.penalizer else ''}"

    def forecast(self, origin: Origin) -> Forecast:
        with ALONE, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._forecast(import_module("lifetimes"), origin)

    def _forecast(self, lifetimes: Any, origin: Origin) -> Forecast:  # noqa: ANN401  (a module)
        customers = origin.customers
        history = customers.frequency, customers.recency, customers.T
        begun = time.perf_counter()
        fitted = getattr(lifetimes, FITTERS[self.model])(penalizer_coef=self.penalizer).fit(*history)
        seconds = time.perf_counter() - begun
        expected = np.asarray(fitted.conditional_expected_number_of_purchases_up_to_time(origin.horizon, *history))
        alive = np.asarray(fitted.conditional_probability_alive(*history), dtype=float)
        worth = None if origin.spend is None else expected * self._spend(lifetimes, origin)
        return Forecast(expected, worth, alive=alive, told={"seconds": seconds})

    @staticmethod
    def _spend(lifetimes: Any, origin: Origin) -> Array:  # noqa: ANN401
        """Return the expected value of a purchase: fitted, as it asks, to those who have bought again for something."""
        frequency, value = origin.customers.frequency, origin.customers.monetary_value
        back = (frequency > 0) & (value > 0)
        fitted = lifetimes.GammaGammaFitter().fit(frequency[back], value[back])
        return np.asarray(fitted.conditional_expected_average_profit(frequency, value), dtype=float)


def contestants() -> dict[str, Forecaster]:
    all_of_them = [Lifetimes(model) for model in FITTERS] + [Lifetimes(model, ADVISED) for model in ("BG/NBD", "MBG/NBD")]
    return {one.name: one for one in all_of_them}
