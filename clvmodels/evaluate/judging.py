"""Judging: a forecast beside what happened, customer by customer, in one pass over its draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import QuestionError, counted
from clvmodels.evaluate.metrics import crps
from clvmodels.kernels.threads import each
from clvmodels.sources import blocks, in_order

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clvmodels.data.split import Holdout
    from clvmodels.estimate import Estimate
    from clvmodels.evaluate.forecasts import Forecast
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array

LEAST = 1e-300
"""The smallest chance that the log of is taken, so that one who said never has a bad score and no infinite one."""


@dataclass(frozen=True, eq=False)
class Judged:
    """What a forecaster said of one origin, held beside what happened.

    Attributes
    ----------
    name, cutoff
        whose, and from which moment
    columns
        by name, (n,) each, those that it has: purchases, value, any_purchase, alive (as forecast); log_score (of the number
        of purchases); purchases_below and purchases_upto (the chances of less than what happened, and of no more),
        purchases_crps; the same of value; elpd
    totals
        draws of the total of purchases, and of value, where it has a law
    told
        numbers that go with it
    warnings
        what must be known of it, in sentences
    failed
        why there is nothing, if so
    """

    name: str
    cutoff: str
    columns: Mapping[str, Array] = field(repr=False)
    totals: Mapping[str, Array] = field(repr=False)
    told: Mapping[str, float]
    warnings: tuple[str, ...] = ()
    failed: str = ""


def judge(name: str, cutoff: str, forecast: Forecast, holdout: Holdout) -> Judged:
    """Hold a forecast beside a holdout; refuse one with numbers that are none, for no score of it would be one."""
    said = {
        "purchases": _sound("purchases", forecast.purchases),
        "value": _sound("value", forecast.value) if holdout.value is not None else None,
        "any_purchase": _sound("any_purchase", forecast.any_purchase),
        "alive": _sound("alive", forecast.alive),
        "elpd": forecast.elpd,
        "log_score": _log_score(forecast, holdout),
    }
    columns = {column: values for column, values in said.items() if values is not None}
    totals: dict[str, Array] = {}
    laws = {"purchases": (forecast.purchases_law, holdout.purchases), "value": (forecast.value_law, holdout.value)}
    for what, (law, actual) in laws.items():
        if law is not None and actual is not None:
            places, totals[what] = _placed(law, actual.astype(float))
            columns |= {f"{what}_{column}": values for column, values in places.items()}
    return Judged(name, cutoff, columns, totals, dict(forecast.told), forecast.warnings)


def _sound(what: str, values: Array | None) -> Array | None:
    """Pass numbers on that are all finite."""
    wrong = 0 if values is None else int(np.sum(~np.isfinite(values)))
    if wrong:
        message = f"It says nan or inf for the {what} of {counted(wrong, 'customer')}."
        raise QuestionError(message)
    return values


def _log_score(forecast: Forecast, holdout: Holdout) -> Array | None:
    """The log of the chance that the forecast gave to what each customer did: (n,)."""
    if forecast.chance is None:
        return None
    score = np.empty(len(holdout))
    for n in np.unique(holdout.purchases):
        those = np.flatnonzero(holdout.purchases == n)
        score[those] = np.log(np.maximum(forecast.chance(int(n), those), LEAST))
    return score


def _placed(law: Estimate, actual: Array) -> tuple[dict[str, Array], Array]:
    """Where what happened lies among the draws of it, (n,) each; and the total of each draw, (draws,)."""
    draws = law.source.shape[1]
    found = {name: np.empty(len(law)) for name in ("below", "upto", "crps")}
    order, total = np.argsort(law.index, kind="stable"), np.zeros(draws)

    def part(block: slice) -> tuple[Index, tuple[Array, ...], Array]:
        some = order[block]
        values, y = in_order(law.source, law.index[some]), actual[some]
        sums = values.sum(axis=0)
        values.sort(axis=1)
        return some, ((values < y[:, None]).mean(axis=1), (values <= y[:, None]).mean(axis=1), crps(values, y)), sums

    for some, places, sums in each(part, blocks(len(law), draws)):
        for column, values in zip(found.values(), places, strict=True):
            column[some] = values
        total += sums
    return found, total
