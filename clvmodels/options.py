"""Options of the command line, in groups that commands share; words become objects here, and nowhere else.

A command names a group as the type of one of its parameters; `taking` spreads the group's fields out for the command line,
and puts them together again.
"""

from __future__ import annotations

import inspect
import re
import shlex
from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from functools import wraps
from importlib.util import find_spec
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

import clvmodels as clv
from clvmodels.errors import QuestionError, naming
from clvmodels.units import DAYS, as_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from clvmodels.contract import Model
    from clvmodels.economics.amounts import Amount
    from clvmodels.fitting import Method
    from clvmodels.reporting.asked import Asked
    from clvmodels.reporting.words import Words
    from clvmodels.units import Unit

AUTO = "auto"
"""The word for the model that the data choose."""

COST = re.compile(r"(?P<name>[^=]+)=(?P<amount>[^/]+)/(?P<per>\w+)")
COHORT = "cohort"
ADVISED = re.compile(r"""\b(?P<name>[a-z_]+)=(?P<quote>['"])(?P<word>.*?)(?P=quote)""")
"""What a message advises to say in Python, such as ``refunds='net'``."""

AMOUNT = "a number, a column of the log, or COLUMN:VALUE=NUMBER,VALUE=NUMBER"


def taking(command: Callable[..., None]) -> Callable[..., None]:
    """Spread out the groups of options that a command takes."""
    kinds = get_type_hints(command, include_extras=True)
    own = inspect.signature(command).parameters
    groups: dict[str, Any] = {name: kind for name, kind in kinds.items() if name in own and is_dataclass(kind)}
    told: list[inspect.Parameter] = []
    for kind in groups.values():
        types = get_type_hints(kind, include_extras=True)
        for each in fields(kind):
            default = each.default if each.default_factory is MISSING else each.default_factory()
            told.append(_option(each.name, types[each.name], default))
    told += [_option(name, kinds[name], own[name].default) for name in own if name not in groups]

    @wraps(command)
    def spread(**given: Any) -> None:  # noqa: ANN401
        parts = {name: kind(**{each.name: given.pop(each.name) for each in fields(kind)}) for name, kind in groups.items()}
        command(**parts, **given)

    spread.__signature__ = inspect.Signature(told)  # type: ignore[attr-defined]
    spread.__annotations__ = {each.name: each.annotation for each in told}
    return spread


def as_typed(message: str) -> str:
    """Word a message such that what it advises to say in Python is what is typed here.

    >>> as_typed("Say refunds='net', or how dates are written: date_format='%d %m %y'.")
    'Say --refunds net, or how dates are written: --date-format "%d %m %y".'
    """
    known = {each.name for each in fields(Reading)} - {"log", "amount"} | {"value"}

    def typed(advised: re.Match[str]) -> str:
        name, word = advised["name"], advised["word"]
        if name not in known:
            return advised[0]
        shown = word if shlex.quote(word) == word else f'"{word}"'
        return f"--{name.replace('_', '-')} {shown}"

    return ADVISED.sub(typed, message)


def _option(name: str, kind: object, default: object) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


