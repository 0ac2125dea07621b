"""Forecasts by period against an independent simulation, their own parts, and what happened on simulated bases."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib import pyplot as plt

import clvmodels as clv
from clvmodels.errors import LogError, QuestionError
from clvmodels.following import outlook as module
from clvmodels.following.schedule import scheduled

mpl.use("Agg")

BG = {"r": 0.9, "alpha": 6.0, "a": 0.8, "b": 2.5}
GG = {"p": 6.25, "q": 3.74, "v": 15.44}
BUYING, SPENDING = clv.BGNBD().at(**BG), clv.GammaGamma().at(**GG)
WHO = clv.Customers.from_arrays(
    [2, 0, 10, 1],
    [30.43, 0.0, 34.14, 1.71],
    [38.86, 38.86, 38.86, 20.0],
    unit="week",
    monetary_value=[22.35, 0.0, 73.74, 11.77],
    first_value=[10.0, 35.0, 50.0, 12.0],
)
NAMES = ("purchases", "revenue")


def numpy_periods(number: int, ends: np.ndarray, seed: int) -> np.ndarray:
    """Purchases and spend of all four in each period, from Bayes' theorem and the papers' stories: (2, periods, number)."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = BG.values()
    p, q, v = GG.values()
    x, t_x, T, _ = WHO.letters().values()
    bought, mean = WHO.all_buyers().letters().values()
    total = np.zeros((2, len(ends), number))
    for i in range(len(WHO)):
        odds = 0.0 if x[i] == 0 else a / (b + x[i] - 1) * ((alpha + T[i]) / (alpha + t_x[i])) ** (r + x[i])
        here = rng.random(number) < 1 / (1 + odds)
        rate, leave = rng.gamma(r + x[i], 1 / (alpha + T[i]), number), rng.beta(a, b + x[i], number)
        each = rng.gamma(p * bought[i] + q, 1 / (v + bought[i] * mean[i]), number)
        now = np.zeros(number)
        while here.any():
            now = now + rng.exponential(size=number) / rate
            here &= now <= ends[-1]
            basket = rng.gamma(p, 1 / each)
            for k, (start, end) in enumerate(zip([0.0, *ends[:-1]], ends, strict=True)):
                inside = here & (start < now) & (now <= end)
                total[0, k] += inside
                total[1, k] += inside * basket
            here &= rng.random(number) > leave
    return total


@pytest.fixture(scope="module")
def simulated() -> np.ndarray:
    return numpy_periods(40_000, 9.0 * np.arange(1, 5), seed=3)


@pytest.fixture(scope="module")
def drawn() -> clv.Outlook:
    return clv.forecast(BUYING, SPENDING, customers=WHO, periods=4, every=9, draws=40_000, seed=5)


@pytest.mark.parametrize("cumulative", [False, True])
def test_an_independent_simulation_agrees(simulated: np.ndarray, drawn: clv.Outlook, *, cumulative: bool) -> None:
    told = drawn.frame(cumulative=cumulative)
    for place, name in enumerate(NAMES):
        theirs, ours = simulated[place], drawn.outcome[name]
        if cumulative:
            theirs, ours = np.cumsum(theirs, axis=0), np.cumsum(ours, axis=0)
        error = theirs.std(axis=1) / np.sqrt(theirs.shape[1])
        assert (np.abs(told[name] - theirs.mean(axis=1)) < 3.5 * error).all()
        both = np.hypot(error, ours.std(axis=1) / np.sqrt(ours.shape[1]))
        assert (np.abs(ours.mean(axis=1) - theirs.mean(axis=1)) < 3.5 * both).all()
        for q in (0.05, 0.5, 0.95):  # the share below a quantile, which has a standard error where a quantile has none
            bound = np.quantile(theirs, q, axis=1, keepdims=True)
            share = (theirs <= bound).mean(axis=1)
            se = np.sqrt(2.0 * share * (1.0 - share) / theirs.shape[1])
            assert (np.abs((ours <= bound).mean(axis=1) - share) < 3.5 * se).all()


