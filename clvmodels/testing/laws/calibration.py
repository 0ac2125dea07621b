"""Laws of calibration: what a model predicts is what its own simulated customers do.

Means are compared in standard errors, of which a fair model shows CHANCE one time in 1.7 million; numbers of purchases by a
chi-square that is passed by chance in one of 1,000 models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasCounts, HasFuture, HasPurchases, HasTraits
from clvmodels.kernels.simulation import draw_counts
from clvmodels.questions import answers
from clvmodels.testing.cases import table
from clvmodels.testing.laws.law import law
from clvmodels.testing.laws.score import MANY, SOME
from clvmodels.testing.predictions import AHEAD, answer, counts, purchases
from clvmodels.testing.simulating import critical, fits, lives, pairs, standard_error
from clvmodels.testing.trials import CHANCE, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array
    from clvmodels.testing.cases import Case

CUSTOMERS = 6
"""Histories whose futures are drawn, at each of some parameters."""

WATCHED = (12.0, 45.0)
"""How long newcomers are watched before they are asked about."""

CLASSES = 40
"""Numbers of purchases that are told apart, the last of them and more."""


def drawn(case: Case) -> Iterator[tuple[Array, Histories, Array]]:
    """Yield parameters (1, parameters), histories, and how much they buy AHEAD: (rows, MANY)."""
    model: Any = case.model
    few, rng = case.few(CUSTOMERS), case.rng("futures")
    for theta in case.theta[:SOME]:
        everybody = np.tile(theta, (MANY, 1))
        future, alive = answers.futures(model, everybody, few)
        yield theta[None], few, draw_counts(rng, future, np.ascontiguousarray(table(alive).T), AHEAD)


@law("futures", "Expected purchases are the mean of the futures that are drawn.", HasPurchases, HasFuture)
def expected(case: Case) -> Iterator[Trial]:
    """Compare the means of drawn purchases with expectations; those few who are still there may buy much."""
    model: Any = case.model
    for theta, few, bought in drawn(case):
        should, here = purchases(model, theta, few, AHEAD), answer(model, model.alive, theta, few)
        size = standard_error(bought, event=2.0 * np.maximum(1.0, should[0] / here[0]))
        yield Trial("the mean of drawn purchases", case.at(theta, few), bought.mean(axis=1), should, CHANCE, size)


@law("chances", "The chance of a number of purchases is how often it is drawn.", HasCounts, HasFuture)
def chances(case: Case) -> Iterator[Trial]:
    """Compare the numbers of drawn purchases with their chances."""
    model: Any = case.model
    for theta, few, bought in drawn(case):
        chance = np.stack([counts(model, theta, few, n, AHEAD)[0] for n in range(CLASSES)])
        due = MANY * np.vstack([chance, np.maximum(1.0 - chance.sum(axis=0), 0.0)])
        for row in range(len(few)):
            found = np.bincount(np.minimum(bought[row], CLASSES).astype(int), minlength=CLASSES + 1).astype(float)
            chi, freedom = fits(found, due[:, row])
            limit = critical(freedom, SOME * CUSTOMERS)
            apart = np.where(np.arange(len(few)) == row, chi, 0.0)
            what = f"the chi-square of numbers of purchases in {MANY:,} futures"
            yield Trial(what, case.at(theta, few), apart, 0.0, limit, rule=f"at most {limit:.1f}")


@law("newcomers", "What is said of newcomers is the mean of what is said of them later, given what they do.", HasFuture)
def newcomers(case: Case) -> Iterator[Trial]:
    """Watch newcomers for a time, ask about each, and compare the mean with what was expected of them at first."""
    for theta in case.theta[:SOME]:
        for T in WATCHED:
            rng = case.rng(f"newcomers {T}")
            seen = case.lay(lives(case, theta, np.full(MANY, T), rng))
            for what, later, first, event in _asked_twice(case, theta[None], seen, T):
                found = np.average(later, axis=1, weights=seen.weights)
                size = standard_error(later, seen.weights, event)
                told = f"the mean of {what} over {MANY:,} newcomers watched for a time"
                yield Trial(told, case.at(theta[None]), found[:, None], first, CHANCE, size[:, None], {"time": T})


def _asked_twice(case: Case, theta: Array, seen: Histories, T: float) -> Iterator[tuple[str, Array, Array, float]]:
    """Yield what is asked, the answers later (1, rows), at first (1, 1), and what one more who is still there brings."""
    model: Any = case.model
    there = table(answers.alive(model, theta, case.newcomer, T))
    yield "P(alive)", answer(model, model.alive, theta, seen), there, 2.0
    if isinstance(model, HasPurchases):
        at_first = [purchases(model, theta, case.newcomer, t) for t in (T, T + AHEAD)]
        yield "their purchases so far", seen.columns["x"][None], at_first[0], 2.0
        first = at_first[1] - at_first[0]
        yield "expected purchases", purchases(model, theta, seen, AHEAD), first, 2.0 * float(first[0, 0] / there[0, 0])
    if isinstance(model, HasTraits):
        for what, formula in (("her rate", model.rate), ("her dropout", model.dropout)):
            yield what, answer(model, formula, theta, seen), answer(model, formula, theta, case.newcomer), 0.0


@law("traits", "The means of rate and dropout are those of the traits that are drawn.", HasTraits)
def traits(case: Case) -> Iterator[Trial]:
    """Compare the means of drawn traits with what is said of them."""
    model: Any = case.model
    few, rng = case.few(CUSTOMERS), case.rng("traits")
    for theta in case.theta[:SOME]:
        both = pairs(rng, model.traits, case.at(theta[None], few), MANY)
        for what, formula, found in zip(("rate", "dropout"), (model.rate, model.dropout), both, strict=True):
            should = answer(model, formula, theta[None], few)
            points = case.at(theta[None], few)
            yield Trial(f"the mean of drawn {what}s", points, found.mean(axis=1), should, CHANCE, standard_error(found))
