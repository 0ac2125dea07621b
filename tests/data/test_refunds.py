"""Refunds: last in, first out, and nothing lost on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from clvmodels.data import rfm_summary
from clvmodels.data.dates import as_resolution
from clvmodels.data.reading import LogReader
from clvmodels.data.refunds import net
from clvmodels.errors import LogError

if TYPE_CHECKING:
    from clvmodels.customers import Customers

Frame = Callable[[Mapping[str, Sequence[Any]]], Any]


def history(frame: Frame, *purchases: tuple[int, float], customer: str = "a") -> Customers:
    """Summarise one customer's purchases, each on a day of January 2020, with refunds netted; b buys once."""
    rows = [(customer, day, value) for day, value in purchases] + [("b", 31, 1.0)]
    log = {
        "customer_id": [row[0] for row in rows],
        "date": [f"2020-01-{row[1]:02}" for row in rows],
        "value": [row[2] for row in rows],
    }
    return rfm_summary(frame(log), unit="day", refunds="net")


def check(customers: Customers, frequency: int, recency: int, mean: float, first: float) -> None:
    """Compare the first customer's history."""
    assert customers.monetary_value is not None
    assert customers.first_value is not None
    found = (customers.frequency, customers.recency, customers.monetary_value, customers.first_value)
    assert_allclose([column[0] for column in found], [frequency, recency, mean, first])


def test_a_refund_lowers_its_own_bucket(frame: Frame) -> None:
    customers = history(frame, (1, 10.0), (5, 20.0), (5, -5.0))
    check(customers, 1, 4, 15, 10)
    assert customers.notes == ("1 refund up to 2020-01-31 worth 5.00 was netted.",)


def test_a_refund_takes_the_latest_earlier_purchase_first(frame: Frame) -> None:
    check(history(frame, (1, 10.0), (5, 20.0), (9, -5.0)), 1, 4, 15, 10)


def test_what_remains_goes_on_to_the_purchase_before(frame: Frame) -> None:
    customers = history(frame, (1, 10.0), (5, 20.0), (9, -25.0))
    check(customers, 0, 0, 0, 5)
    assert customers.notes == (
        "1 refund up to 2020-01-31 worth 25.00 was netted; 1 purchase that it took to 0 is not counted.",
    )


def test_a_refund_never_takes_a_later_purchase(frame: Frame) -> None:
    customers = history(frame, (1, -7.5), (5, 20.0), (9, 20.0))
    check(customers, 1, 4, 20, 20)
    said = "1 refund found no earlier purchase up to 2020-01-31 to cancel; the 7.50 that remained was left out."
    assert said in customers.notes


def test_a_purchase_refunded_the_same_day_is_none(frame: Frame) -> None:
    check(history(frame, (1, 10.0), (5, 20.0), (5, -20.0)), 0, 0, 0, 10)


def test_cents_added_in_another_order_leave_no_purchase_behind(frame: Frame) -> None:
    check(history(frame, (1, 10.0), (5, 0.1), (5, 0.2), (9, -0.3)), 0, 0, 0, 10)
    check(history(frame, (1, 10.0), (5, 0.3), (9, -0.1), (10, -0.2)), 0, 0, 0, 10)


def test_free_purchases_survive_refunds(frame: Frame) -> None:
    check(history(frame, (1, 10.0), (5, 0.0), (9, -4.0)), 1, 4, 0, 6)


def test_the_first_purchase_may_be_refunded_later(frame: Frame) -> None:
    check(history(frame, (1, 10.0), (3, -10.0), (5, 20.0), (9, 30.0)), 1, 4, 30, 20)


def test_customers_without_a_purchase_left_are_said(frame: Frame) -> None:
    customers = history(frame, (1, 10.0), (3, -10.0))
    assert customers.ids.to_list() == ["b"]
    assert "1 customer had every purchase refunded, or none at all, and is not in the table." in customers.notes


def test_refunds_after_the_end_are_left_out(frame: Frame) -> None:
    log = {"customer_id": ["a", "a"], "date": ["2020-01-01", "2020-01-09"], "value": [10.0, -10.0]}
    customers = rfm_summary(frame(log), observation_end="2020-01-05", refunds="net")
    assert_array_equal(customers.first_value, [10])
    assert customers.notes == ("1 purchase after 2020-01-05 was left out.",)


def test_nothing_but_refunds_is_refused(frame: Frame) -> None:
    with pytest.raises(LogError, match="Refunds cancel every purchase up to 2020-01-31"):
        history(frame, (31, -10.0), customer="b")


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12), st.integers(-50, 50)), min_size=1, max_size=30))
@settings(deadline=None)
def test_no_money_is_lost(rows: list[tuple[int, int, int]]) -> None:
    log = pl.DataFrame(
        {
            "customer_id": [row[0] for row in rows],
            "date": [f"2020-01-{row[1]:02}" for row in rows],
            "value": [float(row[2]) for row in rows],
        }
    )
    reader = LogReader("customer_id", "date", "value", as_resolution("day"), None, None, "net")
    purchases = reader.read(log)
    left, notes = net(purchases, "here")
    assert left.value is not None
    assert np.all(left.value >= 0)
    remained = sum(float(note.split("the ")[1].split()[0].replace(",", "")) for note in notes if "remained" in note)
    assert left.value.sum() - remained == sum(row[2] for row in rows)
