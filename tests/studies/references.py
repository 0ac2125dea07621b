"""Two slow and sure ways to a posterior: importance sampling from a wide proposal, and Hamiltonian Monte Carlo.

Both need a centre and a covariance only to be quick about it; what they converge to doesn't depend on either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from scipy.stats import multivariate_t

if TYPE_CHECKING:
    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective

Distance: TypeAlias = tuple[float, float, float]
"""Of means (in sd), of sds (relative), of interval ends (in sd), at worst over parameters."""

FREEDOM, WIDER = 4.0, 1.5
"""Of the proposal: degrees of freedom, and how much larger its covariance is."""

CHAINS, LEAPS, WARMUP = 64, 4, 60


@dataclass(frozen=True, eq=False)
class Summary:
    """Mean, sd and the ends of the 90 % interval of each parameter, the points that they come from, and their worth."""

    theta: Array
    mean: Array
    sd: Array
    ends: Array
    size: float

    def distance(self, other: Summary) -> Distance:
        """How far the other is off."""
        return (
            float(np.max(np.abs(other.mean - self.mean) / self.sd)),
            float(np.max(np.abs(other.sd / self.sd - 1.0))),
            float(np.max(np.abs(other.ends - self.ends) / self.sd)),
        )


def summary(theta: Array, weights: Array | None = None, size: float | None = None) -> Summary:
    """Summarise points (points, parameters), weighted or not."""
    if weights is None:
        ends = np.quantile(theta, [0.05, 0.95], axis=0)
        return Summary(theta, theta.mean(axis=0), theta.std(axis=0), ends, float(size or len(theta)))
    mean = weights @ theta
    ends = np.empty((2, theta.shape[1]))
    for j, column in enumerate(theta.T):
        order = np.argsort(column)
        ends[:, j] = np.interp([0.05, 0.95], np.cumsum(weights[order]), column[order])
    return Summary(theta, mean, np.sqrt(weights @ (theta - mean) ** 2), ends, float(1.0 / np.sum(weights**2)))


def by_importance(objective: Objective, centre: Array, covariance: Array, points: int, rng: np.random.Generator) -> Summary:
    """Self-normalised importance sampling from a multivariate t; size is the effective number of points."""
    proposal = multivariate_t(centre, WIDER * covariance, FREEDOM)
    u = proposal.rvs(points, random_state=rng)
    log_weights = objective(u)[0] - proposal.logpdf(u)
    weights = np.exp(log_weights - log_weights.max())
    return summary(objective.theta(u), weights / weights.sum())


def by_chains(objective: Objective, centre: Array, covariance: Array, steps: int, rng: np.random.Generator) -> Summary:
    """Hamiltonian Monte Carlo, all chains side by side; size is the effective number of draws by the chains' means."""
    root = np.linalg.cholesky(covariance)

    def at(w: Array) -> tuple[Array, Array]:
        value, gradient = objective(centre + w @ root.T)
        return value, gradient @ root

    w = 2.0 * rng.standard_normal((CHAINS, len(centre)))
    value, slope = at(w)
    kept = np.empty((steps, CHAINS, len(centre)))
    for step in range(-WARMUP, steps):
        pace = rng.uniform(0.25, 0.55)
        momentum = rng.standard_normal(w.shape)
        energy = value - 0.5 * np.sum(momentum**2, axis=1)
        there, steep = w, slope
        for _ in range(LEAPS):
            momentum = momentum + 0.5 * pace * steep
            there = there + pace * momentum
            reached, steep = at(there)
            momentum = momentum + 0.5 * pace * steep
        take = np.log(rng.random(CHAINS)) < reached - 0.5 * np.sum(momentum**2, axis=1) - energy
        w, value, slope = (
            np.where(take[:, None], there, w),
            np.where(take, reached, value),
            np.where(take[:, None], steep, slope),
        )
        if step >= 0:
            kept[step] = w
    theta = objective.theta(centre + kept @ root.T)
    effective = theta.var(axis=(0, 1)) / theta.mean(axis=0).var(axis=0, ddof=1) * CHAINS
    return summary(theta.reshape(-1, len(centre)), size=float(effective.min()))
