"""A programme session: made, changed after a look at whom that touches, doubled, published, removed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.base.errors import Changed, Invalid, Refused
from forumreg.doors.organizer.frame import event_again, page
from forumreg.doors.organizer.programme_compare import compared
from forumreg.doors.organizer.programme_form import (
    SessionForm,
    a_new_draft,
    form_for,
    read_form,
    sent_speakers,
    speakers_of,
    values_of,
)
from forumreg.doors.organizer.programme_showing import done, session_page, shown
from forumreg.doors.organizer.programme_touched import ANSWERS, choice_of, problems_of, touched_facts
from forumreg.doors.organizer.programme_words import concern_words, named
from forumreg.rules import planning
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.planning import Concern, Review, Touched
from forumreg.web import actor, current_event, needs, now, session, translated

bp = Blueprint("sessions", __name__, url_prefix="/sessions")
STEERING = ANSWERS | {"csrf_token", "do", "version"}  # what a form carries that is not an answer about the session
Problems = Sequence[tuple[str, str]]


@bp.get("/new")
@needs(Action.PLAN)
def new(slug: str) -> ResponseReturnValue:
    """Show the form of a new session; the address may name day, hour and room."""
    event = current_event(slug)
    arguments = request.args
    draft = a_new_draft(event, arguments.get("day", ""), arguments.get("room", ""), arguments.get("at", ""))
    return session_page(event, None, form_for(event, values_of(event, draft, None)), speakers_of(draft))


@bp.post("/new")
@needs(Action.PLAN)
def create(slug: str) -> ResponseReturnValue:
    """Make a session of the form."""
    event = current_event(slug)
    return _take(event, None, a_new_draft(event))


@bp.get("/<key>")
@needs(Action.PLAN)
def edit(slug: str, key: str) -> ResponseReturnValue:
    """Show a session as a form, with its proposed change if there is one, and what else can be done with it."""
    event = current_event(slug)
    draft = shown(event, key)
    entry = event.find_planned(key)
    values = values_of(event, draft, entry.version if entry else None)
    return session_page(event, entry, form_for(event, values), speakers_of(draft))


@bp.post("/<key>")
@needs(Action.PLAN)
def save(slug: str, key: str) -> ResponseReturnValue:
    """Change the session to what the form says."""
    event = current_event(slug)
    return _take(event, event.find_planned(key), shown(event, key))


# The form --------------------------------------------------------------------------------------------------------


def _take(event: EventFacts, entry: SessionFacts | None, base: SessionDraft) -> ResponseReturnValue:
    """What a sent form gets: itself again, a look at its consequences, or the programme with the session in it."""
    form, do = form_for(event), request.form.get("do", "save")
    if do == "more":
        return session_page(event, entry, form, sent_speakers(request.form, more=True))
    if do == "back":
        return session_page(event, entry, form, sent_speakers(request.form))
    reading = read_form(event, form, base, request.form)
    if reading.draft is None:
        return session_page(event, entry, form, sent_speakers(request.form), reading.problems), 422
    draft = reading.draft
    if entry is None:
        draft = replace(draft, id=planning.new_key(event, translated(draft.title)))
    try:
        return _review_or_save(event, entry, draft)
    except Invalid as invalid:
        problems = _said_of(event, form, invalid)
    except Refused as refused:
        problems = [_said_of_bookings(form, refused)]
    return session_page(event, entry, form, sent_speakers(request.form), problems), 422


def _review_or_save(event: EventFacts, entry: SessionFacts | None, draft: SessionDraft) -> ResponseReturnValue:
    is_reviewed = request.form.get("do") == "reviewed"
    found = planning.review(session(), actor(), event.slug, draft)
    if not is_reviewed and (found.concerns or found.touched.anybody):
        return _review(event, entry, found)
    try:
        saved = planning.save(
            session(),
            actor(),
            event.slug,
            draft,
            version=_sent_version(entry),
            now=now(),
            choice=choice_of(request.form),
        )
    except Changed:
        return _changed(event.slug, draft), 409
    except Refused as refused:
        touched = refused.facts.get("touched")
        if not isinstance(touched, Touched):
            raise
        again = Review(found.draft, found.concerns, touched, found.stays_draft)
        return _review(event, entry, again, problems_of(touched, request.form)), 422
    return done(event.slug, saved)


def _sent_version(entry: SessionFacts | None) -> int | None:
    """The version that the form showed; a new session has none."""
    if entry is None:
        return None
    return request.form.get("version", default=0, type=int)


def _said_of(event: EventFacts, form: SessionForm, invalid: Invalid) -> list[tuple[str, str]]:
    """What a rule found wrong, at the inputs that it is about."""
    own = {
        "ends_at": ("ends", _("It ends before it starts, or far from the event’s days. Look at day and hours.")),
        "starts_at": ("day", _("This is more than a day outside the event’s days.")),
        "held": (
            f"held-{event.categories[0].key}" if event.categories else "capacity",
            _("Hold no more places than the session has, and no fewer than their people have taken."),
        ),
        "title": (f"title-{event.language}", _("Enter a title.")),
    }
    found = []
    for problem in invalid.problems:
        name = problem.place.partition(".")[0].partition("[")[0]
        place, said = own.get(name, (name, _("Look at this answer again: it does not fit.")))
        found.append((place if place in form or place.startswith("speaker") else "kind", said))
    places = {place for place, _said in found}
    return list(dict.fromkeys(each for each in found if not (each[0] == "ends" and "day" in places)))


def _said_of_bookings(form: SessionForm, refused: Refused) -> tuple[str, str]:
    if refused.reason != "has_bookings":
        raise refused
    number = int(str(refused.facts.get("number", 0)))
    place = "booking" if form.booking.data == "none" else "visibility"
    return place, ngettext(
        "%(num)s person has booked it or waits for it. Keep it public and bookable, or remove it and tell them.",
        "%(num)s people have booked it or wait for it. Keep it public and bookable, or remove it and tell them.",
        number,
    )


# Before and instead of saving ------------------------------------------------------------------------------------


def _carried() -> list[tuple[str, str]]:
    """Everything that was typed, for a page between."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in STEERING]


