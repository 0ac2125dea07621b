"""The model that CONTRIBUTING.md walks through is one: its code runs as it stands there, and it is NBD."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import clvmodels as clv

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
LENGTH = 125


def code() -> str:
    """The blocks of the section, one after the other."""
    (section,) = re.findall(r"^## Add a model\n(.*?)^## ", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return "\n\n".join(re.findall(r"```python\n(.*?)```", section, flags=re.DOTALL))


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    """Import it from a file that stays, for what is compiled to stay with it."""
    path = Path(os.environ["NUMBA_CACHE_DIR"]) / "from_contributing.py"
    if not path.exists() or path.read_text(encoding="utf-8") != code():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(code(), encoding="utf-8")
        draft.replace(path)
    spec = importlib.util.spec_from_file_location("from_contributing", path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[made.__name__] = made
    spec.loader.exec_module(made)
    yield made
    del sys.modules[made.__name__]


def test_it_runs_and_keeps_the_laws(module: Any) -> None:
    assert module.verdict.ok
    assert {"score", "chances", "saved"} <= {f.law for f in module.verdict.findings if f.outcome == "holds"}


def test_it_is_the_model_that_it_says(module: Any) -> None:
    customers = clv.Customers.from_arrays([0, 2, 7, 1], [0, 20, 33, 5], [30, 38, 39, 21], unit="week")
    mine, ours = (clv.fit(model, customers, clv.MLE(), seed=1) for model in (module.MyModel(), clv.NBD()))
    np.testing.assert_allclose(mine.mode, ours.mode, rtol=1e-9)
    answers = [(f.expected_purchases(39).mean, f.purchase_count_pmf(2, 39).mean, f.pointwise()) for f in (mine, ours)]
    np.testing.assert_allclose(*answers, rtol=1e-9)


def test_its_lines_are_as_short_as_ours() -> None:
    assert max(len(line) for line in code().splitlines()) <= LENGTH
