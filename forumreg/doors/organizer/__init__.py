"""The organizers' pages: their events, and of one event the overview, attendees, messages and partners."""

from flask import Blueprint

from forumreg.doors.organizer import attendees, home, messages, overview, partners, programme_import, registration

bp = Blueprint("organizer", __name__, url_prefix="/organize")
for room in (home, overview, attendees, registration, messages, partners, programme_import):
    bp.register_blueprint(room.bp)

__all__ = ["bp"]
