"""Beliefs: what was thought of the parameters before a look at the data, and what is thought after it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.errors import QuestionError
from clvmodels.estimate import as_probability
from clvmodels.evaluate.pictures import EXPECTED, LINE, axes
from clvmodels.objective import Objective
from clvmodels.plots.forests import labelled
from clvmodels.questions.asking import histories_of, seeded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array

BINS = 80
"""Of equal factors, in which draws are counted for a picture."""

EDGES = 0.01, 0.99
"""Of the draws of the prior, between which a picture shows it."""


@dataclass(frozen=True, eq=False)
class Beliefs:
    """Parameters before and after.

    Attributes
    ----------
    model
        its name
    names
        of the parameters, with their units
    prior, posterior
        draws (draws, parameters)
    """

    model: str
    names: tuple[str, ...]
    prior: Array = field(repr=False)
    posterior: Array = field(repr=False)

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a parameter: median, low and high of the prior and of the posterior; and narrowed.

        ``narrowed`` is how many times the interval is shorter, in equal factors: near 1 the data have said little.
        """
        tail = 0.5 * (1.0 - as_probability(prob))
        columns: dict[str, Array] = {}
        for name, drawn in (("prior", self.prior), ("posterior", self.posterior)):
            low, median, high = np.quantile(drawn, [tail, 0.5, 1.0 - tail], axis=0)
            columns |= {name: median, f"{name}_low": low, f"{name}_high": high}
        spans = [np.log(columns[f"{name}_high"] / columns[f"{name}_low"]) for name in ("prior", "posterior")]
        return pd.DataFrame({**columns, "narrowed": spans[0] / spans[1]}, index=pd.Index(self.names, name="parameter"))

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw a row for each parameter: its prior hatched, its posterior dark, and their intervals as lines below."""
        ax = axes(ax, f"{self.model}: parameters before and after", "Value, each in its own unit", "")
        told = self.frame(prob)
        for place, name in enumerate(self.names):
            for which, drawn, look in (("prior", self.prior, _BEFORE), ("posterior", self.posterior, _AFTER)):
                at, height = _density(drawn[:, place])
                label = f"{which}, {prob:.0%}" if place == 0 else None
                ax.fill_between(at, place, place - 0.8 * height / height.max(), label=label, **look)
                row, below = told.loc[name], place + (0.05 if which == "posterior" else 0.12)
                width = 3.0 if which == "posterior" else 1.2
                ax.hlines(below, row[f"{which}_low"], row[f"{which}_high"], color=look["edgecolor"], linewidth=width)
        ax.set_yticks(np.arange(len(self.names)), self.names)
        ax.set_ylim(len(self.names) - 0.7, -1.0)
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.legend(frameon=False)
        return ax


_BEFORE: dict[str, Any] = {"facecolor": "#eef1f4", "edgecolor": LINE, "hatch": "////", "linewidth": 0.8, "alpha": 0.55}
_AFTER: dict[str, Any] = {"facecolor": EXPECTED, "edgecolor": EXPECTED, "linewidth": 1.0, "alpha": 0.8}


def beliefs(fit: Fit, *, draws: int = 4000, seed: int | None = None) -> Beliefs:
    """Hold the priors of a fit beside its posterior.

    Parameters
    ----------
    fit
        a posterior, with the customers that taught it
    draws
        of the priors
    seed
        of these draws

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> found = clv.plots.beliefs(clv.fit(clv.BGNBD(), customers, seed=1), seed=1)
    >>> bool((found.frame()["narrowed"] > 2).all())
    True
    """
    if fit.is_point:
        message = "A single point of the parameters has no posterior to hold beside the priors: fit by Laplace() or NUTS()."
        raise QuestionError(message)
    histories = histories_of(fit.model, fit.seen(None), fit.model.history)
    objective = Objective(fit.model, histories, believes=True, unit=fit.unit)
    names = tuple(labelled(name, param, fit.unit) for name, param in fit.model.params().items())
    before = objective.theta(objective.draw(np.random.default_rng(seeded(seed)), draws))
    return Beliefs(fit.model.title, names, before, fit.draws)


def _density(drawn: Array) -> tuple[Array, Array]:
    """A smooth density of positive draws on a scale of equal factors: where, and how high (bins,) each."""
    logs = np.log(drawn)
    low, high = np.quantile(logs, EDGES)
    width = 0.9 * max(min(float(logs.std()), (high - low) / 4.65), 1e-9) * len(logs) ** -0.2
    at = np.linspace(low - 2.0 * width, high + 2.0 * width, BINS)
    height = np.exp(-0.5 * ((at[:, None] - logs[None, :]) / width) ** 2).mean(axis=1)
    return np.exp(at), height
