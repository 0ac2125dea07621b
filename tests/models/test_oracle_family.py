"""The relatives of BG/NBD against the formulas of their papers in 30 digits, at drawn parameters and histories.

Pareto/NBD has a test of its own, over all sizes of numbers (`test_pareto_range`); sBG and BdW are in `test_contracts`.
"""

from __future__ import annotations

from math import expm1, inf
from typing import TYPE_CHECKING, Any

import mpmath as mp
import numpy as np
import oracles
import pytest

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Callable

Point = tuple[float, ...]
Ends = list[tuple[float, float]]

SHAPE, TIME = (0.1, 4.0), (1.0, 40.0)
BETA: Ends = [SHAPE, TIME, (0.2, 4.0), (0.5, 8.0)]
FAMILY: dict[str, tuple[Any, str, Ends, tuple[float, ...]]] = {
    "Pareto/NBD": (clv.ParetoNBD(), "pareto", [SHAPE, TIME, SHAPE, TIME], ()),
    "MBG/NBD": (clv.MBGNBD(), "mbgnbd", BETA, ()),
    "NBD": (clv.NBD(), "nbd", [SHAPE, TIME], ()),
    "GG/NBD": (clv.GGNBD(), "ggnbd", [SHAPE, TIME, (0.005, 0.3), SHAPE, (0.1, 9.0)], ()),
    "BG/CNBD-1": (clv.BGCNBD(1), "cnbd", BETA, (1, 0)),
    "BG/CNBD-2": (clv.BGCNBD(2), "cnbd", BETA, (2, 0)),
    "BG/CNBD-5": (clv.BGCNBD(5), "cnbd", BETA, (5, 0)),
    "MBG/CNBD-2": (clv.MBGCNBD(2), "cnbd", BETA, (2, 1)),
    "MBG/CNBD-3": (clv.MBGCNBD(3), "cnbd", BETA, (3, 1)),
    "BG/BB": (clv.BGBB(), "bgbb", [(0.2, 6.0)] * 4, ()),
}
"""Each model, the name of its oracles, the range of each parameter, and its settings as the oracles take them."""
ALL = pytest.mark.parametrize("name", FAMILY)
CASES = 6


def drawn(name: str, number: int = CASES) -> list[tuple[Point, Point]]:
    """Parameters evenly in their logs, and histories (x, t_x, T, litt)."""
    _, _, ends, _ = FAMILY[name]
    rng = np.random.default_rng(len(name) + 100)

    def one(i: int) -> tuple[Point, Point]:
        theta = tuple(float(np.exp(rng.uniform(*np.log(end)))) for end in ends)
        T = float(rng.integers(1, 12)) if name == "BG/BB" else float(rng.uniform(1.0, 60.0))
        x = float(i % 2 * rng.integers(1, min(T, 12) + 1))
        t_x = float(rng.integers(x, T + 1)) if name == "BG/BB" else T * float(rng.random())
        litt = x * np.log(t_x / x) - 0.1 * (x > 1.0) if x else 0.0
        return theta, (x, t_x if x else 0.0, T, float(litt))

    return [one(i) for i in range(number)]


class Case:
    """A model at a point, a customer, and the oracles that are to be asked the same."""

    def __init__(self, name: str, theta: Point, history: Point) -> None:
        self.model, self.prefix, _, self.settings = FAMILY[name]
        self.theta, self.history = theta, history[: len(self.model.history)]
        unit = "year" if self.model.discrete else "week"
        self.fit = self.model.at(**dict(zip(self.model.parameters(), theta, strict=True)), unit=unit)
        x, t_x, T, litt = history
        self.customer = clv.Customers.from_arrays([x], [t_x], [T], unit=unit, litt=[litt])

    def oracle(self, what: str, *asked: float) -> mp.mpf:
        return getattr(oracles, f"{self.prefix}_{what}")(self.theta, self.history, *self.settings, *asked)

    def error(self, found: Any, what: str, *asked: float) -> float:
        exact = self.oracle(what, *asked)
        return float(abs(mp.mpf(float(found.mean[0])) - exact) / abs(exact))


def cases(name: str, number: int = CASES) -> list[Case]:
    mp.mp.dps = 30
    return [Case(name, *drawn_case) for drawn_case in drawn(name, number)]


@ALL
def test_log_likelihood(name: str) -> None:
    for case in cases(name):
        exact = case.oracle("loglik")
        assert abs(case.fit.pointwise(case.customer)[0] - exact) < 1e-12 * (1.0 + abs(exact))


@pytest.mark.parametrize("name", [name for name in FAMILY if name != "NBD"])
def test_probability_alive(name: str) -> None:
    for case in cases(name):
        assert case.error(case.fit.probability_alive(case.customer), "alive") < 1e-11


