"""Tracking: whether purchases, over the time of the observation, were as many as a fit has them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from clvmodels.contract import HasFuture
from clvmodels.errors import QuestionError, counted
from clvmodels.evaluate.pictures import axes, band
from clvmodels.evaluate.replicates import asked, compared, is_prior, worlds
from clvmodels.questions.asking import seeded
from clvmodels.questions.purchases import FUTURE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clvmodels.customers import Customers
    from clvmodels.evaluate.replicates import Finding
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit

MOST_AT_ALL = 60_000
"""Customers looked at, at all dates together."""


@dataclass(frozen=True, eq=False)
class Tracking:
    """Repeat purchases up to some dates, beside what a fit expects of the customers known by then.

    Attributes
    ----------
    model
        its name
    times
        how long the first of all customers had been one at each date, (dates,), in ``unit``
    customers
        how many were looked at, (dates,)
    findings
        their repeat purchases up to each date
    prob
        the probability of the intervals, of one date each
    unit
        of time
    prior
        whether the parameters are drawn from the priors alone, so that the question is what these allow
    """

    model: str
    times: Array = field(repr=False)
    customers: NDArray[np.intp] = field(repr=False)
    findings: tuple[Finding, ...] = field(repr=False)
    prob: float
    unit: Unit
    prior: bool

    def frame(self) -> pd.DataFrame:
        """Tabulate it, a row a date.

        Columns: time since the first purchase of all; customers; observed repeat purchases; low, median and high of what
        the fit expects; p, the share of replicates at least as far out; verdict, as of a `Check`.
        """
        known = pd.DataFrame({"time": self.times, "customers": self.customers})
        return known.join(pd.DataFrame([asdict(found) for found in self.findings]))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is off and what to try, in sentences."""
        off = [(time, found) for time, found in zip(self.times, self.findings, strict=True) if found.matters]
        if not off:
            return ()
        time, worst = max(off, key=lambda each: abs(each[1].observed / max(each[1].median, 1.0) - 1.0))
        when = f"repeat purchases {time:.3g} {self.unit}s after the first purchase of all"
        where = f"at {len(off)} of {counted(len(self.findings), 'date')}; farthest off: {worst.fact(when)}"
        if self.prior:
            advice = "So the priors don't allow what was seen: widen or move them."
        else:
            advice = (
                "Rates or dropout have changed over time, with a season, a campaign or a growing shop, of which no model of "
                "single customers knows; so forecasts of totals are in doubt. Try an observation that begins later, and "
                "hold the forecast against a holdout (clv.split)."
            )
        return (f"{self.model} errs in how much customers had bought {where}. {advice}",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the repeat purchases up to each date, seen and expected."""
        across = f"{self.unit.capitalize()}s since the first purchase of all"
        ax = axes(ax, f"{self.model}: repeat purchases so far", across, "Repeat purchases")
        ax.yaxis.set_major_formatter(lambda number, _: f"{number:,.0f}")
        return band(ax, self.times, self.findings, self.prob)


def tracking(
    fit: Fit, earlier: Sequence[Customers], *, replicates: int = 200, seed: int | None = None, prob: float = 0.98
) -> Tracking:
    """Hold the repeat purchases that customers had made by earlier dates beside those that a fit expects of them by then.

    Parameters
    ----------
    fit
        of purchases
    earlier
        the same log at earlier ends of the observation: ``clv.rfm_summary(log, observation_end=date)`` for each date
    replicates
        how many bases to draw at each date, each from a draw of the fit
    seed
        of the bases
    prob
        the probability of the intervals, of one date each

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.cdnow(sample=True)
    >>> ends = ["1997-05-31", "1997-07-31", "1997-09-30"]
    >>> earlier = [clv.rfm_summary(log, observation_end=end) for end in ends]
    >>> fit = clv.fit(clv.BGNBD(), earlier[-1], seed=1)
    >>> tracking(fit, earlier, replicates=100, seed=1).frame()[["time", "customers", "observed", "verdict"]].round(1)
       time  customers  observed      verdict
    0  21.4       2357    1450.0  as expected
    1  30.1       2357    2000.0  as expected
    2  38.9       2357    2457.0  as expected
    """
    asked(replicates, prob)
    fit.able(HasFuture, FUTURE)
    if not earlier:
        message = "There is no earlier date to look at: pass clv.rfm_summary(log, observation_end=date) for one or more."
        raise QuestionError(message)
    rng = np.random.default_rng(seeded(seed))
    told = sorted(_thinned([cast("Customers", fit.seen(each)) for each in earlier], rng), key=lambda seen: seen[1].max())
    observed, watched = np.array([x.sum() for x, _ in told]), [T for _, T in told]
    drawn = _drawn(fit, watched, replicates, rng)
    inside = "allowed" if is_prior(fit) else "as expected"
    findings = compared(["repeat purchases"] * len(told), observed, drawn, prob, inside)
    times, customers = np.array([T.max() for T in watched]), np.array([len(T) for T in watched])
    return Tracking(fit.model.name, times, customers, tuple(findings), prob, fit.unit, is_prior(fit))


def _thinned(earlier: Sequence[Customers], rng: np.random.Generator) -> list[tuple[Array, Array]]:
    """Take frequency and T at each date: of everybody, or of some at random, the same at all dates, where there are more."""
    share = MOST_AT_ALL / sum(map(len, earlier))
    if share >= 1.0:
        return [(each.frequency, each.T) for each in earlier]
    ids = max(earlier, key=len).ids
    chosen = ids.filter((rng.random(len(ids)) < share).tolist())
    kept = [each.ids.is_in(chosen).to_numpy() for each in earlier]
    return [(each.frequency[some], each.T[some]) for each, some in zip(earlier, kept, strict=True)]


def _drawn(fit: Fit, watched: Sequence[Array], number: int, rng: np.random.Generator) -> Array:
    """Draw the repeat purchases of as many strangers, watched for as long, at each date: (replicates, dates)."""
    T = np.concatenate(watched)
    starts = np.cumsum([0, *map(len, watched[:-1])])
    bases = (world.simulate(len(T), T, int(rng.integers(2**32))) for world in worlds(fit, number))
    return np.array([np.add.reduceat(base.frequency, starts) for base in bases])
