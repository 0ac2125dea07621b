"""Laws of spend: what a model predicts is what its own simulated customers spend."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasSpend
from clvmodels.testing.laws.law import law
from clvmodels.testing.laws.score import MANY, SOME
from clvmodels.testing.predictions import answer
from clvmodels.testing.simulating import pairs, standard_error
from clvmodels.testing.trials import CHANCE, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.testing.cases import Case

DRAWN, EXACT = 5, 1e-12
"""Laws of purchases that are compared one by one, and how far apart they may be."""

SEEN = (12.0, 40.0, 150.0)
"""Purchases of those whose mean spend is compared: so many that its posterior has a variance."""


@law("baskets", "Expected and median spend are those of the gamma laws of purchases that are drawn.", HasSpend)
def baskets(case: Case) -> Iterator[Trial]:
    """Draw gamma laws of purchases of customers: their means, of which half are below the median."""
    model: Any = case.model
    rng = case.rng("baskets")
    known = case.lay({"x": np.array(SEEN), "m": np.array([20.0, 50.0, 35.0])})
    for theta in case.theta[:SOME]:
        for few in (known, case.few(6)):
            points = case.at(theta[None], few)
            shape, rate = pairs(rng, model.basket, points, MANY)
            means = shape / rate
            median = answer(model, model.median_spend, theta[None], few)
            below = np.mean(means < median.T, axis=1)
            yield Trial("the share of drawn mean spends below the median", points, below, 0.5, CHANCE, 0.5 / np.sqrt(MANY))
            if few is known:
                should = answer(model, model.mean_spend, theta[None], few)
                yield Trial("the mean of drawn spend", points, means.mean(axis=1), should, CHANCE, standard_error(means))


@law("stretches", "Customers who differ in mean value alone are drawn alike, but for how much they spend.", HasSpend)
def stretches(case: Case) -> Iterator[Trial]:
    """Draw them from the same random numbers."""
    model: Any = case.model
    for theta in case.theta[:SOME]:
        for x, m in product((1.0, 7.0), (0.5, 20.0, 900.0)):
            some, none = (case.lay({"x": np.array([x]), "m": np.array([value])}) for value in (m, 0.0))
            points = case.at(theta[None], some)
            shape, rate = pairs(case.rng("stretches"), model.basket, points, DRAWN)
            usual, base = pairs(case.rng("stretches"), model.basket, case.at(theta[None], none), DRAWN)
            by = answer(model, model.stretch, theta[None], some)
            off = np.abs([shape / usual - 1.0, by * rate / base - 1.0]).max()
            yield Trial("how far the law of her purchases is from that at m = 0, stretched", points, off, 0.0, EXACT)


@law("buyers", "Half of all simulated buyers spend less than the median, given what they bought.", HasSpend)
def buyers(case: Case) -> Iterator[Trial]:
    """Draw newcomers, let them buy, and compare what they spend on average with the median that is said of them."""
    model: Any = case.model
    for theta in case.theta[:SOME]:
        rng = case.rng("buyers")
        shape, rate = (drawn[0] for drawn in pairs(rng, model.basket, case.at(theta[None], case.newcomer), MANY))
        for x in (1.0, 4.0):
            seen = case.lay({"x": np.full(MANY, x), "m": rng.standard_gamma(shape * x) / (rate * x)})
            median = answer(model, model.median_spend, theta[None], seen)[0][seen.index]
            below = float(np.mean(shape / rate < median))
            what = f"the share of {MANY:,} simulated buyers who spend less than the median said of them"
            yield Trial(what, case.at(theta[None]), below, 0.5, CHANCE, 0.5 / np.sqrt(MANY), {"x": x})
