"""NUTS, the bootstrap and the priors alone: against Laplace and the information, and the words for what goes wrong."""

from __future__ import annotations

from ctypes import pythonapi
from threading import get_ident
from typing import Any

import numpy as np
import pytest
from scipy.stats import kstest, lognorm

import clvmodels as clv
from clvmodels.errors import FitError
from clvmodels.inference import claim, laplace, nuts

WAY = clv.NUTS(draws=500, tune=300, chains=4)


@pytest.fixture(scope="module")
def sampled(cdnow: clv.Customers) -> clv.Fit:
    return clv.fit(clv.BGNBD(), cdnow, WAY, seed=3)


def apart(one: clv.Fit, other: clv.Fit) -> tuple[float, float]:
    """How far two posteriors are apart: means in standard deviations, and standard deviations as a ratio less one."""
    a, b = np.log(one.draws), np.log(other.draws)
    spread = b.std(axis=0)
    return float((np.abs(a.mean(axis=0) - b.mean(axis=0)) / spread).max()), float(np.abs(a.std(axis=0) / spread - 1).max())


def test_nuts_and_laplace_agree(sampled: clv.Fit, cdnow: clv.Customers) -> None:
    """2,000 draws know a mean to 0.03 standard deviations, and a standard deviation to 3 %."""
    means, spreads = apart(sampled, clv.fit(clv.BGNBD(), cdnow, clv.Laplace(draws=4000), seed=1))
    assert means < 0.12
    assert spreads < 0.12


def test_pymc_samples_where_nutpie_is_absent(cdnow: clv.Customers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nuts, "find_spec", lambda _: None)
    few = clv.NUTS(draws=300, tune=200, chains=2)
    seen = cdnow.all_buyers()
    fit = clv.fit(clv.GammaGamma(), seen, few, seed=3)
    means, spreads = apart(fit, clv.fit(clv.GammaGamma(), seen, seed=1))
    assert fit.chains == 2
    assert set(fit.stats) == set(nuts.STATS)
    assert means < 0.25
    assert spreads < 0.25


def test_a_sampled_fit_tells_of_its_chains(sampled: clv.Fit) -> None:
    table = sampled.parameters()
    assert sampled.draws.shape == (2000, 4)
    assert sampled.chains == 4
    assert sampled.stats["diverging"].shape == (4, 500)
    assert (table["r_hat"] < 1.01).all()
    assert (table["ess"] > 400).all()
    assert sampled.record.divergences == 0
    assert sampled.record.converged
    assert not sampled.record.warnings


def test_the_same_seed_samples_the_same(sampled: clv.Fit, cdnow: clv.Customers) -> None:
    np.testing.assert_array_equal(clv.fit(clv.BGNBD(), cdnow, WAY, seed=3).draws, sampled.draws)
    assert not np.array_equal(clv.fit(clv.BGNBD(), cdnow, WAY, seed=4).draws, sampled.draws)


def test_threads_lose_the_state_that_chains_claimed(cdnow: clv.Customers, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int]] = []

    class Noted:
        """Python's own, and who called it."""

        def PyGILState_Ensure(self) -> int:  # noqa: N802
            told.append(("made", get_ident()))
            return pythonapi.PyGILState_Ensure()

        def PyGILState_Release(self, state: int) -> None:  # noqa: N802
            told.append(("given back", get_ident()))
            pythonapi.PyGILState_Release(state)

    monkeypatch.setattr(claim, "pythonapi", Noted())
    clv.fit(clv.BGNBD(), cdnow, clv.NUTS(draws=10, tune=5, chains=3), seed=1)
    assert [what for what, _ in told] == ["made", "given back"] * 3
    assert all(made == back for (_, made), (_, back) in zip(told[::2], told[1::2], strict=True))
    assert get_ident() not in {thread for _, thread in told}


def test_chains_keep_in_a_file(sampled: clv.Fit, tmp_path: Any) -> None:
    sampled.save(tmp_path / "a.fit")
    again = clv.load(tmp_path / "a.fit")
    assert again.chains == 4
    assert again.record == sampled.record
    np.testing.assert_array_equal(again.stats["energy"], sampled.stats["energy"])


def test_chains_that_disagree_are_told_of(cdnow: clv.Customers) -> None:
    fit = clv.fit(clv.BGNBD(), cdnow, clv.NUTS(draws=10, tune=5, chains=2), seed=1)
    assert not fit.record.converged
    assert "move slowly" in " ".join(fit.record.warnings)


