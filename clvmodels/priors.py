"""Priors: what is believed of parameters before the data, as laws with the names and arguments that PyMC gives them.

>>> import clvmodels as clv
>>> model = clv.BGNBD(priors={"alpha": clv.priors.Gamma(2.0, 0.2, unit="week"), "a": clv.priors.HalfNormal(2.0)})

A prior on a parameter with a dimension speaks in a unit. Left out, it is the unit of the customers, as with every other
number. ``unit="week"`` is that unit of time, whatever the customers are told in, so that a belief survives a change of
theirs. ``unit="data"`` is the data's own scale: the mean time that the customers were watched for, or their mean spend.
Default priors are of the last kind, so that nothing that is believed changes with the unit.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, field, fields, replace
from math import inf, isfinite, log
from typing import TYPE_CHECKING, Any, ClassVar, Literal, final

import numpy as np

from clvmodels.errors import ModelError, naming
from clvmodels.kernels import laws
from clvmodels.units import Unit, as_unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

Scale = Unit | Literal["data"]


@dataclass(frozen=True)
class Prior(ABC):
    """A law of one parameter, or of a few together (as many as it has ``arguments``).

    Attributes
    ----------
    unit
        Of its numbers: a unit of time, ``"data"`` for the data's own scale, None for the unit of the customers.
    ends
        Where its law lives.
    """

    unit: Scale | None = field(default=None, kw_only=True)
    arguments: ClassVar[int] = 1
    ends: ClassVar[tuple[float, float]] = (0.0, inf)
    free: ClassVar[tuple[str, ...]] = ()
    """Its numbers that may be negative or 0."""

    def __post_init__(self) -> None:
        if self.unit not in {None, "data"}:
            as_unit(str(self.unit))
        for name, value in self.numbers().items():
            if not (isfinite(value) and (value > 0.0 or name in self.free)):
                kind = "finite" if name in self.free else "positive and finite"
                message = f"{type(self).__name__}: {name} = {value} can't be, it must be {kind}."
                raise ModelError(message)

    @final
    def numbers(self) -> dict[str, float]:
        """Return the numbers that it was made with."""
        told = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: value for name, value in told.items() if isinstance(value, int | float)}

    @abstractmethod
    def density(self, *z: Array) -> tuple[Array, tuple[Array, ...]]:
        """Log of the density at z, one array for each argument, and its derivatives in each."""

    @abstractmethod
    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values, (size,) for each argument."""

    @abstractmethod
    def stretched(self, factor: float) -> Prior:
        """Return the law of factor times the parameter."""


@dataclass(frozen=True)
class Law(Prior):
    """A law of one parameter, by a formula of its numbers (`kernels.laws`)."""

    code: ClassVar[int]

    @final
    def density(self, *z: Array) -> tuple[Array, tuple[Array, ...]]:
        """Log of the density at z, and its derivative."""
        places = np.ascontiguousarray(z[0], float).reshape(-1, 1)
        value, slope = np.zeros(len(places)), np.zeros_like(places)
        laws.believe(np.array([self.code]), np.array([self.pair()]), places, value, slope)
        return value.reshape(np.shape(z[0])), (slope.reshape(np.shape(z[0])),)

    @final
    def pair(self) -> tuple[float, float]:
        """Return its numbers, 0 for the second where it has but one."""
        first, second, *_ = *map(float, self.numbers().values()), 0.0
        return first, second


@dataclass(frozen=True)
class LogNormal(Law):
    """A positive number whose logarithm is normal: within exp(2 sigma) times its median, up or down, 95 times in 100.

    >>> LogNormal.around(10.0, 1.0, unit="week").mu.__round__(4)
    2.3026
    """

    mu: float = 0.0
    sigma: float = 1.0
    free: ClassVar[tuple[str, ...]] = ("mu",)
    code: ClassVar[int] = laws.LOG_NORMAL

    @classmethod
    def around(cls, median: float, sigma: float, *, unit: Scale | None = None) -> LogNormal:
        """Make one from its median."""
        if not (0.0 < median < inf):
            message = f"LogNormal: median = {median} can't be, it must be positive and finite."
            raise ModelError(message)
        return cls(log(median), sigma, unit=unit)

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values."""
        return (rng.lognormal(self.mu, self.sigma, size),)

    def stretched(self, factor: float) -> Prior:
        """Return the law of a multiple."""
        return LogNormal(self.mu + log(factor), self.sigma)


@dataclass(frozen=True)
class HalfNormal(Law):
    """The size of a normal number with standard deviation sigma."""

    sigma: float = 1.0
    code: ClassVar[int] = laws.HALF_NORMAL

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values."""
        return (np.abs(rng.normal(0.0, self.sigma, size)),)

    def stretched(self, factor: float) -> Prior:
        """Return the law of a multiple."""
        return HalfNormal(self.sigma * factor)


