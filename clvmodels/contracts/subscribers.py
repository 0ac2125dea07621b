"""Subscribers: customers with a contract, one by one, checked once at this gate, with the unit of their periods.

A *tenure* is the number of renewals that a customer has made; she is in period tenure + 1 of her contract, and her next
renewal is *due* at its end: a whole period from now if she has just renewed, now if she is about to be asked. One who is
*new* makes her first sale now, and her contract begins with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.contracts.cohorts import Cohorts
from clvmodels.errors import CustomersError, QuestionError, counted
from clvmodels.frames import eager, native, need, numbered, numbers, refuse
from clvmodels.units import Unit, as_unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from clvmodels.kernels.lift import Array


@dataclass(frozen=True, eq=False)
class Subscribers:
    """Customers with a contract; make them with ``from_frame``, ``from_counts``, ``from_cohorts`` or ``newcomers``.

    Attributes
    ----------
    ids
        the customers' ids, in the caller's order and library
    tenure
        renewals made (n,)
    due
        how long until the next renewal, in periods, from 0 to 1 (n,)
    new
        whether the contract begins now (n,)
    unit
        the length of a period

    Examples
    --------
    >>> Subscribers.from_counts([120, 80, 50], unit="year")
    Subscribers(250 customers with a contract by the year, tenure 0 to 2)
    """

    ids: nw.Series[Any]
    tenure: Array
    due: Array
    new: NDArray[np.bool_]
    unit: Unit

    @classmethod
    def from_frame(
        cls,
        frame: Any,  # noqa: ANN401
        unit: str,
        *,
        customer_id: str = "customer_id",
        tenure: str = "tenure",
        due: str = "due",
    ) -> Subscribers:
        """Take a table with a row a customer; without a column ``due``, all have just renewed.

        >>> table = pd.DataFrame({"customer_id": ["ann", "bob"], "tenure": [3, 0], "due": [0.5, 1.0]})
        >>> Subscribers.from_frame(table, unit="year").due
        array([0.5, 1. ])
        """
        table = eager(frame, CustomersError)
        known = due != "due" or due in table.columns
        need(table, (customer_id, tenure, *((due,) if known else ())), CustomersError)
        ids = table.get_column(customer_id)
        codes = numbered(ids, CustomersError)
        again = np.ones(len(codes), dtype=bool)
        again[np.unique(codes, return_index=True)[1]] = False
        fault = "row repeats a customer:|rows repeat a customer:"
        refuse(again, fault, "Subscribers have one row a customer: add contracts up first.", CustomersError, ids)
        made = numbers(table.get_column(tenure), CustomersError, ids)
        ahead = numbers(table.get_column(due), CustomersError, ids) if known else np.ones(len(made))
        return cls._checked(ids, made, ahead, as_unit(unit))

    @classmethod
    def from_counts(cls, counts: ArrayLike, unit: str) -> Subscribers:
        """Take how many customers there are of tenure 0, 1, 2..., who have all just renewed; their ids are numbers.

        >>> Subscribers.from_counts([2, 0, 1], unit="month").tenure
        array([0., 0., 2.])
        """
        number = np.asarray(counts)
        if number.ndim != 1 or number.dtype.kind not in "iuf" or not np.all((number >= 0) & (number == np.floor(number))):
            message = f"Counts are whole numbers of customers of tenure 0, 1, 2..., 0 or more; got {counts!r}."
            raise CustomersError(message)
        if number.sum() == 0:
            message = "There are no customers in these counts."
            raise CustomersError(message)
        tenure = np.repeat(np.arange(float(len(number))), number.astype(int))
        return cls._checked(_ids(np.arange(len(tenure))), tenure, np.ones(len(tenure)), as_unit(unit))

    @classmethod
    def from_cohorts(cls, cohorts: Cohorts) -> Subscribers:
        """Take those of some cohorts who are still there, as they were last counted; in order of tenure.

        >>> Subscribers.from_cohorts(Cohorts.from_survivors([1000, 631, 468], unit="year"))
        Subscribers(468 customers with a contract by the year, tenure 2)
        """
        last = np.r_[cohorts.period[1:] == 0, True]
        left, tenure = cohorts.survivors[last], cohorts.period[last].astype(int)
        if np.any(left != np.floor(left)):
            message = (
                "Some survivors are no whole numbers, so there is nobody to value: say who the customers are, "
                "customers=clv.Subscribers.from_counts(...)."
            )
            raise CustomersError(message)
        return cls.from_counts(np.bincount(tenure, left), cohorts.unit)

    @classmethod
    def newcomers(cls, number: int, unit: str) -> Subscribers:
        """Take so many customers who make their first sale now.

        >>> Subscribers.newcomers(100, unit="year")
        Subscribers(100 customers with a contract by the year, all new)
        """
        if number < 1:
            message = f"{number} newcomers can't be: say 1 or more."
            raise CustomersError(message)
        none = np.zeros(number)
        return cls(_ids(np.arange(number)), none, none + 1.0, np.ones(number, dtype=bool), as_unit(unit))

    @classmethod
    def at(cls, tenures: ArrayLike, unit: Unit) -> Subscribers:
        """Take a customer of each of some tenures, who has just renewed; the tenures are the ids.

        >>> Subscribers.at([0, 5], "year").ids.to_list()
        [0, 5]
        """
        made = np.atleast_1d(np.asarray(tenures, float))
        return cls._checked(_ids(made.astype(int)), made, np.ones(len(made)), unit)

    @classmethod
    def _checked(cls, ids: nw.Series[Any], tenure: Array, due: Array, unit: Unit) -> Subscribers:
        fault = "customer has a tenure that can't be|customers have a tenure that can't be"
        advice = f"A tenure counts the renewals made, 0 for none: whole numbers, of periods of a {unit}."
        refuse((tenure < 0) | (tenure != np.floor(tenure)), fault, advice, CustomersError, ids)
        fault = "customer has a renewal due at a time that can't be|customers have a renewal due at a time that can't be"
        advice = "It is how long until then in periods: 1 for who has just renewed, 0 for who is about to be asked."
        refuse((due < 0.0) | (due > 1.0), fault, advice, CustomersError, ids)
        return cls(nw.maybe_reset_index(ids), tenure, due, np.zeros(len(tenure), dtype=bool), unit)

    def __len__(self) -> int:
        """Count the customers."""
        return len(self.tenure)

    def __repr__(self) -> str:
        """Say how many there are, and for how long."""
        low, high = self.tenure.min(), self.tenure.max()
        tenure = "all new" if self.new.all() else f"tenure {low:g}" if low == high else f"tenure {low:g} to {high:g}"
        return f"Subscribers({counted(len(self), 'customer')} with a contract by the {self.unit}, {tenure})"

    def frame(self) -> Any:  # noqa: ANN401
        """Tabulate them (customer_id, tenure, due) in the library that they came in.

        >>> Subscribers.from_counts([1, 1], unit="year").frame()
           customer_id  tenure  due
        0            0     0.0  1.0
        1            1     1.0  1.0
        """
        return native(self.ids, {"tenure": self.tenure, "due": self.due})


def subscribers_of(given: object, known: object, unit: Unit) -> Subscribers:
    """Take the customers asked about, in the unit of a fit: by default those whom it knows of, or else one newcomer."""
    if given is None:
        return Subscribers.from_cohorts(known) if isinstance(known, Cohorts) else Subscribers.newcomers(1, unit)
    if not isinstance(given, Subscribers):
        message = f"A {type(given).__name__} has no contracts: say clv.Subscribers.from_frame(table, unit={unit!r})."
        raise QuestionError(message)
    if given.unit != unit:
        message = f"This fit is in periods of a {unit}, and these customers of a {given.unit}: bring them to one unit."
        raise QuestionError(message)
    return given


def _ids(values: NDArray[np.intp]) -> nw.Series[Any]:
    """Number customers who have no names."""
    return nw.from_native(pd.Series(values, name="customer_id"), series_only=True)
