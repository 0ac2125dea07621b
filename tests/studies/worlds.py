"""Worlds of which everything is known: the parameters, each customer's own rate, dropout and spend, and her future.

`lived` is written from the papers' words alone and shares no code with the library, so it can judge it: customers' latent
traits are drawn first, all purchases up to the end of the horizon next, and only then is the past cut off from the future.
Times are in weeks, continuous.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import log
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

import numpy as np

import clvmodels as clv
from clvmodels.contract import Model
from clvmodels.kernels.lift import Array  # noqa: TC001  (its Thetas are read when the models are used)
from clvmodels.parameters import LogNormal, Param

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clvmodels.histories import Histories, LogLikelihood

DISCOUNT = clv.yearly(0.10)
FORCE = log(1.10) / (365.25 / 7.0)
"""10 % a year, a week."""


def say(text: str) -> None:
    """Print a figure of a study (run it with ``-n0 -s`` to see them)."""
    print(text)  # noqa: T201


@dataclass(frozen=True)
class World:
    """The parameters of a world: BG/NBD for purchases, Gamma-Gamma for spend; CDNOW's by default."""

    r: float = 0.243
    alpha: float = 4.414
    a: float = 0.793
    b: float = 2.426
    p: float = 6.25
    q: float = 3.74
    v: float = 15.44

    def purchases(self) -> dict[str, float]:
        """Parameters of BG/NBD."""
        return {name: value for name, value in asdict(self).items() if name in clv.BGNBD.Theta._fields}

    def spend(self) -> dict[str, float]:
        """Parameters of Gamma-Gamma."""
        return {name: value for name, value in asdict(self).items() if name in clv.GammaGamma.Theta._fields}

    def fits(self) -> tuple[clv.Fit, clv.Fit]:
        """Both models at these parameters, without fitting."""
        return clv.BGNBD().at(**self.purchases()), clv.GammaGamma().at(**self.spend())


def near_cdnow(rng: np.random.Generator, spread: float = 0.4, least_q: float = 1.5) -> World:
    """Draw a world around CDNOW, log-normally; its mean spend must exist, with a margin."""
    while True:
        world = World(*(float(value * np.exp(spread * rng.standard_normal())) for value in asdict(World()).values()))
        if world.q > least_q:
            return world


def watched(rng: np.random.Generator, n: int) -> Array:
    """Draw how long n customers are watched: 27 to 39 weeks."""
    return rng.uniform(27.0, 39.0, n)


@dataclass(frozen=True, eq=False)
class Lives:
    """Customers as they are known at the end of observation, and what they go on to do: (n,) each."""

    customers: clv.Customers
    later_purchases: Array
    later_value: Array


def lived(world: World, T: Array, horizon: float, rng: np.random.Generator, force: float = FORCE) -> Lives:
    """Let customers live from their first purchase to T + horizon; later value is discounted to T."""
    n = len(T)
    rate = rng.gamma(world.r, 1.0 / world.alpha, n)
    leaving = np.clip(rng.beta(world.a, world.b, n), 1e-15, 1.0)
    spend_rate = rng.gamma(world.q, 1.0 / world.v, n)
    stays_for = rng.geometric(leaving)  # the repeat purchase after which she leaves
    events = rng.poisson(rate * (T + horizon))
    who = np.repeat(np.arange(n), events)
    when = rng.random(len(who)) * (T + horizon)[who]
    order = np.lexsort((when, who))
    when, place = when[order], np.arange(len(who)) - (np.cumsum(events) - events)[who]
    made = place < stays_for[who]
    who, when = who[made], when[made]
    worth = rng.gamma(world.p, size=len(who)) / spend_rate[who]
    first = rng.gamma(world.p, size=n) / spend_rate
    past = when <= T[who]
    frequency = np.bincount(who[past], minlength=n)
    recency = np.zeros(n)
    np.maximum.at(recency, who[past], when[past])
    spent = np.bincount(who[past], worth[past], minlength=n)
    later, today = who[~past], worth[~past] * np.exp(-force * (when - T[who])[~past])
    customers = clv.Customers.from_arrays(
        *(frequency, recency, T),
        unit="week",
        first_value=first,
        monetary_value=spent / np.maximum(frequency, 1),
    )
    return Lives(customers, np.bincount(later, minlength=n).astype(float), np.bincount(later, today, minlength=n))


def covered(ends: Array, truth: Array) -> Any:
    """Whether intervals (n, 2) hold the truth (n,)."""
    return (ends[:, 0] <= truth) & (truth <= ends[:, 1])


def ranked(draws: Array, truth: Array, rng: np.random.Generator) -> Array:
    """Place truths (n,) among their draws (draws, n) by chance where they are equal: uniform if all come from one law."""
    below, equal = (draws < truth).sum(axis=0), (draws == truth).sum(axis=0)
    return (below + rng.random(len(truth)) * (equal + 1)) / (len(draws) + 1)


def furthest(places: Array) -> float:
    """Largest distance between the distribution of places in [0, 1] and the uniform one (Kolmogorov-Smirnov)."""
    ordered, steps = np.sort(places), np.arange(len(places) + 1) / len(places)
    return float(max(np.abs(ordered - steps[1:]).max(), np.abs(ordered - steps[:-1]).max()))


def percentages(hits: Sequence[Any]) -> str:
    """Write shares as percentages."""
    return "  ".join(f"{100 * np.mean(hit):5.1f} %" for hit in hits)


SBC_WATCHED = 39.0
"""Everybody's T in simulation-based calibration: the scale of priors of time is then a known number, not the data's."""

SPREAD = 0.5


class TightPurchases(NamedTuple):
    """Parameters of BG/NBD, of which much is known beforehand."""

    r: Annotated[Array, Param("shape of rates", prior=LogNormal(0.243, SPREAD))]
    alpha: Annotated[Array, Param("rate of rates", "time", prior=LogNormal(4.414 / SBC_WATCHED, SPREAD))]
    a: Annotated[Array, Param("first shape of dropout", prior=LogNormal(0.793, SPREAD))]
    b: Annotated[Array, Param("second shape of dropout", prior=LogNormal(2.426, SPREAD))]


@dataclass(frozen=True)
class TightBGNBD(Model):
    """BG/NBD's own likelihood under priors from which sane worlds can be drawn."""

    name: ClassVar[str] = "BG/NBD with tight priors"
    Theta: ClassVar[type[Any]] = TightPurchases
    history: ClassVar[tuple[str, ...]] = ("x", "t_x", "T")

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood: the library's."""
        return clv.BGNBD().loglik(theta, histories)


class TightSpend(NamedTuple):
    """Parameters of Gamma-Gamma, of which much is known beforehand.

    v is declared without its dimension of money: the scale of such priors is the mean spend of the data themselves, so no
    world could be drawn from them before its data are; here v's prior is a law of v alone.
    """

    p: Annotated[Array, Param("shape of purchases", prior=LogNormal(6.25, SPREAD))]
    q: Annotated[Array, Param("shape of spend rates", prior=LogNormal(3.74, SPREAD))]
    v: Annotated[Array, Param("rate of spend rates", prior=LogNormal(15.44, SPREAD))]


@dataclass(frozen=True)
class TightGammaGamma(Model):
    """Gamma-Gamma's own likelihood under priors that don't look at the data."""

    name: ClassVar[str] = "Gamma-Gamma with tight priors"
    Theta: ClassVar[type[Any]] = TightSpend
    history: ClassVar[tuple[str, ...]] = ("x", "m")

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood: the library's."""
        return clv.GammaGamma().loglik(theta, histories)
