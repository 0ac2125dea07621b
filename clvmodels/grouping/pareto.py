"""Concentration: which share of the value the best customers bring, so far and ahead.

Past value is ranked by itself: the best of the past are known in hindsight. What lies ahead is ranked by its expectation,
once and for all draws, as whoever must choose customers today would; then

- *expected*: in each draw of the parameters, what those ranked highest are expected to bring, over what all are: credible;
- *outcome*: what they will really bring, over what all will: predictive. Who turns out best isn't known yet, so that this
  says less than the Pareto curve of outcomes in hindsight would, and is the share that one can count on.

With costs some customers bring less than nothing. Then the others bring more than the whole: shares above 1 and Gini
coefficients above 1 are no mistake. Shares of a base that isn't worth more than nothing are refused.

Draws are added up between the places of the curve, each per cent of the customers and of the expected value (each customer
where there are 200 or fewer); between these the curve is straight. The Gini coefficient is twice the area between the curve
and the diagonal, without a correction for small numbers: 0 for equal customers, 1 - 1/n where one of n brings everything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.errors import QuestionError, counted
from clvmodels.estimate import Estimate, as_probability
from clvmodels.evaluate.pictures import EXPECTED, LINE, OFF, SEEN, axes
from clvmodels.grouping.parts import Parts
from clvmodels.sources import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from clvmodels.economics.valuation import Valuation
    from clvmodels.estimate import Meaning
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

EACH, PERCENTS = 200, np.arange(101) / 100.0
"""Customers up to which each is a place of the curve; and where else it has places."""

UNKNOWN = "What these customers have left so far isn't known, for want of the value of their first purchases or of all."


@dataclass(frozen=True, eq=False)
class Curve:
    """What the best customers bring.

    Attributes
    ----------
    places
        shares of the customers, the best first, from 0 to 1 (places,)
    shares
        of the value that they bring (places, draws)
    meaning, certain
        as of an `Estimate`; a past is an expectation that is certain
    """

    places: Array
    shares: Array
    meaning: Meaning
    certain: bool

    @classmethod
    def of(cls, places: Array, sums: Array, meaning: Meaning, *, certain: bool) -> Curve:
        """Draw the curve through what customers between the places bring (places - 1, draws); nan if that may be nothing."""
        total = sums.sum(axis=0)
        shares = np.cumsum(sums, axis=0) / (total if np.all(total > 0.0) else np.full(len(total), np.nan))
        return cls(places, np.vstack([np.zeros(len(total)), shares]), meaning, certain)

    def at(self, share: Array) -> Array:
        """Return what some shares of the customers bring: (shares, draws)."""
        right = np.clip(np.searchsorted(self.places, share, "left"), 1, len(self.places) - 1)
        start, end = self.places[right - 1], self.places[right]
        weight = ((share - start) / (end - start))[:, None]
        return (1.0 - weight) * self.shares[right - 1] + weight * self.shares[right]

    def gini(self) -> Array:
        """Return the Gini coefficient of each draw: (1, draws)."""
        area = np.diff(self.places) @ (0.5 * (self.shares[1:] + self.shares[:-1]))
        return (2.0 * area - 1.0)[None, :]

    def told(self, numbers: Array, label: str) -> Estimate:
        """Return numbers (rows, draws) as an estimate."""
        return Estimate(self.meaning, label, None, Table(numbers), np.arange(len(numbers)), self.certain)


@dataclass(frozen=True, eq=False)
class Concentration:
    """How the value is shared among the customers; make it with `concentration`.

    Attributes
    ----------
    customers
        how many there are
    curves
        of the past, where it is known, of what is expected, and of the outcome, by these names
    notes
        what a reader must know, in sentences
    """

    customers: int
    curves: dict[str, Curve] = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)

    def __repr__(self) -> str:
        fifth = self.share(0.2)["mean"]
        told = ", ".join(f"{fifth[name]:.0%} of the {name} value" for name in self.curves if name != "outcome")
        return f"Concentration({self.customers:,} customers; the best 20% bring {told})"

    def share(self, of: float = 0.2, prob: float = 0.9) -> pd.DataFrame:
        """Return what a share of the customers, the best ones, bring: rows past, expected, outcome; mean, low, high."""
        place = np.array([as_probability(of)])
        return self._told(lambda curve: curve.at(place), prob)

    def gini(self, prob: float = 0.9) -> pd.DataFrame:
        """Return the Gini coefficients: rows past, expected, outcome; mean, low, high.

        Those of what is expected and of the outcome stand in the order of the expectation, as the curves do.
        """
        return self._told(lambda curve: curve.gini(), prob)

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Return the curves, a row a per cent of the customers, the best first.

        Columns: customers, a share; past, expected and outcome, the shares of the value that they bring, with the intervals
        expected_low to expected_high and outcome_low to outcome_high.
        """
        table = {"customers": PERCENTS}
        for name, curve in self.curves.items():
            told = curve.told(curve.at(PERCENTS), f"share of the {name} value")
            table[name] = told.mean
            if name != "past":
                table[f"{name}_low"], table[f"{name}_high"] = told.interval(prob).T
        return pd.DataFrame(table)

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw the Pareto curves, past and expected, with the bands of what is expected and of the outcome."""
        told = self.frame(prob)
        ax = axes(ax, "What share of the value the best customers bring", "Share of the customers, the best first", "")
        across = told["customers"]
        ax.fill_between(across, told["outcome_low"], told["outcome_high"], color=SEEN, alpha=0.5, lw=0, label="outcome")
        ax.fill_between(across, told["expected_low"], told["expected_high"], color=EXPECTED, alpha=0.4, lw=0)
        ax.plot(across, told["expected"], color=EXPECTED, linewidth=1.5, label="expected")
        if "past" in told:
            ax.plot(across, told["past"], color=OFF, linewidth=1.5, label="past")
        ax.plot([0, 1], [0, 1], color=LINE, linewidth=0.8, linestyle=":", label="all alike")
        ax.axvline(0.2, color=LINE, linewidth=0.8, alpha=0.5)
        for axis in (ax.xaxis, ax.yaxis):
            axis.set_major_formatter(lambda share, _: f"{share:.0%}")
        ax.set_ylabel("Share of the value")
        ax.legend(frameon=False, loc="lower right")
        return ax

    def _told(self, question: Callable[[Curve], Array], prob: float) -> pd.DataFrame:
        """A row for each curve."""
        rows = {name: curve.told(question(curve), name).frame(prob).iloc[0] for name, curve in self.curves.items()}
        return pd.DataFrame(rows).T


def concentration(worth: Valuation) -> Concentration:
    """Find which share of the value the best customers bring: so far, as expected, and as it will turn out.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.MBGNBD(), customers, seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> clv.concentration(worth)
    Concentration(2,357 customers; the best 20% bring 63% of the past value, 75% of the expected value)
    >>> clv.concentration(worth).share(0.2).round(2)
              mean   low  high
    past      0.63   NaN   NaN
    expected  0.75  0.73  0.77
    outcome   0.75  0.71  0.79
    """
    mean = worth.expected.mean_only()
    _refuse_nothing(float(mean.sum()), "is expected to bring")
    codes, ends = ranked(mean)
    parts = Parts(worth, codes, len(ends) - 1)
    ahead = {"expected": parts.expected, "outcome": parts.outcome}
    places, curves, notes = ends / len(mean), {}, _below_nothing(mean, "expected")
    if _known(worth):
        curves["past"] = _past(worth.past)
        notes += _below_nothing(worth.past, "past")
    else:
        notes += (UNKNOWN,)
    for name, estimate in ahead.items():
        sums = estimate.draws().T
        curves[name] = Curve.of(places, sums, estimate.meaning, certain=estimate.certain)
        notes += _worthless(sums.sum(axis=0), name)
    return Concentration(len(mean), curves, (*notes, *worth.notes))


def ranked(mean: Array) -> tuple[Index, Index]:
    """Put customers between the places of the curve by their expected value (n,): the codes of each, and the places."""
    order = np.argsort(-mean, kind="stable")
    ends = _places(mean[order])
    codes = np.empty(len(mean), dtype=np.intp)
    codes[order] = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
    return codes, ends


def _places(values: Array) -> Index:
    """Where the curve has a place, in numbers of customers from 0 on: each per cent of them, and of what they bring."""
    n = len(values)
    if n <= EACH:
        return np.arange(n + 1)
    brought = np.cumsum(np.maximum(values, 0.0))
    at_value = np.searchsorted(brought, PERCENTS * brought[-1])
    return np.unique(np.r_[np.round(PERCENTS * n).astype(np.intp), np.minimum(at_value + 1, n)])


def _past(past: Array) -> Curve:
    """The curve of what customers have left so far, each a place of it."""
    _refuse_nothing(float(past.sum()), "has left")
    return Curve.of(np.arange(len(past) + 1) / len(past), np.sort(past)[::-1, None], "expectation", certain=True)


def _known(worth: Valuation) -> bool:
    """Whether the past is."""
    return worth.customers.first_value is not None and worth.customers.monetary_value is not None


def _refuse_nothing(total: float, does: str) -> None:
    if not total > 0.0:
        message = f"The base {does} {total:,.6g}, and there are no shares of that: look at the customers' values one by one."
        raise QuestionError(message)


def _below_nothing(values: Array, kind: str) -> tuple[str, ...]:
    """Tell of customers who take away from the whole."""
    number = int(np.count_nonzero(values < 0.0))
    if number == 0:
        return ()
    lost = values[values < 0.0].sum() / values.sum()
    message = (
        f"The {kind} value of {counted(number, 'customer')} is below 0, {lost:.1%} of the total: the others bring more than "
        "the whole, and shares above 100% are no mistake."
    )
    return (message,)


def _worthless(total: Array, name: str) -> tuple[str, ...]:
    """Tell of draws in which all bring nothing together; ``total`` is that of each."""
    number = int(np.count_nonzero(~(total > 0.0)))
    if number == 0:
        return ()
    message = (
        f"In {number:,} of {len(total):,} draws the base brings nothing or less: there are no shares of that, and none are "
        f"given of the {name} value."
    )
    return (message,)
