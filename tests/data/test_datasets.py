"""The data sets, against the facts that are published of them."""

from __future__ import annotations

import pandas as pd

from clvmodels.data.datasets import cdnow


def test_cdnow() -> None:
    log = cdnow()
    assert list(log.columns) == ["customer_id", "date", "quantity", "value"]
    assert log.shape == (69_659, 4)
    assert log["customer_id"].nunique() == 23_570
    assert (log["value"] == 0).sum() == 80
    assert log.duplicated().sum() == 255
    assert log["date"].min() == pd.Timestamp("1997-01-01")
    assert log["date"].max() == pd.Timestamp("1998-06-30")
    assert log.groupby("customer_id")["date"].min().max() == pd.Timestamp("1997-03-25")
    assert log["quantity"].sum() == 167_881
    assert round(log["value"].sum(), 2) == 2_500_315.63


def test_cdnow_rows() -> None:
    log = cdnow()
    first = [tuple(row) for row in log.head(3).itertuples(index=False)]
    assert first == [
        ("00001", pd.Timestamp("1997-01-01"), 1, 11.77),
        ("00002", pd.Timestamp("1997-01-12"), 1, 12.0),
        ("00002", pd.Timestamp("1997-01-12"), 5, 77.0),
    ]
    assert log["date"].dtype.kind == "M"


def test_cdnow_sample_is_part_of_the_whole() -> None:
    log, sample = cdnow(), cdnow(sample=True)
    assert sample.shape == (6_919, 4)
    assert sample["customer_id"].nunique() == 2_357
    chosen = log[log["customer_id"].isin(sample["customer_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(chosen, sample)
    assert list(sample["customer_id"].unique()[:6]) == ["00004", "00018", "00021", "00050", "00060", "00071"]
