"""Lazy customers: a summary, a row a customer, that stays in the engine where it is: too big, or too far, to be taken home.

A model learns from the distinct histories among them (`Kinds`), which the engine finds and counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from clvmodels.customers import Customers
from clvmodels.engines import faults
from clvmodels.engines.grain import TIMES, Grain
from clvmodels.engines.kinds import LETTERS, NONE, Kinds
from clvmodels.engines.tables import beside, gathered, opened
from clvmodels.errors import SHOWN, CustomersError, naming
from clvmodels.files import aside
from clvmodels.frames import GAP, gap_of, need
from clvmodels.units import Unit, as_unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from clvmodels.buyers import View

MOST = 20_000_000
"""Kinds of customers that are brought home at most."""

HISTORY = ("frequency", "recency", "T")

SPEND = ("monetary_value", "first_value")

NUMBERS = (*LETTERS.values(), *SPEND)
"""What a summary tells of each customer, as far as it is known."""

KEY = "clvmodels "
"""What columns that customers are matched by begin with for the time being."""

Fault = tuple[nw.Expr, tuple[str, str]]


@dataclass(frozen=True, eq=False)
class LazyCustomers:
    """The histories of customers in an engine; make them with ``lazy_summary`` or ``from_frame``.

    Attributes
    ----------
    table
        customer_id, frequency, recency and T, as far as known monetary_value, first_value and litt, and whatever else is
        told of customers, such as their channel: a row a customer
    unit
        the unit of time
    notes
        what was left out or netted on the way here, and how much of it, in sentences
    grain
        how far times and values are rounded for those who learn from them; the table itself is never rounded

    Examples
    --------
    >>> import polars as pl
    >>> table = pl.LazyFrame({"customer_id": [7, 8], "frequency": [2, 0], "recency": [20.0, 0.0], "T": [30.0, 30.0]})
    >>> everybody = LazyCustomers.from_frame(table, unit="week")
    >>> everybody.kinds(["x", "t_x", "T"])
    Kinds(2 kinds of 2 customers)
    """

    table: nw.LazyFrame[Any]
    unit: Unit
    notes: tuple[str, ...] = ()
    grain: Grain = NONE

    @classmethod
    def from_frame(cls, frame: Any, unit: str, *, customer_id: str = "customer_id") -> LazyCustomers:  # noqa: ANN401
        """Take a ready table of an engine, or the path of one, a row a customer; spend columns and litt may be absent.

        Other columns stay beside them, for a scorer whose terms differ by them. Rows are checked as those of ``Customers``
        are, but for whether an id comes twice: that would take a table of all ids in memory.
        """
        table = opened(frame, CustomersError)
        if not isinstance(table, nw.LazyFrame):
            message = f"A {type(frame).__name__} is at hand: pass it to Customers.from_frame()."
            raise CustomersError(message)
        need(table, (customer_id, *HISTORY), CustomersError)
        known = [customer_id, *_told(table)]
        others = [name for name in table.collect_schema().names() if name not in (*known, "customer_id")]
        told = [nw.col(customer_id).alias("customer_id"), *(nw.col(name).cast(nw.Float64) for name in known[1:])]
        found = cls(table.select(*told, *others), as_unit(unit))
        found._check()
        return found

    def __repr__(self) -> str:
        """Say where they are; how many they are, only the engine knows."""
        told = f"LazyCustomers(in {self.table.implementation.name.lower()}, told in {self.unit}s)"
        return "\n".join((told, *(f"  {note}" for note in (*self.notes, *self.grain.sentences(self.unit)))))

    def frame(self) -> Any:  # noqa: ANN401
        """Return the table, a row a customer, as a lazy one of its engine."""
        return self.table.to_native()

    def write(self, path: str | Path) -> LazyCustomers:
        """Write the table to a parquet file, aside and renamed, and go on from there: nothing summarises the log again.

        Examples
        --------
        >>> from tempfile import mkdtemp
        >>> import polars as pl
        >>> table = pl.LazyFrame({"customer_id": [7, 8], "frequency": [2, 0], "recency": [20.0, 0.0], "T": [30.0, 30.0]})
        >>> LazyCustomers.from_frame(table, unit="week").write(f"{mkdtemp()}/customers.parquet").kinds(["x"])
        Kinds(2 kinds of 2 customers)
        """
        if self.table.implementation.is_pyspark():
            message = (
                "Spark writes folders, and where its workers are: say everybody.frame().write.parquet(path), and go on from "
                "LazyCustomers.from_frame(spark.read.parquet(path), unit=...)."
            )
            raise CustomersError(message)
        with aside(path) as draft:
            self.table.sink_parquet(draft)
        table = opened(path, CustomersError)
        return replace(self, table=table.lazy() if isinstance(table, nw.DataFrame) else table)

    def collect(self) -> Customers:
        """Take all of them home, in the order of their ids."""
        names = _told(self.table)
        found = gathered(self.table.select("customer_id", *names).sort("customer_id"))
        told = {name: found.get_column(name).to_numpy().astype(np.float64) for name in names}
        x, t_x, t = told["frequency"], told["recency"], told["T"]
        mean, first, litt = (told.get(name) for name in (*SPEND, "litt"))
        ids = nw.maybe_reset_index(found.get_column("customer_id"))
        return Customers(ids, x, np.minimum(t_x, t), t, mean, first, litt, self.unit, self.notes)

    def rounded(self, time: float = 0.0, spend: float = 0.0) -> LazyCustomers:
        """Let models learn from rounded times and mean values, where hardly two histories are alike otherwise.

        Parameters
        ----------
        time
            how far apart rounded times lie, in the unit of time; a fit says what that does to its estimates
        spend
            how far apart rounded mean values lie: 0.001 for a thousandth of each

        Examples
        --------
        >>> import polars as pl
        >>> table = pl.LazyFrame({"customer_id": [7, 8], "frequency": 2, "recency": [20.01, 20.02], "T": [30.0, 30.01]})
        >>> LazyCustomers.from_frame(table, unit="week").rounded(time=0.1).kinds(["x", "t_x", "T"])
        Kinds(1 kind of 2 customers)
          Times are rounded to multiples of 0.1 weeks: each is off by 0.05 at most, and what is shorter than that by 0.1.
        """
        return replace(self, grain=Grain(time, spend))

    def ordered(self) -> LazyCustomers:
        """Put customers of equal histories next to each other, by a sort in the engine, with times as they are rounded.

        Scores of such a table take a fraction of the time, for what customers have in common is worked out once.

        Examples
        --------
        >>> import polars as pl
        >>> table = pl.LazyFrame({"customer_id": [7, 8, 9], "frequency": [1, 0, 1], "recency": [8.9, 0, 9], "T": 30})
        >>> together = LazyCustomers.from_frame(table, unit="week").rounded(time=0.5).ordered()
        >>> together.frame().select("customer_id", "recency").collect().rows()
        [(8, 0.0), (7, 9.0), (9, 9.0)]
        """
        times, spend = Grain(time=self.grain.time), Grain(spend=self.grain.spend)
        table = (self._rounded() if times else self.table).sort("frequency", "recency", "T", "customer_id")
        return replace(self, table=table, notes=(*self.notes, *times.sentences(self.unit)), grain=spend)

    def _rounded(self) -> nw.LazyFrame[Any]:
        """The table with rounded times; gaps between purchases are stretched as recency is."""
        told = {LETTERS[name]: self._letter(name) for name in TIMES}
        if "litt" in self.table.collect_schema().names():
            x, before = nw.col("frequency"), nw.col("recency")
            stretch = nw.when(before > 0).then(told["recency"] / before).otherwise(nw.lit(1.0))
            told["litt"] = nw.col("litt") + x * stretch.log()
        return self.table.with_columns(**told)

    def kinds(self, names: Sequence[str]) -> Kinds:
        """Bring home the distinct histories in some of the letters, with how many customers have each."""
        return self.counted({name: self._letter(name) for name in names})

    def joined(self, told: pd.DataFrame) -> Any:  # noqa: ANN401
        """Put what is told of kinds of customers, such as ``Estimate.frame()``, beside each customer, in the engine.

        Histories are matched as they are rounded; what nothing is told of is null.

        Parameters
        ----------
        told
            a row a kind, each once: columns of histories (frequency, recency, T, litt), and any others

        Returns
        -------
        lazy frame
            of the engine: the customers' table, with the other columns beside it

        Examples
        --------
        >>> import polars as pl
        >>> import clvmodels as clv
        >>> table = pl.LazyFrame({"customer_id": [7, 8], "frequency": [2, 0], "recency": [20.0, 0.0], "T": [30.0, 30.0]})
        >>> everybody = LazyCustomers.from_frame(table, unit="week")
        >>> paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> alive = paper.probability_alive(everybody).frame()[["frequency", "recency", "T", "mean"]]
        >>> everybody.joined(alive).select("customer_id", pl.col("mean").round(2)).sort("customer_id").collect().rows()
        [(7, 0.67), (8, 1.0)]
        """
        known = {name: letter for letter, name in LETTERS.items() if name in told}
        others = [name for name in told if name not in known]
        self._check_joined(told.reindex(columns=list(known)), others)
        keys = {f"{KEY}{name}": self._letter(letter) for name, letter in known.items()}
        columns = {f"{KEY}{name}" if name in known else name: told[name].to_numpy() for name in told}
        found = self.table.with_columns(**keys).join(beside(self.table, columns), on=list(keys), how="left")
        return found.drop(*keys).to_native()

    def _check_joined(self, histories: pd.DataFrame, others: Sequence[str]) -> None:
        """Check that each history is told of once, and by columns that the customers don't have already."""
        twice = [name for name in others if name in self.table.collect_schema().names()]
        if twice:
            message = f"The customers have a column {naming(twice)} already: rename it in what is told of their kinds."
            raise CustomersError(message)
        if histories.columns.empty:
            message = (
                f"There is no column of histories {naming(LETTERS.values())} in what is told of kinds: add those it has."
            )
            raise CustomersError(message)
        again = int(histories.duplicated().sum())
        if again:
            message = (
                f"By its columns {naming(list(histories))} of histories, what is told of kinds has {again:,} of them more "
                "than once: give it with all columns that tell them apart, such as frequency, recency and T, a row a kind."
            )
            raise CustomersError(message)

    def all_buyers(self) -> LazyBuyers:
        """Look at every purchase of each customer, the first included."""
        return LazyBuyers(self, "all")

    def repeat_buyers(self) -> LazyBuyers:
        """Look at the purchases after each customer's first."""
        return LazyBuyers(self, "repeat")

    def _letter(self, name: str) -> nw.Expr:
        """A column by the letter of the papers."""
        if name not in LETTERS or LETTERS[name] not in self.table.collect_schema().names():
            message = f"These customers don't tell {name}{f', the column {LETTERS[name]}' if name in LETTERS else ''}."
            raise CustomersError(message)
        if name not in TIMES:
            return nw.col(LETTERS[name])
        recency, age = nw.col("recency"), nw.col("T")
        return self.grain.time_of(nw.when(recency < age).then(recency).otherwise(age) if name == "t_x" else age)

    def counted(self, told: Mapping[str, nw.Expr], view: View | None = None) -> Kinds:
        """Bring home the distinct rows of some columns, with how many customers have each."""
        names = list(told)
        groups = self.table.select(**told).group_by(*names).agg(nw.len().alias("customers"))
        found = gathered(groups.head(MOST + 1))
        if len(found) > MOST:
            message = (
                f"These customers have more than {MOST:,} different histories, too many to be brought home. Round them, as "
                "in customers.rounded(time=0.05), or customers.rounded(spend=0.001) for a model of spend."
            )
            raise CustomersError(message)
        columns = {name: found.get_column(name).to_numpy().astype(np.float64) for name in names}
        weights = found.get_column("customers").to_numpy().astype(np.float64)
        order = np.lexsort([columns[name] for name in reversed(names)])
        notes = (*self.notes, *self.grain.sentences(self.unit))
        return Kinds({n: c[order] for n, c in columns.items()}, weights[order], self.unit, notes, view, self.grain)

    def _check(self) -> None:
        """Check every row in one pass, and name the first customers of those that can't be."""
        wrong = self._faults()
        flags = {f"fault{k}": fault.cast(nw.Int64) for k, (fault, _) in enumerate(wrong)}
        counts = gathered(self.table.select(**flags).select(nw.len().alias("rows"), nw.col(*flags).sum())).rows()[0]
        if not counts[0]:
            message = "There are no customers here. Was the table filtered too far?"
            raise CustomersError(message)
        for number, (fault, (wording, advice)) in zip(counts[1:], wrong, strict=True):
            if number:
                ids = self.table.filter(fault).select("customer_id").sort("customer_id").head(SHOWN + 1)
                named = naming(gathered(ids).get_column("customer_id").to_list())
                one, _, several = wording.partition("|")
                message = f"{int(number):,} {one if number == 1 else several} {named}. {advice}"
                raise CustomersError(message)

    def _faults(self) -> list[Fault]:
        """What may be wrong with a row, and its words, in the order in which it is said."""
        names = _told(self.table)
        x, t_x, t = (nw.col(name) for name in HISTORY)
        found = [(nw.col("customer_id").is_null(), faults.NO_ID)]
        found += [(nw.col(name).is_null() | ~nw.col(name).is_finite(), (gap_of(name), GAP)) for name in names]
        found += [(nw.col(name) < 0, faults.negative(name)) for name in names if name != "litt"]
        found += [(x != x.floor(), faults.FRACTION), (t_x > t * (1 + faults.ROUNDING), faults.BEYOND)]
        found += [((x == 0) & (t_x > 0), faults.ONCE)]
        if "monetary_value" in names:
            found.append(((x == 0) & (nw.col("monetary_value") > 0), faults.SPENT))
        if "litt" in names:
            found.append((_no_gaps(x, t_x, nw.col("litt")), faults.GAPS))
        return found


