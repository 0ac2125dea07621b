"""NBD: customers buy at random, each at a rate of her own, and nobody ever leaves: the baseline of all others.

lambda ~ Gamma(r, alpha). With x repeat purchases, watched until T::

    L = Gamma(r + x) / Gamma(r) alpha^r (alpha + T)^-(r + x)

and given them lambda ~ Gamma(r + x, alpha + T); when she bought tells nothing.

Source: A. S. C. Ehrenberg (1959), The pattern of consumer purchases, Applied Statistics 8(1).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf, lgamma, log, log1p
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from clvmodels.contract import Model
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.kernels.special import log_rising
from clvmodels.parameters import Param

if TYPE_CHECKING:
    Two = tuple[float, float]
    Three = tuple[float, float, float]
    Five = tuple[float, float, float, float, float]


@row
def counts(r: float, alpha: float, x: float) -> Three:
    """Log-likelihood, the part that sees the number of purchases only."""
    rising, d_r = log_rising(r, x)
    return rising - x * log(alpha), d_r, -x / alpha


@row
def watched(r: float, alpha: float, x: float, T: float) -> Three:
    """Log-likelihood, the part that sees how long she was watched."""
    span = log1p(T / alpha)
    return -(r + x) * span, -span, (r + x) * T / (alpha * (alpha + T))


@row
def alive(r: float, alpha: float, x: float, t_x: float, T: float) -> float:
    """Nobody leaves."""
    return 1.0


@row
def survival(r: float, alpha: float, x: float, kappa: float, T: float, u: float) -> float:
    """Nobody will leave."""
    return 1.0


@row
def intensity(r: float, alpha: float, x: float, rho: float, T: float, u: float) -> float:
    """Expected purchases per unit of time: always the same."""
    return rho * (r + x) / (alpha + T)


@row
def count(r: float, alpha: float, x: float, T: float, n: float, t: float) -> float:
    """P(n purchases in (T, T + t]): negative binomial."""
    m, z = r + x, t / (alpha + T + t)
    if t == 0.0 or n == 0.0:
        return exp(m * log1p(-z)) if n == 0.0 else 0.0
    return exp(lgamma(m + n) - lgamma(m) - lgamma(n + 1.0) + m * log1p(-z) + n * log(z))


@row
def first(rng: Any, r: float, alpha: float, x: float, t_x: float, T: float) -> float:
    """Draw the time to her next purchase: a gamma mixture of exponentials."""
    return (alpha + T) * expm1(min(rng.standard_exponential() / (r + x), 700.0))


@row
def future(rng: Any, r: float, alpha: float, x: float, t_x: float, T: float, u: float) -> Five:
    """Draw her rate, given that she buys at T + u; she stays for ever."""
    return rng.standard_gamma(r + x + 1.0) / (alpha + T + u), 1.0, inf, 0.0, 1.0


@row
def rate(r: float, alpha: float, x: float, t_x: float, T: float) -> float:
    """Mean of lambda."""
    return (r + x) / (alpha + T)


@row
def dropout(r: float, alpha: float, x: float, t_x: float, T: float) -> float:
    """Nobody leaves."""
    return 0.0


@row
def traits(rng: Any, r: float, alpha: float, x: float, t_x: float, T: float) -> Two:
    """Draw lambda; there is no dropout."""
    return rng.standard_gamma(r + x) / (alpha + T), 0.0


FOR_EVER = "NBD knows no dropout: it is a baseline, and overstates what customers who have left will buy."


class Theta(NamedTuple):
    """Parameters of NBD."""

    r: Annotated[Array, Param("shape of the gamma law of purchase rates")]
    alpha: Annotated[Array, Param("rate of the gamma law of purchase rates", "time")]


@dataclass(frozen=True)
class NBD(Model):
    """NBD model of purchases: nobody ever leaves.

    >>> import clvmodels as clv
    >>> paper = clv.NBD().at(r=0.385, alpha=12.07)
    >>> float(paper.expected_purchases_new(39).mean[0].round(3))
    1.244
    """

    name: ClassVar[str] = "NBD"
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("x", "t_x", "T")
    caveats: ClassVar[tuple[str, ...]] = (FOR_EVER,)
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
        return LogLikelihood((counts, watched), self.parameters(), theta, histories)
