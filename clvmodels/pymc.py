"""The bridge to PyMC: our likelihoods in models of your own, our models whole, and a posterior of yours as a Fit.

>>> import clvmodels as clv
>>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
>>> whole = clv.pymc.pymc_model(clv.BGNBD(), customers)
>>> [variable.name for variable in whole.free_RVs]
['r', 'alpha', 'a', 'b']

The likelihood sees distinct histories only, and is one call for its value and all of its slopes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from xarray import DataTree

from clvmodels.errors import ModelError, naming
from clvmodels.fitted import Fit
from clvmodels.heavy import heavy
from clvmodels.histories import Histories
from clvmodels.inference.chains import Chains
from clvmodels.objective import Objective
from clvmodels.priors import BetaMeanPrecision
from clvmodels.questions.asking import Record, histories_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike
    from xarray import Dataset

    from clvmodels.contract import Model, Told
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.priors import Prior


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The log-likelihood of groups of customers, each with parameters of its own.

    Attributes
    ----------
    model
        Whose.
    groups
        The distinct histories of each group that has customers, by its number.
    """

    model: Model
    groups: Mapping[int, Histories]

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """Value and gradient at (groups, parameters)."""
        gradient, total = np.zeros_like(theta, order="C"), 0.0
        if not (np.isfinite(theta) & (theta > 0.0)).all():
            return -np.inf, gradient
        for number, histories in self.groups.items():
            theirs = np.ascontiguousarray(theta[number : number + 1])
            value, *slopes = self.model.loglik(theirs, histories).total()[:, 0]
            total, gradient[number] = total + float(value), slopes
        return total, gradient


