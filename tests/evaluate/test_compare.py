"""Comparisons: every number of the table is had again by hand from the customers' own rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import clvmodels as clv
from clvmodels.data.split import Holdout
from clvmodels.errors import QuestionError
from clvmodels.estimate import Estimate
from clvmodels.evaluate.forecasts import Forecast
from clvmodels.evaluate.information import leave_one_out
from clvmodels.evaluate.judging import judge
from clvmodels.sources import Table


@pytest.fixture(scope="module")
def found(done: clv.Backtest) -> clv.Comparison:
    return clv.compare(done)


def test_the_table_is_that_of_the_rows(done: clv.Backtest, found: clv.Comparison) -> None:
    rows = done.frame()
    rows["error"] = rows["purchases"] - rows["actual_purchases"]
    by = rows.groupby(["model", "cutoff"], sort=False)
    table = found.frame()
    assert table["mae"].to_dict() == pytest.approx(
        by["error"].agg(lambda e: e.abs().mean()).groupby("model").mean().to_dict()
    )
    roots = by["error"].agg(lambda e: np.sqrt((e**2).mean())).groupby("model").mean()
    assert table["rmse"].to_dict() == pytest.approx(roots.to_dict())
    money = by[["value", "actual_value"]].sum()
    bias = (money["value"] / money["actual_value"] - 1).groupby("model").mean()
    assert table["value_bias"].to_dict() == pytest.approx(bias.to_dict())
    assert len(found.frame(by_origin=True)) == 12


def test_rules_are_judged_by_what_they_say_only(found: clv.Comparison) -> None:
    rule = found.frame().loc["hiatus"]
    assert rule[["rmse", "gini", "top10", "value_rmse", "auc_alive"]].notna().all()
    assert rule[["log_score", "crps", "brier", "elpd", "aic"]].isna().all()
    assert "hiatus" not in found.differences("log_score").index
    assert "hiatus" in found.differences("squared_error").index


def test_differences_are_paired_by_customer_over_origins(done: clv.Backtest, found: clv.Comparison) -> None:
    rows = done.frame()
    rows["score"] = -((rows["purchases"] - rows["actual_purchases"]) ** 2)
    wide = rows.pivot_table(index="customer_id", columns="model", values="score", aggfunc="sum")
    told = found.differences("squared_error")
    apart = wide["hiatus"] - wide["BG/NBD"]
    assert told.index[0] == "BG/NBD"
    assert told.loc["hiatus", "difference"] == pytest.approx(apart.sum() / (len(rows) / 6))
    assert told.loc["hiatus", "se"] == pytest.approx(apart.std() * np.sqrt(len(apart)) / (len(rows) / 6))
    assert told.loc["BG/NBD", "score"] == pytest.approx(-wide["BG/NBD"].sum() / (len(rows) / 6))


def test_the_log_score_is_the_log_of_the_chance_given_to_what_happened() -> None:
    known, later = clv.split(clv.datasets.cdnow(sample=True), at="1997-09-30", until="1998-06-30")
    fit = clv.fit(clv.BGNBD(), known, clv.MLE())
    done = clv.backtest(
        clv.datasets.cdnow(sample=True), [clv.BGNBD()], ["1997-09-30"], 39, method=clv.MLE(), draws=20, seed=1
    )
    for customer in (0, 7, int(np.argmax(later.purchases))):
        chance = fit.purchase_count_pmf(int(later.purchases[customer]), 39).mean[customer]
        assert done.judged[0].columns["log_score"][customer] == pytest.approx(np.log(chance), rel=1e-9)


def judged_poisson(rate: float, actual: np.ndarray, draws: int = 4000) -> clv.Comparison:
    """A forecaster whose law is Poisson's, of customers that all are alike."""
    rng = np.random.default_rng(1)
    drawn = Table(rng.poisson(rate, (len(actual), draws)).astype(float))
    law = Estimate("outcome", "purchases", None, drawn, np.arange(len(actual)))
    forecast = Forecast(
        np.full(len(actual), rate), purchases_law=law, chance=lambda n, of: np.full(len(of), stats.poisson.pmf(n, rate))
    )
    ids = clv.Customers.from_arrays(np.zeros(len(actual)), np.zeros(len(actual)), np.ones(len(actual)), unit="week").ids
    holdout = Holdout(ids, actual, None, 1.0, "week")
    from clvmodels.evaluate.backtest import Backtest, Outcome  # noqa: PLC0415

    then = Outcome("now", holdout, np.arange(len(actual)), actual > 0)
    return clv.compare(Backtest({"now": then}, (judge("poisson", "now", forecast, holdout),)))


