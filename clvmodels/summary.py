"""The summary of a valuation on a screen, for a manager: what the base is worth, who is worth what, can it be trusted."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from clvmodels.errors import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from rich.console import Console

    from clvmodels.economics.valuation import Valuation
    from clvmodels.estimate import Estimate

TIERS = (
    ("best 1 %", 0.0, 0.01),
    ("next 9 %", 0.01, 0.10),
    ("next 10 %", 0.10, 0.20),
    ("next 30 %", 0.20, 0.50),
    ("other half", 0.50, 1.0),
)
BEST = 5


def show(worth: Valuation, table: pd.DataFrame, prob: float, source: str, screen: Console) -> None:
    """Print the summary of a valuation, whose ``frame(prob)`` is the table."""
    for part in (_headline(worth, prob, source), _tiers(table, prob), _best(table, prob), _checks(worth)):
        screen.print(part)


def _headline(worth: Valuation, prob: float, source: str) -> Text:
    """What, on which terms, and the total with its two intervals."""
    total, unit = worth.total(prob), worth.customers.unit
    span = "their whole lives" if worth.horizon == inf else f"the next {worth.horizon:.4g} {unit}s"
    terms = f"discounted at {worth.discount}, {_economics(worth)}"
    expected, outcome = total.to_dict("records")
    lines = Text()
    lines.append(f"\n{counted(len(worth.customers), 'customer')} of {source}, over {span}, {terms}\n", "bold")
    lines.append(f"  They are worth {expected['mean']:,.0f} in total")
    lines.append(f" (expected value, {prob:.0%} credible: {_range(expected)}).\n")
    lines.append(f"  What they will really bring lies between {_range(outcome, ' and ')} with {prob:.0%} probability.\n")
    return lines


def _economics(worth: Valuation) -> str:
    """What is left of a purchase, and which costs are taken off."""
    told = worth.economics
    margin = f"margin {told.margin:.0%}" if isinstance(told.margin, int | float) else "margin by customer"
    return f"{margin}, less {', '.join(told.costs)}" if told.costs else margin


def _range(row: Mapping[str, float], between: str = " to ") -> str:
    if np.isnan(row["low"]):
        return "unknown, a point estimate has no interval"
    return f"{row['low']:,.0f}{between}{row['high']:,.0f}"


def _credible(row: Mapping[str, float]) -> str:
    """An interval in a table."""
    return "-" if np.isnan(row["low"]) else _range(row)


def _table(title: str, headings: tuple[str, ...]) -> Table:
    """An empty table: words to the left, numbers to the right."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="right" if place else "left", overflow="fold")
    return table


def _money(amount: float) -> str:
    """An amount, with as many digits as it is worth."""
    return f"{amount:,.0f}" if abs(amount) >= 100.0 else f"{amount:,.2f}"


def _tiers(table: pd.DataFrame, prob: float) -> Table:
    """Who is worth what: the base in tiers of value."""
    ranked = table.sort_values("clv", ascending=False)
    total = np.sum(ranked["clv"].to_numpy())
    headings = ("tier", "customers", "share", "alive", "buys", "value each", "will bring")
    shown = _table(f"Who is worth what (averages of a tier; what each will bring, with {prob:.0%})", headings)
    for name, start, stop in TIERS:
        tier = ranked.iloc[round(start * len(ranked)) : round(stop * len(ranked))]
        if len(tier):
            mean = tier.drop(columns="customer_id").mean(numeric_only=True)
            share = f"{tier['clv'].sum() / total:.0%}" if total > 0 else "-"
            ends = f"{_money(mean['outcome_low'])} to {_money(mean['outcome_high'])}"
            figures = (f"{mean['probability_alive']:.0%}", f"{mean['expected_purchases']:.2f}", _money(mean["clv"]))
            shown.add_row(name, f"{len(tier):,}", share, *figures, ends)
    return shown


def _best(table: pd.DataFrame, prob: float) -> Table:
    """The most valuable customers."""
    headings = ("customer", "alive", "buys", "spends", "value", "credible", "will bring")
    shown = _table(f"The {BEST} most valuable customers (both intervals with {prob:.0%})", headings)
    for row in table.nlargest(BEST, "clv").to_dict("records"):
        credible = "-" if np.isnan(row["clv_low"]) else f"{_money(row['clv_low'])} to {_money(row['clv_high'])}"
        figures = (f"{row['probability_alive']:.0%}", f"{row['expected_purchases']:,.1f}")
        money = (_money(row["expected_spend"]), _money(row["clv"]), credible)
        ends = f"{_money(row['outcome_low'])} to {_money(row['outcome_high'])}"
        shown.add_row(Text(str(row["customer_id"])), *figures, *money, ends)
    return shown