@dataclass(frozen=True, eq=False)
class LazyBuyers:
    """The purchases of each customer that a spend model sees: the repeat purchases, or all of them; see `Buyers`.

    Attributes
    ----------
    customers
        the customers that are looked at
    view
        ``"repeat"`` for the purchases after the first, ``"all"`` for every purchase
    """

    customers: LazyCustomers
    view: View

    def kinds(self, names: Sequence[str]) -> Kinds:
        """Bring home how many customers have how many purchases x of which mean value m."""
        x, m = self._seen()
        tells, nothing = (x > 0) & (m > 0), nw.lit(0.0)
        mean = self.customers.grain.spend_of(nw.when(tells).then(m).otherwise(nw.lit(1.0)))
        told = {"x": nw.when(tells).then(x).otherwise(nothing), "m": nw.when(tells).then(mean).otherwise(nothing)}
        return self.customers.counted({name: told[name] for name in names}, self.view)

    def _seen(self) -> tuple[nw.Expr, nw.Expr]:
        """Purchases and their mean value."""
        need(self.customers.table, SPEND if self.view == "all" else SPEND[:1], CustomersError)
        repeats, mean, first = nw.col("frequency"), nw.col("monetary_value"), nw.col("first_value")
        if self.view == "repeat":
            return repeats, mean
        return repeats + 1.0, (first + repeats * mean) / (repeats + 1.0)


def _told(table: nw.LazyFrame[Any]) -> list[str]:
    """The columns of histories and spend that a table has."""
    has = table.collect_schema().names()
    return [name for name in NUMBERS if name in has]


def _no_gaps(x: nw.Expr, t_x: nw.Expr, litt: nw.Expr) -> nw.Expr:
    """Whether no gaps can have such a sum of logs: gaps of one length have the largest."""
    several = (x > 0) & (t_x > 0)
    ratio = nw.when(several).then(t_x / x).otherwise(nw.lit(1.0))
    most = x * ratio.log()
    slack = faults.LOOSE * (1.0 + x + most.abs())
    return (litt > most + slack) | ((x <= 1) & (litt < most - slack)) | ((x > 0) & (t_x == 0))