@dataclass(frozen=True)
class Reading:
    """Which log, and how it is to be read."""

    log: Annotated[
        Path | None, typer.Argument(help="Purchases, a row each: csv, parquet or a folder of parquet. Without one, CDNOW.")
    ] = None
    customer_id: Annotated[str, typer.Option(help="Column of the customer.")] = "customer_id"
    date: Annotated[str, typer.Option(help="Column of the date.")] = "date"
    amount: Annotated[str, typer.Option("--value", help="Column of the amount paid.")] = "value"
    unit: Annotated[str, typer.Option(help="Unit of time: hour, day, week, month or year.")] = "week"
    resolution: Annotated[str, typer.Option(help="Purchases of one minute, hour or day are one.")] = "day"
    observation_end: Annotated[str | None, typer.Option(help="Last day to look at; later purchases are left out.")] = None
    date_format: Annotated[str | None, typer.Option(help="Such as %d/%m/%Y, where dates aren't 2026-12-31.")] = None
    timezone: Annotated[str | None, typer.Option(help="Zone whose days count, for dates that carry a zone.")] = None
    refunds: Annotated[str, typer.Option(help="Negative amounts: error, or net (they cancel purchases).")] = "error"

    @property
    def source(self) -> str:
        """What the log is called."""
        return "CDNOW, bundled" if self.log is None else self.log.name

    def beside(self, what: str) -> Path:
        """Name a result after the log, in the folder where the command runs."""
        return Path(f"cdnow_{what}.csv" if self.log is None else f"{self.log.name.split('.')[0]}_{what}.csv")

    def read(self, besides: tuple[str, ...], kinds: tuple[str, ...]) -> Any:  # noqa: ANN401
        """Read the log, with some columns besides, of which ``kinds`` name kinds of customers: as words, as on the line."""
        from clvmodels.data.tables import read_log  # noqa: PLC0415  (so that --help needs no data library)

        if self.log is None:
            log = clv.datasets.cdnow()
        else:
            columns = dict.fromkeys((self.customer_id, self.date, self.amount, *besides))
            log = read_log(self.log, tuple(columns), (self.customer_id, *kinds))
        words = {name: log[name].map(str, na_action="ignore") for name in kinds if name in log}
        return log.assign(**words)

    @property
    def said(self) -> dict[str, Any]:
        """How the log is to be read, by the names of the library."""
        names = ("customer_id", "date", "resolution", "observation_end", "timezone", "date_format", "refunds")
        return {"value": self.amount, **{name: getattr(self, name) for name in names}}

    def customers(self, log: Any) -> clv.Customers:  # noqa: ANN401
        """Summarise the log."""
        return clv.rfm_summary(log, unit=self.unit, **self.said)

    def summarise(self, columns: tuple[str, ...], cohort: str | None, target: Path) -> tuple[str, ...]:
        """Write a summary, with some columns of first purchases beside it, to parquet; return what must be known of it.

        Where an engine can read the log, and nothing is asked besides, nobody comes home.
        """
        from clvmodels.data.tables import write_table  # noqa: PLC0415  (so that --help needs no data library)

        if self.log is not None and self.in_engine and not columns and cohort is None:
            there = clv.lazy_summary(self.log, unit=self.unit, **self.said)
            return there.write(target).notes
        log = self.read(columns, ())
        customers = self.customers(log)
        table = customers.frame()
        twice = [name for name in columns if name in table]
        if twice:
            message = f"A summary has a column {naming(twice)} of its own: rename that of the log, which you want to keep."
            raise QuestionError(message)
        if columns or cohort is not None:
            table = table.merge(self.attributes(log, columns, cohort), on="customer_id", validate="one_to_one")
        write_table(table, target)
        return customers.notes

    @property
    def in_engine(self) -> bool:
        """Whether an engine that is installed can read the log."""
        from clvmodels.data.tables import PARQUET  # noqa: PLC0415  (so that --help needs no data library)

        columnar = self.log is not None and (self.log.is_dir() or self.log.name.lower().endswith(PARQUET))
        return columnar and any(map(find_spec, ("duckdb", "polars")))

    def indicators(self, log: Any) -> clv.Indicators:  # noqa: ANN401
        """Follow the log by quarter."""
        return clv.indicators(log, every="quarter", **self.said)

    def forecast(self, log: Any, worth: clv.Valuation) -> clv.Outlook:  # noqa: ANN401
        """Forecast four quarters of a year, from the end of the log on."""
        from clvmodels.data.reading import LogReader  # noqa: PLC0415  (so that --help needs no data library)

        reader = LogReader(
            self.customer_id, self.date, self.amount, self.resolution, self.timezone, self.date_format, self.refunds
        )
        quarter = DAYS["year"] / DAYS[worth.customers.unit] / 4
        end = self.observation_end or reader.last_day(log)
        asked: dict[str, Any] = {"periods": 4, "every": quarter, "customers": worth.customers, "seed": worth.seed}
        return clv.forecast(worth.fit, worth.spend, observation_end=end, **asked)

    def attributes(self, log: Any, columns: tuple[str, ...], cohort: str | None) -> Any:  # noqa: ANN401
        """Tabulate the customers by their first purchases."""
        return clv.attributes(
            log,
            columns,
            customer_id=self.customer_id,
            date=self.date,
            cohort=cohort,
            timezone=self.timezone,
            date_format=self.date_format,
        )


@dataclass(frozen=True)
class Fitting:
    """What to fit, and how."""

    model: Annotated[
        str, typer.Option(help="Of purchases: auto (the data choose), bgnbd, mbgnbd, pareto, bgcnbd, mbgcnbd, ggnbd or nbd.")
    ] = AUTO
    method: Annotated[str, typer.Option(help="laplace, nuts, bootstrap, map or mle.")] = "laplace"
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 1

    def check(self) -> None:
        """Refuse words that aren't known, before any work is done."""
        model_named(self.model)
        method_named(self.method)

    def fits(self, customers: clv.Customers) -> tuple[clv.Fit, clv.Fit]:
        """Fit the model that was asked for, or the one that the data choose; and spend."""
        model, method = model_named(self.model), method_named(self.method)
        best = clv.best(customers, method=method, seed=self.seed).fit if model is None else None
        fit = best or clv.fit(model or clv.BGNBD(), customers, method, seed=self.seed)
        return fit, clv.fit(clv.GammaGamma(), customers.all_buyers(), method, seed=self.seed)


