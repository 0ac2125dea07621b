"""BdW: at every renewal a customer leaves with a chance of her own, which rises or falls with her tenure.

As sBG (which it is at c = 1), but each customer's renewals follow a discrete Weibull law: she makes t of them with
probability (1 - theta)^(t^c). For c > 1 she is ever more likely to leave, for c < 1 ever less. theta ~ Beta(alpha, beta),
so that (Fader, Hardie, Liu, Davin & Steenburgh 2018)::

    S(t) = P(she makes t renewals) = B(alpha, beta + t^c) / B(alpha, beta)

Given that she is there after t, theta ~ Beta(alpha, beta + t^c). The mean of the lifetimes is finite where alpha c > 1, and
has no closed form.

A history is t and ``lost``: 1 for those who left in period t, 0 for those still there after it. P(she leaves in period t)
is S(t - 1) (1 - S(t) / S(t - 1)), where the ratio is again one of beta functions, t^c - (t - 1)^c apart.

Source: P. S. Fader, B. G. S. Hardie, Y. Liu, J. Davin, T. Steenburgh (2018), "How to project customer retention"
revisited: the role of duration dependence, Journal of Interactive Marketing 43.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf, log, log1p
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

import numpy as np

from clvmodels.contract import Model
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.kernels.beta_ratio import beta_odds, beta_ratio_slopes, digamma_rise, log_beta_ratio
from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.parameters import Param
from clvmodels.priors import LogNormal

if TYPE_CHECKING:
    Four = tuple[float, float, float, float]

ENDLESS = "Where alpha c is 1 or less, so many customers hardly ever leave that the mean of the lifetimes is infinite."

LARGEST = 690.0
"""The log of the largest power of a tenure that is a number."""

TINY = 1e-300
NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)

WIDE, STEEP = 4.0, 16.0
"""A panel of the tail covers so much of log t^c, and so many factors of e at its steepest."""

NOTHING = 1e-18
"""A panel that brings no more than this, relatively, is the last: what survives falls ever faster on the scale of logs."""

FINAL = 1e17
"""From t^c this many times larger than the parameters on, survival is a power of t to the last digit."""


@jit
def power(t: float, c: float) -> float:
    """t^c, finite."""
    return exp(min(c * log(t), LARGEST)) if t > 0.0 else 0.0


@jit
def gain(c: float, far: float, stretch: float) -> float:
    """(t + u)^c - t^c from the logs of t + u and of (t + u) / t, the latter infinite where t is 0."""
    return -exp(min(c * far, LARGEST)) * expm1(-c * stretch)


@jit
def between(c: float, t: float, u: float) -> float:
    """(t + u)^c - t^c, without cancellation."""
    return gain(c, log(t + u), log1p(u / t) if t > 0.0 else inf) if u > 0.0 else 0.0


@row
def there(alpha: float, beta: float, c: float, t: float, lost: float) -> Four:
    """Log-likelihood, the part of the renewals made: log S(t - lost)."""
    made = t - lost
    y = power(made, c)
    d_alpha, d_beta, d_y = beta_ratio_slopes(alpha, beta, y)
    d_c = d_y * y * log(made) if made > 0.0 else 0.0
    return log_beta_ratio(alpha, beta, y), d_alpha, d_beta, d_c


@row
def gone(alpha: float, beta: float, c: float, t: float, lost: float) -> Four:
    """Log-likelihood, the part of the renewal not made: log(1 - S(t) / S(t - 1))."""
    if lost == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    y, step = power(t - 1.0, c), between(c, t - 1.0, 1.0)
    stays = log_beta_ratio(alpha, beta + y, step)
    d_alpha, d_beta, d_step = beta_ratio_slopes(alpha, beta + y, step)
    odds = 1.0 / max(expm1(min(-stays, LARGEST)), TINY)
    d_y = y * log(t - 1.0) if t > 1.0 else 0.0
    rise = step * log(t) + (y * log1p(1.0 / (t - 1.0)) if t > 1.0 else 0.0)
    d_c = d_beta * d_y + d_step * rise
    return log(max(-expm1(stays), TINY)), -odds * d_alpha, -odds * d_beta, -odds * d_c


@row
def retained(alpha: float, beta: float, c: float, t: float, u: float) -> float:
    """P(there after t + u | there after t), smooth in u."""
    return exp(log_beta_ratio(alpha, beta + power(t, c), between(c, t, u)))


@jit
def _steepness(alpha: float, beta: float, c: float, far: float) -> float:
    """How far from 0 the slope of w P(there after w) is on the scale of its log, at a time w with the log ``far``."""
    y = exp(min(c * far, LARGEST))
    return abs(1.0 - c * y * digamma_rise(beta + y, alpha))


@jit
def _width(alpha: float, beta: float, c: float, far: float) -> float:
    """The length of the next panel of the tail."""
    width, here = WIDE / c, _steepness(alpha, beta, c, far)
    while width * max(here, _steepness(alpha, beta, c, far + width)) > STEEP:
        width *= 0.5
    return width


@jit
def _tail(alpha: float, beta: float, c: float, t: float, u: float) -> float:
    """Integral over the time w after u of P(there after t + w | there after t), in panels of log(t + w)."""
    b, far, stretch = beta + power(t, c), log(t + u), log1p(u / t) if t > 0.0 else inf
    last, total, v = log(FINAL * (1.0 + alpha) * (1.0 + alpha + beta)) / c - far, 0.0, 0.0
    while v < last:
        half, part = 0.5 * _width(alpha, beta, c, far + v), 0.0
        for k in range(len(NODES)):
            place = v + half * (1.0 + NODES[k])
            stays = log_beta_ratio(alpha, b, gain(c, far + place, stretch + place))
            part += half * WEIGHTS[k] * exp(min(stays + place, LARGEST))
        total, v = total + part, v + 2.0 * half
        if part <= NOTHING * total:
            return (t + u) * total
        if part > 1.0 / NOTHING**10:
            return inf
    rest = exp(min(log_beta_ratio(alpha, b, gain(c, far + v, stretch + v)) + v, LARGEST))
    return (t + u) * (total + rest / (alpha * c - 1.0))


@row
def beyond(alpha: float, beta: float, c: float, t: float, u: float) -> float:
    """Expected number of periods after t + u that she is there for, given that she is there after t; u at least 1,000.

    By the sum formula of Euler and Maclaurin from u + 1/2 on, with the first of its corrections.
    """
    if alpha * c <= 1.0:
        return inf
    y = power(t, c)
    before, after = between(c, t, u), between(c, t, u + 1.0)
    falls = exp(log_beta_ratio(alpha, beta + y, after)) - exp(log_beta_ratio(alpha, beta + y, before))
    return max(_tail(alpha, beta, c, t, u + 0.5) + falls / 24.0, 0.0)


@row
def leaving(rng: Any, alpha: float, beta: float, c: float, t: float) -> float:
    """Draw how many more renewals she makes, given that she is there after t.

    With her odds of leaving, she makes k of them with chance (1 + odds)^-((t + k)^c - t^c).
    """
    y = power(t, c)
    far = rng.standard_exponential() / log1p(beta_odds(rng, alpha, beta + y))
    more = t * expm1(min(log1p(far / y) / c, LARGEST)) if t > 0.0 else power(far, 1.0 / c)
    return more - more % 1.0


class Theta(NamedTuple):
    """Parameters of BdW."""

    alpha: Annotated[Array, Param("first shape of the beta law of chances to leave")]
    beta: Annotated[Array, Param("second shape of the beta law of chances to leave")]
    c: Annotated[Array, Param("rise of the chance to leave with tenure, 1 for none", prior=LogNormal.around(1.0, 0.5))]


@dataclass(frozen=True)
class BDW(Model):
    """Beta-discrete-Weibull model of contract renewals.

    >>> BDW().at(alpha=0.668, beta=3.806, c=1.0, unit="year").expected_survival([1, 7, 12]).mean.round(3)
    array([0.851, 0.489, 0.378])
    """

    name: ClassVar[str] = "BdW"
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("t", "lost")
    caveats: ClassVar[tuple[str, ...]] = (ENDLESS,)
    discrete: ClassVar[bool] = True
    retained: ClassVar[Row] = retained
    beyond: ClassVar[Row] = beyond
    leaving: ClassVar[Row] = leaving

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""
        return LogLikelihood((there, gone), self.parameters(), theta, histories)
