"""The objective: the only thing that an inference method sees.

A function on the whole of R^p - log-likelihood, plus log-prior where there is one, of parameters scaled by the data's own
units and carried to the line by their supports - with its gradient, and the way back from the line to theta.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import FitError

if TYPE_CHECKING:
    from clvmodels.contract import Model
    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array
    from clvmodels.parameters import Param

SCALES = {
    "time": ("T", 1.0, "nobody has been watched for any time"),
    "rate": ("T", -1.0, "nobody has been watched for any time"),
    "money": ("m", 1.0, "no purchase has a value"),
}
"""The column whose mean, to which power, is the data's own unit, and what it means when that mean is 0."""


def scales(params: tuple[Param, ...], histories: Histories) -> Array:
    """The data's own unit of each parameter: (parameters,)."""

    def scale(param: Param) -> float:
        if not param.dimension:
            return 1.0
        column, power, trouble = SCALES[param.dimension]
        mean = histories.scale(column)
        if not mean > 0.0:
            message = f"{trouble.capitalize()}, so there is nothing to learn from these customers."
            raise FitError(message)
        return mean**power

    return np.array([scale(param) for param in params])


@dataclass(frozen=True, eq=False)
class Objective:
    """What is to be climbed or sampled.

    Attributes
    ----------
    model, histories
        Whose likelihood, of what.
    believes
        Whether the priors (and the change of variables to the line) are part of it: a posterior, or a likelihood.
    """

    model: Model
    histories: Histories
    believes: bool

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """The declarations of the parameters."""
        return tuple(self.model.params().values())

    @cached_property
    def scales(self) -> Array:
        """The data's own unit of each parameter: (parameters,)."""
        return scales(self.params, self.histories)

    @property
    def dimension(self) -> int:
        """The number of parameters."""
        return len(self.params)

    def start(self) -> Array:
        """Return a first point: the middle of the priors."""
        return np.zeros(self.dimension)

    def draw(self, rng: np.random.Generator) -> Array:
        """Draw a point from the priors: (parameters,)."""
        draws = [p.support.to_line(np.asarray(p.prior.draw(rng))) for p in self.params]
        return np.array(draws, dtype=float)

    def theta(self, u: Array) -> Array:
        """Carry points of the line, (..., parameters), to parameters of the same shape."""
        columns = [p.support.from_line(u[..., j]) for j, p in enumerate(self.params)]
        return np.stack(columns, axis=-1) * self.scales

    def __call__(self, u: Array) -> tuple[Array, Array]:
        """Value and gradient at points (draws, parameters) of the line: (draws,) and (draws, parameters)."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            result = self.model.loglik(self.theta(u), self.histories).total()
            value, gradient = result[0], np.empty_like(u)
            for j, p in enumerate(self.params):
                z, stretch = p.support.from_line(u[:, j]), np.exp(p.support.log_slope(u[:, j]))
                gradient[:, j] = result[1 + j] * self.scales[j] * stretch
                if self.believes:
                    value = value + p.prior.log_density(z) + p.support.log_slope(u[:, j])
                    gradient[:, j] += p.prior.slope(z) * stretch + p.support.log_slope_slope(u[:, j])
        unknown = np.isnan(value) | np.isnan(gradient).any(axis=1)
        return np.where(unknown, -np.inf, value), gradient

    def at(self, u: Array) -> tuple[float, Array]:
        """Value and gradient at one point (parameters,)."""
        value, gradient = self(u[None])
        return float(value[0]), gradient[0]
