"""Portfolios, segments, tiers and concentration: tables small enough to check by eye, and laws on CDNOW."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from matplotlib import pyplot as plt

import clvmodels as clv
from clvmodels.errors import ClvError, CustomersError, QuestionError
from clvmodels.estimate import Estimate
from clvmodels.grouping.cuts import turnover
from clvmodels.grouping.segments import _named, usual_rules
from clvmodels.sources import Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

BUYING = clv.BGNBD().at(r=0.24, alpha=4.4, a=0.8, b=2.4)
SPENDING = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)


@pytest.fixture(autouse=True)
def _no_windows() -> Iterator[None]:
    mpl.use("Agg")
    yield
    plt.close("all")


def base(n: int, library: type = pd.DataFrame, **columns: list[float]) -> clv.Customers:
    """Customers a, b, c... who bought once for 10, unless told otherwise."""
    usual = {
        "frequency": [0] * n,
        "recency": [0.0] * n,
        "T": [30.0] * n,
        "monetary_value": [0.0] * n,
        "first_value": [10.0] * n,
    }
    ids = [chr(ord("a") + place) for place in range(n)]
    return clv.Customers.from_frame(library({"customer_id": ids, **usual, **columns}), unit="week")


def by_hand(
    expected: list[list[float]],
    outcome: list[list[float]] | None = None,
    customers: clv.Customers | None = None,
    spend: clv.Fit = SPENDING,
    **known: object,
) -> clv.Valuation:
    """A valuation whose draws are given, a row a customer."""
    who = base(len(expected)) if customers is None else customers
    worth = clv.value(BUYING, spend, horizon=52, discount=clv.yearly(0.0), customers=who, seed=1, **known)
    places = np.arange(len(who))
    draws = {"expected": expected, "outcome": expected if outcome is None else outcome}
    for name, table in draws.items():
        meaning = "expectation" if name == "expected" else "outcome"
        worth.__dict__[name] = Estimate(meaning, name, who.ids, Table(np.array(table, float)), places)
    return worth


@pytest.fixture(scope="module")
def worth(purchases: clv.Fit, spend: clv.Fit) -> clv.Valuation:
    return clv.value(purchases, spend, horizon=39, discount=clv.yearly(0.1), draws=200, seed=4)


# cuts


def starts(values: list[float], **cuts: object) -> list[float]:
    return clv.Cuts(**cuts).starts(np.array(values, float))[1:].tolist()


@pytest.mark.parametrize(
    ("values", "cuts", "found"),
    [
        ([1, 2, 3, 4, 5], {"at": (2, 4.5)}, [2, 4.5]),
        ([1, 2, 3, 4, 5], {"quantiles": (0.2, 0.4, 0.6, 0.8)}, [2, 3, 4, 5]),
        ([5, 1, 4, 2, 3], {"quantiles": (0.5,)}, [4]),  # 40 % lie below 3, 60 % below 4
        ([0, 0, 0, 0, 7], {"quantiles": (0.5, 0.8)}, [7, 7]),  # 80 % lie below 7, and nobody below 0
        ([0, 7, 7, 7, 7], {"quantiles": (0.2, 0.5)}, [7, np.inf]),  # nobody has half of the customers below her
        ([50, 30, 15, 5], {"shares": (0.8, 0.95)}, [15, 30]),  # 50 + 30 are 80 %, with 15 they are 95 %
        ([50, 30, 15, 5], {"shares": (0.81, 0.9)}, [15, 15]),  # who reaches a share is needed for it
        ([40, 20, 20, 20], {"shares": (0.5,)}, [20]),  # equal customers stay together
        ([90, 20, -10, 0], {"shares": (0.9,)}, [90]),  # 90 of 100
    ],
)
def test_where_levels_begin(values: list[float], cuts: dict[str, object], found: list[float]) -> None:
    assert starts(values, **cuts) == found


@given(some.lists(some.integers(0, 6), min_size=1, max_size=40), some.sampled_from([0.1, 0.5, 0.8, 0.95]))
@settings(max_examples=200, deadline=None)
def test_cuts_all(values: list[int], share: float) -> None:
    numbers = np.array(values, float)
    high = numbers >= starts(values, quantiles=(share,))[0]
    assert high.mean() <= 1.0 - share + 1e-12
    for value in set(values) - set(numbers[high]):
        assert (numbers < value).mean() < share  # nobody else is as high
    if numbers.sum() > 0:
        start = starts(values, shares=(share,))[0]
        assert numbers[numbers >= start].sum() >= share * numbers.sum() * (1 - 1e-9)
        assert numbers[numbers > start].sum() < share * numbers.sum()  # nor are fewer enough


@pytest.mark.parametrize(
    ("cuts", "words"),
    [
        ({}, "got none"),
        ({"at": (1,), "quantiles": (0.5,)}, r"got \(at, quantiles\)"),
        ({"at": (2, 1)}, "don't increase"),
        ({"quantiles": (0.5, 0.5)}, "don't increase"),
        ({"quantiles": (20, 80)}, "shares above 0 and below 1"),
        ({"shares": (0.8, 1.0)}, "shares above 0 and below 1"),
        ({"at": ("low",)}, "row of numbers"),
        ({"at": (np.nan,)}, "row of numbers"),
        ({"at": (1,), "names": ("a", "b", "c")}, "1 cut part customers into 2 levels"),
        ({"at": (1,), "names": ("a", "a")}, "name each of them once"),
    ],
)
def test_cuts_that_cannot_be(cuts: dict[str, object], words: str) -> None:
    with pytest.raises(QuestionError, match=words):
        clv.Cuts(**cuts)


@pytest.mark.parametrize(
    ("of", "error", "words"),
    [
        ([1.0, 2.0], QuestionError, "shape .2,., for 3 customers"),
        (["x", "y", "z"], QuestionError, "one number for each"),
        ([1.0, np.nan, 2.0], CustomersError, r"of customer \(b\)"),
        ("size", QuestionError, "'size' is a column of the customers' attributes, and none were given"),
    ],
)
def test_measures_that_cannot_be(of: object, error: type[ClvError], words: str) -> None:
    with pytest.raises(error, match=words):
        clv.tiers(by_hand([[1, 1]] * 3), clv.Cuts(at=(1,), of=of))


def test_a_column_that_is_not_there() -> None:
    told = pd.DataFrame({"customer_id": ["a", "b"], "size": [1, 2]})
    with pytest.raises(CustomersError, match="no column \\(sise"):
        clv.portfolio(by_hand([[1], [2]], attributes=told), value=clv.Cuts(at=(1,), of="sise"))


# the portfolio

DRAWS = [[8, 12], [2, 2], [0, 0], [5, 7], [1, 1], [0, 2]]
THERE = [0.9, 0.5, 0.1, 0.2, 0.7, 0.4]
VALUE, LOYALTY = clv.Cuts(at=(5,)), clv.Cuts(at=(0.5,), of=THERE)


def test_a_grid_by_hand() -> None:
    outcome = [[20, 0], [1, 3], [0, 0], [0, 12], [4, 0], [0, 0]]
    grid = clv.portfolio(by_hand(DRAWS, outcome), value=VALUE, loyalty=LOYALTY)
    told = grid.frame(prob=0.5)  # of two draws: from a quarter to three quarters of the way between them
    assert told["value"].to_list() == ["high", "high", "low", "low"]
    assert told["loyalty"].to_list() == ["high", "low", "high", "low"]
    assert told["action"].to_list() == ["keep", "reactivate", "invest", "let go"]
    assert told["customers"].to_list() == [1, 1, 2, 2]  # a; d; b and e; c and f
    np.testing.assert_allclose(told["of_customers"], [1 / 6, 1 / 6, 2 / 6, 2 / 6])
    np.testing.assert_allclose(told["mean"], [10, 6, 3, 1])
    np.testing.assert_allclose(told[["low", "high"]], [[9, 11], [5.5, 6.5], [3, 3], [0.5, 1.5]])
    np.testing.assert_allclose(told[["outcome_low", "outcome_high"]], [[5, 15], [3, 9], [3.5, 4.5], [0, 0]])
    np.testing.assert_allclose(told["of_value"], [0.5, 0.3, 0.15, 0.05])
    np.testing.assert_allclose(told["each"], [10, 6, 1.5, 0.5])
    assert told["value_from"].to_list() == [5, 5, -np.inf, -np.inf]


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame, lambda told: pl.DataFrame(told).to_arrow()])
def test_customers_of_a_grid_are_in_the_callers_library(library: type) -> None:
    who = base(6, library)
    told = clv.portfolio(by_hand(DRAWS, customers=who), value=VALUE, loyalty=LOYALTY).customers()
    assert type(told) is type(who.frame())
    read = pl.DataFrame(told)
    assert read["customer_id"].to_list() == list("abcdef")
    assert read["action"].to_list() == ["keep", "invest", "let go", "reactivate", "invest", "let go"]
    assert read["value"].to_list() == [10, 2, 0, 6, 1, 1]
    assert read["loyalty"].to_list() == THERE
    assert read["value_level"].to_list() == ["high", "low", "low", "high", "low", "low"]


def test_a_grid_that_is_wider_than_high() -> None:
    cuts = {"value": VALUE, "loyalty": clv.Cuts(at=(0.3, 0.45, 0.8), of=THERE)}
    told = clv.portfolio(by_hand(DRAWS), **cuts).frame()
    assert told["loyalty"].to_list() == ["4", "3", "2", "1"] * 2
    assert told["mean"].to_list() == [10, 0, 0, 6, 0, 3, 1, 0]  # a; d; b and e; f, c
    assert told["action"].to_list() == ["keep", "keep", "keep", "reactivate", "invest", "let go", "let go", "let go"]


def test_the_usual_three_by_three() -> None:
    cuts = {"value": clv.Cuts(quantiles=(0.5, 0.8)), "loyalty": clv.Cuts(at=(0.3, 0.7), of=THERE)}
    usual = clv.portfolio(by_hand(DRAWS), **cuts).actions
    assert usual.to_numpy().tolist() == [
        ["let go", "let go", "invest"],
        ["reactivate", "invest", "invest"],
        ["reactivate", "keep", "keep"],
    ]
    assert usual.columns.to_list() == ["low", "middle", "high"]


def test_actions_of_ones_own_are_matched_by_name() -> None:
    mine = pd.DataFrame({"high": ["mail", "call"], "low": ["", "coupon"]}, index=["low", "high"])
    told = clv.portfolio(by_hand(DRAWS), value=VALUE, loyalty=LOYALTY, actions=mine).frame()
    assert told["action"].to_list() == ["call", "coupon", "mail", ""]
    named = clv.Cuts(at=(5,), names=("C", "A"))
    grid = clv.portfolio(by_hand(DRAWS), value=named, loyalty=LOYALTY, actions=mine.set_axis(["C", "A"]))
    assert grid.customers()["action"].to_list() == ["call", "mail", "", "coupon", "mail", ""]


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        (pd.DataFrame({"low": ["x", "y"], "high": ["x", "y"]}, index=["low", "top"]), r"rows of actions are \(low, top\)"),
        (pd.DataFrame({"low": ["x", "y"]}, index=["low", "high"]), r"columns of actions are \(low\)"),
        (pd.DataFrame({"low": ["x", None], "high": ["x", "y"]}, index=["low", "high"]), "cells of actions are empty"),
    ],
)
def test_actions_that_cannot_be(actions: pd.DataFrame, words: str) -> None:
    with pytest.raises(QuestionError, match=words):
        clv.portfolio(by_hand(DRAWS), value=VALUE, loyalty=LOYALTY, actions=actions)


def test_who_bought_once_is_alive_for_bgnbd_and_the_grid_says_so() -> None:
    grid = clv.portfolio(by_hand(DRAWS), value=VALUE)
    assert grid.loyalty.measure.tolist() == [1.0] * 6
    assert any("one-time buyers by P(alive)" in note for note in grid.notes)
    assert "don't rank one-time buyers by P(alive)" in repr(grid)
    assert "nobody is in the level (low). 6 of 6 customers are equal" in repr(grid)
    assert "one-time" in grid.plot().get_xlabel().replace("\n", " ")
    told = grid.frame()
    assert told["customers"].to_list() == [2, 0, 4, 0]
    assert told["mean"].to_list() == [16, 0, 4, 0]
    assert np.isnan(told["probability_alive"][1])
    other = clv.portfolio(by_hand(DRAWS), value=VALUE, loyalty=LOYALTY)
    assert "one-time" not in repr(other)
    assert "one-time" not in other.plot().get_xlabel()


def test_another_measure_from_a_column() -> None:
    told = pl.DataFrame({"customer_id": list("fedcba"), "staff": [1, 2, 3, 40, 50, 60]})
    cuts = clv.Cuts(at=(10,), of="staff", names=("small firm", "firm"))
    grid = clv.portfolio(by_hand(DRAWS, attributes=told), value=cuts, loyalty=LOYALTY)
    assert grid.value.codes.tolist() == [1, 1, 1, 0, 0, 0]
    assert grid.plot().get_ylabel() == "Staff"
    np.testing.assert_allclose(grid.frame()["mean"].sum(), 20.0)


def test_cells_sum_to_the_total_draw_by_draw(worth: clv.Valuation, cdnow: clv.Customers) -> None:
    grid = clv.portfolio(worth, value=clv.Cuts(quantiles=(0.5, 0.8)), loyalty=clv.Cuts(at=(0.3, 0.7)))
    alone = {"expected": (grid.parts.expected, worth.expected), "outcome": (grid.parts.outcome, worth.outcome)}
    for parts, whole in alone.values():
        np.testing.assert_allclose(parts.draws().sum(axis=1), whole.sum().draws()[:, 0], rtol=1e-12)
    told = grid.frame()
    assert told["customers"].sum() == len(cdnow)
    assert told["of_value"].sum() == pytest.approx(1.0)
    assert told.loc[told["value"] == "high", "customers"].sum() <= 0.2 * len(cdnow)
    best = told.iloc[0]
    mine = (grid.value.codes == 2) & (grid.loyalty.codes == 2)
    assert best["probability_alive"] == pytest.approx(worth.fit.probability_alive().mean[mine].mean())
    np.testing.assert_allclose(
        best[["low", "high"]].to_numpy(float), np.quantile(worth.expected.draws()[:, mine].sum(1), [0.05, 0.95])
    )


def test_who_costs_money_and_is_to_be_kept_is_said() -> None:
    draws = [[8, 12], [2, 2], [-4, -4], [5, 7], [-5, -3], [0, 2]]
    mine = pd.DataFrame({"low": ["let go", ""], "high": ["invest", "keep"]}, index=["low", "high"])
    grid = clv.portfolio(by_hand(draws), value=VALUE, loyalty=LOYALTY, actions=mine)  # b and e: 2 - 4; c and f: -4 + 1
    told = "Customers of low value and high loyalty, to 'invest', are expected to cost 2 more than they bring."
    assert [note for note in grid.notes if "cost" in note] == [told]
    assert "expected to cost" not in repr(clv.portfolio(by_hand(DRAWS), value=VALUE, loyalty=LOYALTY))


def texts(ax: Axes) -> str:
    return "\n".join(text.get_text() for text in ax.texts)


def test_the_grid_is_drawn() -> None:
    ax = clv.portfolio(by_hand(DRAWS), value=VALUE, loyalty=LOYALTY).plot()
    assert "keep\n1 customer (16.7%)\n10 (50.0% of the value)" in texts(ax)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["low\nbelow 5", "high\nfrom 5"]


# RFM segments


def ten(library: type = pd.DataFrame) -> clv.Customers:
    """Ten customers, the first with the oldest purchase, and five kinds of frequency and money."""
    return base(
        10,
        library,
        frequency=[0, 0, 1, 1, 2, 2, 3, 3, 9, 9],
        recency=[0.0, 0.0, *(30.0 - silence for silence in (26, 25, 20, 19, 10, 8, 2, 1))],
        T=[30.0, 29.0, *[30.0] * 8],
        monetary_value=[0, 0, 10, 10, 10, 10, 10, 10, 10, 10],
        first_value=[10, 10, 10, 10, 40, 10, 10, 90, 10, 1000],
    )


def test_scores_by_hand() -> None:
    told = clv.rfm_segments(ten()).frame()
    assert told["silence"].to_list() == [30, 29, 26, 25, 20, 19, 10, 8, 2, 1]
    assert told["recency"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]  # two of ten in each fifth
    assert told["purchases"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 10, 10]
    assert told["frequency"].to_list() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    np.testing.assert_allclose(told["money"], [10, 10, 10, 10, 20, 10, 10, 30, 10, 109])
    assert told["monetary"].to_list() == [1, 1, 1, 1, 4, 1, 1, 5, 1, 5]  # seven of ten lie below 20, eight below 30
    names = ["lost", "lost", "lost", "lost", "need attention", "need attention", "loyal", "loyal", "loyal", "champions"]
    assert told["segment"].to_list() == names
    assert told["action"].to_list()[-1] == "keep"


def test_total_money() -> None:
    told = clv.rfm_segments(ten(), monetary="total").frame()
    np.testing.assert_allclose(told["money"], [10, 10, 20, 20, 60, 30, 40, 120, 100, 1090])
    assert told["monetary"].to_list() == [1, 1, 2, 2, 4, 3, 3, 5, 4, 5]


def test_four_fifths_bought_once() -> None:
    who = base(10, frequency=[0] * 8 + [1, 4], recency=[0.0] * 8 + [5.0, 29.0], monetary_value=[0.0] * 8 + [10.0, 10.0])
    told = clv.rfm_segments(who).frame()
    assert told["frequency"].to_list() == [1] * 8 + [5] * 2
    assert told["recency"].to_list() == [1] * 8 + [5] * 2
    assert told["monetary"].to_list() == [1] * 10
    assert told["segment"].to_list() == ["lost"] * 8 + ["loyal"] * 2


def test_customers_who_are_all_alike() -> None:
    found = clv.rfm_segments(base(3))
    assert found.scores.tolist() == [[1, 1, 1]] * 3
    assert repr(found) == "Segments(3 customers in 1 of 11 segments)"


def test_the_same_day_is_the_same_recency() -> None:
    """T - recency is off in the last digit, and no score may hang on that."""
    T = np.array([30.1, 37.7, 33.3, 0.7]) / 7
    who = base(4, T=list(T), frequency=[1, 1, 1, 1], recency=list(T - 0.1 / 7), monetary_value=[10.0] * 4)
    assert len(set((who.T - who.recency).tolist())) > 1
    assert clv.rfm_segments(who).scores[:, 0].tolist() == [1, 1, 1, 1]


def test_every_score_has_a_usual_name() -> None:
    scores = np.array(np.meshgrid(*[np.arange(1, 6)] * 3)).reshape(3, -1).T
    codes = _named(scores, usual_rules())
    assert set(codes) == set(range(11))  # and every name has a score


def test_segments_of_ones_own() -> None:
    mine = pd.DataFrame(
        {
            "segment": ["best", "rest"],
            "action": ["call", ""],
            "recency_from": [4, 1],
            "recency_to": 5,
            "frequency_from": [4, 1],
        }
    ).assign(frequency_to=5, monetary_from=1, monetary_to=5)
    found = clv.rfm_segments(ten(), segments=mine)
    told = found.table()
    assert told["segment"].to_list() == ["best", "rest"]
    assert told["customers"].to_list() == [4, 6]
    np.testing.assert_allclose(told["silence"], [21 / 4, 149 / 6])
    np.testing.assert_allclose(told["purchases"], [28 / 4, 12 / 6])
    again = clv.rfm_segments(ten(), segments=clv.rfm_segments(ten()).rules)
    assert again.names.tolist() == clv.rfm_segments(ten()).names.tolist()


def test_what_segments_are_worth() -> None:
    who = ten(pl.DataFrame)
    draws = [[place, 2 * place] for place in range(10)]
    found = clv.rfm_segments(who, worth=by_hand(draws, customers=who))
    told = found.table(prob=0.5).set_index("segment")
    assert told.loc["loyal", ["customers", "mean", "low", "high"]].to_list() == [3, 31.5, 26.25, 36.75]  # 6 + 7 + 8, twice
    assert told.loc["new", ["customers", "mean", "low", "high"]].to_list() == [0, 0, 0, 0]
    assert told["customers"].sum() == 10
    assert told["of_customers"].sum() == pytest.approx(1.0)
    np.testing.assert_allclose(found.parts.expected.draws().sum(axis=1), [45, 90])
    assert isinstance(found.frame(), pl.DataFrame)
    assert found.notes == found.worth.notes
    assert "68.9%" not in texts(found.plot())
    assert "46.7%" in texts(found.plot())  # of the expected value, from the loyal


def test_segments_are_drawn_without_a_valuation() -> None:
    ax = clv.rfm_segments(ten()).plot()
    assert ax.get_yticklabels()[0].get_text() == "champions"
    assert "72.7%" in texts(ax)  # 1,090 of 1,500


def test_segments_that_cannot_be() -> None:
    who, usual = ten(), clv.rfm_segments(ten()).rules
    with pytest.raises(QuestionError, match=r"lack the columns \(action\)"):
        clv.rfm_segments(who, segments=usual.drop(columns="action"))
    with pytest.raises(QuestionError, match=r"segments \(champions\) have scores that can't be"):
        clv.rfm_segments(who, segments=usual.assign(recency_to=[6, *usual["recency_to"][1:]]))
    with pytest.raises(QuestionError, match=r"segments \(loyal\) have scores that can't be"):
        clv.rfm_segments(who, segments=usual.assign(frequency_from=["1", "many", *usual["frequency_from"][2:]]))
    with pytest.raises(QuestionError, match="different ones; got loyal, loyal"):
        clv.rfm_segments(who, segments=usual.assign(segment=["loyal", "loyal", *usual["segment"][2:]]))
    with pytest.raises(QuestionError, match=r"scores \(R1 F1 M1, R2 F2 M1\) are in no segment"):
        clv.rfm_segments(who, segments=usual[usual["segment"] != "lost"])
    with pytest.raises(QuestionError, match="monetary='median' isn't known"):
        clv.rfm_segments(who, monetary="median")
    with pytest.raises(QuestionError, match="valuation is of other customers"):
        clv.rfm_segments(who, worth=by_hand([[1, 2]]))
    with pytest.raises(QuestionError, match="needs a valuation"):
        _ = clv.rfm_segments(who).parts
    with pytest.raises(CustomersError, match="no first_value"):
        clv.rfm_segments(clv.Customers.from_arrays([1], [9], [20], unit="week", monetary_value=[30]))


# tiers


def test_abc_by_hand() -> None:
    who = base(5, first_value=[5, 50, 15, 30, 0])
    told = clv.tiers(by_hand([[1, 1], [4, 8], [2, 2], [3, 3], [0, 2]], customers=who)).frame(prob=0.5)
    assert told["tier"].to_list() == ["large", "medium", "small"]
    assert told["from"].to_list() == [30, 15, -np.inf]
    assert told["customers"].to_list() == [2, 1, 2]
    assert told["amount"].to_list() == [80, 15, 5]
    assert told["of_amount"].to_list() == [0.8, 0.15, 0.05]
    assert told["mean"].to_list() == [9, 2, 2]
    assert told["low"].to_list() == [8, 2, 1.5]


def test_tiers_of_ones_own() -> None:
    found = clv.tiers(by_hand([[1], [4], [2]]), clv.Cuts(at=(2,), of=np.array([1.0, 4.0, 2.0])))
    assert repr(found) == "Tiers(by given numbers: large 2, small 1)"
    assert found.customers()["tier"].to_list() == ["small", "large", "large"]
    assert found.customers()["amount"].to_list() == [1, 4, 2]
    assert found.frame()["amount"].to_list() == [6, 1]


def test_turnover_is_all_that_was_bought() -> None:
    assert turnover(ten()).tolist() == [10, 10, 20, 20, 60, 30, 40, 120, 100, 1090]
    # a mean times their number is 99.99999999999999 here, and she is at 100 all the same
    who = base(1, frequency=[23], recency=[20.0], monetary_value=[4.05], first_value=[6.85])
    assert turnover(who).tolist() == [100.0]


def test_nothing_bought_has_no_shares() -> None:
    with pytest.raises(QuestionError, match="bring 0 together"):
        clv.tiers(by_hand([[1], [4]], customers=base(2, first_value=[0, 0])))


def test_an_empty_tier_is_said() -> None:
    found = clv.tiers(by_hand([[1], [4]]))
    assert found.frame()["customers"].to_list() == [2, 0, 0]
    assert "nobody is in the levels (small, medium)" in found.notes[0]


def test_tiers_part_the_base(worth: clv.Valuation, cdnow: clv.Customers) -> None:
    found = clv.tiers(worth)
    told = found.frame()
    assert told["customers"].sum() == len(cdnow)
    assert told["mean"].sum() == pytest.approx(worth.expected.mean.sum())
    assert told["amount"].sum() == pytest.approx(turnover(cdnow).sum())
    assert told["of_amount"][0] == pytest.approx(0.8, abs=0.001)
    assert sorted(found.customers()["tier"].value_counts()) == sorted(told["customers"])
    ax = found.plot()
    assert "80" not in ax.get_title()
    assert len(ax.patches) == 6


# concentration


def test_concentration_by_hand() -> None:
    # in expectation: 60, 20, 10, 10, 0; so far: 10, 50, 20, 10, 10
    expected = [[10, 10], [70, 50], [0, 40], [10, 10], [0, 0]]
    outcome = [[0, 20], [50, 50], [50, 10], [0, 20], [0, 0]]
    who = base(5, first_value=[10, 50, 20, 10, 10])
    found = clv.concentration(by_hand(expected, outcome, customers=who))
    told = found.frame(prob=0.5).set_index("customers")
    assert told.loc[[0.2, 0.4, 0.6, 0.8, 1.0], "past"].to_list() == pytest.approx([0.5, 0.7, 0.8, 0.9, 1.0])
    # the second customer, then the third: 70 / 90 and 50 / 110, then 70 / 90 and 90 / 110
    assert told.loc[[0.2, 0.4], "expected"].to_list() == pytest.approx([(7 / 9 + 5 / 11) / 2, (7 / 9 + 9 / 11) / 2])
    assert told.loc[0.4, ["expected_low", "expected_high"]].to_list() == pytest.approx([7 / 9 + 4 / 396, 9 / 11 - 4 / 396])
    assert told.loc[[0.2, 0.4], "outcome"].to_list() == pytest.approx([0.5, (1.0 + 0.6) / 2])
    assert told.loc[0.1, "past"] == pytest.approx(0.25)  # half a customer
    share = found.share(0.4, prob=0.5)
    assert share["mean"].to_list() == pytest.approx([0.7, (7 / 9 + 9 / 11) / 2, 0.8])
    assert share.loc["outcome", ["low", "high"]].to_list() == pytest.approx([0.7, 0.9])
    assert np.isnan(share.loc["past", "low"])
    # sum of (2 i - n - 1) x / (n sum of x), x increasing: (-4 10 - 2 10 + 2 20 + 4 50) / 500
    assert found.gini().loc["past", "mean"] == pytest.approx(180 / 500)
    # in the order of the expectation 60, 20, 10, 10, 0, each draw: (4 70 - 2 10) / (5 90) and (4 50 + 2 40 - 2 10) / (5 110)
    assert found.gini().loc["expected", "mean"] == pytest.approx((260 / 450 + 260 / 550) / 2)
    assert repr(found) == "Concentration(5 customers; the best 20% bring 50% of the past value, 62% of the expected value)"
    assert found.plot().get_legend() is not None


@pytest.mark.parametrize(
    ("values", "gini"), [([3, 3, 3, 3], 0.0), ([0, 0, 8, 0], 0.75), ([1, 2, 3, 4], 0.25), ([10, 0, 0, -2], 36 / 32)]
)
def test_gini_coefficients(values: list[float], gini: float) -> None:
    found = clv.concentration(by_hand([[value] * 2 for value in values])).gini()
    np.testing.assert_allclose(found.loc["expected"], gini, atol=1e-12)


def test_who_costs_more_than_she_brings_lifts_the_others_above_the_whole() -> None:
    found = clv.concentration(by_hand([[12, 12], [3, 3], [0, 0], [-5, -5]]))
    assert found.share(0.25).loc["expected", "mean"] == pytest.approx(1.2)
    assert found.share(0.5).loc["expected", "mean"] == pytest.approx(1.5)
    assert found.share(1.0).loc["expected", "mean"] == 1.0
    assert "The expected value of 1 customer is below 0, -50.0% of the total" in found.notes[0]
    assert found.gini().loc["expected", "mean"] == pytest.approx((3 * 12 + 3 + 3 * 5) / 40)


def test_a_base_that_brings_nothing_has_no_shares() -> None:
    with pytest.raises(QuestionError, match="expected to bring -1, and there are no shares"):
        clv.concentration(by_hand([[1, 1], [-2, -2]]))


def test_draws_in_which_nobody_buys_have_no_shares() -> None:
    found = clv.concentration(by_hand([[1, 1], [2, 2]], [[0, 4], [0, 0]]))
    assert found.share(0.5).loc["outcome"].isna().all()
    assert found.share(0.5).loc["expected", "mean"] == pytest.approx(2 / 3)
    assert "In 1 of 2 draws the base brings nothing or less" in found.notes[0]


def test_a_past_that_is_not_known_is_left_out(gammagamma: clv.Fit) -> None:
    who = clv.Customers.from_arrays([1, 2], [9, 9], [20, 20], unit="week", monetary_value=[30, 20])
    found = clv.concentration(by_hand([[1, 1], [2, 2]], customers=who, spend=gammagamma))
    assert "so far isn't known" in found.notes[0]
    assert list(found.curves) == ["expected", "outcome"]
    assert "past" not in found.frame()
    assert found.plot() is not None


def test_a_share_that_cannot_be() -> None:
    with pytest.raises(QuestionError, match="20 is no probability"):
        clv.concentration(by_hand([[1, 1], [2, 2]])).share(20)


def test_concentration_is_that_of_all_draws(worth: clv.Valuation) -> None:
    """The curve through each per cent, against the sums of all customers one by one."""
    found = clv.concentration(worth)
    order = np.argsort(-worth.expected.mean, kind="stable")
    n = len(order)
    for name, tolerance in (("expected", 1e-4), ("outcome", 5e-4)):
        draws = getattr(worth, name).draws()[:, order]
        curve = np.cumsum(draws, axis=1) / draws.sum(axis=1, keepdims=True)
        for share in (0.003, 0.013, 0.2, 0.505):
            at = share * n - 1
            exact = curve[:, int(at)] + (at - int(at)) * (curve[:, int(at) + 1] - curve[:, int(at)])
            low, high = np.quantile(exact, [0.05, 0.95])
            wanted = [exact.mean(), low, high]
            told = found.share(share).loc[name].to_numpy(float)
            np.testing.assert_allclose(told, wanted, atol=5e-3)  # between two places, who of the next few it is
            np.testing.assert_allclose(told[0], wanted[0], atol=5e-4)
        ginis = (draws @ (n + 1.0 - 2.0 * np.arange(1, n + 1))) / (n * draws.sum(axis=1))
        wanted = [ginis.mean(), *np.quantile(ginis, [0.05, 0.95])]
        np.testing.assert_allclose(found.gini().loc[name].to_numpy(float), wanted, atol=tolerance)
    ordered = np.sort(worth.past)
    exact = float((2.0 * np.arange(1, n + 1) - n - 1.0) @ ordered / (n * ordered.sum()))
    assert found.gini().loc["past", "mean"] == pytest.approx(exact, rel=1e-12)
