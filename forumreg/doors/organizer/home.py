"""The events that a person organizes."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from forumreg.base.texts import read
from forumreg.doors.organizer.frame import page
from forumreg.rules.access import Action
from forumreg.rules.report import own_events
from forumreg.web import actor, language, needs, now, session

bp = Blueprint("home", __name__)


@bp.get("/")
@needs(Action.VISIT_STAFF)
def index() -> ResponseReturnValue:
    """Show the events that the person organizes, each with its numbers."""
    events = own_events(session(), actor(), now=now())
    titles = {each.slug: read(each.title, language(), each.language) for each in events}
    return page("home/index.html", events=events, titles=titles)
