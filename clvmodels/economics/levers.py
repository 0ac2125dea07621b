"""Elasticities: which lever moves the value of the base most, in per cent for one per cent of each.

A value is linear in spend, margin and costs, whose slopes are differences; it bends in the rates of purchase and of dropout
and in the discount rate, whose slopes in the log are differences of second order at steps of `STEP`, with an error of the
order of its square. All are taken draw by draw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.economics.assumptions import as_rate
from clvmodels.economics.scenarios import Scenario, revalued
from clvmodels.errors import QuestionError
from clvmodels.estimate import Estimate
from clvmodels.evaluate.pictures import EXPECTED, LINE, OFF, axes
from clvmodels.sources import Table
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.economics.terms import Terms
    from clvmodels.economics.valuation import Valuation
    from clvmodels.kernels.lift import Array

STEP = 1e-3

DRAWS = 250
"""Draws of the posteriors that elasticities go through unless told otherwise."""


@dataclass(frozen=True, eq=False)
class Elasticities:
    """How much the value of the base moves with each lever.

    Attributes
    ----------
    levers
        what is moved; dropout and costs lower value
    slopes
        the derivative of the base's value in the log of each lever (levers,), draw by draw
    total
        the base's value, draw by draw
    """

    levers: tuple[str, ...]
    slopes: Estimate
    total: Estimate

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Return a row a lever, the strongest first.

        Columns: elasticity (per cent of value for one per cent of the lever) with its interval low to high; one_per_cent,
        what one per cent more of it is worth, in money, with money_low and money_high.
        """
        slopes, total = self.slopes.draws(), self.total.draws()
        relative = slopes / total
        table = pd.DataFrame({"lever": self.levers, "elasticity": self.slopes.mean / self.total.mean[0]})
        if not self.slopes.certain:
            tail = 0.5 * (1.0 - prob)
            table["low"], table["high"] = np.quantile(relative, [tail, 1.0 - tail], axis=0)
        money = 0.01 * self.slopes.interval(prob)
        told = table.reindex(columns=["lever", "elasticity", "low", "high"]).assign(
            one_per_cent=0.01 * self.slopes.mean, money_low=money[:, 0], money_high=money[:, 1]
        )
        strongest = np.argsort(-np.abs(told["elasticity"].to_numpy()), kind="stable")
        return told.iloc[strongest].reset_index(drop=True)

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw a tornado: a bar for each lever, the strongest on top, with its interval."""
        told = self.frame(prob)
        ax = axes(ax, "What one per cent of each lever moves", "value of the base, per cent", "")
        place = np.arange(float(len(told)))[::-1]
        height = told["elasticity"].to_numpy()
        ax.barh(place, height, color=np.where(height >= 0.0, EXPECTED, OFF), height=0.65)
        ax.hlines(place, told["low"], told["high"], color=LINE, linewidth=2.0)
        ax.set_yticks(place, told["lever"])
        ax.axvline(0.0, color=LINE, linewidth=0.8)
        ax.grid(axis="x", color="#e6e9ec", linewidth=0.8)
        ax.grid(visible=False, axis="y")
        return ax


def elasticities(worth: Valuation, draws: int = DRAWS) -> Elasticities:
    """Ask which lever moves the value of the base most: rate of purchases, dropout, spend, margin, costs, discount rate...

    Acquisition moves what it costs to win such a base, beside the same value. At most so many draws of the valuation are
    gone through: each lever that bends takes the integrals of all customers anew, twice.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit, spend = clv.fit(clv.BGNBD(), customers, seed=1), clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> clv.elasticities(worth).frame()["lever"].to_list()[:3]
    ['spend', 'margin', 'purchase rate']
    """
    worth = replace(worth, draws=min(worth.draws, draws), by=(), others=())
    base = worth.terms
    total = _total(worth, (1.0, base))
    if np.any(total == 0.0):
        message = "The base is worth nothing, so nothing can be said in per cent of it."
        raise QuestionError(message)
    spend = total - _total(worth, (1.0, Scenario(spend=0.0).terms(worth)))
    slopes = {"spend": spend, "margin": spend}
    costs = worth.economics.costs
    slopes |= {name: total - _total(worth, (1.0, Scenario(costs={name: 0.0}).terms(worth))) for name in costs}
    slopes |= {name: _slope(worth, moved) for name, moved in _bending(worth).items()}
    if np.any(base.acquisition > 0.0):
        slopes["acquisition"] = np.full_like(total, -base.acquisition.sum())
    return Elasticities((*slopes,), _estimate(np.stack([*slopes.values()])), _estimate(total[None, :]))


def _bending(worth: Valuation) -> dict[str, tuple[Terms, Terms] | tuple[Terms, Terms, Terms]]:
    """The terms by which slopes of what bends are taken: up and down, or here and twice down where up can't be had."""
    up, down = exp(STEP), exp(-STEP)
    levers = set.intersection(*(set(fit.model.levers()) for fit in worth.fit.members))
    most = min(fit.model.most_dropout for fit in worth.fit.members)
    found: dict[str, tuple[Terms, Terms] | tuple[Terms, Terms, Terms]] = {}
    if "rho" in levers:
        found["purchase rate"] = tuple(Scenario(purchase_rate=by).terms(worth) for by in (up, down))  # type: ignore[assignment]
    if "kappa" in levers:
        factors = (up, down) if most >= up else (1.0, down, down * down)
        found["dropout"] = tuple(Scenario(dropout=by).terms(worth) for by in factors)  # type: ignore[assignment]
    if np.any(worth.terms.force > 0.0):
        found["discount rate"] = _discounted(worth, up), _discounted(worth, down)
    return found


def _discounted(worth: Valuation, factor: float) -> Terms:
    """The terms with rates of discount that are multiplied, as they were told: a year's, a month's."""
    length = DAYS[as_rate(worth.discount).period] / DAYS[worth.fit.unit]
    terms = worth.terms
    return replace(terms, force=np.log1p(factor * np.expm1(length * terms.force)) / length)


def _slope(worth: Valuation, terms: tuple[Terms, ...]) -> Array:
    """Slope of the total in the log of a lever, draw by draw."""
    weights = (0.5, -0.5) if len(terms) == 2 else (1.5, -2.0, 0.5)
    return _total(worth, *((weight / STEP, each) for weight, each in zip(weights, terms, strict=True)))


def _total(worth: Valuation, *pairs: tuple[float, Terms]) -> Array:
    """Each draw's total of a sum of values (draws,)."""
    return revalued(worth, *pairs).by(np.zeros(len(worth.customers), dtype=np.intp)).draws()[:, 0]


def _estimate(values: Array) -> Estimate:
    """Put draws (numbers, draws) in an estimate."""
    return Estimate("expectation", "slope", None, Table(values), np.arange(len(values)), certain=values.shape[1] == 1)
