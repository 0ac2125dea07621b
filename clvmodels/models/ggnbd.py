"""GG/NBD: Gamma/Gompertz/NBD: customers buy at random, and leave at a time whose hazard changes while they are customers.

While alive a customer buys at rate lambda ~ Gamma(r, alpha); she is still there after t with chance exp(-eta (exp(b t) -
1)), eta ~ Gamma(s, beta), independent. So S(t) = (beta / (beta - 1 + exp(b t)))^s: many may leave early, or few, or most of
them late. With x repeat purchases, the last at t_x, watched until T (Bemmaor & Glady 2012, eq. 6)::

    L = Gamma(r + x) / Gamma(r) alpha^r
        * ( (alpha + T)^-(r + x) S(T)  +  integral over u in (t_x, T) of (alpha + u)^-(r + x) (-S'(u)) )

where the integral is taken numerically (`kernels.gompertz`). As b and beta go to 0 in proportion it is Pareto/NBD. Given
that she is alive at T, lambda ~ Gamma(r + x, alpha + T) and eta exp(b T) ~ Gamma(s, B), B = 1 + (beta - 1) exp(-b T).

Source: A. C. Bemmaor, N. Glady (2012), Modeling purchasing behavior with sudden "death": a flexible customer lifetime
model, Management Science 58(5), with its erratum.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, inf, log, log1p
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

import numpy as np

from clvmodels.contract import Model
from clvmodels.histories import Histories, LogLikelihood, LogSum
from clvmodels.kernels.gompertz import count_before, leaves_at, leaves_within, log_gone, log_leaves, tired
from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.kernels.special import log_rising, softplus
from clvmodels.parameters import Param

if TYPE_CHECKING:
    Five = tuple[float, float, float, float, float]
    Six = tuple[float, float, float, float, float, float]


@row
def counts(r: float, alpha: float, b: float, s: float, beta: float, x: float) -> Six:
    """Log-likelihood, the part that sees the number of purchases only."""
    rising, d_r = log_rising(r, x)
    return rising - x * log(alpha), d_r, -x / alpha, 0.0, 0.0, 0.0


@jit
def log_still(r: float, alpha: float, b: float, s: float, beta: float, x: float, t: float) -> Six:
    """Log of A(t) = (1 + t / alpha)^-(r + x) S(t): she is there at t, and silent since her x-th purchase; and its slopes."""
    bought, gone, now = log1p(t / alpha), log_gone(b * t, beta), tired(b, beta, t)
    d_alpha, d_beta = (r + x) * t / (alpha * (alpha + t)), s * -expm1(-b * t) / (beta * now)
    return -(r + x) * bought - s * gone, -bought, d_alpha, -s * t / now, -gone, d_beta


@row
def stayed(r: float, alpha: float, b: float, s: float, beta: float, x: float, T: float) -> Six:
    """Log of the part of the likelihood of those who stayed until T."""
    return log_still(r, alpha, b, s, beta, x, T)


@row
def left(r: float, alpha: float, b: float, s: float, beta: float, x: float, t_x: float, T: float) -> Six:
    """Log of the part of the likelihood of those who left between t_x and T."""
    if t_x >= T:
        return -inf, 0.0, 0.0, 0.0, 0.0, 0.0
    still, d_r, d_alpha, d_b, d_s, d_beta = log_still(r, alpha, b, s, beta, x, t_x)
    fresh, then = exp(-b * t_x), tired(b, beta, t_x)
    chance, g_r, g_alpha, g_b, g_s, g_then = leaves_within(r + x, alpha + t_x, b, s, then, T - t_x)
    g_b += g_then * t_x * (1.0 - beta) * fresh
    return still + chance, d_r + g_r, d_alpha + g_alpha, d_b + g_b, d_s + g_s, d_beta + g_then * fresh


@row
def alive(r: float, alpha: float, b: float, s: float, beta: float, x: float, t_x: float, T: float) -> float:
    """P(alive at T | history)."""
    if t_x >= T:
        return 1.0
    time, A, then = T - t_x, alpha + t_x, tired(b, beta, t_x)
    odds = log_leaves(r + x, A, b, s, then, time) + (r + x) * log1p(time / A) + s * log_gone(b * time, then)
    return exp(-softplus(odds)[0])


@row
def silence(r: float, alpha: float, b: float, s: float, beta: float, x: float, T: float) -> float:
    """Log of the chance that she is there at T, and silent since her x-th purchase."""
    return -(r + x) * log1p(T / alpha) - s * log_gone(b * T, beta)


@row
def departure(r: float, alpha: float, b: float, s: float, beta: float, x: float, T: float, u: float) -> float:
    """Density of leaving u after T, before she buys again, given alive at T."""
    return leaves_at(r + x, alpha + T, b, s, tired(b, beta, T), u)


@row
def survival(r: float, alpha: float, b: float, s: float, beta: float, kappa: float, T: float, u: float) -> float:
    """P(alive at T + u | alive at T)."""
    return exp(-s * log_gone(b * u, tired(b, beta, T) / kappa)) if kappa > 0.0 else 1.0


@row
def intensity(
    r: float, alpha: float, b: float, s: float, beta: float, x: float, rho: float, kappa: float, T: float, u: float
) -> float:
    """Expected purchases per unit of time, u after T, given alive at T."""
    stays = exp(-s * log_gone(b * u, tired(b, beta, T) / kappa)) if kappa > 0.0 else 1.0
    return rho * (r + x) / (alpha + T) * stays


@row
def count(r: float, alpha: float, b: float, s: float, beta: float, x: float, T: float, n: float, t: float) -> float:
    """P(n purchases in (T, T + t] | alive at T)."""
    return count_before(n, r + x, alpha + T, b, s, tired(b, beta, T), t)


@row
def first(rng: Any, r: float, alpha: float, b: float, s: float, beta: float, x: float, t_x: float, T: float) -> float:
    """Draw the time to her next purchase if she is alive and were not to leave: a gamma mixture of exponentials."""
    return (alpha + T) * expm1(min(rng.standard_exponential() / (r + x), 700.0))


@row
def future(
    rng: Any, r: float, alpha: float, b: float, s: float, beta: float, x: float, t_x: float, T: float, u: float
) -> Five:
    """Draw her rate, given that she would buy at T + u, and how long she stays."""
    lifetime = log1p(tired(b, beta, T) * expm1(min(rng.standard_exponential() / s, 700.0))) / b
    return rng.standard_gamma(r + x + 1.0) / (alpha + T + u), 1.0, lifetime, 0.0, 1.0


class Theta(NamedTuple):
    """Parameters of GG/NBD."""

    r: Annotated[Array, Param("shape of the gamma law of purchase rates")]
    alpha: Annotated[Array, Param("rate of the gamma law of purchase rates", "time")]
    b: Annotated[Array, Param("growth of the hazard of leaving", "rate")]
    s: Annotated[Array, Param("shape of the gamma law of dropout rates")]
    beta: Annotated[Array, Param("rate of the gamma law of dropout rates")]


@dataclass(frozen=True)
class GGNBD(Model):
    """Gamma/Gompertz/NBD model of purchases without a contract.

    >>> import clvmodels as clv
    >>> paper = clv.GGNBD().at(r=0.553, alpha=10.578, b=0.0002, s=0.603, beta=0.0026)
    >>> customer = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
    >>> float(paper.expected_purchases(39, customer).mean[0].round(2))
    1.47
    """

    name: ClassVar[str] = "GG/NBD"
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("x", "t_x", "T")
    alive: ClassVar[Row] = alive
    silence: ClassVar[Row] = silence
    departure: ClassVar[Row] = departure
    survival: ClassVar[Row] = survival
    intensity: ClassVar[Row] = intensity
    count: ClassVar[Row] = count
    first: ClassVar[Row] = first
    future: ClassVar[Row] = future

    def bend(self, theta: Array) -> Array:
        """Return the time within which her hazard of leaving bends: S has a pole so long before she begins."""
        return -np.log1p(-np.minimum(theta[:, 4], 0.9)) / theta[:, 2]

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""
        return LogLikelihood((counts, LogSum((stayed, left))), self.parameters(), theta, histories)
