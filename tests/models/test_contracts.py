"""Contracts: sBG and BdW against their papers, 50-digit formulas, simulation and brute sums; cohorts and their refusals."""

from __future__ import annotations

import re
from math import inf
from typing import Any

import mpmath as mp
import numpy as np
import oracles
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import clvmodels as clv
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.kernels.beta_ratio import beta_ratio_slopes, log_beta_ratio
from clvmodels.questions.contracts import block_rule, sum_rule

Point = tuple[float, ...]
SEGMENTS = {"regular": (0.704, 1.182), "high_end": (0.668, 3.806)}
SURVIVAL = {2: oracles.sbg_survival, 3: oracles.bdw_survival}
TENTH = clv.yearly(0.10)


def model_of(theta: Point) -> Any:
    return clv.SBG() if len(theta) == 2 else clv.BDW()


def given(*theta: float) -> clv.Fit:
    return model_of(theta).at(unit="year", **dict(zip(("alpha", "beta", "c"), theta, strict=False)))


def counted(segment: str) -> clv.Cohorts:
    table = clv.datasets.subscriptions()
    return clv.Cohorts.from_frame(table[table["segment"] == segment], "year", period="year")


def distance(value: float, exact: mp.mpf) -> float:
    return float(abs(mp.mpf(float(value)) - exact) / max(abs(exact), mp.mpf(10) ** -290))


def test_subscriptions() -> None:
    table = clv.datasets.subscriptions()
    assert list(table.columns) == ["segment", "year", "survivors"]
    percent = {segment: list(rows / 10) for segment, rows in table.groupby("segment")["survivors"]}
    assert percent["regular"] == [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]
    assert percent["high_end"] == [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]


def test_donations() -> None:
    table = clv.datasets.donations()
    assert list(table.columns) == ["frequency", "recency", "T", "customers", "holdout_purchases", "holdout_periods"]
    assert table.shape == (22, 6)
    assert table["customers"].sum() == 11_104
    assert table["holdout_purchases"].sum() == 13_260
    assert (table["frequency"] <= table["recency"]).all()


@pytest.mark.parametrize(("segment", "value"), [("regular", -1680.2652), ("high_end", -1611.1581)])
def test_the_published_fit_to_seven_years(segment: str, value: float) -> None:
    fit = clv.fit(clv.SBG(), counted(segment).until(7), clv.MLE(), seed=1)
    assert fit.record.converged
    np.testing.assert_allclose(fit.theta, SEGMENTS[segment], atol=5e-4)
    assert fit.log_likelihood == pytest.approx(value, abs=5e-5)


@pytest.mark.parametrize(("segment", "off"), [("regular", 0.0035), ("high_end", 0.0165)])
def test_the_projection_to_twelve_years(segment: str, off: float) -> None:
    cohorts = counted(segment)
    fit = clv.fit(clv.SBG(), cohorts.until(7), clv.MLE(), seed=1)
    projected = fit.expected_survival(np.arange(8, 13)).mean
    assert np.abs(projected - cohorts.survivors[8:] / 1000).max() < off


def test_high_end_customers_are_better_told_by_bdw() -> None:
    """The first four years as R's package foretell has them; seven years project the others to within a point."""
    cohorts = counted("high_end")
    four = clv.fit(clv.BDW(), cohorts.until(4), clv.MLE(), seed=1)
    np.testing.assert_allclose(four.theta, [0.259337, 1.722556, 1.584355], rtol=1e-5)
    assert four.log_likelihood == pytest.approx(-1222.7493, abs=1e-4)
    seven = clv.fit(clv.BDW(), cohorts.until(7), clv.MLE(), seed=1)
    assert np.abs(seven.expected_survival(cohorts.period).mean - cohorts.survivors / 1000).max() < 0.01


def test_the_published_value_of_a_customer() -> None:
    paper = given(3.80, 15.20)
    found = paper.discounted_residual_lifetime([0, 1, 2, 3, 4], TENTH).mean
    np.testing.assert_allclose(found, [3.3098184, 3.4510003, 3.5865437, 3.7168115, 3.842134], atol=6e-8)
    assert list(found.round(2)) == [3.31, 3.45, 3.59, 3.72, 3.84]


