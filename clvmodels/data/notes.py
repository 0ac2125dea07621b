"""Notes: one sentence for each thing that was left out or netted on the way from a log to a table of customers."""

from __future__ import annotations

from clvmodels.errors import counted


def left_out_after(purchases: int, customers: int, end: str) -> str:
    """Say how many purchases lie after the end, and how many customers have none before.

    >>> left_out_after(3, 1, "1997-09-30")
    '3 purchases after 1997-09-30 were left out; 1 customer had no other purchase and is not in the table.'
    """
    note = f"{counted(purchases, 'purchase')} after {end} {_agree(purchases, 'was', 'were')} left out"
    if customers == 0:
        return f"{note}."
    who = f"{counted(customers, 'customer')} had no other purchase and {_agree(customers, 'is', 'are')} not in the table"
    return f"{note}; {who}."


def first_seen_after(customers: int, at: str) -> str:
    """Say how many customers a split leaves out, because calibration can't know them.

    >>> first_seen_after(2, "1997-09-30")
    '2 customers first seen after 1997-09-30 were left out of the split.'
    """
    who = f"{counted(customers, 'customer')} first seen after {at}"
    return f"{who} {_agree(customers, 'was', 'were')} left out of the split."


def netted(refunds: int, amount: float, cancelled: int, when: str) -> str:
    """Say how many refunds there were, what they were worth, and how many purchases they took to 0.

    >>> netted(2, 30.0, 1, "up to 1997-09-30")
    '2 refunds up to 1997-09-30 worth 30.00 were netted; 1 purchase that they took to 0 is not counted.'
    """
    note = f"{counted(refunds, 'refund')} {when} worth {amount:,.2f} {_agree(refunds, 'was', 'were')} netted"
    if cancelled == 0:
        return f"{note}."
    they = _agree(refunds, "it", "they")
    what = f"{counted(cancelled, 'purchase')} that {they} took to 0 {_agree(cancelled, 'is', 'are')} not counted"
    return f"{note}; {what}."


def unmatched(refunds: int, amount: float, when: str) -> str:
    """Say how many refunds found nothing to cancel.

    >>> unmatched(1, 12.5, "up to 1997-09-30")
    '1 refund found no earlier purchase up to 1997-09-30 to cancel; the 12.50 that remained was left out.'
    """
    found = f"{counted(refunds, 'refund')} found no earlier purchase {when} to cancel"
    return f"{found}; the {amount:,.2f} that remained was left out."


def all_refunded(customers: int) -> str:
    """Say how many customers refunds have left without a purchase.

    >>> all_refunded(2)
    '2 customers had every purchase refunded, or none at all, and are not in the table.'
    """
    who = f"{counted(customers, 'customer')} had every purchase refunded, or none at all"
    return f"{who}, and {_agree(customers, 'is', 'are')} not in the table."


def _agree(number: int, one: str, several: str) -> str:
    """Choose the form that agrees with a number."""
    return one if number == 1 else several
