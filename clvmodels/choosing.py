"""Choosing: the family fitted to one's customers, and the model that foretells those whom it hasn't seen best."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from clvmodels.engines.kinds import Kinds
from clvmodels.engines.lazy import LazyCustomers
from clvmodels.errors import ClvError, FitError, counted
from clvmodels.evaluate.compare import Comparison, compare
from clvmodels.fitting import fit
from clvmodels.inference.point import MLE
from clvmodels.kernels.threads import each
from clvmodels.models import FAMILY
from clvmodels.questions.asking import seeded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clvmodels.contract import Model
    from clvmodels.customers import Customers
    from clvmodels.fitted import Fit
    from clvmodels.fitting import Method


@dataclass(frozen=True, eq=False)
class Choice:
    """The model that was chosen, fitted, and by how much it is ahead.

    Attributes
    ----------
    fit
        of the chosen model; its record says what it was chosen from
    comparison
        of all models, at their maxima of likelihood, by leaving out customers
    """

    fit: Fit
    comparison: Comparison = field(repr=False)

    def __repr__(self) -> str:
        return f"Choice({self.fit.model.title})\n  {self.margin}"

    @property
    def margin(self) -> str:
        """How far the others are behind, in a sentence."""
        told = self.comparison.differences("elpd")
        customers = len(next(iter(self.comparison.who.values())))
        rows = zip(told.index, told["difference"], told["se"], told["noise"], strict=True)
        others = [
            f"{name} {-customers * difference:,.1f} ± {customers * se:,.1f}{' (noise)' if noise else ''}"
            for name, difference, se, noise in rows
        ][1:]
        behind = f"; behind it, in log-likelihood of customers left out: {', '.join(others)}" if others else ""
        return f"{told.index[0]} was chosen from {counted(len(told), 'model')}{behind}."


def best(
    customers: Customers | LazyCustomers | Kinds,
    models: Sequence[Model] | None = None,
    method: Method | None = None,
    *,
    seed: int | None = None,
) -> Choice:
    """Fit the models of a family, and choose the one that would have said most of customers left out of it.

    Parameters
    ----------
    customers
        to learn from, at hand
    models
        to choose from; by default the purchase models of this package that are fitted in seconds (those of regular buyers
        only where customers tell their litt)
    method
        how to fit the one chosen; ``Laplace()`` by default
    seed
        to get the same again

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> choice = clv.best(customers, [clv.BGNBD(), clv.NBD()], clv.MLE(), seed=1)
    >>> choice
    Choice(BG/NBD)
      BG/NBD was chosen from 2 models; behind it, in log-likelihood of customers left out: NBD 179.2 ± 34.5.
    """
    seed = seeded(seed)
    if isinstance(customers, LazyCustomers | Kinds):
        message = (
            "Models are compared customer by customer, and these stay in their engine: choose by best(everybody.collect()), "
            "or a sample of them, and fit the model that it chooses to everybody."
        )
        raise FitError(message)
    asked = [one for one in FAMILY if customers.litt is not None or "litt" not in one.history] if models is None else models

    def peak(model: Model) -> Fit | str:
        try:
            return fit(model, customers, MLE(), seed=seed)
        except ClvError as refusal:
            return f"{model.title}: {refusal}"

    tried = list(each(peak, asked))
    peaks = {one.model.title: one for one in tried if not isinstance(one, str)}
    if not peaks:
        message = (
            f"None of {counted(len(asked), 'model')} can be fitted to these customers. {tried[0] if tried else 'Name one.'}"
        )
        raise FitError(message)
    found = compare(peaks)
    chosen = fit(peaks[found.differences("elpd").index[0]].model, customers, method, seed=seed)
    choice = Choice(chosen, found)
    failed = tuple(f"It couldn't be fitted: {one}" for one in tried if isinstance(one, str))
    record = replace(chosen.record, warnings=(*chosen.record.warnings, choice.margin, *failed))
    return replace(choice, fit=replace(chosen, record=record))
