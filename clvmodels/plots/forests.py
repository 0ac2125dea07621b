"""Parameters: what fits have found of them, with intervals, side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from clvmodels.evaluate.pictures import axes, legend, side_by_side, styles
from clvmodels.plots.scales import log_axis
from clvmodels.plots.several import named, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

    from clvmodels.parameters import Param
    from clvmodels.plots.several import Fits
    from clvmodels.units import Unit


@dataclass(frozen=True, eq=False)
class Parameters:
    """The parameters of some fits.

    Attributes
    ----------
    tables
        a row a parameter, by the name of the fit: mean, low and high
    params
        what each parameter is
    prob
        the probability of the intervals
    unit
        of time
    """

    tables: Mapping[str, pd.DataFrame] = field(repr=False)
    params: Mapping[str, Param] = field(repr=False)
    prob: float
    unit: Unit

    def frame(self) -> pd.DataFrame:
        """Tabulate it, a row a model and parameter: model, parameter, mean, low, high and unit ("" of a pure number)."""
        tables = [
            table[["mean", "low", "high"]].rename_axis("parameter").reset_index().assign(model=name)
            for name, table in self.tables.items()
        ]
        told = pd.concat(tables, ignore_index=True)
        units = [unit_in(self.params[name], self.unit) for name in told["parameter"]]
        return told.assign(unit=units).reindex(columns=["model", "parameter", "mean", "low", "high", "unit"])

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a row for each parameter, with the mean and the interval of each fit; on a scale of equal factors."""
        ax = axes(ax, f"Parameters, with intervals of {self.prob:.0%}", "Value, each in its own unit", "")
        told, rows = self.frame(), list(self.params)
        for (name, style), shift in zip(styles(self.tables), side_by_side(len(self.tables), 0.6), strict=True):
            mine = told.loc[told["model"] == name]
            place = np.array([rows.index(parameter) for parameter in mine["parameter"]]) + shift
            ax.hlines(place, mine["low"], mine["high"], color=style.colour, linewidth=2.0)
            ax.plot(mine["mean"], place, style.marker, color=style.colour, markersize=6.0, label=name)
        ax.set_yticks(np.arange(len(rows)), [labelled(name, param, self.unit) for name, param in self.params.items()])
        ax.set_ylim(len(rows) - 0.5, -0.5)
        log_axis(ax, "x", told[["mean", "low", "high"]].to_numpy())
        ax.grid(visible=True, axis="x", color="#e6e9ec", linewidth=0.8)
        return legend(ax)


def unit_in(param: Param, unit: Unit) -> str:
    """Name the unit of a parameter; "" of a pure number."""
    return {"time": f"{unit}s", "rate": f"per {unit}", "money": "currency"}.get(param.dimension, "")


def labelled(name: str, param: Param, unit: Unit) -> str:
    """Name a parameter with its unit."""
    of = unit_in(param, unit)
    return f"{name} ({of})" if of else name


def parameters(fits: Fits, prob: float = 0.9) -> Parameters:
    """Put the parameters of one fit or several side by side, with intervals.

    Parameters that share a name share a row, whatever the models: what a name means is the model's to say
    (``fit.model.params()``).

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> found = clv.plots.parameters([clv.fit(model, customers, seed=1) for model in (clv.BGNBD(), clv.NBD())])
    >>> found.frame()[["model", "parameter", "mean", "unit"]].round(1)
        model parameter  mean   unit
    0  BG/NBD         r   0.2
    1  BG/NBD     alpha   4.5  weeks
    2  BG/NBD         a   0.8
    3  BG/NBD         b   2.6
    4     NBD         r   0.4
    5     NBD     alpha  12.1  weeks
    """
    several = named(fits)
    tables = {name: fit.parameters(prob) for name, fit in several.items()}
    params = {name: param for fit in several.values() for name, param in fit.model.params().items()}
    return Parameters(tables, params, prob, unit_of(several))
