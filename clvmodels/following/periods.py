"""What a base buys from period to period: the totals of each draw, in blocks of customers.

Expectations are integrals up to the end of each period, of which differences are taken draw by draw; customers whose time
ahead is interpolated between the same nodes are added up there first. Outcomes are one future for each customer and draw,
counted by period, so that periods add up. Either way a block of customers is summed before the next is made, and nothing as
large as customers by draws is ever in memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from clvmodels.contract import HasFuture, HasPhases, HasPurchases, HasSpend
from clvmodels.kernels.lift import row
from clvmodels.kernels.outcomes import draw_periods
from clvmodels.kernels.running import running
from clvmodels.kernels.simulation import Drawing
from clvmodels.kernels.threads import each, slices
from clvmodels.progress import watch
from clvmodels.questions import answers
from clvmodels.questions.ahead import GAPS, PANELS, gather, grid, time_scales
from clvmodels.questions.purchases import BUYS, FUTURE
from clvmodels.questions.spending import WHAT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from clvmodels.customers import Customers
    from clvmodels.fitted import Fit
    from clvmodels.histories import Histories, Index
    from clvmodels.kernels.lift import Array
    from clvmodels.questions.ahead import Group
    from clvmodels.sources import Source

T = TypeVar("T")

CELLS = 500_000
"""Customers times draws of a block."""


@row
def nothing(rng: object, free: float, x: float) -> tuple[float, float]:  # noqa: ARG001
    """Draw baskets of no value, where spend isn't recorded."""
    return 1.0, inf


@dataclass(frozen=True, eq=False)
class Base:
    """Customers who are asked about, and of whom.

    Attributes
    ----------
    fit, spend
        of purchases and, where spend is recorded, of spend
    customers
        the base
    theta, theta_spend
        draws of both, in pairs: (draws, parameters)
    """

    fit: Fit
    spend: Fit | None
    customers: Customers
    theta: Array
    theta_spend: Array

    @classmethod
    def of(cls, fit: Fit, spend: Fit | None, customers: Customers, draws: int) -> Base:
        """Pair at most so many draws of two posteriors: a point goes with every draw of the other."""
        theirs = np.zeros((1, 1)) if spend is None else spend.draws
        fewest = min((len(theta) for theta in (fit.draws, theirs) if len(theta) > 1), default=1)
        number = min(draws, fewest)
        return cls(fit, spend, customers, answers.spread(fit.draws, number), answers.spread(theirs, number))

    @property
    def certain(self) -> bool:
        """Whether it is of single points of the parameters."""
        return len(self.theta) == 1

    def repeated(self, draws: int) -> Base:
        """Return it with as many draws of what is a point, to draw outcomes of."""
        if not self.certain:
            return self
        return replace(self, theta=answers.spread(self.theta, draws), theta_spend=answers.spread(self.theta_spend, draws))

    def expected(self, ends: Array) -> Array:
        """Expected purchases in each period and what they are worth, in all: (2, periods, draws)."""
        model = self.fit.able(HasPurchases, BUYS)
        histories = self.fit.asked(self.customers).histories
        until = sum(self._until(ends, model, there, some) for there, some in self._there(model, histories))
        return np.diff(until, axis=1, prepend=0.0)

    def _there(self, model: HasPurchases, histories: Histories) -> list[tuple[Source, Histories]]:
        """P(alive), by phase where a model has these, and the histories that name the phase."""
        now = answers.here(model, self.theta, histories)
        if not isinstance(model, HasPhases):
            return [(now, histories)]
        phases = {
            float(j): answers.evaluate(model.phase, model, self.theta, histories, j=float(j)) for j in range(model.phases)
        }
        return [(answers.times(now, phase), histories.with_constants({"j": j})) for j, phase in phases.items()]

    def _until(self, ends: Array, model: HasPurchases, there: Source, histories: Histories) -> Array:
        """Expected purchases until each end, and what they are worth, of those who are there: (2, periods, draws).

        All ends share the nodes between which what lies ahead is interpolated, so customers are gathered there once.
        """
        groups, rows = grid(model.intensity, model, self.theta, histories)
        weights = self._gathered(groups, there, histories)
        scales, paces = (np.zeros(len(self.theta)),) * 2 if model.discrete else time_scales(model, self.theta)
        gaps = GAPS if isinstance(model, HasPhases) else 0.0
        return running(model.intensity, self.theta, rows, weights, ends, scales, PANELS * paces, gaps)

    def _gathered(self, groups: Sequence[Group], there: Source, histories: Histories) -> Array:
        """How many customers there are to each node, and what their purchases are worth: (2, nodes, draws)."""
        order, worth = np.argsort(histories.index, kind="stable"), self._worth()
        out = np.zeros((2, groups[-1].nodes.stop, len(self.theta)))

        def part(block: slice) -> tuple[slice, Array]:
            kinds, starts = np.unique(histories.index[order[block]], return_index=True)
            run = slice(int(kinds[0]), int(kinds[-1]) + 1)
            here = there.block(run)
            number = np.diff(starts, append=block.stop - block.start)[:, None]
            nodes, customers = gather(groups, run, number * here)
            value = np.add.reduceat(worth(order[block]), starts)
            return nodes, np.stack([customers, gather(groups, run, value * here)[1]])

        for nodes, weights in self._over_blocks(part, "expected purchases"):
            out[:, nodes] += weights
        return out

    def drawn(self, ends: Array, seed: int) -> Array:
        """Purchases in each period and what they are worth, drawn, in all: (2, periods, draws)."""
        model = self.fit.able(HasFuture, FUTURE)
        asked = self.fit.asked(self.customers)
        living = answers.lives(model, self.theta, asked.histories, asked.order)
        baskets = self._baskets()

        def part(block: slice) -> Array:
            rng, theirs = answers.generator(seed, block), baskets.some(living.order[block])
            return draw_periods(rng, living.future.some(block), living.chances(block), theirs, ends)

        out = np.zeros((2, len(ends), len(self.theta)))
        for drawn in self._over_blocks(part, "purchases by period"):
            out += drawn
        return out

    def _over_blocks(self, part: Callable[[slice], T], label: str) -> Iterator[T]:
        """Go over the customers, a block at a time."""
        blocks = slices(len(self.customers), max(CELLS // len(self.theta), 1))
        return watch(each(part, blocks), len(blocks), label)

    def _worth(self) -> Callable[[Index], Array]:
        """What a purchase of some customers is worth on average: (customers, draws)."""
        if self.spend is None:
            return lambda some: np.zeros((len(some), len(self.theta)))
        model = self.spend.able(HasSpend, WHAT)
        spenders = self.spend.asked(self.customers).histories
        source = answers.evaluate(model.mean_spend, model, self.theta_spend, spenders)
        return lambda some: source.block(spenders.index[some])

    def _baskets(self) -> Drawing:
        """What draws the baskets of each customer."""
        if self.spend is None:
            return Drawing((nothing,), self.theta_spend, np.zeros((len(self.customers), 1)))
        model = self.spend.able(HasSpend, WHAT)
        spenders = self.spend.asked(self.customers).histories
        return answers.drawing((model.basket,), model, self.theta_spend, spenders)
