"""What a scenario changes of customers: her own rate and her own dropout, against lives drawn customer by customer."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING

import numpy as np
import pytest

import clvmodels as clv
from clvmodels.questions import answers
from clvmodels.questions.ahead import look_ahead

if TYPE_CHECKING:
    from collections.abc import Callable

NUMBER, HORIZON, FORCE = 200_000, 60.0, 0.01
X, T_X, T = 3.0, 20.0, 26.0
CHANGES = [(1.0, 1.0), (1.3, 1.0), (1.0, 0.6), (0.8, 0.3), (1.1, 0.0), (2.0, 1.0)]


def sums(times: np.ndarray, here: np.ndarray) -> np.ndarray:
    """Discounted purchases of each life at one more purchase."""
    return np.where(here & (times <= HORIZON), np.exp(-FORCE * times), 0.0)


def annuity(stay: np.ndarray) -> np.ndarray:
    """Discounted time alive of each life."""
    return -np.expm1(-FORCE * np.minimum(stay, HORIZON)) / FORCE


def at_purchases(rng: np.random.Generator, rate: np.ndarray, leave: np.ndarray, phases: np.ndarray, k: int) -> tuple:
    """Who leave at a purchase: every k-th event is one."""
    now = rng.gamma(k - phases) / rate
    here, left, bought = np.ones(NUMBER, bool), np.full(NUMBER, np.inf), np.zeros(NUMBER)
    while (here & (now <= HORIZON)).any():
        bought += sums(now, here)
        goes = here & (now <= HORIZON) & (rng.random(NUMBER) < leave)
        left, here = np.where(goes, now, left), here & ~goes
        now = now + rng.gamma(k, size=NUMBER) / rate
    return bought, annuity(left)


def in_time(rng: np.random.Generator, rate: np.ndarray, stay: np.ndarray) -> tuple:
    """Who leave whenever they do."""
    now, bought = rng.exponential(size=NUMBER) / rate, np.zeros(NUMBER)
    while (now <= np.minimum(stay, HORIZON)).any():
        bought += sums(now, now <= stay)
        now = now + rng.exponential(size=NUMBER) / rate
    return bought, annuity(stay)


def bgnbd(rng: np.random.Generator, rho: float, kappa: float) -> tuple:
    rate, leave = rng.gamma(0.9 + X, 1 / (6.0 + T), NUMBER), rng.beta(0.8, 2.5 + X, NUMBER)
    return at_purchases(rng, rho * rate, kappa * leave, np.zeros(NUMBER), 1)


def mbgnbd(rng: np.random.Generator, rho: float, kappa: float) -> tuple:
    rate, leave = rng.gamma(0.9 + X, 1 / (6.0 + T), NUMBER), rng.beta(0.8, 2.5 + X + 1, NUMBER)
    return at_purchases(rng, rho * rate, kappa * leave, np.zeros(NUMBER), 1)


def bgcnbd(rng: np.random.Generator, rho: float, kappa: float) -> tuple:
    """The phase, by Bayes' theorem on draws: those whose second event is still to come, of all who may wait since t_x."""
    m, leave = 0.9 + 2 * X, rng.beta(0.8, 2.5 + X, NUMBER)
    v = (T - T_X) / (6.0 + T)
    phases = (rng.random(NUMBER) < m * v / (1 + m * v)).astype(float)
    rate = rng.gamma(m + phases) / (6.0 + T)
    return at_purchases(rng, rho * rate, kappa * leave, phases, 2)


def pareto(rng: np.random.Generator, rho: float, kappa: float) -> tuple:
    rate, leaves = rng.gamma(0.9 + X, 1 / (6.0 + T), NUMBER), rng.gamma(0.7, 1 / (9.0 + T), NUMBER)
    with np.errstate(divide="ignore"):
        return in_time(rng, rho * rate, rng.exponential(size=NUMBER) / (kappa * leaves))


def ggnbd(rng: np.random.Generator, rho: float, kappa: float) -> tuple:
    """The hazard of one who is there at T starts at eta b, eta of rate 1 + (beta - 1) exp(-b T), and grows by exp(b t)."""
    b, s, beta = 0.03, 0.7, 2.5
    rate, eta = rng.gamma(0.9 + X, 1 / (6.0 + T), NUMBER), rng.gamma(s, 1 / (1 + (beta - 1) * exp(-b * T)), NUMBER)
    with np.errstate(divide="ignore"):
        stay = np.log1p(rng.exponential(size=NUMBER) / (kappa * eta)) / b
    return in_time(rng, rho * rate, stay)


