"""Flows: the purchases and the time that lie ahead of customers, and what they come to by the terms of the business.

An expectation is asked of distinct histories, and discounted by the forces of discount that there are; a customer's is put
together, draw by draw, from that of her history and the terms that are her own. Blocks are made of customers in an
order in which like ones are near each other, so that each needs a short run of histories.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from clvmodels.contract import HasPurchases, HasSpend
from clvmodels.economics.assumptions import as_rate
from clvmodels.errors import QuestionError
from clvmodels.estimate import fingerprint
from clvmodels.kernels.marks import marks_of
from clvmodels.kernels.outcomes import draw_values, draw_values_apart
from clvmodels.questions.answers import added_up, evaluate, generator, here
from clvmodels.questions.purchases import BUYS
from clvmodels.questions.spending import WHAT
from clvmodels.sources import Blocks, Ladder, in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    from clvmodels.economics.assumptions import Rate
    from clvmodels.economics.terms import Terms
    from clvmodels.fitted import Fit
    from clvmodels.histories import Histories, Index
    from clvmodels.kernels.lift import Array, Row
    from clvmodels.kernels.simulation import Drawing
    from clvmodels.questions.answers import Lives
    from clvmodels.sources import Rows, Source
    from clvmodels.stacking import Stack


def agreed(fit: Fit | Stack, spend: Fit, discount: Rate) -> None:
    """Check that two fits and a rate can make a value."""
    as_rate(discount)
    for one in fit.members:
        one.able(HasPurchases, f"{BUYS}: value() takes a purchase fit, then a spend fit")
    spend.able(HasSpend, f"{WHAT}: value() takes a purchase fit, then a spend fit")
    if fit.unit != spend.unit:
        message = f"The purchase fit is in {fit.unit}s and the spend fit in {spend.unit}s: bring them to one unit."
        raise QuestionError(message)


@dataclass(frozen=True, eq=False)
class Stream:
    """What is expected of each customer, of one thing.

    Attributes
    ----------
    parts
        sources by distinct history, one for each force of discount
    which, rows
        the part of each customer (n,), and her row in it (n,)
    """

    parts: tuple[Source, ...]
    which: Index
    rows: Index

    def block(self, some: Index) -> Array:
        """Make it of some customers, by their places, like ones near each other: (customers, draws)."""
        kinds = np.unique(self.which[some])
        if len(kinds) == 1:
            return in_order(self.parts[kinds[0]], self.rows[some])
        out = np.empty((len(some), self.parts[0].shape[1]))
        for k in kinds:
            mine = self.which[some] == k
            out[mine] = in_order(self.parts[k], self.rows[some][mine])
        return out


def stream(histories: Histories, terms: Terms, ask: Callable[[Histories, float], Source]) -> Stream:
    """Ask for something that is discounted, of the histories of customers who may differ in what money costs."""
    which, rows = (np.zeros(len(histories.index), dtype=np.intp) for _ in range(2))
    parts: list[Source] = []
    for k, (force, mine) in enumerate(terms.kinds()):
        needed, place = np.unique(histories.index[mine], return_inverse=True)
        which[mine], rows[mine] = k, place
        parts.append(ask(histories.some(needed), force))
    return Stream(tuple(parts), which, rows)


@dataclass(frozen=True, eq=False)
class Flows:
    """What is expected of customers within a horizon, by one pair of posteriors.

    Attributes
    ----------
    alive, histories
        P(alive) by distinct history, and the history of each customer (n,)
    bought, lived
        discounted purchases, and discounted time (None where that costs nothing), of those who are alive
    spent, spenders
        value of a purchase by distinct history of spend, and the history of each customer (n,)
    terms
        by which they count
    draws
        of the posteriors
    """

    alive: Source
    histories: Index
    bought: Stream
    lived: Stream | None
    spent: Source
    spenders: Index
    terms: Terms
    draws: int

    @classmethod
    def of(
        cls,
        buying: tuple[HasPurchases, Array, Histories],
        spending: tuple[HasSpend, Array, Histories],
        horizon: float,
        terms: Terms,
        known: dict[tuple[str, ...], Stream],
    ) -> Flows:
        """Ask a purchase model and a spend model, each with its draws and the histories of the same customers.

        ``known`` keeps what was asked of them by other terms, for what bends neither rate, dropout nor discount asks for
        the same integrals.
        """
        (model, theta, histories), (basket, theta_spend, spenders) = buying, spending
        moved = terms.moved(histories)

        def ask(formula: Row) -> Stream:
            key = (formula.name, *map(fingerprint, terms.keys()))
            if key not in known:
                ahead = partial(added_up, formula, model, theta)
                known[key] = stream(moved, terms, lambda some, force: ahead(some, (horizon, force)))
            return known[key]

        alive, spent = here(model, theta, histories), evaluate(basket.mean_spend, basket, theta_spend, spenders)
        lived = ask(model.survival) if terms.timed else None
        return cls(alive, histories.index, ask(model.intensity), lived, spent, spenders.index, terms, len(theta))

    def chances(self, some: Index) -> Array:
        """Return P(alive) of some customers, by their places: (customers, draws)."""
        return in_order(self.alive, self.histories[some])

    def baskets(self, some: Index) -> Array:
        """Return the expected value of a purchase of some customers: (customers, draws)."""
        return self.spent.block(self.spenders[some])

    def living(self, some: Index, baskets: Array) -> Array:
        """Return the discounted expected value of some customers if they are alive, given what their purchases are worth."""
        terms = self.terms
        left = baskets * (terms.margin * terms.spend)[some, None]
        if np.any(terms.order[some] > 0.0):
            left -= terms.order[some, None]
        left *= self.bought.block(some)
        if self.lived is not None:
            left -= terms.period[some, None] * self.lived.block(some)
        return left

    def value(self, some: Index) -> Array:
        """Return the discounted expected value of some customers, by their places: (customers, draws)."""
        return self.chances(some) * self.living(some, self.baskets(some))


def ordered(order: Index, draws: int, make: Callable[[Index], Array]) -> tuple[Blocks, Index]:
    """Return a source that makes customers in an order, and which of its rows is whose."""

    def block(rows: Rows) -> Array:
        return make(order[rows])

    return Blocks((len(order), draws), block, wide=True), np.argsort(order)


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What customers will bring, drawn: one future for each and draw.

    Attributes
    ----------
    living
        what draws their futures, in an order of theirs
    baskets
        what draws the value of their purchases, a row a customer
    terms
        by which it counts
    seed
        of the draws, which follow from it and from where a block begins
    """

    living: Lives
    baskets: Drawing
    terms: Terms
    seed: int
    wide: ClassVar[bool] = False

    def value(self, ends: Array, place: int) -> Ladder:
        """Return the discounted value of what lies within some horizons, in order, with one of them at its place.

        A row a customer, in the order of the lives.
        """
        return Ladder(self.living.future.shape, lambda rows: self._drawn(ends, rows), place, self.wide)

    def _drawn(self, ends: Array, rows: slice) -> Array:
        """Draw a block of customers: (rows, draws, ends)."""
        some, future = self.living.order[rows], self.living.future.some(rows)
        drawn = self.baskets.some(some), ends, self.terms.some(some).table()
        return draw_values(generator(self.seed, rows), future, self.living.chances(rows), *drawn)


