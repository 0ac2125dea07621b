"""Words and numbers in the reader's manner: sentences by language, numbers and money by locale."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite, isnan
from typing import TYPE_CHECKING, Literal

import babel
from babel.dates import format_date
from babel.numbers import UnknownCurrencyError, format_currency, format_decimal, format_percent, validate_currency
from markupsafe import Markup, escape

from clvmodels.errors import QuestionError, naming
from clvmodels.reporting.french import FRENCH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from markupsafe import HasHTML

Kind = Literal["money", "count", "share", "number", "time", "change"]

CATALOGUES: dict[str, Mapping[str, str] | None] = {"en": None, "fr": FRENCH}
"""The languages, with what each of our sentences is in them; English is the language they are written in."""

QUARTER = re.compile(r"(?<=\d{4})-Q(?=[1-4]$)")
"""What stands between the year and the number of a quarter."""

UNKNOWN = "–"  # noqa: RUF001  (a dash, as printed tables have it)


@dataclass(frozen=True)
class Number:
    """A number in a report.

    Attributes
    ----------
    value
        in full
    text
        as it is read
    of
        where it comes from: table, row and column, parted by colons
    """

    value: float
    text: str
    of: str

    def __html__(self) -> Markup:
        """Write it with its full value and its source."""
        if not isfinite(self.value):
            return escape(self.text)
        return Markup('<data value="{}" data-of="{}">{}</data>').format(repr(float(self.value)), self.of, self.text)


@dataclass(frozen=True)
class Words:
    """A language, and how numbers are written.

    Attributes
    ----------
    lang
        ``"en"`` or ``"fr"``
    currency
        as in ISO 4217, such as ``"EUR"``; None writes amounts without one
    """

    lang: str = "en"
    currency: str | None = None

    def __post_init__(self) -> None:
        if self.lang not in CATALOGUES:
            message = f"lang={self.lang!r} isn't spoken here. Say one of {naming(CATALOGUES)}."
            raise QuestionError(message)
        if self.currency is not None:
            try:
                validate_currency(self.currency)
            except UnknownCurrencyError:
                message = f"currency={self.currency!r} is no currency. Say it as in ISO 4217, such as 'EUR' or 'USD'."
                raise QuestionError(message) from None

    @property
    def foreign(self) -> bool:
        """Whether the language is another than the library's own."""
        return CATALOGUES[self.lang] is not None

    def of(self, sentence: str) -> str:
        """Return one of our own sentences in this language."""
        catalogue = CATALOGUES[self.lang]
        return sentence if catalogue is None else catalogue[sentence]

    def told(self, words: object) -> str:
        """Return words of the library in this language where they are known in it, and as they are where they aren't."""
        catalogue = CATALOGUES[self.lang] or {}
        return catalogue.get(str(words), str(words))

    def say(self, sentence: str, **parts: HasHTML | str) -> Markup:
        """Return a sentence of ours with what stands in it, numbers marked and all else escaped."""
        return Markup(self.of(sentence)).format(**parts)  # noqa: S704  (the sentence is ours; its parts are escaped)

    def plain(self, sentence: str, **parts: Number | str) -> str:
        """Return a sentence of ours as plain text."""
        return self.of(sentence).format(
            **{name: part if isinstance(part, str) else part.text for name, part in parts.items()}
        )

    def period(self, name: str) -> str:
        """Return the name of a period, or of anything else beside a picture, as the language has it."""
        return QUARTER.sub(self.of("-Q"), self.told(name))

    def day(self, day: date) -> str:
        """Write a date."""
        return format_date(day, "medium", locale=self.lang)

    def counted(self, number: Number, one: str, several: str) -> Markup:
        """Return a count with its noun, in the number that the language asks for."""
        single = number.value in {0.0, 1.0} if self.foreign else number.value == 1.0
        return self.say(one if single else several, n=number)

    def write(self, value: float, kind: Kind, digits: int | None = None) -> str:
        r"""Write a number of some kind.

        >>> Words().write(1234.5, "money"), Words("fr").write(0.256, "share"), Words("en", "EUR").write(5, "money")
        ('1,234', '25,6\xa0%', '€5.00')
        """
        if isnan(value):
            return UNKNOWN
        if not isfinite(value):
            return self.of("never")
        places = _needed(kind, value) if digits is None else digits
        if kind == "money" and self.currency is not None:
            pattern = self._currency_pattern(places)
            return format_currency(value, self.currency, format=pattern, locale=self.lang, currency_digits=False)
        if kind == "share":
            pattern = babel.Locale.parse(self.lang).percent_formats[None].pattern
            return format_percent(value, pattern.replace("0", _zeros(places), 1) if places else pattern, locale=self.lang)
        text = format_decimal(value, f"#,##{_zeros(places)}", locale=self.lang)
        return f"+{text}" if kind == "change" and value > 0.0 else text

    def _currency_pattern(self, places: int) -> str:
        pattern = babel.Locale.parse(self.lang).currency_formats["standard"].pattern
        return pattern.replace("0.00", _zeros(places))


def _zeros(places: int) -> str:
    return f"0.{'0' * places}" if places else "0"


def _needed(kind: Kind, value: float) -> int:
    """Say how many decimals one number in a sentence needs: none where it is whole."""
    places = 1 if kind == "time" else digits_of(kind, value)
    shown = round(100.0 * value if kind == "share" else value, places)
    return 0 if kind in {"share", "time"} and shown == round(shown) else places


def digits_of(kind: Kind, largest: float) -> int:
    """Say how many decimals numbers of a kind have, whose largest is this."""
    size = abs(largest)
    if kind == "count":
        return 0
    if kind == "share":
        return 1
    if kind == "money":
        return 0 if size >= 100.0 else 2
    return 0 if size >= 1000.0 else 1 if size >= 100.0 else 2
