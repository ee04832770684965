"""Seats in programme sessions, and the calendar of what a registrant is committed to."""

from forumreg.rules.booking.calendar import busy_with
from forumreg.rules.booking.filling import Filled, fill_session
from forumreg.rules.booking.limits import crowded, organisation_limit, too_many
from forumreg.rules.booking.places import Places, PlacesLeft, places_left, pools_for
from forumreg.rules.booking.seats import (
    COMMIT_TO_ALL,
    Seat,
    Wanted,
    all_of,
    book,
    commit_to,
    leave,
    of_registration,
    seats_of,
    settle_clashes,
    take_seat,
    waiting_for,
    wish,
)
from forumreg.tables.booking import SEATED

__all__ = [
    "COMMIT_TO_ALL",
    "SEATED",
    "Filled",
    "Places",
    "PlacesLeft",
    "Seat",
    "Wanted",
    "all_of",
    "book",
    "busy_with",
    "commit_to",
    "crowded",
    "fill_session",
    "leave",
    "of_registration",
    "organisation_limit",
    "places_left",
    "pools_for",
    "seats_of",
    "settle_clashes",
    "take_seat",
    "too_many",
    "waiting_for",
    "wish",
]
