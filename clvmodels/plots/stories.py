"""A story: one customer's purchases, how likely she was to be a customer still at each moment, and what to expect of her."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.contract import HasAlive, HasFuture, HasPurchases
from clvmodels.customers import Customers
from clvmodels.data.reading import LogReader
from clvmodels.data.summary import elapsed, without_refunded
from clvmodels.data.transactions import up_to
from clvmodels.errors import QuestionError, naming
from clvmodels.evaluate.pictures import EXPECTED, LINE, axes
from clvmodels.following.outlook import forecast
from clvmodels.questions.asking import as_span
from clvmodels.questions.purchases import ALIVE, BUYS, FUTURE

if TYPE_CHECKING:
    from datetime import date as Date  # noqa: N812

    from matplotlib.axes import Axes

    from clvmodels.data.transactions import Purchases
    from clvmodels.estimate import Estimate
    from clvmodels.fitted import Fit
    from clvmodels.following.outlook import Outlook
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit

MOMENTS, PERIODS = 240, 24
"""In how many steps the past is gone through, and the future."""


@dataclass(frozen=True, eq=False)
class Story:
    """One customer: her past, and what lies ahead.

    Attributes
    ----------
    model
        of the fit that tells
    customer
        her id
    purchases
        when she bought, in ``unit`` since her first purchase (purchases,), the first included
    now
        when the observation ends, in ``unit`` since her first purchase
    times
        moments of the past, of which the last is now (moments,)
    alive
        P(still a customer) at each of them, given her history then
    later
        moments ahead, in ``unit`` since her first purchase (periods,)
    alive_later
        P(still a customer) at each of them, given her history now: an estimate of one number each
    future
        what she will buy until then
    unit
        of time
    """

    model: str
    customer: object
    purchases: Array = field(repr=False)
    now: float
    times: Array = field(repr=False)
    alive: Estimate = field(repr=False)
    later: Array = field(repr=False)
    alive_later: tuple[Estimate, ...] = field(repr=False)
    future: Outlook = field(repr=False)
    unit: Unit

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a moment of the past and of the future.

        Columns: time since her first purchase; future, whether it lies ahead; probability_alive with its credible interval
        alive_low to alive_high; purchases until then, as made or as expected, with the interval of what will really come
        of it, purchases_low to purchases_high.
        """
        made = np.searchsorted(self.purchases, self.times * (1.0 + 1e-12), "right").astype(float)
        ends = self.alive.interval(prob)
        past = {"alive_low": ends[:, 0], "alive_high": ends[:, 1], "purchases": made}
        known = {"time": self.times, "future": False, "probability_alive": self.alive.mean, **past}
        told, bought = self.future.frame(prob, cumulative=True), float(len(self.purchases))
        ends = np.concatenate([one.interval(prob) for one in self.alive_later])
        ahead = {
            "time": self.later,
            "future": True,
            "probability_alive": np.concatenate([one.mean for one in self.alive_later]),
            "alive_low": ends[:, 0],
            "alive_high": ends[:, 1],
            "purchases": bought + told["purchases"].to_numpy(),
            "purchases_low": bought + told["purchases_outcome_low"].to_numpy(),
            "purchases_high": bought + told["purchases_outcome_high"].to_numpy(),
        }
        parts = [pd.DataFrame(known).assign(purchases_low=made, purchases_high=made), pd.DataFrame(ahead)]
        return pd.concat(parts, ignore_index=True)

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw P(alive) above and her purchases below, as they were and, past the line, as they may be."""
        across = f"{self.unit.capitalize()}s since her first purchase"
        ax = axes(ax, f"Customer {self.customer}, by {self.model}", across, "")
        told = self.frame(prob)
        now, ahead = told.loc[~told["future"]], told.loc[told["future"]]
        joined = pd.concat([now.tail(1), ahead])
        ax.fill_between(told["time"], told["alive_low"], told["alive_high"], color=EXPECTED, alpha=0.25, linewidth=0.0)
        ax.plot(now["time"], now["probability_alive"], color=EXPECTED, linewidth=1.5)
        ax.plot(joined["time"], joined["probability_alive"], "--", color=EXPECTED, linewidth=1.5)
        ax.set_ylim(-1.2, 1.05)
        ax.set_yticks([0.0, 0.5, 1.0], ["0%", "50%", "100%"])
        ax.set_ylabel(f"P(alive), {prob:.0%}", loc="top")
        ax.axvline(self.now, color=LINE, linewidth=0.9, linestyle=(0, (2, 2)))
        ax.axhline(0.0, color=LINE, linewidth=0.8)
        ax.grid(visible=False)
        self._purchases(ax, now, joined, prob)
        return ax

    def _purchases(self, ax: Axes, now: pd.DataFrame, joined: pd.DataFrame, prob: float) -> None:
        """Draw her purchases below, on a scale of their own to the right."""
        from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  (a second to load)

        below = ax.twinx()
        top = max(float(np.max(joined["purchases_high"].to_numpy())), 2.0)
        below.fill_between(joined["time"], joined["purchases_low"], joined["purchases_high"], color=LINE, alpha=0.2, lw=0)
        below.plot(joined["time"], joined["purchases"], "--", color=LINE, linewidth=1.3, label=f"to expect, {prob:.0%}")
        below.step(now["time"], now["purchases"], where="post", color=LINE, linewidth=1.3)
        number = np.arange(1.0, len(self.purchases) + 1.0)
        below.plot(self.purchases, number, "o", color=LINE, markersize=4.0, label="purchases")
        below.set_ylim(0.0, 2.25 * top)
        ticks = [tick for tick in MaxNLocator(4, integer=True).tick_values(0.0, top) if 0.0 <= tick <= 1.05 * top]
        below.set_yticks(ticks, [f"{tick:,.0f}" for tick in ticks])
        below.set_ylabel("Purchases so far", loc="bottom")
        below.spines[["top", "left"]].set_visible(False)
        below.tick_params(length=0)
        between = (0.0, 0.49)  # of the two halves
        below.legend(frameon=False, ncols=2, fontsize="small", loc="center left", bbox_to_anchor=between, borderaxespad=0.0)


def story(  # noqa: PLR0913
    log: Any,  # noqa: ANN401
    fit: Fit,
    customer: object,
    *,
    horizon: float | None = None,
    observation_end: str | Date | None = None,
    customer_id: str = "customer_id",
    date: str = "date",
    value: str | None = "value",
    resolution: str = "day",
    timezone: str | None = None,
    date_format: str | None = None,
    refunds: str = "error",
    draws: int = 1000,
    seed: int | None = None,
) -> Story:
    """Tell one customer's story: her purchases, P(alive) at each moment given what was known of her then, and her future.

    Parameters
    ----------
    log, observation_end, customer_id, date, value, resolution, timezone, date_format, refunds
        as in ``rfm_summary``
    fit
        of purchases
    customer
        her id
    horizon
        how far ahead to look, in the unit of the fit; by default as far as half of her time so far
    draws
        of her future
    seed
        of these draws

    Examples
    --------
    >>> import clvmodels as clv
    >>> log = clv.datasets.cdnow(sample=True)
    >>> fit = clv.fit(clv.BGNBD(), clv.rfm_summary(log, observation_end="1997-09-30"), seed=1)
    >>> found = clv.plots.story(log, fit, "00111", horizon=26, observation_end="1997-09-30", seed=1)
    >>> len(found.purchases), round(found.now, 1), round(float(found.alive.mean[-1]), 2)
    (8, 38.9, 0.64)
    """
    fit.able(HasAlive, ALIVE)
    fit.able(HasPurchases, BUYS)
    fit.able(HasFuture, FUTURE)
    reader = LogReader(customer_id, date, value, resolution, timezone, date_format, refunds)
    purchases = reader.read(log)
    end = purchases.last if observation_end is None else reader.moment(observation_end, "observation_end")
    bought = _hers(purchases, customer, end, fit.unit)
    now = float(elapsed(np.array(end), purchases.resolution, fit.unit)) - float(bought[0])
    bought = bought - bought[0]
    ahead = as_span(0.5 * now if horizon is None else horizon, "horizon") or 1.0
    step = 1.0 if fit.model.discrete else now / MOMENTS
    times = np.unique(np.r_[np.arange(0.0, now, step) if step > 0.0 else 0.0, bought, now])
    hers = _histories(bought, times, fit)
    last = hers.some(np.array([len(times) - 1]))
    every = np.ceil(ahead / PERIODS) if fit.model.discrete else ahead / PERIODS
    future = forecast(fit, periods=PERIODS, every=every, customers=last, draws=draws, seed=seed)
    later = np.array(future.schedule.ends)
    alive_later = tuple(fit.probability_alive(last, float(u)) for u in later)
    known = fit.probability_alive(hers)
    return Story(fit.model.title, customer, bought, now, times, known, now + later, alive_later, future, fit.unit)


def _hers(purchases: Purchases, customer: object, end: int, unit: Unit) -> Array:
    """When she bought up to the end, refunds netted, in the unit since 1970: (purchases,)."""
    mine = purchases.where(purchases.customer == _number(purchases, customer))
    kept, _ = without_refunded(up_to(mine, end, "observation_end")[0], end)
    return elapsed(kept.bucket, purchases.resolution, unit)


def _number(purchases: Purchases, customer: object) -> int:
    """Find a customer in the log."""
    ids = purchases.ids.to_list()
    if customer not in ids:
        message = (
            f"There is no customer {customer!r} in this log; there are {naming(map(repr, ids))}. Are ids written alike?"
        )
        raise QuestionError(message)
    return ids.index(customer)


def _histories(bought: Array, times: Array, fit: Fit) -> Customers:
    """Take her for a customer of each moment: what was known of her then."""
    upto = np.searchsorted(bought, times * (1.0 + 1e-12), "right")
    gaps = np.r_[0.0, np.cumsum(np.log(np.diff(bought)))]
    recency = np.minimum(bought[upto - 1], times)
    return Customers.from_arrays(upto - 1.0, recency, times, unit=fit.unit, litt=gaps[upto - 1])
