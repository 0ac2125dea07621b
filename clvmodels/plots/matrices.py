"""Matrices: P(alive), or expected purchases, over recency and frequency, and where the customers are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels.customers import Customers
from clvmodels.errors import QuestionError
from clvmodels.evaluate.pictures import EXPECTED, LINE, axes, percent
from clvmodels.plots.several import everybody

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from clvmodels.estimate import Estimate
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array
    from clvmodels.units import Unit

COLUMNS, ROWS = 40, 30
"""Steps of recency, and of frequency, at most."""

OUTSIDE = 0.005
"""Of the repeat buyers, those who bought most often are left out of the picture."""

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Heights of the lines of P(alive)."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """What a fit says of repeat buyers by how often and how lately they bought, all watched for one time.

    Attributes
    ----------
    model
        its name
    frequency, recency
        the steps, (rows,) and (columns,), recency in ``unit``
    T
        how long all are taken to have been watched, in ``unit``
    horizon
        within which purchases are expected, in ``unit``; 0 where the question is P(alive)
    answer
        P(alive) or expected purchases, an estimate of rows times columns numbers, the lowest frequency first
    customers
        how many there are near each, whatever their own T (rows, columns)
    outside, once
        how many buy more often than the last row, and how many bought once: they are not in it
    unit
        of time
    """

    model: str
    frequency: Array = field(repr=False)
    recency: Array = field(repr=False)
    T: float
    horizon: float
    answer: Estimate = field(repr=False)
    customers: Array = field(repr=False)
    outside: int
    once: int
    unit: Unit

    def frame(self, prob: float = 0.9) -> pd.DataFrame:
        """Tabulate it, a row a frequency and recency: mean with its credible interval low to high, and customers."""
        ends, (x, t_x) = self.answer.interval(prob), np.meshgrid(self.frequency, self.recency, indexing="ij")
        told = {"mean": self.answer.mean, "low": ends[:, 0], "high": ends[:, 1], "customers": self.customers.ravel()}
        return pd.DataFrame({"frequency": x.ravel(), "recency": t_x.ravel(), **told})

    def plot(self, ax: Axes | None = None, prob: float = 0.9) -> Axes:
        """Draw the answer as shades with lines of equal height, and the customers as rings, as large as they are many.

        Dashed, where an interval is known: where the line in the middle might be instead.
        """
        what = f"purchases in the next {self.horizon:.4g} {self.unit}s" if self.horizon else "P(alive)"
        across = f"Recency in {self.unit}s\n{self._told()}"
        ax = axes(ax, f"{self.model}: {what}, after {self.T:.4g} {self.unit}s", across, "Repeat purchases")
        ax.grid(visible=False)
        told, shape = self.frame(prob), self.customers.shape
        mean, low, high = (told[name].to_numpy().reshape(shape) for name in ("mean", "low", "high"))
        form = _amount if self.horizon else percent
        top = None if self.horizon else 1.0
        mesh = ax.pcolormesh(self.recency, self.frequency, mean, cmap=_shades(), vmin=0.0, vmax=top, rasterized=True)
        ax.figure.colorbar(mesh, ax=ax, format=form, label="Purchases" if self.horizon else "P(alive)")
        self._rings(ax)
        self._lines(ax, mean, (low, high))
        ax.locator_params(axis="y", integer=True)
        return ax

    def _told(self) -> str:
        """Say what the rings are, and who is in none."""
        beyond = f" and {self.outside:,} beyond the top" if self.outside else ""
        largest = f"Rings: customers, {self.customers.max():,.0f} in the largest."
        return f"{largest}\nNot drawn: {self.once:,} who bought once{beyond}."

    def _lines(self, ax: Axes, mean: Array, ends: tuple[Array, Array]) -> None:
        """Draw lines of equal height, with their heights on them."""
        from matplotlib.patheffects import withStroke  # noqa: PLC0415  (a second to load)

        levels = self._levels(mean)
        if not levels:
            return
        form = _amount if self.horizon else percent
        lines = ax.contour(self.recency, self.frequency, mean, levels=levels, colors=LINE, linewidths=1.0)
        for text in ax.clabel(lines, fmt={level: form(level, None) for level in levels}, fontsize="small"):
            text.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
        middle = levels[len(levels) // 2]
        for end in ends:
            if end.min() < middle < end.max():
                ax.contour(self.recency, self.frequency, end, levels=[middle], colors=LINE, linewidths=0.9, linestyles="--")

    def _levels(self, mean: Array) -> list[float]:
        """Heights of lines that cross the picture."""
        if self.horizon:
            from matplotlib.ticker import MaxNLocator  # noqa: PLC0415  (a second to load)

            wanted = [float(level) for level in MaxNLocator(5).tick_values(0.0, float(mean.max()))]
        else:
            wanted = [*LEVELS]
        top = float(mean.max()) * (0.9 if self.horizon else 1.0)  # in the last corner there is no room for a number
        return [level for level in wanted if mean.min() < level < top]

    def _rings(self, ax: Axes) -> None:
        """Draw where the customers are."""
        rows, columns = np.nonzero(self.customers)
        number = self.customers[rows, columns]
        size = 150.0 * number / max(float(number.max(initial=1)), 1.0) + 2.0
        place = self.recency[columns], self.frequency[rows]
        ax.scatter(*place, s=size, facecolors="none", edgecolors="white", linewidths=1.8)
        ax.scatter(*place, s=size, facecolors="none", edgecolors="black", linewidths=0.7)


def matrix(fit: Fit, customers: Customers | None = None, *, horizon: float = 0.0, T: float | None = None) -> Matrix:
    """Ask a fit of repeat buyers of every frequency and recency: P(alive), or their purchases within a horizon.

    Parameters
    ----------
    fit
        of purchases
    customers
        those marked; by default those that the fit has learned from
    horizon
        within which purchases are asked for, in the unit of the customers; 0 asks for P(alive)
    T
        how long all are taken to have been watched, in the unit of the customers: by default as long as the longest

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> found = clv.plots.matrix(clv.fit(clv.BGNBD(), customers, seed=1))
    >>> found.frame().iloc[[0, 39]][["frequency", "recency", "mean"]].round(2)
        frequency  recency  mean
    0         1.0     0.97  0.19
    39        1.0    38.86  0.75
    """
    everyone = everybody({fit.model.title: fit}, customers)
    again = everyone.some(np.flatnonzero(everyone.frequency > 0))
    if len(again) == 0:
        message = "None of these customers has bought again, so there is nothing to draw by recency and frequency."
        raise QuestionError(message)
    watched = float(everyone.T.max()) if T is None else float(T)
    x = _steps(float(np.quantile(again.frequency, 1.0 - OUTSIDE, method="higher")), ROWS, whole=True)
    t_x = _steps(watched, COLUMNS, whole=fit.model.discrete)
    rows, columns = np.meshgrid(x, t_x, indexing="ij")
    asked = _asked(fit, rows.ravel(), columns.ravel(), watched)
    answer = fit.expected_purchases(horizon, asked) if horizon else fit.probability_alive(asked)
    inside = again.frequency <= x[-1] + 0.5 * (x[-1] - x[0]) / max(len(x) - 1, 1)
    counts = np.zeros((len(x), len(t_x)))
    np.add.at(counts, (_nearest(x, again.frequency[inside]), _nearest(t_x, again.recency[inside])), 1.0)
    outside, once = int((~inside).sum()), len(everyone) - len(again)
    return Matrix(fit.model.title, x, t_x, watched, float(horizon), answer, counts, outside, once, fit.unit)


def _steps(top: float, most: int, *, whole: bool) -> Array:
    """Steps up to the top, evenly spaced, the lowest above 0; whole numbers where they must be."""
    if not whole:
        return top * np.arange(1, most + 1) / most
    return np.arange(1.0, top + 1.0, np.ceil(top / most))


def _asked(fit: Fit, x: Array, t_x: Array, watched: float) -> Customers:
    """Make customers of all these histories; their timing, where a model wants it, is taken to be even."""
    with np.errstate(divide="ignore"):
        even = x * np.log(t_x / x)
    known: dict[str, Any] = {"litt": even} if "litt" in fit.model.state() else {}
    return Customers.from_arrays(x, t_x, np.full(len(x), watched), unit=fit.unit, **known)


def _nearest(steps: Array, values: Array) -> Any:  # noqa: ANN401  (an array of places)
    """Find the nearest step to each value."""
    middles = 0.5 * (steps[1:] + steps[:-1])
    return np.searchsorted(middles, values)


def _amount(number: float, _: object) -> str:
    """Write a number of purchases."""
    return f"{number:,.4g}"


def _shades() -> Any:  # noqa: ANN401  (matplotlib is loaded when a picture is drawn)
    """Colours from nothing to much, which grow darker evenly, and so in grey, too."""
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415  (a second to load)

    return LinearSegmentedColormap.from_list("much", ["#f4f6f8", "#8fb0cc", EXPECTED])
