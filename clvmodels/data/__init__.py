"""Data: from a log of purchases to customers, splits in time, and the data sets of the literature."""

from clvmodels.data import datasets
from clvmodels.data.split import Holdout, split
from clvmodels.data.summary import rfm_summary

__all__ = ["Holdout", "datasets", "rfm_summary", "split"]
