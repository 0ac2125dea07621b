"""What a report asks of a valuation: the public questions, each put once, and small tables that its sentences come from."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.economics.acquisition import newcomers
from clvmodels.economics.decisions import at_risk, losses
from clvmodels.economics.levers import elasticities
from clvmodels.errors import ClvError
from clvmodels.evaluate.checks import check
from clvmodels.following.outlook import forecast
from clvmodels.formulas import from_customers
from clvmodels.grouping.pareto import concentration, ranked
from clvmodels.grouping.portfolios import portfolio
from clvmodels.grouping.segments import rfm_segments
from clvmodels.grouping.volumes import tiers
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from clvmodels.besides import Beside
    from clvmodels.economics.levers import Elasticities
    from clvmodels.economics.valuation import Valuation
    from clvmodels.evaluate.checks import Check
    from clvmodels.fitted import Fit
    from clvmodels.following.indicators import Indicators
    from clvmodels.following.outlook import Outlook
    from clvmodels.formulas import Formula
    from clvmodels.grouping.pareto import Concentration
    from clvmodels.grouping.portfolios import Portfolio
    from clvmodels.grouping.volumes import Tiers
    from clvmodels.histories import Index
    from clvmodels.reporting.words import Words

QUARTERS, YEARS = 4, (1, 2, 3)
"""Periods of a forecast; horizons that stand side by side."""

BEST, FALL, SHOWN = 0.2, 0.2, 10
"""The share of the customers who are called the best; how far P(alive) of those at risk has fallen; how many are named."""

ACCOUNT = ("past", "acquisition", "lifetime", "lifetime_low", "lifetime_high")
"""What is told of each customer where it has cost something to win her."""

REPLICATES = 100
"""Bases of customers that a check draws."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A valuation, and what is asked of it.

    Attributes
    ----------
    worth
        what the customers are worth
    prob
        the probability of the intervals
    by
        columns by which customers are grouped
    horizons
        side by side, in the unit of the customers; None for those of the valuation, or else 1, 2 and 3 years
    since
        how long ago customers at risk were surer to be there, in the unit of the customers; None for a quarter of a year
    levers
        whether it is asked what moves the value
    told
        a forecast by period, if another than the usual one is wanted
    indicators
        of the log, if they are to be shown
    """

    worth: Valuation
    prob: float
    by: tuple[str, ...] = ()
    horizons: tuple[float, ...] | None = None
    since: float | None = None
    levers: bool = True
    told: Outlook | None = None
    indicators: Indicators | None = None

    @property
    def quarter(self) -> float:
        """A quarter of a year, in the unit of the customers."""
        return DAYS["year"] / DAYS[self.worth.customers.unit] / QUARTERS

    @property
    def spans(self) -> tuple[float, ...]:
        """The horizons side by side: those that the valuation was told of are found without another pass."""
        if self.horizons is None and self.worth.others:
            return tuple(map(float, self.worth.spans))
        return tuple(QUARTERS * self.quarter * years for years in YEARS) if self.horizons is None else self.horizons

    @property
    def ago(self) -> float:
        """How long ago those at risk were surer to be there."""
        return self.quarter if self.since is None else self.since

    @property
    def fits(self) -> tuple[Fit, ...]:
        """All fits, that of spend last."""
        return (*self.worth.fit.members, self.worth.spend)

    @cached_property
    def base(self) -> pd.DataFrame:
        """Who they are: customers, once (the share who have bought once), shortest and longest T."""
        customers = self.worth.customers
        once = float(np.mean(customers.frequency == 0))
        numbers = {"customers": len(customers), "once": once, "shortest": customers.T.min(), "longest": customers.T.max()}
        asked = {"horizon": self.worth.horizon, "prob": self.prob, "best": BEST, "draws": self.worth.draws}
        return pd.DataFrame([numbers | asked | {"since": self.ago, "fall": 100.0 * FALL}])

    @cached_property
    def total(self) -> pd.DataFrame:
        """The value of the base."""
        return self.worth.total(self.prob)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A row a customer, as pandas."""
        table = nw.from_native(self.worth.frame(self.prob), eager_only=True)
        return pd.DataFrame({name: table.get_column(name).to_list() for name in table.columns})

    @cached_property
    def best(self) -> pd.DataFrame:
        """The most valuable customers."""
        return self.frame.nlargest(SHOWN, "clv").reset_index(drop=True)

    @cached_property
    def concentration(self) -> Concentration:
        """The curve of what the best bring."""
        return concentration(self.worth)

    @cached_property
    def tiers(self) -> Tiers:
        """Small, medium and large customers."""
        return tiers(self.worth)

    @cached_property
    def portfolio(self) -> Portfolio:
        """Value x loyalty."""
        return portfolio(self.worth)

    @cached_property
    def at_risk(self) -> pd.DataFrame:
        """The valuable customers who may be leaving, as pandas."""
        return _pandas(at_risk(self.worth, self.ago, top=BEST, fall=FALL))

    @cached_property
    def risk(self) -> pd.DataFrame:
        """How many are at risk, and what is at stake."""
        return pd.DataFrame([{"customers": len(self.at_risk), "at_stake": self.at_risk["at_stake"].sum()}])

    @cached_property
    def losses(self) -> pd.DataFrame:
        """How many customers cost more than they bring, and how much more in all."""
        found = _pandas(losses(self.worth, self.prob))
        return pd.DataFrame([{"customers": len(found), "clv": found["clv"].sum()}])

    @cached_property
    def outlook(self) -> Outlook:
        """What they will buy, period by period."""
        worth = self.worth
        if self.told is not None:
            return self.told
        return forecast(
            worth.fit, worth.spend, periods=QUARTERS, every=self.quarter, customers=worth.customers, seed=worth.seed
        )

    @cached_property
    def elasticities(self) -> Elasticities:
        """What moves the value."""
        return elasticities(self.worth)

    @cached_property
    def newcomers(self) -> pd.DataFrame:
        """What one who comes is worth."""
        return newcomers(self.worth).frame(self.prob)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What each fit expects of customers, beside what was seen."""
        worth = self.worth
        asked: dict[str, Any] = {"replicates": REPLICATES, "seed": worth.seed}
        found = [check(fit, customers=worth.customers, **asked) for fit in worth.fit.members]
        return (*found, check(worth.spend, customers=worth.customers, **asked))

    @cached_property
    def formulas(self) -> tuple[Beside, ...]:
        """The simple formulas beside the model, within the same horizon."""
        worth, endless = self.worth, self.worth.horizon == inf
        number = 1 if endless else max(round(worth.horizon / self.quarter), 1)
        averages = from_customers(worth.customers, self.quarter if endless else worth.horizon / number)
        margin = float(worth.terms.margin.mean())
        purchases = None if endless else worth.purchases
        found: list[Formula] = [averages.average_value(margin, None if endless else number)]
        if isinstance(worth.discount.rate, float):
            found.append(averages.retention_value(worth.discount, margin, inf if endless else number))
        some = [formula for formula in found if isfinite(formula.value)]
        return tuple(formula.beside(worth.expected, purchases=purchases, fit=worth.fit, prob=self.prob) for formula in some)

    @cached_property
    def ways(self) -> pd.DataFrame:
        """The formulas and the model, a row each: way, value, low, high."""
        told = [found.frame() for found in self.formulas]
        return pd.concat([*(frame.iloc[:1] for frame in told), told[-1].iloc[1:]]).reset_index(names="way")

    def intervals(self, words: Words) -> str:
        """Say what intervals mean, as tables do."""
        return words.plain("Intervals hold with {prob} probability", prob=words.write(self.prob, "share"))

    def prepare(self) -> None:
        """Go through the draws once for all groups that are asked about, and not once for each."""
        worth = self.worth
        groupings: list[Index] = [worth.attributes.groups(column).codes for column in self.by]
        with suppress(ClvError):  # where it isn't known what customers have bought for, tiers will say so
            groupings += [np.unique(self.tiers.levels.codes, return_inverse=True)[1]]
        groupings += [np.unique(self.portfolio.codes, return_inverse=True)[1], ranked(worth.expected.mean_only())[0]]
        worth.expected.foresee(groupings, self.prob)
        worth.outcome.foresee(groupings, self.prob)

    @cached_property
    def customers(self) -> pd.DataFrame:
        """A row a customer: her value, her segment, what to do and, where customers have cost something, her account."""
        told = self.frame.assign(**segments_of(self.worth, self.portfolio))
        with suppress(ClvError):  # what customers have left so far isn't known everywhere
            if (self.worth.acquisition > 0.0).any():
                account = _pandas(self.worth.account(self.prob))
                return told.assign(**{name: account[name] for name in ACCOUNT})
        return told


def segments_of(worth: Valuation, grid: Portfolio) -> dict[str, Any]:
    """Return the RFM segment of each customer, where her purchases' values are known, and what the portfolio says to do."""
    action = {"action": grid.actions.to_numpy().ravel()[grid.codes].astype(str)}
    try:
        return {"segment": rfm_segments(worth.customers).names, **action}
    except ClvError:  # without the values of all purchases there are no such segments
        return action


def _pandas(frame: Any) -> pd.DataFrame:  # noqa: ANN401
    table = nw.from_native(frame, eager_only=True)
    return pd.DataFrame({name: table.get_column(name).to_list() for name in table.columns})
