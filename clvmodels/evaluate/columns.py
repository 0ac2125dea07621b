"""Columns of a comparison: each a number of one forecaster at one origin, where it has what that needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvmodels.evaluate import metrics

if TYPE_CHECKING:
    from collections.abc import Callable

    from clvmodels.evaluate.backtest import Outcome
    from clvmodels.evaluate.judging import Judged
    from clvmodels.kernels.lift import Array

    Metric = Callable[[Judged, Outcome], float]

SCORES = ("log_score", "squared_error", "value_squared_error", "purchases_crps", "value_crps", "elpd")
"""What can be compared customer by customer."""

HIGHER = ("log_score", "elpd")
"""Those that are better the higher; the others are better the lower."""


def actual(then: Outcome, what: str) -> Array:
    """What happened to each customer, purchases or their value: (n,)."""
    return np.asarray(then.holdout.purchases if what == "purchases" else then.holdout.value, dtype=float)


def score(one: Judged, then: Outcome | None, name: str) -> Array | None:
    """A score of each customer, turned so that more is better; None where it has none."""
    if then is not None and name.endswith("squared_error"):
        what = "value" if name.startswith("value") else "purchases"
        return -((one.columns[what] - actual(then, what)) ** 2) if what in one.columns else None
    values = one.columns.get(name)
    return values if values is None or name in HIGHER else -values


def _of(what: str, metric: Callable[[Array, Array], float]) -> Metric:
    """A metric of what was forecast, beside what happened."""
    return lambda one, then: metric(one.columns[what], actual(then, what))


def _mean(column: str) -> Metric:
    return lambda one, _: float(one.columns[column].mean())


def _both(what: str, before: str) -> dict[str, Metric]:
    """The metrics of counts, and of money."""
    return {
        f"{before}mae": _of(what, metrics.mae),
        f"{before}rmse": _of(what, metrics.rmse),
        f"{before}bias": _of(what, metrics.bias),
        f"{before}spearman": _of(what, metrics.spearman),
        f"{before}gini": _of(what, metrics.gini),
        f"{before}top10": _of(what, lambda said, then: metrics.capture(said, then, 0.1)),
        f"{before}top20": _of(what, lambda said, then: metrics.capture(said, then, 0.2)),
        f"{before}crps": _mean(f"{what}_crps"),
    }


METRICS: dict[str, Metric] = {
    **_both("purchases", ""),
    "log_score": _mean("log_score"),
    "brier": lambda one, then: metrics.brier(one.columns["any_purchase"], then.holdout.purchases > 0),
    "auc_alive": lambda one, then: metrics.auc(one.columns["alive"], then.holdout.purchases > 0),
    **_both("value", "value_"),
}
"""Those that need an outcome."""

TOLD = ("elpd", "elpd_se", "aic", "bic", "seconds")
"""Those that don't."""


def numbers(one: Judged, then: Outcome | None) -> dict[str, float]:
    """Return all that can be had of one forecaster at one origin."""
    found = {name: one.told[name] for name in TOLD if name in one.told}
    for name, metric in METRICS.items():
        try:
            found[name] = metric(one, then) if then is not None else np.nan
        except KeyError:
            found[name] = np.nan
    return {name: found.get(name, np.nan) for name in (*METRICS, *TOLD)}
