"""Models against the formulas of their papers in 50 digits, over drawn and extreme parameters and histories."""

from __future__ import annotations

from math import expm1, inf
from typing import TYPE_CHECKING

import mpmath as mp
import numpy as np
import oracles
import pytest

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Callable

PURCHASES = ("r", "alpha", "a", "b")
SPEND = ("p", "q", "v")
Point = tuple[float, ...]


def drawn_purchases(number: int, seed: int) -> list[tuple[Point, Point]]:
    """Parameters and histories (x, t_x, T) over several orders of magnitude."""
    rng = np.random.default_rng(seed)

    def one() -> tuple[Point, Point]:
        theta = tuple(map(float, 10 ** rng.uniform([-1.5, -1, -1.5, -1.5], [1.3, 2, 1.3, 1.5])))
        T = float(10 ** rng.uniform(-1, 3))
        x = float(int(10 ** rng.uniform(0, 2.5)) if rng.random() < 0.8 else 0)
        return theta, (x, T * float(rng.random() ** 0.3) if x else 0.0, T)

    return [one() for _ in range(number)]


EXTREME: list[tuple[Point, Point]] = [
    ((0.243, 4.414, 0.793, 2.426), (100_000, 99_990.0, 100_000.0)),
    ((0.243, 4.414, 0.793, 2.426), (100_000, 99_999.9, 100_000.0)),
    ((0.243, 4.414, 0.793, 2.426), (0, 0.0, 100_000.0)),
    ((0.243, 4.414, 0.793, 2.426), (1, 0.1, 100_000.0)),
    ((0.243, 4.414, 0.793, 2.426), (5_000, 9.99, 10.0)),
    ((0.243, 4.414, 1.0, 2.426), (2, 30.43, 38.86)),
    ((0.243, 4.414, 1.0 + 1e-9, 2.426), (2, 30.43, 38.86)),
    ((0.243, 4.414, 1.0 - 1e-13, 2.426), (0, 0.0, 38.86)),
    ((0.243, 4.414, 0.3, 0.4), (0, 0.0, 38.86)),
    ((0.243, 4.414, 0.01, 0.02), (1, 3.0, 38.86)),
    ((0.01, 0.01, 0.05, 0.05), (0, 0.0, 3.0)),
    ((30.0, 900.0, 30.0, 300.0), (12, 300.0, 400.0)),
    ((0.5, 1e-3, 2.0, 8.0), (40, 10.0, 10.5)),
    ((0.243, 4.414, 0.793, 2.426), (2, 0.0, 0.0)),
]

DRAWN = drawn_purchases(25, seed=5) + EXTREME


def customer(history: Point, unit: str = "week") -> clv.Customers:
    return clv.Customers.from_arrays(*[[h] for h in history], unit=unit)


def bgnbd(theta: Point) -> clv.Fit:
    return clv.BGNBD().at(**dict(zip(PURCHASES, theta, strict=True)))


def distance(value: float, exact: mp.mpf, floor: float = 1e-290) -> float:
    """The relative error, of numbers above a floor."""
    return float(abs(mp.mpf(value) - exact) / max(abs(exact), mp.mpf(floor)))


def odds_digits(history: Point) -> float:
    """What a power of r + x costs: an error in the base's last digit, that many times."""
    return 5e-16 * (history[0] + 10.0)


@pytest.mark.parametrize(("theta", "history"), DRAWN)
def test_log_likelihood(theta: Point, history: Point) -> None:
    exact = oracles.bgnbd_loglik(theta, history)
    # the likelihood of x purchases is a difference of numbers of the size of log Gamma(x)
    size = max(1.0, float(mp.loggamma(history[0] + theta[0] + theta[2] + theta[3] + 1)))
    found = bgnbd(theta).pointwise(customer(history))[0]
    assert abs(found - exact) < 1e-14 * (10.0 + 10.0 * size)


@pytest.mark.parametrize(("theta", "history"), DRAWN)
def test_probability_alive(theta: Point, history: Point) -> None:
    found = bgnbd(theta).probability_alive(customer(history)).mean[0]
    assert distance(found, oracles.bgnbd_alive(theta, history)) < 1e-14 + 10.0 * odds_digits(history)


@pytest.mark.parametrize("horizon", [0.01, 39.0, 5_000.0])
@pytest.mark.parametrize(("theta", "history"), DRAWN)
def test_expected_purchases(theta: Point, history: Point, horizon: float) -> None:
    found = bgnbd(theta).expected_purchases(horizon, customer(history)).mean[0]
    assert distance(found, oracles.bgnbd_purchases(theta, history, horizon)) < 1e-11 + 10.0 * odds_digits(history)


