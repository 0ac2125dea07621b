"""The verdict on a model: which laws hold, which are broken, which don't apply, and why."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from textwrap import wrap
from typing import Literal

import pandas as pd

from clvmodels.errors import counted

Outcome = Literal["holds", "broken", "doesn't apply"]

WIDTH = 110
"""Of the lines in which an example is told."""

TIED = "\u00a0=\u00a0"
"""An equals sign that no line ends at."""


class LawError(AssertionError):
    """A model breaks a law of the design; the message is the verdict."""


@dataclass(frozen=True)
class Finding:
    """What became of one law.

    Attributes
    ----------
    law, says
        Its name, and what it says.
    outcome
        ``"holds"``, ``"broken"`` or ``"doesn't apply"``.
    worst, tolerance
        How far the worst case was off, and how far it may be, in the law's own measure; nan where it has none.
    example
        The smallest case that tells what is wrong, where it is broken.
    reason
        Why it doesn't apply, where it doesn't.
    """

    law: str
    says: str
    outcome: Outcome
    worst: float = nan
    tolerance: float = nan
    example: str = ""
    reason: str = ""

    def line(self, width: int) -> str:
        """Write it as a row of a table whose first column has a width."""
        numbers = "" if isnan(self.worst) else f"{self.worst:8.1e} of {self.tolerance:.1e}"
        return f"{self.law:<{width}}  {self.outcome:<13}  {numbers or self.reason.partition(':')[0]}".rstrip()

    def fault(self) -> str:
        """Say what is wrong."""
        together = self.example.replace(" = ", TIED)
        lines = [line.replace(TIED, " = ") for line in wrap(together, WIDTH, break_on_hyphens=False)]
        return "\n    ".join((f"{self.law}: {self.says}", *lines))


@dataclass(frozen=True)
class Verdict:
    """Which laws a model keeps.

    Attributes
    ----------
    model
        Its name.
    findings
        One for each law.
    """

    model: str
    findings: tuple[Finding, ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The laws that it breaks."""
        return tuple(finding for finding in self.findings if finding.outcome == "broken")

    @property
    def ok(self) -> bool:
        """Whether it breaks none."""
        return not self.faults

    def __getitem__(self, law: str) -> Finding:
        """Return what became of one law, by its name."""
        return next(finding for finding in self.findings if finding.law == law)

    def __str__(self) -> str:
        """Write a table, and under it what is wrong."""
        width = max(len(finding.law) for finding in self.findings)
        head = f"{'law':<{width}}  {'verdict':<13}  worst of what may be"
        table = (head, *(finding.line(width) for finding in self.findings))
        return "\n".join((self._summary(), "", *table, *(f"\n{finding.fault()}" for finding in self.faults)))

    def _summary(self) -> str:
        """Count the laws by what became of them."""
        found = [finding.outcome for finding in self.findings]
        told = {"holds": "hold", "broken": "broken", "doesn't apply": "don't apply"}
        parts = [f"{found.count(outcome)} {words}" for outcome, words in told.items() if outcome in found]
        return f"{self.model}: {counted(len(found), 'law')}, {', '.join(parts)}"

    def frame(self) -> pd.DataFrame:
        """Return a row a law: law, verdict, worst, tolerance, example (or why it doesn't apply)."""
        rows = [(f.law, f.outcome, f.worst, f.tolerance, f.example or f.reason) for f in self.findings]
        return pd.DataFrame(rows, columns=["law", "verdict", "worst", "tolerance", "example"])

    def raise_for_faults(self) -> None:
        """Raise `LawError`, an AssertionError, with the verdict for its text, if a law is broken."""
        if not self.ok:
            raise LawError(str(self))
