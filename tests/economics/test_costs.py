"""Costs, columns and segments: small tables to check by eye, and lives drawn by hand with what they cost."""

from __future__ import annotations

from math import exp, expm1, inf

import numpy as np
import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.errors import CustomersError, QuestionError

BUYING, SPENDING = clv.BGNBD().at(r=0.9, alpha=6.0, a=0.8, b=2.5), clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
PARETO = clv.ParetoNBD().at(r=0.9, alpha=6.0, s=0.7, beta=9.0)
FORCE = 0.01
WEEKLY = clv.Rate(expm1(FORCE), "week")
TOLD = pd.DataFrame(
    {
        "customer_id": ["ann", "bob", "cid", "eve"],
        "channel": ["ads", "shop", "ads", "ads"],
        "margin": [0.5, 0.4, 0.3, 0.2],
        "post": [1.0, 2.0, 3.0, 4.0],
        "rate": [0.05, 0.10, 0.05, 0.20],
    }
)


def base() -> clv.Customers:
    spend = {"monetary_value": [22.0, 0.0, 74.0], "first_value": [10.0, 35.0, 50.0]}
    return clv.Customers.from_arrays(
        [3, 0, 10], [20.0, 0.0, 25.0], [26.0] * 3, unit="week", ids=["bob", "cid", "ann"], **spend
    )


def worth(fit: clv.Fit = BUYING, **changed: object) -> clv.Valuation:
    asked = {"horizon": 52, "discount": clv.yearly(0.10), "customers": base(), "attributes": TOLD, "seed": 1, **changed}
    return clv.value(fit, SPENDING, **asked)


def by(**economics: object) -> clv.Valuation:
    return worth(economics=clv.Economics(**economics))


def purchases(fit: clv.Fit = BUYING) -> np.ndarray:
    return fit.discounted_purchases(52, clv.yearly(0.10), base()).mean


def test_no_costs_and_margin_one_are_plain_value() -> None:
    costs = {"goods": clv.Cost(0.0, "turnover"), "post": clv.Cost(0.0, "order"), "mail": clv.Cost(0.0, "month")}
    for plain, other in ((worth().expected, by(costs=costs).expected), (worth().outcome, by(costs=costs).outcome)):
        np.testing.assert_array_equal(plain.mean, other.mean)


@pytest.mark.parametrize("fit", [BUYING, PARETO], ids=["BG/NBD", "Pareto/NBD"])
def test_each_line_of_costs_by_hand(fit: clv.Fit) -> None:
    plain = worth(fit).expected.mean
    cost = lambda **line: worth(fit, economics=clv.Economics(costs={"line": clv.Cost(**line)})).expected.mean  # noqa: E731
    np.testing.assert_allclose(cost(amount=0.55, per="turnover"), 0.45 * plain, rtol=1e-12)
    np.testing.assert_allclose(cost(amount=2.0, per="order"), plain - 2.0 * purchases(fit), rtol=1e-12)
    lifetime = np.trapezoid(
        [exp(-clv.yearly(0.1).force("week") * u) * fit.probability_alive(base(), u).mean for u in np.linspace(0, 52, 2001)],
        dx=52 / 2000,
        axis=0,
    )
    np.testing.assert_allclose(cost(amount=3.0, per="week"), plain - 3.0 * lifetime, rtol=1e-6)
    np.testing.assert_allclose(cost(amount=365.25, per="year"), cost(amount=7.0, per="week"), rtol=1e-12)
    np.testing.assert_allclose(cost(amount=12.0, per="year"), cost(amount=1.0, per="month"), rtol=1e-12)


