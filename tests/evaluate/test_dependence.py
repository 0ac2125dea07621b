"""Independence of spend and purchases: worlds that have it, worlds that lack it by a known amount, and CDNOW."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import spearmanr

import clvmodels as clv
from clvmodels.errors import QuestionError
from clvmodels.evaluate import dependence as module
from clvmodels.evaluate.dependence import Independence, independence

if TYPE_CHECKING:
    from numpy.typing import NDArray

P, Q, V = 6.25, 3.74, 15.44
PAPER = clv.GammaGamma().at(p=P, q=Q, v=V)


def spent(rng: np.random.Generator, purchases: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean value of some purchases of each customer, 0 where there are none."""
    return np.where(purchases > 0, rng.gamma(P * np.maximum(purchases, 1)) * scale / np.maximum(purchases, 1), 0.0)


def world(n: int, factor: float, seed: int) -> clv.Customers:
    """Half of the customers buy three times as often as the others, and spend a factor times as much on a purchase."""
    rng = np.random.default_rng(seed)
    frequent = rng.random(n) < 0.5
    rate = rng.gamma(0.5, size=n) * np.where(frequent, 3.0, 1.0)
    scale = np.where(frequent, factor, 1.0) * V / rng.gamma(Q, size=n)
    frequency = rng.poisson(rate).astype(float)
    first, mean = spent(rng, np.ones(n), scale), spent(rng, frequency, scale)
    return clv.Customers.from_arrays(
        frequency, np.where(frequency > 0, 20.0, 0.0), np.full(n, 39.0), unit="week", first_value=first, monetary_value=mean
    )


def true_ratio(factor: float) -> float:
    """The mean of rate times spend over the means of both."""
    return (3.0 * factor + 1.0) / 2.0 / (2.0 * (factor + 1.0) / 2.0)


def holds(low: float, high: float, truth: float) -> bool:
    return low <= truth <= high


@pytest.fixture
def _few_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw less for the correlation under independence."""
    monkeypatch.setattr(module, "WORLDS", 10)


@pytest.mark.usefixtures("_few_worlds")
@pytest.mark.parametrize("view", ["all", "repeat"])
def test_worlds_of_independence(view: str) -> None:
    """Its correlation isn't 0, and both intervals hold what it leads to at about their rate."""
    worlds = [world(500, 1.0, seed) for seed in range(80)]
    seen = [one.all_buyers() if view == "all" else one.repeat_buyers() for one in worlds]
    found = [independence(PAPER, one, seed=1) for one in seen]
    assert 0.82 <= np.mean([holds(one.low, one.high, one.expected) for one in found]) <= 0.98
    assert 0.82 <= np.mean([holds(one.ratio_low, one.ratio_high, 1.0) for one in found]) <= 0.98
    assert np.mean([one.expected for one in found]) > 0.03


@pytest.mark.usefixtures("_few_worlds")
@pytest.mark.parametrize("factor", [0.5, 2.0, 3.0])
def test_worlds_of_a_known_dependence(factor: float) -> None:
    found = [independence(PAPER, world(500, factor, seed), seed=1) for seed in range(60)]
    assert 0.8 <= np.mean([holds(one.ratio_low, one.ratio_high, true_ratio(factor)) for one in found]) <= 0.98
    assert_allclose(np.median([one.ratio for one in found]), true_ratio(factor), rtol=0.04)
    beyond = [one.low > one.expected if factor > 1.0 else one.high < one.expected for one in found]
    assert np.mean(beyond) > 0.8


def test_the_ratio_is_what_newcomers_are_worth_more() -> None:
    """In a large world: what strangers of the same kind will spend, over purchases times spend."""
    found = independence(PAPER, world(100_000, 3.0, seed=1), seed=1)
    later = world(100_000, 3.0, seed=2)
    assert later.monetary_value is not None
    assert later.first_value is not None
    worth = np.mean(later.frequency * later.monetary_value)
    apart = np.mean(later.frequency) * np.mean(later.first_value)
    assert_allclose(found.ratio, worth / apart, rtol=0.03)
    assert "purchases times spend values newcomers 20% too low" in found.sentence


def test_the_correlation_is_spearmans(cdnow: clv.Customers, gammagamma: clv.Fit) -> None:
    buyers = cdnow.repeat_buyers()
    seen = buyers.x > 0
    found = independence(gammagamma, seed=1)
    assert found.customers == 946
    assert_allclose(found.correlation, spearmanr(buyers.x[seen], buyers.m[seen]).statistic)
    assert_allclose(np.corrcoef(buyers.x[seen], buyers.m[seen])[0, 1], 0.1139, atol=5e-5)  # as published


