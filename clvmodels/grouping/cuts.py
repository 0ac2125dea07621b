"""Cuts: where customers are parted into levels of what they bring, how loyal they are, or anything else that has an order.

Whatever a cut is told by, it ends as a number where a level begins, so that equal customers are always in one level:

- ``at``: the number itself, so that at 0.5 begins with exactly 0.5;
- ``quantiles``: the smallest number that so many of the customers lie strictly below. A level that begins at 0.8 has a fifth
  of the customers or fewer, and the smallest number of all is in the lowest level however many have it;
- ``shares``: such that those from there on are the fewest who bring so much of the whole (ABC analysis).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.errors import CustomersError, QuestionError, counted, naming
from clvmodels.frames import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike

    from clvmodels.customers import Customers
    from clvmodels.economics.amounts import Attributes, Listed
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

RANKS = ("low", "middle", "high")
"""What three levels are called, the lowest first, unless told otherwise."""

EXACT = 1e-9
"""How far sums may be off by rounding, relatively, before customers are in another level for it."""


@dataclass(frozen=True, eq=False)
class Cuts:
    """Where customers are parted into levels; say ``at``, ``quantiles`` or ``shares``, each increasing.

    Attributes
    ----------
    at
        numbers at which the second level, the third... begin
    quantiles
        the shares of the customers who lie below the second level, the third...
    shares
        what the highest level brings of the whole, what the two highest bring together...
    of
        what is cut: a number for each customer in their order (n,), or the name of a column of the valuation's attributes;
        where it is None, that which is usual
    names
        of the levels, the lowest first; there are usual ones

    Examples
    --------
    >>> Cuts(quantiles=(0.5, 0.8)).called(RANKS)
    ('low', 'middle', 'high')
    """

    at: Sequence[float] = ()
    quantiles: Sequence[float] = ()
    shares: Sequence[float] = ()
    of: str | ArrayLike | None = None
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        told = {name: np.asarray(getattr(self, name)) for name in ("at", "quantiles", "shares")}
        given = [name for name, numbers in told.items() if numbers.size]
        if len(given) != 1:
            message = (
                f"Cuts are told by one of at, quantiles and shares; got {naming(given) if given else 'none'}. "
                "Say clv.Cuts(quantiles=(0.5, 0.8)), for one."
            )
            raise QuestionError(message)
        _check(given[0], told[given[0]])
        levels, names = told[given[0]].size + 1, tuple(self.names)
        if names and (len(names) != levels or len(set(names)) != levels):
            message = (
                f"{counted(levels - 1, 'cut')} part customers into {levels} levels: name each of them once, not {names}."
            )
            raise QuestionError(message)

    def called(self, usual: Sequence[str]) -> tuple[str, ...]:
        """Name the levels, the lowest first: as told, or as is usual for three of them (the first and last for two).

        >>> Cuts(at=(100,)).called(("small", "medium", "large"))
        ('small', 'large')
        >>> Cuts(quantiles=(0.25, 0.5, 0.75)).called(("small", "medium", "large"))
        ('1', '2', '3', '4')
        """
        levels = len((*self.at, *self.quantiles, *self.shares)) + 1
        short = {2: (usual[0], usual[-1]), 3: tuple(usual)}
        return tuple(self.names) or short.get(levels, tuple(str(place + 1) for place in range(levels)))

    def starts(self, values: Array) -> Array:
        """Return where the levels begin, the lowest first, at -inf; inf where nobody is so high.

        >>> Cuts(quantiles=(0.5, 0.8)).starts(np.array([0.0, 0.0, 0.0, 7.0, 9.0]))
        array([-inf,   7.,   9.])
        >>> Cuts(shares=(0.8, 0.95)).starts(np.array([5.0, 15.0, 50.0, 30.0]))
        array([-inf,  15.,  30.])
        """
        if len(self.at):
            return np.r_[-inf, np.asarray(self.at, float)]
        ordered = np.sort(values)
        below = np.searchsorted(ordered, ordered, "left")
        if len(self.quantiles):
            places = np.searchsorted(below / len(ordered), np.asarray(self.quantiles, float), "left")
            return np.r_[-inf, np.r_[ordered, inf][places]]
        return np.r_[-inf, _bringing(ordered, np.asarray(self.shares, float))[::-1]]


@dataclass(frozen=True, eq=False)
class Levels:
    """Customers, parted into levels.

    Attributes
    ----------
    title
        what they are parted by
    measure
        of it, a number for each customer (n,)
    starts
        where each level begins, the lowest first, at -inf
    names
        of the levels, the lowest first
    codes
        the level of each customer (n,), 0 for the lowest
    """

    title: str
    measure: Array
    starts: Array
    names: tuple[str, ...]
    codes: Index

    @classmethod
    def of(
        cls, cuts: Cuts, usual: Callable[[], Array], title: str, known: Attributes, names: Sequence[str] = RANKS
    ) -> Levels:
        """Part customers by what the cuts say, or else by what is usual, which is worked out where it is needed only."""
        if isinstance(cuts.of, str):
            title, values = cuts.of, known.numbers(cuts.of)
        elif cuts.of is None:
            values = usual()
        else:
            title, values = "given numbers", _given(cuts.of, known.customers)
        starts = cuts.starts(values)
        codes = np.searchsorted(starts, values, "right") - 1
        return cls(title, values, starts, cuts.called(names), codes.astype(np.intp))

    @property
    def labels(self) -> Array:
        """The name of each customer's level (n,)."""
        return np.array(self.names)[self.codes]

    @property
    def headline(self) -> str:
        """What they are parted by, as an axis is labelled."""
        return f"{self.title[:1].upper()}{self.title[1:]}"

    @property
    def notes(self) -> tuple[str, ...]:
        """Which levels nobody is in, in sentences."""
        empty = [name for place, name in enumerate(self.names) if not np.any(self.codes == place)]
        if not empty:
            return ()
        most = int(np.unique(self.measure, return_counts=True)[1].max())
        tied = f" {most:,} of {len(self.measure):,} customers are equal, and stay together." if most > 1 else ""
        return (f"By {self.title}, nobody is in the {'level' if len(empty) == 1 else 'levels'} {naming(empty)}.{tied}",)


