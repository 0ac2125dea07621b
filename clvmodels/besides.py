"""A formula beside a model: what both say a customer is worth, and why they part, worked out and never assumed.

A reason is a number of the formula, the same number otherwise got, and how far (in logs) the one makes the formula's value
larger than the other would. It is given only where that is in the direction in which the two part, and by more than a
little.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, log
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.contract import HasAlive
from clvmodels.errors import CustomersError, QuestionError
from clvmodels.questions.purchases import ALIVE

if TYPE_CHECKING:
    from collections.abc import Callable

    from clvmodels.estimate import Estimate
    from clvmodels.fitted import Fit
    from clvmodels.formulas import Formula
    from clvmodels.stacking import Stack

    Reason = tuple[float, str]

TENURE = 5
"""The period whose renewal is told beside the first."""

PERIODS = 40
"""How many periods of tenure are compared, at most."""

SLIGHT = 0.05
"""A reason that moves the value by less than this share isn't one."""


@dataclass(frozen=True, eq=False)
class Beside:
    """A formula beside a model.

    Attributes
    ----------
    formula
        what it says, and of what
    mean, low, high
        what the model says a customer is worth, with an interval; its ends are nan at a single point of the parameters
    prob
        the probability of the interval
    reasons
        why they part, in words; none where the formula lies in the interval, or where nothing found explains it
    """

    formula: Formula
    mean: float
    low: float
    high: float
    prob: float
    reasons: tuple[str, ...]

    def __repr__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        """What both say, and why they part."""
        said = f"The formula says {money(self.formula.value)}, the model {_between(self.mean, self.low, self.high, money)}"
        if self.low <= self.formula.value <= self.high:
            return f"{said}: they agree."
        return f"{said}, because {'; '.join(self.reasons)}." if self.reasons else f"{said}."

    def frame(self) -> pd.DataFrame:
        """Tabulate them, a row each: value, low, high."""
        columns = {"value": [self.formula.value, self.mean], "low": [np.nan, self.low], "high": [np.nan, self.high]}
        return pd.DataFrame(columns, index=[self.formula.name, "model"])


def beside(formula: Formula, estimate: Estimate, purchases: Estimate | None, fit: Fit | Stack | None, prob: float) -> Beside:
    """Set a formula beside an estimate: see `Formula.beside`."""
    mean, low, high = _of_one(estimate, prob)
    told = _of_one(purchases, prob) if purchases is not None else None
    gap = log(formula.value / mean) if min(formula.value, mean) > 0.0 else 0.0
    found = [*_parts(formula, told, mean), *_tenure(formula, fit), *_apart(formula)]
    part = not low <= formula.value <= high
    reasons = tuple(words for push, words in found if part and push * gap > 0.0 and abs(push) > SLIGHT)
    return Beside(formula, mean, low, high, prob, reasons)


def _parts(formula: Formula, purchases: tuple[float, float, float] | None, worth: float) -> list[Reason]:
    """The number of purchases, and what each brings."""
    number = formula.averages.purchases_per_period * formula.periods
    if purchases is None or min(number, purchases[0], worth, formula.value) <= 0.0:
        return []
    each, brings = formula.value / number, worth / purchases[0]
    theirs = _between(*purchases, "{:.3g}".format)
    return [
        (log(number / purchases[0]), f"it counts {number:.3g} purchases of a customer, and the model {theirs}"),
        (log(each / brings), f"a purchase brings {money(each)} in it, and {money(brings)} in the model"),
    ]


def _tenure(formula: Formula, fit: Fit | Stack | None) -> list[Reason]:
    """How long newcomers stay."""
    if fit is None:
        return []
    for one in fit.members:
        one.able(HasAlive, ALIVE)
    newcomer, r = fit.members[0].newcomer(), formula.averages.retention
    number = int(min(max(formula.periods, TENURE), PERIODS))
    ahead = formula.averages.every * np.arange(number + 1)
    there = np.array([float(fit.probability_alive(newcomer, float(time)).mean[0]) for time in ahead])
    first, later = there[1] / there[0], there[TENURE] / there[TENURE - 1]
    words = f"it keeps {r:.0%} of the customers from one period to the next, and the model {first:.0%} of newcomers"
    if later > first + 0.01:
        falls = f"and {later:.0%} of those still there through the {TENURE}th, for dropout falls with tenure"
        words = f"{words} through the first {falls}"
    stays = float(np.sum(r ** np.arange(number)))
    return [(log(stays / float(there[:-1].sum())), words)]


def _apart(formula: Formula) -> list[Reason]:
    """One average for all, instead of one for those who have never come back and one for the others."""
    never = formula.averages.customers.frequency == 0
    if never.all() or not never.any():
        return []
    try:
        each = [formula.of(np.flatnonzero(some)) for some in (never, ~never)]
    except (CustomersError, QuestionError):  # of one part too little is known, or it never ends: nothing to tell
        return []
    share = float(never.mean())
    apart = share * each[0] + (1.0 - share) * each[1]
    if min(apart, formula.value) <= 0.0 or not isfinite(apart):
        return []
    words = f"it takes one average of customers who differ: {share:.0%} have never come back, and apart for these and the"
    return [(log(formula.value / apart), f"{words} others it says {money(apart)}")]


def _of_one(estimate: Estimate, prob: float) -> tuple[float, float, float]:
    """The mean over customers of an estimate, with its interval."""
    total = estimate.sum()
    low, high = total.interval(prob)[0] / len(estimate)
    return float(total.mean[0]) / len(estimate), float(low), float(high)


def money(value: float) -> str:
    """Write a value with what digits it needs.

    >>> money(8320.4), money(41.34)
    ('8,320', '41.3')
    """
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def _between(mean: float, low: float, high: float, form: Callable[[float], str]) -> str:
    """Write an interval, or the mean where there is none."""
    return f"{form(low)} to {form(high)}" if isfinite(low) else form(mean)
