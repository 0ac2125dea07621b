"""Valuation: purchases x spend x margin less costs, discounted in the time of each, with two intervals for each customer.

*Expected* value is a mean over everything that a customer may do; its interval is credible: how far the parameters are
known. *Outcome* is what she will really bring; its interval is predictive: state, rate, lifetime, number and size of
purchases are all drawn. Draw d of the purchase posterior is paired with draw d of the spend posterior; given the data
the two are independent.

Both look ahead: they are her *current* value. Her *past* value is what she has left so far, and her lifetime value is past +
current - what it has cost to win her.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import expm1, inf
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels import notebook
from clvmodels.contract import HasFuture, HasPurchases, HasSpend
from clvmodels.customers import Customers
from clvmodels.economics.amounts import Attributes
from clvmodels.economics.assumptions import Economics, Rate
from clvmodels.economics.flows import Alike, Flows, Outcomes, agreed, ordered
from clvmodels.economics.terms import Terms
from clvmodels.economics.totals import account, by_groups, total
from clvmodels.engines.kinds import Kinds
from clvmodels.engines.lazy import LazyCustomers
from clvmodels.errors import QuestionError, counted
from clvmodels.estimate import Estimate, mixed
from clvmodels.frames import native
from clvmodels.questions import answers
from clvmodels.questions.asking import as_span, seeded
from clvmodels.questions.purchases import BUYS, FUTURE
from clvmodels.questions.spending import WHAT
from clvmodels.sources import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from pyarrow import RecordBatch

    from clvmodels.economics.flows import Stream
    from clvmodels.fitted import Fit
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.stacking import Stack
    from clvmodels.streaming.scoring import Scorer

DRAWS = 1000
"""Draws of the posteriors that a valuation goes through unless told otherwise."""

COLUMNS = (
    *("probability_alive", "expected_purchases", "expected_spend"),
    *("clv", "clv_low", "clv_high", "outcome_low", "outcome_high"),
)
"""What is said of each customer, beside her id."""

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
    attributes: Any = None,  # noqa: ANN401
    by: str | Sequence[str | tuple[str, ...]] = (),
    horizons: Sequence[float] = (),
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
        ``clv.yearly(0.10)`` or ``clv.monthly(0.01)``; of a column, for a rate that differs by customer.
    economics
        Margin and costs; turnover is valued by default.
    customers
        Those to value; by default those that the purchase model was fitted to.
    attributes
        What is known of the customers besides: a table with a column customer_id and those that ``economics``,
        ``discount`` and ``by=`` name.
    by, horizons
        Columns of the attributes (or several together, a tuple) and further horizons that will be looked at: what is said
        of them is found in the same pass over the customers, and not in one of its own.
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
    agreed(fit, spend, discount)
    base = fit.customers if customers is None else customers
    if isinstance(base, Kinds | LazyCustomers):
        message = "These customers stay in their engine: score them by clv.scorer(), or pass customers=everybody.collect()."
        raise QuestionError(message)
    if not isinstance(base, Customers):
        message = "Say whose value: this purchase fit was fitted to nobody, so pass customers=."
        raise QuestionError(message)
    known, terms = Attributes.of(attributes, base), economics or Economics()
    columns, spans = (by,) if isinstance(by, str) else tuple(by), tuple(map(float, horizons))
    worth = Valuation(fit, spend, base, float(horizon), discount, terms, known, draws, seeded(seed), columns, spans)
    for span in (*spans, horizon):
        worth = worth.over(span)
    return worth


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
    attributes
        What is known of the customers besides.
    draws, seed
        Of the outcomes.
    by, others
        Columns of the attributes, and further horizons, that every pass over the customers finds besides.
    apart
        Whether outcomes follow from the seed and each customer's own row alone; equals share them, so don't add them up.
    """

    fit: Fit | Stack
    spend: Fit
    customers: Customers
    horizon: float
    discount: Rate
    economics: Economics
    attributes: Attributes
    draws: int
    seed: int
    by: tuple[str | tuple[str, ...], ...] = ()
    others: tuple[float, ...] = ()
    apart: bool = False

    def __repr__(self) -> str:
        """Say whose value it is, over what time, on which terms and by which models."""
        models = " and ".join(fit.model.title for fit in (*self.fit.members, self.spend))
        ahead = "whole lives" if self.horizon == inf else f"{self.horizon:.4g} {self.customers.unit}s"
        whose = f"{counted(len(self.customers), 'customer')} over {ahead}, discounted at {self.discount}, by {models}"
        return f"Valuation({whose}; {self.draws:,} draws, seed {self.seed})\n  {self.economics}"

    def _repr_html_(self) -> str:
        return notebook.of_valuation(self)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, in sentences: of the data, the fits, the models and the totals."""
        seen = self.spend.seen(self.customers)
        warnings = (*self.fit.record.warnings, *self.spend.record.warnings)
        caveats = dict.fromkeys(caveat for fit in (*self.fit.members, self.spend) for caveat in fit.model.caveats)
        return (*seen.notes, *warnings, *caveats, DRIFT)

    @cached_property
    def terms(self) -> Terms:
        """The economics of each customer, as numbers."""
        return Terms.of(self.economics, self.discount, self.attributes, self.fit.unit)

    def over(self, horizon: float) -> Valuation:
        """Return the same with another horizon, in the unit of the customers; ``math.inf`` for life."""
        discounted = bool(np.all(self.terms.force > 0.0))
        if as_span(horizon, "horizon", endless=True) == inf and not discounted:
            message = "An infinite horizon needs a discount rate above 0: without one, value adds up without end."
            raise QuestionError(message)
        return replace(self, horizon=float(horizon))

    @cached_property
    def groupings(self) -> tuple[Index, ...]:
        """The groups of the customers by each column that every pass adds up besides."""
        return tuple(self.attributes.groups(column).codes for column in self.by)

    @property
    def spans(self) -> Array:
        """The horizon and the others, in order."""
        return np.unique((self.horizon, *self.others))

    @cached_property
    def expected(self) -> Estimate:
        """Discounted expected value of each customer, of what lies ahead: its interval is credible."""
        self.spend.expected_spend(self.customers)
        return mixed([self._expected(fit) for fit in self.fit.members])

    @cached_property
    def purchases(self) -> Estimate:
        """Expected purchases of each customer within the horizon, undiscounted; refused where that is infinite."""
        return self.fit.expected_purchases(self.horizon, self.customers)

    @cached_property
    def alive(self) -> Array:
        """P(alive) of each customer (n,), its mean over draws."""
        return self.fit.probability_alive(self.customers).mean_only()

    @cached_property
    def outcome(self) -> Estimate:
        """Discounted value that each customer will bring: its interval is predictive."""
        return mixed([self._outcome(fit, place) for place, fit in enumerate(self.fit.members)])

    @cached_property
    def past(self) -> Array:
        """What each customer has left so far, undiscounted (n,): her purchases by margin and costs, her time at its cost.

        Time counts until the end of the observation, for a business that can't tell who has left has paid for it.
        """
        base, terms = self.customers, self.terms
        if base.first_value is None or base.monetary_value is None:
            message = "What customers have left so far needs the value of all purchases: see rfm_summary(value=...)."
            raise QuestionError(message)
        turnover = base.first_value + base.frequency * base.monetary_value
        return terms.margin * turnover - terms.order * (1.0 + base.frequency) - terms.period * base.T

    @property
    def acquisition(self) -> Array:
        """What each customer has cost to win (n,)."""
        return self.terms.acquisition

    @cached_property
    def lifetime(self) -> Estimate:
        """Lifetime value of each customer: past + current - acquisition; its interval is credible."""
        return replace(self.expected.plus(self.past - self.acquisition), label="lifetime value")

    def paired(self, fit: Fit) -> tuple[Array, Array]:
        """Return the two posteriors, draw by draw; a point goes with every draw of the other."""
        purchases, spend = fit.draws, self.spend.draws
        share = self.draws * len(purchases) / sum(len(one.draws) for one in self.fit.members)
        draws = min((len(d) for d in (purchases, spend) if len(d) > 1), default=1)
        draws = min(draws, max(round(share), 1))
        return answers.spread(purchases, draws), answers.spread(spend, draws)

    @cached_property
    def _streams(self) -> dict[int, dict[tuple[str, ...], Stream]]:
        """What was expected of the customers' purchases and time, by fit and by what bends it."""
        return {}

    def flows(self, fit: Fit, terms: Terms) -> Flows:
        """Return what one of the fits expects of the customers, by some terms."""
        theta, theta_spend = self.paired(fit)
        buying = fit.able(HasPurchases, BUYS), theta, fit.asked(self.customers).histories
        spending = self.spend.able(HasSpend, WHAT), theta_spend, self.spend.asked(self.customers).histories
        return Flows.of(buying, spending, self.horizon, terms, self._streams.setdefault(id(fit), {}))

    def order(self, fit: Fit) -> Index:
        """Return the customers in an order in which like ones are near each other (n,)."""
        order = fit.asked(self.customers).order
        return order[np.lexsort([key[order] for key in reversed(self.terms.keys())])]

    def _expected(self, fit: Fit) -> Estimate:
        flows = self.flows(fit, self.terms)
        source, index = ordered(self.order(fit), flows.draws, flows.value)
        ids, certain = self.customers.ids, flows.draws == 1
        return Estimate("expectation", "expected value", ids, source, index, certain, self.groupings)

    def _outcome(self, fit: Fit, place: int) -> Estimate:
        found = self._outcomes(fit, place)
        source = found.value(self.spans, int(np.searchsorted(self.spans, self.horizon)))
        return Estimate("outcome", "outcome", self.customers.ids, source, found.living.index, groupings=self.groupings)

    def _outcomes(self, fit: Fit, place: int) -> Outcomes:
        """What draws the outcomes of the customers by one of the fits, by its place."""
        buying, spending = fit.able(HasFuture, FUTURE), self.spend.able(HasSpend, WHAT)
        theta, theta_spend = (answers.spread(t, self.draws) if len(t) == 1 else t for t in self.paired(fit))
        asked = fit.asked(self.customers)
        living = answers.lives(buying, theta, asked.histories, asked.order)
        spenders = self.spend.asked(self.customers).histories
        if self.apart:
            stretch = answers.evaluate(spending.stretch, spending, theta_spend, spenders)
            baskets = answers.drawing((spending.basket,), spending, theta_spend, spenders.with_constants({"m": 0.0}))
            told = living, baskets, self.terms, self.seed + place
            return Alike(*told, stretch=stretch, spenders=spenders.index)
        baskets = answers.drawing((spending.basket,), spending, theta_spend, spenders)
        return Outcomes(living, baskets, self.terms, self.seed + place)

    def frame(self, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Return a row a customer, in the customers' own frame library.

        Columns: customer_id, probability_alive, expected_purchases within the horizon (discounted ones where it is
        infinite, for nothing else is finite), expected_spend of a purchase, clv with its credible interval clv_low to
        clv_high, and the predictive interval outcome_low to outcome_high of what she will bring.
        """
        spend = self.spend.expected_spend(self.customers).mean_only()
        ends = *self.expected.interval(prob).T, *self.outcome.interval(prob).T
        told = self.alive, self._bought(), spend, self.expected.mean, *ends
        return native(self.customers.ids, dict(zip(COLUMNS, told, strict=True)))

    @cached_property
    def scorer(self) -> Scorer:
        """What it takes to value whoever comes, without the customers that it was learned from."""
        from clvmodels.streaming.scoring import scorer  # noqa: PLC0415  (scoring makes valuations)

        terms = {name: getattr(self, name) for name in ("horizon", "discount", "economics", "draws", "seed")}
        return replace(scorer(self.fit, self.spend, **terms), longest=float(self.customers.T.max()))

    @property
    def score(self) -> Callable[..., Iterator[RecordBatch]]:
        """Value customers a batch at a time: ``worth.score(batches)``, see `Scorer.score`."""
        return self.scorer.score

    def save(self, path: str | Path) -> None:
        """Write its scorer to a small file that `clvmodels.load` reads."""
        self.scorer.save(path)

    def account(self, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Return a row a customer: past, current with its interval, acquisition, lifetime = past + current - acquisition.

        >>> import clvmodels as clv
        >>> base = clv.Customers.from_arrays([1], [9], [20], unit="week", monetary_value=[30], first_value=[20])
        >>> fit, spend = clv.BGNBD().at(r=0.2, alpha=4, a=0.8, b=2.4), clv.GammaGamma().at(p=6, q=4, v=15)
        >>> business = clv.Economics(margin=0.5, costs={"post": clv.Cost(2, "order")}, acquisition=8)
        >>> rate = clv.yearly(0.1)
        >>> worth = clv.value(fit, spend, horizon=52, discount=rate, economics=business, customers=base)
        >>> worth.account()[["past", "acquisition"]].to_numpy()  # 0.5 x 50 - 2 x 2, and what she has cost to win
        array([[21.,  8.]])
        """
        return account(self.customers.ids, self.past, self.expected, self.acquisition, prob)

    def total(self, prob: float = 0.9, by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Return the value of the customer base: mean, low and high of its expectation and of its outcome.

        ``by`` names columns of the attributes: then a row for each of their groups, with its customers, the share of the
        base's value that it holds, and the value of one of its customers. Groups share the parameters, draw by draw, and
        no more: their intervals don't add up to that of the base, their draws do.
        """
        if by is None:
            return total(self.expected, self.outcome, prob)
        return by_groups(self.expected, self.outcome, self.attributes.groups(by), prob)

    def horizons(self, horizons: Sequence[float] = (), prob: float = 0.9) -> pd.DataFrame:
        """Return the value of the base within some horizons side by side, a row each, in the unit of the customers.

        Without any, those that the valuation was told of, beside its own. Columns: mean, low and high of its expectation,
        and the ends outcome_low and outcome_high of what it will bring.
        """
        spans = np.unique(horizons) if len(horizons) else self.spans
        if len(self.fit.members) > 1:
            drawn = [self.over(span).outcome.sum().interval(prob)[0] for span in spans]
        else:
            known = set(spans) <= set(self.spans)
            wide = self if known else replace(self.over(spans[-1]), by=(), others=tuple(map(float, spans)))
            totals = dict(zip(wide.spans, wide.outcome.ladder(), strict=True))
            drawn = [_ends(totals[span], prob) for span in spans]
        expected = [self._expected_within(span).frame(prob).to_numpy()[0] for span in spans]
        names = ["mean", "low", "high", "outcome_low", "outcome_high"]
        return pd.DataFrame(np.hstack([expected, drawn]), columns=names, index=pd.Index(spans, name="horizon"))

    def _expected_within(self, span: float) -> Estimate:
        """The total of expected value within a horizon."""
        if span == self.horizon:
            return self.expected.sum()
        return replace(self, others=()).over(span).expected.by(np.zeros(len(self.customers), dtype=np.intp))

    def _bought(self) -> Array:
        """Expected purchases of each customer within the horizon (n,); discounted where it is infinite."""
        if self.horizon < inf:
            return self.purchases.mean_only()
        found = np.empty(len(self.customers))
        for force, mine in self.terms.kinds():
            some = self.customers if len(mine) == len(found) else self.customers.some(mine)
            found[mine] = self.fit.discounted_purchases(inf, Rate(expm1(force), self.fit.unit), some).mean_only()
        return found


def _ends(draws: Array, prob: float) -> Array:
    """The ends of a central interval of some draws (2,)."""
    return Estimate("outcome", "total", None, Table(draws[None, :]), np.zeros(1, dtype=np.intp)).interval(prob)[0]
