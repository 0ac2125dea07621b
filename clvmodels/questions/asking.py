"""What every question needs: a model, draws of its parameters, and the histories of those who are asked about."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from clvmodels.buyers import Buyers, View, view_of
from clvmodels.customers import Customers
from clvmodels.engines.kinds import Kinds
from clvmodels.engines.lazy import LazyBuyers, LazyCustomers
from clvmodels.errors import FitError, QuestionError
from clvmodels.estimate import Estimate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals as nw

    from clvmodels.contract import Model, Told
    from clvmodels.histories import Histories, Index
    from clvmodels.kernels.lift import Array
    from clvmodels.sources import Source
    from clvmodels.units import Unit

    Whom = Told | LazyCustomers | LazyBuyers

Capability = TypeVar("Capability")


@dataclass(frozen=True, eq=False)
class Asked:
    """Those asked about.

    Attributes
    ----------
    seen
        as the fit sees them
    histories
        the distinct ones, as answers see them, and which is whose
    """

    seen: Told
    histories: Histories

    @property
    def ids(self) -> nw.Series[Any] | None:
        """Their ids; None where they stay in their engine."""
        return self.seen.ids

    @property
    def kinds(self) -> Kinds | None:
        """What is known of those who stay in their engine."""
        return self.seen if isinstance(self.seen, Kinds) else None

    @property
    def order(self) -> Index:
        """An order in which like ones are near each other, the same for every model."""
        letters = self.seen.letters()
        return np.lexsort([letters[name] for name in ("T", "t_x", "x") if name in letters])


@dataclass(frozen=True)
class Record:
    """How a fit was obtained.

    Attributes
    ----------
    method
        Its settings, as written.
    converged
        Whether it arrived where it should.
    evaluations, seconds
        What it took.
    seed
        That reproduces it; None where nothing was drawn.
    warnings
        What must be known of it, in sentences.
    pareto_k
        How far importance weights can be trusted (up to 0.7), where there are any.
    ess, r_hat
        The effective number of draws, and how far chains disagree (1: not at all), of each parameter, where that is known.
    divergences
        How many draws a sampler's path was lost at (0, if all is well), where there is a sampler.
    learned
        Whether it has looked at the data: draws of the priors alone haven't.
    """

    method: str
    converged: bool = True
    evaluations: int = 0
    seconds: float = 0.0
    seed: int | None = None
    warnings: tuple[str, ...] = ()
    pareto_k: float | None = None
    ess: tuple[float, ...] | None = None
    r_hat: tuple[float, ...] | None = None
    divergences: int | None = None
    learned: bool = True


@dataclass(frozen=True, eq=False)
class Asking:
    """A model with draws of its parameters, and whom it may be asked about.

    Attributes
    ----------
    model
        What was fitted.
    draws
        (draws, parameters); one row for a point.
    mode
        The point found, or the highest of the posterior (parameters,).
    covariance
        Of the parameters on the line, at the mode; nan where unknown.
    customers
        What it was fitted to, if it was.
    unit
        The unit of its times.
    record
        How it was obtained.
    chains
        How many chains, one after the other, the draws are.
    stats
        What a sampler says of each draw, by the names of ArviZ: (chains, draws of a chain) each.
    """

    model: Model
    draws: Array = field(repr=False)
    mode: Array = field(repr=False)
    covariance: Array = field(repr=False)
    customers: Told | None
    unit: Unit
    record: Record
    chains: int = 1
    stats: Mapping[str, Array] = field(default_factory=dict, repr=False)

    @property
    def is_point(self) -> bool:
        """Whether it is a single point of the parameters, which knows nothing of its uncertainty."""
        return len(self.draws) == 1

    @property
    def members(self) -> tuple[Self, ...]:
        """Those whose answers are mixed: itself alone."""
        return (self,)

    @property
    def view(self) -> View | None:
        """The view of spend that it saw, if it saw one."""
        return self.customers.view if isinstance(self.customers, Buyers | Kinds) else None

    def able(self, capability: type[Capability], what: str) -> Capability:
        """Return the model, if it has a capability; refuse otherwise."""
        if not isinstance(self.model, capability):
            message = f"{self.model.name} doesn't say {what}."
            raise QuestionError(message)
        return self.model

    def seen(self, customers: Whom | None) -> Told:
        """Return the customers asked about as this fit sees them: its own by default, a spend fit's through its view.

        Of those who stay in their engine, the kinds.
        """
        asked = self.customers if customers is None else customers
        if asked is None:
            message = f"This {self.model.name} was fitted to nobody: say which customers you ask about."
            raise QuestionError(message)
        unit = asked.customers.unit if isinstance(asked, LazyBuyers) else asked.unit
        if unit != self.unit:
            message = f"This fit is in {self.unit}s, and these customers are told in {unit}s: bring them to one unit."
            raise QuestionError(message)
        if isinstance(asked, Customers) and "m" in self.model.history:
            return view_of(asked, self.view or "all")
        if isinstance(asked, LazyCustomers) and "m" in self.model.history:
            asked = LazyBuyers(asked, self.view or "all")
        return asked.kinds(self.model.history) if isinstance(asked, LazyCustomers | LazyBuyers) else asked

    def known(self, customers: Whom | None) -> Told:
        """Return the customers asked about as this fit sees them, one by one."""
        seen = self.seen(customers)
        if isinstance(seen, Kinds):
            message = (
                "Of the customers in the engine, this fit knows how many have each history, and not who they are: say which "
                "customers you ask about, such as customers=everybody.collect(), or fit to those."
            )
            raise QuestionError(message)
        return seen

    def asked(self, customers: Whom | None) -> Asked:
        """Return the customers asked about, as answers see them."""
        seen = self.seen(customers)
        return Asked(seen, histories_of(self.model, seen, self.model.state()))

    def expectation(self, label: str, asked: Asked, source: Source) -> Estimate:
        """Return an estimate whose only uncertainty is that of the parameters; it has a row a history."""
        index = asked.histories.index
        return Estimate("expectation", label, asked.ids, source, index, certain=self.is_point, kinds=asked.kinds)

    def outcome(self, label: str, asked: Asked, source: Source, index: Index) -> Estimate:
        """Return an estimate of what is drawn; it has a row a customer, and ``index`` says which."""
        return Estimate("outcome", label, asked.ids, source, index, kinds=asked.kinds)


HINTS = {
    "m": "customers.all_buyers() or customers.repeat_buyers()",
    "lost": "clv.Cohorts, which tell how many customers of a cohort survive each period",
}


def histories_of(model: Model, told: Told, letters: Sequence[str]) -> Histories:
    """Find the distinct histories that a model sees: some letters of its customers, and its own settings beside them."""
    missing = [name for name in model.history if name not in told.letters()]
    if missing:
        hint = next(
            (HINTS[name] for name in missing if name in HINTS), "the customers themselves, not a view of their spend"
        )
        message = f"{model.name} needs {', '.join(missing)}, which these {type(told).__name__} don't tell: pass {hint}."
        raise FitError(message)
    return told.histories(letters).with_constants(model.settings())


def as_span(value: float, name: str, *, endless: bool = False) -> float:
    """Check a time ahead."""
    if not (value >= 0.0 and (isfinite(value) or (endless and value == inf))):
        finite = "" if endless else ", and finite"
        message = f"{name} = {value} can't be: it is a time ahead in the unit of the customers, 0 or more{finite}."
        raise QuestionError(message)
    return float(value)


def seeded(seed: int | None) -> int:
    """Return the seed given, or a fresh one."""
    return secrets.randbits(32) if seed is None else seed
