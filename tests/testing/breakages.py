"""Models that are broken on purpose, each in one way: copies of a whole one with something else in one place."""
# ruff: noqa: ARG001, PLR0917  (a row function names all parameters)

from __future__ import annotations

from dataclasses import dataclass
from math import exp, expm1, floor, lgamma, log, nan, sin
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from clvmodels.contract import Model
from clvmodels.histories import LogLikelihood
from clvmodels.kernels.jit import jit
from clvmodels.kernels.lift import Array, row
from clvmodels.models import gammagamma, nbd, sbg
from clvmodels.parameters import Param

if TYPE_CHECKING:
    from collections.abc import Callable

Three = tuple[float, float, float]
OURS = {"__module__", "__doc__", "__dict__", "__weakref__", "__abstractmethods__", "_abc_impl"}


def altered(kind: type[Model], *, frozen: bool = True, without: tuple[str, ...] = (), **changes: Any) -> Model:
    """Copy a model, no subclass of it, with something else in some places."""
    inherited = {
        name: value for name, value in vars(kind).items() if not name.startswith(("__", "_abc")) and name not in without
    }
    body = {**inherited, "__module__": __name__, "__annotations__": {}, **changes}
    broken = dataclass(frozen=True)(type(f"Broken{kind.__name__}", (Model,), body))
    if not frozen:
        broken.__setattr__ = object.__setattr__  # type: ignore[method-assign]
    return broken()


def told(*terms: Any) -> Callable[..., LogLikelihood]:
    """A log-likelihood of other terms."""
    return lambda self, theta, histories: LogLikelihood(terms, self.parameters(), theta, histories)


@row
def wrong_slope(r: float, alpha: float, x: float, T: float) -> Three:
    span = log((alpha + T) / alpha)
    return -(r + x) * span, -span, (r + x) / (alpha + T)


@row
def watched_for_longer(r: float, alpha: float, x: float, T: float) -> Three:
    span = log((alpha + 1.1 * T) / alpha)
    return -(r + x) * span, -span, (r + x) * 1.1 * T / (alpha * (alpha + 1.1 * T))


@row
def overflowing(r: float, alpha: float, x: float) -> Three:
    return log(exp(r)) - r, exp(r) / exp(r) - 1.0, 0.0


@row
def two_alive(r: float, alpha: float, x: float, t_x: float, T: float) -> float:
    return 1.2 if x > 2.0 else 1.0


@row
def fading(r: float, alpha: float, x: float, t_x: float, T: float) -> float:
    return exp(-T / (100.0 + alpha))


@row
def no_number(r: float, alpha: float, x: float, t_x: float, T: float) -> float:
    return exp(r) / exp(r)


@row
def other_order(alpha: float, r: float, x: float, T: float, u: float) -> float:
    return (r + x) / (alpha + T)


@row
def with_a_unit(r: float, alpha: float, x: float, T: float, u: float) -> float:
    return (r + x) / (alpha + T) + 0.01


@row
def negative(r: float, alpha: float, x: float, T: float, u: float) -> float:
    return (r + x) / (alpha + T) * (1.0 - 0.1 * u)


@row
def rough(r: float, alpha: float, x: float, T: float, u: float) -> float:
    return (r + x) / (alpha + T) * (1.0 + sin(20.0 * u))


@row
def by_whole_ages(r: float, alpha: float, x: float, T: float, u: float) -> float:
    return (r + x) / (alpha + floor(T))


@row
def a_tenth_more(r: float, alpha: float, x: float, T: float, u: float) -> float:
    return 1.1 * (r + x) / (alpha + T)


@row
def more_than_all(r: float, alpha: float, x: float, T: float, n: float, t: float) -> float:
    z = t / (alpha + T + t)
    return 1.01 * exp(lgamma(r + x + n) - lgamma(r + x) - lgamma(n + 1.0) + (r + x) * log(1.0 - z)) * z**n


@row
def all_alike(r: float, alpha: float, x: float, T: float, n: float, t: float) -> float:
    mean = (r + x) / (alpha + T) * t
    return exp(n * log(mean) - mean - lgamma(n + 1.0)) if mean > 0.0 else 1.0 * (n == 0.0)


@row
def sooner(rng: Any, r: float, alpha: float, x: float, t_x: float, T: float) -> float:
    return 0.8 * (alpha + T) * expm1(min(rng.standard_exponential() / (r + x), 700.0))


@row
def more_traits(rng: Any, r: float, alpha: float, x: float, t_x: float, T: float) -> tuple[float, float]:
    return 1.1 * rng.standard_gamma(r + x) / (alpha + T), 0.0


@row
def no_trait(rng: Any, r: float, alpha: float, x: float, t_x: float, T: float) -> tuple[float, float]:
    return (rng.standard_gamma(r + x) / (alpha + T), 0.0) if alpha > 0.01 else (nan, 0.0)


@row
def not_bought(r: float, alpha: float, b: float, s: float, beta: float, x: float, T: float) -> float:
    return -(r + x) * log((alpha + T) / alpha)


@row
def too_few(r: float, alpha: float, x: float, t_x: float, T: float, j: float) -> float:
    return 0.4


@row
def clicked(r: float, alpha: float, clicks: float) -> Three:
    return 0.0, 0.0, 0.0


class Unweighed(LogLikelihood):
    """A log-likelihood whose total counts each distinct history once."""

    def total(self) -> Array:
        return self.each().sum(axis=2)


class Sociable(LogLikelihood):
    """A log-likelihood that depends on who else is there."""

    def each(self) -> Array:
        values = LogLikelihood.each(self)
        return values - values.mean(axis=2, keepdims=True)


def of_kind(kind: type[LogLikelihood]) -> Callable[..., LogLikelihood]:
    return lambda self, theta, histories: kind((nbd.counts, nbd.watched), self.parameters(), theta, histories)


class Misdeclared(NamedTuple):
    """The rate of the gamma law is a time, and isn't declared as one."""

    r: Annotated[Array, Param("shape of the gamma law of purchase rates")]
    alpha: Annotated[Array, Param("rate of the gamma law of purchase rates")]


class Undeclared(NamedTuple):
    """A parameter is bare."""

    r: Annotated[Array, Param("shape of the gamma law of purchase rates")]
    alpha: Array


mean_of_spend, median_of_spend, retained_of_sbg, leaving_of_sbg, beyond_of_sbg = (
    jit(formula.function)
    for formula in (gammagamma.mean_spend, gammagamma.median_spend, sbg.retained, sbg.leaving, sbg.beyond)
)


@row
def stretched_by_one(p: float, q: float, v: float, x: float, m: float) -> float:
    """Right for one purchase."""
    return 1.0 + m / v


@row
def dearer(p: float, q: float, v: float, x: float, m: float) -> float:
    return 1.1 * mean_of_spend(p, q, v, x, m)


@row
def higher_median(p: float, q: float, v: float, x: float, m: float) -> float:
    return 1.1 * median_of_spend(p, q, v, x, m)


@row
def rising(alpha: float, beta: float, t: float, u: float) -> float:
    return retained_of_sbg(alpha, beta, t, u) if u < 5.0 else retained_of_sbg(alpha, beta, t, 4.0)


@row
def a_period_more(rng: Any, alpha: float, beta: float, t: float) -> float:
    return 1.0 + leaving_of_sbg(rng, alpha, beta, t)


@row
def a_longer_rest(alpha: float, beta: float, t: float, u: float) -> float:
    return 1.01 * beyond_of_sbg(alpha, beta, t, u)
