"""Customers from ready tables and arrays, and what spend models see of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_array_equal

from clvmodels.buyers import view_of
from clvmodels.customers import Customers
from clvmodels.errors import ClvError, CustomersError

Frame = Callable[[Mapping[str, Sequence[Any]]], Any]

TABLE: dict[str, list[Any]] = {
    "customer_id": ["ann", "bob", "cid", "dan"],
    "frequency": [2, 0, 1, 1],
    "recency": [20.0, 0.0, 10.0, 5.0],
    "T": [30.0, 30.0, 25.5, 20.0],
    "monetary_value": [12.0, 0.0, 0.0, 7.0],
    "first_value": [6.0, 5.0, 0.0, 3.0],
}


def customers(frame: Frame = pd.DataFrame, **changed: Sequence[Any]) -> Customers:
    """Read the table, with some columns changed."""
    return Customers.from_frame(frame({**TABLE, **changed}), unit="week")


def test_a_ready_table_is_kept_as_it_is(frame: Frame) -> None:
    table = customers(frame)
    assert table.ids.to_list() == TABLE["customer_id"]
    result = nw.from_native(table.frame(), eager_only=True)
    assert type(table.frame()) is type(frame(TABLE))
    assert result.to_dict(as_series=False) == TABLE
    assert len(table) == 4
    assert table.unit == "week"


def test_columns_may_have_other_names(frame: Frame) -> None:
    renamed = {"user": ["a"], "x": [1], "t_x": [2.0], "age": [3.0], "spend": [4.0]}
    table = Customers.from_frame(
        frame(renamed), "day", customer_id="user", frequency="x", recency="t_x", T="age", monetary_value="spend"
    )
    assert_array_equal(table.monetary_value, [4])
    assert table.first_value is None
    with pytest.raises(CustomersError, match=r"no column \(worth\)"):
        Customers.from_frame(
            frame(renamed), "day", customer_id="user", frequency="x", recency="t_x", T="age", first_value="worth"
        )


def test_letters() -> None:
    letters = customers().letters()
    assert list(letters) == ["x", "t_x", "T", "litt"]
    assert all(column.dtype == np.float64 for column in letters.values())


def test_arrays_are_copied() -> None:
    recency = np.array([1.0])
    table = Customers.from_arrays([1], recency, [2], unit="day")
    recency[0] = 9
    assert_array_equal(table.recency, [1])


def test_ids_of_arrays() -> None:
    assert Customers.from_arrays([1, 0], [1, 0], [2, 2], unit="day").frame()["customer_id"].tolist() == [0, 1]
    odd = pd.Series(["x", "y"], index=[7, 9])
    assert Customers.from_arrays([1, 0], [1, 0], [2, 2], unit="day", ids=odd).frame()["T"].tolist() == [2, 2]


def test_recency_may_exceed_t_by_rounding_only() -> None:
    table = customers(recency=[30 * (1 + 1e-12), 0.0, 10.0, 5.0])
    assert table.recency[0] == 30
    with pytest.raises(CustomersError, match=r"1 customer has recency > T \(ann\)"):
        customers(recency=[30 * (1 + 1e-6), 0.0, 10.0, 5.0])


def test_repr_says_what_there_is() -> None:
    assert repr(customers()) == "Customers(4 customers, T 20.00 to 30.00 weeks, 25.0% bought once, spend known)"
    noted = Customers.from_arrays([0], [0], [2], unit="day", notes=("One was left out.",))
    told = "Customers(1 customer, T 2.00 to 2.00 days, 100.0% bought once, spend not known)\n  One was left out."
    assert repr(noted) == told


def test_repeat_buyers(frame: Frame) -> None:
    buyers = customers(frame).repeat_buyers()
    assert_array_equal(buyers.x, [2, 0, 0, 1])
    assert_array_equal(buyers.m, [12, 0, 0, 7])
    assert len(buyers) == 2
    assert buyers.unit == "week"
    result = nw.from_native(buyers.frame(), eager_only=True)
    assert type(buyers.frame()) is type(frame(TABLE))
    expected = {"customer_id": ["ann", "dan"], "purchases": [2.0, 1.0], "mean_value": [12.0, 7.0]}
    assert result.to_dict(as_series=False) == expected
    said = "1 customer whose repeat purchases have a mean value of 0 will be valued at a newcomer's spend."
    assert buyers.notes == (said,)


def test_all_buyers(frame: Frame) -> None:
    buyers = customers(frame).all_buyers()
    assert_array_equal(buyers.letters()["x"], [3, 1, 0, 2])
    assert_array_equal(buyers.letters()["m"], [10, 5, 0, 5])
    assert buyers.notes == ("1 customer whose purchases have a mean value of 0 will be valued at a newcomer's spend.",)
    assert repr(buyers) == "Buyers(3 of 4 customers, all purchases)"


def test_views_keep_the_notes_of_the_customers() -> None:
    table = Customers.from_arrays([1], [1], [2], unit="day", monetary_value=[3], notes=("One was left out.",))
    assert table.repeat_buyers().notes == ("One was left out.",)


def test_a_view_can_be_named() -> None:
    assert view_of(customers(), "all").view == "all"
    with pytest.raises(CustomersError, match="'some' is no view of spend"):
        view_of(customers(), "some")


def test_spend_that_is_not_known_is_refused() -> None:
    without = Customers.from_arrays([1], [1], [2], unit="day")
    with pytest.raises(CustomersError, match=r"These customers have no monetary_value\. Pass it as a column"):
        without.repeat_buyers()
    repeat_only = Customers.from_arrays([1], [1], [2], unit="day", monetary_value=[3])
    with pytest.raises(CustomersError, match=r"These customers have no first_value.*repeat_buyers\(\) does without it"):
        repeat_only.all_buyers()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"customer_id": ["ann", "bob", "ann", "bob"]}, r"2 rows repeat an id that came before: \(ann, bob\)"),
        ({"customer_id": ["ann", None, "cid", "dan"]}, r"1 customer id is missing in row \(1\)"),
        ({"frequency": [2.0, 0.0, 1.5, 1.0]}, r"1 customer has a fractional frequency \(cid\)"),
        ({"frequency": [-2, 0, 1, 1]}, r"1 customer has a negative frequency \(ann\)"),
        ({"frequency": [2, None, 1, 1]}, r"1 value of 'frequency' is missing or not finite \(bob\)"),
        ({"frequency": ["2", "0", "1", "1"]}, r"Column 'frequency' holds no numbers but String, such as '2'"),
        ({"recency": [40.0, 0.0, 30.0, 5.0]}, r"2 customers have recency > T \(ann, cid\)\. Recency must lie in"),
        ({"recency": [20.0, 3.0, 10.0, 5.0]}, r"1 customer has frequency 0 but recency > 0 \(bob\)"),
        ({"T": [30.0, float("inf"), 25.5, 20.0]}, r"1 value of 'T' is missing or not finite \(bob\)"),
        ({"monetary_value": [12.0, 0.0, -1.0, 7.0]}, r"1 customer has a negative monetary_value \(cid\)"),
        ({"monetary_value": [12.0, 0.0, float("nan"), 7.0]}, r"1 value of 'monetary_value' is missing or not finite"),
        ({"monetary_value": [12.0, 5.0, 0.0, 7.0]}, r"1 customer has frequency 0 but monetary_value > 0 \(bob\)"),
        ({"first_value": [6.0, 5.0, -1.0, 3.0]}, r"1 customer has a negative first_value \(cid\)"),
    ],
)
def test_contradictions_are_refused(frame: Frame, changed: dict[str, list[Any]], message: str) -> None:
    with pytest.raises(CustomersError, match=message):
        customers(frame, **changed)


def test_tables_that_cannot_be_read_are_refused() -> None:
    with pytest.raises(CustomersError, match=r"no column \(T, first\) in this frame; its columns are \(customer_id"):
        Customers.from_frame(pd.DataFrame(TABLE).drop(columns="T"), "week", first_value="first")
    with pytest.raises(CustomersError, match="The frame has no rows"):
        Customers.from_frame(pd.DataFrame(TABLE).head(0), "week")
    with pytest.raises(ClvError, match="'weeks' is no unit of time"):
        Customers.from_frame(pd.DataFrame(TABLE), "weeks")


def test_arrays_that_do_not_fit_are_refused() -> None:
    with pytest.raises(CustomersError, match=r"T has shape \(2,\) for 1 customer\. Pass one number for each"):
        Customers.from_arrays([1], [1], [2, 2], unit="day")
    with pytest.raises(CustomersError, match="frequency holds no numbers but <U1"):
        Customers.from_arrays(["1"], [1], [2], unit="day")  # pyright: ignore[reportArgumentType]
    with pytest.raises(CustomersError, match=r"1 customer has a recency that is missing or not finite \(0\)"):
        Customers.from_arrays([1], [np.nan], [2], unit="day")
    with pytest.raises(CustomersError, match="There are no customers here"):
        Customers.from_arrays([], [], [], unit="day")
