"""Data sets that the literature uses, so that its numbers can be had again."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

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
    rows = _stored("cdnow")
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


def online_retail() -> pd.DataFrame:
    """Load the invoices of an online wholesaler of gifts: who bought, when, for how many pounds.

    4,372 customers, most of them shops themselves, from December 2010 to 9 December 2011: 22,190 invoices, of which 3,655
    are cancellations, whose value is negative (``refunds="net"``). Customers come in all the time, a few buy for a hundred
    others, and the weeks before Christmas are the best: a harder log than most.

    Source: D. Chen, S. L. Sain, K. Guo (2012), Data mining for the online retail industry, Journal of Database Marketing and
    Customer Strategy Management 19; the lines of an invoice are added up. Given to the public domain (CC0).

    Returns
    -------
    pandas.DataFrame
        customer_id (text), date (to the minute), quantity, value (in pounds), invoice, country

    Examples
    --------
    >>> online_retail().loc[[0, 1], ["customer_id", "date", "value", "invoice"]]
      customer_id                date    value  invoice
    0       12346 2011-01-18 10:01:00  77183.6   541431
    1       12346 2011-01-18 10:17:00 -77183.6  C541433
    """
    log = _stored("online_retail", {"customer_id": str, "invoice": str})
    return log.assign(date=pd.to_datetime(log["date"]))


def subscriptions() -> pd.DataFrame:
    """Load how many of 1,000 subscribers of each of two segments were left after each of twelve years.

    Fader and Hardie took the percentages from a text on data mining (Berry & Linoff 2004), fitted the sBG model to the
    first seven years and projected the other five. They print percentages with one digit, which are whole numbers of
    every 1,000: the true size of the segments is not known, so that intervals are those of 1,000 customers each.

    Source: P. S. Fader, B. G. S. Hardie (2007), How to project customer retention, Journal of Interactive Marketing
    21(1), table 1.

    Returns
    -------
    pandas.DataFrame
        segment ("regular" or "high_end"), year (0 to 12), survivors

    Examples
    --------
    >>> subscriptions().head(3)
       segment  year  survivors
    0  regular     0       1000
    1  regular     1        631
    2  regular     2        468
    """
    return _stored("subscriptions")


def donations() -> pd.DataFrame:
    """Load the recency and frequency of 11,104 donors: how many made so many yearly gifts, the last in that year.

    They first gave to a charity in the Midwest of the United States in 1995, and could give again in each of the six
    years 1996 to 2001 (T), in which they were seen, and of the five years 2002 to 2006, which are held out.

    Source: P. S. Fader, B. G. S. Hardie, J. Shang (2010), Customer-base analysis in a discrete-time noncontractual setting,
    Marketing Science 29(6).

    Returns
    -------
    pandas.DataFrame
        a row for each of the 22 histories: frequency (years with a gift, of T), recency (the last of them, 0 where there
        is none), T, customers (donors with this history), holdout_purchases (years with a gift of all of them
        together, of the held out), holdout_periods

    Examples
    --------
    >>> donations().head(2)
       frequency  recency  T  customers  holdout_purchases  holdout_periods
    0          6        6  6       1203               4252                5
    1          5        6  6        728               2227                5
    """
    return _stored("donations")


def _stored(name: str, kinds: Any = None) -> pd.DataFrame:  # noqa: ANN401  (what pandas takes)
    """Read a table that comes with the package; ``kinds`` are the types of columns that numbers don't tell."""
    with files("clvmodels").joinpath("data", "files", f"{name}.csv.gz").open("rb") as stored:
        return pd.read_csv(stored, compression="gzip", dtype=kinds)
