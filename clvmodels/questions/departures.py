"""P(alive) of those who leave unseen, at many histories: what takes an integral is asked of few times, not of each history.

With A(t) the chance to be there at t, silent since the last purchase, and q(t) the chance that one who is there at t leaves
before she buys again and before some time after all others, who is silent from t_x to T has left in between or waits::

    1 / P(alive) = 1 + (A(t_x) q(t_x) - A(T) q(T)) / A(T) = 1 - q(T) + A(t_x) q(t_x) / A(T)

a sum of positive numbers. Unlike P(alive), q depends on one time only, and smoothly: it is integrated at a few nodes
(`clvmodels.questions.ahead`), its log interpolated between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.histories import Histories
from clvmodels.kernels.quadrature import integrate
from clvmodels.questions.ahead import PANELS, Ahead, beyond, effort, grid, time_scales

if TYPE_CHECKING:
    from clvmodels.contract import HasDepartures
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.sources import Rows

DEARER = 2.0
"""What a node costs, in histories one by one."""


@dataclass(frozen=True, eq=False)
class Moments:
    """The times of last purchases and ends of observation, alike.

    Attributes
    ----------
    distinct
        Those that differ, with what else matters (j,).
    last, end
        The moments of each history (k,).
    """

    distinct: Histories
    last: Index
    end: Index

    @classmethod
    def of(cls, model: HasDepartures, histories: Histories) -> Moments:
        """Find the moments of some histories."""
        asked = [formula.columns(model.parameters()) for formula in (model.silence, model.departure)]
        told = {name: np.tile(histories.columns[name], 2) for names in asked for name in names if name not in ("T", "u")}
        distinct = Histories.of({**told, "T": np.concatenate([histories.columns["t_x"], histories.columns["T"]])})
        last, end = np.split(distinct.index, 2)
        return cls(distinct, last, end)


@dataclass(frozen=True, eq=False)
class Departures:
    """P(alive) as a source.

    Attributes
    ----------
    model, theta, moments
        Whose, (draws, parameters), and of which histories.
    gone
        The log of q at each moment.
    wide
        Whether blocks are wide.
    """

    model: HasDepartures
    theta: Array
    moments: Moments
    gone: Ahead
    wide: bool = False

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and draws."""
        return len(self.moments.end), len(self.theta)

    def block(self, rows: Rows) -> Array:
        """Make some rows: (rows, draws)."""
        both = np.concatenate([self.moments.last[rows], self.moments.end[rows]])
        some, place = np.unique(both, return_inverse=True)
        last, end = np.split(place, 2)
        gone, silent = self.gone.block(some), self._silent(some)
        with np.errstate(over="ignore"):
            inverse = np.exp(silent[last] - silent[end] + gone[last])
        inverse -= np.expm1(gone)[end]
        return 1.0 / np.maximum(inverse, 1.0)

    def _silent(self, some: Index) -> Array:
        """The log of A at some moments: (moments, draws)."""
        formula = self.model.silence
        table = self.moments.distinct.table(formula.columns(self.model.parameters()))
        return np.ascontiguousarray(formula(self.theta, table[some])[0].T)


def quicker(model: HasDepartures, theta: Array, moments: Moments) -> bool:
    """Whether it takes less time than histories one by one: where they are many to a node."""
    return DEARER * effort(model.departure, model, theta, moments.distinct) < len(moments.end)


def departures(model: HasDepartures, theta: Array, moments: Moments) -> Departures:
    """Integrate q at the nodes."""
    groups, nodes = grid(model.departure, model, theta, moments.distinct)
    scales, paces = time_scales(model, theta)
    times = moments.distinct.columns["T"]
    ends = [beyond(float(scales.min()), paces, times[group.rows]) for group in groups]
    ahead = np.repeat(ends, [group.nodes.stop - group.nodes.start for group in groups]) - nodes[:, -1]
    gone = integrate(model.departure, theta, nodes, scales, PANELS * paces, ahead, 0.0)
    return Departures(model, theta, moments, Ahead(np.ascontiguousarray(np.log(gone).T), groups))
