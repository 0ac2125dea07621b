"""Laws of totality: no parameters and no valid history, however large or small, make nonsense of an answer.

Parameters are spread over eight powers of ten, with all corners; histories go up to 100,000 purchases, or as long.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.contract import HasAlive, HasCounts, HasFuture, HasPhases, HasPurchases, HasRetention, HasSpend, HasTraits
from clvmodels.questions import answers
from clvmodels.testing.cases import table
from clvmodels.testing.laws.chance import within
from clvmodels.testing.laws.law import law
from clvmodels.testing.predictions import answer, counts, given_alive, purchases
from clvmodels.testing.trials import Spared, Trial

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.random import Generator

    from clvmodels.histories import Histories
    from clvmodels.kernels.lift import Array, Row
    from clvmodels.testing.cases import Case
    from clvmodels.testing.trials import Points

    Asked = tuple[str, Row, float, dict[str, float]]

FAR, OPPORTUNITIES = 1e5, 1e3
"""A time far ahead, and a number of opportunities, which may have to be added up one by one."""

NEARLY = 1e-9
"""How far a chance may lie outside of [0, 1]: here digits may be lost, and sense may not."""

AHEAD, STEPS, FEW = 40.0, 25, 46
"""A horizon of expectations, the steps in which it is summed up, and the shares in which all histories are taken."""

LOST = 1e-5
"""Digits that an integral may lose where parameters are wildly unlike each other, relative."""

HIGHEST = float(np.finfo(float).max)


@law("totality of the likelihood", "The log-likelihood is a number or -inf at all parameters, and its slopes are numbers.")
def likelihood(case: Case) -> Iterator[Trial]:
    """Look for what is no number."""
    for theta, histories in case.everything():
        value, *slopes = case.model.loglik(theta, histories).each()
        fine, points = np.isfinite(value) | (value == -np.inf), case.at(theta, histories)
        yield Trial("the log-likelihood", points, np.where(fine, 0.0, value), 0.0, 1.0, rule="a number, or -inf")
        for name, slope in zip(case.model.parameters(), slopes, strict=True):
            found = np.where(np.isfinite(slope) | (value == -np.inf), 0.0, slope)
            yield Trial(f"the slope of the log-likelihood in {name}", points, found, 0.0, 1.0, rule="a number")


@law("totality of answers", "Chances lie between 0 and 1, and rates are numbers from 0 on, at all parameters.")
def chances(case: Case) -> Iterator[Trial]:
    """Ask for everything that a model can say, as far ahead as can be."""
    model: Any = case.model
    questions = [*_of_life(model), *_of_others(model)]
    if not questions:
        reason = "it says nothing that could be asked"
        raise Spared(reason)
    for theta, histories in case.everything():
        for what, formula, high, asked in questions:
            for phase in in_phases(model, formula, histories):
                found = answer(model, formula, theta, phase, **asked)
                found = np.nan_to_num(found, nan=0.0) if what == "expected spend" else found
                yield replace(within(what, case.at(theta, phase), found, (0.0, high), **asked), limit=NEARLY)


def in_phases(model: Any, formula: Row, histories: Histories) -> list[Histories]:  # noqa: ANN401
    """Put histories in each phase that a formula asks about."""
    if "j" not in formula.names:
        return [histories]
    return [histories.with_constants({"j": float(j)}) for j in range(model.phases)]


def _of_life(model: Any) -> Iterator[Asked]:  # noqa: ANN401
    """What is asked of those who may have left: its name, row function, upper bound and arguments."""
    far = OPPORTUNITIES if model.discrete else FAR
    if isinstance(model, HasAlive):
        yield "P(alive)", model.alive, 1.0, {}
        yield from (("survival", model.survival, 1.0, {"u": u}) for u in (0.0, 1.0, far))
    if isinstance(model, HasPurchases):
        yield from (("intensity", model.intensity, HIGHEST, {"u": u}) for u in (0.0, 1.0, far))
    if isinstance(model, HasCounts):
        for n, t in ((0.0, 0.0), (0.0, 40.0), (1.0, far), (300.0, 40.0)):
            yield "the chance of a number of purchases", model.count, 1.0, {"n": n, "t": t}
    if isinstance(model, HasPhases):
        yield "the chance of a phase", model.phase, 1.0, {}


def _of_others(model: Any) -> Iterator[Asked]:  # noqa: ANN401
    """What else is asked; a mean of spend needn't exist, nor a largest median."""
    if isinstance(model, HasTraits):
        yield from (
            ("the mean of her rate", model.rate, HIGHEST, {}),
            ("the mean of her dropout", model.dropout, HIGHEST, {}),
        )
    if isinstance(model, HasSpend):
        yield from (("expected spend", model.mean_spend, HIGHEST, {}), ("median spend", model.median_spend, np.inf, {}))
        yield "the stretch of spend", model.stretch, np.inf, {}
    if isinstance(model, HasRetention):
        yield from (("retention", model.retained, 1.0, {"u": u}) for u in (0.0, 1.0, FAR))
        yield "the endless rest", model.beyond, np.inf, {"u": 1_000.0}


