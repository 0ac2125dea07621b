"""Chains of a sampler: whether they agree, and what it means where they don't.

Source: A. Vehtari, A. Gelman, D. Simpson, B. Carpenter, P.-C. Bürkner (2021), Rank-normalization, folding, and localization:
an improved R-hat for assessing convergence of MCMC, Bayesian Analysis 16(2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.heavy import heavy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clvmodels.kernels.lift import Array

AGREED, ENOUGH = 1.01, 400
"""The largest r_hat of chains that agree; effective draws that are enough."""


@dataclass(frozen=True)
class Chains:
    """How good chains are.

    Attributes
    ----------
    ess, r_hat
        Effective draws (the fewer of bulk and tails), and how far the chains disagree, of each parameter.
    divergences
        How many draws the sampler's path was lost at, if it tells.
    """

    ess: tuple[float, ...]
    r_hat: tuple[float, ...]
    divergences: int | None

    @classmethod
    def of(cls, draws: Array, divergences: int | None) -> Chains:
        """Measure draws (chains, draws, parameters); a lone chain's first half is held against its second."""
        stats, axes = heavy("arviz_stats.base").array_stats, {"chain_axis": 0, "draw_axis": 1}
        split = draws if len(draws) > 1 else draws[:, : draws.shape[1] // 2 * 2].reshape(2, -1, draws.shape[-1])
        with np.errstate(all="ignore"):  # of chains too short to say anything
            tails = stats.ess(split, **axes, method="tail", prob=(0.05, 0.95))
            ess, r_hat = np.minimum(stats.ess(split, **axes), tails), stats.rhat(split, **axes)
        return cls(tuple(ess.tolist()), tuple(r_hat.tolist()), divergences)

    def warnings(self, name: str, parameters: Sequence[str]) -> tuple[str, ...]:
        """What chains of a model that disagree, or lost their way, mean, in sentences."""
        apart = ", ".join(f"{n} {r:.3f}" for n, r in zip(parameters, self.r_hat, strict=True) if not r <= AGREED)
        few = ", ".join(f"{n} {e:.0f}" for n, e in zip(parameters, self.ess, strict=True) if not e >= ENOUGH)
        disagree = (
            f"The chains of {name} don't agree (r_hat above {AGREED}: {apart}): its intervals can't be trusted yet. "
            "Try more tune and draws, or tighter priors."
        )
        slow = (
            f"The chains of {name} move slowly (effective draws below {ENOUGH}: {few}): the ends of its intervals are "
            "rough. Try more draws."
        )
        lost = (
            f"The sampler lost its way at {self.divergences} draws of {name} (divergences): some corner of the posterior "
            "may be missing. Try target_accept=0.95, or tighter priors."
        )
        told = ((disagree, apart), (slow, few), (lost, self.divergences))
        return tuple(said for said, true in told if true)
