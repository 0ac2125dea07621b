"""A valuation with all that a report shows: segments, costs, ids that want to run; and its reports in two languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

import clvmodels as clv

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

CHANNELS = ("shop", "<script>alert(1)</script>", "=web & more")


@pytest.fixture(scope="session")
def log() -> pd.DataFrame:
    """A part of CDNOW, with channels, and ids that a page or a spreadsheet might run."""
    whole = clv.datasets.cdnow(sample=True)
    some = whole[whole["customer_id"].isin(whole["customer_id"].unique()[:600])].reset_index(drop=True)
    numbers = some["customer_id"].astype(int)
    marks = np.array(["=1+1;", "@sum", "-2+3", "<script>alert(2)</script>", "", "", "", ""])
    some["customer_id"] = marks[numbers % 8] + some["customer_id"].to_numpy()
    return some.assign(channel=np.array(CHANNELS)[numbers % 3])


@pytest.fixture(scope="session")
def worth(log: pd.DataFrame) -> clv.Valuation:
    """Its valuation, with costs."""
    customers = clv.rfm_summary(log)
    method = clv.Laplace(draws=200)
    fit = clv.fit(clv.MBGNBD(), customers, method, seed=1)
    spend = clv.fit(clv.GammaGamma(), customers.all_buyers(), method, seed=1)
    business = clv.Economics(margin=0.3, costs={"mail": clv.Cost(8.0, "year")}, acquisition=6.0)
    known = clv.attributes(log, ("channel",))
    rate = clv.yearly(0.10)
    return clv.value(fit, spend, horizon=52, discount=rate, economics=business, attributes=known, draws=200, seed=1)


@pytest.fixture(scope="session")
def indicators(log: pd.DataFrame) -> clv.Indicators:
    """What the log shows."""
    return clv.indicators(log, every="quarter")


@pytest.fixture(scope="session")
def written(worth: clv.Valuation, indicators: clv.Indicators, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Its reports, by language."""
    folder = tmp_path_factory.mktemp("reports")
    return {
        lang: clv.report(
            worth,
            folder / f"{lang}.html",
            lang=lang,
            currency=currency,
            by="channel",
            horizons=(26, 52, 104),
            indicators=indicators,
        )
        for lang, currency in (("en", None), ("fr", "EUR"))
    }
