"""One timed job a process, so that peak memory is its own: ``python benchmarks/jobs.py JOB CUSTOMERS [MODEL]``."""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from worlds import PURCHASES, TWO_YEARS, WEEKS, customers

import clvmodels as clv
from clvmodels.kernels.jit import jit

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWS = 1000
REPEATS = 5
DATED = {"by day": (WEEKS, 1), "by week": (WEEKS, 7), "two years by day": (TWO_YEARS, 1)}


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def _seen(n: int, model: str, dated: str, seed: int = 1) -> clv.Customers:
    watched, bucket = DATED[dated]
    return customers(n, seed, model=model, watched=watched, bucket=bucket)


def clvmodels_fit(n: int, model: str, dated: str = "by day") -> dict[str, Any]:
    """Maximum likelihood: the gate (finding distinct histories) apart from the fit, which finds those of its parts anew."""
    kind = PURCHASES[model].model
    clv.fit(kind, _seen(2_000, model, dated, seed=2), clv.MLE())
    fits: list[clv.Fit] = []
    gates, seconds = [], []
    for _ in range(REPEATS):
        fresh = _seen(n, model, dated)
        gates.append(timed(lambda c=fresh: c.histories(kind.history)))
        seconds.append(timed(lambda c=fresh: fits.append(clv.fit(kind, c, clv.MLE()))))
    distinct = len(fresh.histories(kind.history))
    known = {"distinct": distinct, "evaluations": fits[0].record.evaluations, "gate": min(gates)}
    return {"seconds": sorted(seconds)[REPEATS // 2], **known, "log_likelihood": fits[0].log_likelihood}


def lifetimes_fit(n: int, model: str, dated: str = "by day") -> dict[str, Any]:
    """The same by lifetimes."""
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter, ParetoNBDFitter  # noqa: PLC0415

    told = _seen(n, model, dated)
    fitter = {"BG/NBD": BetaGeoFitter, "Pareto/NBD": ParetoNBDFitter}[model]()
    np.random.seed(1)  # noqa: NPY002  (its Pareto/NBD starts at random)
    seconds = timed(lambda: fitter.fit(told.frequency, told.recency, told.T))
    kind = PURCHASES[model].model
    found = kind.at(**{name: float(fitter.params_[name]) for name in kind.parameters()})
    return {"seconds": seconds, "log_likelihood": float(found.pointwise(told).sum())}


@jit
def _transcendental(count: int) -> float:
    """As many logs of 1 + x and exponentials, in turn."""
    total = 0.0
    for i in range(count // 2):
        total += np.exp(-np.log1p(1e-9 * i))
    return total


NEEDED = {
    "BG/NBD": 4,
    "MBG/NBD": 4,
    "BG/CNBD-2": 6,
    "MBG/CNBD-2": 6,
    "NBD": 1,
    "Pareto/NBD": 2,
    "GG/NBD": 64,
}
"""Logs and exponentials of a distinct history that can't be shared with others of the same x, or the same x and T.

BG/NBD: log of a ratio of times, log of the odds, their exponential, log of the sum. Pareto/NBD: the exponential and the log
of its sum of two parts. GG/NBD: a Gauss-Legendre panel of 16 nodes with four each.
"""


def evaluation(n: int, model: str) -> dict[str, Any]:
    """One evaluation of the likelihood with its slopes: time a distinct history, the share of logs and exponentials."""
    kind = PURCHASES[model].model
    histories = _seen(n, model, "two years by day").histories(kind.history).with_constants(kind.settings())
    theta = PURCHASES[model].draws
    kind.loglik(theta, histories).total()
    _transcendental(10)
    seconds = min(timed(lambda: kind.loglik(theta, histories).total()) for _ in range(REPEATS))
    rows = len(histories)
    floor = min(timed(lambda: _transcendental(NEEDED[model] * rows)) for _ in range(REPEATS)) / 2.0
    return {
        "seconds": seconds,
        "distinct": rows,
        "nanoseconds_a_history": seconds / rows * 1e9,
        "transcendental": floor / seconds,
    }


def _worth(n: int, model: str) -> clv.Valuation:
    learned = customers(20_000, seed=3, model=model)
    fit = clv.fit(PURCHASES[model].model, learned, clv.Laplace(draws=DRAWS), seed=1)
    spend = clv.fit(clv.GammaGamma(), learned.all_buyers(), clv.Laplace(draws=DRAWS), seed=1)
    terms = {"horizon": 52, "discount": clv.yearly(0.10), "seed": 1}
    few = clv.value(fit, spend, customers=customers(2_000, seed=2, model=model), **terms)
    few.expected.interval(), few.outcome.interval()
    return clv.value(fit, spend, customers=customers(n, model=model), **terms)


def expected(n: int, model: str) -> dict[str, Any]:
    """Mean and interval of the expected value, all set-up of the valuation included."""
    worth = _worth(n, model)
    seconds = timed(lambda: (worth.expected.mean, worth.expected.interval()))
    return {"seconds": seconds, "microseconds_per_customer_and_draw": seconds / n / DRAWS * 1e6}


def outcome(n: int, model: str) -> dict[str, Any]:
    """Mean and interval of the outcome."""
    worth = _worth(n, model)
    seconds = timed(lambda: (worth.outcome.mean, worth.outcome.interval()))
    return {"seconds": seconds, "microseconds_per_customer_and_draw": seconds / n / DRAWS * 1e6}


def baseline(n: int, model: str) -> dict[str, Any]:
    """Everything but the valuation, for the memory that the rest of the process takes."""
    _worth(n, model)
    return {"seconds": 0.0}


JOBS = {job.__name__: job for job in (clvmodels_fit, lifetimes_fit, evaluation, expected, outcome, baseline)}


def main() -> None:
    job, n, *told = sys.argv[1:]
    found = JOBS[job](int(n), *told)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(json.dumps({**found, "peak_mb": round(peak)}))


if __name__ == "__main__":
    main()
