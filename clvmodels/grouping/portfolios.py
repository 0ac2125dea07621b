"""Portfolios: customers in a two-way grid of value x loyalty, what each cell is worth, and what to do there.

Value is what a customer is expected to bring, which counts already how likely she is to be there; loyalty is P(alive)
unless told otherwise. The words of the default table are rules of thumb, meant to be replaced by a business's own:

- *keep* who is worth much and there: service, no discounts that she doesn't need;
- *invest* in who is there and could be worth more: a second order, a larger basket;
- *reactivate* who would be worth much and may have left: ask, and pay no more than she is expected to bring;
- *let go* of the rest: they are welcome, but nothing is spent on them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.errors import QuestionError, counted, naming
from clvmodels.evaluate.pictures import EXPECTED, axes
from clvmodels.frames import native
from clvmodels.grouping.cuts import Cuts, Levels
from clvmodels.grouping.parts import Parts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.economics.valuation import Valuation
    from clvmodels.histories import Index

ALIVE, EXPECTED_VALUE = "P(alive)", "expected value"
"""What customers are usually parted by."""

LET_GO = "let go"

VALUE, LOYALTY = Cuts(quantiles=(0.8,)), Cuts(at=(0.5,))
"""The usual cuts: the best fifth by value; and who is rather there than not."""

WIDTH = 90
"""Letters in a line of a picture."""

ACTIONS = (
    (LET_GO, LET_GO, "invest"),
    ("reactivate", "invest", "invest"),
    ("reactivate", "keep", "keep"),
)
"""What to do, by level of value, the lowest first, and of loyalty; its corners are the table of two by two."""


@dataclass(frozen=True, eq=False)
class Portfolio:
    """Customers by value and loyalty; make it with `portfolio`.

    Attributes
    ----------
    worth
        what they are worth
    value, loyalty
        their levels
    actions
        what to do: a row a level of value, a column a level of loyalty
    """

    worth: Valuation = field(repr=False)
    value: Levels
    loyalty: Levels
    actions: pd.DataFrame

    def __repr__(self) -> str:
        """Say how many customers there are, by what, and what a reader of P(alive) must know."""
        shape = f"{len(self.value.names)} x {len(self.loyalty.names)} cells"
        told = f"Portfolio({len(self.codes):,} customers, {shape}, {self.value.title} x {self.loyalty.title})"
        return "\n".join((told, *(f"  {note}" for note in self._own)))

    @property
    def codes(self) -> Index:
        """The cell of each customer (n,): those of the lowest value come first, by loyalty."""
        return self.value.codes * len(self.loyalty.names) + self.loyalty.codes

    @cached_property
    def parts(self) -> Parts:
        """The valuation by cell: ``.expected`` and ``.outcome`` of each, draw by draw."""
        return Parts(self.worth, self.codes, self.actions.size)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, in sentences: of P(alive), of cells that are empty or cost money, of the valuation."""
        return tuple(dict.fromkeys((*self._own, *self.worth.notes)))

    @property
    def _own(self) -> tuple[str, ...]:
        """The notes of the grid itself."""
        return (*self._caveats, *self.value.notes, *self.loyalty.notes, *self._losses)

    @property
    def _losses(self) -> tuple[str, ...]:
        """In which cells customers cost more than they bring, and something is to be done all the same."""
        if self.value.title != EXPECTED_VALUE:
            return ()
        sums = np.bincount(self.codes, self.value.measure, self.actions.size).reshape(self.actions.shape)
        return tuple(
            f"Customers of {self.value.names[up]} value and {self.loyalty.names[right]} loyalty, to {action!r}, are "
            f"expected to cost {-sums[up, right]:,.6g} more than they bring."
            for (up, right), action in np.ndenumerate(self.actions.to_numpy())
            if sums[up, right] < 0.0 and action not in {LET_GO, ""}
        )

    @property
    def _caveats(self) -> tuple[str, ...]:
        """What the models say of P(alive), where that is the measure of loyalty."""
        told = [caveat for fit in self.worth.fit.members for caveat in fit.model.caveats]
        return tuple(dict.fromkeys(told)) if self.loyalty.title == ALIVE else ()

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Return a row a cell, the highest first, with those that nobody is in.

        Columns: value and loyalty, the levels, with the numbers that they begin at, value_from and loyalty_from; action;
        and those of `Parts.frame`: customers, of_customers; mean, low, high, outcome_low, outcome_high of what all in the
        cell are worth; of_value, each, probability_alive. Cells share the parameters, draw by draw: their intervals don't
        add up to that of the base, their draws do.
        """
        value, loyalty = (grid.ravel() for grid in np.indices(self.actions.shape))
        cells = pd.DataFrame(
            {
                "value": np.array(self.value.names)[value],
                "loyalty": np.array(self.loyalty.names)[loyalty],
                "value_from": self.value.starts[value],
                "loyalty_from": self.loyalty.starts[loyalty],
                "action": self.actions.to_numpy().ravel(),
            }
        )
        return cells.join(self.parts.frame(prob)).iloc[::-1].reset_index(drop=True)

    def customers(self) -> Any:  # noqa: ANN401
        """Return a row a customer, in the customers' own frame library.

        Columns: customer_id, value and loyalty, the numbers, value_level and loyalty_level, action.
        """
        columns = {
            "value": self.value.measure,
            "loyalty": self.loyalty.measure,
            "value_level": self.value.labels,
            "loyalty_level": self.loyalty.labels,
            "action": self.actions.to_numpy().ravel()[self.codes].astype(str),
        }
        return native(self.worth.customers.ids, columns)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the grid: a cell is the darker, the more of the expected value it holds."""
        told, shape = self.parts.frame(), self.actions.shape
        across = "\n".join((self.loyalty.headline, *(fill(caveat, WIDTH) for caveat in self._caveats)))
        ax = axes(ax, "Customers by value and loyalty", across, self.value.headline)
        held = told["of_value"].to_numpy().reshape(shape)
        ax.imshow(np.nan_to_num(held), cmap=_shades(), vmin=0.0, vmax=1.0, origin="lower", aspect="auto")
        columns = (told[name] for name in ("customers", "of_customers", "mean", "of_value"))
        words = [
            f"{action}\n{counted(number, 'customer')} ({part:.1%})\n{value:,.0f} ({share:.1%} of the value)"
            for action, number, part, value, share in zip(self.actions.to_numpy().ravel(), *columns, strict=True)
        ]
        for (up, right), text in zip(np.ndindex(shape), words, strict=True):
            colour = "white" if held[up, right] > 0.5 else "black"
            ax.text(right, up, text, ha="center", va="center", color=colour, fontsize="small")
        ax.set_xticks(np.arange(shape[1]), _ranges(self.loyalty))
        ax.set_yticks(np.arange(shape[0]), _ranges(self.value))
        ax.grid(visible=False)
        return ax


