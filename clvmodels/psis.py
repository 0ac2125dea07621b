"""Pareto-smoothed importance sampling: weights whose largest are replaced by what a generalised Pareto law makes of them.

The shape k of that law says how far the weights can be trusted. Sources: Vehtari, Simpson, Gelman, Yao & Gabry (2024),
Pareto smoothed importance sampling, JMLR 25; the fit of the law by Zhang & Stephens (2009), Technometrics 51, with the
weak prior towards k = 0.5 of the former. A library has it too (arviz-stats, the oracle of the test), but takes longer to
import than the whole of a fit takes to run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from clvmodels.kernels.lift import Array

SHRINKAGE = 10.0
"""The prior towards k = 0.5 is worth so many weights."""


def pareto_fit(excess: Array) -> tuple[float, float]:
    """Fit a generalised Pareto law to positive numbers in ascending order: its shape k and scale.

    >>> places = (np.arange(1000) + 0.5) / 1000
    >>> k, scale = pareto_fit(2.0 * np.expm1(-0.3 * np.log1p(-places)) / 0.3)
    >>> round(k, 1), round(scale, 1)
    (0.3, 2.0)
    """
    n = len(excess)
    trials = 30 + int(np.sqrt(n))
    b = 1.0 - np.sqrt(trials / (np.arange(trials) + 0.5))
    b = b / (3.0 * excess[int(n / 4 + 0.5) - 1]) + 1.0 / excess[-1]
    k = np.log1p(-b[:, None] * excess).mean(axis=1)
    likelihood = n * (np.log(-b / k) - k - 1.0)
    weights = np.exp(likelihood - likelihood.max())
    best = float(b @ weights / weights.sum())
    shape = float(np.log1p(-best * excess).mean())
    return (n * shape + SHRINKAGE * 0.5) / (n + SHRINKAGE), -shape / best


def smoothed(log_ratio: Array) -> tuple[Array, float]:
    """Importance weights (n,), which sum to one, from the logs of target over proposal; and the shape k of their tail."""
    weights = np.exp(log_ratio - log_ratio.max())
    tail = int(min(0.2 * len(weights), 3.0 * np.sqrt(len(weights))))
    order = np.argsort(weights)
    largest, cut = order[-tail:], weights[order[-tail - 1]]
    excess = weights[largest] - cut
    if tail < 5 or not excess[0] < excess[-1]:
        return weights / weights.sum(), np.inf
    k, scale = pareto_fit(np.maximum(excess, np.finfo(float).tiny))
    places = (np.arange(tail) + 0.5) / tail
    height = -scale * np.log1p(-places) if abs(k) < 1e-12 else scale * np.expm1(-k * np.log1p(-places)) / k
    weights[largest] = np.minimum(cut + height, 1.0)
    return weights / weights.sum(), k
