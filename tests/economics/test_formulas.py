"""The simple formulas, worked by hand; and reasons that hold where they are given."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.errors import CustomersError, QuestionError
from clvmodels.estimate import Estimate
from clvmodels.sources import Table

YEARLY = clv.yearly(0.10)
TWO = clv.Customers.from_arrays([3, 0], [30, 0], [40, 40], unit="week", monetary_value=[20, 0], first_value=[10, 5])
"""Five purchases for 75 in twice two periods of 20 weeks; one of the two bought in the last 20."""


def estimate(*draws: float) -> Estimate:
    """What a model says of one customer, draw by draw."""
    return Estimate("expectation", "value", None, Table(np.array([draws])), np.zeros(1, dtype=np.intp), len(draws) == 1)


def test_the_baker() -> None:
    assert clv.formulas.average_value(5, 4, 52 * 8) == 8320
    assert clv.formulas.average_value(5, 4 * 52, 8) == 8320
    assert clv.formulas.average_value(5, 4, 52 * 8, margin=0.25) == 2080


def test_retention_by_hand() -> None:
    """100 a year, 80 % stay, 10 %: now, 100 + 72.727 + 52.893; from the end of the first year, 72.727 + 52.893 + 38.467."""
    value = clv.formulas.retention_value
    assert value(100, 0.8, YEARLY, 3) == pytest.approx(100 + 80 / 1.1 + 64 / 1.21)
    assert value(100, 0.8, YEARLY, 3, start=1) == pytest.approx(80 / 1.1 + 64 / 1.21 + 51.2 / 1.331)
    assert value(100, 0.8, YEARLY) == pytest.approx(100 * 1.1 / (1.1 - 0.8))
    assert value(100, 0.8, YEARLY, start=1) == pytest.approx(100 * 0.8 / (1.1 - 0.8))
    assert value(100, 0.8, YEARLY, 400) == pytest.approx(value(100, 0.8, YEARLY))
    assert value(100, 0.0, YEARLY) == 100
    assert value(100, 1.0, clv.yearly(0.0), 7) == 700
    assert value(100, 0.8, YEARLY, 0) == 0


def test_a_rate_is_converted_to_the_period() -> None:
    value = clv.formulas.retention_value
    monthly = clv.monthly(1.1 ** (1 / 12) - 1)
    assert value(100, 0.8, YEARLY, unit="month") == pytest.approx(value(100, 0.8, monthly, unit="month"))
    assert value(100, 0.8, YEARLY, every=12, unit="month") == pytest.approx(value(100, 0.8, YEARLY))


def test_averages_by_hand() -> None:
    found = clv.formulas.from_customers(TWO, every=20)
    assert (found.basket, found.purchases_per_period, found.retention, found.lifetime) == (15.0, 1.25, 0.5, 2.0)
    assert found.average_value().value == 15 * 1.25 * 2
    assert found.average_value(margin=0.4, periods=8).value == 15 * 1.25 * 8 * 0.4
    assert found.retention_value(clv.yearly(0.0)).value == pytest.approx(37.5)
    assert found.retention_value(clv.yearly(0.0), periods=2, start=1).value == pytest.approx(18.75 * (0.5 + 0.25))
    a_period = 1.1 ** -(20 * 7 / 365.25)
    assert found.retention_value(YEARLY).value == pytest.approx(18.75 / (1 - 0.5 * a_period))
    assert found.retention_value(YEARLY).periods == pytest.approx(2.0)


def test_a_customer_of_less_than_a_period_counts_for_one() -> None:
    new = clv.Customers.from_arrays([0, 0], [0, 0], [2, 40], unit="week", monetary_value=[0, 0], first_value=[6, 10])
    found = clv.formulas.from_customers(new, every=20)
    assert (found.basket, found.purchases_per_period, found.retention) == (8.0, 2 / 3, 0.0)


def test_the_table() -> None:
    told = clv.formulas.from_customers(TWO, every=20).average_value(margin=0.4).frame()["number"]
    inputs = {"basket": 15.0, "purchases_per_period": 1.25, "retention": 0.5, "periods": 2.0, "margin": 0.4, "value": 15.0}
    assert told.to_dict() == inputs


def test_beside_a_model_by_hand() -> None:
    """The formula counts 10 purchases of 15 and says 150; the model 4 to 6 of 20, so 80 to 120."""
    formula = clv.formulas.from_customers(TWO, every=20).average_value(periods=8)
    found = formula.beside(estimate(80.0, 100.0, 120.0), purchases=estimate(4.0, 5.0, 6.0), prob=1.0)
    assert found.sentence == (
        "The formula says 150, the model 80 to 120, because it counts 10 purchases of a customer, and the model 4 to 6."
    )
    assert found.frame().to_numpy()[1].tolist() == [100.0, 80.0, 120.0]
    assert found.frame().index.tolist() == ["average value", "model"]


def test_each_reason_pushes_to_the_formulas_side() -> None:
    """With 15 purchases of 5, the model counts more: what makes the formula larger is what a purchase brings."""
    formula = clv.formulas.from_customers(TWO, every=20).average_value(periods=8)
    found = formula.beside(estimate(75.0), purchases=estimate(15.0))
    assert found.sentence == "The formula says 150, the model 75, because a purchase brings 15 in it, and 5 in the model."
    assert found.frame().loc["model"].isna().tolist() == [False, True, True]


def test_where_they_agree_there_is_no_reason() -> None:
    formula = clv.formulas.from_customers(TWO, every=20).average_value(periods=8)
    found = formula.beside(estimate(140.0, 150.0, 160.0), purchases=estimate(1.0, 2.0, 3.0))
    assert found.reasons == ()
    assert found.sentence == "The formula says 150, the model 141 to 159: they agree."


def test_nothing_is_claimed_that_explains_nothing() -> None:
    all_alike = clv.Customers.from_arrays([3, 3], [30, 30], [40, 40], unit="week", monetary_value=[5, 5], first_value=[5, 5])
    found = clv.formulas.from_customers(all_alike, every=20).average_value(periods=8).beside(estimate(1.0))
    assert found.sentence == "The formula says 80, the model 1."


def test_customers_who_differ_by_hand() -> None:
    """Ten never came back; of ten who buy five times in two periods, eight bought in the last."""
    frequency = [0] * 10 + [4] * 10
    recency = [0] * 10 + [39] * 8 + [19] * 2
    base = clv.Customers.from_arrays(
        frequency, recency, [40] * 20, unit="week", monetary_value=[0] * 10 + [10] * 10, first_value=[10] * 20
    )
    found = clv.formulas.from_customers(base, every=20)
    assert (found.basket, found.purchases_per_period, found.retention) == (10.0, 60 / 40, 0.4)
    assert found.average_value().value == pytest.approx(10 * 1.5 / 0.6)  # 25
    # apart: 10 x 0.5 x 1 = 5, and 10 x 2.5 / (1 - 0.8) = 125: 65 on average
    told = found.average_value().beside(estimate(100.0)).sentence
    assert told == (
        "The formula says 25, the model 100, because it takes one average of customers who differ: 50% have never come "
        "back, and apart for these and the others it says 65."
    )
    assert found.average_value().beside(estimate(10.0)).reasons == ()  # it makes the formula smaller, and is no reason here


def test_tenure_is_told_where_dropout_falls() -> None:
    formula = clv.formulas.from_customers(TWO, every=20).average_value()
    pareto = clv.ParetoNBD().at(r=0.6, alpha=8.0, s=0.6, beta=9.0)
    told = formula.beside(estimate(1000.0), fit=pareto).reasons
    alive = [float(pareto.probability_alive(pareto.newcomer(), 20.0 * k).mean[0]) for k in range(6)]
    np.testing.assert_allclose(alive, [(9 / (9 + 20 * k)) ** 0.6 for k in range(6)], rtol=1e-9)
    assert f"the model {alive[1]:.0%} of newcomers through the first and {alive[5] / alive[4]:.0%} of those" in told[0]
    assert "for dropout falls with tenure" in told[0]
    nobody_leaves = formula.beside(estimate(1000.0), fit=clv.NBD().at(r=0.6, alpha=8.0)).reasons
    assert nobody_leaves[0].endswith("the model 100% of newcomers")
    assert formula.beside(estimate(1.0), fit=clv.NBD().at(r=0.6, alpha=8.0)).reasons == ()


def test_a_base_is_told_by_its_mean(purchases: clv.Fit, spend: clv.Fit, cdnow: clv.Customers) -> None:
    worth = clv.value(purchases, spend, horizon=52, discount=YEARLY, seed=1).expected
    found = clv.formulas.from_customers(cdnow, every=13).average_value(periods=4).beside(worth, prob=0.8)
    assert found.mean == pytest.approx(worth.mean.mean())
    totals = worth.draws().mean(axis=1)
    np.testing.assert_allclose((found.low, found.high), np.quantile(totals, [0.1, 0.9]), rtol=1e-9)


REFUSALS: dict[str, tuple[Any, str]] = {
    "a bare rate": (lambda: clv.formulas.retention_value(100, 0.8, 0.1), r"0\.1.*no period"),
    "a retention above 1": (lambda: clv.formulas.retention_value(100, 1.2, YEARLY), "retention=1.2 can't be: it is a share"),
    "for ever, and for nothing": (lambda: clv.formulas.retention_value(100, 1.0, clv.yearly(0.0)), "without end"),
    "half a period": (lambda: clv.formulas.retention_value(100, 0.5, YEARLY, 1.5), "periods=1.5 can't be"),
    "another start": (lambda: clv.formulas.retention_value(100, 0.5, YEARLY, start=2), "start=2 can't be"),
    "another unit": (lambda: clv.formulas.retention_value(100, 0.5, YEARLY, unit="moon"), "'moon' is no unit"),
    "a margin above 1": (lambda: clv.formulas.average_value(5, 4, 52, margin=30), "margin=30 can't be: it is a share"),
    "a margin that is none": (lambda: clv.formulas.average_value(5, 4, 52, margin=float("nan")), "margin=nan can't be"),
    "a life without end": (lambda: clv.formulas.average_value(5, 4, inf), "periods=inf can't be"),
    "a basket below 0": (lambda: clv.formulas.average_value(-5, 4, 1), "basket=-5 can't be"),
    "no period": (lambda: clv.formulas.from_customers(TWO, every=0), "every=0 can't be"),
    "a period longer than the log": (lambda: clv.formulas.from_customers(TWO, every=41), "Take shorter periods"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_refused(name: str) -> None:
    ask, words = REFUSALS[name]
    with pytest.raises(clv.ClvError, match=words) as refused:
        ask()
    assert isinstance(refused.value, QuestionError | CustomersError) or "unit of time" in str(refused.value)


def test_customers_without_spend_are_refused() -> None:
    with pytest.raises(CustomersError, match="no first_value"):
        clv.formulas.from_customers(clv.Customers.from_arrays([1], [2], [40], unit="week"), every=20)
