"""Scenarios and elasticities: nothing changed gains nothing, small changes are slopes, lives drawn anew gain as much."""

from __future__ import annotations

from functools import cache
from math import exp, inf, log
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_levers import bgcnbd, bgnbd, ggnbd, pareto

import clvmodels as clv
from clvmodels.economics import flows
from clvmodels.errors import CustomersError, QuestionError
from clvmodels.questions.answers import added_up

POINTS = {
    "BG/NBD": clv.BGNBD().at(r=0.9, alpha=6.0, a=0.8, b=2.5),
    "Pareto/NBD": clv.ParetoNBD().at(r=0.9, alpha=6.0, s=0.7, beta=9.0),
    "GG/NBD": clv.GGNBD().at(r=0.9, alpha=6.0, b=0.03, s=0.7, beta=2.5),
    "BG/CNBD-2": clv.BGCNBD(k=2).at(r=0.9, alpha=6.0, a=0.8, b=2.5),
}
SPENDING = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
COSTS = {"goods": clv.Cost(0.5, "turnover"), "post": clv.Cost(3.0, "order"), "mail": clv.Cost(20.0, "year")}
BUSINESS = clv.Economics(margin=0.9, costs=COSTS, acquisition=5.0)


def base() -> clv.Customers:
    told = {"frequency": [3, 0, 10, 1], "recency": [20.0, 0.0, 25.0, 2.0], "T": [26.0, 26.0, 26.0, 20.0]}
    log_gaps = [3 * log(20 / 3), 0.0, 10 * log(2.4), log(2.0)]
    spend = {"monetary_value": [22.0, 0.0, 74.0, 12.0], "first_value": [10.0, 35.0, 50.0, 12.0]}
    return clv.Customers.from_arrays(*told.values(), unit="week", ids=list("dbac"), litt=log_gaps, **spend)


SEGMENTS = pd.DataFrame(
    {"customer_id": list("abcd"), "channel": ["web", "web", "shop", "shop"], "uplift": [1.1, 1.2, 1.0, 1.3]}
)


def worth(name: str = "BG/NBD", **changed: object) -> clv.Valuation:
    asked = {"horizon": 52, "discount": clv.yearly(0.10), "economics": BUSINESS, "customers": base(), "seed": 1, **changed}
    return clv.value(POINTS[name], SPENDING, attributes=SEGMENTS, **asked)


@cache
def posterior() -> clv.Valuation:
    customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    fit = clv.fit(clv.BGNBD(), customers, clv.Laplace(200), seed=1)
    spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.Laplace(200), seed=1)
    table = pd.DataFrame({"customer_id": customers.ids.to_list(), "early": customers.T > 33})
    return clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), economics=BUSINESS, attributes=table, seed=1)


@pytest.mark.parametrize("name", POINTS)
def test_nothing_changed_gains_nothing_at_all(name: str) -> None:
    found = clv.potential(worth(name), clv.Scenario(1.0, 1.0, 1.0, 1.0, 1.0))
    assert (found.gain.mean == 0.0).all()
    assert (found.expected.mean == worth(name).expected.mean).all()


def test_nothing_changed_gains_nothing_in_any_draw() -> None:
    assert (clv.potential(posterior(), clv.Scenario()).gain.draws() == 0.0).all()


@pytest.mark.parametrize(
    ("name", "lives"), [("BG/NBD", bgnbd), ("Pareto/NBD", pareto), ("GG/NBD", ggnbd), ("BG/CNBD-2", bgcnbd)]
)
@pytest.mark.parametrize(("rho", "kappa"), [(1.1, 0.9), (1.0, 0.5)])
def test_gains_of_lives_drawn_anew(name: str, lives: object, rho: float, kappa: float) -> None:
    """200,000 lives of one customer, as they are and changed, who is alive: value a purchase, less costs of it and of time.

    The lives are those of `test_levers`: 60 weeks, at a force of discount of 0.01 a week.
    """
    found = worth(name, horizon=60.0, discount=clv.Rate(exp(0.01) - 1.0, "week"))
    change = clv.potential(found, clv.Scenario(purchase_rate=rho, dropout=kappa, spend=1.05, costs={"mail": 2.0}))
    spend = SPENDING.expected_spend(base().all_buyers()).mean[0]
    week = 20.0 * 7 / 365.25
    bought, lived = lives(np.random.default_rng(21), 1.0, 1.0)
    more, longer = lives(np.random.default_rng(22), rho, kappa)
    now = (0.4 * spend - 3.0) * bought - week * lived
    then = (0.4 * 1.05 * spend - 3.0) * more - 2.0 * week * longer
    alive = POINTS[name].probability_alive(base()).mean[0]
    error = alive * np.hypot(now.std(), then.std()) / np.sqrt(len(now))
    assert abs(change.gain.mean[0] - alive * (then.mean() - now.mean())) < 3.0 * error
    assert abs(found.expected.mean[0] - alive * now.mean()) < 3.0 * alive * now.std() / np.sqrt(len(now))


def test_potential_is_current_and_gain() -> None:
    found = clv.potential(posterior(), clv.Scenario(purchase_rate=1.1, dropout=0.9))
    np.testing.assert_allclose(found.expected.draws(), posterior().expected.draws() + found.gain.draws(), rtol=1e-9)
    table = found.total()
    assert table["gain"][0] == pytest.approx(found.gain.mean.sum(), rel=1e-9)
    assert table["low"][0] < table["gain"][0] < table["high"][0]
    assert table["each"][0] == pytest.approx(table["gain"][0] / 2357)


