"""The door of participants: events, the form, the own page. Nobody signs in."""

from flask import Blueprint

from forumreg.doors.participant import calendars, choosing, events, itinerary, own, registration

bp = Blueprint("participant", __name__)
for room in (events, calendars, registration, own, choosing, itinerary):
    bp.register_blueprint(room.bp)

__all__ = ["bp"]
