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
from clvmodels.kernels.lift import Array, Row, driver, in_c_order, matrix
from clvmodels.kernels.panels import LEAST, NODES, NOTHING, SHORT, STEP, WEIGHTS, first_width, half_panel
from clvmodels.kernels.threads import each, slices
from clvmodels.kernels.tuples import filled

SEARCH = 40

FAR = 45.0
"""Discounted by more than exp(-FAR), a purchase is worth nothing."""

BLOCK = 2_000


@jit
def intensity_at(y: float, intensity: Any, arguments: Any, scale: float, force: float) -> float:
    """The discounted intensity at u = scale (exp(y) - 1)."""
    u = scale * expm1(y)
    return intensity(*(arguments + (u,))) * exp(-force * u)


@jit
def _where_positive(place: float, intensity: Any, arguments: Any, scale: float, force: float) -> float:
    """Halve a place, many times, until the intensity there is above 0; the place itself where it never is."""
    y = place
    for _ in range(SEARCH):
        if intensity_at(y, intensity, arguments, scale, force) > 0.0:
            return y
        y *= 0.125
    return place


@jit
def _where_weighty(place: float, intensity: Any, arguments: Any, scale: float) -> float:
    """Divide a place, many times, until the intensity times the place no longer grows."""
    y = place
    weight = y * intensity_at(y, intensity, arguments, scale, 0.0)
    for _ in range(SEARCH):
        nearer = 0.125 * y * intensity_at(0.125 * y, intensity, arguments, scale, 0.0)
        if weight > 0.0 and nearer <= weight:
            return y
        y, weight = 0.125 * y, nearer
    return place


@jit
def first_panel(intensity: Any, arguments: Any, scale: float, gaps: float, force: float) -> float:
    """How wide the first panel is: some decay lengths, and, where an intensity swings, few gaps between purchases."""
    first = intensity_at(0.0, intensity, arguments, scale, force)
    step = _where_positive(STEP, intensity, arguments, scale, force)
    later = intensity_at(step, intensity, arguments, scale, force)
    width = first_width((log(first) - log(later)) * STEP / step if later > 0.0 else 0.0)
    if gaps > 0.0:
        place = _where_weighty(0.5, intensity, arguments, scale)
        width = min(width, 2.0 * place, gaps / max(scale * intensity_at(place, intensity, arguments, scale, 0.0), gaps))
    return width


@jit
def _integral(
    intensity: Any, arguments: Any, scale: float, longest: float, gaps: float, horizon: float, force: float
) -> float:
    """The discounted intensity over u up to the horizon, in panels of at most the longest time; the first for few gaps."""
    scale = max(scale, LEAST)
    end = log1p((min(horizon, FAR / force) if force > 0.0 else horizon) / scale)
    width = first_panel(intensity, arguments, scale, gaps, force)
    start, total, number = 0.0, 0.0, 0
    while start < end:
        half = half_panel(start, width, end, scale, longest)
        panel = 0.0
        for k in range(len(NODES)):
            y = start + half * (1.0 + NODES[k])
            panel += half * WEIGHTS[k] * scale * exp(y) * intensity_at(y, intensity, arguments, scale, force)
        total += panel
        if total > 0.0 and not panel > NOTHING * total:
            break
        start, number = start + 2.0 * half, number + 1
        width, longest = min(1.0, 2.0 * width), longest * (2.0 if number > SHORT else 1.0)
    return total


@jit
def _integrals(
    intensity: Any,
    blank: Any,
    theta: Array,
    rows: Array,
    scales: Array,
    longest: Array,
    gaps: float,
    horizons: Array,
    force: float,
    out: Array,
) -> None:
    """Fill out[draw, row]; scales and longest are (draw,), horizons (row,), and a row's last column is her T."""
    for d in range(theta.shape[0]):
        parameters = filled(blank[0], theta[d])
        for i in range(rows.shape[0]):
            arguments = parameters + filled(blank[1], rows[i])
            scale = scales[d] + rows[i, rows.shape[1] - 1]
            out[d, i] = _integral(intensity, arguments, scale, longest[d], gaps, horizons[i], force)


@jit
def _sums(intensity: Any, blank: Any, theta: Array, rows: Array, horizon: float, force: float, out: Array) -> None:
    """Fill out[draw, row] with the discounted sum over opportunities up to the horizon."""
    last = min(horizon, FAR / force) if force > 0.0 else horizon
    for d in range(theta.shape[0]):
        parameters = filled(blank[0], theta[d])
        for i in range(rows.shape[0]):
            arguments, u, total = parameters + filled(blank[1], rows[i]), 1.0, 0.0
            while u <= last:
                total += intensity(*(arguments + (u,))) * exp(-force * u)
                u += 1.0
            out[d, i] = total


def integrand(intensity: Row, theta: Array) -> tuple[Any, Any]:
    """Places for the arguments of an intensity but the time ahead, and the compiler's types of these."""
    parameters, (*asked, _) = intensity.blank(theta)
    blank = parameters, tuple(asked)
    return blank, types.Tuple([types.UniTuple(float64, len(part)) for part in blank])


def integrate(
    intensity: Row,
    theta: Array,
    rows: Array,
    scales: Array,
    longest: Array,
    horizon: float | Array,
    force: float,
    gaps: float = 0.0,
) -> Array:
    """Integrate an intensity over the time ahead, at every draw and row.

    Parameters
    ----------
    intensity
        A row function whose last arguments are T and the time ahead u.
    theta, rows
        (draws, parameters) and (rows, columns up to T).
    scales
        (draws,): the smallest time among the parameters.
    longest
        (draws,): how long a panel may be, at most; it may be infinite.
    horizon, force
        How far ahead, the same for all or (rows,), which may be infinite where there is a force, and the force of discount,
        per unit of time.
    gaps
        Where an intensity swings from purchase to purchase: for how many of them the first panel lasts, at most; else 0.

    Returns
    -------
    Array
        (draws, rows).
    """
    (theta, rows), (blank, places) = in_c_order(theta, rows), integrand(intensity, theta)
    loop = driver(_integrals, intensity.type, places, *map(matrix, (2, 2, 1, 1)), float64, matrix(1), float64, matrix(2))
    horizons = np.full(len(rows), horizon, dtype=float)

    def block(part: slice) -> Array:
        out = np.empty((len(theta[part]), len(rows)))
        loop(intensity.address, blank, theta[part], rows, scales[part], longest[part], gaps, horizons, force, out)
        return out

    return np.concatenate(list(each(block, slices(len(theta), max(BLOCK // max(len(rows), 1), 1)))), axis=0)


def add_up(intensity: Row, theta: Array, rows: Array, horizon: float, force: float) -> Array:
    """Add up an intensity over the opportunities ahead, u = 1, 2..., up to the horizon: (draws, rows), as `integrate`."""
    (theta, rows), (blank, places) = in_c_order(theta, rows), integrand(intensity, theta)
    loop = driver(_sums, intensity.type, places, *map(matrix, (2, 2)), float64, float64, matrix(2))

    def block(part: slice) -> Array:
        out = np.empty((len(theta[part]), len(rows)))
        loop(intensity.address, blank, theta[part], rows, horizon, force, out)
        return out

    return np.concatenate(list(each(block, slices(len(theta), max(BLOCK // max(len(rows), 1), 1)))), axis=0)
