"""Models as forecasters: fitted to the customers of an origin, and asked what they say of them; alone, or as a stack."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from math import log
from typing import TYPE_CHECKING

from clvmodels.contract import HasCounts, HasFuture, Model
from clvmodels.economics.assumptions import yearly
from clvmodels.economics.valuation import value
from clvmodels.errors import QuestionError
from clvmodels.evaluate.forecasts import Forecast
from clvmodels.evaluate.information import TRUSTED, leave_one_out
from clvmodels.fitting import fit, highest
from clvmodels.questions.answers import spread
from clvmodels.stacking import Stack

if TYPE_CHECKING:
    from clvmodels.customers import Customers
    from clvmodels.economics.valuation import Valuation
    from clvmodels.evaluate.forecasts import Origin
    from clvmodels.fitted import Fit
    from clvmodels.fitting import Method
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True)
class Modelled:
    """A model of purchases, and how it is fitted.

    Attributes
    ----------
    model
        the model
    method
        how to fit it; ``Laplace()`` by default
    draws
        how many draws of the posterior to forecast with, and so many outcomes of each customer
    """

    model: Model
    method: Method | None = None
    draws: int = 1000

    @property
    def name(self) -> str:
        """That of the model."""
        return self.model.title

    def forecast(self, origin: Origin) -> Forecast:
        """Fit the model to the customers of the origin, and ask it everything that it can answer."""
        begun = time.perf_counter()
        found = fit(self.model, origin.customers, self.method, seed=origin.seed)
        seconds = time.perf_counter() - begun
        told, elpd, doubts = _information(found, origin)
        few = replace(found, draws=spread(found.draws, min(self.draws, len(found.draws))))
        said = _said(few, origin, self.draws)
        return replace(said, elpd=elpd, told={"seconds": seconds, **told}, warnings=(*found.record.warnings, *doubts))


@dataclass(frozen=True)
class Stacking:
    """Several models, averaged: weighed at each origin by leaving out its customers. To be judged in a backtest.

    >>> import clvmodels as clv
    >>> stack = clv.Stacking((clv.BGNBD(), clv.NBD()), clv.Laplace(draws=200), draws=100)
    >>> done = clv.backtest(clv.datasets.cdnow(sample=True), [stack], ["1997-09-30"], 39, seed=1)
    >>> round(float(done.frame()["purchases"].sum()), -2)
    1700.0
    """

    models: tuple[Model, ...]
    method: Method | None = None
    draws: int = 1000
    name: str = "stack"

    def forecast(self, origin: Origin) -> Forecast:
        """Fit all models to the customers of the origin, weigh them, and ask the mixture."""
        begun = time.perf_counter()
        stack = Stack.of(
            [fit(one, origin.customers, self.method, seed=origin.seed) for one in self.models], draws=self.draws
        )
        said = _said(stack, origin, self.draws)
        return replace(said, told={"seconds": time.perf_counter() - begun}, warnings=(repr(stack), *stack.record.warnings))


def _said(found: Fit | Stack, origin: Origin, draws: int) -> Forecast:
    """Ask everything that can be answered."""
    money = _money(found, origin, draws)
    counted = all(isinstance(one.model, HasCounts) for one in found.members)
    drawn = all(isinstance(one.model, HasFuture) for one in found.members)
    ahead = origin.horizon
    return Forecast(
        purchases=found.expected_purchases(ahead).mean_only(),
        value=None if money is None else money.expected.mean_only(),
        any_purchase=1.0 - found.probability_no_purchase(ahead).mean_only() if counted else None,
        alive=found.probability_alive().mean_only(),
        chance=partial(_chance, found, origin.customers, ahead) if counted else None,
        purchases_law=found.predict_purchases(ahead, seed=origin.seed, draws=draws) if drawn else None,
        value_law=money.outcome if money is not None and drawn else None,
    )


def _chance(found: Fit | Stack, customers: Customers, horizon: float, n: int, of: Index) -> Array:
    """The chance of exactly n purchases of some of the customers of a fit: (len(of),)."""
    return found.purchase_count_pmf(n, horizon, customers.some(of)).mean_only()


def _money(found: Fit | Stack, origin: Origin, draws: int) -> Valuation | None:
    """Value what will be bought, without discount, as the holdout does; nothing where spend has no mean."""
    if origin.spend is None:
        return None
    try:
        origin.spend.expected_spend(origin.customers)
    except QuestionError:
        return None
    return value(found, origin.spend, horizon=origin.horizon, discount=yearly(0.0), draws=draws, seed=origin.seed)


def _information(found: Fit, origin: Origin) -> tuple[dict[str, float], Array, tuple[str, ...]]:
    """Return AIC and BIC, what leaving out customers says, and how far that can be trusted."""
    height = highest(found.model, origin.customers, origin.seed)
    parameters = len(found.model.parameters())
    told = {"aic": 2.0 * (parameters - height), "bic": parameters * log(len(origin.customers)) - 2.0 * height}
    left = leave_one_out(found)
    told |= {"elpd": left.total, "elpd_se": left.error}
    doubtful = int((left.k > TRUSTED).sum())
    doubt = f"Leaving out one customer can't be trusted for {doubtful} of {len(left.k)} (Pareto k above {TRUSTED})."
    return told, left.elpd, (doubt,) if doubtful else ()
