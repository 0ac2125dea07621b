"""Independence: does what customers spend on a purchase depend on how often they buy, and what does that do to their value.

Customer lifetime value as purchases times spend takes for granted that a customer's rate of buying and her mean value of a
purchase are independent. Two numbers tell whether they are:

The rank correlation (Spearman's) of the number of purchases seen and their mean value, in the view of the fit. Independence
doesn't make it 0, for the mean value of few purchases is more skewed than that of many; what it does make of it is drawn
from the fit, with everybody's own number of purchases, and a little off where spend follows another law (0.07 for 0.10 with
log-normal purchases). Its interval is Fisher's with the standard error of Bonett & Wright, which covers at its rate also
where most customers have bought once.

The ratio of the mean value of a purchase over repeat purchases, sum(frequency m) / sum(frequency), to that over customers,
sum(m) / n. With rate lambda and mean value zeta of each customer it estimates E[lambda zeta] / (E[lambda] E[zeta]): the
value of a newcomer over what purchases times spend make of it. It is 1 under independence whatever the laws of both, for the
mean of m is zeta for any number of purchases; nothing of the model enters. In the view of repeat purchases zeta is that of
repeat buyers, as it is for the model then. Customers already known are off by less, for their own purchases are seen: on
CDNOW's 39 weeks the ratio is 1.18, and what the same customers bought in the next 39 was worth 1.06 times what Gamma-Gamma
on all purchases had led to expect. The interval takes the log of the ratio by its influence of each customer, i, and a t law
with as many degrees of freedom as there are customers with a say, (sum i^2)^2 / sum i^4, for a few may weigh as much as all
others. In 300 customers like CDNOW's it covers at 0.85 to 0.93 for 0.9, where a bootstrap does at 0.80 to 0.88.

Source: D. G. Bonett, T. A. Wright (2000), Sample size requirements for estimating Pearson, Kendall and Spearman
correlations, Psychometrika 65(1), 23-28; the question is that of P. S. Fader, B. G. S. Hardie, K. L. Lee (2005), RFM and
CLV, Journal of Marketing Research 42(4), 415-430, who correlate the same two numbers.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import atanh, exp, log, sqrt, tanh
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from clvmodels.contract import HasSpend
from clvmodels.errors import QuestionError, counted
from clvmodels.questions.asking import seeded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from clvmodels.buyers import Buyers
    from clvmodels.customers import Customers
    from clvmodels.fitted import Fit

FEWEST = 10
"""So many customers are needed to say anything."""

DRAWN, WORLDS = 300_000, 100
"""How many customers are drawn for the correlation under independence, and in how many worlds at most."""


@dataclass(frozen=True)
class Independence:
    """Whether spend depends on how often somebody buys.

    Attributes
    ----------
    correlation, low, high
        rank correlation of the number of purchases and their mean value, and its interval
    expected
        what the correlation would be under independence
    ratio, ratio_low, ratio_high
        value of a purchase averaged over repeat purchases to that averaged over customers, and its interval
    prob
        the probability of both intervals
    customers
        how many customers were looked at
    """

    correlation: float
    low: float
    high: float
    expected: float
    ratio: float
    ratio_low: float
    ratio_high: float
    prob: float
    customers: int

    @property
    def sentence(self) -> str:
        """What that says, in words."""
        return f"{self._habit()} {self._worth()}"

    def frame(self) -> pd.DataFrame:
        """Tabulate it, in one row."""
        return pd.DataFrame([asdict(self)])

    @property
    def _by_chance(self) -> bool:
        """Whether independence may lead to such a correlation."""
        return self.low <= self.expected <= self.high

    def _habit(self) -> str:
        """Say what frequent customers spend."""
        habit = f"Customers who buy more often spend {'more' if self.low > self.expected else 'less'} on a purchase"
        if self._by_chance:
            habit = "How often customers buy doesn't tell what they spend on a purchase"
        return (
            f"{habit}: rank correlation {self.correlation:.2f} ({self.prob:.0%} interval {self.low:.2f} to {self.high:.2f}, "
            f"{counted(self.customers, 'customer')}), where independence leads to {self.expected:.2f}."
        )

    def _worth(self) -> str:
        """Say what that does to their value."""
        found = (
            f"Averaged over repeat purchases, a purchase is worth {self.ratio:.2f} times what it is averaged over customers "
            f"({self.ratio_low:.2f} to {self.ratio_high:.2f}):"
        )
        if not self.ratio_low <= 1.0 <= self.ratio_high:
            wrong = f"{abs(1.0 / self.ratio - 1.0):.0%} too {'low' if self.ratio > 1.0 else 'high'}"
            return f"{found} purchases times spend values newcomers {wrong}, and customers whose purchases are seen by less."
        if self._by_chance:
            return f"{found} nothing speaks against valuing customers by purchases times spend."
        return f"{found} these customers are too few to tell what that does to the value of newcomers."


def independence(
    fit: Fit, customers: Customers | Buyers | None = None, prob: float = 0.9, seed: int | None = None
) -> Independence:
    """Look whether what customers spend on a purchase depends on how often they buy, as a fit of a spend model sees them.

    Parameters
    ----------
    fit
        of a spend model; its view, of repeat purchases or of all, is what is looked at
    customers
        those to look at, by default those it was fitted to
    prob
        the probability of the intervals
    seed
        of the worlds drawn under independence

    Examples
    --------
    >>> import clvmodels as clv
    >>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
    >>> fit = clv.fit(clv.GammaGamma(), customers.repeat_buyers(), clv.MLE())
    >>> found = independence(fit, seed=1)
    >>> round(found.correlation, 3), round(found.ratio, 3)
    (0.206, 1.106)
    """
    fit.able(HasSpend, "what customers spend")
    if not 0.0 < prob < 1.0:
        message = f"prob={prob} is no probability of an interval. Say a number between 0 and 1, such as 0.9."
        raise QuestionError(message)
    buyers = cast("Buyers", fit.seen(customers))
    bought = np.flatnonzero(buyers.x)
    frequency, x, m = buyers.customers.frequency[bought], buyers.x[bought], buyers.m[bought]
    _check(x, m)
    correlation = rank_correlation(x, m)
    low, high = _fisher(correlation, len(x), prob)
    expected = _expected(fit, x, np.random.default_rng(seeded(seed)))
    return Independence(correlation, low, high, expected, *_ratio(frequency, m, prob), prob, len(x))


def _check(x: NDArray[np.float64], m: NDArray[np.float64]) -> None:
    """Check that there is something to compare."""
    if len(x) < FEWEST:
        message = (
            f"Only {counted(len(x), 'customer')} with a purchase of known value: too few to tell. Take {FEWEST} or more."
        )
        raise QuestionError(message)
    for values, what in ((x, "bought the same number of times"), (m, "spent the same on a purchase")):
        if np.ptp(values) == 0.0:
            message = f"All of these customers have {what}, so there is nothing to compare. Take others, or more of them."
            raise QuestionError(message)


def rank_correlation(x: NDArray[np.float64], m: NDArray[np.float64]) -> float:
    """Spearman's rank correlation; equal numbers share a rank."""
    return float(np.corrcoef(pd.Series(x).rank(), pd.Series(m).rank())[0, 1])


