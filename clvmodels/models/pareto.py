"""Pareto/NBD: customers buy at random, and leave at a random time of their own.

While alive a customer buys at rate lambda; she leaves at rate mu; lambda ~ Gamma(r, alpha) and mu ~ Gamma(s, beta),
independent. With x repeat purchases, the last at t_x, watched until T (Schmittlein, Morrison & Colombo 1987; Fader & Hardie
2005, eq. 15)::

    L = Gamma(r + x) / Gamma(r) alpha^r beta^s
        * ( (alpha + T)^-(r + x) (beta + T)^-s
            + s * integral over u in (t_x, T) of (alpha + u)^-(r + x) (beta + u)^-(s + 1) )

Here it is computed in another form, without a difference of integrals. With A(t) = (1 + t / alpha)^-(r + x) (1 + t /
beta)^-s and h(t) the chance that one who is alive at t, after x purchases, leaves before she buys again (`kernels.fates`)::

    L = Gamma(r + x) / Gamma(r) alpha^-x ( A(t_x) h(t_x)  +  A(T) (1 - h(T)) )

The first part are those who left after t_x, whenever that was; the second, those who stayed until T and bought later:
either she leaves first, or she buys first and did not until T. Each depends on one time only, and nothing cancels: the sum
is at least A(T). Given that she is alive at T, lambda ~ Gamma(r + x, alpha + T) and mu ~ Gamma(s, beta + T).

Sources: D. C. Schmittlein, D. G. Morrison, R. Colombo (1987), Counting your customers: who are they and what will they do
next?, Management Science 33(1); P. S. Fader, B. G. S. Hardie (2005), A note on deriving the Pareto/NBD model and related
expressions, brucehardie.com/notes/009.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf, log, log1p
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from clvmodels.contract import Model
from clvmodels.histories import Histories, LogLikelihood, LogSum
from clvmodels.kernels.fates import count_before, leaves_first, time_of_leaving
from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.kernels.silence import buys_later, leaves_later, nobody_bought
from clvmodels.kernels.special import log_rising
from clvmodels.parameters import Param

if TYPE_CHECKING:
    Two = tuple[float, float]
    Five = tuple[float, float, float, float, float]

LARGE = 700.0
"""The largest number whose exponential is still one."""


@row
def counts(r: float, alpha: float, s: float, beta: float, x: float) -> Five:
    """Log-likelihood, the part that sees the number of purchases only."""
    rising, d_r = log_rising(r, x)
    return rising - x * log(alpha), d_r, -x / alpha, 0.0, 0.0


@row
def left(r: float, alpha: float, s: float, beta: float, x: float, t_x: float) -> Five:
    """Log of the part of the likelihood of those who leave after t_x without another purchase; see `nobody_bought`."""
    if x == 0.0:
        return -inf, 0.0, 0.0, 0.0, 0.0
    return leaves_later(r, alpha, s, beta, x, t_x)


@row
def stayed(r: float, alpha: float, s: float, beta: float, x: float, T: float) -> Five:
    """Log of the part of the likelihood of those who stay until T and buy again; see `nobody_bought`."""
    return nobody_bought(r, alpha, s, beta, T) if x == 0.0 else buys_later(r, alpha, s, beta, x, T)


@jit
def surprise(r: float, alpha: float, s: float, beta: float, x: float, t_x: float, T: float) -> float:
    """-log P(alive): log of (A(t_x) h(t_x) + A(T) (1 - h(T))) / A(T)."""
    gap = (r + x) * log1p((T - t_x) / (alpha + t_x)) + s * log1p((T - t_x) / (beta + t_x))
    before, after = leaves_first(r + x, s, alpha + t_x, beta + t_x), leaves_first(r + x, s, alpha + T, beta + T)
    return gap + log(before + exp(-gap) * (1.0 - after))


@row
def alive(r: float, alpha: float, s: float, beta: float, x: float, t_x: float, T: float) -> float:
    """P(alive at T | history)."""
    return exp(-max(surprise(r, alpha, s, beta, x, t_x, T), 0.0))


@row
def survival(r: float, alpha: float, s: float, beta: float, kappa: float, T: float, u: float) -> float:
    """P(alive at T + u | alive at T)."""
    return exp(-s * log1p(kappa * u / (beta + T)))


@row
def intensity(
    r: float, alpha: float, s: float, beta: float, x: float, rho: float, kappa: float, T: float, u: float
) -> float:
    """Expected purchases per unit of time, u after T, given alive at T."""
    return rho * (r + x) / (alpha + T) * exp(-s * log1p(kappa * u / (beta + T)))


@row
def count(r: float, alpha: float, s: float, beta: float, x: float, T: float, n: float, t: float) -> float:
    """P(n purchases in (T, T + t] | alive at T)."""
    return count_before(n, r + x, alpha + T, s, beta + T, t)


@row
def first(rng: Any, r: float, alpha: float, s: float, beta: float, x: float, t_x: float, T: float) -> float:
    """Draw the time to her next purchase if she is alive and were not to leave: a gamma mixture of exponentials."""
    return (alpha + T) * expm1(min(rng.standard_exponential() / (r + x), LARGE))


@row
def future(rng: Any, r: float, alpha: float, s: float, beta: float, x: float, t_x: float, T: float, u: float) -> Five:
    """Draw her rate, given that she would buy at T + u, and how long she stays."""
    lifetime = (beta + T) * expm1(min(rng.standard_exponential() / s, LARGE))
    return rng.standard_gamma(r + x + 1.0) / (alpha + T + u), 1.0, lifetime, 0.0, 1.0


@row
def rate(r: float, alpha: float, s: float, beta: float, x: float, t_x: float, T: float) -> float:
    """Mean of lambda: one more purchase in the likelihood, over the likelihood."""
    return (r + x) / (alpha + T) * exp(surprise(r + 1.0, alpha, s, beta, x, t_x, T) - surprise(r, alpha, s, beta, x, t_x, T))


@row
def dropout(r: float, alpha: float, s: float, beta: float, x: float, t_x: float, T: float) -> float:
    """Mean of mu, in the same way."""
    return s / (beta + T) * exp(surprise(r, alpha, s + 1.0, beta, x, t_x, T) - surprise(r, alpha, s, beta, x, t_x, T))


@row
def traits(rng: Any, r: float, alpha: float, s: float, beta: float, x: float, t_x: float, T: float) -> Two:
    """Draw lambda and mu: of one who is alive, or who left some time after t_x."""
    end, gone = T, 0.0
    if rng.random() >= exp(-max(surprise(r, alpha, s, beta, x, t_x, T), 0.0)):
        end, gone = t_x + time_of_leaving(rng, r + x, s, alpha + t_x, beta + t_x, T - t_x), 1.0
    return rng.standard_gamma(r + x) / (alpha + end), rng.standard_gamma(s + gone) / (beta + end)


class Theta(NamedTuple):
    """Parameters of Pareto/NBD."""

    r: Annotated[Array, Param("shape of the gamma law of purchase rates")]
    alpha: Annotated[Array, Param("rate of the gamma law of purchase rates", "time")]
    s: Annotated[Array, Param("shape of the gamma law of dropout rates")]
    beta: Annotated[Array, Param("rate of the gamma law of dropout rates", "time")]


@dataclass(frozen=True)
class ParetoNBD(Model):
    """Pareto/NBD model of purchases without a contract.

    >>> import clvmodels as clv
    >>> paper = clv.ParetoNBD().at(r=0.5534, alpha=10.5802, s=0.6061, beta=11.6562)
    >>> customer = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
    >>> float(paper.expected_purchases(39, customer).mean[0].round(4))
    1.4551
    """

    name: ClassVar[str] = "Pareto/NBD"
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("x", "t_x", "T")
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
        return LogLikelihood((counts, LogSum((left, stayed))), self.parameters(), theta, histories)
