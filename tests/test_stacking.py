"""Stacks: weights against scipy's optimum, and answers that are mixtures of the members' own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

import clvmodels as clv
from clvmodels.errors import QuestionError
from clvmodels.sources import blocks
from clvmodels.stacking import weights_of


@pytest.fixture(scope="module")
def fits(cdnow: clv.Customers) -> list[clv.Fit]:
    return [clv.fit(model, cdnow, clv.Laplace(draws=1000), seed=1) for model in (clv.BGNBD(), clv.MBGNBD(), clv.NBD())]


@pytest.fixture(scope="module")
def stack(fits: list[clv.Fit]) -> clv.Stack:
    return clv.Stack(tuple(fits), (0.5, 0.25, 0.25))


def test_weights_are_those_of_the_best_mixture() -> None:
    rng = np.random.default_rng(1)
    table = rng.normal(-1.0, 0.7, (400, 3)) + np.array([0.0, 0.1, 0.05])

    def loss(free: np.ndarray) -> float:
        weights = np.exp(np.append(free, 0.0))
        return -float(np.log(np.exp(table) @ (weights / weights.sum())).mean())

    best = np.exp(np.append(minimize(loss, np.zeros(2), tol=1e-12).x, 0.0))
    found = weights_of({str(k): table[:, k] for k in range(3)})
    assert list(found.values()) == pytest.approx(best / best.sum(), abs=1e-4)


def test_the_mean_is_the_weighted_mean_of_the_members(stack: clv.Stack, fits: list[clv.Fit]) -> None:
    """But for what thinning of a posterior costs: a few standard errors."""
    for question in ("expected_purchases", "probability_no_purchase"):
        members = [getattr(fit, question)(39) for fit in fits]
        told = sum(weight * each.mean for weight, each in zip(stack.weights, members, strict=True))
        error = [
            each.draws().std(axis=0) / np.sqrt(len(fit.draws)) for each, fit in zip(members, stack.members, strict=True)
        ]
        assert (np.abs(getattr(stack, question)(39).mean - told) < 5.0 * np.dot(stack.weights, error) + 1e-9).all()


def test_draws_are_the_members_own_side_by_side(stack: clv.Stack) -> None:
    members = [fit.expected_purchases(39).draws() for fit in stack.members]
    np.testing.assert_array_equal(stack.expected_purchases(39).draws(), np.concatenate(members))
    assert [len(fit.draws) for fit in stack.members] == [500, 250, 250]


def test_outcomes_are_the_members_own_customer_by_customer(stack: clv.Stack, cdnow: clv.Customers) -> None:
    found = stack.predict_purchases(39, seed=5)
    members = [fit.predict_purchases(39, seed=5 + k, draws=len(fit.draws)) for k, fit in enumerate(stack.members)]
    for rows in blocks(*found.source.shape):
        own = np.hstack([one.source.block(rows) for one in members])
        np.testing.assert_array_equal(found.source.block(rows), own)
    assert all((one.index == found.index).all() for one in members)
    assert found.meaning == "outcome"
    some = cdnow.some(np.array([7, 3, 900]))
    assert len(stack.predict_purchases(39, some, seed=5)) == 3


def test_a_stack_is_valued_like_a_fit(stack: clv.Stack, fits: list[clv.Fit], spend: clv.Fit) -> None:
    terms = {"horizon": 39, "discount": clv.yearly(0.1), "seed": 1}
    worth = clv.value(stack, spend, **terms)
    alone = [clv.value(fit, spend, **terms).expected.sum().mean[0] for fit in fits]
    assert worth.expected.sum().mean[0] == pytest.approx(np.dot(stack.weights, alone), rel=0.01)
    low, high = worth.outcome.sum().interval(0.9)[0]
    assert low < worth.expected.sum().mean[0] < high
    assert worth.frame().shape == (2357, 9)
    assert any("one-time buyers" in note or "BG/NBD" in note for note in worth.notes)


def test_weights_come_from_customers_left_out_or_from_a_backtest(fits: list[clv.Fit], done: clv.Backtest) -> None:
    by_loo = clv.Stack.of(fits)
    assert sum(by_loo.weights) == pytest.approx(1.0)
    assert by_loo.weights[2] < 0.2
    by_backtest = clv.Stack.of([fits[0], fits[2]], clv.compare(done))
    assert repr(by_backtest).startswith("Stack(BG/NBD 0.")
    assert by_backtest.parameters()["weight"].sum() == pytest.approx(1.0)
    with pytest.raises(QuestionError, match="has log scores of"):
        clv.Stack.of(fits, clv.compare(done))


def test_a_stack_wants_posteriors_of_different_models(cdnow: clv.Customers, fits: list[clv.Fit]) -> None:
    for some in ([fits[0], fits[0]], [clv.fit(clv.NBD(), cdnow, clv.MLE())], []):
        with pytest.raises(QuestionError, match="A stack takes posteriors of different models"):
            clv.Stack.of(some)


def test_a_stack_is_judged_beside_its_members() -> None:
    models = (clv.BGNBD(), clv.NBD())
    log, method = clv.datasets.cdnow(sample=True), clv.Laplace(draws=300)
    judged = clv.backtest(
        log, [*models, clv.Stacking(models, method, 300)], ["1997-09-30"], 39, method=method, draws=300, seed=1
    )
    table = clv.compare(judged).frame()
    assert table.loc["stack", "log_score"] == pytest.approx(table.loc["BG/NBD", "log_score"], abs=0.01)
    assert table.loc["stack", ["rmse", "crps", "brier", "auc_alive"]].notna().all()
