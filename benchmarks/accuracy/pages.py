"""Tables of the pages, from the files of results: ``python benchmarks/accuracy/pages.py`` rewrites what is between marks."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

HERE = Path(__file__).parent
PAGES = (HERE.parents[1] / "README.md", HERE / "README.md")
COMPETITORS = ("clvmodels", "rules", "lifetimes", "pymc_marketing")
LOGS = ("CDNOW", "CDNOW sample", "Online Retail")
LEVELS = (0.5, 0.8, 0.9, 0.95)
SHOWN = (
    *("BG/NBD", "MBG/NBD", "Pareto/NBD", "BG/CNBD-2", "NBD", "last period", "hiatus", "mean of all", "gradient boosting"),
    *("lifetimes BG/NBD", "lifetimes Pareto/NBD", "pymc-marketing BG/NBD"),
)
PUBLISHED = {"BG/NBD": (0.7855, 1.6080, 1653.4), "MBG/NBD": (0.7648, 1.6072, 1576.7), "Pareto/NBD": (0.7545, 1.6028, 1665.7)}
"""MAE, RMSE and sum of the forecasts for 39 weeks of the sample, by R packages (BTYD, BTYDplus, CLVTools)."""

NONE = "-"
Row = list[str]


@cache
def read(name: str) -> pd.DataFrame:
    """Read a file of results."""
    return pd.read_csv(HERE / f"{name}.csv")


@cache
def of(log: str) -> pd.DataFrame:
    """All competitors on a log, a row a model and origin."""
    rows = pd.concat([read(name) for name in COMPETITORS])
    rows["failed"] = rows["failed"].fillna("") if "failed" in rows else ""
    return pick(rows, log=log)


def pick(table: pd.DataFrame, **which: str) -> pd.DataFrame:
    """Return the rows that have these values."""
    for column, value in which.items():
        table = table[table[column] == value]
    return table


def markdown(head: Sequence[str], rows: Iterable[Row]) -> str:
    """Write a table."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def number(value: float, form: str = ",.3f") -> str:
    return NONE if pd.isna(value) else format(value, form)


def apart(log: str, by: str) -> dict[str, str]:
    """How far each is from the best in a score: in per cent of the best's for errors, as it is for the log score."""
    told = pick(read("differences"), log=log, by=by).set_index("model")
    scale, form = (1.0, "+.4f") if by == "log_score" else (-0.01 * told["score"].iloc[0], "+.1f")
    said: dict[str, str] = {}
    for name, row in told.iterrows():
        figures = f"{row['difference'] / scale:{form}} ± {row['se'] / abs(scale):{form[1:]}}{' ≈' if row['noise'] else ''}"
        said[str(name)] = "best" if name == told.index[0] else figures
    return said


def scores(log: str) -> str:
    """Who forecasts best: means over origins, the least squared error first."""
    errors, laws, money = (apart(log, by) for by in ("squared_error", "log_score", "value_squared_error"))
    table = of(log)
    rows: list[Row] = []
    for name in [*errors, *sorted(set(table["model"]) - set(errors))]:
        mine = pick(table, model=name)
        if (mine["failed"] != "").any():
            rows.append([name, *([NONE] * 7), f"failed at {(mine['failed'] != '').sum()} of {len(mine)}"])
            continue
        mean = mine[["rmse", "top10", "value_rmse", "seconds"]].mean()
        off = ", ".join(f"{100 * bias:+.0f}" for bias in mine.sort_values("cutoff")["bias"])
        found = [number(mean["rmse"]), errors[name], laws.get(name, NONE), off, number(mean["top10"])]
        rows.append(
            [name, *found, number(mean["value_rmse"], ",.2f"), money.get(name, NONE), number(mean["seconds"], ",.1f")]
        )
    head = ["", "RMSE", "squared error, % from the best", "log score, from the best", "total off by, %", "top 10 % found"]
    return markdown([*head, "money: RMSE", "squared error, % from the best", "fit, s"], rows)


def intervals(log: str, what: str) -> str:
    """Which part of the customers the intervals cover, in per cent."""
    table = pick(read("calibration"), log=log, what=what)
    rows: list[Row] = []
    for name in dict.fromkeys(table["model"]):
        mine = pick(table, model=name).set_index(["who", "level"])["covered"]
        cells = [f"{100 * mine[who, level]:.1f}" for who in ("all", "repeat buyers") for level in LEVELS]
        rows.append([name, *cells])
    levels = [f"{100 * level:.0f} %" for level in LEVELS]
    return markdown(["", *(f"all, {level}" for level in levels), *(f"repeat buyers, {level}" for level in levels)], rows)


