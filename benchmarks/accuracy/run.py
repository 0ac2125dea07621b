"""Accuracy of all competitors in one table: ``python benchmarks/accuracy/run.py --python pymc_marketing=PATH --readme``.

A quarter of an hour on 2 cores, or more. PATH is an interpreter that has pymc-marketing; without one, its rows say that
it is missing, as those of any competitor say that has failed. Results go to a CSV a competitor beside this, with versions
and machine in each row, and to ``differences.csv``, ``calibration.csv`` and ``totals.csv``; ``--readme`` rewrites the tables
of the pages from them. ``--resume`` goes on where the last run was left, with the same code; otherwise all is made anew.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import fitters
import marketing
import ours
import pages
import pandas as pd
import rules
from rich.console import Console

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from clvmodels.evaluate.forecasts import Forecaster

HERE = Path(__file__).parent
KEPT = HERE / ".kept"
SCORES = ("log_score", "purchases_crps", "squared_error", "value_squared_error", "value_crps")
VERSIONS = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
told = {}
for name in sys.argv[1:]:
    try:
        told[name] = version(name)
    except PackageNotFoundError:
        told[name] = "missing"
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Log:
    """A log, and from where it is forecast."""

    load: Callable[[], pd.DataFrame]
    cutoffs: int | Sequence[str]
    horizon: float
    refunds: str = "error"
    more: Mapping[str, Forecaster] = field(default_factory=dict)


LOGS = {
    "CDNOW": Log(clv.datasets.cdnow, 3, 13),
    "CDNOW sample": Log(partial(clv.datasets.cdnow, sample=True), ["1997-09-30"], 39, more=ours.by_likelihood()),
    "Online Retail": Log(clv.datasets.online_retail, 3, 13, refunds="net"),
}


@dataclass(frozen=True)
class Competitor:
    """Who competes, with which packages, in which interpreter."""

    contestants: Mapping[str, Forecaster]
    packages: tuple[str, ...]
    python: str = sys.executable

    def machine(self) -> dict[str, str]:
        """What it was run on and with."""
        command = [self.python, "-c", VERSIONS, *self.packages]
        told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)  # noqa: S603
        ours = {"clvmodels": clv.__version__} if "clvmodels" in told else {}  # it may run without being installed
        return {"machine": f"{platform.machine()} {platform.system()}", **told, **ours}


def competitors(pythons: Mapping[str, str]) -> dict[str, Competitor]:
    """All competitors, by the name of their file of results."""
    python = pythons.get("pymc_marketing", sys.executable)
    return {
        "clvmodels": Competitor({**ours.contestants(), **ours.by_likelihood()}, ours.PACKAGES),
        "rules": Competitor(rules.contestants(), rules.PACKAGES),
        "lifetimes": Competitor(fitters.contestants(), fitters.PACKAGES),
        "pymc_marketing": Competitor(marketing.contestants(python), marketing.PACKAGES, python),
    }


def compared(log: Log, sides: Mapping[str, Competitor]) -> clv.Comparison:
    """All of them on one log, in one table."""
    late = ours.by_likelihood()
    named = {name: who for side in sides.values() for name, who in side.contestants.items() if name not in late}
    settings = {"spend": ours.SPEND, "method": ours.METHOD, "draws": ours.DRAWS, "seed": 1, "folder": KEPT}
    return clv.compare(
        clv.backtest(log.load(), {**named, **log.more}, log.cutoffs, log.horizon, refunds=log.refunds, **settings)
    )


def metrics(found: clv.Comparison) -> pd.DataFrame:
    """All metrics of a row a model and origin, with what must be known of it, and how it failed."""
    told = pd.DataFrame({"warnings": [" ".join(one.warnings) for one in found.judged]})
    table = found.frame(by_origin=True).reset_index()
    if "failed" in table:
        table["failed"] = [" ".join(str(words).split()) for words in table["failed"]]
    return pd.concat([table, told], axis=1)


def differences(found: clv.Comparison) -> pd.DataFrame:
    """All scores that are compared customer by customer, a row a score and model."""
    tables = [found.differences(score).reset_index().assign(by=score) for score in SCORES]
    return pd.concat([table for table in tables if len(table)])


def totals(found: clv.Comparison) -> pd.DataFrame:
    """Totals, with and without the common shock that other origins have shown, if there are others."""
    asked = [(what, shocked) for what in ("purchases", "value") for shocked in (False, True)[: len(found.outcomes)]]
    tables = [found.totals(what, shocked=shocked).assign(what=what, shocked=shocked) for what, shocked in asked]
    return pd.concat(tables)


def write(name: str, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write a table of all logs."""
    rows = pd.concat([table.assign(log=log) for log, table in tables.items() if len(table)])
    ordered = ["log", *(column for column in rows if column != "log")]
    rows[ordered].to_csv(HERE / f"{name}.csv", index=False, float_format="%.6g")


def results(found: Mapping[str, clv.Comparison], sides: Mapping[str, Competitor]) -> None:
    """Write all files."""
    scored = {log: metrics(one) for log, one in found.items()}
    for name, side in sides.items():
        machine = side.machine()
        mine = {log: table[table["model"].isin(side.contestants)].assign(**machine) for log, table in scored.items()}
        write(name, {log: table.dropna(axis=1, how="all") for log, table in mine.items()})
    machine = sides["clvmodels"].machine()
    for name, told in (("differences", differences), ("totals", totals), ("calibration", lambda one: one.calibration())):
        write(name, {log: told(one).assign(**machine) for log, one in found.items()})


def asked() -> argparse.Namespace:
    """What the command line says."""
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("--python", action="append", default=[], metavar="COMPETITOR=PATH", help="an interpreter of its own")
    reader.add_argument("--resume", action="store_true", help="go on where the last run was left")
    reader.add_argument("--readme", action="store_true", help="rewrite the tables of the pages")
    return reader.parse_args()


def main() -> None:
    """Run all, write and show the results."""
    said, screen = asked(), Console()
    if not said.resume:
        shutil.rmtree(KEPT, ignore_errors=True)
    sides = competitors(dict(one.split("=", 1) for one in said.python))
    found: dict[str, clv.Comparison] = {}
    for name, log in LOGS.items():
        begun = time.perf_counter()
        found[name] = compared(log, sides)
        failed = [f"{one.name}, {one.cutoff}: {one.failed}" for one in found[name].judged if one.failed]
        screen.print(f"{name}: {time.perf_counter() - begun:.0f} s", *failed, sep="\n", highlight=False)
    results(found, sides)
    if said.readme:
        pages.rewrite()


if __name__ == "__main__":
    main()
