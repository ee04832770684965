"""Booking, waiting for and leaving programme sessions, inside the caller's transaction.

The caller has locked the event's pool, so what is read here stands until the commit. Places are taken by
the caller together with the registration's other pools; these functions keep the rows that say who has them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from sqlalchemy import and_, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Refused
from forumreg.rules.booking.calendar import busy_with, overlapping
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.seats import exchange
from forumreg.tables.booking import BookingStatus, Commitment, SessionBooking
from forumreg.tables.event import ProgrammeSession
from forumreg.tables.registration import Registration, Status


@dataclass(frozen=True, slots=True)
class Seat:
    """A registrant's seat, place in line, or wish; ``rank`` counts from 1 while waiting."""

    session: SessionFacts
    status: BookingStatus
    rank: int | None = None


def book(session: Session, registration_id: int, entry: SessionFacts, status: BookingStatus, now: datetime) -> None:
    """Write down a seat whose place the caller took, a place in line, or a wish.

    Raises:
        Refused: "overlap" with ``session`` and ``other``: the registrant is elsewhere at that time.
    """
    if status is BookingStatus.BOOKED:
        other = busy_with(session, registration_id, entry.starts_at, entry.ends_at)
        if other is not None:
            raise Refused("overlap", session_id=entry.id, other_id=other)
    row = session.scalar(
        select(SessionBooking).where(
            SessionBooking.registration_id == registration_id, SessionBooking.session_id == entry.id
        )
    )
    if row is None:
        row = SessionBooking(registration_id=registration_id, session_id=entry.id, received_at=now)
        session.add(row)
    row.status = status
    session.flush()
    if status is BookingStatus.BOOKED:
        session.add(
            Commitment(
                registration_id=registration_id,
                booking_id=row.id,
                starts_at=entry.starts_at,
                ends_at=entry.ends_at,
            )
        )
        session.flush()


def book_all(
    session: Session, registration_id: int, wanted: Sequence[tuple[SessionFacts, BookingStatus]], now: datetime
) -> None:
    """Write down everything that a registration chose which was made in this transaction and has nothing yet.

    Raises:
        Refused: "overlap" with ``session`` and ``other``: two of the seats are at the same time.
    """
    seated = [entry for entry, status in wanted if status is BookingStatus.BOOKED]
    for one, other in combinations(seated, 2):
        if one.overlaps(other):
            raise Refused("overlap", session_id=other.id, other_id=one.id)
    rows = {
        entry.id: SessionBooking(registration_id=registration_id, session_id=entry.id, status=status, received_at=now)
        for entry, status in wanted
    }
    session.add_all(rows.values())
    session.flush()
    session.add_all(
        Commitment(
            registration_id=registration_id,
            booking_id=rows[entry.id].id,
            starts_at=entry.starts_at,
            ends_at=entry.ends_at,
        )
        for entry in seated
    )


def wish(session: Session, registration_id: int) -> None:
    """Turn all seats and places in line into wishes: the registrant has no place at the event any more."""
    session.execute(delete(Commitment).where(Commitment.registration_id == registration_id))
    for row in session.scalars(select(SessionBooking).where(SessionBooking.registration_id == registration_id)):
        row.status = BookingStatus.WISHED
    session.flush()


def leave(session: Session, registration_id: int, session_ids: Iterable[int] | None = None) -> None:
    """Take the registrant out of some sessions, or of all."""
    condition = SessionBooking.registration_id == registration_id
    if session_ids is not None:
        condition &= SessionBooking.session_id.in_(list(session_ids))
    ids = select(SessionBooking.id).where(condition)
    session.execute(
        delete(Commitment).where(Commitment.booking_id.in_(ids)).execution_options(synchronize_session=False)
    )
    session.execute(delete(SessionBooking).where(condition).execution_options(synchronize_session=False))


def pools_held(session: Session, event: EventFacts, registration_id: int) -> frozenset[int]:
    """The pools of the sessions in which the registrant has a seat."""
    ids = session.scalars(
        select(SessionBooking.session_id).where(
            SessionBooking.registration_id == registration_id, SessionBooking.status == BookingStatus.BOOKED
        )
    )
    return frozenset(pool for pool in (event.session(entry).pool_id for entry in ids) if pool is not None)


def of_registration(session: Session, event: EventFacts, registration_id: int) -> tuple[Seat, ...]:
    """A registrant's seats, places in line and wishes, by start of the session; one query."""
    mine, other = SessionBooking, SessionBooking.__table__.alias("other")
    ahead = (
        select(func.count())
        .select_from(other)
        .where(
            other.c.session_id == mine.session_id,
            other.c.status == BookingStatus.WAITLISTED,
            or_(
                other.c.received_at < mine.received_at,
                and_(other.c.received_at == mine.received_at, other.c.id < mine.id),
            ),
        )
        .scalar_subquery()
    )
    rows = session.execute(select(mine.session_id, mine.status, ahead).where(mine.registration_id == registration_id))
    found = [
        Seat(event.session(entry), status, before + 1 if status is BookingStatus.WAITLISTED else None)
        for entry, status, before in rows
    ]
    return tuple(sorted(found, key=lambda seat: (seat.session.starts_at, seat.session.id)))


def waiting_for(session: Session, event: EventFacts) -> dict[int, int]:
    """How many wait for each of the event's sessions, by the session's id; none is left out as zero."""
    rows = session.execute(
        select(SessionBooking.session_id, func.count())
        .join(ProgrammeSession, ProgrammeSession.id == SessionBooking.session_id)
        .where(ProgrammeSession.event_id == event.id, SessionBooking.status == BookingStatus.WAITLISTED)
        .group_by(SessionBooking.session_id)
    )
    return {row[0]: row[1] for row in rows}


def fill_session(session: Session, entry: SessionFacts, now: datetime) -> tuple[int, ...]:
    """Give the session's free seats to those who wait, in the order they came; returns their registrations' ids.

    Who is elsewhere at that time keeps the place in line and is passed over.
    """
    seated: list[int] = []
    while entry.pool_id is not None:
        row = session.scalars(
            select(SessionBooking)
            .join(Registration, Registration.id == SessionBooking.registration_id)
            .where(
                SessionBooking.session_id == entry.id,
                SessionBooking.status == BookingStatus.WAITLISTED,
                Registration.status.in_([Status.PENDING, Status.CONFIRMED]),
                ~exists().where(overlapping(SessionBooking.registration_id.expression, entry.starts_at, entry.ends_at)),
            )
            .order_by(SessionBooking.received_at, SessionBooking.id)
            .limit(1)
        ).first()
        if row is None or exchange(session, take=[entry.pool_id]) is not None:
            break
        book(session, row.registration_id, entry, BookingStatus.BOOKED, now)
        seated.append(row.registration_id)
    return tuple(seated)
