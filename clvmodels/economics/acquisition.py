"""Newcomers: what one who makes her first purchase will be worth, so what may be spent to win her, and when it is back.

A newcomer's value is what her first purchase leaves, and all that she is expected to do after it. Segments and channels
bring customers who differ: each has posteriors of its own, learned from its customers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.optimize import root_scalar

from clvmodels.buyers import view_of
from clvmodels.contract import HasFuture, HasPurchases, HasSpend
from clvmodels.economics.amounts import Attributes
from clvmodels.economics.flows import Flows, ordered
from clvmodels.errors import QuestionError
from clvmodels.estimate import Estimate, mixed
from clvmodels.evaluate.pictures import EXPECTED, axes
from clvmodels.fitting import fit as fitted
from clvmodels.histories import Histories
from clvmodels.kernels.outcomes import draw_paybacks
from clvmodels.questions import answers
from clvmodels.questions.purchases import BUYS, FUTURE
from clvmodels.questions.spending import WHAT
from clvmodels.sources import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from clvmodels.economics.terms import Terms
    from clvmodels.economics.valuation import Valuation
    from clvmodels.fitted import Fit
    from clvmodels.fitting import Method
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

PEOPLE = 20
"""Newcomers drawn for each draw of the posteriors, for when they pay back."""

HORIZONS = 128
"""Horizons between which a break-even is looked for."""

FAR = 30.0
"""Discounted by more than exp(-FAR), nothing is paid back any more."""


def flows(worth: Valuation, fit: Fit, terms: Terms, horizon: float) -> Flows:
    """Return what is expected of newcomers with some terms, within a horizon after their first purchases."""
    n = len(terms.margin)
    theta, theta_spend = worth.paired(fit)
    nobody = np.zeros(n, dtype=np.intp)
    newcomers = replace(fit.asked(fit.newcomer()).histories, index=nobody)
    buying = fit.able(HasPurchases, BUYS), theta, newcomers
    spending = worth.spend.able(HasSpend, WHAT), theta_spend, replace(strangers(worth.spend), index=nobody)
    return Flows.of(buying, spending, horizon, terms, {})


def strangers(spend: Fit) -> Histories:
    """Return the history of one who has shown no purchase."""
    return Histories.of({name: np.zeros(1) for name in spend.model.state()}).with_constants(spend.model.settings())


def values(ahead: Flows, some: Any) -> Array:  # noqa: ANN401
    """Return what newcomers are expected to leave, first purchases included: (newcomers, draws)."""
    terms = ahead.terms
    first = ahead.baskets(some) * (terms.margin * terms.spend)[some, None] - terms.order[some, None]
    return first + ahead.value(some)


def newcomer_value(worth: Valuation, horizon: float | None = None) -> Estimate:
    """Return the expected value of one newcomer, by the average terms of the customers: its interval is credible.

    The horizon, from her first purchase, is that of the valuation unless another is given.
    """
    terms, one, ahead = worth.terms.average(), np.zeros(1, dtype=np.intp), worth.horizon if horizon is None else horizon
    draws = np.hstack([values(flows(worth, fit, terms, ahead), one) for fit in worth.fit.members])
    return Estimate("expectation", "value of a newcomer", None, Table(draws), one, certain=draws.shape[1] == 1)


def referral_value(worth: Valuation) -> Estimate:
    """Return what each customer brings by recommendation, beside her own value.

    Each of her purchases brings ``Economics(referral=...)`` newcomers, when she makes it, without a cost of acquisition and
    on her terms; whom they bring in turn is left out.

    >>> import clvmodels as clv
    >>> base = clv.Customers.from_arrays([1], [9], [20], unit="week", monetary_value=[30], first_value=[20])
    >>> fit, spend = clv.BGNBD().at(r=0.2, alpha=4, a=0.8, b=2.4), clv.GammaGamma().at(p=6, q=4, v=15)
    >>> loved = clv.Economics(referral=0.1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), economics=loved, customers=base)
    >>> brought = 0.1 * fit.discounted_purchases(52, clv.yearly(0.1), base).mean * clv.newcomer_value(worth).mean
    >>> bool(np.isclose(clv.referral_value(worth).mean, brought))
    True
    """
    found: list[Estimate] = []
    for fit in worth.fit.members:
        own, others = worth.flows(fit, worth.terms), flows(worth, fit, worth.terms, worth.horizon)

        def value(some: Any, own: Flows = own, others: Flows = others) -> Array:  # noqa: ANN401
            return worth.terms.referral[some, None] * own.chances(some) * own.bought.block(some) * values(others, some)

        source, index = ordered(worth.order(fit), own.draws, value)
        found.append(Estimate("expectation", "referral value", worth.customers.ids, source, index, certain=own.draws == 1))
    return mixed(found)


@dataclass(frozen=True, eq=False)
class Payback:
    """When newcomers have left what they have cost to win.

    Attributes
    ----------
    times
        of each newcomer drawn, from her first purchase, in order; infinite where it isn't within the horizon
    """

    times: Array

    def within(self, time: float) -> float:
        """Return the share of newcomers who have paid back by a time."""
        return float(np.searchsorted(self.times, time, side="right") / len(self.times))

    def quantile(self, q: float) -> float:
        """Return the time by which a share q has paid back; infinite where fewer ever do."""
        return float(self.times[min(int(np.ceil(q * len(self.times))), len(self.times)) - 1])

    def frame(self, times: Sequence[float]) -> pd.DataFrame:
        """Return the share that has paid back by each of some times."""
        return pd.DataFrame({"time": times, "share": [self.within(time) for time in times]})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of newcomers who have paid back, by time."""
        ax = axes(ax, "When newcomers have paid back", "time since the first purchase", "share of newcomers")
        finite = self.times[np.isfinite(self.times)]
        ax.step(finite, np.arange(1, len(finite) + 1) / len(self.times), where="post", color=EXPECTED)
        ax.set_ylim(0.0, 1.0)
        return ax


