"""Integrals over a time ahead of what is known by its log: Gauss-Legendre panels that widen from the first decay length on.

With y = log(1 + u / S), S of the size of the times in the formula, densities of the family are entire functions of y with a
known kind of decay; one or two panels give the last digits for most histories. As in `walk`, slopes of the log of the
integral come with it.
"""

from __future__ import annotations

from math import exp, expm1, log, log1p
from typing import Any

import numpy as np

from clvmodels.kernels.jit import jit
from clvmodels.kernels.tuples import with_value
from clvmodels.kernels.walk import at

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
FEW_NODES, FEW_WEIGHTS = np.polynomial.legendre.leggauss(8)

NARROW, LEVEL = 0.25, 3.0
"""Half the width of an only panel, and decay lengths that it covers, up to which the few nodes give all digits."""

STRETCH = 1.3
"""A panel grows by so much where that ends the integral."""

LENGTHS = 8.0
"""Decay lengths that the first panel covers."""

NOTHING = 1e-20
"""A panel that adds no more than this share ends the integral."""

LEAST = 1e-300
"""The smallest scale: of 0, which products of very unlike parameters underflow to, the time ahead would be endless."""

STEP = 1e-6

SHORT = 40
"""Panels that are kept short; after so many, what changes that fast has died out."""


@jit
def first_width(fall: float) -> float:
    """The width in y of the first panel, by how much the log of the integrand falls over STEP."""
    return min(1.0, LENGTHS / max(fall / STEP, LENGTHS))


@jit
def half_panel(start: float, width: float, end: float, scale: float, longest: float) -> float:
    """Half the width in y of the next panel, which may last for ``longest`` at most."""
    width = end - start if end - start < STRETCH * width else width
    return 0.5 * min(width, log1p(longest * exp(-start) / scale))


@jit
def log_panels(what: Any, scale: float, longest: float, time: float) -> Any:
    """Integrate over u from 0 to a time above 0.

    Parameters
    ----------
    what
        An integrand of u (see `walk`): the log, then any other numbers.
    scale
        S.
    longest
        How long a panel may be, at most; it may be infinite.
    time
        The end.

    Returns
    -------
    tuple
        The log of the integral, and the mean of each other number, weighted by the integrand.
    """
    scale = max(scale, LEAST)
    sums = at(0.0, what)
    top = max(sums[0], at(time, what)[0])
    end, start, total, number = log1p(time / scale), 0.0, 0.0, 0
    fall = sums[0] - at(scale * STEP, what)[0]
    width, few = first_width(fall), abs(fall) / STEP * end < LEVEL and end < 2.0 * NARROW
    nodes, weights = (FEW_NODES, FEW_WEIGHTS) if few else (NODES, WEIGHTS)
    for j in range(1, len(sums)):
        sums = with_value(sums, j, 0.0)
    while start < end:
        half, panel = half_panel(start, width, end, scale, longest), 0.0
        for k in range(len(nodes)):
            y = start + half * (1.0 + nodes[k])
            values = at(scale * expm1(y), what)
            weight = half * weights[k] * scale * exp(y + values[0] - top)
            panel += weight
            for j in range(1, len(values)):
                sums = with_value(sums, j, sums[j] + weight * values[j])
        total += panel
        if total > 0.0 and not panel > NOTHING * total:
            break
        start, number = start + 2.0 * half, number + 1
        width, longest = min(1.0, 2.0 * width), longest * (2.0 if number > SHORT else 1.0)
    for j in range(1, len(sums)):
        sums = with_value(sums, j, sums[j] / total)
    return with_value(sums, 0, top + log(total))
