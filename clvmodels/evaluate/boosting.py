"""A rule that is learned: gradient boosting on recency, frequency and value, trained on an earlier window of a log."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from clvmodels.data.transactions import up_to
from clvmodels.errors import QuestionError
from clvmodels.evaluate.forecasts import Forecast
from clvmodels.heavy import heavy

if TYPE_CHECKING:
    from clvmodels.evaluate.forecasts import Origin
    from clvmodels.kernels.lift import Array


@dataclass(frozen=True)
class Boosting:
    """Trees boosted by scikit-learn, on what was known one horizon earlier and what happened since; asked of today.

    It needs scikit-learn, and a log that reaches back far enough.
    """

    name: str = "gradient boosting"

    def forecast(self, origin: Origin) -> Forecast:
        """Learn from the window before, and forecast the one to come."""
        try:
            trees = heavy("sklearn.ensemble")
        except ImportError as missing:
            message = "Gradient boosting needs scikit-learn: pip install 'clvmodels[bench]'."
            raise QuestionError(message) from missing
        known, since = origin.earlier()
        cut = origin.cut - origin.steps
        before = replace(origin, customers=known, past=up_to(origin.past, cut, "cutoff")[0], cut=cut)
        learned, asked = features(before), features(origin)

        def told(target: Array) -> Array:
            model: Any = trees.HistGradientBoostingRegressor(loss="poisson", random_state=origin.seed % 2**32)
            return model.fit(learned, target).predict(asked) if target.sum() > 0.0 else np.zeros(len(asked))

        bought = since.purchases > 0
        chance = None
        if 0 < bought.sum() < len(bought):
            model: Any = trees.HistGradientBoostingClassifier(random_state=origin.seed % 2**32)
            chance = model.fit(learned, bought).predict_proba(asked)[:, 1]
        worth = None if since.value is None else told(since.value)
        return Forecast(told(since.purchases.astype(float)), worth, any_purchase=chance, alive=chance)


def features(origin: Origin) -> Array:
    """What the trees see of each customer: (n, features)."""
    customers = origin.customers
    counts, worth = origin.recent()
    known = (customers.monetary_value, customers.first_value, worth)
    columns = (customers.frequency, customers.recency, customers.T, customers.T - customers.recency, counts)
    return np.stack([*columns, *(column for column in known if column is not None)], axis=1)
