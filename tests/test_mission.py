"""What the software is for: fifteen questions of a business, each one line on a real log, and worked by hand beside it.

By hand is Ann, who can be checked by eye: she buys once a week on average and never leaves, for 10 on average; in the ten
weeks seen so far she has made ten purchases. On real logs, what a line says is worked out again from plainer answers.
"""

from __future__ import annotations

from functools import cache
from math import exp, inf, log

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv

YEAR, MONTH = 365.25 / 7, 365.25 / 7 / 12
TENTH, NOTHING = clv.yearly(0.10), clv.yearly(0.0)
EVEN = clv.NBD().at(r=1e9, alpha=1e9)
TENNERS = clv.GammaGamma().at(p=10.0, q=1e9 + 1.0, v=1e9)
LINES = {
    "goods": clv.Cost(0.30, "turnover"),
    "promotions": clv.Cost(0.05, "turnover"),
    "handling and logistics": clv.Cost(1.0, "order"),
    "service": clv.Cost(0.5, "order"),
    "sales force": clv.Cost(26.0, "year"),
    "advertising": clv.Cost(1.0, "month"),
}
BUSINESS = clv.Economics(costs=LINES, acquisition=12.0, referral=0.02)


def ann(horizon: float = 52.0, discount: clv.Rate = NOTHING, **economics: object) -> clv.Valuation:
    base = clv.Customers.from_arrays([9], [9.0], [10.0], unit="week", ids=["ann"], monetary_value=[10.0], first_value=[10.0])
    asked = {"economics": clv.Economics(**economics), "customers": base, "seed": 1}
    return clv.value(EVEN, TENNERS, horizon=horizon, discount=discount, **asked)


def hers(horizon: float = 52.0, discount: clv.Rate = NOTHING, **economics: object) -> float:
    return float(ann(horizon, discount, **economics).expected.mean[0])


@cache
def sample() -> pd.DataFrame:
    return clv.datasets.cdnow(sample=True)


@cache
def customers() -> clv.Customers:
    return clv.rfm_summary(sample(), observation_end="1997-09-30")


@cache
def fits() -> tuple[clv.Fit, clv.Fit]:
    method = clv.Laplace(draws=200)
    return clv.fit(clv.MBGNBD(), customers(), method, seed=1), clv.fit(
        clv.GammaGamma(), customers().all_buyers(), method, seed=1
    )


def priced(economics: clv.Economics) -> clv.Valuation:
    """Of the CDNOW sample over a year, with the month in which each customer came."""
    known, asked = clv.attributes(sample(), cohort="month"), {"horizon": YEAR, "discount": TENTH, "draws": 200, "seed": 1}
    return clv.value(*fits(), **asked, economics=economics, attributes=known)


@cache
def worth() -> clv.Valuation:
    """By the costs of its own."""
    return priced(BUSINESS)


@cache
def turnover() -> clv.Valuation:
    """Without any."""
    return priced(clv.Economics())


def seen() -> pd.DataFrame:
    """Orders of the sample until the end of September 1997, a row a customer and day."""
    early = sample()[sample()["date"] <= "1997-09-30"]
    return early.groupby(["customer_id", "date"], as_index=False)["value"].sum()


def test_1_net_value_past_and_future_less_what_it_cost() -> None:
    table = worth().account()

    # Ann: 10 purchases of 10, half of which is left less 1 each, 10 weeks at 2: 20 so far; 52 ahead at 4 less 2; 30 to win
    told = ann(margin=0.5, costs={"post": clv.Cost(1.0, "order"), "mail": clv.Cost(2.0, "week")}, acquisition=30.0).account()
    by_hand = {"past": 50 - 10 - 20, "current": 52 * (5 - 1 - 2), "acquisition": 30, "lifetime": 20 + 104 - 30}
    assert told.loc[0, list(by_hand)].to_dict() == pytest.approx(by_hand, rel=1e-7)

    orders = seen().groupby("customer_id")["value"].agg(["sum", "count"]).loc[table["customer_id"]].to_numpy()
    time = customers().T * (26.0 / YEAR + 1.0 / MONTH)
    np.testing.assert_allclose(table["past"], 0.65 * orders[:, 0] - 1.5 * orders[:, 1] - time, rtol=1e-9)
    np.testing.assert_allclose(table["lifetime"], table["past"] + table["current"] - 12.0, rtol=1e-9, atol=1e-9)

    costly = clv.losses(worth())
    assert len(costly) == (table["current"] < 0.0).sum() > 0
    assert costly["clv"].is_monotonic_increasing


