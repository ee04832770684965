"""What a registrant sends, and what they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from forumreg.base.folding import clean_line, clean_text
from forumreg.rules.event.answers import Answer

INTERPRETATION = ("en", "fr", "es", "it", "pt", "ar")  # what booths usually offer; an event narrows it
DIETS = ("vegetarian", "vegan", "halal", "kosher", "gluten-free", "lactose-free")

# Longest values, in signs, as the columns hold them.
LONGEST: Mapping[str, int] = {
    "honorific": 40,
    "given_name": 80,
    "family_name": 80,
    "badge_name": 160,
    "email": 254,
    "organisation": 200,
    "job_title": 200,
    "country": 2,
    "language": 16,
    "phone": 40,
    "interpretation": 16,
    "accessibility": 2000,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A programme session somebody wants to be in; ``waitlist``: or else to wait for."""

    key: str
    waitlist: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """A form as it was sent, cleaned but not checked. ``key`` makes sending it again the same.

    ``named`` is what the form said beside the ticks of ``sharing`` that each organisation would see beyond the default
    columns, as (organisation, column or question); ``None`` where its maker vouches for the present terms.
    ``notice_version`` is that of the privacy notice which the form led to, 0 where it led to none; ``None`` likewise.
    """

    email: str
    given_name: str = ""
    family_name: str = ""
    category: str | None = None
    honorific: str = ""
    badge_name: str = ""
    organisation: str = ""
    job_title: str = ""
    country: str = ""
    language: str = "en"
    phone: str = ""
    interpretation: str = ""
    understands: tuple[str, ...] = ()
    dietary: tuple[str, ...] = ()
    accessibility: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    sessions: tuple[Choice, ...] = ()
    sharing: frozenset[int] = frozenset()
    named: frozenset[tuple[int, str]] | None = None
    notice_version: int | None = None
    accept_waitlist: bool = False
    key: str = ""

    def line(self, name: str) -> str:
        """One of its lines of text, clean."""
        return clean_line(getattr(self, name))

    def text(self, name: str) -> str:
        """One of its longer texts, clean."""
        return clean_text(getattr(self, name))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What everybody is answered, whether the person was known or not."""

    reference: str
    email: str
