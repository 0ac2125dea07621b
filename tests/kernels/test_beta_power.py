"""The mean of (1 + p w)^-m over a beta law, against 50 digits: its promise is a relative error below 1e-12."""

from __future__ import annotations

from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
from oracles import beta_power as oracle
from oracles import beta_power_integral, exactly

from clvmodels.kernels.hypergeometric import beta_power

PROMISE = 1e-12
SEEDED = np.random.default_rng(0)


def drawn(number: int) -> list[tuple[float, ...]]:
    """Draw m, a, b and w over a wide range."""
    ends = [(-2.5, 4.0), (-2.5, 3.0), (-2.5, 3.0), (-4.0, 4.0)]
    return [tuple(float(10 ** SEEDED.uniform(*end)) for end in ends) for _ in range(number)]


def error(case: tuple[float, ...]) -> float:
    """The relative error; what is too small for a float counts by its size."""
    exact = oracle(*case)
    return float(abs(beta_power(*case) - exact) / max(exact, mp.mpf(10) ** -290))


@pytest.mark.parametrize("part", range(4))
def test_over_the_range(part: int) -> None:  # noqa: ARG001  (draws go on from part to part)
    wrong = {case: error(case) for case in drawn(60) if error(case) >= PROMISE}
    assert not wrong


@pytest.mark.parametrize(
    ("m", "a", "b", "w"),
    [
        (0.243, 0.793, 2.426, 0.9),
        (26.243, 1.0, 28.4, 1.5),
        (1e4, 0.5, 1e4, 3.0),
        (1e5, 0.8, 1e5, 0.01),
        (3.0, 5.0, 2.0, 1e4),
        (2.0, 2.0, 2.0, 1e-4),
        (0.003, 0.003, 0.003, 1e4),
        (1e4, 1e3, 1e3, 1e4),
        (500.0, 0.249, 0.5, 2.0),
        (500.0, 0.251, 0.5, 2.0),
        (401.0, 0.3, 0.2, 1.0),
        # a small a with a small result: what the complement leaves is small
        (9490.19476143715, 0.17823579288583855, 0.006186164556280693, 0.24592489291932756),
        (8829.795984530012, 0.18773021027342274, 0.022462782998510206, 2256.9394816012195),
    ],
)
def test_at_chosen_points(m: float, a: float, b: float, w: float) -> None:
    assert error((m, a, b, w)) < PROMISE


@pytest.mark.parametrize("w", [3.999, 4.0, 30.0, 1e4, 1e9])
@pytest.mark.parametrize("apart", [0.0, 1e-12, 1e-6, 0.029, 0.031, -0.031, 0.5])
def test_far_away_and_near_whole_numbers(apart: float, w: float) -> None:
    """The series for large w have poles where m - a is a whole number, which cancel in the sum and not in the digits."""
    cases = [(a + n + apart, a, b, w) for a in (0.4, 1.0, 7.3) for n in (-1, 0, 1, 6, 40) for b in (0.05, 2.4, 60.0)]
    wrong = {case: error(case) for case in cases if case[0] > 0 and error(case) >= PROMISE}
    assert not wrong


@pytest.mark.parametrize(("m", "a", "b", "w"), [(9490.2, 0.178, 0.5, 0.246), (50.0, 2.0, 3.0, 10.0), (8.0, 0.4, 0.3, 1e3)])
def test_the_oracle_agrees_with_the_integral(m: float, a: float, b: float, w: float) -> None:
    integral = beta_power_integral(*map(exactly, (m, a, b, w)))
    assert abs(oracle(m, a, b, w) / integral - 1) < 1e-20


def test_nothing_at_zero() -> None:
    assert beta_power(3.0, 0.5, 2.0, 0.0) == 1.0


def test_it_falls_in_w_across_its_roads() -> None:
    ladder = [beta_power(500.0, 0.5, 3.0, w) for w in np.geomspace(1e-3, 1e3, 400)]
    assert all(after < before for before, after in pairwise(ladder))


@pytest.mark.parametrize("m", [1.2, 1.3], ids=["series", "quadrature, for m - a is whole"])
@pytest.mark.parametrize("b", [1e-6, 1e-3])
def test_the_edge_of_the_support(m: float, b: float) -> None:
    """A fit at the edge, b -> 0, where the beta law's right tail is endless."""
    with mp.workdps(60):
        exact = mp.hyp2f1(m, 0.3, mp.mpf(0.3) + b, mp.mpf(-1e4))
        assert abs(beta_power(m, 0.3, b, 1e4) / exact - 1) < 1e-12