def ratio(a: mp.mpf, b: mp.mpf, y: mp.mpf) -> mp.mpf:
    return mp.loggamma(b + y) - mp.loggamma(b) - mp.loggamma(a + b + y) + mp.loggamma(a + b)


@pytest.mark.parametrize("ends", [(-3.0, 3.0), (-12.0, 6.0), (-2.0, 12.0)])
def test_a_ratio_of_beta_functions(ends: tuple[float, float]) -> None:
    with mp.workdps(120):
        for row in 10 ** np.random.default_rng(2).uniform(*ends, (200, 3)):
            a, b, y = map(mp.mpf, map(float, row))
            fall = mp.psi(0, a + b) - mp.psi(0, a + b + y)
            exact = fall, mp.psi(0, b + y) - mp.psi(0, b) + fall, mp.psi(0, b + y) - mp.psi(0, a + b + y)
            assert distance(log_beta_ratio(*map(float, row)), ratio(a, b, y)) < 3e-15
            for found, slope in zip(beta_ratio_slopes(*map(float, row)), exact, strict=True):
                assert distance(found, slope) < 3e-15


@pytest.mark.parametrize("row", [(1e-300, 1e-300, 1e300), (1e200, 1e-200, 0.0), (1e-12, 1e-12, inf), (1e300, 1e300, 1e300)])
def test_a_ratio_of_beta_functions_is_a_number(row: Point) -> None:
    assert log_beta_ratio(*row) <= 0.0
    assert np.isfinite([log_beta_ratio(*row), *beta_ratio_slopes(*row)[:2]]).all()


# the likelihood


def drawn(number: int, seed: int, parameters: int) -> list[tuple[Point, Point]]:
    rng = np.random.default_rng(seed)
    exponents = rng.uniform([-2.0, -2.0, -1.0], [2.0, 2.0, 1.0], (number, 3))[:, :parameters]
    tenures = np.floor(10 ** rng.uniform(0, 3.5, number))
    histories = zip(tenures, rng.integers(0, 2, number), strict=True)
    return [(tuple(map(float, 10**e)), tuple(map(float, h))) for e, h in zip(exponents, histories, strict=True)]


EXTREME: list[tuple[Point, Point]] = [
    ((0.704, 1.182), (0.0, 0.0)),
    ((0.704, 1.182), (100_000.0, 1.0)),
    ((1e-5, 1e5), (100_000.0, 1.0)),
    ((1e5, 1e-5), (1.0, 1.0)),
    ((0.5, 2.0, 1e-3), (50_000.0, 1.0)),
    ((0.5, 2.0, 8.0), (40_000.0, 1.0)),
    ((1e-4, 1e4, 1.5), (7.0, 1.0)),
    ((0.668, 3.806, 1.0), (1.0, 1.0)),
    ((0.668, 3.806, 1.3), (0.0, 0.0)),
]
CASES = drawn(40, 11, 2) + drawn(60, 12, 3) + EXTREME


def likelihood(theta: Point, t: Any, lost: Any) -> LogLikelihood:
    return model_of(theta).loglik(np.array([theta]), Histories.of({"t": np.array(t), "lost": np.array(lost)}))


def exact_likelihood(theta: tuple[Any, ...], history: Point) -> mp.mpf:
    (t, lost), alpha, beta = history, *theta[:2]
    power = mp.mpf(1) if len(theta) == 2 else theta[2]

    def survival(made: float) -> mp.mpf:
        return mp.exp(ratio(alpha, beta, mp.mpf(made) ** power if made else mp.mpf(0)))

    return mp.log(survival(t - 1) - survival(t)) if lost else mp.log(survival(t))


