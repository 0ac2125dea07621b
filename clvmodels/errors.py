"""What can go wrong, in words: every refusal says what is wrong, in which rows, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOWN = 5
"""How many offenders a message names before it only counts them."""


class ClvError(ValueError):
    """The root of all refusals of this package: catch this one to catch them all."""


class LogError(ClvError):
    """A purchase log that can't be summarised as it stands."""


class CustomersError(ClvError):
    """A table of customers that contradicts itself, or lacks what a model needs."""


class ModelError(ClvError):
    """A model described with a parameter, prior or value that it can't have."""


class FitError(ClvError):
    """A fit that can't be had from these data."""


class QuestionError(ClvError):
    """A question that a fit or a valuation can't answer as it was put."""


def naming(offenders: Iterable[object]) -> str:
    """Write the first few offenders, and that there are more: ``(17, 42, 99, ...)``.

    >>> naming([17, 42])
    '(17, 42)'
    """
    names = [str(offender) for _, offender in zip(range(SHOWN + 1), offenders, strict=False)]
    return f"({', '.join(names[:SHOWN])}{', ...' if len(names) > SHOWN else ''})"


def counted(number: int, noun: str) -> str:
    """Write a count with its noun in the right number: ``1 customer``, ``3 customers``.

    >>> counted(3, "customer")
    '3 customers'
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
