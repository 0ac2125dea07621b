"""Proposals: points around a mode, weighed by how much more likely the posterior makes them than the proposal did.

In a frame of the posterior (`Frame`) independent t laws propose points; the weights are smoothed by a generalised Pareto law
(`psis`), whose shape k says how far they can be trusted. The points are a lattice, so that they carry the precision of
several times as many random ones. Where k could be better the frame is fitted to what the weights have shown, and more
points are proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from clvmodels.inference.frame import Frame
from clvmodels.psis import smoothed

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from clvmodels.inference.climb import Summit
    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective

GOOD = 0.4
"""The largest Pareto k of weights that can't be bettered by much."""

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


def _proposals(frame: Frame, number: int, rng: Generator) -> tuple[Array, Array]:
    """Points (points, parameters) whose coordinates are independent t, and their log-densities up to a constant."""
    white = stdtrit(HEAVY, _lattice(number, len(frame.centre), rng))
    log_density = -0.5 * (HEAVY + 1.0) * np.log1p(white**2 / HEAVY).sum(axis=1)
    return frame.place(white), log_density


def _morton(cube: Array) -> NDArray[np.int64]:
    """Places of points of the unit cube (points, dimensions) on a curve that keeps neighbours together."""
    bits = 60 // cube.shape[1]
    cells = (cube * 2.0**bits).astype(np.int64)
    code = np.zeros(len(cube), dtype=np.int64)
    for bit in reversed(range(bits)):
        for column in cells.T:
            code = (code << 1) | ((column >> bit) & 1)
    return code


@dataclass(frozen=True, eq=False)
class Weighed:
    """Points of the line (points, parameters), their weights, the k of these, and the frame that they tell of."""

    points: Array
    weights: Array
    k: float
    frame: Frame


def weighed(objective: Objective, summit: Summit, draws: int, rng: Generator) -> tuple[Weighed, int]:
    """Propose and weigh points: the best of the rounds, the first if its k is good; and evaluations in all."""
    frame, evaluations = Frame.at(summit), summit.evaluations
    rounds: list[Weighed] = []
    for attempt in range(ROUNDS):
        number = 2 ** ceil(log2(max(draws, FEWEST) * (1 if attempt == 0 else 4)))
        points, log_density = _proposals(frame, number, rng)
        weights, k = smoothed(objective(points)[0] - log_density)
        frame, evaluations = Frame.fitted(points, weights), evaluations + number
        rounds.append(Weighed(points, weights, k, frame))
        if k <= GOOD:
            break
    return min(rounds, key=lambda tried: tried.k), evaluations