@dataclass(frozen=True, eq=False)
class Segment:
    """Newcomers of one segment.

    Attributes
    ----------
    worth
        valuation of its customers, by posteriors of its own
    """

    worth: Valuation

    @cached_property
    def value(self) -> Estimate:
        """Expected value of a newcomer: the most that may be spent to win one."""
        return newcomer_value(self.worth)

    @property
    def cost(self) -> float:
        """What it has cost on average to win one of its customers."""
        return float(self.worth.acquisition.mean())

    @cached_property
    def payback(self) -> Payback:
        """When newcomers have left what they have cost to win."""
        found = [paybacks(self.worth, fit, self.worth.seed + place) for place, fit in enumerate(self.worth.fit.members)]
        return Payback(np.sort(np.concatenate(found, axis=None)))

    @cached_property
    def break_even(self) -> float:
        """The horizon within which a newcomer is expected to leave what she has cost to win; infinite if there is none."""
        end = foreseen(self.worth)
        horizons = end * (np.arange(HORIZONS + 1) / HORIZONS) ** 2
        after = next((k for k, horizon in enumerate(horizons) if self._left(horizon) >= 0.0), None)
        if after is None:
            return inf
        return root_scalar(self._left, bracket=(horizons[after - 1], horizons[after])).root if after > 0 else 0.0

    def _left(self, horizon: float) -> float:
        """What a newcomer is expected to have left within a horizon, less what she has cost."""
        return float(newcomer_value(self.worth, horizon).mean[0]) - self.cost


