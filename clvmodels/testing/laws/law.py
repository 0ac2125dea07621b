"""A law: what it says, which capabilities a model needs for it to apply, and the trials that put a model to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.testing.trials import Spared, judge
from clvmodels.testing.verdict import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clvmodels.testing.cases import Case
    from clvmodels.testing.trials import Trial

    Trials = Callable[[Case], Iterable[Trial | str]]


@dataclass(frozen=True)
class Law:
    """A law.

    Attributes
    ----------
    name, says
        A word or two for tables, and a sentence.
    needs
        Capabilities.
    trials
        What puts a case to it: comparisons, or faults in words ("" for what is as it should be).
    """

    name: str
    says: str
    needs: tuple[type[Any], ...]
    trials: Trials

    def __call__(self, case: Case) -> Finding:
        """Put a case to it."""
        try:
            self._applies(case)
            with np.errstate(all="ignore"):
                return judge(self.name, self.says, self.trials(case))
        except Spared as spared:
            return Finding(self.name, self.says, "doesn't apply", reason=str(spared))
        except Exception as trouble:  # noqa: BLE001  (whatever goes wrong in a model is a finding)
            return Finding(self.name, self.says, "broken", example=f"{type(trouble).__name__}: {trouble}")

    def _applies(self, case: Case) -> None:
        """Spare models without the capabilities."""
        for capability in self.needs:
            if not isinstance(case.model, capability):
                can = (capability.__doc__ or "").split("\n", 1)[0].rstrip(".")
                reason = f"not {capability.__name__}: {can[:1].lower()}{can[1:]}"
                raise Spared(reason)


def law(name: str, says: str, *needs: type[Any]) -> Callable[[Trials], Law]:
    """Make a law of the function that yields its trials."""

    def make(trials: Trials) -> Law:
        return Law(name, says, needs, trials)

    return make
