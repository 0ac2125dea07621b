"""Data: from a log of purchases to customers, splits in time, and the data sets of the literature."""

from clvmodels.data import datasets
from clvmodels.data.split import Holdout, split
from clvmodels.data.summary import lazy_summary, rfm_summary

__all__ = ["Holdout", "datasets", "lazy_summary", "rfm_summary", "split"]
