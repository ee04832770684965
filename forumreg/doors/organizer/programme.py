"""The programme as its organizers see it: a day as a grid of rooms and hours, and everything as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.doors.organizer import (
    programme_acts,
    programme_limits,
    programme_moving,
    programme_parts,
    programme_sessions,
)
from forumreg.doors.organizer.frame import page
from forumreg.doors.organizer.programme_list import List, asked_of, rows_of, state_words
from forumreg.doors.organizer.programme_moving import MOVED, Undo
from forumreg.doors.organizer.programme_plan import days_of, grid_of, room_names
from forumreg.doors.organizer.programme_words import clash_link, day_and_hours, named
from forumreg.rules import planning
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts
from forumreg.rules.planning import Planned
from forumreg.rules.seats import PoolState, pools_of
from forumreg.web import current_event, needs, now, session, translated
from forumreg.web.when import today_in, zone_name
from forumreg.web.words import kind_words

bp = Blueprint("programme", __name__, url_prefix="/<slug:slug>/programme")
for part in (programme_sessions, programme_acts, programme_moving, programme_parts, programme_limits):
    bp.register_blueprint(part.bp)
MOST_CLASHES_NAMED = 12


@bp.get("")
@needs(Action.PLAN)
def index(slug: str) -> ResponseReturnValue:
    """Show a day: rooms across, hours down; the chosen session with the buttons that move it."""
    event = current_event(slug)
    plan = planning.shown_plan(event)
    by_key = {planned.draft.id: planned for planned in plan}
    days = days_of(event, plan)
    chosen = by_key.get(request.args.get("chosen", ""))
    day = _day(event, days, plan, chosen)
    return page(
        "programme/index.html",
        slug,
        tab="programme",
        days=days,
        grid=grid_of(event, plan, day, _pools(event)),
        is_empty=not plan,
        has_sheets=_has_sheets(event, day),
        chosen=chosen,
        undo=_undo(event, by_key),
        rooms=room_names(event),
        kinds=kind_words(),
        zone_name=zone_name(event.city, event.zone, plan[0].draft.starts_at if plan else event.over_at),
        **_clashes(event, by_key),
    )


def _has_sheets(event: EventFacts, day: date) -> bool:
    """Whether somebody signs in at a session of this day."""
    return any(each.pool_id is not None and today_in(event.zone, each.starts_at) == day for each in event.sessions)


@bp.get("/list")
@needs(Action.PLAN)
def listing(slug: str) -> ResponseReturnValue:
    """Show all sessions, or those that the address asks for, by day."""
    event = current_event(slug)
    plan = planning.shown_plan(event)
    asked = asked_of(request.args)
    found: List = rows_of(event, plan, asked, _pools(event))
    return page(
        "programme/list.html",
        slug,
        tab="programme",
        asked=asked,
        found=found,
        total=len(plan),
        days=days_of(event, plan),
        rooms=room_names(event),
        tracks={track.key: translated(track.title) for track in event.tracks},
        kinds=kind_words(),
        states=state_words(),
        **_clashes(event, {planned.draft.id: planned for planned in plan}),
    )


def _pools(event: EventFacts) -> Mapping[int, PoolState]:
    return pools_of(session(), event.id)


def _day(event: EventFacts, days: Sequence[date], plan: Sequence[Planned], chosen: Planned | None) -> date:
    """The day that is asked for, else that of the chosen session, else today, else the first with a session."""
    wanted = {day.isoformat(): day for day in days}.get(request.args.get("day", ""))
    first = (chosen or plan[0]).draft.starts_at if plan else None
    today = today_in(event.zone, now())
    if wanted is not None:
        return wanted
    if chosen is None and today in days:
        return today
    return today_in(event.zone, first) if first else days[0]


def _clashes(event: EventFacts, plan: Mapping[str, Planned]) -> dict[str, Any]:
    found = planning.clashes(event)
    return {
        "clash_number": len(found),
        "clashes": [clash_link(event, concern, plan) for concern in found[:MOST_CLASHES_NAMED]],
    }


def _undo(event: EventFacts, plan: Mapping[str, Planned]) -> Mapping[str, Any] | None:
    """The move that was just made, so that one press takes it back; told once."""
    undo = Undo.read(cookie.pop(MOVED, None))
    planned = plan.get(undo.key) if undo else None
    if undo is None or planned is None or undo.slug != event.slug or planned.session.version != undo.version:
        return None
    room = room_names(event).get(planned.draft.room or "", _("no room"))
    said = _(
        "Moved “%(title)s” to %(when)s, %(room)s.",
        title=named(planned.draft),
        when=day_and_hours(event, planned.draft),
        room=room,
    )
    if undo.told:
        said += " " + ngettext("%(num)s person is told.", "%(num)s people are told.", undo.told)
    return {"said": said, "key": undo.key, "fields": undo.fields}
