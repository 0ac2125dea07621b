"""Contracts valued: by hand, as a fixed rate of retention has it, by the papers, and by lives drawn one by one."""

from __future__ import annotations

from functools import cache
from math import exp, inf, log, log1p

import numpy as np
import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.errors import CustomersError, QuestionError

REGULAR, HIGH_END = (clv.SBG().at(alpha=a, beta=b, unit="year") for a, b in ((0.704, 1.182), (0.668, 3.806)))
BENT = clv.BDW().at(alpha=0.668, beta=3.806, c=1.3, unit="year")
FIXED = clv.SBG().at(alpha=0.2e9, beta=0.8e9, unit="year")
"""Of whom 80 % renew, year by year, all alike."""
TENTH = clv.yearly(0.10)
NUMBER = 200_000


def worth(fit: clv.Fit, contract: clv.Contract, horizon: float = 15, **changed: object) -> clv.ContractValuation:
    return clv.contract_value(fit, contract, **{"horizon": horizon, "discount": TENTH, "seed": 1, **changed})


def survivors(segment: str) -> clv.Cohorts:
    table = clv.datasets.subscriptions()
    return clv.Cohorts.from_frame(table[table["segment"] == segment], "year", period="year")


@cache
def posterior(segment: str = "high_end") -> clv.Fit:
    return clv.fit(clv.BDW(), survivors(segment), clv.Laplace(400), seed=1)


# by hand


def test_three_years_of_a_fixed_rate_by_hand() -> None:
    """100 now, 80 % of it a year later, 64 % two years later, at 10 % a year; or each a year later; or from renewals on."""
    value = lambda paid, horizon=3: worth(FIXED, clv.Contract(100.0, paid=paid), horizon).expected.mean[0]  # noqa: E731
    assert value("start") == pytest.approx(100 + 80 / 1.1 + 64 / 1.21, rel=1e-7)
    assert value("end") == pytest.approx(100 / 1.1 + 80 / 1.21 + 64 / 1.331, rel=1e-7)
    assert value("renewal") == pytest.approx(80 / 1.1 + 64 / 1.21, rel=1e-7)
    assert value("start", inf) == pytest.approx(100 * 1.1 / (1.1 - 0.8), rel=1e-7)
    for horizon in (1, 15, inf):
        assert value("start", horizon) == pytest.approx(clv.formulas.retention_value(100, 0.8, TENTH, horizon), rel=1e-7)
    assert value("renewal", 16) == pytest.approx(clv.formulas.retention_value(100, 0.8, TENTH, 15, start=1), rel=1e-7)


def test_a_first_sale_and_what_everything_costs_by_hand() -> None:
    """An installation for 4,000 of which a quarter less 150 is left, then 240 a year of which 60 % less 5 is, less visits.

    Visits cost 60 in a year, all through it: a year that begins now costs 60 (1 - 1 / 1.1) / log(1.1) today.
    """
    visits = 60 * (1 - 1 / 1.1) / log(1.1)
    upkeep = clv.Contract(
        240.0,
        clv.Economics(margin=0.9, costs={"parts": clv.Cost(0.3, "turnover"), "bill": clv.Cost(5, "order"), "v": YEARLY}),
        first_sale=4000.0,
        sale_economics=clv.Economics(margin=0.25, costs={"crane": clv.Cost(150.0, "order")}),
    )
    each = 0.6 * 240 - 5 - visits
    found = worth(FIXED, upkeep, 3)
    assert found.expected.mean[0] == pytest.approx(4000 * 0.25 - 150 + each * (1 + 0.8 / 1.1 + 0.64 / 1.21), rel=1e-7)
    later = worth(FIXED, clv.Contract(240.0, upkeep.economics, paid="end"), 3)
    fees = (0.6 * 240 - 5) * (1 / 1.1 + 0.8 / 1.21 + 0.64 / 1.331)
    assert later.expected.mean[0] == pytest.approx(fees - visits * (1 + 0.8 / 1.1 + 0.64 / 1.21), rel=1e-7)


YEARLY = clv.Cost(60.0, "year")