def test_segments_add_up_draw_by_draw() -> None:
    found = posterior()
    codes = found.attributes.groups("early").codes
    gain = clv.potential(found, clv.Scenario(spend=1.1)).gain
    for estimate in (found.expected, found.outcome, gain):
        np.testing.assert_allclose(estimate.by(codes).draws().sum(axis=1), estimate.draws().sum(axis=1), rtol=1e-10)
    table = clv.potential(found, clv.Scenario(spend=1.1)).total(by="early")
    assert table["customers"].sum() == 2357
    assert table["early"].to_list() == [False, True]


def test_a_change_for_a_segment_alone() -> None:
    """Each customer's uplift is that of a scenario for everybody."""
    mixed = clv.potential(worth(), clv.Scenario(purchase_rate="uplift")).gain.mean
    for place, uplift in enumerate((1.3, 1.2, 1.1, 1.0)):  # d, b, a, c
        alone = clv.potential(worth(), clv.Scenario(purchase_rate=uplift)).gain.mean[place]
        assert mixed[place] == pytest.approx(alone, rel=1e-12)
    web = clv.potential(worth(), clv.Scenario(dropout=clv.By("channel", {"web": 0.5, "shop": 1.0}))).gain.mean
    assert (web[[0, 3]] == 0.0).all()
    assert (web[[1, 2]] > 0.0).all()


@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("horizon", [52.0, inf])
def test_an_elasticity_is_the_derivative_of_a_scenario(name: str, horizon: float) -> None:
    found = worth(name, horizon=horizon)
    told = clv.elasticities(found).frame().set_index("lever")
    value = found.expected.mean.sum()
    changes = {
        "purchase rate": lambda by: clv.Scenario(purchase_rate=by),
        "dropout": lambda by: clv.Scenario(dropout=by),
        "spend": lambda by: clv.Scenario(spend=by),
        "margin": lambda by: clv.Scenario(margin=by),
        "post": lambda by: clv.Scenario(costs={"post": by}),
        "mail": lambda by: clv.Scenario(costs={"mail": by}),
        "goods": lambda by: clv.Scenario(costs={"goods": by}),
    }
    for lever, change in changes.items():
        # the slope at 1 by Richardson's extrapolation of differences on the one side that every model has
        ends = [(clv.potential(found, change(exp(-h))).gain.mean.sum()) / -h for h in (0.004, 0.002, 0.001)]
        second = [2 * ends[1] - ends[0], 2 * ends[2] - ends[1]]
        slope = (4 * second[1] - second[0]) / 3
        assert told["elasticity"][lever] * value == pytest.approx(slope, rel=3e-6, abs=3e-6 * value)
    assert told["elasticity"]["acquisition"] * value == pytest.approx(-20.0, rel=1e-12)
    rates = [worth(name, horizon=horizon, discount=clv.yearly(0.10 * by)).expected.mean.sum() for by in (1.01, 0.99)]
    assert told["elasticity"]["discount rate"] * value == pytest.approx((rates[0] - rates[1]) / 0.02, rel=2e-3)


def test_what_a_scenario_does_not_bend_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(formula: Any, *told: Any) -> Any:
        asked.append(formula.name)
        return added_up(formula, *told)

    monkeypatch.setattr(flows, "added_up", counting)
    found = worth()
    assert found.expected.mean.shape == (4,)
    assert sorted(asked) == ["intensity", "survival"]
    clv.potential(found, clv.Scenario(spend=1.1, margin=0.9, costs={"post": 2.0})).gain.sum()
    assert len(asked) == 2
    clv.potential(found, clv.Scenario(purchase_rate=1.1)).gain.sum()
    assert len(asked) == 4


def test_elasticities_go_through_as_many_draws_as_they_are_told() -> None:
    found = clv.elasticities(posterior(), draws=50)
    assert found.slopes.draws().shape[0] == 50
    every = clv.elasticities(posterior())
    assert every.slopes.draws().shape[0] == 200
    np.testing.assert_allclose(found.frame()["elasticity"], every.frame()["elasticity"], rtol=0.05)


def test_elasticities_have_intervals_and_a_picture() -> None:
    found = clv.elasticities(posterior())
    told = found.frame()
    assert (told["low"] <= told["elasticity"] + 1e-12).all()
    assert (told["elasticity"] <= told["high"] + 1e-12).all()
    assert (told["elasticity"].abs().diff().dropna() <= 0.0).all()
    ax = found.plot()
    assert [label.get_text() for label in ax.get_yticklabels()] == told["lever"].to_list()
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], told["elasticity"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"purchase_rate": -0.1}, r"multiply by -0\.1.*1\.10 for 10 % more"),
        ({"spend": float("nan")}, "multiply by nan"),
        ({"costs": {"post": -1.0}}, r"multiply by -1\.0"),
    ],
)
def test_multipliers_that_cannot_be(change: dict, message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        clv.Scenario(**change)


def test_changes_that_cannot_be() -> None:
    with pytest.raises(QuestionError, match=r"no costs \(rent\).*\(goods, post, mail\)"):
        clv.potential(worth(), clv.Scenario(costs={"rent": 2.0}))
    with pytest.raises(CustomersError, match=r"4 customers would have a margin above 1 \(d, b, a, c\)"):
        clv.potential(worth(), clv.Scenario(margin=3.0))
    with pytest.raises(QuestionError, match=r"BG/CNBD-2 can't multiply dropout by 1\.2.*at most 1"):
        clv.potential(worth("BG/CNBD-2"), clv.Scenario(dropout=1.2))
    with pytest.raises(CustomersError, match=r"unknown channel, \(web\).*\(b, a\).*\(shop\)"):
        clv.potential(worth(), clv.Scenario(spend=clv.By("channel", {"shop": 1.1})))
