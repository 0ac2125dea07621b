"""Kinds of histories: their letters, how to draw them, what a newcomer's is, and what a change of unit does to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeAlias

import numpy as np

from clvmodels.kernels.lift import Array

if TYPE_CHECKING:
    from numpy.random import Generator

    from clvmodels.parameters import Dimension

Columns: TypeAlias = dict[str, Array]

SHORTEST, LONGEST = 10.0, 60.0
"""How long usual customers are watched for, in their unit of time."""

TIME, MONEY = 35.0, 30.0
"""The usual size of a time and of a purchase: by these, priors of scaled parameters are carried to parameters."""

DAYS, YEARS, CENTS, THOUSANDS = 7.0, 7 / 365.25, 100.0, 1e-3
"""Other units: how many to one of the usual."""

FAR = (0.0, 1e-3, 1.0, 40.0, 1e5)
"""Times that histories of all sizes are watched for."""


class Kind(Protocol):
    """A kind of histories."""

    letters: ClassVar[frozenset[str]]
    dimension: ClassVar[Dimension]

    @property
    def units(self) -> tuple[float, ...]:
        """Other units that they can be told in: how many to one of the usual."""
        ...

    def usual(self, rng: Generator, n: int) -> Columns:
        """Draw histories such as logs have, the smallest of them always."""
        ...

    def extreme(self, rng: Generator, n: int) -> Columns:
        """Draw valid histories of all sizes, the corners always."""
        ...

    def newcomer(self) -> Columns:
        """Return the one history of somebody who has only just come."""
        ...

    def converted(self, columns: Columns, unit: float) -> Columns:
        """Tell the same histories in another unit: so many to one of the old."""
        ...

    def densities(self, columns: Columns) -> Array:
        """Of how many numbers with a unit the likelihood is a density."""
        ...


@dataclass(frozen=True)
class Purchases:
    """Purchases over time: x after the first, the last at t_x, watched until T; in discrete time T and t_x are whole."""

    letters: ClassVar[frozenset[str]] = frozenset({"x", "t_x", "T", "litt"})
    dimension: ClassVar[Dimension] = "time"
    discrete: bool

    @property
    def units(self) -> tuple[float, ...]:
        """Other units that they can be told in; opportunities can only be counted."""
        return () if self.discrete else (DAYS, YEARS)

    def usual(self, rng: Generator, n: int) -> Columns:
        """Draw histories such as logs have, the smallest of them always."""
        x = np.minimum(np.r_[0.0, 1.0, 2.0, rng.geometric(0.15, n - 3) - 1.0], SHORTEST)
        return self._told(rng, x, rng.random(n) ** 0.5, rng.uniform(SHORTEST, LONGEST, n))

    def extreme(self, rng: Generator, n: int) -> Columns:
        """Draw valid histories of all sizes, the corners always."""
        corners = np.array([(x, place, end) for x in (0.0, 1.0, 30.0, 1e5) for place in (0.0, 0.5, 1.0) for end in FAR])
        others = np.stack([np.floor(10 ** rng.uniform(0, 5, n)), rng.random(n), 10 ** rng.uniform(-2, 5, n)], axis=1)
        x, place, end = np.vstack([corners, others]).T
        return self._told(rng, x, place, end)

    def newcomer(self) -> Columns:
        """Return the one history of somebody who has only just come."""
        return dict.fromkeys(("x", "t_x", "T", "litt"), np.zeros(1))

    def converted(self, columns: Columns, unit: float) -> Columns:
        """Tell the same histories in another unit of time."""
        changed = {name: column * unit if name in {"t_x", "T"} else column for name, column in columns.items()}
        return changed | ({"litt": columns["litt"] + columns["x"] * np.log(unit)} if "litt" in columns else {})

    def densities(self, columns: Columns) -> Array:
        """Of the times of so many purchases."""
        return columns["x"]

    def _told(self, rng: Generator, x: Array, place: Array, end: Array) -> Columns:
        """Put the columns together, the last purchase at a place in (0, 1) of the time, with gaps that leave room for it."""
        if self.discrete:
            end = np.ceil(np.minimum(end, 1e3))
            x = np.minimum(x, end)
            t_x = np.clip(np.ceil(place * end), x, end)
        else:
            t_x = place * end
        even = np.log(np.maximum(t_x, 1e-9) / np.maximum(x, 1.0))
        uneven = np.where(x > 1.0, rng.exponential(0.5, len(x)), 0.0)
        bought = x > 0.0
        return {"x": x, "t_x": np.where(bought, t_x, 0.0), "T": end, "litt": np.where(bought, x * (even - uneven), 0.0)}


@dataclass(frozen=True)
class Spend:
    """What purchases are worth: x of them with mean m."""

    letters: ClassVar[frozenset[str]] = frozenset({"x", "m"})
    dimension: ClassVar[Dimension] = "money"
    units: tuple[float, ...] = (CENTS, THOUSANDS)

    def usual(self, rng: Generator, n: int) -> Columns:
        """Draw histories such as logs have, the smallest of them always."""
        x = np.r_[0.0, 1.0, 2.0, rng.geometric(0.15, n - 3) - 1.0]
        return {"x": x, "m": np.where(x > 0.0, MONEY * np.exp(rng.normal(0.0, 0.7, n)), 0.0)}

    def extreme(self, rng: Generator, n: int) -> Columns:
        """Draw valid histories of all sizes, the corners always."""
        corners = np.array([(0.0, 0.0), *((x, m) for x in (1.0, 2.0, 1e5) for m in (1e-3, 1.0, 30.0, 1e6))])
        others = np.stack([np.floor(10 ** rng.uniform(0, 5, n)), 10 ** rng.uniform(-3, 6, n)], axis=1)
        x, m = np.vstack([corners, others]).T
        return {"x": x, "m": m}

    def newcomer(self) -> Columns:
        """Return the one history of somebody who has only just come."""
        return {"x": np.zeros(1), "m": np.zeros(1)}

    def converted(self, columns: Columns, unit: float) -> Columns:
        """Tell the same histories in another unit of money."""
        return {**columns, "m": columns["m"] * unit}

    def densities(self, columns: Columns) -> Array:
        """Of one mean, where there are purchases."""
        return (columns["x"] > 0.0).astype(float)


@dataclass(frozen=True)
class Contract:
    """Renewals of a contract: lost in period t, or still there after it."""

    letters: ClassVar[frozenset[str]] = frozenset({"t", "lost"})
    dimension: ClassVar[Dimension] = ""
    units: tuple[float, ...] = ()

    def usual(self, rng: Generator, n: int) -> Columns:
        """Draw histories such as logs have, the smallest of them always."""
        t = np.r_[0.0, 1.0, 1.0, rng.integers(1, 25, n - 3)]
        return {"t": t, "lost": np.r_[0.0, 1.0, 0.0, rng.integers(0, 2, n - 3)]}

    def extreme(self, rng: Generator, n: int) -> Columns:
        """Draw valid histories of all sizes, the corners always."""
        t = np.r_[0.0, np.repeat([1.0, 2.0, 1e3, 1e5], 2), np.floor(10 ** rng.uniform(0, 5, n))]
        lost = np.r_[0.0, np.tile([0.0, 1.0], 4), rng.integers(0, 2, n)]
        return {"t": t, "lost": lost}

    def newcomer(self) -> Columns:
        """Return the one history of somebody who has only just come."""
        return {"t": np.zeros(1), "lost": np.zeros(1)}

    def converted(self, columns: Columns, unit: float) -> Columns:  # noqa: ARG002
        """Tell the same histories: periods have no other unit."""
        return columns

    def densities(self, columns: Columns) -> Array:
        """Of nothing that has a unit."""
        return np.zeros(len(columns["t"]))


def kind_of(history: tuple[str, ...], *, discrete: bool) -> Kind | None:
    """Find the kind that has the letters of a model's histories; None where they are others."""
    kinds: tuple[Kind, ...] = (Purchases(discrete), Spend(), Contract())
    return next((kind for kind in kinds if history and set(history) <= kind.letters), None)
