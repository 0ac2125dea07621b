"""The kinds of worlds: a model, parameters to draw worlds around, and how customers live in them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

import clvmodels as clv
from clvmodels.priors import LogNormal
from worlds import lives

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clvmodels.contract import Model, Told
    from clvmodels.kernels.lift import Array
    from worlds.lives import Lives, Traits

SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}
"""CDNOW's parameters of Gamma-Gamma."""


def drawn(middle: Mapping[str, float], rng: np.random.Generator, spread: float) -> dict[str, float]:
    """Draw parameters around others, log-normally."""
    return {name: float(value * np.exp(spread * rng.standard_normal())) for name, value in middle.items()}


def drawn_spend(rng: np.random.Generator, spread: float) -> dict[str, float]:
    """Draw parameters of spend around CDNOW's; its mean must exist, with a margin."""
    while True:
        spend = drawn(SPEND, rng, spread)
        if spend["q"] > 1.5:
            return spend


def watched(rng: np.random.Generator, n: int) -> Array:
    """Draw how long n customers are watched: 27 to 39 whole weeks, so that those who bought once are of 13 kinds only."""
    return rng.integers(27, 40, n).astype(float)


@dataclass(frozen=True)
class Kind:
    """Worlds of a model in continuous time, around parameters near those of CDNOW; Gamma-Gamma for spend."""

    model: Model
    middle: Mapping[str, float]
    born: Callable[[Mapping[str, float], int, np.random.Generator], Traits]

    def live(
        self,
        world: Mapping[str, float],
        T: Array,
        rng: np.random.Generator,
        horizon: float = 0.0,
        spend: Mapping[str, float] = SPEND,
    ) -> Lives:
        """Let customers, watched for T, live in a world."""
        return lives.lived(self.born(world, len(T), rng), spend, T, horizon, rng)

    def see(self, world: Mapping[str, float], n: int, rng: np.random.Generator, T: float | None = None) -> Told:
        """Return n customers of a world, all watched for T if it's given."""
        return self.live(world, watched(rng, n) if T is None else np.full(n, T), rng).customers


@dataclass(frozen=True)
class Spending:
    """Worlds of spend, by buyers as there are around CDNOW."""

    model: Model
    middle: Mapping[str, float]

    def see(self, world: Mapping[str, float], n: int, rng: np.random.Generator, T: float | None = None) -> Told:
        """Return n customers of a world, all watched for T if it's given."""
        around = np.full(n, T) if T is not None else watched(rng, n)
        return KINDS["BGNBD"].live(KINDS["BGNBD"].middle, around, rng, spend=world).customers.all_buyers()


@dataclass(frozen=True)
class Counted:
    """Worlds of a model in discrete time, around published parameters."""

    model: Model
    middle: Mapping[str, float]
    lived: Callable[[Mapping[str, float], int, int, np.random.Generator], Told]
    periods: int = 12

    def see(self, world: Mapping[str, float], n: int, rng: np.random.Generator, T: float | None = None) -> Told:
        """Return n customers of a world, all followed for the same number of periods."""
        return self.lived(world, int(T or self.periods), n, rng)


KINDS: dict[str, Kind] = {
    "BGNBD": Kind(clv.BGNBD(), {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, lives.bgcnbd),
    "MBGNBD": Kind(clv.MBGNBD(), {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, lives.mbgcnbd),
    "ParetoNBD": Kind(clv.ParetoNBD(), {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, lives.pareto),
    "NBD": Kind(clv.NBD(), {"r": 0.385, "alpha": 12.07}, lives.nbd),
    "BGCNBD": Kind(clv.BGCNBD(2), {"r": 0.6, "alpha": 2.3, "a": 1.1, "b": 1.6}, partial(lives.bgcnbd, every=2)),
    "MBGCNBD": Kind(clv.MBGCNBD(2), {"r": 0.6, "alpha": 2.3, "a": 1.1, "b": 1.6}, partial(lives.mbgcnbd, every=2)),
    "GGNBD": Kind(clv.GGNBD(), {"r": 0.55, "alpha": 10.0, "b": 0.05, "s": 0.6, "beta": 0.6}, lives.ggnbd),
}
"""Purchases in continuous time."""

ALL: dict[str, Kind | Spending | Counted] = {
    **KINDS,
    "GammaGamma": Spending(clv.GammaGamma(), SPEND),
    "BGBB": Counted(clv.BGBB(), {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}, lives.donated),
    "SBG": Counted(clv.SBG(), {"alpha": 0.668, "beta": 3.806}, lives.renewed),
    "BDW": Counted(clv.BDW(), {"alpha": 0.668, "beta": 3.806, "c": 1.2}, lives.renewed),
}
"""Everything that is fitted."""


def believing(model: Model, medians: Mapping[str, float], spread: float) -> Model:
    """Return a model under log-normal priors around medians, from which sane worlds can be drawn."""
    return replace(model, priors={name: LogNormal.around(median, spread) for name, median in medians.items()})
