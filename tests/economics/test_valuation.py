"""Valuation against what it must be: products at a point, an independent simulation, and what it must not do."""

from __future__ import annotations

from functools import cache
from math import inf, log

import numpy as np
import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.errors import QuestionError

BG = {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5}
GG = {"p": 6.25, "q": 3.74, "v": 15.44}
BUYING, SPENDING = clv.BGNBD().at(**BG), clv.GammaGamma().at(**GG)
NOTHING, TENTH = clv.yearly(0.0), clv.yearly(0.10)
STEEP = clv.monthly(0.25)
"""A rate that makes the time of a purchase matter."""

WHO = {
    "customer_id": ["d", "b", "a", "c"],
    "frequency": [2, 0, 10, 1],
    "recency": [30.43, 0.0, 34.14, 1.71],
    "T": [38.86, 38.86, 38.86, 20.0],
    "monetary_value": [22.35, 0.0, 73.74, 11.77],
    "first_value": [10.0, 35.0, 50.0, 12.0],
}


@cache
def who(library: type = pd.DataFrame) -> clv.Customers:
    return clv.Customers.from_frame(library(WHO), unit="week")


def worth(**changed: object) -> clv.Valuation:
    asked = {"horizon": 52, "discount": NOTHING, "customers": who(), "seed": 1, **changed}
    return clv.value(BUYING, SPENDING, **asked)


