"""A registrant's own programme: by day, on paper, and as a calendar that keeps itself up to date."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.adapters import qr
from forumreg.adapters.calendar import registration_feed
from forumreg.base.references import Opens, link_token
from forumreg.doors.participant import standing
from forumreg.doors.participant.calendars import calendar_file
from forumreg.doors.participant.opening import ENDED, back_to_registration, opened, opened_calendar, own_blueprint
from forumreg.doors.participant.sessions import languages_words
from forumreg.rules.registration import Item, RegistrationFacts, registration_letter
from forumreg.web import keys, language, public, session, settings
from forumreg.web.errors import page
from forumreg.web.view import event_view
from forumreg.web.when import today_in
from forumreg.web.words import kind_words

bp = own_blueprint("itinerary")
PAPERS = ("a4", "a6")
_STAMP = re.compile(rb"^DTSTAMP:[^\r]*\r\n", re.MULTILINE)  # says when the file was made, not what is in it


@dataclass(frozen=True, slots=True)
class Line:
    """One session of somebody's day, with the words of its languages."""

    item: Item
    languages: str


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a calendar finds the registrant's sessions: as a file, and for programs that come again."""

    file: str  # on this site
    plain: str
    subscribing: str


def days_of(found: RegistrationFacts) -> Mapping[date, list[Line]]:
    """The registrant's programme by day of the event's zone."""
    days: dict[date, list[Line]] = {}
    for item in found.programme:
        on = today_in(found.event.zone, item.session.starts_at)
        days.setdefault(on, []).append(Line(item, ". ".join(languages_words(item.session))))
    return days


def feed_addresses(found: RegistrationFacts) -> Addresses:
    """The addresses of the calendar, by a key that opens nothing else: they are handed on to other programs."""
    token = link_token(keys(), found.reference, found.link_version, Opens.CALENDAR)
    plain = f"{settings().base_url}/r/{token}/calendar.ics"
    return Addresses(
        url_for("participant.itinerary.calendar", token=token), plain, re.sub(r"^https?:", "webcal:", plain)
    )


@bp.get("/<token>/programme")
@public
def programme(token: str) -> ResponseReturnValue:
    """The registrant's sessions on one page to print, on A4 or folded into a pocket."""
    _own, found = opened(token)
    if found.status in ENDED:
        return page(410, *standing.status_words(found), way_out=back_to_registration(token))
    paper = request.args.get("paper", "")
    return render_template(
        "participant/itinerary/programme.html",
        event=event_view(found.event),
        registration=found,
        token=token,
        days=days_of(found),
        kinds=kind_words(),
        paper=paper if paper in PAPERS else PAPERS[0],
        qr=qr.svg(found.reference, label=_("QR code for %(reference)s", reference=found.reference))
        if found.status == "confirmed"
        else "",
    )


@bp.get("/<token>/calendar.ics")
@public
def calendar(token: str) -> ResponseReturnValue:
    """The registrant's sessions as a calendar to subscribe to; what has not changed is not sent again."""
    own, found = opened_calendar(token)
    content = registration_feed(
        found.event,
        registration_letter(session(), found.event, own.registration_id),
        base_url=settings().base_url,
        language=language(),
        moment=datetime.now(UTC),
        sender=settings().mail_address,
    )
    response = calendar_file(content, f"{found.reference}.ics")
    response.cache_control.private = response.cache_control.no_cache = True  # ask each time, keep what you have
    response.set_etag(hashlib.sha256(_STAMP.sub(b"", content)).hexdigest()[:32], weak=True)
    response.make_conditional(request)
    return response
