"""BG/BB: customers who may buy at given opportunities, once at each: donors once a year, guests once a season.

At each opportunity a customer first leaves for good with probability theta; if she is still there, she buys with
probability p; p ~ Beta(alpha, beta) and theta ~ Beta(gamma, delta), independent. With x purchases, the last at opportunity
t_x, of T (the paper's n) opportunities after the first purchase (Fader, Hardie & Shang 2010, eq. 4)::

    L = B(alpha + x, beta + T - x) / B(alpha, beta)  B(gamma, delta + T) / B(gamma, delta)
        + sum over y from t_x to T - 1 of B(alpha + x, beta + y - x) / B(alpha, beta)
                                          * B(gamma + 1, delta + y) / B(gamma, delta)

where the y-th term are those who left after y opportunities. P(alive at T) is the first term over L. Given that, p ~
Beta(alpha + x, beta + T - x) and theta ~ Beta(gamma, delta + T). (The paper's P(alive at n + 1) is
``probability_alive(ahead=1)``.)

Source: P. S. Fader, B. G. S. Hardie, J. Shang (2010), Customer-base analysis in a discrete-time noncontractual setting,
Marketing Science 29(6).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from clvmodels.contract import Model
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.kernels.special import betainc, digamma, log_beta, log_survive, softplus, stays
from clvmodels.parameters import Param

if TYPE_CHECKING:
    Five = tuple[float, float, float, float, float]

LEAST = 1e-12
"""Of a chance that is drawn, so that opportunities can be counted until it happens."""


@jit
def log_left(alpha: float, beta: float, gamma: float, delta: float, x: float, t_x: float, T: float) -> Five:
    """Log of the odds of having left by T, and its slopes: the terms of the sum over the first, from the last one back."""
    term, largest, total = log(gamma), -1e308, 0.0
    slopes, means = (0.0, 0.0, 1.0 / gamma, 0.0), (0.0, 0.0, 0.0, 0.0)
    y = T - 1.0
    while y >= t_x:
        both, stay, buys, fails = gamma + delta + y + 1.0, 1.0 / (delta + y), 1.0 / (alpha + beta + y), 1.0 / (beta + y - x)
        grown = 0.0 if y == T - 1.0 else log(both / (delta + y + 1.0))
        term += grown + log((alpha + beta + y) * fails)
        d_c = 0.0 if y == T - 1.0 else 1.0 / both
        d_d = 0.0 if y == T - 1.0 else 1.0 / both - 1.0 / (delta + y + 1.0)
        slopes = (slopes[0] + buys, slopes[1] + buys - fails, slopes[2] + d_c, slopes[3] + d_d)
        level = term - log(delta + y)
        weight, shrink = (1.0, exp(largest - level)) if level > largest else (exp(level - largest), 1.0)
        largest, total = max(level, largest), total * shrink + weight
        means = (
            means[0] * shrink + weight * slopes[0],
            means[1] * shrink + weight * slopes[1],
            means[2] * shrink + weight * slopes[2],
            means[3] * shrink + weight * (slopes[3] - stay),
        )
        y -= 1.0
    return largest + log(total), means[0] / total, means[1] / total, means[2] / total, means[3] / total


@row
def bought(alpha: float, beta: float, gamma: float, delta: float, x: float, T: float) -> Five:
    """Log-likelihood of one who stayed for all opportunities."""
    stayed, d_gamma, d_delta = log_survive(gamma, delta, T)
    value = log_beta(alpha + x, beta + T - x) - log_beta(alpha, beta) + stayed
    both = digamma(alpha + beta) - digamma(alpha + beta + T)
    d_alpha = digamma(alpha + x) - digamma(alpha) + both
    return value, d_alpha, digamma(beta + T - x) - digamma(beta) + both, d_gamma, d_delta


@row
def left(alpha: float, beta: float, gamma: float, delta: float, x: float, t_x: float, T: float) -> Five:
    """Log-likelihood, the part that sees the opportunities since the last purchase: log(1 + odds of having left)."""
    if t_x >= T:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    odds, d_alpha, d_beta, d_gamma, d_delta = log_left(alpha, beta, gamma, delta, x, t_x, T)
    value, share = softplus(odds)
    return value, share * d_alpha, share * d_beta, share * d_gamma, share * d_delta


@row
def alive(alpha: float, beta: float, gamma: float, delta: float, x: float, t_x: float, T: float) -> float:
    """P(alive at T | history)."""
    return exp(-softplus(log_left(alpha, beta, gamma, delta, x, t_x, T)[0])[0]) if t_x < T else 1.0


@row
def survival(alpha: float, beta: float, gamma: float, delta: float, kappa: float, T: float, u: float) -> float:
    """P(alive at T + u | alive at T)."""
    return stays(gamma, delta + T, float(int(u)), kappa)


@row
def intensity(
    alpha: float, beta: float, gamma: float, delta: float, x: float, rho: float, kappa: float, T: float, u: float
) -> float:
    """P(she buys at opportunity T + u | alive at T); a chance that is multiplied stays a chance."""
    buy, fail = alpha + x, beta + T - x
    chance = rho * buy / (buy + fail)
    if rho > 1.0:
        chance += betainc(fail, buy, 1.0 - 1.0 / rho) - chance * betainc(fail, buy + 1.0, 1.0 - 1.0 / rho)
    return chance * stays(gamma, delta + T, float(int(u)), kappa)


@row
def count(alpha: float, beta: float, gamma: float, delta: float, x: float, T: float, n: float, t: float) -> float:
    """P(n purchases in (T, T + t] | alive at T): she stays for y opportunities and buys at n of them, y up to the last."""
    buy, fail, stay, last, total = alpha + x, beta + T - x, delta + T, float(int(t)), 0.0
    y = n
    while y <= last:
        lasts = log_survive(gamma, stay, y)[0] + (log(gamma / (gamma + stay + y)) if y < last else 0.0)
        ways = lgamma(y + 1.0) - lgamma(n + 1.0) - lgamma(y - n + 1.0)
        total += exp(lasts + ways + log_beta(buy + n, fail + y - n) - log_beta(buy, fail))
        y += 1.0
    return total


@row
def first(rng: Any, alpha: float, beta: float, gamma: float, delta: float, x: float, t_x: float, T: float) -> float:
    """Draw the opportunity at which she would buy next."""
    return float(rng.geometric(max(rng.beta(alpha + x, beta + T - x), LEAST)))


@row
def future(
    rng: Any, alpha: float, beta: float, gamma: float, delta: float, x: float, t_x: float, T: float, u: float
) -> Five:
    """Draw her chance of buying, given that she would buy next at T + u, and for how many opportunities she stays."""
    lasts = rng.geometric(max(rng.beta(gamma, delta + T), LEAST)) - 1.0
    return max(rng.beta(alpha + x + 1.0, beta + T - x + u - 1.0), LEAST), 0.0, lasts, 0.0, 1.0


class Theta(NamedTuple):
    """Parameters of BG/BB."""

    alpha: Annotated[Array, Param("first shape of the beta law of buying at an opportunity")]
    beta: Annotated[Array, Param("second shape of the beta law of buying at an opportunity")]
    gamma: Annotated[Array, Param("first shape of the beta law of dropout")]
    delta: Annotated[Array, Param("second shape of the beta law of dropout")]


@dataclass(frozen=True)
class BGBB(Model):
    """Beta-geometric/beta-Bernoulli model of purchases at opportunities; times are numbers of opportunities.

    >>> import clvmodels as clv
    >>> paper = clv.BGBB().at(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year")
    >>> donors = clv.Customers.from_arrays([2, 6], [4, 6], [6, 6], unit="year")
    >>> paper.expected_purchases(5, donors).mean.round(3)
    array([1.057, 3.752])
    """

    name: ClassVar[str] = "BG/BB"
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("x", "t_x", "T")
    discrete: ClassVar[bool] = True
    most_dropout: ClassVar[float] = 1.0
    alive: ClassVar[Row] = alive
    survival: ClassVar[Row] = survival
    intensity: ClassVar[Row] = intensity
    count: ClassVar[Row] = count
    first: ClassVar[Row] = first
    future: ClassVar[Row] = future

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""
        return LogLikelihood((bought, left), self.parameters(), theta, histories)
