"""Laws of the log-likelihood: its slopes, and what weights are to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvmodels.testing.laws.law import law
from clvmodels.testing.trials import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.kernels.lift import Array
    from clvmodels.testing.cases import Case
    from clvmodels.testing.trials import Points

STEP = 2.0**-7
"""Of the logarithm of a parameter."""

SLOPE = 1e-8
"""Relative to the log-likelihood: two differences (Richardson) leave STEP^4 / 480 of the fifth derivative, 1e-11."""

ROUNDING = 1e-12
"""A few thousand roundings: what the order of a sum, or another path through a formula, may cost."""


def moved(theta: Array, j: int, by: float) -> Array:
    """Move one parameter by so much of its logarithm."""
    return theta * np.where(np.arange(theta.shape[1]) == j, np.exp(by), 1.0)


@law("gradient", "The slopes of the log-likelihood are its slopes, by differences in the log of each parameter.")
def gradient(case: Case) -> Iterator[Trial]:
    """Compare slopes with differences, for each history and in total."""
    theta, histories, model = case.theta, case.histories, case.model
    whole = model.loglik(theta, histories)
    each, total = whole.each(), whole.total()
    for j, name in enumerate(model.parameters()):
        near = model.loglik(np.concatenate([moved(theta, j, STEP * by) for by in (1.0, -1.0, 0.5, -0.5)]), histories)
        what = f"the slope of the log-likelihood in log {name}"
        yield _slope(what, case.at(theta, histories), theta[:, j, None] * each[1 + j], near.each()[0], each[0])
        summed, around, value = theta[:, j] * total[1 + j], near.total()[0], total[0]
        yield _slope(f"{what}, in total,", case.at(theta), summed[:, None], around[:, None], value[:, None])


def _slope(what: str, points: Points, slope: Array, near: Array, value: Array) -> Trial:
    """Compare slopes with differences between values near by."""
    up, down, half_up, half_down = near.reshape(4, *slope.shape)
    coarse, fine = (up - down) / (2.0 * STEP), (half_up - half_down) / STEP
    should = (4.0 * fine - coarse) / 3.0
    return Trial(what, points, slope, should, SLOPE, size=1.0 + np.abs(should) + np.abs(value))


@law("weights", "A weight of k equals k copies, and the total is the sum over the customers.")
def weights(case: Case) -> Iterator[Trial]:
    """Weigh histories, copy them, and add them up one by one."""
    columns = case.kind.usual(case.rng("weights"), 12)
    times = case.rng("times").integers(1, 5, 12)
    weighed = case.lay(columns, times.astype(float))
    copied = case.lay({name: np.repeat(column, times) for name, column in columns.items()})
    whole = case.model.loglik(case.theta, weighed)
    total, each = whole.total(), whole.each()
    copies, size = case.model.loglik(case.theta, copied).total(), 1.0 + np.abs(each) @ weighed.weights
    for k, name in enumerate(("the log-likelihood", *(f"its slope in {name}" for name in case.model.parameters()))):
        points, found = case.at(case.theta), total[k][:, None]
        for should, how in ((copies[k], "of copies"), (each[k] @ weighed.weights, "added up")):
            yield Trial(f"{name} in total, weighed,", points, found, should[:, None], ROUNDING, size[k][:, None], rule=how)