def test_cdnow(gammagamma: clv.Fit, spend: clv.Fit) -> None:
    repeat, every = independence(gammagamma, seed=1), independence(spend, seed=1)
    assert_allclose([repeat.correlation, repeat.low, repeat.high], [0.206, 0.154, 0.258], atol=1e-3)
    assert_allclose([repeat.ratio, repeat.ratio_low, repeat.ratio_high], [1.106, 0.890, 1.376], atol=1e-3)
    assert_allclose(repeat.expected, 0.04, atol=0.01)
    assert repeat.sentence.startswith(
        "Customers who buy more often spend more on a purchase: rank correlation 0.21 (90% interval 0.15 to 0.26, "
        "946 customers), where independence leads to 0.04. Averaged over repeat purchases, a purchase is worth 1.11 times"
    )
    assert repeat.sentence.endswith("these customers are too few to tell what that does to the value of newcomers.")
    assert every.customers == 2349
    assert every.low > every.expected


def test_customers_known_are_off_by_less() -> None:
    """As the module says of CDNOW: 1.18 for newcomers, and 1.06 for what known customers bought in the next 39 weeks."""
    customers, holdout = clv.split(clv.datasets.cdnow(), at="1997-09-30", until="1998-06-30")
    fit = clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.MLE())
    ratio = independence(fit, seed=1).ratio
    bought = clv.fit(clv.BGNBD(), customers, clv.MLE()).expected_purchases(39).mean
    assert holdout.value is not None
    actual = holdout.value.sum() / holdout.purchases.sum()
    known = actual / (bought @ fit.expected_spend(customers).mean / bought.sum())
    assert_allclose([ratio, known], [1.180, 1.057], atol=2e-3)


def told(**changed: float) -> Independence:
    found = Independence(0.05, 0.0, 0.1, 0.04, 1.0, 0.9, 1.1, 0.9, 500)
    return replace(found, **changed)


@pytest.mark.parametrize(
    ("found", "first", "last"),
    [
        (told(), "How often customers buy doesn't tell what they spend", "nothing speaks against valuing customers by"),
        (told(expected=-0.01), "Customers who buy more often spend more", "too few to tell what that does"),
        (told(expected=0.2), "Customers who buy more often spend less", "too few to tell what that does"),
        (told(ratio=1.25, ratio_low=1.1, ratio_high=1.4), "How often", "values newcomers 20% too low, and customers whose"),
        (told(ratio=0.8, ratio_low=0.7, ratio_high=0.9), "How often", "values newcomers 25% too high, and customers whose"),
    ],
)
def test_sentences(found: Independence, first: str, last: str) -> None:
    assert found.sentence.startswith(first)
    assert last in found.sentence


def test_the_seed_is_kept_and_the_frame_has_one_row() -> None:
    customers = world(300, 1.0, seed=1)
    frame = independence(PAPER, customers, seed=3).frame()
    assert frame.equals(independence(PAPER, customers, seed=3).frame())
    assert frame.shape == (1, 9)


def test_a_higher_probability_widens_both_intervals() -> None:
    customers = world(300, 1.0, seed=1)
    narrow, wide = (independence(PAPER, customers, prob, seed=3) for prob in (0.5, 0.99))
    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide.ratio_low < narrow.ratio_low < narrow.ratio_high < wide.ratio_high


def few(x: list[int], m: list[float]) -> clv.Customers:
    n = len(x)
    return clv.Customers.from_arrays(x, np.minimum(x, 1), np.full(n, 9.0), unit="week", monetary_value=m, first_value=m)


def test_what_cannot_be_told_is_refused(purchases: clv.Fit) -> None:
    refused: list[tuple[Any, str]] = [
        (few([1, 2], [5.0, 6.0]), "Only 2 customers with a purchase of known value: too few"),
        (few([1] * 20, list(np.arange(20) + 1.0)), "All of these customers have bought the same number of times"),
        (few([*range(1, 21)], [5.0] * 20), "All of these customers have spent the same on a purchase"),
    ]
    for customers, message in refused:
        with pytest.raises(QuestionError, match=message):
            independence(PAPER, customers)
    with pytest.raises(QuestionError, match="BG/NBD doesn't say what customers spend"):
        independence(purchases)
    with pytest.raises(QuestionError, match="is no probability of an interval"):
        independence(PAPER, few([1], [5.0]), prob=1.0)


def test_numbers_in_step_are_no_accident() -> None:
    found = independence(PAPER, few([*range(1, 41)], [float(m) for m in range(1, 41)]).repeat_buyers(), seed=1)
    assert found.correlation == pytest.approx(1.0)
    assert found.low > 0.99
