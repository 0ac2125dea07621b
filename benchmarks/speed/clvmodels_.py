"""Ourselves: ``python clvmodels_.py TASK MODEL SIZE TABLE [METHOD]``, as ``protocol.py`` says.

Fits and values begin with few customers, so that nothing is compiled while time is taken; a posterior does not: as for any
competitor, what it compiles is counted, unless it was kept on disk from a process before.
"""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from histories import PURCHASES
from protocol import Asked, answer, timed

import clvmodels as clv
from clvmodels.kernels.jit import jit

if TYPE_CHECKING:
    from numpy.typing import NDArray

METHODS = {"NUTS": clv.NUTS(draws=1000, tune=1000, chains=4), "Laplace": clv.Laplace(draws=4000)}
DRAWS, REPEATS, FEW = 1000, 5, 2_000
NEEDED = {"BG/NBD": 4, "MBG/NBD": 4, "BG/CNBD-2": 6, "MBG/CNBD-2": 6, "NBD": 1, "Pareto/NBD": 2, "GG/NBD": 64}
"""Logs and exponentials of a distinct history that can't be shared with others of the same x, or the same x and T.

BG/NBD: log of a ratio of times, log of the odds, their exponential, log of the sum. Pareto/NBD: the exponential and the log
of its sum of two parts. GG/NBD: a Gauss-Legendre panel of 16 nodes with four each.
"""


def summary(asked: Asked) -> dict[str, Any]:
    """A log to customers."""
    log = pd.DataFrame(asked.columns())
    clv.rfm_summary(log.head(100))
    return {"seconds": median(timed(lambda: clv.rfm_summary(log)) for _ in range(REPEATS)), "purchases": len(log)}


def fit(asked: Asked) -> dict[str, Any]:
    """Maximum likelihood: the gate (finding distinct histories) apart from the fit, which finds those of its parts anew."""
    columns, model = asked.columns(), PURCHASES[asked.model].model
    clv.fit(model, _customers(columns, FEW), clv.MLE())
    fits: list[clv.Fit] = []
    gates, seconds = [], []
    for _ in range(REPEATS):
        fresh = _customers(columns)
        gates.append(timed(lambda c=fresh: c.histories(model.history)))
        seconds.append(timed(lambda c=fresh: fits.append(clv.fit(model, c, clv.MLE()))))
    known = {"distinct": len(fresh.histories(model.history)), "evaluations": fits[0].record.evaluations}
    return {"seconds": median(seconds), "gate": median(gates), **known, "log_likelihood": fits[0].log_likelihood}


def evaluation(asked: Asked) -> dict[str, Any]:
    """One evaluation of the likelihood with its slopes: time a distinct history, the share of logs and exponentials."""
    model, seen = PURCHASES[asked.model].model, _customers(asked.columns())
    histories = seen.histories(model.history).with_constants(model.settings())
    theta = PURCHASES[asked.model].draws
    model.loglik(theta, histories).total()
    _transcendental(10)
    seconds = min(timed(lambda: model.loglik(theta, histories).total()) for _ in range(REPEATS))
    rows = len(histories)
    floor = min(timed(lambda: _transcendental(NEEDED[asked.model] * rows)) for _ in range(REPEATS)) / 2.0
    rates = {"nanoseconds_a_history": seconds / rows * 1e9, "transcendental": floor / seconds}
    return {"seconds": seconds, "distinct": rows, **rates}


def posterior(asked: Asked) -> dict[str, Any]:
    """Draws by one of our methods, and how many they are worth: of the parameter that has the fewest effective ones."""
    import arviz as az  # noqa: PLC0415  (imports are not timed, and take memory of their own)
    import nutpie  # noqa: F401, PLC0415

    seen = _customers(asked.columns())
    fits: list[clv.Fit] = []
    seconds = timed(lambda: fits.append(clv.fit(PURCHASES[asked.model].model, seen, METHODS[asked.method], seed=1)))
    [found] = fits
    chains = np.log(found.draws).reshape(found.chains, -1, len(found.model.parameters()))
    sampled = [float(az.ess(np.ascontiguousarray(chains[..., j]))) for j in range(chains.shape[-1])]
    effective = min(sampled if found.chains > 1 else found.record.ess or sampled)
    told = {"effective": effective, "effective_a_second": effective / seconds}
    return {"seconds": seconds, **told, **({"r_hat": max(found.record.r_hat)} if found.record.r_hat else {})}


def value(asked: Asked) -> dict[str, Any]:
    """Mean and interval of the expected value or of the outcome, all set-up of the valuation included.

    ``baseline`` is everything but the valuation, for the memory that the rest of the process takes.
    """
    worth = _worth(asked)
    if asked.method == "baseline":
        return {"seconds": 0.0}
    answers = {"expected": lambda: worth.expected, "outcome": lambda: worth.outcome}[asked.method]
    seconds = timed(lambda: (answers().mean, answers().interval()))
    return {"seconds": seconds, "microseconds_per_customer_and_draw": seconds / int(asked.size) / DRAWS * 1e6}


def _worth(asked: Asked) -> clv.Valuation:
    """A valuation of all by a posterior of few, after one of those few."""
    columns = asked.columns()
    learned = _customers(columns, FEW)
    found = clv.fit(PURCHASES[asked.model].model, learned, clv.Laplace(draws=DRAWS), seed=1)
    spend = clv.fit(clv.GammaGamma(), learned.all_buyers(), clv.Laplace(draws=DRAWS), seed=1)
    terms = {"horizon": 52, "discount": clv.yearly(0.10), "seed": 1}
    few = clv.value(found, spend, customers=learned, **terms)
    few.expected.interval(), few.outcome.interval()
    return clv.value(found, spend, customers=_customers(columns), **terms)


def _customers(columns: dict[str, NDArray[Any]], first: int | None = None) -> clv.Customers:
    """The first so many customers of a table."""
    told = {name: column[:first] for name, column in columns.items() if name != "customer_id"}
    return clv.Customers.from_arrays(**told, unit="week")


@jit
def _transcendental(count: int) -> float:
    """As many logs of 1 + x and exponentials, in turn."""
    total = 0.0
    for i in range(count // 2):
        total += np.exp(-np.log1p(1e-9 * i))
    return total


if __name__ == "__main__":
    tasks = {task.__name__: task for task in (summary, fit, evaluation, posterior, value)}
    answer(tasks, ("numpy", "scipy", "numba", "pandas", "nutpie", "arviz"), clvmodels=clv.__version__)
