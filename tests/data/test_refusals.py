"""Logs that can't be summarised: what is wrong, in which rows, and what to try."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pandas as pd
import pytest

from clvmodels.data import rfm_summary
from clvmodels.errors import ClvError, LogError

Frame = Callable[[Mapping[str, Sequence[Any]]], Any]

LOG: dict[str, list[Any]] = {
    "customer_id": ["a", "a", "b"],
    "date": ["2020-01-01", "2020-01-03", "2020-01-05"],
    "value": [1.0, 2.0, 3.0],
}
NAIVE = [datetime(2020, 1, day) for day in (1, 2, 3)]  # noqa: DTZ001
AWARE = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3)]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"customer_id": ["a", None, "b"]}, r"1 customer id is missing in row \(1\)"),
        ({"customer_id": [1.0, float("nan"), 2.0]}, r"1 customer id is missing in row \(1\)"),
        ({"date": ["2020-01-01", None, None]}, r"2 dates of 'date' are missing in rows \(1, 2\)"),
        ({"date": [NAIVE[0], None, NAIVE[1]]}, r"1 date of 'date' is missing in row \(1\)"),
        (
            {"date": ["2020-01-01", "02/01/2020", "n/a"]},
            r"2 .* read, in rows \(1: '02/01/2020', 2: 'n/a'\).*date_format=",
        ),
        ({"date": ["2020-02-30", "2020-01-01 ", "2020-1-1"]}, r"3 dates of 'date' can't be read"),
        ({"date": ["2020-01", "2020", "20200101"]}, r"3 dates of 'date' can't be read"),
        ({"date": [20200101, 20200102, 20200103]}, r"Column 'date' holds no dates but Int64, such as 20200101"),
        ({"date": AWARE}, r"carry a time zone \(UTC\).*timezone=\"UTC\" keeps this one"),
        ({"date": ["2020-01-01T00:00Z"] * 3}, r"carry a time zone \(UTC\)"),
        ({"date": ["2020-01-01T00:00Z", "2020-01-01", "2020-01-01"]}, r"don't share one time zone"),
        ({"value": [1.0, None, float("nan")]}, r"2 values of 'value' are missing or not finite in rows \(1, 2\)"),
        ({"value": [1.0, float("inf"), 2.0]}, r"1 value of 'value' is missing or not finite in row \(1\)"),
        ({"value": ["1", "2", "x"]}, r"Column 'value' holds no numbers but String, such as '1'"),
        ({"value": [1.0, -2.0, -3.0]}, r"2 values of 'value' are negative in rows \(1, 2\).*refunds='net'"),
    ],
)
def test_rows_that_are_refused(frame: Frame, changed: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(LogError, match=message):
        rfm_summary(frame({**LOG, **changed}))


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (
            {"value": "spend"},
            r"There is no column \(spend\) in this frame; its columns are \(customer_id, date, value\)",
        ),
        ({"customer_id": "user", "date": "day"}, r"There is no column \(user, day\)"),
        ({"resolution": "week"}, "'week' is no resolution here. Say one of minute, hour, day"),
        ({"refunds": "drop"}, "refunds='drop' is no rule here"),
        ({"refunds": "net", "value": None}, "refunds='net' nets values, and value=None"),
        ({"timezone": "Mars/Base"}, "'Mars/Base' is no known time zone"),
        ({"timezone": "UTC"}, "carry no time zone, so timezone='UTC' can't convert them"),
        ({"date_format": "%d/%m/%Y"}, r"3 dates of 'date' can't be read.*They should follow '%d/%m/%Y'"),
        ({"date_format": "%Q"}, "date_format='%Q' can't be used"),
        ({"observation_end": "2019-12-31"}, r"observation_end=2019-12-31 lies before the first purchase .*2020-01-01"),
        ({"observation_end": "31/12/2019"}, "observation_end='31/12/2019' is no date"),
        ({"observation_end": 20200101}, "observation_end=20200101 is no date"),
        ({"observation_end": pd.NaT}, "observation_end=NaT is no date"),
        ({"observation_end": "2020-01-09T00:00Z"}, "carries a time zone, and the dates of the log don't"),
    ],
)
def test_questions_that_are_refused(frame: Frame, said: dict[str, Any], message: str) -> None:
    with pytest.raises(LogError, match=message):
        rfm_summary(frame(LOG), **said)


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ClvError, match=r"'weeks' is no unit of time here. Say one of hour, day, week, month, year"):
        rfm_summary(pd.DataFrame(LOG), unit="weeks")


def test_date_format_is_for_text(frame: Frame) -> None:
    with pytest.raises(LogError, match="date_format is for dates that are text, but 'date' holds Datetime"):
        rfm_summary(frame({**LOG, "date": NAIVE}), date_format="%Y")


def test_frames_that_cannot_be_read() -> None:
    with pytest.raises(LogError, match="A dict is no table"):
        rfm_summary(LOG)
    with pytest.raises(LogError, match="The frame has no rows"):
        rfm_summary(pd.DataFrame(LOG).head(0))
    with pytest.raises(LogError, match=r"Some columns share a name: .*'value' 2 times"):
        rfm_summary(pd.concat([pd.DataFrame(LOG), pd.DataFrame(LOG)[["value"]]], axis=1))


def test_objects_of_mixed_kinds_are_refused() -> None:
    mixed = pd.Series([NAIVE[0], "2020-01-01", 3], dtype=object)
    with pytest.raises(LogError, match=r"2 dates .* in rows \(1: '2020-01-01', 2: 3\)\. The column mixes types"):
        rfm_summary(pd.DataFrame({**LOG, "date": mixed}))


def test_mixed_time_zones_are_refused() -> None:
    east = timezone(timedelta(hours=2))
    for other in (datetime(2020, 1, 1, tzinfo=east), NAIVE[0]):
        dates = pd.Series([AWARE[0], other, AWARE[1]], dtype=object)
        with pytest.raises(LogError, match="don't share one time zone"):
            rfm_summary(pd.DataFrame({**LOG, "date": dates}), timezone="UTC")


def test_ids_that_cannot_be_told_apart_are_refused() -> None:
    lists = pd.Series([[1], [1], [2]], dtype=object)
    with pytest.raises(LogError, match=r"can't be told apart.*Make the ids of 'customer_id' text"):
        rfm_summary(pd.DataFrame({**LOG, "customer_id": lists}))


def test_only_the_first_five_offenders_are_named() -> None:
    values = np.where(np.arange(20) < 10, -1.0, 1.0)
    log = pd.DataFrame({"customer_id": np.arange(20), "date": "2020-01-01", "value": values})
    with pytest.raises(LogError, match=r"10 values of 'value' are negative in rows \(0, 1, 2, 3, 4, \.\.\.\)"):
        rfm_summary(log)