def test_2_a_horizon_that_the_business_chooses() -> None:
    table = worth().horizons([12 * MONTH, 24 * MONTH, 36 * MONTH, inf])

    # Ann at 10 a week; discounted by 10 % a year, a year is worth (1 - 1 / 1.1) / log(1.1) years
    assert [hers(weeks) for weeks in (52, 104, 156)] == pytest.approx([520, 1040, 1560], rel=1e-7)
    assert hers(YEAR, TENTH) == pytest.approx(10 * YEAR * (1 - 1 / 1.1) / log(1.1), rel=1e-7)
    assert hers(inf, TENTH) == pytest.approx(10 * YEAR / log(1.1), rel=1e-7)

    assert table["mean"].iloc[0] == pytest.approx(worth().expected.mean.sum(), rel=1e-9)
    assert table["mean"].iloc[1] == pytest.approx(worth().over(24 * MONTH).expected.mean.sum(), rel=1e-9)
    assert (table["low"] <= table["mean"]).all()
    assert (table["outcome_low"] < table["low"]).all()


def test_3_turnover_margin_or_profit() -> None:
    profit = worth().total().loc["expected", "mean"]

    # Ann, a year of 52 weeks: 520, of which 65 % is left, 1.5 an order, and 26 + 12 a year
    year = (26 + 12) * 52 / YEAR
    assert hers(costs=LINES) == pytest.approx(520 * 0.65 - 52 * 1.5 - year, rel=1e-7)
    assert hers(margin=0.30) == pytest.approx(156, rel=1e-7)
    assert hers() == pytest.approx(520, rel=1e-7)

    whole = turnover().expected.sum().mean[0]
    alone = [priced(clv.Economics(costs={name: line})).expected.sum().mean[0] for name, line in LINES.items()]
    assert profit == pytest.approx(whole - sum(whole - each for each in alone), rel=1e-9)


def test_4_historical_current_and_potential_value() -> None:
    table = clv.potential(worth(), clv.Scenario(purchase_rate=1.10, dropout=0.90, spend=1.05)).total()

    # Ann: 100 so far, 520 to come, and 520 x 1.1 x 1.05 = 600.6 if she came more often and spent more
    found = ann()
    assert (found.past[0], found.expected.mean[0]) == pytest.approx((100, 520), rel=1e-7)
    change = clv.Scenario(purchase_rate=1.10, dropout=0.90, spend=1.05)
    assert clv.potential(found, change).expected.mean[0] == pytest.approx(600.6, rel=1e-7)

    row = table.iloc[0]
    assert row["potential"] == pytest.approx(row["current"] + row["gain"])
    assert row["current"] == pytest.approx(worth().expected.mean.sum(), rel=1e-9)
    assert row["low"] < row["gain"] < row["high"]


def test_5_the_simple_formulas_and_what_they_get_wrong() -> None:
    simple = clv.formulas.from_customers(customers(), every=13).average_value(periods=4)
    beside = simple.beside(turnover().expected, purchases=fits()[0].expected_purchases(YEAR))

    # The baker; and 100 a year of whom 80 % stay, at 10 %
    assert clv.formulas.average_value(5, 4, 52 * 8) == 5 * 4 * 52 * 8 == 8320
    assert clv.formulas.retention_value(100, 0.8, TENTH, 3) == pytest.approx(100 + 80 / 1.1 + 64 / 1.21)

    orders = seen()
    rate = len(orders) / (customers().T / 13).sum()
    assert beside.formula.value == pytest.approx(orders["value"].mean() * rate * 4, rel=1e-9)
    assert beside.mean == pytest.approx(turnover().expected.mean.mean(), rel=1e-9)
    assert beside.formula.value > 2.0 * beside.high
    model = fits()[0].expected_purchases(YEAR).mean.mean()
    assert 4.0 * rate > 3.0 * model
    assert f"because it counts {4.0 * rate:.3g} purchases of a customer, and the model 0." in beside.sentence


