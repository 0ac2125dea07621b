"""Laws of agreement: what a model answers of purchases is what its own likelihood says.

What follows a history h of purchases until T is as likely as both together are, given h. So, whatever the model, with L the
likelihood::

    P(no purchase in (T, T + t] | h) = L(the same purchases, watched until T + t) / L(h)
    P(alive at T | h) * intensity at T = L(one purchase more, at T) / L(h)

where in discrete time the purchase is the one at opportunity T + 1. (A likelihood of the number of purchases only, and not
of their times, has a known factor besides.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasCounts, HasDepartures, HasPhases, HasPurchases
from clvmodels.histories import Histories
from clvmodels.questions.departures import Moments, departures
from clvmodels.testing.cases import table
from clvmodels.testing.kinds import Purchases
from clvmodels.testing.laws.chance import EXACT, within
from clvmodels.testing.laws.law import law
from clvmodels.testing.predictions import answer, counts, given_alive, purchases
from clvmodels.testing.trials import Spared, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.kernels.lift import Array
    from clvmodels.testing.cases import Case
    from clvmodels.testing.kinds import Columns
    from clvmodels.testing.trials import Points

USUAL, ANY = 1e-10, 1e-8
"""Of usual numbers: two roads, one of which may be an integral. Of all: the difference of large log-likelihoods, besides."""

DIGITS = 1e-7
"""So much of a log-likelihood, times ANY, is lost in such a difference: 5 roundings."""

TINY = 1e-280


@law("no purchase", "The chance of no purchase is what the likelihood of a longer time without one says.", HasCounts)
def no_purchase(case: Case) -> Iterator[Trial]:
    """Compare chances of no purchase with likelihoods, and with P(alive) and expected purchases."""
    model: Any = case.model
    for limit, points in _tried(case):
        columns, base = dict(points.histories.columns), _loglik(case, points, {})
        for t in (0.0, 1.0, 40.0):
            grown = {"T": columns["T"] + t}
            longer = np.exp(_loglik(case, points, grown) - base)
            fewer = (columns["T"] / grown["T"]) ** columns["x"]
            found = counts(model, points.theta, points.histories, 0, t)
            should = _either(found, longer, longer * fewer)
            size = 1.0 + DIGITS * np.abs(base)
            yield Trial("P(no purchase)", points, found, should, limit, size, {"horizon": t})
    yield from _bounded(case)


def _bounded(case: Case) -> Iterator[Trial]:
    """Those who have left don't buy; and whoever buys, buys once or more."""
    model: Any = case.model
    points = case.at(case.theta, case.histories)
    left = 1.0 - answer(model, model.alive, case.theta, case.histories)
    found = counts(model, case.theta, case.histories, 0, 26.0)
    yield within("P(no purchase)", points, found, (left, 1.0), horizon=26.0)
    if isinstance(model, HasPurchases):
        most = purchases(model, case.theta, case.histories, 26.0)
        yield within("P(a purchase)", points, 1.0 - found, (0.0, most), horizon=26.0)


@law("next purchase", "P(alive) times the intensity at once is what the likelihood of one purchase more says.", HasPurchases)
def next_purchase(case: Case) -> Iterator[Trial]:
    """Compare the logs of the rate of the next purchase, or of its chance at the next opportunity."""
    model: Any = case.model
    soon = 1.0 if model.discrete else 0.0
    for limit, points in _tried(case):
        columns, base = dict(points.histories.columns), _loglik(case, points, {})
        at = columns["T"] + soon
        more = {"x": columns["x"] + 1.0, "t_x": at, "T": at}
        if "litt" in columns:
            more["litt"] = columns["litt"] + np.log(np.maximum(at - columns["t_x"], TINY))
        times = _loglik(case, points, more) - base
        numbers = times + np.log(more["x"] / at)
        known = answer(model, model.alive, points.theta, points.histories)
        rate = known * given_alive(model, model.intensity, points.theta, points.histories, u=soon)
        found = np.where((rate > TINY) & (at > columns.get("t_x", 0.0)), np.log(rate), np.nan)
        should = _either(found, times, numbers)
        found = np.where(np.isnan(found), should, found)
        yield Trial("the log of the rate of the next purchase", points, found, should, limit, 1.0 + DIGITS * np.abs(base))


def _tried(case: Case) -> Iterator[tuple[float, Points]]:
    """Yield usual parameters and histories, and all, with the limits for them."""
    if not isinstance(case.kind, Purchases) or not {"x", "T"} <= set(case.model.history):
        reason = "its likelihood is not of purchases until T"
        raise Spared(reason)
    yield USUAL, case.at(case.theta, case.histories)
    for theta, histories in case.everything():
        yield ANY, case.at(theta, histories)


def _loglik(case: Case, points: Points, changes: Columns) -> Array:
    """The log-likelihood of histories with other numbers in some columns: (draws, rows)."""
    old = points.histories
    new = {name: changes.get(name, column) for name, column in old.columns.items()}
    return case.model.loglik(points.theta, Histories(new, old.weights, old.index)).each()[0]


def _either(found: Array, times: Array, numbers: Array) -> Array:
    """What should be found: by a likelihood of times or by one of numbers, whichever is nearer in the middle."""
    by_numbers = np.nanmedian(np.abs(found - numbers)) < np.nanmedian(np.abs(found - times))
    return numbers if by_numbers else times


@law("phases", "The chances of the phases lie between 0 and 1 and add up to 1.", HasPhases)
def phases(case: Case) -> Iterator[Trial]:
    """Add up the chances of the phases."""
    model: Any = case.model
    points, total = case.at(case.theta, case.histories), np.zeros((len(case.theta), len(case.histories)))
    for j in range(model.phases):
        chance = answer(model, model.phase, case.theta, case.histories, j=float(j))
        yield within("the chance of a phase", points, chance, (0.0, 1.0), j=float(j))
        total += chance
    yield Trial("the sum of the chances of all phases", points, total, 1.0, EXACT)


@law("departures", "P(alive) that is put together from silences and departures is that of the row function.", HasDepartures)
def departed(case: Case) -> Iterator[Trial]:
    """Compare P(alive) of many histories at once with that of one after the other."""
    model: Any = case.model
    for limit, points in _tried(case):
        should = answer(model, model.alive, points.theta, points.histories)
        found = table(departures(model, points.theta, Moments.of(model, points.histories)))
        yield Trial("P(alive)", points, found, should, limit, should + TINY)
