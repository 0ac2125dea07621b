"""The contract: what a model is, and what it may be asked. Read this page first.

A model is a density for one customer's history, and what that density says of her future. Its author writes formulas for ONE
customer, as row functions (`clvmodels.kernels.lift`): scalars in, scalars out, in the letters of the paper. All of a row
function's arguments are named: first the parameters, then the columns of the history that it needs, then what is asked.

`Model` is what every model must be; a capability is a row function (or two) that it may have besides. Plots, valuations
and reports ask for the capability, never for a model's name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields
from functools import reduce
from math import inf
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, final, runtime_checkable

import numpy as np

from clvmodels.errors import ModelError, naming
from clvmodels.kernels.lift import Row
from clvmodels.parameters import Param, params_of
from clvmodels.priors import Prior, checked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals as nw

    from clvmodels.fitted import Fit
    from clvmodels.fitting import Method
    from clvmodels.histories import Histories, LogLikelihood
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit


LEVERS = {"rho": 1.0, "kappa": 1.0}
"""Columns that `HasPurchases` may name for what a scenario changes, and what they are when nothing does."""


class Told(Protocol):
    """What customers tell a model: columns in the letters of the papers, a row a customer (or a weighted kind of them)."""

    @property
    def unit(self) -> Unit:
        """The unit of their times."""
        ...

    @property
    def ids(self) -> nw.Series[Any] | None:
        """Their ids, if they have any."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out on the way here, in sentences."""
        ...

    def letters(self) -> Mapping[str, Array]:
        """Return the columns, by letter."""
        ...

    def histories(self, names: Sequence[str]) -> Histories:
        """Return the distinct rows of some of the columns."""
        ...