def test_a_point_has_a_band_of_outcomes_only(drawn: clv.Outlook) -> None:
    told = drawn.frame()
    assert told[["purchases_low", "purchases_high", "revenue_low", "revenue_high"]].isna().to_numpy().all()
    assert (told["revenue_outcome_low"] < told["revenue"]).all()
    assert (told["revenue"] < told["revenue_outcome_high"]).all()


def test_periods_are_cut_from_one_future(purchases: clv.Fit, spend: clv.Fit) -> None:
    fine = clv.forecast(purchases, spend, periods=12, every=4, draws=200, seed=1)
    whole = clv.forecast(purchases, spend, periods=1, every=48, draws=200, seed=1)
    np.testing.assert_array_equal(fine.outcome["purchases"].sum(axis=0), whole.outcome["purchases"][0])
    np.testing.assert_allclose(fine.outcome["revenue"].sum(axis=0), whole.outcome["revenue"][0], rtol=1e-12)
    for name in NAMES:
        np.testing.assert_allclose(fine.expected[name].sum(axis=0), whole.expected[name][0], rtol=1e-10)
        each, upto = fine.frame()[name], fine.frame(cumulative=True)[name]
        np.testing.assert_allclose(np.cumsum(each), upto, rtol=1e-12)


def test_a_cumulative_band_is_that_of_summed_draws(purchases: clv.Fit) -> None:
    found = clv.forecast(purchases, periods=3, every=13, draws=300, seed=1)
    totals = np.cumsum(found.outcome["purchases"], axis=0)
    told = found.frame(prob=0.8, cumulative=True)
    ends = told[["purchases_outcome_low", "purchases_outcome_high"]].to_numpy().T
    np.testing.assert_allclose(ends, np.quantile(totals, [0.1, 0.9], axis=1), rtol=1e-12)


def test_expectations_are_those_of_each_customer_draw_by_draw(purchases: clv.Fit, spend: clv.Fit) -> None:
    found = clv.forecast(purchases, spend, customers=WHO, periods=3, every=13, seed=1)
    until = np.stack([purchases.expected_purchases(end, WHO).draws() for end in (13, 26, 39)])
    each = np.diff(until, axis=0, prepend=0.0)
    np.testing.assert_allclose(found.expected["purchases"], each.sum(axis=2), rtol=1e-9)
    worth = (each * spend.expected_spend(WHO).draws()).sum(axis=2)
    np.testing.assert_allclose(found.expected["revenue"], worth, rtol=1e-9)


