"""P(alive) put together from silences and departures is that of one history after the other, at hard corners too."""

from __future__ import annotations

from itertools import product

import numpy as np
import oracles
import pytest

import clvmodels as clv
from clvmodels.histories import Histories
from clvmodels.kernels.quadrature import integrate
from clvmodels.questions import answers
from clvmodels.questions.ahead import look_ahead, time_scales
from clvmodels.questions.departures import Departures, Moments, departures

MODEL = clv.GGNBD()
USUAL = (0.55, 10.6, 0.05, 0.6, 0.6)
CORNERS = [
    (r, alpha, b, s, beta)
    for r, alpha, b, (s, beta) in product(
        (0.05, 5.0), (0.5, 100.0), (1e-6, 0.01, 0.3, 3.0), ((0.05, 1e-4), (0.05, 1e4), (0.6, 0.6), (5.0, 3.0))
    )
]


def many(each: int = 400) -> Histories:
    """Histories in continuous time, some of them silent for ever or not at all."""
    rng = np.random.default_rng(1)
    x = np.repeat([0.0, 1.0, 4.0, 60.0, 1000.0], each)
    T = rng.uniform(0.5, 60.0, len(x))
    t_x = np.where(x > 0.0, T * np.sqrt(rng.uniform(size=len(x))), 0.0)
    T[:2], t_x[each :: each // 2], t_x[each + 1 :: each] = 0.0, T[each :: each // 2], T[each + 1 :: each] - 1e-6
    return Histories.of({"x": x, "t_x": t_x, "T": T})


def together(theta: np.ndarray, some: Histories) -> np.ndarray:
    return departures(MODEL, theta, Moments.of(MODEL, some)).block(slice(0, len(some))).T


def test_the_way_together_is_that_of_one_by_one() -> None:
    histories = many()
    for theta in CORNERS:
        point = np.array([theta])
        alone = answers.evaluate(MODEL.alive, MODEL, point, histories).block(slice(0, len(histories))).T
        found = together(point, histories)
        assert np.all(found <= 1.0)
        np.testing.assert_allclose(found, alone, rtol=1e-11, atol=1e-290, err_msg=str(theta))


def test_draws_far_apart() -> None:
    theta, histories = np.array([c for c in CORNERS if c[2] < 1.0]), many(60)
    alone = answers.evaluate(MODEL.alive, MODEL, theta, histories).block(slice(0, len(histories))).T
    np.testing.assert_allclose(together(theta, histories), alone, rtol=1e-11, atol=1e-290)


HISTORIES = [(0.0, 0.0, 39.0), (0.0, 0.0, 1e-3), (3.0, 1.0, 39.0), (20.0, 38.9, 39.0), (3.0, 39.0, 39.0), (0.0, 0.0, 400.0)]


@pytest.mark.parametrize(
    "theta", [USUAL, (0.3, 50.0, 0.01, 0.05, 1e-4), (0.5, 10.0, 2.0, 0.5, 1e-6), (0.5, 10.0, 0.3, 0.5, 1e6)]
)
def test_the_oracle(theta: tuple[float, ...]) -> None:
    columns = np.array(HISTORIES).T
    some = Histories.of(dict(zip(("x", "t_x", "T"), columns, strict=True)))
    exact = np.array([float(oracles.ggnbd_alive(theta, history)) for history in HISTORIES])
    point = np.array([theta])
    np.testing.assert_allclose(together(point, some)[0, some.index], exact, rtol=1e-12)
    np.testing.assert_allclose(MODEL.alive(point, np.array(HISTORIES))[0, 0], exact, rtol=1e-12)


def test_many_are_asked_together_and_few_alone() -> None:
    theta = np.array([USUAL])
    assert isinstance(answers.here(MODEL, theta, many()), Departures)
    assert not isinstance(answers.here(MODEL, theta, many(4)), Departures)
    assert not isinstance(answers.here(MODEL, theta * [1.0, 1.0, 1e4, 1.0, 1.0], many()), Departures)


def test_rows_come_as_they_are_asked_for() -> None:
    histories = many()
    source = departures(MODEL, np.array([USUAL, (0.5, 9.0, 0.04, 0.7, 0.5)]), Moments.of(MODEL, histories))
    whole, rows = source.block(slice(0, len(histories))), np.array([3, 900, 901, 1500])
    np.testing.assert_allclose(source.block(rows), whole[rows], rtol=1e-14)


@pytest.mark.parametrize(
    "theta", [(0.55, 10.6, 0.05, 0.6, 1e-3), (0.3, 50.0, 0.01, 0.05, 1e-4), (0.5, 10.0, 2.0, 0.5, 1e-6)]
)
def test_what_lies_ahead_bends_as_soon_as_the_hazard(theta: tuple[float, ...]) -> None:
    """Where hazards are high at first and soon low, a time that is none of the parameters sets the pace."""
    point, T = np.array([theta]), np.linspace(0.0, 100.0, 301)
    some = Histories.of({"x": np.zeros(301), "T": T}).with_constants({"rho": 1.0, "kappa": 1.0})
    found = look_ahead(MODEL.intensity, MODEL, point, some, (52.0, 0.002)).block(slice(0, 301))[:, 0]
    finer = 0.2 * time_scales(MODEL, point)[0]
    exact = integrate(MODEL.intensity, point, some.table(("x", "rho", "kappa", "T")), finer, finer * 20.0, 52.0, 0.002)[0]
    np.testing.assert_allclose(found, exact, rtol=1e-12)


def test_an_intensity_that_is_gone_at_once() -> None:
    """The first panel is as narrow as the fall is steep, but never empty."""
    theta, rows = (
        np.array([[1e-4, 0.0035, 2e2 / 0.7, 1e4, 1e-4]]),
        np.array([[0.0, t] for t in np.geomspace(1e-9, 1e5, 200)]),
    )
    scales, paces = time_scales(MODEL, theta)
    assert np.isfinite(integrate(MODEL.departure, theta, rows, scales, 3.0 * paces, 1e3, 0.0)).all()
