"""Totals: what customers are worth together, in groups, and over their lifetimes, whatever they buy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.frames import native

if TYPE_CHECKING:
    import narwhals as nw

    from clvmodels.economics.amounts import Groups
    from clvmodels.estimate import Estimate
    from clvmodels.kernels.lift import Array


def total(expected: Estimate, outcome: Estimate, prob: float) -> pd.DataFrame:
    """Tabulate the sums of an expectation and of an outcome: mean, low, high."""
    rows = [expected.sum(), outcome.sum()]
    return pd.concat([row.frame(prob) for row in rows]).set_axis(["expected", "outcome"])


def by_groups(expected: Estimate, outcome: Estimate, groups: Groups, prob: float) -> pd.DataFrame:
    """Tabulate the sums of groups, a row each.

    Columns: what the groups are called; mean, low and high of the expectation; outcome_low, outcome_high; customers; the
    share of the whole expectation; each, that of one of its customers.
    """
    number = np.bincount(groups.codes).astype(float)
    return grouped(expected.by(groups.codes), outcome.by(groups.codes), number, groups.table, prob)


def grouped(expected: Estimate, outcome: Estimate, number: Array, table: pd.DataFrame, prob: float) -> pd.DataFrame:
    """Tabulate groups whose sums are at hand, as `by_groups` does, from their customers and what they are called."""
    told, ends = expected.frame(prob), outcome.interval(prob)
    outcomes = {"outcome_low": ends[:, 0], "outcome_high": ends[:, 1]}
    share = {"customers": number.astype(int), "share": told["mean"] / told["mean"].sum(), "each": told["mean"] / number}
    return pd.concat([table, told], axis=1).assign(**outcomes, **share)


def account(ids: nw.Series[Any], past: Array, current: Estimate, acquisition: Array, prob: float) -> Any:  # noqa: ANN401
    """Tabulate past + current - acquisition = lifetime, a row a customer, in her own frame library."""
    whole = current.plus(past - acquisition)
    ends, whole_ends = current.interval(prob), whole.interval(prob)
    columns = {
        "past": past,
        "current": current.mean,
        "current_low": ends[:, 0],
        "current_high": ends[:, 1],
        "acquisition": acquisition,
        "lifetime": whole.mean,
        "lifetime_low": whole_ends[:, 0],
        "lifetime_high": whole_ends[:, 1],
    }
    return native(ids, columns)
