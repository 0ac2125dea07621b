"""Making a report: the list of its sections, the page that holds them, and the files that they are written to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clvmodels.data.tables import check_target, write_table
from clvmodels.errors import ClvError, QuestionError
from clvmodels.estimate import as_probability
from clvmodels.files import aside
from clvmodels.questions.asking import as_span
from clvmodels.reporting import money, people, trust
from clvmodels.reporting.asked import Asked
from clvmodels.reporting.content import Section
from clvmodels.reporting.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clvmodels.economics.valuation import Valuation
    from clvmodels.following.indicators import Indicators
    from clvmodels.following.outlook import Outlook

    Found = Section | tuple[Section, ...] | None

SECTIONS: tuple[tuple[str, Callable[[Asked, Words], Found]], ...] = (
    ("Who is worth what", people.worth_what),
    ("The most valuable customers", people.best),
    ("Portfolio: value and loyalty", people.grid),
    ("Customers at risk", people.risk),
    ("By segment", people.segments),
    ("Horizons side by side", lambda asked, words: money.horizons(asked, words) if asked.spans else None),
    ("Forecast by period", money.forecast),
    ("Which lever moves most", lambda asked, words: money.levers(asked, words) if asked.levers else None),
    ("Newcomers", money.newcomers),
    ("Beside the simple formulas", money.simple),
    ("What the log shows", money.indicators),
    ("Can it be trusted?", trust.checks),
    ("The data", trust.quality),
    ("Method and assumptions", trust.method),
)
"""The sections, in order, each under the heading that it has even where it can only say why it is empty."""

TITLE = "What our customers are worth"


def report(  # noqa: PLR0913
    worth: Valuation,
    path: str | Path,
    *,
    lang: str = "en",
    currency: str | None = None,
    prob: float = 0.9,
    title: str | None = None,
    by: str | Sequence[str] = (),
    horizons: Sequence[float] | None = None,
    since: float | None = None,
    levers: bool = True,
    outlook: Outlook | None = None,
    indicators: Indicators | None = None,
    command: str = "",
) -> Path:
    """Write a report of a valuation: one HTML file that needs nothing else, and a csv of all customers beside it.

    Parameters
    ----------
    worth
        what the customers are worth
    path
        of the HTML file; the csv has its name, with the ending ``.csv``
    lang, currency
        ``"en"`` or ``"fr"``; a currency as in ISO 4217, such as ``"EUR"``, none by default
    prob
        the probability of the intervals
    title
        the heading of the report
    by
        columns of the attributes: what each of their groups is worth
    horizons
        side by side, in the unit of the customers, ``()`` for none; by default those that ``value(horizons=)`` was told of,
        which takes no time, or else 1, 2 and 3 years
    since
        who is at risk has become less likely to be there since so long ago: a quarter of a year by default
    levers
        whether to ask which lever moves the value most, which takes as long as several valuations
    outlook
        a forecast by period, in the place of four quarters ahead
    indicators
        of the log, ``clv.indicators(log)``
    command
        what reproduces it, in the place of lines of Python

    Examples
    --------
    >>> import tempfile
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.MBGNBD(), customers, clv.Laplace(draws=100), seed=1)
    >>> spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), clv.Laplace(draws=100), seed=1)
    >>> worth = clv.value(fit, spend, horizon=52, discount=clv.yearly(0.10), seed=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = clv.report(worth, f"{folder}/base.html", lang="fr", currency="EUR")
    ...     sorted(path.name for path in written.parent.iterdir())
    ['base.csv', 'base.html']
    """
    words, target = Words(lang, currency), html_target(Path(path))
    columns = (by,) if isinstance(by, str) else tuple(by)
    spans = None if horizons is None else tuple(map(float, horizons))
    ago = None if since is None else as_span(since, "since")
    asked = Asked(worth, as_probability(prob), columns, spans, ago, levers, outlook, indicators)
    write(asked, words, target, target.with_suffix(".csv"), title, command)
    return target


def write(asked: Asked, words: Words, target: Path, table: Path, title: str | None, command: str) -> None:  # noqa: PLR0913, PLR0917
    """Write the page, and the table of all customers beside it; both or none."""
    asked.prepare()
    page = rendered(asked, words, title, table.name, command)
    with aside(target) as draft:
        draft.write_text(page, encoding="utf-8")
        write_table(asked.customers, table)


def html_target(path: Path) -> Path:
    """Check, before any work is done, that a report can be written to a path."""
    if path.suffix.lower() not in {".html", ".htm"}:
        message = f"{path.name} is no name for a report: it is written in HTML, so end it with .html."
        raise QuestionError(message)
    check_target(path.with_suffix(".csv"))
    return path


def rendered(asked: Asked, words: Words, title: str | None, table: str, command: str) -> str:
    """Write the page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415  (a report alone needs it)

    found = [section for heading, make in SECTIONS for section in _made(heading, make, asked, words)]
    notes = trust.notes_of(found) if words.foreign else ()
    page = Environment(
        loader=PackageLoader("clvmodels", "reporting/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    ).get_template("report.html")
    return page.render(
        words=words,
        title=title or words.of(TITLE),
        subtitle=people.subtitle(asked, words),
        cards=people.headline(asked, words),
        sections=found,
        appendix=trust.appendix(asked, words, command),
        notes=notes,
        table=table,
    )


def _made(heading: str, make: Callable[[Asked, Words], Found], asked: Asked, words: Words) -> tuple[Section, ...]:
    """Make a section, or several; what can't be answered is said in its place, and why."""
    try:
        found = make(asked, words)
    except ClvError as refusal:
        lead = words.say("This can't be shown; the reason is given below.")
        name = f"none-{[each for each, _ in SECTIONS].index(heading)}"
        return (Section(name, words.of(heading), (lead,), notes=(str(refusal),)),)
    return () if found is None else found if isinstance(found, tuple) else (found,)
