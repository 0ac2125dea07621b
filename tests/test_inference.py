"""Methods: the mode and its errors, the posterior against an exact one, and the words for what can't be had."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from scipy.special import gammaln

import clvmodels as clv
from clvmodels.errors import FitError
from clvmodels.histories import Histories
from clvmodels.objective import Objective

BG = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


def sides(which: str, cdnow: clv.Customers) -> tuple[Any, clv.Customers | clv.Buyers]:
    return (clv.BGNBD(), cdnow) if which == "BG/NBD" else (clv.GammaGamma(), cdnow.all_buyers())


BOTH = pytest.mark.parametrize("which", ["BG/NBD", "Gamma-Gamma"])


@BOTH
def test_the_maximum_is_where_the_gradient_is_nothing(which: str, cdnow: clv.Customers) -> None:
    model, seen = sides(which, cdnow)
    fit = clv.fit(model, seen, clv.MLE())
    _, gradient = Objective(model, seen.histories(model.history), believes=False).at(
        np.log(fit.mode / scale_of(model, seen))
    )
    deviations = np.sqrt(np.diag(fit.covariance))
    assert fit.record.converged
    assert not fit.record.warnings
    assert np.abs(gradient * deviations).max() < 1e-6


def scale_of(model: Any, seen: clv.Customers | clv.Buyers) -> np.ndarray:
    return Objective(model, seen.histories(model.history), believes=True).scales


@BOTH
@pytest.mark.parametrize("weeks", [1.0, 7.0], ids=["weeks", "days"])
def test_beliefs_are_gentle(which: str, weeks: float, cdnow: clv.Customers) -> None:
    """On two thousand customers neither the mode nor the mean of the posterior is far from the maximum of the likelihood."""
    told = clv.Customers.from_arrays(
        cdnow.frequency,
        weeks * cdnow.recency,
        weeks * cdnow.T,
        unit="week" if weeks == 1.0 else "day",
        monetary_value=cdnow.monetary_value,
        first_value=cdnow.first_value,
    )
    model, seen = sides(which, told)
    likeliest, mode = (clv.fit(model, seen, method).mode for method in (clv.MLE(), clv.MAP()))
    posterior = clv.fit(model, seen, seed=1).parameters()
    assert (np.abs(mode - likeliest) < 0.5 * posterior["sd"]).all()
    assert (np.abs(posterior["mean"] - likeliest) < 0.5 * posterior["sd"]).all()


@pytest.fixture(scope="module")
def small() -> clv.Customers:
    """Three hundred customers, of whom BG/NBD's dropout is known roughly."""
    spend = clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
    return clv.BGNBD().at(**{**BG, "r": 0.6}).simulate(300, 39.0, seed=12, spend=spend)


def exact_posterior(model: Any, seen: clv.Customers | clv.Buyers, number: int) -> tuple[np.ndarray, np.ndarray]:
    """Points on the line and their weights, which sum to one: importance sampling from a wide t around the mode."""
    objective = Objective(model, seen.histories(model.history), believes=True)
    summit = clv.fit(model, seen, clv.MAP())
    rng = np.random.default_rng(99)
    centre, freedom = np.log(summit.mode / objective.scales), 5
    root = np.linalg.cholesky(1.3 * summit.covariance)
    normal = rng.standard_normal((number, len(centre)))
    stretched = normal / np.sqrt(rng.chisquare(freedom, number) / freedom)[:, None]
    points = centre + stretched @ root.T
    proposal = -0.5 * (freedom + len(centre)) * np.log1p((stretched**2).sum(axis=1) / freedom)
    logs = objective(points)[0] - proposal
    weights = np.exp(logs - logs.max())
    return np.log(objective.theta(points)), weights / weights.sum()


def weighed_quantile(values: np.ndarray, weights: np.ndarray, q: float) -> float:
    order = np.argsort(values)
    return float(np.interp(q, np.cumsum(weights[order]), values[order]))


@BOTH
@pytest.mark.parametrize("who", ["cdnow", "small"])
def test_laplace_is_the_posterior(which: str, who: str, cdnow: clv.Customers, small: clv.Customers) -> None:
    model, seen = sides(which, cdnow if who == "cdnow" else small)
    points, weights = exact_posterior(model, seen, 40_000 if who == "cdnow" else 100_000)
    assert 1.0 / (weights**2).sum() > 10_000, "the reference itself must be good to a hundredth of a deviation"
    fit = clv.fit(model, seen, clv.Laplace(draws=4000), seed=5)
    draws = np.log(fit.draws)
    mean = weights @ points
    deviation = np.sqrt(weights @ (points - mean) ** 2)
    assert fit.record.pareto_k is not None
    assert fit.record.pareto_k < 0.7
    assert (np.abs(draws.mean(axis=0) - mean) < 0.05 * deviation).all()
    assert (np.abs(draws.std(axis=0) / deviation - 1.0) < 0.05).all()
    for q in (0.05, 0.95):
        ends = np.array([weighed_quantile(column, weights, q) for column in points.T])
        assert (np.abs(np.quantile(draws, q, axis=0) - ends) < 0.1 * deviation).all()


