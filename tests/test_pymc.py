"""The bridge to PyMC: our likelihood as a node, our models whole, posteriors of a user's own as fits."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.gradient import NullTypeGradError
from xarray import Dataset

import clvmodels as clv
from clvmodels import priors
from clvmodels.errors import ModelError
from clvmodels.heavy import heavy
from clvmodels.node import node
from clvmodels.objective import Objective
from clvmodels.questions.asking import histories_of

if TYPE_CHECKING:
    from collections.abc import Callable

pm = heavy("pymc")

THETA: dict[str, Any] = {"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4}
BELIEVED: dict[Any, priors.Prior] = {
    "r": priors.HalfStudentT(3.0, 1.0),
    "alpha": priors.Gamma(2.0, 0.2, unit="day"),
    ("a", "b"): priors.BetaMeanPrecision(precision=priors.Weibull(1.5, 4.0)),
}
OTHERS: dict[Any, priors.Prior] = {
    "p": priors.Exponential(0.3),
    "q": priors.HalfNormal(4.0),
    "v": priors.LogNormal(3.0, 1.0),
}


def bowl(point: np.ndarray) -> tuple[float, np.ndarray]:
    """Highest at 1; impossible below 0."""
    with np.errstate(invalid="ignore"):
        return float((np.log(point) - point).sum()), 1.0 / point - 1.0


def evaluated(shape: tuple[int, ...]) -> Callable[[np.ndarray], list[np.ndarray]]:
    point = pt.tensor("point", shape=shape, dtype="float64")
    value = 3.0 * node(bowl, point**2)
    return pytensor.function([point], [value, pt.grad(value, point)])


@pytest.mark.parametrize("shape", [(), (3,), (2, 2)], ids=str)
def test_a_node_has_the_value_and_the_slopes_of_its_function(shape: tuple[int, ...]) -> None:
    point = np.random.default_rng(1).uniform(0.5, 2.0, shape)
    value, slopes = evaluated(shape)(point)
    np.testing.assert_allclose(value, 3.0 * bowl(point**2)[0], rtol=1e-15)
    np.testing.assert_allclose(slopes, 6.0 * point * bowl(point**2)[1], rtol=1e-15)


def test_what_cannot_be_is_minus_infinity_without_a_slope() -> None:
    point = pt.vector("point")
    value = node(bowl, point)
    with np.errstate(invalid="ignore"):
        found, slopes = pytensor.function([point], [value, pt.grad(value, point)])(np.array([-1.0, 2.0]))
    assert found == -np.inf
    np.testing.assert_array_equal(slopes, [0.0, 0.0])


def test_a_node_says_that_it_has_no_second_derivatives() -> None:
    point = pt.vector("point")
    with pytest.raises(NullTypeGradError, match="second derivatives"):
        pt.grad(pt.grad(node(bowl, point), point).sum(), point)


def test_a_likelihood_can_be_sent_to_processes_that_know_nothing(cdnow: clv.Customers) -> None:
    with pm.Model():
        value = clv.pymc.likelihood(clv.BGNBD(), cdnow, group=np.arange(len(cdnow)) % 2, **THETA)
    again = pickle.loads(pickle.dumps(value.owner.op))  # noqa: S301
    theta = np.array([list(THETA.values())] * 2)
    np.testing.assert_array_equal(again.function(theta)[0], value.eval())


CASES: dict[str, tuple[clv.contract.Model, Any]] = {
    "defaults": (clv.ParetoNBD(), lambda customers: customers),
    "all kinds of priors": (clv.BGNBD(priors=BELIEVED), lambda customers: customers),
    "spend": (clv.GammaGamma(priors=OTHERS), lambda customers: customers.all_buyers()),
    "cohorts": (clv.SBG(), lambda _: clv.Cohorts.from_survivors([1000, 631, 468, 382], unit="year")),
}


@pytest.mark.parametrize("case", CASES)
def test_the_whole_model_is_the_posterior_that_we_climb(case: str, cdnow: clv.Customers) -> None:
    """Up to a constant; PyMC has logs of the parameters as we do, or the log odds of a mean and the log of a precision."""
    model, view = CASES[case]
    told = view(cdnow)
    objective = Objective(model, histories_of(model, told, model.history), believes=True, unit=told.unit)
    whole = clv.pymc.pymc_model(model, told)
    function = whole.compile_fn([whole.logp(), whole.dlogp()], mode="FAST_COMPILE")
    points = np.random.default_rng(2).normal(0.0, 0.5, (5, objective.dimension))
    values, gradients = objective(points)
    constants = []
    for theta, value, slopes in zip(objective.theta(points), values, gradients, strict=True):
        known, by_name = (dict(zip(model.parameters(), numbers, strict=True)) for numbers in (theta, slopes))
        found, found_slopes = function(placed(whole, known))
        constants.append(float(found) - value)
        expected = [sloping(variable.name, known, by_name) for variable in whole.free_RVs]
        np.testing.assert_allclose(found_slopes, expected, rtol=1e-9, atol=1e-8 * abs(value))
    np.testing.assert_allclose(np.subtract(constants, constants[0]), 0.0, atol=1e-12 * np.abs(values).max())


def placed(whole: Any, theta: dict[str, float]) -> dict[str, np.ndarray]:
    """Where PyMC has parameters, on its lines; those of a mean and a precision have the volume of (log a, log b)."""
    if "a" in theta:
        precision = theta["a"] + theta["b"]
        theta = theta | {"a_b_mean": theta["a"] / precision, "a_b_precision": precision}
    named = {whole.rvs_to_values[v].name: theta[v.name] for v in whole.free_RVs}
    return {n: np.array(np.log(z / (1.0 - z)) if n.endswith("logodds__") else np.log(z)) for n, z in named.items()}


def sloping(name: str, theta: dict[str, float], slopes: dict[str, float]) -> float:
    """The slope in one of PyMC's variables, by those in the logs of the parameters."""
    if name == "a_b_mean":
        return (theta["b"] * slopes["a"] - theta["a"] * slopes["b"]) / (theta["a"] + theta["b"])
    return slopes["a"] + slopes["b"] if name == "a_b_precision" else slopes[name]


