"""Lifetimes: ``python lifetimes_.py TASK MODEL SIZE TABLE``, as ``protocol.py`` says.

Its fits are points, so it has no posterior, and its values have no interval.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from histories import PURCHASES
from protocol import Asked, answer, timed

import clvmodels as clv

warnings.simplefilter("ignore")

from lifetimes import BetaGeoFitter, GammaGammaFitter, ParetoNBDFitter  # noqa: E402  (it warns on import)
from lifetimes.utils import summary_data_from_transaction_data  # noqa: E402

FITTERS = {"BG/NBD": BetaGeoFitter, "Pareto/NBD": ParetoNBDFitter}
LEARNED = 20_000


def summary(asked: Asked) -> dict[str, Any]:
    """A log to customers."""
    log, terms = pd.DataFrame(asked.columns()), {"monetary_value_col": "value", "freq": "D", "freq_multiplier": 7}
    seconds = timed(lambda: summary_data_from_transaction_data(log, "customer_id", "date", **terms))
    return {"seconds": seconds, "purchases": len(log)}


def fit(asked: Asked) -> dict[str, Any]:
    """Maximum likelihood; what it has reached is told by our likelihood, the same for all."""
    told = pd.DataFrame(asked.columns())
    fitter = FITTERS[asked.model]()
    np.random.seed(1)  # noqa: NPY002  (its Pareto/NBD starts at random)
    seconds = timed(lambda: fitter.fit(told["frequency"], told["recency"], told["T"]))
    model = PURCHASES[asked.model].model
    found = model.at(**{name: float(fitter.params_[name]) for name in model.parameters()})
    reached = found.pointwise(clv.Customers.from_frame(told, unit="week")).sum()
    return {"seconds": seconds, "log_likelihood": float(reached)}


def value(asked: Asked) -> dict[str, Any]:
    """The expected value of each customer over a year, without interval."""
    told = pd.DataFrame(asked.columns())
    learned = told.head(LEARNED)
    fitter, spend = FITTERS[asked.model](), GammaGammaFitter()
    fitter.fit(learned["frequency"], learned["recency"], learned["T"])
    repeat = learned[learned["frequency"] > 0]
    spend.fit(repeat["frequency"], repeat["monetary_value"])
    history = [told[name] for name in ("frequency", "recency", "T", "monetary_value")]
    terms = {"time": 12, "discount_rate": 1.10 ** (1 / 12) - 1.0, "freq": "W"}
    return {"seconds": timed(lambda: spend.customer_lifetime_value(fitter, *history, **terms))}


if __name__ == "__main__":
    answer({task.__name__: task for task in (summary, fit, value)}, ("lifetimes", "numpy", "scipy", "pandas"))
