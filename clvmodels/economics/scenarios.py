"""Scenarios: what customers would be worth if they came more often, stayed longer, or spent more.

The state of a customer - her rate, her dropout, whether she is still there - is inferred from what she did; a scenario
changes what she does from now on. Her *potential* value is what she would be worth then; the gain is the most that may be
paid, today, for the change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.economics.amounts import checked
from clvmodels.economics.assumptions import not_negative
from clvmodels.economics.flows import ordered
from clvmodels.economics.terms import Terms
from clvmodels.errors import CustomersError, QuestionError, naming
from clvmodels.estimate import Estimate, mixed
from clvmodels.frames import native, refuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clvmodels.economics.amounts import Amount, Attributes
    from clvmodels.economics.assumptions import Economics, Rate
    from clvmodels.economics.valuation import Valuation
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit


@dataclass(frozen=True)
class Scenario:
    """By what customers' behaviour and the terms of the business are multiplied from now on: 1 leaves them as they are.

    Attributes
    ----------
    purchase_rate
        her own rate of purchases while she is a customer
    dropout
        her own rate of leaving, or her chance of leaving at a purchase (an excess over certainty leaves in between)
    spend
        the value of her purchases
    margin
        what a purchase leaves after the costs that are shares of it
    costs
        all lines of cost, or each by its name

    Examples
    --------
    >>> Scenario(purchase_rate=1.10, dropout=0.90, costs={"mail": 2.0}).dropout
    0.9
    """

    purchase_rate: Amount = 1.0
    dropout: Amount = 1.0
    spend: Amount = 1.0
    margin: Amount = 1.0
    costs: Amount | Mapping[str, Amount] = field(default=1.0)

    def __post_init__(self) -> None:
        for amount in (self.purchase_rate, self.dropout, self.spend, self.margin, *self._costs("").values()):
            checked(amount, not_negative, "A scenario can't multiply by {}: say 1.10 for 10 % more, 0.90 for 10 % less.")

    def _costs(self, everything: str) -> Mapping[str, Amount]:
        return self.costs if isinstance(self.costs, Mapping) else {everything: self.costs}

    def terms(self, worth: Valuation) -> Terms:
        """Return the terms of a valuation's customers, changed."""
        terms = self.changed(worth.economics, worth.discount, worth.attributes, worth.fit.unit)
        _check(worth, terms.rate, terms.dropout)
        return terms

    def changed(self, economics: Economics, discount: Rate, attributes: Attributes, unit: Unit) -> Terms:
        """Return the terms of customers, changed, whatever they buy."""
        lines = economics.costs
        changed = self.costs if isinstance(self.costs, Mapping) else dict.fromkeys(lines, self.costs)
        unknown = [name for name in changed if name not in lines]
        if unknown:
            message = f"There are no costs {naming(unknown)} to change; those of this valuation are {naming(lines)}."
            raise QuestionError(message)
        times = {name: _numbers(attributes, amount) for name, amount in changed.items()}
        terms = Terms.of(economics, discount, attributes, unit, times)
        rate, dropout, spend, margin = (
            _numbers(attributes, amount) for amount in (self.purchase_rate, self.dropout, self.spend, self.margin)
        )
        wrong = margin * terms.margin > 1.0
        fault = "customer would have a margin above 1|customers would have a margin above 1"
        refuse(wrong, fault, "No purchase leaves more than its value.", CustomersError, attributes.customers.ids)
        return replace(terms, margin=margin * terms.margin, rate=rate, dropout=dropout, spend=spend)


def _numbers(attributes: Attributes, amount: Amount) -> Array:
    """Multiplier of each customer (n,)."""
    values = attributes.numbers(amount)
    fault = "customer has a multiplier that can't be|customers have a multiplier that can't be"
    advice = "Say 1.10 for 10 % more, 0.90 for 10 % less."
    refuse(~not_negative(values), fault, advice, CustomersError, attributes.customers.ids)
    return values


