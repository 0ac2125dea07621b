"""Study 5: maximum likelihood finds the parameters that customers were drawn from, as nearly as it says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2
from worlds import near_cdnow, say, watched

import clvmodels as clv

WORLDS, CUSTOMERS = 20, 5_000


@pytest.mark.slow
def test_maximum_likelihood_recovers_the_parameters_within_its_standard_errors() -> None:
    """20 worlds of 5,000 customers around CDNOW, drawn by ``Fit.simulate``.

    z = (estimate - truth) / standard error, of the logarithms, in which the likelihood is nearly normal (and, for the
    record, of the parameters themselves). Bars: every z within 4; the mean square within 0.6 to 1.5; and since the
    parameters of one fit err together, the chi-square of their joint errors between its 0.1 % and 99.9 % points.
    """
    rng = np.random.default_rng(20261125)
    scores: dict[str, list[float]] = {}
    plain: list[float] = []
    joint, freedom = 0.0, 0
    for number in range(WORLDS):
        world = near_cdnow(rng)
        true, true_spend = world.fits()
        customers = true.simulate(CUSTOMERS, watched(rng, CUSTOMERS), seed=number, spend=true_spend)
        for fit, truth in (
            (clv.fit(clv.BGNBD(), customers, clv.MLE()), true),
            (clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.MLE()), true_spend),
        ):
            assert fit.record.converged
            off = np.log(fit.mode / truth.mode)
            for name, z in zip(fit.model.parameters(), off / np.sqrt(np.diag(fit.covariance)), strict=True):
                scores.setdefault(name, []).append(z)
            table = fit.parameters()
            plain.extend((table["mean"] - truth.mode) / table["sd"])
            joint, freedom = joint + off @ np.linalg.solve(fit.covariance, off), freedom + len(off)
    say(f"\nRecovery, {WORLDS} worlds of {CUSTOMERS:,}: z of the logarithms")
    for name, z in scores.items():
        say(f"  {name:6} mean {np.mean(z):+.2f}   mean square {np.mean(np.square(z)):.2f}   furthest {np.abs(z).max():.2f}")
    every = np.concatenate(list(scores.values()))
    say(
        f"  all: mean square {np.mean(every**2):.2f}, furthest {np.abs(every).max():.2f}; without logarithms "
        f"{np.mean(np.square(plain)):.2f} and {np.abs(plain).max():.2f}; joint chi-square {joint:.1f} on {freedom}"
    )
    assert np.abs(every).max() < 4.0
    assert np.abs(plain).max() < 4.0
    assert 0.6 < np.mean(every**2) < 1.5
    assert chi2.ppf(0.001, freedom) < joint < chi2.ppf(0.999, freedom)
