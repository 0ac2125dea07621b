"""Choosing: the family, fitted and compared, and what is said of the choice."""

from __future__ import annotations

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.errors import FitError
from clvmodels.evaluate.information import leave_one_out


def test_the_best_is_fitted_and_says_by_how_much(cdnow: clv.Customers) -> None:
    choice = clv.best(cdnow, seed=1)
    assert choice.fit.model.title in {"BG/NBD", "MBG/NBD"}
    assert not choice.fit.is_point
    assert choice.margin in choice.fit.record.warnings
    assert "was chosen from 8 models" in choice.margin
    assert "(noise)" in choice.margin
    assert repr(choice).startswith(f"Choice({choice.fit.model.title})")


def test_regular_buyers_are_found_where_they_tell_their_gaps() -> None:
    regular = clv.BGCNBD(2).at(r=0.6, alpha=2.3, a=1.1, b=1.6).simulate(1500, 39.0, seed=1)
    assert clv.best(regular, seed=1).fit.model.title == "BG/CNBD-2"
    silent = clv.Customers.from_arrays(regular.frequency, regular.recency, regular.T, unit="week")
    assert "CNBD" not in clv.best(silent, seed=1).margin


def test_one_model_is_a_choice_without_a_margin(cdnow: clv.Customers) -> None:
    choice = clv.best(cdnow, [clv.NBD()], clv.MLE(), seed=1)
    assert choice.margin == "NBD was chosen from 1 model."


def test_a_model_that_cant_be_fitted_is_named_and_the_others_are_judged(cdnow: clv.Customers) -> None:
    choice = clv.best(cdnow, [clv.NBD(), clv.SBG()], clv.MLE(), seed=1)
    assert any(warning.startswith("It couldn't be fitted: sBG") for warning in choice.fit.record.warnings)
    with pytest.raises(FitError, match="None of 1 model can be fitted"):
        clv.best(cdnow, [clv.SBG()])


def test_one_newton_step_back_is_what_weights_and_refitting_say(cdnow: clv.Customers) -> None:
    """At the maximum, against a refit without the customer; in total, against the posterior."""
    point = clv.fit(clv.BGNBD(), cdnow, clv.MLE(), seed=1)
    left = leave_one_out(point)
    assert left.total == pytest.approx(leave_one_out(clv.fit(clv.BGNBD(), cdnow, seed=1)).total, abs=0.5)
    for who in (int(np.argmax(cdnow.frequency)), 3):
        others = clv.fit(clv.BGNBD(), cdnow.some(np.delete(np.arange(len(cdnow)), who)), clv.MLE(), seed=1)
        assert left.elpd[who] == pytest.approx(others.pointwise(cdnow.some(np.array([who])))[0], abs=0.02)
    assert np.isnan(left.k).all()


def test_titles_name_the_settings() -> None:
    assert clv.BGCNBD(3).title == "BG/CNBD-3"
    assert clv.BGCNBD().title == "BG/CNBD-k"
    assert clv.ParetoNBD().title == "Pareto/NBD"
