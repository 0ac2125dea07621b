"""An Estimate: one uncertain number for each customer, reduced over draws in blocks of customers and never all at once.

Its source makes a block of rows by draws when asked; one pass over the blocks gives means, quantiles and the total of
each draw. Equal histories share a row of an expectation; every customer has a row of an outcome to herself, for otherwise
strangers would buy in step, and the interval of a total would be many times too wide.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.sparse import csc_array

from clvmodels import notebook
from clvmodels.errors import QuestionError, counted
from clvmodels.frames import native
from clvmodels.sources import Blocks, Table, blocks, in_order, reduce

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals as nw

    from clvmodels.engines.kinds import Kinds
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.sources import Reduction, Rows, Source

Meaning = Literal["expectation", "outcome"]

MOST = 2**28
"""Numbers that `Estimate.draws` will put in memory: 2 GB."""

USUAL = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
"""Quantiles that every pass finds, since order once made gives them for nothing."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """One uncertain number for each of n customers.

    Attributes
    ----------
    meaning
        ``"expectation"``: uncertain as the parameters are. ``"outcome"``: uncertain as everything is.
    label
        What it is of.
    ids
        The customers' ids; None where it is of no customer in particular.
    source, index
        Its draws, and the row of them that belongs to each customer (n,).
    certain
        Whether it is an expectation at a single point of the parameters, and so has no interval: quantiles are nan.
    groupings
        Groups of the customers, numbered from 0 on (n,), that every pass adds up besides: `by` finds them there.
    kinds
        Where customers stay in their engine, what is known of them: then it has a number for each kind, not customer.
    """

    meaning: Meaning
    label: str
    ids: nw.Series[Any] | None
    source: Source
    index: Index
    certain: bool = False
    groupings: tuple[Index, ...] = field(default=(), repr=False)
    kinds: Kinds | None = field(default=None, repr=False)
    _known: list[Reduction] = field(default_factory=list, repr=False)
    _sums: dict[str, Array] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.index)

    def __repr__(self) -> str:
        kinds = "" if self.kinds is None else f" kinds of {counted(int(self.kinds.weights.sum()), 'customer')}"
        return f"Estimate({self.label}, {self.meaning}, {len(self):,}{kinds} x {self.source.shape[1]:,} draws)"

    def _repr_html_(self) -> str:
        return notebook.of_estimate(self)

    @property
    def known(self) -> bool:
        """Whether its mean and its usual quantiles have been worked out already."""
        return self._knows(USUAL)

    def _knows(self, probabilities: Sequence[float]) -> bool:
        return any(set(probabilities) <= set(known.quantiles) for known in self._known)

    def head(self, n: int) -> Estimate:
        """Return it of the first n customers, worked out without the others; for expectations, whose rows stand alone."""
        table = np.concatenate([self.source.block(slice(row, row + 1)) for row in self.index[:n]])
        ids = None if self.ids is None else self.ids[:n]
        return Estimate(self.meaning, self.label, ids, Table(table), np.arange(len(table)), self.certain)

    def _reduction(self, probabilities: tuple[float, ...] = ()) -> Reduction:
        """Find the pass that knows some quantiles, or make it."""
        for known in self._known:
            if set(probabilities) <= set(known.quantiles):
                return known
        self._known.append(self._pass(self.groupings, sorted({*USUAL, *probabilities})))
        return self._known[-1]

    def _pass(self, groupings: Sequence[Index] = (), probabilities: Sequence[float] = ()) -> Reduction:
        """Go over the draws once, and keep each draw's total of everybody and of each group."""
        asked = np.zeros(len(self), dtype=np.intp), *groupings
        found = reduce(self.source, self._shares(asked), probabilities, self.label)
        ends = np.cumsum([int(codes.max()) + 1 for codes in asked])
        self._sums.update(zip(("all", *map(fingerprint, groupings)), np.split(found.sums, ends[:-1]), strict=True))
        return found

    def _shares(self, groupings: Sequence[Index]) -> csc_array:
        """How many customers of each group, of one grouping after another, share each row: (groups, rows)."""
        starts = np.cumsum([0, *(int(codes.max()) + 1 for codes in groupings)])
        groups = np.concatenate([start + codes for start, codes in zip(starts, groupings, strict=False)])
        rows, one = np.tile(self.index, len(groupings)), np.ones(len(self)) if self.kinds is None else self.kinds.weights
        return csc_array((np.tile(one, len(groupings)), (groups, rows)), shape=(int(starts[-1]), self.source.shape[0]))

    @property
    def mean(self) -> Array:
        """Its mean over draws: (n,)."""
        return self._reduction().mean[self.index]

    def mean_only(self) -> Array:
        """Return its mean where no interval will be asked, which spares putting the draws in order: (n,)."""
        if not self._known:
            self._known.append(self._pass(self.groupings))
        return self.mean

    def quantile(self, q: float) -> Array:
        """Return its q-th quantile over draws, q in [0, 1]: (n,)."""
        return self._quantiles((as_probability(q),))[0]

    def interval(self, prob: float = 0.9) -> Array:
        """Return the central interval that holds it with a probability: (n, 2).

        Credible for an expectation, predictive for an outcome; nan for an expectation at a single point of the
        parameters, which says nothing of its uncertainty.
        """
        return np.stack(self._quantiles(_tails(prob)), axis=1)

    def _quantiles(self, probabilities: tuple[float, ...]) -> list[Array]:
        known = self._reduction(probabilities)
        nothing = np.full(len(self), np.nan)
        return [nothing if self.certain else known.quantiles[p][self.index] for p in probabilities]

    def draws(self) -> Array:
        """Return all of its draws: (draws, n); refused where they would fill the memory."""
        rows, draws = self.source.shape
        if len(self) * draws > MOST:
            message = (
                f"{draws:,} draws of {len(self):,} customers would take {len(self) * draws * 8 / 2**30:.0f} GB. Ask for "
                ".mean, .interval() or .quantile(), which work in blocks, or for fewer customers."
            )
            raise QuestionError(message)
        table = np.concatenate([self.source.block(block) for block in blocks(rows, draws)])
        return np.ascontiguousarray(table[self.index].T)

    def sum(self) -> Estimate:
        """Add it up over the customers, draw by draw: an estimate of one number."""
        self._check_sums()
        self._reduction()
        return self._total(self._sums["all"])

    def by(self, codes: Index) -> Estimate:
        """Add it up over groups of customers, draw by draw; ``codes`` (n,) number the group of each from 0 on."""
        self._check_sums()
        if fingerprint(codes) not in self._sums:
            if any(codes is known for known in self.groupings):
                self._reduction()
            else:
                self._pass((codes,))
        return self._total(self._sums[fingerprint(codes)])

    def foresee(self, groupings: Sequence[Index], prob: float = 0.9) -> None:
        """Find in one pass what `interval` and, for each of some groupings, `by` will be asked: each alone takes a pass."""
        new = [codes for codes in groupings if fingerprint(codes) not in self._sums]
        if self._knows(_tails(prob)) and new:
            self._pass(new)
        elif not self._knows(_tails(prob)):
            self._known.append(self._pass((*self.groupings, *new), sorted({*USUAL, *_tails(prob)})))

    def _check_sums(self) -> None:
        """Refuse to add up the outcomes of kinds: they are of one customer each, and strangers don't buy in step."""
        if self.meaning == "outcome" and self.kinds is not None and bool(np.any(self.kinds.weights != 1.0)):
            message = (
                "Each of these outcomes is that of one customer of a kind; what many of them do together takes an outcome "
                "of each. Add up the expectation, or ask about the customers themselves, customers=everybody.collect()."
            )
            raise QuestionError(message)

    def _total(self, sums: Array) -> Estimate:
        return Estimate(self.meaning, f"total {self.label}", None, Table(sums), np.arange(len(sums)), self.certain)

    def ladder(self) -> Array:
        """Return each draw's total of each table of its source, where that is a `Ladder`: (tables, draws)."""
        return self._reduction().ladder

    def plus(self, amounts: Array) -> Estimate:
        """Add what is certain, an amount for each customer (n,)."""
        order = np.argsort(self.index, kind="stable")

        def make(rows: Rows) -> Array:
            some = order[rows]
            return in_order(self.source, self.index[some]) + amounts[some, None]

        source = Blocks((len(self), self.source.shape[1]), make)
        whose = self.certain, self.groupings, self.kinds
        return Estimate(self.meaning, self.label, self.ids, source, np.argsort(order), *whose)

    def frame(self, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Return a row a customer: customer_id, mean, low, high, in the customers' own frame library.

        Of customers in an engine, a row a kind: its history, how many customers have it, mean, low and high; in pandas.
        """
        ends = self.interval(prob)
        columns = {"mean": self.mean, "low": ends[:, 0], "high": ends[:, 1]}
        if self.kinds is not None:
            return self.kinds.frame().assign(**columns)
        return pd.DataFrame(columns) if self.ids is None else native(self.ids, columns)


def mixed(estimates: Sequence[Estimate]) -> Estimate:
    """Put the draws of several estimates of the same customers side by side: each is as likely as its share of them."""
    first, *others = estimates
    if not others:
        return first
    _check_kinds([one.kinds for one in estimates])
    index = np.stack([one.index for one in estimates])
    kinds, place = np.unique(index, axis=1, return_inverse=True)

    def make(rows: Rows) -> Array:
        return np.hstack([in_order(one.source, kinds[k, rows]) for k, one in enumerate(estimates)])

    shape = kinds.shape[1], sum(one.source.shape[1] for one in estimates)
    return replace(first, source=Blocks(shape, make), index=np.ravel(place), certain=False, _known=[], _sums={})


def _check_kinds(told: Sequence[Kinds | None]) -> None:
    """Check that all are of the same kinds, if any is."""
    letters = [() if kinds is None else tuple(kinds.columns) for kinds in told]
    if len(set(letters)) > 1:
        message = (
            "These models see different parts of the histories of customers in an engine, so they have no kinds in common. "
            f"Ask about kinds that tell all of them: everybody.kinds({sorted(set().union(*letters))})."
        )
        raise QuestionError(message)


def fingerprint(values: Index | Array) -> str:
    """Name an array by what is in it."""
    return sha256(values.tobytes()).hexdigest()


def _tails(prob: float) -> tuple[float, float]:
    """The probabilities at which a central interval begins and ends."""
    tail = 0.5 * (1.0 - as_probability(prob))
    return round(tail, 12), round(1.0 - tail, 12)


def as_probability(value: float) -> float:
    """Check that a number is a probability."""
    if not 0.0 <= value <= 1.0:
        message = f"{value} is no probability: say 0.9 for 90 %."
        raise QuestionError(message)
    return value
