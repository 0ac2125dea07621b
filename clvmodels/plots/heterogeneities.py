"""Heterogeneity: how the purchase rates of customers, and their dropout, are spread over all whom a business may win."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from clvmodels.contract import HasTraits
from clvmodels.customers import Customers
from clvmodels.errors import QuestionError, naming
from clvmodels.estimate import as_probability
from clvmodels.evaluate.pictures import axes, legend, percent, styles
from clvmodels.plots.several import named, unit_of
from clvmodels.questions import answers
from clvmodels.questions.asking import seeded
from clvmodels.questions.purchases import TRAITS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array
    from clvmodels.plots.several import Fits
    from clvmodels.units import Unit

What = Literal["rate", "dropout"]

NEWCOMERS, DRAWS = 10_000, 100
"""How many customers to draw in each of how many worlds."""

BINS = 30
"""Into which customers are counted."""

LOW, HIGH, WIDEST = 0.1, 0.9995, 1e4
"""Of the customers of all fits, between which the bins lie, and how many times the upper end is the lower one at most."""


@dataclass(frozen=True, eq=False)
class Heterogeneity:
    """Customers by their own purchase rate or dropout, as fits have them.

    Attributes
    ----------
    what
        ``"rate"`` of purchases, or ``"dropout"``
    chance
        whether it is a chance (at each purchase or opportunity) and not a rate per unit of time
    edges
        of the bins, of equal factors (bins + 1,)
    shares
        of the customers in each, by the name of the fit: (draws, bins)
    below
        the share of customers below the first bin, by the name of the fit: (draws,)
    certain
        the fits that are single points of the parameters, and so have no interval
    unit
        of time
    """

    what: What
    chance: bool
    edges: Array = field(repr=False)
    shares: Mapping[str, Array] = field(repr=False)
    below: Mapping[str, Array] = field(repr=False)
    certain: tuple[str, ...]
    unit: Unit

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a model and bin.

        Columns: model; from and to; share of the customers, with its credible interval low to high. Customers below
        the first bin are in none.
        """
        tail = 0.5 * (1.0 - as_probability(prob))
        tables: list[pd.DataFrame] = []
        for model, drawn in self.shares.items():
            low, high = np.quantile(drawn, [tail, 1.0 - tail], axis=0) * (np.nan if model in self.certain else 1.0)
            said = {"share": drawn.mean(axis=0), "low": low, "high": high}
            tables.append(pd.DataFrame({"model": model, "from": self.edges[:-1], "to": self.edges[1:], **said}))
        return pd.concat(tables, ignore_index=True)

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw the share of the customers in each bin, with its band, on a scale of equal factors."""
        kind = "Purchase rate" if self.what == "rate" else "Dropout"
        measure = "chance" if self.chance else f"per {self.unit}"
        share = f"Share of customers, per factor of {self.edges[1] / self.edges[0]:.2g}"
        ax = axes(ax, f"{kind} of customers", f"{kind} ({measure})", share)
        told = self.frame(prob)
        place = np.sqrt(self.edges[1:] * self.edges[:-1])
        for name, style in styles(self.shares):
            mine, below = told.loc[told["model"] == name], float(self.below[name].mean())
            label = name if name in self.certain else f"{name}, {prob:.0%}"
            label += f" ({below:.0%} of customers are below)" if below else ""
            ax.fill_between(place, mine["low"], mine["high"], color=style.colour, alpha=0.25, linewidth=0.0)
            ax.plot(place, mine["share"], color=style.colour, linestyle=style.line, linewidth=1.6, label=label)
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.yaxis.set_major_formatter(percent)
        ax.set_ylim(bottom=0.0)
        return legend(ax)


def heterogeneity(fits: Fits, what: What = "rate", *, draws: int = DRAWS, seed: int | None = None) -> Heterogeneity:
    """Find how purchase rates, or dropout, are spread over customers, as one fit or several have it.

    Parameters
    ----------
    fits
        one, a list of them, or a dict by name
    what
        ``"rate"`` of purchases while a customer, or ``"dropout"``: a rate or a chance of leaving, as the model has it
    draws
        how many draws of the parameters to go through, with 10,000 customers each
    seed
        of the customers

    Examples
    --------
    >>> import clvmodels as clv
    >>> paper = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> found = clv.plots.heterogeneity(paper, "dropout", draws=50, seed=1)
    >>> found.chance, found.edges[[0, -1]].round(2)  # of leaving at a purchase
    (True, array([0.02, 0.95]))
    """
    several = named(fits)
    unit, seeds = unit_of(several), np.random.default_rng(seeded(seed)).integers(2**32, size=len(several))
    if what not in {"rate", "dropout"}:
        message = f"what={what!r} isn't spread here. Say one of {naming(('rate', 'dropout'))}."
        raise QuestionError(message)
    chance = _chance(several, what)
    drawn = {name: _drawn(fit, what, draws, int(mine)) for (name, fit), mine in zip(several.items(), seeds, strict=True)}
    edges = _edges(drawn, what)
    shares = {name: np.stack([np.histogram(one, edges)[0] for one in some]) / NEWCOMERS for name, some in drawn.items()}
    below = {name: (some < edges[0]).mean(axis=1) for name, some in drawn.items()}
    certain = tuple(name for name, fit in several.items() if fit.is_point)
    return Heterogeneity(what, chance, edges, shares, below, certain, unit)


def _drawn(fit: Fit, what: What, draws: int, seed: int) -> Array:
    """Draw a trait of newcomers: (draws, newcomers)."""
    nothing = np.zeros(NEWCOMERS)
    newcomers = Customers.from_arrays(nothing, nothing, nothing, unit=fit.unit)
    ask = fit.predict_rate if what == "rate" else fit.predict_dropout
    return ask(newcomers, seed=seed, draws=draws).draws()


def _edges(drawn: Mapping[str, Array], what: str) -> Array:
    """Bins that hold most of the customers of all fits."""
    some = np.concatenate([values.ravel()[:: max(values.size // 100_000, 1)] for values in drawn.values()])
    low, high = np.quantile(some, [LOW, HIGH])
    if not high > 0.0:
        message = f"By {naming(drawn)} nobody has a {what} above 0, so there is no spread to draw."
        raise QuestionError(message)
    return np.geomspace(max(low, high / WIDEST), high, BINS + 1)


def _chance(fits: Mapping[str, Fit], what: What) -> bool:
    """Whether a trait is a chance in all fits; refuse a picture of chances beside rates."""
    kinds = {name: _is_chance(fit, what) for name, fit in fits.items()}
    if len(set(kinds.values())) > 1:
        chances, rates = (naming(name for name, kind in kinds.items() if kind is wanted) for wanted in (True, False))
        message = f"The {what} of {chances} is a chance, and that of {rates} a rate per unit of time: draw them apart."
        raise QuestionError(message)
    return next(iter(kinds.values()))


def _is_chance(fit: Fit, what: What) -> bool:
    """Whether a trait stays the same when the unit of time is another."""
    model = fit.able(HasTraits, TRAITS)
    scale = {"time": 2.0, "rate": 0.5}
    moved = fit.draws[:1] * np.array([scale.get(param.dimension, 1.0) for param in fit.model.params().values()])
    histories = fit.asked(fit.newcomer()).histories
    row = model.rate if what == "rate" else model.dropout
    here, there = (answers.evaluate(row, model, theta, histories).block(slice(0, 1)) for theta in (fit.draws[:1], moved))
    return bool(np.allclose(here, there))
