"""The co-organizers' pages: their events, and of one event the roster and its files."""

from flask import Blueprint

from forumreg.doors.partner import home, roster

bp = Blueprint("partner", __name__, url_prefix="/partners")
for room in (home, roster):
    bp.register_blueprint(room.bp)

__all__ = ["bp"]
