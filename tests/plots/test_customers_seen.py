"""Displays of what customers do: what is drawn is what was counted, and what was counted is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from scipy.stats import f

import clvmodels as clv
from clvmodels.evaluate.pictures import STYLES, round_step, styles

if TYPE_CHECKING:
    from collections.abc import Iterator

mpl.use("Agg")

P = clv.plots


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    """Close all figures."""
    yield
    plt.close("all")


def offsets(ax: plt.Axes, label: str) -> np.ndarray:
    """The data of the line that a legend calls by some name."""
    return next(line for line in ax.get_lines() if line.get_label() == label).get_xydata()


def legend(ax: plt.Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_frequency_counts_customers_and_draws_what_it_counts(purchases: clv.Fit, nbd: clv.Fit, cdnow: clv.Customers) -> None:
    found = P.frequency([purchases, nbd], replicates=50, seed=1)
    told, ax = found.frame(0.8), found.plot(prob=0.8)
    counts = [int((cdnow.frequency == k).sum()) for k in range(7)] + [int((cdnow.frequency >= 7).sum())]
    assert told["actual"].tolist() == [*counts, *counts]
    assert [bar.get_height() for bar in ax.patches] == counts
    assert legend(ax) == ["actual", "BG/NBD, 80%", "NBD, 80%"]
    for name in ("BG/NBD", "NBD"):
        mine = told[told["model"] == name]
        assert np.allclose(offsets(ax, f"{name}, 80%")[:, 1], mine["expected"])
        assert mine["expected"].sum() == pytest.approx(2357)
        assert ((mine["low"] <= mine["expected"]) & (mine["expected"] <= mine["high"])).all()
    ends = np.array([segment[:, 1] for segment in ax.collections[0].get_segments()])
    assert np.allclose(ends, told.loc[told["model"] == "BG/NBD", ["low", "high"]])


def test_frequency_expects_what_the_formula_does(bgnbd: clv.Fit) -> None:
    """At a single point of the parameters the mean of the replicates is the sum of all customers' chances."""
    customers = clv.Customers.from_arrays(np.zeros(3000), np.zeros(3000), np.full(3000, 20.0), unit="week")
    found = P.frequency(bgnbd, customers, replicates=200, seed=2).frame()
    exact = [3000 * bgnbd.purchase_count_pmf_new(k, 20.0).mean[0] for k in range(7)]
    assert np.allclose(found["expected"][:7], exact, rtol=0.02, atol=1.5)


def test_conditional_means_are_those_of_the_holdout(
    purchases: clv.Fit, nbd: clv.Fit, cdnow: clv.Customers, holdout: clv.Holdout
) -> None:
    found = P.conditional([purchases, nbd], holdout, draws=100, seed=1)
    told, ax = found.frame(), found.plot()
    by_hand = pd.Series(holdout.purchases).groupby(np.minimum(cdnow.frequency, 7)).agg(["mean", "size"])
    mine = told[told["model"] == "NBD"]
    assert np.allclose(mine["actual"], by_hand["mean"])
    assert mine["customers"].tolist() == by_hand["size"].tolist()
    said = pd.Series(nbd.expected_purchases(39, cdnow).mean).groupby(np.minimum(cdnow.frequency, 7)).mean()
    assert np.allclose(mine["expected"], said)
    assert np.allclose(offsets(ax, "actual")[:, 1], by_hand["mean"])
    assert np.allclose(offsets(ax, "NBD, 90%")[:, 1], said)
    assert [label.get_text() for label in ax.get_xticklabels()][:2] == ["0\n1,411", "1\n439"]
    outside = (mine["actual"] > mine["high"]) | (mine["actual"] < mine["low"])
    assert outside.sum() >= 6, "without dropout the holdout is far below what is forecast"


def test_conditional_by_recency_parts_who_bought_once(
    purchases: clv.Fit, cdnow: clv.Customers, holdout: clv.Holdout
) -> None:
    told = P.conditional({"mine": purchases}, holdout, by="recency", draws=50, seed=1).frame()
    assert told["group"].tolist() == ["once", *(f"{k}-{k + 5}" for k in range(0, 40, 5))]
    assert told["customers"].sum() == 2357
    for group, low, high in (("5-10", 5, 10), ("35-40", 35, 40)):
        those = (cdnow.frequency > 0) & (cdnow.recency > low) & (cdnow.recency <= high)
        row = told.set_index("group").loc[group]
        assert row["customers"] == those.sum()
        assert row["actual"] == pytest.approx(holdout.purchases[those].mean())


