"""Predictions: all that a model answers of some histories, by its capabilities, with the dimension of each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasAlive, HasCounts, HasPurchases, HasRetention, HasSpend, HasTraits
from clvmodels.questions import answers
from clvmodels.testing.cases import table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.contract import Model
    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array, Row
    from clvmodels.parameters import Dimension

    Answer = tuple[str, Array, Dimension]

AHEAD, FORCE = 26.0, 0.01
"""How far ahead is asked, and the force of discount, in the usual unit of time."""


def answer(model: Any, formula: Row, theta: Array, histories: Histories, **asked: float) -> Array:  # noqa: ANN401
    """Evaluate a row function: (draws, rows)."""
    return table(answers.evaluate(formula, model, theta, histories, **asked))


def given_alive(model: HasAlive, formula: Row, theta: Array, histories: Histories, **asked: float) -> Array:
    """Evaluate a row function of those who are alive, in whatever phase: (draws, rows)."""
    evaluate = answers.evaluate
    return table(answers.of_the_living(model, theta, histories, lambda h: evaluate(formula, model, theta, h, **asked)))


def purchases(model: HasPurchases, theta: Array, histories: Histories, horizon: float, force: float = 0.0) -> Array:
    """Discounted purchases within a horizon: (draws, rows)."""
    return table(answers.purchases(model, theta, histories, horizon, force))


def counts(model: HasCounts, theta: Array, histories: Histories, n: int, horizon: float) -> Array:
    """P(n purchases within a horizon): (draws, rows)."""
    return table(answers.counts(model, theta, histories, n, horizon))


def predictions(model: Model, theta: Array, histories: Histories, time: float = 1.0) -> Iterator[Answer]:
    """Yield the name, the values (draws, rows) and the dimension of each answer; ``time`` is the usual unit of time."""
    if isinstance(model, HasAlive):
        yield from _of_life(model, theta, histories, time)
    if isinstance(model, HasPurchases):
        yield "expected purchases", purchases(model, theta, histories, AHEAD * time), ""
        yield "discounted purchases", purchases(model, theta, histories, AHEAD * time, FORCE / time), ""
    if isinstance(model, HasCounts):
        for n in (0, 1, 3):
            yield f"P({n} purchases)", counts(model, theta, histories, n, AHEAD * time), ""
    if isinstance(model, HasTraits):
        yield "the mean of her rate", answer(model, model.rate, theta, histories), "" if model.discrete else "rate"
    if isinstance(model, HasSpend):
        for name, formula in (("expected spend", model.mean_spend), ("median spend", model.median_spend)):
            yield name, np.nan_to_num(answer(model, formula, theta, histories), nan=-1.0), "money"
    if isinstance(model, HasRetention):
        yield "P(still a customer 3 periods on)", answer(model, model.retained, theta, histories, u=3.0), ""


def _of_life(model: HasAlive, theta: Array, histories: Histories, time: float) -> Iterator[Answer]:
    """What is asked of whoever may have left."""
    yield "P(alive)", table(answers.alive(model, theta, histories, 0.0)), ""
    yield "P(alive ahead)", table(answers.alive(model, theta, histories, AHEAD * time)), ""
    lifetime = table(answers.lifetimes(model, theta, histories, AHEAD * time, 0.0))
    yield "expected lifetime", lifetime, "" if model.discrete else "time"
