"""Laws of contracts: how long customers renew, by retention, by the likelihood, and by the draws of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasRetention
from clvmodels.testing.laws.chance import EXACT, INTEGRAL, within
from clvmodels.testing.laws.law import law
from clvmodels.testing.laws.score import MANY, SOME
from clvmodels.testing.predictions import answer
from clvmodels.testing.simulating import critical, fits, leavings
from clvmodels.testing.trials import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array
    from clvmodels.testing.cases import Case

PERIODS = 24
"""So many periods of a contract are looked at one by one."""

NEAR, LATER = 1_000.0, 1_200.0
"""Between these numbers of periods ahead, what a model says of the endless rest is compared with a sum."""

TENURES = (0.0, 3.0, 20.0)
"""Periods of those whose leaving is drawn."""

CLASSES = 40
"""Numbers of periods that are told apart in draws, the last of them and more."""


@law("retention", "Retention is 1 now, falls, multiplies up over time, and is what the likelihood says.", HasRetention)
def retention(case: Case) -> Iterator[Trial]:
    """Compare retention with itself later, and with the likelihood of staying and of leaving."""
    before: Array | float = 1.0
    for u in range(PERIODS):
        asked = _tenures(case, np.arange(1.0))
        found, points = _retained(case, asked, float(u)), case.at(case.theta, asked)
        yield within("retention", points, found, (0.0, before), u=float(u))
        if u == 0:
            yield Trial("retention", points, found, 1.0, EXACT, asked={"u": 0.0})
        stays = np.exp(_loglik(case, float(u), 0.0))
        yield Trial("retention", points, found, stays, EXACT, asked={"u": float(u)})
        if u > 0:
            leaves = np.exp(_loglik(case, float(u), 1.0))
            yield Trial("the fall of retention", points, before - found, leaves, EXACT, asked={"u": float(u)})
        before = found
    for t, u, v in ((0.0, 1.0, 1.0), (0.0, 3.0, 9.0), (5.0, 1.0, 2.0), (24.0, 12.0, 100.0)):
        whole, first, then = (_retained(case, _tenures(case, np.array([a])), b) for a, b in ((t, u + v), (t, u), (t + u, v)))
        points = case.at(case.theta, _tenures(case, np.array([t])))
        yield Trial("retention in two steps", points, first * then, whole, EXACT, asked={"u": u, "then": v})


def _tenures(case: Case, t: Array) -> Histories:
    return case.lay({"t": t, "lost": np.zeros(len(t))})


def _retained(case: Case, asked: Histories, u: float) -> Array:
    model: Any = case.model
    return answer(model, model.retained, case.theta, asked, u=u)


def _loglik(case: Case, t: float, lost: float) -> Array:
    return case.model.loglik(case.theta, case.lay({"t": np.full(1, t), "lost": np.full(1, lost)})).each()[0]


@law("the endless rest", "What a model says of an endless rest of renewals is what these add up to.", HasRetention)
def endless(case: Case) -> Iterator[Trial]:
    """Compare the difference of two rests with the sum of retention between them."""
    model: Any = case.model
    for t in (0.0, 7.0):
        asked = _tenures(case, np.array([t]))
        rests = [answer(model, model.beyond, case.theta, asked, u=u) for u in (NEAR, LATER)]
        finite = np.isfinite(rests[0])
        between = np.sum([_retained(case, asked, u) for u in np.arange(NEAR + 1.0, LATER + 1.0)], axis=0)
        found = np.where(finite, rests[0] - rests[1], between)
        size = np.where(finite, np.maximum(np.abs(rests[0]), 1.0), 1.0)
        yield Trial("a part of the endless rest", case.at(case.theta, asked), found, between, INTEGRAL, size)


@law("leaving", "Retention is how often customers are drawn who stay.", HasRetention)
def leaving(case: Case) -> Iterator[Trial]:
    """Compare how long drawn customers stay with retention."""
    model: Any = case.model
    rng = case.rng("leaving")
    for theta in case.theta[:SOME]:
        for t in TENURES:
            asked = case.lay({"t": np.full(1, t), "lost": np.zeros(1)})
            stays = leavings(rng, model.leaving, case.at(theta[None], asked), MANY)
            found = np.bincount(np.minimum(stays, CLASSES).astype(int), minlength=CLASSES + 1).astype(float)
            left = [answer(model, model.retained, theta[None], asked, u=float(u))[0, 0] for u in range(CLASSES + 1)]
            due = MANY * -np.diff([*left, 0.0])
            chi, freedom = fits(found, due)
            limit = critical(freedom, SOME * len(TENURES))
            what = f"the chi-square of how long {MANY:,} drawn customers stay"
            yield Trial(what, case.at(theta[None], asked), chi, 0.0, limit, rule=f"at most {limit:.1f}")
