"""A Fit: a model, draws of its parameters, the customers that taught them, a record of how; and the questions it answers."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from scipy.special import ndtri

from clvmodels import answers
from clvmodels.buyers import Buyers, View, view_of
from clvmodels.contract import HasAlive, HasCounts, HasFuture, HasPurchases, HasSpend
from clvmodels.customers import Customers
from clvmodels.economics import as_rate
from clvmodels.errors import FitError, QuestionError
from clvmodels.estimate import Blocks, Estimate
from clvmodels.kernels.simulation import Drawing, draw_histories

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from clvmodels.contract import Model
    from clvmodels.economics import Rate
    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit

Capability = TypeVar("Capability")


@dataclass(frozen=True)
class Record:
    """How a fit was obtained.

    Attributes
    ----------
    method
        Its settings, as written.
    converged
        Whether it arrived where it should.
    evaluations, seconds
        What it took.
    seed
        That reproduces it; None where nothing was drawn.
    warnings
        What must be known of it, in sentences.
    pareto_k
        How far importance weights can be trusted (up to 0.7), where there are any.
    """

    method: str
    converged: bool = True
    evaluations: int = 0
    seconds: float = 0.0
    seed: int | None = None
    warnings: tuple[str, ...] = ()
    pareto_k: float | None = None


def histories_of(model: Model, customers: Customers | Buyers) -> tuple[Histories, Any]:
    """Find the distinct histories that a model sees, and the customers' ids."""
    whole = customers.histories
    missing = [name for name in model.history if name not in whole.columns]
    if missing:
        hint = (
            "customers.all_buyers() or customers.repeat_buyers()"
            if "m" in missing
            else "the customers themselves, not a view of their spend"
        )
        message = f"{model.name} needs {', '.join(missing)}, which these {type(customers).__name__} don't tell: pass {hint}."
        raise FitError(message)
    base = customers.customers if isinstance(customers, Buyers) else customers
    return whole.columns_only(model.history), base.ids


