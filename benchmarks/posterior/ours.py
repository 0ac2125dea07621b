"""One posterior by clvmodels, timed: ``python ours.py METHOD MODEL TABLE``; prints what it took as JSON."""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import arviz as az
import numpy as np
import nutpie  # noqa: F401  (imports are not timed)
import pandas as pd

import clvmodels as clv

METHODS = {"NUTS": clv.NUTS(draws=1000, tune=1000, chains=4), "Laplace": clv.Laplace(draws=4000)}
MODELS = {"BG/NBD": clv.BGNBD(), "Pareto/NBD": clv.ParetoNBD(), "MBG/NBD": clv.MBGNBD()}
PACKAGES = ("nutpie", "numba", "arviz")


def main() -> None:
    method, model, table = sys.argv[1:]
    customers = clv.Customers.from_frame(pd.read_csv(table), unit="week")
    begun = time.perf_counter()
    fit = clv.fit(MODELS[model], customers, METHODS[method], seed=1)
    seconds = time.perf_counter() - begun
    chains = np.log(fit.draws).reshape(fit.chains, -1, len(fit.model.parameters()))
    sampled = [float(az.ess(np.ascontiguousarray(chains[..., j]))) for j in range(chains.shape[-1])]
    ess = sampled if fit.chains > 1 else fit.record.ess or ()
    told = {"seconds": seconds, "effective": min(ess), "r_hat": max(fit.record.r_hat or (np.nan,))}
    print(json.dumps({**told, "clvmodels": clv.__version__, **{name: version(name) for name in PACKAGES}}))


if __name__ == "__main__":
    main()
