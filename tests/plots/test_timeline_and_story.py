"""Displays through time: counted by hand, and held against formulas."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.dates import date2num

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Iterator

mpl.use("Agg")

P = clv.plots
LOG = pd.DataFrame(
    [
        *(("ann", day) for day in ("2015-01-01", "2015-01-09", "2015-01-14", "2015-01-15", "2015-02-05")),
        *(("bob", day) for day in ("2015-01-13", "2015-01-28", "2015-01-30")),
        ("cat", "2015-01-20"),
        ("dan", "2015-02-01"),
        ("dan", "2015-02-03"),
    ],
    columns=["customer_id", "date"],
)
PAPER = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    """Close all figures."""
    yield
    plt.close("all")


def small(**more: object) -> P.Timeline:
    return P.timeline(LOG, PAPER, at="2015-01-28", until="2015-02-12", value=None, draws=20, seed=1, **more)


def test_a_timeline_counts_repeat_purchases_by_period() -> None:
    """Weeks end on January 7, 14, 21, 28 and February 4, 11; dan came later, and February 12 is in no whole week."""
    found = small()
    told = found.frame()
    assert told["end"].dt.strftime("%m-%d").tolist() == ["01-07", "01-14", "01-21", "01-28", "02-04", "02-11"]
    assert told["part"].tolist() == ["calibration"] * 4 + ["holdout"] * 2
    assert told["actual"].tolist() == [0, 2, 1, 1, 1, 1]
    assert found.frame(cumulative=True)["actual"].tolist() == [0, 2, 3, 4, 5, 6]
    assert found.customers == 3


def test_a_timeline_expects_of_strangers_what_the_formula_does() -> None:
    """Each customer's expected purchases from her birth to the end of each week, differences taken."""
    told = small().frame()
    births = {"ann": 27 / 7, "bob": 15 / 7, "cat": 8 / 7}
    until = [
        sum(float(PAPER.expected_purchases_new(max(born - back, 0.0)).mean[0]) for born in births.values())
        for back in (3, 2, 1, 0)
    ]
    assert np.allclose(told["expected"][:4], np.diff(until, prepend=0.0), rtol=1e-6)
    customers, _ = clv.split(LOG, value=None, at="2015-01-28")
    ahead = [PAPER.expected_purchases(weeks, customers).mean.sum() for weeks in (1, 2)]
    assert np.allclose(told["expected"][4:], np.diff(ahead, prepend=0.0), rtol=1e-6)


def test_a_timeline_of_a_cumulative_forecast_begins_with_what_is_known() -> None:
    found = small()
    weekly, so_far = found.frame(), found.frame(cumulative=True)
    assert np.allclose(so_far["expected"][4:], 4.0 + weekly["expected"][4:].cumsum())
    assert so_far["low"][4] >= 4.0


def test_the_band_of_a_timeline_is_that_of_a_base(bgnbd: clv.Fit) -> None:
    """Purchases of the base by the date, drawn week by week, are spread as those of bases drawn at once."""
    log = clv.datasets.cdnow(sample=True)
    found = P.timeline(log, bgnbd, at="1997-09-30", until="1998-06-30", draws=200, seed=1)
    drawn = found.outcome["BG/NBD"][:39].sum(axis=0)
    T = bgnbd.customers.T
    bases = np.array([bgnbd.simulate(len(T), T, seed).frequency.sum() for seed in range(200)])
    assert drawn.mean() == pytest.approx(bases.mean(), rel=0.01)
    assert drawn.std() == pytest.approx(bases.std(), rel=0.25)
    told = found.frame()
    assert told["actual"][:39].sum() == bgnbd.customers.frequency.sum() == 2457
    assert told["actual"][39:].sum() == 1882
    assert not found.notes


def test_a_timeline_draws_its_numbers() -> None:
    found = small()
    for cumulative in (False, True):
        told, ax = found.frame(0.8, cumulative=cumulative), found.plot(prob=0.8, cumulative=cumulative)
        lines = {str(line.get_label()): line for line in ax.get_lines()}
        assert np.allclose(lines["actual"].get_ydata(), told["actual"])
        assert np.allclose(lines["actual"].get_xdata(orig=False), date2num(told["end"]))
        assert np.allclose(lines["BG/NBD, 80%"].get_ydata(), told["expected"][:4])
        assert "Repeat purchases" in ax.get_ylabel()
        band = ax.collections[0].get_paths()[0].vertices[:, 1]
        assert band.max() == pytest.approx(told["high"][:4].max())
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["actual", "BG/NBD, 80%"]


