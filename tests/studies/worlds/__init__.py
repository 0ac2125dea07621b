"""Worlds of which everything is known: the parameters, each customer's own traits, and her future."""

from worlds.judging import by_chance, covered, furthest, percentages, ranked, say
from worlds.kinds import ALL, KINDS, SPEND, believing, drawn, drawn_spend, watched
from worlds.lives import DISCOUNT, Lives

__all__ = [
    "ALL",
    "DISCOUNT",
    "KINDS",
    "SPEND",
    "Lives",
    "believing",
    "by_chance",
    "covered",
    "drawn",
    "drawn_spend",
    "furthest",
    "percentages",
    "ranked",
    "say",
    "watched",
]
