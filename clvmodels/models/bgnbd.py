"""BG/NBD: customers buy at random, and after each purchase leave with a chance of their own.

While alive a customer buys at rate lambda; after each purchase she leaves with probability p; lambda ~ Gamma(r, alpha) and
p ~ Beta(a, b), independent. With x repeat purchases, the last at t_x, watched until T (Fader, Hardie & Lee 2005, eq. 3)::

    L = Gamma(r + x) alpha^r / Gamma(r) * B(a, b + x) / B(a, b) * (alpha + T)^-(r + x)
        * (1 + [x > 0] a / (b + x - 1) * ((alpha + T) / (alpha + t_x))^(r + x))

The second term of the bracket is the odds of having left; given that she hasn't, lambda ~ Gamma(r + x, alpha + T) and
p ~ Beta(a, b + x), and all of her future follows: she is there u later with chance E[exp(-lambda p u)], and buys then at
rate E[lambda exp(-lambda p u)]. Both are positive for all parameters, a = 1 included, where the closed form of the
expectation (eq. 10) is 0 / 0.

Source: P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), "Counting your customers" the easy way: an alternative to the
Pareto/NBD model, Marketing Science 24(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import expm1, inf, log, log1p
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from clvmodels.contract import Model
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.kernels.erlang import count_of
from clvmodels.kernels.hypergeometric import beta_power
from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.kernels.special import log_odds_and_one, log_rising, log_survive, logistic
from clvmodels.parameters import Param

if TYPE_CHECKING:
    Two = tuple[float, float]
    Five = tuple[float, float, float, float, float]


@row
def counts(r: float, alpha: float, a: float, b: float, x: float) -> Five:
    """Log-likelihood, the part that sees the number of purchases only."""
    rising, d_r = log_rising(r, x)
    survive, d_a, d_b = log_survive(a, b, x)
    return rising + survive - x * log(alpha), d_r, -x / alpha, d_a, d_b


@row
def watched(r: float, alpha: float, a: float, b: float, x: float, T: float) -> Five:
    """Log-likelihood, the part that sees how long she was watched."""
    n, span = r + x, log1p(T / alpha)
    return -n * span, -span, n * T / (alpha * (alpha + T)), 0.0, 0.0


@jit
def log_odds_left(r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> float:
    """Log of the odds of having left by T."""
    return log(a / (b + x - 1.0)) + (r + x) * log((alpha + T) / (alpha + t_x)) if x > 0.0 else -inf


@row
def left(r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> Five:
    """Log-likelihood, the part that sees the time since the last purchase: log(1 + odds of having left)."""
    if x == 0.0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    dropout, bought, now = 1.0 / (b + x - 1.0), 1.0 / (alpha + t_x), alpha + T
    growth = log(now * bought)
    value, share = log_odds_and_one(a * dropout, (r + x) * growth)
    return value, share * growth, -share * (r + x) * (T - t_x) * bought / now, share / a, -share * dropout


@row
def alive(r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> float:
    """P(alive at T | history)."""
    return logistic(-log_odds_left(r, alpha, a, b, x, t_x, T))


@row
def survival(r: float, alpha: float, a: float, b: float, x: float, rho: float, kappa: float, T: float, u: float) -> float:
    """P(alive at T + u | alive at T)."""
    return beta_power(r + x, a, b + x, rho * kappa * u / (alpha + T))


@row
def intensity(r: float, alpha: float, a: float, b: float, x: float, rho: float, kappa: float, T: float, u: float) -> float:
    """Expected purchases per unit of time, u after T, given alive at T."""
    return rho * (r + x) / (alpha + T) * beta_power(r + x + 1.0, a, b + x, rho * kappa * u / (alpha + T))


@row
def count(r: float, alpha: float, a: float, b: float, x: float, T: float, n: float, t: float) -> float:
    """P(n purchases in (T, T + t] | alive at T): n and still there, or the n-th was the last."""
    return count_of(n, r + x, alpha + T, a, b + x, 1.0, 0.0, t)


@row
def first(rng: Any, r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> float:
    """Draw the time to her next purchase if she is alive: a gamma mixture of exponentials."""
    return (alpha + T) * expm1(min(rng.standard_exponential() / (r + x), 700.0))


@row
def future(rng: Any, r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float, u: float) -> Five:
    """Draw her rate, given that she buys at T + u; she stays between purchases, and leaves at one by odds of a to b + x."""
    return rng.standard_gamma(r + x + 1.0) / (alpha + T + u), 1.0, inf, a, b + x


@row
def rate(r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> float:
    """Mean of her rate of purchases: she was watched until T, or left at t_x."""
    here = logistic(-log_odds_left(r, alpha, a, b, x, t_x, T))
    return (r + x) * (here / (alpha + T) + (1.0 - here) / (alpha + t_x))


@row
def dropout(r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> float:
    """Mean of her chance of leaving after a purchase: she came through x of them, or left at the x-th."""
    here = logistic(-log_odds_left(r, alpha, a, b, x, t_x, T))
    return (a + 1.0 - here) / (a + b + x)


@row
def traits(rng: Any, r: float, alpha: float, a: float, b: float, x: float, t_x: float, T: float) -> Two:
    """Draw her rate of purchases and her chance of leaving."""
    gone = rng.random() >= logistic(-log_odds_left(r, alpha, a, b, x, t_x, T))
    watched_for, left_once = (t_x, 1.0) if gone else (T, 0.0)
    return rng.standard_gamma(r + x) / (alpha + watched_for), rng.beta(a + left_once, b + x - left_once)


CERTAIN = (
    "BG/NBD lets customers leave at a purchase only, so everybody who bought just once counts as alive for certain: "
    "don't rank one-time buyers by P(alive)."
)


class Theta(NamedTuple):
    """Parameters of BG/NBD."""

    r: Annotated[Array, Param("shape of the gamma law of purchase rates")]
    alpha: Annotated[Array, Param("rate of the gamma law of purchase rates", "time")]
    a: Annotated[Array, Param("first shape of the beta law of dropout")]
    b: Annotated[Array, Param("second shape of the beta law of dropout")]


@dataclass(frozen=True)
class BGNBD(Model):
    """Beta-geometric/NBD model of purchases without a contract.

    >>> import clvmodels as clv
    >>> paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> customer = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
    >>> float(paper.expected_purchases(39, customer).mean[0].round(3))
    1.226
    """

    name: ClassVar[str] = "BG/NBD"
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("x", "t_x", "T")
    caveats: ClassVar[tuple[str, ...]] = (CERTAIN,)
    alive: ClassVar[Row] = alive
    survival: ClassVar[Row] = survival
    intensity: ClassVar[Row] = intensity
    count: ClassVar[Row] = count
    first: ClassVar[Row] = first
    future: ClassVar[Row] = future
    rate: ClassVar[Row] = rate
    dropout: ClassVar[Row] = dropout
    traits: ClassVar[Row] = traits

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""
        return LogLikelihood((counts, watched, left), self.parameters(), theta, histories)
