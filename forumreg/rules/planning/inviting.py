"""Seats that an organizer gives and takes by hand, by invitation above all."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound, Refused
from forumreg.rules import booking, journal
from forumreg.rules.access import Actor
from forumreg.rules.event import SessionFacts
from forumreg.rules.planning.acting import Act, act
from forumreg.rules.planning.proposals import found
from forumreg.rules.registration import mailing
from forumreg.rules.registration.pools import HOLDING
from forumreg.rules.seats import exchange
from forumreg.tables.booking import BookingStatus
from forumreg.tables.mail import Message
from forumreg.tables.registration import Registration


def seat(session: Session, actor: Actor, slug: str, key: str, reference: str, *, now: datetime) -> None:
    """Give a registrant a seat in the session, ahead of its waiting list, and write to them.

    Raises:
        NotFound: no event has this slug, no session this key, or no registration of the event this reference.
        Forbidden: the actor does not plan the event.
        Refused: "already" has one; "no_place" at the event; "not_seated": no seats are counted in the session;
            "overlap" with ``other`` (a session): elsewhere at that time; "session_full".
    """
    with act(session, actor, slug, now) as acting:
        entry = found(acting.event, key)
        registration = _registration(acting, reference)
        pool = _pool(acting, entry, registration)
        booking.book(session, registration.id, booking.Wanted(entry, BookingStatus.BOOKED, pool), now)
        _tell(acting, registration, "seat_given", entry, {"gained": [entry.id]})


def _pool(acting: Act, entry: SessionFacts, registration: Registration) -> int:
    session = acting.session
    if registration.status not in HOLDING:
        raise Refused("no_place")
    if entry.pool_id is None or not entry.is_public:
        raise Refused("not_seated")
    if entry.id in booking.seats_of(session, registration.id):
        raise Refused("already")
    other = booking.busy_with(session, registration.id, entry.starts_at, entry.ends_at)
    if other is not None:
        raise Refused("overlap", other=acting.event.session(other))
    category = acting.event.category(registration.category_id)
    pool = booking.take_seat(session, entry, category.key if category else None)
    if pool is None:
        raise Refused("session_full", session=entry)
    return pool


def unseat(session: Session, actor: Actor, slug: str, key: str, reference: str, *, now: datetime) -> None:
    """Take a registrant's seat back; it goes to who waits, and they are written to. A place in line is no seat.

    Raises:
        NotFound: as ``seat``.
        Forbidden: the actor does not plan the event.
        Refused: "not_seated": they have no seat in it.
    """
    with act(session, actor, slug, now) as acting:
        entry = found(acting.event, key)
        registration = _registration(acting, reference)
        pool = booking.seats_of(session, registration.id).get(entry.id)
        if pool is None:
            raise Refused("not_seated")
        exchange(session, give=[pool])
        booking.leave(session, registration.id, acting.event, [entry.id], now)
        _tell(acting, registration, "seat_taken", entry, {"left": [entry.id]})


def _registration(acting: Act, reference: str) -> Registration:
    row = acting.session.scalars(
        select(Registration)
        .where(Registration.event_id == acting.event.id, Registration.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("registration")
    return row


def _tell(
    acting: Act, registration: Registration, action: str, entry: SessionFacts, payload: dict[str, list[int]]
) -> None:
    mailing.changed(registration, acting.now)
    journal.write(
        acting.session, acting.actor, action, subject=("registration", registration.id),
        event_id=acting.event.id, now=acting.now, after={"session": entry.key, "why": "an organizer"},
    )  # fmt: skip
    mailing.post(acting.session, registration, Message.CHANGED, payload)
