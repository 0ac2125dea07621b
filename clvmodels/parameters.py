"""Parameters: where each lives (its support), what is believed of it before the data (its prior).

A parameter is declared once, on the field of its model's ``Theta``. Priors speak of the *scaled* parameter: a parameter
with a unit of time is divided by the mean time that the customers were watched for (a rate is multiplied by it), one with a
unit of money by their mean spend. So a change of unit changes nothing that is believed, and the posterior is the same in
days as in weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi
from typing import TYPE_CHECKING, Literal, Protocol, get_type_hints

import numpy as np

from clvmodels.errors import ModelError

if TYPE_CHECKING:
    from clvmodels.kernels.lift import Array

Dimension = Literal["", "time", "rate", "money"]


class Prior(Protocol):
    """What is believed of a scaled parameter."""

    def log_density(self, z: Array) -> Array:
        """Log of the density at z."""
        ...

    def slope(self, z: Array) -> Array:
        """Derivative of the log density at z."""
        ...

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a value."""
        ...


@dataclass(frozen=True)
class LogNormal:
    """A positive number known up to a factor: within ``median`` times or over exp(2 ``spread``) in 95 cases of 100.

    >>> float(LogNormal(1.0, 2.0).log_density(np.array(1.0)).round(4))
    -1.6121
    """

    median: float = 1.0
    spread: float = 2.0

    def __post_init__(self) -> None:
        if not (0 < self.median < np.inf and 0 < self.spread < np.inf):
            message = f"LogNormal needs a positive median and spread, not {self.median} and {self.spread}."
            raise ModelError(message)

    def log_density(self, z: Array) -> Array:
        """Log of the density at z."""
        standard = np.log(z / self.median) / self.spread
        return -0.5 * standard**2 - np.log(z) - log(self.spread) - 0.5 * log(2 * pi)

    def slope(self, z: Array) -> Array:
        """Derivative of the log density at z."""
        return -(np.log(z / self.median) / self.spread**2 + 1.0) / z

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a value."""
        return self.median * float(np.exp(self.spread * rng.standard_normal()))


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
        return np.ones_like(u)

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
        What is believed of it, scaled (see the module).
    """

    words: str
    dimension: Dimension = ""
    support: Positive = Positive()
    prior: Prior = LogNormal(1.0, 2.0)


def params_of(theta: type[tuple[Array, ...]]) -> dict[str, Param]:
    """Read the declarations off the fields of a ``Theta``."""
    hints = get_type_hints(theta, include_extras=True)
    return {name: next(m for m in hint.__metadata__ if isinstance(m, Param)) for name, hint in hints.items()}
