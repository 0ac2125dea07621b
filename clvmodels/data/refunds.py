"""Refunds: netted within their bucket, and what remains against the same customer's latest earlier purchases.

A refund is taken to undo the last thing bought (last in, first out), so a customer's history is what she kept. Values
within a billionth of each other are equal: cents that were added up in another order must not leave a purchase behind.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.data.notes import netted, unmatched
from clvmodels.errors import LogError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clvmodels.data.transactions import Purchases

ROUNDING = 1e-9
"""The share of a value that counts as nothing."""


def net(purchases: Purchases, when: str) -> tuple[Purchases, tuple[str, ...]]:
    """Take refunds off purchases, leave out the purchases that they took to 0, and say how much that was.

    A purchase that cost nothing and had no refund stays a purchase. What remains of a refund that no earlier purchase
    of these can bear is left out; ``when`` is how the notes name the time that the purchases come from.
    """
    value, refund = purchases.value, purchases.refund
    if value is None or refund is None or not refund.any():
        return purchases, ()
    rest = _rounded(value - refund, np.maximum(value, refund))
    for start, stop in _indebted(purchases, rest):
        rest[start:stop] = _settled(rest[start:stop].tolist(), value[start:stop].tolist(), refund[start:stop].tolist())
    free = (value == 0) & (refund == 0)
    kept = (rest > 0) | free
    cancelled = int(np.count_nonzero(~kept & (value > 0)))
    notes = [netted(int(np.count_nonzero(refund)), float(refund.sum()), cancelled, when)]
    owing = rest < 0
    if owing.any():
        notes.append(unmatched(int(np.count_nonzero(owing)), -float(rest[owing].sum()), when))
    left = replace(purchases, value=rest, refund=np.zeros_like(rest)).where(kept)
    return left, tuple(notes)


def all_cancelled(when: str) -> LogError:
    """Say that no purchase is left."""
    message = f"Refunds cancel every purchase {when}, so there is nobody to describe. Are the values' signs right?"
    return LogError(message)


def _rounded(rest: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take what is only a rounding error for 0."""
    return np.where(np.abs(rest) <= ROUNDING * scale, 0.0, rest)


def _indebted(purchases: Purchases, rest: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Find the buckets, from start to stop, of each customer who has a refund larger than its bucket's purchases."""
    starts = purchases.starts()
    stops = np.append(starts[1:], len(rest))
    owing = np.logical_or.reduceat(rest < 0, starts)
    return list(zip(starts[owing].tolist(), stops[owing].tolist(), strict=True))


def _settled(rest: list[float], value: list[float], refund: list[float]) -> list[float]:
    """Pass each shortfall of one customer on to the latest earlier buckets that have something left."""
    standing: list[int] = []
    for now, left in enumerate(rest):
        if left > 0:
            standing.append(now)
        while rest[now] < 0 and standing:
            last = standing[-1]
            taken = min(rest[last], -rest[now])
            rest[last] -= taken
            rest[now] += taken
            if rest[last] <= ROUNDING * value[last]:
                rest[last] = 0.0
                standing.pop()
            if -rest[now] <= ROUNDING * refund[now]:
                rest[now] = 0.0
    return rest
