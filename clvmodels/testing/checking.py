"""Checking a model: all laws, one after the other."""

from __future__ import annotations

from dataclasses import is_dataclass
from typing import TYPE_CHECKING

from clvmodels.testing.cases import Case
from clvmodels.testing.laws import FORM, LAWS
from clvmodels.testing.verdict import Finding, Verdict

if TYPE_CHECKING:
    from clvmodels.contract import Model


def check_model(model: Model, *, seed: int = 0, thorough: bool = False) -> Verdict:
    """Put a model to all laws that its capabilities bring with them.

    Any model of the contract, wherever it was written, is tried at parameters drawn from its own priors, and where a law is
    for all of them, at parameters of all sizes; on histories drawn likewise, and on customers that it simulates itself.

    Parameters
    ----------
    model
        With all of its settings said; one that is left open is refused.
    seed
        Everything drawn follows from it, so that a verdict can be had again. A fair model fails a law of simulation for one
        seed in some hundreds; a model that is wrong, for nearly all.
    thorough
        Whether to try more of everything, and to fit the model to customers simulated from it: some times as long.

    Returns
    -------
    Verdict
        Print it to read it; ``verdict.ok`` says whether no law is broken, ``verdict.frame()`` is a row a law, and
        ``verdict.raise_for_faults()`` is for tests.

    Examples
    --------
    >>> import clvmodels as clv
    >>> from clvmodels.testing import check_model
    >>> print(check_model(clv.GammaGamma()))  # doctest: +ELLIPSIS
    Gamma-Gamma: 36 laws, 19 hold, 17 don't apply
    <BLANKLINE>
    law                         verdict        worst of what may be
    frozen                      holds
    declared                    holds
    ...
    """
    if is_dataclass(model):
        model.settings()
    case = Case(model, seed, thorough)
    found = [law(case) for law in FORM]
    if not any(finding.outcome == "broken" for finding in found):
        return Verdict(model.name, (*found, *(law(case) for law in LAWS)))
    reason = "not tried: first put right what is broken above"
    untried = (Finding(law.name, law.says, "doesn't apply", reason=reason) for law in LAWS)
    return Verdict(model.name, (*found, *untried))
