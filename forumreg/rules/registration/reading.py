"""One registration with everything that a page about it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound
from forumreg.rules import booking
from forumreg.rules.access import Action, Actor, Participant, require
from forumreg.rules.booking import SEATED, Seat
from forumreg.rules.event import CategoryFacts, EventFacts, OrganisationFacts, SessionFacts, facts_by_id
from forumreg.rules.event.answers import Answer
from forumreg.rules.partner import terms_of
from forumreg.rules.registration.deciding import require_right
from forumreg.rules.registration.itinerary import Item, itinerary
from forumreg.rules.registration.languages import known_languages
from forumreg.tables.event import Approval
from forumreg.tables.registration import Consent, Registration, Status, Submission


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """A consent, standing or taken back; ``columns`` are what was named beyond the default ones."""

    organisation: OrganisationFacts
    columns: tuple[str, ...]
    given_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """A registration; ``rank`` counts from 1 while it waits in line for a place at the event, unheld."""

    id: int
    event: EventFacts
    reference: str
    status: Status
    version: int
    link_version: int
    sequence: int
    category: CategoryFacts | None
    honorific: str
    given_name: str
    family_name: str
    badge_name: str
    email: str
    organisation: str
    job_title: str
    country: str
    language: str
    phone: str
    interpretation: str
    understands: tuple[str, ...]
    dietary: tuple[str, ...]
    accessibility: str
    answers: Mapping[str, Answer]
    notice_version: int
    received_at: datetime
    changed_at: datetime
    decided_at: datetime | None
    checked_in_at: datetime | None
    reason: str
    is_held: bool
    rank: int | None
    seats: tuple[Seat, ...]
    consents: tuple[ConsentFacts, ...]

    @property
    def name(self) -> str:
        """The name as it is said: what the badge shows, else given and family name."""
        return self.badge_name or " ".join(filter(None, (self.given_name, self.family_name)))

    @property
    def sharing(self) -> frozenset[int]:
        """The organisations that it is shared with now."""
        return frozenset(entry.organisation.id for entry in self.consents if entry.withdrawn_at is None)

    @property
    def widened(self) -> Mapping[int, tuple[str, ...]]:
        """What is asked for now and was not named when the consent was given, by organisation."""
        asking = {entry.id for entry in self.event.sharing}
        found = {
            each.organisation.id: tuple(
                term for term in terms_of(self.event, each.organisation.id) if term not in each.columns
            )
            for each in self.consents
            if each.withdrawn_at is None and each.organisation.id in asking
        }
        return {organisation_id: terms for organisation_id, terms in found.items() if terms}

    @property
    def needs_decision(self) -> bool:
        """Whether an organizer decides once a place is free; else the place is theirs at once."""
        return self.decided_at is None and self.event.approval_of(self.category) is Approval.MANUAL

    @property
    def bookings(self) -> tuple[Seat, ...]:
        """Its seats, places in line and wishes, by start."""
        return self.seats

    def has_seat_in(self, entry: SessionFacts) -> bool:
        """Whether it holds a seat in the session; a place in line or a wish is none."""
        return any(seat.session.id == entry.id and seat.status in SEATED for seat in self.seats)

    @property
    def programme(self) -> tuple[Item, ...]:
        """Its sessions, and those that are open to everyone, by start."""
        return itinerary(self.event, self.seats)

    @property
    def chosen(self) -> tuple[Item, ...]:
        """Its own sessions alone, by start."""
        return tuple(item for item in self.programme if item.status is not None)

    @property
    def known_languages(self) -> frozenset[str]:
        """Every language that the registrant is known to understand."""
        return known_languages(self.language, self.interpretation, self.understands)


_PLAIN = (
    "id", "reference", "status", "version", "link_version", "honorific", "given_name", "family_name", "badge_name",
    "email", "organisation", "job_title", "country", "language", "phone", "interpretation", "accessibility",
    "answers", "notice_version", "received_at", "changed_at", "decided_at", "checked_in_at", "reason", "is_held",
)  # fmt: skip


def read(session: Session, actor: Actor, reference: str) -> RegistrationFacts:
    """The registration of this reference; an alias that a known person was answered leads to it too.

    Raises:
        NotFound: no registration has this reference, for an actor who may not know either.
        Forbidden: the actor has no right to it.
    """
    row = session.scalar(select(Registration).where(Registration.reference == reference))
    if row is None:
        row = session.scalar(select(Registration).join(Submission).where(Submission.reference == reference))
    if row is None:
        raise NotFound("registration")
    require_right(actor, row)
    if not isinstance(actor, Participant):
        require(actor, Action.SEE_EVENT, row.event_id)
    event = facts_by_id(session, row.event_id)
    return RegistrationFacts(
        **{name: getattr(row, name) for name in _PLAIN},
        event=event,
        sequence=row.mail_sequence,
        category=event.category(row.category_id),
        understands=tuple(row.understands),
        dietary=tuple(row.dietary),
        rank=_rank(session, row),
        seats=booking.of_registration(session, event, row.id),
        consents=_consents(session, event, row.id),
    )


def _rank(session: Session, row: Registration) -> int | None:
    if row.status is not Status.WAITLISTED or row.is_held:
        return None
    ahead = session.scalar(
        select(func.count()).where(
            Registration.event_id == row.event_id,
            Registration.status == Status.WAITLISTED,
            Registration.is_held.is_(False),
            (Registration.received_at < row.received_at)
            | ((Registration.received_at == row.received_at) & (Registration.id < row.id)),
        )
    )
    return (ahead or 0) + 1


def _consents(session: Session, event: EventFacts, registration_id: int) -> tuple[ConsentFacts, ...]:
    rows = session.execute(
        select(Consent.organisation_id, Consent.columns, Consent.given_at, Consent.withdrawn_at)
        .where(Consent.registration_id == registration_id)
        .order_by(Consent.id)
    )
    known = {entry.id for entry in event.organisations}
    return tuple(
        ConsentFacts(event.organisation(row.organisation_id), tuple(row.columns), row.given_at, row.withdrawn_at)
        for row in rows
        if row.organisation_id in known
    )
