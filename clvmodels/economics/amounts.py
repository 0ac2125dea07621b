"""Amounts: a number for everybody, a column of what is known of customers, or a number for each of their segments.

What is known of customers beside their purchases, `Attributes`, is a table with a row a customer, matched by her id; it is
checked here, once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np
import pandas as pd

from clvmodels.errors import CustomersError, QuestionError, naming
from clvmodels.frames import eager, need, numbered, numbers, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    import narwhals as nw
    from numpy.typing import NDArray

    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

MIXED = "Are they text here and numbers there?"


@dataclass(frozen=True)
class By:
    """A number for each value of a column, such as an acquisition cost for each channel.

    Attributes
    ----------
    column
        of the customers' attributes
    amounts
        by value of that column; a customer whose value isn't here is refused

    Examples
    --------
    >>> By("channel", {"ads": 40.0, "shop": 10.0}).column
    'channel'
    """

    column: str
    amounts: Mapping[Hashable, float]


Amount: TypeAlias = float | str | By
"""A number, the name of a column, or `By`."""


def columns_of(amounts: Iterable[Amount]) -> tuple[str, ...]:
    """Name the columns that amounts are taken from.

    >>> columns_of([2.0, "post", By("channel", {"ads": 40.0}), "post"])
    ('post', 'channel')
    """
    told = (one if isinstance(one, str) else one.column for one in amounts if isinstance(one, str | By))
    return tuple(dict.fromkeys(told))


@dataclass(frozen=True, eq=False)
class Groups:
    """Customers, grouped.

    Attributes
    ----------
    codes
        the group of each customer (n,)
    table
        what each group is called: a row a group, a column for each column by which they are grouped
    """

    codes: Index
    table: pd.DataFrame

    def __len__(self) -> int:
        return len(self.table)


class Listed(Protocol):
    """Customers who have ids, in an order."""

    @property
    def ids(self) -> nw.Series[Any]:
        """Their ids (n,)."""
        ...

    def __len__(self) -> int:
        """Count them."""
        ...


@dataclass(frozen=True, eq=False)
class Attributes:
    """What is known of customers beside their purchases, in their order.

    Attributes
    ----------
    customers
        whose
    table
        a row a customer; empty where nothing is known
    """

    customers: Listed
    table: nw.DataFrame[Any] | None = None
    _known: dict[tuple[str, ...], Groups] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, frame: Any, customers: Listed) -> Attributes:  # noqa: ANN401
        """Take a table with a column customer_id and any others, of these customers and maybe of more.

        >>> from clvmodels import Customers
        >>> few = Customers.from_arrays([2, 0], [20, 0], [30, 30], unit="day", ids=["ann", "bob"])
        >>> told = pd.DataFrame({"customer_id": ["bob", "ann", "cid"], "cost": [5.0, 3.0, 9.0]})
        >>> Attributes.of(told, few).numbers("cost")
        array([3., 5.])
        """
        if frame is None:
            return cls(customers)
        table = eager(frame, CustomersError)
        need(table, ("customer_id",), CustomersError)
        ids = table.get_column("customer_id")
        again = pd.Series(numbered(ids, CustomersError)).duplicated().to_numpy()
        fault = "row of the attributes repeats a customer:|rows of the attributes repeat a customer:"
        refuse(again, fault, "Attributes have one row a customer: aggregate them first.", CustomersError, ids)
        places = pd.Index(ids.to_list()).get_indexer(pd.Index(customers.ids.to_list()))
        fault = "customer has no row among the attributes:|customers have no row among the attributes:"
        refuse(places < 0, fault, f"Attributes are matched by customer_id. {MIXED}", CustomersError, customers.ids)
        return cls(customers, table[places.tolist()])

    def column(self, name: str) -> nw.Series[Any]:
        """Return a column, in the order of the customers."""
        if self.table is None:
            message = f"{name!r} is a column of the customers' attributes, and none were given: pass attributes=, a table."
            raise QuestionError(message)
        need(self.table, (name,), CustomersError)
        return self.table.get_column(name)

    def numbers(self, amount: Amount) -> Array:
        """Return an amount of each customer (n,)."""
        if isinstance(amount, str):
            return numbers(self.column(amount), CustomersError, self.customers.ids)
        if isinstance(amount, By):
            return self._by(amount)
        return np.full(len(self.customers), float(amount))

    def groups(self, columns: str | Sequence[str]) -> Groups:
        """Group the customers by the values that one or several columns have together; a gap is a group like another."""
        names = (columns,) if isinstance(columns, str) else tuple(columns)
        if names not in self._known:
            self._known[names] = self._grouped(list(names))
        return self._known[names]

    def _grouped(self, names: list[str]) -> Groups:
        frame = pd.DataFrame({name: self.column(name).to_list() for name in names})
        grouped = frame.groupby(names, sort=True, dropna=False)
        codes = grouped.ngroup().to_numpy()
        table = frame.iloc[np.unique(codes, return_index=True)[1]].reset_index(drop=True)
        return Groups(codes.astype(np.intp), table)

    def _by(self, amount: By) -> Array:
        column = self.column(amount.column)
        values = pd.Series(column.to_list()).map(dict(amount.amounts))
        unknown = values.isna().to_numpy()
        kinds = naming(pd.unique(pd.Series(column.to_list())[unknown]))
        fault = f"customer is of an unknown {amount.column}, {kinds}:|customers are of an unknown {amount.column}, {kinds}:"
        advice = f"Amounts are given for {naming(amount.amounts)}: give one for each, or mend the column."
        refuse(unknown, fault, advice, CustomersError, self.customers.ids)
        return values.to_numpy(float)


def checked(amount: Amount, holds: Callable[[Array], NDArray[np.bool_]], complaint: str) -> None:
    """Refuse an amount whose numbers, where they are told already, can't be; ``complaint`` has a place for them."""
    if isinstance(amount, str):
        return
    given = np.array(list(amount.amounts.values()) if isinstance(amount, By) else [amount])
    if given.dtype.kind not in "iuf" or not np.all(holds(given.astype(float))):
        shown = given.tolist() if isinstance(amount, By) else amount
        raise QuestionError(complaint.format(shown))
