"""The default: the posterior in a fraction of a second, and a measure of how far to trust it.

At the mode, a multivariate t with the posterior's own curvature proposes points; each is weighted by posterior over
proposal, the weights are smoothed by a generalised Pareto law (PSIS; Vehtari, Simpson, Gelman, Yao & Gabry 2024), whose
shape k says whether they can be trusted (k <= 0.7), and the points are resampled by weight. The points are a scrambled Sobol
sequence and the resampling is systematic, so that the draws carry the precision of several times as many random ones.
Where k is too high the proposal is moved and reshaped to what the weights have shown, and more points are proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import gammaincinv, gammaln, ndtri

from clvmodels.errors import FitError
from clvmodels.inference.climb import climb, remarks
from clvmodels.inference.solution import Solution

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective

TRUSTED = 0.7
"""The largest Pareto k at which weights can be trusted."""

ROUNDS = 4
HEAVY = 7.0
"""Degrees of freedom of the proposal."""


def _proposals(centre: Array, covariance: Array, number: int, rng: Generator) -> tuple[Array, Array]:
    """Points of a multivariate t, from a scrambled Sobol sequence in an order of neighbours, and their log-densities.

    The densities are up to a constant. Neighbours come one after the other, so that systematic resampling is
    stratified: in the order of the sequence it would step in time with the sequence's own period.
    """
    from scipy.stats.qmc import Sobol  # noqa: PLC0415  (a second that a point estimate need not pay)

    dimension = len(centre)
    cube = Sobol(dimension + 1, rng=rng).random(number)
    cube = np.clip(cube[np.argsort(_morton(cube[:, :dimension]))], 1e-12, 1.0 - 1e-12)
    normal = ndtri(cube[:, :dimension])
    stretch = np.sqrt(0.5 * HEAVY / gammaincinv(0.5 * HEAVY, cube[:, dimension]))[:, None]
    root = np.linalg.cholesky(covariance)
    square = np.sum((normal * stretch) ** 2, axis=1)
    log_density = -0.5 * (HEAVY + dimension) * np.log1p(square / HEAVY) - np.log(np.diag(root)).sum()
    return centre + (normal * stretch) @ root.T, log_density + gammaln(0.5 * (HEAVY + dimension))


def _morton(cube: Array) -> NDArray[np.int64]:
    """Places of points of the unit cube (points, dimensions) on a curve that keeps neighbours together."""
    bits = 60 // cube.shape[1]
    cells = (cube * 2.0**bits).astype(np.int64)
    code = np.zeros(len(cube), dtype=np.int64)
    for bit in reversed(range(bits)):
        for column in cells.T:
            code = (code << 1) | ((column >> bit) & 1)
    return code


def _smoothed(log_ratio: Array) -> tuple[Array, float]:
    """Pareto-smoothed importance weights, which sum to one, and the shape k of their tail."""
    from arviz_stats.base.array import array_stats  # noqa: PLC0415  (half a second that a point estimate need not pay)

    finite = np.where(np.isfinite(log_ratio), log_ratio, -1e300)
    log_weights, k = array_stats.psislw(finite.max() - finite)
    weights = np.exp(np.asarray(log_weights) - np.max(log_weights))
    return weights / weights.sum(), float(k)


def _resampled(points: Array, weights: Array, number: int, rng: Generator) -> Array:
    """Systematic resampling, in random order: (number, parameters)."""
    places = (rng.random() + np.arange(number)) / number
    chosen = np.minimum(np.searchsorted(np.cumsum(weights), places), len(weights) - 1)
    return points[rng.permutation(chosen)]


@dataclass(frozen=True)
class Laplace:
    """Importance-corrected Laplace approximation of the posterior.

    Parameters
    ----------
    draws
        How many draws of the posterior to keep. 4,000 put the ends of 90 % intervals within a tenth of a posterior
        standard deviation of where they belong; 1,000 do for the value of customers.
    """

    draws: int = 4000
    believes: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.draws < 1:
            message = f"Laplace needs at least one draw, not {self.draws}."
            raise FitError(message)

    def solve(self, objective: Objective, rng: Generator) -> Solution:
        """Climb the posterior, propose around its mode, weigh, and resample."""
        summit = climb(objective, rng)
        if not np.all(np.isfinite(summit.covariance)):
            message = " ".join(remarks(objective, summit)) or f"{objective.model.name} has no mode to start from."
            raise FitError(message)
        centre, covariance, evaluations, k = summit.u, summit.covariance, summit.evaluations, np.inf
        points, weights = np.empty((0, len(centre))), np.empty(0)
        for attempt in range(ROUNDS):
            number = 2 ** int(np.ceil(np.log2(max(self.draws, 256) * (1 if attempt == 0 else 4))))
            points, log_density = _proposals(centre, covariance, number, rng)
            weights, k = _smoothed(objective(points)[0] - log_density)
            evaluations += number
            if k <= TRUSTED:
                break
            centre = weights @ points
            covariance = np.cov(points.T, aweights=weights, ddof=0) + 1e-10 * np.eye(len(centre))
        draws = _resampled(points, weights, self.draws, rng)
        warnings = (*remarks(objective, summit), *_checks(objective, k, draws))
        return Solution(summit.u, summit.covariance, draws, summit.found and k <= TRUSTED, evaluations, warnings, k)


def _checks(objective: Objective, k: float, draws: Array) -> tuple[str, ...]:
    """What the weights and the spread of the draws mean, in sentences."""
    name = objective.model.name
    warnings: list[str] = []
    if k > TRUSTED:
        warnings.append(
            f"The posterior of {name} is too far from the shape that Laplace() proposes (Pareto k = {k:.2f}, to be trusted "
            "up to 0.7): its intervals are rough. Try more customers, a longer observation, or tighter priors."
        )
    rng = np.random.default_rng(0)
    prior = np.std([objective.draw(rng) for _ in range(1000)], axis=0)
    silent = [n for n, s, p in zip(objective.model.parameters(), draws.std(axis=0), prior, strict=True) if s > 0.5 * p]
    if silent:
        warnings.append(
            f"The data say next to nothing about {', '.join(silent)} of {name}: what is reported of it is mostly its prior. "
            "Try more customers or a longer observation."
        )
    return tuple(warnings)