def test_customers_between_two_renewals_by_hand() -> None:
    """Ann renews in half a year; bob has just renewed; cid is asked now. Three years ahead hold 3, 2 and 3 renewals."""
    table = pd.DataFrame({"customer_id": ["ann", "bob", "cid"], "tenure": [4, 0, 9], "due": [0.5, 1.0, 0.0]})
    base = clv.Subscribers.from_frame(table, unit="year")
    found = worth(FIXED, clv.Contract(100.0), 3, customers=base).expected.mean
    three, two = 80 + 64 / 1.1 + 51.2 / 1.21, 80 + 64 / 1.1
    np.testing.assert_allclose(found, [three / 1.1**0.5, two / 1.1, three], rtol=1e-7)
    found = worth(FIXED, clv.Contract(100.0, paid="end"), 3, customers=base).expected.mean
    np.testing.assert_allclose(
        found, [(100 + three / 1.1) / 1.1**0.5, (100 + two / 1.1) / 1.1, 100 + three / 1.1], rtol=1e-7
    )
    costs = clv.Economics(costs={"v": YEARLY})
    found = worth(FIXED, clv.Contract(0.0, costs), 3, customers=base).expected.mean
    year, rest = 60 * (1 - 1 / 1.1) / log(1.1), 60 * (1 - 1.1**-0.5) / log(1.1)
    by_hand = [rest + year * three / 100 / 1.1**0.5, year * (1 + two / 100 / 1.1), year * three / 100]
    np.testing.assert_allclose(found, -np.array(by_hand), rtol=1e-7)


def test_a_horizon_without_a_renewal_is_told() -> None:
    found = worth(HIGH_END, clv.Contract(100.0), 1).tenures([0, 3])
    assert (found.expected.mean == 0.0).all()
    assert found.notes[0] == "Of 2 customers no renewal is due within the horizon."
    assert "horizon" not in " ".join(found.over(1.5).notes)


def test_past_and_lifetime_by_hand() -> None:
    """Ann has paid 5 fees and been there for 4.5 years; where fees are paid at the end, or from renewals on, 4."""
    table = pd.DataFrame({"customer_id": ["ann"], "tenure": [4], "due": [0.5]})
    base = clv.Subscribers.from_frame(table, unit="year")
    terms = clv.Economics(margin=0.5, costs={"v": YEARLY}, acquisition=30.0)
    sale = {"first_sale": 1000.0, "sale_economics": clv.Economics(margin=0.2)}
    for paid, fees in (("start", 5), ("end", 4), ("renewal", 4)):
        found = worth(HIGH_END, clv.Contract(240.0, terms, **sale, paid=paid), customers=base)
        told = found.account()
        assert told["past"][0] == pytest.approx(200 + 120 * fees - 60 * 4.5)
        assert told["lifetime"][0] == pytest.approx(told["past"][0] + told["current"][0] - 30.0)
        assert told["current"][0] == found.expected.mean[0] == found.lifetime.mean[0] - told["past"][0] + 30.0
    assert found.newcomers().past[0] == 0.0
    assert found.under(clv.Scenario(spend=2.0)).past[0] == found.past[0]


# by the papers, and by plain sums


def test_the_published_value_of_a_customer() -> None:
    """Fader and Hardie's discounted residual lifetimes, exact: a customer just before she is asked to renew."""
    paper = clv.SBG().at(alpha=3.80, beta=15.20, unit="year")
    table = pd.DataFrame({"customer_id": range(5), "tenure": range(5), "due": [0.0] * 5})
    found = worth(paper, clv.Contract(1.0), inf, customers=clv.Subscribers.from_frame(table, unit="year"))
    np.testing.assert_allclose(found.expected.mean, [3.3098184, 3.4510003, 3.5865437, 3.7168115, 3.842134], atol=6e-8)
    np.testing.assert_allclose(found.frame()["expected_renewals"], found.expected.mean, rtol=1e-14)


