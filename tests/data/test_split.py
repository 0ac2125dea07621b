"""Splits in time: the hand-made tables, the published holdout, and refunds on either side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import narwhals as nw
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from clvmodels.data import split
from clvmodels.data.datasets import cdnow
from clvmodels.errors import LogError

Frame = Callable[[Mapping[str, Sequence[Any]]], Any]

LOG_B = {
    "customer_id": [1, 1, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6],
    "date": [
        "2015-01-01", "2015-02-06", "2015-01-01", "2015-01-01", "2015-01-02", "2015-01-05", "2015-01-16",
        "2015-02-02", "2015-02-05", "2015-01-16", "2015-01-17", "2015-01-18", "2015-02-02",
    ],
    "value": [1.0, 2.0, 2.0, 3.0, 1.0, 5.0, 6.0, 3.0, 3.0, 3.0, 1.0, 8.0, 5.0],
}  # fmt: skip


def test_hand_made_split(frame: Frame) -> None:
    calibration, holdout = split(frame(LOG_B), unit="day", at="2015-02-01", until="2015-02-07")
    assert calibration.ids.to_list() == holdout.ids.to_list() == [1, 2, 3, 4, 5]
    assert_array_equal(calibration.monetary_value, [0, 0, 3, 0, 4.5])
    assert_array_equal(calibration.T, [31, 31, 31, 16, 16])
    assert_array_equal(holdout.purchases, [1, 0, 0, 2, 0])
    assert_array_equal(holdout.value, [2, 0, 0, 6, 0])
    assert holdout.horizon == 6


def test_purchases_after_the_holdout_are_in_neither_half(frame: Frame) -> None:
    _, holdout = split(frame(LOG_B), unit="day", at=date(2015, 2, 1), until=date(2015, 2, 4))
    assert_array_equal(holdout.purchases, [0, 0, 0, 1, 0])
    assert "2 purchases after 2015-02-04 were left out." in holdout.notes


def test_customers_who_come_later_are_said_on_both_sides(frame: Frame) -> None:
    calibration, holdout = split(frame(LOG_B), at="2015-02-01")
    said = "1 customer first seen after 2015-02-01 was left out of the split."
    assert calibration.notes == (said,)
    assert holdout.notes == (said,)
    assert said in repr(holdout)


def test_the_moment_itself_belongs_to_the_calibration(frame: Frame) -> None:
    calibration, holdout = split(frame(LOG_B), unit="day", at="2015-02-02")
    assert calibration.ids.to_list() == [1, 2, 3, 4, 5, 6]
    assert_array_equal(calibration.frequency, [0, 0, 2, 1, 2, 0])
    assert_array_equal(holdout.purchases, [1, 0, 0, 1, 0, 0])


def test_cdnow_holdout() -> None:
    calibration, holdout = split(cdnow(sample=True), at="1997-09-30", until="1998-06-30")
    assert len(calibration) == len(holdout) == 2357
    assert calibration.frequency.sum() == 2457
    assert holdout.purchases.sum() == 1882
    assert holdout.horizon == 39.0
    assert holdout.unit == "week"


def test_holdout_comes_back_in_the_callers_library(frame: Frame) -> None:
    log = frame(LOG_B)
    _, holdout = split(log, at="2015-02-01")
    assert type(holdout.frame()) is type(log)
    table = nw.from_native(holdout.frame(), eager_only=True)
    assert table.columns == ["customer_id", "purchases", "value"]
    assert table.shape == (5, 3)


def test_without_values(frame: Frame) -> None:
    calibration, holdout = split(frame(LOG_B), value=None, at="2015-02-01")
    assert calibration.monetary_value is None
    assert holdout.value is None
    assert nw.from_native(holdout.frame(), eager_only=True).columns == ["customer_id", "purchases"]


def test_calibration_knows_nothing_of_later_refunds(frame: Frame) -> None:
    log = {
        "customer_id": ["a"] * 4,
        "date": ["2020-01-01", "2020-01-05", "2020-01-10", "2020-01-12"],
        "value": [10.0, 20.0, 30.0, -40.0],
    }
    calibration, holdout = split(frame(log), unit="day", at="2020-01-06", refunds="net")
    assert_array_equal(calibration.frequency, [1])
    assert_array_equal(calibration.monetary_value, [20])
    assert_array_equal(holdout.purchases, [0])
    when = "after 2020-01-06 up to 2020-01-12"
    assert holdout.notes == (
        f"1 refund {when} worth 40.00 was netted; 1 purchase that it took to 0 is not counted.",
        f"1 refund found no earlier purchase {when} to cancel; the 10.00 that remained was left out.",
    )
    assert calibration.notes == ()


def test_whole_and_halves_agree() -> None:
    log = cdnow(sample=True)
    calibration, holdout = split(log, at="1997-09-30")
    whole, _ = split(log, at="1998-06-29")
    assert len(whole) == len(calibration)
    assert calibration.monetary_value is not None
    assert calibration.first_value is not None
    assert holdout.value is not None
    spent = calibration.first_value + calibration.frequency * calibration.monetary_value + holdout.value
    assert_allclose(spent.sum(), log["value"].sum())


@pytest.mark.parametrize(
    ("at", "until", "message"),
    [
        ("2015-02-06", None, "The holdout would end at 2015-02-06, no later than the calibration at 2015-02-06"),
        ("2015-02-01", "2015-01-31", "The holdout would end at 2015-01-31, no later than"),
        ("2014-02-01", None, r"at=2014-02-01 lies before the first purchase of the log \(2015-01-01\)"),
        ("1 Feb 2015", None, "at='1 Feb 2015' is no date"),
        ("2015-02-01", "2015-02-30", "until='2015-02-30' is no date"),
    ],
)
def test_refusals(at: str, until: str | None, message: str) -> None:
    with pytest.raises(LogError, match=message):
        split(pd.DataFrame(LOG_B), at=at, until=until)
