"""Customer equity: what a base is worth as an asset, today's customers and the cohorts to come.

Customers to come arrive at random times of their period. Each is worth what a newcomer is, less what she costs to win, from
the day on which she comes and within the same horizon from then, discounted to today.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import expm1, isfinite, log1p
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.economics.acquisition import crowd, newcomer_value
from clvmodels.economics.assumptions import as_rate
from clvmodels.errors import QuestionError
from clvmodels.estimate import Estimate
from clvmodels.evaluate.pictures import EXPECTED, LINE, SEEN, axes
from clvmodels.kernels.outcomes import draw_values
from clvmodels.questions import answers
from clvmodels.sources import Blocks, Table
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from clvmodels.economics.assumptions import Rate
    from clvmodels.economics.valuation import Valuation
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit


@dataclass(frozen=True)
class Growth:
    """A forecast of acquisition by a rate of growth.

    Attributes
    ----------
    first
        newcomers of the first period to come
    rate
        by which later periods have more, such as ``clv.yearly(0.05)``
    periods
        how many periods to look at

    Examples
    --------
    >>> from clvmodels import yearly
    >>> Growth(1000, yearly(0.10), 3).numbers(1.0, "year")
    (1000.0, 1100.0, 1210.0)
    """

    first: float
    rate: Rate
    periods: int

    def numbers(self, every: float, unit: Unit) -> tuple[float, ...]:
        """Return the newcomers of each period, of a length in some unit."""
        force = log1p(float(self._told())) * DAYS[unit] / DAYS[self.rate.period]
        return tuple(float(np.round(self.first * np.exp(force * every * k), 9)) for k in range(self.periods))

    def _told(self) -> float:
        rate = as_rate(self.rate).rate
        if not isinstance(rate, int | float):
            message = "A rate of growth is one number."
            raise QuestionError(message)
        return rate


@dataclass(frozen=True, eq=False)
class Equity:
    """What a customer base is worth, those to come included.

    Attributes
    ----------
    worth
        valuation of today's customers
    newcomers
        how many will come in each period
    every
        length of a period, in the unit of the customers
    """

    worth: Valuation
    newcomers: tuple[float, ...]
    every: float

    @property
    def force(self) -> float:
        """The force of discount of newcomers: the mean of today's customers."""
        return float(self.worth.terms.force.mean())

    @cached_property
    def cohorts(self) -> Estimate:
        """Expected value of each cohort to come, less its cost of acquisition, discounted; its interval is credible."""
        each = newcomer_value(self.worth).draws()[:, 0] - float(self.worth.acquisition.mean())
        delay = self.force * self.every
        arrival = -expm1(-delay) / delay if delay > 0.0 else 1.0
        weights = np.array(self.newcomers) * arrival * np.exp(-delay * np.arange(len(self.newcomers)))
        certain = len(each) == 1
        return Estimate(
            "expectation", "value of cohorts", None, Table(np.outer(weights, each)), np.arange(len(weights)), certain
        )

    @cached_property
    def expected(self) -> Estimate:
        """Customer equity: today's customers and all cohorts to come, draw by draw; its interval is credible."""
        total = self.worth.expected.sum().draws()[:, 0] + self.cohorts.draws().sum(axis=1)
        return _one("expectation", total, certain=self.cohorts.certain)

    @cached_property
    def to_come(self) -> Estimate:
        """What all cohorts to come will leave, each customer drawn: its interval is predictive."""
        seeds = range(self.worth.seed + 1_000_003, 2**62)
        drawn = [self._drawn(fit, seed) for fit, seed in zip(self.worth.fit.members, seeds, strict=False)]
        return _one("outcome", np.concatenate(drawn))

    @cached_property
    def outcome(self) -> Estimate:
        """What today's customers and those to come will leave, each drawn: its interval is predictive."""
        return _one("outcome", self.worth.outcome.sum().draws()[:, 0] + self.to_come.draws()[:, 0])

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Return the equity and its two parts: mean with credible interval, and the ends of the predictive one."""
        rows = {
            "today's customers": (self.worth.expected.sum(), self.worth.outcome.sum()),
            "cohorts to come": (self.cohorts.sum(), self.to_come),
            "customer equity": (self.expected, self.outcome),
        }
        table = [[e.mean[0], *e.interval(prob)[0], *o.interval(prob)[0]] for e, o in rows.values()]
        names = ["mean", "low", "high", "outcome_low", "outcome_high"]
        return pd.DataFrame(table, columns=names, index=list(rows))

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw what today's customers and each cohort to come are worth, with credible intervals."""
        ax = axes(ax, "Customer equity", f"{self.worth.fit.unit}s from now", "discounted value")
        place = self.every * (np.arange(len(self.newcomers)) + 0.5)
        ends = np.vstack([self.worth.expected.sum().interval(prob), self.cohorts.interval(prob)])
        ax.bar(
            [-self.every / 2], self.worth.expected.sum().mean, width=0.8 * self.every, color=SEEN, label="today's customers"
        )
        ax.bar(place, self.cohorts.mean, width=0.8 * self.every, color=EXPECTED, label="cohorts to come")
        ax.vlines(np.r_[-self.every / 2, place], ends[:, 0], ends[:, 1], color=LINE, linewidth=1.5)
        ax.legend(frameon=False)
        return ax

    def _drawn(self, fit: Fit, seed: int) -> Array:
        """What all newcomers will leave, discounted to today, less what they cost (draws,)."""
        numbers = np.round(np.array(self.newcomers)).astype(int)
        period = np.repeat(np.arange(len(numbers)), numbers)
        worth, terms = self.worth, self.worth.terms.average()
        living, baskets = crowd(worth, fit, len(period))
        table = terms.table(last=1.0)
        cost = float(worth.acquisition.mean())

        def make(rows: slice) -> Array:
            rng = answers.generator(seed, rows)
            some = np.repeat(table, len(period[rows]), axis=0)
            future, theirs, end = living.future.some(rows), baskets.some(rows), np.array([worth.horizon])
            left = draw_values(rng, future, living.chances(rows), theirs, end, some)[..., 0]
            come = self.every * (period[rows, None] + rng.random(left.shape))
            return (left - cost) * np.exp(-self.force * come)

        source = Blocks(living.future.shape, make)
        index = np.arange(len(period))
        return Estimate("outcome", "newcomers", None, source, index).by(np.zeros_like(index)).draws()[:, 0]