@pytest.mark.parametrize("name", [name for name in FAMILY if name != "NBD"])
def test_survival(name: str) -> None:
    for case in cases(name):
        ahead, now = (case.fit.probability_alive(case.customer, u).mean[0] for u in (7.0, 0.0))
        assert abs(ahead / now - case.oracle("survival", 7)) < 1e-10


@ALL
def test_expected_purchases(name: str) -> None:
    for case in cases(name):
        assert case.error(case.fit.expected_purchases(26.0, case.customer), "purchases", 26) < 1e-9


@ALL
@pytest.mark.parametrize("n", [0, 1, 4])
def test_counts(name: str, n: int) -> None:
    for case in cases(name, 4):
        assert case.error(case.fit.purchase_count_pmf(n, 13.0, case.customer), "count", n, 13) < 1e-9


@pytest.mark.parametrize("name", ["Pareto/NBD", "MBG/NBD", "NBD", "GG/NBD", "BG/CNBD-2", "MBG/CNBD-3"])
@pytest.mark.parametrize("horizon", [8.0, inf])
def test_discounted_purchases(name: str, horizon: float) -> None:
    """For life this is DERT; of Pareto/NBD in closed form, with Tricomi's U."""
    force = 0.03
    rate = clv.yearly(expm1(force * 365.25 / 7.0))
    for case in cases(name, 2):
        with mp.workdps(16):
            assert (
                case.error(case.fit.discounted_purchases(horizon, rate, case.customer), "discounted", horizon, force) < 1e-8
            )


def test_dert_of_donors() -> None:
    for case in cases("BG/BB"):
        found = case.fit.discounted_purchases(inf, clv.yearly(0.1), case.customer)
        assert case.error(found, "discounted", 0.1) < 1e-10


@pytest.mark.parametrize("name", ["Pareto/NBD", "MBG/NBD"])
def test_traits(name: str) -> None:
    for case in cases(name):
        assert case.error(case.fit.expected_rate(case.customer), "rate") < 1e-11
        assert case.error(case.fit.expected_dropout(case.customer), "dropout") < 1e-11


@pytest.mark.parametrize(("regular", "plain"), [(clv.BGCNBD(1), clv.BGNBD()), (clv.MBGCNBD(1), clv.MBGNBD())], ids=repr)
def test_nested_models_agree(regular: Any, plain: Any) -> None:
    customers = clv.Customers.from_arrays([0, 2, 9], [0, 30.4, 11.0], [38.9, 38.9, 20.0], unit="week")
    theta = {"r": 0.6, "alpha": 4.0, "a": 0.8, "b": 2.4}
    ask: list[Callable[[clv.Fit], Any]] = [
        lambda fit: fit.pointwise(customers),
        lambda fit: fit.probability_alive(customers, 5.0).mean,
        lambda fit: fit.expected_purchases(26.0, customers).mean,
        lambda fit: fit.expected_lifetime(26.0, customers).mean,
        lambda fit: fit.purchase_count_pmf(2, 26.0, customers).mean,
    ]
    for question in ask:
        np.testing.assert_allclose(question(regular.at(**theta)), question(plain.at(**theta)), rtol=1e-11)


def test_the_data_choose_how_regular(cdnow: clv.Customers) -> None:
    fit = clv.fit(clv.MBGCNBD(), cdnow, clv.MLE())
    assert fit.model == clv.MBGCNBD(1)
    assert fit.record.warnings[0].startswith("The data chose MBGCNBD(k=1)")
    regular = clv.MBGCNBD(3).at(r=0.8, alpha=2.0, a=0.8, b=2.4).simulate(2_000, 40.0, seed=1)
    assert clv.fit(clv.MBGCNBD(), regular, clv.MLE()).model == clv.MBGCNBD(3)


def test_without_gaps_only_the_regularity_is_known_less(cdnow: clv.Customers) -> None:
    bare = clv.Customers.from_arrays(cdnow.frequency, cdnow.recency, cdnow.T, unit="week")
    known, unknown = (clv.fit(clv.MBGCNBD(2), customers, clv.MLE()) for customers in (cdnow, bare))
    np.testing.assert_allclose(known.mode, unknown.mode, rtol=1e-6)
    assert known.log_likelihood != pytest.approx(unknown.log_likelihood, abs=1.0)


@pytest.mark.parametrize("k", [0, -1, 1.5])
def test_no_such_regularity(k: float) -> None:
    with pytest.raises(clv.ClvError, match="whole number from 1 on"):
        clv.BGCNBD(k)


def test_an_open_setting_is_refused() -> None:
    fit = clv.MBGCNBD().at(r=0.5, alpha=4.0, a=0.8, b=2.4)
    with pytest.raises(clv.ClvError, match="open: say it"):
        fit.expected_purchases_new(52)
