"""Study: ten planted worlds. Comparing models picks the one that customers were drawn from, or one it can't be told from."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import KINDS, drawn, say

import clvmodels as clv
from clvmodels.models import FAMILY

CUSTOMERS = 4000
PLANTED = (*KINDS, "BGNBD", "ParetoNBD", "MBGCNBD")
"""Each kind once, and three again, around other parameters."""


@pytest.mark.slow
def test_the_generating_model_is_picked_or_cant_be_told_from_the_one_that_is() -> None:
    models = [model for model in FAMILY if not model.title.endswith("-3")] + [clv.GGNBD()]
    hits = []
    for place, name in enumerate(PLANTED):
        rng = np.random.default_rng((17, place))
        kind = KINDS[name]
        customers = kind.see(drawn(kind.middle, rng, 0.2), CUSTOMERS, rng)
        fits = [clv.fit(model, customers, clv.MLE(), seed=1) for model in models]
        told = clv.compare(fits).differences("elpd")
        hits.append(bool(told.loc[kind.model.title, "noise"]))
        near = [
            f"{model} {row.difference * CUSTOMERS:.1f} ± {row.se * CUSTOMERS:.1f}" for model, row in told.head(4).iterrows()
        ]
        say(f"  {kind.model.title:11} {'yes' if hits[-1] else 'NO':4} {', '.join(near)}")
    assert sum(hits) >= 9
