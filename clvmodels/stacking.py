"""Stacking: an average of fits, weighted by what they would have said of customers whom they hadn't seen.

No model is right, and where two err in different ways their average errs less. Each fit gives some of its draws, as many as
its weight is worth, so that draw d is a world in which one of the models holds: expectations, outcomes and totals are those
of the mixture. The weights maximise the mean log score of that mixture.

Source: Y. Yao, A. Vehtari, D. Simpson, A. Gelman (2018), Using
stacking to average Bayesian predictive distributions, Bayesian Analysis 13(3).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.errors import QuestionError, naming
from clvmodels.estimate import Estimate, mixed
from clvmodels.evaluate.information import leave_one_out
from clvmodels.questions.answers import spread
from clvmodels.questions.asking import Record, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clvmodels.contract import Told
    from clvmodels.customers import Customers
    from clvmodels.economics.assumptions import Rate
    from clvmodels.evaluate.compare import Comparison
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit

ROUNDS, STILL = 5000, 1e-10
"""Steps to the weights at most, and the change that ends them."""


def weights_of(scores: Mapping[str, Array]) -> dict[str, float]:
    """Find the weights whose mixture has the highest mean log score, from the log scores (n,) of each.

    >>> {name: round(w, 2) for name, w in weights_of({"a": np.log([0.9, 0.1, 0.9]), "b": np.log([0.1, 0.9, 0.1])}).items()}
    {'a': 0.71, 'b': 0.29}
    """
    table = np.stack(list(scores.values()), axis=1)
    chances = np.exp(table - table.max(axis=1, keepdims=True))
    weights = np.full(table.shape[1], 1.0 / table.shape[1])
    for _ in range(ROUNDS):
        parts = chances * weights
        better = (parts / parts.sum(axis=1, keepdims=True)).mean(axis=0)
        done = np.abs(better - weights).max() < STILL
        weights = better
        if done:
            break
    return dict(zip(scores, map(float, weights), strict=True))


@dataclass(frozen=True, eq=False)
class Stack:
    """Posteriors of several models, averaged: asked like one fit.

    Attributes
    ----------
    fits
        of the models, to the same customers
    weights
        of each, summing to one
    draws
        how many draws the mixture has

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> stack = clv.Stack.of([clv.fit(model, customers, seed=1) for model in (clv.BGNBD(), clv.MBGNBD(), clv.NBD())])
    >>> stack.expected_purchases(39)
    Estimate(expected_purchases, expectation, 2,357 x 1,000 draws)
    """

    fits: tuple[Fit, ...]
    weights: tuple[float, ...]
    draws: int = 1000

    @classmethod
    def of(cls, fits: Sequence[Fit], comparison: Comparison | None = None, *, draws: int = 1000) -> Stack:
        """Weigh fits by leaving out customers; or by the log scores of a backtest's comparison, which has their names."""
        names = [fit.model.title for fit in fits]
        if not fits or any(fit.is_point for fit in fits) or len(set(names)) < len(names):
            message = f"A stack takes posteriors of different models, with draws to mix; got {naming(names)}."
            raise QuestionError(message)
        if comparison is None:
            scores = {name: leave_one_out(fit).elpd for name, fit in zip(names, fits, strict=True)}
        else:
            known = comparison.scores("log_score")
            if set(names) - set(known):
                message = (
                    f"The comparison has log scores of {naming(known)} only: compare {naming(set(names) - set(known))} too."
                )
                raise QuestionError(message)
            scores = {name: known[name] for name in names}
        if len({len(told) for told in scores.values()}) > 1:
            message = "The fits of a stack have learned from the same customers, and these have not."
            raise QuestionError(message)
        return cls(tuple(fits), tuple(weights_of(scores).values()), draws)

    def __repr__(self) -> str:
        told = ", ".join(f"{fit.model.title} {weight:.2f}" for fit, weight in zip(self.fits, self.weights, strict=True))
        return f"Stack({told})"

    @cached_property
    def members(self) -> tuple[Fit, ...]:
        """The fits that have a say, each with as many draws as its weight is worth."""
        places = np.round(np.cumsum((0.0, *self.weights)) * self.draws).astype(int)
        shares = zip(self.fits, np.diff(places), strict=True)
        return tuple(replace(fit, draws=spread(fit.draws, int(share))) for fit, share in shares if share > 0)

    @property
    def customers(self) -> Told | None:
        """Those whom all have learned from."""
        return self.fits[0].customers

    @property
    def unit(self) -> Unit:
        """The unit of their times."""
        return self.fits[0].unit

    @property
    def record(self) -> Record:
        """How the fits were obtained, as one."""
        records = [fit.record for fit in self.fits]
        warnings = dict.fromkeys(warning for record in records for warning in record.warnings)
        return Record(repr(self), all(record.converged for record in records), warnings=(*warnings,))

    def parameters(self) -> pd.DataFrame:
        """Return the weight of each model."""
        return pd.DataFrame({"weight": self.weights}, index=pd.Index([fit.model.title for fit in self.fits], name="model"))

    def probability_alive(self, customers: Customers | None = None, ahead: float = 0.0) -> Estimate:
        """Return P(still a customer), now or some time ahead."""
        return self._mixed(lambda fit: fit.probability_alive(customers, ahead))

    def expected_purchases(self, horizon: float, customers: Customers | None = None) -> Estimate:
        """Return the expected number of purchases within a horizon."""
        return self._mixed(lambda fit: fit.expected_purchases(horizon, customers))

    def expected_purchases_new(self, horizon: float) -> Estimate:
        """Return the expected number of repeat purchases of a newcomer within a horizon."""
        return self._mixed(lambda fit: fit.expected_purchases_new(horizon))

    def discounted_purchases(self, horizon: float, discount: Rate, customers: Customers | None = None) -> Estimate:
        """Return the expected purchases within a horizon, each discounted from its time."""
        return self._mixed(lambda fit: fit.discounted_purchases(horizon, discount, customers))

    def purchase_count_pmf(self, k: int, horizon: float, customers: Customers | None = None) -> Estimate:
        """Return the probability of exactly k purchases within a horizon."""
        return self._mixed(lambda fit: fit.purchase_count_pmf(k, horizon, customers))

    def probability_no_purchase(self, horizon: float, customers: Customers | None = None) -> Estimate:
        """Return the probability of no purchase within a horizon."""
        return self.purchase_count_pmf(0, horizon, customers)

    def predict_purchases(
        self, horizon: float, customers: Customers | None = None, *, seed: int | None = None, draws: int = 1000
    ) -> Estimate:
        """Draw the number of purchases within a horizon, with so many draws of the mixture (all that it has, at most)."""
        seeds, share = iter(range(seeded(seed), 2**62)), min(draws / self.draws, 1.0)

        def drawn(fit: Fit) -> Estimate:
            outcomes = max(round(share * len(fit.draws)), 1)
            return fit.predict_purchases(horizon, customers, seed=next(seeds), draws=outcomes)

        return self._mixed(drawn)

    def _mixed(self, question: Callable[[Fit], Estimate]) -> Estimate:
        """Put a question to all that have a say, and mix their answers."""
        return mixed([question(fit) for fit in self.members])
