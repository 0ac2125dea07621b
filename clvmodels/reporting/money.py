"""Sections on money ahead: horizons, the forecast, levers, newcomers, simple formulas, and the indicators of the log."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np

from clvmodels.reporting.content import Column, Picture, Section, number, table
from clvmodels.reporting.drawing import drawn

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.reporting.asked import Asked
    from clvmodels.reporting.words import Words

COSTLY = ("acquisition", "net", "ltv_cac", "paid_back", "payback", "break_even")
"""What is said of newcomers who have cost something to win."""


def horizons(asked: Asked, words: Words) -> Section:
    """The value of the base within some horizons, side by side."""
    told, name = asked.worth.horizons(asked.spans, asked.prob).reset_index(), "horizons"
    unit = words.of(f"{asked.worth.customers.unit}s")
    first, last = (number(words, told, name, row, "mean", "money") for row in (0, len(told) - 1))
    lead = words.say(
        "Looking further adds value, ever more slowly, for customers leave and later money counts less: from {first} to "
        "{last}.",
        first=first,
        last=last,
    )
    ends = [words.of("a whole life") if span == inf else words.write(span, "number", 1) for span in told["horizon"]]
    shown = told.assign(span=ends) if np.isinf(told["horizon"]).any() else told
    spans = ("span",) if "span" in shown else ("horizon",)
    columns = (
        Column(words.plain("Within, in {unit}", unit=unit), spans, "text" if "span" in shown else "number"),
        Column(words.of("Expected value"), ("mean",), "money"),
        Column(words.of("Credible interval"), ("low", "high"), "money"),
        Column(words.of("Will bring, interval"), ("outcome_low", "outcome_high"), "money"),
    )
    title = words.of("Horizons side by side")
    return Section("horizons", title, (lead,), tables=(table(words, shown, name, asked.intervals(words), columns),))


def forecast(asked: Asked, words: Words) -> Section:
    """What the base will buy, period by period."""
    found = asked.outlook
    told, name = _dated(words, found.frame(asked.prob)), "forecast"
    unit = words.of(f"{found.schedule.unit}s")
    what = list(found.expected)[-1]
    kind = "money" if what == "revenue" else "count"
    first, last = (number(words, told, name, row, what, kind) for row in (0, len(told) - 1))
    lead = words.say(
        "Turnover of today's customers, undiscounted, as a budget has it: {first} in the first period, {last} in the last. "
        "Customers yet to come are not in it. Hold each period's result against its band.",
        first=first,
        last=last,
    )
    columns = (
        Column(words.of("Period"), ("period",), "text"),
        Column(words.of("From"), ("start",), "date"),
        Column(words.of("To"), ("end",), "date"),
        Column(words.plain("Until, in {unit}", unit=unit), ("until",), "number"),
        Column(words.of("Purchases expected"), ("purchases",), "count"),
        Column(words.of("Purchases, interval"), ("purchases_outcome_low", "purchases_outcome_high"), "count"),
        Column(words.of("Turnover expected"), ("revenue",), "money"),
        Column(words.of("Turnover, interval"), ("revenue_outcome_low", "revenue_outcome_high"), "money"),
    )
    drawing = drawn(
        words,
        "forecast",
        lambda ax: found.plot(ax, prob=asked.prob),
        across=words.of("Period"),
        up=words.of("Turnover" if what == "revenue" else "Purchases"),
        forms=(None, kind),
    )
    low, high = (number(words, told, name, 0, f"{what}_outcome_{end}", kind) for end in ("low", "high"))
    alt = words.plain(
        "Bars of what is expected of each period, with bands: {first} in the first ({low} to {high}), {last} in the last.",
        first=first,
        low=low,
        high=high,
        last=last,
    )
    caption = words.say(
        "The wide band is what a period may really bring, the narrow one how far its expectation is known. A base that wins "
        "nobody shrinks."
    )
    title = words.of("Forecast by period")
    shown = table(words, told, name, asked.intervals(words), columns)
    return Section("forecast", title, (lead,), (Picture(drawing, alt, caption),), tables=(shown,))


def _dated(words: Words, told: pd.DataFrame) -> pd.DataFrame:
    """Name quarters as the language does."""
    return told.assign(period=[words.period(str(name)) for name in told["period"]])


def levers(asked: Asked, words: Words) -> Section:
    """What moves the value most."""
    found = asked.elasticities
    told, name = found.frame(asked.prob), "elasticities"
    moves = number(words, told, name, 0, "elasticity", "change")
    gain = number(words, told, name, 0, "one_per_cent", "money")
    lever = words.told(told["lever"].iloc[0])
    lead = words.say(
        "{Lever} moves the value most: one per cent more of it moves the base by {moves} %, which is {gain}. Compare that "
        "with what one per cent of each would cost you.",
        lever=lever,
        Lever=f"{lever[:1].upper()}{lever[1:]}",
        moves=moves,
        gain=gain,
    )
    columns = (
        Column(words.of("Lever"), ("lever",), "word"),
        Column(words.of("Value moves by, %"), ("elasticity",), "change"),
        Column(words.of("Credible interval"), ("low", "high"), "change"),
        Column(words.of("Which is"), ("one_per_cent",), "money"),
    )
    drawing = drawn(
        words,
        "levers",
        lambda ax: found.plot(ax, asked.prob),
        across=words.of("Value of the base, per cent"),
        forms=("number", None),
    )
    alt = words.plain(
        "Bars of how far one per cent more of each lever moves the value of the base: {lever} {moves} % at the most.",
        lever=lever,
        moves=moves,
    )
    caption = words.say("Bars to the right raise the value, bars to the left lower it; lines are intervals.")
    title = words.of("Which lever moves most")
    shown = table(words, told, name, words.of("For one per cent more of each lever"), columns)
    return Section("levers", title, (lead,), (Picture(drawing, alt, caption),), tables=(shown,))


def newcomers(asked: Asked, words: Words) -> Section:
    """What one who comes tomorrow is worth, and so what may be spent to win her."""
    told, name = asked.newcomers, "newcomers"
    value = number(words, told, name, 0, "value", "money")
    cost = number(words, told, name, 0, "acquisition", "money")
    lead = [
        words.say(
            "A newcomer is worth {value}, her first purchase included: the most that may be spent to win her.", value=value
        )
    ]
    if cost.value > 0.0:
        ratio = number(words, told, name, 0, "ltv_cac", "number")
        lead.append(
            words.say("One has cost {cost} to win: {ratio} come back for each 1 spent (LTV/CAC).", cost=cost, ratio=ratio)
        )
    else:
        told = told.drop(columns=list(COSTLY))
        lead.append(words.say("No cost of acquisition was given, so none is set against it."))
    unit = words.of(f"{asked.worth.customers.unit}s")
    columns = (
        Column(words.of("Value of a newcomer"), ("value",), "money"),
        Column(words.of("Credible interval"), ("low", "high"), "money"),
        Column(words.of("Cost to win her"), ("acquisition",), "money"),
        Column(words.of("What is left"), ("net",), "money"),
        Column("LTV/CAC", ("ltv_cac",), "number"),
        Column(words.of("Have paid back"), ("paid_back",), "share"),
        Column(words.plain("Half have paid back by, in {unit}", unit=unit), ("payback",), "number"),
        Column(words.plain("Break-even, in {unit}", unit=unit), ("break_even",), "number"),
    )
    title = words.of("Newcomers")
    return Section("newcomers", title, tuple(lead), tables=(table(words, told, name, asked.intervals(words), columns),))


def simple(asked: Asked, words: Words) -> Section:
    """What the simple formulas say, beside the model."""
    found = asked.formulas
    told, name = asked.ways, "ways"
    formula, model = (number(words, told, name, row, "value", "money") for row in (0, len(told) - 1))
    lead = words.say(
        "The formula on the back of an envelope says {formula} a customer, the model {model}. A formula takes one average "
        "for a base in which customers differ: most never come back, and a few come all the time.",
        formula=formula,
        model=model,
    )
    columns = (
        Column(words.of("By"), ("way",), "word"),
        Column(words.of("Value of a customer"), ("value",), "money"),
        Column(words.of("Credible interval"), ("low", "high"), "money"),
    )
    tables = (table(words, told, name, asked.intervals(words), columns),)
    sentences = tuple(each.sentence for each in found)
    return Section("formulas", words.of("Beside the simple formulas"), (lead,), tables=tables, notes=sentences)


def indicators(asked: Asked, words: Words) -> Section | None:
    """What the log shows, period by period."""
    found = asked.indicators
    if found is None:
        return None
    told, name = found.frame(), "indicators"
    whole = np.flatnonzero(found.whole)
    last = int(whole[-1]) if len(whole) else len(told) - 1
    period = words.period(told["period"].iloc[last])
    active = number(words, told, name, last, "active", "count")
    activity, again = (number(words, told, name, last, rate, "share") for rate in ("activity_rate", "repurchase_rate"))
    parts = {"period": period, "n": active, "activity": activity, "again": again}
    lead = words.say(
        "In {period}, the last whole period, {n} customers bought, {activity} of all won so far; of those won before it, "
        "{again} bought again.",
        **parts,
    )
    shown = _dated(words, told)
    shown["period"] += np.where(told["whole"], "", " *")
    columns = (
        Column(words.of("Period"), ("period",), "text"),
        Column(words.of("Active"), ("active",), "count"),
        Column(words.of("New"), ("new",), "count"),
        Column(words.of("Activity rate"), ("activity_rate",), "share"),
        Column(words.of("Repurchase rate"), ("repurchase_rate",), "share"),
        Column(words.of("Purchases"), ("purchases",), "count"),
        Column(words.of("Purchases per active customer"), ("purchase_frequency",), "number"),
        Column(words.of("Average basket"), ("average_basket",), "money"),
        Column(words.of("Turnover"), ("revenue",), "money"),
    )
    drawing = drawn(
        words,
        "indicators",
        lambda ax: found.plot(ax, "repurchase_rate"),
        across=words.of("Period"),
        up=words.of("Repurchase rate"),
        forms=(None, "share"),
    )
    alt = words.plain("Line of the repurchase rate by period: {again} in {period}.", again=again, period=period)
    caption = words.say("Of those won before a period, the share who bought in it.")
    title, marked = words.of("What the log shows"), words.of("Periods that the log doesn't cover whole are marked (*)")
    tables = (table(words, shown, name, marked, columns),)
    return Section("indicators", title, (lead,), (Picture(drawing, alt, caption),), tables=tables, notes=found.notes)
