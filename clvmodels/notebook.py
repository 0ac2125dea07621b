"""What a notebook shows of a result: a sentence, a few rows and what must be known of it, without computing anything.

Plain tables and lists without colours of their own, so that they read in light and in dark. All text is data, and is
escaped: an id ``<script>`` shows as these letters.
"""

from __future__ import annotations

from html import escape
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.errors import counted
from clvmodels.frames import span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

    from clvmodels.customers import Customers
    from clvmodels.economics.valuation import Valuation
    from clvmodels.estimate import Estimate
    from clvmodels.evaluate.compare import Comparison
    from clvmodels.fitted import Fit

ROWS = 5
"""Customers that are shown."""

DECIDING = ("log_score", "rmse", "bias", "gini", "auc_alive", "value_rmse", "value_gini", "elpd", "elpd_se", "failed")
"""Scores of a comparison that are shown, where they are known."""

QUICK = 1_000_000
"""Customers times draws that are drawn for being looked at: a second's work at most."""


def card(title: str, sentences: Iterable[str] = (), rows: str = "", warnings: Iterable[str] = ()) -> str:
    """Put together a title, sentences, a table made by `rows_of` or `frame_of`, and warnings.

    >>> card("Customers", ["2 <b>customers</b>"], warnings=["1 is late."])
    '<p><strong>Customers</strong><br>2 &lt;b&gt;customers&lt;/b&gt;</p><ul><li><strong>Note:</strong> 1 is late.</li></ul>'
    """
    told = "<br>".join((f"<strong>{escape(title)}</strong>", *map(escape, sentences)))
    notes = "".join(f"<li><strong>Note:</strong> {escape(warning)}</li>" for warning in warnings)
    return f"<p>{told}</p>{rows}" + (f"<ul>{notes}</ul>" if notes else "")


def rows_of(columns: Mapping[str, Sequence[Any]], more: int = 0) -> str:
    """Write columns as a table; ``more`` is how many rows are left out.

    >>> rows_of({"id": ["<script>"], "mean": [1.5]})
    '<table><thead><tr><th>id</th><th>mean</th></tr></thead><tbody><tr><td>&lt;script&gt;</td><td>1.5</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{_cell(value)}</td>' for value in row)}</tr>" for row in zip(*columns.values(), strict=True)
    )
    rest = f"<p>... and {counted(more, 'more row')}</p>" if more else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def frame_of(table: pd.DataFrame, index: str) -> str:
    """Write a small frame as a table, its index first."""
    return rows_of({index: table.index.to_list(), **{str(name): table[name].to_list() for name in table}})


def _cell(value: object) -> str:
    """Write one value; what isn't known as a dash."""
    if isinstance(value, float | np.floating):
        return escape(_number(float(value)))
    return escape(str(value))


def _number(value: float) -> str:
    """Write a number with as many digits as a reader wants."""
    if not isfinite(value):
        return "\N{EN DASH}" if np.isnan(value) else str(value)
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 1000.0 else f"{value:.4g}"


def of_customers(customers: Customers) -> str:
    """Show who there are, over what time, and the first of them."""
    once = float(np.mean(customers.frequency == 0))
    spend = "spend not known" if customers.monetary_value is None else "spend known"
    sentence = f"T {span(customers.T, customers.unit)}; {once:.1%} bought once; {spend}"
    known = {
        "frequency": customers.frequency,
        "recency": customers.recency,
        "T": customers.T,
        "monetary_value": customers.monetary_value,
    }
    columns = {name: values[:ROWS].tolist() for name, values in known.items() if values is not None}
    some = {"customer_id": customers.ids[:ROWS].to_list(), **columns}
    rows = rows_of(some, max(len(customers) - ROWS, 0))
    return card(counted(len(customers), "customer"), [sentence], rows, customers.notes)


