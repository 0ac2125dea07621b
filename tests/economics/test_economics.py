"""Rates with their periods, and margins."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from math import exp, log

import pytest

import clvmodels as clv
from clvmodels.economics.assumptions import as_rate
from clvmodels.errors import ClvError, QuestionError

YEAR = {"hour": 365.25 * 24, "day": 365.25, "week": 365.25 / 7, "month": 12.0, "year": 1.0}


@pytest.mark.parametrize("unit", YEAR)
@pytest.mark.parametrize("rate", [0.0, 0.1, 2.5])
def test_a_yearly_rate_in_each_unit(unit: str, rate: float) -> None:
    assert clv.yearly(rate).force(unit) == pytest.approx(log(1 + rate) / YEAR[unit], rel=1e-14)


@pytest.mark.parametrize("unit", YEAR)
def test_a_month_is_a_twelfth_of_a_year(unit: str) -> None:
    compounded = clv.yearly(1.01**12 - 1)
    assert clv.monthly(0.01).force(unit) == pytest.approx(compounded.force(unit), rel=1e-13)


def test_a_purchase_a_year_away_loses_the_rate() -> None:
    assert exp(-clv.yearly(0.10).force("week") * 365.25 / 7) == pytest.approx(1 / 1.1, rel=1e-14)


def test_ten_percent_a_year_on_weekly_data() -> None:
    assert clv.yearly(0.10).force("week") == pytest.approx(0.00182661536, rel=5e-9)


@pytest.mark.parametrize("rate", [-0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("make", [clv.yearly, clv.monthly])
def test_rates_that_cannot_be(make: object, rate: float) -> None:
    with pytest.raises(QuestionError, match=r"discount rate of .* can't be.*0\.10 for 10 %"):
        make(rate)


@pytest.mark.parametrize("bare", [0.1, 10, "10%", None])
def test_a_rate_without_a_period_is_refused(bare: object) -> None:
    with pytest.raises(QuestionError, match=r"no period.*clv\.yearly.*clv\.monthly"):
        as_rate(bare)


@pytest.mark.parametrize("margin", [0.0, -0.3, 1.2, 30, float("nan")])
def test_margins_that_cannot_be(margin: float) -> None:
    with pytest.raises(QuestionError, match=r"margin of .* can't be.*0\.30 for 30 %"):
        clv.Economics(margin=margin)


def test_turnover_is_valued_by_default() -> None:
    assert clv.Economics().margin == 1.0


def test_a_rate_prints_its_period() -> None:
    assert str(clv.yearly(0.1)) == "10% a year"


@pytest.mark.parametrize("thing", [clv.yearly(0.1), clv.Economics()])
def test_frozen(thing: object) -> None:
    with pytest.raises(FrozenInstanceError):
        thing.margin = 0.5


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ClvError, match=r"fortnight.*hour, day, week, month, year"):
        clv.BGNBD().at(r=1, alpha=1, a=1, b=1, unit="fortnight")
