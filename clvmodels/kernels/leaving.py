"""Lives of customers with a contract, drawn: how many further periods each stays, by a row function of her model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import RNG, Array, driver, matrix
from clvmodels.kernels.tuples import filled

if TYPE_CHECKING:
    from numpy.random import Generator

    from clvmodels.kernels.simulation import Drawing


@jit
def _stays(rng: Any, formula: Any, blank: Any, theta: Array, rows: Array, out: Array) -> None:
    """Fill out[row, draw] with the number that a formula draws."""
    for i in range(rows.shape[0]):
        history = filled(blank[1], rows[i])
        for d in range(theta.shape[0]):
            out[i, d] = formula(rng, *(filled(blank[0], theta[d]) + history))


def draw_stays(rng: Generator, leaving: Drawing) -> Array:
    """Draw how many further periods customers with a contract stay: (rows, draws)."""
    loop = driver(_stays, RNG, *leaving.types(), matrix(2))
    out = np.empty(leaving.shape)
    loop(rng, *leaving.arguments(), out)
    return out