def test_a_right_law_is_calibrated_and_a_wrong_one_not() -> None:
    actual = np.random.default_rng(2).poisson(1.5, 4000)
    right, wrong = judged_poisson(1.5, actual), judged_poisson(0.8, actual)
    covered = right.calibration().query("who == 'all'").set_index("level")["covered"]
    assert covered.to_dict() == pytest.approx({level: level for level in covered.index}, abs=0.025)
    assert np.allclose(right.pit()["poisson"], 0.1, atol=0.02)
    assert wrong.calibration().query("who == 'all' and level == 0.9")["covered"].item() < 0.8
    assert wrong.pit()["poisson"].iloc[-1] > 0.15
    assert right.frame()["log_score"].item() == pytest.approx(stats.poisson.logpmf(actual, 1.5).mean())


def test_places_are_those_of_the_estimate_whatever_the_order_of_its_rows() -> None:
    known, later = clv.split(clv.datasets.cdnow(sample=True), at="1997-09-30", until="1998-06-30")
    done = clv.backtest(
        clv.datasets.cdnow(sample=True), [clv.BGNBD()], ["1997-09-30"], 39, method=clv.MLE(), draws=50, seed=1
    )
    drawn = clv.fit(clv.BGNBD(), known, clv.MLE()).predict_purchases(39, seed=1, draws=50).draws()
    found = done.judged[0]
    np.testing.assert_allclose(found.columns["purchases_upto"], (drawn <= later.purchases).mean(axis=0))
    np.testing.assert_allclose(found.totals["purchases"], drawn.sum(axis=1))


def test_totals_add_independent_customers() -> None:
    told = judged_poisson(1.5, np.random.default_rng(2).poisson(1.5, 4000)).totals(prob=0.95).iloc[0]
    sd = np.sqrt(1.5 * 4000)
    assert (told["high"] - told["low"]) / sd == pytest.approx(2 * 1.96, rel=0.06)
    assert told["held"] == 1


def test_reliability_groups_are_the_customers_of_like_forecasts(done: clv.Backtest, found: clv.Comparison) -> None:
    table = found.reliability(groups=4).query("model == 'BG/NBD'")
    rows = done.frame().query("model == 'BG/NBD'").sort_values("purchases", kind="stable")
    assert table["customers"].sum() == len(rows)
    assert table["forecast"].is_monotonic_increasing
    assert table["actual"].iloc[-1] == pytest.approx(rows["actual_purchases"].tail(table["customers"].iloc[-1]).mean())


def test_leaving_customers_out_is_what_refitting_without_them_says() -> None:
    """The oracle: a fit to all but one customer, and her likelihood under it."""
    customers = clv.rfm_summary(clv.datasets.cdnow(sample=True).head(600), observation_end="1997-09-30")
    left = leave_one_out(clv.fit(clv.BGNBD(), customers, clv.Laplace(draws=4000), seed=1))
    for who in (int(np.argmax(customers.frequency)), 3):
        others = customers.some(np.delete(np.arange(len(customers)), who))
        without = clv.fit(clv.BGNBD(), others, clv.Laplace(draws=4000), seed=2)
        alone = customers.some(np.array([who]))
        likelihood = without.model.loglik(without.draws, alone.histories(("x", "t_x", "T"))).each()[0][:, 0]
        assert left.elpd[who] == pytest.approx(np.log(np.exp(likelihood).mean()), abs=0.05)


def test_leaving_customers_out_agrees_with_arviz() -> None:
    import arviz as az  # noqa: PLC0415

    customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    fit = clv.fit(clv.MBGNBD(), customers, seed=1)
    theirs = az.loo(fit.to_arviz(log_likelihood=True))
    ours = leave_one_out(fit)
    assert ours.total == pytest.approx(float(getattr(theirs, "elpd_loo", getattr(theirs, "elpd", np.nan))), abs=0.05)
    assert ours.error == pytest.approx(float(theirs.se), rel=1e-3)


