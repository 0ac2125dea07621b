"""The README's table, from the rows of all competitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cells import read
from plan import (
    CDNOW,
    COMPETITORS,
    FAMILY,
    HERE,
    HUNDRED_THOUSAND,
    MILLION,
    TEN_THOUSAND,
    TWO_YEARS,
    WEEKS,
    Cell,
    fit,
    posterior,
    value,
)

if TYPE_CHECKING:
    from pathlib import Path

    from cells import Row

README = HERE.parents[1] / "README.md"
BEGIN, END = "<!-- speed -->", "<!-- /speed -->"
RATE, EFFECTIVE = "microseconds_per_customer_and_draw", "effective_a_second"
HEAD = ["| | clvmodels | others | times as fast |", "|---|---|---|---|"]
ANY, ASKED = "", {"expected": "expected value", "outcome": "outcome"}
Rows = dict[str, list["Row"]]


@dataclass(frozen=True)
class Line:
    """What is compared: our cell and the others', by a figure."""

    what: str
    ours: Cell
    others: tuple[tuple[str, Cell], ...] = ()
    figure: str = "seconds"

    def written(self, rows: Rows) -> str | None:
        """The line, if we have a figure."""
        ours = found(rows, "clvmodels", self.ours)
        if ours is None or "failed" in ours:
            return None
        theirs = [(name, row) for name, cell in self.others if (row := found(rows, name, cell))]
        told = "; ".join(f"{_named(name, row)}: {_told(row, self.figure)}{_beside(row, ours)}" for name, row in theirs)
        ratios = "; ".join(_ratio(ours, row, self.figure) for _, row in theirs)
        return f"| {self.what} | {_told(ours, self.figure)} | {told or '-'} | {ratios or '-'} |"


def found(rows: Rows, name: str, cell: Cell) -> Row | None:
    """The row of a competitor's cell; of any number of customers, the last that there is a figure for."""
    told = {key: word for key, word in cell.told().items() if word}
    same = [row for row in rows[name] if {key: row.get(key) for key in told} == told]
    return next(reversed([row for row in same if "failed" not in row] or same), None)


def _both(cell: Cell) -> tuple[tuple[str, Cell], ...]:
    return tuple((name, cell) for name in COMPETITORS if name != "clvmodels")


LOG, YEAR = Cell("summary", MILLION), "customers x 1,000 draws, a year ahead"
LINES = (
    Line("a log to 1,000,000 customers", LOG, _both(LOG)),
    Line("BG/NBD maximum likelihood, 1,000,000 customers by day", fit(MILLION), _both(fit(MILLION))),
    Line("Pareto/NBD, the same by week", fit(MILLION, *WEEKS), _both(fit(MILLION, *WEEKS))),
    Line("Pareto/NBD, the same over two years by day", fit(MILLION, *TWO_YEARS), _both(fit(MILLION, *TWO_YEARS))),
    Line(
        f"expected value with its interval, BG/NBD, 100,000 {YEAR}",
        value(HUNDRED_THOUSAND),
        (("lifetimes", value(HUNDRED_THOUSAND)), ("pymc_marketing", value(ANY))),
        RATE,
    ),
    Line("outcome with its interval, BG/NBD, the same", value(HUNDRED_THOUSAND, method="outcome"), figure=RATE),
    *(
        Line(f"NUTS, {model}, {size} customers, 4 chains x (1,000 + 1,000)", cell, _both(cell), EFFECTIVE)
        for model, size, cell in (
            ("BG/NBD", "CDNOW's 2,357", posterior(CDNOW)),
            ("BG/NBD", "10,000", posterior(TEN_THOUSAND)),
            ("Pareto/NBD", "CDNOW's 2,357", posterior(CDNOW, "Pareto/NBD")),
        )
    ),
    *(
        Line(f"`Laplace()`, {model}, CDNOW", posterior(CDNOW, model, "Laplace"), figure=EFFECTIVE)
        for model in ("BG/NBD", "Pareto/NBD")
    ),
)