def test_6_referral_value_apart() -> None:
    brought = clv.referral_value(worth())

    # Ann's 52 purchases bring 5.2 newcomers of 10 at once and 520 after it
    assert clv.referral_value(ann(referral=0.1)).mean[0] == pytest.approx(5.2 * 530, rel=1e-7)
    assert hers(referral=0.1) == hers()

    purchases = fits()[0].discounted_purchases(YEAR, TENTH).draws()
    np.testing.assert_allclose(
        brought.mean, 0.02 * (purchases * clv.newcomer_value(worth()).draws()).mean(axis=0), rtol=1e-9
    )
    np.testing.assert_array_equal(worth().expected.mean, priced(clv.Economics(costs=LINES)).expected.mean)


def test_7_a_first_sale_then_fifteen_years_of_maintenance_beside_purchases() -> None:
    upkeep = clv.fit(clv.SBG(), clv.Cohorts.from_survivors(high_end(), unit="year"), clv.Laplace(draws=200), seed=1)
    every_tenth = pd.DataFrame({"customer_id": customers().ids.to_list()[::10], "tenure": 3})
    holders = clv.Subscribers.from_frame(every_tenth, unit="year")
    terms = clv.Contract(fee=40.0, first_sale=400.0, sale_economics=clv.Economics(margin=0.25))
    long = turnover().over(15 * YEAR)
    asked = {"horizon": 15, "discount": TENTH, "draws": 200, "seed": 1}
    mixed = clv.mixed_revenue(long, clv.contract_value(upkeep, terms, customers=holders, **asked))
    table = mixed.total()

    # of whom 80 % renew: 400 x 25 % now, and 40 now, 32 in a year, 25.60 in two, each worth a tenth less a year
    alike = clv.SBG().at(alpha=0.2e9, beta=0.8e9, unit="year")
    newcomer = clv.contract_value(alike, terms, horizon=3, discount=TENTH).newcomers().expected.mean[0]
    assert newcomer == pytest.approx(100 + 40 + 32 / 1.1 + 25.6 / 1.21, rel=1e-7)

    there = upkeep.expected_survival(np.arange(3, 18)).draws()
    held = 40.0 * (there[:, 1:] / there[:, :1]) @ 1.1 ** -np.arange(1.0, 15.0)
    assert table["mean"]["contracts"] == pytest.approx(len(holders) * held.mean(), rel=1e-9)
    assert table["mean"]["purchases"] == pytest.approx(long.expected.mean.sum(), rel=1e-9)
    together = len(holders) * held + long.expected.draws().sum(axis=1)
    np.testing.assert_allclose(
        table.loc["together", ["low", "high"]].tolist(), np.quantile(together, [0.05, 0.95]), rtol=1e-9
    )


def high_end() -> list[int]:
    return clv.datasets.subscriptions().query("segment == 'high_end'")["survivors"].tolist()


