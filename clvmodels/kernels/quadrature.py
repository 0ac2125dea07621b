"""Integrals over the time ahead: what an intensity of purchases adds up to, discounted.

With the scale S = c + T (c the smallest time among the parameters) and y = log(1 + u / S), intensities of the family are
entire functions of y with a known kind of decay; Gauss-Legendre panels that widen from the first decay length on give the
last digits in one or two panels for a horizon of a year. An infinite horizon ends where the discount leaves nothing.
"""

from __future__ import annotations

from math import exp, expm1, log, log1p
from typing import Any

import numpy as np
from numba import float64, types

from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import Array, Row, driver, matrix
from clvmodels.kernels.threads import each, slices
from clvmodels.kernels.tuples import filled

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)

FAR = 45.0
"""Discounted by more than exp(-FAR), a purchase is worth nothing."""

LENGTHS = 8.0
"""Decay lengths that the first panel covers."""

STEP = 1e-6
BLOCK = 2_000


@jit
def _intensity_at(y: float, intensity: Any, arguments: Any, scale: float, force: float) -> float:
    """The discounted intensity at u = scale (exp(y) - 1)."""
    u = scale * expm1(y)
    return intensity(*(arguments + (u,))) * exp(-force * u)


@jit
def _integral(intensity: Any, arguments: Any, scale: float, horizon: float, force: float) -> float:
    """The discounted intensity over u from 0 to the horizon."""
    end = log1p((min(horizon, FAR / force) if force > 0.0 else horizon) / scale)
    first = _intensity_at(0.0, intensity, arguments, scale, force)
    later = _intensity_at(STEP, intensity, arguments, scale, force)
    decay = log(first / later) / STEP if later > 0.0 else LENGTHS
    width = min(1.0, LENGTHS / max(decay, LENGTHS))
    start, total = 0.0, 0.0
    while start < end:
        half = 0.5 * min(width, end - start)
        for k in range(len(NODES)):
            y = start + half * (1.0 + NODES[k])
            total += half * WEIGHTS[k] * scale * exp(y) * _intensity_at(y, intensity, arguments, scale, force)
        start += 2.0 * half
        width = min(1.0, 2.0 * width)
    return total


@jit
def _integrals(
    intensity: Any, blank: Any, theta: Array, rows: Array, scales: Array, horizon: float, force: float, out: Array
) -> None:
    """Fill out[draw, row]; scales is (draw,), and a row's last column is her T."""
    for d in range(theta.shape[0]):
        parameters = filled(blank[0], theta[d])
        for i in range(rows.shape[0]):
            arguments = parameters + filled(blank[1], rows[i])
            out[d, i] = _integral(intensity, arguments, scales[d] + rows[i, rows.shape[1] - 1], horizon, force)


def integrate(intensity: Row, theta: Array, rows: Array, scales: Array, horizon: float, force: float) -> Array:
    """Integrate an intensity over the time ahead, at every draw and row.

    Parameters
    ----------
    intensity
        A row function whose last arguments are T and the time ahead u.
    theta, rows
        (draws, parameters) and (rows, columns up to T).
    scales
        (draws,): the smallest time among the parameters.
    horizon, force
        How far ahead, which may be infinite where there is a force, and the force of discount, per unit of time.

    Returns
    -------
    Array
        (draws, rows).
    """
    parameters, (*asked, _) = intensity.blank(theta)
    blank = parameters, tuple(asked)
    places = types.Tuple([types.UniTuple(float64, len(part)) for part in blank])
    loop = driver(_integrals, intensity.type, places, *map(matrix, (2, 2, 1)), float64, float64, matrix(2))

    def block(part: slice) -> Array:
        out = np.empty((len(theta[part]), len(rows)))
        loop(intensity.pointer, blank, theta[part], rows, scales[part], horizon, force, out)
        return out

    return np.concatenate(list(each(block, slices(len(theta), max(BLOCK // max(len(rows), 1), 1)))), axis=0)