def of_fit(fit: Fit) -> str:
    """Show the parameters, how they were found, and what must be known of that."""
    record = fit.record
    verdict = "converged" if record.converged else "NOT CONVERGED: don't use it"
    draws = "a single point" if fit.is_point else counted(len(fit.draws), "draw")
    k = "" if record.pareto_k is None else f"; Pareto k {record.pareto_k:z.2f} (good up to 0.70)"
    lost = "" if record.divergences is None else f"; {counted(record.divergences, 'divergence')}"
    learned = "" if record.learned else "; drawn from the priors, without a look at the data"
    whose = "nobody" if fit.customers is None else repr(fit.customers).splitlines()[0]
    found = fit.parameters()
    table = found.assign(ess=found["ess"].round(), meaning=[param.words for param in fit.model.params().values()])
    told = [name for name in table if not np.all(table[name].isna().to_numpy())]
    sentences = [f"{record.method}: {verdict}; {draws}{k}{lost}{learned}", f"fitted to {whose}, in {fit.unit}s"]
    return card(
        fit.model.title,
        sentences,
        frame_of(table.reindex(columns=told), "parameter"),
        (*record.warnings, *fit.model.caveats),
    )


def of_estimate(estimate: Estimate) -> str:
    """Show the first customers, where that is quick; otherwise say what to ask for."""
    n, draws = len(estimate), estimate.source.shape[1]
    what = {
        "expectation": "an expectation: its interval is of the parameters",
        "outcome": "an outcome: its interval is of everything that is uncertain",
    }[estimate.meaning]
    kinds = estimate.kinds
    who = counted(n, "customer") if kinds is None else repr(kinds).splitlines()[0].removeprefix("Kinds(").removesuffix(")")
    title = estimate.label if estimate.ids is None and kinds is None else f"{estimate.label} of {who}"
    sentences = [f"{what}; {counted(draws, 'draw')}"]
    certain = ["A point of the parameters says nothing of its uncertainty: no interval."] if estimate.certain else []
    if estimate.known or estimate.meaning == "expectation" or n * draws <= QUICK:
        first = estimate if estimate.known or estimate.meaning == "outcome" else estimate.head(ROWS)
        ends, mean = first.interval()[:ROWS], first.mean[:ROWS]
        ids = {} if estimate.ids is None else {"customer_id": estimate.ids[:ROWS].to_list()}
        if kinds is not None:
            ids = {name: kinds.frame()[name][:ROWS].tolist() for name in kinds.frame()}
        numbers = {"mean": mean.tolist(), "low (90%)": ends[:, 0].tolist(), "high (90%)": ends[:, 1].tolist()}
        return card(title, sentences, rows_of({**ids, **numbers}, max(n - ROWS, 0)), certain)
    sentences += [f"Not drawn yet ({n * draws:,} draws): ask for .mean, .interval(), .sum() or .frame()."]
    return card(title, sentences, warnings=certain)


def of_valuation(worth: Valuation) -> str:
    """Show on which terms, and the total where it has been worked out already."""
    unit, economics = worth.customers.unit, worth.economics
    ahead = "whole lives" if worth.horizon == inf else f"the next {worth.horizon:.4g} {unit}s"
    margin = f"margin {economics.margin:.0%}" if isinstance(economics.margin, int | float) else "margin by customer"
    costs = f", less {', '.join(economics.costs)}" if economics.costs else ""
    models = " and ".join(fit.model.title for fit in (*worth.fit.members, worth.spend))
    sentences = [f"over {ahead}, discounted at {worth.discount}; {margin}{costs}", f"by {models}"]
    known = [name for name in ("expected", "outcome") if name in vars(worth) and vars(worth)[name].known]
    if not known:
        sentences += ["Not worked out yet: ask for .total(), .frame(), .expected or .outcome."]
        return card(f"Value of {counted(len(worth.customers), 'customer')}", sentences, warnings=worth.notes)
    totals = {name: vars(worth)[name].sum() for name in known}
    ends = {name: total.interval()[0] for name, total in totals.items()}
    columns = {
        "total": known,
        "mean": [float(total.mean[0]) for total in totals.values()],
        "low (90%)": [float(end[0]) for end in ends.values()],
        "high (90%)": [float(end[1]) for end in ends.values()],
    }
    return card(f"Value of {counted(len(worth.customers), 'customer')}", sentences, rows_of(columns), worth.notes)


def of_comparison(found: Comparison) -> str:
    """Show the verdict, and of each forecaster the scores that decide; the others are counted."""
    warnings = dict.fromkeys(f"{one.name}: {warning}" for one in found.judged for warning in one.warnings)
    scores = found.frame()
    told = [name for name in DECIDING if name in scores]
    rest = f"<p>... and {counted(len(scores.columns) - len(told), 'more column')} in .frame()</p>"
    return card("Comparison", [found.verdict], frame_of(scores.reindex(columns=told), "model") + rest, warnings)
