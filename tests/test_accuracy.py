"""The accuracy benchmark: its pages say what its files do, and a competitor is asked what we are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import clvmodels as clv
from benchmarks.accuracy import fitters, pages

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("page", pages.PAGES, ids=["README.md", "accuracy"])
def test_the_pages_say_what_the_files_do(page: Path) -> None:
    text = page.read_text()
    assert "<!-- /" in text
    assert pages.filled(text) == text


def test_every_table_is_on_a_page() -> None:
    text = "".join(page.read_text() for page in pages.PAGES)
    assert [name for name in pages.TABLES if f"<!-- {name} -->" not in text] == []


@pytest.mark.parametrize("model", [clv.BGNBD(), clv.MBGNBD(), clv.ParetoNBD()], ids=lambda model: model.name)
def test_lifetimes_forecasts_what_our_maximum_likelihood_does(model: clv.contract.Model) -> None:
    pytest.importorskip("lifetimes")
    theirs = fitters.Lifetimes(model.name)
    done = clv.backtest(
        clv.datasets.cdnow(sample=True), [model, theirs], ["1997-09-30"], 39, method=clv.MLE(), draws=20, seed=1
    )
    ours, other = (one.columns for one in done.judged)
    np.testing.assert_allclose(other["purchases"], ours["purchases"], rtol=1e-3)
    np.testing.assert_allclose(other["alive"], ours["alive"], rtol=1e-3)
