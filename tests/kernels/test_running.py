"""Running integrals against one integral for each end."""

from __future__ import annotations

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.contract import HasPhases, HasPurchases
from clvmodels.kernels.quadrature import add_up, integrate
from clvmodels.kernels.running import running
from clvmodels.questions.ahead import GAPS, PANELS, time_scales

MODELS = {
    "BG/NBD": (clv.BGNBD(), [(0.24, 4.4, 0.8, 2.4), (30.0, 0.02, 5.0, 0.05), (0.02, 900.0, 0.01, 30.0)]),
    "Pareto/NBD": (clv.ParetoNBD(), [(0.5, 10.0, 0.6, 12.0), (20.0, 0.05, 30.0, 0.02), (0.03, 800.0, 0.02, 900.0)]),
    "G/G/NBD": (clv.GGNBD(), [(0.5, 10.0, 0.02, 0.6, 1.2), (9.0, 0.1, 0.3, 3.0, 0.01)]),
    "BG/CNBD-3": (clv.BGCNBD(3), [(0.9, 6.0, 0.8, 2.5), (20.0, 1.0, 0.3, 9.0)]),
    "NBD": (clv.NBD(), [(0.5, 4.0)]),
}
ENDS = np.array([0.01, 0.5, 1.0, 4.0, 13.0, 26.0, 39.0, 52.0, 52.5, 500.0])


def rows_for(model: HasPurchases) -> np.ndarray:
    """Histories of few and of many purchases, as the intensity names them."""
    told = {
        "x": [0.0, 2.0, 400.0],
        "T": [0.0, 30.0, 900.0],
        "j": [0.0, 1.0, 2.0],
        **{n: [v] * 3 for n, v in model.settings().items()},
    }
    columns = [name for name in model.intensity.columns(model.parameters()) if name != "u"]
    return np.array([told[name] for name in columns]).T.copy()


@pytest.mark.parametrize("name", MODELS)
def test_each_end_is_an_integral_of_its_own(name: str) -> None:
    """To 5e-9 of a purchase: regular customers, whose intensity swings within a panel, are 2e-9 off, all others 2e-10."""
    model, points = MODELS[name]
    theta, rows = np.array(points), rows_for(model)
    scales, paces = time_scales(model, theta)
    gaps = GAPS if isinstance(model, HasPhases) else 0.0
    for place in range(len(rows)):
        weights = np.zeros((1, len(rows), len(theta)))
        weights[:, place] = 1.0
        found = running(model.intensity, theta, rows, weights, ENDS, scales, PANELS * paces, gaps)[0]
        each = np.array(
            [integrate(model.intensity, theta, rows, scales, PANELS * paces, e, 0.0, gaps)[:, place] for e in ENDS]
        )
        np.testing.assert_allclose(found, each, rtol=1e-9, atol=5e-9 if gaps else 5e-10)


def test_weights_add_rows_up() -> None:
    model, points = MODELS["BG/NBD"]
    theta, rows = np.array(points), rows_for(model)
    scales, paces = time_scales(model, theta)
    weights = np.random.default_rng(1).random((2, len(rows), len(theta)))
    each = np.array([integrate(model.intensity, theta, rows, scales, PANELS * paces, end, 0.0) for end in ENDS])
    found = running(model.intensity, theta, rows, weights, ENDS, scales, PANELS * paces, 0.0)
    np.testing.assert_allclose(found, np.einsum("wid,kdi->wkd", weights, each), rtol=2e-9)


def test_draws_and_rows_may_lie_in_memory_in_any_order() -> None:
    model, points = MODELS["BG/NBD"]
    theta, rows = np.array(points), rows_for(model)
    scales, paces = time_scales(model, theta)
    weights = np.random.default_rng(1).random((2, len(rows), len(theta)))

    def asked(theta: np.ndarray, rows: np.ndarray) -> list[np.ndarray]:
        return [
            running(model.intensity, theta, rows, weights, ENDS, scales, PANELS * paces, 0.0),
            integrate(model.intensity, theta, rows, scales, PANELS * paces, 52.0, 0.1),
            add_up(model.intensity, theta, rows, 9.0, 0.1),
        ]

    for found, straight in zip(asked(np.asfortranarray(theta), np.asfortranarray(rows)), asked(theta, rows), strict=True):
        np.testing.assert_array_equal(found, straight)


def test_opportunities_are_added_up_one_by_one() -> None:
    model, theta = clv.BGBB(), np.array([(1.2, 0.75, 0.66, 2.78), (0.3, 2.0, 0.5, 9.0)])
    told = {"x": [0.0, 3.0], "t_x": [0.0, 4.0], "T": [6.0, 6.0], **{n: [v] * 2 for n, v in model.settings().items()}}
    names = [name for name in model.intensity.columns(model.parameters()) if name != "u"]
    rows, ends, nothing = np.array([told[name] for name in names]).T.copy(), np.array([1.0, 2.5, 7.0]), np.zeros(2)
    found = running(model.intensity, theta, rows, np.ones((1, 2, 2)), ends, nothing, nothing, 0.0)[0]
    each = np.array([add_up(model.intensity, theta, rows, end, 0.0).sum(axis=1) for end in ends])
    np.testing.assert_allclose(found, each, rtol=1e-12)
