"""Buyers: what a spend model sees of some customers, namely how many purchases and their mean value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from clvmodels.errors import CustomersError
from clvmodels.frames import native
from clvmodels.histories import Histories

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals as nw
    from numpy.typing import NDArray

    from clvmodels.customers import Customers
    from clvmodels.units import Unit

View = Literal["repeat", "all"]


@dataclass(frozen=True, eq=False)
class Buyers:
    """The purchases of each customer that a spend model sees: the repeat purchases, or all of them.

    Whoever spent nothing in the purchases seen has ``x = 0`` and ``m = 0``: she tells a spend model nothing, and will
    be valued at a newcomer's spend.

    Attributes
    ----------
    customers
        the customers that are looked at, n of them
    view
        ``"repeat"`` for the purchases after the first, ``"all"`` for every purchase
    x
        number of purchases seen, (n,)
    m
        their mean value, (n,)

    Examples
    --------
    >>> from clvmodels.customers import Customers
    >>> customers = Customers.from_arrays(
    ...     [2, 0], [20, 0], [30, 30], unit="week", monetary_value=[12, 0], first_value=[6, 5]
    ... )
    >>> customers.all_buyers().frame()
       customer_id  purchases  mean_value
    0            0        3.0        10.0
    1            1        1.0         5.0
    """

    customers: Customers
    view: View
    x: NDArray[np.float64]
    m: NDArray[np.float64]
    _known: dict[tuple[str, ...], Histories] = field(default_factory=dict, init=False)

    def __len__(self) -> int:
        """Count the customers of whom a spend model learns something."""
        return int(np.count_nonzero(self.x))

    def __repr__(self) -> str:
        """Say how many buyers there are, and what is seen of them."""
        seen = "repeat purchases" if self.view == "repeat" else "all purchases"
        return f"Buyers({len(self):,} of {len(self.customers):,} customers, {seen})"

    @property
    def ids(self) -> nw.Series[Any]:
        """The ids of the customers."""
        return self.customers.ids

    @property
    def unit(self) -> Unit:
        """The unit of time of the customers."""
        return self.customers.unit

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out on the way here, in sentences, the customers' own notes first."""
        bought = self.customers.frequency > 0 if self.view == "repeat" else np.ones(len(self.customers), dtype=bool)
        free = int(np.count_nonzero(bought & (self.x == 0)))
        if free == 0:
            return self.customers.notes
        seen = "repeat purchases" if self.view == "repeat" else "purchases"
        who = "1 customer whose" if free == 1 else f"{free:,} customers whose"
        note = f"{who} {seen} have a mean value of 0 will be valued at a newcomer's spend."
        return (*self.customers.notes, note)

    def frame(self) -> Any:  # noqa: ANN401
        """Tabulate the buyers (customer_id, purchases, mean_value) in the library that the customers came in."""
        seen = np.flatnonzero(self.x)
        return native(self.customers.ids[seen], {"purchases": self.x[seen], "mean_value": self.m[seen]})

    def histories(self, names: Sequence[str]) -> Histories:
        """Find the distinct histories in some of the letters, with how many customers have each; found once."""
        key = tuple(names)
        if key not in self._known:
            letters = self.letters()
            self._known[key] = Histories.of({name: letters[name] for name in key})
        return self._known[key]

    def letters(self) -> dict[str, NDArray[np.float64]]:
        """Name the columns as the papers do, a row for every customer looked at."""
        return {"x": self.x, "m": self.m}


def view_of(customers: Customers, view: str) -> Buyers:
    """Look at the spend of some customers as a view names it: ``"repeat"`` or ``"all"``.

    >>> from clvmodels.customers import Customers
    >>> customers = Customers.from_arrays([2, 0], [20, 0], [30, 30], unit="week", monetary_value=[12, 0])
    >>> view_of(customers, "repeat")
    Buyers(1 of 2 customers, repeat purchases)
    """
    if view == "repeat":
        return _informative(customers, view, customers.frequency, _known(customers, "monetary_value"))
    if view == "all":
        first, repeat = _known(customers, "first_value"), _known(customers, "monetary_value")
        x = customers.frequency + 1
        return _informative(customers, view, x, (first + customers.frequency * repeat) / x)
    message = f"{view!r} is no view of spend. Say 'repeat' (purchases after the first) or 'all'."
    raise CustomersError(message)


def _known(customers: Customers, column: Literal["monetary_value", "first_value"]) -> NDArray[np.float64]:
    """Take a spend column that must be there."""
    values = customers.monetary_value if column == "monetary_value" else customers.first_value
    if values is None:
        meaning = {
            "monetary_value": "the mean value of each customer's repeat purchases, 0 where there are none",
            "first_value": "the value of each customer's first purchase",
        }
        message = (
            f"These customers have no {column}. Pass it as a column of the table ({meaning[column]}), or make the "
            "table with rfm_summary(log, value=...), which works out both spend columns"
            f"{'; repeat_buyers() does without it.' if column == 'first_value' else '.'}"
        )
        raise CustomersError(message)
    return values


def _informative(customers: Customers, view: View, x: NDArray[np.float64], m: NDArray[np.float64]) -> Buyers:
    """Keep what tells something of spend, and put 0 purchases elsewhere."""
    tells = (x > 0) & (m > 0)
    return Buyers(customers, view, np.where(tells, x, 0.0), np.where(tells, m, 0.0))
