"""Replicates: bases of customers drawn from a fit, and what they show, to be held beside what was seen.

Draw d of the parameters is one world, in which a base is drawn whose customers are watched for as long as the real ones;
what a manager would look at is worked out in each world and in reality alike. Where parameters were learned from the same
customers the real base lies nearer the middle of the replicates than a new one would, so alarms are rarer than their rate.

Source: A. Gelman, X.-L. Meng, H. Stern (1996), Posterior predictive assessment of model fitness via realized discrepancies,
Statistica Sinica 6.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import QuestionError
from clvmodels.evaluate.dependence import rank_correlation

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clvmodels.buyers import Buyers
    from clvmodels.customers import Customers
    from clvmodels.fitted import Fit
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

MOST = 20_000
"""Customers looked at, drawn at random where there are more."""

MANY = 7
"""Repeat purchases from which on customers are counted together."""

BARS = (*(f"share with {k} repeat purchases" for k in range(MANY)), f"share with {MANY} or more")
MOVED, BOUGHT = "share in another bar of the histogram", "repeat purchases per customer"
STAYED, SILENT = "recency / T of repeat buyers", "share of repeat buyers silent for half of T"
PURCHASES = (*BARS, MOVED, BOUGHT, STAYED, SILENT)
"""What is looked at of purchases."""

SPENT = ("mean spend", "median spend", "90% quantile of spend")
TOGETHER = "rank correlation of spend and frequency"
SPEND = (*SPENT, TOGETHER)
"""What is looked at of the mean value of each customer's purchases."""

SLACK, SLACKS = 0.1, {MOVED: 0.05, TOGETHER: 0.1}
"""How far from the median something may lie without mattering: as a share of the median, but for a few."""


@dataclass(frozen=True)
class Finding:
    """One number that was seen, beside what was expected of it.

    Attributes
    ----------
    observed
        what was seen
    low, median, high
        what was expected, with an interval
    p
        the share of replicates at least as far out, on the nearer side, twice
    verdict
        where what was seen lies: inside, lower or higher; "a little" so where it is too little to matter
    """

    observed: float
    low: float
    median: float
    high: float
    p: float
    verdict: str

    @property
    def matters(self) -> bool:
        """Whether it is off, and by more than a little."""
        return self.verdict in {"lower", "higher"}

    def fact(self, name: str) -> str:
        """Say it in words."""
        form = ".1%" if name.startswith("share") else ",.0f" if self.high >= 1000.0 else ".3g"
        place = "below" if self.observed < self.low else "above" if self.observed > self.high else "within"
        return f"{name} {self.observed:{form}}, {place} the {self.low:{form}} to {self.high:{form}} expected"


def is_prior(fit: Fit) -> bool:
    """Whether it has drawn its parameters without a look at the data."""
    return not fit.record.learned


def asked(replicates: int, prob: float) -> None:
    """Check what is asked of replicates: enough of them that the ends of an interval mean something."""
    if not 0.0 < prob < 1.0:
        message = f"prob={prob} is no probability of an interval. Say a number between 0 and 1, such as 0.98."
        raise QuestionError(message)
    fewest = ceil(2.0 / (1.0 - prob))
    if replicates < fewest:
        message = f"{replicates} replicates can't tell intervals of {prob:.6g}: take {fewest} or more, or a lower prob."
        raise QuestionError(message)


def worlds(fit: Fit, number: int) -> Iterator[Fit]:
    """Go through draws of a fit, evenly spaced: each a fit of one draw."""
    for place in np.linspace(0, len(fit.draws) - 1, number).round().astype(int):
        yield replace(fit, draws=fit.draws[place : place + 1])


def some(n: int, rng: np.random.Generator) -> Index:
    """Choose whom to look at: everybody, or as many at random as are looked at."""
    return np.arange(n) if n <= MOST else np.sort(rng.choice(n, MOST, replace=False))


