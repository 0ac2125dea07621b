"""A timeline: repeat purchases period by period, before a date and after it, beside what fits expect of them.

Up to the date fits are asked of strangers: of as many customers who began when these did, and were watched for as long; what
is drawn of them counts the purchases of each in the periods of the calendar. After it they are asked of these customers,
given what each had done by then, as a forecast is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.contract import HasFuture, HasPurchases
from clvmodels.customers import Customers
from clvmodels.data.dates import PER_DAY
from clvmodels.data.reading import LogReader
from clvmodels.data.summary import customers_of, elapsed, without_refunded
from clvmodels.data.transactions import up_to
from clvmodels.errors import LogError, QuestionError, counted
from clvmodels.estimate import as_probability
from clvmodels.evaluate.pictures import LINE, axes, legend, plain, styles
from clvmodels.following.hindsight import happened
from clvmodels.following.outlook import forecast
from clvmodels.following.periods import Base
from clvmodels.plots.several import named, unit_of
from clvmodels.questions.asking import seeded
from clvmodels.questions.purchases import BUYS, FUTURE
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date as Date  # noqa: N812

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clvmodels.data.dates import Resolution
    from clvmodels.data.transactions import Purchases
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array
    from clvmodels.plots.several import Fits
    from clvmodels.units import Unit

ROUNDING = 1e-9
"""How far, relatively, a time may lie beyond the end of a period before it is one of the next."""


@dataclass(frozen=True, eq=False)
class Timeline:
    """Repeat purchases of the customers known at a date, period by period.

    Attributes
    ----------
    customers
        how many there are
    ends
        the last moment of each period (periods,)
    before
        how many periods lie before the date
    actual
        repeat purchases in each (periods,)
    expected
        what is expected of each period, by the name of the fit (periods,)
    outcome
        draws of what might have come of it, and of what might come (periods, draws)
    every, unit
        how long a period is
    notes
        what a reader must know, in sentences
    """

    customers: int
    ends: NDArray[np.datetime64] = field(repr=False)
    before: int
    actual: Array = field(repr=False)
    expected: Mapping[str, Array] = field(repr=False)
    outcome: Mapping[str, Array] = field(repr=False)
    every: float
    unit: Unit
    notes: tuple[str, ...] = ()

    def frame(self, prob: float = 0.9, *, cumulative: bool = False) -> pd.DataFrame:
        """Tabulate it, a row a model and period; or, cumulative, what is bought until the end of each.

        Columns: model; end, the last moment of the period; part, "calibration" or "holdout"; actual and expected repeat
        purchases, with the predictive interval low to high. Cumulative, a forecast begins with what was known at the date.
        """
        tail = 0.5 * (1.0 - as_probability(prob))
        part = np.where(np.arange(len(self.ends)) < self.before, "calibration", "holdout")
        tables: list[pd.DataFrame] = []
        for model, expected in self.expected.items():
            actual, mean, drawn = (
                self._so_far(values[:, None] if values.ndim == 1 else values) if cumulative else values
                for values in (self.actual, expected, self.outcome[model])
            )
            low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=1)
            told = {"actual": np.ravel(actual), "expected": np.ravel(mean), "low": low, "high": high}
            tables.append(pd.DataFrame({"model": model, "end": self.ends, "part": part, **told}))
        return pd.concat(tables, ignore_index=True)

    def _so_far(self, values: Array) -> Array:
        """Add up from period to period; what is forecast, from what had happened by then."""
        known = self.actual[: self.before].sum()
        return np.vstack([np.cumsum(values[: self.before], axis=0), known + np.cumsum(values[self.before :], axis=0)])

    def _known(self) -> pd.DataFrame:
        """What had been bought at the date, from which a cumulative forecast begins."""
        known = self.actual[: self.before].sum()
        return pd.DataFrame({"end": [self.ends[self.before - 1]], "expected": known, "low": known, "high": known})

    def plot(self, ax: Axes | None = None, prob: float = 0.9, *, cumulative: bool = False) -> Axes:
        """Draw what was bought in each period, or so far, and what each fit expects of it, with its band."""
        from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415  (a second to load)

        length = f"{self.unit}" if self.every == 1.0 else f"{self.every:.4g} {self.unit}s"
        up = "Repeat purchases so far" if cumulative else f"Repeat purchases per {length}"
        ax = axes(ax, f"{up}, of {counted(self.customers, 'customer')}", "", up)
        told = self.frame(prob, cumulative=cumulative)
        for name, style in styles(self.expected):
            for part, label in (("calibration", f"{name}, {prob:.0%}"), ("holdout", None)):
                mine = told.loc[(told["model"] == name) & (told["part"] == part)]
                if cumulative and part == "holdout":
                    mine = pd.concat([self._known(), mine])
                ax.fill_between(mine["end"], mine["low"], mine["high"], color=style.colour, alpha=0.2, linewidth=0.0)
                ax.plot(mine["end"], mine["expected"], color=style.colour, linestyle=style.line, linewidth=1.5, label=label)
        ax.plot(self.ends, told["actual"][: len(self.ends)], ".-", color=LINE, linewidth=0.8, markersize=4.0, label="actual")
        ax.axvline(self.ends[self.before - 1], color=LINE, linewidth=0.9, linestyle=(0, (2, 2)))
        ax.xaxis.set_major_locator(locator := AutoDateLocator())
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        ax.yaxis.set_major_formatter(plain)
        ax.set_ylim(bottom=0.0)
        return legend(ax, "upper left" if cumulative else "best")


def timeline(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    fits: Fits,
    *,
    at: str | Date,
    until: str | Date | None = None,
    every: float = 1.0,
    customer_id: str = "customer_id",
    date: str = "date",
    value: str | None = "value",
    resolution: str = "day",
    timezone: str | None = None,
    date_format: str | None = None,
    refunds: str = "error",
    draws: int = 200,
    seed: int | None = None,
) -> Timeline:
    """Follow the repeat purchases of a log, before a date and after it, beside what one fit or several expect.

    Parameters
    ----------
    log, customer_id, date, value, resolution, timezone, date_format, refunds
        as in ``rfm_summary``
    fits
        one, a list of them, or a dict by name, that have learned from the customers known at the date
    at
        the last bucket of the calibration, as in ``split``
    until
        the last bucket of the holdout, by default the last one in the log; a period that isn't over by then is left out
    every
        how long a period is, in the unit of the fits; the first may be shorter, for one ends at the date
    draws
        how many bases to draw for the bands
    seed
        of these bases

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.cdnow(sample=True)
    >>> customers, _ = clv.split(log, at="1997-09-30", until="1998-06-30")
    >>> fit = clv.fit(clv.BGNBD(), customers, seed=1)
    >>> found = clv.plots.timeline(log, fit, at="1997-09-30", until="1998-06-30", seed=1)
    >>> found.frame().groupby("part", as_index=False)[["actual", "expected"]].sum().round(-1)
              part  actual  expected
    0  calibration  2460.0    2490.0
    1      holdout  1880.0    1650.0
    """
    several = named(fits)
    unit = unit_of(several)
    for fit in several.values():
        fit.able(HasPurchases, BUYS)
        fit.able(HasFuture, FUTURE)
    reader = LogReader(customer_id, date, value, resolution, timezone, date_format, refunds)
    purchases, cut = reader.read(log), reader.moment(at, "at")
    end = purchases.last if until is None else reader.moment(until, "until")
    ahead = _ahead(float(elapsed(np.array(end - cut), purchases.resolution, unit)), every, unit)
    kept, _ = without_refunded(up_to(purchases, cut, "at")[0], cut)
    customers, calibration = customers_of(kept, cut, unit, ()), _Calibration.of(kept, cut, every, unit)
    rng = np.random.default_rng(seeded(seed))
    asked: dict[str, Any] = {"periods": ahead, "every": every, "customers": customers, "observation_end": at, "draws": draws}
    later = {name: forecast(fit, **asked, seed=int(rng.integers(2**32))) for name, fit in several.items()}
    before = {name: calibration.strangers(fit, draws, int(rng.integers(2**32))) for name, fit in several.items()}
    then = happened(next(iter(later.values())), purchases, end)
    return Timeline(
        len(customers),
        _dates(cut, purchases.resolution, every * np.arange(1.0 - calibration.periods, ahead + 1.0), unit),
        calibration.periods,
        np.r_[calibration.actual, then.actual["purchases"]],
        {name: np.r_[mean, later[name].expected["purchases"].mean(axis=1)] for name, (mean, _) in before.items()},
        {name: np.vstack([drawn, later[name].outcome["purchases"]]) for name, (_, drawn) in before.items()},
        every,
        unit,
        tuple(note for name, fit in several.items() for note in _learned(name, fit, customers)),
    )


def _ahead(length: float, every: float, unit: Unit) -> int:
    """How many whole periods there are in the time after the date."""
    if not every > 0.0:
        message = f"every = {every} can't be: it is the length of a period in {unit}s, above 0."
        raise QuestionError(message)
    if length * (1.0 + ROUNDING) < every:
        message = f"There is no period of {every:g} {unit}s between at= and until=: say a later until=, or a shorter every=."
        raise LogError(message)
    return int(length / every * (1.0 + ROUNDING))


@dataclass(frozen=True, eq=False)
class _Calibration:
    """The time before the date: its periods, and how many customers began when.

    Attributes
    ----------
    actual
        repeat purchases in each period (periods,)
    began
        how long before the date cohorts of customers began, in ``unit`` (cohorts,)
    number
        how many customers each has (cohorts,)
    every, unit
        how long a period is
    """

    actual: Array
    began: Array
    number: NDArray[np.intp]
    every: float
    unit: Unit

    @classmethod
    def of(cls, kept: Purchases, cut: int, every: float, unit: Unit) -> _Calibration:
        """Count the repeat purchases up to the bucket ``cut``."""
        starts = kept.starts()
        back = elapsed(cut - kept.bucket, kept.resolution, unit)
        periods = int(np.floor(back.max() / every * (1.0 + ROUNDING))) + 1
        place = periods - 1 - np.floor(back / every * (1.0 + ROUNDING)).astype(np.intp)
        again = np.ones(len(back), dtype=bool)
        again[starts] = False
        began, number = np.unique(back[starts], return_counts=True)
        return cls(np.bincount(place[again], minlength=periods).astype(float), began, number, every, unit)

    @property
    def periods(self) -> int:
        """How many there are."""
        return len(self.actual)

    def strangers(self, fit: Fit, draws: int, seed: int) -> tuple[Array, Array]:
        """What is expected of as many who begin when these did, by period (periods,), and draws of it (periods, draws)."""
        mean, drawn = np.zeros(self.periods), np.zeros((self.periods, draws if fit.is_point else min(draws, len(fit.draws))))
        until = -self.every * np.arange(self.periods - 1, -1, -1.0)
        for cohort, (began, number) in enumerate(zip(self.began, self.number, strict=True)):
            mine = until + began > 0.0
            if mine.any():
                nothing, ends = np.zeros(number), (until + began)[mine]
                base = Base.of(fit, None, Customers.from_arrays(nothing, nothing, nothing, unit=self.unit), draws)
                mean[mine] += base.expected(ends)[0].mean(axis=1)
                drawn[mine] += base.repeated(draws).drawn(ends, seed + cohort)[0]
        return mean, drawn


def _learned(name: str, fit: Fit, customers: Customers) -> tuple[str, ...]:
    """Say where a fit has learned from others than those known at the date."""
    known = fit.customers
    if not isinstance(known, Customers):
        return ()
    if len(known) == len(customers) and np.isclose(known.T.max(), customers.T.max()):
        return ()
    return (f"{name} has learned from {counted(len(known), 'customer')}, and not from those known at the date alone.",)


def _dates(cut: int, resolution: Resolution, lengths: Array, unit: Unit) -> NDArray[np.datetime64]:
    """The last moments of periods that end at some times after the date: the minutes before the next begin."""
    minutes = PER_DAY["minute"]
    last = (cut + 1) * minutes // PER_DAY[resolution] - 1
    steps = np.round(lengths * DAYS[unit] * minutes).astype(np.int64)
    return (last + steps).astype("datetime64[m]").astype("datetime64[s]")
