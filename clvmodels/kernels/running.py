"""Running integrals: what an intensity adds up to until each of several ends, in one pass, added up over rows with weights.

Panels are those of `quadrature`. Where an end lies within one, the integrand is taken for the polynomial through its
values f_k at the Gauss nodes x_k with weights w_k, in Legendre's P_n:

    integral of f from -1 to s = b_0 (s + 1) / 2 + sum of b_n (P_{n+1}(s) - P_{n-1}(s)) / 2,  b_n = sum of w_k P_n(x_k) f_k

which at s = 1 is Gauss's rule itself. A panel covers few decay lengths, so that polynomial
errs by some 1e-9 of what the panel adds up to.
"""

from __future__ import annotations

from math import log1p
from typing import Any

import numpy as np
from numba import float64

from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import Array, Row, driver, in_c_order, matrix
from clvmodels.kernels.panels import LEAST, NODES, NOTHING, SHORT, WEIGHTS, half_panel
from clvmodels.kernels.quadrature import first_panel, integrand, intensity_at
from clvmodels.kernels.threads import each, slices
from clvmodels.kernels.tuples import filled

DEGREES = len(NODES)

PROJECTION = np.ascontiguousarray(np.polynomial.legendre.legvander(NODES, DEGREES - 1).T)
"""P_n(x_k): (degrees, nodes)."""

BLOCK = 4
"""Draws of a block: one is worth a thread."""


@jit
def _from_the_left(values: Array, s: float) -> float:
    """Integrate from -1 to s what has the values w_k f_k at the nodes."""
    before, here, total = 1.0, s, 0.5 * (s + 1.0) * values.sum()
    for n in range(1, DEGREES):
        after = ((2.0 * n + 1.0) * s * here - n * before) / (n + 1.0)
        moment = 0.0
        for k in range(DEGREES):
            moment += PROJECTION[n, k] * values[k]
        total += 0.5 * moment * (after - before)
        before, here = here, after
    return total


@jit
def _until(
    intensity: Any, arguments: Any, scale: float, longest: float, gaps: float, ends: Array, values: Array, found: Array
) -> None:
    """Fill found[k] with the integral up to ends[k]; values is room for those at the nodes of a panel."""
    width, last = first_panel(intensity, arguments, scale, gaps, 0.0), log1p(ends[-1] / scale)
    start, total, number, k = 0.0, 0.0, 0, 0
    while start < last:
        half = half_panel(start, width, last, scale, longest)
        for j in range(DEGREES):
            y = start + half * (1.0 + NODES[j])
            values[j] = half * WEIGHTS[j] * (scale * np.exp(y)) * intensity_at(y, intensity, arguments, scale, 0.0)
        stop, panel = start + 2.0 * half, values.sum()
        while k < len(ends) and log1p(ends[k] / scale) < stop:
            found[k] = total + _from_the_left(values, (log1p(ends[k] / scale) - start) / half - 1.0)
            k += 1
        total += panel
        if total > 0.0 and not panel > NOTHING * total:
            break
        start, number = stop, number + 1
        width, longest = min(1.0, 2.0 * width), longest * (2.0 if number > SHORT else 1.0)
    found[k:] = total


@jit
def _sum_until(intensity: Any, arguments: Any, ends: Array, found: Array) -> None:
    """Fill found[k] with the sum over opportunities up to ends[k]."""
    u, total = 1.0, 0.0
    for k in range(len(ends)):
        while u <= ends[k]:
            total += intensity(*(arguments + (u,)))
            u += 1.0
        found[k] = total


@jit
def _weighted(
    intensity: Any,
    blank: Any,
    theta: Array,
    rows: Array,
    weights: Array,
    scales: Array,
    longest: Array,
    gaps: float,
    ends: Array,
    out: Array,
) -> None:
    """Fill out[draw, which, end] with sums over rows; weights are (draws, which, rows). A scale of 0 is discrete time."""
    found, values = np.empty(len(ends)), np.empty(DEGREES)
    for d in range(theta.shape[0]):
        parameters = filled(blank[0], theta[d])
        for i in range(rows.shape[0]):
            arguments = parameters + filled(blank[1], rows[i])
            if scales[d] > 0.0:
                scale = max(scales[d] + rows[i, rows.shape[1] - 1], LEAST)
                _until(intensity, arguments, scale, longest[d], gaps, ends, values, found)
            else:
                _sum_until(intensity, arguments, ends, found)
            for w in range(weights.shape[1]):
                for k in range(len(ends)):
                    out[d, w, k] += weights[d, w, i] * found[k]


def running(
    intensity: Row, theta: Array, rows: Array, weights: Array, ends: Array, scales: Array, longest: Array, gaps: float
) -> Array:
    """Add up an intensity over the time ahead until each end, and that over rows, at every draw.

    Parameters
    ----------
    intensity, theta, rows, scales, longest, gaps
        As `integrate` takes them; scales of 0 where time is discrete.
    weights
        Of the rows, of any number of kinds: (kinds, rows, draws).
    ends
        Above 0, and rising.

    Returns
    -------
    Array
        (kinds, ends, draws).
    """
    (theta, rows), (blank, places) = in_c_order(theta, rows), integrand(intensity, theta)
    arrays = [matrix(2), matrix(2), matrix(3), matrix(1), matrix(1), float64, matrix(1), matrix(3)]
    loop = driver(_weighted, intensity.type, places, *arrays)
    mine = np.ascontiguousarray(np.moveaxis(weights, 2, 0))

    def block(part: slice) -> Array:
        out = np.zeros((len(theta[part]), len(weights), len(ends)))
        loop(intensity.address, blank, theta[part], rows, mine[part], scales[part], longest[part], gaps, ends, out)
        return out

    return np.moveaxis(np.concatenate(list(each(block, slices(len(theta), BLOCK)))), 0, 2)