def test_columns_and_segments_by_hand() -> None:
    """In the order of the customers: bob, cid, ann."""
    spend = SPENDING.expected_spend(base().all_buyers()).mean
    found = by(margin="margin", costs={"post": clv.Cost("post", "order")}).expected.mean
    np.testing.assert_allclose(found, (np.array([0.4, 0.3, 0.5]) * spend - [2.0, 3.0, 1.0]) * purchases(), rtol=1e-12)
    channel = by(acquisition=clv.By("channel", {"ads": 40.0, "shop": 10.0}))
    np.testing.assert_array_equal(channel.acquisition, [10.0, 40.0, 40.0])
    other = clv.value(
        BUYING, SPENDING, horizon=52, discount=clv.yearly(0.1), customers=base(), attributes=pl.from_pandas(TOLD)
    )
    np.testing.assert_array_equal(other.attributes.numbers("post"), [2.0, 3.0, 1.0])


def test_past_current_and_lifetime_value_by_hand() -> None:
    """bob: 10 + 3 x 22 = 76 in 4 orders over 26 weeks, of which 50 % less 4 x 2 less 26 x 0.5 are left; and so on."""
    costs = {"post": clv.Cost(2.0, "order"), "mail": clv.Cost(0.5, "week")}
    found = by(margin=0.5, costs=costs, acquisition=clv.By("channel", {"ads": 40.0, "shop": 10.0}))
    np.testing.assert_allclose(found.past, [38 - 8 - 13, 17.5 - 2 - 13, 395 - 22 - 13], rtol=1e-14)
    table = found.account()
    np.testing.assert_allclose(table["lifetime"], table["past"] + table["current"] - table["acquisition"], rtol=1e-14)
    np.testing.assert_array_equal(table["current"], found.expected.mean)


def test_some_customers_cost_more_than_they_bring() -> None:
    found = by(margin=0.2, costs={"post": clv.Cost(6.0, "order"), "mail": clv.Cost(1.0, "month")})
    assert (found.expected.mean[:2] < 0.0).all()
    assert (found.outcome.interval()[:2, 0] < 0.0).all()


def test_a_rate_of_her_own() -> None:
    mixed = worth(discount=clv.yearly("rate")).expected.mean
    alone = [worth(discount=clv.yearly(rate)).expected.mean[place] for place, rate in enumerate((0.10, 0.05, 0.05))]
    np.testing.assert_allclose(mixed, alone, rtol=1e-13)
    segment = clv.yearly(clv.By("channel", {"ads": 0.05, "shop": 0.10}))
    np.testing.assert_allclose(worth(discount=segment).expected.mean, alone, rtol=1e-13)
    endless = worth(discount=segment, horizon=inf)
    assert endless.frame()["expected_purchases"].to_numpy() == pytest.approx(
        [
            worth(discount=clv.yearly(r), horizon=inf).frame()["expected_purchases"][i]
            for i, r in enumerate((0.1, 0.05, 0.05))
        ]
    )
    monthly = worth(discount=clv.monthly(1.10 ** (1 / 12) - 1)).expected.mean
    np.testing.assert_allclose(monthly, worth(discount=clv.yearly(0.10)).expected.mean, rtol=1e-12)


def lives(rng: np.random.Generator, number: int, horizon: float, which: int, fit: clv.Fit) -> np.ndarray:
    """What bob, cid or ann leave: half of what they buy less 2 an order less 0.5 a week, life by life, by Bayes' theorem."""
    x, t = base().frequency[which], base().T[which]
    m, total = x + 1, base().first_value[which] + x * base().monetary_value[which]
    rate, basket = rng.gamma(0.9 + x, 1 / (6 + t), number), rng.gamma(6.25 * m + 3.74, 1 / (15.44 + total), number)
    here = rng.random(number) < fit.probability_alive(base()).mean[which]
    if fit is PARETO:
        stay, leave = rng.exponential(size=number) / rng.gamma(0.7, 1 / (9 + t), number), np.zeros(number)
    else:
        stay, leave = np.full(number, np.inf), rng.beta(0.8, 2.5 + x, number)
    ends, now, value = np.where(here, np.minimum(stay, horizon), 0.0), np.zeros(number), np.zeros(number)
    while True:
        now = now + rng.exponential(size=number) / rate
        buys = now <= ends
        if not buys.any():
            break
        value += buys * np.exp(-FORCE * now) * (0.5 * rng.gamma(6.25, 1 / basket) - 2.0)
        goes = buys & (rng.random(number) < leave)
        ends = np.where(goes, now, ends)
        now = np.where(goes, np.inf, now)
    return value - 0.5 * -np.expm1(-FORCE * ends) / FORCE


