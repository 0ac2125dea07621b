"""The laws that every model keeps: slopes, units, scores, order, weights; and that nothing changes afterwards."""

from __future__ import annotations

import itertools
from dataclasses import FrozenInstanceError
from math import log, log1p
from typing import Any

import mpmath as mp
import numpy as np
import oracles
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import BG, GG, histories, laid_out, points, powers, spenders

import clvmodels as clv
from clvmodels.histories import Histories
from clvmodels.objective import Objective

MODELS = {"BG/NBD": (clv.BGNBD(), oracles.bgnbd_loglik), "Gamma-Gamma": (clv.GammaGamma(), oracles.gammagamma_loglik)}


# 1. the gradient is the slope


def slope(oracle: Any, theta: tuple[float, ...], history: tuple[float, ...], j: int) -> tuple[float, float]:
    """The slope of an oracle in 50 digits, and the size of the terms that it is a sum of."""

    def along(value: mp.mpf) -> mp.mpf:
        with mp.workdps(2 * oracles.DIGITS):
            return oracle((*theta[:j], value, *theta[j + 1 :]), history)

    step = mp.mpf(10) ** -20 * theta[j]
    here = mp.mpf(theta[j])
    with mp.workdps(3 * oracles.DIGITS):
        return float((along(here + step) - along(here - step)) / (2 * step)), (1.0 + history[0]) * (1.0 + 1.0 / theta[j])


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=25)
@given(data=st.data())
def test_the_gradient_is_the_slope(name: str, data: st.DataObject) -> None:
    model, oracle = MODELS[name]
    theta = data.draw(points(model, -1.5, 1.5))
    history = data.draw(histories(most=300, longest=3.0) if name == "BG/NBD" else spenders())
    found = model.loglik(np.array([theta]), laid_out(model, history)).total()[1:, 0]
    for j in range(len(theta)):
        exact, size = slope(oracle, theta, history, j)
        assert abs(found[j] - exact) < 1e-13 * size * (10.0 + abs(log(theta[j])) + log1p(history[-1])) + 1e-12 * abs(exact)


# 2. a change of unit changes no prediction


def told_in(customers: clv.Customers, unit: str, times: float, money: float = 1.0) -> clv.Customers:
    return clv.Customers.from_arrays(
        customers.frequency,
        times * customers.recency,
        times * customers.T,
        unit=unit,
        monetary_value=money * customers.monetary_value,
        first_value=money * customers.first_value,
    )


METHODS = [clv.MLE(), clv.MAP(), clv.Laplace(draws=256)]
TIMES = [("day", 7.0), ("year", 7 / 365.25), ("hour", 168.0)]


@pytest.mark.parametrize("method", METHODS, ids=repr)
@pytest.mark.parametrize(("unit", "factor"), TIMES)
def test_a_unit_of_time_changes_no_prediction(method: Any, unit: str, factor: float, cdnow: clv.Customers) -> None:
    weeks = clv.fit(clv.BGNBD(), cdnow, method, seed=4)
    others = clv.fit(clv.BGNBD(), told_in(cdnow, unit, factor), method, seed=4)
    np.testing.assert_allclose(others.draws, weeks.draws * [1.0, factor, 1.0, 1.0], rtol=1e-6)
    shift = cdnow.frequency.sum() * log(factor)
    assert others.log_likelihood == pytest.approx(weeks.log_likelihood - shift, rel=1e-11)
    np.testing.assert_allclose(others.probability_alive().mean, weeks.probability_alive().mean, rtol=1e-6)
    rate = clv.yearly(0.10)
    pairs = [
        (fit.discounted_purchases(52 * by, rate), fit.expected_purchases(39 * by))
        for fit, by in ((weeks, 1.0), (others, factor))
    ]
    for mine, theirs in zip(*pairs, strict=True):
        np.testing.assert_allclose(theirs.mean, mine.mean, rtol=1e-6)
        np.testing.assert_allclose(theirs.interval(), mine.interval(), rtol=1e-6, equal_nan=True)


@pytest.mark.parametrize("method", METHODS, ids=repr)
def test_a_unit_of_money_changes_no_prediction(method: Any, cdnow: clv.Customers) -> None:
    dollars = clv.fit(clv.GammaGamma(), cdnow.all_buyers(), method, seed=4)
    cents = clv.fit(clv.GammaGamma(), told_in(cdnow, "week", 1.0, 100.0).all_buyers(), method, seed=4)
    np.testing.assert_allclose(cents.draws, dollars.draws * [1.0, 1.0, 100.0], rtol=1e-6)
    np.testing.assert_allclose(cents.expected_spend().mean, 100.0 * dollars.expected_spend().mean, rtol=1e-6)
    assert cents.log_likelihood == pytest.approx(dollars.log_likelihood - len(cdnow.all_buyers()) * log(100.0), rel=1e-11)


