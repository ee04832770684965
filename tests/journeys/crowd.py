"""Those who registered for a forum before anybody comes, and those who work for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from forumreg.rules import registration as registrations
from forumreg.rules.access import Participant, Role, Shell
from forumreg.rules.event import EventFacts
from tests.builders import NOW, seats_in
from tests.journeys.house import House


@dataclass(frozen=True)
class Crowd:
    """A forum, the references of those who registered by their family names, and its staff by their addresses."""

    event: EventFacts
    references: dict[str, str]
    organizer: str
    ilo: str


def a_crowd(house: House, event: EventFacts) -> Crowd:
    """People whom the ILO may see, and people whom it may not, at the Turin forum."""
    seen = {
        "=2+3": house.register(event, ("ILO",), **a_form("=2+3", given_name="+Ana", organisation="@Santa Fe")),
        "李": house.register(event, ("ILO", "UCLG"), **a_form("李", given_name="小龙", country="CN")),
        "Rossi": house.register(event, ("ILO",), **a_journalist("Rossi")),
    }
    unseen = {
        "Elsewhere": house.register(event, ("UCLG",), **a_form("Elsewhere")),
        "Nowhere": house.register(event, **a_form("Nowhere")),
        "Withdrawn": house.register(event, ("ILO",), **a_form("Withdrawn")),
        "Cancelled": house.register(event, ("ILO",), **a_form("Cancelled")),
        "Waiting": house.register(event, ("ILO",), **a_form("Waiting")),
        "Rumour": house.register(event, ("ILO",), **a_journalist("Rumour")),
    }
    _have_second_thoughts(house, unseen)
    return Crowd(
        event,
        {**seen, **unseen},
        house.hire(f"organizer@{event.slug}.example.org", Role.ORGANIZER, event.slug, name="Giulia Verdi"),
        house.hire(f"ilo@{event.slug}.example.org", Role.PARTNER, event.slug, "ILO", name="Sample Officer"),
    )


def _have_second_thoughts(house: House, references: dict[str, str]) -> None:
    with house.session() as session:
        withdrawn = registrations.read(session, Shell(), references["Withdrawn"])
        registrations.share(session, Participant(withdrawn.id), withdrawn.reference, set(), now=NOW)
        registrations.cancel(session, Shell(), references["Cancelled"], now=NOW)
        registrations.waitlist(session, Shell(), references["Waiting"], now=NOW)


def a_form(family_name: str, **changes: Any) -> dict[str, Any]:
    """The form of somebody from a local government, who needs no visa."""
    return {
        "given_name": "Sample",
        "family_name": family_name,
        "category": "local-government",
        "organisation": "City of Samples",
        "country": "IT",
        "answers": {"visa_letter": False},
        **changes,
    }


def a_journalist(family_name: str) -> dict[str, Any]:
    """The form of somebody about whom the organizers decide."""
    answers = {"visa_letter": False, "medium": "Radio Sample"}
    return a_form(
        family_name,
        category="press",
        organisation="Radio Sample",
        email=f"{family_name.lower()}@radio.example.org",
        answers=answers,
        sessions=seats_in("african-cities"),
    )