@dataclass(frozen=True)
class Business:
    """What is counted: horizon, discount, margin, costs; and by what customers are grouped."""

    horizon: Annotated[
        float | None, typer.Option(help="How far ahead, in units of time; inf for life. [default: a year]")
    ] = None
    discount: Annotated[float, typer.Option(help="Discount rate a year.")] = 0.10
    margin: Annotated[str, typer.Option(help=f"Share of a purchase that is profit: {AMOUNT}.")] = "1"
    cost: Annotated[
        list[str],
        typer.Option(help=f"A line of costs, NAME=AMOUNT/PER: per turnover, order, month, year... AMOUNT: {AMOUNT}."),
    ] = field(default_factory=list)
    acquisition: Annotated[str, typer.Option(help=f"What a customer has cost to win: {AMOUNT}.")] = "0"
    by: Annotated[
        list[str], typer.Option(help="Show segments by a column of the log, as of first purchases; or by cohort.")
    ] = field(default_factory=list)
    cohort: Annotated[str, typer.Option(help="Period of a cohort: week, month, quarter or year.")] = "quarter"

    def check(self) -> None:
        """Refuse a cohort that isn't known, before any work is done."""
        from clvmodels.data.firsts import check_cohort  # noqa: PLC0415  (so that --help needs no data library)

        check_cohort(self.cohort)

    def economics(self) -> clv.Economics:
        """Turn words into economics."""
        lines = [cost_named(word) for word in self.cost]
        costs = dict(lines)
        if len(costs) < len(lines):
            message = f"Each line of costs has a name of its own; got {', '.join(name for name, _ in lines)}."
            raise QuestionError(message)
        margin, acquisition = amount_named(self.margin), amount_named(self.acquisition)
        return clv.Economics(margin=margin, costs=costs, acquisition=acquisition)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the log that are named."""
        return tuple(dict.fromkeys(name for name in (*self.economics().columns, *self.by) if name != COHORT))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those of them that name kinds of customers, each with an amount."""
        economics = self.economics()
        amounts = (economics.margin, economics.acquisition, *(line.amount for line in economics.costs.values()))
        named = [amount.column for amount in amounts if isinstance(amount, clv.By)]
        return tuple(dict.fromkeys(name for name in named if name != COHORT))

    def span(self, unit: str) -> float:
        """The horizon: a year, unless said otherwise."""
        return DAYS["year"] / DAYS[as_unit(unit)] if self.horizon is None else self.horizon


@dataclass(frozen=True)
class Telling:
    """How a report speaks."""

    lang: Annotated[str, typer.Option(help="Language of the report: en or fr.")] = "en"
    currency: Annotated[str | None, typer.Option(help="Of its amounts, such as EUR.")] = None

    @property
    def words(self) -> Words:
        """The language."""
        from clvmodels.reporting.words import Words  # noqa: PLC0415  (so that --help needs no data library)

        return Words(self.lang, self.currency)

    def write(self, asked: Asked, page: Path, table: Path, ctx: typer.Context) -> None:
        """Write a report, and the table of all customers beside it."""
        from clvmodels.reporting.making import write  # noqa: PLC0415

        write(asked, self.words, page, table, None, command_of(ctx))

    def check(self, path: Path) -> Path:
        """Refuse a language, a currency or a place that can't be, before any work is done."""
        from clvmodels.reporting.making import html_target  # noqa: PLC0415

        _ = self.words
        return html_target(path)


def command_of(ctx: typer.Context) -> str:
    """Write down the command that is run, without what is said by default."""
    words = ["clvmodels", str(ctx.info_name)]
    for param in ctx.command.params:
        name, value = max(param.opts, key=len), ctx.params.get(str(param.name))
        if value == param.get_default(ctx) or value in (None, [], ()):
            continue
        if isinstance(value, bool):
            words.append(name if value else max(param.secondary_opts, key=len))
            continue
        for each in value if isinstance(value, list | tuple) else (value,):
            words += [name, str(each)] if name.startswith("-") else [str(each)]
    return shlex.join(words)


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


def amount_named(word: str) -> Amount:
    """Turn a word into an amount.

    >>> amount_named("2.5"), amount_named("post"), amount_named("channel:ads=40,shop=10")
    (2.5, 'post', By(column='channel', amounts={'ads': 40.0, 'shop': 10.0}))
    """
    if ":" in word:
        column, _, parts = word.partition(":")
        return clv.By(column, dict(_pair(part) for part in parts.split(",")))
    try:
        return float(word)
    except ValueError:
        return word


def cost_named(word: str) -> tuple[str, clv.Cost]:
    """Turn a word into a line of costs.

    >>> cost_named("mail=12/year")
    ('mail', Cost(amount=12.0, per='year'))
    """
    found = COST.fullmatch(word)
    if not found:
        message = f"The cost {word!r} isn't understood: say NAME=AMOUNT/PER, such as goods=0.55/turnover or mail=12/year."
        raise QuestionError(message)
    return found["name"], clv.Cost(amount_named(found["amount"]), found["per"])


def months(word: str, unit: Unit) -> list[float]:
    """Turn horizons in months, parted by commas, into a unit of time.

    >>> months("12,life", "month")
    [12.0, inf]
    """
    try:
        told = [inf if part.strip() == "life" else float(part) for part in word.split(",")]
    except ValueError:
        message = f"The horizons {word!r} aren't understood: say months, such as 12,24,36,life."
        raise QuestionError(message) from None
    return [span * DAYS["month"] / DAYS[unit] for span in told]


def _pair(part: str) -> tuple[str, float]:
    name, _, number = part.partition("=")
    try:
        return name, float(number)
    except ValueError:
        message = f"{part!r} isn't understood: say VALUE=NUMBER, such as ads=40."
        raise QuestionError(message) from None