def _action(event_slug: str, entry: SessionFacts | None) -> str:
    at = "organizer.programme.sessions"
    return url_for(f"{at}.save", slug=event_slug, key=entry.key) if entry else url_for(f"{at}.create", slug=event_slug)


def _review(event: EventFacts, entry: SessionFacts | None, found: Review, problems: Problems = ()) -> str:
    """What saving would do, with the choices there are."""
    draft = found.draft
    drafts = {each.draft.id: each.draft for each in planning.shown_plan(event)}
    before = shown(event, entry.key) if entry else None
    rows = [each for each in compared(event, before, draft) if each.differs] if before else []
    return page(
        "programme/touched.html",
        event.slug,
        tab="programme",
        heading=_("Before “%(title)s” is saved", title=named(draft)),
        rows=[(each.label, each.now, each.typed) for each in rows],
        concerns=[(concern.is_clash, concern_words(event, concern, drafts)) for concern in _once(found.concerns)],
        stays_draft=found.stays_draft,
        action=_action(event.slug, entry),
        hidden=[("version", request.form.get("version", "")), *_carried()],
        problems=problems,
        go=_go_words(found),
        do="reviewed",
        **touched_facts(found.touched, request.form),
    )


def _once(concerns: Iterable[Concern]) -> list[Concern]:
    return list(dict.fromkeys(concerns))


def _go_words(found: Review) -> str:
    if found.stays_draft:
        return _("Save it as a draft")
    return _("Save and tell them") if found.touched.anybody else _("Save it all the same")


def _changed(slug: str, typed: SessionDraft) -> str:
    """Somebody was quicker: both versions, field by field, and what was typed carried along."""
    event = event_again(slug)
    present = shown(event, typed.id)
    entry = event.find_planned(typed.id)
    return page(
        "programme/changed.html",
        slug,
        tab="programme",
        title=named(present),
        rows=[each for each in compared(event, present, typed) if each.differs],
        action=_action(slug, entry),
        hidden=[("version", entry.version if entry else 0), *_carried()],
        save=_("Save mine over it"),
        is_form=True,
        drop=url_for(".edit", slug=slug, key=typed.id),
    )
