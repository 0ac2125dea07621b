"""What a notebook shows: the numbers, what must be known of them, and text that is nothing but text."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from time import perf_counter

import numpy as np
import pandas as pd
import pytest

import clvmodels as clv
from clvmodels import notebook

EVIL = "<script>alert('x')</script>"


class Reader(HTMLParser):
    """Reads the tags, the attributes and the text of HTML, and checks that tags close."""

    def __init__(self, html: str) -> None:
        """Read."""
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.still_open: list[str] = []
        self.feed(html)
        assert not self.still_open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "br":
            self.still_open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.still_open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += f" {data}"


def read(shown: object) -> Reader:
    found = Reader(shown._repr_html_())
    assert set(found.tags) <= {"p", "strong", "br", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    assert not found.attributes, "without styles of its own, so that it reads in light and in dark"
    return found


def evil() -> clv.Customers:
    return clv.Customers.from_arrays(
        [2, 0],
        [20, 0],
        [30, 30],
        unit="week",
        ids=[EVIL, "b & c"],
        monetary_value=[12, 0],
        first_value=[5, 6],
        notes=(f"1 row of {EVIL} was left out.",),
    )


PAPER = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
SPEND = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)


def test_ids_are_text() -> None:
    base = evil()
    worth = clv.value(PAPER, SPEND, horizon=52, discount=clv.yearly(0.1), customers=base, seed=1)
    for shown in (base, PAPER.probability_alive(base), worth.expected, worth.outcome):
        html = shown._repr_html_()
        assert "<script" not in html
        found = read(shown)
        assert EVIL in found.text
        assert "b & c" in found.text


def test_notes_and_names_are_text() -> None:
    base = evil()
    worth = clv.value(PAPER, SPEND, horizon=52, discount=clv.yearly(0.1), customers=base, seed=1)
    assert f"1 row of {EVIL} was left out." in read(worth).text
    odd = clv.Economics(margin=0.5, costs={EVIL: clv.Cost(1.0, "order")})
    costly = clv.value(PAPER, SPEND, horizon=52, discount=clv.yearly(0.1), customers=base, economics=odd, seed=1)
    assert EVIL in read(costly).text


def test_customers_show_the_first_and_count_the_rest(cdnow: clv.Customers) -> None:
    text = read(cdnow).text
    assert "2,357 customers" in text
    assert "59.9% bought once" in text
    assert "2,352 more rows" in text
    assert "00004" in text
    assert "30.43" in text


def test_a_fit_shows_its_parameters_and_its_warnings(purchases: clv.Fit, bgnbd: clv.Fit) -> None:
    text = read(purchases).text
    for name, row in purchases.parameters().iterrows():
        assert f"{row['mean']:.4g}" in text, name
    assert "Pareto k" in text
    assert "rate of the gamma law of purchase rates" in text
    assert purchases.model.caveats[0] in text
    assert "a single point" in read(bgnbd).text
    assert "r_hat" not in text, "a column of nothing but gaps says nothing"
    assert f"fitted to {purchases.customers!r}, in weeks" in text
    assert "divergence" not in text
    assert "; 1 divergence" in read(replace(purchases, record=replace(purchases.record, divergences=1))).text
    odd = replace(purchases.record, pareto_k=-0.001, ess=(1817.12, 2000.0, 2000.0, 2000.0))
    rounded = read(replace(purchases, record=odd)).text
    assert "Pareto k 0.00" in rounded
    assert " 1,817 " in rounded, "nobody needs a fraction of a draw"
    assert "fitted to nobody" in read(PAPER).text


def test_a_fit_that_failed_says_so_first() -> None:
    customers = clv.Customers.from_arrays([0, 0, 0], [0, 0, 0], [10, 20, 30], unit="week")
    fit = clv.fit(clv.BGNBD(), customers, clv.MLE(), seed=1)
    text = read(fit).text
    for warning in fit.record.warnings:
        assert warning in text
    assert fit.record.warnings
    assert ("NOT CONVERGED" in text) is not fit.record.converged


def test_an_expectation_shows_the_first_rows_without_the_others(purchases: clv.Fit) -> None:
    expected = purchases.expected_purchases(39)
    text = read(expected).text
    assert not expected.known, "looking at it works nothing out but what is shown"
    told = expected.frame()
    for name in ("mean", "low", "high"):
        for value in told[name][:5]:
            assert f"{value:.4g}" in text
    assert "2,352 more rows" in text
    assert text == read(expected).text, "and once it is worked out it shows the same"


def test_an_outcome_is_not_drawn_for_being_looked_at(purchases: clv.Fit, cdnow: clv.Customers) -> None:
    outcome = purchases.predict_purchases(39, seed=1)
    text = read(outcome).text
    assert not outcome.known
    assert "Not drawn yet (2,357,000 draws)" in text
    few = purchases.predict_purchases(39, cdnow.some(np.arange(10)), seed=1)
    assert "5 more rows" in read(few).text
    assert few.known


def test_a_point_says_that_it_has_no_interval(bgnbd: clv.Fit) -> None:
    text = read(bgnbd.expected_purchases(39)).text
    assert "no interval" in text
    assert "\N{EN DASH}" in text
    assert "nan" not in text


def test_a_total_has_no_customer(purchases: clv.Fit) -> None:
    text = read(purchases.expected_purchases(39).sum()).text
    assert "total expected_purchases" in text
    assert "customer_id" not in text


def test_a_valuation_costs_nothing_to_look_at(purchases: clv.Fit, spend: clv.Fit) -> None:
    many = clv.Customers.from_arrays(
        np.tile([0, 3], 50_000),
        np.tile([0.0, 20.0], 50_000),
        np.linspace(20.0, 38.0, 100_000),
        unit="week",
        monetary_value=np.tile([0.0, 9.0], 50_000),
        first_value=np.full(100_000, 7.0),
    )
    worth = clv.value(purchases, spend, horizon=52, discount=clv.yearly(0.1), customers=many, seed=1)
    start = perf_counter()
    text = read(worth).text
    assert perf_counter() - start < 1.0
    assert "Not worked out yet" in text
    assert "100,000 customers" in text
    assert "drift or season" in text
    assert "margin 100%" in text


def test_a_valuation_shows_the_total_that_is_known(purchases: clv.Fit, spend: clv.Fit, cdnow: clv.Customers) -> None:
    base = cdnow.some(np.arange(200))
    worth = clv.value(purchases, spend, horizon=52, discount=clv.yearly(0.1), customers=base, draws=100, seed=1)
    total = worth.total()
    text = read(worth).text
    for value in total.to_numpy().ravel():
        assert (f"{value:,.2f}" if value >= 1000 else f"{value:.4g}") in text


def test_a_comparison_shows_its_verdict_and_its_scores(done: clv.Backtest) -> None:
    found = clv.compare(done)
    text = read(found).text
    assert found.verdict in text
    for name in found.frame().index:
        assert name in text
    shown = sum(f" {column} " in text for column in found.frame().columns)
    assert f"{len(found.frame().columns) - shown} more columns in .frame()" in text
    assert "log_score" in text
    assert "seconds" not in text, "what differs from run to run has no place in a stored notebook"


def test_numbers_are_written_for_readers() -> None:
    table = notebook.rows_of({"x": [1.0, 1234.567, 0.000123456, float("nan"), float("inf")]})
    cells = pd.Series(Reader(table).text.split())
    assert cells.tolist() == ["x", "1", "1,234.57", "0.0001235", "\N{EN DASH}", "inf"]


@pytest.mark.parametrize("kind", ["polars", "pyarrow"])
def test_other_frames_show_too(kind: str) -> None:
    frame = pd.DataFrame({"customer_id": [EVIL], "frequency": [1], "recency": [2.0], "T": [3.0]})
    table = pytest.importorskip(kind)
    customers = clv.Customers.from_frame(
        table.from_pandas(frame) if kind == "polars" else table.Table.from_pandas(frame), unit="week"
    )
    assert EVIL in read(customers).text


def test_in_words_a_fit_says_what_was_found_and_a_valuation_whose_it_is(purchases: clv.Fit, spend: clv.Fit) -> None:
    """As in a terminal, where there is no HTML; the same again from the same seed, whatever time it took."""
    told = repr(purchases)
    means = ", ".join(f"{name}={mean:.4g}" for name, mean in purchases.parameters()["mean"].items())
    assert told.startswith(f"Fit(BG/NBD at {means}; Laplace(draws=1000), 1,000 draws, seed ")
    assert repr(purchases.customers) in told
    assert told == repr(replace(purchases, record=replace(purchases.record, seconds=99.0)))
    failed = replace(purchases, record=replace(purchases.record, converged=False, warnings=("It went wrong.",)))
    assert "NOT CONVERGED" in repr(failed)
    assert repr(failed).endswith("\n  It went wrong.")
    assert repr(PAPER).startswith("Fit(BG/NBD at r=0.243, alpha=4.414, a=0.793, b=2.426; given, a point, seed None)")
    worth = clv.value(purchases, spend, horizon=52, discount=clv.yearly(0.1), seed=1)
    assert repr(worth).startswith(
        "Valuation(2,357 customers over 52 weeks, discounted at 10% a year, by BG/NBD and Gamma-Gamma; 1,000 draws, seed 1)"
    )
    assert "margin=1.0" in repr(worth)
    assert "over whole lives" in repr(worth.over(float("inf")))
