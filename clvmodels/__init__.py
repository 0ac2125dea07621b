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
    from clvmodels.buyers import Buyers
    from clvmodels.choosing import Choice, best
    from clvmodels.contracts.cohorts import Cohorts
    from clvmodels.contracts.contracting import Contract
    from clvmodels.contracts.contractual import ContractValuation, contract_value
    from clvmodels.contracts.mixing import MixedRevenue, mixed_revenue
    from clvmodels.contracts.subscribers import Subscribers
    from clvmodels.customers import Customers
    from clvmodels.data import datasets
    from clvmodels.data.firsts import attributes
    from clvmodels.data.regularity import Regularity, regularity
    from clvmodels.data.split import Holdout, split
    from clvmodels.data.summary import lazy_summary, rfm_summary
    from clvmodels.economics.acquisition import Newcomers, Payback, newcomer_value, newcomers, referral_value
    from clvmodels.economics.amounts import By
    from clvmodels.economics.assets import Equity, Growth, equity
    from clvmodels.economics.assumptions import Cost, Economics, Rate, monthly, yearly
    from clvmodels.economics.decisions import at_risk, losses
    from clvmodels.economics.levers import Elasticities, elasticities
    from clvmodels.economics.scenarios import Potential, Scenario, potential
    from clvmodels.economics.valuation import Valuation, value
    from clvmodels.engines.kinds import Kinds
    from clvmodels.engines.lazy import LazyCustomers
    from clvmodels.errors import ClvError
    from clvmodels.estimate import Estimate
    from clvmodels.evaluate import baselines
    from clvmodels.evaluate.backtest import Backtest, backtest
    from clvmodels.evaluate.checks import Check, check
    from clvmodels.evaluate.compare import Comparison, compare
    from clvmodels.evaluate.dependence import Independence, independence
    from clvmodels.evaluate.modelled import Stacking
    from clvmodels.evaluate.shock import Shock
    from clvmodels.evaluate.tracks import Tracking, tracking
    from clvmodels.fitted import Fit
    from clvmodels.fitting import fit
    from clvmodels.following.hindsight import Hindsight
    from clvmodels.following.indicators import Indicators, indicators
    from clvmodels.following.outlook import Outlook, forecast
    from clvmodels.grouping.cuts import Cuts
    from clvmodels.grouping.pareto import Concentration, concentration
    from clvmodels.grouping.portfolios import Portfolio, portfolio
    from clvmodels.grouping.segments import Segments, rfm_segments
    from clvmodels.grouping.volumes import Tiers, tiers
    from clvmodels.inference import MAP, MLE, NUTS, Bootstrap, Laplace, PriorOnly
    from clvmodels.models import BDW, BGBB, BGCNBD, BGNBD, GGNBD, MBGCNBD, MBGNBD, NBD, SBG, GammaGamma, ParetoNBD
    from clvmodels.reporting.making import report
    from clvmodels.stacking import Stack
    from clvmodels.storage import load
    from clvmodels.streaming.scoring import Scorer, scorer

__version__ = "0.1.0"

_HOMES = {
    "attributes": "data.firsts",
    "equity": "economics.assets",
    "Growth": "economics.assets",
    "Equity": "economics.assets",
    "losses": "economics.decisions",
    "at_risk": "economics.decisions",
    "referral_value": "economics.acquisition",
    "newcomers": "economics.acquisition",
    "newcomer_value": "economics.acquisition",
    "Payback": "economics.acquisition",
    "Newcomers": "economics.acquisition",
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
    "Check": "evaluate.checks",
    "Tracking": "evaluate.tracks",
    "check": "evaluate.checks",
    "tracking": "evaluate.tracks",
    "Independence": "evaluate.dependence",
    "Regularity": "data.regularity",
    "independence": "evaluate.dependence",
    "regularity": "data.regularity",
    "Cohorts": "contracts.cohorts",
    "Contract": "contracts.contracting",
    "ContractValuation": "contracts.contractual",
    "contract_value": "contracts.contractual",
    "MixedRevenue": "contracts.mixing",
    "mixed_revenue": "contracts.mixing",
    "Subscribers": "contracts.subscribers",
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
    "By": "economics.amounts",
    "Concentration": "grouping.pareto",
    "Cuts": "grouping.cuts",
    "Portfolio": "grouping.portfolios",
    "Segments": "grouping.segments",
    "Tiers": "grouping.volumes",
    "concentration": "grouping.pareto",
    "portfolio": "grouping.portfolios",
    "rfm_segments": "grouping.segments",
    "tiers": "grouping.volumes",
    "Cost": "economics.assumptions",
    "Customers": "customers",
    "Economics": "economics.assumptions",
    "Elasticities": "economics.levers",
    "Potential": "economics.scenarios",
    "Scenario": "economics.scenarios",
    "Scorer": "streaming.scoring",
    "scorer": "streaming.scoring",
    "elasticities": "economics.levers",
    "potential": "economics.scenarios",
    "Estimate": "estimate",
    "Fit": "fitted",
    "GammaGamma": "models",
    "Holdout": "data.split",
    "formulas": "formulas",
    "report": "reporting.making",
    "Indicators": "following.indicators",
    "indicators": "following.indicators",
    "Hindsight": "following.hindsight",
    "Outlook": "following.outlook",
    "forecast": "following.outlook",
    "Laplace": "inference",
    "MAP": "inference",
    "MLE": "inference",
    "NUTS": "inference",
    "Bootstrap": "inference",
    "PriorOnly": "inference",
    "ParetoNBD": "models",
    "Rate": "economics.assumptions",
    "Valuation": "economics.valuation",
    "datasets": "data",
    "fit": "fitting",
    "load": "storage",
    "monthly": "economics.assumptions",
    "Kinds": "engines.kinds",
    "LazyCustomers": "engines.lazy",
    "lazy_summary": "data.summary",
    "rfm_summary": "data.summary",
    "split": "data.split",
    "value": "economics.valuation",
    "yearly": "economics.assumptions",
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
