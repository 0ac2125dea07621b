"""Questions to a fit of a purchase model: who is still a customer, and what she will buy."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.contract import HasAlive, HasCounts, HasFuture, HasPurchases, HasTraits
from clvmodels.customers import Customers
from clvmodels.economics.assumptions import as_rate
from clvmodels.errors import QuestionError
from clvmodels.questions import answers
from clvmodels.questions.asking import Asking, as_span, seeded

if TYPE_CHECKING:
    from clvmodels.economics.assumptions import Rate
    from clvmodels.estimate import Estimate
    from clvmodels.kernels.lift import Row
    from clvmodels.questions.asking import Whom

BUYS, ALIVE, COUNTS = "how many purchases to expect", "whether a customer is alive", "how likely a number of purchases is"
FUTURE, TRAITS = "what a customer will do", "how the rates of single customers are spread"


class PurchaseQuestions(Asking):
    """Who is still a customer, and what she will buy.

    ``customers=None`` asks about those that the model was fitted to; ``_new`` asks about a newcomer. Of `LazyCustomers`, who
    stay in their engine, the distinct histories are brought home: an answer has a number for each of these `Kinds`, and
    adds up to that of all customers. ``everybody.joined(answer.frame())`` puts it beside each of them, in the engine.
    """

    def probability_alive(self, customers: Whom | None = None, ahead: float = 0.0) -> Estimate:
        """Return P(still a customer) at the end of each observation, or some time ahead of it.

        >>> import clvmodels as clv
        >>> paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customer = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
        >>> float(paper.probability_alive(customer).mean[0].round(4))
        0.7266
        """
        model = self.able(HasAlive, ALIVE)
        asked = self.asked(customers)
        source = answers.alive(model, self.draws, asked.histories, as_span(ahead, "ahead"))
        return self.expectation("probability_alive", asked, source)

    def expected_lifetime(self, horizon: float, customers: Whom | None = None) -> Estimate:
        """Return the time that each will still be a customer, within a horizon: in the unit of the customers.

        >>> import clvmodels as clv
        >>> paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customer = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
        >>> float(paper.expected_lifetime(52, customer).mean[0].round(2))
        32.02
        """
        if horizon == inf:
            message = "How long customers stay may have no finite mean: ask for discounted_lifetime(), or a finite horizon."
            raise QuestionError(message)
        return self._lifetime(as_span(horizon, "horizon"), 0.0, customers, "expected_lifetime")

    def discounted_lifetime(self, horizon: float, discount: Rate, customers: Whom | None = None) -> Estimate:
        """Return the time that each will still be a customer within a horizon, which may be ``math.inf``, discounted."""
        return self._lifetime(horizon, self.force(horizon, discount), customers, "discounted_lifetime")

    def expected_purchases(self, horizon: float, customers: Whom | None = None) -> Estimate:
        """Return the expected number of purchases within a horizon, in the unit of the customers."""
        if horizon == inf:
            message = (
                "Purchases without discount add up without end over an infinite horizon: ask for discounted_purchases()."
            )
            raise QuestionError(message)
        return self._purchases(as_span(horizon, "horizon"), 0.0, customers, "expected_purchases")

    def expected_purchases_new(self, horizon: float) -> Estimate:
        """Return the expected number of repeat purchases of a newcomer within a horizon."""
        return self.expected_purchases(horizon, self.newcomer())

    def discounted_purchases(self, horizon: float, discount: Rate, customers: Whom | None = None) -> Estimate:
        """Return the expected purchases within a horizon, which may be ``math.inf``, each discounted from its time."""
        return self._purchases(horizon, self.force(horizon, discount), customers, "discounted_purchases")

    def purchase_count_pmf(self, k: int, horizon: float, customers: Whom | None = None) -> Estimate:
        """Return the probability of exactly k purchases within a horizon."""
        if k != int(k) or k < 0:
            message = f"{k} purchases can't be: k is a whole number from 0 on."
            raise QuestionError(message)
        model = self.able(HasCounts, COUNTS)
        asked = self.asked(customers)
        source = answers.counts(model, self.draws, asked.histories, int(k), as_span(horizon, "horizon"))
        return self.expectation(f"P({k} purchases)", asked, source)

    def purchase_count_pmf_new(self, k: int, horizon: float) -> Estimate:
        """Return the probability that a newcomer makes exactly k repeat purchases within a horizon."""
        return self.purchase_count_pmf(k, horizon, self.newcomer())

    def probability_no_purchase(self, horizon: float, customers: Whom | None = None) -> Estimate:
        """Return the probability of no purchase within a horizon: of those who have left, and of those who wait."""
        return self.purchase_count_pmf(0, horizon, customers)

    def predict_purchases(
        self, horizon: float, customers: Whom | None = None, *, seed: int | None = None, draws: int = 1000
    ) -> Estimate:
        """Draw the number of purchases within a horizon: all that is uncertain of it, not just its expectation.

        ``draws`` is how many outcomes to draw, each with a draw of the posterior (all of which it has, at most).
        """
        model = self.able(HasFuture, FUTURE)
        asked = self.asked(customers)
        living = answers.lives(model, answers.spread(self.draws, draws), asked.histories, asked.order)
        source = answers.drawn_counts(living, as_span(horizon, "horizon"), seeded(seed))
        return self.outcome("purchases", asked, source, living.index)

    def expected_rate(self, customers: Whom | None = None) -> Estimate:
        """Return the mean of each customer's own rate of purchases per unit of time, given her history."""
        return self._trait(self.able(HasTraits, TRAITS).rate, customers, "rate of purchases")

    def expected_dropout(self, customers: Whom | None = None) -> Estimate:
        """Return the mean of each customer's own dropout: her rate or chance of leaving, as the model has it."""
        return self._trait(self.able(HasTraits, TRAITS).dropout, customers, "dropout")

    def predict_rate(self, customers: Whom | None = None, *, seed: int | None = None, draws: int = 1000) -> Estimate:
        """Draw each customer's own rate of purchases given her history: its quantiles are the posterior's."""
        return self._drawn_trait(0, customers, "rate of purchases", seed, draws)

    def predict_dropout(self, customers: Whom | None = None, *, seed: int | None = None, draws: int = 1000) -> Estimate:
        """Draw each customer's own dropout given her history: its quantiles are the posterior's."""
        return self._drawn_trait(1, customers, "dropout", seed, draws)

    def force(self, horizon: float, discount: Rate) -> float:
        """Return the force of discount in the unit of this fit, and check that the horizon can be had with it."""
        force = as_rate(discount).force(self.unit)
        if as_span(horizon, "horizon", endless=True) == inf and force == 0.0:
            message = "An infinite horizon needs a discount rate above 0: without one, value adds up without end."
            raise QuestionError(message)
        return force

    def newcomer(self) -> Customers:
        """Return one who has just made her first purchase."""
        return Customers.from_arrays([0], [0], [0], unit=self.unit)

    def _purchases(self, horizon: float, force: float, customers: Whom | None, label: str) -> Estimate:
        model = self.able(HasPurchases, BUYS)
        asked = self.asked(customers)
        source = answers.purchases(model, self.draws, asked.histories, horizon, force)
        return self.expectation(label, asked, source)

    def _lifetime(self, horizon: float, force: float, customers: Whom | None, label: str) -> Estimate:
        model = self.able(HasAlive, ALIVE)
        asked = self.asked(customers)
        source = answers.lifetimes(model, self.draws, asked.histories, horizon, force)
        return self.expectation(label, asked, source)

    def _trait(self, formula: Row, customers: Whom | None, label: str) -> Estimate:
        asked = self.asked(customers)
        source = answers.evaluate(formula, self.model, self.draws, asked.histories)
        return self.expectation(label, asked, source)

    def _drawn_trait(self, which: int, customers: Whom | None, label: str, seed: int | None, draws: int) -> Estimate:
        model = self.able(HasTraits, TRAITS)
        asked = self.asked(customers)
        traits = answers.drawing((model.traits,), model, answers.spread(self.draws, draws), asked.histories)
        source = answers.drawn_traits(traits, which, seeded(seed))
        return self.outcome(label, asked, source, np.arange(len(asked.histories.index)))
