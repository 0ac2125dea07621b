"""Priors: against scipy's laws, in any unit, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import integrate, stats

import clvmodels as clv
from clvmodels import priors
from clvmodels.errors import ClvError, ModelError
from clvmodels.objective import Objective

LAWS: dict[str, tuple[priors.Prior, Any]] = {
    "LogNormal": (priors.LogNormal(0.7, 1.3), stats.lognorm(1.3, scale=np.exp(0.7))),
    "HalfNormal": (priors.HalfNormal(2.5), stats.halfnorm(scale=2.5)),
    "HalfStudentT": (priors.HalfStudentT(3.5, 1.7), None),
    "Gamma": (priors.Gamma(2.2, 0.3), stats.gamma(2.2, scale=1 / 0.3)),
    "Exponential": (priors.Exponential(0.4), stats.expon(scale=1 / 0.4)),
    "Weibull": (priors.Weibull(1.6, 3.0), stats.weibull_min(1.6, scale=3.0)),
    "Beta": (priors.Beta(2.0, 3.5), stats.beta(2.0, 3.5)),
}
POSITIVE = [name for name in LAWS if name != "Beta"]
PAIR = priors.BetaMeanPrecision(mean=priors.Beta(2.0, 3.0), precision=priors.Gamma(2.0, 0.3))
each_law = pytest.mark.parametrize("name", LAWS)


def folded(z: np.ndarray) -> np.ndarray:
    """Log of the density of the size of a Student t number."""
    return np.log(2.0) + stats.t(3.5, scale=1.7).logpdf(z)


def places(name: str) -> np.ndarray:
    return np.array([0.02, 0.3, 0.5, 0.97]) * (1.0 if name == "Beta" else 9.0)


@each_law
def test_densities_are_those_of_scipy(name: str) -> None:
    prior, oracle = LAWS[name]
    z = places(name)
    expected = folded(z) if oracle is None else oracle.logpdf(z)
    np.testing.assert_allclose(prior.density(z)[0], expected, rtol=1e-13, atol=1e-13)


@each_law
def test_slopes_are_slopes(name: str) -> None:
    prior, _ = LAWS[name]
    z, step = places(name), 1e-6
    slope = (prior.density(z * (1 + step))[0] - prior.density(z * (1 - step))[0]) / (2 * step * z)
    np.testing.assert_allclose(prior.density(z)[1][0], slope, rtol=1e-7, atol=1e-8)


@each_law
def test_draws_follow_the_law(name: str) -> None:
    prior, oracle = LAWS[name]
    (draws,) = prior.draw(np.random.default_rng(8), 20_000)
    assert stats.kstest(draws, cdf(oracle)).pvalue > 0.01


def cdf(oracle: Any) -> Any:
    return oracle.cdf if oracle is not None else (lambda z: 2.0 * stats.t(3.5, scale=1.7).cdf(z) - 1.0)


@pytest.mark.parametrize("name", POSITIVE)
def test_a_stretched_law_is_that_of_a_multiple(name: str) -> None:
    prior, _ = LAWS[name]
    z = places(name)
    np.testing.assert_allclose(prior.stretched(7.0).density(7.0 * z)[0], prior.density(z)[0] - np.log(7.0), rtol=1e-13)


def test_the_law_of_two_shapes_is_one() -> None:
    """It adds up to one over the plane, has its slopes, and draws what it says."""

    def density(b: float, a: float) -> float:
        return float(np.exp(PAIR.density(np.array([a]), np.array([b]))[0][0]))

    total, _ = integrate.dblquad(density, 0.0, 80.0, 0.0, 80.0, epsabs=1e-6)
    assert abs(total - 1.0) < 1e-4
    a, b = PAIR.draw(np.random.default_rng(4), 20_000)
    assert stats.kstest(a / (a + b), stats.beta(2.0, 3.0).cdf).pvalue > 0.01
    assert stats.kstest(a + b, stats.gamma(2.0, scale=1 / 0.3).cdf).pvalue > 0.01
    a, b, step = np.array([0.3, 2.0]), np.array([1.1, 0.4]), 1e-6
    by_a = (PAIR.density(a + step, b)[0] - PAIR.density(a - step, b)[0]) / (2 * step)
    by_b = (PAIR.density(a, b + step)[0] - PAIR.density(a, b - step)[0]) / (2 * step)
    np.testing.assert_allclose(PAIR.density(a, b)[1], [by_a, by_b], rtol=1e-6)


GIVEN = {
    "alpha": priors.Gamma(2.0, 0.2, unit="week"),
    "r": priors.HalfStudentT(3.0, 1.0),
    ("a", "b"): priors.BetaMeanPrecision(),
}


def test_a_prior_in_weeks_is_the_same_for_customers_in_days(cdnow: clv.Customers) -> None:
    days = clv.Customers.from_arrays(cdnow.frequency, 7.0 * cdnow.recency, 7.0 * cdnow.T, unit="day")
    weekly, daily = (clv.fit(clv.BGNBD(priors=GIVEN), told, clv.MAP()).mode for told in (cdnow, days))
    np.testing.assert_allclose(daily, weekly * [1.0, 7.0, 1.0, 1.0], rtol=1e-6)


def test_a_prior_without_a_unit_speaks_in_that_of_the_customers(cdnow: clv.Customers) -> None:
    weeks = clv.BGNBD(priors={"alpha": priors.Gamma(2.0, 0.2)})
    named = clv.BGNBD(priors={"alpha": priors.Gamma(2.0, 0.2, unit="week")})
    one, other = (clv.fit(model, cdnow, clv.MAP()).mode for model in (weeks, named))
    np.testing.assert_array_equal(one, other)


def test_priors_count(cdnow: clv.Customers) -> None:
    """The mode is where the slopes of likelihood and priors cancel: a sharp prior holds its parameter."""
    sharp = clv.BGNBD(priors={"a": priors.LogNormal.around(2.0, 0.001)})
    assert abs(clv.fit(sharp, cdnow, clv.MAP()).theta.a - 2.0) < 0.02


@pytest.mark.parametrize("believed", [{}, GIVEN], ids=["default", "given"])
def test_the_posterior_climbed_is_likelihood_times_priors(believed: dict[Any, Any], cdnow: clv.Customers) -> None:
    model = clv.BGNBD(priors=believed)
    histories = cdnow.histories(model.history)
    posterior, likelihood = (Objective(model, histories, believes=yes) for yes in (True, False))
    u, step = np.random.default_rng(1).normal(0.0, 0.5, (5, 4)), 1e-6
    theta = posterior.theta(u)
    T = cdnow.T.mean()
    r, alpha, a, b = theta.T
    logs = [stats.lognorm(2.0).logpdf(x) for x in (r, alpha / T, a, b)]
    if believed:
        shares = stats.beta(1, 1).logpdf(a / (a + b)) + stats.lognorm(1.5, scale=np.e).logpdf(a + b) - np.log(a + b)
        logs = [np.log(2) + stats.t(3).logpdf(r), stats.gamma(2, scale=5).logpdf(alpha), shares]
    expected = np.sum(logs, axis=0) + u.sum(axis=1)
    extra = posterior(u)[0] - likelihood(u)[0] - expected
    np.testing.assert_allclose(extra - extra[0], 0.0, atol=1e-9)
    for j in range(4):
        ahead, behind = (posterior(u + sign * step * np.eye(4)[j])[0] for sign in (1, -1))
        np.testing.assert_allclose(posterior(u)[1][:, j], (ahead - behind) / (2 * step), rtol=1e-4, atol=1e-2)


REFUSED: dict[str, tuple[Any, str]] = {
    "a wrong name": ({"alhpa": priors.Gamma()}, r"no parameter \(alhpa\).*\(r, alpha, a, b\)"),
    "no prior": ({"a": 2.0}, r"2\.0 is no prior.*HalfNormal"),
    "off the support": ({"a": priors.Beta()}, r"a: Beta lives between 0 and 1.*positive.*Gamma"),
    "one for two": ({("a", "b"): priors.Gamma()}, r"a, b: Gamma is a law of 1, not of 2"),
    "two for one": ({"a": priors.BetaMeanPrecision()}, r"a law of 2, not of 1"),
    "twice": ({"a": priors.Gamma(), ("a", "b"): priors.BetaMeanPrecision()}, r"\(a\) has more than one prior"),
    "a unit for a pure number": ({"a": priors.Gamma(unit="week")}, r"a is a pure number"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_prior_is_refused(name: str) -> None:
    given, words = REFUSED[name]
    with pytest.raises(ModelError, match=words):
        clv.BGNBD(priors=given)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: priors.Gamma(-1.0), r"Gamma: alpha = -1\.0 can't be.*positive"),
        (lambda: priors.LogNormal(np.inf), r"LogNormal: mu = inf can't be.*finite"),
        (lambda: priors.LogNormal.around(0.0, 1.0), r"median = 0\.0 can't be"),
        (lambda: priors.Gamma(unit="fortnight"), r"'fortnight' is no unit"),
        (lambda: priors.BetaMeanPrecision(mean=priors.Gamma()), r"needs a mean between 0 and 1"),
        (lambda: priors.BetaMeanPrecision(precision=priors.Gamma(unit="day")), r"pure numbers"),
        (lambda: clv.GammaGamma(priors={"v": priors.Gamma(unit="day")}), r"amount of money"),
    ],
)
def test_impossible_laws_are_refused(make: Any, words: str) -> None:
    with pytest.raises(ClvError, match=words):
        make()


def test_a_fit_keeps_its_priors_in_a_file(cdnow: clv.Customers, tmp_path: Any) -> None:
    fit = clv.fit(clv.BGNBD(priors=GIVEN), cdnow, clv.MAP())
    fit.save(tmp_path / "a.fit")
    again = clv.load(tmp_path / "a.fit")
    assert again.model == fit.model
    assert again.model.priors[("a", "b")] == priors.BetaMeanPrecision()


def test_candidates_keep_the_priors() -> None:
    model = clv.BGCNBD(priors={"r": priors.HalfNormal(2.0)})
    assert all(candidate.priors == model.priors for candidate in model.candidates())
