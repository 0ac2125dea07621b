"""The lift: a formula for one customer over many, in any blocks and on any number of threads."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import chain
from threading import Barrier, current_thread
from typing import TYPE_CHECKING

import numpy as np
import pytest

from clvmodels.errors import ClvError
from clvmodels.kernels.lift import BLOCK, row
from clvmodels.kernels.threads import SETTING, each, slices, threads

if TYPE_CHECKING:
    from collections.abc import Callable


@row
def line(slope: float, level: float, x: float) -> tuple[float, float]:
    return level + slope * x, x


@row
def product(slope: float, level: float, x: float, y: float) -> float:
    return slope * x * y + level


def table(draws: int, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(draws, 2)), rng.normal(size=(rows, columns))


SIZES = [(1, 1), (3, 7), (1, BLOCK), (1, 3 * BLOCK + 5), (300, 101), (101, 300), (BLOCK + 3, 2)]
"""Draws and rows: of one cell, below and above a block, long and broad."""


@pytest.mark.parametrize(("draws", "rows"), SIZES)
def test_rows_and_draws_broadcast(draws: int, rows: int) -> None:
    theta, some = table(draws, rows, 2)
    expected = theta[:, :1] * (some[:, 0] * some[:, 1]) + theta[:, 1:]
    found = product(theta, some)
    assert found.shape == (1, draws, rows)
    np.testing.assert_allclose(found[0], expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("draws", "rows"), SIZES)
def test_a_total_is_the_sum_of_each(draws: int, rows: int) -> None:
    theta, some = table(draws, rows, 1)
    weights = np.random.default_rng(1).uniform(0.5, 2.0, rows)
    np.testing.assert_allclose(line.total(theta, some, weights), line(theta, some) @ weights, rtol=1e-10, atol=1e-8)


def apart(theta: np.ndarray) -> np.ndarray:
    return np.repeat(theta, 2, axis=0)[::2]


@pytest.mark.parametrize("lying", [np.asfortranarray, apart])
@pytest.mark.parametrize("draws", [3, BLOCK])
def test_draws_may_lie_in_memory_in_any_order(lying: Callable[[np.ndarray], np.ndarray], draws: int) -> None:
    theta, some = table(draws, 5, 2)
    np.testing.assert_array_equal(product(lying(theta), lying(some)), product(theta, some))
    weights = np.arange(1.0, len(some) + 1.0)
    found = product.total(lying(theta), lying(some), np.repeat(weights, 2)[::2])
    np.testing.assert_array_equal(found, product.total(theta, some, weights))


def test_several_numbers_come_in_order() -> None:
    found = line(np.array([[2.0, 10.0]]), np.array([[1.0], [3.0]]))
    assert found.tolist() == [[[12.0, 16.0]], [[1.0, 3.0]]]


def test_a_row_alone_equals_that_row_in_a_table() -> None:
    theta, some = table(5, 2 * BLOCK, 2)
    together = product(theta, some)
    for i in (0, BLOCK - 1, BLOCK, 2 * BLOCK - 1):
        np.testing.assert_array_equal(product(theta, some[i : i + 1])[:, :, 0], together[:, :, i])


@pytest.mark.parametrize(("draws", "rows"), [(2, 40), (1, 3 * BLOCK), (500, 100)])
def test_threads_change_nothing(draws: int, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    theta, some = table(draws, rows, 1)
    weights = np.ones(rows)
    side_by_side = line(theta, some), line.total(theta, some, weights)
    monkeypatch.setenv(SETTING, "1")
    np.testing.assert_array_equal(line(theta, some), side_by_side[0])
    np.testing.assert_array_equal(line.total(theta, some, weights), side_by_side[1])


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_each_keeps_the_order(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, str(workers))
    assert list(each(lambda i: i * i, range(50))) == [i * i for i in range(50)]


@pytest.mark.parametrize("workers", [1, 3])
def test_threads_are_as_many_as_the_user_has_set(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, str(workers))
    together, seen = Barrier(workers), set[str]()

    def wait(_: int) -> None:
        together.wait(timeout=10.0)  # for as many as there are: fewer threads would never come
        seen.add(current_thread().name)

    list(each(wait, range(4 * workers)))
    assert len(seen) == workers


@pytest.mark.parametrize("setting", ["0", "-2", "two", "1.5"])
def test_no_number_of_threads_is_refused(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, setting)
    with pytest.raises(ClvError, match=r"which is no number of threads: set it to 1 or more"):
        list(each(abs, range(3)))


def test_columns_that_a_formula_lacks_are_refused() -> None:
    theta, some = table(3, 4, 2)
    for rows in (some[:, :1].copy(), np.hstack([some, some])):
        with pytest.raises(TypeError, match=r"<row product\(slope, level, x, y\)> was given 2 parameters and"):
            product(theta, rows)
        with pytest.raises(TypeError, match="was given 2 parameters and"):
            product.total(theta, rows, np.ones(4))


def test_what_goes_wrong_in_a_thread_is_told() -> None:
    def faulty(i: int) -> int:
        return 1 // (i - 7)

    with pytest.raises(ZeroDivisionError):
        list(each(faulty, range(20)))


def test_blocks_within_blocks_do_not_wait_for_each_other() -> None:
    def outer(i: int) -> int:
        return sum(each(lambda j: i * j, range(10)))

    assert list(each(outer, range(4 * threads() + 3))) == [45 * i for i in range(4 * threads() + 3)]


def test_slices_cover_once() -> None:
    assert list(chain.from_iterable(range(100)[part] for part in slices(100, 7))) == list(range(100))


def test_division_is_that_of_floats() -> None:
    @row
    def ratio(a: float, x: float) -> float:
        return a / x

    assert ratio(np.array([[1.0]]), np.array([[0.0]]))[0, 0, 0] == np.inf


def test_columns_are_named_by_the_formula() -> None:
    assert product.columns(("slope", "level")) == ("x", "y")


SMALL_FIT = """
import numpy as np
import clvmodels as clv
x = [2, 1, 0, 0, 0, 7, 1, 0, 2, 0, 5, 0, 0, 0, 0, 0, 10, 1, 0, 0]
t_x = [30.43, 1.71, 0, 0, 0, 29.43, 5, 0, 35.71, 0, 24.43, 0, 0, 0, 0, 0, 34.14, 4.86, 0, 0]
customers = clv.Customers.from_arrays(x, t_x, [38.86] * 20, unit="week", monetary_value=[20.0 * (n > 0) + n for n in x],
                                      first_value=[10.0 + i for i in range(20)])
paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
spend = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
fit = clv.fit(clv.BGNBD(), customers, clv.MAP(), seed=1)
worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.1), customers=customers, seed=1)
drawn = paper.predict_purchases(52, customers, seed=3, draws=50)
print(repr([float(paper.pointwise(customers).sum()), fit.log_likelihood, *map(float, fit.theta),
            *map(float, worth.expected.mean), *map(float, drawn.mean)]))
"""


def test_plain_python_gives_the_same_numbers() -> None:
    def numbers(**environment: str) -> np.ndarray:
        command = [sys.executable, "-W", "error", "-c", SMALL_FIT]
        done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)  # noqa: S603
        assert done.returncode == 0, done.stderr[-2000:]
        return np.array([float(text) for text in done.stdout.strip("[]\n").split(",")])

    np.testing.assert_allclose(numbers(NUMBA_DISABLE_JIT="1"), numbers(), rtol=1e-9)