def table(folder: Path = HERE) -> str:
    """All lines that there are figures for, and what they were measured on."""
    rows = {name: read(folder / f"{name}.csv") for name in COMPETITORS}
    values = [about(rows, method) for about in (_family, _growth) for method in ASKED]
    machines = dict.fromkeys(row["machine"] for told in rows.values() for row in told)
    return "\n".join(
        [
            *HEAD,
            *filter(None, [*(line.written(rows) for line in LINES), *values]),
            "",
            f"Measured on {' and '.join(machines)}.",
        ]
    )


def rewrite(folder: Path = HERE, readme: Path = README) -> None:
    """Put the table in place of the README's."""
    before, rest = readme.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n{table(folder)}\n{END}{after}", encoding="utf-8")


def _family(rows: Rows, method: str) -> str | None:
    """What a question takes of the other models."""
    cells = {model: found(rows, "clvmodels", value(HUNDRED_THOUSAND, model, method)) for model in FAMILY}
    told = ", ".join(f"{model} {_time(row['seconds'])}" for model, row in cells.items() if row and "seconds" in row)
    return f"| {ASKED[method]} of 100,000 customers by the other models | {told} | - | - |" if told else None


def _growth(rows: Rows, method: str) -> str | None:
    """What ten times as many customers take: time, and memory beside what everything but the valuation takes."""
    small, large, rest = (
        found(rows, "clvmodels", value(size, method=what))
        for size, what in ((HUNDRED_THOUSAND, method), (MILLION, method), (MILLION, "baseline"))
    )
    if not all(row and "seconds" in row for row in (small, large, rest)):
        return None
    times = float(large["seconds"]) / float(small["seconds"])
    peaks = " and ".join(f"{float(row['peak_mb']) / 1024:.2f} GB" for row in (small, large))
    grown = (float(large["peak_mb"]) - float(rest["peak_mb"])) * 2**20 / int(MILLION)
    told = f"{_time(large['seconds'])}, {times:.1f} times that of 100,000; at most {peaks} in the whole process"
    return (
        f"| {ASKED[method]} of 1,000,000 customers, BG/NBD | {told}, {max(grown, 0.0):.0f} bytes a customer for it | - | - |"
    )


def _named(name: str, row: Row) -> str:
    """A competitor and its version."""
    package = name.replace("_", "-")
    return " ".join(filter(None, [package, row.get(package)]))


def _beside(theirs: Row, ours: Row) -> str:
    """What has to be said for the comparison to be fair: other customers, another maximum."""
    if theirs.get("customers", ours["customers"]) != ours["customers"]:
        return f" ({int(theirs['customers']):,} customers)"
    if "log_likelihood" not in theirs:
        return ""
    lower = float(ours["log_likelihood"]) - float(theirs["log_likelihood"])
    return ", to the same log-likelihood" if abs(lower) < 0.001 else f", to a log-likelihood {lower:+.3f} below ours"


def _told(row: Row, figure: str) -> str:
    """The figures of a row in words."""
    if "failed" in row:
        return row["failed"]
    time = [_time(row["seconds"])] if "seconds" in row else []
    if "gate" in row:
        time.append(f"and {_time(row['gate'])} to find distinct histories")
    if figure == EFFECTIVE:
        time.append(f"{_digits(row[EFFECTIVE])} effective draws a second")
    if figure == RATE:
        time.append(f"{_digits(row[RATE])} µs a customer and draw" if RATE in row else "points, without interval")
    return ", ".join(time)


def _ratio(ours: Row, theirs: Row, figure: str) -> str:
    """How many times as fast we are, and with finding distinct histories."""
    if figure not in theirs:
        return "-"
    a, b = float(ours[figure]), float(theirs[figure])
    if figure == EFFECTIVE:
        return f"{a / b:,.0f}"
    gated = f" ({b / (a + float(ours['gate'])):,.0f} with both)" if "gate" in ours else ""
    return f"{b / a:,.0f}{gated}"


def _time(seconds: str) -> str:
    """Seconds to two digits, or as many as there are before the point."""
    return f"{_digits(seconds)} s"


def _digits(number: str) -> str:
    size = float(number)
    return f"{size:,.0f}" if size >= 10.0 else f"{size:#.2g}"
