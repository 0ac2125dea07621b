"""The laws of chance that every model keeps: probabilities, expectations, and no exception for any of them."""

from __future__ import annotations

from math import exp, inf, lgamma, log, log1p
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from strategies import BG, histories, laid_out, powers, spenders

import clvmodels as clv

# 7. probabilities and expectations agree with each other

POINTS = [BG, {**BG, "a": 1.0}, {**BG, "a": 0.3, "b": 0.4}, {"r": 4.0, "alpha": 12.0, "a": 2.5, "b": 6.0}]
SOME = clv.Customers.from_arrays(
    [0, 2, 10, 1, 25], [0, 30.43, 34.14, 1.71, 30.5], [38.86, 38.86, 38.86, 20, 31], unit="week"
)


def expected_by_counts(theta: dict[str, float], customers: clv.Customers, t: float) -> np.ndarray:
    """Given alive, the purchases that she would make are negative binomial, and each is made if she stayed until then."""
    r, alpha, a, b = theta.values()
    result = []
    for x, T in zip(customers.frequency, customers.T, strict=True):
        z, made, stayed, total = t / (alpha + T + t), 0.0, 1.0, 0.0
        for j in range(2_000):
            total += made * exp(lgamma(r + x + j) - lgamma(r + x) - lgamma(j + 1) + (r + x) * log1p(-z) + j * log(z))
            made += stayed
            stayed *= (b + x + j) / (a + b + x + j)
        result.append(total)
    return np.array(result)


@pytest.mark.parametrize("theta", POINTS, ids=repr)
def test_expected_purchases_by_counts(theta: dict[str, float]) -> None:
    fit = clv.BGNBD().at(**theta)
    alive = fit.probability_alive(SOME).mean
    np.testing.assert_allclose(
        fit.expected_purchases(39, SOME).mean, alive * expected_by_counts(theta, SOME, 39), rtol=1e-10
    )


@pytest.mark.parametrize("theta", POINTS, ids=repr)
def test_the_chances_of_all_counts_add_up(theta: dict[str, float]) -> None:
    fit = clv.BGNBD().at(**theta)
    chances = np.array([fit.purchase_count_pmf(k, 20, SOME).mean for k in range(400)])
    assert chances.min() >= 0.0
    np.testing.assert_allclose(chances.sum(axis=0), 1.0, rtol=1e-10)
    np.testing.assert_allclose(np.arange(400) @ chances, fit.expected_purchases(20, SOME).mean, rtol=1e-8)


@pytest.mark.parametrize("theta", POINTS, ids=repr)
def test_expectations_rise_from_nothing(theta: dict[str, float]) -> None:
    fit = clv.BGNBD().at(**theta)
    ladder = np.array([fit.expected_purchases(t, SOME).mean for t in (0, 1e-6, 1, 39, 1e3, 1e6)])
    assert ladder[0].tolist() == [0.0] * len(SOME)
    assert (np.diff(ladder, axis=0) > 0.0).all()


@pytest.mark.parametrize("theta", POINTS, ids=repr)
def test_nobody_comes_back_from_the_dead(theta: dict[str, float]) -> None:
    fit = clv.BGNBD().at(**theta)
    ladder = np.array([fit.probability_alive(SOME, ahead=u).mean for u in (0, 1, 39, 1e3, 1e6)])
    assert ((ladder >= 0.0) & (ladder <= 1.0)).all()
    assert (np.diff(ladder, axis=0) < 0.0).all()


def test_without_a_rate_nothing_is_discounted(purchases: clv.Fit) -> None:
    free, discounted = (purchases.discounted_purchases(52, clv.yearly(rate)).mean for rate in (0.0, 0.1))
    np.testing.assert_array_equal(free, purchases.expected_purchases(52).mean)
    assert (discounted < free).all()
    assert (discounted > free / 1.1).all()


# 8. totality

