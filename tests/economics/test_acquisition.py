"""Newcomers, paybacks, referrals and customer equity: by hand, and against newcomers drawn life by life."""

from __future__ import annotations

from functools import cache
from math import expm1, inf, log

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.errors import QuestionError

NUMBER, FORCE, HORIZON = 200_000, 0.01, 60.0
WEEKLY = clv.Rate(expm1(FORCE), "week")
SPENDING = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
MARGIN, POST, MAIL, WON = 0.5, 2.0, 0.1, 18.0
BUSINESS = clv.Economics(
    margin=MARGIN, costs={"post": clv.Cost(POST, "order"), "mail": clv.Cost(MAIL, "week")}, acquisition=WON
)
POINTS = {
    "MBG/NBD": clv.MBGNBD().at(r=0.9, alpha=6.0, a=0.8, b=2.5),
    "Pareto/NBD": clv.ParetoNBD().at(r=0.9, alpha=6.0, s=0.7, beta=9.0),
}


def base() -> clv.Customers:
    spend = {"monetary_value": [22.0, 0.0, 74.0], "first_value": [10.0, 35.0, 50.0]}
    return clv.Customers.from_arrays(
        [3, 0, 10], [20.0, 0.0, 25.0], [26.0] * 3, unit="week", ids=["bob", "cid", "ann"], **spend
    )


def worth(name: str, **changed: object) -> clv.Valuation:
    asked = {"horizon": HORIZON, "discount": WEEKLY, "economics": BUSINESS, "customers": base(), "seed": 1, **changed}
    return clv.value(POINTS[name], SPENDING, **asked)


@cache
def lives(name: str) -> tuple[np.ndarray, np.ndarray]:
    """What newcomers leave within the horizon, and when they have left what they cost, by the stories of the papers."""
    rng = np.random.default_rng(5)
    rate, basket = rng.gamma(0.9, 1 / 6.0, NUMBER), rng.gamma(3.74, 1 / 15.44, NUMBER)
    mbg = name == "MBG/NBD"
    leave = rng.beta(0.8, 2.5, NUMBER) if mbg else np.zeros(NUMBER)
    stay = np.full(NUMBER, inf) if mbg else rng.exponential(size=NUMBER) / rng.gamma(0.7, 1 / 9.0, NUMBER)
    ends = np.where(rng.random(NUMBER) < leave, 0.0, np.minimum(stay, HORIZON))
    left = MARGIN * rng.gamma(6.25, 1 / basket) - POST
    back = np.where(left >= WON, 0.0, inf)
    now, bought = np.zeros(NUMBER), left.copy()
    while True:
        now = now + rng.exponential(size=NUMBER) / rate
        buys = now <= ends
        if not buys.any():
            break
        bought += buys * np.exp(-FORCE * np.where(buys, now, 0.0)) * (MARGIN * rng.gamma(6.25, 1 / basket) - POST)
        so_far = bought - MAIL * -np.expm1(-FORCE * now) / FORCE
        back = np.where(buys & np.isinf(back) & (so_far >= WON), now, back)
        goes = buys & (rng.random(NUMBER) < leave)
        ends, now = np.where(goes, now, ends), np.where(goes, inf, now)
    return bought - MAIL * -np.expm1(-FORCE * ends) / FORCE, back


