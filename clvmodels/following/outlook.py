"""Outlook: what the existing base will buy from period to period, with a band: what a budget needs.

*Expected* purchases and revenue are means over everything that customers may do; their interval is credible: how far the
parameters are known. *Outcomes* are what they will really do; theirs is predictive, and is what a period's result should be
held against. Revenue is turnover, undiscounted, as in a budget. Customers yet to come are not in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasFuture, HasPurchases, HasSpend
from clvmodels.customers import Customers
from clvmodels.data.reading import LogReader
from clvmodels.economics.valuation import DRIFT
from clvmodels.errors import QuestionError, counted
from clvmodels.estimate import as_probability
from clvmodels.evaluate.pictures import EXPECTED, axes, dated, plain
from clvmodels.following.hindsight import happened
from clvmodels.following.periods import Base
from clvmodels.following.schedule import scheduled
from clvmodels.questions.asking import seeded
from clvmodels.questions.purchases import BUYS, FUTURE
from clvmodels.questions.spending import WHAT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date as Date  # noqa: N812

    import pandas as pd
    from matplotlib.axes import Axes

    from clvmodels.evaluate.shock import Shock
    from clvmodels.fitted import Fit
    from clvmodels.following.hindsight import Hindsight
    from clvmodels.following.schedule import Schedule
    from clvmodels.kernels.lift import Array
    from clvmodels.stacking import Stack

DRAWS, FEWEST, CELLS = 1000, 200, 2 * 10**8
"""Draws of the posteriors that a forecast goes through unless told otherwise: fewer of many customers, whose total is surer,
so that customers times draws are no more than `CELLS`; but never fewer than `FEWEST`."""

FEW = "Bands are of {draws:,} draws, fewer than usual, for there are {customers:,} customers: say draws= for more."


@dataclass(frozen=True, eq=False)
class Outlook:
    """What customers will buy in each of some periods ahead, all of them together.

    Attributes
    ----------
    schedule
        the periods
    customers
        the base
    expected
        of ``"purchases"`` and, where spend is known, ``"revenue"``, in each period: (periods, draws)
    outcome
        what will really come of them, drawn: (periods, draws)
    certain
        whether the expectations are those of a single point of the parameters, and so have no interval
    seed
        of the outcomes
    notes
        what a reader must know, in sentences
    """

    schedule: Schedule
    customers: Customers
    expected: Mapping[str, Array] = field(repr=False)
    outcome: Mapping[str, Array] = field(repr=False)
    certain: bool
    seed: int
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Count the periods."""
        return len(self.schedule.ends)

    def __repr__(self) -> str:
        """Say how much is expected of whom in how long a time."""
        told = ", ".join(f"{name} {drawn.sum(axis=0).mean():,.0f}" for name, drawn in self.expected.items())
        ahead = f"{self.schedule.ends[-1]:.4g} {self.schedule.unit}s"
        return f"Outlook({counted(len(self.customers), 'customer')}, {counted(len(self), 'period')} to {ahead}: {told})"

    def frame(self, prob: float = 0.9, *, cumulative: bool = False) -> pd.DataFrame:
        """Tabulate it, a row a period; or, cumulative, what is bought until the end of each.

        Columns: those of the schedule; then purchases and, where spend is known, revenue, each with the credible interval
        of its expectation, ``_low`` to ``_high``, and the predictive one of what will really come, ``_outcome_low`` to
        ``_outcome_high``.
        """
        columns: dict[str, Array] = {}
        for name, drawn in self.expected.items():
            low, high = _ends(_so_far(drawn, cumulative), prob)
            columns[name] = _so_far(drawn, cumulative).mean(axis=1)
            columns[f"{name}_low"], columns[f"{name}_high"] = (
                end * (np.nan if self.certain else 1.0) for end in (low, high)
            )
            low, high = _ends(_so_far(self.outcome[name], cumulative), prob)
            columns[f"{name}_outcome_low"], columns[f"{name}_outcome_high"] = low, high
        return self.schedule.frame().assign(**columns)

    def plot(self, ax: Axes | None = None, what: str | None = None, prob: float = 0.9, *, cumulative: bool = False) -> Axes:
        """Draw what is expected of ``what`` (revenue, if it is known), over the bands of expectation and outcome."""
        what = what or list(self.expected)[-1]
        if what not in self.expected:
            message = f"{what!r} isn't forecast here. Say one of {', '.join(self.expected)}."
            raise QuestionError(message)
        told, place = self.frame(prob, cumulative=cumulative), np.arange(len(self))
        so_far = " so far" if cumulative else ""
        ax = axes(ax, f"{what.capitalize()} of {counted(len(self.customers), 'customer')}{so_far}", "", what.capitalize())
        if self.schedule.begins is None and self.schedule.names[0] == "1":
            ax.set_xlabel(f"Period of {self.schedule.ends[0]:.4g} {self.schedule.unit}s")
        for kind, alpha, label in (("_outcome", 0.18, "outcome"), ("", 0.35, "expectation"))[: 1 if self.certain else 2]:
            low, high = (told[f"{what}{kind}_{end}"].to_numpy() for end in ("low", "high"))
            ax.bar(place, high - low, 0.7, low, color=EXPECTED, alpha=alpha, label=f"{label}, {prob:.0%}")
        ax.hlines(told[what], place - 0.35, place + 0.35, color=EXPECTED, linewidth=1.8, label="expected")
        ax.yaxis.set_major_formatter(plain)
        ax.set_ylim(bottom=0.0)
        ax.legend(frameon=False, loc="upper left" if cumulative else "lower left")
        return dated(ax, self.schedule.names)

    def widen(self, shock: Shock, seed: int | None = None) -> Outlook:
        """Return it with bands that know of common shocks, as a backtest has shown them: one shock a draw, for all periods.

        >>> import clvmodels as clv
        >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
        >>> later = clv.forecast(clv.fit(clv.BGNBD(), customers, seed=1), periods=3, every=13, seed=1)
        >>> later.widen(clv.Shock(sd=0.1, origins=3), seed=1).notes[-1]
        'Bands have a common shock of 10 %.'
        """
        common = shock.widened(np.ones(next(iter(self.outcome.values())).shape[1]), seed)
        outcome = {name: drawn * common for name, drawn in self.outcome.items()}
        notes = tuple(note for note in self.notes if note != DRIFT)
        return replace(self, outcome=outcome, notes=(*notes, f"Bands have a common shock of {100.0 * shock.sd:.0f} %."))

    def against(  # noqa: PLR0913
        self,
        log: Any,  # noqa: ANN401
        *,
        customer_id: str = "customer_id",
        date: str = "date",
        value: str | None = "value",
        until: str | Date | None = None,
        resolution: str = "day",
        timezone: str | None = None,
        date_format: str | None = None,
        refunds: str = "error",
    ) -> Hindsight:
        """Hold it beside what the same customers have bought since, by a later log.

        Parameters
        ----------
        log, customer_id, date, value, resolution, timezone, date_format, refunds
            as in ``rfm_summary``; rows from before the forecast, and of customers who came later, do no harm
        until
            the last bucket that the log knows, by default the last one in it; a period that ends later isn't judged

        Examples
        --------
        >>> import clvmodels as clv
        >>> log = clv.datasets.cdnow(sample=True)
        >>> customers = clv.rfm_summary(log, observation_end="1997-09-30")
        >>> fit = clv.fit(clv.BGNBD(), customers, seed=1)
        >>> later = clv.forecast(fit, periods=3, every="quarter", observation_end="1997-09-30", seed=1)
        >>> found = later.against(log, until="1998-06-30").frame()
        >>> found[["period", "purchases_actual", "purchases_within"]]
            period  purchases_actual  purchases_within
        0  1997-Q4             731.0             False
        1  1998-Q1             656.0             False
        2  1998-Q2             495.0              True
        """
        reader = LogReader(customer_id, date, value, resolution, timezone, date_format, refunds)
        return happened(self, reader.read(log), None if until is None else reader.moment(until, "until"))


