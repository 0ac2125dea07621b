"""Sections on trust: checks in words, data quality, method and assumptions, and what reproduces the report."""

from __future__ import annotations

import platform
import re
from importlib.metadata import version
from math import inf
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import clvmodels
from clvmodels.reporting.content import Column, Picture, Section, number, table
from clvmodels.reporting.drawing import drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from clvmodels.evaluate.checks import Check
    from clvmodels.fitted import Fit
    from clvmodels.reporting.asked import Asked
    from clvmodels.reporting.content import Table
    from clvmodels.reporting.words import Words

PACKAGES = ("numpy", "scipy", "numba", "pandas", "narwhals", "matplotlib", "jinja2", "babel")
"""Whose versions move digits or looks."""

CLASS = re.compile(r"\b[A-Z]\w*(?=\()")
"""A class, where it is called."""


def fitted(asked: Asked) -> pd.DataFrame:
    """Tabulate how each fit went: model, method, converged, pareto_k, warnings (how many)."""
    rows = [
        {
            "model": fit.model.title,
            "method": fit.record.method,
            "converged": "converged" if fit.record.converged else "NOT converged",
            "pareto_k": float("nan") if fit.record.pareto_k is None else fit.record.pareto_k,
            "warnings": len(fit.record.warnings),
        }
        for fit in asked.fits
    ]
    return pd.DataFrame(rows)


def checks(asked: Asked, words: Words) -> Section:
    """Whether customers drawn from the fits look like those that were seen, and how the fits went."""
    warnings = [warning for fit in asked.fits for warning in fit.record.warnings]
    warnings += [warning for found in asked.checks for warning in found.warnings]
    tables = (_fits(words, fitted(asked)), *(_seen(words, found, place) for place, found in enumerate(asked.checks)))
    notes = tuple(dict.fromkeys(warnings))
    title, pictures = words.of("Can it be trusted?"), (_histogram(asked, words),)
    return Section("checks", title, _verdicts(asked, words), pictures, tables=tables, notes=notes)


def _verdicts(asked: Asked, words: Words) -> tuple[Markup, ...]:
    """The verdicts, in words."""
    faults, failed = sum(len(found.warnings) for found in asked.checks), sum(not fit.record.converged for fit in asked.fits)
    told = pd.DataFrame([{"off": faults, "failed": failed}])
    off, bad = (number(words, told, "off", 0, column, "count") for column in ("off", "failed"))
    one = "{n} fit did not converge: don't use these numbers yet."
    several = "{n} fits did not converge: don't use these numbers yet."
    outcome = words.counted(bad, one, several) if failed else words.say("All fits converged.")
    like = "Customers drawn from the model look like the real ones in all that was looked at."
    one = "Customers drawn from the model differ from the real ones in {n} way that matters: read on before relying on it."
    several = (
        "Customers drawn from the model differ from the real ones in {n} ways that matter: read on before relying on it."
    )
    return outcome, words.counted(off, one, several) if faults else words.say(like)


def _seen(words: Words, found: Check, place: int) -> Table:
    """What was seen, beside what a fit expects."""
    told = found.frame()
    columns = (
        Column(words.of("What was looked at"), ("statistic",), "word"),
        Column(words.of("Seen"), ("observed",), "statistic"),
        Column(words.of("Expected, 98 %"), ("low", "high"), "statistic"),
        Column(words.of("Verdict"), ("verdict",), "word"),
    )
    caption = words.plain("{model}: seen beside what the model expects", model=told["model"].iloc[0])
    return table(words, told, f"check{place}", caption, columns)


def _fits(words: Words, fits: pd.DataFrame) -> Table:
    columns = (
        Column(words.of("Model"), ("model",), "text"),
        Column(words.of("Method"), ("method",), "text"),
        Column(words.of("Outcome"), ("converged",), "word"),
        Column(words.of("Pareto k (good up to 0.7)"), ("pareto_k",), "number"),
        Column(words.of("Warnings"), ("warnings",), "count"),
    )
    return table(words, fits, "fits", words.of("How the fits went"), columns)


def _histogram(asked: Asked, words: Words) -> Picture:
    found = asked.checks[0]
    told = found.frame()
    seen = number(words, told, "check0", 0, "observed", "share")
    low, high = (number(words, told, "check0", 0, end, "share") for end in ("low", "high"))
    drawing = drawn(
        words,
        "histogram",
        found.plot,
        across=words.of("Repeat purchases"),
        up=words.of("Customers"),
        forms=(None, "share"),
    )
    parts = {"seen": seen, "low": low, "high": high}
    alt = words.plain(
        "Bars of the customers by their repeat purchases, with what the model expects: {seen} have made none, {low} to "
        "{high} expected.",
        **parts,
    )
    caption = words.say("{seen} of the customers have never come back; the model expects {low} to {high}.", **parts)
    return Picture(drawing, alt, caption)


def quality(asked: Asked, words: Words) -> Section:
    """Who is in it, and what was left out and why."""
    base, unit = asked.base, words.of(f"{asked.worth.customers.unit}s")
    customers, once = number(words, base, "base", 0, "customers", "count"), number(words, base, "base", 0, "once", "share")
    shortest, longest = (number(words, base, "base", 0, end, "time") for end in ("shortest", "longest"))
    lead = words.say(
        "{n} customers, known for {shortest} to {longest} {unit}; {once} of them have bought once.",
        n=customers,
        shortest=shortest,
        longest=longest,
        unit=unit,
        once=once,
    )
    notes = asked.worth.spend.seen(asked.worth.customers).notes
    said = words.say("What was left out, netted or set apart on the way from the log is listed here, with how much of it.")
    nothing = words.say("Nothing was left out of the log.")
    return Section("data", words.of("The data"), (lead, said if notes else nothing), notes=notes)