@pytest.mark.parametrize("fit", [REGULAR, HIGH_END, BENT], ids=["regular", "high end", "BdW"])
@pytest.mark.parametrize("horizon", [1, 15, 60])
def test_newcomers_and_tenures_are_plain_sums(fit: clv.Fit, horizon: int) -> None:
    years = np.arange(horizon)
    there, v = fit.expected_survival(np.arange(horizon + 8)).mean, 1.1 ** -years.astype(float)
    found = worth(fit, clv.Contract(100.0, first_sale=500.0), horizon)
    assert found.newcomers().expected.mean[0] == pytest.approx(500 + 100 * there[:horizon] @ v, rel=1e-13)
    for tenure, value in zip((0, 3, 7), found.tenures([0, 3, 7]).expected.mean, strict=True):
        ahead = there[tenure + 1 : tenure + horizon] / there[tenure]
        assert value == pytest.approx(100 * ahead @ v[1:], rel=1e-13, abs=1e-12)
    renewals = found.tenures(7).frame()["expected_renewals"][0]
    assert renewals == pytest.approx((there[8 : 7 + horizon] / there[7]).sum(), rel=1e-13, abs=1e-12)


@pytest.mark.parametrize("fit", [REGULAR, BENT], ids=["sBG", "BdW"])
def test_a_whole_life_is_the_limit_of_horizons(fit: clv.Fit) -> None:
    found = worth(fit, clv.Contract(100.0))
    ladder = [found.over(horizon).expected.mean[0] for horizon in (10, 40, 160, 640, inf)]
    assert np.all(np.diff(ladder) >= 0.0)
    assert ladder[-2] == pytest.approx(ladder[-1], rel=1e-12)


def test_discount_told_by_month_or_year() -> None:
    monthly = worth(REGULAR, clv.Contract(100.0), discount=clv.monthly(1.1 ** (1 / 12) - 1))
    assert monthly.expected.mean[0] == pytest.approx(worth(REGULAR, clv.Contract(100.0)).expected.mean[0], rel=1e-13)


# lives drawn one by one


def stays(rng: np.random.Generator, fit: clv.Fit, tenure: int, pace: float = 1.0) -> np.ndarray:
    """Renewals still to be made, by Bayes and the story of the model: each a coin of her own, at a pace."""
    alpha, beta = fit.theta[:2]
    c = fit.theta[2] if len(fit.theta) == 3 else 1.0
    leave = rng.beta(alpha, beta + tenure**c, NUMBER)
    far = np.log(rng.random(NUMBER)) / np.log1p(-leave)
    return np.floor(((tenure**c + far) ** (1.0 / c) - tenure) / pace)


@pytest.mark.parametrize("fit", [REGULAR, HIGH_END, BENT], ids=["regular", "high end", "BdW"])
@pytest.mark.parametrize("paid", ["start", "end"])
@pytest.mark.parametrize(("tenure", "due"), [(None, 1.0), (0, 1.0), (6, 0.25)])
def test_customers_drawn_life_by_life(fit: clv.Fit, paid: str, tenure: int | None, due: float) -> None:
    """200,000 customers, fee by fee and year by year: mean within 3 standard errors, and the law of the outcome."""
    upkeep = clv.Contract(100.0, clv.Economics(costs={"v": YEARLY}), first_sale=70.0, paid=paid)
    table = pd.DataFrame({"customer_id": [0], "tenure": [tenure or 0], "due": [due]})
    base = clv.Subscribers.from_frame(table, unit="year") if tenure is not None else None
    found = worth(fit, upkeep, 15, customers=base, draws=20_000)
    made = stays(np.random.default_rng(3), fit, tenure or 0)
    force, lived = log(1.1), np.full(NUMBER, due)
    total = np.full(NUMBER, 0.0 if tenure is not None else 70.0)
    if paid == "end":
        total += 100.0 * exp(-force * due)
    elif tenure is None:
        total += 100.0
    for k in range(1, 16):
        begins = due + k - 1.0
        here = (made >= k) & (begins < 15.0)
        total += here * 100.0 * exp(-force * (begins + (paid == "end")))
        lived += here
    total -= 60.0 * -np.expm1(-force * lived) / force
    error = total.std() / NUMBER**0.5
    assert abs(found.expected.mean[0] - total.mean()) < 3.0 * error
    drawn = found.outcome.draws()[:, 0]
    assert abs(drawn.mean() - total.mean()) < 3.5 * np.hypot(error, drawn.std() / len(drawn) ** 0.5)
    for q in (0.1, 0.5, 0.9):
        place = np.quantile(total, q) + 1e-9
        share = (total <= place).mean()
        assert abs((drawn <= place).mean() - share) < 4.5 * (share * (1 - share) / len(drawn)) ** 0.5 + 1e-9


