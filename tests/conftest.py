"""Data and fits that many tests share, and a cache of compiled kernels that follows their sources."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]


def _sources() -> str:
    """Name the present state of everything that is compiled: a compiled function doesn't notice edits in other files."""
    files = sorted(path for folder in ("kernels", "models") for path in (ROOT / "clvmodels" / folder).glob("*.py"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]


os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".numba_cache" / _sources()))

import mpmath as mp  # noqa: E402
import pytest  # noqa: E402

import clvmodels as clv  # noqa: E402


@pytest.fixture(autouse=True)
def _fifty_digits() -> None:
    """Begin each test with the digits of the oracles, whatever a sum that didn't converge has left behind."""
    mp.mp.dps = 50


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
def spend(cdnow: clv.Customers) -> clv.Fit:
    """The Gamma-Gamma posterior of all purchases of CDNOW."""
    return clv.fit(clv.GammaGamma(), cdnow.all_buyers(), clv.Laplace(draws=1000), seed=1)
