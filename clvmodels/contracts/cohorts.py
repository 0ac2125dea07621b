"""Cohorts: customers with a contract, counted; checked once at this gate, with the unit of their periods.

A cohort is the customers who began together. ``survivors`` at period t is how many of them are left after t renewals, so
that period 0 counts those who began; a cohort ends where it was last counted, and cohorts may end at different periods.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.errors import CustomersError, counted
from clvmodels.frames import eager, need, numbered, numbers, refuse
from clvmodels.histories import Histories
from clvmodels.units import Unit, as_unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

FRACTIONS = (
    "Some survivors are no whole numbers. Each is taken for so many customers: if they are percentages, multiply them by "
    "the customers who began, for it is their number that says how sure one can be."
)


@dataclass(frozen=True, eq=False)
class Cohorts:
    """How many customers of some cohorts survive each period; make them with ``from_frame`` or ``from_survivors``.

    Attributes
    ----------
    cohort
        the cohort of each row, in the caller's library, (n,)
    period
        renewals made, 0, 1, 2... in each cohort, (n,)
    survivors
        customers of the cohort who are left then, (n,)
    unit
        the length of a period
    notes
        what must be known of the counts, in sentences

    Examples
    --------
    >>> Cohorts.from_survivors([1000, 631, 468], unit="year")
    Cohorts(1 cohort, 1,000 customers, followed for 2 years)
    """

    cohort: nw.Series[Any]
    period: NDArray[np.float64]
    survivors: NDArray[np.float64]
    unit: Unit
    notes: tuple[str, ...] = ()
    _known: dict[tuple[str, ...], Histories] = field(default_factory=dict, repr=False)

    @classmethod
    def from_frame(
        cls,
        frame: Any,  # noqa: ANN401
        unit: str,
        *,
        cohort: str | None = "cohort",
        period: str = "period",
        survivors: str = "survivors",
    ) -> Cohorts:
        """Take a table with a row for each cohort and period, in any order.

        ``cohort=None`` says that there is one cohort; a column under its default name may be absent for the same.

        >>> table = pd.DataFrame({"plan": ["a", "a", "b", "b"], "period": [0, 1, 0, 1], "survivors": [100, 80, 50, 45]})
        >>> Cohorts.from_frame(table, unit="month", cohort="plan")
        Cohorts(2 cohorts, 150 customers, followed for 1 month)
        """
        table = eager(frame, CustomersError)
        single = cohort is None or (cohort == "cohort" and cohort not in table.columns)
        need(table, (period, survivors, *(() if single else (str(cohort),))), CustomersError)
        none = nw.new_series("cohort", [0] * len(table), backend=table.implementation)
        whose = none if single else table.get_column(str(cohort))
        times, left = (numbers(table.get_column(name), CustomersError) for name in (period, survivors))
        nameless = pd.isna(pd.Series(whose.to_list())).to_numpy()
        advice = "Give these rows the name of their cohort, or remove them first."
        refuse(nameless, "cohort is missing|cohorts are missing", advice, CustomersError)
        codes = numbered(whose, CustomersError)
        order = np.lexsort((times, codes))
        names = nw.maybe_reset_index(whose[order])
        _check(codes[order], times[order], left[order], _places(names, times[order], single=single))
        notes = (FRACTIONS,) if np.any(left != np.floor(left)) else ()
        return cls(names, times[order], left[order], as_unit(unit), notes)

    @classmethod
    def from_survivors(cls, survivors: ArrayLike, unit: str) -> Cohorts:
        """Take the survivors of one cohort after 0, 1, 2... periods.

        >>> Cohorts.from_survivors([1000, 631, 468], unit="year").letters()["t"]
        array([1., 2., 2.])
        """
        left = np.asarray(survivors)
        if left.ndim != 1 or left.dtype.kind not in "iuf":
            message = f"Survivors are a row of numbers, such as [1000, 631, 468]; got {survivors!r}."
            raise CustomersError(message)
        return cls.from_frame(pd.DataFrame({"period": np.arange(len(left)), "survivors": left}), unit)

    def __len__(self) -> int:
        """Count the cohorts."""
        return int(np.count_nonzero(self.period == 0))

    def __repr__(self) -> str:
        """Say how many customers there are, and how long they were followed."""
        began, longest = self.survivors[self.period == 0].sum(), int(self.period.max())
        followed = f"{began:,.10g} customers, followed for {counted(longest, self.unit)}"
        told = f"Cohorts({counted(len(self), 'cohort')}, {followed})"
        return "\n".join((told, *(f"  {note}" for note in self.notes)))

    @property
    def ids(self) -> None:
        """Customers of a cohort are counted, and have no ids."""
        return

    def frame(self) -> Any:  # noqa: ANN401
        """Tabulate the cohorts (cohort, period, survivors) in the library that they came in.

        >>> Cohorts.from_survivors([100, 63], unit="year").frame()
           cohort  period  survivors
        0       0     0.0      100.0
        1       0     1.0       63.0
        """
        columns = {"period": self.period, "survivors": self.survivors}
        beside = [nw.new_series(name, values, backend=self.cohort.implementation) for name, values in columns.items()]
        return self.cohort.alias("cohort").to_frame().with_columns(*beside).to_native()

    def until(self, period: int) -> Cohorts:
        """Return what was known of them after some periods, as if nothing had been counted since.

        >>> Cohorts.from_survivors([1000, 631, 468], unit="year").until(1)
        Cohorts(1 cohort, 1,000 customers, followed for 1 year)
        """
        known = self.period <= period
        if not np.any(known & (self.period > 0)):
            message = f"Until period {period} nobody was followed for a period. Say 1 or more."
            raise CustomersError(message)
        names = nw.maybe_reset_index(self.cohort[np.flatnonzero(known)])
        return Cohorts(names, self.period[known], self.survivors[known], self.unit, self.notes)

    def survival(self, periods: ArrayLike) -> NDArray[np.float64]:
        """Return the share of those followed so far who were left after each of some periods: nan where nobody was.

        >>> Cohorts.from_survivors([1000, 631, 468], unit="year").survival([0, 1, 2, 3])
        array([1.   , 0.631, 0.468,   nan])
        """
        asked = np.atleast_1d(np.asarray(periods, float))
        began = self.survivors[self.period == 0][np.cumsum(self.period == 0) - 1]
        known = [self.period == period for period in asked]
        return np.array([self.survivors[rows].sum() / began[rows].sum() if rows.any() else np.nan for rows in known])

    @cached_property
    def _kinds(self) -> NDArray[np.float64]:
        """Kinds of customers: when they were last seen or left, whether they left, how many of them; (3, kinds)."""
        last = np.r_[self.period[1:] == 0, True]
        later = self.period > 0
        lost = self.survivors[np.flatnonzero(later) - 1] - self.survivors[later]
        left = np.array([self.period[later], np.ones(len(lost)), lost])
        there = np.array([self.period[last], np.zeros(len(self)), self.survivors[last]])
        kinds = np.hstack([left, there])
        return kinds[:, kinds[2] > 0]

    def letters(self) -> dict[str, NDArray[np.float64]]:
        """Name the columns as the papers do, a row a kind of customers: the period t, and whether they were lost in it.

        Those who are not lost were last counted at t.

        >>> Cohorts.from_survivors([1000, 631, 468], unit="year").letters()["lost"]
        array([1., 1., 0.])
        """
        return {"t": self._kinds[0], "lost": self._kinds[1]}

    def histories(self, names: Sequence[str]) -> Histories:
        """Find the distinct histories in some of the letters, with how many customers have each; found once.

        >>> Cohorts.from_survivors([1000, 631, 468], unit="year").histories(["t", "lost"]).weights
        array([369., 468., 163.])
        """
        key = tuple(names)
        if key not in self._known:
            letters = self.letters()
            self._known[key] = Histories.of({name: letters[name] for name in key}, self._kinds[2])
        return self._known[key]


def _places(cohort: nw.Series[Any], period: NDArray[np.float64], *, single: bool) -> nw.Series[Any]:
    """Name each row by its cohort and period, for messages."""
    names = [f"period {t:g}" if single else f"{name} at {t:g}" for name, t in zip(cohort.to_list(), period, strict=True)]
    return nw.from_native(pd.Series(names), series_only=True)


def _check(
    cohort: NDArray[np.int64], period: NDArray[np.float64], left: NDArray[np.float64], places: nw.Series[Any]
) -> None:
    """Check that survivors, in order of cohort and period, can be those of cohorts."""
    first = np.r_[True, cohort[1:] != cohort[:-1]]
    _check_periods(period, first, places)
    fault = "count of survivors is negative, at|counts of survivors are negative, at"
    refuse(left < 0, fault, "Survivors are the customers still there; is it a change of them?", CustomersError, places)
    fault = "cohort begins with nobody, at|cohorts begin with nobody, at"
    refuse(first & (left == 0), fault, "Period 0 counts those who began; leave out empty cohorts.", CustomersError, places)
    fault = "count of survivors is higher than the one before, at|counts of survivors are higher than the ones before, at"
    advice = "Who has left a cohort doesn't come back to it: count those who joined later in a cohort of their own."
    refuse(~first & (left > np.r_[0.0, left[:-1]]), fault, advice, CustomersError, places)
    if np.all(first):
        message = "No cohort was followed for a period, so that nothing is known of renewals. Are later periods missing?"
        raise CustomersError(message)


def _check_periods(period: NDArray[np.float64], first: NDArray[np.bool_], places: nw.Series[Any]) -> None:
    """Check that periods are 0, 1, 2... in each cohort."""
    fault = "period is no whole number from 0 on:|periods are no whole numbers from 0 on:"
    advice = "Periods count renewals; divide times by the length of a contract period."
    refuse((period < 0) | (period != np.floor(period)), fault, advice, CustomersError, places)
    step = np.r_[0.0, np.diff(period)]
    fault = "row repeats a period of its cohort:|rows repeat a period of their cohort:"
    advice = "Say which column holds the cohort (cohort=...), or add the rows up."
    refuse(~first & (step == 0), fault, advice, CustomersError, places)
    fault = "cohort doesn't begin with period 0 but:|cohorts don't begin with period 0 but:"
    advice = "Period 0 counts those who began; without it, nobody knows how many left in the first period."
    refuse(first & (period > 0), fault, advice, CustomersError, places)
    fault = "period follows a gap:|periods follow a gap:"
    advice = "Count the survivors of every period, or end the cohort before the gap."
    refuse(~first & (step > 1), fault, advice, CustomersError, places)