@dataclass(frozen=True, eq=False)
class Alike(Outcomes):
    """What customers will bring, each as the seed and her own row say, whoever stands beside her: those alike share draws.

    So they can't be added up. Customers who differ in what they have spent alone, in a row of their order, are drawn once:
    the purchases of one are a multiple of those of the other.

    Attributes
    ----------
    stretch, spenders
        by how much their purchases are larger than those drawn, by distinct history of spend; and the history of each (n,)
    """

    stretch: Source = field(kw_only=True)
    spenders: Index = field(kw_only=True)
    wide: ClassVar[bool] = True

    def _drawn(self, ends: Array, rows: slice) -> Array:
        some, future = self.living.order[rows], self.living.future.some(rows)
        baskets, terms = self.baskets.some(some), self.terms.some(some).table()
        told = np.hstack([future.rows, baskets.rows, terms])
        new = np.r_[True, np.any(told[1:] != told[:-1], axis=1)]
        which, kind = np.flatnonzero(new), np.cumsum(new) - 1
        chances, theirs = self.living.chances(rows)[which], terms[which]
        drawn = marks_of(told[which]), self.seed, future.some(which), chances, baskets.some(which), ends
        brought = draw_values_apart(*drawn, theirs)
        stretch = self.stretch.block(self.spenders[some])[..., None]
        if not np.any(terms[:, 1:3]):
            return brought[kind] * stretch
        costs = draw_values_apart(*drawn, theirs * [0.0, 1.0, 1.0, 1.0, 1.0])
        return costs[kind] + (brought - costs)[kind] * stretch
