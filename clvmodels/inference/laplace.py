"""The default: the posterior in a fraction of a second, and a measure of how far to trust it.

At the mode, t laws along the axes of the posterior's own curvature propose points; each is weighted by posterior over
proposal, the weights are smoothed by a generalised Pareto law (PSIS; Vehtari, Simpson, Gelman, Yao & Gabry 2024), whose
shape k says whether they can be trusted (k <= 0.7), and the points are resampled by weight. The points are a lattice,
and the resampling is systematic, so that the draws carry the precision of several times as many random ones.
Where k could be better the proposal is moved and reshaped to what the weights have shown, and more points are proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import stdtrit

from clvmodels.errors import FitError
from clvmodels.inference.climb import Summit, climb, remarks
from clvmodels.inference.psis import smoothed
from clvmodels.inference.solution import Solution

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective

TRUSTED, GOOD = 0.7, 0.4
"""The largest Pareto k at which weights can be trusted; and at which they can't be bettered by much."""

ROUNDS, FEWEST = 3, 256

GENERATOR = np.array([1, 182667, 469891, 498753, 110745, 446247, 250185, 118627, 245333, 283199])
"""Of lattices that fill a cube of up to ten dimensions evenly (Cools, Kuo & Nuyens 2006, exod2_base2_m20)."""
HEAVY = 7.0
"""Degrees of freedom of the proposal."""


def _lattice(points: int, dimension: int, rng: Generator) -> Array:
    """Fill the unit cube evenly: (points, dimensions), a randomly shifted lattice; points are a power of two.

    In an order of neighbours, so that systematic resampling is stratified.
    """
    cube = (rng.random(dimension) + np.arange(points)[:, None] * (GENERATOR[:dimension] / points)) % 1.0
    return np.clip(cube[np.argsort(_morton(cube))], 1e-12, 1.0 - 1e-12)


def _proposals(centre: Array, covariance: Array, number: int, rng: Generator) -> tuple[Array, Array]:
    """Points (points, parameters) whose whitened coordinates are independent t, and their log-densities up to a constant."""
    root = np.linalg.cholesky(covariance)
    white = stdtrit(HEAVY, _lattice(number, len(centre), rng))
    log_density = -0.5 * (HEAVY + 1.0) * np.log1p(white**2 / HEAVY).sum(axis=1)
    return centre + white @ root.T, log_density


def _morton(cube: Array) -> NDArray[np.int64]:
    """Places of points of the unit cube (points, dimensions) on a curve that keeps neighbours together."""
    bits = 60 // cube.shape[1]
    cells = (cube * 2.0**bits).astype(np.int64)
    code = np.zeros(len(cube), dtype=np.int64)
    for bit in reversed(range(bits)):
        for column in cells.T:
            code = (code << 1) | ((column >> bit) & 1)
    return code


def _weighed(objective: Objective, summit: Summit, draws: int, rng: Generator) -> tuple[Array, Array, float, int]:
    """Points, their weights, the k of these, and evaluations in all: of the best round, the first if its k is good."""
    centre, covariance = summit.u, summit.covariance
    rounds: list[tuple[float, Array, Array]] = []
    for attempt in range(ROUNDS):
        number = 2 ** ceil(log2(max(draws, FEWEST) * (1 if attempt == 0 else 4)))
        points, log_density = _proposals(centre, covariance, number, rng)
        weights, k = smoothed(objective(points)[0] - log_density)
        rounds.append((k, points, weights))
        if k <= GOOD:
            break
        centre = weights @ points
        covariance = np.cov(points.T, aweights=weights, ddof=0) + 1e-10 * np.eye(len(centre))
    k, points, weights = min(rounds, key=lambda tried: tried[0])
    return points, weights, k, summit.evaluations + sum(len(tried) for _, tried, _ in rounds)


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
        How many draws of the posterior to keep. 2,000 put the ends of 90 % intervals within a tenth of a posterior
        standard deviation of where they belong; 1,000 do for the value of customers.
    """

    draws: int = 2000
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
        points, weights, k, evaluations = _weighed(objective, summit, self.draws, rng)
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