@dataclass(frozen=True)
class Model(ABC):
    """A frozen description, without data.

    Attributes
    ----------
    priors
        What is believed of its parameters, by name, or by a tuple of names for a law of several; defaults fill the rest.
    name
        As the field writes it: ``"BG/NBD"``.
    Theta
        A named tuple: one field a parameter, annotated with its `Param`.
    history
        The columns of a history that the likelihood needs, in the letters of the paper.
    caveats
        What a reader of its answers should know, in sentences.
    discrete
        Whether its time goes by opportunities, 1, 2, 3..., and not continuously.
    most_dropout
        By what dropout may be multiplied at most, where it is a chance that must stay one.
    constants
        Numbers that its row functions name like columns, as they do its *settings*: the fields of its dataclass.
    """

    name: ClassVar[str]
    Theta: ClassVar[type[Any]]
    history: ClassVar[tuple[str, ...]]
    caveats: ClassVar[tuple[str, ...]] = ()
    discrete: ClassVar[bool] = False
    most_dropout: ClassVar[float] = inf
    constants: ClassVar[Mapping[str, float]] = {}
    priors: Mapping[Any, Prior] = field(default_factory=dict, kw_only=True, repr=False, hash=False)

    @final
    def __post_init__(self) -> None:
        self.check()
        if self.priors:
            object.__setattr__(self, "priors", checked(self.name, self.params(), self.priors))

    def check(self) -> None:  # noqa: B027  (most models have no settings)
        """Refuse settings that can't be."""

    @abstractmethod
    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""

    def doubts(self, theta: Array) -> tuple[str, ...]:  # noqa: ARG002  (most models have none)
        """Say what must be known of answers from such draws of the parameters (draws, parameters), in sentences."""
        return ()

    def bend(self, theta: Array) -> Array:
        """Return the time within which its formulas bend, where none of its parameters says so: (draws,)."""
        return np.full(len(theta), inf)

    def candidates(self) -> tuple[Model, ...]:
        """Return the models that the data are to choose from: itself, unless it leaves a setting open."""
        return (self,)

    @final
    def options(self) -> dict[str, Any]:
        """Return what it was made with, priors aside."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "priors"}

    @final
    def believed(self) -> dict[tuple[str, ...], Prior]:
        """Return what is believed of all parameters: the priors it was given, defaults for the others."""
        given = {name for names in self.priors for name in names}
        return {**self.priors, **{(n,): param.prior for n, param in self.params().items() if n not in given}}

    @property
    @final
    def title(self) -> str:
        """Its name, with the settings that it leaves open: ``"BG/CNBD-2"``."""
        told = {name: value for name, value in self.options().items() if value is not None}
        return reduce(lambda name, setting: name.replace(f"-{setting}", f"-{told[setting]}"), told, self.name)

    @final
    def settings(self) -> dict[str, float]:
        """Return the numbers that it was made with, and its constants: columns the same for everybody."""
        told = self.options()
        still_open = [name for name, value in told.items() if value is None]
        if still_open:
            message = f"{self.name} leaves {naming(still_open)} open: say it, or fit the model, and the data choose."
            raise ModelError(message)
        unmoved = {name: LEVERS[name] for name in self.levers()}
        return {name: float(value) for name, value in {**unmoved, **told, **self.constants}.items()}

    @final
    def state(self) -> tuple[str, ...]:
        """Return the columns of a history that its answers depend on: those that its row functions name."""
        named = self._named()
        return tuple(name for name in self.history if name in named) or self.history

    @final
    def levers(self) -> tuple[str, ...]:
        """Return what a scenario can change of its customers: those of `LEVERS` that its row functions name."""
        named = self._named()
        return tuple(name for name in LEVERS if name in named)

    @final
    def _named(self) -> set[str]:
        """All that its row functions name."""
        rows = [row for kind in type(self).__mro__ for row in vars(kind).values() if isinstance(row, Row)]
        return {name for row in rows for name in row.names}

    @final
    def params(self) -> Mapping[str, Param]:
        """Return the declarations of the parameters, by name."""
        return params_of(self.Theta)

    @final
    def parameters(self) -> tuple[str, ...]:
        """Return the names of the parameters."""
        return tuple(self.Theta._fields)

    @final
    def fit(self, customers: Told, method: Method | None = None, seed: int | None = None) -> Fit:
        """Fit to customers: the same as ``clv.fit(model, customers, method, seed=seed)``."""
        from clvmodels.fitting import fit  # noqa: PLC0415  (a fit knows models, so a model can't know fits)

        return fit(self, customers, method, seed=seed)

    @final
    def at(self, *, unit: Unit = "week", **values: float) -> Fit:
        """Take published parameters as they are, without fitting; `unit` is their unit of time.

        >>> from clvmodels import BGNBD
        >>> paper = BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
        >>> float(paper.expected_purchases_new(52).mean[0].round(3))
        1.446
        """
        from clvmodels.fitting import fixed  # noqa: PLC0415

        return fixed(self, self.point(values), unit)

    @final
    def point(self, values: Mapping[str, float]) -> Array:
        """Check values for all parameters, and put them in order: (parameters,)."""
        params = self.params()
        if set(values) != set(params):
            message = f"{self.name} has the parameters {naming(params)}, all needed; got {naming(values) or 'none'}."
            raise ModelError(message)
        wrong = [f"{n} = {values[n]}" for n, param in params.items() if not param.support.holds(values[n])]
        if wrong:
            message = f"{self.name}: {', '.join(wrong)} can't be; all of its parameters are positive numbers."
            raise ModelError(message)
        return np.array([float(values[name]) for name in params])


@runtime_checkable
class Described(Protocol):
    """Can say what its parameters are, as every `Model` can."""

    discrete: ClassVar[bool]

    def params(self) -> Mapping[str, Param]:
        """Return the declarations of the parameters, by name."""
        ...

    def parameters(self) -> tuple[str, ...]:
        """Return the names of the parameters."""
        ...

    def bend(self, theta: Array) -> Array:
        """Return the time within which its formulas bend, where none of its parameters says so: (draws,)."""
        ...


@runtime_checkable
class HasAlive(Described, Protocol):
    """Can say whether a customer is still one.

    ``alive(theta, x, t_x, T)`` is P(alive at T | history); ``survival(theta, x, T, u)`` is P(alive at T + u | alive at T).
    """

    alive: ClassVar[Row]
    survival: ClassVar[Row]


@runtime_checkable
class HasDepartures(HasAlive, Protocol):
    """Has customers who leave at times of their own, unseen: from that, P(alive) of many histories is had for less.

    ``silence(theta, x, T)`` is the log of the chance that she is there at T and has not bought since her x-th purchase, but
    for a factor that T is not in. ``departure(theta, x, T, u)`` is the density of leaving u after T, before she buys again,
    given alive at T.
    """

    silence: ClassVar[Row]
    departure: ClassVar[Row]


@runtime_checkable
class HasPurchases(HasAlive, Protocol):
    """Can say how many purchases to expect, discounted or not.

    ``intensity(theta, x, T, u)`` is the expected number of purchases per unit of time, u after T, given alive at T; in
    discrete time, at the u-th opportunity after T. Intensity and survival may name ``rho`` and ``kappa`` too: by these her
    own rate of purchases and her own dropout (a rate, or a chance at each purchase) are multiplied from T on, 1 as things
    stand; so scenarios can be had of the model.
    """

    intensity: ClassVar[Row]


@runtime_checkable
class HasCounts(HasAlive, Protocol):
    """Can say how likely each number of purchases is.

    ``count(theta, x, T, n, t)`` is P(n purchases in (T, T + t] | alive at T).
    """

    count: ClassVar[Row]


@runtime_checkable
class HasPhases(Described, Protocol):
    """Has customers who, while alive, are in one of several phases, which the time since the last purchase tells of.

    ``phase(theta, x, t_x, T, j)`` is P(phase j | history, alive at T), j = 0, ..., ``phases`` - 1. Its survival, intensity
    and count name ``j`` among their columns, and are given that phase too; so they still don't depend on t_x.
    """

    phase: ClassVar[Row]

    @property
    def phases(self) -> int:
        """How many phases there are."""
        ...


@runtime_checkable
class HasFuture(HasAlive, Protocol):
    """Can draw a customer's future.

    ``first(rng, theta, x, t_x, T)`` draws the time to her next purchase given that she is alive at T, were she not to leave
    before it: infinite if she leaves without. ``future(rng, theta, x, t_x, T, u)``, given that u, draws the rate at which
    she goes on buying, the shape of the gamma law of the times between purchases (1 for exponential times; 0 for
    opportunities, each taken with a chance of ``rate``) and how long she stays after T (which may be infinite), and says
    with what odds she leaves at a purchase: ``leave`` to ``stay`` at the next, to ``stay`` + 1 at the one after it, and so
    on; 0 for never. (That is a chance of her own, drawn from Beta(leave, stay), without drawing it.) A purchase later than
    she stays is not made. Most customers buy nothing within a horizon, and need the first only.
    """

    first: ClassVar[Row]
    future: ClassVar[Row]


@runtime_checkable
class HasTraits(Described, Protocol):
    """Can say how a customer's own rate of purchases and her own dropout are spread, given her history.

    ``rate(theta, x, t_x, T)`` and ``dropout(theta, x, t_x, T)`` are their means; ``traits(rng, theta, x, t_x, T)`` draws
    both.
    """

    rate: ClassVar[Row]
    dropout: ClassVar[Row]
    traits: ClassVar[Row]


@runtime_checkable
class HasSpend(Described, Protocol):
    """Can say what a purchase is worth.

    ``mean_spend(theta, x, m)`` is the expected value of a purchase given x purchases of mean value m (nan where there is no
    mean); ``median_spend(theta, x, m)`` the median of what her purchases are worth on average; ``basket(rng, theta, x, m)``
    draws the shape and the rate of the gamma law of her purchases. Random numbers alike, those of customers who differ in m
    alone differ in the rate alone: ``stretch(theta, x, m)`` is by how much her purchases are larger than at m = 0.
    """

    mean_spend: ClassVar[Row]
    median_spend: ClassVar[Row]
    basket: ClassVar[Row]
    stretch: ClassVar[Row]


@runtime_checkable
class HasRetention(Described, Protocol):
    """Can say how long customers renew a contract.

    ``retained(theta, t, u)`` is P(still a customer after t + u periods | still one after t); ``leaving(rng, theta, t)``
    draws how many further periods a customer who is there after t periods stays; ``beyond(theta, t, u)`` is the expected
    number of renewals after the (t + u)-th of a customer who has made t, u at least 1,000: infinite where that has no mean.
    ``retained`` is smooth in u between whole numbers.
    """

    retained: ClassVar[Row]
    leaving: ClassVar[Row]
    beyond: ClassVar[Row]
