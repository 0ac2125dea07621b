"""Summaries of logs: published facts, hand-made tables, and what must not matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import UUID

import narwhals as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from clvmodels.data import rfm_summary
from clvmodels.data.datasets import cdnow
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from clvmodels.customers import Customers

Frame = Callable[[Mapping[str, Sequence[Any]]], Any]
Purchase = tuple[Any, Any, float]

LOG_A = [
    (1, "2015-02-01", 1.0), (1, "2015-02-06", 1.0), (2, "2015-01-01", 1.0),
    (3, "2015-01-01", 1.0), (3, "2015-01-02", 1.0), (3, "2015-01-05", 1.0),
]  # fmt: skip
LOG_B = [
    (1, "2015-01-01", 1.0), (1, "2015-02-06", 2.0), (2, "2015-01-01", 2.0),
    (3, "2015-01-01", 3.0), (3, "2015-01-02", 1.0), (3, "2015-01-05", 5.0),
    (4, "2015-01-16", 6.0), (4, "2015-02-02", 3.0), (4, "2015-02-05", 3.0),
    (5, "2015-01-16", 3.0), (5, "2015-01-17", 1.0), (5, "2015-01-18", 8.0), (6, "2015-02-02", 5.0),
]  # fmt: skip


def columns(rows: Sequence[Purchase]) -> dict[str, list[Any]]:
    """Turn purchases into columns."""
    ids, dates, values = zip(*rows, strict=True)
    return {"customer_id": list(ids), "date": list(dates), "value": list(values)}


def table(customers: Customers) -> dict[Any, tuple[float, ...]]:
    """Give each id its frequency, recency, T and monetary value."""
    assert customers.monetary_value is not None
    rows = zip(customers.frequency, customers.recency, customers.T, customers.monetary_value, strict=True)
    return dict(zip(customers.ids.to_list(), (tuple(float(v) for v in row) for row in rows), strict=True))


def test_hand_made_log_a(frame: Frame) -> None:
    customers = rfm_summary(frame(columns(LOG_A)), unit="day", observation_end="2015-02-07")
    assert table(customers) == {1: (1, 5, 6, 1), 2: (0, 0, 37, 0), 3: (2, 4, 37, 1)}


def test_hand_made_log_b(frame: Frame) -> None:
    customers = rfm_summary(frame(columns(LOG_B)), unit="day", observation_end=date(2015, 2, 7))
    assert table(customers) == {
        1: (1, 36, 37, 2), 2: (0, 0, 37, 0), 3: (2, 4, 37, 3), 4: (2, 20, 22, 3), 5: (2, 2, 22, 4.5), 6: (0, 0, 5, 0),
    }  # fmt: skip
    assert_array_equal(customers.first_value, [1, 2, 3, 6, 3, 5])


def test_result_comes_back_in_the_callers_library(frame: Frame) -> None:
    log = frame(columns(LOG_B))
    result = rfm_summary(log).frame()
    assert type(result) is type(log)
    names = ["customer_id", "frequency", "recency", "T", "monetary_value", "first_value", "litt"]
    assert nw.from_native(result, eager_only=True).columns == names


def test_unsorted_rows_take_the_earliest_as_the_first(frame: Frame) -> None:
    rows = [("a", "2014-04-09", 20.0), ("a", "2014-03-14", 10.0), ("a", "2014-05-21", 25.0)]
    customers = rfm_summary(frame(columns(rows)), unit="day")
    assert table(customers) == {"a": (2, 68, 68, 22.5)}
    assert_array_equal(customers.first_value, [10])


def test_customers_come_in_order_of_first_appearance(frame: Frame) -> None:
    rows = [("z", "2015-01-05", 1.0), ("a", "2015-01-01", 1.0), ("z", "2015-01-01", 1.0), ("m", "2015-01-01", 1.0)]
    assert rfm_summary(frame(columns(rows))).ids.to_list() == ["z", "a", "m"]


def test_cdnow_sample() -> None:
    customers = rfm_summary(cdnow(sample=True), observation_end="1997-09-30")
    assert len(customers) == 2357
    assert customers.frequency.sum() == 2457
    assert customers.frequency.max() == 29
    assert (customers.T.min(), customers.T.max()) == (189 / 7, 272 / 7)
    assert len(customers.histories(["x", "t_x", "T"])) == 1016
    assert customers.notes == ("1,882 purchases after 1997-09-30 were left out.",)


def test_cdnow_sample_spend() -> None:
    buyers = rfm_summary(cdnow(sample=True), observation_end="1997-09-30").repeat_buyers()
    spend = buyers.m[buyers.x > 0]
    assert len(buyers) == 946
    assert_allclose(spend.mean(), 35.077848, atol=5e-7)
    assert_allclose(spend.std(ddof=1), 30.283506, atol=5e-7)
    assert_allclose([spend.min(), np.median(spend), spend.max()], [2.99, 27.4975, 299.633810], atol=5e-7)


@pytest.mark.parametrize(("resolution", "purchases"), [("day", 1), ("hour", 2), ("minute", 3)])
def test_purchases_in_one_bucket_are_one_purchase(frame: Frame, resolution: str, purchases: int) -> None:
    times = [datetime(2015, 1, 1, 9, 0, 10), datetime(2015, 1, 1, 9, 0, 50), datetime(2015, 1, 1, 9, 30)]  # noqa: DTZ001
    times.append(datetime(2015, 1, 1, 23, 59))  # noqa: DTZ001
    log = frame(columns([("a", time, 10.0) for time in times]))
    customers = rfm_summary(log, unit="hour", resolution=resolution)
    assert customers.frequency[0] + 1 == purchases
    assert customers.first_value is not None
    assert customers.monetary_value is not None
    assert customers.first_value[0] + customers.frequency[0] * customers.monetary_value[0] == 40


def test_days_before_1970(frame: Frame) -> None:
    times = [datetime(1969, 12, 30, 23, 0), datetime(1969, 12, 31, 1, 0), datetime(1970, 1, 1, 1, 0)]  # noqa: DTZ001
    customers = rfm_summary(frame(columns([("a", time, 1.0) for time in times])), unit="day")
    assert (customers.frequency[0], customers.recency[0]) == (2, 2)


def test_a_day_as_the_end_is_all_of_that_day(frame: Frame) -> None:
    log = frame(columns([("a", "2015-01-01T10:00", 1.0), ("a", "2015-01-03T22:30", 1.0)]))
    customers = rfm_summary(log, unit="hour", resolution="hour", observation_end="2015-01-03")
    assert (customers.frequency[0], customers.T[0]) == (1, 61)
    customers = rfm_summary(log, unit="hour", resolution="hour", observation_end="2015-01-03T22:00")
    assert (customers.frequency[0], customers.T[0]) == (1, 60)


def test_purchases_after_the_end_are_left_out_and_counted(frame: Frame) -> None:
    customers = rfm_summary(frame(columns(LOG_B)), observation_end="2015-02-01")
    assert customers.ids.to_list() == [1, 2, 3, 4, 5]
    said = "4 purchases after 2015-02-01 were left out; 1 customer had no other purchase and is not in the table."
    assert customers.notes == (said,)


def test_without_values(frame: Frame) -> None:
    customers = rfm_summary(frame(columns(LOG_A)), value=None)
    assert customers.monetary_value is None
    columns_left = ["customer_id", "frequency", "recency", "T", "litt"]
    assert nw.from_native(customers.frame(), eager_only=True).columns == columns_left


def test_free_purchases_count(frame: Frame) -> None:
    log = frame(columns([("a", "2015-01-01", 0.0), ("a", "2015-01-05", 0.0)]))
    assert table(rfm_summary(log, unit="day")) == {"a": (1, 4, 4, 0)}


IDS = {
    "text": ["01", "01", "1"],
    "integers": [7, 7, 8],
    "uuids": [UUID(int=1), UUID(int=1), UUID(int=2)],
}


@pytest.mark.parametrize("kind", IDS)
def test_ids_of_any_type(frame: Frame, kind: str) -> None:
    if kind == "uuids" and frame is pa.table:
        pytest.skip("pyarrow has no objects")
    ids, days = IDS[kind], ["2015-01-01", "2015-01-03", "2015-01-03"]
    customers = rfm_summary(frame({"customer_id": ids, "date": days}), value=None)
    assert customers.ids.to_list() == [ids[0], ids[2]]
    assert len(customers.frame()) == 2


def test_categorical_ids() -> None:
    days = ["2015-01-01", "2015-01-03", "2015-01-03"]
    for ids in (pd.Series(["b", "a", "b"], dtype="category"), pl.Series(["b", "a", "b"], dtype=pl.Categorical)):
        log = {pd.Series: pd.DataFrame, pl.Series: pl.DataFrame}[type(ids)]({"customer_id": ids, "date": days})
        customers = rfm_summary(log, value=None)
        assert customers.ids.to_list() == ["b", "a"]
        assert customers.ids.dtype == nw.Categorical


def test_an_index_does_not_matter() -> None:
    log = pd.DataFrame(columns(LOG_B), index=range(100, 87, -1))
    assert_array_equal(rfm_summary(log).frame()["customer_id"], [1, 2, 3, 4, 5, 6])


PARIS = [datetime(2020, 1, 1, 23, 30, tzinfo=UTC), datetime(2020, 7, 1, 21, 30, tzinfo=UTC)]


@pytest.mark.parametrize(("zone", "days"), [("UTC", 182), ("Europe/Paris", 181), ("America/New_York", 182)])
def test_time_zones_cut_days_at_their_own_midnight(frame: Frame, zone: str, days: int) -> None:
    log = frame({"customer_id": ["a", "a"], "date": PARIS})
    assert rfm_summary(log, value=None, unit="day", timezone=zone).recency[0] == days


def test_text_with_offsets_is_converted(frame: Frame) -> None:
    log = frame({"customer_id": ["a", "a"], "date": ["2020-01-01T23:30:00Z", "2020-07-01T23:30:00+02:00"]})
    assert rfm_summary(log, value=None, unit="day", timezone="Europe/Paris").recency[0] == 181


def test_python_datetimes_of_one_zone() -> None:
    zone = timezone(timedelta(hours=2))
    times = pd.Series([datetime(2020, 1, 1, 1, tzinfo=zone), datetime(2020, 1, 2, 1, tzinfo=zone)], dtype=object)
    log = pd.DataFrame({"customer_id": ["a", "a"], "date": times})
    customers = rfm_summary(log, value=None, unit="day", timezone="UTC", observation_end=datetime(2020, 1, 5, tzinfo=UTC))
    assert (customers.recency[0], customers.T[0]) == (1, 5)


def test_dates_of_every_kind_agree(frame: Frame) -> None:
    kinds = {
        "dates": ([date(2015, 1, 1), date(2015, 1, 9)], None),
        "datetimes": ([datetime(2015, 1, 1, 5), datetime(2015, 1, 9, 4)], None),  # noqa: DTZ001
        "iso": (["2015-01-01", "2015-01-09 14:05"], None),
        "format": (["1/1/2015", "9/1/2015"], "%d/%m/%Y"),
    }
    for dates, date_format in kinds.values():
        log = frame({"customer_id": ["a", "a"], "date": dates})
        assert rfm_summary(log, value=None, unit="day", date_format=date_format).recency[0] == 8


purchases = st.lists(
    st.tuples(st.integers(0, 5), st.dates(date(1960, 1, 1), date(2030, 1, 1)), st.integers(0, 1000).map(float)),
    min_size=1,
    max_size=25,
)


@given(purchases, st.randoms())
@settings(deadline=None)
def test_order_of_rows_does_not_matter(rows: list[Purchase], random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    assert table(rfm_summary(pl.DataFrame(columns(rows)))) == table(rfm_summary(pl.DataFrame(columns(shuffled))))


@given(purchases)
@settings(deadline=None)
def test_libraries_agree(rows: list[Purchase]) -> None:
    results = [rfm_summary(library(columns(rows))) for library in (pd.DataFrame, pl.DataFrame, pa.table)]
    for one, other in pairwise(results):
        assert table(one) == table(other)
        assert_array_equal(one.first_value, other.first_value)
        assert one.ids.to_list() == other.ids.to_list()


@given(purchases, st.sampled_from(list(DAYS)))
@settings(deadline=None)
def test_units_only_scale(rows: list[Purchase], unit: str) -> None:
    days, other = (rfm_summary(pl.DataFrame(columns(rows)), unit=u) for u in ("day", unit))
    assert_array_equal(other.T, days.T / DAYS[other.unit])
    assert_array_equal(other.recency, days.recency / DAYS[other.unit])
    assert_array_equal(other.frequency, days.frequency)
