"""How regular purchases are: simulated worlds, the law of the pairs, the paper's formula, and what the logs at hand say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from clvmodels.data.datasets import cdnow
from clvmodels.data.regularity import Regularity, regularity
from clvmodels.errors import LogError

if TYPE_CHECKING:
    from numpy.typing import NDArray

Frame = Callable[[Mapping[str, Sequence[Any]]], Any]


def world(k: NDArray[np.float64], days: float, seed: int) -> pd.DataFrame:
    """A log of customers with gamma gaps, a rate of each one's own and a lifetime, told in days."""
    rng, n = np.random.default_rng(seed), len(k)
    rate = rng.gamma(1.5, 1 / (1.5 * days), size=n)
    gaps = rng.gamma(k[:, None], 1 / (k * rate)[:, None], size=(n, 60))
    times = rng.random(n)[:, None] + np.cumsum(gaps, axis=1)
    bought = times < np.minimum(rng.exponential(200, n), 273)[:, None]
    customers = np.broadcast_to(np.arange(n)[:, None], times.shape)
    dates = np.datetime64("2020-01-01") + times[bought].astype("timedelta64[D]")
    return pd.DataFrame({"customer_id": customers[bought], "date": dates.astype("datetime64[s]")})


@pytest.mark.parametrize("k", [1.0, 2.0, 3.0])
def test_intervals_cover_at_their_rate(k: float) -> None:
    found = [regularity(world(np.full(100, k), 20.0, seed)) for seed in range(50)]
    covered = np.mean([one.low <= k <= one.high for one in found])
    assert 0.8 <= covered <= 0.99
    assert_allclose(np.median([one.k for one in found]), k, rtol=0.1)


@pytest.mark.parametrize(("k", "days"), list(product([1.0, 2.0, 3.0], [7.0, 30.0])))
def test_days_are_not_taken_for_regularity(k: float, days: float) -> None:
    found = regularity(world(np.full(15_000, k), days, seed=1))
    assert_allclose(found.k, k, rtol=0.04)
    assert found.whole == k
    if k == 1.0:
        assert found.low < 1 < found.high
        assert found.by_formula > {7.0: 1.3, 30.0: 1.07}[days]


def test_customers_may_differ_in_regularity() -> None:
    """Then k is in between, as a large log tells, and intervals of small ones allow for a spread that no common k has."""
    k = np.where(np.arange(30_000) % 2, 1.0, 6.0)
    between = regularity(world(k, 30.0, seed=0)).k
    assert 1.5 < between < 4
    found = [regularity(world(k[:300], 30.0, seed)) for seed in range(1, 81)]
    assert np.mean([one.low <= between <= one.high for one in found]) >= 0.84


def test_the_formula_of_the_paper(frame: Frame) -> None:
    """Three customers with M = 1/3, 1/2 and 3/4, so that V = (1/36 + 0 + 1/16) / 3; gaps before the last two don't count."""
    days = {"ann": [1, 11, 31], "bob": [1, 3, 13, 23], "cid": [1, 31, 41], "dan": [1, 2], "eve": [5]}
    start = np.datetime64("2020-01-01")
    rows = [(who, str(start + np.timedelta64(day, "D"))) for who, theirs in days.items() for day in theirs]
    found = regularity(frame({"customer_id": [who for who, _ in rows], "date": [day for _, day in rows]}))
    variance = (1 / 36 + 1 / 16) / 3
    assert_allclose(found.by_formula, (1 - 4 * variance) / (8 * variance))
    assert found.customers == 3
    assert 0 < found.low < found.k < found.high


def test_pure_chance_on_a_lattice_is_exact() -> None:
    """Every place between two purchases 9 days apart once: the formula sees (9 + 4) / (9 - 2), chance itself is 1."""
    rows = [(j, day) for j in range(1, 9) for day in (1, 1 + j, 10)]
    log = pd.DataFrame({"customer_id": [who for who, _ in rows], "date": [f"2020-01-{day:02}" for _, day in rows]})
    found = regularity(log)
    assert_allclose(found.k, 1.0)
    variance = 7 / 9 / 12
    assert_allclose(found.by_formula, (1 - 4 * variance) / (8 * variance))