def test_8_by_customer_segment_cohort_and_in_all() -> None:
    """CDNOW by the month in which customers came; the online wholesaler by country."""
    table = worth().total(by="cohort")

    # Ann, and Bea, who is as she is, in two segments: each holds a half
    two = clv.Customers.from_arrays([9, 9], [9.0] * 2, [10.0] * 2, unit="week", monetary_value=[10.0] * 2)
    sides = pd.DataFrame({"customer_id": [0, 1], "side": ["left", "right"]})
    alike = clv.value(EVEN, TENNERS, horizon=52, discount=NOTHING, customers=spending(two), attributes=sides, seed=1)
    np.testing.assert_allclose(alike.total(by="side")[["mean", "share"]], [[520, 0.5], [520, 0.5]], rtol=1e-7)

    each = worth().frame().assign(cohort=worth().attributes.groups("cohort").codes)
    np.testing.assert_allclose(table["mean"], each.groupby("cohort")["clv"].sum(), rtol=1e-9)
    came = sample().groupby("customer_id")["date"].min().dt.strftime("%Y-%m")
    assert table.set_index("cohort")["customers"].to_dict() == came.value_counts().to_dict()

    log = clv.datasets.online_retail()
    shops = clv.rfm_summary(log, refunds="net")
    fit, spend = (
        clv.fit(clv.MBGNBD(), shops, clv.MLE(), seed=1),
        clv.fit(clv.GammaGamma(), shops.all_buyers(), clv.MLE(), seed=1),
    )
    told = clv.attributes(log, ["country"])
    countries = clv.value(fit, spend, horizon=52, discount=TENTH, attributes=told, draws=50, seed=1).total(by="country")
    first = log.sort_values("date", kind="stable").drop_duplicates("customer_id").set_index("customer_id")["country"]
    assert countries.set_index("country")["customers"].to_dict() == first[shops.ids.to_list()].value_counts().to_dict()
    assert countries["share"].sum() == pytest.approx(1.0)


def spending(base: clv.Customers) -> clv.Customers:
    return clv.Customers.from_frame(base.frame().assign(first_value=10.0), unit="week")


