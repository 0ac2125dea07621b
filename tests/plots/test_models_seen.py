"""Displays of models and of value: what is drawn are the numbers that the fit itself gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.contour import QuadContourSet
from scipy.stats import beta, gamma

import clvmodels as clv
from clvmodels.plots.scales import round_amounts

if TYPE_CHECKING:
    from collections.abc import Iterator

mpl.use("Agg")

P = clv.plots


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    """Close all figures."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def worth(purchases: clv.Fit, spend: clv.Fit) -> clv.Valuation:
    """A year of the CDNOW sample, with costs that some customers don't earn."""
    costs = {"post": clv.Cost(3.0, "order"), "letters": clv.Cost(0.05, "week")}
    economics = clv.Economics(margin=0.4, costs=costs)
    return clv.value(purchases, spend, horizon=52, discount=clv.yearly(0.1), economics=economics, draws=100, seed=1)


def test_a_matrix_is_what_the_fit_says(purchases: clv.Fit, cdnow: clv.Customers) -> None:
    found = P.matrix(purchases)
    told = found.frame(0.8)
    row = told.iloc[123]
    hers = clv.Customers.from_arrays([row["frequency"]], [row["recency"]], [cdnow.T.max()], unit="week")
    alive = purchases.probability_alive(hers)
    assert row["mean"] == pytest.approx(alive.mean[0])
    assert row[["low", "high"]].tolist() == pytest.approx(alive.interval(0.8)[0].tolist())
    assert told["customers"].sum() + found.outside + found.once == len(cdnow)
    assert found.outside == (cdnow.frequency > told["frequency"].max()).sum()


def test_a_matrix_draws_shades_rings_and_lines(purchases: clv.Fit) -> None:
    for horizon in (0.0, 26.0):
        found = P.matrix(purchases, horizon=horizon)
        ax = found.plot()
        mesh, white, black = ax.collections[:3]
        assert np.allclose(np.asarray(mesh.get_array()).ravel(), found.answer.mean)
        assert len(black.get_offsets()) == len(white.get_offsets()) == np.count_nonzero(found.customers)
        largest = np.argmax(black.get_sizes())
        t_x, x = black.get_offsets()[largest]
        place = np.argwhere((found.frequency == x)[:, None] & np.isclose(found.recency, t_x)[None, :])[0]
        assert found.customers[tuple(place)] == found.customers.max()
        assert "weeks" in ax.get_xlabel()
        assert "1,411 who bought once" in ax.get_xlabel()
        assert ax.figure.axes[1].get_ylabel() == ("Purchases" if horizon else "P(alive)")


def test_a_line_of_a_matrix_has_room_for_its_number(purchases: clv.Fit) -> None:
    """Twelve purchases are expected in the last corner only, where the number would hide the line."""
    found = P.matrix(purchases, horizon=39.0)
    lines = next(drawn for drawn in found.plot().collections if isinstance(drawn, QuadContourSet))
    assert found.answer.mean.max() > 12.0
    assert list(lines.levels) == [3.0, 6.0, 9.0]


def test_a_matrix_of_a_point_has_no_dashed_lines(bgnbd: clv.Fit) -> None:
    found = P.matrix(bgnbd, T=20.0)
    assert np.isnan(found.frame()["low"]).all()
    assert found.plot().get_title(loc="left") == "BG/NBD: P(alive), after 20 weeks"


def test_a_matrix_of_opportunities_has_whole_numbers() -> None:
    donors = clv.Customers.from_arrays([1, 3, 6], [2, 4, 6], [6, 6, 6], unit="year")
    found = P.matrix(clv.BGBB().at(alpha=1.2, beta=0.75, gamma=0.66, delta=2.78, unit="year"), donors)
    assert found.recency.tolist() == [1, 2, 3, 4, 5, 6]
    with pytest.raises(clv.ClvError, match="has bought again"):
        P.matrix(
            clv.BGNBD().at(r=0.2, alpha=4, a=0.8, b=2.4, unit="year"), clv.Customers.from_arrays([0], [0], [3], unit="year")
        )


