"""Compare: which forecaster to trust, by how much, and whether a simple rule would have done as well.

Judged by proper scores of each customer: the log score of the number of purchases for those who have a law, the squared
error for rules, who have none. Differences are paired, customer by customer; a customer who is seen from several origins
counts once, with the sum of hers, so that standard errors don't take her for several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from clvmodels import notebook
from clvmodels.errors import QuestionError, counted, naming
from clvmodels.evaluate import metrics
from clvmodels.evaluate.backtest import Backtest
from clvmodels.evaluate.columns import HIGHER, METRICS, SCORES, TOLD, actual, numbers, score
from clvmodels.evaluate.information import TRUSTED, leave_one_out
from clvmodels.evaluate.judging import Judged
from clvmodels.evaluate.pictures import EXPECTED, OFF, axes
from clvmodels.evaluate.shock import Shock, shock_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from clvmodels.evaluate.backtest import Outcome
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array

LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Probabilities of the intervals that are looked at."""

NOISE = 2.0
"""Standard errors within which two can't be told apart."""

SMALL = 4.0
"""A difference in log-likelihood, of all customers together, that is noise whatever its standard error says, which is too
small where models are so near each other. Source: T. Sivula, M. Magnusson, A. Matamoros, A. Vehtari (2020), Uncertainty in
Bayesian leave-one-out cross-validation based model comparison, arXiv:2008.10296."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Forecasters side by side.

    Attributes
    ----------
    outcomes
        what happened, by origin; none where fits are compared without a holdout
    judged
        a forecaster and an origin each
    who
        the number of each customer at each origin, (n,)
    """

    outcomes: Mapping[str, Outcome] = field(repr=False)
    judged: tuple[Judged, ...] = field(repr=False)
    who: Mapping[str, NDArray[np.int64]] = field(repr=False)

    def __repr__(self) -> str:
        return self.verdict

    def _repr_html_(self) -> str:
        return notebook.of_comparison(self)

    @property
    def verdict(self) -> str:
        """Which to trust, by how much, and whether a rule does as well, in a few sentences."""
        from clvmodels.evaluate.verdicts import verdict  # noqa: PLC0415  (verdicts know comparisons)

        return verdict(self)

    def by_name(self) -> dict[str, list[Judged]]:
        """Return what each forecaster said at each origin where it didn't fail."""
        found: dict[str, list[Judged]] = {one.name: [] for one in self.judged}
        for one in self.judged:
            if not one.failed:
                found[one.name].append(one)
        return found

    def frame(self, *, by_origin: bool = False) -> pd.DataFrame:
        """Tabulate all metrics, a row a forecaster (means over origins), or a row a forecaster and origin.

        Columns, of purchases and (``value_``) of money: mae (shown, never to be decided by), rmse, bias (of the total, as a
        share of it), spearman, gini (normalised), top10 and top20 (the part of the true top customers that is found), crps;
        log_score of the number of purchases, brier of any purchase, auc_alive (P(alive) against "bought again"); elpd (by
        leaving customers out) with its standard error, aic, bic, seconds; failed, where one has. nan where a forecaster
        doesn't say.
        """
        rows = [(one.name, one.cutoff, one.failed, numbers(one, self.outcomes.get(one.cutoff))) for one in self.judged]
        if not by_origin:
            rows = [(name, "", *_averaged([row for row in rows if row[0] == name])) for name in self.by_name()]
        columns: dict[str, Any] = {name: [row[3][name] for row in rows] for name in (*METRICS, *TOLD)}
        kept = {name: values for name, values in columns.items() if not np.isnan(values).all()}
        cutoffs = {"cutoff": [row[1] for row in rows]} if by_origin else {}
        failed = {"failed": [row[2] for row in rows]} if any(row[2] for row in rows) else {}
        return pd.DataFrame({**cutoffs, **kept, **failed}, index=pd.Index([row[0] for row in rows], name="model"))

    def differences(self, by: str = "log_score") -> pd.DataFrame:
        """Tabulate the mean paired difference in a score to the best, with its standard error; the best first.

        Columns: score (mean), difference (below 0: worse), se, noise (whether it is within two standard errors of 0, or, of
        logs, below 4 in all).
        Scores: log_score, squared_error, value_squared_error, purchases_crps, value_crps, elpd.
        """
        table = self._by_customer(by)
        rows = sum(map(len, self.who.values()))
        if not table:
            return pd.DataFrame(columns=["score", "difference", "se", "noise"])
        ordered = sorted(table, key=lambda name: -table[name].sum())
        best = table[ordered[0]]
        apart = [table[name] - best for name in ordered]
        difference = np.array([each.sum() for each in apart]) / rows
        se = np.array([np.sqrt(len(each)) * each.std(ddof=1) for each in apart]) / rows
        mean = (1.0 if by in HIGHER else -1.0) * np.array([table[name].sum() for name in ordered]) / rows
        noise = np.abs(difference) <= np.maximum(NOISE * se, SMALL / rows if by in HIGHER else 0.0)
        columns = {"score": mean, "difference": difference, "se": se, "noise": noise}
        return pd.DataFrame(columns, index=pd.Index(ordered, name="model"))

    def scores(self, by: str = "log_score") -> dict[str, Array]:
        """Return a score of each customer at each origin, more being better, of those who have it at all origins."""
        if by not in SCORES:
            message = f"{by!r} is no score of single customers. Say one of {', '.join(SCORES)}."
            raise QuestionError(message)
        found: dict[str, Array] = {}
        for name, ones in self.by_name().items():
            told = [values for one in ones if (values := score(one, self.outcomes.get(one.cutoff), by)) is not None]
            if len(told) == len(self.who):
                found[name] = np.concatenate(told)
        return found

    def _by_customer(self, by: str) -> dict[str, Array]:
        """The sum of a score over origins of each customer."""
        customers, place = np.unique(np.concatenate(list(self.who.values())), return_inverse=True)
        return {name: np.bincount(place, told, len(customers)).astype(float) for name, told in self.scores(by).items()}

    def calibration(self) -> pd.DataFrame:
        """Tabulate how many intervals hold what happened: a row a forecaster, what, of whom and level.

        Columns: model, what, who, level; covered (with the chance of the numbers that lie on an end taken in part, which is
        level exactly where the laws are right), held (by the interval as it is printed, ends included; more than level
        where numbers are small).
        """
        rows: list[dict[str, Any]] = []
        for what in ("purchases", "value"):
            for name, (below, upto, repeat) in self._laws(what).items():
                for who, those in (("all", np.full(len(repeat), fill_value=True)), ("repeat buyers", repeat)):
                    for level in LEVELS:
                        covered = metrics.covered(below[those], upto[those], level).mean()
                        held = metrics.held(below[those], upto[those], level).mean()
                        rows.append(
                            {"model": name, "what": what, "who": who, "level": level, "covered": covered, "held": held}
                        )
        return pd.DataFrame(rows)

    def pit(self, what: str = "purchases", bins: int = 10) -> pd.DataFrame:
        """Tabulate where what happened lies in what was forecast, a column a forecaster: flat where the laws are right."""
        found = {name: metrics.pit(below, upto, bins) for name, (below, upto, _) in self._laws(what).items()}
        return pd.DataFrame(found, index=pd.IntervalIndex.from_breaks(np.linspace(0.0, 1.0, bins + 1).round(12)))

    def _laws(self, what: str) -> dict[str, tuple[Array, Array, NDArray[np.bool_]]]:
        """Where what happened lies in the laws of each, P(less) to P(no more), and who had bought again: all origins."""
        found: dict[str, tuple[Array, Array, NDArray[np.bool_]]] = {}
        for name, ones in self.by_name().items():
            some = [one for one in ones if f"{what}_below" in one.columns]
            if some:
                below, upto = (np.concatenate([one.columns[f"{what}_{end}"] for one in some]) for end in ("below", "upto"))
                found[name] = below, upto, np.concatenate([self.outcomes[one.cutoff].repeat for one in some])
        return found

    def reliability(self, what: str = "purchases", groups: int = 10) -> pd.DataFrame:
        """Tabulate what happened to customers by how much was forecast of them, in groups of equal size, the least first.

        Columns: model, group, customers, forecast and actual (means), se (of actual).
        """
        rows: list[dict[str, Any]] = []
        for name, ones in self.by_name().items():
            some = [one for one in ones if what in one.columns]
            if not some:
                continue
            said = np.concatenate([one.columns[what] for one in some])
            then = np.concatenate([actual(self.outcomes[one.cutoff], what) for one in some])
            for group, those in enumerate(np.array_split(np.argsort(said, kind="stable"), groups), start=1):
                means = {"forecast": said[those].mean(), "actual": then[those].mean()}
                se = then[those].std(ddof=1) / np.sqrt(len(those))
                rows.append({"model": name, "group": group, "customers": len(those), **means, "se": se})
        return pd.DataFrame(rows)

    def totals(self, what: str = "purchases", prob: float = 0.9, *, shocked: bool = False) -> pd.DataFrame:
        """Tabulate the total of all customers, a row a forecaster and origin.

        Columns: model, cutoff, forecast, low, high, actual, held (1 or 0; nan where it has no law). With ``shocked``,
        intervals are widened by the common shock that the *other* origins have shown.
        """
        rows: list[dict[str, Any]] = []
        for name, ones in self.by_name().items():
            for one in (each for each in ones if what in each.columns):
                happened = float(actual(self.outcomes[one.cutoff], what).sum())
                draws = one.totals.get(what)
                if shocked and draws is not None:
                    draws = self._shock([each for each in ones if each is not one], what).widened(draws, seed=0)
                low, high, held = _ends(draws, prob, happened)
                said = {"forecast": float(one.columns[what].sum()), "low": low, "high": high}
                rows.append({"model": name, "cutoff": one.cutoff, **said, "actual": happened, "held": held})
        return pd.DataFrame(rows)

    def shock(self, name: str, what: str = "purchases") -> Shock:
        """Estimate the shock that all customers had in common, beyond what a forecaster knew of the total.

        >>> import clvmodels as clv
        >>> log = clv.datasets.cdnow(sample=True)
        >>> done = clv.backtest(log, [clv.BGNBD()], 3, 13, method=clv.MLE(), seed=1)
        >>> clv.compare(done).shock("BG/NBD")
        Shock(sd=0.16, origins=3)
        """
        ones = [one for one in self.by_name().get(name, []) if what in one.totals]
        if not ones:
            message = f"{name!r} has no law of the total here. Those who are compared are {naming(self.by_name())}."
            raise QuestionError(message)
        return self._shock(ones, what)

    def _shock(self, ones: Sequence[Judged], what: str) -> Shock:
        return shock_of([(one.totals[what], float(actual(self.outcomes[one.cutoff], what).sum())) for one in ones])

    def plot(self, ax: Axes | None = None, by: str = "log_score") -> Axes:
        """Draw how far each is behind the best in a score, with two standard errors each way."""
        told = self.differences(by).iloc[::-1]
        ax = axes(ax, f"Behind the best, {by.replace('_', ' ')} a customer", "Difference to the best (left: worse)", "")
        middle, half = told["difference"].to_numpy(), NOISE * told["se"].to_numpy()
        colours = [EXPECTED if noise else OFF for noise in told["noise"]]
        ax.hlines(np.arange(len(told)), middle - half, middle + half, colors=colours)
        ax.scatter(middle, np.arange(len(told)), color=colours, zorder=3)
        ax.axvline(0.0, color="#2b2f33", linewidth=0.8)
        ax.set_yticks(np.arange(len(told)), list(told.index))
        ax.grid(visible=False, axis="y")
        return ax


