"""Dates, read strictly: every accepted kind of date becomes wall-clock time, cut into buckets of elapsed time.

A date column is text (ISO 8601, or in a format that the caller names), dates, or datetimes. One that carries a time
zone is converted to the zone that the caller names, and from there on the clock on the wall of that zone counts.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.errors import SHOWN, LogError, counted, naming
from clvmodels.frames import refuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

Resolution = Literal["minute", "hour", "day"]

PER_DAY: dict[Resolution, int] = {"minute": 1440, "hour": 24, "day": 1}
"""How many buckets of each resolution a day has."""

_CODE: dict[Resolution, Literal["m", "h", "D"]] = {"minute": "m", "hour": "h", "day": "D"}
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d:?\d\d)?)?", re.ASCII)

GAP = "Repair or remove these rows first: none is dropped silently."
_ADVICE = 'Write dates as in 1997-09-30 or 1997-09-30T14:05:00, or say how they are written: date_format="%d/%m/%Y".'


def as_resolution(resolution: str) -> Resolution:
    """Check the name of a resolution.

    >>> as_resolution("day")
    'day'
    """
    if resolution not in get_args(Resolution):
        message = f"{resolution!r} is no resolution here. Say one of {', '.join(get_args(Resolution))}."
        raise LogError(message)
    return cast("Resolution", resolution)


def check_zone(timezone: str | None) -> None:
    """Check that a time zone is known by this name."""
    if timezone is not None and not _is_zone(timezone):
        message = f"{timezone!r} is no known time zone. Say one as 'Europe/Paris' or 'UTC'."
        raise LogError(message)


def read_dates(column: nw.Series[Any], timezone: str | None, date_format: str | None) -> pd.DatetimeIndex:
    """Read a column of dates as wall-clock time, and refuse what isn't plainly a date."""
    missing = column.is_null().to_numpy().astype(bool)
    fault = f"date of {column.name!r} is missing|dates of {column.name!r} are missing"
    refuse(missing, fault, GAP, LogError)
    check_format(column.name, column.dtype, date_format)
    stamps = _stamps(column, date_format)
    check_clock(column.name, None if stamps.tz is None else str(stamps.tz), timezone)
    return wall_clock(stamps, timezone)


def check_format(name: str, kind: nw.dtypes.DType, date_format: str | None) -> None:
    """Check that only dates that are text come with a format."""
    if date_format is not None and kind != nw.String:
        message = f"date_format is for dates that are text, but {name!r} holds {kind}. Leave it out."
        raise LogError(message)


def check_clock(name: str, zone: str | None, timezone: str | None) -> None:
    """Check that the caller says whose wall clock counts if dates carry a time zone, and only then."""
    if zone is None and timezone is not None:
        message = (
            f"The dates of {name!r} carry no time zone, so timezone={timezone!r} can't convert them. Leave "
            "timezone out if they are local already, or give them their own zone first."
        )
        raise LogError(message)
    if zone is not None and timezone is None:
        own = f'; timezone="{zone}" keeps this one' if _is_zone(zone) else ', as in timezone="UTC"'
        message = (
            f"The dates of {name!r} carry a time zone ({zone}), and days begin at another moment in each. "
            f"Say whose clock counts{own}."
        )
        raise LogError(message)


def no_dates(name: str, kind: nw.dtypes.DType, such: object) -> LogError:
    """Say that a column holds something else."""
    message = (
        f"Column {name!r} holds no dates but {kind}, such as {such!r}. Make them dates "
        'first; numbers such as 19970930 must become text, to be read with date_format="%Y%m%d".'
    )
    return LogError(message)


def read_moment(moment: object, what: str, resolution: Resolution, timezone: str | None) -> int:
    """Read one moment that the caller named as a bucket; a day without a time stands for the last bucket in it."""
    if isinstance(moment, str) and _ISO.fullmatch(moment):
        stamp = pd.to_datetime(pd.Index([moment]), format="ISO8601", errors="coerce")
    elif isinstance(moment, date) and not pd.isna(moment):
        stamp = pd.DatetimeIndex([moment])
    else:
        stamp = pd.DatetimeIndex([pd.NaT])
    if stamp.isna().any():
        message = f"{what}={moment!r} is no date. Write it as '1997-09-30' or '1997-09-30T14:00', or pass a date."
        raise LogError(message)
    if stamp.tz is not None and timezone is None:
        message = f"{what}={moment!r} carries a time zone, and the dates of the log don't. Say it without one."
        raise LogError(message)
    bucket = int(buckets(wall_clock(stamp, timezone), resolution)[0])
    whole_day = not isinstance(moment, datetime) and len(str(moment)) == len("1997-09-30")
    return bucket + PER_DAY[resolution] - 1 if whole_day else bucket