@pytest.mark.parametrize(("theta", "history"), CASES)
def test_the_likelihood_and_its_slopes(theta: Point, history: Point) -> None:
    found = likelihood(theta, [history[0]], [history[1]]).total()[:, 0]
    with mp.workdps(160):
        point = [mp.mpf(p) for p in theta]
        exact = exact_likelihood(tuple(point), history)
        assert float(abs(found[0] - exact)) < 3e-15 * max(1.0, abs(float(exact)))
        for j, p in enumerate(point):
            step = p * mp.mpf(10) ** -40
            up, down = ((*point[:j], p + sign * step, *point[j + 1 :]) for sign in (1, -1))
            slope = (exact_likelihood(up, history) - exact_likelihood(down, history)) / (2 * step)
            assert float(abs(found[1 + j] - slope)) < 1e-12 * float(abs(slope)) + 1e-14


@pytest.mark.parametrize("theta", [(0.704, 1.182), (30.0, 0.2), (0.704, 1.182, 1.7), (3.0, 40.0, 0.3)])
def test_chances_add_up_to_one_and_scores_to_nothing(theta: Point) -> None:
    periods = np.arange(1.0, 31.0)
    rows = likelihood(theta, np.r_[periods, 30.0], np.r_[np.ones(30), 0.0]).each()[:, 0]
    chances = np.exp(rows[0])
    assert chances.sum() == pytest.approx(1.0, abs=1e-14)
    np.testing.assert_allclose(rows[1:] @ chances, 0.0, atol=1e-14)


@pytest.mark.parametrize("theta", [theta for theta, _ in CASES if len(theta) == 2])
def test_bdw_at_one_is_sbg(theta: Point) -> None:
    seen = [0.0, 1.0, 1.0, 5.0, 5.0, 900.0, 900.0], [0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]
    mine, theirs = likelihood(theta, *seen).each(), likelihood((*theta, 1.0), *seen).each()
    np.testing.assert_allclose(theirs[:3], mine, rtol=2e-13, atol=1e-14)


@pytest.mark.parametrize("theta", [(0.704, 1.182), (0.01, 90.0), (0.668, 3.806, 1.3), (5.0, 0.1, 0.4)])
def test_survival_and_retention(theta: Point) -> None:
    fit, periods = given(*theta), [1, 2, 7, 40, 3000]
    survival, retention = fit.expected_survival(periods), fit.expected_retention(periods)
    for i, t in enumerate(periods):
        assert distance(survival.mean[i], SURVIVAL[len(theta)](theta, t)) < 1e-14
        share = SURVIVAL[len(theta)](theta, t) / SURVIVAL[len(theta)](theta, t - 1)
        assert distance(retention.mean[i], share) < 1e-14
    assert list(retention.frame()["customer_id"]) == periods
    assert fit.expected_survival(0).mean[0] == 1.0


@pytest.mark.parametrize("theta", [(0.704, 1.182), (0.01, 90.0), (0.668, 3.806, 1.3), (5.0, 0.1, 0.4), (0.3, 1e4, 6.0)])
def test_discounted_lifetimes_renewal_by_renewal(theta: Point) -> None:
    """The oracle of BdW adds renewals up one by one, so that the rate must end its sum soon."""
    formula, rates = (oracles.sbg_derl, (0.1, 1e-3)) if len(theta) == 2 else (oracles.bdw_derl, (0.3,))
    for rate in rates:
        found = given(*theta).discounted_residual_lifetime([0, 3, 50], clv.yearly(rate)).mean
        for value, tenure in zip(found, (0, 3, 50), strict=True):
            assert distance(value, formula(theta, rate, tenure + 1)) < 1e-13


