"""sBG: at every renewal a customer leaves with a chance of her own, the same all her life.

Time goes by contract periods: whoever has made t renewals is there at the end of period t. At each renewal she leaves
with probability theta; theta ~ Beta(alpha, beta). So (Fader & Hardie 2007, eqs. 5 and 6)::

    S(t) = P(she makes t renewals) = B(alpha, beta + t) / B(alpha, beta)
    P(she leaves in period t) = S(t - 1) - S(t) = S(t - 1) alpha / (alpha + beta + t - 1)

Given that she is there after t, theta ~ Beta(alpha, beta + t): retention rises with tenure because those who leave easily
have left, not because anybody changes. Those there after t stay for (beta + t) / (alpha - 1) more periods on average
where alpha > 1, and otherwise for ever on average (that sum has no end).

A history is t and ``lost``: 1 for those who left in period t, 0 for those still there after it.

Source: P. S. Fader, B. G. S. Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, inf, log1p
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from clvmodels.contract import Model
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.kernels.beta_ratio import beta_odds, beta_ratio_slopes, log_beta_ratio
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.parameters import Param

if TYPE_CHECKING:
    Three = tuple[float, float, float]

ENDLESS = "Where alpha is 1 or less, so many customers hardly ever leave that the mean of the lifetimes is infinite."


@row
def lasted(alpha: float, beta: float, t: float, lost: float) -> Three:
    """Log-likelihood: of t renewals, or of t - 1 and then leaving."""
    made = t - lost
    value, (d_alpha, d_beta, _) = log_beta_ratio(alpha, beta, made), beta_ratio_slopes(alpha, beta, made)
    if lost == 0.0:
        return value, d_alpha, d_beta
    stayed, whole = beta + made, alpha + beta + made
    return value - log1p(stayed / alpha), d_alpha + stayed / whole / alpha, d_beta - 1.0 / whole


@row
def retained(alpha: float, beta: float, t: float, u: float) -> float:
    """P(there after t + u | there after t), smooth in u."""
    return exp(log_beta_ratio(alpha, beta + t, u))


@row
def beyond(alpha: float, beta: float, t: float, u: float) -> float:
    """Expected number of periods after t + u that she is there for, given that she is there after t."""
    return exp(log_beta_ratio(alpha, beta + t, u)) * (beta + t + u) / (alpha - 1.0) if alpha > 1.0 else inf


@row
def leaving(rng: Any, alpha: float, beta: float, t: float) -> float:
    """Draw how many more renewals she makes, given that she is there after t.

    With her odds of leaving, she makes k of them with chance (1 + odds)^-k.
    """
    far = rng.standard_exponential() / log1p(beta_odds(rng, alpha, beta + t))
    return far - far % 1.0


class Theta(NamedTuple):
    """Parameters of sBG."""

    alpha: Annotated[Array, Param("first shape of the beta law of chances to leave")]
    beta: Annotated[Array, Param("second shape of the beta law of chances to leave")]


@dataclass(frozen=True)
class SBG(Model):
    """Shifted beta-geometric model of contract renewals.

    >>> paper = SBG().at(alpha=0.668, beta=3.806, unit="year")
    >>> paper.expected_survival([1, 7, 12]).mean.round(3)
    array([0.851, 0.489, 0.378])
    """

    name: ClassVar[str] = "sBG"
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("t", "lost")
    caveats: ClassVar[tuple[str, ...]] = (ENDLESS,)
    discrete: ClassVar[bool] = True
    retained: ClassVar[Row] = retained
    beyond: ClassVar[Row] = beyond
    leaving: ClassVar[Row] = leaving

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""
        return LogLikelihood((lasted,), self.parameters(), theta, histories)
