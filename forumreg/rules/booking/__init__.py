"""Seats in programme sessions, and the calendar of what a registrant is committed to."""

from forumreg.rules.booking.calendar import busy_with
from forumreg.rules.booking.seats import (
    Seat,
    book,
    book_all,
    fill_session,
    leave,
    of_registration,
    pools_held,
    waiting_for,
    wish,
)

__all__ = [
    "Seat",
    "book",
    "book_all",
    "busy_with",
    "fill_session",
    "leave",
    "of_registration",
    "pools_held",
    "waiting_for",
    "wish",
]
