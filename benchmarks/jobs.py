"""One timed job a process, so that peak memory is its own: ``python benchmarks/jobs.py NAME CUSTOMERS``."""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings
from typing import TYPE_CHECKING

from worlds import customers

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWS = 1000
REPEATS = 5


def timed(function: Callable[[], object]) -> float:
    """Seconds that a call takes."""
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def clvmodels_fit(n: int) -> dict[str, float]:
    """BG/NBD maximum likelihood: the gate (finding distinct histories) apart from the fit."""
    warm = customers(2_000, seed=2)
    clv.fit(clv.BGNBD(), warm, clv.MLE())
    fresh = [customers(n) for _ in range(2)]
    gate = min(timed(lambda c=c: c.histories(clv.BGNBD.history)) for c in fresh)
    fits: list[clv.Fit] = []
    seconds = sorted(timed(lambda: fits.append(clv.fit(clv.BGNBD(), fresh[0], clv.MLE()))) for _ in range(REPEATS))
    known = {"distinct": len(fresh[0].histories(clv.BGNBD.history)), "evaluations": fits[0].record.evaluations, "gate": gate}
    return {"seconds": seconds[REPEATS // 2], **known, "log_likelihood": fits[0].log_likelihood}


def lifetimes_fit(n: int) -> dict[str, float]:
    """The same by lifetimes."""
    warnings.simplefilter("ignore")
    from lifetimes import BetaGeoFitter  # noqa: PLC0415

    told = customers(n)
    fitter = BetaGeoFitter()
    seconds = timed(lambda: fitter.fit(told.frequency, told.recency, told.T))
    found = clv.BGNBD().at(**{name: float(fitter.params_[name]) for name in clv.BGNBD().parameters()})
    return {"seconds": seconds, "log_likelihood": float(found.pointwise(told).sum())}


def _worth(n: int) -> clv.Valuation:
    learned = customers(20_000, seed=3)
    fit = clv.fit(clv.BGNBD(), learned, clv.Laplace(draws=DRAWS), seed=1)
    spend = clv.fit(clv.GammaGamma(), learned.all_buyers(), clv.Laplace(draws=DRAWS), seed=1)
    terms = {"horizon": 52, "discount": clv.yearly(0.10), "seed": 1}
    few = clv.value(fit, spend, customers=customers(2_000, seed=2), **terms)
    few.expected.interval(), few.outcome.interval()
    return clv.value(fit, spend, customers=customers(n), **terms)


def expected(n: int) -> dict[str, float]:
    """Mean and interval of the expected value, all set-up of the valuation included."""
    worth = _worth(n)
    seconds = timed(lambda: (worth.expected.mean, worth.expected.interval()))
    return {"seconds": seconds, "microseconds_per_customer_and_draw": seconds / n / DRAWS * 1e6}


def outcome(n: int) -> dict[str, float]:
    """Mean and interval of the outcome."""
    worth = _worth(n)
    seconds = timed(lambda: (worth.outcome.mean, worth.outcome.interval()))
    return {"seconds": seconds, "microseconds_per_customer_and_draw": seconds / n / DRAWS * 1e6}


def baseline(n: int) -> dict[str, float]:
    """Everything but the valuation, for the memory that the rest of the process takes."""
    _worth(n)
    return {"seconds": 0.0}


JOBS = {job.__name__: job for job in (clvmodels_fit, lifetimes_fit, expected, outcome, baseline)}


def main() -> None:
    name, n = sys.argv[1], int(sys.argv[2])
    found = JOBS[name](n)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0
    print(json.dumps({"job": name, "customers": n, **found, "peak_mb": round(peak)}))


if __name__ == "__main__":
    main()