@given(theta=points(clv.BGNBD(), -2, 2), history=histories(most=1000, longest=3.0), factor=powers(-3, 3))
def test_times_scale_at_any_parameters(theta: tuple[float, ...], history: tuple[float, ...], factor: float) -> None:
    (r, alpha, a, b), (x, t_x, T) = theta, history
    model = clv.BGNBD()
    here = model.loglik(np.array([theta]), laid_out(model, history)).total()[0, 0]
    there = model.loglik(np.array([(r, alpha * factor, a, b)]), laid_out(model, (x, t_x * factor, T * factor))).total()[0, 0]
    assert there == pytest.approx(here - x * log(factor), rel=1e-11, abs=1e-11 * (1.0 + x))


# 3. the score has mean zero, and its variance is minus the Hessian


def z_scores(values: np.ndarray) -> np.ndarray:
    """How many standard errors from 0 the means of columns are."""
    return values.mean(axis=0) / (values.std(axis=0, ddof=1) / np.sqrt(len(values)))


@pytest.fixture(scope="module")
def simulated() -> clv.Customers:
    watched = np.random.default_rng(8).integers(10, 80, 20_000).astype(float)
    return clv.BGNBD().at(**BG).simulate(20_000, watched, seed=7, spend=clv.GammaGamma().at(**GG))


@pytest.mark.parametrize("name", MODELS)
def test_the_information_identity(name: str, simulated: clv.Customers) -> None:
    model, theta = (
        (clv.BGNBD(), np.array(list(BG.values()))) if name == "BG/NBD" else (clv.GammaGamma(), np.array(list(GG.values())))
    )
    letters = simulated.letters() if name == "BG/NBD" else simulated.all_buyers().letters()
    seen = Histories.of(letters)
    step = 1e-5 * theta
    around = np.concatenate([theta + np.diag(step), theta - np.diag(step), theta[None]])
    slopes = model.loglik(around, seen).each()[1:, :, seen.index]
    p = len(theta)
    hessian = (slopes[:, :p] - slopes[:, p : 2 * p]) / (2.0 * step[:, None])
    score = slopes[:, -1]
    assert np.abs(z_scores(score.T)).max() < 4.0
    identity = score[:, None] * score[None] + hessian
    assert np.abs(z_scores(identity.reshape(p * p, -1).T)).max() < 4.0


# 5. draws and customers broadcast; order is irrelevant


def questions(fit: clv.Fit, customers: clv.Customers) -> dict[str, clv.Estimate]:
    rate = clv.yearly(0.10)
    return {
        "alive": fit.probability_alive(customers),
        "alive later": fit.probability_alive(customers, ahead=10.0),
        "purchases": fit.expected_purchases(39, customers),
        "discounted": fit.discounted_purchases(200, rate, customers),
        "none": fit.purchase_count_pmf(0, 39, customers),
        "three": fit.purchase_count_pmf(3, 39, customers),
    }


def chosen(customers: clv.Customers, rows: Any) -> clv.Customers:
    return clv.Customers.from_arrays(
        customers.frequency[rows],
        customers.recency[rows],
        customers.T[rows],
        unit="week",
        ids=customers.ids[rows],
        monetary_value=customers.monetary_value[rows],
        first_value=customers.first_value[rows],
    )


def test_a_customer_alone_is_the_same_as_among_others(purchases: clv.Fit, spend: clv.Fit, cdnow: clv.Customers) -> None:
    together = questions(purchases, cdnow) | {"spend": spend.expected_spend(cdnow)}
    for i in (0, 7, 800, 2356):
        alone = chosen(cdnow, [i])
        answers = questions(purchases, alone) | {"spend": spend.expected_spend(alone)}
        for name, answer in answers.items():
            np.testing.assert_allclose(answer.mean, together[name].mean[[i]], rtol=1e-11, err_msg=name)
            np.testing.assert_allclose(answer.interval(), together[name].interval()[[i]], rtol=1e-11, err_msg=name)


