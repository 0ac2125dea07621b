"""Doubts: what must be known of a fit, its model and its data, by looks that are cheap enough for the end of every fit.

A ridge is a pair of parameters that go up and down together in the posterior, both of them little known: the data tell
their ratio (or their product) and hardly more. Its sign is the correlation of their logs where both are loose; a high
correlation of parameters that are well known does no harm.

A heap is a number of last purchases exactly at the end of the observation that is out of all proportion to the times just
before it. Customers who buy rarely come to such a moment as often as to another, so only these are counted: for whoever buys
nearly daily the last day is the likeliest of all.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import counted

if TYPE_CHECKING:
    from clvmodels.contract import Model
    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective

TIED, LOOSE = 0.98, 0.7
"""The correlation of the logs of two parameters, and the standard deviation of each, from which on they make a ridge."""

NINETY = 1.645
"""Standard deviations to either side that hold nine tenths of a normal law."""

LITTLE, BELIEFS = 0.5, 1000
"""How wide a posterior is, as a share of its prior, from which on the data have said little; draws of the prior for it."""

BEFORE, TIMES, FEWEST = 7, 3.0, 10
"""A heap is this many times the largest count at so many times before the end (a week of days), and no fewer customers."""


def doubts(model: Model, histories: Histories, draws: Array, covariance: Array) -> tuple[str, ...]:
    """What must be known of a fit with these draws (draws, parameters), in sentences.

    Parameters
    ----------
    model, histories
        What was fitted, to what.
    draws
        Of the parameters: (draws, parameters), one row for a point.
    covariance
        Of their logs at the mode, which stands for that of the draws where there is a point only.
    """
    spread = covariance if len(draws) == 1 else np.atleast_2d(np.cov(np.log(draws).T))
    return (*_ridge(model, spread), *_heap(model, histories), *model.doubts(draws))


def _ridge(model: Model, spread: Array) -> tuple[str, ...]:
    """Name the two parameters that are told apart least, if they hardly are; ``spread`` is the covariance of the logs."""
    sizes = np.sqrt(np.diag(spread))
    loose = np.triu(np.minimum.outer(sizes, sizes) > LOOSE, 1)
    correlation = np.divide(spread, np.outer(sizes, sizes), out=np.zeros_like(spread), where=loose)
    i, j = np.unravel_index(np.argmax(np.abs(correlation)), spread.shape)
    if not abs(correlation[i, j]) > TIED:
        return ()
    sign = 1.0 if correlation[i, j] > 0.0 else -1.0
    known = _within(float(np.sqrt(spread[i, i] + spread[j, j] - 2.0 * sign * spread[i, j])))
    one, other = model.parameters()[i], model.parameters()[j]
    kind, together = ("ratio", f"{one} / {other}") if sign > 0.0 else ("product", f"{one} * {other}")
    message = (
        f"These data hardly tell {one} and {other} of {model.name} apart: their {kind} {together} is known {known}, but "
        f"{one} only {_within(float(sizes[i]))} and {other} only {_within(float(sizes[j]))}. Read neither alone; what the "
        f"model says of customers on average rests on the {kind}. Try more customers, a longer observation, or tighter "
        "priors."
    )
    return (message,)


def untold(objective: Objective, points: Array) -> tuple[str, ...]:
    """Name the parameters whose posterior, on the line (draws, parameters), is not half as narrow as what was believed."""
    width = points.std(axis=0) / objective.draw(np.random.default_rng(0), BELIEFS).std(axis=0)
    wide = np.flatnonzero(width > LITTLE)
    if len(wide) == 0:
        return ()
    names = ", ".join(objective.model.parameters()[j] for j in wide)
    still = f"({', '.join(f'{width[j]:.0%}' for j in wide)} as wide as what was believed)"
    message = f"The data say little about {names} of {objective.model.name} {still}: what is reported rests on the prior. "
    return (message + "Try more customers or a longer observation.",)


def _within(deviation: float) -> str:
    """Say how well a number is known whose log has a standard deviation."""
    factor = exp(min(NINETY * deviation, 10.0))
    if factor < 1.5:
        return f"to {factor - 1.0:.0%}"
    return f"up to a factor of {factor:.1f}" if factor < 100.0 else "up to a factor beyond 100"


def _heap(model: Model, histories: Histories) -> tuple[str, ...]:
    """Tell of last purchases heaped at the end of the observation."""
    if model.discrete or not {"x", "t_x", "T"} <= set(histories.columns):
        return ()
    x, t_x, T = (histories.columns[name] for name in ("x", "t_x", "T"))
    again = (x > 0.0) & (T > 0.0)
    last, before = _lately(x[again], t_x[again], T[again], histories.weights[again])
    if not last > max(TIMES * before, FEWEST):
        return ()
    message = (
        f"{counted(round(last), 'customer')} who buy rarely bought last exactly at the end of the observation, and "
        f"{before:,.0f} at most at any of the times just before: an accident of the export rather than a habit (its own "
        f"date in the place of a missing one, bookings at the end of a period). {model.name} takes them for active. Look at "
        "that date in the log, or end the observation before it."
    )
    return (message,)


def _lately(x: Array, t_x: Array, T: Array, weights: Array) -> tuple[float, float]:
    """Count those who bought last at the end, and at the busiest of the times before it, of those who buy more rarely."""
    if weights[t_x == T].sum() < FEWEST:
        return 0.0, 0.0
    times, place = np.unique(np.round((T - t_x) / T.max(), 9), return_inverse=True)
    window = times[min(BEFORE, len(times) - 1)] * T.max()
    near = (place <= BEFORE) & (t_x > window * x)
    sizes = np.bincount(place[near], weights[near], BEFORE + 1)
    return float(sizes[0]), float(sizes[1:].max())
