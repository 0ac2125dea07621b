"""Integrals over the whole line of what is known by its log: the trapezoidal rule, walked both ways from the peak.

For integrands that are positive, have one peak, are analytic in a strip and fall off exponentially on both sides the rule
converges exponentially (Trefethen & Weideman 2014). Slopes of the log of the integral come with it: they are the means,
weighted by the integrand, of the slopes of its log.

An integrand is a named tuple of its parameters, whose class says which formula it has: so that compiled code that contains
it can be kept on disk (one that is handed functions can't).
"""
# pyright: basic

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING, Any

from numba.extending import overload

from clvmodels.kernels.jit import jit
from clvmodels.kernels.tuples import with_value

if TYPE_CHECKING:
    from collections.abc import Callable

FORMULAS: dict[Any, Any] = {}
"""The formula of each kind of integrand."""

REACH = 42.0
"""How far below its peak, in logs, an integrand is followed."""

STEP = 0.4
"""Of the smaller of 1 and the width of the peak: a step of the rule."""

NARROW = 1e-7

FURTHEST = 2000
"""Steps after which a walk ends in any case: parameters beyond all digits have no peak to be found."""


def integrand(kind: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the formula of a kind of integrand: of x and its parameters, a tuple: its log, then any other numbers."""

    def declare(formula: Callable[..., Any]) -> Callable[..., Any]:
        FORMULAS[kind] = jit(formula)
        return FORMULAS[kind]

    return declare


def at(x: float, what: Any) -> tuple[float, ...]:
    """Evaluate an integrand (in plain Python; compiled code has its own)."""
    return FORMULAS[type(what)](x, what)


@overload(at)
def _at(x, what):  # noqa: ANN001, ANN202, ARG001
    formula = FORMULAS[what.instance_class]
    return lambda x, what: formula(x, what)  # noqa: PLW0108


@jit
def peak(what: Any, start: float) -> tuple[float, float]:
    """Where an integrand is (nearly) largest, and the width of its peak."""
    x, step = start, 4.0
    here = at(x, what)[0]
    for _ in range(FURTHEST):
        up, down = at(x + step, what)[0], at(x - step, what)[0]
        if up > here:
            x, here = x + step, up
        elif down > here:
            x, here = x - step, down
        elif step < NARROW or (here - up < 0.5 and here - down < 0.5) or (here - max(up, down) < 0.5 and step < 0.5):
            break
        else:
            step *= 0.5
    return x, step


@jit
def log_integral(what: Any, start: float) -> Any:
    """Integrate over the line.

    Parameters
    ----------
    what
        An integrand.
    start
        Where to look for the peak first.

    Returns
    -------
    tuple
        The log of the integral, and the mean of each other number, weighted by the integrand.
    """
    centre, width = peak(what, start)
    step = STEP * min(1.0, width)
    first = at(centre, what)
    top, total, sums = first[0], 1.0, first
    for side in (1.0, -1.0):
        k = 1.0
        while k < FURTHEST:
            values = at(centre + side * k * step, what)
            depth = values[0] - top
            weight = exp(depth)
            total += weight
            for j in range(1, len(values)):
                sums = with_value(sums, j, sums[j] + weight * values[j])
            k += 1.0
            if not depth >= -REACH:
                break
    for j in range(1, len(first)):
        sums = with_value(sums, j, sums[j] / total)
    return with_value(sums, 0, top + log(total * step))