def _checks(worth: Valuation) -> Text:
    """Can it be trusted: how each fit went, and what must be known of data and models."""
    lines = Text("\nChecks\n", "bold")
    for fit in (*worth.fit.members, worth.spend):
        verdict = "converged" if fit.record.converged else "NOT CONVERGED"
        k = "" if fit.record.pareto_k is None else f", Pareto k {fit.record.pareto_k:.2f} (good up to 0.70)"
        lines.append(
            f"  {fit.model.name} by {fit.record.method}: {verdict}{k}\n", "" if fit.record.converged else "bold red"
        )
    for note in worth.notes:
        lines.append(f"  - {note}\n")
    return lines


def show_account(account: pd.DataFrame, newcomer: Estimate, prob: float, screen: Console) -> None:
    """Print what the base has left so far, what it has cost to win, and what a newcomer would be worth."""
    told, won = account[["past", "acquisition", "lifetime"]].sum(), float(np.mean(account["acquisition"].to_numpy()))
    (value,), ((low, high),) = newcomer.mean, newcomer.interval(prob)
    credible = "" if np.isnan(low) else f" ({prob:.0%} credible: {_money(low)} to {_money(high)})"
    lines = Text("\nAcquisition\n", "bold")
    lines.append(f"  They have left {told['past']:,.0f} so far and have cost {told['acquisition']:,.0f} to win, ")
    lines.append(f"so that over their lifetimes they are worth {told['lifetime']:,.0f}.\n")
    lines.append(f"  A newcomer would be worth {_money(value)}{credible} from her first purchase on, ")
    lines.append(f"{value / won:.2f} for each 1 of the {_money(won)} that one has cost.")
    screen.print(lines)


def show_horizons(table: pd.DataFrame, prob: float, unit: str, screen: Console) -> None:
    """Print the value of the base within some horizons side by side."""
    shown = _table(f"Horizons side by side (intervals with {prob:.0%})", ("within", "worth", "credible", "will bring"))
    for horizon, row in zip(table.index, table.to_dict("records"), strict=True):
        span = "a whole life" if horizon == inf else f"{horizon:.4g} {unit}s"
        ends = f"{_money(row['outcome_low'])} to {_money(row['outcome_high'])}"
        shown.add_row(span, _money(row["mean"]), _credible(row), ends)
    screen.print(shown)


def show_groups(table: pd.DataFrame, column: str, prob: float, screen: Console) -> None:
    """Print what the groups of customers are worth."""
    headings = (column, "customers", "share", "worth", "credible", "will bring", "each")
    shown = _table(f"By {column} (intervals with {prob:.0%})", headings)
    for row in table.to_dict("records"):
        ends = f"{_money(row['outcome_low'])} to {_money(row['outcome_high'])}"
        figures = (
            f"{row['customers']:,}",
            f"{row['share']:.1%}",
            _money(row["mean"]),
            _credible(row),
            ends,
            _money(row["each"]),
        )
        shown.add_row(Text(str(row[column])), *figures)
    screen.print(shown)


def show_potential(table: pd.DataFrame, column: str | None, prob: float, screen: Console) -> None:
    """Print what a scenario would add."""
    headings = (column or "", "customers", "worth now", "then", "gain", f"{prob:.0%} credible", "each")
    shown = _table("What the scenario would add: the most that may be paid for it, today", headings)
    for row in table.to_dict("records"):
        gain = f"{_money(row['gain'])} ({row['relative']:+.1%})"
        figures = (_money(row["current"]), _money(row["potential"]), gain, _credible(row), _money(row["each"]))
        shown.add_row(Text(str(row[column]) if column else "all"), f"{row['customers']:,}", *figures)
    screen.print(shown)


def show_levers(table: pd.DataFrame, prob: float, screen: Console) -> None:
    """Print which lever moves the value most."""
    headings = ("lever", "value moves by", f"{prob:.0%} credible", "which is")
    shown = _table("Which lever moves most: for one per cent more of each", headings)
    for row in table.to_dict("records"):
        ends = "-" if np.isnan(row["low"]) else f"{row['low']:+.2f} to {row['high']:+.2f} %"
        shown.add_row(row["lever"], f"{row['elasticity']:+.2f} %", ends, _money(row["one_per_cent"]))
    screen.print(shown)
