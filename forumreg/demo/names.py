"""Names of many scripts, from ``names.toml``, and who may bear them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LISTS = ("women", "men", "either", "family")


@dataclass(frozen=True, slots=True)
class Names:
    """Given and family names of one place; ``language`` is what its people choose on the form.

    Given names stand by who bears them: women, men, either. Where ``family`` is empty, people have one name.
    """

    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    either: tuple[str, ...]
    family: tuple[str, ...]

    @property
    def given(self) -> tuple[str, ...]:
        """All given names."""
        return (*self.women, *self.men, *self.either)


@cache
def names_by_country() -> Mapping[str, tuple[Names, ...]]:
    """The names that people of a country bear, the most usual first."""
    parsed = tomllib.loads(files("forumreg.demo").joinpath("names.toml").read_text(encoding="utf-8"))
    found: dict[str, tuple[Names, ...]] = {}
    for key in ("usual_in", "also_in"):
        for table in parsed.values():
            names = Names(table["language"], **{name: _words(table.get(name, "")) for name in LISTS})
            for country in table.get(key, "").split():
                found[country] = (*found.get(country, ()), names)
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())
