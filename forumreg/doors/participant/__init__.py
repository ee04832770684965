"""The door of participants: events, the form, the own page. Nobody signs in."""

from flask import Blueprint

from forumreg.doors.participant import (
    calendars,
    changes,
    choosing,
    events,
    itinerary,
    own,
    programme,
    registration,
    sharing,
)

bp = Blueprint("participant", __name__)
for room in (events, programme, calendars, changes, registration, own, choosing, sharing, itinerary):
    bp.register_blueprint(room.bp)

__all__ = ["bp"]
