"""Pictures for the page: what the displays draw, with their words in the reader's language, as text that can be searched."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    from clvmodels.reporting.words import Kind, Words

SIZE = (4.7, 3.1)
"""Inches: as wide as a telephone, so that letters stay legible there."""

ROOM = 40
"""Letters that there is room for below a picture."""

LABEL = re.compile(r"(?P<what>.*?), (?P<share>\d+)%(?P<off> \(off\))?")
BOX = re.compile(r'viewBox="([^"]+)"')
USED = re.compile(r'(?:url\(#|href="#)([^")]+)')


@dataclass(frozen=True)
class Drawing:
    """A drawing in SVG: the box that it is drawn in, and what is in it."""

    box: str
    inner: Markup


def drawn(  # noqa: PLR0913
    words: Words,
    name: str,
    draw: Callable[[Axes], object],
    *,
    across: str = "",
    up: str = "",
    forms: tuple[Kind | None, Kind | None] = (None, None),
) -> Drawing:
    """Draw a display without its title, its words in the reader's language.

    Parameters
    ----------
    words
        the language
    name
        of the picture, unlike that of any other in the page
    draw
        the display's ``plot``
    across, up
        labels of the axes
    forms
        how numbers across and up are written; None leaves the ticks as they are, in the reader's language
    """
    from matplotlib import rc_context  # noqa: PLC0415  (a second to load)
    from matplotlib.figure import Figure  # noqa: PLC0415

    look: Any = {"svg.fonttype": "none", "svg.hashsalt": name, "font.size": 9.5, "axes.edgecolor": "#8a949e"}
    with rc_context(look):
        figure = Figure(figsize=SIZE, layout="constrained")
        ax = figure.subplots()
        draw(ax)
        ax.tick_params(axis="x", pad=7.0)
        ax.set_title("", loc="left")
        ax.set_xlabel(across)
        ax.set_ylabel(up)
        for axis, form in zip((ax.xaxis, ax.yaxis), forms, strict=True):
            _ticks(words, axis, form)
        _legend(words, ax)
        page = StringIO()
        figure.savefig(page, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _inline(page.getvalue(), name)


def _ticks(words: Words, axis: Any, form: Kind | None) -> None:  # noqa: ANN401
    """Write the numbers beside an axis, or the names that stand there, in the reader's manner."""
    if form is None:
        told = [words.period(text.get_text()) for text in axis.get_ticklabels()]
        step = max(-(-sum(map(len, told)) // ROOM), 1) if axis.axis_name == "x" else 1
        axis.set_ticks(axis.get_ticklocs()[::step], told[::step])
        return

    def written(value: float, _: object) -> str:
        shown = round(100.0 * value if form == "share" else value, 9)
        return words.write(value, form, next((places for places in (0, 1) if shown == round(shown, places)), 2))

    axis.set_major_formatter(written)


def _legend(words: Words, ax: Axes) -> None:
    """Put the legend below the picture, where it hides nothing, in the reader's language."""
    legend = ax.get_legend()
    if legend is None:
        return
    handles, labels = ax.get_legend_handles_labels()
    legend.remove()
    told = [_label(words, label) for label in labels]
    ax.figure.legend(handles, told, loc="outside lower center", ncols=2, frameon=False, fontsize="small")


def _label(words: Words, label: str) -> str:
    """Translate a label such as ``expected, 90%``."""
    found = LABEL.fullmatch(label)
    if not found:
        return words.told(label)
    off = f" ({words.told('off')})" if found["off"] else ""
    return f"{words.told(found['what'])}, {words.write(float(found['share']) / 100.0, 'share', 0)}{off}"


def _inline(svg: str, name: str) -> Drawing:
    """Make a drawing part of a page: no header, no style for all, the page's letters, ids that no other picture has."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    used = set(USED.findall(body))
    body = re.sub(r' id="([^"]+)"', lambda found: f' id="{name}-{found[1]}"' if found[1] in used else "", body)
    body = USED.sub(lambda found: found[0].replace(f"#{found[1]}", f"#{name}-{found[1]}"), body)
    body = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", body)
    box = BOX.search(body)
    inner = body[body.index(">") + 1 : body.rindex("</svg>")].replace("xlink:href", "href")
    return Drawing(box[1] if box else "", Markup(inner))  # noqa: S704  (drawn here; what is data in it is escaped by matplotlib)
