"""Backtests: what is cut, what is known, what is judged; resumption, refusals, and failures that say how."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import polars as pl
import pytest

import clvmodels as clv
from clvmodels.errors import LogError, QuestionError
from clvmodels.evaluate.forecasts import Forecast, Origin

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Rule:
    """Says 1 of everybody, and keeps what it was given."""

    name: str = "one"
    seen: tuple[Origin, ...] = ()

    def forecast(self, origin: Origin) -> Forecast:
        self.seen = (*self.seen, origin)
        return Forecast(np.ones(len(origin.customers)))


PUBLISHED = {"BG/NBD": (0.7855, 1.6080, 1653.4), "MBG/NBD": (0.7648, 1.6072, 1576.7), "Pareto/NBD": (0.7545, 1.6028, 1665.7)}
"""MAE, RMSE and sum of the forecasts for CDNOW's 39 weeks of holdout, by R packages (BTYD, BTYDplus, CLVTools)."""


def test_cdnow_gives_the_errors_of_the_r_packages() -> None:
    models = [clv.BGNBD(), clv.MBGNBD(), clv.ParetoNBD()]
    done = clv.backtest(clv.datasets.cdnow(sample=True), models, ["1997-09-30"], 39, method=clv.MLE(), draws=50, seed=1)
    table, totals = clv.compare(done).frame(), clv.compare(done).totals().set_index("model")
    for name, (mae, rmse, total) in PUBLISHED.items():
        assert table.loc[name, "mae"] == pytest.approx(mae, abs=5e-5)
        assert table.loc[name, "rmse"] == pytest.approx(rmse, abs=5e-5)
        assert totals.loc[name, "forecast"] == pytest.approx(total, abs=0.3)
        assert totals.loc[name, "actual"] == 1882


def test_forecasters_know_nothing_of_what_came_later(small: pd.DataFrame) -> None:
    rule = Rule()
    clv.backtest(small, [rule], ["2015-01-08", "2015-01-12"], 10, unit="day")
    first, second = sorted(rule.seen, key=lambda origin: origin.cut)
    assert first.past.bucket.max() <= first.cut
    assert first.customers.ids.to_list() == ["ann", "bob"]
    assert second.customers.ids.to_list() == ["ann", "bob", "cat"]
    assert second.horizon == 10.0


def test_what_was_known_a_horizon_earlier_can_be_learned_from(small: pd.DataFrame) -> None:
    rule = Rule()
    clv.backtest(small, [rule], ["2015-01-12"], 10, unit="day")
    then, since = rule.seen[0].earlier()
    assert then.ids.to_list() == ["ann", "bob"]
    assert since.purchases.tolist() == [2, 1]


def test_refunds_of_later_days_take_nothing_off_earlier_ones(small: pd.DataFrame) -> None:
    refund = pd.DataFrame([("bob", "2015-01-16", -8.0), ("zoe", "2015-02-01", 1.0)], columns=small.columns)
    rule = Rule()
    done = clv.backtest(pd.concat([small, refund]), [rule], ["2015-01-12"], 10, unit="day", refunds="net")
    assert rule.seen[0].customers.frequency.tolist() == [2, 1, 0]
    assert done.frame()["actual_value"].tolist() == [20, 0, 4]


def test_a_number_of_cutoffs_is_spread_up_to_the_end_of_the_log(small: pd.DataFrame) -> None:
    assert list(clv.backtest(small, [Rule()], 3, 5, unit="day").outcomes) == ["2015-01-07", "2015-01-12", "2015-01-17"]


def test_frames_keep_ids_order_and_library(small: pd.DataFrame) -> None:
    table = clv.backtest(pl.from_pandas(small), [Rule()], ["2015-01-12"], 10, unit="day").frame()
    assert isinstance(table, pl.DataFrame)
    assert table["customer_id"].to_list() == ["ann", "bob", "cat"]


def test_the_same_seed_gives_the_same_numbers_however_often_it_is_asked(done: clv.Backtest) -> None:
    models = {"again": clv.BGNBD()}
    log, spend = clv.datasets.cdnow(sample=True), clv.GammaGamma()
    again = clv.backtest(log, models, 2, 26, spend=spend, draws=200, seed=1)
    for one, other in zip(again.judged, (each for each in done.judged if each.name == "BG/NBD"), strict=True):
        for name, values in one.columns.items():
            np.testing.assert_array_equal(values, other.columns[name])