def _averaged(rows: Sequence[tuple[str, str, str, dict[str, float]]]) -> tuple[str, dict[str, float]]:
    """What failed, and the means of the numbers of several origins."""
    failed = "; ".join(dict.fromkeys(row[2] for row in rows if row[2]))
    return failed, {
        name: float(np.mean([row[3][name] for row in rows if not row[2]] or [np.nan])) for name in (*METRICS, *TOLD)
    }


def _ends(draws: Array | None, prob: float, happened: float) -> tuple[float, float, float]:
    """The interval of a total, and whether it holds what happened; nan where there are no draws."""
    if draws is None:
        return np.nan, np.nan, np.nan
    low, high = map(float, np.quantile(draws, [0.5 * (1.0 - prob), 0.5 * (1.0 + prob)]))
    return low, high, float(low <= happened <= high)


def compare(found: Backtest | Sequence[Fit] | Mapping[str, Fit]) -> Comparison:
    """Hold forecasters beside each other: a backtest; or, without a holdout, fits to the same customers.

    Fits are compared by what they would have said of each customer had she been left out (elpd): posteriors, or points.

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fits = [clv.fit(model, customers, seed=1) for model in (clv.BGNBD(), clv.NBD())]
    >>> clv.compare(fits).differences("elpd")["difference"].round(2).tolist()
    [0.0, -0.08]
    """
    if isinstance(found, Backtest):
        return Comparison(found.outcomes, found.judged, {cut: then.who for cut, then in found.outcomes.items()})
    fits = dict(found) if isinstance(found, Mapping) else {fit.model.title: fit for fit in found}
    judged = tuple(_left_out(name, fit) for name, fit in fits.items())
    kinds = {(len(one.columns["elpd"]), fit.is_point) for one, fit in zip(judged, fits.values(), strict=True)}
    if len(fits) < len(found) or len(kinds) != 1:
        message = (
            "Fits to compare have different names, as in {'mine': fit, 'theirs': other}, have seen the same customers, and "
            "are all posteriors or all points."
        )
        raise QuestionError(message)
    return Comparison({}, judged, {"": np.arange(len(judged[0].columns["elpd"]), dtype=np.int64)})


def _left_out(name: str, fit: Fit) -> Judged:
    """What a fit says of each of its customers when she is left out."""
    left = leave_one_out(fit)
    doubtful = int((left.k > TRUSTED).sum())
    doubt = f"{counted(doubtful, 'customer')} can't be left out of {name} by weights (Pareto k above {TRUSTED})."
    told = {"elpd": left.total, "elpd_se": left.error, "seconds": fit.record.seconds}
    return Judged(name, "", {"elpd": left.elpd}, {}, told, (doubt,) if doubtful else ())
