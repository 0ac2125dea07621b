"""Laws of one number, by code: the log of the density and its derivative, with the numbers that PyMC gives them."""

from __future__ import annotations

from math import exp, lgamma, log, log1p, pi
from typing import TYPE_CHECKING

from clvmodels.kernels.jit import jit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from clvmodels.kernels.lift import Array

    Codes = NDArray[np.int64]

LOG_NORMAL, HALF_NORMAL, HALF_STUDENT_T, GAMMA, EXPONENTIAL, WEIBULL, BETA = range(7)
NONE = -1
"""The code of no law."""


@jit
def law(code: int, z: float, a: float, b: float) -> tuple[float, float]:  # noqa: PLR0911  (a law a return)
    """Log of the density at z of the law with numbers a and b (where it has two), and its derivative."""
    if code == LOG_NORMAL:
        standard = (log(z) - a) / b
        return -0.5 * standard * standard - log(z * b) - 0.5 * log(2.0 * pi), -(standard / b + 1.0) / z
    if code == HALF_NORMAL:
        return -0.5 * (z / a) ** 2 - log(a) + 0.5 * log(2.0 / pi), -z / (a * a)
    if code == HALF_STUDENT_T:
        constant = lgamma((a + 1.0) / 2.0) - lgamma(a / 2.0) - 0.5 * log(a * pi) - log(b) + log(2.0)
        return constant - (a + 1.0) / 2.0 * log1p((z / b) ** 2 / a), -(a + 1.0) * z / (a * b * b + z * z)
    if code == GAMMA:
        return a * log(b) - lgamma(a) + (a - 1.0) * log(z) - b * z, (a - 1.0) / z - b
    if code == EXPONENTIAL:
        return log(a) - a * z, -a
    if code == WEIBULL:
        power = exp(a * log(z / b))
        return log(a / b) + (a - 1.0) * log(z / b) - power, (a - 1.0 - a * power) / z
    constant = lgamma(a + b) - lgamma(a) - lgamma(b)
    return constant + (a - 1.0) * log(z) + (b - 1.0) * log1p(-z), (a - 1.0) / z - (b - 1.0) / (1.0 - z)


@jit
def believe(codes: Codes, numbers: Array, z: Array, value: Array, slopes: Array) -> None:
    """Add the logs of the densities of z (draws, parameters) to value (draws,), and their derivatives to slopes, as z."""
    for d in range(z.shape[0]):
        for j in range(z.shape[1]):
            if codes[j] >= 0:
                found, slope = law(codes[j], z[d, j], numbers[j, 0], numbers[j, 1])
                value[d] += found
                slopes[d, j] += slope
