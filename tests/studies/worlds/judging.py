"""How studies judge and tell: coverage, places of the truth among draws, and what chance allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clvmodels.kernels.lift import Array


def say(text: str) -> None:
    """Print a figure of a study (run it with ``-n0 -s`` to see them)."""
    print(text)  # noqa: T201


def covered(ends: Array, truth: Array) -> Any:
    """Whether intervals (n, 2) hold the truth (n,)."""
    return (ends[:, 0] <= truth) & (truth <= ends[:, 1])


def ranked(draws: Array, truth: Array, rng: np.random.Generator) -> Array:
    """Place truths (n,) among their draws (draws, n) by chance where they are equal: uniform if all come from one law."""
    below, equal = (draws < truth).sum(axis=0), (draws == truth).sum(axis=0)
    return (below + rng.random(len(truth)) * (equal + 1)) / (len(draws) + 1)


def furthest(places: Array) -> float:
    """Largest distance between the distribution of places in [0, 1] and the uniform one (Kolmogorov-Smirnov)."""
    ordered, steps = np.sort(places), np.arange(len(places) + 1) / len(places)
    return float(max(np.abs(ordered - steps[1:]).max(), np.abs(ordered - steps[:-1]).max()))


def percentages(hits: Sequence[Any]) -> str:
    """Write shares as percentages."""
    return "  ".join(f"{100 * np.mean(hit):5.1f} %" for hit in hits)


def by_chance(worlds: int) -> tuple[float, float]:
    """How many of so many 90 % intervals hold the truth by chance, but for 0.1 % at either end."""
    low, high = binom.ppf([0.001, 0.999], worlds, 0.9)
    return float(low), float(high)
