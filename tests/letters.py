"""Letters for tests of mails and calendars, made without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from forumreg.base.references import guid_of
from forumreg.rules.event.facts import EventFacts, OrganisationFacts, RoomFacts, SessionFacts
from forumreg.rules.registration.letters import ChosenSession, LetterFacts, RegistrationLetter
from forumreg.tables.booking import BookingStatus
from forumreg.tables.event import Approval, EventKind, EventStatus, OrganisationRole, Visibility
from forumreg.tables.programme import Booking, SessionKind, SessionVisibility
from forumreg.tables.registration import Status

MOMENT = datetime(2015, 9, 1, 7, 0, tzinfo=UTC)


def a_session_facts(number: int, **changes: Any) -> SessionFacts:
    """One hour at a whole hour of 15 October 2015, from 09:00 in Turin."""
    values: dict[str, Any] = {
        "id": number,
        "key": f"s{number}",
        "title": {"en": f"Session {number}"},
        "abstract": {},
        "kind": SessionKind.PANEL,
        "track": None,
        "room": RoomFacts(1, "po", 1, {"en": "Sala Po"}, 100),
        "starts_at": datetime(2015, 10, 15, 6 + number, 0, tzinfo=UTC),
        "ends_at": datetime(2015, 10, 15, 7 + number, 0, tzinfo=UTC),
        "languages": (),
        "interpreted": (),
        "speakers": (),
        "booking": Booking.OPEN,
        "visibility": SessionVisibility.PUBLIC,
        "lead_id": None,
        "capacity": None,
        "sequence": 0,
        "guid": guid_of("forum", f"s{number}"),
        "version": 1,
        "pool_id": number,
        "held": {},
        "held_places": {},
        "extra": {},
        "proposed": None,
    }
    return SessionFacts(**values | changes)


def an_event_facts(**changes: Any) -> EventFacts:
    """A forum of four days in Turin with three sessions."""
    organizer = OrganisationFacts(1, "Example Organization", "EXO", "IT", OrganisationRole.ORGANIZER, (), {})
    values: dict[str, Any] = {
        "id": 1,
        "slug": "forum",
        "version": 3,
        "reference_prefix": "TUR",
        "title": {"en": "Forum on Examples", "fr": "Forum des exemples"},
        "summary": {"en": "Four days."},
        "description": {},
        "kind": EventKind.FORUM,
        "starts_on": date(2015, 10, 15),
        "ends_on": date(2015, 10, 18),
        "timezone": "Europe/Rome",
        "venue": {"en": "Lingotto"},
        "city": "Turin",
        "country": "IT",
        "status": EventStatus.PUBLISHED,
        "visibility": Visibility.PUBLIC,
        "accent": "ochre",
        "contact_email": "forum@example.org",
        "languages": ("en", "fr"),
        "opens_at": None,
        "closes_at": None,
        "approval": Approval.AUTOMATIC,
        "waitlist": True,
        "notice_version": 1,
        "notice": {},
        "pool_id": 1,
        "organisations": (organizer,),
        "categories": (),
        "fields": (),
        "rooms": (),
        "tracks": (),
        "most_per_kind": {},
        "most_per_organisation": None,
        "organisation_limit_until": None,
        "sessions": tuple(a_session_facts(number) for number in (1, 2, 3)),
        "_by_id": {},
        **changes,
    }
    return EventFacts(**{"planned": values["sessions"], **values})


def a_registration_letter(event: EventFacts, **changes: Any) -> RegistrationLetter:
    """A confirmed registrant with a seat in the first session and a place in the queue of the second."""
    values: dict[str, Any] = {
        "reference": "TUR-7K3M-9QXA",
        "email": "amina@example.org",
        "link_version": 1,
        "status": Status.CONFIRMED,
        "given_name": "Amina",
        "family_name": "Registrant",
        "badge_name": "",
        "language": "en",
        "category": {},
        "reason": "",
        "is_held": False,
        "needs_decision": False,
        "place": None,
        "sessions": (
            ChosenSession(event.sessions[0], BookingStatus.BOOKED, None),
            ChosenSession(event.sessions[1], BookingStatus.WAITLISTED, 12),
        ),
        "left": (),
        "gained": (),
        "former": (),
        "shared_with": ("EXO",),
        "sequence": 2,
        "changed_at": MOMENT,
    }
    return RegistrationLetter(**values | changes)


def a_letter(message: str = "confirmed", *, event: EventFacts | None = None, **changes: Any) -> LetterFacts:
    """What a mail to a registrant is written from; changes are of the registration."""
    event = event or an_event_facts()
    payload = changes.pop("payload", {})
    announcement = changes.pop("announcement", None)
    registration = a_registration_letter(event, **changes)
    return LetterFacts(
        key="TUR-2345-6737, confirmed, 1",
        message=message,
        recipient="amina@example.org",
        language=registration.language,
        created_at=MOMENT,
        payload=payload,
        event=event,
        registration=registration,
        announcement=announcement,
    )


def a_staff_letter(**payload: str) -> LetterFacts:
    """A mail of an account."""
    return replace(a_letter("staff"), key="account 1, reset, 1", payload=payload, event=None, registration=None)
