"""A fit as ArviZ has it: groups of labelled arrays, in the type of the ArviZ that is installed.

The columns that a model explains are ``observed_data``, those that it takes as given ``constant_data``; the first, drawn
anew, are a ``predictive`` group with the same names.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from xarray import Dataset, DataTree

from clvmodels import __version__
from clvmodels.contract import HasFuture, HasRetention, HasSpend
from clvmodels.heavy import heavy
from clvmodels.kernels.threads import slices
from clvmodels.objective import Objective
from clvmodels.questions.asking import histories_of, seeded
from clvmodels.questions.purchases import FUTURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clvmodels.contract import Model
    from clvmodels.fitted import Fit
    from clvmodels.histories import Histories, Index
    from clvmodels.kernels.lift import Array

CELLS = 4_000_000
"""Numbers of a log-likelihood and its slopes to be had at once."""

REPLICAS = 100
"""Draws of a chain that customers are drawn anew with, at most."""

PRIOR = 1000
"""Draws of the priors."""


@dataclass(frozen=True, eq=False)
class Audience:
    """The customers of a fit who tell its model something.

    Attributes
    ----------
    ids
        Of the customers (n,); those who are counted and not listed are numbered.
    histories
        The distinct ones.
    index
        The history of each customer (n,).
    """

    ids: Any
    histories: Histories
    index: Index

    @classmethod
    def of(cls, fit: Fit) -> Audience:
        """Find them."""
        seen = fit.seen(None)
        histories = histories_of(fit.model, seen, fit.model.history)
        if seen.ids is None:
            index = np.repeat(np.arange(len(histories)), histories.weights.round().astype(int))
            return cls(np.arange(len(index)), histories, index)
        telling = np.ones(len(histories.index), dtype=bool)
        if isinstance(fit.model, HasSpend):
            telling = histories.columns["x"][histories.index] > 0
        return cls(seen.ids.to_numpy()[telling], histories, histories.index[telling])

    def column(self, letter: str) -> Array:
        """Return a column, a row a customer: (n,)."""
        return self.histories.columns[letter][self.index]


def groups_of(fit: Fit, *, log_likelihood: bool, predictive: bool, prior: bool, seed: int | None) -> dict[str, Dataset]:
    """Return a fit and what is known of its customers, by the names that ArviZ gives to groups."""
    rng = np.random.default_rng(seeded(seed))
    groups = {"posterior": _parameters(fit)}
    if fit.stats:
        groups["sample_stats"] = _sampled(fit.stats, _places(fit))
    if fit.customers is not None or log_likelihood or predictive or prior:
        audience = Audience.of(fit)
        groups |= _data(fit.model, audience)
        if log_likelihood:
            groups["log_likelihood"] = _pointwise(fit, audience)
        if predictive:
            groups["posterior_predictive"] = _replicated(fit, audience, rng)
        if prior:
            groups |= _beforehand(fit, audience, rng, predictive=predictive)
    return {name: group.assign_attrs(_attributes(fit)) for name, group in groups.items()}


def as_installed(groups: Mapping[str, Dataset]) -> Any:  # noqa: ANN401
    """Give groups the type of the installed ArviZ: an InferenceData before version 1, then a DataTree."""
    az = heavy("arviz")
    if az.__version__.startswith("0."):
        return az.InferenceData(**groups)
    return DataTree.from_dict(dict(groups))


def _attributes(fit: Fit) -> dict[str, Any]:
    """How the fit was obtained."""
    told = {
        "inference_library": "clvmodels",
        "inference_library_version": __version__,
        "model": repr(fit.model),
        "method": fit.record.method,
        "seed": fit.record.seed,
        "sampling_time": fit.record.seconds,
        "pareto_k": fit.record.pareto_k,
    }
    return {name: value for name, value in told.items() if value is not None}


def _places(fit: Fit) -> dict[str, Any]:
    """Number the chains, and the draws of each."""
    return {"chain": np.arange(fit.chains), "draw": np.arange(len(fit.draws) // fit.chains)}


def _sampled(columns: Mapping[str, Any], coords: Mapping[str, Any]) -> Dataset:
    """Label arrays by chain, draw and what else there are coordinates of, in that order."""
    return Dataset({name: (tuple(coords), values) for name, values in columns.items()}, dict(coords))


def _parameters(fit: Fit) -> Dataset:
    """Label the draws of the parameters."""
    names = fit.model.parameters()
    return _sampled(dict(zip(names, fit.draws.T.reshape(len(names), fit.chains, -1), strict=True)), _places(fit))


def _fields(model: Model) -> tuple[dict[str, str], dict[str, str]]:
    """Name the letters of a model's history as customers do: those that it explains, and those that it takes as given."""
    if isinstance(model, HasSpend):
        return {"m": "mean_value"}, {"x": "purchases"}
    known = {"x": "frequency", "t_x": "recency", "T": "T", "litt": "litt", "t": "period", "lost": "lost"}
    names = {letter: known[letter] for letter in model.history}
    given = {"T": names.pop("T")} if "T" in names else {}
    return names, given


