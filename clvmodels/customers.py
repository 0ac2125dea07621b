"""Customers: one row of history each, checked once at this gate, with the unit of time that they are told in.

Frequency counts the purchases after the first, recency is the time from the first purchase to the last, T the time
from the first purchase to the end of the observation; monetary_value is the mean value of the repeat purchases (0 where
there are none), first_value the value of the first purchase. litt, log interpurchase times, sums the natural logs
of the gaps between successive purchases: what models of regular timing need besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels import notebook
from clvmodels.buyers import Buyers, view_of
from clvmodels.engines import faults
from clvmodels.errors import CustomersError, counted
from clvmodels.frames import eager, native, need, numbered, numbers, refuse, span
from clvmodels.histories import Histories
from clvmodels.units import Unit, as_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Customers:
    """The histories of n customers; make them with ``rfm_summary``, ``from_frame`` or ``from_arrays``.

    Attributes
    ----------
    ids
        the customers' ids, in the caller's order and library
    frequency
        purchases after the first, (n,)
    recency
        time from the first purchase to the last in ``unit``, (n,)
    T
        time from the first purchase to the end of the observation in ``unit``, (n,)
    monetary_value
        mean value of the repeat purchases, 0 where there are none, (n,); None where spend isn't known
    first_value
        value of the first purchase, (n,); None where it isn't known
    litt
        sum of the natural logs of the gaps, in ``unit``, between successive purchases, 0 where there are none, (n,);
        None where it isn't known
    unit
        the unit of time
    notes
        what was left out or netted on the way here, and how much of it, in sentences

    Examples
    --------
    >>> Customers.from_arrays([2, 0], [20, 0], [30, 30.5], unit="week")
    Customers(2 customers, T 30.00 to 30.50 weeks, 50.0% bought once, spend not known)
    """

    ids: nw.Series[Any]
    frequency: NDArray[np.float64]
    recency: NDArray[np.float64]
    T: NDArray[np.float64]
    monetary_value: NDArray[np.float64] | None
    first_value: NDArray[np.float64] | None
    litt: NDArray[np.float64] | None
    unit: Unit
    notes: tuple[str, ...] = ()
    _known: dict[tuple[str, ...], Histories] = field(default_factory=dict, init=False)

    @classmethod
    def from_frame(  # noqa: PLR0913
        cls,
        frame: Any,  # noqa: ANN401
        unit: str,
        *,
        customer_id: str = "customer_id",
        frequency: str = "frequency",
        recency: str = "recency",
        T: str = "T",
        monetary_value: str = "monetary_value",
        first_value: str = "first_value",
        litt: str = "litt",
    ) -> Customers:
        """Take a ready table, a row a customer; spend columns and litt may be absent under their default names.

        >>> table = pd.DataFrame({"customer_id": ["ann"], "frequency": [2], "recency": [20.0], "T": [30.0]})
        >>> Customers.from_frame(table, unit="week").letters()["x"]
        array([2.])
        """
        table = eager(frame, CustomersError)
        optional = {"monetary_value": monetary_value, "first_value": first_value, "litt": litt}
        known = {role: name for role, name in optional.items() if name != role or name in table.columns}
        need(table, (customer_id, frequency, recency, T, *known.values()), CustomersError)
        ids = _checked_ids(table.get_column(customer_id))
        told = {role: numbers(table.get_column(name), CustomersError, ids) for role, name in known.items()}
        return cls.from_arrays(
            numbers(table.get_column(frequency), CustomersError, ids),
            numbers(table.get_column(recency), CustomersError, ids),
            numbers(table.get_column(T), CustomersError, ids),
            unit=unit,
            ids=ids,
            monetary_value=told.get("monetary_value"),
            first_value=told.get("first_value"),
            litt=told.get("litt"),
        )

    @classmethod
    def from_arrays(  # noqa: PLR0913
        cls,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,
        *,
        unit: str,
        ids: Any = None,  # noqa: ANN401
        monetary_value: ArrayLike | None = None,
        first_value: ArrayLike | None = None,
        litt: ArrayLike | None = None,
        notes: tuple[str, ...] = (),
    ) -> Customers:
        """Take a number of each kind for each customer; without ids the customers are numbered from 0.

        >>> Customers.from_arrays([2, 0], [20, 0], [30, 30], unit="day", ids=["ann", "bob"]).ids.to_list()
        ['ann', 'bob']
        """
        named = _checked_ids(_as_series(np.arange(np.size(frequency)) if ids is None else ids))
        x = _column("frequency", frequency, named)
        t_x, t = _column("recency", recency, named), _column("T", T, named)
        _check_history(x, t_x, t, named)
        mean = None if monetary_value is None else _column("monetary_value", monetary_value, named)
        first = None if first_value is None else _column("first_value", first_value, named)
        logs = None if litt is None else _column("litt", litt, named, signed=True)
        if mean is not None:
            _check_spend(x, mean, named)
        if logs is not None:
            _check_litt(x, t_x, logs, named)
        return cls(named, x, np.minimum(t_x, t), t, mean, first, logs, as_unit(unit), notes)

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.T)

    def __repr__(self) -> str:
        """Say how many customers there are, over what time, and what was left out."""
        once = np.mean(self.frequency == 0)
        spend = "not known" if self.monetary_value is None else "known"
        told = (
            f"Customers({counted(len(self), 'customer')}, T {span(self.T, self.unit)}, "
            f"{once:.1%} bought once, spend {spend})"
        )
        return "\n".join((told, *(f"  {note}" for note in self.notes)))

    def _repr_html_(self) -> str:
        return notebook.of_customers(self)

    def frame(self) -> Any:  # noqa: ANN401
        """Tabulate the customers, a row each, in the library that they came in.

        >>> Customers.from_arrays([2], [20], [30], unit="week").frame()
           customer_id  frequency  recency     T
        0            0        2.0     20.0  30.0
        """
        columns = {"frequency": self.frequency, "recency": self.recency, "T": self.T}
        known = {name: values for name, values in self._spend_and_timing().items() if values is not None}
        return native(self.ids, {**columns, **known})

    def some(self, rows: NDArray[np.intp]) -> Customers:
        """Return some of the customers, by their places.

        >>> two = Customers.from_arrays([2, 0], [20, 0], [30, 30], unit="day", ids=["ann", "bob"])
        >>> two.some(np.array([1])).ids.to_list()
        ['bob']
        """
        told = {name: None if values is None else values[rows] for name, values in self._spend_and_timing().items()}
        ids = nw.maybe_reset_index(self.ids[rows.tolist()])
        return Customers(
            ids, self.frequency[rows], self.recency[rows], self.T[rows], **told, unit=self.unit, notes=self.notes
        )

    def _spend_and_timing(self) -> dict[str, NDArray[np.float64] | None]:
        """The columns that may not be known."""
        return {"monetary_value": self.monetary_value, "first_value": self.first_value, "litt": self.litt}

    def histories(self, names: Sequence[str]) -> Histories:
        """Find the distinct histories in some of the letters, with how many customers have each; found once.

        >>> Customers.from_arrays([0, 0], [0, 0], [30, 30], unit="week").histories(["x", "T"]).weights
        array([2.])
        """
        key = tuple(names)
        if key not in self._known:
            letters = self.letters()
            self._known[key] = Histories.of({name: letters[name] for name in key})
        return self._known[key]

    def letters(self) -> dict[str, NDArray[np.float64]]:
        """Name the columns as the papers do: frequency x, recency t_x, T; litt is nan where it isn't known.

        >>> list(Customers.from_arrays([2], [20], [30], unit="week").letters())
        ['x', 't_x', 'T', 'litt']
        """
        return {"x": self.frequency, "t_x": self.recency, "T": self.T, "litt": self._litt}

    @cached_property
    def _litt(self) -> NDArray[np.float64]:
        """The column litt; where it isn't told, what frequency and recency tell of it: 0 without a gap, log t_x for one."""
        if self.litt is not None:
            return self.litt
        known = np.where((self.frequency == 1) & (self.recency > 0), self.recency, np.nan)
        return np.log(np.where(self.frequency == 0, 1.0, known))

    def repeat_buyers(self) -> Buyers:
        """Look at the purchases after each customer's first, as the papers on spend do.

        >>> Customers.from_arrays([2, 0], [20, 0], [30, 30], unit="week", monetary_value=[12, 0]).repeat_buyers()
        Buyers(1 of 2 customers, repeat purchases)
        """
        return view_of(self, "repeat")

    def all_buyers(self) -> Buyers:
        """Look at every purchase of each customer, the first included.

        >>> Customers.from_arrays([0], [0], [30], unit="week", monetary_value=[0], first_value=[5]).all_buyers()
        Buyers(1 of 1 customers, all purchases)
        """
        return view_of(self, "all")