def test_heterogeneity_of_rates_is_the_mixing_law() -> None:
    """The share of customers between two rates, from the gamma law itself."""
    paper = clv.BGNBD().at(r=0.8, alpha=4.0, a=0.793, b=2.426)
    found = P.heterogeneity(paper, draws=50, seed=1)
    told = found.frame()
    exact = gamma.cdf(told["to"], 0.8, scale=0.25) - gamma.cdf(told["from"], 0.8, scale=0.25)
    assert np.allclose(told["share"], exact, atol=1e-3)
    assert np.isnan(told["low"]).all(), "a point says nothing of its uncertainty"
    assert float(found.below["BG/NBD"].mean()) == pytest.approx(0.1, abs=1e-3)
    assert "per week" in found.plot().get_xlabel()


def test_heterogeneity_of_dropout_is_the_mixing_law() -> None:
    paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    found = P.heterogeneity(paper, "dropout", draws=50, seed=1)
    told, ax = found.frame(), found.plot()
    exact = beta.cdf(told["to"], 0.793, 2.426) - beta.cdf(told["from"], 0.793, 2.426)
    assert np.allclose(told["share"], exact, atol=1e-3)
    assert found.chance
    assert ax.get_xlabel() == "Dropout (chance)"
    line = ax.get_lines()[0]
    assert np.allclose(line.get_ydata(), told["share"])
    assert line.get_label() == "BG/NBD (10% of customers are below)"


def test_heterogeneity_tells_rates_from_chances(purchases: clv.Fit, nbd: clv.Fit) -> None:
    pareto = clv.ParetoNBD().at(r=0.55, alpha=10.6, s=0.61, beta=11.7)
    with pytest.raises(clv.ClvError, match="draw them apart"):
        P.heterogeneity([purchases, pareto], "dropout", draws=20)
    assert not P.heterogeneity(pareto, "dropout", draws=20, seed=1).chance
    with pytest.raises(clv.ClvError, match="nobody has a dropout above 0"):
        P.heterogeneity(nbd, "dropout", draws=20)
    with pytest.raises(clv.ClvError, match="'spend' isn't spread"):
        P.heterogeneity(purchases, "spend")  # type: ignore[arg-type]
    both = P.heterogeneity([purchases, nbd], draws=50, seed=1)
    band = both.frame()
    assert (band["high"] > band["low"]).all()


def test_parameters_are_those_of_the_fits(purchases: clv.Fit, nbd: clv.Fit) -> None:
    found = P.parameters([purchases, nbd], prob=0.5)
    told, ax = found.frame(), found.plot()
    mine = told[told["model"] == "NBD"].set_index("parameter")
    assert np.allclose(mine[["mean", "low", "high"]], nbd.parameters(0.5)[["mean", "low", "high"]])
    assert mine["unit"].to_dict() == {"r": "", "alpha": "weeks"}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["r", "alpha (weeks)", "a", "b"]
    assert np.allclose(ax.get_lines()[0].get_xdata(), purchases.parameters()["mean"])
    segments = np.array([segment[:, 0] for segment in ax.collections[0].get_segments()])
    assert np.allclose(segments, purchases.parameters(0.5)[["low", "high"]])


def test_beliefs_before_and_after(purchases: clv.Fit, bgnbd: clv.Fit, cdnow: clv.Customers) -> None:
    found = P.beliefs(purchases, seed=1)
    told = found.frame()
    alone = clv.fit(clv.BGNBD(), cdnow, clv.PriorOnly(4000), seed=3).parameters()
    assert np.allclose(np.log(told["prior_low"]), np.log(alone["low"]), atol=0.3)
    after = purchases.parameters()
    assert np.allclose(told[["posterior_low", "posterior_high"]], after[["low", "high"]])
    ax = found.plot()
    ends = ax.collections[3].get_segments()[0][:, 0]
    assert np.allclose(ends, after.loc["r", ["low", "high"]].to_numpy(float))
    with pytest.raises(clv.ClvError, match="no posterior"):
        P.beliefs(bgnbd)