def numpy_values(customers: clv.Customers, number: int, horizon: float, force: float, seed: int) -> np.ndarray:
    """Discounted spend of each customer (n, number), simulated from Bayes' theorem and the stories of the papers alone."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = BG.values()
    p, q, v = GG.values()
    result = []
    x, t_x, T, _ = customers.letters().values()
    bought, mean = customers.all_buyers().letters().values()
    for i in range(len(customers)):
        odds = 0.0 if x[i] == 0 else a / (b + x[i] - 1) * ((alpha + T[i]) / (alpha + t_x[i])) ** (r + x[i])
        here = rng.random(number) < 1 / (1 + odds)
        rate, leave = rng.gamma(r + x[i], 1 / (alpha + T[i]), number), rng.beta(a, b + x[i], number)
        mean_rate = rng.gamma(p * bought[i] + q, 1 / (v + bought[i] * mean[i]), number)
        now, value = np.zeros(number), np.zeros(number)
        while here.any():
            now = now + rng.exponential(size=number) / rate
            here &= now <= horizon
            value += here * np.exp(-force * now) * rng.gamma(p, 1 / mean_rate)
            here &= rng.random(number) > leave
        result.append(value)
    return np.array(result)


@pytest.mark.parametrize("margin", [1.0, 0.3])
@pytest.mark.parametrize("horizon", [4.0, 52.0])
def test_without_discount_value_is_a_product(margin: float, horizon: float) -> None:
    found = worth(horizon=horizon, economics=clv.Economics(margin=margin)).expected.mean
    product = BUYING.expected_purchases(horizon, who()).mean * SPENDING.expected_spend(who()).mean
    np.testing.assert_allclose(found, margin * product, rtol=1e-12)


def test_with_discount_it_is_the_product_of_discounted_purchases() -> None:
    product = BUYING.discounted_purchases(52, STEEP, who()).mean * SPENDING.expected_spend(who()).mean
    np.testing.assert_allclose(worth(discount=STEEP).expected.mean, product, rtol=1e-12)


@pytest.mark.parametrize("horizon", [26.0, inf])
def test_an_independent_simulation_agrees(horizon: float) -> None:
    number, force = 60_000, log(1.25) * 12 * 7 / 365.25
    simulated = numpy_values(who(), number, min(horizon, 400.0), force, seed=3)
    error = simulated.std(axis=1) / np.sqrt(number)
    found = worth(horizon=horizon, discount=STEEP)
    assert (np.abs(found.expected.mean - simulated.mean(axis=1)) < 4.0 * error).all()
    drawn = found.outcome.draws()
    both = np.hypot(error, drawn.std(axis=0) / np.sqrt(len(drawn)))
    assert (np.abs(drawn.mean(axis=0) - simulated.mean(axis=1)) < 4.0 * both).all()
    # the share who bring nothing (or, first buying after 400 weeks, next to nothing), and two more places of the law
    for bound in (1e-6, 20.0, 100.0):
        share, theirs = (simulated <= bound).mean(axis=1), (drawn <= bound).mean(axis=0)
        assert (np.abs(share - theirs) < 4.0 * np.sqrt((share * (1 - share) + 1e-4) / len(drawn))).all()


def test_outcomes_are_expected_on_average(purchases: clv.Fit, spend: clv.Fit, cdnow: clv.Customers) -> None:
    found = clv.value(purchases, spend, horizon=39, discount=TENTH, seed=4)
    expected, outcome = found.expected.mean, found.outcome.mean
    # each customer's mean of a thousand outcomes, in its own standard errors, over a few hundred customers
    some = clv.Customers.from_arrays(
        cdnow.frequency[:300],
        cdnow.recency[:300],
        cdnow.T[:300],
        unit="week",
        monetary_value=cdnow.monetary_value[:300],
        first_value=cdnow.first_value[:300],
    )
    drawn = clv.value(purchases, spend, horizon=39, discount=TENTH, customers=some, seed=4).outcome.draws()
    z = (drawn.mean(axis=0) - expected[:300]) / (drawn.std(axis=0) / np.sqrt(len(drawn)))
    assert np.abs(z).max() < 6.0  # outcomes are skewed: a thousand of them are not quite normal on average
    assert abs(z.mean()) < 4.0 / np.sqrt(300)
    assert outcome.sum() == pytest.approx(expected.sum(), rel=0.01)


def test_the_total_is_that_of_summed_draws(purchases: clv.Fit, spend: clv.Fit, cdnow: clv.Customers) -> None:
    found = clv.value(purchases, spend, horizon=39, discount=TENTH, seed=4)
    for name, estimate in (("expected", found.expected), ("outcome", found.outcome)):
        totals = estimate.draws().sum(axis=1)
        row = found.total(prob=0.8).loc[name]
        np.testing.assert_allclose(row[["low", "high"]].to_numpy(float), np.quantile(totals, [0.1, 0.9]), rtol=1e-9)
        assert row["mean"] == pytest.approx(totals.mean(), rel=1e-11)
    assert len(found.frame()) == len(cdnow)


def test_expected_value_is_made_draw_by_draw(purchases: clv.Fit, spend: clv.Fit) -> None:
    found = clv.value(purchases, spend, horizon=39, discount=TENTH, customers=who(), seed=4).expected.draws()
    bought = purchases.discounted_purchases(39, TENTH, who()).draws()
    np.testing.assert_allclose(found, bought * spend.expected_spend(who()).draws(), rtol=1e-12)


def test_a_point_goes_with_every_draw(purchases: clv.Fit) -> None:
    found = clv.value(purchases, SPENDING, horizon=39, discount=TENTH, customers=who(), seed=4).expected
    product = purchases.discounted_purchases(39, TENTH, who()).draws() * SPENDING.expected_spend(who()).mean
    np.testing.assert_allclose(found.draws(), product, rtol=1e-12)
    assert np.isfinite(found.interval()).all()


def test_for_life_is_the_limit_of_long() -> None:
    ladder = np.array([worth(horizon=h, discount=STEEP).expected.mean for h in (50, 100, 200, 400, inf)])
    assert (np.diff(ladder, axis=0) > -1e-12 * ladder[-1]).all()
    np.testing.assert_allclose(ladder[-2], ladder[-1], rtol=1e-7)


def test_later_money_is_worth_less() -> None:
    dear, cheap, free = (worth(discount=rate).expected.mean for rate in (STEEP, TENTH, NOTHING))
    assert (dear < cheap).all()
    assert (cheap < free).all()


@pytest.mark.parametrize("margin", [0.3, 0.999])
def test_a_margin_scales_everything(margin: float) -> None:
    whole, part = worth(), worth(economics=clv.Economics(margin=margin))
    np.testing.assert_allclose(part.expected.mean, margin * whole.expected.mean, rtol=1e-13)
    np.testing.assert_allclose(part.outcome.interval(), margin * whole.outcome.interval(), rtol=1e-13)


def test_a_seed_gives_the_same_numbers() -> None:
    pd.testing.assert_frame_equal(worth().frame(), worth().frame())
    assert not worth().frame().equals(worth(seed=2).frame())


def test_the_frame() -> None:
    frame = worth(discount=TENTH).frame()
    assert frame.columns.tolist() == [
        "customer_id",
        "probability_alive",
        "expected_purchases",
        "expected_spend",
        "clv",
        "clv_low",
        "clv_high",
        "outcome_low",
        "outcome_high",
    ]
    assert frame["customer_id"].tolist() == WHO["customer_id"]
    np.testing.assert_array_equal(frame["expected_purchases"], BUYING.expected_purchases(52, who()).mean)
    np.testing.assert_array_equal(frame["probability_alive"], BUYING.probability_alive(who()).mean)


def test_polars_in_polars_out() -> None:
    frame = worth(customers=who(pl.DataFrame)).frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame["customer_id"].to_list() == WHO["customer_id"]
    np.testing.assert_array_equal(frame["clv"].to_numpy(), worth().frame()["clv"])


def test_credible_intervals_hold_the_mean_and_predictive_ones_are_wider(purchases: clv.Fit, spend: clv.Fit) -> None:
    frame = clv.value(purchases, spend, horizon=39, discount=TENTH, customers=who(), seed=1).frame()
    assert ((frame["clv_low"] < frame["clv"]) & (frame["clv"] < frame["clv_high"])).all()
    assert (frame["outcome_high"] - frame["outcome_low"] > frame["clv_high"] - frame["clv_low"]).all()


def test_points_have_no_credible_interval() -> None:
    frame = worth().frame()
    assert frame[["clv_low", "clv_high"]].isna().to_numpy().all()
    assert frame[["outcome_low", "outcome_high"]].notna().to_numpy().all()


def test_a_spend_fit_is_asked_with_the_view_that_it_saw(cdnow: clv.Customers, purchases: clv.Fit) -> None:
    repeat = clv.fit(clv.GammaGamma(), cdnow.repeat_buyers(), clv.MLE())
    frame = clv.value(purchases, repeat, horizon=39, discount=TENTH, customers=who(), seed=1).frame()
    np.testing.assert_allclose(frame["expected_spend"], repeat.expected_spend(who().repeat_buyers()).mean, rtol=1e-13)
    assert frame["expected_spend"].iloc[1] == pytest.approx(float(repeat.theta.p * repeat.theta.v / (repeat.theta.q - 1)))


def test_notes_speak_of_what_must_be_known(purchases: clv.Fit, spend: clv.Fit) -> None:
    notes = " ".join(clv.value(purchases, spend, horizon=39, discount=TENTH, seed=1).notes)
    assert "drift" in notes
    assert "one-time buyers" in notes


REFUSALS = {
    "a bare rate": ({"discount": 0.10}, r"0\.1.*no period.*yearly\(0\.1\).*monthly\(0\.1\)"),
    "for ever without a rate": ({"horizon": inf}, "infinite horizon needs a discount rate"),
    "a time that was": ({"horizon": -1}, "horizon = -1"),
    "no time": ({"horizon": float("nan")}, "horizon = nan"),
    "nobody": ({"customers": None}, "fitted to nobody"),
    "other units": (
        {"customers": clv.Customers.from_arrays([2], [30], [38], unit="day", monetary_value=[2], first_value=[1])},
        "unit",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused(name: str) -> None:
    changed, words = REFUSALS[name]
    with pytest.raises(QuestionError, match=words):
        worth(**changed).frame()


def test_fits_in_two_units_are_refused() -> None:
    days = clv.GammaGamma().at(**GG, unit="day")
    with pytest.raises(QuestionError, match=r"weeks.*days.*one unit"):
        clv.value(BUYING, days, horizon=52, discount=TENTH, customers=who())


def test_fits_in_the_wrong_places_are_refused() -> None:
    with pytest.raises(QuestionError, match="doesn't say how many purchases"):
        clv.value(SPENDING, BUYING, horizon=52, discount=TENTH, customers=who())
    with pytest.raises(QuestionError, match="doesn't say"):
        clv.value(BUYING, BUYING, horizon=52, discount=TENTH, customers=who())


def test_a_spend_without_a_mean_is_refused() -> None:
    heavy = clv.GammaGamma().at(p=6.0, q=0.9, v=15.0)
    with pytest.raises(QuestionError, match=r"no finite mean.*tail of spend is too heavy"):
        clv.value(
            BUYING,
            heavy,
            horizon=52,
            discount=TENTH,
            customers=clv.Customers.from_arrays([0], [0], [9], unit="week", monetary_value=[0], first_value=[0]),
        ).frame()
