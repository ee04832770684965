"""Booking, waiting for and leaving programme sessions, inside the caller's transaction.

The caller has locked the event's pool, so what is read here stands until the commit. Places are taken by
the caller together with the registration's other pools; these functions keep the rows that say who has them,
and in which pool.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import cast

from sqlalchemy import Table, delete, func, insert, literal_column, select
from sqlalchemy.orm import Session

from forumreg.base.errors import Refused
from forumreg.rules.booking.calendar import busy_with
from forumreg.rules.booking.places import pools_for
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.seats import exchange
from forumreg.store.bundles import Rows, first_id
from forumreg.tables.booking import SEATED, BookingStatus, Commitment, FormerSeat, SessionBooking
from forumreg.tables.programme import ProgrammeSession
from forumreg.tables.registration import Registration


@dataclass(frozen=True, slots=True)
class Seat:
    """A registrant's seat, place in line, or wish; ``rank`` counts from 1 while waiting."""

    session: SessionFacts
    status: BookingStatus
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written down: a session, how, and the pool in which a seat's place was taken."""

    session: SessionFacts
    status: BookingStatus
    pool_id: int | None = None


def book(session: Session, registration_id: int, wanted: Wanted, now: datetime) -> None:
    """Write down a seat whose place the caller took, a place in line, or a wish.

    Raises:
        Refused: "overlap" with ``session`` and ``other``: the registrant is elsewhere at that time.
    """
    entry = wanted.session
    if wanted.status is BookingStatus.BOOKED:
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
    row.status, row.pool_id = wanted.status, wanted.pool_id
    session.flush()
    if wanted.status is BookingStatus.BOOKED:
        session.add(_commitment(row, entry))
        session.execute(
            delete(FormerSeat).where(FormerSeat.registration_id == registration_id, FormerSeat.session_key == entry.key)
        )
        session.flush()


def commit_to(session: Session, row: SessionBooking, entry: SessionFacts) -> None:
    """Make a seat whole whose session is at another time now; the caller has found the registrant free then."""
    row.status = BookingStatus.BOOKED
    session.add(_commitment(row, entry))
    session.flush()


def _commitment(row: SessionBooking, entry: SessionFacts) -> Commitment:
    return Commitment(
        registration_id=row.registration_id, booking_id=row.id, starts_at=entry.starts_at, ends_at=entry.ends_at
    )


def all_of(registration_id: object, wanted: Sequence[Wanted], now: datetime) -> Rows:
    """Everything that a registration chose which is written with it; its seats want ``COMMIT_TO_ALL`` after it.

    Raises:
        Refused: "overlap" with ``session`` and ``other``: two of the seats are at the same time.
    """
    seated = [each.session for each in wanted if each.status is BookingStatus.BOOKED]
    for one, other in combinations(seated, 2):
        if one.overlaps(other):
            raise Refused("overlap", session_id=other.id, other_id=one.id)
    return Rows(
        _BOOKINGS,
        [
            {
                "registration_id": registration_id,
                "session_id": each.session.id,
                "status": each.status,
                "pool_id": each.pool_id,
                "received_at": now,
            }
            for each in wanted
        ],
    )


# Written once: making statements anew costs more than running them (measured, 2026-11).
_BOOKINGS, _COMMITMENTS, _SESSIONS, _REGISTRATIONS = (
    cast("Table", each.__table__) for each in (SessionBooking, Commitment, ProgrammeSession, Registration)
)
COMMIT_TO_ALL = (
    insert(_COMMITMENTS)
    .inline()
    .from_select(
        ["registration_id", "booking_id", "starts_at", "ends_at"],
        select(_BOOKINGS.c.registration_id, _BOOKINGS.c.id, _SESSIONS.c.starts_at, _SESSIONS.c.ends_at)
        .join_from(_BOOKINGS, _SESSIONS, _SESSIONS.c.id == _BOOKINGS.c.session_id)
        .where(
            _BOOKINGS.c.registration_id == first_id(_REGISTRATIONS),
            _BOOKINGS.c.status == literal_column(f"'{BookingStatus.BOOKED}'"),
        ),
    )
)