@pytest.mark.parametrize("fit", [REGULAR, BENT], ids=["sBG", "BdW"])
@pytest.mark.parametrize("pace", [0.5, 1.7])
def test_gains_of_lives_drawn_at_another_pace(fit: clv.Fit, pace: float) -> None:
    found = worth(fit, clv.Contract(100.0, clv.Economics(costs={"v": YEARLY})), 15)
    gain = found.gain(clv.Scenario(dropout=pace, spend=1.05, costs={"v": 1.2})).mean[0]
    rng, years = np.random.default_rng(7), np.arange(15)
    year = 60 * (1 - 1 / 1.1) / log(1.1)
    there = [(stays(rng, fit, 0, by)[:, None] >= years) @ 1.1 ** -years.astype(float) for by in (1.0, pace)]
    value = (105 - 1.2 * year) * there[1] - (100 - year) * there[0]
    error = np.hypot((105 - 1.2 * year) * there[1].std(), (100 - year) * there[0].std()) / NUMBER**0.5
    assert abs(gain - value.mean()) < 3.0 * error


def test_scenarios_that_change_nothing_gain_nothing_in_any_draw() -> None:
    found = worth(posterior(), clv.Contract(100.0))
    assert (found.gain(clv.Scenario()).draws() == 0.0).all()
    half = found.gain(clv.Scenario(dropout=0.5))
    assert (half.mean > 0.0).all()
    np.testing.assert_allclose(half.mean, found.under(clv.Scenario(dropout=0.5)).expected.mean - found.expected.mean)
    nobody_leaves = worth(REGULAR, clv.Contract(100.0)).under(clv.Scenario(dropout=0.0)).expected.mean[0]
    assert nobody_leaves == pytest.approx((1 - 1.1**-15) / (1 - 1 / 1.1) * 100, rel=1e-12)


def test_a_pace_is_a_power_of_staying() -> None:
    """Of sBG: with her chance to stay 1 - theta to the power of k, S(t) is B(alpha, beta + k t) / B(alpha, beta)."""
    found = worth(REGULAR, clv.Contract(1.0, paid="renewal"), 2).under(clv.Scenario(dropout=3.0))
    stay = np.random.default_rng(1).beta(1.182, 0.704, NUMBER) ** 3
    assert abs(found.expected.mean[0] * 1.1 - stay.mean()) < 3.0 * stay.std() / NUMBER**0.5


# posteriors, bases, columns


def test_intervals_of_a_posterior() -> None:
    found = worth(posterior(), clv.Contract(240.0, first_sale=4000.0, sale_economics=clv.Economics(margin=0.25)))
    told = found.newcomers().frame().iloc[0]
    assert told["outcome_low"] < told["clv_low"] < told["clv"] < told["clv_high"] < told["outcome_high"]
    assert told["outcome_low"] == pytest.approx(1240.0)  # one in twenty leaves after the first year
    thousand = found.newcomers(1000)
    alone = found.newcomers().expected.draws()[:, 0]
    np.testing.assert_allclose(thousand.expected.sum().draws()[:, 0], 1000 * alone, rtol=1e-12)
    drawn = thousand.outcome.sum().draws()[:, 0]
    single = found.newcomers().outcome.draws()[:, 0]
    apart = (1000 * single.var() + (1000 * alone).var()) ** 0.5  # strangers apart, parameters in common
    assert drawn.std() == pytest.approx(apart, rel=0.15)
    point = worth(HIGH_END, clv.Contract(240.0)).frame()
    assert np.isnan(point["clv_low"][0])
    assert point["outcome_high"][0] > point["clv"][0]


