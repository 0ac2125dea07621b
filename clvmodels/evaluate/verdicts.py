"""Verdicts: what a comparison says, in words that a manager can read and a sceptic can check."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clvmodels.errors import counted

if TYPE_CHECKING:
    import pandas as pd

    from clvmodels.evaluate.compare import Comparison

LEVEL = 0.9
"""The probability of the intervals that a verdict speaks of."""

CLOSE = 0.03
"""How far coverage may be off without a word."""


def verdict(found: Comparison) -> str:
    """Say which to trust, by how much, whether a rule does as well, and whether intervals can be believed."""
    if not found.outcomes:
        return _leader(found.differences("elpd"), "foretells the history of a customer whom it hasn't seen", "elpd")
    origins = counted(len(found.outcomes), "origin")
    laws = found.differences("log_score")
    sentences = [_leader(laws, f"forecasts best over {origins}", "log score")] if len(laws) else []
    sentences += [_rules(found.differences("squared_error"), laws, "purchases")]
    sentences += [_rules(found.differences("value_squared_error"), laws, "money")]
    best = laws.index[0] if len(laws) else None
    if best is not None:
        sentences += [_intervals(found, best), _totals(found, best)]
    failed = sorted({one.name for one in found.judged if one.failed})
    sentences += [f"{', '.join(failed)} failed: see .frame()."] if failed else []
    return " ".join(sentence for sentence in sentences if sentence)


def _leader(told: pd.DataFrame, does: str, what: str) -> str:
    """Say who leads, and who can't be told from it."""
    rows = list(zip(told.index, told["difference"], told["se"], told["noise"], strict=True))[1:]
    near, behind = ([f"{n} ({d:+.4f} ± {se:.4f})" for n, d, se, noise in rows if noise == which] for which in (True, False))
    tied = f"; {_listed(near)} can't be told from it" if near else ""
    clear = f"; {_listed(behind)} {'is' if len(behind) == 1 else 'are'} behind" if behind else ""
    return f"{told.index[0]} {does} ({what} {told['score'].iloc[0]:.4f} a customer){tied}{clear}."


def _rules(told: pd.DataFrame, laws: pd.DataFrame, what: str) -> str:
    """Say whether the best without a log score, rules above all, does as well as the best model, by squared error."""
    rules, models = ([name for name in told.index if (name in laws.index) is law] for law in (False, True))
    if not rules or not models:
        return ""
    rule, model = rules[0], models[0]
    roots, noise = told["score"].pow(0.5).to_dict(), told["noise"].to_dict()
    figures = f"(root of the mean squared error {roots[rule]:,.4g} against {roots[model]:,.4g})"
    if model == told.index[0]:
        verb = "can't be told from" if noise[rule] else "is no match for"
    else:
        verb = "is ahead, if not by more than noise, of" if noise[model] else "beats"
    return f"Of {what}, {rule!r}, which has no log score, {verb} {model} {figures}."


def _intervals(found: Comparison, name: str) -> str:
    """Say whether the intervals of customers can be believed."""
    table = found.calibration().query(f"what == 'purchases' and who == 'all' and level == {LEVEL}")
    mine = table.loc[table["model"] == name, "covered"]
    if mine.empty:
        return ""
    covered = float(mine.iloc[0])
    off = "as they should" if abs(covered - LEVEL) <= CLOSE else "too few" if covered < LEVEL else "more than they should"
    return f"Its {LEVEL:.0%} intervals cover {covered:.1%} of customers, {off}."


def _totals(found: Comparison, name: str) -> str:
    """Say whether the intervals of totals can be believed."""
    table = found.totals(prob=LEVEL)
    mine = table[(table["model"] == name) & table["low"].notna()]
    off = [f"{said / then - 1.0:+.0%}" for said, then in zip(mine["forecast"], mine["actual"], strict=True)]
    if not off:
        return ""
    held = int(np.sum(np.asarray(mine["held"])))
    advice = f"; .shock({name!r}) tells what customers have in common" if held < len(off) else ""
    return f"Its totals are off by {_listed(off)}; their {LEVEL:.0%} intervals hold {held} of {len(off)}{advice}."


def _listed(words: list[str]) -> str:
    """Write words in a row: ``one``, ``one and two``, ``one, two and three``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
