"""Logs in: at hand or in an engine, checked, and added up by customer and bucket of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals as nw

from clvmodels.data.dates import PER_DAY, written
from clvmodels.data.lazylog import read_lazy
from clvmodels.data.said import Reading
from clvmodels.data.transactions import Purchases, purchases_of
from clvmodels.engines.tables import opened
from clvmodels.errors import LogError

if TYPE_CHECKING:
    from clvmodels.data.lazylog import Buckets


class LogReader(Reading):
    """Reads a log as its caller has said."""

    def read(self, log: Any) -> Purchases:  # noqa: ANN401
        """Check a log, add up its purchases by customer and bucket, and take these home."""
        found = self.open(log)
        return found if isinstance(found, Purchases) else found.purchases()

    def last_day(self, log: Any) -> str:  # noqa: ANN401
        """Return the day of the last purchase in a log."""
        return written(int(self.read(log).bucket.max()) // PER_DAY[self.step], "day")

    def open(self, log: Any) -> Purchases | Buckets:  # noqa: ANN401
        """Check a log and add up its purchases by customer and bucket, where it is."""
        self.check()
        table = opened(log, LogError)
        return read_lazy(table, self) if isinstance(table, nw.LazyFrame) else purchases_of(table, self)