def test_those_still_there_are_valued_by_default() -> None:
    found = worth(posterior(), clv.Contract(240.0))
    assert len(found.customers) == 394
    assert set(found.customers.tenure) == {12.0}
    assert found.total()["mean"]["expected"] == pytest.approx(394 * found.tenures(12).expected.mean[0], rel=1e-12)


def test_a_base_by_counts_or_by_table() -> None:
    counts = worth(posterior(), clv.Contract(240.0), customers=clv.Subscribers.from_counts([3, 0, 2], unit="year"))
    table = pd.DataFrame({"customer_id": list("abcde"), "tenure": [0, 2, 0, 2, 0], "plan": ["x", "x", "y", "y", "y"]})
    one_by_one = worth(
        posterior(), clv.Contract(240.0), customers=clv.Subscribers.from_frame(table, unit="year"), attributes=table
    )
    np.testing.assert_allclose(counts.total()["mean"]["expected"], one_by_one.total()["mean"]["expected"], rtol=1e-12)
    tenures = counts.total(by="tenure")
    assert tenures["tenure"].to_list() == [0.0, 2.0]
    assert tenures["customers"].to_list() == [3, 2]
    plans = one_by_one.total(by="plan")
    np.testing.assert_allclose(plans["mean"].sum(), counts.total()["mean"]["expected"], rtol=1e-12)
    codes = one_by_one.attributes.groups("plan").codes
    for estimate in (one_by_one.expected, one_by_one.outcome):
        np.testing.assert_allclose(estimate.by(codes).draws().sum(axis=1), estimate.sum().draws()[:, 0], rtol=1e-12)


def test_terms_by_column() -> None:
    """Each customer's value is that of a contract with her own terms."""
    table = pl.DataFrame(
        {"customer_id": ["a", "b"], "tenure": [1, 5], "fee": [240.0, 120.0], "rate": [0.05, 0.20], "plan": ["x", "y"]}
    )
    base = clv.Subscribers.from_frame(table, unit="year")
    terms = clv.Economics(costs={"v": clv.Cost(clv.By("plan", {"x": 10.0, "y": 20.0}), "year")})
    asked = {"customers": base, "attributes": table, "discount": clv.yearly("rate")}
    found = worth(REGULAR, clv.Contract("fee", terms), **asked)
    assert isinstance(found.frame(), pl.DataFrame)
    for place, (tenure, fee, rate, cost) in enumerate(((1, 240.0, 0.05, 10.0), (5, 120.0, 0.20, 20.0))):
        alone = clv.Contract(fee, clv.Economics(costs={"v": clv.Cost(cost, "year")}))
        value = worth(REGULAR, alone, discount=clv.yearly(rate)).tenures(tenure).expected.mean[0]
        assert found.expected.mean[place] == pytest.approx(value, rel=1e-12)
    halved = found.gain(clv.Scenario(dropout=clv.By("plan", {"x": 1.0, "y": 0.5}))).mean
    assert halved[0] == 0.0
    assert halved[1] > 0.0
    average = worth(REGULAR, clv.Contract(180.0, clv.Economics(costs={"v": clv.Cost(15.0, "year")})))
    force = (log1p(0.05) + log1p(0.20)) / 2
    same = clv.contract_value(REGULAR, average.contract, horizon=15, discount=clv.Rate(exp(force) - 1.0, "year"))
    assert found.newcomers().expected.mean[0] == pytest.approx(same.expected.mean[0], rel=1e-12)


def test_the_retention_curve() -> None:
    cohorts = survivors("regular")
    fit = posterior("regular")
    told = worth(fit, clv.Contract(1.0)).retention(np.arange(13))
    np.testing.assert_allclose(told["seen"], cohorts.survivors / 1000)
    np.testing.assert_allclose(told["survival"], fit.expected_survival(np.arange(13)).mean)
    np.testing.assert_allclose(told["retention"][1:], told["survival"][1:].to_numpy() / told["survival"][:-1], rtol=2e-2)
    assert (told["low"] <= told["survival"]).all()
    assert "seen" not in worth(REGULAR, clv.Contract(1.0)).retention([0, 1])
    ax = worth(fit, clv.Contract(1.0)).plot()
    np.testing.assert_allclose(ax.lines[0].get_ydata(), worth(fit, clv.Contract(1.0)).retention(np.arange(16))["survival"])