def test_fits_are_compared_without_a_holdout() -> None:
    customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    fits = [clv.fit(model, customers, seed=1) for model in (clv.NBD(), clv.BGNBD(), clv.MBGNBD())]
    found = clv.compare(fits)
    assert list(found.differences("elpd").index)[-1] == "NBD"
    assert "can't be told from it" in found.verdict
    assert set(found.frame().columns) == {"elpd", "elpd_se", "seconds"}
    with pytest.raises(QuestionError, match="have seen the same customers"):
        clv.compare([fits[0], fits[0]])
    with pytest.raises(QuestionError, match="all posteriors or all points"):
        clv.compare([fits[0], clv.fit(clv.BGNBD(), customers, clv.MLE())])


def test_the_verdict_names_the_best_and_what_rules_are_worth(found: clv.Comparison) -> None:
    assert found.verdict.startswith("BG/NBD forecasts best over 2 origins (log score -0.")
    assert "NBD (-0.0" in found.verdict
    assert "', which has no log score, is no match for BG/NBD (root of the mean squared error" in found.verdict
    assert repr(found) == found.verdict


def test_a_score_that_isnt_one_is_refused(found: clv.Comparison) -> None:
    with pytest.raises(QuestionError, match="Say one of log_score"):
        found.differences("mae")


def test_the_picture_has_a_line_a_forecaster(found: clv.Comparison) -> None:
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    ax = found.plot(by="squared_error")
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "BG/NBD"
    ax.figure.clear()


def test_a_shock_is_the_spread_that_the_model_doesnt_know_of(found: clv.Comparison) -> None:
    totals = found.totals().query("model == 'BG/NBD'")
    logs = np.log(totals["actual"] / totals["forecast"])
    shock = found.shock("BG/NBD")
    assert shock.origins == 2
    assert 0 < shock.sd <= np.sqrt((logs**2).mean()) + 0.02
    with pytest.raises(QuestionError, match="has no law of the total"):
        found.shock("hiatus")


def test_a_shock_widens_a_total_and_says_so() -> None:
    customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    bought = clv.fit(clv.BGNBD(), customers, seed=1).predict_purchases(39, seed=1)
    total, wide = bought.sum(), clv.Shock(0.15, 3).widen(bought.sum(), seed=1)
    assert np.ptp(wide.interval(0.9)) > 2 * np.ptp(total.interval(0.9))
    assert wide.quantile(0.5)[0] == pytest.approx(total.quantile(0.5)[0], rel=0.03)
    assert "with a common shock of 15 %" in wide.label
    with pytest.raises(QuestionError, match="ask for the total first"):
        clv.Shock(0.15, 3).widen(bought)


def test_shocks_of_worlds_that_move_together_are_found_and_intervals_cover_again() -> None:
    """Totals that a model knows to 2 %, and that a shock of 10 % has moved: its spread, and coverage of 90 % of new ones."""
    from clvmodels.evaluate.shock import shock_of  # noqa: PLC0415

    rng = np.random.default_rng(3)
    spreads, hits, plain = [], [], []
    for _ in range(300):
        forecasts = [1000.0 * np.exp(0.02 * rng.standard_normal(400)) for _ in range(6)]
        moved = [1000.0 * np.exp(np.hypot(0.02, 0.1) * rng.standard_normal()) for _ in range(6)]
        shock = shock_of(list(zip(forecasts[:5], moved[:5], strict=True)))
        spreads.append(shock.sd**2)
        low, high = np.quantile(shock.widened(forecasts[5], seed=1), [0.05, 0.95])
        hits.append(low <= moved[5] <= high)
        low, high = np.quantile(forecasts[5], [0.05, 0.95])
        plain.append(low <= moved[5] <= high)
    assert np.sqrt(np.mean(spreads)) == pytest.approx(0.1, rel=0.1)
    assert np.mean(hits) == pytest.approx(0.9, abs=0.05)
    assert np.mean(plain) < 0.4


def test_nobody_needs_money_to_be_compared() -> None:
    log = clv.datasets.cdnow(sample=True).drop(columns="value")
    done = clv.backtest(log, [clv.NBD(), clv.baselines.LastPeriod()], 1, 26, value=None, method=clv.MLE(), draws=20, seed=1)
    table = clv.compare(done).frame()
    assert not [name for name in table.columns if name.startswith("value_")]
    assert isinstance(table, pd.DataFrame)
