"""Freed seats go to those who wait, in the transaction that frees them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, case, exists, literal_column, select
from sqlalchemy.orm import Session

from forumreg.rules import booking, journal
from forumreg.rules.access import Action, Actor, Worker, require
from forumreg.rules.event import EventFacts, SessionFacts, facts_by_id
from forumreg.rules.registration import mailing
from forumreg.rules.registration.pools import pools_of
from forumreg.rules.seats import exchange, lock_event
from forumreg.rules.seats import pools_of as places_of
from forumreg.store.writing import writing
from forumreg.tables.booking import BookingStatus, SessionBooking
from forumreg.tables.event import Approval, Category, EventStatus
from forumreg.tables.mail import Message
from forumreg.tables.registration import Registration, Status
from forumreg.tables.seats import PoolKind, SeatPool

BATCH = 20  # waiting registrations looked at in one query


def fill(session: Session, event: EventFacts, now: datetime) -> None:
    """Give free places at the event to those who wait longest and whose every pool has one.

    Inside the caller's transaction, which holds the event's pool.
    """
    if now >= event.over_at or event.status is EventStatus.CANCELLED:
        return
    after: tuple[datetime, int] | None = None
    while batch := _waiting(session, event, after):
        full = {pool.id for pool in places_of(session, event.id).values() if pool.is_full}
        if event.pool_id in full:
            return
        for registration in batch:
            after = (registration.received_at, registration.id)
            wanted = pools_of(event, registration)
            if not wanted & full and exchange(session, take=wanted) is None:
                promote(session, Worker(), event, registration, now, why="next in line")


# Who waits longest for the `event` though it (`pool`) and their category have a place. The line is not read at all
# while the event is full, as it mostly is where there is a line. Few wait among many: the status stands in the
# statement for PostgreSQL's statistics, and the order makes SQLite go by the line's index.
_WAITING, _POOLS, _CATEGORIES = (cast("Table", each.__table__) for each in (Registration, SeatPool, Category))
_OF_CATEGORY = _POOLS.alias("of_category")
_LINE = (
    select(_WAITING.c.id)
    .join_from(_WAITING, _CATEGORIES, _CATEGORIES.c.id == _WAITING.c.category_id, isouter=True)
    .outerjoin(
        _OF_CATEGORY,
        (_OF_CATEGORY.c.event_id == _WAITING.c.event_id)
        & (_OF_CATEGORY.c.kind == PoolKind.CATEGORY)
        & (_OF_CATEGORY.c.key == _CATEGORIES.c.key),
    )
    .where(
        _WAITING.c.event_id == bindparam("event"),
        _WAITING.c.status == literal_column(f"'{Status.WAITLISTED}'"),
        _WAITING.c.is_held.is_(False),
        _OF_CATEGORY.c.capacity.is_(None) | (_OF_CATEGORY.c.taken < _OF_CATEGORY.c.capacity),
    )
    .order_by(_WAITING.c.received_at, _WAITING.c.id)
    .limit(1)
)
_HAS_PLACE = exists().where(
    _POOLS.c.id == bindparam("pool"), _POOLS.c.capacity.is_(None) | (_POOLS.c.taken < _POOLS.c.capacity)
)
FIRST_IN_LINE = case((_HAS_PLACE, _LINE.scalar_subquery()))


def _waiting(session: Session, event: EventFacts, after: tuple[datetime, int] | None) -> list[Registration]:
    """The next waiting registrations whose category has a place left, in the order they came."""
    pools = places_of(session, event.id)
    open_categories = [entry.id for entry in event.categories if not pools[entry.pool_id].is_full]
    query = select(Registration).where(
        Registration.event_id == event.id,
        Registration.status == Status.WAITLISTED,
        Registration.is_held.is_(False),
    )
    if event.categories:
        has_none = Registration.category_id.is_(None)  # came when the event had no categories
        query = query.where(has_none | Registration.category_id.in_(open_categories))
    if after is not None:
        at, number = after
        query = query.where(
            (Registration.received_at > at) | ((Registration.received_at == at) & (Registration.id > number))
        )
    return list(session.scalars(query.order_by(Registration.received_at, Registration.id).limit(BATCH)))


def promote(
    session: Session, actor: Actor, event: EventFacts, registration: Registration, now: datetime, *, why: str
) -> None:
    """Give a waiting registration whose places are taken its status, its wished sessions and its mail."""
    approval = event.approval_of(event.category(registration.category_id))
    by_hand = not isinstance(actor, Worker)
    is_decided = by_hand or registration.decided_at is not None or approval is Approval.AUTOMATIC
    registration.status = Status.CONFIRMED if is_decided else Status.PENDING
    registration.is_held = False
    registration.decided_at = now if is_decided else registration.decided_at
    seat_wishes(session, event, registration, now)
    mailing.changed(registration, now)
    journal.write(
        session, actor, "promoted", subject=("registration", registration.id), event_id=event.id, now=now,
        before={"status": Status.WAITLISTED.value},
        after={"status": registration.status.value, "why": why, "received_at": registration.received_at.isoformat()},
    )  # fmt: skip
    mailing.post(session, registration, Message.PROMOTED)


def seat_wishes(session: Session, event: EventFacts, registration: Registration, now: datetime) -> None:
    """Turn wished sessions into seats where there are any, else into places in line."""
    wishes = session.scalars(
        select(SessionBooking.session_id)
        .where(SessionBooking.registration_id == registration.id, SessionBooking.status == BookingStatus.WISHED)
        .order_by(SessionBooking.id)
    ).all()
    category = event.category(registration.category_id)
    entries = [event.session(session_id) for session_id in wishes]
    crowded = booking.crowded(session, event, registration.organisation_key, entries, now)
    for entry in entries:
        is_free = booking.busy_with(session, registration.id, entry.starts_at, entry.ends_at) is None
        pool = None
        if is_free and entry.id not in crowded:
            pool = booking.take_seat(session, entry, category.key if category else None)
        status = BookingStatus.WAITLISTED if pool is None else BookingStatus.BOOKED
        booking.book(session, registration.id, booking.Wanted(entry, status, pool), now)


def fill_sessions(
    session: Session, event: EventFacts, freed: Iterable[SessionFacts], now: datetime, *, tell_passed_over: bool = True
) -> None:
    """Give free seats in these sessions to those who wait for them, and write to them.

    Whom another session keeps from such a seat is told, at most once a day for one session.
    """
    if event.status is EventStatus.CANCELLED:
        return
    for entry in (entry for entry in freed if now < entry.starts_at):
        filled = booking.fill_session(session, event, entry, now)
        for registration_id in filled.seated:
            registration = session.get_one(Registration, registration_id)
            mailing.changed(registration, now)
            journal.write(
                session, Worker(), "seat_given", subject=("registration", registration_id), event_id=event.id,
                now=now, after={"session": entry.key, "why": "next in line"},
            )  # fmt: skip
            mailing.post(session, registration, Message.CHANGED, {"gained": [entry.id]})
        for registration_id in filled.passed_over if tell_passed_over else ():
            registration = session.get_one(Registration, registration_id)
            period = f"session {entry.id}, {now:%Y-%m-%d}"
            if mailing.post_at_most_once(session, registration, Message.PASSED_OVER, period, {"passed": [entry.id]}):
                journal.write(
                    session, Worker(), "passed_over", subject=("registration", registration_id), event_id=event.id,
                    now=now, after={"session": entry.key, "why": "elsewhere at that time"},
                )  # fmt: skip


def fill_waited_for(session: Session, event: EventFacts, now: datetime) -> None:
    """Give every free seat that somebody waits for, inside the caller's transaction, which holds the event's pool."""
    wanted = session.scalars(
        select(SessionBooking.session_id)
        .join(Registration, Registration.id == SessionBooking.registration_id)
        .where(Registration.event_id == event.id, SessionBooking.status == BookingStatus.WAITLISTED)
        .distinct()
    )
    fill_sessions(session, event, sorted(map(event.session, wanted), key=lambda each: (each.starts_at, each.id)), now)


def sweep(session: Session, actor: Actor, event_id: int, *, now: datetime) -> None:
    """Fill what a larger capacity or an import left free; changes nothing where nobody waits.

    Raises:
        Forbidden: only the worker and the shell sweep.
    """
    require(actor, Action.RUN_JOBS, event_id)
    with writing(session):
        lock_event(session, event_id)
        event = facts_by_id(session, event_id)
        fill_sessions(session, event, event.bookable, now, tell_passed_over=False)
        fill(session, event, now)


def events_with_waiting(session: Session) -> list[int]:
    """The events at which somebody waits for a place or a session that has one left."""
    for_event = (
        select(Registration.event_id)
        .join(SeatPool, (SeatPool.event_id == Registration.event_id) & (SeatPool.kind == PoolKind.EVENT))
        .where(
            Registration.status == Status.WAITLISTED,
            Registration.is_held.is_(False),
            SeatPool.capacity.is_(None) | (SeatPool.taken < SeatPool.capacity),
        )
    )
    for_sessions = (
        select(Registration.event_id)
        .join(SessionBooking, SessionBooking.registration_id == Registration.id)
        .where(SessionBooking.status == BookingStatus.WAITLISTED)
    )
    return sorted({*session.scalars(for_event.distinct()), *session.scalars(for_sessions.distinct())})
