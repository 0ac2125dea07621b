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
from clvmodels.kernels.bent import place, pull
from clvmodels.kernels.fused import fused
from clvmodels.kernels.laws import NONE, believe
from clvmodels.priors import Law
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from clvmodels.contract import Model
    from clvmodels.histories import Histories
    from clvmodels.kernels.bent import Axes
    from clvmodels.kernels.fused import Point
    from clvmodels.kernels.laws import Codes
    from clvmodels.kernels.lift import Array
    from clvmodels.parameters import Param, Positive
    from clvmodels.priors import Prior
    from clvmodels.units import Unit

    Places = slice | NDArray[np.intp]

SCALES = {
    "time": ("T", 1.0, "nobody has been watched for any time"),
    "rate": ("T", -1.0, "nobody has been watched for any time"),
    "money": ("m", 1.0, "no purchase has a value"),
}
"""The column whose mean, to which power, is the data's own unit, and what it means when that mean is 0."""


FEW = 20_000
"""Histories that one thread goes through at a point."""


def scale(param: Param, histories: Histories) -> float:
    """The data's own unit of a parameter."""
    if not param.dimension:
        return 1.0
    column, power, trouble = SCALES[param.dimension]
    mean = histories.scale(column)
    if not mean > 0.0:
        message = f"{trouble.capitalize()}, so there is nothing to learn from these customers."
        raise FitError(message)
    return mean**power


def in_unit(prior: Prior, param: Param, histories: Histories, unit: Unit) -> Prior:
    """Say a prior in the unit of the customers."""
    if prior.unit is None or not param.dimension:
        return prior
    if prior.unit == "data":
        return prior.stretched(scale(param, histories))
    return prior.stretched((DAYS[prior.unit] / DAYS[unit]) ** SCALES[param.dimension][1])


@dataclass(frozen=True, eq=False)
class Objective:
    """What is to be climbed or sampled.

    Attributes
    ----------
    model, histories
        Whose likelihood, of what.
    believes
        Whether the priors (and the change of variables to the line) are part of it: a posterior, or a likelihood.
    unit
        Of the customers' times, in which priors are told.
    """

    model: Model
    histories: Histories
    believes: bool
    unit: Unit = "week"

    @cached_property
    def params(self) -> tuple[Param, ...]:
        """The declarations of the parameters."""
        return tuple(self.model.params().values())

    @cached_property
    def scales(self) -> Array:
        """The data's own unit of each parameter: (parameters,)."""
        return np.array([scale(param, self.histories) for param in self.params])

    @cached_property
    def log_scales(self) -> Array:
        """Their logarithms: (parameters,)."""
        return np.log(self.scales)

    @cached_property
    def beliefs(self) -> tuple[tuple[tuple[int, ...], Prior], ...]:
        """The priors in the unit of the customers, each with the places of its parameters."""
        names, params = self.model.parameters(), self.model.params()
        told = self.model.believed().items()
        return tuple(
            (tuple(map(names.index, some)), in_unit(prior, params[some[0]], self.histories, self.unit))
            for some, prior in told
        )

    @cached_property
    def laws(self) -> tuple[Codes, Array]:
        """Codes of the laws of single parameters (NONE, where one is believed together with others), and their numbers."""
        codes, numbers = np.full(self.dimension, NONE), np.zeros((self.dimension, 2))
        for places, prior in self.beliefs:
            if isinstance(prior, Law):
                codes[places[0]], numbers[places[0]] = prior.code, prior.pair()
        return codes, numbers

    @property
    def dimension(self) -> int:
        """The number of parameters."""
        return len(self.params)

    def start(self) -> Array:
        """Return a first point: the data's own scale."""
        return np.zeros(self.dimension)

    def draw(self, rng: np.random.Generator, size: int) -> Array:
        """Draw points of the line from the priors: (size, parameters)."""
        points = np.empty((size, self.dimension))
        for places, prior in self.beliefs:
            for j, values in zip(places, prior.draw(rng, size), strict=True):
                points[:, j] = self.params[j].support.to_line(values / self.scales[j])
        return points

    @cached_property
    def lines(self) -> tuple[tuple[Positive, Places], ...]:
        """The supports, each with the places of its parameters."""
        supports = [param.support for param in self.params]
        if len(set(supports)) == 1:
            return ((supports[0], slice(None)),)
        return tuple((some, np.flatnonzero([s == some for s in supports])) for some in dict.fromkeys(supports))

    def theta(self, u: Array) -> Array:
        """Carry points of the line, (..., parameters), to parameters of the same shape."""
        theta = np.empty_like(u)
        for support, places in self.lines:
            theta[..., places] = support.from_line(u[..., places])
        return theta * self.scales

    def line(self, theta: Array) -> Array:
        """Carry parameters (..., parameters) to points of the line: the inverse of `theta`."""
        u = theta / self.scales
        for support, places in self.lines:
            u[..., places] = support.to_line(u[..., places])
        return u

    def __call__(self, u: Array) -> tuple[Array, Array]:
        """Value and gradient at points (draws, parameters) of the line: (draws,) and (draws, parameters)."""
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            theta = self.theta(u)
            result = self.model.loglik(theta, self.histories).total()
            value, gradient = result[0], result[1:].T
            if self.believes:
                value += self._believe(theta, gradient)
            for support, places in self.lines:
                stretch = support.log_slope(u[:, places]) + self.log_scales[places]
                gradient[:, places] *= np.exp(stretch)
                if self.believes:
                    value += stretch.sum(axis=1)
                    gradient[:, places] += support.log_slope_slope(u[:, places])
        value[np.isnan(value) | np.isnan(gradient.sum(axis=1))] = -np.inf
        return value, gradient

    def _believe(self, theta: Array, slopes: Array) -> Array:
        """The log of the priors at theta (draws,); their slopes are added to the others."""
        value = np.zeros(len(theta))
        believe(*self.laws, theta, value, slopes)
        for places, prior in self.beliefs:
            if not isinstance(prior, Law):
                logs, several = prior.density(*theta.T[list(places)])
                value += logs
                slopes[:, list(places)] += np.stack(several, axis=1)
        return value

    @cached_property
    def _along(self) -> Callable[[Axes], Point]:
        """The way to evaluate single points: each in one call where there is little to do in it."""
        terms, pairs = self.model.loglik(self.theta(self.start()[None]), self.histories).parts()
        single = self.believes and all(isinstance(prior, Law) for _, prior in self.beliefs)
        if terms and single and len(self.histories) <= FEW:
            return fused(terms, pairs, *self.laws, self.log_scales)
        return self._alone

    def _alone(self, axes: Axes) -> Point:
        """Each a batch of one."""

        def at(white: Array) -> tuple[float, Array]:
            value, gradient = self(place(axes, white)[None])
            return float(value[0]), pull(axes, white, gradient[0])

        return at

    def along(self, axes: Axes) -> Point:
        """Make a function of a point's coordinates (parameters,) along axes: value, and gradient in these."""
        return self._along(axes)

    @cached_property
    def at(self) -> Point:
        """Value and gradient at one point (parameters,), a function."""
        return self.along((self.start(), np.eye(self.dimension), np.zeros(self.dimension)))
