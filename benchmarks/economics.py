"""100,000 customers with all of the economics: ``python benchmarks/economics.py``; seconds and peak memory of each step."""

from __future__ import annotations

import resource
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER = 100_000
CHANNELS = {"ads": 20.0, "shop": 5.0, "web": 10.0}


def base(rng: np.random.Generator) -> clv.Customers:
    """Customers by day, watched for 27 to 39 weeks."""
    buying = clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426)
    drawn = buying.simulate(
        NUMBER, np.round(rng.uniform(27, 39, NUMBER) * 7) / 7, 1, spend=clv.GammaGamma().at(p=6.25, q=3.74, v=15.44)
    )
    recency = np.ceil(drawn.recency * 7) / 7
    spend = {"monetary_value": drawn.monetary_value, "first_value": drawn.first_value}
    return clv.Customers.from_arrays(drawn.frequency, recency, np.maximum(drawn.T, recency), unit="week", **spend)


def known(rng: np.random.Generator) -> pd.DataFrame:
    """Channels, cohorts, and margins and costs of each customer."""
    columns = {"channel": rng.choice(list(CHANNELS), NUMBER), "cohort": rng.integers(0, 12, NUMBER)}
    spread = {"post": (1, 3), "margin": (0.3, 0.6), "mail": (0, 1)}
    amounts = {name: rng.uniform(*ends, NUMBER) for name, ends in spread.items()}
    return pd.DataFrame({"customer_id": np.arange(NUMBER), **columns, **amounts})


def timed(name: str, step: Callable[[], object]) -> None:
    """Run a step, and say what it took."""
    begun = time.perf_counter()
    step()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name:12} {time.perf_counter() - begun:6.1f} s   peak {peak:.2f} GB", flush=True)


def whatif(worth: clv.Valuation, scenario: clv.Scenario) -> None:
    """Ask for all of a scenario."""
    found = clv.potential(worth, scenario)
    found.frame()
    found.total(by="channel")


def main() -> None:
    rng = np.random.default_rng(1)
    customers, table = base(rng), known(rng)
    fit = clv.fit(clv.BGNBD(), customers, clv.Laplace(draws=1000), seed=1)
    spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.Laplace(draws=1000), seed=1)
    costs = {"post": clv.Cost("post", "order"), "mail": clv.Cost("mail", "month")}
    terms = clv.Economics(margin="margin", costs=costs, acquisition=clv.By("channel", CHANNELS))
    told = {"attributes": table, "by": ["channel", "cohort"], "horizons": [104, 156], "seed": 1}
    worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), economics=terms, **told)
    begun = time.perf_counter()
    timed("frame", worth.frame)
    timed("account", worth.account)
    timed("segments", lambda: [worth.total(by=column) for column in ("channel", "cohort")])
    timed("scenario 1", lambda: whatif(worth, clv.Scenario(purchase_rate=1.1, dropout=0.9)))
    timed("scenario 2", lambda: whatif(worth, clv.Scenario(spend=1.05, costs={"mail": 2.0})))
    timed("horizons", worth.horizons)
    print(f"{'all':12} {time.perf_counter() - begun:6.1f} s")


if __name__ == "__main__":
    main()
