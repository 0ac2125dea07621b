"""Data and fits that many tests share, and a cache of compiled kernels that follows their sources."""

from __future__ import annotations

import os
from hashlib import sha256
from itertools import count
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[1]


def _sources() -> str:
    """Name the present state of everything that is compiled: a compiled function doesn't notice edits in other files."""
    files = sorted(path for folder in ("kernels", "models") for path in (ROOT / "clvmodels" / folder).glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".numba_cache" / _sources()))

import mpmath as mp  # noqa: E402
import pandas as pd  # noqa: E402
import pytest  # noqa: E402

import clvmodels as clv  # noqa: E402
from clvmodels.questions import asking  # noqa: E402


@pytest.fixture(autouse=True)
def _fifty_digits() -> None:
    """Begin each test with the digits of the oracles, whatever a sum that didn't converge has left behind."""
    mp.mp.dps = 50


@pytest.fixture(autouse=True)
def _seeds_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give those who ask for a fresh seed the same ones in every run of a test: what breaks once breaks again."""
    fresh = count(20)
    monkeypatch.setattr(asking, "secrets", SimpleNamespace(randbits=lambda _: next(fresh)))


@pytest.fixture(scope="session")
def halves() -> tuple[clv.Customers, clv.Holdout]:
    """The CDNOW sample, split at the end of September 1997."""
    log = clv.datasets.cdnow(sample=True)
    columns = {"customer_id": "customer_id", "date": "date", "value": "value"}
    return clv.split(log, **columns, unit="week", at="1997-09-30", until="1998-06-30")


@pytest.fixture(scope="session")
def cdnow(halves: tuple[clv.Customers, clv.Holdout]) -> clv.Customers:
    """The customers of the CDNOW sample as they were known after 39 weeks."""
    return halves[0]


@pytest.fixture(scope="session")
def holdout(halves: tuple[clv.Customers, clv.Holdout]) -> clv.Holdout:
    """What they bought in the 39 weeks after."""
    return halves[1]


@pytest.fixture(scope="session")
def bgnbd(cdnow: clv.Customers) -> clv.Fit:
    """The maximum of the BG/NBD likelihood of CDNOW."""
    return clv.fit(clv.BGNBD(), cdnow, clv.MLE(), seed=1)


@pytest.fixture(scope="session")
def gammagamma(cdnow: clv.Customers) -> clv.Fit:
    """The maximum of the Gamma-Gamma likelihood of CDNOW's repeat buyers."""
    return clv.fit(clv.GammaGamma(), cdnow.repeat_buyers(), clv.MLE(), seed=1)


@pytest.fixture(scope="session")
def purchases(cdnow: clv.Customers) -> clv.Fit:
    """The BG/NBD posterior of CDNOW."""
    return clv.fit(clv.BGNBD(), cdnow, clv.Laplace(draws=1000), seed=1)


@pytest.fixture(scope="session")
def nbd(cdnow: clv.Customers) -> clv.Fit:
    """A posterior in which nobody leaves."""
    return clv.fit(clv.NBD(), cdnow, clv.Laplace(draws=500), seed=1)


@pytest.fixture(scope="session")
def spend(cdnow: clv.Customers) -> clv.Fit:
    """The Gamma-Gamma posterior of all purchases of CDNOW."""
    return clv.fit(clv.GammaGamma(), cdnow.all_buyers(), clv.Laplace(draws=1000), seed=1)


@pytest.fixture(scope="session")
def small() -> pd.DataFrame:
    """A log that can be worked by hand."""
    rows = [
        *(("ann", day, 10.0) for day in ("2015-01-01", "2015-01-05", "2015-01-12", "2015-01-15", "2015-01-20")),
        *(("bob", day, 8.0) for day in ("2015-01-01", "2015-01-03")),
        *(("cat", day, 4.0) for day in ("2015-01-10", "2015-01-22")),
        ("dan", "2015-01-18", 5.0),
    ]
    return pd.DataFrame(rows, columns=["customer_id", "date", "value"])


@pytest.fixture(scope="session")
def done() -> clv.Backtest:
    """Two origins of the CDNOW sample, two models and all rules."""
    models = [clv.BGNBD(), clv.NBD(), *clv.baselines.usual()]
    spend = clv.GammaGamma()
    return clv.backtest(clv.datasets.cdnow(sample=True), models, 2, 26, spend=spend, draws=200, seed=1)
