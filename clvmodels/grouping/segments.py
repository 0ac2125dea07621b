"""RFM segments: customers by recency, frequency and monetary value, scored 1 to 5, with a name for each kind.

A score counts the fifths of the customers whom one leaves behind: who has s - 1 fifths of them strictly below her, and not
s, scores s. So equal customers score alike, and whoever is lowest scores 1, however many are as low; where four fifths
bought once, these score 1 in frequency and all others 5.

Scores only tell where customers stand among the others today. What they are worth is for a valuation to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from clvmodels.errors import QuestionError, naming
from clvmodels.frames import native
from clvmodels.grouping.cuts import Cuts, turnover
from clvmodels.grouping.parts import Parts, pairs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.customers import Customers
    from clvmodels.economics.valuation import Valuation
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

Money = Literal["mean", "total"]

SCORES = ("recency", "frequency", "monetary")

FIFTHS = Cuts(quantiles=(0.2, 0.4, 0.6, 0.8))

RULES = (
    ("champions", 5, 5, 4, 5, 3, 5, "keep"),
    ("loyal", 3, 5, 4, 5, 1, 5, "keep"),
    ("can't lose", 1, 2, 4, 5, 4, 5, "reactivate"),
    ("at risk", 1, 2, 3, 5, 1, 5, "reactivate"),
    ("potential loyalists", 4, 5, 2, 3, 1, 5, "invest"),
    ("new", 5, 5, 1, 1, 1, 5, "invest"),
    ("promising", 4, 4, 1, 1, 1, 5, "invest"),
    ("need attention", 3, 3, 3, 3, 1, 5, "invest"),
    ("about to sleep", 3, 3, 1, 2, 1, 5, "reactivate"),
    ("hibernating", 1, 2, 1, 2, 4, 5, "reactivate"),
    ("lost", 1, 2, 1, 2, 1, 3, "let go"),
)
"""Segments: scores of recency, frequency and monetary value from and to, and what to do; the first that fits counts."""

ENDS = tuple(f"{score}_{end}" for score in SCORES for end in ("from", "to"))


def usual_rules() -> pd.DataFrame:
    """Return the usual segments, a row each: the scores that it spans, and what to do; the first that fits counts.

    >>> usual_rules()[["segment", "recency_from", "recency_to", "action"]].head(2)
         segment  recency_from  recency_to action
    0  champions             5           5   keep
    1      loyal             3           5   keep
    """
    return pd.DataFrame(RULES, columns=["segment", *ENDS, "action"])


@dataclass(frozen=True, eq=False)
class Segments:
    """Customers by RFM segment; make them with `rfm_segments`.

    Attributes
    ----------
    customers
        who they are
    measures
        time since the last purchase, purchases, money of each: (n, 3)
    scores
        of recency, frequency and monetary value, 1 to 5: (n, 3)
    rules
        the table of segments
    codes
        the segment of each customer, a row of ``rules`` (n,)
    worth
        what the customers are worth, if that is known
    """

    customers: Customers = field(repr=False)
    measures: Array = field(repr=False)
    scores: Index = field(repr=False)
    rules: pd.DataFrame = field(repr=False)
    codes: Index = field(repr=False)
    worth: Valuation | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        found = len(np.unique(self.codes))
        return f"Segments({len(self.codes):,} customers in {found} of {len(self.rules)} segments)"

    @property
    def names(self) -> Array:
        """The segment of each customer (n,)."""
        return self.rules["segment"].to_numpy()[self.codes].astype(str)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, in sentences: of the customers, and of the valuation."""
        return self.customers.notes if self.worth is None else self.worth.notes

    @cached_property
    def parts(self) -> Parts:
        """The valuation by segment: ``.expected`` and ``.outcome`` of each, draw by draw."""
        if self.worth is None:
            message = "What segments are worth needs a valuation: clv.rfm_segments(customers, worth=clv.value(...))."
            raise QuestionError(message)
        return Parts(self.worth, self.codes, len(self.rules))

    def frame(self) -> Any:  # noqa: ANN401
        """Return a row a customer, in the customers' own frame library.

        Columns: customer_id; silence, the time since her last purchase; purchases, the first included; money, their mean
        value or their total; the scores recency, frequency and monetary; segment, action.
        """
        silence, purchases, money = self.measures.T
        columns = {
            "silence": silence,
            "purchases": purchases,
            "money": money,
            **dict(zip(SCORES, self.scores.T, strict=True)),
        }
        action = self.rules["action"].to_numpy()[self.codes].astype(str)
        return native(self.customers.ids, {**columns, "segment": self.names, "action": action})

    def table(self, prob: float = 0.9) -> pd.DataFrame:
        """Return a row a segment, in the order of the rules, with those that nobody is in.

        Columns: segment, action; customers and of_customers, their share; means of silence, purchases and money; with a
        valuation, those of `Parts.frame`: mean, low, high, outcome_low, outcome_high, of_value, each, probability_alive.
        """
        counts = np.bincount(self.codes, minlength=len(self.rules))
        named = self.rules[["segment", "action"]].assign(customers=counts, of_customers=counts / len(self.codes))
        sums = np.stack([np.bincount(self.codes, column, len(self.rules)) for column in self.measures.T], axis=1)
        means = sums / np.where(counts > 0, counts, np.nan)[:, None]
        told = named.join(pd.DataFrame(means, columns=["silence", "purchases", "money"]))
        return told if self.worth is None else told.join(self.parts.frame(prob).drop(columns=["customers", "of_customers"]))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the share of the customers in each segment, beside that of the expected value, or else of past turnover."""
        told = self.table()
        if self.worth is not None:
            label, shares = "expected value", told["of_value"].to_numpy()
        else:
            bought = np.bincount(self.codes, turnover(self.customers), len(self.rules))
            label, shares = "past turnover", bought / bought.sum()
        bars = {"customers": told["of_customers"].to_numpy(), label: shares}
        return pairs(ax, "Customers by recency, frequency and money", told["segment"].to_list(), bars)


def rfm_segments(
    customers: Customers,
    *,
    monetary: Money = "mean",
    segments: pd.DataFrame | None = None,
    worth: Valuation | None = None,
) -> Segments:
    """Score customers by recency, frequency and monetary value, and name the segment of each.

    Parameters
    ----------
    customers
        With the values of all their purchases.
    monetary
        Whether money is the ``"mean"`` value of a purchase, which says something else than frequency does, or the
        ``"total"`` so far.
    segments
        A table with a row a segment, the first that fits counts: segment, action and the scores that it spans, recency_from,
        recency_to, frequency_from... both included. The result's ``.rules`` is the usual one, to start from.
    worth
        What these customers are worth, for ``.table()``.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> found = clv.rfm_segments(customers)
    >>> found.table()[["segment", "customers", "silence", "purchases", "money"]].head(3).round(1)
          segment  customers  silence  purchases  money
    0   champions        269      5.9        5.6   43.6
    1       loyal        227     17.0        4.3   30.7
    2  can't lose          9     32.3        4.0   57.2
    """
    if monetary not in get_args(Money):
        message = f"monetary={monetary!r} isn't known: say 'mean', of a purchase, or 'total', of all."
        raise QuestionError(message)
    if worth is not None and worth.customers.ids.to_list() != customers.ids.to_list():
        message = "The valuation is of other customers, or has them in another order: pass worth.customers."
        raise QuestionError(message)
    rules = usual_rules() if segments is None else _checked(segments)
    money = customers.all_buyers().m if monetary == "mean" else turnover(customers)
    measures = np.stack(
        [np.round(customers.T - customers.recency, 9), customers.frequency + 1.0, np.round(money, 9)], axis=1
    )
    scores = np.stack([_scores(column) for column in (measures * [-1.0, 1.0, 1.0]).T], axis=1)
    return Segments(customers, measures, scores, rules, _named(scores, rules), worth)


def _scores(values: Array) -> Index:
    """Score 1 to 5, the highest best (n,)."""
    return np.searchsorted(FIFTHS.starts(values), values, "right").astype(np.intp)


def _named(scores: Index, rules: pd.DataFrame) -> Index:
    """Find the first row of the rules that fits each customer (n,)."""
    low, high = (rules[list(ENDS[end::2])].to_numpy(float) for end in (0, 1))
    kinds, which = np.unique(scores, axis=0, return_inverse=True)
    fits = np.all((kinds[:, None] >= low) & (kinds[:, None] <= high), axis=2)
    lost = kinds[~fits.any(axis=1)]
    if len(lost):
        unnamed = naming("R{} F{} M{}".format(*kind) for kind in lost)
        message = f"Customers with scores {unnamed} are in no segment: add a last row for all others, with scores 1 to 5."
        raise QuestionError(message)
    return np.argmax(fits, axis=1)[np.ravel(which)]


def _checked(segments: pd.DataFrame) -> pd.DataFrame:
    """Take a table of segments, and refuse one that can't be."""
    usual = usual_rules().columns
    missing = [name for name in usual if name not in segments.columns]
    if missing:
        message = f"The segments lack the columns {naming(missing)}; a table of them has {', '.join(usual)}."
        raise QuestionError(message)
    rules = segments.loc[:, list(usual)].reset_index(drop=True)
    names = rules["segment"].to_list()
    ends = np.array([[pd.to_numeric(end, errors="coerce") for end in rules[name]] for name in ENDS], float).T
    low, high = ends[:, ::2], ends[:, 1::2]
    wrong = ~np.all(
        (low >= 1) & (high <= 5) & (low <= high) & (ends == np.floor(ends)).reshape(-1, 3, 2).all(axis=2), axis=1
    )
    if wrong.any():
        message = (
            f"The segments {naming(np.array(names, object)[wrong])} have scores that can't be: say whole numbers, "
            "1 <= from <= to <= 5."
        )
        raise QuestionError(message)
    if len(set(names)) < len(names) or any(not isinstance(name, str) for name in names):
        message = f"Segments have a name each, and different ones; got {', '.join(map(str, names))}."
        raise QuestionError(message)
    return rules
