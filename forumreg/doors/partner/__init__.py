"""The co-organizers' pages: their events, and of one event the roster, the sessions they lead, and their files."""

from flask import Blueprint

from forumreg.doors.partner import home, roster, sessions

bp = Blueprint("partner", __name__, url_prefix="/partners")
for room in (home, roster, sessions):
    bp.register_blueprint(room.bp)

__all__ = ["bp"]
