"""Valuation of contracts: what a first sale and the renewals after it are worth, discounted, with two intervals.

*Expected* value is a mean over how long a customer may stay; its interval is credible. *Outcome* is what she will really
bring: how long she stays is drawn, and its interval is predictive. How many renewals to expect is asked of each distinct
tenure, rate of discount and horizon; a customer's value is put together from it draw by draw
(`clvmodels.contracts.contracting` has the formulas).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasRetention
from clvmodels.contracts.cohorts import Cohorts
from clvmodels.contracts.contracting import Contract, ContractTerms, annuity_due, as_paid
from clvmodels.contracts.subscribers import Subscribers, subscribers_of
from clvmodels.economics.amounts import Attributes
from clvmodels.economics.assumptions import as_rate
from clvmodels.economics.scenarios import Scenario
from clvmodels.economics.totals import account, by_groups, total
from clvmodels.errors import QuestionError, counted
from clvmodels.estimate import Estimate
from clvmodels.evaluate.pictures import EXPECTED, LINE, axes
from clvmodels.frames import native
from clvmodels.histories import Histories
from clvmodels.kernels.leaving import draw_stays
from clvmodels.questions import answers
from clvmodels.questions.asking import as_span, seeded
from clvmodels.questions.contracts import RENEWS, added_up, discounted_rule
from clvmodels.sources import Blocks, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

    from clvmodels.economics.assumptions import Rate
    from clvmodels.fitted import Fit
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.sources import Rows, Source

DRAWS = 1000
"""Draws of the posterior that a valuation goes through unless told otherwise."""

HELD = 2**24
"""Numbers that are held at once, rather than made again for each block of customers."""

KIND = ("t", "force", "renewals", "pace")
"""What the number of renewals to come depends on."""


def contract_value(  # noqa: PLR0913
    fit: Fit,
    contract: Contract,
    *,
    horizon: float,
    discount: Rate,
    customers: Subscribers | None = None,
    attributes: Any = None,  # noqa: ANN401
    draws: int = DRAWS,
    seed: int | None = None,
) -> ContractValuation:
    """Value customers with a contract: a first sale, then a fee for as long as they renew.

    Parameters
    ----------
    fit
        Of a model of renewals, `SBG` or `BDW`; its unit is the length of a period.
    contract
        The fee, the first sale, and what both leave.
    horizon
        How many periods ahead; ``math.inf`` for life.
    discount
        ``clv.yearly(0.10)`` or ``clv.monthly(0.01)``; of a column, for a rate that differs by customer.
    customers
        Those to value; by default those still there of the cohorts that the model was fitted to, or else one newcomer.
    attributes
        What is known of the customers besides: a table with a column customer_id and those that the contract, ``discount``
        and ``by=`` name.
    draws
        How many draws of the posterior to go through, evenly spaced (all of them if there are fewer); at a point, how many
        outcomes to draw.
    seed
        Of the outcomes drawn.

    Examples
    --------
    >>> import clvmodels as clv
    >>> table = clv.datasets.subscriptions().query("segment == 'high_end'")
    >>> fit = clv.fit(clv.BDW(), clv.Cohorts.from_frame(table, unit="year", period="year"), seed=1)
    >>> upkeep = clv.Contract(fee=240.0, first_sale=4000.0, sale_economics=clv.Economics(margin=0.25))
    >>> worth = clv.contract_value(fit, upkeep, horizon=15, discount=clv.yearly(0.08), seed=1)
    >>> worth.newcomers().frame()[["clv", "clv_low", "clv_high", "outcome_low", "outcome_high"]].round(-1)
          clv  clv_low  clv_high  outcome_low  outcome_high
    0  2360.0   2320.0    2400.0       1240.0        3220.0
    """
    fit.able(HasRetention, f"{RENEWS}: contract_value() takes a fit of contracts")
    whose = subscribers_of(customers, fit.customers, fit.unit)
    known = Attributes.of(whose.frame() if attributes is None else attributes, whose)
    terms = ContractTerms.of(contract, as_rate(discount), known, fit.unit, Scenario())
    worth = ContractValuation(fit, contract, whose, float(horizon), discount, known, terms, draws, seeded(seed))
    return worth.over(horizon)


@dataclass(frozen=True, eq=False)
class ContractValuation:
    """What customers with a contract are worth.

    Attributes
    ----------
    fit, contract, customers
        how long they renew, what they pay, and who they are
    horizon
        in periods
    discount, attributes
        as given
    terms
        what the contract leaves and costs, customer by customer
    draws, seed
        of the outcomes
    before
        the terms before a scenario changed them, if one did
    """

    fit: Fit
    contract: Contract
    customers: Subscribers
    horizon: float
    discount: Rate
    attributes: Attributes
    terms: ContractTerms
    draws: int
    seed: int
    before: ContractTerms | None = field(default=None, repr=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, in sentences: of the cohorts, the fit and the model."""
        known = () if self.fit.customers is None else self.fit.customers.notes
        late = int(np.count_nonzero(self.ahead["renewals"] == 0.0))
        told = (f"Of {counted(late, 'customer')} no renewal is due within the horizon.",) if late else ()
        return (*told, *known, *self.fit.record.warnings, *self.fit.model.caveats)

    def over(self, horizon: float) -> ContractValuation:
        """Return the same with another horizon, in periods; ``math.inf`` for life."""
        if as_span(horizon, "horizon", endless=True) == inf and not np.all(self.terms.force > 0.0):
            message = "An infinite horizon needs a discount rate above 0: without one, value adds up without end."
            raise QuestionError(message)
        return replace(self, horizon=float(horizon))

    def newcomers(self, number: int = 1) -> ContractValuation:
        """Return the valuation of so many customers who make their first sale now, by the average terms of the others."""
        return self._average(Subscribers.newcomers(number, self.fit.unit))

    def tenures(self, tenures: ArrayLike) -> ContractValuation:
        """Return the valuation of a customer of each of some tenures who has just renewed, by the average terms.

        >>> import clvmodels as clv
        >>> paper, rate = clv.SBG().at(alpha=3.80, beta=15.20, unit="year"), clv.yearly(0.10)
        >>> worth = clv.contract_value(paper, clv.Contract(1.0), horizon=float("inf"), discount=rate)
        >>> (1.1 * worth.tenures([0, 1, 2, 3, 4]).expected.mean).round(2)
        array([3.31, 3.45, 3.59, 3.72, 3.84])
        """
        return self._average(Subscribers.at(tenures, self.fit.unit))

    def under(self, scenario: Scenario) -> ContractValuation:
        """Return the valuation if things change from now on; the first sale and the past stay as they are.

        ``spend`` multiplies the fee; ``dropout`` a customer's own rate of leaving, so that she makes as many renewals in a
        time as she would have made in so many times that time: exact for both models of renewals. Expectations only:
        outcomes of another dropout aren't drawn.

        >>> import clvmodels as clv
        >>> paper, rate = clv.SBG().at(alpha=0.704, beta=1.182, unit="year"), clv.yearly(0.10)
        >>> worth = clv.contract_value(paper, clv.Contract(100.0), horizon=15, discount=rate)
        >>> loyal = worth.under(clv.Scenario(dropout=0.5))
        >>> worth.expected.mean.round(1), loyal.expected.mean.round(1)
        (array([340.]), array([432.1]))
        """
        before = self.before or self.terms
        terms = ContractTerms.of(self.contract, as_rate(self.discount), self.attributes, self.fit.unit, scenario)
        return replace(self, terms=terms, before=before)

    def gain(self, scenario: Scenario) -> Estimate:
        """Return what a scenario adds to each customer, draw by draw: the most that may be paid for it, today."""
        then, now = self.under(scenario).ahead, self.ahead
        return self._asked("gain", ((1.0, then), (-1.0, now)))

    @cached_property
    def expected(self) -> Estimate:
        """Discounted expected value of what lies ahead of each customer: its interval is credible."""
        return self._asked("expected value", ((1.0, self.ahead),))

    @cached_property
    def renewals(self) -> Estimate:
        """Expected renewals within the horizon, of which the infinite one knows discounted ones only (the next in full)."""
        force = self.terms.force if self.horizon == inf else 0.0 * self.terms.force
        nothing = 0.0 * force
        counted = {**self.ahead, "force": force, "certain": nothing, "each": nothing + 1.0}
        return self._asked("expected renewals", ((1.0, counted),))

    @cached_property
    def outcome(self) -> Estimate:
        """Discounted value that each customer will bring: its interval is predictive."""
        return self.drawn(np.arange(len(self.customers)))

    def drawn(self, order: Index) -> Estimate:
        """Return the outcomes of some customers, by their places, in blocks of them in that order."""
        if np.any(self.terms.pace != 1.0):
            message = "How long customers stay isn't drawn under another dropout: ask for .expected of the scenario."
            raise QuestionError(message)
        model = self.fit.able(HasRetention, RENEWS)
        theta = answers.spread(self.fit.draws, self.draws)
        columns = {name: values[order] for name, values in self.ahead.items()}
        asked = Histories.of({"t": columns["t"]}).with_constants(self.fit.model.settings())
        stays = answers.drawing((model.leaving,), model, theta, asked)

        def make(rows: slice) -> Array:
            force, most, certain, each = (columns[name][rows, None] for name in ("force", "renewals", "certain", "each"))
            renewals = np.minimum(draw_stays(answers.generator(self.seed, rows), stays.some(rows)), most)
            return certain + each * annuity_due(renewals, force)

        source = Blocks(stays.shape, make)
        return Estimate("outcome", "outcome", self.customers.ids[order.tolist()], source, np.arange(len(order)))

    @property
    def past(self) -> Array:
        """What each customer has left so far, undiscounted, the first sale included (n,)."""
        return (self.before or self.terms).past(self.customers, as_paid(self.contract.paid))

    @property
    def acquisition(self) -> Array:
        """What each customer has cost to win (n,)."""
        return self.terms.acquisition

    @cached_property
    def lifetime(self) -> Estimate:
        """Lifetime value of each customer: past + current - acquisition; its interval is credible."""
        return replace(self.expected.plus(self.past - self.acquisition), label="lifetime value")

    def frame(self, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Return a row a customer, in the customers' own frame library.

        Columns: customer_id, tenure, expected_renewals within the horizon (discounted ones where it is infinite), clv with
        its credible interval clv_low to clv_high, and the predictive interval outcome_low to outcome_high.
        """
        clv, outcome = self.expected.interval(prob), self.outcome.interval(prob)
        columns = {
            "tenure": self.customers.tenure,
            "expected_renewals": self.renewals.mean_only(),
            "clv": self.expected.mean,
            "clv_low": clv[:, 0],
            "clv_high": clv[:, 1],
            "outcome_low": outcome[:, 0],
            "outcome_high": outcome[:, 1],
        }
        return native(self.customers.ids, columns)

    def account(self, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Return a row a customer: past, current with its interval, acquisition, lifetime = past + current - acquisition."""
        return account(self.customers.ids, self.past, self.expected, self.acquisition, prob)

    def total(self, prob: float = 0.9, by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Return the value of all: mean, low and high of its expectation and of its outcome; or of groups, a row each.

        ``by`` names columns of the attributes, ``"tenure"`` for one; the table is that of ``clv.value(...).total(by=)``.
        """
        if by is None:
            return total(self.expected, self.outcome, prob)
        return by_groups(self.expected, self.outcome, self.attributes.groups(by), prob)

    def retention(self, periods: ArrayLike, prob: float = 0.9) -> pd.DataFrame:
        """Return the retention curve of newcomers, a row a period.

        Columns: period; survival, the share that makes so many renewals, with its interval low to high; retention, the share
        of those asked for this renewal who make it; seen, survival of all cohorts that were followed so far, if any were.
        """
        survival = self.fit.expected_survival(periods)
        asked = np.atleast_1d(np.asarray(periods, float))
        told = survival.frame(prob).set_axis(["period", "survival", "low", "high"], axis=1)
        later = np.maximum(asked, 1.0)
        retention = np.where(asked > 0.0, self.fit.expected_retention(later).mean, np.nan)
        told = told.assign(retention=retention)
        if not isinstance(self.fit.customers, Cohorts):
            return told
        return told.assign(seen=self.fit.customers.survival(asked))

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw the retention curve of newcomers, to the horizon or 20 periods, with what was seen of it."""
        told = self.retention(np.arange(int(min(self.horizon, 20.0)) + 1), prob)
        ax = axes(ax, "How long customers stay", f"renewals ({self.fit.unit}s)", "share still there")
        if not self.fit.is_point:
            ax.fill_between(told["period"], told["low"], told["high"], color=EXPECTED, alpha=0.2, linewidth=0.0)
        ax.plot(told["period"], told["survival"], color=EXPECTED, linewidth=1.5, label="expected")
        if "seen" in told:
            ax.plot(told["period"], told["seen"], "o", color=LINE, markersize=4.0, label="seen")
        ax.set_ylim(0.0, 1.05)
        ax.legend(frameon=False)
        return ax

    @cached_property
    def ahead(self) -> dict[str, Array]:
        """What lies ahead of each customer, as numbers."""
        return self.terms.ahead(self.customers, self.horizon, as_paid(self.contract.paid))

    def _average(self, customers: Subscribers) -> ContractValuation:
        terms, before = ((None if each is None else each.average(len(customers))) for each in (self.terms, self.before))
        known = Attributes.of(customers.frame(), customers)
        return replace(self, customers=customers, attributes=known, terms=terms, before=before)

    def _asked(self, label: str, signed: tuple[tuple[float, dict[str, Array]], ...]) -> Estimate:
        """Return the sum of some values, each with its sign, draw by draw; distinct customers are asked about."""
        asked = Histories.of({f"{name}{k}": values for k, (_, told) in enumerate(signed) for name, values in told.items()})
        theta = self.fit.draws if self.fit.is_point else answers.spread(self.fit.draws, self.draws)
        ahead = [self._ahead(asked.only([f"{name}{k}" for name in KIND]), theta) for k in range(len(signed))]

        def make(rows: Rows) -> Array:
            found = np.zeros((len(asked.weights[rows]), len(theta)))
            for k, ((sign, _), (source, place)) in enumerate(zip(signed, ahead, strict=True)):
                certain, each = (asked.columns[f"{name}{k}"][rows, None] for name in ("certain", "each"))
                found += sign * (certain + each * source.block(place[rows]))
            return found

        source = Blocks((len(asked), len(theta)), make)
        return Estimate("expectation", label, self.customers.ids, source, asked.index, certain=self.fit.is_point)

    def _ahead(self, kinds: Histories, theta: Array) -> tuple[Source, Index]:
        """Expected renewals, discounted from the first on, of distinct kinds (t, force, renewals, pace); and whose is which.

        Where the kinds are few, these are made once and for all, otherwise when they are asked for.
        """
        model = self.fit.able(HasRetention, RENEWS)
        table = np.stack(list(kinds.columns.values()), axis=1)

        def made(t: float, force: float, renewals: float, pace: float) -> Array:
            if renewals == 0.0:
                return np.zeros(len(theta))
            times, weights = discounted_rule(renewals, force)
            return added_up(self.fit.model, model.retained, theta, t, pace * times, weights)

        def make(rows: Rows) -> Array:
            some, place = np.unique(np.arange(len(table))[rows], return_inverse=True)
            return np.stack([made(*kind) for kind in table[some]])[place]

        few = table.size * len(theta) <= HELD
        source = Blocks((len(table), len(theta)), make)
        return (Table(make(slice(None))) if few else source), kinds.index