METHOD = (
    (
        "Purchases: each customer buys at a rate of her own and leaves at a time of her own, unseen. From how often "
        "and how lately she has bought, the model works out how likely she is to be still there and what she will go "
        "on to buy."
    ),
    (
        "Spend: the value of a purchase varies about a mean of her own, which is drawn towards the mean of all the "
        "more, the less is known of her."
    ),
    (
        "Value: purchases times spend times margin, less costs, each discounted from the day on which it is expected. "
        "Expected values are means over all that may happen; their credible intervals say how far the data pin them "
        "down."
    ),
    "What a customer or the base will really bring varies far more: that is what the wider intervals hold.",
    "P(alive) is the probability that a customer is still one: nobody tells when she leaves.",
    (
        "Customers are taken to behave as they have: no season, no campaign, no drift that moves all of them together "
        "is in the intervals."
    ),
)
"""What the method is, and what is assumed, in words."""


def method(asked: Asked, words: Words) -> Section:
    """What the method is, and what is assumed."""
    worth = asked.worth
    models = ", ".join(fit.model.title for fit in asked.fits)
    caveats = dict.fromkeys(caveat for fit in asked.fits for caveat in fit.model.caveats)
    costs = ", ".join(worth.economics.costs)
    less = (words.say("Costs that are taken off: {costs}.", costs=costs),) if costs else ()
    rate = worth.discount.rate
    told = pd.DataFrame(
        [{"margin": float(worth.terms.margin.mean()), "rate": rate if isinstance(rate, float | int) else np.nan}]
    )
    kept = number(words, told, "terms", 0, "margin", "share")
    lines = (
        *map(words.say, METHOD),
        words.say("Models: {models}.", models=models),
        _discounted(asked, words, told),
        words.say("Of each purchase, {margin} is kept as margin, on average over the customers.", margin=kept),
        *less,
    )
    return Section("method", words.of("Method and assumptions"), after=lines, notes=tuple(caveats))


def _discounted(asked: Asked, words: Words, told: pd.DataFrame) -> Markup:
    """At which rate money later is worth less."""
    if bool(np.isnan(told["rate"].to_numpy(float)).any()):
        return words.say("Later money is discounted at a rate of each customer's own.")
    rate, period = number(words, told, "terms", 0, "rate", "share"), words.of(asked.worth.discount.period)
    return words.say("Later money is discounted at {rate} a {unit}.", rate=rate, unit=period)


def appendix(asked: Asked, words: Words, command: str) -> Section:
    """What reproduces it: command or code, seeds, versions, parameters."""
    tables: list[Table] = []
    columns = (
        Column(words.of("Parameter"), ("parameter",), "text"),
        Column(words.of("Mean"), ("mean",), "number"),
        Column(words.of("Standard deviation"), ("sd",), "number"),
        Column(words.of("Credible interval"), ("low", "high"), "number"),
    )
    for place, fit in enumerate(asked.fits):
        told = fit.parameters(asked.prob).reset_index(names="parameter")
        caption = words.plain("Parameters of {model}", model=fit.model.title)
        tables.append(table(words, told, f"parameters{place}", caption, columns))
    code = (command,) if command else _code(asked)
    versions = (f"Python {platform.python_version()}", f"clvmodels {clvmodels.__version__}")
    others = (f"{name} {version(name)}" for name in PACKAGES)
    lead = words.say("The same data, command, seed and versions give the same report, to the byte.")
    return Section(
        "appendix",
        words.of("Appendix: how to get this again"),
        (lead,),
        tables=tuple(tables),
        code=(*code, "", ", ".join((*versions, *others))),
    )


def _code(asked: Asked) -> tuple[str, ...]:
    """The lines of Python that lead to the valuation, from the customers on."""
    worth = asked.worth
    names = [f"fit{place or ''}" for place in range(len(worth.fit.members))]
    fits = [_fit_line(name, fit, "customers") for name, fit in zip(names, worth.fit.members, strict=True)]
    spend = _fit_line("spend", worth.spend, f"customers.{'repeat' if worth.spend.view == 'repeat' else 'all'}_buyers()")
    fit = names[0] if len(names) == 1 else f"clv.Stack.of([{', '.join(names)}])"
    horizon = "math.inf" if worth.horizon == inf else repr(worth.horizon)
    terms = _public(f"horizon={horizon}, discount={worth.discount!r}, economics={worth.economics!r}")
    shown = f"prob={asked.prob}, by={asked.by!r}, horizons={asked.spans!r}, levers={asked.levers}"
    return (
        "import clvmodels as clv",
        *fits,
        spend,
        f"worth = clv.value({fit}, spend, {terms}, draws={worth.draws}, seed={worth.seed})",
        f'clv.report(worth, "report.html", {shown})',
    )


def _fit_line(name: str, fit: Fit, customers: str) -> str:
    return f"{name} = clv.fit({_public(repr(fit.model))}, {customers}, {_public(fit.record.method)}, seed={fit.record.seed})"


def _public(told: str) -> str:
    """Name classes as they are called from outside."""
    return CLASS.sub(r"clv.\g<0>", told)


def notes_of(sections: Sequence[Section]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Gather the library's own sentences, by the title of their section."""
    return tuple((section.title, section.notes) for section in sections if section.notes)
