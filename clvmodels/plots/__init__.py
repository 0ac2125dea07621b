"""Displays: what a log, a fit or a valuation shows; ``.frame()`` gives the numbers, ``.plot(ax=None)`` the picture.

Here, `clv.plots`:

- `timeline`: purchases week by week, or in all, before and after a date, beside what fits expect of them
- `frequency`: customers by their repeat purchases, actual and expected
- `conditional`: purchases in a holdout, by frequency or recency, actual and expected
- `matrix`: P(alive), or expected purchases, by recency and frequency, and where the customers are
- `story`: one customer's purchases, her P(alive) through time, and what to expect of her
- `heterogeneity`: how purchase rates, or dropout, are spread over customers
- `spending`: customers by their mean spend, actual and expected
- `distribution`: customers by their value, expected and as it will turn out
- `ranked`: the value of each customer, the best first, with her intervals
- `reliability`, `pit`: whether forecasts of a backtest were right, by group of customers, and as laws
- `parameters`: the parameters of one fit or several, with intervals
- `beliefs`: the parameters of a fit before it looked at the data, and after

Elsewhere, for they are results that have a picture, too: ``clv.check`` (prior and posterior predictive checks),
``clv.tracking`` (repeat purchases up to some dates), ``clv.compare`` (models side by side), ``clv.forecast`` (periods ahead,
and ``.against(log)``), ``clv.indicators`` (the business by period), ``clv.portfolio``, ``clv.rfm_segments``, ``clv.tiers``,
``clv.concentration`` (the Pareto curve), ``clv.elasticities`` (the tornado of levers), ``clv.newcomers`` (payback) and
``clv.equity``.

Pictures are matplotlib's: pass an ``ax`` of your own, or get one. Where several fits are compared, pass a list of them, or a
dict by name; they differ by marker, line and hatch as well as by colour.
"""

from clvmodels.plots.believed import Beliefs, beliefs
from clvmodels.plots.conditionals import Conditional, conditional
from clvmodels.plots.distributions import Distribution, distribution
from clvmodels.plots.forests import Parameters, parameters
from clvmodels.plots.frequencies import Frequency, frequency
from clvmodels.plots.heterogeneities import Heterogeneity, heterogeneity
from clvmodels.plots.matrices import Matrix, matrix
from clvmodels.plots.places import Pit, pit
from clvmodels.plots.rankings import Ranked, ranked
from clvmodels.plots.reliabilities import Reliability, reliability
from clvmodels.plots.spends import Spending, spending
from clvmodels.plots.stories import Story, story
from clvmodels.plots.timelines import Timeline, timeline

__all__ = [
    "Beliefs",
    "Conditional",
    "Distribution",
    "Frequency",
    "Heterogeneity",
    "Matrix",
    "Parameters",
    "Pit",
    "Ranked",
    "Reliability",
    "Spending",
    "Story",
    "Timeline",
    "beliefs",
    "conditional",
    "distribution",
    "frequency",
    "heterogeneity",
    "matrix",
    "parameters",
    "pit",
    "ranked",
    "reliability",
    "spending",
    "story",
    "timeline",
]
