"""From a cell to its row: a process of its own, for as long as there is patience, and a file of rows a competitor."""

from __future__ import annotations

import csv
import json
import os
import platform
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import histories

if TYPE_CHECKING:
    from pathlib import Path

    from plan import Cell

Row = dict[str, Any]


def machine() -> str:
    """What it was measured on."""
    return f"{platform.machine()} {platform.system()}, {os.cpu_count()} cores"


def run(cell: Cell, command: list[str], patience: float, folder: Path) -> Row:
    """Time a cell by a competitor's command; one that fails is a row that says how."""
    told = {**cell.told(), "machine": machine()}
    if cell.took > patience:
        came = f", for {cell.came}" if cell.came else ""
        return {**told, "failed": f"not tried within {patience:.0f} s: it took {cell.took:.0f} s once{came}"}
    table = histories.table(folder, cell.task, cell.model, cell.size, cell.dated)
    asked = [cell.task, cell.model, cell.size, str(table), *filter(None, [cell.method])]
    try:
        found = answered([*command, *asked], patience)
    except subprocess.TimeoutExpired:
        return {**told, "failed": f"no result after {patience:.0f} s"}
    except subprocess.CalledProcessError as trouble:
        lines = trouble.stderr.strip().splitlines()
        return {**told, "failed": lines[-1] if lines else f"exit code {trouble.returncode}"}
    return {**told, **found}


def answered(command: list[str], patience: float) -> Row:
    """The line that a command prints; out of patience, whatever it has started is ended too (chains are processes)."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, start_new_session=True) as process:  # noqa: S603
        try:
            out, errors = process.communicate(timeout=patience)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, out, errors)
    return json.loads(out.strip().splitlines()[-1])


def flat(rows: list[Row]) -> list[Row]:
    """Say in every row of a competitor, those that failed included, what was used."""
    used = {name: version for row in rows for name, version in row.get("versions", {}).items()}
    return [{**{key: told for key, told in row.items() if key != "versions"}, **used} for row in rows]


def write(path: Path, rows: list[Row]) -> None:
    """Write rows aside and put them in place at once."""
    columns = list(dict.fromkeys(key for row in rows for key in row))
    aside = path.with_suffix(".part")
    with aside.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    aside.replace(path)


def read(path: Path) -> list[Row]:
    """Read rows as they are written, what is empty left out; a competitor who never ran has none."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{key: text for key, text in row.items() if text} for row in csv.DictReader(file)]
