"""Log interpurchase times: summed from a log, checked at the gate, and never a reason to part histories unasked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from math import inf, log
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from clvmodels.customers import Customers
from clvmodels.data import rfm_summary, split
from clvmodels.data.datasets import cdnow
from clvmodels.errors import CustomersError
from clvmodels.histories import Histories
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from numpy.typing import NDArray

Frame = Callable[[Mapping[str, Sequence[Any]]], Any]


def by_hand(rows: Sequence[tuple[int, date]], unit: str) -> dict[int, float]:
    """Sum the logs of the gaps between the purchase days of each customer, one by one."""
    days: dict[int, set[date]] = {}
    for who, day in rows:
        days.setdefault(who, set()).add(day)
    gaps = {who: np.diff([day.toordinal() for day in sorted(found)]) / DAYS[unit] for who, found in days.items()}  # type: ignore[index]
    return {who: float(np.sum(np.log(theirs))) for who, theirs in gaps.items()}


def test_a_hand_made_log(frame: Frame) -> None:
    days = ["2015-01-09", "2015-01-01", "2015-01-03", "2015-01-03", "2015-01-05", "2015-01-01"]
    customers = rfm_summary(frame({"customer_id": list("aaaabc"), "date": days}), value=None, unit="day")
    assert_allclose(customers.litt, [log(2) + log(6), 0, 0])
    assert_array_equal(nw.from_native(customers.frame(), eager_only=True)["litt"].to_numpy(), customers.litt)


purchases = st.lists(st.tuples(st.integers(0, 4), st.dates(date(1960, 1, 1), date(2030, 1, 1))), min_size=1, max_size=30)


@given(purchases, st.sampled_from(list(DAYS)))
@settings(deadline=None)
def test_any_log(rows: list[tuple[int, date]], unit: str) -> None:
    log = pl.DataFrame({"customer_id": [who for who, _ in rows], "date": [day for _, day in rows]})
    customers = rfm_summary(log, value=None, unit=unit)
    expected = by_hand(rows, unit)
    assert customers.litt is not None
    assert_allclose(customers.litt, [expected[who] for who in customers.ids.to_list()], rtol=1e-12, atol=1e-11)


def test_hours_and_minutes_have_gaps_of_their_own(frame: Frame) -> None:
    log_ = frame({"customer_id": ["a"] * 3, "date": ["2020-01-01T00:00", "2020-01-01T06:00", "2020-01-03T06:00"]})
    customers = rfm_summary(log_, value=None, unit="day", resolution="hour")
    assert_allclose(customers.litt, [log(0.25) + log(2)])


def test_a_split_tells_what_was_known_then() -> None:
    sample = cdnow(sample=True)
    calibration, _ = split(sample, at="1997-09-30", until="1998-06-30")
    assert_array_equal(calibration.litt, rfm_summary(sample, observation_end="1997-09-30").litt)


def test_a_refunded_purchase_leaves_no_gap(frame: Frame) -> None:
    days = ["2020-01-01", "2020-01-03", "2020-01-04", "2020-01-09"]
    rows = {"customer_id": ["a"] * 4, "date": days, "value": [5.0, 2.0, -2.0, 1.0]}
    assert_allclose(rfm_summary(frame(rows), unit="day", refunds="net").litt, [log(8)])


def test_a_ready_table_keeps_it(frame: Frame) -> None:
    rows = {"customer_id": ["a", "b"], "frequency": [2, 0], "recency": [6.0, 0.0], "T": [9.0, 9.0]}
    for name in ("litt", "logs"):
        told = Customers.from_frame(frame({**rows, name: [log(2) + log(4), 0.0]}), "day", litt=name)
        assert_array_equal(told.letters()["litt"], [log(2) + log(4), 0])
        again = Customers.from_frame(told.frame(), "day")
        assert_array_equal(again.litt, told.litt)
    assert Customers.from_frame(frame(rows), "day").litt is None
    with pytest.raises(CustomersError, match=r"no column \(logs\)"):
        Customers.from_frame(frame(rows), "day", litt="logs")


def test_what_recency_tells_of_it() -> None:
    table = Customers.from_arrays([0, 1, 2, 1, 3], [0, 4, 4, 0, 0], [9, 9, 9, 9, 0], unit="day")
    assert_array_equal(table.letters()["litt"], [0, log(4), np.nan, np.nan, np.nan])
    assert "litt" not in table.frame().columns


@pytest.mark.parametrize(
    ("history", "litt"),
    [
        ((0, 0.0), 0.1),
        ((0, 0.0), -0.1),
        ((1, 5.0), log(5) + 1e-4),
        ((1, 5.0), log(5) - 1e-4),
        ((1, 5.0), log(5 * 7)),
        ((3, 6.0), 3 * log(2) + 1e-4),
        ((1, 0.0), 0.0),
        ((2, 0.0), -50.0),
    ],
)
def test_what_no_gaps_can_have_is_refused(history: tuple[int, float], litt: float) -> None:
    x, t_x = history
    with pytest.raises(CustomersError, match=r"1 customer has a litt that no gaps can have \(bob\).*in one unit"):
        Customers.from_arrays([1, x], [2.0, t_x], [9, 9], unit="day", ids=["ann", "bob"], litt=[log(2), litt])


@pytest.mark.parametrize(
    ("history", "litt"),
    [((1, 5.0), log(5) * (1 + 1e-7)), ((3, 6.0), 3 * log(2) + 1e-7), ((3, 6.0), -40.0), ((1, 1e-3), log(1e-3))],
)
def test_rounding_and_negative_sums_pass(history: tuple[int, float], litt: float) -> None:
    x, t_x = history
    assert_array_equal(Customers.from_arrays([x], [t_x], [9], unit="day", litt=[litt]).litt, [litt])


@pytest.mark.parametrize("litt", [np.nan, -inf])
def test_gaps_in_the_column_are_refused(litt: float) -> None:
    with pytest.raises(CustomersError, match="1 customer has a litt that is missing or not finite"):
        Customers.from_arrays([2], [5], [9], unit="day", litt=[litt])


def test_histories_are_found_for_the_letters_asked() -> None:
    table = Customers.from_arrays([2, 2, 2], [5, 5, 5], [9, 9, 9], unit="day", litt=[1.0, 1.2, 1.0])
    assert_array_equal(table.histories(["x", "t_x", "T"]).weights, [3])
    assert_array_equal(table.histories(["x", "litt"]).weights, [2, 1])
    assert_array_equal(table.histories(("x", "litt")).index, [0, 1, 0])
    assert table.histories(["x", "litt"]) is table.histories(("x", "litt"))
    priced = Customers.from_arrays([1, 2], [1, 2], [2, 2], unit="day", monetary_value=[3, 3])
    buyers = priced.repeat_buyers()
    assert_array_equal(buyers.histories(["m"]).weights, [2])
    assert buyers.histories(["m"]) is buyers.histories(["m"])


cells = st.sampled_from([np.nan, 0.0, 1.0, -1.0, 2.5])


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=40))
def test_what_is_not_known_is_a_value_like_another(rows: list[tuple[float, float, float]]) -> None:
    """Rows come back as they were, none twice, in lexicographic order with nan last."""
    table = np.array(rows)
    found = Histories.of(dict(zip("abc", table.T, strict=True)))
    distinct = found.table("abc")
    assert_array_equal(distinct[found.index], table)
    keys = [tuple((np.isnan(cell), 0.0 if np.isnan(cell) else cell) for cell in row) for row in distinct]
    assert keys == sorted(set(keys))
    assert_array_equal(found.weights, np.bincount(found.index))


def unlike(n: int) -> NDArray[np.float64]:
    return np.random.default_rng(1).random(n)


def test_a_column_of_unlike_numbers_costs_nothing_unasked() -> None:
    n = 1_000
    table = Customers.from_arrays(np.full(n, 2), np.full(n, 5), np.full(n, 9), unit="day", litt=unlike(n))
    assert len(table.histories(["x", "t_x", "T"])) == 1
    assert len(table.histories(["x", "t_x", "T", "litt"])) == n


def test_purchases_on_successive_days_have_gaps_of_one_day() -> None:
    days = [date(2020, 1, 1) + timedelta(days=d) for d in range(20)]
    customers = rfm_summary(pl.DataFrame({"customer_id": ["a"] * 20, "date": days}), value=None, unit="week")
    assert_allclose(customers.litt, [19 * log(1 / 7)])
