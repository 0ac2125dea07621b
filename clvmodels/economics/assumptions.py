"""Economics: what a purchase brings, what customers cost, and what later money is worth today.

What a customer is worth is what her purchases leave after the costs that they cause, less what it costs to serve her while
she is a customer, less what it has cost to win her. All amounts are numbers, columns, or numbers by segment (`By`).

A rate always comes with its period, and is converted through the unit of the customers: 10 % a year is the same force of
discount whether they are told in days or in weeks. A year is 365.25 days, a month a twelfth of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log1p
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.economics.amounts import By, checked, columns_of
from clvmodels.errors import CustomersError, QuestionError, naming
from clvmodels.frames import refuse
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from clvmodels.economics.amounts import Amount, Attributes
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit


@dataclass(frozen=True)
class Rate:
    """An effective discount rate over a period; make one with `yearly` or `monthly`.

    Attributes
    ----------
    rate
        What 1 spent a period later is worth less: 0.10 is 10 %; a valuation may have a rate for each customer.
    period
        The unit of time over which it is meant.
    """

    rate: Amount
    period: Unit

    def __post_init__(self) -> None:
        checked(self.rate, not_negative, "A discount rate of {} can't be: say 0.10 for 10 %, and 0 for none.")

    def force(self, unit: Unit) -> float:
        """Return the instantaneous rate per unit of time: log(1 + rate) over the period.

        >>> round(yearly(0.10).force("week"), 11)
        0.00182661536
        """
        if isinstance(self.rate, str | By):
            message = f"A discount rate by {_source(self.rate)} is for a valuation of customers who have that; say a number."
            raise QuestionError(message)
        return log1p(self.rate) * DAYS[unit] / DAYS[self.period]

    def forces(self, unit: Unit, attributes: Attributes) -> Array:
        """Return the instantaneous rate of each customer: (n,)."""
        rates = attributes.numbers(self.rate)
        fault = "customer has a negative discount rate|customers have a negative discount rate"
        refuse(rates < 0.0, fault, "Say 0.10 for 10 %, and 0 for none.", CustomersError, attributes.customers.ids)
        return np.log1p(rates) * DAYS[unit] / DAYS[self.period]

    def __str__(self) -> str:
        told = f"by {_source(self.rate)}," if isinstance(self.rate, str | By) else f"{100.0 * self.rate:.4g}%"
        return f"{told} a {self.period}"


def yearly(rate: Amount) -> Rate:
    """Return a discount rate a year.

    >>> yearly(0.10)
    Rate(rate=0.1, period='year')
    """
    return Rate(rate, "year")


def monthly(rate: Amount) -> Rate:
    """Return a discount rate a month, a twelfth of a year.

    >>> monthly(0.01).force("year") == 12 * monthly(0.01).force("month")
    True
    """
    return Rate(rate, "month")


def as_rate(discount: object) -> Rate:
    """Check that a discount rate says its period."""
    if not isinstance(discount, Rate):
        message = (
            f"A discount rate of {discount!r} says no period. Say clv.yearly({discount!r}) or clv.monthly({discount!r}), "
            "whichever it is."
        )
        raise QuestionError(message)
    return discount


@dataclass(frozen=True)
class Cost:
    """A line of costs: an amount, and what it is for.

    Attributes
    ----------
    amount
        a number, a column or `By`, 0 or more
    per
        ``"turnover"``: a share of what is bought, as cost of goods is; ``"order"``: of each purchase, as handling is;
        ``"week"``, ``"month"``, ``"year"``...: of such a time while she is a customer, as retention marketing is

    Examples
    --------
    >>> Cost(12.0, per="year").per
    'year'
    """

    amount: Amount
    per: str

    def __post_init__(self) -> None:
        known = ("turnover", "order", *DAYS)
        if self.per not in known:
            message = f"A cost per {self.per!r} isn't known: say one of {', '.join(known)}."
            raise QuestionError(message)
        checked(self.amount, not_negative, "A cost of {} can't be: costs are 0 or more, and are taken off.")
        if self.per == "turnover":
            checked(self.amount, share, "A cost of {} of the turnover can't be: it is a share, such as 0.55 for 55 %.")


@dataclass(frozen=True)
class Economics:
    """What the business keeps of its turnover, and what customers cost.

    Attributes
    ----------
    margin
        the share of a purchase's value that is profit before the lines of cost, in (0, 1]; 1 values turnover
    costs
        lines of cost by name: goods, handling and logistics, service, promotions, sales force, advertising...
    acquisition
        what it has cost to win a customer, once, when she made her first purchase
    referral
        how many new customers each of her purchases brings by recommendation; their value is kept apart from hers

    Examples
    --------
    >>> costs = {"goods": Cost(0.55, "turnover"), "handling": Cost(2.0, "order"), "mail": Cost(12.0, "year")}
    >>> Economics(costs=costs, acquisition=By("channel", {"ads": 40.0, "shop": 10.0})).margin
    1.0
    """

    margin: Amount = 1.0
    costs: Mapping[str, Cost] = field(default_factory=dict)
    acquisition: Amount = 0.0
    referral: Amount = 0.0

    def __post_init__(self) -> None:
        checked(self.margin, positive_share, "A margin of {} can't be: it is a share of turnover, such as 0.30 for 30 %.")
        checked(self.acquisition, not_negative, "An acquisition cost of {} can't be: it is 0 or more.")
        checked(self.referral, not_negative, "A referral of {} can't be: it counts new customers for each purchase.")
        wrong = [name for name, cost in self.costs.items() if not isinstance(cost, Cost)]  # pyright: ignore[reportUnnecessaryIsInstance]
        if wrong:
            message = f'The costs {naming(wrong)} don\'t say of what they are: say clv.Cost(2.0, per="order"), for one.'
            raise QuestionError(message)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that its amounts are taken from."""
        return columns_of((self.margin, self.acquisition, self.referral, *(line.amount for line in self.costs.values())))


def not_negative(values: Array) -> NDArray[np.bool_]:
    """Whether numbers are finite, and 0 or more."""
    return np.isfinite(values) & (values >= 0.0)


def share(values: Array) -> NDArray[np.bool_]:
    """Whether numbers are shares."""
    return (values >= 0.0) & (values <= 1.0)


def positive_share(values: Array) -> NDArray[np.bool_]:
    """Whether numbers are shares above nothing."""
    return (values > 0.0) & (values <= 1.0)


def _source(amount: str | By) -> str:
    """Name the column that an amount is taken from."""
    return amount if isinstance(amount, str) else amount.column
