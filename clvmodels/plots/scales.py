"""Scales of money: even around nothing, and of equal factors far from it, so that losses have a place, too."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Literal

import numpy as np

from clvmodels.evaluate.pictures import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.economics.valuation import Valuation
    from clvmodels.kernels.lift import Array

DECADES = 2.8
"""Powers of ten between two ends up to which 2 and 5 are named, too."""

MOST = 9
"""Amounts that an axis names, at most."""


def bent(amounts: Array | float, scale: float) -> Array:
    """Where amounts lie on the scale: even below ``scale``, of equal factors above."""
    return np.arcsinh(np.asarray(amounts) / scale)


def money_axis(ax: Axes, which: Literal["x", "y"], ends: Array, scale: float) -> None:
    """Give an axis the scale, and name round amounts on it between the ends."""
    low, high = float(np.min(ends)), float(np.max(ends))
    amounts = round_amounts(low, high, scale)
    (ax.set_xscale if which == "x" else ax.set_yscale)("asinh", linear_width=scale)
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_ticks(amounts, labels=[plain(amount, None) for amount in amounts])
    axis.set_ticks([], minor=True)


def log_axis(ax: Axes, which: Literal["x", "y"], ends: Array) -> None:
    """Give an axis a scale of equal factors, and name 1, 2, 5, 10... on it, or powers of ten alone."""
    known = np.ravel(ends)[np.isfinite(np.ravel(ends))]
    (ax.set_xscale if which == "x" else ax.set_yscale)("log")
    axis = ax.xaxis if which == "x" else ax.yaxis
    first, last = (int(round_to(np.log10(end))) for end, round_to in ((known.min(), np.floor), (known.max(), np.ceil)))
    wide = np.log10(known.max() / known.min()) > DECADES
    rounds = [digit * 10.0**power for power in range(first, last + 1) for digit in ((1.0,) if wide else (1.0, 2.0, 5.0))]
    amounts = [amount for amount in rounds if known.min() / 1.3 <= amount <= known.max() * 1.3]
    axis.set_ticks(amounts, labels=[f"{amount:,g}" for amount in amounts])
    axis.set_ticks([], minor=True)


def round_amounts(low: float, high: float, scale: float) -> list[float]:
    """Return round amounts between two ends that aren't too near each other on the scale, nothing among them.

    >>> round_amounts(-5.0, 2000.0, 10.0)
    [0.0, 10.0, 50.0, 200.0, 500.0, 2000.0]
    """
    room = (bent(high, scale) - bent(low, scale)) / MOST
    powers = range(int(np.floor(np.log10(scale))) - 1, int(np.ceil(np.log10(max(abs(low), abs(high), scale)))) + 1)
    rounds = [digit * 10.0**power for power in powers for digit in (1.0, 2.0, 5.0)]
    found = [0.0] if low <= 0.0 <= high else []
    for amount in sorted((sign * size for size in rounds for sign in (1.0, -1.0)), key=abs):
        near = min((abs(bent(amount, scale) - bent(other, scale)) for other in found), default=inf)
        if low <= amount <= high and near >= room:
            found.append(amount)
    return sorted(found)


def span_of(worth: Valuation) -> str:
    """Say over what time customers are valued."""
    unit = worth.customers.unit
    return "their whole lives" if worth.horizon == inf else f"the next {worth.horizon:.4g} {unit}s"