@dataclass(frozen=True)
class HalfStudentT(Law):
    """The size of a Student t number with nu degrees of freedom and scale sigma: a half normal that allows surprises."""

    nu: float = 4.0
    sigma: float = 1.0
    code: ClassVar[int] = laws.HALF_STUDENT_T

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values."""
        return (np.abs(self.sigma * rng.standard_t(self.nu, size)),)

    def stretched(self, factor: float) -> Prior:
        """Return the law of a multiple."""
        return HalfStudentT(self.nu, self.sigma * factor)


@dataclass(frozen=True)
class Gamma(Law):
    """A gamma law of shape alpha and rate beta: mean alpha / beta."""

    alpha: float = 1.0
    beta: float = 1.0
    code: ClassVar[int] = laws.GAMMA

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values."""
        return (rng.gamma(self.alpha, 1.0 / self.beta, size),)

    def stretched(self, factor: float) -> Prior:
        """Return the law of a multiple."""
        return Gamma(self.alpha, self.beta / factor)


@dataclass(frozen=True)
class Exponential(Law):
    """An exponential law of rate lam: mean 1 / lam."""

    lam: float = 1.0
    code: ClassVar[int] = laws.EXPONENTIAL

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values."""
        return (rng.exponential(1.0 / self.lam, size),)

    def stretched(self, factor: float) -> Prior:
        """Return the law of a multiple."""
        return Exponential(self.lam / factor)


@dataclass(frozen=True)
class Weibull(Law):
    """A Weibull law of shape alpha and scale beta."""

    alpha: float = 1.0
    beta: float = 1.0
    code: ClassVar[int] = laws.WEIBULL

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values."""
        return (self.beta * rng.weibull(self.alpha, size),)

    def stretched(self, factor: float) -> Prior:
        """Return the law of a multiple."""
        return Weibull(self.alpha, self.beta * factor)


