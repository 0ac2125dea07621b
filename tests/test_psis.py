"""Pareto-smoothed weights against arviz-stats, and the shape of laws that are known."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base.array import array_stats

from clvmodels.psis import smoothed


@pytest.mark.parametrize("size", [100, 1000, 4000])
@pytest.mark.parametrize("heaviness", [0.2, 1.0, 3.0])
def test_weights_are_those_of_the_library(size: int, heaviness: float) -> None:
    log_ratio = heaviness * np.random.default_rng(size).exponential(size=size)
    weights, k = smoothed(log_ratio)
    theirs, their_k = array_stats.psislw(-log_ratio)
    np.testing.assert_allclose(np.log(weights), theirs - np.logaddexp.reduce(theirs), rtol=1e-9, atol=1e-9)
    assert k == pytest.approx(float(their_k), rel=1e-9)


@pytest.mark.parametrize("k", [0.1, 0.5, 0.9])
def test_the_tail_of_pareto_weights_has_their_shape(k: float) -> None:
    log_ratio = k * np.random.default_rng(7).exponential(size=200_000)
    assert smoothed(log_ratio)[1] == pytest.approx(k, abs=0.1)


def test_weights_without_a_tail_cannot_be_judged() -> None:
    weights, k = smoothed(np.zeros(100))
    np.testing.assert_allclose(weights, 0.01)
    assert k == np.inf
