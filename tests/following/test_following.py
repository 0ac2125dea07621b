"""Indicators against a log that can be worked by hand, and against a plain loop over a real one."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from matplotlib import pyplot as plt

import clvmodels as clv
from clvmodels.errors import LogError, QuestionError

mpl.use("Agg")

ROWS = [
    ("ann", "2015-01-01", 10.0),
    ("ann", "2015-01-31", 30.0),
    ("bob", "2015-01-20", 20.0),
    ("ann", "2015-02-10", 40.0),
    ("cat", "2015-02-28", 10.0),
    ("cat", "2015-02-28", 5.0),
    ("bob", "2015-04-02", 25.0),
    ("cat", "2015-04-03", 15.0),
]
"""Three months and a bit: nobody in March, April till the 10th; two rows of one day are one purchase."""

BY_HAND = {
    "period": ["2015-01", "2015-02", "2015-03", "2015-04"],
    "whole": [True, True, True, False],
    "active": [2, 2, 0, 2],
    "new": [2, 1, 0, 0],
    "customers": [2, 3, 3, 3],
    "activity_rate": [1.0, 2 / 3, 0.0, 2 / 3],
    "repurchase_rate": [np.nan, 1 / 2, 0.0, 2 / 3],
    "retention_rate": [np.nan, 1 / 2, 0.0, np.nan],
    "purchases": [3, 2, 0, 2],
    "purchase_frequency": [1.5, 1.0, np.nan, 1.0],
    "average_basket": [20.0, 27.5, np.nan, 20.0],
    "revenue": [60.0, 55.0, 0.0, 40.0],
}


def log(library: Any = pd.DataFrame, rows: list[tuple[str, str, float]] = ROWS) -> Any:
    columns = dict(zip(("customer_id", "date", "value"), map(list, zip(*rows, strict=True)), strict=True))
    return library(columns)


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, pa.table])
def test_by_hand(library: Any) -> None:
    found = clv.indicators(log(library), observation_end="2015-04-10").frame()
    pd.testing.assert_frame_equal(found[list(BY_HAND)], pd.DataFrame(BY_HAND), check_dtype=False)
    assert found["start"].dt.strftime("%m-%d").tolist() == ["01-01", "02-01", "03-01", "04-01"]
    assert found["end"].dt.strftime("%m-%d").tolist() == ["01-31", "02-28", "03-31", "04-30"]


def test_the_order_of_rows_does_not_matter() -> None:
    pd.testing.assert_frame_equal(clv.indicators(log(rows=ROWS[::-1])).frame(), clv.indicators(log()).frame())


EVERY = {
    "week": (15, 1, [False, True]),
    "month": (4, 2, [True, True]),
    "quarter": (2, 3, [True, False]),
    "half-year": (1, 3, [False]),
    "year": (1, 3, [False]),
}
"""Periods, active in the first, which of the first are whole: 1 January 2015 is a Thursday, and 10 April a Friday."""


@pytest.mark.parametrize("every", EVERY)
def test_periods_of_the_calendar(every: str) -> None:
    found = clv.indicators(log(), every=every, observation_end="2015-04-10").frame()
    periods, active, begin = EVERY[every]
    assert len(found) == periods
    assert found["active"].iloc[0] == active
    assert found["whole"].iloc[: len(begin)].tolist() == begin
    assert not found["whole"].iloc[-1]
    assert found["new"].sum() == 3
    assert found["purchases"].sum() == 7
    assert found["revenue"].sum() == 155.0


@pytest.mark.parametrize(
    ("end", "whole"),
    [("2015-04-30", True), ("2015-04-29", False), ("2015-05-01", True), ("2015-04-30T12:00", False), (None, False)],
)
def test_which_period_is_whole(end: str | None, *, whole: bool) -> None:
    found = clv.indicators(log(), observation_end=end, resolution="hour").frame()
    assert found["whole"].tolist()[:4] == [True, True, True, whole]
    assert found["whole"].tolist()[4:] == ([False] if end == "2015-05-01" else [])


def test_a_log_that_ends_on_the_last_day_of_a_month_ends_with_it() -> None:
    rows = [("ann", "2015-01-01T09:30", 1.0), ("ann", "2015-01-31T17:00", 1.0)]
    assert clv.indicators(log(rows=rows), resolution="minute").frame()["whole"].tolist() == [True]
    assert clv.indicators(log(rows=rows[:1]), resolution="minute").frame()["whole"].tolist() == [False]


def test_refunds_are_netted_as_in_the_summary() -> None:
    rows = [*ROWS, ("ann", "2015-03-03", -40.0), ("dan", "2015-03-01", -7.0)]
    with pytest.raises(LogError, match=r"2 values of 'value' are negative in rows \(8, 9\)"):
        clv.indicators(log(rows=rows))
    found = clv.indicators(log(rows=rows), refunds="net")
    told = found.frame()
    assert told["revenue"].tolist() == [60.0, 15.0, 0.0, 40.0]
    assert told["active"].tolist() == [2, 1, 0, 2]
    summary = clv.rfm_summary(log(rows=rows), refunds="net")
    assert told["purchases"].sum() == summary.frequency.sum() + len(summary)
    assert "2 refunds" in " ".join(found.notes)
    assert "7.00 that remained was left out" in repr(found)


def test_what_comes_after_the_end_is_left_out_and_told() -> None:
    found = clv.indicators(log(), observation_end="2015-02-15")
    assert found.frame()["active"].tolist() == [2, 1]
    assert "3 purchases after 2015-02-15 were left out; 1 customer" in " ".join(found.notes)
    assert repr(found).startswith("Indicators(2 months, 2015-01 to 2015-02, not whole: 2015-02)")


def test_without_values_there_is_no_money() -> None:
    told = clv.indicators(log(), value=None).frame()
    assert not {"revenue", "average_basket"} & set(told)
    assert told["purchases"].tolist() == BY_HAND["purchases"]


def brute(rows: pd.DataFrame, every: str) -> pd.DataFrame:
    """Count one period after another, with sets of customers."""
    rows = rows.assign(period=rows["date"].dt.to_period({"month": "M", "quarter": "Q"}[every]))
    known: set[str] = set()
    last: set[str] = set()
    found = []
    for _, part in rows.groupby("period"):
        here = set(part["customer_id"])
        again, known = here & known, known | here
        told = {"active": len(here), "again": len(again), "customers": len(known), "stayed": len(here & last)}
        baskets = part.groupby(["customer_id", part["date"].dt.date])["value"].sum()
        found.append({**told, "purchases": len(baskets), "revenue": baskets.sum()})
        last = here
    return pd.DataFrame(found)


@pytest.mark.parametrize("every", ["month", "quarter"])
def test_a_real_log_against_a_plain_loop(every: str) -> None:
    retail = clv.datasets.online_retail()
    bought = retail[retail["value"] >= 0]
    told, plain = clv.indicators(bought, every=every).frame(), brute(bought, every)
    for name in ("active", "customers", "purchases"):
        np.testing.assert_array_equal(told[name], plain[name])
    np.testing.assert_allclose(told["revenue"], plain["revenue"], rtol=1e-12)
    np.testing.assert_array_equal(told["active"] - told["new"], plain["again"])
    stayed = (told["retention_rate"] * told["active"].shift()).fillna(0.0)
    np.testing.assert_allclose(stayed, plain["stayed"], atol=1e-9)


@pytest.mark.parametrize("what", ["activity_rate", "repurchase_rate", "revenue", "average_basket", "active"])
def test_pictures(what: str) -> None:
    ax = clv.indicators(log(), observation_end="2015-04-10").plot(what=what)
    assert ax.get_xlim() == (-0.5, 3.5), "each period has its place, those without a number, too"
    assert ax.get_legend().get_texts()[0].get_text() == "not whole"
    assert [label.get_text() for label in ax.get_xticklabels()] == BY_HAND["period"]
    plt.close(ax.figure)


def test_what_is_refused() -> None:
    with pytest.raises(LogError, match="'fortnight' is no period"):
        clv.indicators(log(), every="fortnight")
    with pytest.raises(LogError, match="lies before the first purchase"):
        clv.indicators(log(), observation_end="2014-12-31")
    with pytest.raises(QuestionError, match=r"'revenue' is no indicator here\. Say one of active, new"):
        clv.indicators(log(), value=None).plot(what="revenue")
