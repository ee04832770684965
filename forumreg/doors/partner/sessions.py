"""The sessions that an organisation leads: who booked them, of those who agreed to share with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.adapters.pdf import SignIn, sign_in_sheets
from forumreg.adapters.pdf.sign_in import uncovered
from forumreg.adapters.sheets import FORMATS, Labels, Sheet, spooled
from forumreg.doors.partner.cursors import Cursors
from forumreg.doors.partner.frame import Heading, page
from forumreg.rules import roster
from forumreg.rules.access import Action
from forumreg.rules.partner import acting_for, name_of
from forumreg.rules.roster import Question, Scope, lead_scope
from forumreg.web import actor, current_event, needs, now, session, settings, translated
from forumreg.web.context import RIGHT_TO_LEFT
from forumreg.web.files import attachment, file_name
from forumreg.web.languages import language
from forumreg.web.view import short_title
from forumreg.web.when import clock, day, today_in
from forumreg.web.words import kind_words, sheet_words, sign_in_words

bp = Blueprint("sessions", __name__)
SIGN_IN_COLUMNS = ("family_name", "given_name", "organisation")


@dataclass(frozen=True, slots=True)
class Asked:
    """A session of an event, and the organisation that leads it and was granted its list."""

    event: Any
    organisation: Any
    entry: Any
    scope: Scope

    def url(self, endpoint: str, **more: Any) -> str:
        """The address of something of this session."""
        kept: dict[str, Any] = {"organisation": request.args.get("organisation")}
        return url_for(endpoint, slug=self.event.slug, key=self.entry.key, **kept, **more)


def _asked(slug: str, key: str) -> Asked:
    event = current_event(slug)
    organisation = acting_for(actor(), event, request.args.get("organisation", type=int))
    scope = lead_scope(event, organisation.id, key)
    return Asked(event, organisation, event.find_session(key), scope)


@bp.get("/<slug:slug>/sessions/<key>")
@needs(Action.READ_PARTNER_ROSTER)
def show(slug: str, key: str) -> ResponseReturnValue:
    """Show who has a seat, a page at a time, and how many more did not agree to be seen."""
    asked = _asked(slug, key)
    cursors = Cursors("session", asked.event.id, asked.organisation.id, key)
    question = Question(after=cursors.sent("after"), before=cursors.sent("before"))
    return page(
        "sessions/show.html",
        Heading(slug, translated(asked.event.title), short_title(asked.event)),
        asked.organisation.short,
        facts=asked.event,
        asked=asked,
        kind=kind_words()[asked.entry.kind.value],
        found=cursors.sealed(roster.page(session(), actor(), asked.scope, question)),
        not_consenting=roster.not_consenting(session(), actor(), asked.scope),
        categories={each.key: translated(each.title) for each in asked.event.categories},
    )


@bp.get("/<slug:slug>/sessions/<key>.<any(csv, xlsx):ending>")
@needs(Action.READ_PARTNER_ROSTER)
def take(slug: str, key: str, ending: str) -> ResponseReturnValue:
    """Send the list as a file; it is written and journalled before the first byte leaves."""
    asked, form = _asked(slug, key), FORMATS[ending]
    if request.method == "HEAD":  # nothing is taken
        return Response(mimetype=form.mimetype)
    file, sheet = spooled(), _sheet(asked)
    write = partial(form.write, file, sheet)
    roster.take(session(), actor(), asked.scope, Question(), form.name, write, now=sheet.at)
    return attachment(file, _file_name(asked, ending), form.mimetype)


@bp.get("/<slug:slug>/sessions/<key>.pdf")
@needs(Action.READ_PARTNER_ROSTER)
def sign_in(slug: str, key: str) -> ResponseReturnValue:
    """Send the sheet on which people sign that they came."""
    asked = _asked(slug, key)
    if request.method == "HEAD":
        return Response(mimetype="application/pdf")
    people: list[tuple[str, str]] = []

    def keep(rows: Iterable[tuple[Any, ...]]) -> None:
        people.extend((", ".join(filter(None, row[:2])), str(row[2])) for row in rows)

    scope = replace(asked.scope, columns=SIGN_IN_COLUMNS, fields=())
    roster.take(session(), actor(), scope, Question(), "pdf", keep, now=now())
    zone, entry = asked.event.zone, asked.entry
    sheet = SignIn(
        title=translated(entry.title),
        where=translated(entry.room.name) if entry.room else "",
        when=f"{day(entry.starts_at, zone)}, {clock(entry.starts_at, zone)}–{clock(entry.ends_at, zone)}",
        people=tuple(people),
    )
    words, note = sign_in_words(name_of(session(), actor()), day(now(), zone), boxes=len(uncovered([sheet])))
    file = spooled()
    file.write(
        sign_in_sheets(
            [sheet],
            event=translated(asked.event.title),
            words=words,
            note=note,
            language=language(),
            is_rtl=language() in RIGHT_TO_LEFT,
            instance=settings().instance,
        )
    )
    return attachment(file, _file_name(asked, "pdf"), "application/pdf")


def _file_name(asked: Asked, ending: str) -> str:
    day_ = today_in(asked.event.zone, now()).isoformat()
    return file_name(asked.event.slug, asked.entry.key, asked.organisation.short, day_, ending=ending)


def _sheet(asked: Asked) -> Sheet:
    event = asked.event
    return Sheet(
        columns=asked.scope.keys,
        slug=event.slug,
        event=translated(event.title),
        language=event.language,
        zone=event.zone,
        scope=_(
            "People with a seat in “%(title)s” who agreed to share with %(organisation)s",
            title=translated(asked.entry.title),
            organisation=asked.organisation.name,
        ),
        who=name_of(session(), actor()),
        at=now(),
        labels=Labels(**sheet_words(_("Roster"))),
    )
