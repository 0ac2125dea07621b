"""Contracts as a business: a first sale, then a fee for each period that a customer stays, by what it leaves and costs.

Periods are those of the renewals. A period that begins within the horizon counts whole, with its fee and its costs: a
horizon of 15 years from the first sale holds 15 fees. The costs of time (``per="year"``...) run all through the periods that
a customer is there for; ``per="order"`` is of each fee that is paid.

With v the worth today of 1 at the next renewal, d the force of discount per period, and A the discounted number of renewals
that a customer will make within the horizon, the first in full, everything ahead of her comes to ``certain + each A``::

    paid at the start          each = v (fee - time)                certain = - time until the renewal
    paid at the end            each = v (exp(-d) fee - time)        certain = v fee - time until the renewal

Who is new leaves her first sale besides, and now pays the first fee where fees are paid at the start (``"renewal"``: the
first period comes with the first sale, and fees begin with the first renewal).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal, cast, get_args

import numpy as np

from clvmodels.economics.amounts import checked
from clvmodels.economics.assumptions import Economics, not_negative
from clvmodels.economics.terms import Terms
from clvmodels.errors import CustomersError, QuestionError, naming
from clvmodels.frames import refuse
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from clvmodels.contracts.subscribers import Subscribers
    from clvmodels.economics.amounts import Amount, Attributes
    from clvmodels.economics.assumptions import Rate
    from clvmodels.economics.scenarios import Scenario
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit

Paid = Literal["start", "end", "renewal"]

TINY = 1e-9
"""Of a period: so much sooner than the horizon's end it may begin, and not count, for rounding's sake."""


@dataclass(frozen=True)
class Contract:
    """A first sale, and the fee of each period after it.

    Attributes
    ----------
    fee
        what a customer pays for a period: a number, a column or `By`
    economics
        what the fees leave: margin, costs per ``"turnover"`` (share of a fee), per ``"order"`` (of each fee) and per time;
        what a customer has cost to win
    first_sale
        what the contract begins with, an installation for one
    sale_economics
        what the first sale leaves: margin, costs per ``"turnover"`` and per ``"order"``
    paid
        ``"start"``: a fee is paid when its period begins, the first one at once; ``"end"``: when it ends; ``"renewal"``: as
        ``"start"``, but the first period comes with the first sale

    Examples
    --------
    >>> from clvmodels import Cost, Economics
    >>> visits = Economics(costs={"visits": Cost(60.0, "year")})
    >>> Contract(240.0, visits, first_sale=4000.0, sale_economics=Economics(margin=0.25)).paid
    'start'
    """

    fee: Amount
    economics: Economics = field(default_factory=Economics)
    first_sale: Amount = 0.0
    sale_economics: Economics = field(default_factory=Economics)
    paid: str = "start"

    def __post_init__(self) -> None:
        checked(self.fee, not_negative, "A fee of {} can't be: it is what a customer pays for a period, 0 or more.")
        checked(self.first_sale, not_negative, "A first sale of {} can't be: it is what a customer pays, 0 or more.")
        if self.paid not in get_args(Paid):
            message = f"paid={self.paid!r} isn't known: say one of {', '.join(get_args(Paid))}."
            raise QuestionError(message)
        if self.economics.referral != 0.0 or self.sale_economics.referral != 0.0:
            message = "Recommendations are counted by purchase; a contract has none: say what they bring beside it."
            raise QuestionError(message)
        if self.sale_economics.acquisition != 0.0:
            message = "What a customer has cost to win belongs to the economics of the contract, not of its first sale."
            raise QuestionError(message)
        timed = [name for name, cost in self.sale_economics.costs.items() if cost.per in DAYS]
        if timed:
            message = f'The costs {naming(timed)} are of time, and a first sale takes none: say per="order", of the sale.'
            raise QuestionError(message)


@dataclass(frozen=True, eq=False)
class ContractTerms:
    """What a contract leaves and costs, customer by customer: (n,) each.

    Attributes
    ----------
    fee
        of a period, less the costs of it
    time
        the cost of a period of time while she is there
    force
        of discount, per period
    pace
        by what a scenario multiplies her own rate of leaving
    sale
        what the first sale leaves
    acquisition
        what she has cost to win
    """

    fee: Array
    time: Array
    force: Array
    pace: Array
    sale: Array
    acquisition: Array

    @classmethod
    def of(cls, contract: Contract, discount: Rate, attributes: Attributes, unit: Unit, scenario: Scenario) -> ContractTerms:
        """Work them out, and refuse what can't be."""
        ids = attributes.customers.ids
        ahead = scenario.changed(contract.economics, discount, attributes, unit)
        if np.any(ahead.rate != 1.0):
            message = "Contracts have no rate of purchases to change: say dropout=, spend= (the fee), margin= or costs=."
            raise QuestionError(message)
        fee, first = attributes.numbers(contract.fee), attributes.numbers(contract.first_sale)
        for values, what in ((fee, "fee"), (first, "first sale")):
            fault = f"customer has a negative {what}|customers have a negative {what}"
            refuse(values < 0.0, fault, "It is what she pays, 0 or more.", CustomersError, ids)
        sale = Terms.of(contract.sale_economics, discount, attributes, unit)
        return cls(
            ahead.margin * ahead.spend * fee - ahead.order,
            ahead.period,
            ahead.force,
            ahead.dropout,
            sale.margin * first - sale.order,
            ahead.acquisition,
        )

    def average(self, number: int) -> ContractTerms:
        """Return those of so many who are as the average of all."""
        return ContractTerms(*(np.full(number, getattr(self, part.name).mean()) for part in fields(self)))

    def ahead(self, customers: Subscribers, horizon: float, paid: Paid) -> dict[str, Array]:
        """Return the columns of what lies ahead: t, force, renewals (how many may come), pace; certain, each."""
        due, new, force = customers.due, customers.new, self.force
        at_renewal = np.exp(-force * due)
        each = at_renewal * ((np.exp(-force) if paid == "end" else 1.0) * self.fee - self.time * annuity(1.0, force))
        now = at_renewal if paid == "end" else np.where(new, 1.0 if paid == "start" else 0.0, 0.0)
        return {
            "t": customers.tenure,
            "force": force,
            "renewals": np.maximum(np.ceil(horizon - due - TINY), 0.0),
            "pace": self.pace,
            "certain": self.fee * now + np.where(new, self.sale, 0.0) - self.time * annuity(due, force),
            "each": each,
        }

    def past(self, customers: Subscribers, paid: Paid) -> Array:
        """Return what customers have left so far, undiscounted, the first sale included; nothing of those who are new."""
        fees = customers.tenure + (1.0 if paid == "start" else 0.0)
        lived = customers.tenure + 1.0 - customers.due
        return np.where(customers.new, 0.0, self.sale + self.fee * fees - self.time * lived)


def annuity(time: Array | float, force: Array) -> Array:
    """What 1 per unit of time is worth today, for a time (n,).

    >>> annuity(2.0, np.array([0.0, 1.0])).round(3)
    array([2.   , 0.865])
    """
    safe = np.where(force > 0.0, force, 1.0)
    return np.where(force > 0.0, -np.expm1(-safe * time) / safe, time)


def annuity_due(number: Array, force: Array) -> Array:
    """What 1 now and after each period is worth, so many times in all.

    >>> from math import inf
    >>> annuity_due(np.array([3.0, inf]), np.array([0.0, 0.1])).round(3)
    array([ 3.   , 10.508])
    """
    safe = np.where(force > 0.0, force, 1.0)
    return np.where(force > 0.0, np.expm1(-safe * number) / np.expm1(-safe), number)


def as_paid(word: str) -> Paid:
    """Take the word of a contract that has been checked."""
    return cast("Paid", word)