@pytest.mark.parametrize("fit", [BUYING, PARETO], ids=["BG/NBD", "Pareto/NBD"])
@pytest.mark.parametrize("horizon", [26.0, inf])
def test_outcomes_with_costs_are_those_of_lives_drawn_by_hand(fit: clv.Fit, horizon: float) -> None:
    number, draws = 60_000, 20_000
    business = clv.Economics(margin=0.5, costs={"post": clv.Cost(2.0, "order"), "mail": clv.Cost(0.5, "week")})
    found = worth(fit, horizon=horizon, discount=WEEKLY, economics=business, draws=draws)
    drawn = found.outcome.draws()
    for which in range(3):
        simulated = lives(np.random.default_rng(which), number, min(horizon, 1500.0), which, fit)
        error = np.hypot(simulated.std() / number**0.5, drawn[:, which].std() / draws**0.5)
        assert abs(drawn[:, which].mean() - simulated.mean()) < 3.0 * error
        assert abs(found.expected.mean[which] - simulated.mean()) < 3.0 * simulated.std() / number**0.5
        for q in (0.1, 0.5, 0.9):  # the share below a place of the law
            place = np.quantile(simulated, q) + 1e-9
            share = (simulated <= place).mean()
            assert abs((drawn[:, which] <= place).mean() - share) < 4.5 * (0.25 / draws) ** 0.5


def test_horizons_side_by_side() -> None:
    found = by(margin=0.3, costs={"post": clv.Cost(1.0, "order")})
    table = found.horizons([26, 52, inf])
    assert table.index.to_list() == [26.0, 52.0, inf]
    np.testing.assert_allclose(table["mean"][52], found.expected.mean.sum())
    ladder = found.horizons([100, 1000, 10_000, inf])["mean"].to_numpy()
    assert (np.diff(ladder) > 0.0).all()
    assert ladder[-2] == pytest.approx(ladder[-1], rel=1e-6)


def test_totals_by_segment() -> None:
    found = by(margin="margin")
    table = found.total(by="channel")
    assert table["channel"].to_list() == ["ads", "shop"]
    assert table["customers"].to_list() == [2, 1]
    np.testing.assert_allclose(table["mean"], [found.expected.mean[1:].sum(), found.expected.mean[0]], rtol=1e-12)
    assert table["share"].sum() == pytest.approx(1.0)
    assert len(found.total(by=["channel", "rate"])) == 2


def test_columns_that_cannot_be() -> None:
    wrong = TOLD.assign(post=[-1.0, 2.0, 3.0, -4.0], margin=[1.5, 0.4, float("nan"), 0.2])
    with pytest.raises(CustomersError, match=r"1 customer has a cost \(post\) that can't be \(ann\)"):
        worth(attributes=wrong, economics=clv.Economics(costs={"post": clv.Cost("post", "order")}))
    with pytest.raises(CustomersError, match=r"no column \(marge\).*its columns are"):
        by(margin="marge")
    with pytest.raises(CustomersError, match=r"1 customer is of an unknown channel, \(shop\): \(bob\).*given for \(ads\)"):
        by(acquisition=clv.By("channel", {"ads": 40.0}))
    with pytest.raises(CustomersError, match=r"1 value of 'margin' is missing or not finite \(cid\)"):
        worth(attributes=wrong, economics=clv.Economics(margin="margin"))
    with pytest.raises(CustomersError, match=r"customer has a margin that can't be \(ann\).*0\.30 for 30 %"):
        worth(attributes=wrong.assign(margin=[1.5, 0.4, 0.3, 0.2]), economics=clv.Economics(margin="margin"))
    with pytest.raises(CustomersError, match=r"2 customers have no row among the attributes: \(cid, ann\).*text here"):
        worth(attributes=TOLD.iloc[[1, 3]], economics=clv.Economics())
    with pytest.raises(CustomersError, match=r"1 row of the attributes repeats a customer: \(ann\)"):
        worth(attributes=pd.concat([TOLD, TOLD.iloc[:1]]))
    with pytest.raises(QuestionError, match=r"'channel' is a column.*none were given: pass attributes="):
        worth(attributes=None).total(by="channel")
    with pytest.raises(QuestionError, match="for a valuation of customers who have that"):
        BUYING.discounted_purchases(52, clv.yearly("rate"), base())


