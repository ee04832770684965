"""The roster of one organisation: who agreed to share with it, on a page and as files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.adapters.sheets import FORMATS, Labels, Sheet, spooled
from forumreg.doors.partner.cursors import Cursors
from forumreg.doors.partner.frame import Heading, page
from forumreg.doors.partner.words import chosen_in_words, scope_in_words, told
from forumreg.rules import roster
from forumreg.rules.access import Action
from forumreg.rules.partner import acting_for, mine, name_of, scope_of
from forumreg.rules.roster import Question, Scope, partner_scope
from forumreg.web import actor, current_event, needs, now, row_id, session, translated
from forumreg.web.files import attachment, file_name
from forumreg.web.takings import SHOWN_LAST, taken_lines
from forumreg.web.view import short_title
from forumreg.web.when import today_in
from forumreg.web.words import sheet_words

bp = Blueprint("roster", __name__)
LONGEST_SEARCH = 200
OFFERED = ("xlsx", "csv", "json")  # as most people take them


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: an event's roster of an organisation, and whom of it."""

    event: Any
    organisation: Any
    scope: Scope
    question: Question
    cursors: Cursors

    def url(self, endpoint: str = ".show", **more: Any) -> str:
        """The address of the same organisation and search, with this beside."""
        kept = {"organisation": request.args.get("organisation"), "q": self.question.search or None}
        return url_for(endpoint, slug=self.event.slug, **{**kept, **more})


def _asked(slug: str) -> Asked:
    event = current_event(slug)
    organisation = acting_for(actor(), event, request.args.get("organisation", type=int))
    cursors = Cursors("roster", event.id, organisation.id)
    question = Question(
        search=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
        after=cursors.sent("after"),
        before=cursors.sent("before"),
    )
    return Asked(event, organisation, partner_scope(event, organisation.id), question, cursors)


@bp.get("/<slug:slug>/roster")
@needs(Action.READ_PARTNER_ROSTER)
def show(slug: str) -> ResponseReturnValue:
    """Show whom the organisation may see, a page at a time, and what it may take."""
    asked = _asked(slug)
    found = roster.page(session(), actor(), asked.scope, asked.question)
    last = roster.taken(session(), actor(), asked.scope, limit=SHOWN_LAST)
    return page(
        "roster/show.html",
        Heading(asked.event.slug, translated(asked.event.title), short_title(asked.event)),
        asked.organisation.short,
        facts=asked.event,
        asked=asked,
        found=asked.cursors.sealed(found),
        not_consenting=roster.not_consenting(session(), actor(), asked.scope),
        granted=scope_of(asked.event, asked.organisation.id),
        led=roster.led_sessions(asked.event, asked.organisation.id),
        told=told(asked.scope),
        taken=taken_lines(asked.event, last.rows),
        has_more_taken=last.older is not None,
        organisations=_others(slug),
        categories={each.key: translated(each.title) for each in asked.event.categories},
        formats=OFFERED,
    )


def _others(slug: str) -> tuple[Any, ...]:
    """The organisations between which the reader may choose."""
    found = [entry.organisations for entry in mine(session(), actor()) if entry.event.slug == slug]
    return found[0] if found else ()


@bp.get("/<slug:slug>/downloads")
@needs(Action.READ_PARTNER_ROSTER)
def downloads(slug: str) -> ResponseReturnValue:
    """Show every file that was taken for the organisation, latest first."""
    asked, before = _asked(slug), request.args.get("before", type=row_id)
    found = roster.taken(session(), actor(), asked.scope, before=before)
    return page(
        "downloads/index.html",
        Heading(asked.event.slug, translated(asked.event.title), short_title(asked.event)),
        asked.organisation.short,
        facts=asked.event,
        name=asked.organisation.short,
        found=found,
        lines=taken_lines(asked.event, found.rows),
        roster=asked.url(),
        latest=asked.url(".downloads") if before is not None else "",
        older=asked.url(".downloads", before=found.older) if found.older else "",
    )


@bp.get("/<slug:slug>/roster.<any(csv, xlsx, json):ending>")
@needs(Action.READ_PARTNER_ROSTER)
def take(slug: str, ending: str) -> ResponseReturnValue:
    """Send the roster as a file; it is written and journalled before the first byte leaves."""
    asked, form = _asked(slug), FORMATS[ending]
    if request.method == "HEAD":  # nothing is taken
        return Response(mimetype=form.mimetype)
    file, sheet = spooled(), _sheet(asked)
    write = partial(form.write, file, sheet)
    roster.take(session(), actor(), asked.scope, asked.question, form.name, write, now=sheet.at)
    day = today_in(sheet.zone, sheet.at).isoformat()
    return attachment(file, file_name(slug, "roster", asked.organisation.short, day, ending=ending), form.mimetype)


def _sheet(asked: Asked) -> Sheet:
    event = asked.event
    return Sheet(
        columns=asked.scope.keys,
        slug=event.slug,
        event=translated(event.title),
        language=event.language,
        zone=event.zone,
        scope=scope_in_words(asked.organisation.name),
        who=name_of(session(), actor()),
        at=now(),
        chosen_by=chosen_in_words(asked.question),
        labels=Labels(**sheet_words(_("Roster"))),
    )
