"""Who understands what is said in each session, what would help most, and how many headsets to bring where."""

from __future__ import annotations

from flask import Blueprint
from flask.typing import ResponseReturnValue

from forumreg.doors.organizer.frame import page
from forumreg.rules.access import Action
from forumreg.rules.report import language_plan
from forumreg.web import actor, current_event, needs, session

bp = Blueprint("languages", __name__, url_prefix="/<slug:slug>/programme/languages")
SHOWN_BEST = 3  # languages that would help, beside one session


@bp.get("")
@needs(Action.PLAN)
def show(slug: str) -> ResponseReturnValue:
    """Show the sessions, those with most people lost first, and headsets by hour and room."""
    event = current_event(slug)
    plan = language_plan(session(), actor(), event)
    return page(
        "programme/languages.html",
        slug,
        tab="programme",
        plan=plan,
        lost=sum(each.lost for each in plan.sessions),
        best_shown=SHOWN_BEST,
    )