def purchases_shown(x: Array, t_x: Array, T: Array) -> Array:
    """What purchases show, but for the share in another bar: (statistics - 1,); 0 of repeat buyers where there are none.

    >>> purchases_shown(np.array([0.0, 0.0, 1.0, 9.0]), np.array([0.0, 0.0, 2.0, 9.0]), np.full(4, 10.0)).round(3).tolist()
    [0.5, 0.25, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 2.5, 0.55, 0.5]
    """
    bars = np.bincount(np.minimum(x, MANY).astype(int), minlength=MANY + 1) / len(x)
    again = (x > 0.0) & (T > 0.0)
    part = t_x[again] / T[again]
    of_repeat_buyers = (part.mean(), (part < 0.5).mean()) if len(part) else (0.0, 0.0)
    return np.array([*bars, x.mean(), *of_repeat_buyers])


def spend_shown(x: Array, m: Array) -> Array:
    """What the mean value m of x purchases of each customer shows: (statistics,).

    >>> spend_shown(np.array([1.0, 2.0, 3.0]), np.array([5.0, 10.0, 30.0])).round(3).tolist()
    [15.0, 10.0, 26.0, 1.0]
    """
    flat = min(np.ptp(x), np.ptp(m)) == 0.0
    return np.array([m.mean(), *np.quantile(m, [0.5, 0.9]), 0.0 if flat else rank_correlation(x, m)])


def with_moved(observed: Array, drawn: Array) -> tuple[Array, Array]:
    """Add, behind the bars, the share of customers in another bar than in the mean of the replicates."""
    bars = len(BARS)
    middle = drawn[:, :bars].mean(axis=0)
    moved = [0.5 * np.abs(shown[..., :bars] - middle).sum(axis=-1) for shown in (observed, drawn)]
    return np.insert(observed, bars, moved[0]), np.insert(drawn, bars, moved[1], axis=1)


def purchases_of(fit: Fit, customers: Customers, number: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """What the purchases of customers show, (statistics,), and those of as many strangers: (replicates, statistics)."""
    chosen = some(len(customers), rng)
    x, t_x, T = (column[chosen] for column in (customers.frequency, customers.recency, customers.T))
    drawn: list[Array] = []
    for world in worlds(fit, number):
        base = world.simulate(len(T), T, int(rng.integers(2**32)))
        drawn.append(purchases_shown(base.frequency, base.recency, T))
    return with_moved(purchases_shown(x, t_x, T), np.array(drawn))


def spend_of(fit: Fit, buyers: Buyers, number: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """What the spend of buyers shows, (statistics,), and that of strangers who buy as often: (replicates, statistics)."""
    seen = np.flatnonzero(buyers.x)
    if len(seen) == 0:
        message = "None of these customers has a purchase of known value, so there is no spend to check. Take others."
        raise QuestionError(message)
    seen = seen[some(len(seen), rng)]
    x = buyers.x[seen]
    drawn = [spend_shown(x, world.draw_spend(x, rng)[1]) for world in worlds(fit, number)]
    return spend_shown(x, buyers.m[seen]), np.array(drawn)


def compared(names: Sequence[str], observed: Array, drawn: Array, prob: float, inside: str) -> list[Finding]:
    """Hold what was seen (k,) beside what was drawn (replicates, k); ``inside`` is the verdict on what was expected."""
    told = zip(names, map(float, observed), drawn.T, strict=True)
    return [_finding(name, seen, column, prob, inside) for name, seen, column in told]


def _finding(name: str, seen: float, drawn: Array, prob: float, inside: str) -> Finding:
    """Hold one number beside those drawn; there can't be too few customers in another bar, so that has one side."""
    tail = 0.0 if name == MOVED else 0.5 * (1.0 - prob)
    low, median, high = (float(end) for end in np.quantile(drawn, [tail, 0.5, tail + prob]))
    low = 0.0 if name == MOVED else low
    above, below = (float(side.sum() + 1.0) / (len(drawn) + 1.0) for side in (drawn >= seen, drawn <= seen))
    p = above if name == MOVED else min(2.0 * min(above, below), 1.0)
    side = "higher" if seen > high else "lower" if seen < low else ""
    little = abs(seen - median) <= SLACKS.get(name, SLACK * median)
    return Finding(seen, low, median, high, p, f"a little {side}" if side and little else side or inside)
