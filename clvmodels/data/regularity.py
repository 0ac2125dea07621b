"""How regular the timing of purchases is, told from two gaps between purchases of each customer.

If a customer's gaps follow a gamma law of shape k, whatever her rate, then the share M = t1 / (t1 + t2) of the first of two
successive gaps in both follows Beta(k, k), with mean 1/2 and variance V = 1 / (4 (2 k + 1)), so that k = (1 - 4 V) / (8 V):
Wheat & Morrison (1990). M is independent of t1 + t2, and rates, dropout, the end of the observation and the choice of
customers who bought three times act through t1 + t2 alone; so none of them biases k. k = 1 is exponential timing, purchases
by pure chance; larger k are more regular, and smaller ones come in bursts.

Logs tell time in buckets, such as days, and what was bought on one day is one purchase. So M lies on the places j / s,
j = 1 ... s - 1, between purchases that are s buckets apart, and its law there is taken as Beta(k, k)'s density at them. For
k = 1 that is exact: where chance alone rules any day between is as likely as another. The formula above takes buckets
for regularity: it makes 1.2 of k = 1 where purchases come every 14 days, and 1.4 where they come every 7. What is left of
that here is below 3 % for k from 1 to 3; where purchases come every 7 days, 0.5 is told as 0.44 and 6 as 5.6.

k here is the one at which the expected mean of (M - 1/2)^2 is the observed one, and its interval holds all those at which
they differ by no more than chance allows, by the fourth moment expected or observed, the larger of the two: so it also holds
where customers differ in regularity, and k is that of a mean customer.

Source: R. D. Wheat, D. G. Morrison (1990), Estimating purchase regularity with two interpurchase times, Journal of
Marketing Research 27(1), 87-93.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from math import exp, inf, log, sqrt
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtri

from clvmodels.data.reading import LogReader
from clvmodels.errors import LogError, counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from clvmodels.data.transactions import Purchases

RANGE = (0.01, 1000.0)
"""What k is looked for between; beyond, it is told as 0 or infinite."""

FINE = 1000
"""Purchases further apart, in buckets, are treated as if they were so far apart: the places between are dense."""


@dataclass(frozen=True)
class Regularity:
    """How regular the timing of purchases is: 1 for pure chance, more for more regular, less for bursts.

    Attributes
    ----------
    k
        the shape of the gamma law of a customer's gaps, the same for all customers
    low, high
        the interval that holds it with probability ``prob``
    prob
        that probability
    customers
        how many customers have bought three times, and so have told a pair of gaps
    by_formula
        (1 - 4 V) / (8 V), the formula of the paper, which takes times as exact and so buckets for regularity
    """

    k: float
    low: float
    high: float
    prob: float
    customers: int
    by_formula: float

    @property
    def whole(self) -> int | None:
        """The whole number that fits best, at least 1; None where k is infinite."""
        if self.k == inf:
            return None
        below = max(int(self.k), 1)
        return below if (2.0 * self.k + 1.0) ** 2 <= (2.0 * below + 1.0) * (2.0 * below + 3.0) else below + 1

    @property
    def sentence(self) -> str:
        """What that says of the models: whether exponential timing is plausible, and which whole number fits best."""
        found = f"k = {self.k:.2f} ({self.prob:.0%} interval {self.low:.2f} to {self.high:.2f}"
        found += f", {counted(self.customers, 'customer')})"
        best = "No whole number is large enough" if self.whole is None else f"Of whole numbers {self.whole} fits best"
        if self.low > 1.0:
            verdict = "1 lies below the interval: purchases come more regularly than exponential timing has it"
        elif self.high < 1.0:
            verdict = "1 lies above the interval: purchases come more in bursts than exponential timing has it"
        else:
            verdict = "1 lies in the interval: exponential timing is plausible"
        return f"{found}. {verdict}. {best}."

    def frame(self) -> pd.DataFrame:
        """Tabulate it, in one row."""
        return pd.DataFrame([asdict(self)])


def regularity(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    *,
    customer_id: str = "customer_id",
    date: str = "date",
    resolution: str = "day",
    timezone: str | None = None,
    date_format: str | None = None,
    prob: float = 0.9,
) -> Regularity:
    """Estimate how regular the timing of purchases is, from the last two gaps of each customer who bought three times.

    Parameters
    ----------
    log, customer_id, date, resolution, timezone, date_format
        as in ``rfm_summary``
    prob
        the probability of the interval

    Examples
    --------
    >>> from clvmodels.data import datasets
    >>> regularity(datasets.cdnow(sample=True)).frame().round(2)
          k   low  high  prob  customers  by_formula
    0  0.94  0.85  1.03   0.9        736        0.99
    """
    if not 0.0 < prob < 1.0:
        message = f"prob={prob} is no probability of an interval. Say a number between 0 and 1, such as 0.9."
        raise LogError(message)
    reader = LogReader(customer_id, date, None, resolution, timezone, date_format, "error")
    pairs = _Pairs.of(*_last_gaps(reader.read(log)))
    z = float(ndtri(0.5 + 0.5 * prob))
    k, low, high = (_root(partial(pairs.excess, z=way)) for way in (0.0, -z, z))
    return Regularity(k, low, high, prob, len(pairs.squares), pairs.by_formula())


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of gaps, and the places where their M can lie: a row of places for each distance s that occurs.

    Attributes
    ----------
    squares
        (M - 1/2)^2 of each pair, (n,)
    row
        the row of its places, (n,)
    places
        (j / s - 1/2)^2 for j = 1 ... s - 1, (distances, places)
    logs
        log(4 (j / s) (1 - j / s)) less the largest in its row: to the power of k - 1 the law of M; nan beyond s - 1
    """

    squares: NDArray[np.float64]
    row: NDArray[np.intp]
    places: NDArray[np.float64]
    logs: NDArray[np.float64]

    @classmethod
    def of(cls, first: NDArray[np.int64], second: NDArray[np.int64]) -> _Pairs:
        """Take the lengths of the gaps, in buckets."""
        apart = first + second
        distances, row = np.unique(np.minimum(apart, FINE), return_inverse=True)
        share = np.arange(1, distances.max()) / distances[:, None]
        density = np.where(share < 1.0, 4.0 * share * (1.0 - share), np.nan)
        logs = np.log(density / np.nanmax(density, axis=1, keepdims=True))
        return cls((first / apart - 0.5) ** 2, row, (share - 0.5) ** 2, logs)

    def excess(self, k: float, z: float) -> float:
        """Return by how much the mean square exceeds what k leads to expect, and z standard errors: it rises with k."""
        weights = np.nan_to_num(np.exp((k - 1.0) * self.logs))
        weights /= weights.sum(axis=1, keepdims=True)
        second, fourth = (np.sum(weights * self.places**power, axis=1) for power in (1, 2))
        off = self.squares - second[self.row]
        expected = float(np.mean((fourth - second**2)[self.row]))
        return float(np.mean(off)) - z * sqrt(max(expected, float(np.var(off))) / len(off))

    def by_formula(self) -> float:
        """Return k as if times were exact."""
        variance = float(np.mean(self.squares))
        return (1.0 - 4.0 * variance) / (8.0 * variance) if variance > 0.0 else inf


