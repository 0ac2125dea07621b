"""Checks of fits against what was seen: hand-worked numbers, worlds that a model has made, and worlds that it can't make."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from numpy.testing import assert_allclose
from scipy.stats import kstest

import clvmodels as clv
from clvmodels.errors import ClvError, FitError, QuestionError
from clvmodels.evaluate import replicates, tracks
from clvmodels.evaluate.replicates import (
    BARS,
    BOUGHT,
    MOVED,
    PURCHASES,
    SILENT,
    SPEND,
    STAYED,
    TOGETHER,
    compared,
    with_moved,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PAPER = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
SPENDING = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
WEEKS = np.random.default_rng(0).uniform(20.0, 50.0, 1500)


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    """Draw into memory, and leave nothing open."""
    before = mpl.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


def learned(model: Any, customers: Any, draws: int = 400) -> clv.Fit:
    return clv.fit(model, customers, clv.Laplace(draws=draws), seed=1)


def off(found: clv.Check | clv.Tracking) -> set[str]:
    """The statistics that are off by more than a little."""
    frame = found.frame()
    return set(frame["statistic"][frame["verdict"].isin(["lower", "higher"])])


# by hand


def test_findings_by_hand() -> None:
    """101 replicates of 0, 1, ..., 100: the interval of 0.9 is 5 to 95."""
    drawn = np.tile(np.arange(101.0)[:, None], (1, 6))
    names = ["n", "n", "n", "n", MOVED, MOVED]
    found = compared(names, np.array([50.0, 5.0, 4.0, 120.0, 0.0, 91.0]), drawn, 0.9, "well")
    assert [one.verdict for one in found] == ["well", "well", "lower", "higher", "well", "higher"]
    assert_allclose([one.p for one in found], [1.0, 14 / 102, 12 / 102, 2 / 102, 1.0, 11 / 102])
    assert_allclose([(one.low, one.median, one.high) for one in found], [(5, 50, 95)] * 4 + [(0, 50, 90)] * 2)
    assert [one.matters for one in found] == [False, False, True, True, False, True]


def test_a_little_is_within_a_tenth_of_the_median() -> None:
    drawn = 100.0 + 0.01 * np.arange(101.0)[:, None]
    verdicts = [compared(["n"], np.array([seen]), drawn, 0.9, "well")[0].verdict for seen in (89.0, 91.0, 109.0, 112.0)]
    assert verdicts == ["lower", "a little lower", "a little higher", "higher"]
    apart = [compared([name], np.array([0.04]), 1e-4 * drawn, 0.9, "well")[0].verdict for name in ("n", MOVED, TOGETHER)]
    assert apart == ["higher", "a little higher", "a little higher"]


def test_facts_by_hand() -> None:
    found = replicates.Finding(0.052, 0.1, 0.11, 0.12, 0.01, "lower")
    assert found.fact("share of them") == "share of them 5.2%, below the 10.0% to 12.0% expected"
    assert found.fact("purchases") == "purchases 0.052, below the 0.1 to 0.12 expected"
    found = replicates.Finding(1500.0, 900.0, 1000.0, 1234.5, 0.01, "higher")
    assert found.fact("purchases") == "purchases 1,500, above the 900 to 1,234 expected"
    assert "1,000, within the" in replace(found, observed=1000.0).fact("purchases")


def test_the_share_in_another_bar_by_hand() -> None:
    """Two replicates with 60 % and 40 % in the first bar, the rest in the second: each is a tenth away from halves."""
    drawn = np.zeros((2, 11))
    drawn[:, :2], drawn[:, 8:] = [[0.6, 0.4], [0.4, 0.6]], [7.0, 8.0, 9.0]
    observed = np.array([0.2, 0.5, 0.3, 0, 0, 0, 0, 0, 7.0, 8.0, 9.0])
    seen, both = with_moved(observed, drawn)
    assert_allclose(seen[8:], [0.3, 7.0, 8.0, 9.0])
    assert_allclose(both[:, 8:], [[0.1, 7.0, 8.0, 9.0]] * 2)


def test_what_was_seen_of_cdnow(cdnow: clv.Customers, purchases: clv.Fit, spend: clv.Fit) -> None:
    """Its histogram as published: 1,411 of 2,357 did not come back, 439 came back once, and so on."""
    frame = clv.check(purchases, spend, replicates=100, seed=1).frame().set_index("statistic")
    assert frame.index.tolist() == [*PURCHASES, *SPEND]
    counts = [1411, 439, 214, 100, 62, 38, 29, 64]
    assert_allclose(frame.loc[list(BARS), "observed"] * 2357, counts, atol=1e-9)
    x, t_x, T = cdnow.frequency, cdnow.recency, cdnow.T
    expected = [x.mean(), (t_x / T)[x > 0].mean(), (t_x < T / 2)[x > 0].mean()]
    assert_allclose(frame.loc[[BOUGHT, STAYED, SILENT], "observed"], expected)
    buyers = cdnow.all_buyers()
    m = pd.Series(buyers.m[buyers.x > 0])
    correlation = m.corr(pd.Series(buyers.x[buyers.x > 0]), method="spearman")
    assert_allclose(frame.loc[list(SPEND), "observed"], [m.mean(), m.median(), m.quantile(0.9), correlation])
    assert frame.loc[list(SPEND), "model"].eq("Gamma-Gamma").all()


# on CDNOW


def test_cdnow_fits_but_for_spend_that_goes_with_frequency(purchases: clv.Fit, spend: clv.Fit) -> None:
    found = clv.check(purchases, spend, seed=1)
    assert off(found) == {TOGETHER}
    (warning,) = found.warnings
    assert warning.startswith("Gamma-Gamma takes what customers spend on a purchase to be independent of how often they buy")
    assert "0.211, above the" in warning
    assert clv.check(purchases, seed=1).warnings == ()
    assert off(clv.check(spend, seed=1)) == {TOGETHER}


def ends(first: str, last: str) -> list[str]:
    return [str(day.date()) for day in pd.date_range(first, last, freq="14D")]


@pytest.fixture(scope="module")
def fortnights() -> list[clv.Customers]:
    log = clv.datasets.cdnow(sample=True)
    return [clv.rfm_summary(log, observation_end=end) for end in ends("1997-01-14", "1997-09-30")]


def test_cdnow_is_tracked(purchases: clv.Fit, fortnights: list[clv.Customers]) -> None:
    """The first weeks were busier than the model has it, and the rest is not."""
    frame = clv.tracking(purchases, fortnights[::-1], seed=1).frame()
    assert frame.shape == (19, 8)
    assert_allclose(frame["observed"], [each.frequency.sum() for each in fortnights])
    assert_allclose(frame["time"], [each.T.max() for each in fortnights])
    assert frame["customers"].tolist() == [len(each) for each in fortnights]
    assert (frame["verdict"][8:] == "as expected").all()
    assert (frame["p"][1:6] < 0.2).all()
    assert frame["observed"][3] > 1.2 * frame["median"][3]


# worlds that a model has made


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD"])
def test_a_world_of_the_model_passes(name: str, seed: int) -> None:
    model = getattr(clv, name)()
    customers = model.at(r=0.6, alpha=5.0, a=0.8, b=2.5).simulate(800, WEEKS[:800], seed=seed, spend=SPENDING)
    fit, spend = learned(model, customers), learned(clv.GammaGamma(), customers.repeat_buyers())
    assert clv.check(fit, spend, seed=1).warnings == ()


def test_opportunities_pass() -> None:
    donors = clv.BGBB().at(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year").simulate(1000, 6.0, seed=1)
    assert clv.check(clv.fit(clv.BGBB(), donors, clv.MLE()), seed=1).warnings == ()


def p_values(worlds: int) -> pd.DataFrame:
    """P values of the parameters that have made each world: a row a world."""
    rows: list[pd.Series[float]] = []
    for seed in range(worlds):
        customers = PAPER.simulate(150, WEEKS[:150], seed=seed, spend=SPENDING)
        frames = [
            clv.check(PAPER, customers=customers, replicates=100, seed=seed).frame(),
            clv.check(SPENDING, customers=customers, replicates=100, seed=seed).frame(),
        ]
        rows.append(pd.concat(frames).set_index("statistic")["p"])
    return pd.DataFrame(rows)


@pytest.mark.slow
def test_p_values_of_the_truth_are_uniform() -> None:
    """Of what is continuous; shares of few customers tie with replicates, which makes p larger."""
    found = p_values(120)
    for name in (STAYED, "mean spend", "median spend", TOGETHER):
        assert kstest(found[name], "uniform").pvalue > 0.001, name
    for name in (*PURCHASES, *SPEND):
        assert (found[name] < 0.05).mean() < 0.12, name
        assert found[name].mean() > 0.42, name


@pytest.mark.slow
def test_fits_of_their_own_worlds_give_few_alarms() -> None:
    """A fit has seen its customers, so its p values are larger than uniform."""
    warned, outside = 0, []
    for seed in range(40):
        customers = PAPER.simulate(300, 39.0, seed=seed)
        found = clv.check(clv.fit(clv.BGNBD(), customers, clv.Laplace(draws=400), seed=seed), seed=seed)
        warned += len(found.warnings)
        outside.append((found.frame()["p"] < 0.02).mean())
    assert warned <= 2
    assert np.mean(outside) < 0.02


# worlds that a model can't make


def test_customers_who_leave_are_missed_by_a_model_in_which_nobody_does() -> None:
    customers = clv.MBGNBD().at(r=1.0, alpha=5.0, a=0.8, b=3.0).simulate(1000, WEEKS[:1000], seed=1)
    found = clv.check(learned(clv.NBD(), customers), seed=1)
    assert {STAYED, SILENT} <= off(found)
    assert found.findings["NBD"][STAYED].verdict == "lower"
    assert found.findings["NBD"][SILENT].verdict == "higher"
    (warning,) = [warning for warning in found.warnings if "silent" in warning]
    assert warning.startswith(
        "NBD errs in how long repeat buyers have been silent: recency / T of repeat buyers 0.561, below the"
    )
    assert warning.endswith("(clv.regularity(log) tells whether they do).")


def test_regular_buyers_are_missed_by_a_model_of_chance() -> None:
    customers = clv.BGCNBD(4).at(r=2.0, alpha=3.0, a=0.8, b=6.0).simulate(1500, WEEKS, seed=1)
    found = clv.check(learned(clv.MBGNBD(), customers), seed=1)
    assert {MOVED, SILENT, BARS[0]} <= off(found)
    assert "share with 0 repeat purchases 5.5%, below the" in found.warnings[0]
    assert clv.check(learned(clv.BGCNBD(4), customers), seed=1).warnings == ()


def test_two_kinds_of_customers_are_missed_by_one() -> None:
    rng = np.random.default_rng(3)
    x = rng.poisson(np.where(rng.random(1500) < 0.6, 0.002, 0.12) * WEEKS)
    t_x = np.where(x > 0, WEEKS * rng.random(1500) ** (1.0 / np.maximum(x, 1)), 0.0)
    customers = clv.Customers.from_arrays(x, t_x, WEEKS, unit="week")
    found = clv.check(learned(clv.NBD(), customers), seed=1)
    assert {MOVED, BARS[1], BARS[5]} <= off(found)
    assert found.warnings[0].startswith("NBD errs in how often customers buy: share in another bar of the histogram 11.7%")


def test_a_few_who_buy_for_many_are_missed() -> None:
    """Parameters of another shop: its customers buy half as much."""
    customers = clv.BGNBD().at(r=0.5, alpha=4.414, a=0.793, b=2.426).simulate(1500, WEEKS, seed=1)
    found = clv.check(PAPER, customers=customers, seed=1)
    assert found.findings["BG/NBD"][BOUGHT].verdict == "higher"
    assert any(warning.startswith("BG/NBD errs in how much customers have bought") for warning in found.warnings)


def test_spend_that_goes_with_frequency_is_found() -> None:
    base = PAPER.simulate(1500, WEEKS, seed=1, spend=SPENDING)
    assert base.monetary_value is not None
    worth = base.monetary_value * (1.0 + 0.3 * base.frequency)
    customers = clv.Customers.from_arrays(base.frequency, base.recency, base.T, unit="week", monetary_value=worth)
    found = clv.check(learned(clv.GammaGamma(), customers.repeat_buyers()), seed=1)
    assert TOGETHER in off(found)
    assert any("clv.independence(spend) tells" in warning for warning in found.warnings)


def test_wholesale_among_customers_is_found() -> None:
    base = PAPER.simulate(1500, WEEKS, seed=2, spend=SPENDING)
    assert base.monetary_value is not None
    worth = base.monetary_value * np.where(np.arange(1500) % 4 == 0, 40.0, 1.0)
    customers = clv.Customers.from_arrays(base.frequency, base.recency, base.T, unit="week", monetary_value=worth)
    warnings = clv.check(learned(clv.GammaGamma(), customers.repeat_buyers()), seed=1).warnings
    assert any(warning.startswith("Gamma-Gamma errs in what customers spend on a purchase") for warning in warnings)


def logged(n: int, seed: int, drift: float) -> pd.DataFrame:
    """A log of half a year by BG/NBD, in days; its clock goes as time to the power of the drift."""
    rng = np.random.default_rng(seed)
    rate, leaves, born = rng.gamma(1.0, 0.02, n), rng.beta(0.8, 2.5, n), rng.uniform(0.0, 60.0, n)
    rows = [(i, day) for i in range(n) for day in _purchases(rng, rate[i], leaves[i], born[i], drift)]
    log = pd.DataFrame(rows, columns=["customer_id", "day"])
    return log.assign(date=pd.Timestamp("2020-01-01") + pd.to_timedelta(np.floor(log["day"]), unit="D"))


def _purchases(rng: np.random.Generator, rate: float, leaves: float, born: float, drift: float) -> Iterator[float]:
    day = born
    while day < 180.0:
        yield day
        if day > born and rng.random() < leaves:
            return
        day = 180.0 * ((day / 180.0) ** drift + rng.exponential(1.0 / rate) / 180.0) ** (1.0 / drift)


def tracked(log: pd.DataFrame) -> clv.Tracking:
    earlier = [clv.rfm_summary(log, value=None, observation_end=end) for end in ends("2020-01-25", "2020-06-28")]
    return clv.tracking(learned(clv.BGNBD(), earlier[-1]), earlier, seed=1)


def test_a_log_of_the_model_is_tracked() -> None:
    assert all(tracked(logged(600, seed, 1.0)).warnings == () for seed in range(3))


def test_a_log_that_speeds_up_is_not() -> None:
    found = tracked(logged(600, 1, 3.0))
    (warning,) = found.warnings
    assert found.frame()["verdict"][0] == "lower"
    assert warning.startswith("BG/NBD errs in how much customers had bought at ")
    assert "of 12 dates; farthest off: repeat purchases " in warning
    assert "clv.split" in warning


# priors alone


def test_default_priors_allow_cdnow(cdnow: clv.Customers, fortnights: list[clv.Customers]) -> None:
    before = clv.fit(clv.BGNBD(), cdnow, clv.PriorOnly(), seed=1)
    spend = clv.fit(clv.GammaGamma(), cdnow.all_buyers(), clv.PriorOnly(), seed=1)
    found = clv.check(before, spend, seed=1)
    assert found.warnings == ()
    assert (found.frame()["verdict"] == "allowed").all()
    assert found.priors == ("BG/NBD", "Gamma-Gamma")
    assert clv.tracking(before, fortnights[::6], seed=1).warnings == ()


def test_priors_that_allow_too_little(cdnow: clv.Customers, fortnights: list[clv.Customers]) -> None:
    """A belief in days, told to customers in weeks, has them buy seven times as often."""
    believed = {"r": clv.priors.LogNormal.around(0.25, 0.1), "alpha": clv.priors.LogNormal.around(0.6, 0.1)}
    before = clv.fit(clv.BGNBD(priors=believed), cdnow, clv.PriorOnly(draws=200), seed=1)
    (warning,) = clv.check(before, seed=1).warnings
    assert warning.startswith(
        "The priors of BG/NBD don't allow what was seen: share with 0 repeat purchases 59.9%, above the"
    )
    assert warning.endswith("it is that of the customers unless a prior names its own.")
    assert clv.check(before, seed=1).priors == ("BG/NBD",)
    (warning,) = clv.tracking(before, fortnights[::6], seed=1).warnings
    assert "So the priors don't allow what was seen" in warning


# what is asked, and refused


def test_what_cannot_be_checked_is_refused(purchases: clv.Fit, spend: clv.Fit, cdnow: clv.Customers) -> None:
    plans = clv.Cohorts.from_survivors([1000, 631, 468], unit="year")
    contract = clv.fit(clv.SBG(), plans, clv.MLE())
    refused: Sequence[tuple[Any, type[ClvError], str]] = [
        (
            lambda: clv.check(contract),
            QuestionError,
            "sBG doesn't say .* check\\(\\) takes a purchase fit, a spend fit, or both",
        ),
        (lambda: clv.check(spend, purchases), QuestionError, "Gamma-Gamma doesn't say what a customer will do"),
        (lambda: clv.check(purchases, purchases), QuestionError, "takes a purchase fit, then a spend fit"),
        (lambda: clv.check(PAPER), QuestionError, "fitted to nobody"),
        (lambda: clv.check(purchases, customers=cdnow.all_buyers()), FitError, "the customers themselves"),
        (lambda: clv.check(purchases, prob=1.0), QuestionError, "no probability of an interval"),
        (lambda: clv.check(purchases, replicates=99), QuestionError, "99 replicates can't tell intervals of 0.98: take 100"),
        (lambda: clv.tracking(spend, [cdnow]), QuestionError, "Gamma-Gamma doesn't say"),
        (lambda: clv.tracking(purchases, []), QuestionError, "no earlier date"),
    ]
    for ask, error, message in refused:
        with pytest.raises(error, match=message):
            ask()


def test_nobody_came_back_and_nobody_spent() -> None:
    """Shares of repeat buyers are 0 where there are none, in replicates too."""
    once = clv.Customers.from_arrays([0, 0], [0, 0], [30, 20], unit="week", monetary_value=[0, 0], first_value=[0, 0])
    idle = clv.BGNBD().at(r=1e-9, alpha=1.0, a=1.0, b=1.0)
    assert (clv.check(idle, customers=once, seed=1).frame()["verdict"] == "as expected").all()
    with pytest.raises(QuestionError, match="no spend to check"):
        clv.check(SPENDING, customers=once)


def test_alike_spenders_have_no_rank_correlation() -> None:
    alike = clv.Customers.from_arrays([1, 1], [9, 9], [30, 20], unit="week", monetary_value=[5, 8])
    heavy = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
    fit = replace(heavy, customers=alike.repeat_buyers())
    assert clv.check(fit, seed=1).findings["Gamma-Gamma"][TOGETHER].observed == 0.0


def test_the_seed_is_kept(purchases: clv.Fit, spend: clv.Fit, fortnights: list[clv.Customers]) -> None:
    once, again, other = (clv.check(purchases, spend, replicates=100, seed=seed).frame() for seed in (3, 3, 4))
    assert once.equals(again)
    assert not once.equals(other)
    once, again = (clv.tracking(purchases, fortnights[::5], replicates=100, seed=3).frame() for _ in range(2))
    assert once.equals(again)


def test_large_bases_are_looked_at_in_part(
    purchases: clv.Fit, spend: clv.Fit, fortnights: list[clv.Customers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicates, "MOST", 500)
    monkeypatch.setattr(tracks, "MOST_AT_ALL", 1500)
    frame = clv.check(purchases, spend, replicates=100, seed=1).frame()
    assert_allclose((frame["observed"][:8] * 500) % 1.0, 0.0, atol=1e-9)
    assert off(clv.check(purchases, replicates=100, seed=1)) <= {*BARS}
    few = clv.tracking(purchases, fortnights[15:], replicates=100, seed=1)
    assert few.customers.sum() == pytest.approx(1500, rel=0.1)
    assert (np.diff(few.frame()["observed"]) >= 0).all(), "the same customers at all dates"
    assert (few.frame()["verdict"] == "as expected").all()


# pictures


def test_pictures_show_the_frames(purchases: clv.Fit, spend: clv.Fit, fortnights: list[clv.Customers]) -> None:
    found = clv.check(purchases, replicates=100, seed=1)
    ax = found.plot()
    heights = [bar.get_height() for bar in ax.patches]
    assert_allclose(heights, found.frame()["observed"][:8])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2", "3", "4", "5", "6", "7+"]
    _, mine = plt.subplots()
    assert clv.check(spend, replicates=100, seed=1).plot(mine) is mine
    assert len(mine.patches) == 3
    track = clv.tracking(purchases, fortnights, replicates=100, seed=1)
    lines = track.plot().get_lines()
    assert_allclose(np.asarray(lines[1].get_ydata(), float), track.frame()["observed"])


def test_what_is_off_has_another_colour(cdnow: clv.Customers) -> None:
    idle = clv.BGNBD().at(r=0.05, alpha=4.414, a=0.793, b=2.426)
    labels = [text.get_text() for text in clv.check(idle, customers=cdnow, seed=1).plot().get_legend().get_texts()]
    assert "expected, 98% (off)" in labels
    early = clv.tracking(idle, [cdnow], seed=1).plot().get_legend().get_texts()
    assert "seen, outside" in [text.get_text() for text in early]
