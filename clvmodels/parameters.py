"""Parameters: where each lives (its support), and what is believed of it unless somebody says otherwise (its prior).

A parameter is declared once, on the field of its model's ``Theta``. Default priors speak in ``unit="data"`` (see
`clvmodels.priors`), so a change of unit changes nothing that is believed, and the posterior is the same in days as in weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_type_hints

import numpy as np

from clvmodels.priors import LogNormal, Prior

if TYPE_CHECKING:
    from clvmodels.kernels.lift import Array

Dimension = Literal["", "time", "rate", "money"]


VAGUE = LogNormal(0.0, 2.0, unit="data")
"""What is believed unless a model says otherwise: within a factor of 55 of the data's own scale, 95 times in 100."""


@dataclass(frozen=True)
class Positive:
    """The positive numbers, seen from the whole line through the logarithm."""

    def from_line(self, u: Array) -> Array:
        """Carry a number of the line into the support."""
        return np.exp(u)

    def to_line(self, z: Array) -> Array:
        """Carry a number of the support to the line."""
        return np.log(z)

    def log_slope(self, u: Array) -> Array:
        """Log of the derivative of `from_line`."""
        return u

    def log_slope_slope(self, u: Array) -> Array:
        """Derivative of `log_slope`."""
        return np.ones(u.shape)

    def holds(self, value: float) -> bool:
        """Whether a number lies in the support."""
        return 0.0 < value < np.inf


@dataclass(frozen=True)
class Param:
    """One parameter: its words, unit, support and default prior.

    Parameters
    ----------
    words
        What it is, for labels and tables.
    dimension
        ``"time"``, ``"rate"`` (per unit of time), ``"money"``, or nothing for a pure number.
    support
        Where it lives.
    prior
        What is believed of it.
    """

    words: str
    dimension: Dimension = ""
    support: Positive = Positive()
    prior: Prior = VAGUE


def params_of(theta: type[tuple[Array, ...]]) -> dict[str, Param]:
    """Read the declarations off the fields of a ``Theta``."""
    hints = get_type_hints(theta, include_extras=True)
    return {name: next(m for m in hint.__metadata__ if isinstance(m, Param)) for name, hint in hints.items()}
