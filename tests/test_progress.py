"""Progress: one display, a line for each that has become long, and rates of what took work."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from clvmodels import bars, progress

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """What a terminal shows at once, on which nothing is short."""
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.setattr(bars, "PATIENCE", -1.0)

    def look() -> str:
        display = progress.SHOWN[0]
        with display.console.capture() as caught:
            display.console.print(*display.get_renderables())
        return caught.get()

    return look


def test_what_begins_meanwhile_has_a_line_below(seen: Callable[[], str]) -> None:
    with progress.counting(10, "Scoring") as advance:
        advance(5)
        for _ in progress.watch([1, 2], 2, "outcome"):
            first, second = seen().splitlines()
            assert "Scoring" in first
            assert "50%" in first
            assert "outcome" in second
        assert len(seen().splitlines()) == 1
    assert not progress.SHOWN


def test_what_is_short_is_not_shown(seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bars, "PATIENCE", 60.0)
    with progress.counting(10, "Scoring") as advance:
        advance(5)
        assert seen().strip() == ""


def test_the_rate_is_of_what_took_work(seen: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rich.progress.Task.elapsed", property(lambda _: 4.0))
    with progress.counting(100, "Scoring") as advance:
        advance(60, worked=False)
        assert "a second" not in seen()
        advance(20)
        assert "80% 5 a second, 0:00:04 left" in seen()


def test_what_has_no_total_has_no_time_left(seen: Callable[[], str]) -> None:
    with progress.counting(None, "Reading") as advance:
        advance(7)
        assert "a second" in seen()
        assert "left" not in seen()


@pytest.mark.usefixtures("seen")
def test_an_end_by_an_error_leaves_nothing() -> None:
    def stopped() -> None:
        with progress.counting(3, "Scoring"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert not progress.SHOWN
