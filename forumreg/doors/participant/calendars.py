"""Calendar files of an event, of its programme and of a session; the programme as a schedule for conference apps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.adapters.calendar import Labels, event_calendar, programme_calendar, session_calendar
from forumreg.adapters.schedule.items import Schedule, schedule_of
from forumreg.adapters.schedule.writing_json import schedule_json
from forumreg.adapters.schedule.writing_xml import schedule_xml
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.web import kept, language, public, settings, visible_event
from forumreg.web.site import NAME

bp = Blueprint("calendars", __name__)

CALENDAR = "text/calendar; charset=utf-8"


@bp.get("/events/<slug:slug>/event.ics")
@public
def event(slug: str) -> ResponseReturnValue:
    """The event as one calendar entry."""
    found = visible_event(slug)
    content = event_calendar(found, base_url=settings().base_url, language=language(), moment=datetime.now(UTC))
    return calendar_file(content, f"{slug}.ics")


@bp.get("/events/<slug:slug>/programme.ics")
@public
def programme(slug: str) -> ResponseReturnValue:
    """The programme, an entry a session: a feed that calendars read again."""
    found = visible_event(slug)

    def write() -> bytes:
        return programme_calendar(
            found, base_url=settings().base_url, language=language(), moment=datetime.now(UTC), labels=_labels()
        )

    answer = feed(_state(found), CALENDAR, write)
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-programme.ics"'
    return answer


@bp.get("/events/<slug:slug>/schedule.xml")
@public
def xml(slug: str) -> ResponseReturnValue:
    """The programme in the frab format, for conference apps."""
    found = visible_event(slug)
    return feed(_state(found), "application/xml; charset=utf-8", lambda: schedule_xml(_schedule(found)))


@bp.get("/events/<slug:slug>/schedule.json")
@public
def json(slug: str) -> ResponseReturnValue:
    """The same as JSON."""
    found = visible_event(slug)
    return feed(_state(found), "application/json", lambda: schedule_json(_schedule(found)))


def session_file(event: EventFacts, entry: SessionFacts) -> Response:
    """One session as a calendar entry."""
    content = session_calendar(
        event, entry, base_url=settings().base_url, language=language(), moment=datetime.now(UTC), labels=_labels()
    )
    return calendar_file(content, f"{event.slug}-{entry.key}.ics")


def calendar_file(content: bytes, name: str) -> Response:
    """A calendar as a download; the name is made of signs that need no quoting."""
    response = Response(content, content_type=CALENDAR)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def feed(state: str, content_type: str, write: Callable[[], bytes]) -> Response:
    """What programs read again and again: written only where ``state`` is another than they have.

    Their own copy may be kept and asked about; copies that people share may not, for the language is the reader's.
    """
    response = Response(content_type=content_type)
    response.set_etag(f"{state}.{language()}", weak=True)  # packed or not, it says the same
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    response.make_conditional(request)
    if response.status_code == 200:
        return kept.packed(response, state, write)
    return response


def _state(found: EventFacts) -> str:
    return f"{found.id}.{found.version}"


def _labels() -> Labels:
    return Labels(_("Speakers"), _("Languages"), _("Interpretation"))


def _schedule(found: EventFacts) -> Schedule:
    return schedule_of(found, base_url=settings().base_url, language=language(), program=version(NAME))
