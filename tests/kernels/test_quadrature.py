"""Integrals over the time ahead against closed forms."""

from __future__ import annotations

from math import exp, expm1, inf, log1p

import numpy as np
import pytest

from clvmodels.kernels.lift import row
from clvmodels.kernels.quadrature import add_up, integrate


@row
def pareto(c: float, n: float, T: float, u: float) -> float:
    """The density of a Pareto law: an intensity whose integrals are known."""
    return n / (c + T) * (1.0 + u / (c + T)) ** -(n + 1.0)


@row
def flat(c: float, n: float, T: float, u: float) -> float:  # noqa: ARG001
    """Nobody leaves: the heaviest tail that there can be."""
    return n


NODES, WEIGHTS = np.polynomial.legendre.leggauss(60)


def expected(n: float, scale: float, horizon: float, force: float) -> float:
    """The discounted Pareto density up to a horizon: closed without discount, else by many short panels."""
    if force == 0.0:
        return -expm1(-n * log1p(horizon / scale))
    far = min(log1p(horizon / scale), 50.0 / n, log1p(50.0 / (force * scale)))
    ends = np.linspace(0.0, far, 41)
    half = 0.5 * np.diff(ends)[:, None]
    y = ends[:-1, None] + half * (1.0 + NODES)
    return float(np.sum(half * WEIGHTS * n * np.exp(-n * y - force * scale * np.expm1(y))))


FORCES, HORIZONS = (0.0, 1e-6, 0.0018, 0.3), (1e-6, 1.0, 52.0, 1e5, inf)


@pytest.mark.parametrize(("horizon", "force"), [(h, f) for h in HORIZONS for f in FORCES if h < inf or f > 0.0])
def test_discounted_pareto(horizon: float, force: float) -> None:
    theta = np.array([[0.01], [4.4], [900.0]])
    rows = np.array([(n, T) for n in (0.05, 1.0, 12.5, 400.0, 3e4) for T in (0.0, 30.0, 1e4)])
    found = integrate(pareto, theta, rows, theta[:, 0].copy(), np.full(3, inf), horizon, force)
    exact = np.array([[expected(n, c + T, horizon, force) for n, T in rows] for (c,) in theta])
    np.testing.assert_allclose(found, exact, rtol=5e-12)  # at n = 30,000 the intensity itself keeps no more


@pytest.mark.parametrize(("horizon", "force"), [(52.0, 0.0), (52.0, 0.01), (inf, 0.01), (1e4, 1e-3)])
def test_an_annuity(horizon: float, force: float) -> None:
    exact = 2.5 * ((1.0 - exp(-force * horizon)) / force if force else horizon)
    found = integrate(flat, np.array([[3.0]]), np.array([[2.5, 20.0]]), np.array([3.0]), np.array([inf]), horizon, force)
    assert found[0, 0] == pytest.approx(exact, rel=1e-12)


def test_no_time_ahead() -> None:
    found = integrate(pareto, np.array([[3.0]]), np.array([[2.5, 20.0]]), np.array([3.0]), np.array([inf]), 0.0, 0.0)
    assert found.tolist() == [[0.0]]


def test_blocks_of_draws_change_nothing() -> None:
    theta = np.random.default_rng(0).uniform(1.0, 9.0, (3000, 1))
    rows = np.array([[2.0, 5.0], [7.0, 30.0]])
    together = integrate(pareto, theta, rows, theta[:, 0].copy(), np.full(3000, inf), 52.0, 0.01)
    alone = np.concatenate([integrate(pareto, d[None], rows, d.copy(), np.array([inf]), 52.0, 0.01) for d in theta[::500]])
    np.testing.assert_array_equal(together[::500], alone)


def test_short_panels_change_nothing() -> None:
    theta, rows = np.array([[4.4]]), np.array([[12.5, 30.0]])
    ends = (np.array([inf]), np.array([7.0]))
    whole, cut = (integrate(pareto, theta, rows, theta[0], longest, 520.0, 0.01)[0, 0] for longest in ends)
    assert cut == pytest.approx(whole, rel=1e-13)


def test_opportunities_are_added_up() -> None:
    found = add_up(flat, np.array([[3.0]]), np.array([[2.5, 6.0]]), 5.0, 0.1)[0, 0]
    assert found == pytest.approx(2.5 * sum(exp(-0.1 * u) for u in range(1, 6)), rel=1e-14)
    assert add_up(flat, np.array([[3.0]]), np.array([[2.5, 6.0]]), inf, 0.1)[0, 0] == pytest.approx(
        2.5 / expm1(0.1), rel=1e-13
    )
