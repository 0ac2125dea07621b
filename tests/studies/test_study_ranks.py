"""Study 4: simulation-based calibration (Talts et al. 2018; Modrák et al. 2023), of the posterior as a whole."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import chisquare
from worlds import ALL, believing, drawn, say

import clvmodels as clv
from clvmodels.questions.asking import histories_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clvmodels.contract import Told

WORLDS, CUSTOMERS, KEPT, BINS = 200, 500, 99, 20
SPREAD, WATCHED = 0.5, 39.0
RARE = 0.01
"""Of calling the ranks of a model uneven, any of them, though they are even: it is shared out among them."""


LAPLACE, SAMPLED = clv.Laplace(500), clv.NUTS(draws=250, tune=300, chains=4)
TWICE = ("BGNBD", "ParetoNBD", "GammaGamma")
"""Models whose posterior is sampled too."""


def called(told: object) -> str:
    """Name a case."""
    return told if isinstance(told, str) else type(told).__name__


def rank(fit: clv.Fit, seen: Told, truth: Mapping[str, float]) -> dict[str, int]:
    """Rank the true parameters, and the likelihood that they have, among as many of the fit's draws as are kept."""
    draws = fit.draws[np.linspace(0, len(fit.draws) - 1, KEPT).astype(int)]
    values = np.array([truth[name] for name in fit.model.parameters()])
    histories = histories_of(fit.model, seen, fit.model.history)
    likelihood = fit.model.loglik(np.vstack([values, draws]), histories).total()[0]
    ranks = dict(zip(truth, (draws < values).sum(axis=0), strict=True))
    return {**ranks, "likelihood": int((likelihood[1:] < likelihood[0]).sum())}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "way"), [*((n, LAPLACE) for n in ALL), *((n, SAMPLED) for n in TWICE)], ids=called)
def test_ranks_of_the_truth_among_posterior_draws_are_uniform(name: str, way: clv.Laplace | clv.NUTS) -> None:
    """200 worlds of 500 customers, drawn from the very priors of the fit, lived by the independent simulator.

    The library's default priors are wide enough to draw absurd worlds, so its own formulas and its own Laplace() and NUTS()
    are run under log-normal priors of spread 0.5 in the unit of the customers, which can be drawn from before the data are.
    Besides each parameter, the likelihood at the truth is ranked: it sees errors in the joint law that single parameters
    hide. Bar: chi-square p over 20 bins above 0.01 shared out among a model's ranks, 0.002 to 0.0033 each; of 63 ranks in
    all, one falls below by chance in one suite of seven.
    """
    kind, rng = ALL[name], np.random.default_rng(20261124)
    model = believing(kind.model, kind.middle, SPREAD)
    T = WATCHED if name not in {"BGBB", "SBG", "BDW"} else None
    ranks, ks = defaultdict(list), []
    for number in range(WORLDS):
        world = drawn(kind.middle, rng, SPREAD)
        seen = kind.see(world, CUSTOMERS, rng, T)
        fit = clv.fit(model, seen, way, seed=number)
        ks.append(fit.record.pareto_k or np.inf)
        for parameter, place in rank(fit, seen, world).items():
            ranks[parameter].append(place)
    say(
        f"\n{name}, {called(way)}: SBC, {WORLDS} worlds of {CUSTOMERS}: Pareto k {np.nanmedian(ks):.2f} in the middle, "
        f"{np.nanmax(ks):.2f} at worst, {np.sum(np.array(ks) > 0.7)} fits above 0.7"
    )
    chances = {}
    for parameter, places in ranks.items():
        counts = np.bincount(np.array(places) * BINS // (KEPT + 1), minlength=BINS)
        chances[parameter] = chisquare(counts).pvalue
        mean, spread = (np.mean(places) + 0.5) / (KEPT + 1), np.std(places) / (KEPT + 1) * np.sqrt(12.0)
        say(f"  {parameter:10} p = {chances[parameter]:.3f}   mean place {mean:.3f}   spread of uniform x {spread:.3f}")
    assert set(chances) == {*kind.middle, "likelihood"}
    assert min(chances.values()) > RARE / len(chances)
