"""Terms: economics customer by customer, as numbers.

A purchase leaves ``margin`` of its value, less ``order``; a unit of time costs ``period`` while she is a customer; later
money is discounted by ``force``. A scenario multiplies her own rate of purchases, her dropout and her spend.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.economics.assumptions import not_negative, positive_share, share
from clvmodels.errors import CustomersError
from clvmodels.frames import refuse
from clvmodels.histories import Histories
from clvmodels.units import DAYS, as_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from clvmodels.economics.amounts import Amount, Attributes
    from clvmodels.economics.assumptions import Economics, Rate
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit


NOTHING: Mapping[str, Array] = {}


@dataclass(frozen=True, eq=False)
class Terms:
    """What a customer's purchases and her time are worth, a number each for every customer (n,).

    Attributes
    ----------
    margin
        share of a purchase that is left after the costs that are shares of it
    order, period
        cost of a purchase, and of a unit of time while she is a customer
    force
        of discount, per unit of time
    acquisition, referral
        what she has cost to win, and how many customers each of her purchases brings
    rate, dropout, spend
        by what a scenario multiplies these
    """

    margin: Array
    order: Array
    period: Array
    force: Array
    acquisition: Array
    referral: Array
    rate: Array
    dropout: Array
    spend: Array

    @classmethod
    def of(
        cls,
        economics: Economics,
        discount: Rate,
        attributes: Attributes,
        unit: Unit,
        times: Mapping[str, Array] = NOTHING,
    ) -> Terms:
        """Work out the economics of each customer, and refuse what can't be; ``times`` multiplies lines of cost, by name."""
        ids, one = attributes.customers.ids, np.ones(len(attributes.customers))

        def amounts(name: str, amount: Amount, holds: Callable[[Array], NDArray[np.bool_]], advice: str) -> Array:
            values = attributes.numbers(amount)
            fault = f"customer has a {name} that can't be|customers have a {name} that can't be"
            refuse(~holds(values), fault, advice, CustomersError, ids)
            return values

        def costs(per: Callable[[str], float | None], holds: Callable[[Array], NDArray[np.bool_]], advice: str) -> Array:
            lines = [(name, line.amount, per(line.per)) for name, line in economics.costs.items()]
            told = [
                units * times.get(name, one) * amounts(f"cost ({name})", amount, holds, advice)
                for name, amount, units in lines
                if units
            ]
            return np.sum(told, axis=0) if told else 0.0 * one

        margin = amounts("margin", economics.margin, positive_share, "It is a share of turnover, such as 0.30 for 30 %.")
        shares = costs(lambda per: 1.0 if per == "turnover" else None, share, "It is a share of turnover, 0 to 1.")
        dear = "A cost is 0 or more, and is taken off."
        return cls(
            margin - shares,
            costs(lambda per: 1.0 if per == "order" else None, not_negative, dear),
            costs(lambda per: DAYS[unit] / DAYS[as_unit(per)] if per in DAYS else None, not_negative, dear),
            discount.forces(unit, attributes),
            amounts("acquisition cost", economics.acquisition, not_negative, dear),
            amounts("referral", economics.referral, not_negative, "It counts new customers for each purchase."),
            *(one, one, one),
        )

    @property
    def timed(self) -> bool:
        """Whether time costs anybody anything."""
        return bool(np.any(self.period > 0.0))

    def kinds(self) -> list[tuple[float, Index]]:
        """Return the forces of discount that there are, each with the places of its customers."""
        forces, which = np.unique(self.force, return_inverse=True)
        return [(float(force), np.flatnonzero(which == k)) for k, force in enumerate(forces)]

    def keys(self) -> tuple[Array, ...]:
        """Return what sets the futures of equal histories apart, the first most."""
        return self.force, self.rate, self.dropout

    def moved(self, histories: Histories) -> Histories:
        """Return histories of customers whose rate and dropout are multiplied from now on."""
        levers = {"rho": self.rate, "kappa": self.dropout}
        known = {name: values for name, values in levers.items() if name in histories.columns}
        if all(np.ptp(values) == 0.0 for values in known.values()):
            return histories.with_constants({name: float(values[0]) for name, values in known.items()})
        told = {name: column[histories.index] for name, column in histories.columns.items() if name not in known}
        return Histories.of({**known, **told})

    def table(self, last: Array | float = 0.0) -> Array:
        """Return what a simulation needs: (n, 5); the last column says whether customers buy now, or what they have cost."""
        last = np.broadcast_to(last, len(self.margin))
        return np.stack([self.margin * self.spend, self.order, self.period, self.force, last], axis=1)

    def some(self, rows: Index) -> Terms:
        """Return the terms of some of the customers."""
        return Terms(*(getattr(self, part.name)[rows] for part in fields(self)))

    def average(self) -> Terms:
        """Return the terms of one who is as the average of all."""
        return Terms(*(np.atleast_1d(getattr(self, part.name).mean()) for part in fields(self)))