def test_the_likelihood_climbed_is_that_of_the_paper(cdnow: clv.Customers) -> None:
    """Fader, Hardie & Lee (2005), eq. 6, in plain numpy at random points."""
    x, t_x, T, _ = cdnow.letters().values()
    objective = Objective(clv.BGNBD(), Histories.of(cdnow.letters()), believes=False)
    u = np.random.default_rng(3).normal(0.0, 0.7, (6, 4))
    found = objective(u)[0]
    for (r, alpha, a, b), value in zip(objective.theta(u), found, strict=True):
        front = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        trials = gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
        third = -(r + x) * np.log(alpha + T)
        with np.errstate(divide="ignore"):
            fourth = np.where(
                x > 0, np.log(a) - np.log(np.maximum(b + x - 1.0, 1e-9)) - (r + x) * np.log(alpha + t_x), -np.inf
            )
        assert value == pytest.approx((front + trials + np.logaddexp(third, fourth)).sum(), rel=1e-12)


@pytest.mark.parametrize("method", [clv.Laplace(draws=100), clv.MAP(), clv.MLE()], ids=repr)
@BOTH
def test_a_seed_gives_the_same_again(which: str, method: Any, cdnow: clv.Customers) -> None:
    model, seen = sides(which, cdnow)
    once, again = (clv.fit(model, seen, method, seed=3) for _ in range(2))
    np.testing.assert_array_equal(once.draws, again.draws)
    assert once.record.seed == 3


def test_another_seed_gives_other_draws_of_the_same_posterior(cdnow: clv.Customers, purchases: clv.Fit) -> None:
    other = clv.fit(clv.BGNBD(), cdnow, seed=2)
    assert not np.array_equal(other.draws, purchases.draws)
    apart = np.abs(other.draws.mean(axis=0) - purchases.draws.mean(axis=0)) / purchases.draws.std(axis=0)
    assert apart.max() < 0.1


def test_a_seed_that_was_not_given_is_kept(cdnow: clv.Customers) -> None:
    once = clv.fit(clv.BGNBD(), cdnow, clv.Laplace(draws=50))
    again = clv.fit(clv.BGNBD(), cdnow, clv.Laplace(draws=50), seed=once.record.seed)
    np.testing.assert_array_equal(once.draws, again.draws)


def test_draws_of_purchases_and_spend_are_strangers(purchases: clv.Fit, spend: clv.Fit) -> None:
    """Fitted with one seed, or the two posteriors would be paired as if the data had linked them."""
    assert purchases.record.seed == spend.record.seed
    correlations = np.corrcoef(np.log(purchases.draws).T, np.log(spend.draws).T)[:4, 4:]
    assert np.abs(correlations).max() < 4.5 / np.sqrt(len(spend.draws))


def test_draws_come_in_no_order(purchases: clv.Fit) -> None:
    for column in np.log(purchases.draws).T:
        assert abs(np.corrcoef(column[1:], column[:-1])[0, 1]) < 4.5 / np.sqrt(len(column))


@pytest.mark.parametrize(("n", "theta"), [(200, {**BG, "r": 0.05, "alpha": 40.0}), (200, {**BG, "r": 0.02, "alpha": 50.0})])
def test_next_to_nothing_is_said_in_words(n: int, theta: dict[str, float]) -> None:
    customers = clv.BGNBD().at(**theta).simulate(n, 10.0, seed=3)
    assert 0 < customers.frequency.sum() < 30
    fit = clv.fit(clv.BGNBD(), customers, seed=1)
    assert fit.record.warnings
    assert any("more customers" in warning.lower() for warning in fit.record.warnings)
    assert np.isfinite(fit.expected_purchases(10).interval()).all()


@pytest.mark.parametrize("method", [clv.Laplace(), clv.NUTS(draws=200, tune=300, chains=2)])
def test_no_repeat_purchase_at_all_is_said_in_words(method: clv.Laplace | clv.NUTS) -> None:
    customers = clv.Customers.from_arrays(np.zeros(50), np.zeros(50), np.linspace(5, 20, 50), unit="week")
    fit = clv.fit(clv.BGNBD(), customers, method, seed=1)
    assert any("say little about" in warning for warning in fit.record.warnings)
    assert np.isfinite(fit.expected_purchases(10).mean).all()


@pytest.fixture(scope="module")
def loyal() -> clv.Customers:
    """Customers who never leave: purchases at a gamma-distributed rate, for ever."""
    rng = np.random.default_rng(6)
    rate, T = rng.gamma(2.0, 1 / 8.0, 800), rng.uniform(20, 60, 800)
    x = rng.poisson(rate * T)
    t_x = T * np.where(x > 0, rng.random(800) ** (1.0 / np.maximum(x, 1)), 0.0)
    return clv.Customers.from_arrays(x, t_x, T, unit="week")