def nbd(rng: np.random.Generator, rho: float, kappa: float) -> tuple:  # noqa: ARG001
    return in_time(rng, rho * rng.gamma(0.9 + X, 1 / (6.0 + T), NUMBER), np.full(NUMBER, np.inf))


LIVES = {
    "BG/NBD": (clv.BGNBD().at(r=0.9, alpha=6.0, a=0.8, b=2.5), bgnbd),
    "MBG/NBD": (clv.MBGNBD().at(r=0.9, alpha=6.0, a=0.8, b=2.5), mbgnbd),
    "BG/CNBD-2": (clv.BGCNBD(k=2).at(r=0.9, alpha=6.0, a=0.8, b=2.5), bgcnbd),
    "Pareto/NBD": (clv.ParetoNBD().at(r=0.9, alpha=6.0, s=0.7, beta=9.0), pareto),
    "GG/NBD": (clv.GGNBD().at(r=0.9, alpha=6.0, b=0.03, s=0.7, beta=2.5), ggnbd),
    "NBD": (clv.NBD().at(r=0.9, alpha=6.0), nbd),
}


def ahead(fit: clv.Fit, rho: float, kappa: float, customer: clv.Customers) -> tuple[float, float]:
    """Discounted purchases and time ahead of one who is alive."""
    histories = fit.asked(customer).histories.with_constants({"rho": rho, "kappa": kappa})
    model = fit.model

    def living(formula: object) -> float:
        given = lambda some: look_ahead(formula, model, fit.draws, some, (HORIZON, FORCE))  # noqa: E731
        return float(answers.of_the_living(model, fit.draws, histories, given).block(slice(0, 1))[0, 0])

    return living(model.intensity), living(model.survival)


@pytest.mark.parametrize(("rho", "kappa"), CHANGES)
@pytest.mark.parametrize("name", LIVES)
def test_lives_that_are_changed(name: str, rho: float, kappa: float) -> None:
    fit, lives = LIVES[name]
    told: Callable[..., tuple[np.ndarray, np.ndarray]] = lives
    customer = clv.Customers.from_arrays([X], [T_X], [T], unit="week", litt=[3 * np.log(T_X / 3)])
    found = ahead(fit, rho, kappa, customer)
    for exact, drawn in zip(found, told(np.random.default_rng(11), rho, kappa), strict=True):
        error = max(drawn.std() / np.sqrt(NUMBER), 1e-9 * exact)
        assert abs(exact - drawn.mean()) < 3.0 * error


@pytest.mark.parametrize(("rho", "kappa"), [*CHANGES, (3.0, 0.5)])
def test_opportunities_that_are_changed(rho: float, kappa: float) -> None:
    fit = clv.BGBB().at(alpha=1.2, beta=0.75, gamma=0.66, delta=2.8, unit="year")
    customer = clv.Customers.from_arrays([3], [4], [6], unit="year")
    rng = np.random.default_rng(12)
    buys, leaves = np.minimum(rho * rng.beta(4.2, 3.75, NUMBER), 1.0), kappa * rng.beta(0.66, 8.8, NUMBER)
    here, bought, lived = np.ones(NUMBER, bool), np.zeros(NUMBER), np.zeros(NUMBER)
    for year in range(1, 11):
        here &= rng.random(NUMBER) >= leaves
        bought += here * (rng.random(NUMBER) < buys) * exp(-0.1 * year)
        lived += here * exp(-0.1 * year)
    histories = fit.asked(customer).histories.with_constants({"rho": rho, "kappa": kappa})
    for formula, drawn in ((fit.model.intensity, bought), (fit.model.survival, lived)):
        exact = look_ahead(formula, fit.model, fit.draws, histories, (10.0, 0.1)).block(slice(0, 1))[0, 0]
        assert abs(exact - drawn.mean()) < 3.0 * drawn.std() / np.sqrt(NUMBER) + 1e-12


def test_models_say_what_can_be_changed() -> None:
    assert all(fit.model.levers() == ("rho", "kappa") for fit, _ in LIVES.values())
    assert clv.GammaGamma().levers() == ()