def test_a_distribution_counts_customers_in_each_draw(worth: clv.Valuation) -> None:
    found = P.distribution(worth)
    told, ax = found.frame(), found.plot()
    mean, draws = worth.expected.mean, worth.expected.draws()
    inner = told.iloc[12]
    assert inner["customers"] == ((mean >= inner["from"]) & (mean < inner["to"])).sum()
    by_draw = ((draws >= inner["from"]) & (draws < inner["to"])).sum(axis=1)
    assert inner["expected"] == pytest.approx(by_draw.mean())
    assert inner[["expected_low", "expected_high"]].tolist() == pytest.approx(np.quantile(by_draw, [0.05, 0.95]).tolist())
    assert told[["customers", "expected", "outcome"]].sum().tolist() == pytest.approx([2357.0] * 3)
    assert list(ax.patches[0].get_data().values) == told["customers"].tolist()
    assert "currency" in ax.get_xlabel()
    assert (found.edges[:-1] < 0.0).any(), "some cost more than they bring"


def test_a_distribution_has_a_bin_that_begins_at_nothing(worth: clv.Valuation) -> None:
    """Who brings nothing is told from who brings a loss."""
    found = P.distribution(worth)
    assert np.isclose(found.edges, 0.0).any()
    outcome = worth.outcome.draws()
    place = int(np.flatnonzero(found.edges == 0.0)[0])
    losses = (outcome < 0.0).sum(axis=1).mean()
    assert found.frame()["outcome"][:place].sum() == pytest.approx(losses)


def test_ranked_value_is_in_order(worth: clv.Valuation, cdnow: clv.Customers) -> None:
    told, ax = P.ranked(worth).frame(), P.ranked(worth).plot()
    assert told["clv"].is_monotonic_decreasing
    best = int(np.argmax(worth.expected.mean))
    assert told["customer_id"][0] == cdnow.ids.to_list()[best]
    assert told.loc[0, ["clv_low", "clv_high"]].tolist() == pytest.approx(worth.expected.interval()[best].tolist())
    line = next(line for line in ax.get_lines() if line.get_label() == "expected value")
    assert np.allclose(line.get_ydata(), told["clv"])
    outcome = ax.collections[0].get_segments()
    assert outcome[0][:, 1].tolist() == pytest.approx(told.loc[0, ["outcome_low", "outcome_high"]].tolist())
    assert len(outcome) == 60


def test_round_amounts_have_room() -> None:
    for low, high, scale in ((0.0, 1e6, 1.0), (-300.0, 5.0, 40.0), (3.0, 4.0, 3.5)):
        amounts = np.array(round_amounts(low, high, scale))
        assert ((amounts >= low) & (amounts <= high)).all()
        assert len(amounts) <= 11
        assert (np.diff(amounts) > 0).all()


def test_reliability_and_pit_are_those_of_the_comparison(done: clv.Backtest, purchases: clv.Fit) -> None:
    compared = clv.compare(done)
    found = P.reliability(compared)
    ax = found.plot()
    table = compared.reliability()
    mine = table[table["model"] == "BG/NBD"]
    line = next(line for line in ax.get_lines() if line.get_label() == "BG/NBD")
    assert np.allclose(line.get_xydata(), mine[["forecast", "actual"]])
    places = P.pit(compared)
    ax = places.plot()
    steps = ax.patches[1].get_data().values
    assert np.allclose(steps, compared.pit().iloc[:, 0])
    assert places.frame().groupby("model")["share"].sum().to_numpy() == pytest.approx(1.0)
    fits = clv.compare([purchases])
    for display in (P.reliability, P.pit):
        with pytest.raises(clv.ClvError, match="compare a backtest"):
            display(fits)
