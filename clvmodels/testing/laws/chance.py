"""Laws of chance that need no simulation: chances lie between 0 and 1, fall and add up as they must; so do expectations."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasAlive, HasCounts, HasPurchases
from clvmodels.testing.kinds import LONGEST, SHORTEST
from clvmodels.testing.laws.law import law
from clvmodels.testing.predictions import AHEAD, FORCE, answer, counts, given_alive, purchases
from clvmodels.testing.trials import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clvmodels.kernels.lift import Array
    from clvmodels.testing.cases import Case
    from clvmodels.testing.trials import Points

EXACT = 1e-11
"""Of chances: some thousand roundings, or the error of a chance that is itself an integral."""

INTEGRAL = 1e-8
"""Of what is compared by quadrature or by differences, relative."""

LADDER = (0.0, 1.0, 5.0, 26.0, 200.0, 5_000.0)
"""Times ahead."""

MOST = 3_000
"""Purchases that are counted at most."""


@law("alive", "P(alive) lies between 0 and 1; given alive, survival is 1 now and falls.", HasAlive)
def alive(case: Case) -> Iterator[Trial]:
    """Look at P(alive), and at survival further and further ahead."""
    model: Any = case.model
    few, points = case.histories, case.at(case.theta, case.histories)
    now = answer(model, model.alive, case.theta, few)
    yield within("P(alive)", points, now, (0.0, 1.0))
    before: Array | float = 1.0
    for u in LADDER:
        later = given_alive(model, model.survival, case.theta, few, u=u)
        if u == 0.0:
            yield Trial("survival", points, later, 1.0, EXACT, asked={"u": u})
        yield within("survival", points, later, (0.0, before), u=u)
        before = later


def within(what: str, points: Points, found: Array, bounds: tuple[Array | float, Array | float], **asked: float) -> Trial:
    """Compare numbers with the nearest that they may be."""
    should = np.clip(found, *bounds)
    told = "" if any(isinstance(bound, np.ndarray) for bound in bounds) else f"between {bounds[0]:g} and {bounds[1]:g}"
    return Trial(what, points, found, should, EXACT, np.maximum(np.abs(should), 1.0), asked, told)


@law(
    "expectation", "Expected purchases are 0 at once, rise, and rise by the intensity, of those who are alive.", HasPurchases
)
def expectation(case: Case) -> Iterator[Trial]:
    """Look at expected purchases further and further ahead, and at their slope."""
    model: Any = case.model
    points = case.at(case.theta, case.histories)
    ladder = [purchases(model, case.theta, case.histories, t) for t in LADDER]
    yield Trial("expected purchases", points, ladder[0], 0.0, EXACT, asked={"horizon": 0.0})
    for t, (sooner, later) in zip(LADDER[1:], pairwise(ladder), strict=True):
        yield within("expected purchases", points, later, (sooner, np.inf), horizon=t)
    now = answer(model, model.alive, case.theta, case.histories)
    for t in LADDER[1:4]:
        should = now * given_alive(model, model.intensity, case.theta, case.histories, u=t)
        found = _risen(lambda h: purchases(model, case.theta, case.histories, h), t, discrete=case.model.discrete)
        yield Trial("the rise of expected purchases", points, found, should, INTEGRAL, 1e-3 + should, {"horizon": t})


def _risen(expected: Callable[[float], Array], t: float, *, discrete: bool) -> Array:
    """How fast an expectation rises: by the last opportunity, or by differences of two steps."""
    if discrete:
        return expected(t) - expected(t - 1.0)
    step = t / 256.0
    coarse = (expected(t + step) - expected(t - step)) / (2.0 * step)
    fine = (expected(t + 0.5 * step) - expected(t - 0.5 * step)) / step
    return (4.0 * fine - coarse) / 3.0


@law(
    "discount",
    "Discounted purchases at rate 0 are the undiscounted; at others, each counts for less by its time.",
    HasPurchases,
)
def discount(case: Case) -> Iterator[Trial]:
    """Discount by parts: what expected purchases rise to, and when."""
    model: Any = case.model
    few = case.few(8)
    points = case.at(case.theta, few)
    plain = purchases(model, case.theta, few, AHEAD)
    nearly = purchases(model, case.theta, few, AHEAD, 1e-12)
    yield Trial("purchases discounted by next to nothing", points, nearly, plain, INTEGRAL, 1e-3 + plain)
    found = purchases(model, case.theta, few, AHEAD, FORCE)
    nodes, weights = _times(discrete=case.model.discrete)
    between = [w * np.exp(-FORCE * t) * purchases(model, case.theta, few, t) for t, w in zip(nodes, weights, strict=True)]
    should = np.exp(-FORCE * AHEAD) * plain + np.sum(between, axis=0)
    yield Trial("discounted purchases", points, found, should, INTEGRAL, 1e-3 + should, {"horizon": AHEAD, "force": FORCE})
    endless, long = (purchases(model, case.theta, few, t, FORCE) for t in (np.inf, 45.0 / FORCE))
    yield Trial("purchases discounted for ever", points, endless, long, INTEGRAL, 1e-3 + long, {"force": FORCE})


def _times(*, discrete: bool) -> tuple[Array, Array]:
    """Times until AHEAD, and their weights in the sum of what discounts take away."""
    if discrete:
        return np.arange(1.0, AHEAD), np.full(int(AHEAD) - 1, -np.expm1(-FORCE))
    nodes, weights = np.polynomial.legendre.leggauss(32)
    return 0.5 * AHEAD * (1.0 + nodes), 0.5 * AHEAD * FORCE * weights


@law("counts", "The chances of all numbers of purchases add up to 1, and their mean is the expectation.", HasCounts)
def all_counts(case: Case) -> Iterator[Trial]:
    """Add up the chances until there is nothing left."""
    model: Any = case.model
    few = case.few(10)
    points, horizon = case.at(case.theta, few), SHORTEST
    total, mean = np.zeros((2, len(case.theta), len(few)))
    for n in range(MOST):
        chance = counts(model, case.theta, few, n, horizon)
        yield within(f"P({n} purchases)", points, chance, (0.0, 1.0), horizon=horizon)
        total, mean = total + chance, mean + n * chance
        if n > LONGEST and np.all(n * chance < 1e-12):
            break
    yield Trial("the sum of all P(n purchases)", points, total, 1.0, INTEGRAL, asked={"horizon": horizon})
    if isinstance(model, HasPurchases):
        should = purchases(model, case.theta, few, horizon)
        what = "the mean of the chances of all numbers of purchases"
        yield Trial(what, points, mean, should, INTEGRAL, 1e-3 + should, {"horizon": horizon})
