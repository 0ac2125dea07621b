"""Futures, drawn: what the loops are given."""

from __future__ import annotations

import numpy as np

import clvmodels as clv
from clvmodels.kernels.simulation import Drawing, draw_pairs


def test_draws_and_rows_may_lie_in_memory_in_any_order() -> None:
    model = clv.GammaGamma()
    theta = np.array([(6.0, 4.0, 15.0), (2.0, 3.0, 9.0), (1.0, 5.0, 40.0)])
    columns = model.basket.columns(model.parameters())
    rows = np.random.default_rng(1).uniform(1.0, 9.0, (5, len(columns)))

    def drawn(theta: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return draw_pairs(np.random.default_rng(7), Drawing((model.basket,), theta, rows))

    np.testing.assert_array_equal(drawn(np.asfortranarray(theta), np.asfortranarray(rows)), drawn(theta, rows))
