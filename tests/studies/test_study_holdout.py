"""Study 3: CDNOW's real holdout. What the two kinds of interval cover when nobody has drawn the data from the model."""

from __future__ import annotations

import numpy as np
import pytest
from worlds import covered, percentages, say

import clvmodels as clv

LEVELS = (0.5, 0.8, 0.9, 0.95)
HORIZON = 39.0


@pytest.mark.slow
@pytest.mark.parametrize("sample", [True, False], ids=["sample", "full"])
def test_cdnow_holdout(*, sample: bool) -> None:
    """39 weeks of CDNOW: predictive intervals cover what each customer did; credible intervals of the expectation don't.

    They are not meant to: a credible interval says where the *mean* of all customers with this history lies. This is a
    report on real data, whose law nobody knows, so the bars are weak: individual predictive coverage above 80 % at a
    nominal 90 %, credible coverage below a tenth.
    """
    log = clv.datasets.cdnow(sample=sample)
    known, later = clv.split(log, at="1997-09-30", until="1998-06-30")
    fit = clv.fit(clv.BGNBD(), known, seed=1)
    spend = clv.fit(clv.GammaGamma(), known.all_buyers(), seed=1)
    worth = clv.value(fit, spend, horizon=HORIZON, discount=clv.yearly(0.0), seed=1)
    estimates = {
        "purchases, predictive": (fit.predict_purchases(HORIZON, seed=1), later.purchases),
        "purchases, credible": (fit.expected_purchases(HORIZON), later.purchases),
        "money, predictive": (worth.outcome, later.value),
        "money, credible": (worth.expected, later.value),
    }
    say(f"\nCDNOW {'sample' if sample else 'full log'}, {len(known):,} customers, coverage at {LEVELS}")
    for name, (estimate, truth) in estimates.items():
        hits = np.array([covered(estimate.interval(level), truth) for level in LEVELS])
        low, high = estimate.sum().interval(0.9)[0]
        say(
            f"  {name:22} all {percentages(hits)}   repeat {percentages(hits[:, known.frequency > 0])}   "
            f"90 % of total {low:,.0f} to {high:,.0f}, mean {estimate.sum().mean[0]:,.0f}, actual {truth.sum():,.0f}"
        )
        for who in (known.frequency >= 0, known.frequency > 0):
            assert hits[2][who].mean() > 0.8 if estimate.meaning == "outcome" else hits[3][who].mean() < 0.1
