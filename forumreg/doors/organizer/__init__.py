"""The organizers' pages: their events, and of one event the overview, attendees, programme, messages, partners."""

from flask import Blueprint

from forumreg.doors.organizer import (
    attendees,
    home,
    messages,
    overview,
    partners,
    programme,
    programme_import,
    registration,
)

bp = Blueprint("organizer", __name__, url_prefix="/organize")
for room in (home, overview, attendees, registration, programme, programme_import, messages, partners):
    bp.register_blueprint(room.bp)

__all__ = ["bp"]
