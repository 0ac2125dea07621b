"""What a caller says of a log: which column holds what, and how dates and refunds are meant."""

from __future__ import annotations

from dataclasses import dataclass

from clvmodels.data.dates import Resolution, as_resolution, check_zone, read_moment
from clvmodels.errors import LogError

NET_THEM = "If they are refunds, say refunds='net' to take them off the same customer's purchases."


def negative(name: str) -> str:
    """Word the fault of a column that has negative values."""
    return f"value of {name!r} is negative|values of {name!r} are negative"


@dataclass(frozen=True)
class Reading:
    """How a log is to be read.

    Attributes
    ----------
    customer_id, date, value
        the columns that hold them; no value where spend isn't recorded
    resolution, timezone, date_format, refunds
        as in ``rfm_summary``
    """

    customer_id: str
    date: str
    value: str | None
    resolution: str
    timezone: str | None
    date_format: str | None
    refunds: str

    @property
    def step(self) -> Resolution:
        """The length of a bucket."""
        return as_resolution(self.resolution)

    def needed(self) -> list[str]:
        """Name the columns that the log must have."""
        return [name for name in (self.customer_id, self.date, self.value) if name is not None]

    def moment(self, moment: object, what: str) -> int:
        """Read a moment that the caller named as a bucket."""
        return read_moment(moment, what, self.step, self.timezone)

    def check(self) -> None:
        """Check the words for resolution, time zone and refunds."""
        as_resolution(self.resolution)
        check_zone(self.timezone)
        if self.refunds not in ("error", "net"):
            message = f"refunds={self.refunds!r} is no rule here. Say 'error' to refuse negative values, or 'net'."
            raise LogError(message)
        if self.refunds == "net" and self.value is None:
            message = "refunds='net' nets values, and value=None says that there are none. Name the column of values."
            raise LogError(message)
