"""Laws of the score: a likelihood is that of its own simulator.

Simulated at theta, the slopes of the log-likelihood there have mean zero, and their variance is minus its mean second
derivative (Bartlett's identities), in the logs of the parameters. The means are compared by a chi-square whose limit is
passed by chance in one of 1,000 models; products of slopes one by one, for their tails are too heavy for a chi-square.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.testing.laws.law import law
from clvmodels.testing.laws.likelihood import STEP, moved
from clvmodels.testing.simulating import critical, distance, simulated, standard_error
from clvmodels.testing.trials import CHANCE, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array
    from clvmodels.testing.cases import Case

MANY = 20_000
"""Customers who are simulated."""

SOME = 3
"""Parameters at which they are."""


@law("score", "The score has mean zero under the model's own simulator.")
def score(case: Case) -> Iterator[Trial]:
    """Average the slopes of simulated customers."""
    names = case.model.parameters()
    for number in range(SOME):
        theta, seen = case.theta[number], _drawn(case, number)
        chi, freedom, off = distance(_slopes(case, theta[None], seen)[:, 0].T, seen.weights)
        worst = int(np.argmax(np.abs(off)))
        told = f"the mean slope in {names[worst]} is {off[worst]:+.1f} standard errors from 0"
        what = f"chi-square of the mean score of {MANY:,} simulated customers ({told})"
        limit = critical(freedom, SOME)
        yield Trial(what, case.at(theta[None]), chi, 0.0, limit, rule=f"at most {limit:.1f}")


@law("information", "The variance of the score is minus the mean second derivative, under the model's own simulator.")
def information(case: Case) -> Iterator[Trial]:
    """Average products of slopes and second derivatives."""
    names = case.model.parameters()
    for number in range(SOME):
        theta, seen = case.theta[number], _drawn(case, number)
        slopes, second = _slopes_and_second(case, theta, seen)
        for i, j in combinations_with_replacement(range(len(names)), 2):
            product, bent = slopes[i] * slopes[j], 0.5 * (second[i, j] + second[j, i])
            size = standard_error(product + bent, seen.weights)
            found, should = (np.average(values, weights=seen.weights) for values in (product, -bent))
            what = f"the mean product of the slopes in log {names[i]} and log {names[j]} of {MANY:,} simulated customers"
            rule = f"{should:.6g}, minus the mean second derivative,"
            yield Trial(what, case.at(theta[None]), found, should, CHANCE, size, rule=rule)


def _slopes_and_second(case: Case, theta: Array, seen: Histories) -> tuple[Array, Array]:
    """Slopes in the log of each parameter, and their differences: (parameters, rows), (parameters, parameters, rows)."""
    p = len(theta)
    near = [moved(theta[None], j, by) for by in (STEP, -STEP) for j in range(p)]
    slopes = _slopes(case, np.concatenate([*near, theta[None]]), seen)
    return slopes[:, -1], (slopes[:, :p] - slopes[:, p:-1]) / (2.0 * STEP)


def _drawn(case: Case, number: int) -> Histories:
    """Simulate customers at some parameters."""
    return case.lay(simulated(case, case.theta[number], MANY, case.rng(f"score {number}")))


def _slopes(case: Case, theta: Array, seen: Histories) -> Array:
    """Slopes in the log of each parameter: (parameters, draws, rows)."""
    return case.model.loglik(theta, seen).each()[1:] * theta.T[:, :, None]
