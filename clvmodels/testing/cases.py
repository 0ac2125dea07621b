"""The case of a model: parameters and histories to try it at, drawn from a seed, and its answers there as tables.

Parameters come from the model's own priors, drawn in to a third of their width, so that numbers are those of a business;
laws that must hold for all parameters have some of all sizes besides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from clvmodels.histories import Histories
from clvmodels.testing.kinds import MONEY, TIME, kind_of
from clvmodels.testing.trials import Points, Spared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clvmodels.contract import Model
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.parameters import Param
    from clvmodels.sources import Source
    from clvmodels.testing.kinds import Columns, Kind

NARROW = 0.35
"""The share of a prior's width (on the line) from which usual parameters are drawn."""

WIDE = 4.0
"""Powers of ten, either way, that parameters of all sizes are spread over."""

NOBODY = Histories({}, np.ones(1), np.zeros(1, np.intp))

SHARES = 4
"""Of parameters of all sizes, which are tried with as many shares of histories of all sizes."""

SCALES = {"": 1.0, "time": TIME, "rate": 1.0 / TIME, "money": MONEY}


def narrowed(param: Param, rng: np.random.Generator, n: int) -> Array:
    """Draw usual values of a parameter, the first of them the middle of its prior: (n,)."""
    drawn = param.support.to_line(param.prior.draw(rng, 999)[0])
    middle = np.median(drawn)
    low, high = np.quantile(drawn, [0.05, 0.95])
    some = np.r_[middle, np.clip(drawn[: n - 1], low, high)]
    return SCALES[param.dimension] * param.support.from_line(middle + NARROW * (some - middle))


def table(source: Source) -> Array:
    """Make all of a source at once: (draws, rows)."""
    return source.block(slice(0, source.shape[0])).T


@dataclass(frozen=True, eq=False)
class Case:
    """A model, and what it is tried at.

    Attributes
    ----------
    model
        Which may be any.
    seed
        Everything drawn follows from it.
    thorough
        Whether to take the time that it takes.
    """

    model: Model
    seed: int = 0
    thorough: bool = False

    def rng(self, what: str) -> np.random.Generator:
        """Make the random generator of one purpose."""
        return np.random.default_rng((self.seed, crc32(what.encode())))

    @cached_property
    def kind(self) -> Kind:
        """The kind of its histories."""
        found = kind_of(self.model.history, discrete=self.model.discrete)
        if found is None:
            letters = ", ".join(self.model.history)
            reason = f"no histories of ({letters}) can be drawn: known are those of x, t_x, T, litt; of x, m; of t, lost"
            raise Spared(reason)
        return found

    @cached_property
    def theta(self) -> Array:
        """Usual parameters, the first of them the middle of the priors: (draws, parameters)."""
        rng, n = self.rng("theta"), 12 if self.thorough else 4
        return np.stack([narrowed(param, rng, n) for param in self.model.params().values()], axis=1)

    @cached_property
    def all_theta(self) -> Array:
        """Parameters of all sizes, the corners and then others: (draws, parameters)."""
        dimensions = [param.dimension for param in self.model.params().values()]
        corners = np.array(list(product((-WIDE, WIDE), repeat=len(dimensions))))
        others = self.rng("all theta").uniform(-WIDE, WIDE, (200 if self.thorough else 30, len(dimensions)))
        return 10 ** np.vstack([corners, others]) * [SCALES[dimension] for dimension in dimensions]

    @cached_property
    def histories(self) -> Histories:
        """Usual histories."""
        return self.lay(self.kind.usual(self.rng("histories"), 120 if self.thorough else 40))

    @cached_property
    def all_histories(self) -> Histories:
        """Histories of all sizes."""
        return self.lay(self.kind.extreme(self.rng("all histories"), 100 if self.thorough else 15))

    @cached_property
    def newcomer(self) -> Histories:
        """The history of a newcomer."""
        return self.lay(self.kind.newcomer())

    def everything(self, shares: int = SHARES) -> Iterator[tuple[Array, Histories]]:
        """Yield parameters and histories of all sizes: all with all where there is time, or else each with a share."""
        shares = 1 if self.thorough else min(shares, len(self.all_theta), len(self.all_histories))
        order = self.rng("everything").permutation(len(self.all_histories))
        for share in range(shares):
            theta = np.ascontiguousarray(self.all_theta[share::shares])
            yield theta, rows_of(self.all_histories, np.sort(order[share::shares]))

    def lay(self, columns: Columns, weights: Array | None = None) -> Histories:
        """Find the distinct histories among some, with the settings of the model beside them."""
        told = {name: columns[name] for name in self.model.history}
        return Histories.of(told, weights).with_constants(self.model.settings())

    def few(self, n: int) -> Histories:
        """Take some of the usual histories, the smallest and others."""
        some = np.unique(np.linspace(0, len(self.histories) - 1, n).round().astype(int))
        return rows_of(self.histories, some)

    def at(self, theta: Array, histories: Histories | None = None) -> Points:
        """Name parameters, and histories if it is about any."""
        return Points(self.model.parameters(), theta, histories or NOBODY)


def rows_of(histories: Histories, rows: Sequence[int] | Index) -> Histories:
    """Take some distinct histories, in their order, one customer each."""
    columns = {name: np.ascontiguousarray(column[rows]) for name, column in histories.columns.items()}
    return Histories(columns, np.ones(len(rows)), np.arange(len(rows)))
