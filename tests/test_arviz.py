"""Fits in ArviZ: what the groups hold, and that the tools of either ArviZ work on them as they are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest

import clvmodels as clv
from clvmodels.errors import QuestionError
from clvmodels.heavy import heavy

az = heavy("arviz")
mpl.use("agg")
OLD = az.__version__.startswith("0.")
MODELS = (clv.BGNBD(), clv.MBGNBD(), clv.ParetoNBD())

pytestmark = [
    pytest.mark.filterwarnings("ignore:The inplace keyword"),
    pytest.mark.filterwarnings("ignore:Passing a dict or None as alias_mapping"),
]
"""What pandas 3 and matplotlib 3.11 say to ArviZ 0.23."""


@pytest.fixture(scope="module")
def told(purchases: clv.Fit) -> Any:
    """The BG/NBD posterior of CDNOW, with all groups, as of two chains of a sampler."""
    stats = {"diverging": np.zeros((2, 500), dtype=bool)}
    return replace(purchases, chains=2, stats=stats).to_arviz(log_likelihood=True, predictive=True, prior=True, seed=1)


def test_the_type_is_that_of_the_installed_arviz(told: Any) -> None:
    assert type(told).__name__ == ("InferenceData" if OLD else "DataTree")


SIZES = {
    "posterior": {"chain": 2, "draw": 500},
    "sample_stats": {"chain": 2, "draw": 500},
    "log_likelihood": {"chain": 2, "draw": 500, "customer": 2357},
    "posterior_predictive": {"chain": 2, "draw": 100, "customer": 2357},
    "prior": {"chain": 1, "draw": 1000},
    "prior_predictive": {"chain": 1, "draw": 100, "customer": 2357},
    "observed_data": {"customer": 2357},
    "constant_data": {"customer": 2357},
}
NAMES = {
    "posterior": ["r", "alpha", "a", "b"],
    "sample_stats": ["diverging"],
    "log_likelihood": ["purchases"],
    "posterior_predictive": ["frequency", "recency"],
    "prior": ["r", "alpha", "a", "b"],
    "prior_predictive": ["frequency", "recency"],
    "observed_data": ["frequency", "recency"],
    "constant_data": ["T"],
}


@pytest.mark.parametrize("group", SIZES)
def test_groups_have_names_and_dimensions(group: str, told: Any) -> None:
    assert dict(told[group].sizes) == SIZES[group]
    assert list(told[group].data_vars) == NAMES[group]
    assert told[group].attrs["inference_library"] == "clvmodels"
    assert told[group].attrs["method"] == "Laplace(draws=1000)"


def test_groups_hold_what_the_fit_knows(told: Any, purchases: clv.Fit, cdnow: clv.Customers) -> None:
    np.testing.assert_array_equal(told["posterior"]["alpha"].values.ravel(), purchases.draws[:, 1])
    np.testing.assert_array_equal(told["posterior"]["alpha"].sel(chain=1, draw=3), purchases.draws[503, 1])
    np.testing.assert_array_equal(told["observed_data"]["recency"], cdnow.recency)
    np.testing.assert_array_equal(told["log_likelihood"]["customer"], cdnow.ids.to_list())
    one = clv.BGNBD().at(**dict(zip(("r", "alpha", "a", "b"), purchases.draws[503], strict=True)))
    np.testing.assert_allclose(told["log_likelihood"]["purchases"].sel(chain=1, draw=3), one.pointwise(cdnow), rtol=1e-12)


def test_replicas_are_like_the_customers(told: Any, cdnow: clv.Customers) -> None:
    """In the mean of frequency, and watched for as long, each."""
    again = told["posterior_predictive"]
    assert abs(float(again["frequency"].mean()) / cdnow.frequency.mean() - 1.0) < 0.05
    assert bool((again["recency"] <= told["constant_data"]["T"]).all())
    np.testing.assert_array_equal(again["draw"][[0, 1, -1]], [0, 5, 499])


def test_priors_are_those_of_the_model(told: Any, cdnow: clv.Customers) -> None:
    logs = np.log(told["prior"]["alpha"] / cdnow.T.mean())
    assert abs(float(logs.mean())) < 0.2
    assert abs(float(logs.std()) - 2.0) < 0.15


def test_the_same_seed_draws_the_same(purchases: clv.Fit) -> None:
    few = replace(purchases, draws=purchases.draws[:5])
    one, other, third = (few.to_arviz(predictive=True, seed=seed)["posterior_predictive"] for seed in (1, 1, 2))
    assert bool((one["recency"] == other["recency"]).all())
    assert not bool((one["recency"] == third["recency"]).all())


def test_leave_one_out_ranks_models(cdnow: clv.Customers) -> None:
    """Pareto/NBD last, as the likelihood has it, the two others level; with weights to be trusted."""
    trees = {model.name: clv.fit(model, cdnow, seed=1).to_arviz(log_likelihood=True) for model in MODELS}
    found = {name: az.loo(tree, pointwise=True) for name, tree in trees.items()}
    table = az.compare(found)
    assert all(float(loo.pareto_k.max()) < 0.7 for loo in found.values())
    assert table.index[-1] == "Pareto/NBD"
    elpd = {name: float(loo.elpd_loo if OLD else loo.elpd) for name, loo in found.items()}
    assert abs(elpd["BG/NBD"] - elpd["MBG/NBD"]) < 0.5
    assert abs(elpd["Pareto/NBD"] - elpd["BG/NBD"] + 12.8) < 0.5


def test_tools_work_as_they_are(told: Any) -> None:
    assert list(az.summary(told).index) == ["r", "alpha", "a", "b"]
    assert all(np.asarray(az.summary(told)["r_hat"], float) < 1.02)
    if OLD:
        az.plot_trace(told)
        az.plot_ppc(told, num_pp_samples=20)
        az.plot_ppc(told, group="prior", num_pp_samples=20)
    else:
        az.plot_trace(told)
        az.plot_ppc_dist(told, num_samples=20)
        az.plot_ppc_dist(told, group="prior_predictive", num_samples=20)


def test_it_lies_in_a_file_as_it_is(told: Any, tmp_path: Any) -> None:
    pytest.importorskip("h5netcdf")
    told.to_netcdf(tmp_path / "fit.nc")
    again = az.from_netcdf(tmp_path / "fit.nc")
    np.testing.assert_array_equal(again["posterior"]["r"], told["posterior"]["r"])


def test_spend_is_told_of_those_who_spent(cdnow: clv.Customers) -> None:
    """What buyers spent on average is explained, how many purchases they made is given."""
    fit = clv.fit(clv.GammaGamma(), cdnow.all_buyers(), clv.Laplace(draws=200), seed=1)
    told = fit.to_arviz(log_likelihood=True, predictive=True, prior=True, seed=1)
    buyers = cdnow.all_buyers().frame()
    assert list(told["log_likelihood"].data_vars) == ["spend"]
    np.testing.assert_array_equal(told["constant_data"]["purchases"], buyers["purchases"])
    np.testing.assert_array_equal(told["observed_data"]["mean_value"], buyers["mean_value"])
    np.testing.assert_array_equal(told["observed_data"]["customer"], buyers["customer_id"])
    again = told["posterior_predictive"]["mean_value"]
    assert abs(float(again.mean()) / buyers["mean_value"].mean() - 1.0) < 0.1
    assert bool((told["prior_predictive"]["mean_value"] > 0).all())


def test_counted_customers_are_told_one_by_one() -> None:
    cohorts = clv.Cohorts.from_survivors([1000, 631, 468], unit="year")
    fit = clv.fit(clv.SBG(), cohorts, clv.Laplace(draws=50), seed=1)
    told = fit.to_arviz(log_likelihood=True)
    assert dict(told["log_likelihood"]["renewals"].sizes) == {"chain": 1, "draw": 50, "customer": 1000}
    assert int((told["observed_data"]["lost"] == 0).sum()) == 468
    total = told["log_likelihood"]["renewals"].sum("customer")[0, 7]
    one = clv.SBG().at(**dict(zip(("alpha", "beta"), fit.draws[7], strict=True)), unit="year")
    weights = cohorts.histories(("t", "lost")).weights[cohorts.histories(("t", "lost")).index]
    assert weights.sum() == 1000
    np.testing.assert_allclose(total, one.pointwise(cohorts) @ weights, rtol=1e-12)
    with pytest.raises(QuestionError, match="doesn't say what a customer will do"):
        fit.to_arviz(predictive=True)


def test_a_point_is_a_draw(bgnbd: clv.Fit) -> None:
    assert dict(bgnbd.to_arviz()["posterior"].sizes) == {"chain": 1, "draw": 1}


def test_published_parameters_have_seen_nobody() -> None:
    paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    assert float(paper.to_arviz()["posterior"]["r"][0, 0]) == 0.243
    with pytest.raises(QuestionError, match="fitted to nobody"):
        paper.to_arviz(log_likelihood=True)


@pytest.mark.parametrize("model", [clv.BGBB(), clv.MBGCNBD(k=2)], ids=lambda model: model.name)
def test_other_histories_are_told_too(model: clv.contract.Model) -> None:
    """Opportunities, and the logs of the gaps."""
    theta = {"r": 1.0, "alpha": 5.0, "a": 0.8, "b": 2.4} if isinstance(model, clv.MBGCNBD) else None
    paper = model.at(**(theta or {"alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}), unit="year")
    seen = paper.simulate(300, 6, seed=1)
    told = clv.fit(model, seen, clv.Laplace(draws=20), seed=1).to_arviz(predictive=True, seed=1)
    assert list(told["posterior_predictive"].data_vars) == list(told["observed_data"].data_vars)
    assert ("litt" in told["observed_data"]) == ("litt" in model.history)
