"""What a section is made of: sentences, tables of answers, pictures, and the library's own notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from clvmodels.reporting.words import Number, digits_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from markupsafe import Markup

    from clvmodels.reporting.drawing import Drawing
    from clvmodels.reporting.words import Kind, Words


@dataclass(frozen=True)
class Column:
    """A column of a table in the report.

    Attributes
    ----------
    heading
        in the reader's language
    names
        the column of the answer, or two: the ends of an interval
    kind
        of number, ``"statistic"`` if each row has its own; ``"text"`` and ``"date"`` show what is there, ``"word"`` shows it
        in the reader's language if it is known in that
    bar
        whether a share is drawn behind it
    """

    heading: str
    names: tuple[str, ...]
    kind: Kind | Literal["text", "word", "date", "statistic"]
    bar: bool = False

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.kind not in {"text", "word", "date"}


@dataclass(frozen=True)
class Cell:
    """A cell: what it shows, and how long the bar behind it is, in per cent, if there is one."""

    shown: Any
    bar: float | None = None


@dataclass(frozen=True)
class Table:
    """An answer, as the report shows it.

    Attributes
    ----------
    name
        which answer
    caption
        what it shows
    columns, rows
        of cells
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Picture:
    """A picture, with the words that stand for it.

    Attributes
    ----------
    drawing
        itself
    alt
        what it shows, in words and numbers
    caption
        what to conclude
    """

    drawing: Drawing
    alt: str
    caption: Markup | str


@dataclass(frozen=True)
class Box:
    """A cell of the grid of customers: title, what to do (or how much), lines, and what part of the value it holds."""

    title: str
    action: Number | str
    lines: tuple[Markup, ...]
    held: float


@dataclass(frozen=True)
class Section:
    """A part of the report.

    Attributes
    ----------
    name
        by which it is linked to
    title
        its heading
    lead
        what to conclude, a paragraph each
    tables, pictures, boxes
        what shows it
    after
        what else is to be said
    notes
        the library's own sentences, in English
    code
        lines that reproduce it
    """

    name: str
    title: str
    lead: tuple[Markup | str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    boxes: tuple[Box, ...] = ()
    tables: tuple[Table, ...] = ()
    after: tuple[Markup | str, ...] = ()
    notes: tuple[str, ...] = ()
    code: tuple[str, ...] = field(default=())


def number(  # noqa: PLR0913, PLR0917  (it is called for each number of a sentence, and reads like a reference)
    words: Words, frame: pd.DataFrame, name: str, row: int, column: str, kind: Kind
) -> Number:
    """Take one number of an answer."""
    value = float(frame[column].iloc[row])
    return Number(value, words.write(value, kind), f"{name}:{row}:{column}")


def table(  # noqa: PLR0913
    words: Words,
    frame: pd.DataFrame,
    name: str,
    caption: str,
    columns: Sequence[Column],
    *,
    rows: Sequence[int] | None = None,
) -> Table:
    """Show an answer, or some of its rows; columns that it lacks, or knows nothing of, are left out."""
    known = [each for each in columns if all(part in frame and frame[part].notna().any() for part in each.names)]
    cells = [_cells(words, frame, name, each) for each in known]
    told = list(zip(*cells, strict=True))
    return Table(name, caption, tuple(known), tuple(told if rows is None else [told[row] for row in rows]))


def _cells(words: Words, frame: pd.DataFrame, name: str, column: Column) -> list[Cell]:
    """A column, its numbers with the same decimals."""
    told = [frame[part].to_list() for part in column.names]
    kind = column.kind
    if kind == "date":
        return [Cell(words.day(value)) for value in told[0]]
    if kind in {"text", "word"}:
        return [Cell(words.told(value) if kind == "word" else str(value)) for value in told[0]]
    values = np.array(told, float)
    kinds: list[Kind] = [_kind(column, frame, row) for row in range(values.shape[1])]
    finite = np.abs(values[np.isfinite(values)])
    digits = {each: digits_of(each, float(np.max(finite, initial=0.0))) for each in kinds}
    rows = [
        [
            Number(value, words.write(value, each, digits[each]), f"{name}:{row}:{part}")
            for value, part in zip(values[:, row], column.names, strict=True)
        ]
        for row, each in enumerate(kinds)
    ]
    return [_cell(words, row, bar=column.bar) for row in rows]


def _kind(column: Column, frame: pd.DataFrame, row: int) -> Kind:
    """The kind of number in a row of a column: a statistic is a share if its name says so."""
    if column.kind == "statistic":
        return "share" if str(frame["statistic"].iloc[row]).startswith("share") else "number"
    return cast("Kind", column.kind)


def _cell(words: Words, numbers: Sequence[Number], *, bar: bool) -> Cell:
    """A cell of a number, or of an interval."""
    if len(numbers) == 1:
        length = float(np.clip(100.0 * numbers[0].value, 0.0, 100.0))
        return Cell(numbers[0], length if bar and np.isfinite(length) else None)
    low, high = numbers
    return Cell(low if not np.isfinite(low.value) else words.say("{low} to {high}", low=low, high=high))
