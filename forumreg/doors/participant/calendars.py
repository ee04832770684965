"""Calendar files of an event and of its programme."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from forumreg.adapters.calendar import event_calendar, programme_calendar
from forumreg.web import language, public, settings, visible_event

bp = Blueprint("calendars", __name__)


@bp.get("/events/<slug:slug>/event.ics")
@public
def event(slug: str) -> ResponseReturnValue:
    """The event as one calendar entry."""
    found = visible_event(slug)
    content = event_calendar(
        found,
        base_url=settings().base_url,
        language=language(),
        moment=datetime.now(UTC),
        sender=settings().mail_address,
    )
    return calendar_file(content, f"{slug}.ics")


@bp.get("/events/<slug:slug>/programme.ics")
@public
def programme(slug: str) -> ResponseReturnValue:
    """The programme, an entry a session."""
    found = visible_event(slug)
    content = programme_calendar(
        found,
        base_url=settings().base_url,
        language=language(),
        moment=datetime.now(UTC),
        sender=settings().mail_address,
    )
    return calendar_file(content, f"{slug}-programme.ics")


def calendar_file(content: bytes, name: str) -> Response:
    """A calendar as a download; the name is made of signs that need no quoting."""
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