def test_cohorts_of_different_length_are_pooled_as_far_as_they_go() -> None:
    rows = {"cohort": list("aaabb"), "period": [0, 1, 2, 0, 1], "survivors": [100, 60, 40, 50, 45]}
    cohorts = clv.Cohorts.from_frame(pd.DataFrame(rows), unit="year")
    np.testing.assert_allclose(cohorts.survival([0, 1, 2, 3]), [1.0, 105 / 150, 0.4, np.nan])
    base = clv.Subscribers.from_cohorts(cohorts)
    assert np.bincount(base.tenure.astype(int)).tolist() == [0, 45, 40]


# mixed revenue

SPENDING = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)


def buyers(customers: clv.Customers | None = None, **changed: object) -> clv.Valuation:
    base = clv.Customers.from_arrays(
        [3, 0, 10],
        [20.0, 0.0, 25.0],
        [26.0] * 3,
        unit="week",
        ids=["bob", "cid", "ann"],
        monetary_value=[22.0, 0.0, 74.0],
        first_value=[10.0, 35.0, 50.0],
    )
    asked = {"horizon": 15 * 365.25 / 7, "discount": TENTH, "customers": customers or base, "seed": 1, **changed}
    return clv.value(clv.ParetoNBD().at(r=0.9, alpha=6.0, s=0.7, beta=9.0), SPENDING, **asked)


def holders(
    fit: clv.Fit = HIGH_END, ids: tuple[object, ...] = ("ann", "eve", "bob"), **changed: object
) -> clv.ContractValuation:
    table = pd.DataFrame({"customer_id": list(ids), "tenure": [4, 1, 0]})
    return worth(fit, clv.Contract(240.0), **{"customers": clv.Subscribers.from_frame(table, unit="year"), **changed})


@pytest.mark.parametrize("known", ["point", "posterior"])
def test_mixed_revenue_is_the_sum_of_its_parts(known: str) -> None:
    fit = HIGH_END if known == "point" else posterior()
    bought, held = buyers(draws=2000), holders(fit, draws=2000)
    found = clv.mixed_revenue(bought, held)
    told = found.frame()
    assert told["customer_id"].to_list() == ["bob", "cid", "ann", "eve"]
    mine, theirs = bought.expected.mean, held.expected.mean
    np.testing.assert_allclose(told["purchases"], [*mine, 0.0])
    np.testing.assert_allclose(told["contract"], [theirs[2], 0.0, theirs[0], theirs[1]])
    np.testing.assert_allclose(told["clv"], told["purchases"] + told["contract"], rtol=1e-12)
    total = found.total()
    assert total["mean"]["together"] == pytest.approx(total["mean"]["purchases"] + total["mean"]["contracts"], rel=1e-12)
    assert total["mean"]["together"] == pytest.approx(told["clv"].sum(), rel=1e-9)
    assert np.isnan(total["low"]["together"]) == (fit is HIGH_END)
    assert "2 customers with purchases and a contract, 1 with purchases only, 1 with a contract only." in found.notes
    variance = bought.outcome.draws()[:, 2].var() + held.outcome.draws()[:, 0].var()
    drawn = found.outcome.draws()[:, 2]
    assert abs(drawn.mean() - told["clv"][2]) < 3.5 * drawn.std() / 2000**0.5
    assert drawn.var() == pytest.approx(variance, rel=0.15)
    alone = found.outcome.draws()[:, 3]
    assert abs(alone.mean() - theirs[1]) < 3.5 * alone.std() / 2000**0.5


