"""Answers: the sources of draws behind each question that a fit answers, in blocks of rows.

Expectations are asked of distinct histories, outcomes of customers. Each source is a function of a block of rows, so that
nothing larger than a block is ever in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.contract import HasDepartures, HasPhases
from clvmodels.kernels.simulation import Drawing, draw_counts, draw_pairs
from clvmodels.questions.ahead import look_ahead
from clvmodels.questions.departures import Moments, departures, quicker
from clvmodels.sources import Blocks, in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from clvmodels.contract import Described, HasAlive, HasCounts, HasFuture, HasPurchases
    from clvmodels.histories import Histories, Index
    from clvmodels.kernels.lift import Array, Row
    from clvmodels.sources import Rows, Source


def evaluate(formula: Row, model: Described, theta: Array, histories: Histories, **asked: float) -> Blocks:
    """Evaluate a row function of one number, for each history: its columns, then what is asked of everybody alike."""
    names = [name for name in formula.columns(model.parameters()) if name not in asked]
    table = histories.table(names)

    def make(rows: Rows) -> Array:
        some = table[rows]
        questions = [np.full((len(some), 1), value) for value in asked.values()]
        return np.ascontiguousarray(formula(theta, np.hstack([some, *questions]))[0].T)

    return Blocks((len(table), len(theta)), make)


def times(first: Source, second: Source) -> Blocks:
    """Multiply two sources of one shape."""
    return Blocks(first.shape, lambda rows: first.block(rows) * second.block(rows))


def of_the_living(model: Described, theta: Array, histories: Histories, given: Callable[[Histories], Source]) -> Source:
    """What holds for those who are alive: where they are in phases, the mean over these of what holds in each."""
    if not isinstance(model, HasPhases):
        return given(histories)
    parts = [
        (evaluate(model.phase, model, theta, histories, j=float(j)), given(histories.with_constants({"j": float(j)})))
        for j in range(model.phases)
    ]

    def make(rows: Rows) -> Array:
        total, *others = (chance.block(rows) * then.block(rows) for chance, then in parts)
        for more in others:
            total += more
        return total

    return Blocks(parts[0][0].shape, make)


def here(model: HasAlive, theta: Array, histories: Histories) -> Source:
    """P(alive at T)."""
    if isinstance(model, HasDepartures):
        moments = Moments.of(model, histories)
        if quicker(model, theta, moments):
            return departures(model, theta, moments)
    return evaluate(model.alive, model, theta, histories)


def alive(model: HasAlive, theta: Array, histories: Histories, ahead: float) -> Source:
    """P(alive at T + ahead)."""
    now = here(model, theta, histories)
    if ahead == 0.0:
        return now
    return times(now, of_the_living(model, theta, histories, lambda h: evaluate(model.survival, model, theta, h, u=ahead)))


def lifetimes(model: HasAlive, theta: Array, histories: Histories, horizon: float, force: float) -> Source:
    """Expected time alive within a horizon, discounted."""
    return times(here(model, theta, histories), added_up(model.survival, model, theta, histories, (horizon, force)))


def purchases(model: HasPurchases, theta: Array, histories: Histories, horizon: float, force: float) -> Source:
    """Expected purchases within a horizon, discounted."""
    return times(here(model, theta, histories), added_up(model.intensity, model, theta, histories, (horizon, force)))


def added_up(formula: Row, model: HasAlive, theta: Array, histories: Histories, ahead: tuple[float, float]) -> Source:
    """What adds up over the time ahead of those who are alive: ``ahead`` is the horizon and the force of discount."""

    def given(some: Histories) -> Source:
        return Blocks((len(some), len(theta)), look_ahead(formula, model, theta, some, ahead).block)

    return of_the_living(model, theta, histories, given)


def counts(model: HasCounts, theta: Array, histories: Histories, n: int, horizon: float) -> Source:
    """P(n purchases within a horizon)."""
    now = here(model, theta, histories)
    living = of_the_living(model, theta, histories, lambda h: evaluate(model.count, model, theta, h, n=float(n), t=horizon))
    if n > 0:
        return times(now, living)

    def make(rows: slice) -> Array:
        chance = now.block(rows)
        return 1.0 - chance + chance * living.block(rows)

    return Blocks(now.shape, make)


def spread(theta: Array, draws: int) -> Array:
    """Take so many draws of a posterior, evenly spaced, or all if there are fewer; a point so many times."""
    if len(theta) == 1:
        return np.repeat(theta, draws, axis=0)
    return theta[np.linspace(0, len(theta) - 1, min(draws, len(theta))).round().astype(int)]


def generator(seed: int, rows: slice) -> np.random.Generator:
    """Make the random generator of a block, so that results depend on the seed and not on the threads."""
    return np.random.default_rng(np.random.SeedSequence((seed, rows.start)))


def drawing(formulas: tuple[Row, ...], model: Described, theta: Array, histories: Histories) -> Drawing:
    """Row functions that draw, with their columns for each customer."""
    table = histories.table(formulas[0].columns(model.parameters()))
    return Drawing(formulas, theta, table[histories.index])


def futures(model: HasFuture, theta: Array, histories: Histories) -> tuple[Drawing, Source]:
    """Row functions that draw futures, and P(alive): a row a history."""
    table = histories.table(model.first.columns(model.parameters()))
    return Drawing((model.first, model.future), theta, table), here(model, theta, histories)


@dataclass(frozen=True, eq=False)
class Lives:
    """What draws the futures of customers, in an order in which like ones are near, so that P(alive) is asked for few times.

    Attributes
    ----------
    future
        The row functions that draw, a row a customer.
    alive
        P(alive), by distinct history.
    histories, order
        The history of each row (n,) and its customer (n,).
    """

    future: Drawing
    alive: Source
    histories: Index
    order: Index

    @property
    def index(self) -> Index:
        """The row of each customer (n,)."""
        return np.argsort(self.order)

    def chances(self, rows: slice) -> Array:
        """P(alive) of some rows: (rows, draws)."""
        return in_order(self.alive, self.histories[rows])


def lives(model: HasFuture, theta: Array, histories: Histories, order: Index) -> Lives:
    """Put together what draws the futures of all customers, in an order in which like ones are near each other."""
    mine = histories.index[order]
    future, chance = futures(model, theta, histories)
    return Lives(future.some(mine), chance, mine, order)


def drawn_counts(living: Lives, horizon: float, seed: int) -> Blocks:
    """Purchases within a horizon, drawn; a row a customer."""

    def make(rows: slice) -> Array:
        return draw_counts(generator(seed, rows), living.future.some(rows), living.chances(rows), horizon)

    return Blocks(living.future.shape, make)


def drawn_traits(traits: Drawing, which: int, seed: int) -> Blocks:
    """The first or the second trait of each customer, drawn; a row a customer."""

    def make(rows: slice) -> Array:
        return draw_pairs(generator(seed, rows), traits.some(rows))[which]

    return Blocks(traits.shape, make)


def drawn_purchases(baskets: Drawing, seed: int) -> Blocks:
    """The value of one purchase of each customer, drawn; a row a customer."""

    def make(rows: slice) -> Array:
        rng = generator(seed, rows)
        shape, rate = draw_pairs(rng, baskets.some(rows))
        return rng.standard_gamma(shape) / rate

    return Blocks(baskets.shape, make)
