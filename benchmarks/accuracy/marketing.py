"""pymc-marketing as a forecaster: posteriors by NUTS, and draws of the expectation, the only interval that it gives.

It pins what it needs, so it has an interpreter of its own: this file is run there too, with a folder that holds
``customers.csv`` and ``asked.json``, and leaves ``told.npz``: nothing of clvmodels may be imported on top.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from clvmodels.evaluate.forecasts import Forecast, Forecaster, Origin

PACKAGES = ("pymc-marketing", "pymc", "pytensor", "numpy")
MODELS = {"BG/NBD": "BetaGeoModel", "MBG/NBD": "ModifiedBetaGeoModel"}
PATIENCE = 300.0
BLOCK = 2000
"""Customers that are asked about at once: all of them, with all draws, take more memory than most machines have."""

ALONE = Lock()
"""One at a time: it samples its chains side by side by itself."""


@dataclass(frozen=True)
class Marketing:
    """One of its models, 2 chains of 500 draws after 500 to tune; what it says of expectations, thinned."""

    model: str
    python: str
    draws: int = 250

    @property
    def name(self) -> str:
        return f"pymc-marketing {self.model}"

    def __repr__(self) -> str:
        return f"Marketing({self.model!r}, draws={self.draws})"

    def forecast(self, origin: Origin) -> Forecast:
        from clvmodels.estimate import Estimate  # noqa: PLC0415  (the other interpreter hasn't got it)
        from clvmodels.evaluate.forecasts import Forecast  # noqa: PLC0415
        from clvmodels.sources import Table  # noqa: PLC0415  (the other interpreter hasn't got it)

        with tempfile.TemporaryDirectory() as folder:
            self._ask(Path(folder), origin)
            with ALONE:
                _run([self.python, __file__, folder])
            with np.load(Path(folder) / "told.npz") as told:
                expected, alive, seconds = told["expected"].astype(float), told["alive"], float(told["seconds"])
        who = np.arange(len(expected))
        law = Estimate("expectation", "purchases", None, Table(expected), who)
        return Forecast(expected.mean(axis=1), alive=alive, purchases_law=law, told={"seconds": seconds})

    def _ask(self, folder: Path, origin: Origin) -> None:
        """Write down who the customers are, and what is asked."""
        customers = origin.customers
        known = {"customer_id": np.arange(len(customers)), "frequency": customers.frequency, "T": customers.T}
        recency = np.minimum(customers.recency, customers.T)
        pd.DataFrame({**known, "recency": recency}).to_csv(folder / "customers.csv", index=False)
        asked = {"model": self.model, "horizon": origin.horizon, "seed": origin.seed, "draws": self.draws}
        (folder / "asked.json").write_text(json.dumps(asked))


def _run(command: list[str]) -> None:
    """Run a process; one that fails, or takes too long, says how in one line."""
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE)  # noqa: S603
    except subprocess.TimeoutExpired:
        message = f"no result after {PATIENCE:.0f} s"
        raise TimeoutError(message) from None
    except subprocess.CalledProcessError as trouble:
        raise RuntimeError((trouble.stderr.strip() or "it said nothing").splitlines()[-1]) from None


def contestants(python: str) -> dict[str, Forecaster]:
    return {one.name: one for one in (Marketing(model, python) for model in MODELS)}


def answer(folder: Path) -> None:
    """Fit and forecast, in the interpreter that has it."""
    asked = json.loads((folder / "asked.json").read_text())
    customers = pd.read_csv(folder / "customers.csv")
    warnings.simplefilter("ignore")
    from pymc_marketing import clv  # noqa: PLC0415

    begun = time.perf_counter()
    model = getattr(clv, MODELS[asked["model"]])()
    model.fit(customers, method="mcmc", draws=500, tune=500, chains=2, random_seed=asked["seed"], progressbar=False)
    seconds = time.perf_counter() - begun
    few = model.thin_fit_result(keep_every=1000 // asked["draws"])
    told = [_said(few, customers.iloc[first : first + BLOCK], asked["horizon"]) for first in range(0, len(customers), BLOCK)]
    expected, alive = (np.concatenate(parts) for parts in zip(*told, strict=True))
    np.savez(folder / "told.npz", expected=expected.astype(np.float32), alive=alive.mean(axis=1), seconds=seconds)


def _said(model: Any, customers: pd.DataFrame, horizon: float) -> tuple[np.ndarray, np.ndarray]:  # noqa: ANN401
    """Draws of the expected purchases of some customers, and of P(alive): (n, draws) each."""
    found = model.expected_purchases(customers, future_t=horizon), model.expected_probability_alive(customers)
    expected, alive = (one.transpose("customer_id", "chain", "draw").to_numpy() for one in found)
    return expected.reshape(len(customers), -1), alive.reshape(len(customers), -1)


if __name__ == "__main__":
    answer(Path(sys.argv[1]))