@dataclass(frozen=True)
class Beta(Law):
    """A beta law of shapes alpha and beta, of a number between 0 and 1: the mean of `BetaMeanPrecision`."""

    alpha: float = 1.0
    beta: float = 1.0
    ends: ClassVar[tuple[float, float]] = (0.0, 1.0)
    code: ClassVar[int] = laws.BETA

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values."""
        return (rng.beta(self.alpha, self.beta, size),)

    def stretched(self, factor: float) -> Prior:
        """Return itself: a share has no unit."""
        if factor != 1.0:
            message = "Beta is the law of a share, which can't be stretched."
            raise ModelError(message)
        return self


@dataclass(frozen=True)
class BetaMeanPrecision(Prior):
    """The two shapes (a, b) of a beta law, by its mean a / (a + b) and its precision a + b, believed independent.

    >>> belief = BetaMeanPrecision(mean=Beta(2.0, 5.0), precision=LogNormal.around(5.0, 1.0))
    >>> import clvmodels as clv
    >>> model = clv.BGNBD(priors={("a", "b"): belief})
    """

    mean: Prior = Beta()
    precision: Prior = LogNormal(1.0, 1.5)
    arguments: ClassVar[int] = 2

    def __post_init__(self) -> None:
        if not (self.mean.arguments == self.precision.arguments == 1 and self.mean.ends == (0.0, 1.0)):
            message = (
                "BetaMeanPrecision needs a mean between 0 and 1, such as Beta(1, 1), and a precision, a law of one number."
            )
            raise ModelError(message)
        if {self.unit, self.mean.unit, self.precision.unit} != {None}:
            message = "BetaMeanPrecision is a law of pure numbers: it has no unit."
            raise ModelError(message)

    def density(self, *z: Array) -> tuple[Array, tuple[Array, ...]]:
        """Log of the density of (a, b), that of (mean, precision) over the stretch between the two; and its derivatives."""
        precision = z[0] + z[1]
        of_mean, (by_mean,) = self.mean.density(z[0] / precision)
        of_precision, (by_precision,) = self.precision.density(precision)
        both = by_precision - 1.0 / precision
        slopes = both + by_mean * z[1] / precision**2, both - by_mean * z[0] / precision**2
        return of_mean + of_precision - np.log(precision), slopes

    def draw(self, rng: np.random.Generator, size: int) -> tuple[Array, ...]:
        """Draw values of a and b."""
        (share,), (precision,) = self.mean.draw(rng, size), self.precision.draw(rng, size)
        return share * precision, (1.0 - share) * precision

    def stretched(self, factor: float) -> Prior:
        """Return itself: pure numbers have no unit."""
        return self if factor == 1.0 else replace(self, precision=self.precision.stretched(factor))


LAWS: dict[str, type[Prior]] = {
    law.__name__: law for law in (LogNormal, HalfNormal, HalfStudentT, Gamma, Exponential, Weibull, Beta, BetaMeanPrecision)
}
"""All laws, by name."""

POSITIVE = tuple(name for name, law in LAWS.items() if law.ends[1] == inf and law.arguments == 1)
"""Those of a positive number."""


def told(prior: Prior) -> dict[str, Any]:
    """Write a prior as text and numbers, for a file.

    >>> told(HalfNormal(2.0))
    {'law': 'HalfNormal', 'unit': None, 'sigma': 2.0}
    """
    parts = {name: getattr(prior, name) for name in asdict(prior)}
    return {"law": type(prior).__name__} | {n: told(p) if isinstance(p, Prior) else p for n, p in parts.items()}


def read(text: Mapping[str, Any]) -> Prior:
    """Read what `told` has written."""
    parts: dict[str, Any] = {
        name: read(part) if isinstance(part, dict) else part for name, part in text.items() if name != "law"
    }
    return LAWS[text["law"]](**parts)


def checked(name: str, known: Mapping[str, Any], given: Mapping[Any, Any]) -> dict[tuple[str, ...], Prior]:
    """Check the priors given for a model of that name with those (positive) parameters: by tuples of parameters.

    Raises
    ------
    ModelError
        For a parameter that doesn't exist or has two priors, and for what is no prior, or one off the support.
    """
    priors: dict[tuple[str, ...], Prior] = {}
    for key, prior in given.items():
        names: tuple[str, ...] = key if isinstance(key, tuple) else (key,)
        _check(name, known, names, prior)
        twice = [n for n in names if any(n in others for others in priors)]
        if twice or len(set(names)) < len(names):
            message = f"{name}: {naming(twice or names)} has more than one prior."
            raise ModelError(message)
        priors[names] = prior
    return priors


def _check(name: str, known: Mapping[str, Any], names: tuple[str, ...], prior: object) -> None:
    """Refuse a prior that can't be one of these parameters."""
    label = ", ".join(map(str, names))
    strangers = [n for n in names if n not in known]
    trouble = ""
    if strangers:
        trouble = f"has no parameter {naming(strangers)}; its parameters are {naming(known)}."
    elif not isinstance(prior, Prior):
        trouble = f"{label}: {prior!r} is no prior; take one of clv.priors: {', '.join(LAWS)}."
    elif prior.arguments != len(names):
        trouble = f"{label}: {type(prior).__name__} is a law of {prior.arguments}, not of {len(names)}."
    elif prior.arguments == 1 and prior.ends != (0.0, inf):
        trouble = (
            f"{label}: {type(prior).__name__} lives between {prior.ends[0]:g} and {prior.ends[1]:g}, and {label} is any "
            f"positive number; take one of {', '.join(POSITIVE)}."
        )
    elif prior.unit is not None and not all(known[n].dimension for n in names):
        trouble = f"{label} is a pure number: its prior has no unit."
    elif prior.unit not in {None, "data"} and any(known[n].dimension == "money" for n in names):
        trouble = f'{label} is an amount of money: its prior speaks in the currency of the customers, or in unit="data".'
    if trouble:
        raise ModelError(f"{name} {trouble}" if strangers else f"{name}, {trouble}")