def half(customers: clv.Customers, which: np.ndarray) -> clv.Customers:
    return clv.Customers.from_arrays(customers.frequency[which], customers.recency[which], customers.T[which], unit="week")


def test_groups_add_up_and_have_slopes_of_their_own(cdnow: clv.Customers) -> None:
    """Vectors and numbers mixed: the likelihood of each group alone, and a group without customers says nothing."""
    group = np.random.default_rng(3).integers(0, 3, len(cdnow))
    r = np.array([0.2, 0.3, 0.4, 0.5])
    with pm.Model():
        shapes = pt.vector("r", shape=(4,))
        value = clv.pymc.likelihood(clv.BGNBD(), cdnow, group=group, r=shapes, alpha=4, a=0.8, b=pt.constant(2.4))
    found, slopes = pytensor.function([shapes], [value, pt.grad(value, shapes)])(r)
    alone = [clv.BGNBD().at(r=r[g], alpha=4, a=0.8, b=2.4).pointwise(half(cdnow, group == g)).sum() for g in range(3)]
    np.testing.assert_allclose(found, sum(alone), rtol=1e-12)
    ahead = [clv.BGNBD().at(r=r[g] + 1e-6, alpha=4, a=0.8, b=2.4).pointwise(half(cdnow, group == g)).sum() for g in range(3)]
    np.testing.assert_allclose(slopes, [*(np.subtract(ahead, alone) / 1e-6), 0.0], rtol=1e-4)


def test_one_set_of_parameters_may_hold_for_all_groups(cdnow: clv.Customers) -> None:
    group = np.arange(len(cdnow)) % 2
    with pm.Model() as mine:
        split = clv.pymc.likelihood(clv.BGNBD(), cdnow, group=group, **THETA)
        whole = clv.pymc.likelihood(clv.BGNBD(), cdnow, name="whole", **THETA)
    assert [v.name for v in mine.potentials] == ["likelihood", "whole"]
    np.testing.assert_allclose(split.eval(), whole.eval(), rtol=1e-12)
    np.testing.assert_allclose(whole.eval(), clv.BGNBD().at(**THETA).pointwise(cdnow).sum(), rtol=1e-12)