@pytest.mark.parametrize("name", POINTS)
def test_newcomers_are_worth_what_drawn_ones_leave(name: str) -> None:
    left, back = lives(name)
    table = clv.newcomers(worth(name)).frame()
    assert abs(table["value"][0] - left.mean()) < 3.0 * left.std() / NUMBER**0.5
    assert table["net"][0] == pytest.approx(table["value"][0] - WON)
    assert table["ltv_cac"][0] == pytest.approx(table["value"][0] / WON)
    payback = clv.newcomers(worth(name, draws=4000)).segments[0].payback
    n = len(payback.times)
    for time in (0.0, 5.0, 20.0, HORIZON):
        share = (back <= time).mean()
        assert abs(payback.within(time) - share) < 3.0 * (share * (1 - share) * (1 / NUMBER + 1 / n)) ** 0.5
    assert payback.quantile(0.25) == np.sort(payback.times)[n // 4 - 1]
    assert payback.quantile(1.0) == inf


def test_break_even_by_hand() -> None:
    """One who never leaves and buys every tenth of a week on average earns 10 x 1.5 a week: 30 are back after two weeks."""
    fit = clv.NBD().at(r=1e7, alpha=1e6)
    spend = clv.GammaGamma().at(p=4.0, q=1e7, v=1e7)
    business = clv.Economics(margin=0.5, costs={"post": clv.Cost(0.5, "order")}, acquisition=31.5)
    nothing = clv.yearly(0.0)
    found = clv.value(fit, spend, horizon=52, discount=nothing, economics=business, customers=base(), seed=1)
    segment = clv.newcomers(found).segments[0]
    assert segment.break_even == pytest.approx(2.0, rel=1e-6)
    assert segment.payback.quantile(0.5) == pytest.approx(2.0, abs=0.15)
    dear = clv.value(fit, spend, horizon=1, discount=nothing, economics=business, customers=base(), seed=1)
    assert clv.newcomers(dear).segments[0].break_even == inf


def test_segments_learn_from_their_own_customers() -> None:
    customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    kind = np.where(customers.T > 33, "early", "late")
    table = pd.DataFrame({"customer_id": customers.ids.to_list(), "kind": kind})
    fit, spend = clv.fit(clv.BGNBD(), customers, seed=1), clv.fit(clv.GammaGamma(), customers.all_buyers(), seed=1)
    business = clv.Economics(margin=0.5, acquisition=clv.By("kind", {"early": 5.0, "late": 20.0}))
    found = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), economics=business, attributes=table, seed=1)
    told = clv.newcomers(found, by="kind", seed=1).frame()
    assert told["kind"].to_list() == ["early", "late"]
    assert told["customers"].sum() == 2357
    np.testing.assert_array_equal(told["acquisition"], [5.0, 20.0])
    late = customers.some(np.flatnonzero(customers.T <= 33))
    alone = clv.value(
        clv.fit(clv.BGNBD(), late, seed=1),
        clv.fit(clv.GammaGamma(), late.all_buyers(), seed=1),
        horizon=52,
        discount=clv.yearly(0.1),
        economics=clv.Economics(margin=0.5),
    )
    assert told["value"][1] == pytest.approx(clv.newcomer_value(alone).mean[0], rel=1e-12)
    assert (told["low"] < told["value"]).all()
    assert (told["value"] < told["high"]).all()


def test_referrals_are_newcomers_of_each_purchase() -> None:
    loved = clv.Economics(margin=0.5, referral=0.2, acquisition=7.0)
    found = worth("MBG/NBD", economics=loved)
    bought = POINTS["MBG/NBD"].discounted_purchases(HORIZON, WEEKLY, base()).mean
    stranger = clv.Customers.from_arrays([0], [0], [0], unit="week", monetary_value=[0], first_value=[0])
    newcomer = 0.5 * SPENDING.expected_spend(stranger).mean
    ahead = POINTS["MBG/NBD"].discounted_purchases(HORIZON, WEEKLY, POINTS["MBG/NBD"].newcomer()).mean[0]
    np.testing.assert_allclose(clv.referral_value(found).mean, 0.2 * bought * newcomer * (1 + ahead), rtol=1e-12)
    assert clv.referral_value(found).mean.sum() > 0.0
    np.testing.assert_array_equal(found.expected.mean, worth("MBG/NBD", economics=clv.Economics(margin=0.5)).expected.mean)


@pytest.mark.parametrize("name", POINTS)
def test_equity_is_today_and_newcomers_drawn_life_by_life(name: str) -> None:
    left, _ = lives(name)
    rng = np.random.default_rng(6)
    coming = [300.0, 500.0]
    found = clv.equity(worth(name, draws=2000), coming, every=13.0)
    table = found.frame()
    worlds = 4000
    total = np.zeros(worlds)
    for k, number in enumerate(coming):
        lived = rng.choice(left, (worlds, int(number))) - WON
        total += (lived * np.exp(-FORCE * 13.0 * (k + rng.random(lived.shape)))).sum(axis=1)
    error = total.std() / worlds**0.5
    assert abs(table["mean"]["cohorts to come"] - total.mean()) < 3.0 * error + 3.0 * left.std() / NUMBER**0.5 * sum(coming)
    drawn = found.to_come.draws()[:, 0]
    assert abs(drawn.mean() - total.mean()) < 3.0 * np.hypot(error, drawn.std() / len(drawn) ** 0.5)
    assert drawn.std() == pytest.approx(total.std(), rel=0.08)
    assert table["mean"]["customer equity"] == pytest.approx(table["mean"].iloc[:2].sum())