@pytest.mark.parametrize("theta", [(0.704, 1.182), (20.0, 3.0), (0.668, 3.806, 1.3), (5.0, 0.1, 0.4), (0.3, 1e4, 6.0)])
def test_lifetimes_within_a_horizon(theta: Point) -> None:
    fit, ahead = given(*theta), np.arange(1, 1501)
    for tenure in (0, 4):
        survival = fit.expected_survival(np.r_[tenure, tenure + ahead]).mean
        for horizon in (1, 31, 33, 700, 1500):
            brute = survival[1 : horizon + 1].sum() / survival[0]
            assert fit.residual_lifetime(tenure, horizon).mean[0] == pytest.approx(brute, rel=1e-13)
            weights = 1.1 ** -np.arange(horizon)
            brute = weights @ survival[1 : horizon + 1] / survival[0]
            assert fit.discounted_residual_lifetime(tenure, TENTH, horizon).mean[0] == pytest.approx(brute, rel=1e-13)


def test_lifetimes_without_end() -> None:
    for alpha, beta in ((3.8, 15.2), (1.0001, 3.0), (2.0, 1e-3), (50.0, 2e4), (9.0, 1e5)):
        exact = (beta + np.array([0, 7, 2000])) / (alpha - 1.0)
        np.testing.assert_allclose(given(alpha, beta).residual_lifetime([0, 7, 2000]).mean, exact, rtol=1e-13)
        np.testing.assert_allclose(given(alpha, beta, 1.0).residual_lifetime([0, 7, 2000]).mean, exact, rtol=1e-11)


def whole_life(theta: Point) -> mp.mpf:
    """Add up survival: one by one to 300, and after that by an integral with the corrections of Euler and Maclaurin."""
    alpha, beta, c = map(mp.mpf, theta)

    def survival(w: mp.mpf) -> mp.mpf:
        return mp.exp(ratio(alpha, beta, w**c))

    def stretched(v: mp.mpf) -> mp.mpf:
        return survival(mp.exp(v)) * mp.exp(v)

    start, far = mp.mpf(300.5), mp.log(mp.mpf(10) ** 22) / c
    total = mp.fsum(survival(mp.mpf(k)) for k in range(1, 301))
    total += mp.quad(stretched, mp.linspace(mp.log(start), far, 25)) + stretched(far) / (alpha * c - 1)
    return total + mp.diff(survival, start) / 24 - 7 * mp.diff(survival, start, 3) / 5760


@pytest.mark.parametrize("theta", [(1.0, 2.0, 1.1), (7.0, 3.0, 0.4), (0.4, 2e3, 3.0), (30.0, 0.5, 0.05), (0.7, 1.2, 1.5)])
def test_lifetimes_without_end_of_bdw(theta: Point) -> None:
    assert distance(given(*theta).residual_lifetime(0).mean[0], whole_life(theta)) < 1e-12


@pytest.mark.parametrize(
    "theta", [(1.3, 4.0, 0.9), (0.12, 5e3, 9.0), (300.0, 1e6, 1.2), (40.0, 0.01, 0.03), (2.0, 1e6, 0.8)]
)
def test_lifetimes_go_on_from_period_to_period(theta: Point) -> None:
    fit = given(*theta)
    now, later = fit.residual_lifetime([0, 3, 800]).mean, fit.residual_lifetime([1, 4, 801]).mean
    np.testing.assert_allclose(now, fit.expected_retention([1, 4, 801]).mean * (1.0 + later), rtol=1e-11)


def test_a_rule_for_sums() -> None:
    for last in (1, 32, 33, 100, 10**6, 10**12):
        times, weights = sum_rule(last)
        assert len(times) <= 1000
        assert weights @ (1.0 / times) == pytest.approx(float(mp.harmonic(last)), rel=1e-14)
        assert weights @ times == pytest.approx(last * (last + 1) / 2, rel=1e-14)
    nodes, weights = block_rule(40)
    sums = [float(sum(k**degree for k in range(40))) for degree in range(32)]
    assert weights @ nodes[:, None] ** np.arange(32) == pytest.approx(sums, rel=1e-12)


# simulation, and learning from it


