"""NUTS: the posterior by Hamiltonian Monte Carlo, for those that `Laplace` can't reach, and as its check.

The sampler is nutpie's, or PyMC's where that isn't installed. Both see the posterior in its own frame (`Frame`), so there is
little left for them to learn in their tuning. No model is compiled. Chains run one after the other: what is done side by
side are the histories of a large base.

Source: M. D. Hoffman, A. Gelman (2014), The No-U-Turn sampler, JMLR 15.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.errors import FitError
from clvmodels.heavy import heavy
from clvmodels.inference.chains import Chains
from clvmodels.inference.claim import Claim
from clvmodels.inference.climb import climb, remarks
from clvmodels.inference.frame import Frame
from clvmodels.inference.proposals import weighed
from clvmodels.inference.solution import Solution
from clvmodels.progress import counting

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from clvmodels.inference.climb import Summit
    from clvmodels.kernels.fused import Point
    from clvmodels.kernels.lift import Array
    from clvmodels.objective import Objective

SCOUTS, BEYOND = 1024, 40.0
"""Points that tell of the frame; and standard deviations from its centre beyond which there is nothing, and formulas take
their time."""

STATS = {
    "diverging": "diverging",
    "energy": "energy",
    "lp": "logp",
    "acceptance_rate": "mean_tree_accept",
    "tree_depth": "depth",
    "n_steps": "n_steps",
    "step_size": "step_size",
}
"""What nutpie calls the statistics that ArviZ knows."""


@dataclass(frozen=True)
class NUTS:
    """Draws of the posterior by the No-U-Turn sampler.

    Parameters
    ----------
    draws, tune
        Of each chain: those kept, and those before them from which the sampler learns its step.
    chains
        How many; their agreement is the check.
    target_accept
        Share of proposals to accept; nearer to 1 for smaller steps.
    """

    draws: int = 1000
    tune: int = 1000
    chains: int = 4
    target_accept: float = 0.8

    def __post_init__(self) -> None:
        if not (self.draws >= 4 and self.tune >= 1 and self.chains >= 1 and 0.0 < self.target_accept < 1.0):
            message = f"NUTS needs draws (at least 4), tune and chains, and target_accept between 0 and 1; got {self!r}."
            raise FitError(message)

    @property
    def believes(self) -> bool:
        """It solves the posterior."""
        return True

    def solve(self, objective: Objective, rng: Generator) -> Solution:
        """Climb to the mode, and sample around it."""
        return self.sample(objective, climb(objective, rng), rng)

    def sample(self, objective: Objective, summit: Summit, rng: Generator) -> Solution:
        """Sample around a mode, and check the chains."""
        frame, evaluations = scouted(objective, summit, rng)
        white = White(objective.dimension, objective.along(frame.axes))
        run = _by_nutpie if find_spec("nutpie") else _by_pymc
        points, stats = run(self, white, int(rng.integers(2**31)))
        draws = frame.place(points)
        chains = Chains.of(draws, int(stats["diverging"].sum()))
        warnings = chains.warnings(objective.model.name, objective.model.parameters())
        if not np.all(np.isfinite(summit.covariance)):
            warnings = (*remarks(objective, summit), *warnings)
        flat, told = draws.reshape(-1, draws.shape[-1]), asdict(chains)
        evaluations += white.evaluations
        return Solution(
            summit.u, summit.covariance, flat, not warnings, evaluations, warnings, None, self.chains, stats, **told
        )


@dataclass(eq=False)
class White:
    """The posterior in the coordinates of a frame.

    Attributes
    ----------
    dimension
        How many there are.
    at
        Gives value and gradient of the posterior.
    evaluations
        How often it was called.
    """

    dimension: int
    at: Point
    evaluations: int = 0

    def __call__(self, white: Array) -> tuple[float, Array]:
        """Value and gradient at one point (parameters,)."""
        self.evaluations += 1
        return self.at(white) if white @ white < BEYOND**2 else (-np.inf, np.zeros_like(white))


def scouted(objective: Objective, summit: Summit, rng: Generator) -> tuple[Frame, int]:
    """The frame that points around the mode tell of, or, where that has no curvature, the priors; and evaluations."""
    if np.all(np.isfinite(summit.covariance)):
        best, evaluations = weighed(objective, summit, SCOUTS, rng)
        return best.frame, evaluations
    drawn = objective.draw(rng, SCOUTS)
    return Frame.of(objective.start(), np.diag(drawn.var(axis=0))), summit.evaluations


def _by_nutpie(way: NUTS, white: White, seed: int) -> tuple[Array, dict[str, Array]]:
    """Points (chains, draws, parameters), and the statistics of each draw: (chains, draws)."""
    nutpie, from_pyfunc = heavy("nutpie"), heavy("nutpie.compiled_pyfunc").from_pyfunc
    with counting(way.chains * (way.tune + way.draws), "Sampling") as advance:

        def kept(*_: object) -> Callable[[Array], dict[str, Array]]:
            claim = Claim(way.tune + way.draws)

            def keep(point: Array) -> dict[str, Array]:
                claim()
                advance()
                return {"white": np.array(point)}

            return keep

        model = from_pyfunc(white.dimension, lambda: white, kept, [np.dtype(float)], [(white.dimension,)], ["white"])
        settings = {"draws": way.draws, "tune": way.tune, "chains": way.chains, "target_accept": way.target_accept}
        sampler = nutpie.sample(
            model,
            **settings,
            seed=seed,
            save_warmup=False,
            progress_bar=False,
            blocking=False,
            init_mean=np.zeros(white.dimension),
            cores=1,
        )
        trace = _waited(sampler)
    return trace.posterior["white"].to_numpy(), {k: trace.sample_stats[v].to_numpy() for k, v in STATS.items()}


def _waited(sampler: Any) -> Any:  # noqa: ANN401  (nutpie has no types)
    """Wait for the sampler; an interruption stops its chains."""
    try:
        return sampler.wait()
    except BaseException:
        sampler.cancel()
        raise


def _by_pymc(way: NUTS, white: White, seed: int) -> tuple[Array, dict[str, Array]]:
    """The same by PyMC, whose model is the posterior as a node."""
    from clvmodels.node import node  # noqa: PLC0415  (it needs PyMC's PyTensor)

    pm = heavy("pymc")
    with pm.Model():
        pm.Potential("posterior", node(white, pm.Flat("white", shape=white.dimension)))
        settings = {"draws": way.draws, "tune": way.tune, "chains": way.chains, "target_accept": way.target_accept}
        start = {"white": np.zeros(white.dimension)}
        trace = pm.sample(
            **settings,
            random_seed=seed,
            initvals=start,
            progressbar=False,
            compute_convergence_checks=False,
            nuts_sampler="pymc",
            cores=1,
        )
    white.evaluations = int(trace.sample_stats["n_steps"].sum())
    return trace.posterior["white"].to_numpy(), {k: trace.sample_stats[k].to_numpy() for k in STATS}