def _as_series(ids: Any) -> nw.Series[Any]:  # noqa: ANN401
    """Take ids as a series of any library; other sequences become a pandas series."""
    series = nw.from_native(ids, series_only=True, pass_through=True)
    return series if isinstance(series, nw.Series) else nw.from_native(pd.Series(ids), series_only=True)


def _checked_ids(ids: nw.Series[Any]) -> nw.Series[Any]:
    """Check that there are ids, that none is missing and that none comes twice."""
    if len(ids) == 0:
        message = "There are no customers here. Was the table filtered too far?"
        raise CustomersError(message)
    again = pd.Series(numbered(ids, CustomersError)).duplicated().to_numpy()
    fault = "row repeats an id that came before:|rows repeat an id that came before:"
    advice = "A table of customers has one row each; make it from a log with rfm_summary()."
    refuse(again, fault, advice, CustomersError, ids)
    return nw.maybe_reset_index(ids)


def _column(name: str, values: ArrayLike, ids: nw.Series[Any], *, signed: bool = False) -> NDArray[np.float64]:
    """Take one finite number for each customer, and refuse negative ones unless they may be."""
    given = np.asarray(values)
    if given.dtype.kind not in "iuf":
        message = f"{name} holds no numbers but {given.dtype}. Convert it to numbers first."
        raise CustomersError(message)
    if given.shape != (len(ids),):
        message = f"{name} has shape {given.shape} for {counted(len(ids), 'customer')}. Pass one number for each."
        raise CustomersError(message)
    column = np.array(given, dtype=np.float64)
    refuse(~np.isfinite(column), *faults.unknown(name), CustomersError, ids)
    if not signed:
        refuse(column < 0, *faults.negative(name), CustomersError, ids)
    return column