def test_nobody_leaves_is_a_result_with_a_name(loyal: clv.Customers) -> None:
    fit = clv.fit(clv.BGNBD(), loyal, clv.MLE(), seed=1)
    (warning,) = fit.record.warnings
    assert "edge" in warning
    assert "a -> 0" in warning or "b -> infinity" in warning
    assert not fit.record.converged
    forecast = fit.expected_purchases(39).mean
    assert np.isfinite(forecast).all()
    # nearly those of the negative binomial law that it has nearly become, and never above them
    r, alpha = fit.mode[:2]
    endless = 39 * (r + loyal.frequency) / (alpha + loyal.T)
    assert (forecast <= endless * (1.0 + 1e-9)).all()
    assert forecast.sum() == pytest.approx(endless.sum(), rel=0.02)
    assert np.median(fit.probability_alive().mean) > 0.999


@pytest.mark.parametrize("method", [clv.MAP(), clv.Laplace()], ids=repr)
def test_beliefs_keep_away_from_the_edge(method: Any, loyal: clv.Customers) -> None:
    fit = clv.fit(clv.BGNBD(), loyal, method, seed=1)
    assert not any("edge" in warning for warning in fit.record.warnings)
    forecast = fit.expected_purchases(39)
    assert np.isfinite(forecast.mean).all()
    naive = 39 * (fit.draws[:, :1] + loyal.frequency) / (fit.draws[:, 1:2] + loyal.T)
    assert abs(forecast.mean.sum() / naive.mean(axis=0).sum() - 1.0) < 0.1


def test_a_record_tells_how(purchases: clv.Fit, bgnbd: clv.Fit) -> None:
    assert purchases.record.method == "Laplace(draws=1000)"
    assert bgnbd.record.method == "MLE()"
    assert purchases.record.converged
    assert purchases.record.evaluations >= 1000
    assert 0.0 < bgnbd.record.seconds < 60.0
    assert bgnbd.record.pareto_k is None


def test_parameters_of_a_posterior(purchases: clv.Fit) -> None:
    table = purchases.parameters(prob=0.8)
    assert table.index.tolist() == ["r", "alpha", "a", "b"]
    assert table.columns.tolist() == ["mean", "sd", "low", "high", "ess", "r_hat"]
    np.testing.assert_allclose(table["low"], np.quantile(purchases.draws, 0.1, axis=0))
    np.testing.assert_allclose(table["high"], np.quantile(purchases.draws, 0.9, axis=0))
    np.testing.assert_allclose(table["mean"], purchases.draws.mean(axis=0))


def test_parameters_of_a_point_have_an_interval_on_the_line(bgnbd: clv.Fit) -> None:
    table = bgnbd.parameters(prob=0.95)
    spread = table["sd"] / table["mean"]
    np.testing.assert_allclose(table["high"] / table["mean"], np.exp(1.959963984540054 * spread), rtol=1e-9)
    np.testing.assert_allclose(table["low"] * table["high"], table["mean"] ** 2, rtol=1e-9)


def test_theta_has_the_shape_of_what_was_learned(purchases: clv.Fit, bgnbd: clv.Fit) -> None:
    assert purchases.theta.r.shape == (1000,)
    assert bgnbd.theta.r.shape == ()


def test_laplace_needs_a_draw() -> None:
    with pytest.raises(FitError, match="at least one draw"):
        clv.Laplace(draws=0)


@pytest.mark.parametrize(
    "model", [clv.BGNBD(), clv.MBGNBD(), clv.ParetoNBD(), clv.BGCNBD(2), clv.NBD(), clv.GGNBD(), clv.GammaGamma()], ids=repr
)
def test_one_point_is_a_batch_of_one(model: Any, cdnow: clv.Customers) -> None:
    """The one call of samplers and climbs gives what a batch gives."""
    seen = cdnow.all_buyers() if "m" in model.history else cdnow
    objective = Objective(model, seen.histories(model.history).with_constants(model.settings()), believes=True)
    for u in np.random.default_rng(2).normal(0.0, 1.0, (5, objective.dimension)):
        value, gradient = objective.at(u)
        values, gradients = objective(u[None])
        assert value == pytest.approx(values[0], rel=1e-12)
        np.testing.assert_allclose(gradient, gradients[0], rtol=1e-9, atol=1e-7)


BEYOND = """
import numpy as np
import clvmodels as clv
from clvmodels.objective import Objective
from clvmodels.questions.asking import histories_of
few = clv.Customers.from_arrays([0, 2, 7], [0, 20, 38], [39, 39, 39], unit="week")
for model in (clv.GGNBD(), clv.ParetoNBD(), clv.BGNBD()):
    objective = Objective(model, histories_of(model, few, model.history), believes=False)
    for b, beta in ((300.0, -500.0), (600.0, -600.0), (-600.0, 600.0), (700.0, 0.0)):
        u = np.zeros(objective.dimension)
        u[2], u[-1] = b, beta
        value = objective.at(u)[0]
        assert np.isfinite(value) or value == -np.inf, (model, b, beta, value)
print("done")
"""


def test_a_climb_that_strays_beyond_all_sense_comes_back() -> None:
    """Scales of time there underflow to 0: in a process of its own, for an endless loop has no other end."""
    done = subprocess.run([sys.executable, "-c", BEYOND], capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    assert done.stdout == "done\n", done.stderr