def test_9_segments_portfolio_and_the_best_fifth() -> None:
    grid, tiers, segments = clv.portfolio(worth()), clv.tiers(worth()), clv.rfm_segments(customers())
    best = clv.concentration(turnover()).share(0.2)

    # five customers for 60, 20, 10, 6 and 4: the best fifth has brought 60 %, the first two the first 80 %
    five = clv.Customers.from_arrays(
        [0] * 5, [0.0] * 5, [10.0] * 5, unit="week", monetary_value=[0.0] * 5, first_value=[60.0, 20.0, 10.0, 6.0, 4.0]
    )
    few = clv.value(EVEN, TENNERS, horizon=52, discount=NOTHING, customers=five, seed=1)
    assert clv.concentration(few).share(0.2).loc["past", "mean"] == pytest.approx(0.6)
    assert clv.tiers(few).frame()["customers"].tolist() == [2, 2, 1]

    value, alive = worth().expected.mean, fits()[0].probability_alive().mean
    top, here = value >= np.sort(value)[-(len(value) // 5)], alive >= 0.5
    counts = pd.crosstab(top, here)
    told = grid.frame().set_index(["value", "loyalty"])["customers"]
    for high, row in ((True, "high"), (False, "low")):
        assert [told[row, level] for level in ("low", "high")] == [counts.loc[high, yes] for yes in (False, True)]
    assert grid.frame().set_index(["value", "loyalty"])["action"].to_dict() == {
        ("high", "high"): "keep",
        ("high", "low"): "reactivate",
        ("low", "high"): "invest",
        ("low", "low"): "let go",
    }

    spent = np.sort(seen().groupby("customer_id")["value"].sum())[::-1]
    large = int(np.searchsorted(np.cumsum(spent), 0.8 * spent.sum())) + 1
    assert tiers.frame()["customers"][0] == pytest.approx(large, abs=2)  # equals stay together
    np.testing.assert_allclose(np.sort(turnover().past)[::-1], spent, rtol=1e-9, atol=1e-9)
    fifth = np.interp(0.2 * len(spent), np.arange(len(spent) + 1), np.r_[0.0, np.cumsum(spent)]) / spent.sum()
    assert best.loc["past", "mean"] == pytest.approx(fifth, rel=1e-9)
    assert best.loc["expected", "low"] < best.loc["expected", "mean"] < best.loc["expected", "high"]
    assert segments.table()["customers"].sum() == len(customers())


def test_10_who_is_at_risk() -> None:
    table = clv.at_risk(turnover(), since=13.0)

    # one who buys weekly, and leaves at every other purchase: silent for u weeks, she is there with chance 1 / (1 + exp(u))
    coin = clv.MBGNBD().at(r=1e9, alpha=1e9, a=1e9, b=1e9)
    dan = clv.Customers.from_arrays([9], [9.0], [10.0], unit="week", monetary_value=[10.0], first_value=[10.0])
    her = clv.at_risk(clv.value(coin, TENNERS, horizon=52, discount=NOTHING, customers=dan), since=1.0).iloc[0]
    assert her[["before", "probability_alive"]].tolist() == pytest.approx([0.5, 1 / (1 + exp(1))], rel=1e-5)
    assert her["at_stake"] == pytest.approx(her["clv"] * exp(1), rel=1e-5)

    fit, base = fits()[0], customers()
    silent = base.recency <= base.T - 13.0
    earlier = clv.Customers.from_arrays(base.frequency[silent], base.recency[silent], base.T[silent] - 13.0, unit="week")
    before, now = fit.probability_alive().mean.copy(), fit.probability_alive().mean
    before[silent] = fit.probability_alive(earlier).mean
    if_alive = turnover().expected.mean / now
    valuable = np.argsort(-if_alive)[: int(np.ceil(0.2 * len(base)))]
    fallen = valuable[(before - now)[valuable] >= 0.2]
    assert set(table["customer_id"]) == set(np.array(base.ids.to_list())[fallen])
    assert table["at_stake"].is_monotonic_decreasing
    assert len(table) > 20


def test_11_the_most_to_spend_on_a_newcomer_and_on_keeping_one() -> None:
    table = clv.newcomers(worth()).frame()
    keeping = clv.potential(worth(), clv.Scenario(dropout=0.9)).gain

    # Ann as a newcomer: 10 at once and 10 a week: the 40 that she costs are expected back after three weeks
    told = clv.newcomers(ann(acquisition=40.0)).frame().iloc[0]
    assert told[["value", "net", "ltv_cac", "break_even"]].tolist() == pytest.approx([530, 490, 13.25, 3.0], rel=1e-6)

    fit, newcomer, (p, q, v) = fits()[0], fits()[0].newcomer(), fits()[1].theta
    bought = fit.discounted_purchases(YEAR, TENTH, newcomer).draws()[:, 0]
    lived = fit.discounted_lifetime(YEAR, TENTH, newcomer).draws()[:, 0]
    left = (0.65 * p * v / (q - 1.0) - 1.5) * (1.0 + bought) - (26.0 / YEAR + 1.0 / MONTH) * lived
    assert table["value"][0] == pytest.approx(left.mean(), rel=1e-6)
    assert table["net"][0] == pytest.approx(table["value"][0] - 12.0)
    assert table["ltv_cac"][0] == pytest.approx(table["value"][0] / 12.0)
    assert 0.0 < table["paid_back"][0] < 1.0
    assert (keeping.mean[worth().expected.mean > 5.0] > 0.0).all()


def test_12_the_base_as_an_asset() -> None:
    table = clv.equity(worth(), [200, 250, 300], every=13.0).frame()

    # Ann, and ten of her kind for 30 each, who come at once for nothing's worth of waiting: 520 + 10 x (530 - 30)
    by_hand = clv.equity(ann(acquisition=30.0), [10], every=1.0).frame()["mean"]
    assert by_hand.tolist() == pytest.approx([520, 5000, 5520], rel=1e-7)

    each = clv.newcomers(worth()).frame()["net"][0]
    starts = np.array([0.0, 13.0, 26.0]) / YEAR
    waiting = (1 - 1.1 ** -(13 / YEAR)) / (log(1.1) * 13 / YEAR) * 1.1**-starts
    assert table["mean"]["cohorts to come"] == pytest.approx(each * waiting @ [200, 250, 300], rel=1e-9)
    assert table["mean"]["today's customers"] == pytest.approx(worth().expected.mean.sum(), rel=1e-9)
    assert table["mean"]["customer equity"] == pytest.approx(table["mean"].iloc[:2].sum(), rel=1e-9)


def test_13_which_lever_matters_most() -> None:
    table = clv.elasticities(worth()).frame().set_index("lever")

    # Ann at a margin of a half less 1 an order: 1 % more spend is 0.05 x 52 = 2.60 on 208, so 1.25 %; and so on
    told = clv.elasticities(ann(margin=0.5, costs={"post": clv.Cost(1.0, "order")})).frame().set_index("lever")["elasticity"]
    by_hand = {"spend": 260 / 208, "margin": 260 / 208, "purchase rate": 1.0, "post": -52 / 208}
    assert told[list(by_hand)].to_dict() == pytest.approx(by_hand, rel=1e-6)

    value = worth().expected.mean.sum()
    for lever, change in {
        "purchase rate": {"purchase_rate": 1.001},
        "spend": {"spend": 1.001},
        "dropout": {"dropout": 1.001},
        "sales force": {"costs": {"sales force": 1.001}},
    }.items():
        gain = clv.potential(worth(), clv.Scenario(**change)).gain.mean.sum()
        assert table["elasticity"][lever] == pytest.approx(1000.0 * gain / value, rel=5e-3)
    assert (table["low"] <= table["high"]).all()
    assert table["elasticity"].abs().is_monotonic_decreasing


def test_14_measure_and_adjust() -> None:
    table = clv.indicators(sample(), every="quarter", observation_end="1998-06-30").frame()
    outlook = clv.forecast(*fits(), periods=3, every="quarter", observation_end="1997-09-30", draws=200, seed=1)
    against = outlook.against(sample(), until="1998-06-30").frame()

    # three days of two customers: one comes back, for 30 after 10
    rows = {"customer_id": ["ann", "bob", "ann"], "date": ["2015-01-01", "2015-01-02", "2015-02-01"], "value": [10, 8, 30]}
    by_hand = clv.indicators(pd.DataFrame(rows), observation_end="2015-02-28").frame().iloc[1]
    told = by_hand[["active", "activity_rate", "repurchase_rate", "purchase_frequency", "average_basket"]].tolist()
    assert told == [1, 0.5, 0.5, 1.0, 30.0]

    orders = sample().groupby(["customer_id", "date"], as_index=False)["value"].sum()
    quarters = orders.assign(period=orders["date"].dt.to_period("Q")).groupby("period")
    np.testing.assert_array_equal(table["active"], quarters["customer_id"].nunique())
    np.testing.assert_array_equal(table["purchases"], quarters.size())
    np.testing.assert_allclose(table["average_basket"], quarters["value"].mean())
    np.testing.assert_array_equal(against["purchases_actual"], quarters.size().iloc[3:])
    np.testing.assert_allclose(against["revenue_actual"], quarters["value"].sum().iloc[3:])


def test_15_the_budget_period_by_period() -> None:
    table = clv.forecast(*fits(), periods=4, every=13.0, draws=200, seed=1).frame()

    # Ann: 13 purchases and 130 in every quarter
    her = clv.forecast(EVEN, TENNERS, periods=4, every=13.0, customers=ann().customers, seed=1).frame()
    np.testing.assert_allclose(her[["purchases", "revenue"]], [[13, 130]] * 4, rtol=1e-7)

    so_far = [fits()[0].expected_purchases(13.0 * k).mean.sum() for k in range(1, 5)]
    np.testing.assert_allclose(np.cumsum(table["purchases"]), so_far, rtol=1e-6)
    year = clv.value(*fits(), horizon=52.0, discount=NOTHING, draws=200, seed=1).expected.mean.sum()
    assert table["revenue"].sum() == pytest.approx(year, rel=1e-6)
    assert (table["purchases_outcome_low"] < table["purchases"]).all()
    assert (table["purchases"] < table["purchases_outcome_high"]).all()
