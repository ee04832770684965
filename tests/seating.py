"""Seats that nobody books themselves: those of an invitation, and those that a move left beside another."""

from __future__ import annotations

from sqlalchemy.orm import Session

from forumreg.rules import booking
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.seats import lock_event
from forumreg.store.writing import writing
from forumreg.tables.booking import BookingStatus, SessionBooking
from forumreg.tables.registration import Registration
from tests.builders import NOW


def the_session(event: EventFacts, key: str) -> SessionFacts:
    """The programme session of this key."""
    found = event.find_planned(key)
    assert found is not None
    return found


def invited(session: Session, event: EventFacts, registration: Registration, key: str) -> None:
    """Give the registrant a seat as an organizer does."""
    entry, number = the_session(event, key), registration.id
    session.rollback()
    with writing(session):
        lock_event(session, event.id)
        pool = booking.take_seat(session, entry, None)
        booking.book(session, number, booking.Wanted(entry, BookingStatus.BOOKED, pool), NOW)


def clashing(session: Session, event: EventFacts, registration: Registration, key: str) -> None:
    """Give the registrant a seat such as a move leaves: at the same time as another of theirs."""
    entry, number = the_session(event, key), registration.id
    session.rollback()
    with writing(session):
        lock_event(session, event.id)
        pool = booking.take_seat(session, entry, None)
        session.add(
            SessionBooking(
                registration_id=number,
                session_id=entry.id,
                status=BookingStatus.CLASHING,
                pool_id=pool,
                received_at=NOW,
            )
        )
