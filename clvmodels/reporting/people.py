"""Sections on the customers: the headline, who is worth what, the portfolio, who is at risk, and segments."""

from __future__ import annotations

from math import inf, isnan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.errors import ClvError
from clvmodels.reporting.asked import BEST, SHOWN
from clvmodels.reporting.content import Box, Column, Picture, Section, number, table
from clvmodels.reporting.drawing import drawn

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup

    from clvmodels.reporting.asked import Asked
    from clvmodels.reporting.words import Kind, Words


MOST = 30
"""Groups that a table shows."""

CELL: dict[str, Kind] = {"customers": "count", "of_customers": "share", "of_value": "share", "each": "money"}
"""What a cell of the portfolio says."""


def within(asked: Asked, words: Words) -> Markup:
    """Say how far ahead is looked."""
    if asked.worth.horizon == inf:
        return words.say("over their whole lives")
    horizon = number(words, asked.base, "base", 0, "horizon", "time")
    return words.say("over the next {n} {unit}", n=horizon, unit=words.of(f"{asked.worth.customers.unit}s"))


def interval(words: Words, frame: pd.DataFrame, name: str, row: int, kind: Kind = "money") -> Markup | None:
    """Write an interval, if it is known."""
    if isnan(frame["low"].iloc[row]):
        return None
    low, high = (number(words, frame, name, row, end, kind) for end in ("low", "high"))
    return words.say("{low} to {high}", low=low, high=high)


def headline(asked: Asked, words: Words) -> tuple[Box, ...]:
    """The four numbers that a reader takes away; one that can't be had says why."""
    cards: tuple[Callable[[Asked, Words], Box], ...] = (_value, _share, _risk, _losses)
    return tuple(_or_refusal(card, asked, words) for card in cards)


def _or_refusal(card: Callable[[Asked, Words], Box], asked: Asked, words: Words) -> Box:
    try:
        return card(asked, words)
    except ClvError as refusal:
        return Box(words.of("Not known"), "–", (words.say("{why}", why=str(refusal)),), np.nan)  # noqa: RUF001


def _value(asked: Asked, words: Words) -> Box:
    mean = number(words, asked.total, "total", 0, "mean", "money")
    prob = number(words, asked.base, "base", 0, "prob", "share")
    credible, outcome = (interval(words, asked.total, "total", row) for row in (0, 1))
    lines = [words.say("What they will really bring: {ends}, with {prob} probability.", ends=outcome, prob=prob)]
    if credible is not None:
        lines = [words.say("Its {prob} credible interval: {ends}.", prob=prob, ends=credible), *lines]
    return Box(words.of("Expected value of the base"), mean, tuple(lines), np.nan)


def _share(asked: Asked, words: Words) -> Box:
    told = asked.concentration.share(BEST, asked.prob)
    row = list(told.index).index("expected")
    mean = number(words, told, "share", row, "mean", "share")
    best = number(words, asked.base, "base", 0, "best", "share")
    lines = [words.say("of the expected value is in the best {best} of the customers.", best=best)]
    if "past" in told.index:
        past = number(words, told, "share", list(told.index).index("past"), "mean", "share")
        lines.append(words.say("So far, the best {best} have brought {past}.", best=best, past=past))
    return Box(words.of("Share of the best customers"), mean, tuple(lines), np.nan)


def _risk(asked: Asked, words: Words) -> Box:
    customers = number(words, asked.risk, "risk", 0, "customers", "count")
    stake = number(words, asked.risk, "risk", 0, "at_stake", "money")
    lines = (words.say("valuable customers may be leaving; {stake} of expected value is at stake.", stake=stake),)
    return Box(words.of("Customers at risk"), customers, lines, np.nan)


def _losses(asked: Asked, words: Words) -> Box:
    customers = number(words, asked.losses, "losses", 0, "customers", "count")
    if not customers.value:
        lines = (words.say("No customer is expected to cost more than she brings."),)
    else:
        lost = number(words, asked.losses, "losses", 0, "clv", "money")
        lines = (words.say("customers cost more than they bring: {lost} in all.", lost=lost),)
    return Box(words.of("Customers who cost money"), customers, lines, np.nan)


