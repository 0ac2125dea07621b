"""Valid parameters and histories of all sizes, for laws that hold for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from clvmodels.histories import Histories

if TYPE_CHECKING:
    import clvmodels as clv

BG = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
GG = {"p": 6.25, "q": 3.74, "v": 15.44}

settings.register_profile("laws", deadline=None, derandomize=True)
settings.load_profile("laws")


def powers(low: float, high: float) -> st.SearchStrategy[float]:
    """Positive numbers, evenly over their orders of magnitude."""
    return st.floats(low, high).map(lambda e: 10.0**e)


@st.composite
def histories(draw: Any, most: int = 100_000, longest: float = 5.0) -> tuple[float, float, float]:
    """Any valid (x, t_x, T)."""
    T = draw(st.one_of(st.just(0.0), powers(-2, longest)))
    x = draw(st.one_of(st.just(0), st.integers(0, 12), st.integers(0, most)))
    return float(x), T * draw(st.floats(0.0, 1.0)) if x else 0.0, T


@st.composite
def spenders(draw: Any) -> tuple[float, float]:
    """Any (x, m) with a purchase."""
    return float(draw(st.one_of(st.integers(1, 12), st.integers(1, 100_000)))), draw(powers(-3, 6))


def laid_out(model: clv.BGNBD | clv.GammaGamma, *rows: tuple[float, ...]) -> Histories:
    return Histories.of(dict(zip(model.history, np.array(rows).T, strict=True)))


def points(model: Any, low: float, high: float) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*(powers(low, high) for _ in model.parameters()))
