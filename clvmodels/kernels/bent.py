"""Bent axes: where points lie whose coordinates along them are known, and how gradients are carried back to these.

With z the coordinates, the point is ``centre + root (z + bend (z_1^2 - 1))``: all axes bend along the first, up to FAR from
the centre, and go straight on beyond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import matrix

if TYPE_CHECKING:
    from clvmodels.kernels.lift import Array

    Axes = tuple[Array, Array, Array]
    """A centre (parameters,), a root (parameters, parameters) whose columns are the axes, and their bend (parameters,)."""

AXES = (matrix(1), matrix(2), matrix(1))
"""The compiler's types of these: in C order."""

FAR = 3.0
"""How far along the first axis they bend."""


@jit
def _bow(z: float) -> float:
    """z^2 - 1, straight on beyond FAR."""
    far = abs(z)
    return z * z - 1.0 if far < FAR else FAR * (2.0 * far - FAR) - 1.0


@jit
def place(axes: Axes, white: Array) -> Array:
    """Carry coordinates (parameters,) to a point of the same shape."""
    centre, root, bend = axes
    point, bow = centre.copy(), _bow(white[0])
    for i in range(len(point)):
        for j in range(len(white)):
            point[i] += root[i, j] * (white[j] + bend[j] * bow)
    return point


@jit
def pull(axes: Axes, white: Array, gradient: Array) -> Array:
    """Carry a gradient at a point (parameters,) back to its coordinates."""
    _, root, bend = axes
    pulled, along = np.zeros(len(white)), 0.0
    for j in range(len(white)):
        for i in range(len(gradient)):
            pulled[j] += gradient[i] * root[i, j]
        along += bend[j] * pulled[j]
    pulled[0] += 2.0 * max(-FAR, min(FAR, white[0])) * along
    return pulled


@jit
def place_all(axes: Axes, white: Array) -> Array:
    """Carry the coordinates of many points, (points, parameters)."""
    points = np.empty_like(white)
    for n in range(len(white)):
        points[n] = place(axes, white[n])
    return points