def test_a_timeline_says_whose_fit_it_is_and_refuses_no_time(bgnbd: clv.Fit) -> None:
    other = P.timeline(LOG, bgnbd, at="2015-01-28", until="2015-02-12", value=None, draws=20, seed=1)
    assert "has learned from 2,357 customers" in other.notes[0]
    with pytest.raises(clv.ClvError, match="no period of 3 weeks"):
        small(every=3.0)
    with pytest.raises(clv.ClvError, match="above 0"):
        small(every=0.0)


def test_a_story_knows_at_each_moment_what_was_known_then(small_story: P.Story) -> None:
    """P(alive) of ann on January 14, before and after, from histories written by hand."""
    told = small_story.frame()
    assert np.allclose(small_story.purchases, np.array([0, 8, 13, 14]) / 7)
    for day, x, t_x in ((5.0, 0, 0), (8.0, 1, 8), (13.0, 2, 13), (27.0, 3, 14)):
        hers = clv.Customers.from_arrays([x], [t_x / 7], [day / 7], unit="week")
        there = np.interp(day / 7, told.loc[~told["future"], "time"], told.loc[~told["future"], "probability_alive"])
        assert there == pytest.approx(float(PAPER.probability_alive(hers).mean[0]), abs=2e-3)
        row = told[np.isclose(told["time"], day / 7)]
        assert (row["purchases"] == x + 1).all()


def test_a_story_goes_on_with_what_to_expect(small_story: P.Story) -> None:
    told = small_story.frame()
    ahead = told[told["future"]]
    now = clv.Customers.from_arrays([3], [2.0], [27 / 7], unit="week")
    assert ahead["time"].iloc[-1] == pytest.approx(27 / 7 + 10)
    assert ahead["purchases"].iloc[-1] == pytest.approx(4 + float(PAPER.expected_purchases(10, now).mean[0]))
    assert ahead["probability_alive"].iloc[-1] == pytest.approx(float(PAPER.probability_alive(now, ahead=10).mean[0]))
    assert (ahead["purchases_high"] >= ahead["purchases_low"]).all()


def test_a_story_draws_its_numbers(small_story: P.Story) -> None:
    ax = small_story.plot()
    told = small_story.frame()
    assert np.allclose(ax.get_lines()[0].get_ydata(), told.loc[~told["future"], "probability_alive"])
    below = next(other for other in ax.figure.axes if other is not ax)
    dots = next(line for line in below.get_lines() if line.get_label() == "purchases")
    assert dots.get_ydata().tolist() == [1, 2, 3, 4]
    assert "Weeks" in ax.get_xlabel()
    assert below.get_ylabel() == "Purchases so far"


def test_the_legend_of_a_story_hides_nothing(small_story: P.Story) -> None:
    """She bought all at once at the beginning, so that her purchases stand at the top left of their half."""
    many = np.linspace(0.0, 0.5, 8)
    early = replace(small_story, purchases=many)
    for story in (small_story, early):
        ax = story.plot()
        below = next(other for other in ax.figure.axes if other is not ax)
        ax.figure.canvas.draw()
        box = below.get_legend().get_window_extent()
        dots = next(line for line in below.get_lines() if line.get_label() == "purchases")
        height = below.transData.transform(dots.get_xydata())[:, 1]
        assert height.max() < box.y0, "the legend stands above her purchases"
        assert box.y1 < ax.transData.transform((0.0, 0.0))[1], "and below P(alive) = 0"


def test_a_story_is_of_somebody() -> None:
    with pytest.raises(clv.ClvError, match="no customer 'eve'"):
        P.story(LOG, PAPER, "eve", value=None)


def test_a_story_of_a_model_that_sees_timing() -> None:
    """A model of regular timing is told the gaps of each moment, and one of opportunities is asked at whole numbers."""
    regular = clv.BGCNBD(k=2).at(r=0.4, alpha=4.0, a=0.8, b=2.4)
    found = P.story(LOG, regular, "ann", value=None, observation_end="2015-01-28", horizon=4, draws=50, seed=1)
    told = found.frame()
    assert told["probability_alive"].between(0, 1).all()


@pytest.fixture(scope="module")
def small_story() -> P.Story:
    return P.story(LOG, PAPER, "ann", value=None, observation_end="2015-01-28", horizon=10, draws=200, seed=1)