def _check_history(x: NDArray[np.float64], t_x: NDArray[np.float64], t: NDArray[np.float64], ids: nw.Series[Any]) -> None:
    """Check that frequency, recency and T can belong to one history."""
    refuse(x != np.floor(x), *faults.FRACTION, CustomersError, ids)
    refuse(t_x > t * (1 + faults.ROUNDING), *faults.BEYOND, CustomersError, ids)
    refuse((x == 0) & (t_x > 0), *faults.ONCE, CustomersError, ids)


def _check_spend(x: NDArray[np.float64], mean: NDArray[np.float64], ids: nw.Series[Any]) -> None:
    """Check that nobody without a repeat purchase has a mean value of them."""
    refuse((x == 0) & (mean > 0), *faults.SPENT, CustomersError, ids)


def _check_litt(x: NDArray[np.float64], t_x: NDArray[np.float64], litt: NDArray[np.float64], ids: nw.Series[Any]) -> None:
    """Check that the gaps between purchases can add up to recency: gaps of one length have the largest sum of logs."""
    with np.errstate(divide="ignore"):
        most = x * np.log(np.where(x > 0, t_x, 1.0) / np.maximum(x, 1.0))
    slack = faults.LOOSE * (1.0 + x + np.where(np.isfinite(most), np.abs(most), 0.0))
    refuse((litt > most + slack) | ((x <= 1) & (litt < most - slack)), *faults.GAPS, CustomersError, ids)
