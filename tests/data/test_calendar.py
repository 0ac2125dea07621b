"""The calendar against Python's own."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from clvmodels.data.calendar import as_every, first_day, period_of, title
from clvmodels.errors import LogError

EPOCH = date(1970, 1, 1)
DAYS = np.arange(-800, 24_000)
DATES = [EPOCH + timedelta(days=int(day)) for day in DAYS]
KEYS = {
    "week": lambda day: day.isocalendar()[:2],
    "month": lambda day: (day.year, day.month),
    "quarter": lambda day: (day.year, (day.month - 1) // 3),
    "half-year": lambda day: (day.year, day.month > 6),
    "year": lambda day: (day.year,),
}


@pytest.mark.parametrize("every", KEYS)
def test_days_share_a_period_as_they_do_in_the_calendar(every: str) -> None:
    keys = [KEYS[every](day) for day in DATES]
    changes = np.array([a != b for a, b in pairwise(keys)])
    np.testing.assert_array_equal(np.diff(period_of(DAYS, every)), changes.astype(int))


@pytest.mark.parametrize("every", KEYS)
def test_a_period_begins_on_its_first_day(every: str) -> None:
    periods = np.unique(period_of(DAYS, every))
    begins = first_day(periods, every)
    np.testing.assert_array_equal(period_of(begins, every), periods)
    np.testing.assert_array_equal(period_of(begins - 1, every), periods - 1)


NAMES = {"week": "2020-W53", "month": "2021-01", "quarter": "2021-Q1", "half-year": "2021-H1", "year": "2021"}


@pytest.mark.parametrize("every", KEYS)
def test_titles(every: str) -> None:
    third = np.array([(date(2021, 1, 3) - EPOCH).days])
    assert title(int(period_of(third, every)[0]), every) == NAMES[every]


def test_other_words_are_refused() -> None:
    with pytest.raises(LogError, match=r"'decade' is no period of the calendar here\. Say one of week, month"):
        as_every("decade")
