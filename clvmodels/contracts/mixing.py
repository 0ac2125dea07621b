"""Mixed revenue: customers who have contracts and buy besides, the two parts apart and together.

What customers buy without a contract and what their contracts bring are learned from different data; given these the two
posteriors are independent, so draw d of the one goes with draw d of the other. Purchases in the log must not hold the fees
of the contracts, or these would count twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any

import narwhals as nw
import numpy as np
import pandas as pd

from clvmodels.errors import CustomersError, QuestionError, counted
from clvmodels.estimate import Estimate
from clvmodels.frames import native, refuse
from clvmodels.sources import Blocks, Table, in_order
from clvmodels.units import DAYS

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from clvmodels.contracts.contractual import ContractValuation
    from clvmodels.economics.valuation import Valuation
    from clvmodels.histories import Index
    from clvmodels.kernels.lift import Array
    from clvmodels.sources import Rows

ALIKE = 0.01
"""Two horizons are one if they differ by no more than this share: 52 weeks and a year are."""


@dataclass(frozen=True, eq=False)
class MixedRevenue:
    """What customers are worth by their purchases and by their contracts.

    Attributes
    ----------
    worth
        valuation of their purchases
    contracts
        valuation of their contracts
    ids
        all of them: those who purchase, then those who only have contracts (n,)
    buys, holds
        the place of each in the one valuation and in the other, -1 where she isn't in it (n,)
    """

    worth: Valuation
    contracts: ContractValuation
    ids: nw.Series[Any] = field(repr=False)
    buys: Index = field(repr=False)
    holds: Index = field(repr=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know, in sentences: who has what, and the notes of both valuations."""
        both = int(np.count_nonzero((self.buys >= 0) & (self.holds >= 0)))
        alone = [int(np.count_nonzero(places < 0)) for places in (self.holds, self.buys)]
        told = f"{counted(both, 'customer')} with purchases and a contract"
        who = f"{told}, {alone[0]:,} with purchases only, {alone[1]:,} with a contract only."
        return (who, *dict.fromkeys((*self.worth.notes, *self.contracts.notes)))

    @cached_property
    def expected(self) -> Estimate:
        """Expected value of each customer, purchases and contract together: its interval is credible."""
        one, other = self.worth.expected, self.contracts.expected
        return self._joined("expectation", one, other, other.index[self.holds], other.source.block)

    @cached_property
    def outcome(self) -> Estimate:
        """What each customer will bring, purchases and contract together, drawn: its interval is predictive."""
        one = self.worth.outcome
        order = self._order(one)
        mine = order[self.holds[order] >= 0]
        other = self.contracts.drawn(self.holds[mine])
        place = np.full(len(order), -1)
        place[mine] = np.arange(len(mine))
        return self._joined("outcome", one, other, place, lambda rows: in_order(other.source, rows))

    def frame(self, prob: float = 0.9) -> Any:  # noqa: ANN401
        """Return a row a customer, in the frame library of those who purchase.

        Columns: customer_id; purchases and contract, the expected value of each part, 0 where she has none; clv, both
        together, with its interval clv_low to clv_high; and the predictive interval outcome_low to outcome_high.
        """
        clv, outcome = self.expected.interval(prob), self.outcome.interval(prob)
        columns = {
            "purchases": _placed(self.worth.expected.mean, self.buys),
            "contract": _placed(self.contracts.expected.mean, self.holds),
            "clv": self.expected.mean,
            "clv_low": clv[:, 0],
            "clv_high": clv[:, 1],
            "outcome_low": outcome[:, 0],
            "outcome_high": outcome[:, 1],
        }
        return native(self.ids, columns)

    def total(self, prob: float = 0.9) -> pd.DataFrame:
        """Return the value of all: rows purchases, contracts, together, added up draw by draw.

        Columns: mean, low and high of the expectation; the ends outcome_low and outcome_high of what they will bring.
        """
        parts = {"purchases": self.worth, "contracts": self.contracts}
        rows: dict[str, tuple[Estimate, Estimate]] = {
            name: (part.expected.sum(), part.outcome.sum()) for name, part in parts.items()
        }
        (first, drawn), (second, more) = rows.values()
        rows["together"] = _sum(first, second), _sum(drawn, more)
        table = [[e.mean[0], *e.interval(prob)[0], *o.interval(prob)[0]] for e, o in rows.values()]
        return pd.DataFrame(table, columns=["mean", "low", "high", "outcome_low", "outcome_high"], index=list(rows))

    def _order(self, one: Estimate) -> Index:
        """Customers in an order in which the rows of those who purchase are near each other."""
        return np.argsort(np.where(self.buys >= 0, one.index[self.buys], len(one.index)), kind="stable")

    def _joined(
        self, meaning: str, one: Estimate, other: Estimate, others: Index, ask: Callable[[Index], Array]
    ) -> Estimate:
        """Add two estimates up customer by customer; ``others`` are the rows of the second, that ``ask`` makes."""
        order, certain = self._order(one), one.certain and other.certain
        draws = _shared(one, other)
        first, second = (_spread(each, draws) for each in (one, other))

        def make(rows: Rows) -> Array:
            some = order[rows]
            total = np.zeros((len(some), draws))
            mine, theirs = self.buys[some] >= 0, self.holds[some] >= 0
            if mine.any():
                total[mine] += in_order(one.source, one.index[self.buys[some[mine]]])[:, first]
            if theirs.any():
                total[theirs] += ask(others[some[theirs]])[:, second]
            return total

        kind = "expectation" if meaning == "expectation" else "outcome"
        return Estimate(kind, "mixed value", self.ids, Blocks((len(order), draws), make), np.argsort(order), certain)