def portfolio(
    worth: Valuation, *, value: Cuts = VALUE, loyalty: Cuts = LOYALTY, actions: pd.DataFrame | None = None
) -> Portfolio:
    """Put customers into a grid of value x loyalty.

    Parameters
    ----------
    worth
        What they are worth.
    value
        Cuts of the expected value, or of what they name (``of=``); by default the best fifth.
    loyalty
        Cuts of P(alive), or of what they name; by default at 0.5.
    actions
        What to do: a row for each level of value, a column for each of loyalty, by their names, in any order.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.MBGNBD(), customers, seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> grid = clv.portfolio(worth)
    >>> grid.frame()[["value", "loyalty", "action", "customers"]]
      value loyalty      action  customers
    0  high    high        keep        377
    1  high     low  reactivate         94
    2   low    high      invest        145
    3   low     low      let go       1741
    >>> clv.portfolio(worth, value=clv.Cuts(at=(20, 100)), loyalty=clv.Cuts(quantiles=(0.5, 0.8))).actions
                   low  middle    high
    low         let go  let go  invest
    middle  reactivate  invest  invest
    high    reactivate    keep    keep
    """
    by_value = Levels.of(value, worth.expected.mean_only, EXPECTED_VALUE, worth.attributes)
    by_loyalty = Levels.of(loyalty, lambda: worth.alive, ALIVE, worth.attributes)
    usual = _usual(by_value, by_loyalty)
    return Portfolio(worth, by_value, by_loyalty, usual if actions is None else _checked(actions, usual))


def _usual(value: Levels, loyalty: Levels) -> pd.DataFrame:
    """What to do in a grid of any shape: the table of three by three, its middle left out or stretched."""
    rows, columns = (np.linspace(0, 2, len(levels.names)).round().astype(int) for levels in (value, loyalty))
    return pd.DataFrame(np.array(ACTIONS)[np.ix_(rows, columns)], list(value.names), list(loyalty.names))


def _checked(actions: pd.DataFrame, usual: pd.DataFrame) -> pd.DataFrame:
    """Take a table of what to do, in the order of the levels, and refuse one of another grid."""
    for kind, given, names in (("row", actions.index, usual.index), ("column", actions.columns, usual.columns)):
        if sorted(map(str, given)) != sorted(names):
            message = f"The {kind}s of actions are {naming(given)}, and the levels {naming(names)}: name each of them once."
            raise QuestionError(message)
    named = actions.set_axis(actions.index.map(str)).set_axis(actions.columns.map(str), axis=1)
    told = named.loc[usual.index, usual.columns]
    if told.isna().to_numpy().any():
        message = "Some cells of actions are empty: say what to do in each, '' for nothing."
        raise QuestionError(message)
    return told


def _ranges(levels: Levels) -> list[str]:
    """Name levels with what they begin at."""
    starts = [f"{start:,.0f}" if abs(start) >= 100.0 else f"{start:.3g}" for start in levels.starts[1:]]
    ranges = [f"below {starts[0]}", *(f"from {start}" for start in starts)]
    return ["\n".join(told) for told in zip(levels.names, ranges, strict=True)]


def _shades() -> Any:  # noqa: ANN401  (matplotlib is loaded when a picture is drawn)
    """Colours from nothing to all of the value."""
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415  (a second to load)

    return LinearSegmentedColormap.from_list("value", ["#f4f6f8", EXPECTED])