def buckets(stamps: pd.DatetimeIndex, resolution: Resolution) -> NDArray[np.int64]:
    """Find the buckets that some moments lie in, numbered from 1970."""
    return stamps.to_numpy().astype(f"datetime64[{_CODE[resolution]}]").astype(np.int64)


def written(bucket: int, resolution: Resolution) -> str:
    """Write a bucket as a date.

    >>> written(10134, "day")
    '1997-09-30'
    """
    return str(np.datetime64(bucket, _CODE[resolution]))


def _is_zone(name: str) -> bool:
    """Find out whether a time zone is known by this name."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def wall_clock(stamps: pd.DatetimeIndex, timezone: str | None) -> pd.DatetimeIndex:
    """Take moments that carry a time zone to the wall clock of the zone that the caller named."""
    return stamps if stamps.tz is None else stamps.tz_convert(timezone).tz_localize(None)


def _stamps(column: nw.Series[Any], date_format: str | None) -> pd.DatetimeIndex:
    """Read a column without gaps by its type, with its time zone if it has one."""
    kind = column.dtype
    if kind == nw.String:
        return _from_text(column, date_format)
    if kind == nw.Object:
        return _from_objects(column)
    if kind == nw.Date:
        return pd.DatetimeIndex(column.cast(nw.Datetime("us")).to_numpy())
    if isinstance(kind, nw.Datetime):
        if kind.time_zone is None:
            return pd.DatetimeIndex(column.to_numpy())
        utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        return pd.DatetimeIndex(utc.to_numpy()).tz_localize("UTC").tz_convert(kind.time_zone)
    raise no_dates(column.name, kind, column.head(1).to_list()[0])


def _from_text(column: nw.Series[Any], date_format: str | None) -> pd.DatetimeIndex:
    """Read text as dates: each distinct text once, ISO 8601 unless a format is given."""
    codes, found = pd.factorize(column.to_numpy())
    stamps = read_texts(column.name, np.asarray(found), date_format)
    bad = np.asarray(stamps.isna())[codes]
    if bad.any():
        _refuse_unread(column, bad, how_to_write(date_format))
    return stamps[codes]


def read_texts(name: str, found: NDArray[Any], date_format: str | None) -> pd.DatetimeIndex:
    """Read distinct texts as dates with their time zone, if they have one; what can't be read is no time."""
    texts = pd.Index(found, dtype=object)
    if date_format is not None:
        return _formatted(texts, date_format)
    matches = [_ISO.fullmatch(text) for text in texts]
    zoned = np.array([match is not None and match["zone"] is not None for match in matches])
    plain = np.array([match is not None for match in matches])
    if zoned.any() and not zoned[plain].all():
        _refuse_mixed(name, f"{texts[zoned][0]!r} and {texts[plain & ~zoned][0]!r}")
    return pd.to_datetime(texts.where(plain), format="ISO8601", errors="coerce", utc=bool(zoned.any()))


def how_to_write(date_format: str | None) -> str:
    """Say how dates that can't be read should be written."""
    return _ADVICE if date_format is None else f"They should follow {date_format!r}."


def _formatted(texts: pd.Index, date_format: str) -> pd.DatetimeIndex:
    """Read texts by a format."""
    try:
        return pd.to_datetime(texts, format=date_format, errors="coerce", utc="%z" in date_format.lower())
    except ValueError as unusable:
        message = f"date_format={date_format!r} can't be used: {unusable}. Write it as in '%d/%m/%Y'."
        raise LogError(message) from unusable


def _from_objects(column: nw.Series[Any]) -> pd.DatetimeIndex:
    """Read Python dates and datetimes, all without a time zone or all in the same."""
    values = column.to_list()
    bad = np.array([not isinstance(value, date) for value in values])
    if bad.any():
        _refuse_unread(column, bad, "The column mixes types: make all of it dates, or all of it text.")
    zones = sorted({str(value.tzinfo) if isinstance(value, datetime) else "None" for value in values})
    if len(zones) > 1:
        _refuse_mixed(column.name, ", ".join(zones))
    return pd.DatetimeIndex(pd.to_datetime(pd.Index(values, dtype=object), utc=zones != ["None"]))


def _refuse_mixed(name: str, zones: str) -> None:
    """Refuse a column in which some dates have another time zone than others, or none."""
    message = (
        f"The dates of {name!r} don't share one time zone ({zones}). Give all of them the same one first, and say "
        "timezone= then."
    )
    raise LogError(message)


def _refuse_unread(column: nw.Series[Any], bad: NDArray[np.bool_], advice: str) -> None:
    """Refuse what is no date, with its rows and its text."""
    places = np.flatnonzero(bad)
    shown = [f"{place}: {column[int(place)]!r}" for place in places[: SHOWN + 1]]
    where = "row" if len(places) == 1 else "rows"
    message = f"{counted(len(places), 'date')} of {column.name!r} can't be read, in {where} {naming(shown)}. {advice}"
    raise LogError(message)
