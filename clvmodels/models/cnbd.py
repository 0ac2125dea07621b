"""BG/CNBD-k and MBG/CNBD-k: customers buy at regular intervals, and at a purchase leave with a chance of their own.

Events come at rate lambda, and every k-th is a purchase, so that the times between purchases are Erlang-k (mean k /
lambda); k = 1 is BG/NBD and MBG/NBD. After each repeat purchase (z = 0, BG), or after each purchase, the first included (z
= 1, MBG), she leaves with probability p; lambda ~ Gamma(r, alpha) and p ~ Beta(a, b), independent. With x repeat purchases,
the last at t_x, watched until T, m = r + k x, and litt the sum of the logs of the x times between purchases::

    L = exp((k - 1) litt) / Gamma(k)^x  Gamma(m) / Gamma(r) alpha^r  B(a, b + x + z) / B(a, b)
        * ( (alpha + T)^-m sum over j < k of (m)_j / j! v^j  +  [x + z > 0] a / (b + x + z - 1) (alpha + t_x)^-m )

with v = (T - t_x) / (alpha + T). The j-th term of the sum is the chance that j events have passed since the last purchase:
her phase. Given it, and that she is alive, lambda ~ Gamma(m + j, alpha + T) and p ~ Beta(a, b + x + z), and all of her
future follows (`kernels.erlang`). Without litt the likelihood is that of x and t_x alone: parameters and forecasts are the
same, and only k is known less well.

Sources: M. Platzer, T. Reutterer (2016), Ticking away the moments: timing regularity helps to better predict customer
activity, Marketing Science 35(5); T. Reutterer, M. Platzer, N. Schroeder (2021), Leveraging purchase regularity for
predicting customer behavior the easy way, International Journal of Research in Marketing 38(1).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf, log, log1p
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from clvmodels.contract import Model
from clvmodels.errors import ModelError
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.kernels import erlang
from clvmodels.kernels.lift import Array, Row, row
from clvmodels.kernels.special import log_rising, log_survive
from clvmodels.parameters import Param

if TYPE_CHECKING:
    from collections.abc import Mapping

    Five = tuple[float, float, float, float, float]

MOST = 6
"""The largest k that is tried where the data choose."""


@row
def counts(r: float, alpha: float, a: float, b: float, x: float, k: float, z: float) -> Five:
    """Log-likelihood, the part that sees the number of purchases only."""
    rising, d_r = log_rising(r, k * x)
    survive, d_a, d_b = log_survive(a, b, x + z)
    return rising + survive - k * x * log(alpha), d_r, -k * x / alpha, d_a, d_b


@row
def watched(r: float, alpha: float, a: float, b: float, x: float, k: float, T: float) -> Five:
    """Log-likelihood, the part that sees how long she was watched."""
    m, span = r + k * x, log1p(T / alpha)
    return -m * span, -span, m * T / (alpha * (alpha + T)), 0.0, 0.0


@row
def last(r: float, alpha: float, a: float, b: float, x: float, k: float, z: float, t_x: float, T: float) -> Five:
    """Log-likelihood, the part that sees the time since the last purchase."""
    return erlang.left_or_waiting(r, alpha, a, b, k, z, x, t_x, T)


@row
def gaps(r: float, alpha: float, a: float, b: float, x: float, k: float, t_x: float, litt: float) -> Five:
    """Log-likelihood, the part that sees the times between purchases."""
    return erlang.timing(x, t_x, litt, k), 0.0, 0.0, 0.0, 0.0


@row
def alive(r: float, alpha: float, a: float, b: float, x: float, k: float, z: float, t_x: float, T: float) -> float:
    """P(alive at T | history)."""
    return erlang.here(r, alpha, a, b, k, z, x, t_x, T)


@row
def phase(r: float, alpha: float, a: float, b: float, x: float, k: float, t_x: float, T: float, j: float) -> float:
    """P(phase j | history, alive at T)."""
    return erlang.phase_chance(r + k * x, (T - t_x) / (alpha + T), k, j)


@row
def survival(
    r: float,
    alpha: float,
    a: float,
    b: float,
    x: float,
    k: float,
    z: float,
    rho: float,
    kappa: float,
    j: float,
    T: float,
    u: float,
) -> float:
    """P(alive at T + u | alive at T in phase j)."""
    return erlang.survival_of(r + k * x + j, alpha + T, a, b + x + z, k, j, rho * u, kappa)


@row
def intensity(
    r: float,
    alpha: float,
    a: float,
    b: float,
    x: float,
    k: float,
    z: float,
    rho: float,
    kappa: float,
    j: float,
    T: float,
    u: float,
) -> float:
    """Expected purchases per unit of time, u after T, given alive at T in phase j."""
    return rho * erlang.intensity_of(r + k * x + j, alpha + T, a, b + x + z, k, j, rho * u, kappa)


@row
def count(
    r: float, alpha: float, a: float, b: float, x: float, k: float, z: float, j: float, T: float, n: float, t: float
) -> float:
    """P(n purchases in (T, T + t] | alive at T in phase j)."""
    return erlang.count_of(n, r + k * x + j, alpha + T, a, b + x + z, k, j, t)


@row
def first(rng: Any, r: float, alpha: float, a: float, b: float, x: float, k: float, z: float, t_x: float, T: float) -> float:
    """Draw the time to her next purchase if she is alive: the events that are still missing."""
    j = erlang.draw_phase(rng, r + k * x, (T - t_x) / (alpha + T), k)
    return (alpha + T) * rng.standard_gamma(k - j) / max(rng.standard_gamma(r + k * x + j), 1e-300)


@row
def future(
    rng: Any, r: float, alpha: float, a: float, b: float, x: float, k: float, z: float, t_x: float, T: float, u: float
) -> Five:
    """Draw lambda, given that she buys at T + u; she stays until then, and leaves at one by odds of a to b + x + z."""
    return rng.standard_gamma(r + k * (x + 1.0)) / (alpha + T + u), k, inf, a, b + x + z


CERTAIN = "BG/CNBD-k counts everybody who bought just once as alive for certain: don't rank one-time buyers by P(alive)."


class Theta(NamedTuple):
    """Parameters of both."""

    r: Annotated[Array, Param("shape of the gamma law of event rates")]
    alpha: Annotated[Array, Param("rate of the gamma law of event rates", "time")]
    a: Annotated[Array, Param("first shape of the beta law of dropout")]
    b: Annotated[Array, Param("second shape of the beta law of dropout")]


@dataclass(frozen=True)
class Regular(Model):
    """What both have in common; k is the shape of the Erlang law of the gaps, which the data choose where it is None."""

    k: int | None = None
    Theta: ClassVar[type[Any]] = Theta
    history: ClassVar[tuple[str, ...]] = ("x", "t_x", "T", "litt")
    most_dropout: ClassVar[float] = 1.0
    alive: ClassVar[Row] = alive
    phase: ClassVar[Row] = phase
    survival: ClassVar[Row] = survival
    intensity: ClassVar[Row] = intensity
    count: ClassVar[Row] = count
    first: ClassVar[Row] = first
    future: ClassVar[Row] = future

    def check(self) -> None:
        """Refuse what is no number of phases."""
        if self.k is not None and (self.k < 1 or self.k != int(self.k)):
            message = f"{self.name} can't have k = {self.k}: it is a whole number from 1 on, or None to let the data choose."
            raise ModelError(message)

    @property
    def phases(self) -> int:
        """How many phases there are between two purchases."""
        return int(self.settings()["k"])

    def candidates(self) -> tuple[Model, ...]:
        """Return the models that the data choose from."""
        return tuple(replace(self, k=k) for k in range(1, MOST + 1)) if self.k is None else (self,)

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""
        return LogLikelihood((counts, watched, last, gaps), self.parameters(), theta, histories)


@dataclass(frozen=True)
class BGCNBD(Regular):
    """BG/CNBD-k: BG/NBD with regular times between purchases.

    >>> import clvmodels as clv
    >>> model = clv.BGCNBD(k=2).at(r=0.5, alpha=4, a=0.8, b=2.4)
    >>> customer = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
    >>> float(model.probability_alive(customer).mean[0].round(3))
    0.749
    """

    name: ClassVar[str] = "BG/CNBD-k"
    constants: ClassVar[Mapping[str, float]] = {"z": 0.0}
    caveats: ClassVar[tuple[str, ...]] = (CERTAIN,)


@dataclass(frozen=True)
class MBGCNBD(Regular):
    """MBG/CNBD-k: MBG/NBD with regular times between purchases.

    >>> import clvmodels as clv
    >>> model = clv.MBGCNBD(k=2).at(r=0.5, alpha=4, a=0.8, b=2.4)
    >>> customer = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
    >>> float(model.probability_alive(customer).mean[0].round(3))
    0.795
    """

    name: ClassVar[str] = "MBG/CNBD-k"
    constants: ClassVar[Mapping[str, float]] = {"z": 1.0}
