"""What may be wrong with a table of customers, in words: for one and for several, parted by a bar, and what to try."""

from __future__ import annotations

ROUNDING = 1e-9
"""How far recency may exceed T, relatively, before it is an error of the data and not of the arithmetic."""

LOOSE = 1e-6
"""How far litt may lie beyond what frequency and recency allow, for the same reason."""

NO_ID = (
    "customer id is missing|customer ids are missing",
    "Give these rows the id of a customer, or remove them first.",
)
FRACTION = (
    "customer has a fractional frequency|customers have a fractional frequency",
    "Frequency counts purchases; is another column in its place?",
)
BEYOND = (
    "customer has recency > T|customers have recency > T",
    "Recency must lie in [0, T]: it's the customer's age at the last purchase; were both measured in one unit?",
)
ONCE = (
    "customer has frequency 0 but recency > 0|customers have frequency 0 but recency > 0",
    "Recency runs from the first purchase to the last, so it is 0 after one; is it the time since the last?",
)
SPENT = (
    "customer has frequency 0 but monetary_value > 0|customers have frequency 0 but monetary_value > 0",
    (
        "monetary_value is the mean value of the purchases after the first, 0 where there are none; if yours includes "
        "the first purchase, make the table anew with rfm_summary()."
    ),
)
GAPS = (
    "customer has a litt that no gaps can have|customers have a litt that no gaps can have",
    (
        "litt sums the natural logs of the gaps between purchases, so it is 0 for frequency 0, log(recency) for 1, and at "
        "most frequency * log(recency / frequency); were litt and recency measured in one unit, with all digits kept?"
    ),
)


def unknown(name: str) -> tuple[str, str]:
    """Word a gap in a column."""
    gap = f"customer has a {name} that is missing or not finite|customers have a {name} that is missing or not finite"
    return gap, "Repair it first: a gap is never taken for 0."


def negative(name: str) -> tuple[str, str]:
    """Word a number below 0."""
    fault = f"customer has a negative {name}|customers have a negative {name}"
    return fault, f"{name} must be 0 or more; are refunds or swapped dates in it?"
