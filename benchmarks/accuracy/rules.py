"""The rules: what people use who have no model; and gradient boosting, which learns from an earlier window of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

import clvmodels as clv

if TYPE_CHECKING:
    from clvmodels.evaluate.forecasts import Forecaster

PACKAGES = ("clvmodels", "numpy", "scikit-learn")


def contestants() -> dict[str, Forecaster]:
    return {rule.name: rule for rule in (*clv.baselines.usual(), clv.baselines.Boosting())}