def forecast(  # noqa: PLR0913
    fit: Fit | Stack,
    spend: Fit | None = None,
    *,
    periods: int,
    every: float | str,
    customers: Customers | None = None,
    observation_end: str | Date | None = None,
    draws: int | None = None,
    seed: int | None = None,
) -> Outlook:
    """Forecast what the existing base will buy in each of some periods, and for how much.

    Parameters
    ----------
    fit, spend
        of a purchase model (or a stack of such) and, unless purchases alone are asked for, of a spend model
    periods
        how many
    every
        how long each is, in the unit of the customers; or a period of the calendar: ``"week"``, ``"month"``,
        ``"quarter"``, ``"half-year"``, ``"year"``, of which the first is what is left of it after ``observation_end``
    customers
        the base; by default those that the purchase model was fitted to
    observation_end
        the last bucket that the customers' histories know, as it was said to ``rfm_summary``: gives the periods their dates
    draws
        how many draws of the two posteriors to go through (all of them if there are fewer); of points, how many outcomes; by
        default 1,000, and fewer of more than 200,000 customers, 200 from a million on
    seed
        of the outcomes

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.BGNBD(), customers, seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> later = clv.forecast(fit, spend, periods=4, every=13, seed=1)
    >>> later.frame()[["until", "purchases", "purchases_outcome_low", "purchases_outcome_high", "revenue"]].round()
       until  purchases  purchases_outcome_low  purchases_outcome_high  revenue
    0   13.0      628.0                  571.0                   690.0  22428.0
    1   26.0      543.0                  477.0                   608.0  19337.0
    2   39.0      482.0                  414.0                   552.0  17132.0
    3   52.0      436.0                  366.0                   509.0  15462.0
    """
    for one in fit.members:
        one.able(HasPurchases, f"{BUYS}: forecast() takes a purchase fit, then a spend fit")
        one.able(HasFuture, FUTURE)
    base = fit.customers if customers is None else customers
    if not isinstance(base, Customers):
        message = "Say whose purchases: this purchase fit was fitted to nobody, so pass customers=."
        raise QuestionError(message)
    if spend is not None:
        spend.able(HasSpend, f"{WHAT}: forecast() takes a purchase fit, then a spend fit")
        if fit.unit != spend.unit:
            message = f"The purchase fit is in {fit.unit}s and the spend fit in {spend.unit}s: bring them to one unit."
            raise QuestionError(message)
        spend.expected_spend(base)
    fewer = max(min(DRAWS, CELLS // len(base)), FEWEST)
    few = () if draws is not None or fewer == DRAWS else (FEW.format(draws=fewer, customers=len(base)),)
    draws = fewer if draws is None else draws
    schedule = scheduled(periods, every, observation_end, fit.unit)
    known = sum(len(one.draws) for one in fit.members)
    shares = [max(round(draws * len(one.draws) / known), 1) for one in fit.members]
    bases = [Base.of(one, spend, base, share) for one, share in zip(fit.members, shares, strict=True)]
    expected, outcome = _foreseen(bases, shares, np.array(schedule.ends), seed := seeded(seed))
    return Outlook(schedule, base, expected, outcome, bases[0].certain, seed, (*_notes(fit, spend, base), *few))


def _foreseen(bases: Sequence[Base], draws: Sequence[int], ends: Array, seed: int) -> tuple[dict[str, Array], ...]:
    """Go through the draws of all members of a fit: what is expected in each period, and what comes of it."""
    expected = [base.expected(ends) for base in bases]
    shared = enumerate(zip(bases, draws, strict=True), start=seed)
    outcome = [base.repeated(share).drawn(ends, place) for place, (base, share) in shared]
    names = ("purchases",) if bases[0].spend is None else ("purchases", "revenue")
    return tuple(dict(zip(names, np.concatenate(each, axis=2), strict=False)) for each in (expected, outcome))


def _notes(fit: Fit | Stack, spend: Fit | None, customers: Customers) -> tuple[str, ...]:
    """Say what a reader must know: of the data, the fits, the models and the totals."""
    spends = () if spend is None else (spend,)
    seen = customers if spend is None else spend.seen(customers)
    warnings = (warning for one in (fit, *spends) for warning in one.record.warnings)
    caveats = dict.fromkeys(caveat for one in (*fit.members, *spends) for caveat in one.model.caveats)
    return (*seen.notes, *warnings, *caveats, DRIFT)


def _so_far(drawn: Array, cumulative: bool) -> Array:  # noqa: FBT001
    return np.cumsum(drawn, axis=0) if cumulative else drawn


def _ends(drawn: Array, prob: float) -> Array:
    """The central interval of each period: (2, periods)."""
    tail = 0.5 * (1.0 - as_probability(prob))
    return np.quantile(drawn, [tail, 1.0 - tail], axis=1)
