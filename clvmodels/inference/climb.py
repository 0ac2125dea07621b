"""Climb to the mode, and say whether it is one: no slope left, curved downwards in every direction, not at infinity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

if TYPE_CHECKING:
    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective

STEP = 1e-5
"""Of the differences of gradients that give the curvature."""

FLAT = 1e-9
"""A gain that a Newton step need not promise: the mode is found."""

EDGE = 12.0
"""A scaled parameter beyond exp(12) times the data's own unit, or below exp(-12) of it, is at the edge of its support."""

ARRIVED, NEAR, FAR = 1e-10, 1e-8, 2.0
"""Lengths of a Newton step: the mode is found; the curvature is the same after it; it can't be trusted."""

ROUGH = 1e-5
"""Slope per customer at which the first climb hands over to Newton steps."""

STARTS = 5
POLISHES = 12


@dataclass(frozen=True, eq=False)
class Summit:
    """Where a climb ended.

    Attributes
    ----------
    u, value
        The point (parameters,) and the objective there.
    covariance
        The inverse of the curvature; nan where the point is no summit.
    evaluations
        Of the objective.
    edges
        For each parameter 0, or the side (-1, 1) on which it has run to the edge of its support.
    promise
        What a further Newton step would gain.
    """

    u: Array
    value: float
    covariance: Array
    evaluations: int
    edges: Array
    promise: float

    @property
    def found(self) -> bool:
        """Whether this is a mode inside the support."""
        return bool(np.all(np.isfinite(self.covariance)) and self.promise < 1e-4 and not self.edges.any())


def curvature(objective: Objective, u: Array) -> Array:
    """Minus the matrix of second derivatives, from central differences of the gradient: (parameters, parameters)."""
    steps = STEP * np.eye(len(u))
    _, up = objective(u + steps)
    _, down = objective(u - steps)
    matrix = (down - up) / (2.0 * STEP)
    return 0.5 * (matrix + matrix.T)


def _newton(objective: Objective, u: Array) -> tuple[Array, Array, float, int]:
    """Polish by Newton steps while they are not too large: the point, its curvature, the gain last promised, evaluations.

    The curvature is taken anew only where a step was long enough to change it.
    """
    value, gradient = objective.at(u)
    matrix, promise, evaluations = curvature(objective, u), np.inf, 1 + 2 * len(u)
    for _ in range(POLISHES):
        try:
            step = np.linalg.solve(matrix, gradient)
        except np.linalg.LinAlgError:
            break
        promise, length = 0.5 * float(gradient @ step), float(np.abs(step).max())
        if not (0.0 <= promise < np.inf and length < FAR):
            break
        candidate, slope = objective.at(u + step)
        evaluations += 1
        if not candidate >= value - FLAT:
            break
        u, value, gradient = u + step, candidate, slope
        if length > NEAR:
            matrix, evaluations = curvature(objective, u), evaluations + 2 * len(u)
        if length < ARRIVED:
            break
    return u, matrix, promise, evaluations


def ascend(objective: Objective, start: Array) -> Summit:
    """One climb from one start."""

    def downhill(u: Array) -> tuple[float, Array]:
        value, gradient = objective.at(u)
        return (-value, -gradient) if np.isfinite(value) else (1e300, np.zeros_like(u))

    options = {"maxiter": 500, "gtol": ROUGH * objective.histories.weights.sum()}
    rough = minimize(downhill, start, jac=True, method="BFGS", options=options)
    u, matrix, promise, polishing = _newton(objective, np.asarray(rough.x))
    edges = np.where(np.abs(u) > EDGE, np.sign(u), 0.0)
    summit = np.all(np.isfinite(matrix)) and np.linalg.eigvalsh(matrix).min() > 0.0 and not edges.any()
    covariance = np.asarray(np.linalg.inv(matrix), float) if summit else np.full_like(matrix, np.nan)
    return Summit(u, objective.at(u)[0], covariance, int(rough.nfev) + polishing, edges, max(promise, 0.0))


def climb(objective: Objective, rng: np.random.Generator) -> Summit:
    """Climb from the data's own scale; where that finds no summit, again from draws of the priors, and keep the highest."""
    best = ascend(objective, objective.start())
    for _ in range(STARTS - 1):
        if best.found:
            break
        again = ascend(objective, objective.draw(rng, 1)[0])
        evaluations = best.evaluations + again.evaluations
        higher = again if again.value > best.value + FLAT or (again.found and not best.found) else best
        best = Summit(higher.u, higher.value, higher.covariance, evaluations, higher.edges, higher.promise)
    return best


def remarks(objective: Objective, summit: Summit) -> tuple[str, ...]:
    """What the end of a climb means, in sentences."""
    sides = {-1.0: "0", 1.0: "infinity"}
    names = objective.model.parameters()
    if summit.edges.any():
        where = ", ".join(f"{n} -> {sides[e]}" for n, e in zip(names, summit.edges, strict=True) if e)
        message = (
            f"{objective.model.name} is at the edge of its support ({where}): the data are explained best by a simpler "
            "model. Its forecasts stay finite; it has no standard errors. Try MAP() or Laplace(), or more customers."
        )
        return (message,)
    if not summit.found:
        message = (
            f"The climb to the mode of {objective.model.name} ended without finding a summit after {STARTS} starts. Try "
            "more customers, a longer observation, or tighter priors."
        )
        return (message,)
    return ()
