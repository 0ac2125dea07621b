"""Bent axes: against the formula in numpy, and gradients against differences."""

from __future__ import annotations

import numpy as np
import pytest

from clvmodels.kernels.bent import FAR, place, place_all, pull

ROOT = np.array([[1.0, 0.2, 0.0], [-0.3, 0.5, 0.1], [0.4, 0.0, 0.8]])
AXES = (np.array([0.5, -1.0, 2.0]), ROOT, np.array([0.0, 0.3, -0.2]))
NEAR = np.array([[0.0, 0.0, 0.0], [1.2, -0.4, 0.7], [-2.9, 1.0, -1.0]])
OUT = np.array([[5.0, 0.3, -0.6], [-8.0, 0.1, 0.2]])


def test_points_lie_where_the_formula_says() -> None:
    centre, root, bend = AXES
    should = centre + (NEAR + bend * (NEAR[:, :1] ** 2 - 1.0)) @ root.T
    np.testing.assert_allclose(place_all(AXES, NEAR), should, rtol=1e-14)
    np.testing.assert_array_equal(place(AXES, NEAR[1]), place_all(AXES, NEAR)[1])


@pytest.mark.parametrize("side", [-1.0, 1.0])
def test_axes_go_straight_on_beyond_what_is_known(side: float) -> None:
    line = place_all(AXES, np.outer(side * np.array([FAR, FAR + 1.0, FAR + 2.0]), [1.0, 0.0, 0.0]))
    np.testing.assert_allclose(line[2] - line[1], line[1] - line[0], rtol=1e-12)


@pytest.mark.parametrize("white", [*NEAR, *OUT])
def test_gradients_are_those_of_the_coordinates(white: np.ndarray) -> None:
    """Of a linear function of the point, whose slope is the same everywhere."""
    slope, steps = np.array([1.0, -2.0, 0.5]), 1e-6 * np.eye(3)
    differences = (place_all(AXES, white + steps) - place_all(AXES, white - steps)) @ slope / 2e-6
    np.testing.assert_allclose(pull(AXES, white, slope), differences, rtol=1e-7, atol=1e-8)
