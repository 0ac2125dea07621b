"""The command line: ``clvmodels value LOG`` takes a purchase log to the value of every customer, on screen and on disk."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

import clvmodels as clv
from clvmodels.errors import ClvError, QuestionError
from clvmodels.options import Business, Fitting, Reading, Telling, amount_named, as_typed, months, taking
from clvmodels.units import as_unit

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    import pandas as pd

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
screen = Console()

REFUSED, INTERRUPTED = 2, 130

STOPPED = "Query interrupted"
"""What DuckDB makes of an interruption, as a RuntimeError."""

Out = Annotated[Path | None, typer.Option(help="Where to: csv or parquet.", show_default="LOG_clv.csv")]
Horizons = Annotated[str | None, typer.Option(help="More horizons side by side, in months: 12,24,36,life.")]
YEARS = "12,24,36"
"""Horizons of a report unless told otherwise, in months."""

Interval = Annotated[float, typer.Option(help="Probability of the intervals.")]


@contextmanager
def spoken(left: str = "nothing was written.") -> Generator[None]:
    """Say a refusal in a sentence, with exit code 2, and an interruption, with 130; neither leaves anything half-written."""
    problems = Console(stderr=True)
    try:
        yield
    except ClvError as refusal:
        problems.print("[bold red]Refused:[/bold red]", Text(as_typed(str(refusal))), highlight=False)
        raise typer.Exit(REFUSED) from None
    except (KeyboardInterrupt, RuntimeError) as stop:
        if isinstance(stop, RuntimeError) and str(stop) != STOPPED:
            raise
        problems.print(f"Interrupted; {left}")
        raise typer.Exit(INTERRUPTED) from None


@app.callback()
def about() -> None:
    """Value customers without contracts: who is still with us, what will they buy, what are they worth."""


@app.command()
@spoken()
@taking
def value(  # noqa: PLR0913
    reading: Reading,
    business: Business,
    fitting: Fitting,
    telling: Telling,
    *,
    ctx: typer.Context,
    horizons: Horizons = None,
    interval: Interval = 0.9,
    out: Out = None,
    report: Annotated[bool, typer.Option(help="Write a report beside it: a page for those who decide.")] = True,
    save: Annotated[Path | None, typer.Option(help="Keep the valuation in a file, to score other customers by.")] = None,
) -> None:
    """Value every customer of a purchase log: alive or not, purchases, spend, lifetime value, with two intervals."""
    from clvmodels.reporting.asked import Asked  # noqa: PLC0415  (so that --help needs no data library)
    from clvmodels.summary import show, show_account, show_groups, show_horizons  # noqa: PLC0415  (--help needs no data)

    begun, target = time.perf_counter(), _target(out, reading, "clv")
    spans = months(horizons, as_unit(reading.unit)) if horizons else []
    if save is not None and not save.absolute().parent.is_dir():
        message = f"There is no folder {save.absolute().parent} to keep the valuation in."
        raise QuestionError(message)
    page = telling.check(target.with_name(f"{target.name.split('.')[0]}.html")) if report else None
    log = _log(reading, business, fitting, interval)
    worth = _worth(reading, business, fitting, log, spans)
    asked = Asked(worth, interval, tuple(business.by), tuple(spans), levers=False)
    if page is not None:
        asked = replace(asked, told=reading.forecast(log, worth), indicators=reading.indicators(log))
        asked.prepare()
    table = asked.customers
    groups = {column: worth.total(interval, by=column) for column in business.by}
    beside = worth.horizons(spans, interval) if spans else None
    show(worth, table, interval, reading.source, screen)
    if (worth.acquisition > 0.0).any():
        show_account(table, clv.newcomer_value(worth), interval, screen)
    if beside is not None:
        show_horizons(beside, interval, worth.fit.unit, screen)
    for column, group in groups.items():
        show_groups(group, column, interval, screen)
    if save is not None:
        worth.save(save)
    if page is None:
        _write(table, target)
    else:
        telling.write(asked, page, target, ctx)
    _done(table, target, begun)
    if page is not None:
        screen.print(f"Report: [bold]{page}[/bold]")


@app.command()
@spoken()
@taking
def summary(
    reading: Reading,
    *,
    keep: Annotated[
        list[str] | None, typer.Option(help="A column of the log to keep, as of first purchases (several times).")
    ] = None,
    cohort: Annotated[str | None, typer.Option(help="Add a column cohort, by week, month, quarter or year.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to: parquet.", show_default="LOG_customers.parquet")] = None,
) -> None:
    """Summarise a purchase log, a row a customer, for ``score`` or another program: in an engine, where it is parquet."""
    from clvmodels.data.firsts import check_cohort  # noqa: PLC0415  (so that --help needs no data library)
    from clvmodels.data.tables import PARQUET, rows_of  # noqa: PLC0415
    from clvmodels.progress import counting  # noqa: PLC0415

    check_cohort(cohort)
    begun, target = time.perf_counter(), _target(out or reading.beside("customers").with_suffix(".parquet"), reading, "")
    if not target.name.endswith(PARQUET):
        message = f"{target.name} wouldn't keep all digits of times: name a parquet file with --out."
        raise QuestionError(message)
    with counting(None, "Summarising"):
        notes = reading.summarise(tuple(keep or ()), cohort, target)
    seconds = time.perf_counter() - begun
    screen.print(f"{rows_of(target):,} customers, in {reading.unit}s, written to [bold]{target}[/bold] in {seconds:.1f} s.")
    for note in notes:
        screen.print(note)


@app.command()
@spoken("what is finished stays, and the same command goes on from there.")
def score(  # noqa: PLR0913
    saved: Annotated[Path, typer.Argument(help="A valuation that was kept by value --save.")],
    customers: Annotated[
        Path, typer.Argument(metavar="IN", help="Summaries of customers, a row each: csv, parquet, or a folder of parquet.")
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(help="Where to: a folder of parquet parts, or a file, csv or parquet.", show_default="IN_clv"),
    ] = None,
    customer_id: Annotated[str, typer.Option(help="Column of the customer.")] = "customer_id",
    unit: Annotated[
        str | None, typer.Option(help="Unit in which the times of IN are told, to be held against SAVED.")
    ] = None,
    ordered: Annotated[
        bool, typer.Option("--ordered", help="Put customers of equal histories next to each other first: faster (DuckDB).")
    ] = False,
    rounded: Annotated[
        float, typer.Option(help="The same, with times to multiples of this, in the unit of SAVED, so that more are equal.")
    ] = 0.0,
    interval: Interval = 0.9,
) -> None:
    """Score customers by a kept valuation, any number of them: a run that was stopped goes on where it was."""
    from clvmodels.streaming.shards import Run, Source  # noqa: PLC0415  (so that --help needs no data library)

    begun, target = time.perf_counter(), out or Path(f"{customers.name.split('.')[0]}_clv")
    source = Source(customers, customer_id, ordered=ordered or rounded != 0.0, rounded=rounded)
    rows, kept, notes = Run(saved, source, target, unit, interval).go()
    seconds = time.perf_counter() - begun
    before = f", {kept:,} of them by a run before" if kept else ""
    rate = f" ({(rows - kept) / seconds:,.0f} a second)" if rows > kept else ""
    screen.print(f"{rows:,} customers scored to [bold]{target}[/bold] in {seconds:.1f} s{rate}{before}.")
    for note in notes:
        screen.print(note)


@app.command()
@spoken()
@taking
def scenario(  # noqa: PLR0913
    reading: Reading,
    business: Business,
    fitting: Fitting,
    *,
    purchase_rate: Annotated[str, typer.Option(help="By what purchases a time are multiplied: 1.10 for 10 % more.")] = "1",
    dropout: Annotated[str, typer.Option(help="By what the rate or chance of leaving is multiplied.")] = "1",
    spend: Annotated[str, typer.Option(help="By what the value of a purchase is multiplied.")] = "1",
    margin_times: Annotated[str, typer.Option(help="By what the margin is multiplied.")] = "1",
    costs_times: Annotated[str, typer.Option(help="By what all costs are multiplied.")] = "1",
    interval: Interval = 0.9,
    out: Out = None,
) -> None:
    """Say what customers would be worth if they came more often, stayed longer, spent more; and which lever moves most."""
    from clvmodels.summary import show_levers, show_potential  # noqa: PLC0415

    begun, target = time.perf_counter(), _target(out, reading, "scenario")
    words = {
        "purchase_rate": purchase_rate,
        "dropout": dropout,
        "spend": spend,
        "margin": margin_times,
        "costs": costs_times,
    }
    change = clv.Scenario(**{name: amount_named(word) for name, word in words.items()})
    worth = _worth(reading, business, fitting, _log(reading, business, fitting, interval))
    found = clv.potential(worth, change)
    table, levers = found.frame(interval), clv.elasticities(worth).frame(interval)
    groups = {column: found.total(interval, by=column) for column in (None, *business.by)}
    for column, group in groups.items():
        show_potential(group, column, interval, screen)
    show_levers(levers, interval, screen)
    _write(table, target)
    _done(table, target, begun)


@app.command()
@spoken()
@taking
def report(  # noqa: PLR0913
    reading: Reading,
    business: Business,
    fitting: Fitting,
    telling: Telling,
    *,
    ctx: typer.Context,
    horizons: Horizons = None,
    interval: Interval = 0.9,
    out: Annotated[Path | None, typer.Option(help="Where to: html.", show_default="LOG_report.html")] = None,
) -> None:
    """Write a report for those who decide: one page that needs nothing else, and a csv with every customer beside it."""
    from clvmodels.reporting.asked import Asked  # noqa: PLC0415  (so that --help needs no data library)

    begun, page = time.perf_counter(), telling.check(out or reading.beside("report").with_suffix(".html"))
    target = _target(page.with_suffix(".csv"), reading, "report")
    spans = months(horizons or YEARS, as_unit(reading.unit))
    log = _log(reading, business, fitting, interval)
    worth = _worth(reading, business, fitting, log, spans)
    told, seen = reading.forecast(log, worth), reading.indicators(log)
    asked = Asked(worth, interval, tuple(business.by), tuple(spans), told=told, indicators=seen)
    telling.write(asked, page, target, ctx)
    _done(asked.customers, target, begun)
    screen.print(f"Report: [bold]{page}[/bold]")


def _log(reading: Reading, business: Business, fitting: Fitting, interval: float) -> Any:  # noqa: ANN401
    """Check what is asked before any work is done, and read the log."""
    from clvmodels.estimate import as_probability  # noqa: PLC0415

    as_probability(interval)
    fitting.check()
    business.check()
    return reading.read(business.columns, business.kinds)


def _worth(
    reading: Reading,
    business: Business,
    fitting: Fitting,
    log: Any,  # noqa: ANN401
    horizons: Sequence[float] = (),
) -> clv.Valuation:
    """Summarise, fit and value."""
    economics, rate, columns = business.economics(), clv.yearly(business.discount), business.columns
    customers = reading.customers(log)
    attributes = reading.attributes(log, columns, business.cohort) if columns or business.by else None
    fit, spend = fitting.fits(customers)
    return clv.value(
        fit,
        spend,
        horizon=business.span(reading.unit),
        discount=rate,
        economics=economics,
        attributes=attributes,
        by=business.by,
        horizons=horizons,
        seed=fitting.seed,
    )


def _target(out: Path | None, reading: Reading, what: str) -> Path:
    """Find where the result goes, and refuse a place where it can't go before any work is done."""
    from clvmodels.data.tables import check_target  # noqa: PLC0415

    target = out or reading.beside(what)
    check_target(target)
    if reading.log is not None and target.absolute() == reading.log.absolute():
        message = f"{target} is the log itself: say another file with --out."
        raise QuestionError(message)
    return target


def _write(table: pd.DataFrame, target: Path) -> None:
    from clvmodels.data.tables import write_table  # noqa: PLC0415

    write_table(table, target)


def _done(table: pd.DataFrame, target: Path, begun: float) -> None:
    screen.print(f"\n{len(table):,} customers written to [bold]{target}[/bold] in {time.perf_counter() - begun:.1f} s.")


def main() -> None:
    """Run the command line."""
    app()
