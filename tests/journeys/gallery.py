"""An event of everything that a page may show, and events in every state of registration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from forumreg.rules import registration as registrations
from forumreg.rules.access import Role, Shell
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import RegistrationDraft, SpeakerDraft
from forumreg.rules.partner import set_scope
from tests.builders import NOW, a_draft, a_session, an_organizer, every_kind_of_question, seats_in
from tests.journeys.house import House

ORGANIZER, PARTNER = "organizer@gallery.example.org", "ilo@gallery.example.org"
OPEN = RegistrationDraft(opens_at=datetime(2015, 1, 1, tzinfo=UTC))
REASON = "We could not find the medium you write for."
UNBROKEN = '=HYPERLINK("http://forum.example.org","click")'  # a word that no line holds
AT = {"start": "2015-10-16T14:00", "end": "2015-10-16T15:00"}


@dataclass(frozen=True)
class Gallery:
    """The own links and the references of registrations, by what they show."""

    house: House
    event: EventFacts
    references: dict[str, str]

    def link(self, name: str) -> str:
        """An own link."""
        return self.house.own_link(self.references[name])


def a_gallery(house: House) -> Gallery:
    """Fill an installation with one of everything."""
    event = house.store(an_event_of_everything())
    references = _registrations(house, event)
    house.store(a_draft("nobody"))
    for state, facts in _states().items():
        found = house.store(a_draft(state, **facts))
        if state in {"over", "long-over"}:
            references[state] = house.register(found, now=NOW - timedelta(days=120))
    for slug in ("gallery", "nobody"):
        house.hire(ORGANIZER, Role.ORGANIZER, slug, name="Giulia Verdi")
        house.hire(PARTNER, Role.PARTNER, slug, "ILO", name="Sample Officer")
    ilo = next(each.id for each in event.sharing if each.short == "ILO")
    with house.session() as session:
        organizer = an_organizer(event)
        set_scope(session, organizer, event, ilo, extra_columns=(), purpose={}, sees_led_sessions=True, now=NOW)
    return Gallery(house, event, references)


def an_event_of_everything() -> Any:
    """Questions of every kind, parallel sessions, a full one, one for all."""
    sessions = (
        a_session("opening", "2015-10-15T14:00", "2015-10-15T16:00", kind="plenary", booking="none"),
        a_session("one"),
        a_session("two"),
        a_session("full", capacity=1),
        a_session("afternoon", **AT),
        a_session(
            "evening",
            "2015-10-16T18:00",
            "2015-10-16T19:00",
            kind="workshop",
            abstract={"fr": "Un travail décent."},
            interpreted=("ar",),
            lead="ILO",
            speakers=(SpeakerDraft("ليلى بن علي", "Mayor", "Tangier"), SpeakerDraft("Ana Pérez")),
        ),
    )
    return a_draft("gallery", fields=every_kind_of_question(), sessions=sessions, capacity=40)


def _states() -> dict[str, dict[str, Any]]:
    yesterday, tomorrow = NOW - timedelta(days=1), NOW + timedelta(days=1)
    august = {"starts_on": date(2015, 8, 20), "ends_on": date(2015, 8, 21), "registration": OPEN}
    june = {"starts_on": date(2015, 6, 1), "ends_on": date(2015, 6, 2), "registration": OPEN}
    return {
        "not-yet": {"registration": RegistrationDraft(opens_at=tomorrow)},
        "closed": {"registration": RegistrationDraft(opens_at=OPEN.opens_at, closes_at=yesterday)},
        "waiting": {"capacity": 0},
        "full": {"capacity": 0, "registration": RegistrationDraft(opens_at=OPEN.opens_at, waitlist=False)},
        "cancelled": {"status": "cancelled"},
        "over": august,
        "long-over": june,
    }


def _registrations(house: House, event: EventFacts) -> dict[str, str]:
    answers = {"visa": True, "passport": "X1234567", "bring": "A case.\nA question.", "themes": ["jobs", "food"]}
    no_visa = {"visa": False}
    known = {
        "confirmed": house.register(
            event,
            ("ILO", "UCLG"),
            email=_address("confirmed"),
            honorific="Dr",
            badge_name="Ana",
            job_title="Mayor",
            phone="+39 011 000 0000",
            interpretation="fr",
            dietary=("halal", "gluten-free"),
            accessibility="A seat near the door.\nA quiet room.",
            answers={**answers, "lunch": "late", "staff": 120, "arrival": "2015-10-14", "works-in": "CI"},
            sessions=seats_in("full", "afternoon", "evening"),
        ),
        "arabic": house.register(
            event,
            ("ILO",),
            given_name="ليلى",
            family_name="بن علي",
            email=_address("arabic"),
            country="MA",
            answers=no_visa,
        ),
        "waits for a seat": house.register(event, answers=no_visa, sessions=seats_in("full", waitlist=True)),
        **{
            name: house.register(event, category="press", answers=no_visa, email=_address(name), **facts)
            for name, facts in (("pending", {"family_name": UNBROKEN}), ("contested", {}))
        },
        **{
            name: house.register(event, answers=no_visa, email=_address(name))
            for name in ("waitlisted", "declined", "cancelled")
        },
    }
    with house.session() as session:
        registrations.waitlist(session, Shell(), known["waitlisted"], now=NOW)
        registrations.decline(session, Shell(), known["declined"], reason=REASON, now=NOW)
        registrations.cancel(session, Shell(), known["cancelled"], now=NOW)
    return known


def _address(name: str) -> str:
    return f"{name}@gallery.example.org"