def test_impossible_parameters_are_impossible(cdnow: clv.Customers) -> None:
    with pm.Model():
        assert clv.pymc.likelihood(clv.BGNBD(), cdnow, r=-1.0, alpha=4.0, a=1.0, b=1.0).eval() == -np.inf


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a parameter too few": ({"r": 1.0}, r"\(r, alpha, a, b\), all needed; got \(r\)"),
    "a stranger": ({**THETA, "s": 1.0}, r"\(r, alpha, a, b\), all needed"),
    "labels": ({**THETA, "group": ["web", "shop"]}, r"numbers of groups.*pd\.factorize"),
    "negative numbers": ({**THETA, "group": [0, -1]}, r"0, 1, 2"),
    "another length": ({**THETA, "group": [0, 1, 0]}, r"group has shape \(3,\) for 2 customers"),
    "a vector without groups": ({**THETA, "r": [0.2, 0.3]}, r"\(r\) can't have.*single numbers.*group="),
    "a matrix": ({**THETA, "r": [[0.2]], "group": [0, 0]}, r"\(r\) can't have.*a number a group"),
    "too short a vector": ({**THETA, "r": [0.2, 0.3], "group": [0, 2]}, r"3 groups need vectors.*not of 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_makes_no_likelihood_is_refused(name: str) -> None:
    told, words = REFUSED[name]
    customers = clv.Customers.from_arrays([2, 0], [20, 0], [30, 30], unit="week")
    with pm.Model(), pytest.raises(ModelError, match=words):
        clv.pymc.likelihood(clv.BGNBD(), customers, **told)


def test_counted_customers_have_no_groups() -> None:
    cohorts = clv.Cohorts.from_survivors([1000, 631, 468], unit="year")
    with pm.Model(), pytest.raises(ModelError, match="a likelihood for each"):
        clv.pymc.likelihood(clv.SBG(), cohorts, group=[0, 0, 1], alpha=1.0, beta=1.0)


def pooled(customers: clv.Customers) -> Any:
    """Rates that differ between three groups, drawn to their middle."""
    with pm.Model(coords={"channel": ["web", "shop", "fair"]}) as mine:
        middle, spread = pm.Normal("middle", 0.0, 2.0), pm.HalfNormal("spread", 0.5)
        apart = pm.Normal("apart", dims="channel")
        alpha = pm.Deterministic("alpha", pm.math.exp(middle + spread * apart), dims="channel")
        others = {name: pm.LogNormal(name, 0.0, 1.0) for name in ("r", "a", "b")}
        group = np.arange(len(customers)) % 3
        clv.pymc.likelihood(clv.BGNBD(), customers, group=group, alpha=alpha, **others)
    return mine


TUNING = {"draws": 150, "tune": 150, "chains": 2, "nuts_sampler": "pymc", "progressbar": False, "random_seed": 1}


def test_it_samples_in_processes_side_by_side(cdnow: clv.Customers) -> None:
    with pooled(cdnow):
        check(pm.sample(**TUNING, cores=2, mp_ctx="fork", compute_convergence_checks=False), cdnow)


def test_it_samples_under_nutpie(cdnow: clv.Customers) -> None:
    nutpie = pytest.importorskip("nutpie")
    settings = {"draws": 150, "tune": 150, "chains": 2, "seed": 1, "progress_bar": False}
    check(nutpie.sample(nutpie.compile_pymc_model(pooled(cdnow)), **settings), cdnow)


def check(drawn: Any, customers: clv.Customers) -> None:
    """One channel's posterior answers questions as a fit does."""
    fit = clv.pymc.to_fit(drawn, clv.BGNBD(), customers, channel="shop")
    assert fit.draws.shape == (300, 4)
    assert fit.chains == 2
    assert fit.stats["diverging"].shape == (2, 150)
    assert max(fit.record.r_hat) < 1.1
    np.testing.assert_allclose(fit.draws[:150, 1], drawn["posterior"]["alpha"].sel(channel="shop", chain=0), rtol=0)
    alone = clv.fit(clv.BGNBD(), half(customers, np.arange(len(customers)) % 3 == 1), clv.MLE())
    ratio = fit.expected_purchases(39).sum().mean / alone.expected_purchases(39, customers).sum().mean
    assert 0.9 < ratio < 1.1


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("r", "alpha", "a"), r"no \(b\), which BG/NBD needs.*pm\.Deterministic"),
        (("r", "alpha", "a", "b"), r"select one of each of \(channel\), as in channel="),
    ],
)
def test_what_is_no_posterior_of_the_model_is_refused(names: tuple[str, ...], words: str, cdnow: clv.Customers) -> None:
    drawn = Dataset({name: (("chain", "draw", "channel"), np.ones((2, 9, 3))) for name in names})
    with pytest.raises(ModelError, match=words):
        clv.pymc.to_fit({"posterior": drawn}, clv.BGNBD(), cdnow)


def test_chains_that_disagree_are_told(cdnow: clv.Customers) -> None:
    draws = np.random.default_rng(5).lognormal(0.0, 0.1, (2, 100)) * np.array([[1.0], [2.0]])
    drawn = Dataset(dict.fromkeys(THETA, (("chain", "draw"), draws)))
    record = clv.pymc.to_fit({"posterior": drawn}, clv.BGNBD(), cdnow).record
    assert not record.converged
    assert "don't agree" in record.warnings[0]
    assert record.learned, "it isn't mistaken for draws of the priors, by checks"