def test_a_backtest_goes_on_where_it_was_left(small: pd.DataFrame, tmp_path: Path) -> None:
    first, second = Rule(), Rule()
    once = clv.backtest(small, [first], ["2015-01-12"], 10, unit="day", folder=tmp_path, seed=1)
    again = clv.backtest(small, [replace(first, seen=())], ["2015-01-12"], 10, unit="day", folder=tmp_path, seed=1)
    assert len(list(tmp_path.iterdir())) == 1
    pd.testing.assert_frame_equal(once.frame(), again.frame())
    clv.backtest(small, [second], ["2015-01-12"], 9, unit="day", folder=tmp_path, seed=1)
    assert len(second.seen) == 1
    (broken,) = [path for path in tmp_path.iterdir() if path.stat().st_size][:1]
    broken.write_bytes(b"half")
    clv.backtest(small, [Rule()], ["2015-01-12"], 10, unit="day", folder=tmp_path, seed=1)


def test_other_priors_are_another_model(small: pd.DataFrame, tmp_path: Path) -> None:
    for location in (0.0, 5.0):
        model = clv.BGNBD(priors={"alpha": clv.priors.LogNormal(location, 0.1)})
        clv.backtest(small, [model], ["2015-01-12"], 10, unit="day", folder=tmp_path, seed=1, draws=20)
    assert len(list(tmp_path.iterdir())) == 2


class Broken:
    name = "broken"

    def forecast(self, origin: Origin) -> Forecast:
        raise ZeroDivisionError(origin.horizon)


def test_one_that_fails_is_a_row_that_says_how(small: pd.DataFrame) -> None:
    done = clv.backtest(small, [Rule(), Broken()], ["2015-01-12"], 10, unit="day")
    assert clv.compare(done).frame()["failed"].to_dict() == {"one": "", "broken": "ZeroDivisionError: 10.0"}
    assert "broken failed" in clv.compare(done).verdict
    with pytest.raises(QuestionError, match=r"No forecast came about.*ZeroDivisionError"):
        clv.backtest(small, [Broken()], ["2015-01-12"], 10, unit="day")


class Boundless:
    name = "boundless"

    def forecast(self, origin: Origin) -> Forecast:
        return Forecast(np.where(np.arange(len(origin.customers)) == 0, np.inf, 1.0))


def test_a_forecast_that_is_no_number_has_failed(small: pd.DataFrame) -> None:
    done = clv.backtest(small, [Rule(), Boundless()], ["2015-01-12"], 10, unit="day")
    failed = clv.compare(done).frame()["failed"]["boundless"]
    assert failed == "QuestionError: It says nan or inf for the purchases of 1 customer."
    assert list(clv.compare(done).differences("squared_error").index) == ["one"]


REFUSED = [
    ({"cutoffs": ["2015-01-20"]}, LogError, "The log ends at 2015-01-22, before the horizon after (2015-01-20) is over"),
    ({"cutoffs": 9}, LogError, "has no room for 9 horizons"),
    ({"cutoffs": 0}, LogError, "Say fewer, 1 or more"),
    ({"cutoffs": []}, LogError, "There is no cutoff"),
    ({"cutoffs": ["soon"]}, LogError, "cutoffs='soon' is no date"),
    ({"horizon": 0.1}, QuestionError, "is shorter than one day"),
    ({"models": [Rule(), Rule()]}, QuestionError, "Several are called (one)"),
    ({"models": ["bgnbd"]}, QuestionError, "('bgnbd') can't forecast. Name models, as clv.BGNBD()"),
    ({"models": [clv.BGNBD]}, QuestionError, "can't forecast"),
    ({"models": []}, QuestionError, "nothing to forecast with"),
    ({"unit": "fortnight"}, clv.ClvError, "is no unit of time"),
]


@pytest.mark.parametrize(("change", "error", "words"), REFUSED, ids=[words for *_, words in REFUSED])
def test_refusals_say_what_to_try(
    small: pd.DataFrame, change: dict[str, object], error: type[Exception], words: str
) -> None:
    asked = {"models": [Rule()], "cutoffs": ["2015-01-12"], "horizon": 5, "unit": "day"} | change
    with pytest.raises(error, match=re.escape(words)):
        clv.backtest(small, **asked)
