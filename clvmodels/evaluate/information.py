"""Information criteria: how well a fit would have foretold the history of a customer whom it hasn't seen.

Leaving out one customer is had from the draws of a posterior by importance weights, Pareto-smoothed. Source: A. Vehtari,
A. Gelman, J. Gabry (2017), Practical Bayesian model evaluation using leave-one-out cross-validation and WAIC, Statistics and
Computing 27. Customers with one history share what is found of it, so the cost is that of distinct histories.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import QuestionError
from clvmodels.kernels.threads import each, slices
from clvmodels.psis import smoothed
from clvmodels.questions.asking import histories_of

if TYPE_CHECKING:
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array

CELLS = 2_000_000
"""Numbers of a log-likelihood and its slopes to be had at once."""

TRUSTED = 0.7
"""Up to this Pareto k weights can be trusted."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """What leaving out each customer in turn has found.

    Attributes
    ----------
    elpd
        log-likelihood of each customer's history under a fit to all others, (n,)
    k
        Pareto's k of the weights behind it, (n,): above 0.7 they can't be trusted
    """

    elpd: Array
    k: Array

    @property
    def total(self) -> float:
        """The sum over customers: more is better."""
        return float(self.elpd.sum())

    @property
    def error(self) -> float:
        """The standard error of the sum."""
        return float(np.sqrt(len(self.elpd)) * self.elpd.std())


def leave_one_out(fit: Fit) -> LeftOut:
    """Find the expected log predictive density of each customer whom a posterior has learned from.

    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> found = leave_one_out(clv.fit(clv.BGNBD(), customers, seed=1))
    >>> round(found.total), round(found.error), bool((found.k < 0.7).all())
    (-9587, 279, True)
    """
    if fit.is_point:
        message = f"{fit.model.name} was fitted at a point, which nothing can be left out of: fit a posterior."
        raise QuestionError(message)
    histories = histories_of(fit.model, fit.seen(None), fit.model.history)
    draws, width = len(fit.draws), 1 + fit.draws.shape[1]

    def part(rows: slice) -> Array:
        some = histories.some(rows)
        values = fit.model.loglik(fit.draws, some).each()[0]
        return np.array([_without(column) for column in values.T])

    found = np.concatenate(list(each(part, slices(len(histories), max(CELLS // (draws * width), 1)))))
    elpd, k = found[histories.index].T
    return LeftOut(elpd, k)


def _without(log_likelihood: Array) -> tuple[float, float]:
    """The log of the mean likelihood over the posterior without this customer, and Pareto's k of the weights."""
    if np.ptp(log_likelihood) < 1e-12:
        return float(log_likelihood[0]), -np.inf
    weights, k = smoothed(-log_likelihood)
    top = log_likelihood.max()
    return float(top + np.log(weights @ np.exp(log_likelihood - top))), k
