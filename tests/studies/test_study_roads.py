"""Study 7: three roads to one posterior - importance sampling, our own objective sampled, and PyMC's model sampled."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pymc as pm
import pytest
from arviz_stats.base import array_stats
from references import summary
from worlds import say

import clvmodels as clv
from clvmodels.inference.laplace import TRUSTED

if TYPE_CHECKING:
    from clvmodels.contract import Model, Told
    from clvmodels.fitted import Fit

MEAN, SD = 0.05, 0.05
"""Bars: means within so many sd, sds within such a share."""

NOISE = SD / 3
"""The largest Monte Carlo error of an sd, as a share of it, that lets such bars tell noise from a fault."""

TUNE, CHAINS = 1000, 4

OURS, THEIRS = 20_000, 40_000
"""Draws of each chain: PyMC sees a ridge in all its curvature, and its draws tell of the tail half as much as ours."""


def by_pymc(model: Model, seen: Told) -> Fit:
    """Sample the PyMC model, in its own coordinates, whose metric the sampler has to learn."""
    settings = {"draws": THEIRS, "tune": TUNE, "chains": CHAINS, "target_accept": 0.9, "nuts_sampler": "nutpie"}
    with clv.pymc.pymc_model(model, seen):
        learning = {"low_rank_modified_mass_matrix": True}
        trace = pm.sample(**settings, random_seed=3, progressbar=False, nuts_sampler_kwargs=learning)
    return clv.pymc.to_fit(trace, model, seen)


def noise(fit: Fit) -> float:
    """Monte Carlo error of an sd of the logs, as a share of it, at worst: that of the mean of the squared deviations."""
    line = np.log(fit.draws)
    squares = ((line - line.mean(axis=0)) / line.std(axis=0)) ** 2
    chains = squares.reshape(fit.chains, -1, squares.shape[1])
    return 0.5 * float(np.max(array_stats.mcse(chains, chain_axis=0, draw_axis=1, method="mean")))


@pytest.mark.slow
@pytest.mark.parametrize("model", [clv.BGNBD(), clv.ParetoNBD(), clv.GammaGamma()], ids=lambda m: type(m).__name__)
def test_three_roads_lead_to_one_posterior(model: Model) -> None:
    """CDNOW's sample, default priors: Laplace(), NUTS() on our objective and NUTS on `pymc_model`, any two of them.

    In the logarithms of the parameters, and with many draws: Pareto/NBD's s and beta have tails so long that a quarter of
    the variance of log s is in 12 draws of 1,000, which come in runs.
    """
    customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    seen = customers.all_buyers() if isinstance(model, clv.GammaGamma) else customers
    roads = {
        "Laplace": clv.fit(model, seen, clv.Laplace(draws=8000), seed=1),
        "NUTS": clv.fit(model, seen, clv.NUTS(OURS, TUNE, CHAINS, target_accept=0.9), seed=2),
        "PyMC": by_pymc(model, seen),
    }
    for name, fit in roads.items():
        least = min(fit.record.ess or (np.nan,))
        say(f"{model.name}, {name}: {least:,.0f} effective draws, sds known to {noise(fit):.1%}, {fit.record.warnings}")
    told = {name: summary(np.log(fit.draws)) for name, fit in roads.items()}
    for one, other in combinations(told, 2):
        means, sds, ends = told[one].distance(told[other])
        say(f"{model.name}, {one} and {other}: means apart by {means:.3f} sd, sds by {sds:.1%}, ends by {ends:.3f} sd")
    apart = [told[one].distance(told[other]) for one, other in combinations(told, 2)]
    assert roads["Laplace"].record.pareto_k <= TRUSTED, "else it is NUTS, which is a road already"
    assert max(map(noise, roads.values())) < NOISE
    assert max(means for means, _, _ in apart) < MEAN
    assert max(sds for _, sds, _ in apart) < SD
