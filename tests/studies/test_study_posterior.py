"""Study 6: Laplace() against reference posteriors of CDNOW, found by two other roads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from references import by_chains, by_importance, summary
from worlds import say

import clvmodels as clv
from clvmodels.objective import Objective

if TYPE_CHECKING:
    from collections.abc import Sequence

    from references import Distance, Summary

    from clvmodels.contract import Model
    from clvmodels.kernels.lift import Array

SEEDS = 5
MEAN, SD, ENDS = 0.05, 0.05, 0.1
"""Bars: means within so many sd, sds within such a share, ends of the 90 % interval within so many sd."""


def worst_of(reference: Summary, runs: Sequence[Array]) -> Distance:
    """How far several runs are off at worst."""
    means, sds, ends = zip(*(reference.distance(summary(draws)) for draws in runs), strict=True)
    return max(means), max(sds), max(ends)


def told(off: Distance) -> str:
    """Write a distance."""
    return f"means off by {off[0]:.3f} sd, sds by {off[1]:.1%}, ends by {off[2]:.3f} sd"


@pytest.mark.slow
@pytest.mark.parametrize("model", [clv.BGNBD(), clv.GammaGamma()], ids=["BGNBD", "GammaGamma"])
@pytest.mark.parametrize(("sample", "points", "steps"), [(True, 400_000, 250), (False, 50_000, 100)], ids=["sample", "full"])
def test_laplace_tells_what_the_references_tell(model: Model, *, sample: bool, points: int, steps: int) -> None:
    """The default's draws, 5 seeds, against importance sampling from a wide t (400,000 points; 50,000 on the full log).

    The reference itself is checked by 64 chains of Hamiltonian Monte Carlo, which know nothing of proposals or weights
    and use the gradient; the two may differ by four of their standard errors. Compared are the parameters themselves,
    not their logarithms: mean, sd and the ends of the 90 % interval. Told besides, and judged by no bar: the 5 seeds
    together, in which an error that isn't noise would stand out; 1,000 draws; and as many independent draws from the
    chains as the default has, which is what noise an exact sampler's have.
    """
    customers = clv.rfm_summary(clv.datasets.cdnow(sample=sample), observation_end="1997-09-30")
    seen = customers if isinstance(model, clv.BGNBD) else customers.all_buyers()
    fits = [clv.fit(model, seen, seed=seed) for seed in range(SEEDS)]
    objective = Objective(model, fits[0].asked(None).histories, believes=True)
    centre, covariance = np.log(fits[0].mode / objective.scales), fits[0].covariance
    reference = by_importance(objective, centre, covariance, points, np.random.default_rng(1))
    chains = by_chains(objective, centre, covariance, steps, np.random.default_rng(2))
    apart = reference.distance(chains)
    together = reference.distance(summary(np.concatenate([fit.draws for fit in fits])))
    short = [clv.fit(model, seen, clv.Laplace(draws=1000), seed=seed) for seed in range(SEEDS)]
    worst = worst_of(reference, [fit.draws for fit in fits])
    rng = np.random.default_rng(3)
    exact = [chains.theta[rng.choice(len(chains.theta), len(fits[0].draws), replace=False)] for _ in range(SEEDS)]
    say(
        f"\n{model.name}, CDNOW {'sample' if sample else 'full'}: reference of effective size {reference.size:,.0f}, mean "
        f"{np.round(reference.mean, 4)}, sd {np.round(reference.sd, 4)}\n"
        f"  chains of effective size {chains.size:,.0f}: {told(apart)}\n"
        f"  Laplace(), worst of {SEEDS} seeds: {told(worst)}; Pareto k "
        f"{', '.join(f'{fit.record.pareto_k:.2f}' for fit in fits)}\n"
        f"  Laplace(), {SEEDS} seeds together: {told(together)}\n"
        f"  Laplace(1000), worst of {SEEDS} seeds: {told(worst_of(reference, [fit.draws for fit in short]))}\n"
        f"  as many exact draws, worst of {SEEDS}: {told(worst_of(reference, exact))}"
    )
    error = np.sqrt(1.0 / reference.size + 1.0 / chains.size)
    assert apart[0] < 4.0 * error
    assert apart[1] < 4.0 * error
    assert apart[2] < 4.0 * 2.1 * error  # an end of a 90 % interval is known 2.1 times worse than a mean
    assert worst[0] < MEAN
    assert worst[1] < SD
    assert worst[2] < ENDS
