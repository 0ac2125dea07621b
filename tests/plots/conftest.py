"""Pictures without a screen, closed after each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Iterator

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    """Close all figures."""
    yield
    plt.close("all")


@pytest.fixture(scope="session")
def nbd(cdnow: clv.Customers) -> clv.Fit:
    """A posterior in which nobody leaves."""
    return clv.fit(clv.NBD(), cdnow, clv.Laplace(draws=500), seed=1)


@pytest.fixture(scope="session")
def worth(purchases: clv.Fit, spend: clv.Fit) -> clv.Valuation:
    """A year of the CDNOW sample, with costs that some customers don't earn."""
    costs = {"post": clv.Cost(3.0, "order"), "letters": clv.Cost(0.05, "week")}
    economics = clv.Economics(margin=0.4, costs=costs)
    return clv.value(purchases, spend, horizon=52, discount=clv.yearly(0.1), economics=economics, draws=100, seed=1)