def worth_what(asked: Asked, words: Words) -> Section:
    """Who is worth what: tiers and the curve of concentration."""
    told, name = asked.tiers.frame(asked.prob), "tiers"
    best = number(words, told, name, 0, "customers", "count")
    part, held = (number(words, told, name, 0, column, "share") for column in ("of_customers", "of_value"))
    lead = words.say(
        "The {n} largest customers by past turnover are {part} of the base and hold {held} of what is expected of it.",
        n=best,
        part=part,
        held=held,
    )
    columns = (
        Column(words.of("Tier"), ("tier",), "word"),
        Column(words.of("Customers"), ("customers",), "count"),
        Column(words.of("Share of customers"), ("of_customers",), "share", bar=True),
        Column(words.of("Expected value"), ("mean",), "money"),
        Column(words.of("Share of value"), ("of_value",), "share", bar=True),
        Column(words.of("Will bring, interval"), ("outcome_low", "outcome_high"), "money"),
        Column(words.of("Each"), ("each",), "money"),
        Column(words.of("P(alive)"), ("probability_alive",), "share"),
    )
    caption = words.of("Customers by past turnover: those who brought the first 80 %, the next 15 %, the last 5 %")
    return Section(
        "value",
        words.of("Who is worth what"),
        (lead,),
        (_curve(asked, words),),
        (),
        (table(words, told, name, caption, columns),),
    )


def _curve(asked: Asked, words: Words) -> Picture:
    found = asked.concentration
    told, gini = found.share(BEST, asked.prob), found.gini(asked.prob)
    row = list(told.index).index("expected")
    mean, low, high = (number(words, told, "share", row, column, "share") for column in ("mean", "low", "high"))
    coefficient = number(words, gini, "gini", row, "mean", "number")
    best = number(words, asked.base, "base", 0, "best", "share")
    drawing = drawn(
        words,
        "curve",
        lambda ax: found.plot(ax, asked.prob),
        across=words.of("Share of the customers, the best first"),
        up=words.of("Share of the value"),
        forms=("share", "share"),
    )
    alt = words.plain(
        "Curve of the share of the value that the best customers bring: the best {best} bring {mean} of the expected value "
        "({low} to {high}); the Gini coefficient is {gini}.",
        best=best,
        mean=mean,
        low=low,
        high=high,
        gini=coefficient,
    )
    caption = words.say(
        "An average customer exists on paper only: the best {best} bring {mean} of what is expected (Gini {gini}). "
        "Whoever treats all alike spends most on those who bring least.",
        best=best,
        mean=mean,
        gini=coefficient,
    )
    return Picture(drawing, alt, caption)


def best(asked: Asked, words: Words) -> Section:
    """The most valuable customers, by name."""
    columns = (
        Column(words.of("Customer"), ("customer_id",), "text"),
        Column(words.of("P(alive)"), ("probability_alive",), "share"),
        Column(words.of("Purchases expected"), ("expected_purchases",), "number"),
        Column(words.of("Spend a purchase"), ("expected_spend",), "money"),
        Column(words.of("Value"), ("clv",), "money"),
        Column(words.of("Credible interval"), ("clv_low", "clv_high"), "money"),
        Column(words.of("Will bring, interval"), ("outcome_low", "outcome_high"), "money"),
    )
    lead = words.say("The csv beside this report has every customer, with her segment and what to do.")
    shown = table(words, asked.best, "best", asked.intervals(words), columns)
    return Section("best", words.of("The most valuable customers"), (lead,), tables=(shown,))


def grid(asked: Asked, words: Words) -> Section:
    """The portfolio: value x loyalty, and what to do."""
    found = asked.portfolio
    told, name = found.frame(asked.prob), "portfolio"
    boxes = tuple(_box(words, told, name, row) for row in range(len(told)))
    lead = words.say(
        "High value: the best fifth by expected value. High loyalty: more likely here than gone. What each cell asks for is "
        "a rule of thumb, to be replaced by your own."
    )
    columns = (
        Column(words.of("Value"), ("value",), "word"),
        Column(words.of("Loyalty"), ("loyalty",), "word"),
        Column(words.of("What to do"), ("action",), "word"),
        Column(words.of("Value from"), ("value_from",), "money"),
        Column(words.of("Loyalty from"), ("loyalty_from",), "share"),
        Column(words.of("Expected value"), ("mean",), "money"),
        Column(words.of("Will bring, interval"), ("outcome_low", "outcome_high"), "money"),
        Column(words.of("P(alive)"), ("probability_alive",), "share"),
    )
    finite = told.replace([-inf], np.nan)
    shown = table(words, finite, name, words.of("The cells of the portfolio in figures"), columns)
    own = tuple(note for note in found.notes if note not in asked.worth.notes)
    return Section("portfolio", words.of("Portfolio: value and loyalty"), (lead,), (), boxes, (shown,), notes=own)