def test_mixed_posteriors_pair_by_draw(purchases: clv.Fit, spend: clv.Fit, cdnow: clv.Customers) -> None:
    """Of a whole base, a third of whom have contracts: every draw's total is that of the parts, and so are customers."""
    ids = cdnow.ids.to_list()
    table = pd.DataFrame({"customer_id": [*ids[::3], "new"], "tenure": np.arange(len(ids[::3]) + 1) % 7})
    bought = clv.value(purchases, spend, horizon=156.5, discount=TENTH, draws=300, seed=1)
    held = clv.contract_value(
        posterior(),
        clv.Contract(20.0),
        horizon=3,
        discount=TENTH,
        customers=clv.Subscribers.from_frame(table, unit="year"),
        draws=300,
        seed=2,
    )
    found = clv.mixed_revenue(bought, held)
    draws = found.expected.draws()
    mine, theirs = bought.expected.draws(), held.expected.draws()
    np.testing.assert_allclose(draws[:, 0], mine[:, 0] + theirs[:, 0], rtol=1e-12)
    np.testing.assert_allclose(draws[:, 1], mine[:, 1], rtol=1e-12)
    np.testing.assert_allclose(draws[:, -1], theirs[:, -1], rtol=1e-12)
    np.testing.assert_allclose(draws.sum(axis=1), mine.sum(axis=1) + theirs.sum(axis=1), rtol=1e-10)
    total = found.total()
    ends = np.quantile(mine.sum(axis=1) + theirs.sum(axis=1), [0.05, 0.95])
    np.testing.assert_allclose(total.loc["together", ["low", "high"]].to_numpy(float), ends, rtol=1e-10)
    outcome = found.outcome.sum().interval()[0]
    np.testing.assert_allclose(outcome, total.loc["together", ["outcome_low", "outcome_high"]].to_numpy(float), rtol=0.02)


def test_posteriors_of_unlike_length_pair_evenly() -> None:
    """A point goes with every draw of the other; of more draws, so many are taken, evenly spaced."""
    found = clv.mixed_revenue(buyers(draws=100), holders(posterior(), draws=400))
    point, contract = buyers().expected.mean, holders(posterior(), draws=400).expected.draws()
    np.testing.assert_allclose(found.expected.draws()[:, 2], point[2] + contract[:, 0], rtol=1e-12)
    drawn = found.outcome.draws()
    assert drawn.shape == (100, 4)
    np.testing.assert_array_equal(drawn[:, 1], buyers(draws=100).outcome.draws()[:, 1])
    total = found.total().loc["together"]
    assert total["outcome_low"] < total["low"] < total["mean"] < total["high"] < total["outcome_high"]