def wish(session: Session, registration_id: int, event: EventFacts, now: datetime) -> None:
    """Turn all seats and places in line into wishes: the registrant has no place at the event any more.

    Seats that organizers gave by invitation are given up: nobody wishes for those.
    """
    rows = session.scalars(select(SessionBooking).where(SessionBooking.registration_id == registration_id)).all()
    _remember(session, event, rows, now)
    invited = [row.session_id for row in rows if not event.session(row.session_id).is_bookable]
    session.execute(delete(Commitment).where(Commitment.registration_id == registration_id))
    for row in rows:
        row.status, row.pool_id = BookingStatus.WISHED, None
    session.flush()
    leave(session, registration_id, event, invited, now)


def leave(
    session: Session, registration_id: int, event: EventFacts, session_ids: Iterable[int] | None, now: datetime
) -> None:
    """Take the registrant out of some sessions, or of all (``None``); the caller gives the places back."""
    condition = SessionBooking.registration_id == registration_id
    if session_ids is not None:
        condition &= SessionBooking.session_id.in_(list(session_ids))
    rows = session.scalars(select(SessionBooking).where(condition)).all()
    if not rows:
        return
    _remember(session, event, rows, now)
    ids = [row.id for row in rows]
    session.execute(
        delete(Commitment).where(Commitment.booking_id.in_(ids)).execution_options(synchronize_session=False)
    )
    session.execute(
        delete(SessionBooking).where(SessionBooking.id.in_(ids)).execution_options(synchronize_session="fetch")
    )
    settle_clashes(session, registration_id, event)


def _remember(session: Session, event: EventFacts, rows: Iterable[SessionBooking], now: datetime) -> None:
    """Keep what the registrant's calendar has to be told: these seats are theirs no more."""
    for row in rows:
        if row.status in SEATED:
            entry = event.session(row.session_id)
            session.add(
                FormerSeat(
                    registration_id=row.registration_id,
                    session_key=entry.key,
                    title=dict(entry.title),
                    starts_at=entry.starts_at,
                    ends_at=entry.ends_at,
                    left_at=now,
                )
            )
    session.flush()


def settle_clashes(session: Session, registration_id: int, event: EventFacts) -> tuple[int, ...]:
    """Make whole the seats that a move put beside another, now that the other is left; their sessions' ids."""
    rows = session.scalars(
        select(SessionBooking)
        .where(SessionBooking.registration_id == registration_id, SessionBooking.status == BookingStatus.CLASHING)
        .order_by(SessionBooking.id)
    ).all()
    settled = []
    for row in rows:
        entry = event.session(row.session_id)
        if busy_with(session, registration_id, entry.starts_at, entry.ends_at) is None:
            commit_to(session, row, entry)
            settled.append(row.session_id)
    return tuple(settled)


def seats_of(session: Session, registration_id: int) -> Mapping[int, int]:
    """The pools in which the registrant's seats were taken, by the session's id."""
    rows = session.execute(
        select(SessionBooking.session_id, SessionBooking.pool_id).where(
            SessionBooking.registration_id == registration_id, SessionBooking.status.in_(SEATED)
        )
    )
    return {session_id: pool_id for session_id, pool_id in rows if pool_id is not None}


def take_seat(session: Session, entry: SessionFacts, category: str | None) -> int | None:
    """Take a place in the session for somebody of this category; the pool it was in, ``None`` where there is none."""
    for pool in pools_for(entry, category):
        if exchange(session, take=[pool]) is None:
            return pool
    return None


def of_registration(session: Session, event: EventFacts, registration_id: int) -> tuple[Seat, ...]:
    """A registrant's seats, places in line and wishes, by start of the session; one query."""
    mine, other = SessionBooking, SessionBooking.__table__.alias("other")
    ahead = (
        select(func.count())
        .select_from(other)
        .where(
            other.c.session_id == mine.session_id,
            other.c.status == BookingStatus.WAITLISTED,
            other.c.id < mine.id,
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
