"""The contract: what a model is, and what it may be asked. Read this page first.

A model is a density for one customer's history, and what that density says of her future. Its author writes formulas for ONE
customer, as row functions (`clvmodels.kernels.lift`): scalars in, scalars out, in the letters of the paper. All of a row
function's arguments are named: first the parameters, then the columns of the history that it needs, then what is asked.

`Model` is what every model must be; a capability is a row function (or two) that it may have besides. Plots, valuations
and reports ask for the capability, never for a model's name.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, final, runtime_checkable

import numpy as np

from clvmodels.errors import ModelError, naming
from clvmodels.parameters import Param, params_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clvmodels.buyers import Buyers
    from clvmodels.customers import Customers
    from clvmodels.fitted import Fit
    from clvmodels.fitting import Method
    from clvmodels.histories import Histories, LogLikelihood
    from clvmodels.kernels.lift import Array, Row
    from clvmodels.units import Unit


class Model(ABC):
    """A frozen description, without data.

    Attributes
    ----------
    name
        As the field writes it: ``"BG/NBD"``.
    Theta
        A named tuple: one field a parameter, annotated with its `Param`.
    history
        The columns of a history that the likelihood needs, in the letters of the paper.
    caveats
        What a reader of its answers should know, in sentences.
    """

    name: ClassVar[str]
    Theta: ClassVar[type[Any]]
    history: ClassVar[tuple[str, ...]]
    caveats: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        """Log-likelihood, and its slopes, of each history or in total; theta is (draws, parameters)."""

    @final
    def params(self) -> Mapping[str, Param]:
        """Return the declarations of the parameters, by name."""
        return params_of(self.Theta)

    @final
    def parameters(self) -> tuple[str, ...]:
        """Return the names of the parameters."""
        return tuple(self.Theta._fields)

    @final
    def fit(self, customers: Customers | Buyers, method: Method | None = None, seed: int | None = None) -> Fit:
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

    def params(self) -> Mapping[str, Param]:
        """Return the declarations of the parameters, by name."""
        ...

    def parameters(self) -> tuple[str, ...]:
        """Return the names of the parameters."""
        ...


@runtime_checkable
class HasAlive(Described, Protocol):
    """Can say whether a customer is still one.

    ``alive(theta, x, t_x, T)`` is P(alive at T | history); ``survival(theta, x, T, u)`` is P(alive at T + u | alive at T).
    """

    alive: ClassVar[Row]
    survival: ClassVar[Row]


@runtime_checkable
class HasPurchases(HasAlive, Protocol):
    """Can say how many purchases to expect, discounted or not.

    ``intensity(theta, x, T, u)`` is the expected number of purchases per unit of time, u after T, given alive at T.
    """

    intensity: ClassVar[Row]


@runtime_checkable
class HasCounts(HasAlive, Protocol):
    """Can say how likely each number of purchases is.

    ``count(theta, x, T, k, t)`` is P(k purchases in (T, T + t] | alive at T).
    """

    count: ClassVar[Row]


@runtime_checkable
class HasFuture(Described, Protocol):
    """Can draw a customer's future.

    ``first(rng, theta, x, t_x, T)`` draws the time to her next purchase, were she not to leave before it: infinite if she
    has left. ``future(rng, theta, x, t_x, T, u)``, given that u, draws the rate at which she goes on buying and how long
    she stays after T (which may be infinite), and says with what odds she leaves at a purchase: ``leave`` to ``stay`` at the
    next, to ``stay`` + 1 at the one after it, and so on; 0 for never. (That is a chance of her own, drawn from
    Beta(leave, stay), without drawing it.) Most customers buy nothing within a horizon, and need the first only.
    """

    first: ClassVar[Row]
    future: ClassVar[Row]


@runtime_checkable
class HasSpend(Described, Protocol):
    """Can say what a purchase is worth.

    ``mean_spend(theta, x, m)`` is the expected value of a purchase given x purchases of mean value m (nan where there is no
    mean); ``basket(rng, theta, x, m)`` draws the shape and the rate of the gamma law of her purchases.
    """

    mean_spend: ClassVar[Row]
    basket: ClassVar[Row]
