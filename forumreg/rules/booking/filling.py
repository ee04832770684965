"""A session's free seats go to those who wait for it, in the order they came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from forumreg.rules.booking.calendar import overlapping
from forumreg.rules.booking.limits import organisation_limit, seats_of_organisation
from forumreg.rules.booking.seats import Wanted, book, take_seat
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.tables.booking import BookingStatus, SessionBooking
from forumreg.tables.registration import Registration, Status
from forumreg.tables.seats import SeatPool


@dataclass(frozen=True, slots=True)
class Filled:
    """Registrations (their ids): who got a seat, and whom another session kept from one, both in order of the line."""

    seated: tuple[int, ...]
    passed_over: tuple[int, ...]


def fill_session(session: Session, event: EventFacts, entry: SessionFacts, now: datetime) -> Filled:
    """Give the session's free seats to those who wait, in the order they came.

    Who is elsewhere at that time keeps the place in line and is passed over; so is, until the event's limit for
    organisations ends, a person whose organisation has as many seats as it may.
    """
    seated: list[int] = []
    busy: dict[int, None] = {}
    while open_to := _open_categories(session, event, entry):
        row = session.scalars(_in_line(event, entry, open_to, now).limit(1)).first()
        busy.update(dict.fromkeys(_busy_before(session, event, entry, open_to, row, now)))
        if row is None:
            break
        category = event.category(session.get_one(Registration, row.registration_id).category_id)
        pool = take_seat(session, entry, category.key if category else None)
        if pool is None:  # cannot be: the event's places are locked and one was free
            break
        book(session, row.registration_id, Wanted(entry, BookingStatus.BOOKED, pool), now)
        seated.append(row.registration_id)
    return Filled(tuple(seated), tuple(busy))


def _open_categories(session: Session, event: EventFacts, entry: SessionFacts) -> frozenset[int | None]:
    """The categories (their ids) whose people find a free seat now; ``None`` in it stands for everybody."""
    if not entry.pool_ids:
        return frozenset()
    free = set(
        session.scalars(
            select(SeatPool.id).where(
                SeatPool.id.in_(entry.pool_ids),
                SeatPool.capacity.is_(None) | (SeatPool.taken < SeatPool.capacity),
            )
        )
    )
    if entry.pool_id in free:
        return frozenset({None})
    categories = (event.find_category(key) for key, pool in entry.held.items() if pool in free)
    return frozenset(category.id for category in categories if category is not None)


def _line(event: EventFacts, entry: SessionFacts, open_to: frozenset[int | None], now: datetime) -> Select[Any]:
    """Those who wait and would be let in, were they free, in the order they came."""
    query = (
        select(SessionBooking)
        .join(Registration, Registration.id == SessionBooking.registration_id)
        .where(
            SessionBooking.session_id == entry.id,
            SessionBooking.status == BookingStatus.WAITLISTED,
            Registration.status.in_([Status.PENDING, Status.CONFIRMED]),
        )
        .order_by(SessionBooking.id)
    )
    if None not in open_to:
        query = query.where(Registration.category_id.in_([category for category in open_to if category is not None]))
    most = organisation_limit(event, now)
    return query if most is None else query.where(seats_of_organisation(entry.id) < most)


def _in_line(event: EventFacts, entry: SessionFacts, open_to: frozenset[int | None], now: datetime) -> Select[Any]:
    """Those of them who are free at that time."""
    return _line(event, entry, open_to, now).where(~_is_busy(entry))


def _busy_before(
    session: Session,
    event: EventFacts,
    entry: SessionFacts,
    open_to: frozenset[int | None],
    row: SessionBooking | None,
    now: datetime,
) -> list[int]:
    """Whom another session keeps from the seat that goes to ``row``, or to nobody."""
    query = _line(event, entry, open_to, now).where(_is_busy(entry))
    if row is not None:
        query = query.where(SessionBooking.id < row.id)
    return [each.registration_id for each in session.scalars(query)]


def _is_busy(entry: SessionFacts) -> Any:
    return exists().where(overlapping(SessionBooking.registration_id.expression, entry.starts_at, entry.ends_at))