# refusals


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"fee": -1.0}, r"fee of -1\.0 can't be"),
        ({"fee": float("nan")}, "fee of nan can't be"),
        ({"fee": 1.0, "first_sale": -3.0}, "first sale of -3"),
        ({"fee": 1.0, "paid": "monthly"}, "paid='monthly' isn't known: say one of start, end, renewal"),
        ({"fee": 1.0, "economics": clv.Economics(referral=0.1)}, "Recommendations are counted by purchase"),
        ({"fee": 1.0, "sale_economics": clv.Economics(acquisition=5.0)}, "not of its first sale"),
        ({"fee": 1.0, "sale_economics": clv.Economics(costs={"v": YEARLY})}, r"costs \(v\) are of time"),
    ],
)
def test_contracts_that_cannot_be(asked: dict, message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        clv.Contract(**asked)


def test_questions_that_cannot_be() -> None:
    plain = clv.Contract(100.0)
    with pytest.raises(QuestionError, match="Pareto/NBD doesn't say how long customers renew a contract"):
        worth(clv.ParetoNBD().at(r=1, alpha=1, s=1, beta=1), plain)
    with pytest.raises(QuestionError, match=r"discount rate of 0\.1 says no period"):
        worth(REGULAR, plain, discount=0.1)
    with pytest.raises(QuestionError, match="infinite horizon needs a discount rate above 0"):
        worth(REGULAR, plain, inf, discount=clv.yearly(0.0))
    with pytest.raises(QuestionError, match=r"horizon = -1\.0 can't be"):
        worth(REGULAR, plain, -1.0)
    with pytest.raises(QuestionError, match="periods of a year, and these customers of a month"):
        worth(REGULAR, plain, customers=clv.Subscribers.newcomers(3, "month"))
    with pytest.raises(QuestionError, match=r"A DataFrame has no contracts: say clv\.Subscribers\.from_frame"):
        worth(REGULAR, plain, customers=pd.DataFrame({"tenure": [1]}))
    with pytest.raises(QuestionError, match="no rate of purchases to change"):
        worth(REGULAR, plain).under(clv.Scenario(purchase_rate=1.1))
    with pytest.raises(QuestionError, match="isn't drawn under another dropout"):
        _ = worth(REGULAR, plain).under(clv.Scenario(dropout=0.9)).outcome
    with pytest.raises(QuestionError, match=r"no costs \(rent\)"):
        worth(REGULAR, plain).gain(clv.Scenario(costs={"rent": 2.0}))
    with pytest.raises(CustomersError, match="There is no column"):
        worth(REGULAR, clv.Contract("fee"))
    table = pd.DataFrame({"customer_id": ["a", "b"], "tenure": [1, 2], "fee": [5.0, -5.0]})
    with pytest.raises(CustomersError, match=r"1 customer has a negative fee \(b\)"):
        worth(REGULAR, clv.Contract("fee"), customers=clv.Subscribers.from_frame(table, unit="year"), attributes=table)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"tenure": [1, -2]}, r"1 customer has a tenure that can't be \(b\).*whole numbers, of periods of a year"),
        ({"tenure": [0.5, 2]}, r"tenure that can't be \(a\)"),
        ({"tenure": [1, 2], "due": [0.5, 7.0]}, r"renewal due at a time that can't be \(b\).*1 for who has just renewed"),
        ({"tenure": [1, None]}, "missing or not finite"),
        ({"years": [1, 2]}, r"no column \(tenure\)"),
        ({"customer_id": ["a", "a"], "tenure": [1, 2]}, r"1 row repeats a customer: \(a\)"),
    ],
)
def test_subscribers_that_cannot_be(rows: dict, message: str) -> None:
    with pytest.raises(CustomersError, match=message):
        clv.Subscribers.from_frame(pd.DataFrame({"customer_id": ["a", "b"], **rows}), unit="year")


@pytest.mark.parametrize("counts", [[1.5], [-1, 3], [[1]], [0, 0], "many"])
def test_counts_that_cannot_be(counts: object) -> None:
    with pytest.raises(CustomersError, match=r"[Cc]ounts"):
        clv.Subscribers.from_counts(counts, unit="year")


def test_bases_that_cannot_be() -> None:
    with pytest.raises(CustomersError, match="0 newcomers can't be"):
        clv.Subscribers.newcomers(0, "year")
    shares = clv.Cohorts.from_survivors([100.0, 63.1], unit="year")
    with pytest.raises(CustomersError, match="no whole numbers, so there is nobody to value"):
        worth(clv.fit(clv.SBG(), shares, clv.MLE()), clv.Contract(1.0))


def test_parts_that_cannot_be_mixed() -> None:
    with pytest.raises(QuestionError, match="over 52 weeks and contracts over 15 years"):
        clv.mixed_revenue(buyers(horizon=52), holders())
    assert len(clv.mixed_revenue(buyers(horizon=52), holders(horizon=1)).frame()) == 4
    with pytest.raises(QuestionError, match="discounted at 5% a year and contracts at 10% a year"):
        clv.mixed_revenue(buyers(discount=clv.yearly(0.05)), holders())
    with pytest.raises(CustomersError, match="'bob' purchases while 1 has a contract: text here and numbers there"):
        clv.mixed_revenue(buyers(), holders(ids=(1, 2, 3)))
    table = pd.DataFrame({"customer_id": ["ann", "bob", "cid"], "rate": [0.10, 0.20, 0.10]})
    with pytest.raises(QuestionError, match=r"1 customer has two rates of discount \(bob\)"):
        clv.mixed_revenue(buyers(discount=clv.yearly("rate"), attributes=table), holders())
