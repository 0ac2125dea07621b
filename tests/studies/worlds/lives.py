"""The independent simulator: customers live as the papers say, from their first purchase to the end of the horizon.

It is written from the papers' words alone and shares no code with the library, so it can judge it: customers' latent traits
are drawn first, all purchases up to the end of the horizon next, and only then is the past cut off from the future. Times
are in weeks, continuous.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clvmodels.kernels.lift import Array

DISCOUNT = clv.yearly(0.10)
FORCE = log(1.10) / (365.25 / 7.0)
"""10 % a year, a week."""

LEAST = 1e-15
"""Of a chance that is drawn, so that trials can be counted until it happens."""


@dataclass(frozen=True, eq=False)
class Traits:
    """What customers are born with: (n,) each, or one number for all of them.

    Attributes
    ----------
    rate
        Of events.
    every
        An event out of so many is a purchase.
    stays_for
        The repeat purchase straight after which she leaves, 0 for the first purchase; infinite for never.
    lifetime
        The time after which she leaves whether or not she buys.
    """

    rate: Array
    every: int = 1
    stays_for: Any = np.inf
    lifetime: Any = np.inf


def _rates(world: Mapping[str, float], n: int, rng: np.random.Generator) -> Array:
    return rng.gamma(world["r"], 1.0 / world["alpha"], n)


def _purchases_until_leaving(world: Mapping[str, float], n: int, rng: np.random.Generator) -> Any:
    """At which purchase, 1, 2, ..., she leaves who leaves at each with a chance from Beta(a, b)."""
    return rng.geometric(np.clip(rng.beta(world["a"], world["b"], n), LEAST, 1.0))


def nbd(world: Mapping[str, float], n: int, rng: np.random.Generator) -> Traits:
    """NBD (Ehrenberg 1959): nobody leaves."""
    return Traits(_rates(world, n, rng))


def bgcnbd(world: Mapping[str, float], n: int, rng: np.random.Generator, every: int = 1) -> Traits:
    """BG/NBD (Fader et al. 2005), BG/CNBD-k (Reutterer et al. 2021): a coin after each repeat purchase."""
    return Traits(_rates(world, n, rng), every, _purchases_until_leaving(world, n, rng))


def mbgcnbd(world: Mapping[str, float], n: int, rng: np.random.Generator, every: int = 1) -> Traits:
    """MBG/NBD (Batislam et al. 2007), MBG/CNBD-k (Platzer & Reutterer 2016): a coin after the first purchase, too."""
    return Traits(_rates(world, n, rng), every, _purchases_until_leaving(world, n, rng) - 1)


def pareto(world: Mapping[str, float], n: int, rng: np.random.Generator) -> Traits:
    """Pareto/NBD (Schmittlein et al. 1987): lifetimes are exponential, at rates from Gamma(s, beta)."""
    leaving = np.maximum(rng.gamma(world["s"], 1.0 / world["beta"], n), 1e-300)
    return Traits(_rates(world, n, rng), lifetime=rng.exponential(size=n) / leaving)


def ggnbd(world: Mapping[str, float], n: int, rng: np.random.Generator) -> Traits:
    """GG/NBD (Bemmaor & Glady 2012): lifetimes are of Gompertz's law, whose F(t) is 1 - exp(-eta (exp(b t) - 1))."""
    eta = np.maximum(rng.gamma(world["s"], 1.0 / world["beta"], n), 1e-300)
    return Traits(_rates(world, n, rng), lifetime=np.log1p(rng.exponential(size=n) / eta) / world["b"])


@dataclass(frozen=True, eq=False)
class Lives:
    """Customers as they are known at the end of observation, and what they go on to do: (n,) each."""

    customers: clv.Customers
    later_purchases: Array
    later_value: Array


def lived(born: Traits, spend: Mapping[str, float], T: Array, horizon: float, rng: np.random.Generator) -> Lives:
    """Let customers live from their first purchase to T + horizon; later value is discounted to T."""
    n = len(T)
    who, when = _made(born, T + horizon, rng)
    spend_rate = rng.gamma(spend["q"], 1.0 / spend["v"], n)
    worth = rng.gamma(spend["p"], size=len(who)) / spend_rate[who]
    first = rng.gamma(spend["p"], size=n) / spend_rate
    past = when <= T[who]
    frequency = np.bincount(who[past], minlength=n)
    recency = np.zeros(n)
    np.maximum.at(recency, who[past], when[past])
    since = np.where(np.r_[True, who[1:] != who[:-1]][: len(who)], when, when - np.r_[0.0, when][: len(when)])
    spent = np.bincount(who[past], worth[past], minlength=n)
    later, today = who[~past], worth[~past] * np.exp(-FORCE * (when - T[who])[~past])
    customers = clv.Customers.from_arrays(
        *(frequency, recency, T),
        unit="week",
        first_value=first,
        monetary_value=spent / np.maximum(frequency, 1),
        litt=np.bincount(who[past], np.log(since[past]), minlength=n),
    )
    return Lives(customers, np.bincount(later, minlength=n).astype(float), np.bincount(later, today, minlength=n))


def _made(born: Traits, end: Array, rng: np.random.Generator) -> tuple[Any, Array]:
    """All repeat purchases made before an end (n,): whose, and when; in order."""
    n = len(end)
    events = rng.poisson(born.rate * end)
    who = np.repeat(np.arange(n), events)
    when = rng.random(len(who)) * end[who]
    order = np.lexsort((when, who))
    when, place = when[order], 1 + np.arange(len(who)) - (np.cumsum(events) - events)[who]
    stays_for, lifetime = np.broadcast_to(born.stays_for, n), np.broadcast_to(born.lifetime, n)
    number = place // born.every
    made = (place % born.every == 0) & (number <= stays_for[who]) & (when <= lifetime[who])
    return who[made], when[made]


def donated(world: Mapping[str, float], opportunities: int, n: int, rng: np.random.Generator) -> clv.Customers:
    """BG/BB (Fader et al. 2010): at each opportunity one coin says whether she is still there, another whether she buys."""
    buys, leaves = rng.beta(world["alpha"], world["beta"], n), rng.beta(world["gamma"], world["delta"], n)
    here, frequency, recency = np.ones(n, dtype=bool), np.zeros(n), np.zeros(n)
    for opportunity in range(1, opportunities + 1):
        here &= rng.random(n) >= leaves
        bought = here & (rng.random(n) < buys)
        frequency += bought
        recency[bought] = opportunity
    return clv.Customers.from_arrays(frequency, recency, np.full(n, float(opportunities)), unit="year")


def renewed(world: Mapping[str, float], periods: int, n: int, rng: np.random.Generator) -> clv.Cohorts:
    """At each renewal a coin: sBG (Fader & Hardie 2007); ever worse where c > 1: BdW (Fader et al. 2018)."""
    stays, here, c = 1.0 - rng.beta(world["alpha"], world["beta"], n), np.ones(n, dtype=bool), world.get("c", 1.0)
    survivors = [n]
    for period in range(1, periods + 1):
        here &= rng.random(n) < stays ** (period**c - (period - 1) ** c)
        survivors.append(int(here.sum()))
    return clv.Cohorts.from_survivors(survivors, unit="year")