GIVEN = st.tuples(*(powers(-6, 6) for _ in range(4)))


def numbers(row: Any, theta: tuple[float, ...], *columns: float) -> np.ndarray:
    with np.errstate(all="ignore"):
        return row(np.array([theta]), np.array([columns]))[:, 0, 0]


@settings(max_examples=300)
@given(theta=GIVEN, history=histories(), horizon=st.one_of(st.just(0.0), powers(-3, 5)), k=st.integers(0, 2_000))
@example(theta=(1e-6, 1e-6, 1e-6, 1e-6), history=(100_000.0, 0.0, 100_000.0), horizon=1e5, k=2_000)
@example(theta=(1e6, 1e-6, 1e6, 1e-6), history=(1.0, 0.0, 100_000.0), horizon=1e5, k=1)
@example(theta=(0.2, 4.4, 1.0, 1e-6), history=(1.0, 0.0, 0.0), horizon=0.0, k=0)
def test_purchases_are_total(theta: tuple[float, ...], history: tuple[float, ...], horizon: float, k: int) -> None:
    model = clv.BGNBD()
    x, t_x, T = history
    value = model.loglik(np.array([theta]), laid_out(model, history)).total()[0, 0]
    assert np.isfinite(value) or value == -inf
    for chance in (
        numbers(model.alive, theta, x, t_x, T)[0],
        numbers(model.survival, theta, x, 1.0, 1.0, T, horizon)[0],
        numbers(model.count, theta, x, T, float(k), horizon)[0],
    ):
        assert 0.0 <= chance <= 1.0 + 1e-9
    assert np.isfinite(numbers(model.intensity, theta, x, 1.0, 1.0, T, horizon)[0])


@settings(max_examples=60)
@given(
    theta=st.tuples(powers(-6, 6), powers(-6, 6), powers(-6, 6), powers(-2, 6)),
    history=histories(),
    horizon=powers(-3, 5),
    force=st.one_of(st.just(0.0), powers(-6, 0)),
)
def test_expectations_are_total(theta: tuple[float, ...], history: tuple[float, ...], horizon: float, force: float) -> None:
    fit = clv.BGNBD().at(**dict(zip(BG, theta, strict=True)), unit="year")
    customer = clv.Customers.from_arrays(*[[h] for h in history], unit="year")
    answer = fit.discounted_purchases(horizon, clv.yearly(np.expm1(force)), customer).mean[0]
    most = fit.probability_alive(customer).mean[0] * (theta[0] + history[0]) / (theta[1] + history[2]) * horizon
    assert 0.0 <= answer <= most * (1.0 + 1e-9)


@settings(max_examples=200)
@given(theta=st.tuples(*(powers(-6, 6) for _ in range(3))), history=st.one_of(st.just((0.0, 0.0)), spenders()))
def test_spend_is_total(theta: tuple[float, ...], history: tuple[float, ...]) -> None:
    model = clv.GammaGamma()
    value = model.loglik(np.array([theta]), laid_out(model, history)).total()[0, 0]
    assert np.isfinite(value) or value == -inf
    p, q, _ = theta
    mean = numbers(model.mean_spend, theta, *history)[0]
    assert mean >= 0.0 if p * history[0] + q > 1.0 else np.isnan(mean)


def test_no_time_at_all_is_no_trouble() -> None:
    customers = clv.Customers.from_arrays([0, 0, 1, 3], [0, 0, 5, 9], [0, 10, 10, 12], unit="week")
    fit = clv.BGNBD().at(**BG)
    assert fit.probability_alive(customers).mean[0] == 1.0
    assert fit.expected_purchases(0, customers).mean.tolist() == [0.0] * 4
    assert fit.purchase_count_pmf(0, 0, customers).mean.tolist() == [1.0] * 4
    assert fit.pointwise(customers)[0] == 0.0
    assert fit.predict_purchases(0, customers, seed=1).mean.tolist() == [0.0] * 4