def turnover(customers: Customers) -> Array:
    """Return what each customer has bought for so far, her first purchase included (n,), without the dust of rounding.

    >>> from clvmodels.customers import Customers
    >>> turnover(Customers.from_arrays([3], [9], [20], unit="week", monetary_value=[33.3], first_value=[0.1]))
    array([100.])
    """
    seen = customers.all_buyers()
    return np.round(seen.x * seen.m, 9)


def _check(name: str, told: Array) -> None:
    """Refuse cuts that can't be."""
    numbers = told.astype(float) if told.ndim == 1 and told.dtype.kind in "iuf" else np.array([np.nan])
    if not np.all(np.isfinite(numbers)):
        message = f"{name} = {told.tolist()} can't be: cuts are a row of numbers, such as {name}=(0.5, 0.8)."
        raise QuestionError(message)
    if np.any(np.diff(numbers) <= 0.0):
        message = f"{name} = {told.tolist()} don't increase: name the cuts from the lowest to the highest, each once."
        raise QuestionError(message)
    if name != "at" and not (numbers[0] > 0.0 and numbers[-1] < 1.0):
        message = f"{name} = {told.tolist()} can't be: these are shares above 0 and below 1; numbers of your own go in at=."
        raise QuestionError(message)


def _given(told: Any, customers: Listed) -> Array:  # noqa: ANN401
    """Take a number for each customer, in their order."""
    values = np.asarray(told)
    if values.shape != (len(customers),) or values.dtype.kind not in "iuf":
        message = (
            f"Cuts of {values.dtype} of shape {values.shape}, for {counted(len(customers), 'customer')}, can't be: pass one "
            "number for each, in their order, or the name of a column of the attributes."
        )
        raise QuestionError(message)
    fault = (
        "number to be cut is missing or not finite, of customer|numbers to be cut are missing or not finite, of customers"
    )
    refuse(~np.isfinite(values), fault, "A gap is in no level: repair it first.", CustomersError, customers.ids)
    return values.astype(float)


def _bringing(ordered: Array, shares: Array) -> Array:
    """Find where those begin who are the fewest to bring so much of the whole; ``ordered`` increases."""
    total = float(ordered.sum())
    if not total > 0.0:
        message = (
            f"The customers bring {total:,.6g} together, of which there are no shares: cut at= numbers or quantiles instead."
        )
        raise QuestionError(message)
    values, number = np.unique(ordered, return_counts=True)
    brought = np.cumsum((values * number)[::-1])
    return values[::-1][np.searchsorted(brought, shares * total * (1.0 - EXACT), "left")]
