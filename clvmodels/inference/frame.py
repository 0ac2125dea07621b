"""The frame of a posterior: coordinates in which it looks like independent standard normals, nearly.

The axes are those of its covariance. Posteriors of this field are often ridges that curve - a shape and a rate of one law
grow together - so that all axes are bent along the widest: with z the coordinates, the point is

    centre + root (z + bend (z_1^2 - 1))

which moves points but stretches nothing, so densities carry over as they are. Beyond three standard deviations, where
nothing has been seen, the bend goes straight on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.kernels.bent import place_all

if TYPE_CHECKING:
    from clvmodels.inference.climb import Summit
    from clvmodels.kernels.bent import Axes
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True, eq=False)
class Frame:
    """A centre, axes, and how these bend along the first.

    Attributes
    ----------
    centre
        (parameters,), on the line.
    root
        Axes as columns, of the length of a standard deviation, the widest first where they bend: (parameters, parameters).
    bend
        In units of the axes (parameters,), 0 for the first.
    """

    centre: Array
    root: Array
    bend: Array

    @classmethod
    def of(cls, centre: Array, covariance: Array) -> Frame:
        """Take the axes of a covariance, without a bend."""
        values, vectors = np.linalg.eigh(covariance)
        return cls(centre, vectors[:, ::-1] * np.sqrt(values[::-1]), np.zeros(len(centre)))

    @classmethod
    def at(cls, summit: Summit) -> Frame:
        """Take the curvature at a mode, parameter by parameter (by Cholesky), without a bend."""
        return cls(summit.u, np.asarray(np.linalg.cholesky(summit.covariance), float), np.zeros(len(summit.u)))

    @classmethod
    def fitted(cls, points: Array, weights: Array) -> Frame:
        """Fit to weighted points (points, parameters): straighten them along the widest axis, and take what is left."""
        straight = cls.of(*_moments(points, weights))
        white = np.linalg.solve(straight.root, (points - straight.centre).T).T
        square = white[:, 0] ** 2 - 1.0
        design = np.stack([np.ones_like(square), white[:, 0], square])
        slopes = np.linalg.solve(design * weights @ design.T, design * weights @ white)[2]
        bend = straight.root[:, 1:] @ slopes[1:]
        left = cls.of(*_moments(points - np.outer(square, bend), weights))
        return cls(left.centre, left.root, np.r_[0.0, np.linalg.solve(left.root, bend)[1:]])

    @property
    def axes(self) -> Axes:
        """Itself, as kernels know it: in C order."""
        return self.centre, np.ascontiguousarray(self.root), self.bend

    def place(self, white: Array) -> Array:
        """Carry coordinates (..., parameters) to points of the line."""
        flat = np.ascontiguousarray(white).reshape(-1, len(self.centre))
        return place_all(self.axes, flat).reshape(white.shape)


def _moments(points: Array, weights: Array) -> tuple[Array, Array]:
    """Mean, and covariance a little wider than nothing, of weighted points."""
    covariance = np.cov(points.T, aweights=weights, ddof=0)
    return weights @ points, np.atleast_2d(covariance) + 1e-10 * np.eye(points.shape[1])
