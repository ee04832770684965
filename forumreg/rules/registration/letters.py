"""What a mail says about a registration, read when it is sent: how things stand then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session, aliased

from forumreg.base.errors import NotFound
from forumreg.base.texts import Texts
from forumreg.rules.booking import SEATED, Seat
from forumreg.rules.event.facts import EventFacts, SessionFacts
from forumreg.rules.event.reading import facts_by_id
from forumreg.rules.mail import Leased
from forumreg.rules.registration.itinerary import clash_of
from forumreg.store.writing import answering
from forumreg.tables.booking import BookingStatus, FormerSeat, SessionBooking
from forumreg.tables.event import Approval
from forumreg.tables.programme import Announcement
from forumreg.tables.registration import Consent, Registration, Status

LEFT = "left"  # in a mail's payload: ids of the sessions that the registrant left with this change
ANNOUNCEMENT = "announcement"  # in a mail's payload: the id of what organizers wrote
GAINED = "gained"  # in a mail's payload: ids of the sessions in which a seat became theirs
JOINED = "joined"  # in a mail's payload: ids of the sessions whose waiting list the registrant joined
GAVE_UP = "gave_up"  # in a mail's payload: ids of the sessions whose waiting list they left
FIELDS = "fields"  # in a mail's payload: the names of what the registrant changed


@dataclass(frozen=True, slots=True)
class ChosenSession:
    """A session that the registrant chose; ``place`` is that in its queue, from 1.

    ``clash`` is the session of theirs that a kept seat now clashes with.
    """

    session: SessionFacts
    status: BookingStatus
    place: int | None
    clash: SessionFacts | None = None


@dataclass(frozen=True, slots=True)
class FormerSession:
    """A session in which the registrant had a seat, as it was when they left it; ``session`` if it is still there."""

    key: str
    title: Texts
    starts_at: datetime
    ends_at: datetime
    session: SessionFacts | None


@dataclass(frozen=True, slots=True)
class AnnouncementFacts:
    """What organizers wrote to those in a session."""

    subject: str
    body: str
    session_title: Texts


@dataclass(frozen=True, slots=True)
class RegistrationLetter:
    """A registration as its registrant reads of it; chosen sessions by start."""

    reference: str
    email: str
    link_version: int
    status: Status
    given_name: str
    family_name: str
    badge_name: str
    language: str
    category: Texts
    reason: str  # of a decline
    is_held: bool  # waits until an organizer gives the place by hand
    needs_decision: bool  # an organizer decides once a place is free
    place: int | None  # in line on the waiting list, from 1; none for who is held
    sessions: tuple[ChosenSession, ...]
    left: tuple[SessionFacts, ...]
    gained: tuple[SessionFacts, ...]
    former: tuple[FormerSession, ...]  # for calendars, which are told of each seat that is gone
    shared_with: tuple[str, ...]
    sequence: int
    changed_at: datetime

    @property
    def greeting(self) -> str:
        """What we call the person."""
        return self.given_name or self.badge_name or self.family_name

    @property
    def booked(self) -> tuple[SessionFacts, ...]:
        """The sessions in which the registrant has a seat."""
        return tuple(entry.session for entry in self.sessions if entry.status in SEATED)

    @property
    def lost(self) -> tuple[SessionFacts, ...]:
        """The sessions that were left, without those of which the programme says how they stand: a seat or a wish."""
        said = {entry.session.id for entry in self.sessions if entry.status is not BookingStatus.WAITLISTED}
        return tuple(entry for entry in self.left if entry.id not in said)

    @property
    def is_active(self) -> bool:
        """Whether the registrant has a place or may still get one."""
        return self.status not in {Status.DECLINED, Status.CANCELLED}


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """Everything that a mail is written from. A staff mail has neither event nor registration."""

    key: str
    message: str
    recipient: str
    language: str
    created_at: datetime
    payload: Mapping[str, Any]
    event: EventFacts | None
    registration: RegistrationLetter | None
    announcement: AnnouncementFacts | None = None

    @property
    def is_to_former_address(self) -> bool:
        """Whether it goes to an address the registrant has given up: it must not hold the key."""
        return self.registration is not None and self.recipient != self.registration.email


def letter_facts(session: Session, leased: Leased) -> LetterFacts:
    """Answer what the mail is written from; at most six queries once the event's facts are kept.

    Raises:
        NotFound: "registration" or "event": what the mail is about is gone.
        Unavailable: the database cannot answer now.
    """
    with answering():
        found = _facts(session, leased)
        session.rollback()  # a mail is sent outside any transaction
        return found


def _facts(session: Session, leased: Leased) -> LetterFacts:
    event = facts_by_id(session, leased.event_id) if leased.event_id is not None else None
    registration = None
    if leased.registration_id is not None and event is not None:
        left, gained = _ids(leased.payload, LEFT), _ids(leased.payload, GAINED)
        registration = registration_letter(session, event, leased.registration_id, left=left, gained=gained)
    return LetterFacts(
        key=leased.key,
        message=leased.message.value,
        recipient=leased.recipient,
        language=leased.language,
        created_at=leased.created_at,
        payload=leased.payload,
        event=event,
        registration=registration,
        announcement=_announcement(session, leased),
    )


def _announcement(session: Session, leased: Leased) -> AnnouncementFacts | None:
    """What the mail passes on, where it does; ``None`` also where it is another event's, which cannot be."""
    number = leased.payload.get(ANNOUNCEMENT)
    if not isinstance(number, int):
        return None
    row = session.scalar(
        select(Announcement).where(Announcement.id == number, Announcement.event_id == leased.event_id)
    )
    return AnnouncementFacts(row.subject, row.body, row.session_title) if row is not None else None


