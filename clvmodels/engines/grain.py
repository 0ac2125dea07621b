"""Grain: how far times and values are rounded so that histories repeat, where they are so fine that hardly two are alike.

It is asked for, never done unasked; it bounds how far each number is moved; and what it does to the estimates is measured,
by rounding what was rounded once more, to numbers three times as far apart (three, for then nothing lies halfway). Rounding
to the nearest moves estimates by about the square of the distance, so the second rounding moves them eight times as far.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log1p
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from clvmodels.errors import CustomersError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit

TIMES = ("t_x", "T")

MORE = 3.0
"""How many times as far numbers are rounded to see what rounding does."""

EFFECT = MORE**2 - 1.0
"""How many times as far that moves the estimates."""


@dataclass(frozen=True)
class Grain:
    """How far apart rounded numbers lie; 0 for numbers as they are.

    Attributes
    ----------
    time
        recency and T are taken to the nearest multiple of it, in the unit of time; what is above 0 to 1 of it at least
    spend
        mean values are taken to the nearest power of 1 + spend

    Examples
    --------
    >>> Grain(time=0.5).coarser({"T": np.array([0.0, 0.5, 3.5])})
    {'T': array([0. , 1.5, 3. ])}
    """

    time: float = 0.0
    spend: float = 0.0

    def __post_init__(self) -> None:
        for name, step in (("time", self.time), ("spend", self.spend)):
            if not (isfinite(step) and step >= 0.0):
                message = f"Rounding to {name} = {step} can't be: say how far apart rounded numbers are to lie, 0 or more."
                raise CustomersError(message)

    def __bool__(self) -> bool:
        """Whether anything is rounded."""
        return self.time > 0.0 or self.spend > 0.0

    def sentences(self, unit: Unit) -> tuple[str, ...]:
        """Say what is rounded, and how far off it may be."""
        off = f"each is off by {self.time / 2:g} at most, and what is shorter than that by {self.time:g}"
        times = (f"Times are rounded to multiples of {self.time:g} {unit}s: {off}.",) if self.time else ()
        spend = (f"Mean values are rounded: each is off by {self.spend / 2:.3%} at most.",) if self.spend else ()
        return times + spend

    def time_of(self, column: nw.Expr) -> nw.Expr:
        """Round times in an engine."""
        if not self.time:
            return column
        places = (column * (1.0 / self.time) + 0.5).floor()
        least = nw.when(column > 0).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
        return nw.when(places > least).then(places).otherwise(least) * self.time

    def spend_of(self, column: nw.Expr) -> nw.Expr:
        """Round values above 0 in an engine."""
        if not self.spend:
            return column
        step = log1p(self.spend)
        return ((column.log() * (1.0 / step) + 0.5).floor() * step).exp()

    def coarser(self, columns: Mapping[str, Array]) -> dict[str, Array]:
        """Round columns of kinds, by letter, to numbers three times as far apart."""
        found = dict(columns)
        for name in TIMES if self.time else ():
            if name in found:
                step = MORE * self.time
                found[name] = step * np.maximum(np.floor(found[name] / step + 0.5), found[name] > 0.0)
        if self.spend and "m" in found:
            step, some = MORE * log1p(self.spend), found["m"] > 0.0
            logs = np.log(np.where(some, found["m"], 1.0))
            found["m"] = np.where(some, np.exp(step * np.floor(logs / step + 0.5)), 0.0)
        return found
