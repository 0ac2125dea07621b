"""Valuation: purchases x spend x margin, discounted in the time of each purchase, with two intervals for each customer.

*Expected* value is a mean over everything that a customer may do; its interval is credible: how far the parameters are
known. *Outcome* is what she will really bring; its interval is predictive: state, rate, lifetime, number and size of
purchases are all drawn. Draw d of the purchase posterior is paired with draw d of the spend posterior; given the data
the two are independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

import pandas as pd

from clvmodels import answers
from clvmodels.contract import HasFuture, HasPurchases, HasSpend
from clvmodels.customers import Customers
from clvmodels.economics import Economics, as_rate
from clvmodels.errors import QuestionError
from clvmodels.estimate import Estimate, mixed
from clvmodels.frames import native
from clvmodels.questions.asking import seeded
from clvmodels.questions.purchases import BUYS, FUTURE
from clvmodels.questions.spending import WHAT

if TYPE_CHECKING:
    from clvmodels.economics import Rate
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array
    from clvmodels.stacking import Stack

DRAWS = 1000
"""Draws of the posteriors that a valuation goes through unless told otherwise."""

DRIFT = (
    "Intervals of totals know what the model knows: a drift or season that moves all customers together is outside of them."
)


def value(  # noqa: PLR0913
    fit: Fit | Stack,
    spend: Fit,
    *,
    horizon: float,
    discount: Rate,
    economics: Economics | None = None,
    customers: Customers | None = None,
    draws: int = DRAWS,
    seed: int | None = None,
) -> Valuation:
    """Combine a purchase fit with a spend fit into the discounted value of each customer.

    Parameters
    ----------
    fit, spend
        Of a purchase model (or a stack of such) and of a spend model, in one unit of time.
    horizon
        How far ahead, in the unit of the customers; ``math.inf`` for life.
    discount
        ``clv.yearly(0.10)`` or ``clv.monthly(0.01)``.
    economics
        Margin; turnover is valued by default.
    customers
        Those to value; by default those that the purchase model was fitted to.
    draws
        How many draws of the two posteriors to go through, evenly spaced (all of them if there are fewer); where both
        fits are points, how many outcomes to draw.
    seed
        Of the outcomes drawn.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.BGNBD(), customers, seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> worth.frame().shape
    (2357, 9)
    """
    as_rate(discount)
    for one in fit.members:
        one.able(HasPurchases, f"{BUYS}: value() takes a purchase fit, then a spend fit")
    spend.able(HasSpend, f"{WHAT}: value() takes a purchase fit, then a spend fit")
    base = fit.customers if customers is None else customers
    if not isinstance(base, Customers):
        message = "Say whose value: this purchase fit was fitted to nobody, so pass customers=."
        raise QuestionError(message)
    if fit.unit != spend.unit:
        message = f"The purchase fit is in {fit.unit}s and the spend fit in {spend.unit}s: bring them to one unit."
        raise QuestionError(message)
    fit.members[0].force(horizon, discount)
    return Valuation(fit, spend, base, float(horizon), discount, economics or Economics(), draws, seeded(seed))


@dataclass(frozen=True, eq=False)
class Valuation:
    """What customers are worth.

    Attributes
    ----------
    fit, spend
        Of purchases and of spend.
    customers
        Those valued.
    horizon
        In the unit of the customers.
    discount, economics
        As given.
    draws, seed
        Of the outcomes.
    """

    fit: Fit | Stack
    spend: Fit
    customers: Customers
    horizon: float
    discount: Rate
    economics: Economics
    draws: int
    seed: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, in sentences: of the data, the fits, the models and the totals."""
        seen = self.spend.seen(self.customers)
        warnings = (*self.fit.record.warnings, *self.spend.record.warnings)
        caveats = dict.fromkeys(caveat for fit in (*self.fit.members, self.spend) for caveat in fit.model.caveats)
        return (*seen.notes, *warnings, *caveats, DRIFT)

    @cached_property
    def expected(self) -> Estimate:
        """Discounted expected value of each customer: its interval is credible."""
        self.spend.expected_spend(self.customers)
        return mixed([self._expected(fit) for fit in self.fit.members])

    @cached_property
    def outcome(self) -> Estimate:
        """Discounted value that each customer will bring: its interval is predictive."""
        return mixed([self._outcome(fit, self.seed + place) for place, fit in enumerate(self.fit.members)])

    def _paired(self, fit: Fit) -> tuple[Array, Array]:
        """The two posteriors, draw by draw; a point goes with every draw of the other."""
        purchases, spend = fit.draws, self.spend.draws
        share = self.draws * len(purchases) / sum(len(one.draws) for one in self.fit.members)
        draws = min((len(d) for d in (purchases, spend) if len(d) > 1), default=1)
        draws = min(draws, max(round(share), 1))
        return answers.spread(purchases, draws), answers.spread(spend, draws)

    def _expected(self, fit: Fit) -> Estimate:
        theta, theta_spend = self._paired(fit)
        histories, ids = fit.asked(self.customers)
        spenders, _ = self.spend.asked(self.customers)
        force = fit.force(self.horizon, self.discount)
        buying, spending = fit.able(HasPurchases, BUYS), self.spend.able(HasSpend, WHAT)
        bought = answers.purchases(buying, theta, histories, self.horizon, force)
        spent = answers.evaluate(spending.mean_spend, spending, theta_spend, spenders)
        order = fit.order(self.customers)
        source, index = answers.expected_value(bought, spent, histories.index, spenders.index, order, self.economics.margin)
        return Estimate("expectation", "expected value", ids, source, index, certain=len(theta) == 1)

    def _outcome(self, fit: Fit, seed: int) -> Estimate:
        buying, spending = fit.able(HasFuture, FUTURE), self.spend.able(HasSpend, WHAT)
        theta, theta_spend = (answers.spread(t, self.draws) if len(t) == 1 else t for t in self._paired(fit))
        histories, ids = fit.asked(self.customers)
        spenders, _ = self.spend.asked(self.customers)
        living = answers.lives(buying, theta, histories, fit.order(self.customers))
        baskets = answers.drawing((spending.basket,), spending, theta_spend, spenders)
        ahead = self.horizon, fit.force(self.horizon, self.discount)
        source = answers.drawn_value(living, baskets, ahead, self.economics.margin, seed)
        return Estimate("outcome", "outcome", ids, source, living.index)

    def frame(self, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Return a row a customer, in the customers' own frame library.

        Columns: customer_id, probability_alive, expected_purchases within the horizon (discounted ones where it is
        infinite, for nothing else is finite), expected_spend of a purchase, clv with its credible interval clv_low to
        clv_high, and the predictive interval outcome_low to outcome_high of what she will bring.
        """
        clv, outcome = self.expected.interval(prob), self.outcome.interval(prob)
        columns = {
            "probability_alive": self.fit.probability_alive(self.customers).mean_only(),
            "expected_purchases": self._purchases().mean_only(),
            "expected_spend": self.spend.expected_spend(self.customers).mean_only(),
            "clv": self.expected.mean,
            "clv_low": clv[:, 0],
            "clv_high": clv[:, 1],
            "outcome_low": outcome[:, 0],
            "outcome_high": outcome[:, 1],
        }
        return native(self.customers.ids, columns)

    def total(self, prob: float = 0.9) -> pd.DataFrame:
        """Return the value of the customer base: mean, low and high of its expectation and of its outcome."""
        rows = [self.expected.sum(), self.outcome.sum()]
        return pd.concat([row.frame(prob) for row in rows]).set_axis(["expected", "outcome"])

    def _purchases(self) -> Estimate:
        if self.horizon == inf:
            return self.fit.discounted_purchases(inf, self.discount, self.customers)
        return self.fit.expected_purchases(self.horizon, self.customers)