def totals(log: str) -> str:
    """Whether intervals of the total of all customers hold it, with the shock of the other origins and without."""
    table = pick(read("totals"), log=log, what="purchases").dropna(subset=["low"])
    rows: list[Row] = []
    for name in dict.fromkeys(table["model"]):
        plain, wide = (table[(table["model"] == name) & (table["shocked"] == shocked)] for shocked in (False, True))
        off = ", ".join(f"{said:,.0f} ({100 * (said / then - 1):+.0f} %)" for said, then in zip(*_pairs(plain), strict=True))
        rows.append([name, off, *_held(plain), *(_held(wide) if len(wide) else (NONE, NONE))])
    happened = ", ".join(f"{total:,.0f}" for total in plain["actual"])
    width = "half its width, %"
    return markdown(["", f"forecast (of {happened})", "90 % interval holds", width, "with a common shock", width], rows)


def _pairs(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    return table["forecast"], table["actual"]


def _held(table: pd.DataFrame) -> tuple[str, str]:
    """How many origins' totals are held, and the mean half width of the intervals as a share of the forecast."""
    half = (0.5 * (table["high"] - table["low"]) / table["forecast"]).mean()
    return f"{table['held'].sum():.0f} of {len(table)}", f"{100 * half:.0f}"


def published() -> str:
    """What R packages have published, and what we find."""
    table = of("CDNOW sample").set_index("model")
    sums = pick(read("totals"), log="CDNOW sample", what="purchases").set_index("model")
    rows: list[Row] = []
    for name, figures in PUBLISHED.items():
        mine = table.loc[f"{name}, MLE"]
        found = (mine["mae"], mine["rmse"], sums.loc[f"{name}, MLE", "forecast"])
        pairs = zip(found, figures, (".4f", ".4f", ",.1f"), strict=True)
        rows.append([name, *(f"{ours:{form}} ({theirs:{form}})" for ours, theirs, form in pairs)])
    return markdown(["maximum likelihood", "MAE (R)", "RMSE (R)", "sum (R)"], rows)


def failures() -> str:
    """Who has failed, where and how."""
    table = pd.concat([of(log) for log in LOGS])
    failed = table[table["failed"] != ""].groupby(["log", "model", "failed"], sort=False)["cutoff"]
    return markdown(
        ["log", "competitor", "from", "how"], [[log, who, ", ".join(cut), how] for (log, who, how), cut in failed]
    )


def brief() -> str:
    """A few numbers of each for the first page."""
    covers = pick(read("calibration"), what="purchases", who="all").set_index(["level", "log", "model"])["covered"]
    covered = covers[0.95].to_dict()
    rows: list[Row] = []
    for name in SHOWN:
        cells = [_rmse(log, name) for log in LOGS]
        rates = [covered.get((log, name)) for log in LOGS]
        rows.append([name, *cells, *(NONE if rate is None else f"{100 * rate:.1f} %" for rate in rates)])
    spans = ("CDNOW, 13 weeks", "CDNOW's sample, 39 weeks", "Online Retail, 13 weeks")
    return markdown(["", *(f"RMSE, {span}" for span in spans), *(f"95 % interval covers, {span}" for span in spans)], rows)


def _rmse(log: str, name: str) -> str:
    mine = pick(of(log), model=name)
    return "failed" if (mine["failed"] != "").any() else number(mine["rmse"].mean())


TABLES: dict[str, Callable[[], str]] = {
    "accuracy": brief,
    "published": published,
    "failures": failures,
    **{f"scores {log}": partial(scores, log) for log in LOGS},
    **{f"{what} {log}": partial(intervals, log, what) for what in ("purchases", "value") for log in LOGS},
    **{f"totals {log}": partial(totals, log) for log in LOGS},
}


def filled(page: str) -> str:
    """Return a page with the tables between its marks made anew."""

    def made(found: re.Match[str]) -> str:
        if found[1] not in TABLES:  # somebody else's
            return found[0]
        return f"<!-- {found[1]} -->\n\n{TABLES[found[1]]()}\n\n<!-- /{found[1]} -->"

    return re.sub(r"<!-- ([^/>]+) -->.*?<!-- /\1 -->", made, page, flags=re.DOTALL)


def rewrite() -> None:
    """Rewrite the tables of the pages."""
    read.cache_clear()
    of.cache_clear()
    for path in PAGES:
        path.write_text(filled(path.read_text()))


if __name__ == "__main__":
    rewrite()
