"""Metrics: how far forecasts lie from what happened. Ties are fair: what depends on an order is its mean over all of them.

Sources: the ranked probability score, T. Gneiting, A. E. Raftery (2007), Strictly proper scoring rules, prediction, and
estimation, JASA 102; the histogram of probability integral transforms of counts, C. Czado, T. Gneiting, L. Held (2009),
Predictive model assessment for count data, Biometrics 65.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import rankdata

from clvmodels.evaluate.dependence import rank_correlation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clvmodels.kernels.lift import Array


def mae(forecast: Array, actual: Array) -> float:
    """Mean absolute error: shown, but never to be decided by, for on sparse data it rewards saying zero.

    >>> mae(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    1.5
    """
    return float(np.abs(forecast - actual).mean())


def rmse(forecast: Array, actual: Array) -> float:
    """Root of the mean squared error.

    >>> rmse(np.array([1.0, 2.0]), np.array([0.0, 1.0]))
    1.0
    """
    return float(np.sqrt(np.mean((forecast - actual) ** 2)))


def bias(forecast: Array, actual: Array) -> float:
    """How far the total is off, as a share of what it was; nan where nothing happened.

    >>> bias(np.array([1.0, 2.0]), np.array([0.0, 4.0]))
    -0.25
    """
    total = float(actual.sum())
    return float(forecast.sum()) / total - 1.0 if total > 0.0 else np.nan


def spearman(forecast: Array, actual: Array) -> float:
    """Rank correlation; nan where either is the same for everybody.

    >>> spearman(np.array([1.0, 2.0, 3.0]), np.array([0.0, 5.0, 9.0]))
    1.0
    """
    same = np.ptp(forecast) == 0.0 or np.ptp(actual) == 0.0
    return np.nan if same else rank_correlation(forecast, actual)


def gini(forecast: Array, actual: Array) -> float:
    """Gini coefficient of what happened in the order of the forecast, over that in its own order: 1 is perfect, 0 is chance.

    >>> gini(np.array([3.0, 2.0, 1.0]), np.array([9.0, 5.0, 0.0]))
    1.0
    >>> gini(np.array([7.0, 7.0, 7.0]), np.array([9.0, 5.0, 0.0]))
    0.0
    """
    centred = 2.0 * rankdata(forecast) - len(actual) - 1.0
    own = 2.0 * rankdata(actual) - len(actual) - 1.0
    best = float(own @ actual)
    return float(centred @ actual) / best if best > 0.0 else np.nan


def capture(forecast: Array, actual: Array, share: float) -> float:
    """Which part of the true top customers is among those that the forecast puts on top; a share of all of them are top.

    >>> capture(np.array([9.0, 8.0, 1.0, 2.0]), np.array([5.0, 0.0, 7.0, 1.0]), 0.5)
    0.5
    """
    on_top, truly = _top(forecast, share), _top(actual, share)
    return float(on_top @ truly / truly.sum())


def _top(values: Array, share: float) -> Array:
    """The chance of each to be among a top share of them, who are tied in a random order: (n,)."""
    places = max(round(share * len(values)), 1)
    cut = np.partition(values, -places)[-places]
    above, tied = values > cut, values == cut
    return above + tied * ((places - above.sum()) / tied.sum())


def auc(score: Array, happened: NDArray[np.bool_]) -> float:
    """Chance that one to whom it happened has the higher score than one to whom it didn't; nan unless there are both.

    >>> auc(np.array([0.9, 0.5, 0.5]), np.array([True, True, False]))
    0.75
    """
    yes = int(happened.sum())
    pairs = yes * (len(happened) - yes)
    return float(rankdata(score)[happened].sum() - 0.5 * yes * (yes + 1)) / pairs if pairs else np.nan


def brier(chance: Array, happened: NDArray[np.bool_]) -> float:
    """Mean squared error of a chance.

    >>> brier(np.array([1.0, 0.5]), np.array([True, True]))
    0.125
    """
    return float(np.mean((chance - happened) ** 2))


def crps(ordered: Array, actual: Array) -> Array:
    """Continuous ranked probability score (n,) of draws in order (n, draws): E|X - y| - E|X - X'| / 2; less is better.

    In the unit of what is forecast; the absolute error of a point, where all draws are equal.

    >>> crps(np.array([[0.0, 2.0]]), np.array([1.0]))
    array([0.5])
    """
    draws = ordered.shape[1]
    apart = ordered @ (2.0 * np.arange(1, draws + 1) - draws - 1.0) / draws**2
    return np.abs(ordered - actual[:, None]).mean(axis=1) - apart


def covered(below: Array, upto: Array, prob: float) -> Array:
    """Whether the central interval of a law covers what happened: (n,), 0 or 1, or a part of it where the law jumps.

    ``below`` and ``upto`` are P(X < y) and P(X <= y). Where a number has a chance of its own, its place among all chances is
    anywhere between the two, so such an interval covers at its rate exactly, and needs no random numbers for that.

    >>> covered(np.array([0.0, 0.2, 0.97]), np.array([0.5, 0.2, 0.98]), 0.9)
    array([0.9, 1. , 0. ])
    """
    low, high = 0.5 * (1.0 - prob), 0.5 * (1.0 + prob)
    inside = np.clip(np.minimum(upto, high) - np.maximum(below, low), 0.0, None)
    jump = upto - below
    return np.where(jump > 0.0, inside / np.where(jump > 0.0, jump, 1.0), (below >= low) & (below <= high))


def held(below: Array, upto: Array, prob: float) -> NDArray[np.bool_]:
    """Whether the central interval as it is printed, ends included, holds what happened: (n,).

    >>> held(np.array([0.0, 0.2, 0.97]), np.array([0.5, 0.2, 0.98]), 0.9)
    array([ True,  True, False])
    """
    return (upto >= 0.5 * (1.0 - prob)) & (below <= 0.5 * (1.0 + prob))


def pit(below: Array, upto: Array, bins: int = 10) -> Array:
    """Histogram of places (bins,), which sums to one and is flat where the laws are right; a jump is spread over its place.

    >>> pit(np.array([0.0, 0.6]), np.array([0.5, 0.6]), bins=2)
    array([0.5, 0.5])
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    jump = np.maximum(upto - below, 1e-12)[:, None]
    reached = np.clip((edges[None] - below[:, None]) / jump, 0.0, 1.0)
    reached[:, -1] = 1.0
    return np.diff(reached, axis=1).mean(axis=0)