def test_laplace_gives_way_to_nuts(cdnow: clv.Customers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laplace, "TRUSTED", -np.inf)
    fit = clv.fit(clv.BGNBD(), cdnow, clv.Laplace(draws=1200), seed=1)
    assert fit.chains == 4
    assert fit.draws.shape == (1200, 4)
    assert fit.record.pareto_k is not None
    assert "NUTS(draws=300" in fit.record.warnings[0]


def test_laplace_says_what_its_weights_are_worth(cdnow: clv.Customers) -> None:
    table = clv.fit(clv.BGNBD(), cdnow, clv.Laplace(draws=2000), seed=1).parameters()
    assert table["ess"].between(1000, 2000).all()
    assert table["r_hat"].isna().all()


@pytest.mark.parametrize("way", [{"draws": 3}, {"tune": 0}, {"chains": 0}, {"target_accept": 1.0}])
def test_impossible_settings_are_refused(way: dict[str, Any]) -> None:
    with pytest.raises(FitError, match="NUTS needs draws"):
        clv.NUTS(**way)


def test_the_bootstrap_agrees_with_the_information_where_the_model_holds() -> None:
    """On the logarithms, where both are nearly normal; 300 replicates know a deviation to 4 %."""
    seen = clv.BGNBD().at(r=0.6, alpha=4.414, a=0.793, b=2.426).simulate(5000, 39.0, seed=7)
    fit = clv.fit(clv.BGNBD(), seen, clv.Bootstrap(replicates=300), seed=2)
    point = clv.fit(clv.BGNBD(), seen, clv.MLE())
    spread = np.sqrt(np.diag(point.covariance))
    np.testing.assert_allclose(fit.mode, point.mode, rtol=1e-8)
    np.testing.assert_allclose(np.log(fit.draws).std(axis=0), spread, rtol=0.15)
    assert (np.abs(np.log(fit.draws).mean(axis=0) - np.log(point.mode)) < 0.3 * spread).all()
    assert fit.record.converged


def test_a_replicate_is_the_fit_to_the_customers_drawn(cdnow: clv.Customers) -> None:
    """The first replicate, fitted again from a table in which customers stand as often as they were drawn."""
    fit = clv.fit(clv.BGNBD(), cdnow, clv.Bootstrap(replicates=2), seed=5)
    histories = cdnow.histories(clv.BGNBD.history)
    from clvmodels.fitting import generator  # noqa: PLC0415

    weights = histories.weights
    times = generator(5, clv.BGNBD()).multinomial(len(cdnow), weights / weights.sum())
    x, t_x, T = (np.repeat(histories.columns[name], times) for name in ("x", "t_x", "T"))
    told = clv.Customers.from_arrays(x, t_x, T, unit="week")
    np.testing.assert_allclose(fit.draws[0], clv.fit(clv.BGNBD(), told, clv.MLE()).mode, rtol=1e-6)


def test_replicates_at_the_edge_are_counted() -> None:
    few = clv.BGNBD().at(r=0.2, alpha=5.0, a=0.5, b=2.5).simulate(60, 20.0, seed=3)
    fit = clv.fit(clv.BGNBD(), few, clv.Bootstrap(replicates=20), seed=1)
    assert "ran to the edge" in " ".join(fit.record.warnings)
    assert np.all(np.isfinite(fit.expected_purchases(10).mean))


def test_too_few_replicates_are_refused() -> None:
    with pytest.raises(FitError, match="at least two replicates"):
        clv.Bootstrap(replicates=1)


def test_the_priors_alone_are_the_priors(cdnow: clv.Customers) -> None:
    fit = clv.fit(clv.BGNBD(priors={"alpha": clv.priors.Gamma(2.0, 0.2)}), cdnow, clv.PriorOnly(draws=5000), seed=1)
    assert not fit.record.learned
    assert kstest(fit.draws[:, 0], lognorm(2.0).cdf).pvalue > 0.01
    assert abs(fit.draws[:, 1].mean() - 10.0) < 0.4
    assert fit.expected_purchases_new(52).mean.shape == (1,)


def test_no_draws_of_the_prior_are_refused() -> None:
    with pytest.raises(FitError, match="at least one draw, not 0"):
        clv.PriorOnly(draws=0)