def test_order_is_irrelevant(cdnow: clv.Customers, bgnbd: clv.Fit, purchases: clv.Fit) -> None:
    rows = np.random.default_rng(0).permutation(len(cdnow))
    shuffled = chosen(cdnow, rows)
    again = clv.fit(clv.BGNBD(), shuffled, clv.MLE())
    np.testing.assert_array_equal(again.mode, bgnbd.mode)
    answer = purchases.expected_purchases(39, shuffled)
    np.testing.assert_array_equal(answer.mean, purchases.expected_purchases(39, cdnow).mean[rows])
    assert answer.frame()["customer_id"].tolist() == shuffled.ids.to_list()


def test_a_draw_is_the_point_that_it_is(purchases: clv.Fit, cdnow: clv.Customers) -> None:
    some = chosen(cdnow, slice(0, 40))
    draws = {name: estimate.draws() for name, estimate in questions(purchases, some).items()}
    for d in (0, 311, 999):
        point = clv.BGNBD().at(**dict(zip(BG, purchases.draws[d], strict=True)))
        for name, estimate in questions(point, some).items():
            np.testing.assert_allclose(draws[name][d], estimate.mean, rtol=1e-10, err_msg=name)


# 6. a weight of k is k copies


@pytest.mark.parametrize("name", MODELS)
def test_a_weight_is_so_many_copies(name: str) -> None:
    model, _ = MODELS[name]
    rows = (
        [(2.0, 30.0, 38.0), (0.0, 0.0, 20.0), (7.0, 11.0, 30.0)]
        if name == "BG/NBD"
        else [(1.0, 20.0), (4.0, 7.0), (0.0, 0.0)]
    )
    columns = dict(zip(model.history, np.array(rows).T, strict=True))
    weights = np.array([3.0, 1.0, 2.0])
    copied = {letter: np.repeat(column, weights.astype(int)) for letter, column in columns.items()}
    theta = np.array([[0.7, 4.0, 0.9, 2.0], [2.0, 1.5, 1.0, 0.4]])[:, : len(model.parameters())]
    weighed = model.loglik(theta, Histories.of(columns, weights)).total()
    np.testing.assert_allclose(weighed, model.loglik(theta, Histories.of(copied)).total(), rtol=1e-13)


def test_everybody_twice_is_the_same_but_surer(cdnow: clv.Customers, bgnbd: clv.Fit) -> None:
    rows = np.tile(np.arange(len(cdnow)), 2)
    twice = clv.Customers.from_arrays(cdnow.frequency[rows], cdnow.recency[rows], cdnow.T[rows], unit="week")
    fit = clv.fit(clv.BGNBD(), twice, clv.MLE())
    np.testing.assert_allclose(fit.mode, bgnbd.mode, rtol=1e-8)
    np.testing.assert_allclose(fit.parameters()["sd"], bgnbd.parameters()["sd"] / np.sqrt(2.0), rtol=1e-6)
    assert fit.log_likelihood == pytest.approx(2.0 * bgnbd.log_likelihood, rel=1e-13)


# 12. frozen


@pytest.mark.parametrize(
    ("thing", "field"), list(itertools.product(("fit", "model", "method", "customers", "estimate"), ("unit", "new")))
)
def test_frozen(thing: str, field: str, bgnbd: clv.Fit) -> None:
    things = {
        "fit": bgnbd,
        "model": bgnbd.model,
        "method": clv.Laplace(),
        "customers": bgnbd.customers,
        "estimate": bgnbd.probability_alive(),
    }
    with pytest.raises(FrozenInstanceError):
        setattr(things[thing], field, "day")


def test_the_objective_is_what_it_says(cdnow: clv.Customers) -> None:
    """Likelihood, plus lognormal beliefs of the scaled parameters, plus the logarithm of the change of variables."""
    objective = Objective(clv.BGNBD(), Histories.of(cdnow.letters()), believes=True)
    u = np.random.default_rng(0).normal(0.0, 1.0, (5, 4))
    scale = np.array([1.0, cdnow.T.mean(), 1.0, 1.0])
    belief = -0.5 * (u / 2.0) ** 2 - log(2.0) - 0.5 * log(2.0 * np.pi)
    value, gradient = objective(u)
    for i in range(5):
        point = clv.BGNBD().at(**dict(zip(BG, np.exp(u[i]) * scale, strict=True)))
        assert value[i] == pytest.approx(point.pointwise(cdnow).sum() + belief[i].sum(), rel=1e-12)
    step = 1e-6
    for j in range(4):
        up, down = (objective(u + sign * step * np.eye(4)[j])[0] for sign in (1.0, -1.0))
        np.testing.assert_allclose(gradient[:, j], (up - down) / (2.0 * step), rtol=1e-5, atol=1e-2)
