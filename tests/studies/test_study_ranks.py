"""Study 4: simulation-based calibration (Talts et al. 2018; Modrák et al. 2023), of the posterior as a whole."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
from scipy.stats import chisquare
from worlds import SBC_WATCHED, SPREAD, TightBGNBD, TightGammaGamma, World, lived, near_cdnow, say

import clvmodels as clv

WORLDS, CUSTOMERS, KEPT, BINS = 200, 500, 99, 20


def rank(fit: clv.Fit, truth: dict[str, float]) -> dict[str, int]:
    """Rank the true parameters, and the likelihood that they have, among as many of the fit's draws as are kept."""
    draws, values = fit.draws[:KEPT], np.array([truth[name] for name in fit.model.parameters()])
    histories, _ = fit.asked(None)
    likelihood = fit.model.loglik(np.vstack([values, draws]), histories).total()[0]
    ranks = dict(zip(truth, (draws < values).sum(axis=0), strict=True))
    return {**ranks, "likelihood": int((likelihood[1:] < likelihood[0]).sum())}


@pytest.mark.slow
def test_ranks_of_the_truth_among_posterior_draws_are_uniform() -> None:
    """200 worlds of 500 customers, drawn from the very priors of the fit, lived by the independent simulator.

    The library's default priors are wide enough to draw absurd worlds, so its own formulas and its own Laplace() are run
    under log-normal priors of spread 0.5 around CDNOW. Priors of time are scaled by the mean T: all T are equal, so the
    scale is known beforehand. Priors of money are scaled by the data's mean spend, and such a prior can't be drawn from
    before the data are: here v's prior is a law of v itself (no dimension), so that part of the library, a scaling of
    one prior, is outside of this study. Besides each parameter, the likelihood at the truth is ranked: it sees errors in
    the joint law that single parameters hide. Bar: chi-square p > 0.01 over 20 bins, each.
    """
    rng = np.random.default_rng(20261124)
    ranks: dict[str, list[int]] = {}
    worst, warned = -np.inf, 0
    for number in range(WORLDS):
        world = near_cdnow(rng, SPREAD, least_q=0.0)
        customers = lived(world, np.full(CUSTOMERS, SBC_WATCHED), 0.0, rng).customers
        for model, seen, truth in (
            (TightBGNBD(), customers, world.purchases()),
            (TightGammaGamma(), customers.all_buyers(), world.spend()),
        ):
            fit = clv.fit(model, seen, seed=number)
            worst, warned = max(worst, fit.record.pareto_k), warned + (fit.record.pareto_k > 0.7)
            for name, place in rank(fit, truth).items():
                ranks.setdefault(name if name in truth else f"{name}, {model.name}", []).append(place)
    say(f"\nSBC, {WORLDS} worlds of {CUSTOMERS}: worst Pareto k {worst:.2f}, {warned} fits above 0.7")
    chances = {}
    for name, places in ranks.items():
        counts = np.bincount(np.array(places) * BINS // (KEPT + 1), minlength=BINS)
        chances[name] = chisquare(counts).pvalue
        mean, spread = (np.mean(places) + 0.5) / (KEPT + 1), np.std(places) / (KEPT + 1) * np.sqrt(12.0)
        say(f"  {name:42} p = {chances[name]:.3f}   mean place {mean:.3f}   spread of uniform x {spread:.3f}")
    assert set(asdict(World())) <= set(chances)
    assert min(chances.values()) > 0.01