def test_equity_by_hand() -> None:
    """Newcomers who buy once for 10 and never again; 100 come in each of two years at 10 %."""
    fit, spend = clv.NBD().at(r=1e-9, alpha=1e9, unit="year"), clv.GammaGamma().at(p=10.0, q=1e9, v=1e9, unit="year")
    customers = clv.Customers.from_arrays([0], [0], [1], unit="year", monetary_value=[0], first_value=[10])
    business = clv.Economics(acquisition=4.0)
    found = clv.value(fit, spend, horizon=1, discount=clv.yearly(0.1), economics=business, customers=customers, seed=1)
    arrival = (1 - 1 / 1.1) / log(1.1)
    np.testing.assert_allclose(
        clv.equity(found, [100, 100], 1.0).cohorts.mean, [600 * arrival, 600 * arrival / 1.1], rtol=1e-6
    )
    grown = clv.equity(found, clv.Growth(100, clv.yearly(0.1), 3), 1.0)
    np.testing.assert_allclose(grown.cohorts.mean, 3 * [600 * arrival], rtol=1e-6)
    assert grown.newcomers == (100.0, 110.0, 121.0)


@pytest.mark.parametrize(
    ("coming", "every"), [([], 13.0), ([-1.0], 13.0), ([float("nan")], 13.0), ([5.0], 0.0), ([5.0], inf)]
)
def test_equity_that_cannot_be(coming: list, every: float) -> None:
    with pytest.raises(QuestionError, match="can't be"):
        clv.equity(worth("MBG/NBD"), coming, every)


def test_who_costs_more_than_she_brings() -> None:
    mail = clv.Economics(margin=0.2, costs={"mail": clv.Cost(1.0, "week")})
    found = worth("Pareto/NBD", economics=mail)
    table = clv.losses(found)
    expected = pd.Series(found.expected.mean, ["bob", "cid", "ann"])
    assert table["customer_id"].to_list() == expected[expected < 0].sort_values().index.to_list()
    assert len(table) > 0


def test_who_is_at_risk() -> None:
    """Dan and eve are alike, but dan has been silent for 19 weeks; fay was never worth much."""
    columns = {"monetary_value": [30.0, 30.0, 0.0], "first_value": [30.0, 30.0, 1.0]}
    customers = clv.Customers.from_arrays(
        [9, 9, 0], [20.0, 38.0, 0.0], [39.0] * 3, unit="week", ids=["dan", "eve", "fay"], **columns
    )
    fit = POINTS["Pareto/NBD"]
    found = clv.value(fit, SPENDING, horizon=52, discount=clv.yearly(0.1), customers=customers)
    table = clv.at_risk(found, since=13.0, top=0.6, fall=0.2)
    assert table["customer_id"].to_list() == ["dan"]
    then = clv.Customers.from_arrays([9], [20.0], [26.0], unit="week")
    row = table.iloc[0]
    assert row["before"] == pytest.approx(fit.probability_alive(then).mean[0])
    assert row["probability_alive"] == pytest.approx(fit.probability_alive(customers).mean[0])
    assert row["at_stake"] == pytest.approx(row["clv"] * (1 / row["probability_alive"] - 1))
    with pytest.raises(QuestionError, match="Nobody has been silent for 100 weeks"):
        clv.at_risk(found, since=100.0)


def test_a_newcomer_pays_back_at_once_who_costs_nothing() -> None:
    free = clv.newcomers(worth("MBG/NBD", economics=clv.Economics(margin=MARGIN))).frame()
    assert free["paid_back"][0] == 1.0
    assert free["payback"][0] == 0.0
    assert free["break_even"][0] == 0.0
    assert free["ltv_cac"][0] == inf
