"""Trials: what was found beside what should be, at some parameters and histories; and the worst of them.

A trial is broken where what was found is further from what should be than its limit, in units of a size: of the numbers
themselves where a law is exact, of their standard error where it is put to simulated customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.testing.verdict import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array

CHANCE = 5.0
"""Standard errors: passed by chance one time in 1.7 million, and no law makes more than a thousand such comparisons."""


class Spared(Exception):  # noqa: N818  (nothing is wrong)
    """A law doesn't apply, for a reason that can be said."""


@dataclass(frozen=True, eq=False)
class Points:
    """Parameters (draws, parameters) and histories (rows), in all combinations."""

    names: tuple[str, ...]
    theta: Array
    histories: Histories

    def tell(self, draw: int, row: int) -> str:
        """Say what the parameters and the history of one combination are."""
        theta = _listed(dict(zip(self.names, self.theta[draw], strict=True)))
        history = _listed({name: column[row] for name, column in self.histories.columns.items()})
        return f"{theta}; {history}" if history else theta


def _listed(values: Mapping[str, float]) -> str:
    """Write numbers with their names."""
    return ", ".join(f"{name} = {value:.6g}" for name, value in values.items())


@dataclass(frozen=True, eq=False)
class Trial:
    """What was found, and what should be.

    Attributes
    ----------
    what
        Was looked at.
    points
        At which parameters and histories.
    found, should
        (draws, rows), or what broadcasts to it.
    limit
        How far apart they may be, in units of ``size``.
    size
        Of the numbers, or their standard error.
    asked
        What was asked besides, by name.
    rule
        What should be, in words, where a number doesn't say it.
    """

    what: str
    points: Points
    found: Array | float
    should: Array | float
    limit: float
    size: Array | float = 1.0
    asked: Mapping[str, float] = field(default_factory=dict[str, float])
    rule: str = ""

    def shape(self) -> tuple[int, int]:
        """Draws and rows."""
        return len(self.points.theta), len(self.points.histories)

    def deviations(self) -> Array:
        """How far apart they are, in units of size: (draws, rows); what is no number is infinitely far from any."""
        found, should, size = (
            np.broadcast_to(np.asarray(v, float), self.shape()) for v in (self.found, self.should, self.size)
        )
        with np.errstate(all="ignore"):
            apart = np.where(found == should, 0.0, np.abs(found - should) / size)
        return np.where(np.isnan(apart), np.inf, apart)

    def tell(self, draw: int, row: int) -> str:
        """Say what was found at one combination, and what should be."""
        found, should = (np.broadcast_to(np.asarray(v, float), self.shape())[draw, row] for v in (self.found, self.should))
        asked = f"; {_listed(self.asked)}" if self.asked else ""
        rule = self.rule or f"{should:.12g}"
        return f"{self.what} is {found:.12g}, should be {rule}; at {self.points.tell(draw, row)}{asked}"


def judge(law: str, says: str, trials: Iterable[Trial | str]) -> Finding:
    """Find the worst of some trials, and in it the smallest history that tells of it; a text is a fault in words, or ""."""
    worst, ratio, tried = None, -1.0, False
    for trial in trials:
        tried = True
        if isinstance(trial, str):
            if trial:
                return Finding(law, says, "broken", example=trial)
            continue
        apart = trial.deviations()
        if (off := float(apart.max(initial=0.0)) / trial.limit) > ratio:
            worst, ratio = (trial, apart), off
    if worst is None:
        return Finding(law, says, "holds") if tried else Finding(law, says, "doesn't apply", reason="nothing to try it on")
    trial, apart = worst
    if ratio <= 1.0:
        return Finding(law, says, "holds", float(apart.max(initial=0.0)), trial.limit)
    return Finding(law, says, "broken", float(apart.max()), trial.limit, trial.tell(*_smallest(apart, trial.limit)))


def _smallest(apart: Array, limit: float) -> tuple[int, int]:
    """The draw and the row of the smallest history (rows are in that order) where a law is broken well and truly."""
    clear = apart > limit * np.sqrt(min(apart.max() / limit, 1e12))
    row = int(np.flatnonzero(clear.any(axis=0))[0])
    return int(np.flatnonzero(clear[:, row])[0]), row
