"""Economics: what a purchase brings, and what later money is worth today.

A rate always comes with its period, and is converted through the unit of the customers: 10 % a year is the same force of
discount whether they are told in days or in weeks. A year is 365.25 days, a month a twelfth of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log1p
from typing import TYPE_CHECKING

from clvmodels.errors import QuestionError
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from clvmodels.units import Unit


@dataclass(frozen=True)
class Rate:
    """An effective discount rate over a period; make one with `yearly` or `monthly`.

    Attributes
    ----------
    rate
        What 1 spent a period later is worth less: 0.10 is 10 %.
    period
        The unit of time over which it is meant.
    """

    rate: float
    period: Unit

    def __post_init__(self) -> None:
        if not (isfinite(self.rate) and self.rate >= 0.0):
            message = f"A discount rate of {self.rate} can't be: say 0.10 for 10 %, and 0 for none."
            raise QuestionError(message)

    def force(self, unit: Unit) -> float:
        """Return the instantaneous rate per unit of time: log(1 + rate) over the period.

        >>> round(yearly(0.10).force("week"), 11)
        0.00182661536
        """
        return log1p(self.rate) * DAYS[unit] / DAYS[self.period]

    def __str__(self) -> str:
        return f"{100.0 * self.rate:.4g}% a {self.period}"


def yearly(rate: float) -> Rate:
    """Return a discount rate a year.

    >>> yearly(0.10)
    Rate(rate=0.1, period='year')
    """
    return Rate(rate, "year")


def monthly(rate: float) -> Rate:
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
class Economics:
    """What the business keeps of its turnover.

    Attributes
    ----------
    margin
        The share of a purchase's value that is profit, in (0, 1]; 1 values turnover.
    """

    margin: float = 1.0

    def __post_init__(self) -> None:
        if not (isfinite(self.margin) and 0.0 < self.margin <= 1.0):
            message = f"A margin of {self.margin} can't be: it is a share of turnover, such as 0.30 for 30 %."
            raise QuestionError(message)