def _box(words: Words, told: pd.DataFrame, name: str, row: int) -> Box:
    customers, part, held, each = (number(words, told, name, row, column, kind) for column, kind in CELL.items())
    value, loyalty = (words.told(told[column].iloc[row]) for column in ("value", "loyalty"))
    lines = (
        words.say("{n} customers ({part})", n=customers, part=part),
        words.say("{held} of the value", held=held),
        words.say("{each} each", each=each),
    )
    title = words.plain("{value} value, {loyalty} loyalty", value=value, loyalty=loyalty)
    title = f"{title[:1].upper()}{title[1:]}"
    share = told["of_value"].iloc[row]
    return Box(title, words.told(told["action"].iloc[row]), lines, 0.0 if isnan(share) else float(np.clip(share, 0.0, 1.0)))


def risk(asked: Asked, words: Words) -> Section:
    """Valuable customers who may be leaving."""
    customers = number(words, asked.risk, "risk", 0, "customers", "count")
    stake = number(words, asked.risk, "risk", 0, "at_stake", "money")
    since = number(words, asked.base, "base", 0, "since", "time")
    unit = words.of(f"{asked.worth.customers.unit}s")
    lead = words.say(
        "{n} customers would be among the best if they were still there for certain, and the probability of that has fallen "
        "by {fall} points or more within {since} {unit}. {stake} of expected value is at stake: reach out to those on top "
        "first, and pay no more than is at stake.",
        n=customers,
        fall=number(words, asked.base, "base", 0, "fall", "count"),
        since=since,
        unit=unit,
        stake=stake,
    )
    if not customers.value:
        return Section(
            "risk", words.of("Customers at risk"), (words.say("None of the best customers is at risk by this rule."),)
        )
    columns = (
        Column(words.of("Customer"), ("customer_id",), "text"),
        Column(words.of("P(alive) before"), ("before",), "share"),
        Column(words.of("P(alive) now"), ("probability_alive",), "share"),
        Column(words.of("Value"), ("clv",), "money"),
        Column(words.of("Value if there"), ("if_alive",), "money"),
        Column(words.of("At stake"), ("at_stake",), "money"),
    )
    shown = table(words, asked.at_risk.head(SHOWN), "at_risk", words.of("Those with the most at stake"), columns)
    return Section("risk", words.of("Customers at risk"), (lead,), tables=(shown,))


def segments(asked: Asked, words: Words) -> tuple[Section, ...]:
    """By each column that customers are grouped by."""
    return tuple(_segment(asked, words, place, column) for place, column in enumerate(asked.by))


def _segment(asked: Asked, words: Words, place: int, column: str) -> Section:
    told, name = asked.worth.total(asked.prob, by=column), f"by{place}"
    told = told.assign(**{column: [words.of("(not known)") if pd.isna(value) else str(value) for value in told[column]]})
    first = int(np.argmax(told["mean"].to_numpy()))
    each = int(np.argmax(told["each"].to_numpy()))
    lead = words.say(
        "{most} holds the largest part of the value, {share}; a customer of {each} is worth the most, {value}.",
        most=told[column].iloc[first],
        share=number(words, told, name, first, "share", "share"),
        each=told[column].iloc[each],
        value=number(words, told, name, each, "each", "money"),
    )
    columns = (
        Column(column, (column,), "text"),
        Column(words.of("Customers"), ("customers",), "count"),
        Column(words.of("Share of value"), ("share",), "share", bar=True),
        Column(words.of("Expected value"), ("mean",), "money"),
        Column(words.of("Credible interval"), ("low", "high"), "money"),
        Column(words.of("Will bring, interval"), ("outcome_low", "outcome_high"), "money"),
        Column(words.of("Each"), ("each",), "money"),
    )
    title = words.plain("By {column}", column=column)
    largest = np.argsort(-told["mean"].to_numpy(), kind="stable")[:MOST].tolist()
    shown = table(words, told, name, asked.intervals(words), columns, rows=largest)
    more = pd.DataFrame([{"groups": len(told) - len(largest)}])
    rest = number(words, more, f"more{place}", 0, "groups", "count")
    left = (words.say("Those with the largest values are shown; {n} more are not.", n=rest),) if rest.value else ()
    return Section(name, title, (lead, *left), tables=(shown,))


def subtitle(asked: Asked, words: Words) -> Markup:
    """Of whom, over what time."""
    customers = number(words, asked.base, "base", 0, "customers", "count")
    return words.say("{n} customers, {within}", n=customers, within=within(asked, words))
