"""Data sets that the literature uses, so that its numbers can be had again."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd

SAMPLED = 2
"""In the stored column ``starts``: this row begins a customer of the sample (1: of another customer, 0: of none)."""


def cdnow(sample: bool = False) -> pd.DataFrame:  # noqa: FBT001, FBT002
    """Load the purchases of the CDNOW cohort: who bought, when, how many discs, for how many dollars.

    The 23,570 customers first bought at an online music shop from January to March 1997; their 69,659 purchases are
    recorded to the end of June 1998. 80 purchases cost nothing, and 255 rows repeat another one exactly: both are so
    at the source. The data come from Fader and Hardie, who distribute them for research; lifetimes (MIT), CLVTools
    (GPL-3) and pymc-marketing (Apache-2.0) ship them too. No row was changed, dropped or reordered; the columns amount
    and n_items are called value and quantity here.

    Parameters
    ----------
    sample
        take the published systematic sample of a tenth of the customers (2,357 with 6,919 purchases)

    Returns
    -------
    pandas.DataFrame
        customer_id (text, with its leading zeros), date, quantity, value (in US dollars)

    Examples
    --------
    >>> cdnow(sample=True).head(2)
      customer_id       date  quantity  value
    0       00004 1997-01-01         2  29.33
    1       00004 1997-01-18         2  29.73
    """
    with files("clvmodels").joinpath("data", "files", "cdnow.csv.gz").open("rb") as stored:
        rows = pd.read_csv(stored, compression="gzip")
    starts, days = rows["starts"].to_numpy(), rows["days"].to_numpy()
    customer, elapsed = np.cumsum(starts > 0), np.cumsum(days)
    before = (elapsed - days)[starts > 0][customer - 1]
    log = pd.DataFrame(
        {
            "customer_id": [f"{number:05}" for number in customer],
            "date": np.datetime64("1997-01-01", "us") + (elapsed - before).astype("timedelta64[D]"),
            "quantity": rows["quantity"],
            "value": rows["value"],
        }
    )
    in_sample = starts[starts > 0] == SAMPLED
    return log.loc[in_sample[customer - 1]].reset_index(drop=True) if sample else log
