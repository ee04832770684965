"""The organizers' pages: their events, and of one event the overview, attendees, programme, messages, partners."""

from flask import Blueprint

from forumreg.doors.organizer import (
    attendees,
    home,
    languages,
    messages,
    overview,
    partners,
    programme,
    programme_import,
    registration,
    session_people,
)

bp = Blueprint("organizer", __name__, url_prefix="/organize")
for room in (
    home,
    overview,
    attendees,
    registration,
    programme,
    programme_import,
    messages,
    partners,
    languages,
    session_people,
):
    bp.register_blueprint(room.bp)

__all__ = ["bp"]
