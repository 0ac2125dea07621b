"""Study 7: three roads to one posterior - importance sampling, our own objective sampled, and PyMC's model sampled."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pymc as pm
import pytest
from references import summary
from worlds import say

import clvmodels as clv

if TYPE_CHECKING:
    from clvmodels.contract import Model, Told
    from clvmodels.kernels.lift import Array

MEAN, SD = 0.05, 0.05
"""Bars: means within so many sd, sds within such a share."""

DRAWS, TUNE, CHAINS = 2500, 1000, 4


def by_pymc(model: Model, seen: Told) -> Array:
    """Draws from the PyMC model, in its own coordinates, whose metric the sampler has to learn: (draws, parameters)."""
    settings = {"draws": DRAWS, "tune": TUNE, "chains": CHAINS, "target_accept": 0.9, "nuts_sampler": "nutpie"}
    with clv.pymc.pymc_model(model, seen):
        learning = {"low_rank_modified_mass_matrix": True}
        trace = pm.sample(**settings, random_seed=3, progressbar=False, nuts_sampler_kwargs=learning)
    return clv.pymc.to_fit(trace, model, seen).draws


@pytest.mark.slow
@pytest.mark.parametrize("model", [clv.BGNBD(), clv.ParetoNBD(), clv.GammaGamma()], ids=lambda m: type(m).__name__)
def test_three_roads_lead_to_one_posterior(model: Model) -> None:
    """CDNOW's sample, default priors: Laplace(), NUTS() on our objective and NUTS on `pymc_model`, any two of them.

    In the logarithms of the parameters: Pareto/NBD's beta has so long a tail that its sd is that of its few largest draws.
    """
    customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    seen = customers.all_buyers() if isinstance(model, clv.GammaGamma) else customers
    roads = {
        "Laplace": clv.fit(model, seen, clv.Laplace(draws=8000), seed=1).draws,
        "NUTS": clv.fit(model, seen, clv.NUTS(DRAWS, TUNE, CHAINS, target_accept=0.9), seed=2).draws,
        "PyMC": by_pymc(model, seen),
    }
    told = {name: summary(np.log(draws)) for name, draws in roads.items()}
    for one, other in combinations(told, 2):
        means, sds, ends = told[one].distance(told[other])
        say(f"{model.name}, {one} and {other}: means apart by {means:.3f} sd, sds by {sds:.1%}, ends by {ends:.3f} sd")
    apart = [told[one].distance(told[other]) for one, other in combinations(told, 2)]
    assert max(means for means, _, _ in apart) < MEAN
    assert max(sds for _, sds, _ in apart) < SD