def likelihood(
    model: Model,
    customers: Told,
    *,
    group: ArrayLike | None = None,
    name: str = "likelihood",
    **parameters: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    """Add the log-likelihood of customers to the PyMC model in context, as a potential, and return it.

    Parameters
    ----------
    model
        One of ours: its likelihood counts here, its priors don't.
    customers
        As for ``clv.fit``.
    group
        The number of each customer's group, 0, 1, 2...; ``pd.factorize`` makes numbers of labels.
    name
        Of the potential, if there are several.
    parameters
        A variable or number for each parameter of the model, by its name in the paper, in the unit of the customers; with
        groups also vectors, a number a group.

    Examples
    --------
    >>> import clvmodels as clv, pymc as pm
    >>> customers = clv.Customers.from_arrays([2, 0], [20, 0], [30, 30], unit="week")
    >>> with pm.Model() as mine:
    ...     r, alpha = pm.HalfNormal("r"), pm.HalfNormal("alpha", 10.0, shape=2)
    ...     told = clv.pymc.likelihood(clv.BGNBD(), customers, group=[0, 1], r=r, alpha=alpha, a=0.8, b=2.4)
    >>> mine.potentials
    [likelihood]
    """
    from clvmodels.node import node  # noqa: PLC0415  (PyTensor takes seconds to import)

    model.point(dict.fromkeys(parameters, 1.0))
    told = histories_of(model, customers, model.history)
    groups = {0: told} if group is None else _grouped(model, customers, group)
    theta = _matrix(model, parameters, None if group is None else max(groups) + 1)
    return heavy("pymc").Potential(name, node(Likelihood(model, groups), theta))


def _grouped(model: Model, customers: Told, group: ArrayLike) -> dict[int, Histories]:
    """Find the distinct histories of each group."""
    if customers.ids is None:
        kind = type(customers).__name__
        message = f"{kind} are counted, not listed: add a likelihood for each group instead, with a name of its own."
        raise ModelError(message)
    columns = {name: column for name, column in customers.letters().items() if name in model.history}
    numbers = _numbers(group, len(customers.ids))
    parts = {int(g): numbers == g for g in np.unique(numbers)}
    settings = model.settings()
    return {
        g: Histories.of({n: column[theirs] for n, column in columns.items()}).with_constants(settings)
        for g, theirs in parts.items()
    }


def _numbers(group: ArrayLike, customers: int) -> Index:
    """Check the numbers of groups: (customers,)."""
    numbers = np.asarray(group)
    if numbers.dtype.kind not in "iu" or (numbers < 0).any():
        message = "group holds numbers of groups: 0, 1, 2... With labels, say: group, labels = pd.factorize(labels)."
        raise ModelError(message)
    if numbers.shape != (customers,):
        message = f"group has shape {numbers.shape} for {customers:,} customers. Pass one number for each."
        raise ModelError(message)
    return numbers.astype(np.intp)


def _matrix(model: Model, parameters: Mapping[str, Any], groups: int | None) -> Any:  # noqa: ANN401
    """Stack variables as (groups, parameters); numbers are the same for all groups."""
    from pytensor.tensor.basic import alloc, as_tensor_variable, stack  # noqa: PLC0415  (takes seconds to import)

    told = {name: as_tensor_variable(parameters[name]) for name in model.parameters()}
    most = 0 if groups is None else 1
    wrong = [name for name, value in told.items() if value.ndim > most]
    if wrong:
        hint = "a number a group at most." if groups else "single numbers; say in group= who belongs to which."
        message = f"{model.name}: {naming(wrong)} can't have so many dimensions: parameters are {hint}"
        raise ModelError(message)
    vectors = [value for value in told.values() if value.ndim]
    few = [value for value in vectors if value.type.shape[0] is not None and value.type.shape[0] < (groups or 1)]
    if few:
        message = f"{model.name}: {groups} groups need vectors of as many parameters, not of {few[0].type.shape[0]}."
        raise ModelError(message)
    length = vectors[0].shape[0] if vectors else groups or 1
    return stack([alloc(value, length) for value in told.values()], axis=1)


def pymc_model(model: Model, customers: Told) -> Any:  # noqa: ANN401
    """Return one of our models, its priors and the likelihood of customers, as a PyMC model to sample or to extend.

    >>> import clvmodels as clv
    >>> customers = clv.Customers.from_arrays([2, 0], [20, 0], [30, 30], unit="week")
    >>> believed = {("a", "b"): clv.priors.BetaMeanPrecision()}
    >>> [v.name for v in clv.pymc.pymc_model(clv.BGNBD(priors=believed), customers).free_RVs]
    ['a_b_mean', 'a_b_precision', 'r', 'alpha']
    """
    objective = Objective(model, histories_of(model, customers, model.history), believes=True, unit=customers.unit)
    names = model.parameters()
    with heavy("pymc").Model() as made:
        parameters: dict[str, Any] = {}
        for places, prior in objective.beliefs:
            parameters |= _believed(tuple(names[j] for j in places), prior)
        likelihood(model, customers, **parameters)
    return made


def _believed(names: tuple[str, ...], prior: Prior) -> dict[str, Any]:
    """Make the variables of a prior, by parameter; PyMC has its law under the same name."""
    pm = heavy("pymc")

    def variable(name: str, law: Prior) -> Any:  # noqa: ANN401
        return getattr(pm, type(law).__name__)(name, **law.numbers())

    if not isinstance(prior, BetaMeanPrecision):
        return {names[0]: variable(names[0], prior)}
    label = "_".join(names)
    mean, precision = variable(f"{label}_mean", prior.mean), variable(f"{label}_precision", prior.precision)
    shares = (mean * precision, (1.0 - mean) * precision)
    return {name: pm.Deterministic(name, share) for name, share in zip(names, shares, strict=True)}


def to_fit(posterior: Any, model: Model, customers: Told, /, **selection: Any) -> Fit:  # noqa: ANN401
    """Make a Fit of draws from a PyMC model of your own, so that all questions can be asked of it.

    Parameters
    ----------
    posterior
        What a sampler gives: an InferenceData or a DataTree, with a variable for each parameter of the model.
    model
        Whose parameters they are.
    customers
        Whom the fit answers for, unless asked about others.
    selection
        Which group, where parameters differ between groups: ``channel="web"``.
    """
    theirs, stats = _theirs(posterior, model, selection), _stats(posterior)
    draws = np.stack([theirs[name].to_numpy().ravel() for name in model.parameters()], axis=1)
    line = np.log(draws)
    covariance = np.atleast_2d(np.cov(line, rowvar=False))
    shape = (theirs.sizes["chain"], theirs.sizes["draw"], line.shape[1])
    chains = Chains.of(line.reshape(shape), int(np.sum(stats["diverging"])) if "diverging" in stats else None)
    warnings = chains.warnings(model.name, model.parameters())
    record = Record("PyMC", not warnings, warnings=warnings, **asdict(chains))
    return Fit(model, draws, np.exp(line.mean(axis=0)), covariance, customers, customers.unit, record, shape[0], stats)


def _dataset(posterior: Any, group: str) -> Dataset:  # noqa: ANN401
    """Take one of the groups of what a sampler gives."""
    found = posterior[group]
    return found.to_dataset() if isinstance(found, DataTree) else found


def _theirs(posterior: Any, model: Model, selection: Mapping[str, Any]) -> Dataset:  # noqa: ANN401
    """Select the draws of the parameters: each (chain, draw)."""
    found = _dataset(posterior, "posterior")
    missing = [name for name in model.parameters() if name not in found]
    if missing:
        message = f"The posterior has no {naming(missing)}, which {model.name} needs. Name each with pm.Deterministic."
        raise ModelError(message)
    theirs = found[list(model.parameters())].sel(selection)
    others = [dimension for dimension in theirs.dims if dimension not in {"chain", "draw"}]
    if others:
        message = f"These parameters differ between groups: select one of each of {naming(others)}, as in {others[0]}=..."
        raise ModelError(message)
    return theirs.transpose("chain", "draw")


def _stats(posterior: Any) -> dict[str, Any]:  # noqa: ANN401
    """What the sampler says of each draw, in numbers: (chains, draws) each."""
    if "sample_stats" not in posterior:
        return {}
    found = _dataset(posterior, "sample_stats").data_vars.items()
    told = {str(n): s.to_numpy() for n, s in found if s.dims == ("chain", "draw")}
    return {name: values for name, values in told.items() if values.dtype.kind in "biuf"}