def _fisher(correlation: float, n: int, prob: float) -> tuple[float, float]:
    """Return the interval of a rank correlation of n customers."""
    half = float(ndtri(0.5 + 0.5 * prob)) * sqrt((1.0 + 0.5 * correlation**2) / (n - 3))
    middle = atanh(min(max(correlation, -1.0 + 1e-15), 1.0 - 1e-15))
    return tanh(middle - half), tanh(middle + half)


def _expected(fit: Fit, x: NDArray[np.float64], rng: np.random.Generator) -> float:
    """Return the mean rank correlation of worlds in which the same numbers of purchases have the spend of strangers."""
    worlds = min(max(DRAWN // len(x), 1), WORLDS)
    return float(np.mean([rank_correlation(x, fit.draw_spend(x, rng)[1]) for _ in range(worlds)]))


def _ratio(frequency: NDArray[np.float64], m: NDArray[np.float64], prob: float) -> tuple[float, float, float]:
    """Return the ratio of the mean value over repeat purchases to that over customers, and its interval."""
    value = frequency * m
    ratio = float(np.mean(value) / (np.mean(frequency) * np.mean(m)))
    influence = value / np.mean(value) - frequency / np.mean(frequency) - m / np.mean(m) + 1.0
    say = float(np.sum(influence**2) ** 2 / np.sum(influence**4))
    half = float(stdtrit(max(say, 1.0), 0.5 + 0.5 * prob)) * float(np.std(influence, ddof=1)) / sqrt(len(m))
    return ratio, exp(log(ratio) - half), exp(log(ratio) + half)
