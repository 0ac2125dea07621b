"""The laws of the design, grouped by theme; each is put to a model by its capabilities alone."""

from clvmodels.testing.laws.agreement import departed, next_purchase, no_purchase, phases
from clvmodels.testing.laws.broadcast import alone, predictions_alone
from clvmodels.testing.laws.calibration import chances, expected, newcomers, traits
from clvmodels.testing.laws.chance import alive, all_counts, discount, expectation
from clvmodels.testing.laws.contracts import endless, leaving, retention
from clvmodels.testing.laws.form import arguments, capabilities, declared, frozen, saved
from clvmodels.testing.laws.law import Law
from clvmodels.testing.laws.likelihood import gradient, weights
from clvmodels.testing.laws.recovery import recovery
from clvmodels.testing.laws.score import information, score
from clvmodels.testing.laws.spend import baskets, buyers, stretches
from clvmodels.testing.laws.totality import chances as totality_of_answers
from clvmodels.testing.laws.totality import draws as totality_of_draws
from clvmodels.testing.laws.totality import expectations as totality_of_expectations
from clvmodels.testing.laws.totality import likelihood as totality_of_likelihood
from clvmodels.testing.laws.units import predictions_in_units, units

FORM: tuple[Law, ...] = (frozen, declared, capabilities, arguments)
"""What must be right before anything else can be tried."""

LAWS: tuple[Law, ...] = (
    saved,
    gradient,
    weights,
    alone,
    predictions_alone,
    units,
    predictions_in_units,
    totality_of_likelihood,
    totality_of_answers,
    totality_of_expectations,
    totality_of_draws,
    alive,
    expectation,
    discount,
    all_counts,
    no_purchase,
    next_purchase,
    phases,
    departed,
    retention,
    endless,
    score,
    information,
    expected,
    chances,
    newcomers,
    traits,
    baskets,
    stretches,
    buyers,
    leaving,
    recovery,
)

__all__ = ["FORM", "LAWS", "Law"]