@pytest.mark.parametrize(
    ("amount", "per", "message"),
    [
        (2.0, "parcel", r"per 'parcel' isn't known: say one of turnover, order, hour, day, week, month, year"),
        (-2.0, "order", "costs are 0 or more"),
        (float("nan"), "order", "cost of nan can't be"),
        (55.0, "turnover", r"share, such as 0\.55"),
        (clv.By("channel", {"ads": -1.0}), "order", r"cost of \[-1\.0\] can't be"),
        ("2", "parcel", "isn't known"),
    ],
)
def test_costs_that_cannot_be(amount: object, per: str, message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        clv.Cost(amount, per)


def test_costs_must_say_of_what() -> None:
    with pytest.raises(QuestionError, match=r'costs \(post\) don.t say of what.*clv\.Cost\(2\.0, per="order"\)'):
        clv.Economics(costs={"post": 2.0})


def test_a_week_is_a_week_in_days() -> None:
    """The same customers told in days: the same value."""
    days = clv.Customers.from_arrays(
        base().frequency,
        7 * base().recency,
        7 * base().T,
        unit="day",
        ids=["bob", "cid", "ann"],
        monetary_value=base().monetary_value,
        first_value=base().first_value,
    )
    costs = {"post": clv.Cost(2.0, "order"), "mail": clv.Cost(0.5, "week")}
    asked = {"discount": clv.yearly(0.1), "economics": clv.Economics(margin=0.5, costs=costs), "attributes": TOLD}
    daily = clv.value(
        clv.BGNBD().at(r=0.9, alpha=42.0, a=0.8, b=2.5, unit="day"),
        clv.GammaGamma().at(p=6.25, q=3.74, v=15.44, unit="day"),
        customers=days,
        horizon=364,
        **asked,
    )
    weekly = worth(**asked)
    np.testing.assert_allclose(daily.expected.mean, weekly.expected.mean, rtol=1e-10)
    np.testing.assert_allclose(daily.past, weekly.past, rtol=1e-12)


def test_what_is_said_beforehand_is_found_in_one_pass() -> None:
    """Segments and horizons named beforehand are those asked for later; a future of 104 weeks holds that of 26."""
    economics = clv.Economics(margin="margin", costs={"mail": clv.Cost(0.5, "week")})
    early = worth(economics=economics, by=["channel", ("channel", "rate")], horizons=[26, 104], draws=4000)
    late = worth(economics=economics, draws=4000)
    for by in ("channel", ("channel", "rate")):
        columns = ["mean", "customers", "share", "each"]
        pd.testing.assert_frame_equal(early.total(by=by)[columns], late.total(by=by)[columns], rtol=1e-12)
        codes = early.attributes.groups(by).codes
        np.testing.assert_allclose(
            early.outcome.by(codes).draws().sum(axis=1), early.outcome.draws().sum(axis=1), rtol=1e-12
        )
    side, alone = early.horizons(), late.horizons([26, 52, 104])
    np.testing.assert_allclose(side["mean"], alone["mean"], rtol=1e-12)
    np.testing.assert_allclose(early.outcome.ladder()[1], early.outcome.draws().sum(axis=1), rtol=1e-12)
    for span in (26.0, 52.0, 104.0):
        total = late.over(span).outcome.draws().sum(axis=1)
        drawn = early.outcome.ladder()[early.spans.tolist().index(span)]
        assert abs(drawn.mean() - total.mean()) < 4.0 * np.hypot(drawn.std(), total.std()) / 4000**0.5
        assert drawn.std() == pytest.approx(total.std(), rel=0.15)