def test_a_higher_probability_widens_the_interval() -> None:
    log = cdnow(sample=True)
    narrow, wide = (regularity(log, prob=prob) for prob in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.k == wide.k < narrow.high < wide.high


def test_cdnow_buys_by_chance_while_it_is_young() -> None:
    """39 weeks in, exponential timing holds; to the end, rates fade, and purchases seem to come in bursts."""
    log = cdnow()
    young, whole = regularity(log[log["date"] <= "1997-09-30"]), regularity(log)
    assert_allclose([young.k, young.low, young.high], [0.977, 0.941, 1.014], atol=1e-3)
    assert_allclose([whole.k, whole.low, whole.high], [0.878, 0.852, 0.905], atol=1e-3)
    assert (young.customers, whole.customers) == (5009, 7476)
    assert young.sentence == (
        "k = 0.98 (90% interval 0.94 to 1.01, 5,009 customers). 1 lies in the interval: exponential timing is plausible. "
        "Of whole numbers 1 fits best."
    )
    assert "1 lies above the interval: purchases come more in bursts" in whole.sentence


def test_regular_customers_are_said_to_be() -> None:
    found = regularity(world(np.full(500, 3.0), 30.0, seed=1))
    assert "1 lies below the interval: purchases come more regularly than exponential timing has it" in found.sentence
    assert found.sentence.endswith("Of whole numbers 3 fits best.")


@pytest.mark.parametrize(("k", "whole"), [(0.2, 1), (1.4, 1), (1.5, 2), (2.4, 2), (2.46, 3), (7.6, 8), (inf, None)])
def test_the_whole_number_that_fits_best(k: float, whole: int | None) -> None:
    """By the ratio of 2 k + 1, for that is what the variance tells."""
    assert Regularity(k, 0.0, inf, 0.9, 10, k).whole == whole


def test_clockwork_has_no_largest_k() -> None:
    days = np.arange("2020-01-01", "2020-03-01", 7, dtype="datetime64[D]")
    log = pd.DataFrame({"customer_id": np.repeat(np.arange(30), len(days)), "date": np.tile(days, 30).astype("M8[s]")})
    found = regularity(log)
    assert found.k == found.high == found.by_formula == inf
    assert found.low > 10 or found.low == inf
    assert "No whole number is large enough" in found.sentence


def test_one_pair_tells_little() -> None:
    found = regularity(pd.DataFrame({"customer_id": ["a"] * 3, "date": ["2020-01-01", "2020-01-21", "2020-03-01"]}))
    assert found.customers == 1
    assert found.low < 1 < found.high
    assert "1 customer)" in found.sentence


def test_frame_has_one_row(frame: Frame) -> None:
    log = frame({"customer_id": ["a"] * 3, "date": ["2020-01-01", "2020-01-21", "2020-03-01"]})
    assert list(regularity(log).frame().columns) == ["k", "low", "high", "prob", "customers", "by_formula"]


def test_times_of_day_can_count(frame: Frame) -> None:
    times = [f"2020-01-0{day}T{hour:02}:00" for day, hour in ((1, 9), (1, 12), (2, 20))]
    log = frame({"customer_id": ["a"] * 3, "date": times})
    assert_allclose(regularity(log, resolution="hour").by_formula, 1 / (8 * (3 / 35 - 0.5) ** 2) - 0.5)
    with pytest.raises(LogError, match="Nobody in this log has bought on three days"):
        regularity(log)


def test_successive_days_tell_nothing(frame: Frame) -> None:
    log = frame({"customer_id": ["a"] * 3, "date": ["2020-01-01", "2020-01-02", "2020-01-03"]})
    with pytest.raises(LogError, match=r"lie on successive days.*Say a finer resolution"):
        regularity(log)


@pytest.mark.parametrize("prob", [0.0, 1.0, 90.0])
def test_prob_is_a_probability(prob: float) -> None:
    with pytest.raises(LogError, match="is no probability of an interval"):
        regularity(cdnow(sample=True), prob=prob)