def test_conditional_refuses_a_holdout_of_others(purchases: clv.Fit, cdnow: clv.Customers, holdout: clv.Holdout) -> None:
    with pytest.raises(clv.ClvError, match="Take both from one split"):
        P.conditional(purchases, holdout, cdnow.some(np.arange(5)))
    with pytest.raises(clv.ClvError, match="'length' is no way"):
        P.conditional(purchases, holdout, by="length")  # type: ignore[arg-type]


def test_round_steps() -> None:
    assert [round_step(span, 10) for span in (10.0, 10.1, 20.0, 51.0, 0.3)] == [1.0, 2.0, 2.0, 10.0, pytest.approx(0.05)]


def test_spending_counts_buyers(spend: clv.Fit, cdnow: clv.Customers) -> None:
    found = P.spending(spend, replicates=100, seed=1)
    told, ax = found.frame(), found.plot()
    m = cdnow.all_buyers().m
    m = m[m > 0.0]
    inner = told.iloc[10]
    assert inner["actual"] == ((m >= inner["from"]) & (m < inner["to"])).sum()
    assert [told["actual"].sum(), told["expected"].sum()] == pytest.approx([len(m)] * 2)
    assert told["actual"].tolist() == list(ax.patches[0].get_data().values)
    assert np.allclose(offsets(ax, "Gamma-Gamma, 90%")[:, 1], told["expected"])
    assert "currency" in ax.get_xlabel()


def test_spending_expects_what_the_model_says() -> None:
    """One purchase each: m q / (v p) has the F law with 2 p and 2 q degrees of freedom."""
    p, q, v = 6.0, 4.0, 15.0
    model = clv.GammaGamma().at(p=p, q=q, v=v)
    n = 4000
    values = np.geomspace(2.0, 300.0, n)
    base = clv.Customers.from_arrays(
        np.zeros(n), np.zeros(n), np.ones(n), unit="week", monetary_value=np.zeros(n), first_value=values
    )
    told = P.spending(model, base.all_buyers(), replicates=50, seed=1).frame()
    share = np.diff(f.cdf(told["to"].to_numpy() * q / v / p, 2 * p, 2 * q), prepend=0.0)
    assert np.allclose(told["expected"][1:-1] / n, share[1:-1], atol=0.004)


def test_spending_refuses_who_tells_nothing(spend: clv.Fit, cdnow: clv.Customers, purchases: clv.Fit) -> None:
    repeat = clv.fit(clv.GammaGamma(), cdnow.repeat_buyers(), clv.MLE(), seed=1)
    with pytest.raises(clv.ClvError, match="draw them apart"):
        P.spending({"all": spend, "repeat": repeat})
    with pytest.raises(clv.ClvError, match="doesn't say what customers spend"):
        P.spending(purchases)


def test_fits_go_by_names(purchases: clv.Fit) -> None:
    with pytest.raises(clv.ClvError, match="different names"):
        P.frequency([purchases, purchases])
    with pytest.raises(clv.ClvError, match="no fit to draw"):
        P.frequency([])
    daily = clv.BGNBD().at(r=0.2, alpha=4, a=0.8, b=2.4, unit="day")
    with pytest.raises(clv.ClvError, match="different units"):
        P.parameters({"a": purchases, "b": daily})
    with pytest.raises(clv.ClvError, match="fitted to nobody"):
        P.frequency(daily)


def test_several_are_told_apart_without_colour() -> None:
    assert len({style.marker for style in STYLES}) == len({str(style.line) for style in STYLES}) == len(STYLES)
    assert len({to_hex(style.colour) for style in STYLES}) == len(STYLES)
    thirteen = [style for _, style in styles(map(str, range(13)))]
    assert thirteen[:5] == list(STYLES)
    assert len({style.marker for style in thirteen}) == 13
    assert len({(style.colour, str(style.line)) for style in thirteen}) == 13


def test_pictures_take_axes(purchases: clv.Fit) -> None:
    _, ax = plt.subplots()
    assert P.frequency(purchases, replicates=20, seed=1).plot(ax) is ax
