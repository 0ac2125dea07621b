"""Attributes of customers from their first purchases."""

from __future__ import annotations

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import clvmodels as clv
from clvmodels.errors import LogError

LOG = {
    "who": ["ann", "bob", "ann", "cid", "bob"],
    "when": ["2015-05-06", "2015-12-31", "2015-02-01", "2016-01-01", "2016-04-01"],
    "channel": ["shop", "ads", "ads", "web", "shop"],
    "country": ["fr", "de", "de", "at", "fr"],
}
NAMES = ["customer_id", "channel", "country", "cohort"]
COHORTS = {
    "week": ["2015-01-26", "2015-12-28", "2015-12-28"],
    "month": ["2015-02", "2015-12", "2016-01"],
    "quarter": ["2015-Q1", "2015-Q4", "2016-Q1"],
    "year": ["2015", "2015", "2016"],
}


@pytest.mark.parametrize("period", COHORTS)
@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "pyarrow"])
def test_first_purchases_by_hand(library: type, period: str) -> None:
    found = clv.attributes(library(LOG), ["channel", "country"], customer_id="who", date="when", cohort=period)
    assert isinstance(found, type(library(LOG)))
    assert list(found.column_names if library is pa.table else found.columns) == NAMES
    told = {name: found[name].to_pylist() if library is pa.table else found[name].to_list() for name in NAMES}
    expected = {"customer_id": ["ann", "bob", "cid"], "channel": ["ads", "ads", "web"], "country": ["de", "de", "at"]}
    assert told == {**expected, "cohort": COHORTS[period]}


def test_without_a_cohort_and_columns() -> None:
    found = clv.attributes(pd.DataFrame(LOG), customer_id="who", date="when", cohort=None)
    assert found.to_dict("list") == {"customer_id": ["ann", "bob", "cid"]}


def test_attributes_of_a_log_go_with_its_customers() -> None:
    log = clv.datasets.online_retail()
    customers = clv.rfm_summary(log, refunds="net")
    fit, spend = clv.fit(clv.MBGNBD(), customers, clv.MLE()), clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.MLE())
    known = clv.attributes(log, ["country"], cohort="quarter")
    worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), attributes=known, seed=1)
    told = worth.total(by="cohort")
    assert told["cohort"].is_monotonic_increasing
    assert told["customers"].sum() == len(customers)
    assert told["mean"].sum() == pytest.approx(worth.expected.mean.sum())


def test_refusals() -> None:
    with pytest.raises(LogError, match=r"cohort='decade'.*week, month, quarter, year, or None"):
        clv.attributes(pd.DataFrame(LOG), customer_id="who", date="when", cohort="decade")
    with pytest.raises(LogError, match=r"no column \(chanel\)"):
        clv.attributes(pd.DataFrame(LOG), ["chanel"], customer_id="who", date="when")
    with pytest.raises(LogError, match=r"columns \(cohort\) are made here"):
        clv.attributes(pd.DataFrame(LOG), ["cohort"], customer_id="who", date="when")
