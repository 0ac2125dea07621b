"""Kinds: the distinct histories of customers who stay in an engine, with how many customers have each.

All that a likelihood sees of them, and so all that a fit brings home; who they are is known where they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pandas as pd

from clvmodels.engines.grain import Grain
from clvmodels.errors import CustomersError, counted, naming
from clvmodels.histories import Histories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clvmodels.buyers import View
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit


NONE = Grain()

LETTERS = {"x": "frequency", "t_x": "recency", "T": "T", "litt": "litt"}
"""The columns of a summary by the letters of the papers."""

SPENT = {"x": "purchases", "m": "mean_value"}
"""The columns of buyers by the letters of the papers."""


@dataclass(frozen=True, eq=False)
class Kinds:
    """Distinct histories with counts.

    Attributes
    ----------
    columns
        the letters of the papers, each with a number a kind (k,)
    weights
        how many customers are of each kind (k,)
    unit
        the unit of time
    notes
        what was left out or rounded on the way here, in sentences
    view
        the purchases that they tell the spend of: ``"repeat"`` or ``"all"``; None for histories of purchases
    grain
        how far times and values are rounded

    Examples
    --------
    >>> import numpy as np
    >>> Kinds({"x": np.array([0.0, 2.0]), "T": np.array([30.0, 30.0])}, np.array([9.0, 1.0]), "week")
    Kinds(2 kinds of 10 customers)
    """

    columns: Mapping[str, Array]
    weights: Array
    unit: Unit
    notes: tuple[str, ...] = ()
    view: View | None = None
    grain: Grain = NONE
    _known: dict[tuple[str, ...], Histories] = field(default_factory=dict, init=False, repr=False)

    @property
    def ids(self) -> None:
        """The ids are in the engine."""
        return

    def __repr__(self) -> str:
        """Say how many kinds there are, of how many customers."""
        told = f"Kinds({counted(len(self.weights), 'kind')} of {counted(int(self.weights.sum()), 'customer')})"
        return "\n".join((told, *(f"  {note}" for note in self.notes)))

    def frame(self) -> pd.DataFrame:
        """Tabulate them: their histories, and ``customers``, how many have each.

        >>> import numpy as np
        >>> Kinds({"x": np.array([0.0, 2.0]), "T": np.array([30.0, 30.0])}, np.array([9.0, 1.0]), "week").frame()
           frequency     T  customers
        0        0.0  30.0        9.0
        1        2.0  30.0        1.0
        """
        names = SPENT if "m" in self.columns else LETTERS
        told = {names.get(letter, letter): values for letter, values in self.columns.items()}
        return pd.DataFrame({**told, "customers": self.weights})

    def coarser(self) -> Kinds:
        """Return them rounded once more, to numbers three times as far apart."""
        return replace(self, columns=self.grain.coarser(self.columns))

    def letters(self) -> Mapping[str, Array]:
        """Return the columns, a row a kind."""
        return self.columns

    def histories(self, names: Sequence[str]) -> Histories:
        """Return the distinct rows of some of the columns, with how many customers have each; the rows are kinds."""
        missing = [name for name in names if name not in self.columns]
        if missing:
            message = (
                f"These kinds of customers don't tell {naming(missing)}, since they were brought home for a model that "
                "doesn't need it: fit to the LazyCustomers themselves."
            )
            raise CustomersError(message)
        key = tuple(names)
        if key not in self._known:
            self._known[key] = Histories.of({name: self.columns[name] for name in key}, self.weights)
        return self._known[key]
