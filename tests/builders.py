"""What tests are about, made in one line: the builders fill in the dull, the test names what matters."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Grant, Shell, Staff
from forumreg.rules.event import EventFacts, facts, put
from forumreg.rules.event.drafts import (
    CategoryDraft,
    EventDraft,
    FieldDraft,
    OptionDraft,
    OrganisationDraft,
    RegistrationDraft,
    RoomDraft,
    SessionDraft,
    ShowIf,
)
from forumreg.rules.registration import Choice, Receipt, Submission
from forumreg.tables.account import Account, Role, StaffRole
from forumreg.tables.mail import OutboxMessage
from forumreg.tables.registration import Registration

NOW = datetime(2015, 9, 1, 7, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def a_session(key: str, start: str = "2015-10-16T09:30", end: str = "2015-10-16T11:00", **facts: Any) -> SessionDraft:
    """A bookable panel; hours are Turin's."""
    zone = "+02:00"
    return SessionDraft(
        **{
            "id": key,
            "title": {"en": f"Session {key}", "fr": f"Séance {key}"},
            "kind": "panel",
            "starts_at": datetime.fromisoformat(start + zone).astimezone(UTC),
            "ends_at": datetime.fromisoformat(end + zone).astimezone(UTC),
            "booking": "open",
            "room": "hall",
            "languages": ("en", "fr"),
            **facts,
        }
    )


def a_draft(slug: str = "forum", **facts: Any) -> EventDraft:
    """A forum in Turin, open for registration, with two categories and three co-organizers."""
    return EventDraft(
        **{
            "slug": slug,
            "title": {"en": "Forum on Local Development", "fr": "Forum du développement local"},
            "summary": {"en": "Four days on jobs where people live."},
            "kind": "forum",
            "starts_on": date(2015, 10, 15),
            "ends_on": date(2015, 10, 18),
            "timezone": "Europe/Rome",
            "city": "Turin",
            "country": "IT",
            "venue": {"en": "Royal Palace"},
            "contact_email": "forum@example.org",
            "languages": ("en", "fr"),
            "privacy_notice": {
                "en": "We keep what you write for one year.",
                "fr": "Nous gardons vos réponses un an.",
            },
            "registration": RegistrationDraft(
                opens_at=datetime(2015, 6, 1, tzinfo=UTC), closes_at=datetime(2015, 10, 9, 22, 0, tzinfo=UTC)
            ),
            "organisations": (
                OrganisationDraft("International Labour Organization", "co-organizer", "ILO", "CH"),
                OrganisationDraft("United Cities and Local Governments", "co-organizer", "UCLG", "ES"),
                OrganisationDraft("City of Turin", "organizer", "", "IT"),
            ),
            "categories": (
                CategoryDraft("local", {"en": "Local government", "fr": "Collectivité locale"}),
                CategoryDraft("press", {"en": "Press", "fr": "Presse"}, approval="manual"),
            ),
            "rooms": (RoomDraft("hall", {"en": "Great Hall"}, 100),),
            **facts,
        }
    )


def every_kind_of_question() -> tuple[FieldDraft, ...]:
    """One question of each kind, one of them asked only of those who want a visa letter."""
    yes_no = FieldDraft("visa", "yes-no", {"en": "Do you need a visa letter?"}, required=True)
    return (
        yes_no,
        FieldDraft("passport", "text", {"en": "Passport number"}, required=True, show_if=ShowIf("visa", "yes")),
        FieldDraft("bring", "long-text", {"en": "What do you bring?"}, help={"en": "A case, a question."}),
        FieldDraft(
            "lunch",
            "choice",
            {"en": "Lunch"},
            options=(OptionDraft("early", {"en": "At noon"}, 1), OptionDraft("late", {"en": "At one"})),
        ),
        FieldDraft(
            "themes",
            "choices",
            {"en": "Themes"},
            options=(OptionDraft("jobs", {"en": "Jobs"}), OptionDraft("food", {"en": "Food"})),
        ),
        FieldDraft("staff", "number", {"en": "People in your administration"}),
        FieldDraft("arrival", "date", {"en": "Day of arrival"}),
        FieldDraft("works-in", "country", {"en": "Country where you work"}, categories=("local",)),
    )


def an_event(session: Session, slug: str = "forum", **facts_: Any) -> EventFacts:
    """The draft, stored."""
    put(session, Shell(), a_draft(slug, **facts_), now=NOW)
    return facts(session, slug)


def a_submission(number: int | None = None, **facts_: Any) -> Submission:
    """A complete form of a person of their own."""
    n = next(_numbers) if number is None else number
    return Submission(
        **{
            "given_name": f"Given{n}",
            "family_name": f"Family{n}",
            "email": f"person{n}@example.org",
            "organisation": "City of Odienné",
            "country": "CI",
            "category": "local",
            "language": "en",
            "key": secrets.token_urlsafe(16),
            **facts_,
        }
    )


def a_receipt(session: Session, event: EventFacts, now: datetime = NOW, **facts_: Any) -> Receipt:
    """What somebody who sends a complete form is answered."""
    return registrations.submit(session, Anonymous(), event, a_submission(**facts_), now=now)


def a_registration(session: Session, event: EventFacts, now: datetime = NOW, **facts_: Any) -> Registration:
    """A registration, made by sending the form."""
    reference = a_receipt(session, event, now, **facts_).reference
    return session.scalars(select(Registration).where(Registration.reference == reference)).one()


def seats_in(*keys: str, waitlist: bool = False) -> tuple[Choice, ...]:
    """The wish to be in these sessions."""
    return tuple(Choice(key, waitlist) for key in keys)


def an_account(session: Session, role: Role | None = None, event: EventFacts | None = None, **facts_: Any) -> Account:
    """A staff account, with a role at the event where one is named; ``organisation_id`` goes into the role."""
    number = next(_numbers)
    organisation_id = facts_.pop("organisation_id", None)
    account = Account(
        **{
            "email": f"staff{number}@example.org",
            "created_at": NOW,
            "fs_uniquifier": f"unique-{number}",
            **facts_,
        }
    )
    session.add(account)
    session.flush()
    if role is not None and event is not None:
        session.add(StaffRole(account_id=account.id, event_id=event.id, role=role, organisation_id=organisation_id))
    session.commit()
    return account


def an_organizer(event: EventFacts) -> Staff:
    """Somebody who organizes the event."""
    return Staff(1, grants=(Grant(event.id, Role.ORGANIZER),))


def mails(session: Session) -> Sequence[tuple[str, str]]:
    """The mails written so far, in order: what each says, to whom."""
    rows = session.execute(select(OutboxMessage.message, OutboxMessage.recipient).order_by(OutboxMessage.id))
    return [(message.value, recipient) for message, recipient in rows]


def statuses(session: Session, event: EventFacts) -> Mapping[str, int]:
    """How many registrations have each status."""
    rows = session.execute(
        select(Registration.status, func.count()).where(Registration.event_id == event.id).group_by(Registration.status)
    )
    return {status.value: number for status, number in rows}