def _check(worth: Valuation, rate: Array, dropout: Array) -> None:
    """Refuse changes that a model doesn't know."""
    for fit in worth.fit.members:
        model, levers = fit.model, fit.model.levers()
        if ("rho" not in levers and np.any(rate != 1.0)) or ("kappa" not in levers and np.any(dropout != 1.0)):
            message = f"{model.title} doesn't say what becomes of customers whose rate or dropout changes."
            raise QuestionError(message)
        if np.any(dropout > model.most_dropout):
            message = (
                f"{model.title} can't multiply dropout by {dropout.max():g}: a chance can't pass 1. Say at most "
                f"{model.most_dropout:g}, or take a model of purchases at random times, such as BG/NBD."
            )
            raise QuestionError(message)


def revalued(worth: Valuation, *pairs: tuple[float, Terms]) -> Estimate:
    """Return a sum of expected values by several terms, each with its sign, draw by draw."""
    found: list[Estimate] = []
    for fit in worth.fit.members:
        flows = [(sign, worth.flows(fit, terms)) for sign, terms in pairs]

        def value(some: Any, flows: Any = flows) -> Array:  # noqa: ANN401
            """Ask whether they are alive, and what they spend, once for all."""
            base = flows[0][1]
            spent, total = base.baskets(some), 0.0
            for sign, each in flows:
                total += sign * each.living(some, spent)
            return base.chances(some) * total

        draws = flows[0][1].draws
        source, index = ordered(worth.order(fit), draws, value)
        ids, certain = worth.customers.ids, draws == 1
        found.append(Estimate("expectation", "value", ids, source, index, certain, worth.groupings))
    return mixed(found)


@dataclass(frozen=True, eq=False)
class Potential:
    """What customers would be worth in a scenario, beside what they are worth.

    Attributes
    ----------
    worth
        their valuation as things stand
    scenario
        what changes
    """

    worth: Valuation
    scenario: Scenario

    @cached_property
    def terms(self) -> Terms:
        """The terms of each customer in the scenario."""
        return self.scenario.terms(self.worth)

    @cached_property
    def expected(self) -> Estimate:
        """Potential value of each customer: its interval is credible."""
        return replace(revalued(self.worth, (1.0, self.terms)), label="potential value")

    @cached_property
    def gain(self) -> Estimate:
        """What the scenario adds to each customer, draw by draw: the most that may be paid for it, today."""
        return replace(revalued(self.worth, (1.0, self.terms), (-1.0, self.worth.terms)), label="gain")

    def frame(self, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Return a row a customer: customer_id, current, potential, and gain with its interval."""
        ends = self.gain.interval(prob)
        current = self.worth.expected.mean
        columns = {
            "current": current,
            "potential": current + self.gain.mean,
            "gain": self.gain.mean,
            "gain_low": ends[:, 0],
            "gain_high": ends[:, 1],
        }
        return native(self.worth.customers.ids, columns)

    def total(self, prob: float = 0.9, by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Return current and potential value of the base, or of groups by columns of the attributes; and the gain.

        Columns: customers, current, potential, gain with its interval low to high, relative gain, and what may be paid
        for each customer.
        """
        groups = None if by is None else self.worth.attributes.groups(by)
        codes = np.zeros(len(self.worth.customers), dtype=np.intp) if groups is None else groups.codes
        number, current = np.bincount(codes), self.worth.expected.by(codes).mean
        gain = self.gain.by(codes)
        ends = gain.interval(prob)
        table = pd.DataFrame({"customers": number, "current": current, "potential": current + gain.mean})
        told = table.assign(
            gain=gain.mean, low=ends[:, 0], high=ends[:, 1], relative=gain.mean / current, each=gain.mean / number
        )
        return told if groups is None else pd.concat([groups.table, told], axis=1)


def potential(worth: Valuation, scenario: Scenario) -> Potential:
    """Ask what customers would be worth if they, or the terms of the business, changed from now on.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.BGNBD(), customers, seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> if_mailed = clv.potential(worth, clv.Scenario(purchase_rate=1.10, dropout=0.90))
    >>> bool(0.10 < if_mailed.total()["relative"][0] < 0.15)
    True
    """
    found = Potential(worth, scenario)
    _ = found.terms
    return found
