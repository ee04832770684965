"""How the public programme changed, as a feed."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.adapters import atom
from forumreg.doors.participant.calendars import feed
from forumreg.rules.event import Change, EventFacts, Standing, changed_at, changes
from forumreg.web import errors, language, now, public, session, settings, translated, visible_event
from forumreg.web.when import clock, day

bp = Blueprint("changes", __name__)


@bp.get("/events/<slug:slug>/changes.atom")
@public
def index(slug: str) -> ResponseReturnValue:
    """The last hundred changes, or those since a day or an instant."""
    event = visible_event(slug)
    asked = request.args.get("since", "")
    try:
        since = _instant(asked, event.zone) if asked else None
    except (ValueError, OverflowError):
        return errors.page(
            400,
            _("We do not know since when"),
            _("Write a day such as 2015-09-01, or an instant such as 2015-09-01T09:00:00+02:00, after “since=”."),
        )
    told = changes(session(), event, since=since)
    state = f"{event.id}.{event.version}.{told[0].number if told else 0}"
    return feed(state, "application/atom+xml; charset=utf-8", lambda: _written(event, told))


def _instant(asked: str, zone: ZoneInfo) -> datetime:
    """The start of a day, or an instant; by the event's clock where no offset is said.

    Raises:
        ValueError, OverflowError: it is neither.
    """
    typed = asked.replace(" ", "+")  # a plus that nobody quoted
    try:
        found = datetime.combine(date.fromisoformat(typed), datetime.min.time())
    except ValueError:
        found = datetime.fromisoformat(typed)
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _written(event: EventFacts, told: tuple[Change, ...]) -> bytes:
    base = f"{settings().base_url}/events/{event.slug}"
    title = translated(event.title)
    frame = atom.Feed(
        id=_urn(event, "changes"),
        title=_("%(event)s: changes of the programme", event=title),
        author=title,
        language=language(),
        updated=told[0].at if told else changed_at(session(), event) or now(),
        url=f"{base}/programme",
        own_url=f"{base}/changes.atom",
    )
    return atom.write(frame, [_entry(event, change, base) for change in told])


def _entry(event: EventFacts, change: Change, base: str) -> atom.Entry:
    standing = change.after or change.before
    is_there = event.find_session(change.key) is not None
    return atom.Entry(
        id=_urn(event, f"changes/{change.number}"),
        title=_title(change.action, translated(standing.title) if standing else change.key),
        updated=change.at,
        summary=_summary(event, change),
        url=f"{base}/sessions/{change.key}" if is_there else f"{base}/programme",
    )


def _title(action: str, title: str) -> str:
    return {
        "session_published": _("New: %(title)s", title=title),
        "session_moved": _("Moved: %(title)s", title=title),
        "session_changed": _("Changed: %(title)s", title=title),
        "session_withdrawn": _("Withdrawn: %(title)s", title=title),
    }[action]


def _summary(event: EventFacts, change: Change) -> str:
    was = _when_and_where(event, change.before)
    now_ = _when_and_where(event, change.after)
    if change.action == "session_withdrawn":
        return _("It is no longer in the programme. It was planned for %(was)s.", was=was)
    if change.action == "session_moved":
        return _("Before: %(was)s. Now: %(now)s.", was=was, now=now_)
    if change.action == "session_changed":
        return _("Its description changed. Time and place are the same: %(now)s.", now=now_)
    return now_


def _when_and_where(event: EventFacts, standing: Standing | None) -> str:
    if standing is None:
        return ""
    hours = f"{clock(standing.starts_at, event.zone)}–{clock(standing.ends_at, event.zone)}"
    return ", ".join(filter(None, (day(standing.starts_at, event.zone), hours, translated(standing.room))))


def _urn(event: EventFacts, name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'urn:forumreg:{event.slug}/{name}')}"
