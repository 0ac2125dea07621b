"""Every model of the package keeps the laws, and every law can be broken: by a model that is wrong in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import breakages as broken
import numpy as np
import pytest

import clvmodels as clv
from clvmodels import models
from clvmodels.contract import Model
from clvmodels.errors import ModelError
from clvmodels.histories import Histories, LogLikelihood
from clvmodels.models import nbd
from clvmodels.testing import LawError, Verdict, check_model
from clvmodels.testing.cases import Case
from clvmodels.testing.laws import FORM, LAWS

if TYPE_CHECKING:
    from collections.abc import Callable

    from clvmodels.kernels.lift import Array

TESTING = Path(clv.__file__).parent / "testing"
BY_NAME = {law.name: law for law in (*FORM, *LAWS)}


def made(name: str) -> Model:
    """Make a model of the package, with a regularity of 2 where it has one."""
    kind = getattr(models, name)
    return kind(k=2) if any(field.name == "k" for field in fields(kind)) else kind()


@pytest.mark.parametrize("name", models.__all__)
def test_our_models_keep_the_laws(name: str) -> None:
    check_model(made(name)).raise_for_faults()


@pytest.mark.slow
@pytest.mark.parametrize("name", models.__all__)
def test_our_models_keep_the_laws_when_it_takes_time(name: str) -> None:
    check_model(made(name), seed=1, thorough=True).raise_for_faults()


# each law can be broken


BREAKAGES: dict[str, Callable[[], Model]] = {
    "frozen": lambda: broken.altered(clv.NBD, frozen=False),
    "declared": lambda: broken.altered(clv.NBD, Theta=broken.Undeclared),
    "capabilities": lambda: broken.altered(clv.NBD, without=("survival", "first")),
    "arguments": lambda: broken.altered(clv.NBD, intensity=broken.other_order),
    "gradient": lambda: broken.altered(clv.NBD, loglik=broken.told(nbd.counts, broken.wrong_slope)),
    "weights": lambda: broken.altered(clv.NBD, loglik=broken.of_kind(broken.Unweighed)),
    "alone": lambda: broken.altered(clv.NBD, loglik=broken.of_kind(broken.Sociable)),
    "predictions alone": lambda: broken.altered(clv.NBD, intensity=broken.by_whole_ages),
    "units": lambda: broken.altered(clv.NBD, Theta=broken.Misdeclared),
    "predictions in units": lambda: broken.altered(clv.NBD, intensity=broken.with_a_unit),
    "totality of the likelihood": lambda: broken.altered(clv.NBD, loglik=broken.told(broken.overflowing)),
    "totality of answers": lambda: broken.altered(clv.NBD, alive=broken.no_number),
    "totality of expectations": lambda: broken.altered(clv.NBD, intensity=broken.negative),
    "totality of draws": lambda: broken.altered(clv.NBD, traits=broken.no_trait),
    "alive": lambda: broken.altered(clv.NBD, alive=broken.two_alive),
    "expectation": lambda: broken.altered(clv.NBD, intensity=broken.negative),
    "discount": lambda: broken.altered(clv.NBD, intensity=broken.rough),
    "counts": lambda: broken.altered(clv.NBD, count=broken.more_than_all),
    "no purchase": lambda: broken.altered(clv.NBD, loglik=broken.told(nbd.counts, broken.watched_for_longer)),
    "next purchase": lambda: broken.altered(clv.NBD, intensity=broken.a_tenth_more),
    "phases": lambda: broken.altered(clv.NBD, phase=broken.too_few, phases=2),
    "departures": lambda: broken.altered(clv.GGNBD, silence=broken.not_bought),
    "retention": lambda: broken.altered(clv.SBG, retained=broken.rising),
    "the endless rest": lambda: broken.altered(clv.SBG, beyond=broken.a_longer_rest),
    "score": lambda: broken.altered(clv.NBD, first=broken.sooner),
    "information": lambda: broken.altered(clv.NBD, loglik=broken.told(nbd.counts, nbd.counts, nbd.watched, nbd.watched)),
    "futures": lambda: broken.altered(clv.NBD, intensity=broken.a_tenth_more),
    "chances": lambda: broken.altered(clv.NBD, count=broken.all_alike),
    "newcomers": lambda: broken.altered(clv.NBD, alive=broken.fading),
    "traits": lambda: broken.altered(clv.NBD, traits=broken.more_traits),
    "baskets": lambda: broken.altered(clv.GammaGamma, mean_spend=broken.dearer),
    "stretches": lambda: broken.altered(clv.GammaGamma, stretch=broken.stretched_by_one),
    "buyers": lambda: broken.altered(clv.GammaGamma, median_spend=broken.higher_median),
    "leaving": lambda: broken.altered(clv.SBG, leaving=broken.a_period_more),
    "recovery": lambda: broken.altered(clv.NBD, first=broken.sooner),
}


def test_all_laws_are_broken_here() -> None:
    assert {*BREAKAGES, "saved"} == set(BY_NAME)


@pytest.mark.parametrize("law", BREAKAGES)
def test_a_law_is_broken_by_what_is_wrong(law: str) -> None:
    finding = BY_NAME[law](Case(BREAKAGES[law](), thorough=law == "recovery"))
    assert finding.outcome == "broken"
    assert finding.example
    assert "Error" not in finding.example
    assert np.isnan(finding.worst) or finding.worst > finding.tolerance


def test_a_twin_of_the_same_name_is_not_saved() -> None:
    first, second = broken.altered(clv.NBD), broken.altered(clv.NBD)
    outcomes = {BY_NAME["saved"](Case(model)).outcome for model in (first, second)}
    assert outcomes == {"holds", "broken"}


def test_the_copies_are_whole_before_they_are_broken() -> None:
    for kind in (clv.NBD, clv.SBG, clv.GammaGamma):
        check_model(broken.altered(kind)).raise_for_faults()


# the verdict


@pytest.fixture(scope="module")
def wrong() -> Verdict:
    return check_model(broken.altered(clv.NBD, alive=broken.two_alive, name="Zombies"))


def test_a_verdict_tells_what_is_wrong_by_the_smallest_example(wrong: Verdict) -> None:
    assert not wrong.ok
    assert "alive" in {finding.law for finding in wrong.faults}
    told = wrong["alive"].example
    assert told.startswith("P(alive) is 1.2, should be between 0 and 1; at r = 0.99")
    assert "; x = 3, t_x = " in told
    with pytest.raises(LawError, match="alive: P\\(alive\\) lies between 0 and 1"):
        wrong.raise_for_faults()
    assert issubclass(LawError, AssertionError)


def test_a_verdict_can_be_read(wrong: Verdict) -> None:
    lines = str(wrong).splitlines()
    assert lines[0].startswith(f"Zombies: {len(BY_NAME)} laws, ")
    assert lines[2] == "law                         verdict        worst of what may be"
    assert "gradient                    holds           " in str(wrong)
    assert ["alive", "broken", "2.0e-01", "of", "1.0e-11"] in [line.split() for line in lines]
    assert "phases                      doesn't apply  not HasPhases" in lines
    assert max(map(len, lines)) <= 125


def test_a_verdict_is_a_table(wrong: Verdict) -> None:
    table = wrong.frame()
    assert table.columns.tolist() == ["law", "verdict", "worst", "tolerance", "example"]
    assert len(table) == len(FORM) + len(LAWS)
    assert set(table["verdict"]) == {"holds", "broken", "doesn't apply"}
    aside = table[table["verdict"] == "doesn't apply"]
    assert aside["worst"].isna().all()
    assert (aside["example"].str.len() > 0).all()


def test_the_same_seed_gives_the_same_verdict() -> None:
    first, again, other = (str(check_model(clv.SBG(), seed=seed)) for seed in (3, 3, 4))
    assert first == again
    assert first != other


def test_nothing_is_tried_before_the_form_is_right() -> None:
    verdict = check_model(broken.altered(clv.NBD, Theta=broken.Undeclared))
    assert [finding.law for finding in verdict.faults] == ["declared"]
    assert "alpha in Theta should be Annotated" in verdict["declared"].example
    assert verdict["gradient"].reason.startswith("not tried")


def test_a_setting_that_is_open_is_refused() -> None:
    with pytest.raises(ModelError, match=r"leaves \(k\) open: say it"):
        check_model(clv.BGCNBD())


# other models than ours


@dataclass(frozen=True)
class Foreign(Model):
    """A model of histories that nobody here knows how to draw."""

    name: ClassVar[str] = "Foreign"
    Theta: ClassVar[Any] = nbd.Theta
    history: ClassVar[tuple[str, ...]] = ("clicks", "T")

    def loglik(self, theta: Array, histories: Histories) -> LogLikelihood:
        return LogLikelihood((broken.clicked,), self.parameters(), theta, histories)


def test_histories_that_cannot_be_drawn_are_said_so() -> None:
    verdict = check_model(Foreign())
    assert verdict.ok
    assert verdict["saved"].outcome == "holds"
    assert verdict["gradient"].reason.startswith("no histories of (clicks, T) can be drawn")


@pytest.mark.parametrize("path", sorted(TESTING.rglob("*.py")), ids=lambda path: path.name)
def test_the_laws_name_no_model(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "clvmodels.models" not in text
    assert not [name for name in models.__all__ if re.search(rf"(?<!clv\.)\b{name}\b", text)]
