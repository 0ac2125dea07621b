"""Customer lifetime value without contracts: who is still with us, what they will buy, what they are worth, how sure we are.

>>> import clvmodels as clv
>>> customers = clv.rfm_summary(clv.datasets.cdnow(sample=True), observation_end="1997-09-30")
>>> fit = clv.fit(clv.BGNBD(), customers, seed=1)
>>> fit.expected_purchases(horizon=39)
Estimate(expected_purchases, expectation, 2,357 x 2,000 draws)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clvmodels import formulas, plots, priors, pymc, testing
    from clvmodels.acquisition import Newcomers, Payback, newcomer_value, newcomers, referral_value
    from clvmodels.amounts import By
    from clvmodels.assets import Equity, Growth, equity
    from clvmodels.buyers import Buyers
    from clvmodels.checks import Check, check
    from clvmodels.choosing import Choice, best
    from clvmodels.cohorts import Cohorts
    from clvmodels.contracting import Contract
    from clvmodels.contractual import ContractValuation, contract_value
    from clvmodels.customers import Customers
    from clvmodels.cuts import Cuts
    from clvmodels.data import datasets
    from clvmodels.data.firsts import attributes
    from clvmodels.data.regularity import Regularity, regularity
    from clvmodels.data.split import Holdout, split
    from clvmodels.data.summary import lazy_summary, rfm_summary
    from clvmodels.decisions import at_risk, losses
    from clvmodels.dependence import Independence, independence
    from clvmodels.economics import Cost, Economics, Rate, monthly, yearly
    from clvmodels.errors import ClvError
    from clvmodels.estimate import Estimate
    from clvmodels.evaluate import baselines
    from clvmodels.evaluate.backtest import Backtest, backtest
    from clvmodels.evaluate.compare import Comparison, compare
    from clvmodels.evaluate.modelled import Stacking
    from clvmodels.evaluate.shock import Shock
    from clvmodels.fitted import Fit
    from clvmodels.fitting import fit
    from clvmodels.following import Indicators, indicators
    from clvmodels.hindsight import Hindsight
    from clvmodels.inference import MAP, MLE, NUTS, Bootstrap, Laplace, PriorOnly
    from clvmodels.kinds import Kinds
    from clvmodels.lazy import LazyCustomers
    from clvmodels.levers import Elasticities, elasticities
    from clvmodels.mixing import MixedRevenue, mixed_revenue
    from clvmodels.models import BDW, BGBB, BGCNBD, BGNBD, GGNBD, MBGCNBD, MBGNBD, NBD, SBG, GammaGamma, ParetoNBD
    from clvmodels.outlook import Outlook, forecast
    from clvmodels.pareto import Concentration, concentration
    from clvmodels.portfolios import Portfolio, portfolio
    from clvmodels.reporting.making import report
    from clvmodels.scenarios import Potential, Scenario, potential
    from clvmodels.scoring import Scorer, scorer
    from clvmodels.segments import Segments, rfm_segments
    from clvmodels.stacking import Stack
    from clvmodels.storage import load
    from clvmodels.subscribers import Subscribers
    from clvmodels.tracks import Tracking, tracking
    from clvmodels.valuation import Valuation, value
    from clvmodels.volumes import Tiers, tiers

__version__ = "0.1.0"

_HOMES = {
    "attributes": "data.firsts",
    "equity": "assets",
    "Growth": "assets",
    "Equity": "assets",
    "losses": "decisions",
    "at_risk": "decisions",
    "referral_value": "acquisition",
    "newcomers": "acquisition",
    "newcomer_value": "acquisition",
    "Payback": "acquisition",
    "Newcomers": "acquisition",
    "Backtest": "evaluate.backtest",
    "Choice": "choosing",
    "best": "choosing",
    "Comparison": "evaluate.compare",
    "Shock": "evaluate.shock",
    "Stack": "stacking",
    "Stacking": "evaluate.modelled",
    "backtest": "evaluate.backtest",
    "compare": "evaluate.compare",
    "baselines": "evaluate.baselines",
    "plots": "plots",
    "priors": "priors",
    "pymc": "pymc",
    "testing": "testing",
    "Check": "checks",
    "Tracking": "tracks",
    "check": "checks",
    "tracking": "tracks",
    "Independence": "dependence",
    "Regularity": "data.regularity",
    "independence": "dependence",
    "regularity": "data.regularity",
    "Cohorts": "cohorts",
    "Contract": "contracting",
    "ContractValuation": "contractual",
    "contract_value": "contractual",
    "MixedRevenue": "mixing",
    "mixed_revenue": "mixing",
    "Subscribers": "subscribers",
    "GGNBD": "models",
    "BGBB": "models",
    "SBG": "models",
    "NBD": "models",
    "MBGNBD": "models",
    "MBGCNBD": "models",
    "BGCNBD": "models",
    "BDW": "models",
    "BGNBD": "models",
    "Buyers": "buyers",
    "ClvError": "errors",
    "By": "amounts",
    "Concentration": "pareto",
    "Cuts": "cuts",
    "Portfolio": "portfolios",
    "Segments": "segments",
    "Tiers": "volumes",
    "concentration": "pareto",
    "portfolio": "portfolios",
    "rfm_segments": "segments",
    "tiers": "volumes",
    "Cost": "economics",
    "Customers": "customers",
    "Economics": "economics",
    "Elasticities": "levers",
    "Potential": "scenarios",
    "Scenario": "scenarios",
    "Scorer": "scoring",
    "scorer": "scoring",
    "elasticities": "levers",
    "potential": "scenarios",
    "Estimate": "estimate",
    "Fit": "fitted",
    "GammaGamma": "models",
    "Holdout": "data.split",
    "formulas": "formulas",
    "report": "reporting.making",
    "Indicators": "following",
    "indicators": "following",
    "Hindsight": "hindsight",
    "Outlook": "outlook",
    "forecast": "outlook",
    "Laplace": "inference",
    "MAP": "inference",
    "MLE": "inference",
    "NUTS": "inference",
    "Bootstrap": "inference",
    "PriorOnly": "inference",
    "ParetoNBD": "models",
    "Rate": "economics",
    "Valuation": "valuation",
    "datasets": "data",
    "fit": "fitting",
    "load": "storage",
    "monthly": "economics",
    "Kinds": "kinds",
    "LazyCustomers": "lazy",
    "lazy_summary": "data.summary",
    "rfm_summary": "data.summary",
    "split": "data.split",
    "value": "valuation",
    "yearly": "economics",
}
"""Where each public name lives: loaded when it is first asked for, so that the import itself costs nothing."""

__all__ = [
    "BDW",
    "BGBB",
    "BGCNBD",
    "BGNBD",
    "GGNBD",
    "MAP",
    "MBGCNBD",
    "MBGNBD",
    "MLE",
    "NBD",
    "NUTS",
    "SBG",
    "Backtest",
    "Bootstrap",
    "Buyers",
    "By",
    "Check",
    "Choice",
    "ClvError",
    "Cohorts",
    "Comparison",
    "Concentration",
    "Contract",
    "ContractValuation",
    "Cost",
    "Customers",
    "Cuts",
    "Economics",
    "Elasticities",
    "Equity",
    "Estimate",
    "Fit",
    "GammaGamma",
    "Growth",
    "Hindsight",
    "Holdout",
    "Independence",
    "Indicators",
    "Kinds",
    "Laplace",
    "LazyCustomers",
    "MixedRevenue",
    "Newcomers",
    "Outlook",
    "ParetoNBD",
    "Payback",
    "Portfolio",
    "Potential",
    "PriorOnly",
    "Rate",
    "Regularity",
    "Scenario",
    "Scorer",
    "Segments",
    "Shock",
    "Stack",
    "Stacking",
    "Subscribers",
    "Tiers",
    "Tracking",
    "Valuation",
    "at_risk",
    "attributes",
    "backtest",
    "baselines",
    "best",
    "check",
    "compare",
    "concentration",
    "contract_value",
    "datasets",
    "elasticities",
    "equity",
    "fit",
    "forecast",
    "formulas",
    "independence",
    "indicators",
    "lazy_summary",
    "load",
    "losses",
    "mixed_revenue",
    "monthly",
    "newcomer_value",
    "newcomers",
    "plots",
    "portfolio",
    "potential",
    "priors",
    "pymc",
    "referral_value",
    "regularity",
    "report",
    "rfm_segments",
    "rfm_summary",
    "scorer",
    "split",
    "testing",
    "tiers",
    "tracking",
    "value",
    "yearly",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    home = import_module(f"clvmodels.{_HOMES[name]}")
    found = getattr(home, name, home)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