def mixed_revenue(worth: Valuation, contracts: ContractValuation) -> MixedRevenue:
    """Put together what customers buy without a contract and what their contracts bring, matched by their ids.

    Parameters
    ----------
    worth
        What their purchases are worth; the fees of the contracts aren't among these.
    contracts
        What their contracts are worth, over the same horizon and at the same discount.

    Examples
    --------
    >>> import clvmodels as clv
    >>> base = clv.Customers.from_arrays(
    ...     [3, 0], [2.0, 0.0], [3.0, 3.0], unit="year", ids=["ann", "bob"], monetary_value=[30, 0], first_value=[20, 5]
    ... )
    >>> fit = clv.ParetoNBD().at(r=0.6, alpha=1, s=0.6, beta=1, unit="year")
    >>> spend = clv.GammaGamma().at(p=6, q=4, v=15, unit="year")
    >>> rate, upkeep = clv.yearly(0.08), clv.SBG().at(alpha=0.668, beta=3.806, unit="year")
    >>> worth = clv.value(fit, spend, horizon=15, discount=rate, customers=base, seed=1)
    >>> holders = clv.Subscribers.from_frame(pd.DataFrame({"customer_id": ["bob"], "tenure": [2]}), unit="year")
    >>> contracts = clv.contract_value(upkeep, clv.Contract(240.0), horizon=15, discount=rate, customers=holders, seed=1)
    >>> clv.mixed_revenue(worth, contracts).frame()[["customer_id", "purchases", "contract", "clv"]].round(0)
      customer_id  purchases  contract     clv
    0         ann      105.0       0.0   105.0
    1         bob        4.0    1277.0  1281.0
    """
    _check_horizon(worth, contracts)
    mine, theirs = (pd.Index(each.customers.ids.to_list()) for each in (worth, contracts))
    if pd.api.types.is_numeric_dtype(mine) != pd.api.types.is_numeric_dtype(theirs):
        message = (
            f"Customers are matched by their ids, and {mine.to_list()[0]!r} purchases while {theirs.to_list()[0]!r} has a "
            "contract: text here and numbers there. Make both one kind."
        )
        raise CustomersError(message)
    everybody = mine.append(theirs[~theirs.isin(mine)])
    buys, holds = (each.get_indexer(everybody) for each in (mine, theirs))
    _check_rates(worth, contracts, buys, holds)
    ids = nw.new_series("customer_id", everybody.to_list(), backend=worth.customers.ids.implementation)
    return MixedRevenue(worth, contracts, ids, buys, holds)


def _check_horizon(worth: Valuation, contracts: ContractValuation) -> None:
    """Refuse two horizons that aren't one."""
    days = [each.horizon * DAYS[each.fit.unit] for each in (worth, contracts)]
    if days[0] != days[1] and not (all(map(isfinite, days)) and abs(days[0] / days[1] - 1.0) <= ALIKE):
        one, other = (f"{each.horizon:.6g} {each.fit.unit}s" for each in (worth, contracts))
        message = (
            f"Purchases are valued over {one} and contracts over {other}: value both over one horizon, each in its own unit."
        )
        raise QuestionError(message)


def _check_rates(worth: Valuation, contracts: ContractValuation, buys: Index, holds: Index) -> None:
    """Refuse customers whose purchases and contract are discounted differently; or all, where it is one rate each."""
    one, other = (each.terms.force / DAYS[each.fit.unit] for each in (worth, contracts))
    both = np.flatnonzero((buys >= 0) & (holds >= 0))
    rates = [np.unique(force) for force in (one, other)]
    wrong: NDArray[np.bool_] = ~np.isclose(one[buys[both]], other[holds[both]], rtol=1e-9, atol=0.0)
    if all(len(rate) == 1 for rate in rates) and not np.isclose(rates[0], rates[1], rtol=1e-9, atol=0.0).all():
        told = f"Purchases are discounted at {worth.discount} and contracts at {contracts.discount}"
        message = f"{told}: value both at one rate."
        raise QuestionError(message)
    fault = "customer has two rates of discount|customers have two rates of discount"
    advice = "Discount purchases and contracts at one rate, so that they can be added."
    refuse(wrong, fault, advice, QuestionError, worth.customers.ids[buys[both].tolist()])


def _placed(values: Array, places: Index) -> Array:
    """Give each customer her value, 0 where she has none."""
    return np.where(places >= 0, values[places], 0.0)


def _shared(one: Estimate, other: Estimate) -> int:
    """How many draws two estimates have in common, evenly spaced; a point goes with every draw of the other."""
    return min((each.source.shape[1] for each in (one, other) if each.source.shape[1] > 1), default=1)


def _spread(one: Estimate, draws: int) -> Index:
    """Places of so many of an estimate's draws, evenly spaced; of a point so many times (draws,)."""
    return np.linspace(0, one.source.shape[1] - 1, draws).round().astype(np.intp)


def _sum(one: Estimate, other: Estimate) -> Estimate:
    """Add two estimates of one number up, draw by draw."""
    draws = _shared(one, other)
    first, second = (each.draws()[_spread(each, draws), 0] for each in (one, other))
    table = Table((first + second)[None, :])
    return Estimate(one.meaning, "total value", None, table, np.zeros(1, dtype=np.intp), one.certain and other.certain)
