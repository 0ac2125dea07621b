"""Spark scores customers as everybody does, in its own workers."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

import clvmodels as clv
from tests.data.conftest import SPARK

SCHEMA = """
customer_id string, probability_alive double, expected_purchases double, expected_spend double,
clv double, clv_low double, clv_high double, outcome_low double, outcome_high double
"""


@pytest.fixture
def worth(purchases: clv.Fit, spend: clv.Fit, cdnow: clv.Customers) -> clv.Valuation:
    return clv.value(purchases, spend, horizon=52, discount=clv.yearly(0.1), customers=cdnow, draws=100, seed=1)


@pytest.mark.parametrize("by_hand", [True, False])
@SPARK
def test_spark(session: Any, worth: clv.Valuation, cdnow: clv.Customers, by_hand: bool) -> None:  # noqa: FBT001
    expected = pd.concat([batch.to_pandas() for batch in worth.score(cdnow)]).sort_values("customer_id", ignore_index=True)
    frame = session.createDataFrame(cdnow.frame()).repartition(3)
    found = (frame.mapInArrow(worth.score, SCHEMA) if by_hand else worth.scorer.spark(frame)).toArrow().to_pandas()
    found = found.sort_values("customer_id", ignore_index=True)
    assert list(found) == list(expected)
    assert found["customer_id"].tolist() == expected["customer_id"].tolist()
    assert_allclose(found.iloc[:, 1:].to_numpy(), expected.iloc[:, 1:].to_numpy(), rtol=1e-9)


def test_what_goes_to_the_workers_is_small(worth: clv.Valuation, cdnow: clv.Customers) -> None:
    size = len(pickle.dumps(worth.score))
    many = clv.value(worth.fit, worth.spend, horizon=52, discount=clv.yearly(0.1), customers=cdnow.some(np.arange(9)))
    assert abs(len(pickle.dumps(many.score)) - size) < 1000  # nobody in person