@pytest.mark.parametrize("theta", [(2.5, 6.0), (2.5, 6.0, 0.6), (0.7, 3.0, 1.8)])
@pytest.mark.parametrize("tenure", [0.0, 5.0])
def test_drawn_lifetimes(theta: Point, tenure: float) -> None:
    rng, model = np.random.default_rng(5), model_of(theta)
    lives = np.array([model.leaving.function(rng, *theta, tenure) for _ in range(20_000)])
    assert np.array_equal(lives, np.floor(lives))
    there = np.array([1.0, 2.0, 4.0, 10.0, 30.0])
    columns = np.column_stack([np.full(5, tenure), there])
    exact = model.retained(np.array([theta]), columns)[0, 0]
    found = (lives[:, None] >= there).mean(axis=0)
    assert np.abs((found - exact) / np.sqrt(exact * (1.0 - exact) / len(lives))).max() < 4.0


@pytest.mark.parametrize("theta", [(0.8, 3.0), (0.8, 3.0, 1.4), (2.0, 6.0, 0.7)])
def test_recovery(theta: Point) -> None:
    rng, model = np.random.default_rng(3), model_of(theta)
    lives = np.array([model.leaving.function(rng, *theta, 0.0) for _ in range(20_000)])
    cohorts = clv.Cohorts.from_survivors([int((lives >= t).sum()) for t in range(25)], unit="month")
    fit = clv.fit(model, cohorts, clv.MLE(), seed=1)
    assert fit.record.converged
    assert np.abs((np.array(fit.theta) - theta) / fit.parameters()["sd"].to_numpy()).max() < 4.0


@pytest.mark.parametrize("model", [clv.SBG(), clv.BDW()], ids=lambda m: m.name)
def test_the_posterior(model: Any) -> None:
    cohorts = counted("regular")
    fit = clv.fit(model, cohorts.until(7), clv.Laplace(draws=500), seed=1)
    assert fit.record.pareto_k < 0.9
    ends = fit.expected_survival([12]).interval()[0]
    assert ends[0] < cohorts.survivors[-1] / 1000 < ends[1]
    worth = fit.discounted_residual_lifetime([0, 5], TENTH)
    np.testing.assert_array_equal(fit.discounted_residual_lifetime(5, TENTH).draws()[:, 0], worth.draws()[:, 1])
    assert np.all(worth.interval()[:, 0] < worth.mean)


# cohorts, and refusals

ROWS = {"cohort": ["b", "a", "a", "b", "a"], "period": [0, 2, 0, 1, 1], "survivors": [50, 60, 100, 50, 80]}


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def test_cohorts_of_any_library_in_any_order(library: Any) -> None:
    cohorts = clv.Cohorts.from_frame(library(ROWS), "month")
    histories = cohorts.histories(("t", "lost"))
    seen = [tuple(map(float, row)) for row in zip(*histories.columns.values(), histories.weights, strict=True)]
    assert seen == [(1.0, 0.0, 50.0), (1.0, 1.0, 20.0), (2.0, 0.0, 60.0), (2.0, 1.0, 20.0)]
    assert repr(cohorts) == "Cohorts(2 cohorts, 150 customers, followed for 2 months)"
    assert isinstance(cohorts.frame(), type(library({"cohort": ["b"]})))
    assert pl.from_dataframe(cohorts.frame())["survivors"].to_list() == [50.0, 50.0, 100.0, 80.0, 60.0]
    assert len(cohorts.until(1).histories(("t", "lost"))) == 2


