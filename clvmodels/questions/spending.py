"""Questions to a fit of a spend model: what a purchase is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvmodels.contract import HasSpend
from clvmodels.errors import QuestionError
from clvmodels.kernels.simulation import Drawing, draw_pairs
from clvmodels.questions import answers
from clvmodels.questions.asking import Asking, seeded

if TYPE_CHECKING:
    from clvmodels.estimate import Estimate
    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array
    from clvmodels.questions.asking import Whom

WHAT = "what customers spend"


class SpendQuestions(Asking):
    """What customers spend on a purchase."""

    def expected_spend(self, customers: Whom | None = None) -> Estimate:
        """Return the expected value of a customer's purchases; a newcomer's where she has shown none.

        Refused where that has no finite mean: ask for `median_spend` then.
        """
        model = self.able(HasSpend, WHAT)
        asked = self.asked(customers)
        source = answers.evaluate(model.mean_spend, model, self.draws, asked.histories)
        self._check_means(model, asked.histories)
        return self.expectation("expected_spend", asked, source)

    def median_spend(self, customers: Whom | None = None) -> Estimate:
        """Return the median of what a customer's purchases may be worth on average, which exists where the mean doesn't.

        >>> import clvmodels as clv
        >>> buyers = clv.Customers.from_arrays([1], [9], [20], unit="week", monetary_value=[30.0]).repeat_buyers()
        >>> heavy = clv.GammaGamma().at(p=0.05, q=0.8, v=20)
        >>> bool(heavy.median_spend(buyers).mean[0] > 0)
        True
        """
        model = self.able(HasSpend, WHAT)
        asked = self.asked(customers)
        source = answers.evaluate(model.median_spend, model, self.draws, asked.histories)
        return self.expectation("median_spend", asked, source)

    def predict_spend(self, customers: Whom | None = None, *, seed: int | None = None, draws: int = 1000) -> Estimate:
        """Draw the value of one purchase of each customer: all that is uncertain of it, not just its expectation.

        ``draws`` is how many purchases to draw, each with a draw of the posterior (all of which it has, at most).
        """
        model = self.able(HasSpend, WHAT)
        asked = self.asked(customers)
        baskets = answers.drawing((model.basket,), model, answers.spread(self.draws, draws), asked.histories)
        source = answers.drawn_purchases(baskets, seeded(seed))
        return self.outcome("value of a purchase", asked, source, np.arange(len(asked.histories.index)))

    def draw_spend(self, frequency: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw the value of the first purchase, and the mean value of the others (0 where there are none): (n,) each."""
        model = self.able(HasSpend, WHAT)
        theta = self.draws[rng.integers(len(self.draws), size=len(frequency))]
        strangers = np.zeros((1, len(model.basket.columns(model.parameters()))))
        shape, rate = draw_pairs(rng, Drawing((model.basket,), theta, strangers))[:, 0]
        repeats = np.maximum(frequency, 1.0)
        mean = np.where(frequency > 0, rng.gamma(shape * repeats) / (rate * repeats), 0.0)
        return rng.gamma(shape) / rate, mean

    def _check_means(self, model: HasSpend, histories: Histories) -> None:
        """Refuse to print a mean of spend that doesn't exist."""
        fewest = int(np.argmin(histories.columns["x"]))
        names = model.mean_spend.columns(model.parameters())
        theirs = model.mean_spend(self.draws, histories.table(names)[fewest : fewest + 1])
        share = float(np.isnan(theirs).mean())
        if share > 0.0:
            where = "" if self.is_point else f" in {share:.1%} of the draws"
            message = (
                f"By {self.model.name} the purchases of some of these customers have no finite mean{where}: the tail of "
                "spend is too heavy. Ask for median_spend(), look for outliers in the log, or ask about customers who have "
                "shown more purchases."
            )
            raise QuestionError(message)