def _one(meaning: str, draws: Array, *, certain: bool = False) -> Estimate:
    """Return an estimate of one number."""
    kind = "expectation" if meaning == "expectation" else "outcome"
    return Estimate(kind, "customer equity", None, Table(draws[None, :]), np.zeros(1, dtype=np.intp), certain)


def equity(worth: Valuation, newcomers: Sequence[float] | Growth, every: float) -> Equity:
    """Value a base as an asset: today's customers plus the cohorts to come.

    Parameters
    ----------
    worth
        a valuation, with its horizon, discount and economics; newcomers have its average terms
    newcomers
        how many customers will be won in each period to come, or how their number grows
    every
        the length of a period, in the unit of the customers

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit, spend = clv.fit(clv.BGNBD(), customers, seed=1), clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> table = clv.equity(worth, [200, 250, 300, 350], every=13).frame()
    >>> bool(np.isclose(table["mean"].iloc[:2].sum(), table["mean"].iloc[2]))
    True
    """
    if not (isfinite(every) and every > 0.0):
        message = f"every = {every} can't be: it is the length of a period, in the unit of the customers."
        raise QuestionError(message)
    numbers = newcomers.numbers(every, worth.fit.unit) if isinstance(newcomers, Growth) else tuple(map(float, newcomers))
    if not numbers or not all(isfinite(number) and number >= 0.0 for number in numbers):
        message = f"newcomers = {newcomers!r} can't be: say how many customers come in each period, 0 or more."
        raise QuestionError(message)
    return Equity(worth, numbers, every)