def registration_letter(
    session: Session,
    event: EventFacts,
    registration_id: int,
    *,
    left: Sequence[int] = (),
    gained: Sequence[int] = (),
) -> RegistrationLetter:
    """Answer the registration as it stands; ``left`` and ``gained`` are ids of sessions a change touched.

    Raises:
        NotFound: "registration": it is gone, or another event's.
    """
    found = session.execute(_REGISTRATION, {"registration": registration_id, "event": event.id}).one_or_none()
    if found is None:
        raise NotFound("registration")
    row: Registration = found[0]
    category = event.category(row.category_id)
    return RegistrationLetter(
        **{name: getattr(row, name) for name in _PLAIN},
        category=category.title if category else {},
        needs_decision=row.decided_at is None and event.approval_of(category) is Approval.MANUAL,
        place=found.place,
        sessions=_chosen(session, event, registration_id),
        left=_known(event, left),
        gained=_known(event, gained),
        former=_former(session, event, registration_id),
        shared_with=_shared_with(session, event, registration_id),
        sequence=row.mail_sequence,
    )


_PLAIN = (
    "reference",
    "email",
    "link_version",
    "status",
    "given_name",
    "family_name",
    "badge_name",
    "language",
    "reason",
    "is_held",
    "changed_at",
)


def _registration() -> Any:
    """One row: the registration and its place on the waiting list."""
    ahead = aliased(Registration)
    place = (
        select(func.count() + 1)
        .where(
            ahead.event_id == Registration.event_id,
            ahead.status == Status.WAITLISTED,
            ahead.is_held.is_(False),
            _earlier(ahead.received_at, ahead.id, Registration.received_at, Registration.id),
        )
        .correlate(Registration)
        .scalar_subquery()
    )
    is_waiting = and_(Registration.status == Status.WAITLISTED, Registration.is_held.is_(False))
    return (
        select(Registration, case((is_waiting, place)).label("place"))
        .where(Registration.id == bindparam("registration"), Registration.event_id == bindparam("event"))
        .execution_options(populate_existing=True)
    )


def _bookings() -> Any:
    """The sessions that were chosen, and the place in each one's line."""
    ahead = aliased(SessionBooking)
    place = (
        select(func.count() + 1)
        .where(
            ahead.session_id == SessionBooking.session_id,
            ahead.status == BookingStatus.WAITLISTED,
            ahead.id < SessionBooking.id,
        )
        .correlate(SessionBooking)
        .scalar_subquery()
    )
    is_waiting = SessionBooking.status == BookingStatus.WAITLISTED
    return (
        select(SessionBooking.session_id, SessionBooking.status, case((is_waiting, place)).label("place"))
        .where(SessionBooking.registration_id == bindparam("registration"))
        .order_by(SessionBooking.id)
    )


def _earlier(received_at: Any, row_id: Any, than_received_at: Any, than_id: Any) -> Any:
    return or_(received_at < than_received_at, and_(received_at == than_received_at, row_id < than_id))


# Written once: making these anew for each mail costs more than running them (measured, 2026-11).
_REGISTRATION, _BOOKINGS = _registration(), _bookings()
_AGREED = select(Consent.organisation_id).where(
    Consent.registration_id == bindparam("registration"), Consent.withdrawn_at.is_(None)
)

_FORMER = (
    select(FormerSeat)
    .where(FormerSeat.registration_id == bindparam("registration"))
    .order_by(FormerSeat.starts_at, FormerSeat.id)
)


def _chosen(session: Session, event: EventFacts, registration_id: int) -> tuple[ChosenSession, ...]:
    rows = session.execute(_BOOKINGS, {"registration": registration_id})
    by_id = {row.session_id: (row.status, row.place) for row in rows}
    seats = [Seat(entry, *by_id[entry.id]) for entry in event.sessions if entry.id in by_id]
    return tuple(ChosenSession(seat.session, seat.status, seat.rank, clash_of(seat, seats)) for seat in seats)


def _former(session: Session, event: EventFacts, registration_id: int) -> tuple[FormerSession, ...]:
    rows = session.scalars(_FORMER, {"registration": registration_id})
    return tuple(
        FormerSession(row.session_key, row.title, row.starts_at, row.ends_at, event.find_planned(row.session_key))
        for row in rows
    )


def _shared_with(session: Session, event: EventFacts, registration_id: int) -> tuple[str, ...]:
    agreed = set(session.scalars(_AGREED, {"registration": registration_id}))
    return tuple(entry.short for entry in event.organisations if entry.id in agreed)


def _ids(payload: Mapping[str, Any], name: str) -> tuple[int, ...]:
    return tuple(entry for entry in payload.get(name) or () if isinstance(entry, int))


def _known(event: EventFacts, session_ids: Sequence[int]) -> tuple[SessionFacts, ...]:
    return tuple(entry for entry in event.sessions if entry.id in session_ids)
