"""Where a co-organizer begins: the events, and for whom."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from forumreg.doors.partner.frame import page
from forumreg.rules.access import Action
from forumreg.rules.partner import mine
from forumreg.web import actor, needs, session

bp = Blueprint("home", __name__)


@bp.get("/")
@needs(Action.VISIT_STAFF)
def index() -> ResponseReturnValue:
    """Show the events at which the reader acts for an organisation."""
    return page("home/index.html", partnerships=mine(session(), actor()))
