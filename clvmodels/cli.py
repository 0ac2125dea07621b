"""The command line: ``clvmodels value LOG`` takes a purchase log to the value of every customer, on screen and on disk."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

import clvmodels as clv
from clvmodels.errors import ClvError, QuestionError
from clvmodels.units import DAYS, as_unit

if TYPE_CHECKING:
    from collections.abc import Generator

    from clvmodels.contract import Model
    from clvmodels.fitting import Method

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
screen = Console()

REFUSED, INTERRUPTED = 2, 130

AUTO = "auto"
"""The word for the model that the data choose."""


def method_named(word: str) -> Method:
    """Turn a word of the command line into a method: the one place where methods are words."""
    methods: dict[str, Method] = {
        "laplace": clv.Laplace(draws=1000),
        "nuts": clv.NUTS(draws=250),
        "bootstrap": clv.Bootstrap(),
        "map": clv.MAP(),
        "mle": clv.MLE(),
    }
    if word not in methods:
        message = f"{word!r} is no method. Say one of {', '.join(methods)}."
        raise QuestionError(message)
    return methods[word]


def model_named(word: str) -> Model | None:
    """Turn a word of the command line into a model of purchases, ``auto`` into none: the one place that has such words."""
    models: dict[str, type[Model]] = {
        "bgnbd": clv.BGNBD,
        "mbgnbd": clv.MBGNBD,
        "pareto": clv.ParetoNBD,
        "bgcnbd": clv.BGCNBD,
        "mbgcnbd": clv.MBGCNBD,
        "ggnbd": clv.GGNBD,
        "nbd": clv.NBD,
    }
    if word == AUTO:
        return None
    if word not in models:
        message = f"{word!r} is no model of purchases. Say one of {', '.join((AUTO, *models))}."
        raise QuestionError(message)
    return models[word]()


@contextmanager
def spoken() -> Generator[None]:
    """Say a refusal in a sentence, with exit code 2, and an interruption, with 130; neither leaves anything half-written."""
    problems = Console(stderr=True)
    try:
        yield
    except ClvError as refusal:
        problems.print("[bold red]Refused:[/bold red]", Text(str(refusal)), highlight=False)
        raise typer.Exit(REFUSED) from None
    except KeyboardInterrupt:
        problems.print("Interrupted; nothing was written.")
        raise typer.Exit(INTERRUPTED) from None


@app.callback()
def about() -> None:
    """Value customers without contracts: who is still with us, what will they buy, what are they worth."""


@app.command()
@spoken()
def value(  # noqa: PLR0913, PLR0917
    log: Annotated[
        Path | None, typer.Argument(help="Purchases, a row each: csv or parquet. Without one, the CDNOW log.")
    ] = None,
    customer_id: Annotated[str, typer.Option(help="Column of the customer.")] = "customer_id",
    date: Annotated[str, typer.Option(help="Column of the date.")] = "date",
    amount: Annotated[str, typer.Option("--value", help="Column of the amount paid.")] = "value",
    unit: Annotated[str, typer.Option(help="Unit of time: hour, day, week, month or year.")] = "week",
    resolution: Annotated[str, typer.Option(help="Purchases of one minute, hour or day are one.")] = "day",
    observation_end: Annotated[str | None, typer.Option(help="Last day to look at; later purchases are left out.")] = None,
    date_format: Annotated[str | None, typer.Option(help="Such as %d/%m/%Y, where dates aren't 2026-12-31.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Zone whose days count, for dates that carry a zone.")] = None,
    refunds: Annotated[str, typer.Option(help="Negative amounts: error, or net (they cancel purchases).")] = "error",
    horizon: Annotated[
        float | None, typer.Option(help="How far ahead, in units of time; inf for life. [default: a year]")
    ] = None,
    discount: Annotated[float, typer.Option(help="Discount rate a year.")] = 0.10,
    margin: Annotated[float, typer.Option(help="Share of a purchase that is profit.")] = 1.0,
    model: Annotated[
        str, typer.Option(help="Of purchases: auto (the data choose), bgnbd, mbgnbd, pareto, bgcnbd, mbgcnbd, ggnbd or nbd.")
    ] = AUTO,
    method: Annotated[str, typer.Option(help="laplace, nuts, bootstrap, map or mle.")] = "laplace",
    interval: Annotated[float, typer.Option(help="Probability of the intervals.")] = 0.9,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Where to: csv or parquet. [default: LOG_clv.csv]")] = None,
) -> None:
    """Value every customer of a purchase log: alive or not, purchases, spend, lifetime value, with two intervals."""
    from clvmodels.data.tables import check_target, read_log, write_table  # noqa: PLC0415  (so that --help needs no data library)
    from clvmodels.estimate import as_probability  # noqa: PLC0415
    from clvmodels.summary import show  # noqa: PLC0415

    begun = time.perf_counter()
    source, target = "CDNOW, bundled" if log is None else log.name, out or _beside(log)
    check_target(target)
    as_probability(interval)
    if log is not None and target.absolute() == log.absolute():
        message = f"{target} is the log itself: say another file with --out."
        raise QuestionError(message)
    buying, fitter, ahead = model_named(model), method_named(method), _horizon(horizon, unit)
    purchases = clv.datasets.cdnow() if log is None else read_log(log, (customer_id, date, amount), customer_id)
    names = ("customer_id", "date", "value") if log is None else (customer_id, date, amount)
    customers = clv.rfm_summary(
        purchases,
        **dict(zip(("customer_id", "date", "value"), names, strict=True)),
        unit=unit,
        resolution=resolution,
        observation_end=observation_end,
        timezone=timezone,
        date_format=date_format,
        refunds=refunds,
    )
    fit = _fitted(buying, customers, fitter, seed)
    spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), fitter, seed=seed)
    economics = clv.Economics(margin=margin)
    worth = clv.value(fit, spend, horizon=ahead, discount=clv.yearly(discount), economics=economics, seed=seed)
    table = worth.frame(interval)
    write_table(table, target)
    show(worth, table, interval, source, screen)
    screen.print(f"\n{len(table):,} customers written to [bold]{target}[/bold] in {time.perf_counter() - begun:.1f} s.")


def _fitted(model: Model | None, customers: clv.Customers, method: Method, seed: int) -> clv.Fit:
    """Fit the model that was asked for, or the one that the data choose."""
    return clv.fit(model, customers, method, seed=seed) if model else clv.best(customers, method=method, seed=seed).fit


def _beside(log: Path | None) -> Path:
    """Name the result after the log, in the folder where the command runs."""
    return Path("cdnow_clv.csv" if log is None else f"{log.name.split('.')[0]}_clv.csv")


def _horizon(horizon: float | None, unit: str) -> float:
    """A year, unless said otherwise."""
    return DAYS["year"] / DAYS[as_unit(unit)] if horizon is None else horizon


def main() -> None:
    """Run the command line."""
    app()
