"""Information criteria: how well a fit would have foretold the history of a customer whom it hasn't seen.

Leaving out one customer is had from the draws of a posterior by importance weights, Pareto-smoothed; from the maximum of a
likelihood by one Newton step back, score' covariance score, whose sum over customers is Takeuchi's generalisation of the
number of parameters in AIC (at an edge, without a covariance, that number). Customers with one history share what is found,
so the cost is that of distinct histories.

Sources: A. Vehtari, A. Gelman, J. Gabry (2017), Practical Bayesian model evaluation using leave-one-out cross-validation and
WAIC, Statistics and Computing 27; M. Stone (1977), An asymptotic equivalence of choice of model by cross-validation and
Akaike's criterion, Journal of the Royal Statistical Society B 39.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.kernels.threads import each, slices
from clvmodels.psis import smoothed
from clvmodels.questions.asking import histories_of

if TYPE_CHECKING:
    from clvmodels.fitted import Fit
    from clvmodels.histories import Histories
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
        Pareto's k of the weights behind it, (n,): above 0.7 they can't be trusted; nan where there are none
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
    """Find the expected log predictive density of each customer whom a fit has learned from, had she been left out.

    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> found = leave_one_out(clv.fit(clv.BGNBD(), customers, seed=1))
    >>> round(found.total), round(found.error), bool((found.k < 0.7).all())
    (-9587, 279, True)
    """
    histories = histories_of(fit.model, fit.known(None), fit.model.history)
    elpd, k = _one_step(fit, histories) if fit.is_point else _weighted(fit, histories)
    return LeftOut(elpd[histories.index], k[histories.index])


def _one_step(fit: Fit, histories: Histories) -> tuple[Array, Array]:
    """Of a point: the log-likelihood of each history once the point has gone back by her own part in it; k is unknown."""
    value, *slopes = fit.model.loglik(fit.draws, histories).each()[:, 0]
    score = np.stack(slopes, axis=1) * fit.draws[0]
    known = np.isfinite(fit.covariance).all()
    parts = np.einsum("ki,ij,kj->k", score, fit.covariance, score) if known else len(slopes) / histories.weights.sum()
    return value - parts, np.full(len(histories), np.nan)


def _weighted(fit: Fit, histories: Histories) -> tuple[Array, Array]:
    """Of a posterior: by importance weights, in blocks of histories."""
    draws, width = fit.draws.shape

    def part(rows: slice) -> Array:
        values = fit.model.loglik(fit.draws, histories.some(rows)).each()[0]
        return np.array([_without(column) for column in values.T])

    found = each(part, slices(len(histories), max(CELLS // (draws * (1 + width)), 1)))
    elpd, k = np.concatenate(list(found)).T
    return elpd, k


def _without(log_likelihood: Array) -> tuple[float, float]:
    """The log of the mean likelihood over the posterior without this customer, and Pareto's k of the weights."""
    if np.ptp(log_likelihood) < 1e-12:
        return float(log_likelihood[0]), -np.inf
    weights, k = smoothed(-log_likelihood)
    top = log_likelihood.max()
    return float(top + np.log(weights @ np.exp(log_likelihood - top))), k
