"""PyMC-Marketing: ``python pymc_marketing_.py TASK MODEL SIZE TABLE``, as ``protocol.py`` says.

It pins what it needs, so it has an environment of its own; nothing of ours is imported here.
"""

from __future__ import annotations

import warnings
from typing import Any

import arviz as az
import pandas as pd
from protocol import HISTORY, Asked, answer, timed

warnings.simplefilter("ignore")

from pymc_marketing.clv import BetaGeoModel, GammaGammaModel, ParetoNBDModel  # noqa: E402  (it warns on import)
from pymc_marketing.clv.utils import rfm_summary  # noqa: E402

MODELS = {"BG/NBD": (BetaGeoModel, ("r", "alpha", "a", "b")), "Pareto/NBD": (ParetoNBDModel, ("r", "alpha", "s", "beta"))}
QUIET = {"random_seed": 1, "progressbar": False}
DRAWS, CHAINS, LEARNED = 1000, 4, 500


def summary(asked: Asked) -> dict[str, Any]:
    """A log to customers."""
    log, terms = pd.DataFrame(asked.columns()), {"monetary_value_col": "value", "time_unit": "D", "time_scaler": 7}
    return {"seconds": timed(lambda: rfm_summary(log, "customer_id", "date", **terms)), "purchases": len(log)}


def posterior(asked: Asked) -> dict[str, Any]:
    """Draws by its default sampler, which for Pareto/NBD has to be asked for."""
    data = pd.DataFrame(asked.columns())[list(HISTORY)]
    kind, names = MODELS[asked.model]
    model = kind()
    seconds = timed(lambda: model.fit(data, method="mcmc", draws=DRAWS, tune=1000, chains=CHAINS, **QUIET))
    chains = [model.idata["posterior"][name].transpose("chain", "draw").to_numpy() for name in names]
    effective = min(float(az.ess(c)) for c in chains)
    told = {"effective": effective, "effective_a_second": effective / seconds}
    return {"seconds": seconds, **told, "r_hat": max(float(az.rhat(c)) for c in chains)}


def value(asked: Asked) -> dict[str, Any]:
    """Mean and interval of the expected value of each customer over a year, by a posterior of some.

    What draws say is of no matter to how long their values take, so few customers are learned from.
    """
    data = pd.DataFrame(asked.columns())
    learned = data.head(LEARNED)
    some = {"method": "mcmc", "draws": DRAWS // CHAINS, "tune": 250, "chains": CHAINS, **QUIET}
    model, spend = MODELS[asked.model][0](), GammaGammaModel()
    model.fit(learned[list(HISTORY)], **some)
    repeat = learned[learned["frequency"] > 0]
    spend.fit(repeat[["customer_id", "frequency", "monetary_value"]], **some)
    seconds = timed(lambda: _value(spend, model, data))
    return {"seconds": seconds, "microseconds_per_customer_and_draw": seconds / len(data) / DRAWS * 1e6}


def _value(spend: GammaGammaModel, model: Any, data: pd.DataFrame) -> tuple[Any, Any]:  # noqa: ANN401
    """Its value of all customers in all draws, and what is told of them."""
    terms = {"future_t": 12, "discount_rate": 1.10 ** (1 / 12) - 1.0, "time_unit": "W"}
    found = spend.expected_customer_lifetime_value(model, data, **terms)
    return found.mean(("chain", "draw")), found.quantile([0.025, 0.975], ("chain", "draw"))


if __name__ == "__main__":
    answer({task.__name__: task for task in (summary, posterior, value)}, ("pymc-marketing", "pymc", "pytensor", "arviz"))
