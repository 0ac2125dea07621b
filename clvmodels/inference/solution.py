"""What a method gives: where it arrived, draws if it draws, and how it went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clvmodels.kernels.lift import Array


@dataclass(frozen=True, eq=False)
class Solution:
    """The outcome of a method, on the line.

    Attributes
    ----------
    mode
        The highest point found (parameters,).
    covariance
        The inverse of the curvature there (parameters, parameters); nan where it is not a summit.
    draws
        (draws, parameters), or None for a method that gives a point.
    converged
        Whether the mode is one: no slope, and curved downwards every way.
    evaluations
        Of the objective.
    warnings
        What went wrong or must be known, in sentences.
    pareto_k
        How far the draws can be trusted (below 0.7: well), where the method measures it.
    chains
        How many chains, one after the other, the draws are.
    stats
        What the sampler says of each draw, by the names of ArviZ: (chains, draws of a chain) each.
    ess, r_hat
        Effective number of draws, and how far the chains disagree, of each parameter, where that is known.
    divergences
        How many draws a sampler's path was lost at, where there is such a thing.
    learned
        Whether the data were looked at: draws of the priors alone haven't.
    """

    mode: Array
    covariance: Array
    draws: Array | None
    converged: bool
    evaluations: int
    warnings: tuple[str, ...] = ()
    pareto_k: float | None = None
    chains: int = 1
    stats: Mapping[str, Array] = field(default_factory=dict)
    ess: tuple[float, ...] | None = None
    r_hat: tuple[float, ...] | None = None
    divergences: int | None = None
    learned: bool = True
