"""What a method gives: where it arrived, draws if it draws, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    """

    mode: Array
    covariance: Array
    draws: Array | None
    converged: bool
    evaluations: int
    warnings: tuple[str, ...] = ()
    pareto_k: float | None = None