def test_two_cohorts_teach_what_both_teach() -> None:
    table, theta = clv.datasets.subscriptions(), np.array([[0.7, 2.0]])
    both = clv.Cohorts.from_frame(table, "year", cohort="segment", period="year")
    parts = [clv.SBG().loglik(theta, counted(s).histories(("t", "lost"))).total() for s in SEGMENTS]
    np.testing.assert_allclose(clv.SBG().loglik(theta, both.histories(("t", "lost"))).total(), sum(parts), rtol=1e-13)
    thousandths = clv.Cohorts.from_survivors(counted("regular").survivors / 10, unit="year")
    assert "percentages" in repr(thousandths)
    assert thousandths.histories(("t", "lost")).weights.sum() == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"survivors": [50, 85, 100, 50, 80]},
            "1 count of survivors is higher than the one before, at (a at 2). Who has left",
        ),
        ({"survivors": [0, 60, 100, 0, 80]}, "1 cohort begins with nobody, at (b at 0). Period 0 counts those who began"),
        ({"survivors": [50, -1, 100, 50, 80]}, "1 count of survivors is negative, at (a at 2)."),
        ({"period": [0, 2, 0, 1, 1.5]}, "1 period is no whole number from 0 on: (a at 1.5). Periods count renewals"),
        ({"period": [0, 3, 0, 1, 1]}, "1 period follows a gap: (a at 3). Count the survivors of every period"),
        ({"period": [1, 2, 0, 2, 1]}, "1 cohort doesn't begin with period 0 but: (b at 1). Period 0 counts"),
        (
            {"cohort": ["a"] * 5},
            "2 rows repeat a period of their cohort: (a at 0, a at 1). Say which column holds the cohort",
        ),
        ({"cohort": ["b", None, "a", "b", "a"]}, "1 cohort is missing in row (1). Give these rows the name of their cohort"),
        ({"period": [0, 0, 0, 0, 0], "cohort": list("abcde")}, "No cohort was followed for a period"),
    ],
)
def test_cohorts_that_contradict_themselves(columns: dict[str, Any], message: str) -> None:
    table = pd.DataFrame(ROWS | columns)
    with pytest.raises(clv.ClvError, match=re.escape(message)):
        clv.Cohorts.from_frame(table, "month")


def test_refusals_of_cohorts() -> None:
    with pytest.raises(clv.ClvError, match=r"There is no column \(left\)"):
        clv.Cohorts.from_frame(pd.DataFrame(ROWS), "month", survivors="left")
    with pytest.raises(clv.ClvError, match="a row of numbers, such as"):
        clv.Cohorts.from_survivors([["a"]], unit="year")
    with pytest.raises(clv.ClvError, match="Until period 0 nobody was followed"):
        clv.Cohorts.from_survivors([3, 2], unit="year").until(0)
    with pytest.raises(clv.ClvError, match=r"sBG needs t, lost, which these Customers don't tell: pass clv\.Cohorts"):
        clv.fit(clv.SBG(), clv.Customers.from_arrays([2], [9], [20], unit="week"))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda f: f.residual_lifetime(0),
            "By sBG the lifetimes of customers have no finite mean. Where alpha is 1 or less",
        ),
        (lambda f: f.residual_lifetime(0, 0), "horizon = 0 can't be: it is a whole number of periods from 1 on"),
        (lambda f: f.residual_lifetime(0, 2.5), "horizon = 2.5 can't be"),
        (lambda f: f.residual_lifetime([0, -1, 1.5]), "tenure (-1, 1.5) can't be: it counts renewals made"),
        (lambda f: f.expected_retention([0, 1]), "periods (0) can't be: it counts contract periods"),
        (lambda f: f.expected_survival("soon"), "periods = 'soon' can't be"),
        (lambda f: f.discounted_residual_lifetime(0, 0.1), "says no period"),
        (lambda f: f.discounted_residual_lifetime(0, clv.yearly(0)), "An infinite horizon needs a discount rate above 0"),
        (lambda f: f.probability_alive(), "sBG doesn't say whether a customer is alive."),
    ],
)
def test_refusals_of_questions(ask: Any, message: str) -> None:
    with pytest.raises(clv.ClvError, match=re.escape(message)):
        ask(given(0.704, 1.182))


def test_an_endless_mean_is_refused_where_a_draw_has_none() -> None:
    fit = clv.fit(clv.SBG(), counted("high_end").until(4), clv.Laplace(draws=400), seed=1)
    with pytest.raises(clv.ClvError, match=r"no finite mean in \d+\.\d% of the draws"):
        fit.residual_lifetime(0)
    purchases = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    with pytest.raises(clv.ClvError, match=re.escape("BG/NBD doesn't say how long customers renew a contract.")):
        purchases.expected_survival(3)
