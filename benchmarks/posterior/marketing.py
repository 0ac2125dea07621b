"""The same posterior by pymc-marketing, with its own defaults: ``python marketing.py METHOD MODEL TABLE``."""

from __future__ import annotations

import json
import sys
import time
import warnings
from importlib.metadata import version

import arviz as az
import numpy as np
import pandas as pd

warnings.simplefilter("ignore")

from pymc_marketing.clv import BetaGeoModel, ModifiedBetaGeoModel, ParetoNBDModel  # noqa: E402  (it warns on import)

MODELS = {"BG/NBD": BetaGeoModel, "Pareto/NBD": ParetoNBDModel, "MBG/NBD": ModifiedBetaGeoModel}
SAMPLER = {"NUTS": {}, "NUTS by nutpie": {"nuts_sampler": "nutpie"}}
PACKAGES = ("pymc-marketing", "pymc", "pytensor", "arviz")


def main() -> None:
    method, name, table = sys.argv[1:]
    data = pd.read_csv(table)
    begun = time.perf_counter()
    model = MODELS[name]()
    model.fit(data, method="mcmc", draws=1000, tune=1000, chains=4, random_seed=1, progressbar=False, **SAMPLER[method])
    seconds = time.perf_counter() - begun
    posterior = model.idata["posterior"]
    columns = [posterior[k].transpose("chain", "draw").to_numpy() for k in ("r", "alpha", *_rest(name))]
    told = {"effective": min(float(az.ess(c)) for c in columns), "r_hat": max(float(az.rhat(np.array(c))) for c in columns)}
    print(json.dumps({"seconds": seconds, **told, **{package: version(package) for package in PACKAGES}}))


def _rest(name: str) -> tuple[str, str]:
    """The parameters of dropout."""
    return ("s", "beta") if name == "Pareto/NBD" else ("a", "b")


if __name__ == "__main__":
    main()
