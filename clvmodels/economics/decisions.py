"""Decisions about today's customers: who costs more than she brings, and who of the valuable ones is about to be lost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.errors import QuestionError
from clvmodels.estimate import as_probability
from clvmodels.frames import native
from clvmodels.questions.asking import as_span

if TYPE_CHECKING:
    from clvmodels.economics.valuation import Valuation
    from clvmodels.kernels.lift import Array

LEAST = 1e-12


def losses(worth: Valuation, prob: float = 0.9) -> Any:  # noqa: ANN401
    """Return the customers whose expected value is negative, the costliest first: a row each, clv with its interval.

    >>> import clvmodels as clv
    >>> base = clv.Customers.from_arrays([0, 6], [0, 20], [40, 22], unit="week", monetary_value=[0, 30], first_value=[5, 20])
    >>> fit, spend = clv.ParetoNBD().at(r=0.6, alpha=10, s=0.6, beta=12), clv.GammaGamma().at(p=6, q=4, v=15)
    >>> mail = clv.Economics(margin=0.3, costs={"mail": clv.Cost(2.0, "month")})
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), economics=mail, customers=base)
    >>> clv.losses(worth)["customer_id"].to_list()
    [0]
    """
    mean, ends = worth.expected.mean, worth.expected.interval(prob)
    order = np.argsort(mean, kind="stable")
    some = order[mean[order] < 0.0]
    columns = {"clv": mean[some], "clv_low": ends[some, 0], "clv_high": ends[some, 1]}
    return native(worth.customers.ids[some.tolist()], columns)


def at_risk(worth: Valuation, since: float, *, top: float = 0.2, fall: float = 0.2) -> Any:  # noqa: ANN401
    """Return valuable customers whose probability of being alive has fallen, the largest loss first.

    Valuable are those who would be among the best if they were alive for certain. Whoever has bought within the time looked
    back over has not fallen silent, and isn't at risk.

    Parameters
    ----------
    worth
        a valuation
    since
        how long ago to compare with, in the unit of the customers
    top
        the share of customers who are called valuable
    fall
        by how much the probability has fallen at least

    Returns
    -------
    frame
        customer_id, probability_alive now and before, clv, if_alive (what she would be worth alive for certain), and
        at_stake, the difference: the most that may be spent to win her back for certain

    Examples
    --------
    >>> import clvmodels as clv
    >>> base = clv.Customers.from_arrays(
    ...     [9, 9, 0], [20, 39, 0], [40, 40, 40], unit="week", monetary_value=[30, 30, 0], first_value=[20, 20, 20]
    ... )
    >>> fit, spend = clv.ParetoNBD().at(r=0.6, alpha=10, s=0.6, beta=12), clv.GammaGamma().at(p=6, q=4, v=15)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), customers=base)
    >>> clv.at_risk(worth, since=13, top=0.7)["customer_id"].to_list()
    [0]
    """
    share, least = as_probability(top), as_probability(fall)
    now = worth.alive
    before = _before(worth, as_span(since, "since"), now)
    if_alive = worth.expected.mean / np.maximum(now, LEAST)
    best = np.argsort(-if_alive, kind="stable")[: int(np.ceil(share * len(now)))]
    stake = if_alive - worth.expected.mean
    some = best[(before - now)[best] >= max(least, LEAST)]
    some = some[np.argsort(-stake[some], kind="stable")]
    columns = {
        "probability_alive": now[some],
        "before": before[some],
        "clv": worth.expected.mean[some],
        "if_alive": if_alive[some],
        "at_stake": stake[some],
    }
    return native(worth.customers.ids[some.tolist()], columns)


def _before(worth: Valuation, since: float, now: Array) -> Array:
    """P(alive) some time ago of those who have bought nothing since; as now of the others."""
    base = worth.customers
    silent = np.flatnonzero((base.recency <= base.T - since) & (since < base.T))
    if len(silent) == 0:
        message = f"Nobody has been silent for {since:g} {base.unit}s: say a shorter time since=."
        raise QuestionError(message)
    some = base.some(silent)
    earlier = replace(some, T=some.T - since)
    result = now.copy()
    result[silent] = worth.fit.probability_alive(earlier).mean_only()
    return result
