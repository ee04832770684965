"""The list of an event's registrants: searched, filtered, decided in bulk, downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.adapters.sheets import FORMATS, Labels, Sheet, spooled
from forumreg.doors.organizer.filters import HIDDEN, SHOWN, View, chips, view_of
from forumreg.doors.organizer.frame import page
from forumreg.doors.organizer.words import STATUSES, column_word, status_word, why_not
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts
from forumreg.rules.partner import name_of
from forumreg.rules.registration.bulk import IN_BULK, Outcomes, decide_several
from forumreg.rules.roster import Page, Scope, count, organizer_scope, take
from forumreg.rules.roster import page as roster_page
from forumreg.web import actor, current_event, needs, now, session, site, translated
from forumreg.web.files import attachment, file_name
from forumreg.web.when import today_in
from forumreg.web.words import sheet_words

bp = Blueprint("attendees", __name__)
READ = (
    "reference", "status", "category", "given_name", "family_name", "organisation", "job_title", "country",
    "country_name", "language", "email", "sessions", "registered_at",
)  # fmt: skip
WAITING = {"pending", "waitlisted"}  # for a decision, or for a place: these can be ticked
NAMED_REFERENCES = 12  # in one sentence; the cookie that carries it holds 4 KB


@bp.get("/<slug:slug>/attendees")
@needs(Action.SEE_EVENT)
def index(slug: str) -> ResponseReturnValue:
    """Show one page of the list, as the address asks for it."""
    event = current_event(slug)
    view = view_of(request.args)
    found = roster_page(session(), actor(), _scope(event), view.question)
    return page(
        "attendees/index.html",
        slug,
        tab="attendees",
        view=view,
        found=found,
        chips=list(chips(view, event)),
        instead=_instead(event, view, found),
        waiting={row["status"] for row in found.rows} & WAITING,
        column_words={column: column_word(column) for column in (*SHOWN, *HIDDEN)},
        shown=SHOWN,
        hidden=HIDDEN,
        categories={category.key: translated(category.title) for category in event.categories},
        sessions={each.key: translated(each.title) for each in event.bookable},
        statuses={status: status_word(status) for status in STATUSES},
    )


@bp.post("/<slug:slug>/attendees")
@needs(Action.DECIDE)
def decide(slug: str) -> ResponseReturnValue:
    """Decide about the ticked ones that wait, then show the same view again. Giving places away is asked once."""
    event = current_event(slug)
    act = request.form.get("do", "")
    if act not in IN_BULK:
        abort(400)
    ticked = list(dict.fromkeys(request.form.getlist("reference")))
    if not ticked:
        flash(_("Nobody was ticked. Tick the people that you decide about."), "warning")
    elif act == "waitlisted" and "sure" not in request.form:
        return page("attendees/sure.html", slug, tab="attendees", view=view_of(request.args), ticked=ticked)
    else:
        _say(event, decide_several(session(), actor(), event, ticked, act, now=now()))
        site().ring()
    return redirect(view_of(request.args).url(slug), 303)


@bp.get("/<slug:slug>/attendees.csv")
@needs(Action.READ_ROSTER)
def csv(slug: str) -> ResponseReturnValue:
    """Send the view as a text table."""
    return _file(slug, "csv")


@bp.get("/<slug:slug>/attendees.xlsx")
@needs(Action.READ_ROSTER)
def xlsx(slug: str) -> ResponseReturnValue:
    """Send the view as a spreadsheet."""
    return _file(slug, "xlsx")


def _file(slug: str, ending: str) -> ResponseReturnValue:
    """The view with every column of the contract; written and journalled before the first byte leaves."""
    event, form = current_event(slug), FORMATS[ending]
    if request.method == "HEAD":  # nothing is taken
        return Response(mimetype=form.mimetype)
    view, scope, file = view_of(request.args), organizer_scope(event), spooled()
    sheet = _sheet(event, scope, view)
    take(session(), actor(), scope, view.question, ending, partial(form.write, file, sheet), now=sheet.at)
    day = today_in(event.zone, sheet.at).isoformat()
    return attachment(file, file_name(slug, "attendees", day, ending=ending), form.mimetype)


def _sheet(event: EventFacts, scope: Scope, view: View) -> Sheet:
    return Sheet(
        columns=scope.keys,
        slug=event.slug,
        event=translated(event.title),
        language=event.language,
        zone=event.zone,
        scope=_("Everybody who registered, with every column"),
        who=name_of(session(), actor()),
        at=now(),
        chosen_by="; ".join(f"{chip.name}: {chip.value}" for chip in chips(view, event)),
        labels=Labels(**sheet_words(_("Attendees"))),
    )


def _scope(event: EventFacts) -> Scope:
    return replace(organizer_scope(event), columns=READ, fields=())


def _instead(event: EventFacts, view: View, found: Page) -> list[Mapping[str, Any]]:
    """Where nobody is found: each filter whose going would give somebody, and how many."""
    if found.filtered or not view.question.is_narrowing:
        return []
    without = {chip: count(session(), actor(), _scope(event), chip.rest.question) for chip in chips(view, event)}
    return [{"chip": chip, "count": people} for chip, people in without.items() if people]


def _say(event: EventFacts, outcomes: Outcomes) -> None:
    """Say how many were decided, and which were not and why."""
    num = len(outcomes.done)
    if num:
        said = {
            "confirmed": ngettext("%(num)s person is confirmed.", "%(num)s people are confirmed.", num),
            "waitlisted": ngettext(
                "%(num)s person is on the waiting list.", "%(num)s people are on the waiting list.", num
            ),
            "promoted": ngettext("%(num)s person has a place now.", "%(num)s people have a place now.", num),
        }
        flash(said[outcomes.act], "success")
    for reason, references in outcomes.refused.items():
        named = ", ".join(references[:NAMED_REFERENCES])
        more = len(references) - NAMED_REFERENCES
        flash(
            ngettext("%(num)s was left as it was.", "%(num)s were left as they were.", len(references))
            + f" {why_not(event, reason.word, reason.pool)} "
            + (_("%(references)s and %(num)s more", references=named, num=more) if more > 0 else named),
            "warning",
        )