def _last_gaps(purchases: Purchases) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the last gap but one and the last gap, in buckets, of each customer who has two."""
    starts = purchases.starts()
    lasts = np.append(starts[1:], len(purchases.bucket)) - 1
    lasts = lasts[lasts - starts >= 2]
    first, second = np.diff(purchases.bucket[lasts[:, None] + np.arange(-2, 1)], axis=1).T
    if len(lasts) == 0:
        message = (
            f"Nobody in this log has bought on three {purchases.resolution}s, so there is no pair of gaps to compare. "
            "Take a log that covers a longer time."
        )
        raise LogError(message)
    if np.all(first + second == 2):
        message = (
            f"All last three purchases lie on successive {purchases.resolution}s, too close for {purchases.resolution}s "
            "to tell how regular they are. Say a finer resolution if the dates have times, or take a longer log."
        )
        raise LogError(message)
    return first, second


def _root(rising: Callable[[float], float]) -> float:
    """Find where a function of k changes sign; 0 or infinite where it does so beyond the range."""
    smallest, largest = RANGE
    if rising(smallest) > 0.0:
        return 0.0
    if rising(largest) < 0.0:
        return inf
    bracket = log(smallest), log(largest)
    return exp(cast("float", brentq(_in_logs, *bracket, args=(rising,), xtol=1e-10)))


def _in_logs(y: float, rising: Callable[[float], float]) -> float:
    return rising(exp(y))
