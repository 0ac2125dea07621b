"""The logs and the simulated customers that all competitors are timed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import clvmodels as clv

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SPEND = {"p": 6.25, "q": 3.74, "v": 15.44}

PURCHASES: dict[str, clv.Fit] = {
    "BG/NBD": clv.BGNBD().at(r=0.243, alpha=4.414, a=0.793, b=2.426),
    "MBG/NBD": clv.MBGNBD().at(r=0.525, alpha=6.183, a=0.891, b=1.614),
    "BG/CNBD-2": clv.BGCNBD(2).at(r=0.35, alpha=2.0, a=0.9, b=2.4),
    "MBG/CNBD-2": clv.MBGCNBD(2).at(r=0.58, alpha=2.288, a=1.134, b=1.585),
    "NBD": clv.NBD().at(r=0.385, alpha=12.07),
    "Pareto/NBD": clv.ParetoNBD().at(r=0.553, alpha=10.578, s=0.606, beta=11.669),
    "GG/NBD": clv.GGNBD().at(r=0.553, alpha=10.578, b=0.05, s=0.6, beta=0.6),
}
"""Models of purchases in continuous time, at parameters like those of CDNOW."""

DATED = {
    "by day": ((27 * 7, 39 * 7 + 1), 1),
    "by week": ((27 * 7, 39 * 7 + 1), 7),
    "two years by day": ((1, 731), 1),
    "39 weeks by day": ((39 * 7, 39 * 7 + 1), 1),
}
"""For how many days customers are watched (from, up to), and how many days a bucket of time has.

The first two are first seen over 12 weeks and watched until week 39.
"""
CDNOW, END, START = "CDNOW", "1997-09-30", "1997-01-01"


def customers(n: int, seed: int = 1, *, model: str = "BG/NBD", dated: str = "by day") -> clv.Customers:
    """Customers who buy as a model says."""
    watched, bucket = DATED[dated]
    rng = np.random.default_rng(seed)
    times = bucket * np.ceil(rng.integers(*watched, size=n) / bucket)
    exact = PURCHASES[model].simulate(n, times / 7.0, seed, spend=clv.GammaGamma().at(**SPEND))
    recency = np.minimum(bucket * np.ceil(exact.recency * 7.0 / bucket), times)
    spend = {"monetary_value": exact.monetary_value, "first_value": exact.first_value}
    return clv.Customers.from_arrays(exact.frequency, recency / 7.0, times / 7.0, unit="week", **spend)


def cdnow() -> clv.Customers:
    """The CDNOW sample after 39 weeks."""
    return clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end=END)


def log(n: int) -> pd.DataFrame:
    """Purchases of as many customers in no order, first seen in the 12 weeks that CDNOW's were.

    Given the last of x repeat purchases of BG/NBD, those before it are spread evenly.
    """
    seen, rng = customers(n), np.random.default_rng(n)
    times = int(seen.frequency.sum())
    who = np.repeat(np.arange(n), seen.frequency.astype(int))
    last = np.append(np.diff(who) > 0, True)[:times]
    since = np.where(last, seen.recency[who], rng.uniform(size=times) * seen.recency[who])
    first = 39.0 - seen.T
    days = np.floor(7.0 * np.concatenate((first, first[who] + since)))
    values = rng.gamma(6.25, 6.0, size=n + times).round(2) + 0.01
    told = {"customer_id": np.concatenate((np.arange(n), who)), "date": np.datetime64(START) + days.astype("m8[D]")}
    return pd.DataFrame({**told, "value": values}).sample(frac=1.0, random_state=1)


def columns(task: str, model: str, size: str, dated: str) -> dict[str, NDArray]:
    """Make what a competitor is given for a cell: the columns of a log, or of customers."""
    if task == "summary":
        frame = clv.datasets.cdnow(sample=True) if size == CDNOW else log(int(size))
        who, _ = pd.factorize(frame["customer_id"])  # numpy stores no words without pickling them
        return {"customer_id": who, "date": frame["date"].to_numpy(), "value": frame["value"].to_numpy()}
    seen = cdnow() if size == CDNOW else customers(int(size), model=model, dated=dated)
    told = {"customer_id": np.arange(len(seen.frequency)), "frequency": seen.frequency, "recency": seen.recency}
    return {**told, "T": seen.T, "monetary_value": seen.monetary_value, "first_value": seen.first_value}


def table(folder: Path, task: str, model: str, size: str, dated: str) -> Path:
    """Write the table of a cell, once for all who are given it."""
    kind = "log" if task == "summary" else "customers"
    name = f"{kind}-{model}-{size}-{dated}".replace("/", "_").replace(" ", "_")
    path = folder / f"{name}.npz"
    if not path.exists():
        np.savez(path, **columns(task, model, size, dated))
    return path
