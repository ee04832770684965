"""Where the made-up people say they come from, from ``organisations.csv``: real ones that such meetings see.

Countries are those of the seat; intergovernmental organisations have none: their staff come from everywhere.
Nobody of these organisations is meant.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Home:
    """An organisation, the category its people register in, their country, and how many of them come."""

    name: str
    category: str
    country: str
    weight: int


@cache
def homes() -> tuple[Home, ...]:
    """Every organisation, always in the same order."""
    text = files("forumreg.demo").joinpath("organisations.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(Home(row["name"], row["category"], row["country"], int(row["people"])) for row in rows)
