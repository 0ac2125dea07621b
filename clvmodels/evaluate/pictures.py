"""Pictures: what was seen beside what was expected, drawn by matplotlib, which is loaded when the first is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clvmodels.evaluate.replicates import Finding
    from clvmodels.kernels.lift import Array

SEEN, LINE, EXPECTED, OFF = "#b8c4ce", "#2b2f33", "#1d4e79", "#c8501e"
"""Colours of what was seen (bars, lines), of what was expected, and where the two don't agree."""


class Style(NamedTuple):
    """How one of several is drawn, so that it is told from the others without its colour."""

    colour: str
    line: str
    marker: str
    hatch: str


STYLES = (
    Style(EXPECTED, "-", "o", ""),
    Style(OFF, "--", "s", "///"),
    Style("#00806b", "-.", "^", "..."),
    Style("#8a4f9e", ":", "D", "xxx"),
    Style("#7a6a00", (0, (5, 1, 1, 1, 1, 1)), "v", "---"),  # type: ignore[arg-type]
)
"""How several are drawn, one after the other; where there are more, colours come again with other lines and markers."""

MORE = "PX*<>hp8"
"""Markers of those for whom there is no style."""

ROOM = 48
"""Letters that there is room for below a picture."""


def axes(ax: Axes | None, title: str, across: str, up: str) -> Axes:
    """Take axes, or make some, and label them."""
    if ax is None:
        from matplotlib import pyplot as plt  # noqa: PLC0415  (a second to load)

        _, ax = plt.subplots(figsize=(7.0, 4.0), layout="constrained")
    ax.set_title(title, loc="left", fontsize="medium", fontweight="bold")
    ax.set_xlabel(across)
    ax.set_ylabel(up)
    ax.spines[["top", "right"]].set_visible(False)
    ax.tick_params(length=0)
    ax.grid(axis="y", color="#e6e9ec", linewidth=0.8)
    ax.set_axisbelow(True)
    return ax


def plain(number: float, _: object) -> str:
    """Write a number below or beside a picture."""
    return f"{number:,.0f}" if number == round(number) else f"{number:,.2f}"


def percent(share: float, _: object) -> str:
    """Write a share as per cent."""
    return f"{100.0 * share:.3g}%"


def styles(names: Iterable[str]) -> Iterator[tuple[str, Style]]:
    """Give each of several a style of its own."""
    for place, name in enumerate(names):
        again, which = divmod(place, len(STYLES))
        style = STYLES[which]
        if again:
            other = STYLES[(which + again) % len(STYLES)]
            style = style._replace(line=other.line, hatch=other.hatch, marker=MORE[(place - len(STYLES)) % len(MORE)])
        yield name, style


def side_by_side(number: int, width: float) -> Array:
    """Return how far to the side each of several is drawn, so that none hides another: (number,)."""
    return width * (np.arange(number) - 0.5 * (number - 1)) / max(number, 1)


def legend(ax: Axes, place: Literal["best", "upper left"] = "best", *, first: str = "actual") -> Axes:
    """Say what is what, and what was seen first."""
    handles, labels = ax.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda k: labels[k] != first)
    ax.legend([handles[k] for k in order], [labels[k] for k in order], frameon=False, loc=place)
    return ax


def round_step(span: float, most: int) -> float:
    """Return the smallest of 1, 2, 5, 10, 20... (or 0.5, 0.2...) of which a span has no more than so many.

    >>> round_step(38.4, 10), round_step(0.7, 5)
    (5.0, 0.2)
    """
    power = 10.0 ** np.floor(np.log10(span / most))
    return float(next(step * power for step in (1.0, 2.0, 5.0, 10.0, 20.0) if span <= most * step * power * (1.0 + 1e-9)))


def dated(ax: Axes, names: Sequence[str]) -> Axes:
    """Name the periods 0, 1, 2... across, as many of them as there is room for."""
    step = -(-len(names) * max(map(len, names)) // ROOM)
    ax.set_xticks(range(0, len(names), step), names[::step])
    return ax


def bars(ax: Axes, findings: Sequence[Finding], labels: Sequence[str], prob: float) -> Axes:
    """Draw a bar for each number that was seen, and an interval for what was expected of it."""
    place, seen, low, median, high, out = _columns(np.arange(float(len(findings))), findings)
    ax.bar(place, seen, width=0.7, color=SEEN, label="seen")
    for which, colour, label in ((~out, EXPECTED, f"expected, {prob:.0%}"), (out, OFF, f"expected, {prob:.0%} (off)")):
        if which.any():
            ax.vlines(place[which], low[which], high[which], color=colour, linewidth=2.5)
            ax.plot(place[which], median[which], "o", color=colour, markersize=5.0, label=label)
    ax.set_xticks(place, labels)
    ax.legend(frameon=False)
    return ax


def band(ax: Axes, place: Array, findings: Sequence[Finding], prob: float) -> Axes:
    """Draw a line through the numbers that were seen, over a band for what was expected of them."""
    place, seen, low, median, high, out = _columns(place, findings)
    ax.fill_between(place, low, high, color=EXPECTED, alpha=0.2, linewidth=0.0, label=f"expected, {prob:.0%}")
    ax.plot(place, median, color=EXPECTED, linewidth=1.2)
    ax.plot(place, seen, "o-", color=LINE, linewidth=1.0, markersize=3.5, label="seen")
    if out.any():
        ax.plot(place[out], seen[out], "o", color=OFF, markersize=5.0, label="seen, outside")
    ax.set_ylim(bottom=0.0)
    ax.legend(frameon=False, loc="upper left")
    return ax


def _columns(place: Array, findings: Sequence[Finding]) -> tuple[Array, Array, Array, Array, Array, NDArray[np.bool_]]:
    """Place, what was seen, low, median and high of what was expected, and whether it lies outside, as arrays."""
    seen, low, median, high = np.array([(each.observed, each.low, each.median, each.high) for each in findings]).T
    return place, seen, low, median, high, (seen < low) | (seen > high)
