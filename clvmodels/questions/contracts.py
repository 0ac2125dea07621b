"""Questions to a fit of a contract model: how many customers renew, and for how long.

A *tenure* is the number of renewals that a customer has made. So a newcomer has tenure 0, is in her first period, and
will be asked for her first renewal at its end; whoever has made t renewals is there in period t + 1. Where Fader and Hardie
(2010) speak of tenure n, they count the period that she is in: n = tenure + 1.

Sums over many periods are taken by Gauss's rule for sums: 16 times in each block of periods (not whole numbers) with
weights that add up every polynomial of degree 31 exactly; each block is as long as the time before it. The times are the
zeros of a discrete Chebyshev polynomial (Hahn's with alpha = beta = 0, DLMF 18.19-18.22).
"""

from __future__ import annotations

from math import ceil, inf, isfinite
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.contract import HasRetention
from clvmodels.economics.assumptions import as_rate
from clvmodels.errors import QuestionError, naming
from clvmodels.estimate import Estimate
from clvmodels.histories import Histories
from clvmodels.questions import answers
from clvmodels.questions.asking import Asking
from clvmodels.sources import Blocks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from clvmodels.contract import Model
    from clvmodels.economics.assumptions import Rate
    from clvmodels.kernels.lift import Array, Row

RENEWS = "how long customers renew a contract"

POINTS = 16
"""Of Gauss's rule for sums, in each block."""

SINGLE = 32
"""So many periods are added up one by one."""

NEAR = 1024
"""From so many periods ahead on, a model says itself what an endless sum still brings."""

NEAR_END = np.array([float(NEAR)])

FAR = 45.0
"""Discounted by more than exp(-FAR), a period is worth nothing."""


class ContractQuestions(Asking):
    """How long customers renew."""

    def expected_survival(self, periods: ArrayLike) -> Estimate:
        """Return P(a newcomer is still there after each of some periods): whole numbers, one or a row of them.

        >>> import clvmodels as clv
        >>> paper = clv.SBG().at(alpha=0.704, beta=1.182, unit="year")
        >>> paper.expected_survival([0, 1, 12]).mean.round(3)
        array([1.   , 0.627, 0.17 ])
        """
        ahead = _whole(periods, "periods", 0)
        return self._retained("expected_survival", np.zeros(len(ahead)), ahead, "period")

    def expected_retention(self, periods: ArrayLike) -> Estimate:
        """Return the share of those there before each of some periods' renewals who make it: S(t) / S(t - 1).

        >>> import clvmodels as clv
        >>> paper = clv.SBG().at(alpha=0.704, beta=1.182, unit="year")
        >>> paper.expected_retention([1, 2, 12]).mean.round(3)
        array([0.627, 0.756, 0.945])
        """
        before = _whole(periods, "periods", 1) - 1.0
        return self._retained("expected_retention", before, np.ones(len(before)), "period")

    def residual_lifetime(self, tenure: ArrayLike, horizon: float = inf) -> Estimate:
        """Return the expected number of renewals still to be made, of the next ``horizon``, by customers of each tenure.

        A newcomer's whole lifetime is one period more, the one that she is in. The mean of an endless sum may be
        infinite, and is then refused.

        >>> import clvmodels as clv
        >>> paper = clv.SBG().at(alpha=3.80, beta=15.20, unit="year")
        >>> paper.residual_lifetime([0, 4], horizon=10).mean.round(3), paper.residual_lifetime([0, 4]).mean.round(3)
        (array([3.936, 4.545]), array([5.429, 6.857]))
        """
        tenures, periods = _whole(tenure, "tenure", 0), _horizon(horizon)
        if periods < inf:
            return self._added("residual_lifetime", tenures, *sum_rule(int(periods)))
        model = self.able(HasRetention, RENEWS)
        self._check_mean(model.beyond)
        return self._added("residual_lifetime", tenures, *sum_rule(NEAR), model.beyond)

    def discounted_residual_lifetime(self, tenure: ArrayLike, discount: Rate, horizon: float = inf) -> Estimate:
        """Return the expected renewals still to be made by customers of each tenure, discounted: the DERL of the literature.

        The next renewal is due now and counts in full; the i-th after it is discounted by i periods. Times what a period
        brings, it is the value of a customer just before she is asked to renew (Fader & Hardie 2010, Customer-base
        valuation in a contractual setting, Marketing Science 29(1), eq. 6, whose tenure is one more than ours). For the
        value just after, or of a newcomer who pays at once, add what she has just paid, and discount this by a period.

        >>> import clvmodels as clv
        >>> paper = clv.SBG().at(alpha=3.80, beta=15.20, unit="year")
        >>> paper.discounted_residual_lifetime([0, 1, 2, 3, 4], clv.yearly(0.10)).mean.round(2)
        array([3.31, 3.45, 3.59, 3.72, 3.84])
        """
        tenures, periods, force = _whole(tenure, "tenure", 0), _horizon(horizon), as_rate(discount).force(self.unit)
        if periods == inf and force == 0.0:
            message = "An infinite horizon needs a discount rate above 0; without one, ask for residual_lifetime()."
            raise QuestionError(message)
        return self._added("discounted_residual_lifetime", tenures, *discounted_rule(periods, force))

    def _retained(self, label: str, tenures: Array, ahead: Array, name: str) -> Estimate:
        model = self.able(HasRetention, RENEWS)
        asked = Histories.of({"t": tenures, "u": ahead}).with_constants(self.model.settings())
        source = answers.evaluate(model.retained, model, self.draws, asked)
        return Estimate("expectation", label, _named(tenures + ahead, name), source, asked.index, certain=self.is_point)

    def _added(self, label: str, tenures: Array, times: Array, weights: Array, rest: Row | None = None) -> Estimate:
        """Add up retention at some times ahead, with weights; ``rest`` is what an endless sum brings after NEAR."""
        model = self.able(HasRetention, RENEWS)
        asked = Histories.of({"t": tenures})

        def total(t: float) -> Array:
            sums = added_up(self.model, model.retained, self.draws, t, times, weights)
            return sums if rest is None else sums + rest(self.draws, _rows(self.model, rest, t, NEAR_END))[0, :, 0]

        def make(rows: Any) -> Array:  # noqa: ANN401
            return np.stack([total(t) for t in asked.columns["t"][rows]])

        source = Blocks((len(asked), len(self.draws)), make)
        return Estimate("expectation", label, _named(tenures, "tenure"), source, asked.index, certain=self.is_point)

    def _check_mean(self, beyond: Row) -> None:
        """Refuse to print a mean that doesn't exist: for one tenure it is infinite where it is for another."""
        ends = beyond(self.draws, _rows(self.model, beyond, 0.0, NEAR_END))
        share = 1.0 - float(np.isfinite(ends).mean())
        if share > 0.0:
            where = "" if self.is_point else f" in {share:.1%} of the draws"
            message = (
                f"By {self.model.name} the lifetimes of customers have no finite mean{where}. "
                f"{' '.join((*self.model.caveats, ''))}Ask within a horizon, such as horizon=10, or for "
                "discounted_residual_lifetime(), whose mean is always finite."
            )
            raise QuestionError(message)