@dataclass(frozen=True, eq=False)
class Newcomers:
    """What may be spent to win customers.

    Attributes
    ----------
    names
        of the segments: a row each, a column for each by which customers are grouped
    segments
        in the order of the names
    """

    names: pd.DataFrame
    segments: tuple[Segment, ...]

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Return a row a segment.

        Columns: its customers; value of a newcomer with its interval low to high, which is the most that may be spent to
        win one; acquisition, what one has cost; net, what is left of it; ltv_cac, value for each 1 spent; paid_back, the
        share of newcomers who have paid back within the horizon; payback, the time by which half of all have; break_even,
        the horizon within which one is expected to. Times are in the unit of the customers.
        """
        rows = [self._row(segment, prob) for segment in self.segments]
        return pd.concat([self.names, pd.DataFrame(rows)], axis=1)

    def _row(self, segment: Segment, prob: float) -> dict[str, float]:
        (mean,), ((low, high),), cost = segment.value.mean, segment.value.interval(prob), segment.cost
        payback = segment.payback
        return {
            "customers": len(segment.worth.customers),
            "value": mean,
            "low": low,
            "high": high,
            "acquisition": cost,
            "net": mean - cost,
            "ltv_cac": mean / cost if cost > 0.0 else inf,
            "paid_back": payback.within(segment.worth.horizon),
            "payback": payback.quantile(0.5),
            "break_even": segment.break_even,
        }


def newcomers(
    worth: Valuation, by: str | Sequence[str] | None = None, *, method: Method | None = None, seed: int | None = None
) -> Newcomers:
    """Ask what newcomers will be worth: all of them, or those of each segment, by what its own customers teach.

    Parameters
    ----------
    worth
        a valuation, with its horizon, discount and economics
    by
        columns of its attributes
    method, seed
        how to fit the models of the valuation to each segment (`Laplace` by default)

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit, spend = clv.fit(clv.BGNBD(), customers, seed=1), clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> business = clv.Economics(margin=0.5, acquisition=12.0)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), economics=business, seed=1)
    >>> clv.newcomers(worth).frame()[["value", "acquisition", "ltv_cac"]].round(1)
       value  acquisition  ltv_cac
    0   39.1         12.0      3.3
    """
    if by is None:
        return Newcomers(pd.DataFrame(index=[0]), (Segment(worth),))
    groups = worth.attributes.groups(by)
    places = [np.flatnonzero(groups.codes == code) for code in range(len(groups))]
    return Newcomers(groups.table, tuple(Segment(_refitted(worth, mine, method, seed)) for mine in places))


def _refitted(worth: Valuation, mine: Index, method: Method | None, seed: int | None) -> Valuation:
    """Value some of the customers by posteriors of their own."""
    fits = worth.fit.members
    if len(fits) != 1:
        message = "Segments are fitted anew, each by one model: value the customers by a fit, not by a stack."
        raise QuestionError(message)
    some = worth.customers.some(mine)
    table = worth.attributes.table
    fit = fitted(fits[0].model, some, method, seed=worth.seed if seed is None else seed)
    view = view_of(some, worth.spend.view or "all")
    spend = fitted(worth.spend.model, view, method, seed=worth.seed if seed is None else seed)
    known = Attributes(some, None if table is None else table[mine.tolist()])
    return replace(worth, fit=fit, spend=spend, customers=some, attributes=known)


def foreseen(worth: Valuation) -> float:
    """Return the horizon, or the time beyond which nothing is worth anything."""
    force = float(worth.terms.force.mean())
    return min(worth.horizon, FAR / force if force > 0.0 else inf)


def crowd(worth: Valuation, fit: Fit, number: int) -> tuple[answers.Lives, Any]:
    """Return what draws the futures and the baskets of a number of newcomers."""
    theta, theta_spend = (answers.spread(t, worth.draws) if len(t) == 1 else t for t in worth.paired(fit))
    nobody = np.zeros(number, dtype=np.intp)
    newcomer = replace(fit.asked(fit.newcomer()).histories, index=nobody)
    living = answers.lives(fit.able(HasFuture, FUTURE), theta, newcomer, np.arange(number))
    spending = worth.spend.able(HasSpend, WHAT)
    return living, answers.drawing((spending.basket,), spending, theta_spend, replace(strangers(worth.spend), index=nobody))


def paybacks(worth: Valuation, fit: Fit, seed: int) -> Array:
    """Draw when newcomers pay back: (newcomers, draws)."""
    living, baskets = crowd(worth, fit, PEOPLE)
    terms = worth.terms.average()
    table = np.repeat(terms.table(terms.acquisition), PEOPLE, axis=0)
    rows = slice(0, PEOPLE)
    chances = living.chances(rows)
    return draw_paybacks(answers.generator(seed, rows), living.future, chances, baskets, foreseen(worth), table)