def _data(model: Model, audience: Audience) -> dict[str, Dataset]:
    """Label what the customers tell."""
    groups = zip(("observed_data", "constant_data"), _fields(model), strict=True)
    coords = {"customer": audience.ids}
    return {name: _sampled({f: audience.column(c) for c, f in fields.items()}, coords) for name, fields in groups if fields}


def _pointwise(fit: Fit, audience: Audience) -> Dataset:
    """The log-likelihood of each customer at each draw, some draws at a time."""
    model, histories = fit.model, audience.histories
    found = np.empty((len(fit.draws), len(audience.index)))
    for some in slices(len(fit.draws), max(CELLS // (len(histories) * (1 + fit.draws.shape[1])), 1)):
        found[some] = model.loglik(fit.draws[some], histories).each()[0][:, audience.index]
    name = "spend" if isinstance(model, HasSpend) else "renewals" if isinstance(model, HasRetention) else "purchases"
    coords = {**_places(fit), "customer": audience.ids}
    return _sampled({name: found.reshape(fit.chains, -1, len(audience.index))}, coords)


def _replicated(fit: Fit, audience: Audience, rng: np.random.Generator) -> Dataset:
    """Draw the customers anew, with some draws of each chain, evenly spaced."""
    each = len(fit.draws) // fit.chains
    kept = np.linspace(0, each - 1, min(each, REPLICAS)).round().astype(int)
    theta = fit.draws.reshape(fit.chains, each, -1)[:, kept].reshape(fit.chains * len(kept), 1, -1)
    drawn = [_anew(replace(fit, draws=one), audience, rng) for one in theta]
    coords = {"chain": np.arange(fit.chains), "draw": kept, "customer": audience.ids}
    shape = tuple(map(len, coords.values()))
    return _sampled({name: np.array([one[name] for one in drawn]).reshape(shape) for name in drawn[0]}, coords)


def _anew(fit: Fit, audience: Audience, rng: np.random.Generator) -> dict[str, Array]:
    """Draw what a model explains, of as many customers, with what it takes as given the same: (n,) each."""
    explained, _ = _fields(fit.model)
    if isinstance(fit.model, HasSpend):
        _, mean = fit.draw_spend(audience.column("x"), rng)
        return {explained["m"]: mean}
    fit.able(HasFuture, FUTURE)
    letters = fit.simulate(len(audience.ids), audience.column("T"), int(rng.integers(2**32))).letters()
    return {name: letters[letter] for letter, name in explained.items()}


def _beforehand(fit: Fit, audience: Audience, rng: np.random.Generator, *, predictive: bool) -> dict[str, Dataset]:
    """Draw from the priors, and customers as they let expect."""
    objective = Objective(fit.model, audience.histories, believes=True, unit=fit.unit)
    before = replace(fit, draws=objective.theta(objective.draw(rng, PRIOR)), chains=1)
    drawn = {"prior_predictive": _replicated(before, audience, rng)} if predictive else {}
    return {"prior": _parameters(before), **drawn}
