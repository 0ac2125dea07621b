"""A Fit: a model, draws of its parameters, the customers that taught them, a record of how; and the questions it answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from clvmodels import notebook
from clvmodels.contract import HasFuture
from clvmodels.customers import Customers
from clvmodels.errors import counted
from clvmodels.kernels.simulation import draw_histories
from clvmodels.questions import ContractQuestions, PurchaseQuestions, SpendQuestions, answers
from clvmodels.questions.asking import histories_of, seeded
from clvmodels.questions.purchases import FUTURE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from clvmodels.contract import Told
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True, eq=False)
class Fit(PurchaseQuestions, SpendQuestions, ContractQuestions):
    """What was learned, and what can be asked of it: see `Asking` for its attributes."""

    def __repr__(self) -> str:
        """Say what was found, how, from whom, and what must be known of it."""
        means = zip(self.model.parameters(), self.draws.mean(axis=0), strict=True)
        found = ", ".join(f"{name}={mean:.4g}" for name, mean in means)
        draws = "a point" if self.is_point else counted(len(self.draws), "draw")
        how = f"{self.record.method}, {draws}, seed {self.record.seed}{'' if self.record.converged else ', NOT CONVERGED'}"
        whose = "fitted to nobody" if self.customers is None else f"fitted to {self.customers!r}"
        notes = (whose, *self.record.warnings)
        return "\n".join((f"Fit({self.model.title} at {found}; {how})", *(f"  {note}" for note in notes)))

    def _repr_html_(self) -> str:
        return notebook.of_fit(self)

    @property
    def theta(self) -> Any:  # noqa: ANN401  (each model has a named tuple of its own)
        """The parameters, a named tuple of arrays: shape () for a point, (draw,) for a posterior."""
        return self.model.Theta(*(self.draws[0] if self.is_point else self.draws.T))

    def parameters(self, prob: float = 0.9) -> pd.DataFrame:
        """Return a row a parameter: mean, sd, low, high, ess, r_hat; nan where there is nothing to say.

        For a point the standard error and interval are those of the observed information, on the scale of the parameter.
        """
        tail = 0.5 * (1.0 - prob)
        if self.is_point:
            spread = np.sqrt(np.diag(self.covariance))
            ends = self.mode * np.exp(np.outer([-1.0, 1.0], spread * ndtri(1.0 - tail)))
            table = {"mean": self.mode, "sd": self.mode * spread, "low": ends[0], "high": ends[1]}
        else:
            low, high = np.quantile(self.draws, [tail, 1.0 - tail], axis=0)
            table = {"mean": self.draws.mean(axis=0), "sd": self.draws.std(axis=0, ddof=1), "low": low, "high": high}
        known = {"ess": self.record.ess or np.nan, "r_hat": self.record.r_hat or np.nan}
        return pd.DataFrame({**table, **known}, index=list(self.model.parameters()))

    @cached_property
    def log_likelihood(self) -> float:
        """The log-likelihood of its customers at the mode."""
        histories = histories_of(self.model, self.seen(None), self.model.history)
        return float(self.model.loglik(self.mode[None], histories).total()[0, 0])

    def pointwise(self, customers: Told | None = None) -> Array:
        """Return the log-likelihood of each customer at the mode: (n,)."""
        histories = histories_of(self.model, self.known(customers), self.model.history)
        return self.model.loglik(self.mode[None], histories).each()[0, 0][histories.index]

    def simulate(
        self,
        n: int,
        T: ArrayLike,
        seed: int | None = None,
        *,
        spend: Fit | None = None,
    ) -> Customers:
        """Draw n customers, each watched for T (one number, or n), with parameters drawn from the fit for each.

        ``spend``, a fit of a spend model, adds the value of their purchases.
        """
        model = self.able(HasFuture, FUTURE)
        rng = np.random.default_rng(seeded(seed))
        watched = np.ascontiguousarray(np.broadcast_to(np.asarray(T, float), (n,)))
        theta = self.draws[rng.integers(len(self.draws), size=n)]
        newcomer = self.asked(self.newcomer()).histories
        drawing, alive = answers.futures(model, theta, newcomer)
        frequency, recency, litt = draw_histories(rng, drawing, alive.block(slice(0, 1))[0], watched).T
        columns: dict[str, Any] = {"unit": self.unit, "litt": litt}
        if spend is not None:
            columns["first_value"], columns["monetary_value"] = spend.draw_spend(frequency, rng)
        return Customers.from_arrays(frequency, recency, watched, **columns)

    def to_arviz(
        self, *, log_likelihood: bool = False, predictive: bool = False, prior: bool = False, seed: int | None = None
    ) -> Any:  # noqa: ANN401  (the type is that of the installed ArviZ)
        """Return it for ArviZ: an InferenceData (before its version 1) or a DataTree.

        Parameters
        ----------
        log_likelihood
            Whether to add that of each customer at each draw (8 bytes each), for ``az.loo`` and ``az.compare``.
        predictive
            Whether to add customers drawn anew, each watched for as long as she was, for 100 draws of each chain.
        prior
            Whether to add draws of the priors and, with ``predictive``, customers drawn from them.
        seed
            To get the same again.

        Examples
        --------
        >>> import clvmodels as clv
        >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
        >>> posterior = clv.fit(clv.BGNBD(), customers, seed=1).to_arviz()["posterior"]
        >>> dict(posterior.sizes)
        {'chain': 1, 'draw': 2000}
        """
        from clvmodels.inferencedata import as_installed, groups_of  # noqa: PLC0415  (xarray takes time to import)

        groups = groups_of(self, log_likelihood=log_likelihood, predictive=predictive, prior=prior, seed=seed)
        return as_installed(groups)

    def save(self, path: str | Path) -> None:
        """Write it to a file that `clvmodels.load` reads: numbers and text, nothing that runs."""
        from clvmodels.storage import save  # noqa: PLC0415  (storage knows fits)

        save(self, path)
