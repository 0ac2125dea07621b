"""Refusals: each says what is wrong and what to try."""

from __future__ import annotations

from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.errors import ClvError, CustomersError, FitError, LogError, ModelError, QuestionError
from clvmodels.priors import LogNormal

if TYPE_CHECKING:
    from collections.abc import Callable

PAPER = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
SPEND = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
ONE = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week")
SPENDER = clv.Customers.from_arrays([2], [30.43], [38.86], unit="week", monetary_value=[22.35], first_value=[20.0])
IN_DAYS = clv.Customers.from_arrays([2], [213], [272], unit="day")
FREE = clv.Customers.from_arrays([2, 0], [3, 0], [9, 9], unit="week", monetary_value=[0, 0], first_value=[0, 0])
UNSEEN = clv.Customers.from_arrays([0, 0], [0, 0], [0, 0], unit="week")

QUESTIONS: dict[str, tuple[Callable[[], Any], str]] = {
    "nobody asked about": (PAPER.probability_alive, r"fitted to nobody.*which customers"),
    "another unit": (lambda: PAPER.expected_purchases(39, IN_DAYS), r"in weeks.*in days.*one unit"),
    "for ever": (lambda: PAPER.expected_purchases(inf, ONE), r"without end.*discounted_purchases\(\)"),
    "for ever, a newcomer": (lambda: PAPER.expected_purchases_new(inf), r"without end"),
    "for ever, undiscounted": (lambda: PAPER.discounted_purchases(inf, clv.yearly(0), ONE), "needs a discount rate above 0"),
    "a bare rate": (lambda: PAPER.discounted_purchases(39, 0.1, ONE), r"no period.*yearly\(0\.1\).*monthly\(0\.1\)"),
    "a time gone by": (lambda: PAPER.expected_purchases(-1, ONE), r"horizon = -1 can't be.*0 or more"),
    "no time": (lambda: PAPER.expected_purchases(nan, ONE), "horizon = nan can't be"),
    "ahead backwards": (lambda: PAPER.probability_alive(ONE, ahead=-2), r"ahead = -2"),
    "ahead for ever": (lambda: PAPER.probability_alive(ONE, ahead=inf), r"ahead = inf.*finite"),
    "outcomes for ever": (lambda: PAPER.predict_purchases(inf, ONE), r"horizon = inf.*finite"),
    "half a purchase": (lambda: PAPER.purchase_count_pmf(1.5, 39, ONE), r"1\.5 purchases can't be.*whole number"),
    "less than none": (lambda: PAPER.purchase_count_pmf(-1, 39, ONE), "-1 purchases can't be"),
    "spend of purchases": (lambda: PAPER.expected_spend(ONE), r"BG/NBD doesn't say what customers spend"),
    "purchases of spend": (lambda: SPEND.expected_purchases(39, SPENDER), r"Gamma-Gamma doesn't say how many purchases"),
    "life of spend": (lambda: SPEND.probability_alive(SPENDER), r"Gamma-Gamma doesn't say whether a customer is alive"),
    "future of spend": (lambda: SPEND.predict_purchases(39, SPENDER), r"Gamma-Gamma doesn't say what a customer will do"),
    "counts of spend": (lambda: SPEND.purchase_count_pmf(1, 39, SPENDER), r"Gamma-Gamma doesn't say how likely"),
    "simulation of spend": (lambda: SPEND.simulate(3, 9.0), r"Gamma-Gamma doesn't say what a customer will do"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_that_are_refused(name: str) -> None:
    ask, words = QUESTIONS[name]
    with pytest.raises(QuestionError, match=words):
        ask()


FITS: dict[str, tuple[Callable[[], Any], type[ClvError], str]] = {
    "spend of customers": (
        lambda: clv.fit(clv.GammaGamma(), SPENDER),
        FitError,
        r"needs .*m.*all_buyers\(\).*repeat_buyers\(\)",
    ),
    "purchases of buyers": (
        lambda: clv.fit(clv.BGNBD(), SPENDER.all_buyers()),
        FitError,
        r"needs t_x, T.*customers themselves",
    ),
    "spend unknown": (ONE.all_buyers, CustomersError, r"no first_value.*repeat_buyers\(\) does without"),
    "repeat spend unknown": (ONE.repeat_buyers, CustomersError, r"no monetary_value"),
    "nobody watched": (lambda: clv.fit(clv.BGNBD(), UNSEEN), FitError, r"watched for any time.*nothing to learn"),
    "nothing spent": (
        lambda: clv.fit(clv.GammaGamma(), FREE.all_buyers()),
        FitError,
        r"no purchase has a value.*nothing to learn",
    ),
    "a parameter left out": (
        lambda: clv.BGNBD().at(r=1, alpha=1, a=1),
        ModelError,
        r"parameters \(r, alpha, a, b\).*got \(r, alpha, a\)",
    ),
    "a parameter unknown": (lambda: clv.BGNBD().at(r=1, alpha=1, a=1, b=1, s=1), ModelError, r"got \(r, alpha, a, b, s\)"),
    "a parameter of 0": (lambda: clv.BGNBD().at(r=0, alpha=1, a=1, b=1), ModelError, r"r = 0 can't be.*positive"),
    "a parameter below 0": (lambda: clv.GammaGamma().at(p=1, q=-2, v=inf), ModelError, r"q = -2, v = inf can't be"),
    "a prior without spread": (lambda: LogNormal(1.0, 0.0), ModelError, r"LogNormal: sigma = 0\.0 can't be.*positive"),
    "no draws": (lambda: clv.Laplace(draws=0), FitError, r"at least one draw, not 0"),
}


@pytest.mark.parametrize("name", FITS)
def test_fits_that_are_refused(name: str) -> None:
    make, kind, words = FITS[name]
    # whatever the case, for a sentence may begin with any word
    with pytest.raises(kind, match=f"(?i){words}"):
        make()


@pytest.mark.parametrize("kind", [CustomersError, FitError, LogError, ModelError, QuestionError])
def test_one_root_catches_all(kind: type[Exception]) -> None:
    assert issubclass(kind, clv.ClvError)
    assert issubclass(kind, ValueError)


@pytest.mark.parametrize("table", [QUESTIONS, FITS])
def test_every_refusal_is_a_sentence(table: dict[str, tuple[Any, ...]]) -> None:
    for ask, *_ in table.values():
        with pytest.raises(ClvError) as refused:
            ask()
        told = str(refused.value)
        assert (
            told[0].isupper()
            or told[0].isdigit()
            or told.split(" ", maxsplit=1)[0] in {"horizon", "ahead"}
            or told.startswith("-")
        )
        assert told.endswith(".")
        assert "array(" not in told
        assert "np.float64" not in told


def test_no_mean_is_said_with_its_reason_and_never_negative() -> None:
    heavy = clv.GammaGamma().at(p=6.0, q=0.9, v=15.0)
    newcomer = clv.Customers.from_arrays([0], [0], [9], unit="week", monetary_value=[0], first_value=[0])
    with pytest.raises(QuestionError, match="tail of spend"):
        heavy.expected_spend(newcomer)
    assert np.all(heavy.expected_spend(SPENDER).mean > 0)


def test_what_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        _ = clv.nothing_of_the_kind


def test_all_public_names_are_there() -> None:
    for name in clv.__all__:
        assert getattr(clv, name) is not None
    assert set(clv.__all__) <= set(dir(clv))
