"""Rules against a log worked by hand: ten days are known, and the ten that follow are forecast.

Known on the 15th: ann bought on the 1st, 5th, 12th and 15th (T = 14 days), bob on the 1st and 3rd (14), cat on the 10th (5).
"""

from __future__ import annotations

import pandas as pd
import pytest

import clvmodels as clv
from clvmodels.evaluate.baselines import Hiatus, LastPeriod, MeanOfAll, Textbook

MONTH = 365.25 / 12


def forecast(small: pd.DataFrame, rule: object, horizon: float = 10) -> pd.DataFrame:
    log = pd.concat([small, small.iloc[[0]].assign(customer_id="zoe", date="2015-02-28")])
    done = clv.backtest(log, {"it": rule}, ["2015-01-15"], horizon, unit="day", spend=clv.GammaGamma(), method=clv.MLE())
    return done.frame().set_index("customer_id")


def test_last_period_carries_the_last_ten_days_forward(small: pd.DataFrame) -> None:
    told = forecast(small, LastPeriod())
    assert told["purchases"].to_dict() == {"ann": 2.0, "bob": 0.0, "cat": 0.0}
    assert told["value"].to_dict() == {"ann": 20.0, "bob": 0.0, "cat": 0.0}
    assert told["actual_purchases"].to_dict() == {"ann": 1, "bob": 0, "cat": 1}
    assert told["actual_value"].to_dict() == {"ann": 10.0, "bob": 0.0, "cat": 4.0}


def test_mean_of_all_gives_everybody_the_mean_rate(small: pd.DataFrame) -> None:
    told = forecast(small, MeanOfAll())
    assert told["purchases"].to_list() == pytest.approx([10 * 4 / 33] * 3)
    assert told["value"].to_list() == pytest.approx([10 * (30 + 8) / 33] * 3)


def test_hiatus_drops_those_who_are_silent_for_too_long(small: pd.DataFrame) -> None:
    told = forecast(small, Hiatus())
    assert told["purchases"].to_list() == pytest.approx([10 * 3 / 14, 0, 0])
    assert told["value"].to_list() == pytest.approx([10 * 30 / 14, 0, 0])
    assert told["alive"].to_list() == [1, 0, 1]
    assert forecast(small, Hiatus(weeks=2))["alive"].to_list() == [1, 1, 1]


def test_textbook_is_revenue_a_month_times_months(small: pd.DataFrame) -> None:
    told = forecast(small, Textbook())
    months = 3.0  # each has been there for less than a month, which counts as one
    assert told["value"].to_list() == pytest.approx([(40 + 16 + 4) / months * 10 / MONTH] * 3)
    assert told["purchases"].to_list() == pytest.approx([7 / months * 10 / MONTH] * 3)