@pytest.mark.parametrize(("theta", "history"), [case for case in DRAWN if case[1][0] <= 1_000])
def test_counts(theta: Point, history: Point) -> None:
    fit, who = bgnbd(theta), customer(history)
    for k in (0, 1, 3, 40):
        found = fit.purchase_count_pmf(k, 30.0, who).mean[0]
        assert distance(found, oracles.bgnbd_count(theta, history, k, 30.0), 1e-200) < 2e-11


@pytest.mark.parametrize(("theta", "history"), DRAWN[:8] + EXTREME[5:9])
def test_discounted_purchases_for_ever(theta: Point, history: Point) -> None:
    force = 0.02
    found = bgnbd(theta).discounted_purchases(inf, clv.yearly(expm1(force * 365.25 / 7)), customer(history)).mean[0]
    with mp.workdps(20):
        exact = oracles.bgnbd_residual(theta, history, force)
    assert distance(found, exact) < 1e-10


@pytest.mark.parametrize(("theta", "history"), DRAWN[8:14] + EXTREME[5:7])
def test_discounted_purchases_up_to_a_horizon(theta: Point, history: Point) -> None:
    force = 0.02
    found = bgnbd(theta).discounted_purchases(52.0, clv.yearly(expm1(force * 365.25 / 7)), customer(history)).mean[0]
    with mp.workdps(20):
        exact = oracles.bgnbd_discounted(theta, history, 52.0, force)
    assert distance(found, exact) < 1e-10


def drawn_spend(number: int, seed: int) -> list[tuple[Point, Point]]:
    rng = np.random.default_rng(seed)
    ends = [-0.5, 0.1, -1.0, 0.0, -1.0], [1.5, 1.0, 3.0, 2.0, 3.0]
    cases = [tuple(map(float, 10 ** rng.uniform(*ends))) for _ in range(number)]
    return [((p, q, v), (float(int(x)), m)) for p, q, v, x, m in cases]


SPENDERS = [
    *drawn_spend(30, seed=6),
    ((6.25, 3.74, 15.44), (100_000.0, 35.0)),
    ((6.25, 3.74, 15.44), (1.0, 1e-6)),
    ((6.25, 3.74, 15.44), (1.0, 1e9)),
    ((0.01, 1.01, 1e-3), (2.0, 5.0)),
    ((900.0, 400.0, 20.0), (3.0, 45.0)),
]


def buyer(history: Point) -> clv.Buyers:
    x, m = history
    return clv.Customers.from_arrays([x], [1.0], [2.0], unit="week", monetary_value=[m]).repeat_buyers()


def gammagamma(theta: Point) -> clv.Fit:
    return clv.GammaGamma().at(**dict(zip(SPEND, theta, strict=True)))


@pytest.mark.parametrize(("theta", "history"), SPENDERS)
def test_log_likelihood_of_spend(theta: Point, history: Point) -> None:
    exact = oracles.gammagamma_loglik(theta, history)
    found = gammagamma(theta).pointwise(buyer(history))[0]
    assert abs(found - exact) < 2e-15 * (10.0 + theta[0] * history[0] + 20.0 * theta[1])


@pytest.mark.parametrize(("theta", "history"), SPENDERS[:6])
def test_log_likelihood_of_spend_as_a_mixture(theta: Point, history: Point) -> None:
    with mp.workdps(25):
        mixture = oracles.gammagamma_mixture(theta, history)
    assert distance(gammagamma(theta).pointwise(buyer(history))[0], mixture) < 1e-12


@pytest.mark.parametrize(("theta", "history"), SPENDERS)
def test_mean_spend(theta: Point, history: Point) -> None:
    found = gammagamma(theta).expected_spend(buyer(history)).mean[0]
    assert distance(found, oracles.gammagamma_mean(theta, history)) < 1e-13


@pytest.mark.parametrize(
    ("formula", "theta", "history"),
    [
        (oracles.bgnbd_purchases, (0.243, 4.414, 0.793, 2.426), (2.0, 30.43, 38.86)),
        (oracles.bgnbd_discounted, (0.243, 4.414, 0.793, 2.426), (2.0, 30.43, 38.86)),
    ],
)
def test_the_oracles_meet(formula: Callable[..., mp.mpf], theta: Point, history: Point) -> None:
    """Discounted at next to nothing, purchases are those of eq. 10; for ever, they are those of a far horizon."""
    near = formula(theta, history, 39.0, *((1e-25,) if formula is oracles.bgnbd_discounted else ()))
    assert distance(float(near), oracles.bgnbd_purchases(theta, history, 39.0)) < 1e-15
