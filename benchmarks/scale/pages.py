"""The page of the benchmark of size: tables and pictures made from its rows."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from cells import read

mpl.use("Agg")
from matplotlib import pyplot as plt

if TYPE_CHECKING:
    from pathlib import Path

Rows = list[dict[str, Any]]
OURS = ("fit", "posterior", "expected", "outcome", "expected_value", "outcome_value")
GROWTH = (*OURS, "value")
LOOKS = {"clvmodels": ("#1f4e79", "-"), "lifetimes": ("#c8511b", "--"), "pymc_marketing": ("#2f7d4f", ":")}
MARKERS = dict(zip(GROWTH, "os^v<>D", strict=True))
AXES = {"distinct": "distinct histories", "peak_mb": "peak memory, MB"}
BEGIN, END = "<!-- {} -->", "<!-- /{} -->"


def rewrite(rows: Rows, folder: Path) -> None:
    """Put tables in place of those of the page, and draw its pictures."""
    page = folder / "README.md"
    text = page.read_text(encoding="utf-8")
    tables = {"summary": _summary(rows), "whole": _whole(rows), "hundred": _hundred(rows), "growth": _growth(rows)}
    tables["score"] = _table(
        [row for row in rows if row["task"] == "score"], ("customers", "ordered", "seconds", "rate", "peak_mb", "load")
    )
    for name, table in tables.items():
        before, rest = text.split(BEGIN.format(name))
        text = f"{before}{BEGIN.format(name)}\n\n{table}\n\n{END.format(name)}{rest.split(END.format(name))[1]}"
    page.write_text(text, encoding="utf-8")
    _draw_growth(rows, folder / "growth.png")
    _draw_curve(read(folder / "curve.csv"), folder / "memory.png")


def _table(rows: Rows, names: tuple[str, ...]) -> str:
    """A table of some columns."""
    if not rows:
        return "Not measured yet."
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    lines += [f"| {' | '.join(_short(_cell(row, name)) for name in names)} |" for row in rows]
    return "\n".join(lines)


def _cell(row: dict[str, Any], name: str) -> str:
    """A number, or in its place how it failed; a dash where there is none."""
    failed = "out of memory" if "Memory" in row.get("failed", "") else row.get("failed", "-")
    return row.get(name, failed if name == "seconds" else "-")


def _short(text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.3g}"


def _summary(rows: Rows) -> str:
    """Us beside those who write it by hand, on the same engine."""
    found = [dict(row) for row in rows if row["task"] == "summary"]
    us = {row["engine"]: float(row["seconds"]) for row in found if row["by"] == "us" and "seconds" in row}
    for row in found:
        if "seconds" in row and row["engine"] in us:
            row["we take"] = f"{us[row['engine']] / float(row['seconds']):.2f} times that"
    return _table(found, ("engine", "by", "purchases", "customers", "seconds", "we take", "peak_mb", "load"))


def _whole(rows: Rows) -> str:
    told = [row for row in rows if row["task"] == "whole"]
    return _table(told, ("model", "page", "customers", "purchases", "seconds", "cpu", "peak_mb", "load"))


def _hundred(rows: Rows) -> str:
    """The largest posterior: what it took, and how far the truth is from it."""
    drawn = [row for row in rows if row["task"] == "posterior" and row.get("who") == "clvmodels" and "r_off" in row]
    largest = sorted(drawn, key=lambda row: int(row["customers"]))[-1:]
    off = ("r_off", "alpha_off", "a_off", "b_off")
    simulated = [row for row in rows if row["task"] == "simulate"]
    shown = _table(simulated, ("customers", "seconds", "disk_gb", "peak_mb", "load"))
    names = ("customers", "distinct", "gathering", "seconds", "peak_mb", *off, "load")
    said = "\n\n".join(row["said"] for row in largest if row.get("said"))
    return "\n\n".join(["Simulated:", shown, "Its posterior:", _table(largest, names), said])


def _growth(rows: Rows) -> str:
    told = sorted((row for row in rows if row["task"] in GROWTH), key=lambda r: (r["task"], r["who"], int(r["customers"])))
    return _table(told, ("task", "who", "customers", "distinct", "seconds", "joined", "peak_mb", "load"))


def _draw_growth(rows: Rows, path: Path) -> None:
    """Seconds and memory against customers and against distinct histories, all on logs."""
    figure, grid = plt.subplots(2, 2, figsize=(11, 9), layout="constrained")
    axes = grid.ravel()
    for ax, (up, across) in zip(axes, product(("seconds", "peak_mb"), ("customers", "distinct")), strict=True):
        for (who, (colour, line)), task in product(LOOKS.items(), GROWTH):
            some = [row for row in rows if row["task"] == task and row.get("who") == who and across in row and up in row]
            points = sorted((float(row[across]), float(row[up])) for row in some)
            if points:
                look = {"color": colour, "linestyle": line, "marker": MARKERS[task], "markersize": 4.5}
                ax.loglog(*zip(*points, strict=True), label=f"{who}: {task}", **look)
        ax.set(xlabel=AXES.get(across, across), ylabel=AXES.get(up, up))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _draw_curve(points: Rows, path: Path) -> None:
    """Memory against the customers scored."""
    figure, ax = plt.subplots(figsize=(7, 4), layout="constrained")
    for ordered, words in (("no", "as they come"), ("yes", "those alike together")):
        some = [point for point in points if point.get("ordered") == ordered]
        ax.plot([float(point["customers"]) / 1e6 for point in some], [float(point["mb"]) for point in some], label=words)
    ax.legend(frameon=False, loc="lower right")
    ax.set(xlabel="millions of customers scored", ylabel="memory of the process, MB", ylim=(0, None))
    figure.savefig(path, dpi=110)
    plt.close(figure)