@dataclass(frozen=True, eq=False)
class Fit:
    """What was learned, and what can be asked of it.

    Attributes
    ----------
    model
        What was fitted.
    draws
        (draws, parameters); one row for a point.
    mode
        The point found, or the highest of the posterior (parameters,).
    covariance
        Of the parameters on the line, at the mode; nan where unknown.
    customers
        What it was fitted to, if it was.
    unit
        The unit of its times.
    record
        How it was obtained.
    """

    model: Model
    draws: Array = field(repr=False)
    mode: Array = field(repr=False)
    covariance: Array = field(repr=False)
    customers: Customers | Buyers | None
    unit: Unit
    record: Record

    @property
    def is_point(self) -> bool:
        """Whether it is a single point of the parameters, which knows nothing of its uncertainty."""
        return len(self.draws) == 1

    @property
    def view(self) -> View | None:
        """The view of spend that it saw, if it saw one."""
        return self.customers.view if isinstance(self.customers, Buyers) else None

    @property
    def theta(self) -> Any:  # noqa: ANN401  (each model has a named tuple of its own)
        """The parameters, a named tuple of arrays: shape () for a point, (draw,) for a posterior."""
        return self.model.Theta(*(self.draws[0] if self.is_point else self.draws.T))

    def parameters(self, prob: float = 0.9) -> pd.DataFrame:
        """Return a row a parameter: mean, sd, low, high, ess, r_hat; nan where there is nothing to say.

        For a point the standard error and interval are those of the observed information, on the scale of the parameter.
        """
        tail = 0.5 * (1.0 - prob)
        if self.is_point:
            spread = np.sqrt(np.diag(self.covariance))
            ends = self.mode * np.exp(np.outer([-1.0, 1.0], spread * ndtri(1.0 - tail)))
            table = {"mean": self.mode, "sd": self.mode * spread, "low": ends[0], "high": ends[1]}
        else:
            low, high = np.quantile(self.draws, [tail, 1.0 - tail], axis=0)
            table = {"mean": self.draws.mean(axis=0), "sd": self.draws.std(axis=0, ddof=1), "low": low, "high": high}
        return pd.DataFrame({**table, "ess": np.nan, "r_hat": np.nan}, index=list(self.model.parameters()))

    @cached_property
    def log_likelihood(self) -> float:
        """The log-likelihood of its customers at the mode."""
        histories, _ = self.asked(None)
        return float(self.model.loglik(self.mode[None], histories).total()[0, 0])

    def pointwise(self, customers: Customers | Buyers | None = None) -> Array:
        """Return the log-likelihood of each customer at the mode: (n,)."""
        histories, _ = self.asked(customers)
        return self.model.loglik(self.mode[None], histories).each()[0, 0][histories.index]

    def probability_alive(self, customers: Customers | None = None, ahead: float = 0.0) -> Estimate:
        """Return P(still a customer) at the end of each observation, or some time ahead of it.

        >>> import clvmodels as clv
        >>> paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> customer = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
        >>> float(paper.probability_alive(customer).mean[0].round(4))
        0.7266
        """
        model = self.able(HasAlive, "whether a customer is alive")
        histories, ids = self.asked(customers)
        source = answers.alive(model, self.draws, histories, _span(ahead, "ahead"))
        return self._expectation("probability_alive", ids, source, histories)

    def expected_purchases(self, horizon: float, customers: Customers | None = None) -> Estimate:
        """Return the expected number of purchases within a horizon, in the unit of the customers."""
        if horizon == inf:
            message = (
                "Purchases without discount add up without end over an infinite horizon: ask for discounted_purchases()."
            )
            raise QuestionError(message)
        return self._purchases(horizon, 0.0, self.asked(customers), "expected_purchases")

    def expected_purchases_new(self, horizon: float) -> Estimate:
        """Return the expected number of repeat purchases of a newcomer within a horizon."""
        newcomer = Customers.from_arrays([0], [0], [0], unit=self.unit)
        return self.expected_purchases(horizon, newcomer)

    def discounted_purchases(self, horizon: float, discount: Rate, customers: Customers | None = None) -> Estimate:
        """Return the expected purchases within a horizon, which may be ``math.inf``, each discounted from its time."""
        force = self.force(horizon, discount)
        return self._purchases(horizon, force, self.asked(customers), "discounted_purchases")

    def purchase_count_pmf(self, k: int, horizon: float, customers: Customers | None = None) -> Estimate:
        """Return the probability of exactly k purchases within a horizon."""
        if k != int(k) or k < 0:
            message = f"{k} purchases can't be: k is a whole number from 0 on."
            raise QuestionError(message)
        model = self.able(HasCounts, "how likely a number of purchases is")
        histories, ids = self.asked(customers)
        source = answers.counts(model, self.draws, histories, int(k), _span(horizon, "horizon"))
        return self._expectation(f"P({k} purchases)", ids, source, histories)

    def predict_purchases(
        self, horizon: float, customers: Customers | None = None, *, seed: int | None = None, draws: int = 1000
    ) -> Estimate:
        """Draw the number of purchases within a horizon: all that is uncertain of it, not just its expectation.

        ``draws`` is how many outcomes to draw, each with a draw of the posterior (all of which it has, at most).
        """
        model = self.able(HasFuture, "what a customer will do")
        histories, ids = self.asked(customers)
        future = answers.drawing((model.first, model.future), model, answers.spread(self.draws, draws), histories)
        source = answers.drawn_counts(future, _span(horizon, "horizon"), seeded(seed))
        return Estimate("outcome", "purchases", ids, source, np.arange(len(histories.index)))

    def expected_spend(self, customers: Customers | Buyers | None = None) -> Estimate:
        """Return the expected value of a customer's purchases; a newcomer's where she has shown none."""
        model = self.able(HasSpend, "what customers spend")
        histories, ids = self.asked(customers)
        source = answers.spend(model, self.draws, histories)
        self._check_means(model, histories)
        return self._expectation("expected_spend", ids, source, histories)

    def simulate(
        self,
        n: int,
        T: ArrayLike,
        seed: int | None = None,
        *,
        spend: Fit | None = None,
    ) -> Customers:
        """Draw n customers, each watched for T (one number, or n), with parameters drawn from the fit for each.

        ``spend``, a fit of a spend model, adds the value of their purchases.
        """
        model = self.able(HasFuture, "what a customer will do")
        rng = np.random.default_rng(seeded(seed))
        watched = np.ascontiguousarray(np.broadcast_to(np.asarray(T, float), (n,)))
        theta = self.draws[rng.integers(len(self.draws), size=n)]
        newcomer = np.zeros((1, len(model.first.columns(self.model.parameters()))))
        frequency, recency = draw_histories(rng, Drawing((model.first, model.future), theta, newcomer), watched)
        if spend is None:
            return Customers.from_arrays(frequency, recency, watched, unit=self.unit)
        first, mean = spend.draw_spend(frequency, rng)
        return Customers.from_arrays(frequency, recency, watched, unit=self.unit, first_value=first, monetary_value=mean)

    def draw_spend(self, frequency: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw the value of the first purchase, and the mean value of the others (0 where there are none): (n,) each."""
        model = self.able(HasSpend, "what customers spend")
        theta = self.draws[rng.integers(len(self.draws), size=len(frequency))]
        shape, rate = np.array([model.basket.function(rng, *t, 0.0, 0.0) for t in theta]).reshape(-1, 2).T
        repeats = np.maximum(frequency, 1.0)
        mean = np.where(frequency > 0, rng.gamma(shape * repeats) / (rate * repeats), 0.0)
        return rng.gamma(shape) / rate, mean

    def save(self, path: str | Path) -> None:
        """Write it to a file that `clvmodels.load` reads: numbers and text, nothing that runs."""
        from clvmodels.storage import save  # noqa: PLC0415  (storage knows fits)

        save(self, path)

    def force(self, horizon: float, discount: Rate) -> float:
        """Return the force of discount in the unit of this fit, and check that the horizon can be had with it."""
        force = as_rate(discount).force(self.unit)
        if _span(horizon, "horizon", endless=True) == inf and force == 0.0:
            message = "An infinite horizon needs a discount rate above 0: without one, value adds up without end."
            raise QuestionError(message)
        return force

    def _purchases(self, horizon: float, force: float, asked: tuple[Histories, Any], label: str) -> Estimate:
        model = self.able(HasPurchases, "how many purchases to expect")
        histories, ids = asked
        source = answers.purchases(model, self.draws, histories, _span(horizon, "horizon", endless=True), force)
        return self._expectation(label, ids, source, histories)

    def _expectation(self, label: str, ids: Any, source: Blocks, histories: Histories) -> Estimate:  # noqa: ANN401
        return Estimate("expectation", label, ids, source, histories.index, certain=self.is_point)

    def able(self, capability: type[Capability], what: str) -> Capability:
        """Return the model, if it has a capability; refuse otherwise."""
        if not isinstance(self.model, capability):
            message = f"{self.model.name} doesn't say {what}."
            raise QuestionError(message)
        return self.model

    def seen(self, customers: Customers | Buyers | None) -> Customers | Buyers:
        """Return the customers asked about as this fit sees them: its own by default, a spend fit's through its view."""
        asked = self.customers if customers is None else customers
        if asked is None:
            message = f"This {self.model.name} was fitted to nobody: say which customers you ask about."
            raise QuestionError(message)
        if asked.unit != self.unit:
            message = f"This fit is in {self.unit}s, and these customers are told in {asked.unit}s: bring them to one unit."
            raise QuestionError(message)
        if isinstance(asked, Customers) and "m" in self.model.history:
            return view_of(asked, self.view or "all")
        return asked

    def asked(self, customers: Customers | Buyers | None) -> tuple[Histories, Any]:
        """Return the distinct histories of the customers asked about, and their ids."""
        return histories_of(self.model, self.seen(customers))

    def _check_means(self, model: HasSpend, histories: Histories) -> None:
        """Refuse to print a mean of spend that doesn't exist."""
        fewest = int(np.argmin(histories.columns["x"]))
        theirs = model.mean_spend(self.draws, histories.table(self.model.history)[fewest : fewest + 1])
        share = float(np.isnan(theirs).mean())
        if share > 0.0:
            where = "" if self.is_point else f" in {share:.1%} of the draws"
            message = (
                f"By {self.model.name} the purchases of some of these customers have no finite mean{where}: the tail of "
                "spend is too heavy. Look for outliers in the log, or ask about customers who have shown more purchases."
            )
            raise QuestionError(message)


def _span(value: float, name: str, *, endless: bool = False) -> float:
    """Check a time ahead."""
    if not (value >= 0.0 and (isfinite(value) or endless)):
        finite = "" if endless else ", and finite"
        message = f"{name} = {value} can't be: it is a time ahead in the unit of the customers, 0 or more{finite}."
        raise QuestionError(message)
    return float(value)


def seeded(seed: int | None) -> int:
    """Return the seed given, or a fresh one."""
    return secrets.randbits(32) if seed is None else seed