@law("totality of expectations", "Expected lifetimes and purchases keep their bounds at all parameters.", HasAlive)
def expectations(case: Case) -> Iterator[Trial]:
    """Compare lifetimes with sums of survival, which falls, and purchases with the chance of one."""
    model: Any = case.model
    for theta, histories in case.everything(FEW):
        points, here = case.at(theta, histories), answer(model, model.alive, theta, histories)
        least, most = _sums(case, points)
        found = table(answers.lifetimes(model, theta, histories, AHEAD, 0.0))
        bounds = (here * least * (1.0 - LOST), here * most * (1.0 + LOST))
        size = 1e-9 + np.abs(np.clip(found, *bounds))
        yield replace(within("expected lifetime", points, found, bounds, horizon=AHEAD), size=size, limit=LOST)
        if isinstance(model, HasPurchases):
            found = purchases(model, theta, histories, AHEAD)
            chance = 1.0 - counts(model, theta, histories, 0, AHEAD) if isinstance(model, HasCounts) else 0.0 * found
            yield replace(within("expected purchases", points, found, (chance, HIGHEST), horizon=AHEAD), limit=NEARLY)


def _sums(case: Case, points: Points) -> tuple[Array, Array]:
    """Sums of survival over the time AHEAD that its integral, or its sum over opportunities, lies between."""
    model: Any = case.model
    times = np.arange(1.0, AHEAD + 1.0) if model.discrete else AHEAD * np.geomspace(1e-12, 1.0, STEPS)
    steps, before = np.diff(times, prepend=0.0), np.ones((len(points.theta), len(points.histories)))
    least, most = np.zeros_like(before), np.zeros_like(before)
    for u, step in zip(times, steps, strict=True):
        after = given_alive(model, model.survival, points.theta, points.histories, u=float(u))
        least, most, before = least + step * after, most + step * before, after
    return least, most


@law("totality of draws", "What is drawn is a number from 0 on, or infinite, at all parameters.")
def draws(case: Case) -> Iterator[Trial]:
    """Draw once with each formula that draws, for some of all histories."""
    model: Any = case.model
    owned = {HasFuture: ("first", "future"), HasTraits: ("traits",), HasSpend: ("basket",), HasRetention: ("leaving",)}
    formulas = [getattr(model, name) for kind, names in owned.items() if isinstance(model, kind) for name in names]
    if not formulas:
        reason = "it draws nothing"
        raise Spared(reason)
    rng = case.rng("draws")
    for theta, histories in case.everything():
        for formula in formulas:
            found = _drawn(rng, formula, theta, histories.with_constants({"u": 1.0}))
            yield Trial(f"what {formula.name} draws", case.at(theta, histories), found, 0.0, 1.0, rule="a number from 0 on")


def _drawn(rng: Generator, formula: Row, theta: Array, histories: Histories) -> Array:
    """Draw for each draw of parameters and each history: nan where it is no number from 0 on, 0 where it is."""
    columns = formula.names[theta.shape[1] :]
    rows = histories.table(columns) if columns else np.zeros((len(histories), 0))

    def draw(*arguments: float) -> float:
        return 0.0 if np.min(formula.pointer(rng, *arguments)) >= 0.0 else np.nan

    return np.array([[draw(*parameters, *row) for row in rows.tolist()] for parameters in theta.tolist()])