def added_up(model: Model, formula: Row, theta: Array, t: float, times: Array, weights: Array) -> Array:  # noqa: PLR0913, PLR0917
    """Add up a formula of customers of one tenure at some times ahead, with weights, by draw: (draws,)."""
    return formula.total(theta, _rows(model, formula, t, times), weights)[0]


def _rows(model: Model, formula: Row, t: float, times: Array) -> Array:
    """Lay out what a formula is asked at one tenure and some times ahead: (times, columns)."""
    known = {"t": np.full(len(times), t), "u": times}
    known |= {name: np.full(len(times), value) for name, value in model.settings().items()}
    return np.stack([known[name] for name in formula.columns(model.parameters())], axis=1)


def sum_rule(last: int) -> tuple[Array, Array]:
    """Return times and weights that add up a smooth function over 1, 2, ..., last.

    >>> times, weights = sum_rule(1_000_000)
    >>> len(times), round(float(weights @ (1.0 / times)), 9)
    (272, 14.392726723)
    """
    done = min(last, SINGLE)
    times, weights = [np.arange(1.0, done + 1.0)], [np.ones(done)]
    while done < last:
        length = min(done, last - done)
        nodes, parts = block_rule(length)
        times.append(done + 1.0 + nodes)
        weights.append(parts)
        done += length
    return np.concatenate(times), np.concatenate(weights)


def discounted_rule(periods: float, force: float) -> tuple[Array, Array]:
    """Return times and weights that add up a smooth function over 1, 2, ..., discounted from 1 on, as far as it counts."""
    times, weights = sum_rule(int(min(periods, ceil(FAR / force) if force > 0.0 else inf)))
    return times, weights * np.exp(-force * (times - 1.0))


def block_rule(length: int) -> tuple[Array, Array]:
    """Return nodes in [0, length - 1] and weights of Gauss's rule for a sum over 0, 1, ..., length - 1.

    >>> nodes, weights = block_rule(100)
    >>> len(nodes), round(float(weights @ nodes**5)) == sum(k**5 for k in range(100))
    (16, True)
    """
    if length <= POINTS:
        return np.arange(float(length)), np.ones(length)
    k = np.arange(1.0, POINTS)
    beside = 0.5 * k * np.sqrt((1.0 - (k / length) ** 2) / (4.0 * k**2 - 1.0))
    places, vectors = np.linalg.eigh(np.diag(beside, 1) + np.diag(beside, -1))
    return 0.5 * (length - 1.0) + length * places, length * vectors[0] ** 2


def _whole(values: ArrayLike, name: str, least: int) -> Array:
    """Take whole numbers, one or a row of them: (n,)."""
    given = np.atleast_1d(np.asarray(values))
    if given.ndim != 1 or len(given) == 0 or given.dtype.kind not in "iuf":
        message = f"{name} = {values!r} can't be: pass a whole number, or a row of them."
        raise QuestionError(message)
    column = given.astype(float)
    wrong = column[~(np.isfinite(column) & (column >= least) & (column == np.floor(column)))]
    if len(wrong):
        counts = "renewals made, 0 for a newcomer" if name == "tenure" else "contract periods since a customer began"
        shown = naming(f"{value:g}" for value in wrong)
        message = f"{name} {shown} can't be: it counts {counts}; say whole numbers from {least} on."
        raise QuestionError(message)
    return column


def _horizon(value: float) -> float:
    """Check how many periods ahead are asked about."""
    if not (value >= 1.0 and (value == inf or (isfinite(value) and value == int(value)))):
        message = f"horizon = {value} can't be: it is a whole number of periods from 1 on, or math.inf."
        raise QuestionError(message)
    return float(value)


def _named(values: Array, name: str) -> nw.Series[Any]:
    """Take whole numbers as the ids of an estimate."""
    return nw.from_native(pd.Series(values.astype(int), name=name), series_only=True)
