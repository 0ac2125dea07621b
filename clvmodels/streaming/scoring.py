"""Scoring: customers valued a batch at a time, in the memory of one, by what was learned from others.

A scorer knows what was learned and on which terms, and nobody in person. Batches are cut anew into equal ones, so that the
callers' cuts don't matter; and each customer's outcome is drawn from the seed and from her own row, so that neither her
neighbours do, nor where she stands: the same customer has the same score in every engine, file and run.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial, reduce
from math import inf
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np

from clvmodels.customers import Customers
from clvmodels.economics.amounts import columns_of
from clvmodels.economics.assumptions import Economics
from clvmodels.economics.flows import agreed
from clvmodels.economics.valuation import COLUMNS, DRAWS, value
from clvmodels.engines.kinds import Kinds
from clvmodels.engines.lazy import HISTORY, NUMBERS, LazyCustomers
from clvmodels.errors import CustomersError
from clvmodels.frames import eager, need
from clvmodels.questions.asking import as_span, seeded
from clvmodels.stacking import Stack
from clvmodels.streaming.batches import recut, tables
from clvmodels.streaming.sums import Sums
from clvmodels.units import as_unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd
    from pyarrow import RecordBatch, Table

    from clvmodels.economics.assumptions import Rate
    from clvmodels.economics.valuation import Valuation
    from clvmodels.fitted import Fit
    from clvmodels.units import Unit

CHUNK = 65_536
"""Rows that are valued at once."""

LONGER = 4.0
"""How many times as long as those known before a customer may have been watched before it is asked in what unit."""


@dataclass(frozen=True, eq=False)
class Scorer:
    """What it takes to value whoever comes; see ``clv.scorer``, ``worth.scorer`` and ``clv.load``.

    Attributes
    ----------
    fit, spend
        Of purchases and of spend, without the customers that they were fitted to.
    horizon
        In the unit of the fits.
    discount, economics
        As given.
    draws, seed
        Of the outcomes.
    longest
        For how long the longest known of the customers was watched, in the unit of the fits.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit, spend = clv.fit(clv.BGNBD(), customers, seed=1), clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> [(batch.num_rows, batch.num_columns) for batch in worth.score(customers)]
    [(2357, 9)]
    """

    fit: Fit | Stack
    spend: Fit
    horizon: float
    discount: Rate
    economics: Economics
    draws: int
    seed: int
    longest: float

    @property
    def unit(self) -> Unit:
        """The unit of time."""
        return self.fit.unit

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that its terms are taken from."""
        return tuple(dict.fromkeys([*self.economics.columns, *columns_of([self.discount.rate])]))

    def value(self, customers: Customers, attributes: Any = None) -> Valuation:  # noqa: ANN401
        """Value customers who are all at hand, with totals and all else that a `Valuation` tells."""
        return value(
            self.fit,
            self.spend,
            horizon=self.horizon,
            discount=self.discount,
            economics=self.economics,
            customers=customers,
            attributes=attributes,
            draws=self.draws,
            seed=self.seed,
        )

    def score(self, batches: Any, unit: str | None = None, prob: float = 0.9) -> Iterator[RecordBatch]:  # noqa: ANN401
        """Value customers as they come, each when her turn is: record batches of the rows of ``Valuation.frame``.

        Parameters
        ----------
        batches
            Arrow record batches, or frames that speak Arrow, one after the other; or a table that gives such: of pandas,
            polars (lazy or not), pyarrow, DuckDB; `Customers` or `LazyCustomers`, fastest `ordered`. A row a customer:
            customer_id, frequency, recency, T, monetary_value, first_value, litt where the model needs it, and the columns
            that the economics name. An id that comes twice within what is valued at once (65,536 rows) is refused; further
            apart, nobody notices, for that would take a table of all ids in memory.
        unit
            In which their times are told; where nobody says, the unit of the fits, unless times are too long for that.
        prob
            Of the intervals.
        """
        parts = self._valued(batches, unit)
        return (batch for worth in parts for batch in replace(worth, apart=True).frame(prob).to_batches())

    def total(
        self,
        batches: Any,  # noqa: ANN401
        unit: str | None = None,
        prob: float = 0.9,
        by: str | Sequence[str] = (),
    ) -> pd.DataFrame:
        """Value customers as they come, and return what they are worth together: the table of ``Valuation.total``.

        Scores can't be added up for it: intervals of sums are no sums of intervals. Here each draw's total is, of all
        customers or of each group of them.

        Parameters
        ----------
        batches, unit, prob
            As in `score`.
        by
            Columns of the batches: a row for each of their groups.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
        >>> fit, spend = clv.fit(clv.BGNBD(), customers, seed=1), clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
        >>> scorer = clv.scorer(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
        >>> scorer.total(customers).round(-3)
                     mean      low     high
        expected  71000.0  65000.0  77000.0
        outcome   71000.0  63000.0  80000.0
        """
        columns = (by,) if isinstance(by, str) else tuple(by)
        parts = self._valued(batches, unit, columns)
        sums = (Sums.of(replace(worth, seed=_seed(self.seed, k)), columns) for k, worth in enumerate(parts))
        found = next(sums, None)
        if found is None:
            message = "There are no customers here, so they are worth nothing together. Was the table filtered too far?"
            raise CustomersError(message)
        return reduce(Sums.__add__, sums, found).frame(prob)

    def check(self, unit: str | None) -> None:
        """Refuse rows that are told in another unit."""
        if unit is not None and as_unit(unit) != self.unit:
            message = f"These rows are told in {unit}s and the valuation in {self.unit}s: summarise the log in {self.unit}s."
            raise CustomersError(message)

    def spark(self, frame: Any, unit: str | None = None, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Value the customers of a frame of Spark, in Spark: a frame with a row a customer.

        ``frame.mapInArrow(worth.score, schema)`` does the same. Spark's workers run the first ``python3`` of the path unless
        PYSPARK_PYTHON says otherwise; where nobody has said, they are told to run this one, which has this package.
        """
        from clvmodels.engines.tables import mapped  # noqa: PLC0415  (asked for by few)

        return mapped(frame, partial(self.score, unit=unit, prob=prob), COLUMNS)

    def save(self, path: str | Path) -> None:
        """Write it to a file that `clvmodels.load` reads: numbers and text, nothing that runs, nobody in person."""
        from clvmodels.storage import save_scorer  # noqa: PLC0415  (storage knows scorers)

        save_scorer(self, path)

    def _valued(self, batches: Any, unit: str | None, besides: tuple[str, ...] = ()) -> Iterator[Valuation]:  # noqa: ANN401
        """Value customers a table at a time, all tables of one length."""
        columns = tuple(dict.fromkeys([*self.columns, *besides]))
        if isinstance(batches, LazyCustomers):
            batches, unit = only(batches.table, columns).to_native(), batches.unit
        elif isinstance(batches, Customers):
            batches, unit = nw.from_native(batches.frame()).to_arrow(), batches.unit
        self.check(unit)
        needed = (only(eager(part, CustomersError), columns).to_native() for part in tables(batches) if len(part))
        return (self._valuation(part, columns, sure=unit is not None) for part in recut(needed, CHUNK))

    def _valuation(self, part: Table, columns: tuple[str, ...], *, sure: bool) -> Valuation:
        """Value the customers of one table, of whom some columns are known besides."""
        customers = Customers.from_frame(part, unit=self.unit)
        longest = float(customers.T.max())
        if not sure and longest > LONGER * self.longest:
            message = (
                f"T is up to {longest:.6g} in these rows, where the valuation knows customers of {self.longest:.6g} "
                f"{self.unit}s at most. Are they told in another unit? If they are in {self.unit}s, say unit={self.unit!r}."
            )
            raise CustomersError(message)
        return self.value(customers, part.select(["customer_id", *columns]) if columns else None)


def scorer(  # noqa: PLR0913
    fit: Fit | Stack,
    spend: Fit,
    *,
    horizon: float,
    discount: Rate,
    economics: Economics | None = None,
    draws: int = DRAWS,
    seed: int | None = None,
) -> Scorer:
    """Combine a purchase fit with a spend fit into what values whoever comes, such as customers who stay in an engine.

    Parameters
    ----------
    fit, spend, horizon, discount, economics, draws, seed
        as in ``value``

    Examples
    --------
    >>> import duckdb
    >>> import clvmodels as clv
    >>> log = clv.datasets.cdnow(sample=True)
    >>> everybody = clv.lazy_summary(duckdb.from_df(log), observation_end="1997-09-30")
    >>> fit, spend = clv.fit(clv.BGNBD(), everybody, seed=1), clv.fit(clv.GammaGamma(), everybody.all_buyers(), seed=1)
    >>> scores = clv.scorer(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1).score(everybody)
    >>> sum(batch.num_rows for batch in scores)
    2357
    """
    agreed(fit, spend, discount)
    purchases = replace(fit, fits=tuple(map(alone, fit.fits))) if isinstance(fit, Stack) else alone(fit)
    told = [one.customers.letters() for one in (fit, spend) if one.customers is not None]
    longest = max((float(letters["T"].max()) for letters in told if "T" in letters), default=inf)
    terms = as_span(horizon, "horizon", endless=True), discount, economics or Economics(), draws, seeded(seed)
    return Scorer(purchases, alone(spend), *terms, longest)


def _seed(seed: int, place: int) -> int:
    """A seed for the outcomes of each table: strangers don't buy in step."""
    return int(np.random.SeedSequence((seed, place)).generate_state(1, np.uint64)[0])


def only(table: Any, columns: tuple[str, ...]) -> Any:  # noqa: ANN401
    """Leave out what no score follows from."""
    need(table, ("customer_id", *HISTORY, *columns), CustomersError)
    needed = ("customer_id", *NUMBERS, *columns)
    return table.select([name for name in table.collect_schema().names() if name in needed])


def alone(fit: Fit) -> Fit:
    """Leave behind the customers that a fit was fitted to, and keep what was said of them."""
    told, nothing = fit.customers, np.zeros(0)
    if told is None:
        return fit
    nobody = Kinds(dict.fromkeys(fit.model.history, nothing), nothing, fit.unit, told.notes, fit.view)
    return replace(fit, customers=nobody, stats={})
