"""Plausible people: the same ones for the same seed. Addresses and numbers reach nobody."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

from forumreg.demo.names import Names, names_by_country
from forumreg.demo.organisations import Home, homes

HONORIFICS = ("", "", "", "", "", "Dr", "Prof.", "Ms", "Mr", "Hon.")
OF_WOMEN, OF_MEN = "Ms", "Mr"  # who bears one of them, as far as the given name tells; else nobody
JOBS = {
    "local-government": (
        "Mayor",
        "Deputy mayor",
        "Head of local development",
        "Councillor",
        "Project officer",
    ),
    "national-government": ("Director", "Adviser", "Programme coordinator", "Member of parliament"),
    "international-organisation": (
        "Programme specialist",
        "Technical officer",
        "Regional adviser",
        "Director",
    ),
    "academia": ("Professor", "Researcher", "Doctoral student", "Head of department"),
    "civil-society": ("Executive director", "Project manager", "President", "Community organizer"),
    "business": ("Chief executive", "Business development manager", "Analyst"),
    "social-partners": ("General secretary", "Officer", "Delegate"),
    "press": ("Journalist", "Photographer", "Correspondent"),
}
# Numbers that are given to nobody: NANPA 555-0100 to 0199, Ofcom's and Arcep's ranges for drama.
PHONES = {
    "US": "+1 202 555 01{:02}",
    "CA": "+1 202 555 01{:02}",
    "GB": "+44 7700 9001{:02}",
    "FR": "+33 6 39 98 01 {:02}",
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who does not exist."""

    honorific: str
    given_name: str
    family_name: str
    badge_name: str
    email: str
    organisation: str
    job_title: str
    category: str
    country: str
    language: str
    phone: str


class People:
    """Hands out one person after the other, none twice."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.homes = homes()
        self.weights = [home.weight for home in self.homes]
        self.names = names_by_country()
        self.countries = sorted(self.names)
        self.count = 0

    def next(self) -> Person:
        """The next person."""
        self.count += 1
        home = self.rng.choices(self.homes, self.weights)[0]
        country = home.country or self.rng.choice(self.countries)
        names = self._names(country)
        given = self._given(names)
        family = self.rng.choice(names.family) if names.family else ""
        return Person(
            self._honorific(names, given), given, family, self._badge(given, family),
            self._address(home, given, family), home.name, self._job(home), home.category, country,
            names.language, self._phone(country),
        )  # fmt: skip

    def _names(self, country: str) -> Names:
        known = self.names.get(country) or self.names["GB"]
        return known[0] if self.rng.random() < 0.7 else self.rng.choice(known)

    def _given(self, names: Names) -> str:
        given = self.rng.choice(names.given)
        if names.family and self.rng.random() < 0.12:
            alike = next(group for group in (names.women, names.men, names.either) if given in group)
            second = self.rng.choice(alike)
            return given if second == given else f"{given} {second}"
        return given

    def _honorific(self, names: Names, given: str) -> str:
        """A title that fits the given name, or none."""
        drawn = self.rng.choice(HONORIFICS)
        if drawn not in {OF_WOMEN, OF_MEN}:
            return drawn
        if _is_of(given, names.women):
            return OF_WOMEN
        return OF_MEN if _is_of(given, names.men) else ""

    def _badge(self, given: str, family: str) -> str:
        """What some prefer to be called: in capitals as some write a family name, or by one name."""
        draw = self.rng.random()
        if family and draw < 0.04:
            return f"{given} {family.upper()}"
        return given.split(maxsplit=1)[0] if family and draw < 0.08 else ""

    def _address(self, home: Home, given: str, family: str) -> str:
        """An organisation's shared mailbox sometimes; else what of the name is ASCII, and a number."""
        domain = "example.org" if self.rng.random() < 0.7 else "example.com"
        if self.rng.random() < 0.05:
            return f"{_ascii(home.name)[:40] or 'office'}@{domain}"
        parts = [part for part in (_ascii(given), _ascii(family)) if part]
        return f"{'.'.join(parts) or home.category}.{self.count}@{domain}"

    def _job(self, home: Home) -> str:
        known = JOBS.get(home.category, ("",))
        return self.rng.choice(known)

    def _phone(self, country: str) -> str:
        form = PHONES.get(country)
        return form.format(self.rng.randrange(100)) if form and self.rng.random() < 0.6 else ""


def _is_of(given: str, names: tuple[str, ...]) -> bool:
    """Whether these hold the given name, or the first of two."""
    return any(f"{given} ".startswith(f"{name} ") for name in names)


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(sign if sign.isalnum() else " " for sign in plain).split())
