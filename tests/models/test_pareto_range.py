"""Pareto/NBD over all sizes of parameters and histories, against 40 digits.

r, s in 1e-2..30, alpha, beta in 1e-3..1e4, x to 10,000, T to 10,000. Bars: 1e-10 of the log-likelihood, 1e-8 of P(alive), of
the expected purchases and of the slopes, all relative.
"""

from __future__ import annotations

import mpmath as mp
import numpy as np
import oracles
import pytest

import clvmodels as clv
from clvmodels.histories import Histories

NAMES = ("r", "alpha", "s", "beta")
Point = tuple[float, ...]


def drawn(number: int, seed: int) -> list[tuple[Point, Point]]:
    """Parameters and histories, evenly over their orders of magnitude; the last purchase long ago, just now, or between."""
    rng = np.random.default_rng(seed)

    def one() -> tuple[Point, Point]:
        theta = tuple(map(float, 10 ** rng.uniform([-2, -3, -2, -3], [1.477, 4, 1.477, 4])))
        T, x = float(10 ** rng.uniform(-2, 4)), float(int(10 ** rng.uniform(0, 4)) if rng.random() < 0.8 else 0)
        share = rng.choice([rng.random(), 1.0 - 10 ** rng.uniform(-6, 0), 10 ** rng.uniform(-6, 0)])
        return theta, (x, T * float(share) if x else 0.0, T)

    return [one() for _ in range(number)]


CORNERS: list[tuple[Point, Point]] = [
    (theta, history)
    for theta in (
        (0.01, 0.001, 0.01, 1e4),
        (0.01, 1e4, 0.01, 0.001),
        (30.0, 0.001, 0.01, 1e4),
        (30.0, 1e4, 30.0, 0.001),
        (0.55, 10.58, 1.0, 10.58),
        (0.55, 10.58, 0.61, 10.58),
    )
    for history in ((0.0, 0.0, 1e4), (10_000.0, 9_999.0, 1e4), (10_000.0, 1.0, 1e4), (1.0, 0.01, 5.0), (3.0, 5.0, 5.0))
]
CASES = drawn(40, seed=20261122) + CORNERS


def relative(found: float, exact: mp.mpf) -> float:
    """The relative error; nothing to say of numbers that a float can't hold."""
    return float(abs(mp.mpf(found) - exact) / abs(exact)) if abs(exact) > mp.mpf(10) ** -300 else 0.0


@pytest.mark.parametrize(("theta", "history"), CASES)
def test_over_all_sizes(theta: Point, history: Point) -> None:
    mp.mp.dps = 40
    model = clv.ParetoNBD()
    fit = model.at(**dict(zip(NAMES, theta, strict=True)))
    customer = clv.Customers.from_arrays(*[[h] for h in history], unit="week")
    assert relative(fit.pointwise(customer)[0], oracles.pareto_loglik(theta, history)) < 1e-10
    assert relative(fit.probability_alive(customer).mean[0], oracles.pareto_alive(theta, history)) < 1e-8
    assert relative(fit.expected_purchases(39.0, customer).mean[0], oracles.pareto_purchases(theta, history, 39.0)) < 1e-8


@pytest.mark.parametrize(("theta", "history"), CASES[:14] + CORNERS[::2])
def test_slopes_over_all_sizes(theta: Point, history: Point) -> None:
    columns = {name: np.array([value]) for name, value in zip(("x", "t_x", "T"), history, strict=True)}
    found = clv.ParetoNBD().loglik(np.array([theta]), Histories.of(columns)).total()[1:, 0]
    for j in range(4):
        with mp.workdps(60):
            step = mp.mpf(10) ** -20 * theta[j]
            ends = [tuple(mp.mpf(v) + (side * step if i == j else 0) for i, v in enumerate(theta)) for side in (1, -1)]
            exact = (oracles.pareto_loglik(ends[0], history) - oracles.pareto_loglik(ends[1], history)) / (2 * step)
        assert relative(found[j], exact) < 1e-8
