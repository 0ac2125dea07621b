"""Simple formulas: what people work out today, beside the model, and where the two part.

*Average value*: average basket x purchases in a period x periods that a customer stays, times the margin. *Retention value*:
the margin of a period, weighted by the chance r to be there still and discounted by d a period, where q = r / (1 + d):

    sum of m q^t over t = start, ..., start + n - 1  =  m q^start (1 - q^n) / (1 - q)

With ``start=0`` the first period is paid now, for certain; with ``start=1`` the first margin comes at the end of the first
period, if she stays. Both take one average for a base in which customers differ, and one rate of retention for all tenures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.besides import Beside, beside, money
from clvmodels.economics.assumptions import as_rate
from clvmodels.errors import CustomersError, QuestionError
from clvmodels.units import as_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clvmodels.customers import Customers
    from clvmodels.economics.assumptions import Rate
    from clvmodels.estimate import Estimate
    from clvmodels.fitted import Fit
    from clvmodels.histories import Index
    from clvmodels.stacking import Stack

__all__ = ["Averages", "Beside", "Formula", "average_value", "from_customers", "retention_value"]


def average_value(basket: float, purchases_per_period: float, periods: float, margin: float = 1.0) -> float:
    """Return the average basket x purchases in a period x periods that a customer stays x margin.

    The baker's customer buys for 5 EUR, 4 times a week, 52 weeks a year, for 8 years:

    >>> average_value(5.0, 4, 52 * 8)
    8320.0
    """
    _check(basket=basket, purchases_per_period=purchases_per_period, periods=periods)
    _check_share(margin=margin)
    return basket * purchases_per_period * periods * margin


def retention_value(  # noqa: PLR0913
    margin_per_period: float,
    retention: float,
    discount: Rate,
    periods: float = inf,
    *,
    every: float = 1.0,
    unit: str = "year",
    start: int = 0,
) -> float:
    """Return the margins of some periods, weighted by the chance to be there still and discounted.

    Parameters
    ----------
    margin_per_period
        what a customer who is there leaves in a period
    retention
        the chance to be there in the next period too, the same in all
    discount
        ``clv.yearly(0.10)`` or ``clv.monthly(0.01)``
    periods
        how many, ``math.inf`` for life
    every, unit
        how long each is: 1 year by default; ``every=13, unit="week"``
    start
        0: the first margin comes now, for certain; 1: a period from now, if she stays

    Examples
    --------
    100 now, then 80 % of the customers a year later, 64 % two years later, each year worth a tenth less:

    >>> import clvmodels as clv
    >>> round(retention_value(100.0, 0.8, clv.yearly(0.10), 3), 2)  # 100 + 80 / 1.1 + 64 / 1.21
    225.62
    >>> round(retention_value(100.0, 0.8, clv.yearly(0.10)), 2)  # 100 x 1.1 / (1.1 - 0.8)
    366.67
    """
    _check(margin_per_period=margin_per_period, every=every)
    _check_share(retention=retention)
    if start not in (0, 1):
        message = f"start={start} can't be: say 0 where the first margin comes now, 1 where it comes a period later."
        raise QuestionError(message)
    q = retention * exp(-every * as_rate(discount).force(as_unit(unit)))
    return margin_per_period * q**start * _sum(q, periods)


def _sum(q: float, periods: float) -> float:
    """Add up q^t over so many periods, from t = 0."""
    if not (periods >= 0.0 and (periods == inf or periods == int(periods))):
        message = f"periods={periods} can't be: say a whole number, or math.inf for life."
        raise QuestionError(message)
    if q < 1.0:
        return (1.0 - q**periods) / (1.0 - q)
    if periods == inf:
        message = "With full retention and no discount, the margins of a life add up without end: say how many periods."
        raise QuestionError(message)
    return periods


@dataclass(frozen=True, eq=False)
class Averages:
    """What the formulas take of a base: one average of each.

    Attributes
    ----------
    customers
        the base
    every
        the length of a period in their unit
    basket
        mean value of a purchase, the first ones included
    purchases_per_period
        purchases, the first ones included, by the periods that customers have been customers (each for one at least)
    retention
        of the customers won before the last period, the share who bought in it

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> clv.formulas.from_customers(customers, every=13)
    Averages(basket 35.96, 0.812 purchases in 13 weeks, retention 17.4%)
    """

    customers: Customers = field(repr=False)
    every: float
    basket: float
    purchases_per_period: float
    retention: float

    def __repr__(self) -> str:
        period = f"{self.every:.4g} {self.customers.unit}s"
        rate = f"{self.purchases_per_period:.3g} purchases in {period}"
        return f"Averages(basket {self.basket:,.2f}, {rate}, retention {self.retention:.1%})"

    @property
    def lifetime(self) -> float:
        """Periods that a customer stays on average, if she stays through each with the chance of retention."""
        return 1.0 / (1.0 - self.retention) if self.retention < 1.0 else inf

    def average_value(self, margin: float = 1.0, periods: float | None = None) -> Formula:
        """Work out the average value; a customer stays for her lifetime, unless told how many periods."""

        def value(of: Averages) -> tuple[float, float]:
            stays = of.lifetime if periods is None else periods
            return average_value(of.basket, of.purchases_per_period, stays, margin), stays

        return Formula("average value", *value(self), margin, self, value)

    def retention_value(self, discount: Rate, margin: float = 1.0, periods: float = inf, *, start: int = 0) -> Formula:
        """Work out the retention value of the margin that a period brings."""

        def value(of: Averages) -> tuple[float, float]:
            a_period = average_value(of.basket, of.purchases_per_period, 1.0, margin)
            asked: dict[str, Any] = {"every": of.every, "unit": of.customers.unit, "start": start}
            stays = of.retention**start * _sum(of.retention, periods) if of.retention < 1.0 else periods
            return retention_value(a_period, of.retention, discount, periods, **asked), stays

        return Formula("retention value", *value(self), margin, self, value)


@dataclass(frozen=True, eq=False)
class Formula:
    """What a formula says a customer is worth.

    Attributes
    ----------
    name
        which formula
    value
        of a customer
    periods
        how many it has her stay, undiscounted
    margin
        the share of turnover that is profit
    averages
        what it takes of the base
    """

    name: str
    value: float
    periods: float
    margin: float
    averages: Averages
    _again: Callable[[Averages], tuple[float, float]] = field(repr=False)

    def __repr__(self) -> str:
        return f"Formula({self.name} {money(self.value)})"

    @property
    def inputs(self) -> Mapping[str, float]:
        """The numbers that it is made of."""
        of = self.averages
        rates = {"purchases_per_period": of.purchases_per_period, "retention": of.retention}
        return {"basket": of.basket, **rates, "periods": self.periods, "margin": self.margin}

    def frame(self) -> pd.DataFrame:
        """Tabulate its inputs and its value, a row each."""
        told = {**self.inputs, "value": self.value}
        return pd.DataFrame({"number": list(told.values())}, index=pd.Index(list(told), name=self.name))

    def beside(
        self, estimate: Estimate, *, purchases: Estimate | None = None, fit: Fit | Stack | None = None, prob: float = 0.9
    ) -> Beside:
        """Set it beside what a model says a customer is worth, and work out why they part.

        Parameters
        ----------
        estimate
            the model's value of customers, ``worth.expected``, of whom the mean is taken; or of a newcomer
        purchases
            how many purchases the model expects of the same customers within the same horizon,
            ``fit.expected_purchases(52)``: tells whether the number of purchases or what each brings makes the difference
        fit
            the purchase fit: tells how long newcomers stay, by their tenure
        prob
            the probability of the model's interval

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
        >>> fit = clv.fit(clv.MBGNBD(), customers, seed=1)
        >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
        >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
        >>> simple = clv.formulas.from_customers(customers, every=13).average_value(periods=4)
        >>> simple.beside(worth.expected, purchases=fit.expected_purchases(52))
        The formula says 117, the model 26.3 to 30.8,
        because it counts 3.25 purchases of a customer, and the model 0.773 to 0.905; a purchase brings 36 in it, and 34.1 in
        the model.
        """
        return beside(self, estimate, purchases, fit, prob)

    def of(self, rows: Index) -> float:
        """Work it out for some of the customers, by their places."""
        return self._again(from_customers(self.averages.customers.some(rows), self.averages.every))[0]


def from_customers(customers: Customers, every: float) -> Averages:
    """Take the averages of a base, as people do: see `Averages`; ``every`` is the length of a period in their unit.

    >>> import clvmodels as clv
    >>> two = clv.Customers.from_arrays([3, 0], [30, 0], [40, 40], unit="week", monetary_value=[20, 0], first_value=[10, 5])
    >>> clv.formulas.from_customers(two, every=20)
    Averages(basket 15.00, 1.25 purchases in 20 weeks, retention 50.0%)
    """
    if not (every > 0.0 and isfinite(every)):
        message = f"every={every} can't be: it is the length of a period in the unit of the customers, above 0."
        raise QuestionError(message)
    buyers = customers.all_buyers()
    made = float((customers.frequency + 1.0).sum())
    before = every <= customers.T
    if not before.any():
        message = (
            f"None of these customers was won {every:.4g} {customers.unit}s before the end of the observation, so nothing "
            "is known of retention. Take shorter periods."
        )
        raise CustomersError(message)
    again = (customers.T - customers.recency < every)[before]
    spent = float(buyers.x @ buyers.m)
    rate = made * every / float(np.maximum(customers.T, every).sum())
    return Averages(customers, float(every), spent / made, rate, float(again.mean()))


def _check(**numbers: float) -> None:
    """Check that inputs are numbers of 0 or more."""
    for name, number in numbers.items():
        if not (isfinite(number) and number >= 0.0):
            message = f"{name}={number} can't be: say a number of 0 or more."
            raise QuestionError(message)


def _check_share(**shares: float) -> None:
    """Check that inputs are shares."""
    for name, share in shares.items():
        if not 0.0 <= share <= 1.0:
            message = f"{name}={share} can't be: it is a share, such as 0.30 for 30 %."
            raise QuestionError(message)
