"""Who is timed on what, and for how long that is waited for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from histories import CDNOW, PURCHASES

HERE = Path(__file__).parent
THOUSAND, TEN_THOUSAND, HUNDRED_THOUSAND, MILLION = "1000", "10000", "100000", "1000000"
SIZES = (THOUSAND, CDNOW, TEN_THOUSAND, HUNDRED_THOUSAND, MILLION)
PATIENCE = 60.0
"""Seconds that a competitor has for a cell."""


@dataclass(frozen=True)
class Cell:
    """One thing to time: what is asked, how (where there are several ways), of which model, for how many customers.

    ``patience`` is its own, where that is longer than everybody's. ``took`` is for what is known to take longer still: the
    seconds that it took when it was waited for once, and what came of it; it isn't tried with less patience.
    """

    task: str
    size: str
    model: str = "BG/NBD"
    dated: str = "by day"
    method: str = ""
    patience: float = 0.0
    took: float = 0.0
    came: str = ""

    def told(self) -> dict[str, str]:
        """What tells its row from all others."""
        return {"task": self.task, "method": self.method, "model": self.model, "customers": self.size, "dated": self.dated}


@dataclass(frozen=True)
class Competitor:
    """A file that keeps the protocol, what it is asked, and how long each cell of it is waited for by default."""

    file: Path
    cells: tuple[Cell, ...]
    patience: float = PATIENCE
    elsewhere: bool = False
    """Whether it needs an environment of its own."""


def fit(size: str, model: str = "BG/NBD", dated: str = "by day", **waited: Any) -> Cell:  # noqa: ANN401
    """A fit by maximum likelihood."""
    return Cell("fit", size, model, dated, **waited)


def posterior(size: str, model: str = "BG/NBD", method: str = "NUTS", **waited: Any) -> Cell:  # noqa: ANN401
    """A posterior of CDNOW, or of customers who have all been watched for 39 weeks."""
    dated = "by day" if size == CDNOW else "39 weeks by day"
    return Cell("posterior", size, model, dated, method, **waited)


def value(size: str, model: str = "BG/NBD", method: str = "expected") -> Cell:
    """A value with its interval, where there is one."""
    return Cell("value", size, model, method=method)


FAMILY = tuple(model for model in PURCHASES if model != "BG/NBD")
WEEKS, TWO_YEARS = ("Pareto/NBD", "by week"), ("Pareto/NBD", "two years by day")

OURS = (
    *(Cell("summary", size) for size in SIZES),
    *(fit(size) for size in SIZES),
    *(fit(size, *WEEKS) for size in (TEN_THOUSAND, HUNDRED_THOUSAND, MILLION)),
    fit(MILLION, *TWO_YEARS),
    *(Cell("evaluation", HUNDRED_THOUSAND, model, "two years by day") for model in PURCHASES),
    *(posterior(size) for size in (THOUSAND, CDNOW, TEN_THOUSAND, HUNDRED_THOUSAND)),
    posterior(CDNOW, "Pareto/NBD"),
    *(posterior(size, m, "Laplace") for m in ("BG/NBD", "Pareto/NBD") for size in (CDNOW, HUNDRED_THOUSAND)),
    *(value(size, method=m) for m in ("expected", "outcome") for size in (HUNDRED_THOUSAND, MILLION)),
    value(MILLION, method="baseline"),
    *(value(HUNDRED_THOUSAND, model, method) for model in FAMILY for method in ("expected", "outcome")),
)
LIFETIMES = (
    *(Cell("summary", size) for size in (THOUSAND, MILLION)),
    *(fit(size) for size in SIZES),
    *(fit(size, *WEEKS) for size in (TEN_THOUSAND, HUNDRED_THOUSAND)),
    fit(MILLION, *WEEKS, patience=240.0),
    fit(MILLION, *TWO_YEARS, took=274.0, came="the same log-likelihood as ours (lifetimes 0.11.3, 2 cores)"),
    value(HUNDRED_THOUSAND),
)
PYMC_MARKETING = (
    *(Cell("summary", size) for size in (THOUSAND, MILLION)),
    *(posterior(size) for size in (THOUSAND, CDNOW, TEN_THOUSAND)),
    posterior(CDNOW, "Pareto/NBD", took=775.0, came="1,118 effective draws (pymc-marketing 1.3.0, 2 cores)"),
    value(THOUSAND),
)

COMPETITORS = {
    "clvmodels": Competitor(HERE / "clvmodels_.py", OURS, patience=180.0),
    "lifetimes": Competitor(HERE / "lifetimes_.py", LIFETIMES),
    "pymc_marketing": Competitor(HERE / "pymc_marketing_.py", PYMC_MARKETING, elsewhere=True),
}
