"""Checks: whether customers drawn from a fit look like those that were seen, and whether priors allow these."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import pandas as pd

from clvmodels.contract import HasFuture, HasSpend
from clvmodels.evaluate.pictures import axes, bars
from clvmodels.evaluate.replicates import (
    BARS,
    BOUGHT,
    MOVED,
    PURCHASES,
    SILENT,
    SPEND,
    SPENT,
    STAYED,
    TOGETHER,
    Finding,
    asked,
    compared,
    is_prior,
    purchases_of,
    spend_of,
)
from clvmodels.questions.asking import seeded
from clvmodels.questions.purchases import FUTURE
from clvmodels.questions.spending import WHAT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from clvmodels.buyers import Buyers
    from clvmodels.contract import Told
    from clvmodels.customers import Customers
    from clvmodels.fitted import Fit
    from clvmodels.kernels.lift import Array


class Theme(NamedTuple):
    """Statistics of one subject, what it means that some are off, and what to try."""

    statistics: tuple[str, ...]
    fault: str
    advice: str


THEMES = (
    Theme(
        (MOVED,),
        "{} errs in how often customers buy",
        "Totals may be right, but who is said to buy often is in doubt. Try another model, or fit unlike groups (channels, "
        "countries, wholesale) apart.",
    ),
    Theme(
        (BOUGHT,),
        "{} errs in how much customers have bought",
        "Forecasts of totals inherit that. Look for a season or a campaign in the log, and for customers who buy for many.",
    ),
    Theme(
        (STAYED, SILENT),
        "{} errs in how long repeat buyers have been silent",
        "Who is said to be lost is in doubt. Try a model in which customers leave in another way, or buy more regularly "
        "(clv.regularity(log) tells whether they do).",
    ),
    Theme(
        SPENT,
        "{} errs in what customers spend on a purchase",
        "Look for outliers, gifts and wholesale in the log, or value unlike groups of customers apart.",
    ),
    Theme(
        (TOGETHER,),
        "{} takes what customers spend on a purchase to be independent of how often they buy, and it isn't",
        "clv.independence(spend) tells what that does to the value of newcomers.",
    ),
)


@dataclass(frozen=True, eq=False)
class Check:
    """What a fit expects of customers like those seen, beside what was seen.

    Attributes
    ----------
    findings
        by the name of the model and by statistic
    prob
        the probability of the intervals
    priors
        the models whose parameters are drawn from their priors alone, so that the question is what these allow
    """

    findings: Mapping[str, Mapping[str, Finding]] = field(repr=False)
    prob: float
    priors: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """Tabulate it, a row a statistic.

        Columns: model, statistic, observed; low, median and high of what the fit expects; p, the share of replicates at
        least as far out; verdict: "as expected" ("allowed" by priors), "lower" or "higher", or "a little" so, by too little
        to matter.
        """
        rows = [(model, name, found) for model, some in self.findings.items() for name, found in some.items()]
        return pd.DataFrame([{"model": model, "statistic": name, **asdict(found)} for model, name, found in rows])

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is off and what to try, in sentences."""
        forbidden = (_forbidden(model, self.findings[model]) for model in self.priors)
        learned = ((model, some) for model, some in self.findings.items() if model not in self.priors)
        faults = (_fault(theme, model, some) for model, some in learned for theme in THEMES)
        return tuple(sentence for sentence in (*forbidden, *faults) if sentence)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the histogram of repeat purchases, seen and expected; for a spend fit alone, what customers spend."""
        model, some = next(iter(self.findings.items()))
        if BARS[0] in some:
            ax = axes(ax, f"{model}: customers by their repeat purchases", "Repeat purchases", "Customers")
            ax.yaxis.set_major_formatter(lambda share, _: f"{share:.0%}")
            labels = (*map(str, range(len(BARS) - 1)), f"{len(BARS) - 1}+")
            return bars(ax, [some[name] for name in BARS], labels, self.prob)
        ax = axes(ax, f"{model}: customers by their mean spend", "", "Spend on a purchase")
        return bars(ax, [some[name] for name in SPENT], ("mean", "median", "90% quantile"), self.prob)


def _fault(theme: Theme, model: str, found: Mapping[str, Finding]) -> str:
    """Say what is off in one subject, if anything is; of the histogram, the bar that is farthest off."""
    off = [name for name in theme.statistics if name in found and found[name].matters]
    if MOVED in off:
        off.append(max(BARS, key=lambda bar: abs(found[bar].observed - found[bar].median)))
    return f"{theme.fault.format(model)}: {_facts(off, found)}. {theme.advice}" if off else ""


def _forbidden(model: str, found: Mapping[str, Finding]) -> str:
    """Say what the priors of a model don't allow, if anything."""
    off = [name for name in found if found[name].matters]
    advice = "Widen them, move them, or look at their unit: it is that of the customers unless a prior names its own."
    return f"The priors of {model} don't allow what was seen: {_facts(off, found)}. {advice}" if off else ""


def _facts(names: Sequence[str], found: Mapping[str, Finding]) -> str:
    return "; ".join(found[name].fact(name) for name in names)


def check(  # noqa: PLR0913
    fit: Fit,
    spend: Fit | None = None,
    *,
    customers: Customers | None = None,
    replicates: int = 200,
    seed: int | None = None,
    prob: float = 0.98,
) -> Check:
    """Draw bases of customers from a fit, watched for as long as the real ones, and hold them beside what was seen.

    Parameters
    ----------
    fit
        of purchases; or of spend, alone
    spend
        of spend, beside a fit of purchases
    customers
        those seen; by default those that the model was fitted to; 20,000 of them at random where there are more
    replicates
        how many bases to draw, each from a draw of the fit
    seed
        of the bases
    prob
        the probability of the intervals

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> found = clv.check(clv.fit(clv.BGNBD(), customers, seed=1), replicates=100, seed=1)
    >>> found.frame().loc[[0, 1], ["statistic", "observed", "verdict"]].round(3)
                           statistic  observed      verdict
    0  share with 0 repeat purchases     0.599  as expected
    1  share with 1 repeat purchases     0.186  as expected
    >>> found.warnings
    ()
    """
    asked(replicates, prob)
    rng = np.random.default_rng(seeded(seed))
    told = fit.customers if customers is None else customers
    shown: list[tuple[Fit, tuple[str, ...], tuple[Array, Array]]] = []
    if spend is not None or not isinstance(fit.model, HasSpend):
        fit.able(HasFuture, f"{FUTURE}: check() takes a purchase fit, a spend fit, or both")
        shown.append((fit, PURCHASES, purchases_of(fit, cast("Customers", _seen(fit, told)), replicates, rng)))
    spender = spend if shown else fit
    if spender is not None:
        spender.able(HasSpend, f"{WHAT}: check() takes a purchase fit, then a spend fit")
        shown.append((spender, SPEND, spend_of(spender, cast("Buyers", _seen(spender, told)), replicates, rng)))
    findings = {each.model.name: _findings(each, names, *both, prob) for each, names, both in shown}
    return Check(findings, prob, tuple(each.model.name for each, _, _ in shown if is_prior(each)))


def _seen(fit: Fit, told: Told | None) -> Told:
    """Return those asked about as a fit sees them; refuse those who don't tell what it needs."""
    fit.known(told)
    return fit.asked(told).seen


def _findings(fit: Fit, names: tuple[str, ...], observed: Array, drawn: Array, prob: float) -> dict[str, Finding]:
    """Hold each statistic that was seen beside those drawn."""
    inside = "allowed" if is_prior(fit) else "as expected"
    return dict(zip(names, compared(names, observed, drawn, prob, inside), strict=True))