MODELS = {
    "NBD": clv.NBD().at(r=0.6, alpha=5.0),
    "MBG/NBD": clv.MBGNBD().at(**BG),
    "Pareto/NBD": clv.ParetoNBD().at(r=0.6, alpha=8.0, s=0.7, beta=9.0),
    "G/G/NBD": clv.GGNBD().at(r=0.6, alpha=8.0, b=0.02, s=0.7, beta=1.5),
    "BG/CNBD-2": clv.BGCNBD(2).at(**BG),
    "MBG/CNBD-3": clv.MBGCNBD(3).at(**BG),
    "BG/BB": clv.BGBB().at(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78, unit="week"),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_model_draws_what_it_expects(name: str) -> None:
    fit = MODELS[name]
    base = clv.Customers.from_arrays([2, 0, 7, 1], [30, 0, 34, 2], [38, 38, 38, 20], unit="week", litt=[5, 0, 9, np.log(2)])
    found = clv.forecast(fit, customers=base, periods=4, every=6, draws=20_000, seed=2)
    until = [fit.expected_purchases(end, base).mean.sum() for end in (6, 12, 18, 24)]
    np.testing.assert_allclose(found.expected["purchases"][:, 0], np.diff(until, prepend=0.0), rtol=1e-9)
    outcome = found.outcome["purchases"]
    error = outcome.std(axis=1) / np.sqrt(outcome.shape[1])
    assert (np.abs(outcome.mean(axis=1) - found.expected["purchases"][:, 0]) < 4.0 * error).all()


def test_strangers_do_not_buy_in_step() -> None:
    one = clv.Customers.from_arrays([3], [20], [38], unit="week")
    many = clv.Customers.from_arrays([3] * 900, [20] * 900, [38] * 900, unit="week")
    sd = [clv.forecast(BUYING, customers=who, periods=2, every=9, draws=4000, seed=1).outcome for who in (one, many)]
    alone, together = (each["purchases"].std(axis=1) for each in sd)
    np.testing.assert_allclose(together, 30.0 * alone, rtol=0.06)


def test_a_seed_gives_the_same_numbers(purchases: clv.Fit) -> None:
    asked = {"periods": 2, "every": 13, "draws": 100}
    told = [clv.forecast(purchases, **asked, seed=seed).frame() for seed in (1, 1, 2)]
    pd.testing.assert_frame_equal(told[0], told[1])
    assert not told[0].equals(told[2])
    fresh = clv.forecast(purchases, **asked)
    pd.testing.assert_frame_equal(clv.forecast(purchases, **asked, seed=fresh.seed).frame(), fresh.frame())


def test_a_stack_mixes_its_members(cdnow: clv.Customers) -> None:
    fits = [clv.fit(model, cdnow, seed=1) for model in (clv.BGNBD(), clv.NBD())]
    stack = clv.Stack(tuple(fits), (0.75, 0.25), draws=400)
    found = clv.forecast(stack, periods=2, every=13, draws=200, seed=1)
    parts = [
        clv.forecast(one, periods=2, every=13, draws=n, seed=1) for one, n in zip(stack.members, (150, 50), strict=True)
    ]
    joined = np.concatenate([part.expected["purchases"] for part in parts], axis=1)
    np.testing.assert_allclose(found.expected["purchases"], joined, rtol=1e-12)
    assert found.outcome["purchases"].shape == (2, 200)
    assert not found.certain


def test_the_table(purchases: clv.Fit, spend: clv.Fit) -> None:
    asked = {"periods": 3, "every": "month", "observation_end": "1997-09-30", "draws": 50, "seed": 1}
    told = clv.forecast(purchases, spend, **asked).frame()
    ends = ["", "_low", "_high", "_outcome_low", "_outcome_high"]
    assert list(told) == ["period", "until", "start", "end", *(name + end for name in NAMES for end in ends)]
    assert told["period"].tolist() == ["1997-10", "1997-11", "1997-12"]
    assert (
        (told["purchases_outcome_high"] - told["purchases_outcome_low"])
        .gt(told["purchases_high"] - told["purchases_low"])
        .all()
    )
    assert repr(clv.forecast(purchases, **asked)).startswith(
        "Outlook(2,357 customers, 3 periods to 13.14 weeks: purchases 6"
    )
    assert list(clv.forecast(purchases, **asked).frame()) == list(told)[:9]


def test_many_customers_take_fewer_draws_and_say_so(purchases: clv.Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CELLS", 2357 * 300)
    asked = {"periods": 2, "every": 13, "seed": 1}
    few, told = clv.forecast(purchases, **asked), clv.forecast(purchases, **asked, draws=300)
    pd.testing.assert_frame_equal(few.frame(), told.frame())
    assert few.notes[-1] == ("Bands are of 300 draws, fewer than usual, for there are 2,357 customers: say draws= for more.")
    assert few.notes[:-1] == told.notes
    monkeypatch.setattr(module, "CELLS", 2357)
    assert clv.forecast(purchases, **asked).expected["purchases"].shape == (2, 200)


def test_notes_speak_of_what_must_be_known(purchases: clv.Fit, spend: clv.Fit) -> None:
    found = clv.forecast(purchases, spend, periods=1, every=4, draws=50, seed=1)
    notes = " ".join(found.notes)
    assert "drift" in notes
    assert "one-time buyers" in notes
    wide = found.widen(clv.Shock(sd=0.3, origins=4), seed=1)
    assert "drift" not in " ".join(wide.notes)
    assert "common shock of 30 %" in wide.notes[-1]
    assert wide.outcome["revenue"].std() > 2.0 * found.outcome["revenue"].std()
    np.testing.assert_allclose(
        wide.outcome["revenue"] / found.outcome["revenue"], wide.outcome["purchases"] / found.outcome["purchases"]
    )
    np.testing.assert_array_equal(wide.expected["revenue"], found.expected["revenue"])


# periods, worked by hand

SCHEDULES = {
    "months in days": ((3, "month", "1997-09-30", "day"), ["1997-10", "1997-11", "1997-12"], [31, 61, 92]),
    "what is left of a month": ((2, "month", "2011-12-09", "day"), ["2011-12", "2012-01"], [22, 53]),
    "a leap year, in weeks": ((1, "year", "2011-12-31", "week"), ["2012"], [366 / 7]),
    "half-years": ((2, "half-year", "1997-06-30", "day"), ["1997-H2", "1998-H1"], [184, 365]),
    "weeks begin on Monday": ((2, "week", "1997-09-30", "day"), ["1997-W40", "1997-W41"], [5, 12]),
    "from noon": ((1, "month", "1997-10-30T11:59", "day"), ["1997-10"], [1.5]),
    "of one length": ((3, 13, None, "week"), ["1", "2", "3"], [13, 26, 39]),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules(name: str) -> None:
    asked, names, ends = SCHEDULES[name]
    found = scheduled(*asked)
    assert list(found.names) == names
    np.testing.assert_allclose(found.ends, ends, rtol=1e-12)


def test_days_of_a_schedule() -> None:
    told = scheduled(2, 4, "1997-09-30", "week").frame()
    assert told["start"].dt.strftime("%m-%d").tolist() == ["10-01", "10-29"]
    assert told["end"].dt.strftime("%m-%d").tolist() == ["10-28", "11-25"]
    assert list(scheduled(2, 4, None, "week").frame()) == ["period", "until"]


# what happened, worked by hand

EARLIER = [("ann", "2015-01-01", 10.0), ("ann", "2015-01-20", 10.0), ("bob", "2015-01-05", 10.0), ("cat", "2015-01-31", 5.0)]
LATER = [
    ("ann", "2015-02-01", 7.0),
    ("ann", "2015-02-28", 1.0),
    ("bob", "2015-02-28", 4.0),
    ("bob", "2015-02-28", 2.0),
    ("ann", "2015-03-01", 9.0),
    ("new", "2015-03-02", 99.0),
    ("cat", "2015-04-15", 3.0),
    ("cat", "2015-06-15", 3.0),
]
"""February: 3 purchases (one of two rows), 14; March: 1, 9; April: 1, 3; May: none; June is beyond. new came later."""


def log(rows: list[tuple[str, str, float]], library: Any = pd.DataFrame) -> Any:
    return library(dict(zip(("customer_id", "date", "value"), map(list, zip(*rows, strict=True)), strict=True)))


def outlook(end: str | None = "2015-01-31", **changed: Any) -> clv.Outlook:
    base = clv.rfm_summary(log(EARLIER), unit="day", observation_end="2015-01-31")
    fit, spend = clv.BGNBD().at(**BG, unit="day"), clv.GammaGamma().at(**GG, unit="day")
    asked = {"periods": 4, "every": "month", "observation_end": end, "draws": 100, "seed": 1, **changed}
    return clv.forecast(fit, spend, customers=base, **asked)


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame])
@pytest.mark.parametrize("rows", [LATER, EARLIER + LATER], ids=["the time since", "the whole log"])
def test_what_happened_by_hand(library: Any, rows: list[tuple[str, str, float]]) -> None:
    found = outlook().against(log(rows, library))
    told = found.frame()
    assert told["purchases_actual"].tolist() == [3, 1, 1, 0]
    assert told["revenue_actual"].tolist() == [14, 9, 3, 0]
    assert told["whole"].all()
    np.testing.assert_allclose(told["revenue_gap"], told["revenue_actual"] / told["revenue"] - 1.0)
    inside = (told["revenue_actual"] >= told["revenue_outcome_low"]) & (
        told["revenue_actual"] <= told["revenue_outcome_high"]
    )
    assert told["revenue_within"].tolist() == inside.tolist()
    assert found.frame(cumulative=True)["purchases_actual"].tolist() == [3, 4, 5, 5]
    forecast = outlook().frame()
    pd.testing.assert_frame_equal(told[list(forecast)], forecast)


def test_what_is_not_over_is_not_judged() -> None:
    found = outlook().against(log(LATER), until="2015-04-29")
    told = found.frame()
    assert told["whole"].tolist() == [True, True, False, False]
    assert told["purchases_actual"].tolist()[:2] == [3, 1]
    assert told["purchases_actual"].isna().tolist() == [False, False, True, True]
    assert told["purchases_within"].isna().tolist() == [False, False, True, True]
    assert "1 purchase after 2015-04-29 was left out." in found.notes
    assert found.notes[-1] == "Period 2015-04 isn't over by 2015-04-29, and isn't judged: purchases 1 and revenue 3 so far."
    assert repr(found).startswith("Hindsight(2 of 4 periods over)\n  purchases: ")
    assert outlook().against(log(LATER), until="2015-04-30").frame()["whole"].tolist() == [True, True, True, False]
    assert repr(outlook().against(log(LATER), until="2015-02-27")).startswith(
        "Hindsight(0 of 4 periods over)\n  5 purchases after"
    )


def test_periods_of_one_length_end_within_a_day() -> None:
    found = outlook(periods=2, every=28).against(log(LATER), until="2015-03-28").frame()
    assert found["purchases_actual"].tolist() == [3, 1]
    assert found["whole"].tolist() == [True, True]
    early = outlook(periods=2, every=27.5).against(log(LATER), until="2015-03-28").frame()  # the 28th day is of the second
    assert early["purchases_actual"].tolist() == [1, 3]


def test_refunds_of_later_purchases_are_netted() -> None:
    rows = [*LATER, ("ann", "2015-03-10", -9.0)]
    with pytest.raises(LogError, match="negative"):
        outlook().against(log(rows))
    found = outlook().against(log(rows), refunds="net")
    assert found.frame()["purchases_actual"].tolist() == [3, 0, 1, 0]
    assert "1 refund after 2015-01-31 up to 2015-06-15 worth 9.00" in found.notes[0]


def test_without_values_purchases_alone_are_judged() -> None:
    found = outlook().against(log(LATER)[["customer_id", "date"]], value=None)
    assert "revenue_actual" not in found.frame()
    with pytest.raises(QuestionError, match=r"What happened to 'revenue' isn't known here. Say one of purchases"):
        found.plot(what="revenue")


def test_logs_that_do_not_fit_are_refused() -> None:
    with pytest.raises(QuestionError, match=r"no dates.*observation_end"):
        outlook(None, every=28).against(log(LATER))
    with pytest.raises(LogError, match=r"The log ends at 2015-01-31, and the forecast begins after 2015-01-31"):
        outlook().against(log(EARLIER))
    with pytest.raises(LogError, match=r"None of the 3 customers.*'ann' was one of them, and the log knows 1"):
        outlook().against(log(LATER).assign(customer_id=range(1, 9)))
    with pytest.raises(QuestionError, match="histories of these customers end 28 days before 2015-02-28"):
        outlook("2015-02-28").against(log(EARLIER + LATER))
    with pytest.raises(QuestionError, match="histories of these customers end 6 days after 2015-01-25"):
        outlook("2015-01-25").against(log([row for row in EARLIER if row[0] != "cat"] + LATER))
    with pytest.raises(QuestionError, match="begins within a day"):
        outlook("2015-01-31T11:00").against(log(LATER))


REFUSALS = {
    "no period": ({"periods": 0}, "0 periods can't be"),
    "half a period": ({"periods": 1.5}, r"1\.5 periods can't be"),
    "no length": ({"every": 0}, "every = 0 can't be"),
    "for ever": ({"every": float("inf")}, "every = inf can't be"),
    "a calendar without a date": ({"every": "month", "observation_end": None}, r"begins at a date.*every=13"),
    "another period": ({"every": "fortnight"}, "'fortnight' is no period of the calendar"),
    "another date": ({"observation_end": "yesterday"}, "observation_end='yesterday' is no date"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused(name: str) -> None:
    changed, words = REFUSALS[name]
    with pytest.raises(clv.ClvError, match=words):
        outlook(**{"end": changed.pop("observation_end", "2015-01-31"), **changed} if changed else {})


def test_fits_that_do_not_go_together_are_refused() -> None:
    asked = {"periods": 1, "every": 4}
    with pytest.raises(QuestionError, match="fitted to nobody, so pass customers="):
        clv.forecast(BUYING, **asked)
    with pytest.raises(QuestionError, match="doesn't say how many purchases"):
        clv.forecast(SPENDING, customers=WHO, **asked)
    with pytest.raises(QuestionError, match="doesn't say what customers spend"):
        clv.forecast(BUYING, BUYING, customers=WHO, **asked)
    with pytest.raises(QuestionError, match=r"weeks.*days.*one unit"):
        clv.forecast(BUYING, clv.GammaGamma().at(**GG, unit="day"), customers=WHO, **asked)
    free = clv.Customers.from_arrays([0], [0], [9], unit="week", monetary_value=[0], first_value=[0])
    with pytest.raises(QuestionError, match="no finite mean"):
        clv.forecast(BUYING, clv.GammaGamma().at(p=6.0, q=0.9, v=15.0), customers=free, **asked)


def test_pictures() -> None:
    found = outlook()
    for ax in (found.plot(), found.plot(what="purchases", cumulative=True), outlook(None, every=28).plot()):
        labels = [text.get_text() for text in ax.get_legend().get_texts()]
        assert sorted(labels) == ["expected", "outcome, 90%"]
        plt.close(ax.figure)
    ax = found.against(log(LATER)).plot()
    assert ax.get_ylim()[1] > 14.0
    assert "happened" in [text.get_text() for text in ax.get_legend().get_texts()]
    plt.close(ax.figure)
    with pytest.raises(QuestionError, match=r"'profit' isn't forecast here\. Say one of purchases, revenue"):
        found.plot(what="profit")


# coverage


def story(n: int, seed: int) -> pd.DataFrame:
    """A log of strangers from 2015 on, by the stories of BG/NBD and gamma-gamma, to the minute; nobody comes after March."""
    rng = np.random.default_rng(seed)
    born, rate, leave = rng.uniform(0, 12, n), rng.gamma(0.9, 1 / 6.0, n), rng.beta(0.8, 2.5, n)
    each = rng.gamma(GG["q"], 1 / GG["v"], n)
    rows = []
    for i in range(n):
        t, there = born[i], True
        while there and t < 120.0:
            rows.append((i, t, rng.gamma(GG["p"]) / each[i]))
            there = t == born[i] or rng.random() > leave[i]
            t += rng.exponential() / rate[i]
    who, when, worth = zip(*rows, strict=True)
    dates = pd.Timestamp("2015-01-01") + pd.to_timedelta(np.array(when) * 7 * 1440, unit="min").round("min")
    return pd.DataFrame({"customer_id": who, "date": dates, "value": worth})


def test_bands_hold_what_happens_as_often_as_they_say() -> None:
    """30 bases of 300 customers, known for a year: 3 quarters each, which share their parameters, so some 50 in effect."""
    held = []
    for seed in range(30):
        bought = story(300, seed)
        known = clv.rfm_summary(bought, observation_end="2015-12-31", resolution="minute")
        fits = clv.fit(clv.BGNBD(), known, seed=1), clv.fit(clv.GammaGamma(), known.all_buyers(), seed=1)
        later = clv.forecast(*fits, periods=3, every="quarter", observation_end="2015-12-31", draws=500, seed=seed)
        told = later.against(bought, resolution="minute", until="2016-09-30").frame(prob=0.8)
        assert told["whole"].all()
        held.append(told[["purchases_within", "revenue_within"]].mean().tolist())
    purchases, revenue = np.mean(held, axis=0)
    assert abs(purchases - 0.8) < 0.15
    assert abs(revenue - 0.8) < 0.15
