"""Gamma-Gamma: what a customer spends on a purchase, whatever the number of her purchases.

The value of each purchase is Gamma(p, nu), with a mean p / nu of the customer's own; nu ~ Gamma(q, v). The mean m of x
purchases has the density (Fader & Hardie 2013, eq. 1a; Gamma(., .) in shape and rate)::

    f(m | x) = Gamma(p x + q) / (Gamma(p x) Gamma(q)) * v^q m^(p x - 1) x^(p x) / (v + x m)^(p x + q)

and given them nu ~ Gamma(p x + q, v + x m), so that a purchase is worth p (v + x m) / (p x + q - 1) on average (eq. 5). That
mean of p / nu is infinite where p x + q <= 1; its median, p (v + x m) over the median of Gamma(p x + q, 1), never is. A
customer without a purchase of known value has x = 0: she tells nothing, and is expected to spend what a newcomer does.

Source: P. S. Fader, B. G. S. Hardie (2013), The Gamma-Gamma model of monetary value, brucehardie.com/notes/025.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log, log1p, nan
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from clvmodels.contract import Model
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.kernels.gamma_law import gamma_quantile
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.kernels.special import digamma, log_beta
from clvmodels.parameters import Param
from clvmodels.priors import LogNormal

if TYPE_CHECKING:
    Four = tuple[float, float, float, float]


@row
def counts(p: float, q: float, v: float, x: float) -> Four:
    """Log-likelihood, the part that sees the number of purchases only."""
    if x == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    shape, both = p * x, digamma(p * x + q)
    return -log_beta(shape, q), x * (both - digamma(shape)), both - digamma(q), 0.0


@row
def values(p: float, q: float, v: float, x: float, m: float) -> Four:
    """Log-likelihood, the part that sees the mean value: with w = v / (x m), -p x log(1 + w) - q log(1 + 1 / w) - log m."""
    if x == 0.0:
        return 0.0, 0.0, 0.0, 0.0
    total = x * m
    inner, outer = log1p(v / total), log1p(total / v)
    value = -p * x * inner - q * outer - log(m)
    return value, -x * inner, -outer, (q * total / v - p * x) / (v + total)


@row
def mean_spend(p: float, q: float, v: float, x: float, m: float) -> float:
    """Expected value of a purchase; nan where p x + q <= 1, for then it has no mean."""
    return p * (v + x * m) / (p * x + q - 1.0) if p * x + q > 1.0 else nan


@row
def median_spend(p: float, q: float, v: float, x: float, m: float) -> float:
    """Median of p / nu, the mean value of her purchases; it exists for all q, and is infinite where it has no float."""
    quantile = gamma_quantile(p * x + q, 0.5)
    return p * (v + x * m) / quantile if quantile > 0.0 else inf


@row
def basket(rng: Any, p: float, q: float, v: float, x: float, m: float) -> tuple[float, float]:
    """Draw the gamma law of her purchases: its shape and its rate."""
    return p, rng.standard_gamma(p * x + q) / (v + x * m)


@row
def stretch(p: float, q: float, v: float, x: float, m: float) -> float:
    """By how much her purchases are larger than those of one who is drawn alike and has shown nothing."""
    return 1.0 + x * m / v


class Theta(NamedTuple):
    """Parameters of Gamma-Gamma."""

    p: Annotated[Array, Param("shape of the gamma law of a customer's purchases", prior=LogNormal.around(3.0, 2.0))]
    q: Annotated[Array, Param("shape of the gamma law of customers' spend rates", prior=LogNormal.around(3.0, 1.5))]
    v: Annotated[Array, Param("rate of the gamma law of customers' spend rates", "money")]


@dataclass(frozen=True)
class GammaGamma(Model):
    """Gamma-Gamma model of spend per purchase.

    >>> import clvmodels as clv
    >>> buyers = clv.Customers.from_arrays([2], [9], [20], unit="week", monetary_value=[22.35], first_value=[20.0])
    >>> paper = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
    >>> float(paper.expected_spend(buyers.repeat_buyers()).mean[0].round(2))
    24.66
    """

    name: ClassVar[str] = "Gamma-Gamma"
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("x", "m")
    mean_spend: ClassVar[Row] = mean_spend
    median_spend: ClassVar[Row] = median_spend
    basket: ClassVar[Row] = basket
    stretch: ClassVar[Row] = stretch

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""
        return LogLikelihood((counts, values), self.parameters(), theta, histories)

    def doubts(self, theta: Array) -> tuple[str, ...]:
        """Say where what newcomers spend has no mean: q <= 1."""
        share = float((theta[:, 1] <= 1.0).mean())
        if share == 0.0:
            return ()
        where = "" if len(theta) == 1 else f" in {share:.1%} of the draws"
        message = (
            f"By {self.name} what newcomers spend has no finite mean{where} (q <= 1): the tail of spend is too heavy. Ask "
            "for median_spend(), or look for outliers in the log."
        )
        return (message,)
