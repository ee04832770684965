"""Rooms and tracks: listed, made, changed, removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.base.errors import Changed, Invalid, NotFound, Refused
from forumreg.base.folding import clean_line
from forumreg.doors.organizer.frame import event_again, page
from forumreg.doors.organizer.programme_touched import choice_of, problems_of, touched_facts
from forumreg.rules import planning
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts
from forumreg.rules.event.checks import LONGEST_LINE
from forumreg.rules.event.drafts import RoomDraft, TrackDraft
from forumreg.rules.event.facts import RoomFacts, TrackFacts
from forumreg.rules.planning import Touched
from forumreg.web import actor, current_event, needs, now, session, site, translated
from forumreg.web.when import language_name, language_within

bp = Blueprint("parts", __name__)
LARGEST_NUMBER = 1_000_000  # places; as an event file may say
Part = RoomFacts | TrackFacts


@dataclass(frozen=True, slots=True)
class Typed:
    """The form of a room or a track: names by language, what the room holds, the version it shows."""

    names: Mapping[str, str]
    capacity: str = ""
    version: str = ""
    problems: tuple[tuple[str, str], ...] = field(default=())

    @property
    def filled(self) -> dict[str, str]:
        """The names that were typed."""
        return {code: text for code, text in self.names.items() if text}

    @property
    def number(self) -> int | None:
        """The capacity; ``None`` where any number fits in."""
        return int(self.capacity) if self.capacity else None


@bp.get("/rooms")
@needs(Action.PLAN)
def index(slug: str) -> ResponseReturnValue:
    """Show the rooms and the tracks, each with how many sessions it has."""
    event = current_event(slug)
    plan = planning.shown_plan(event)
    return page(
        "programme/rooms.html",
        slug,
        tab="programme",
        rooms=[(each, sum(one.draft.room == each.key for one in plan)) for each in event.rooms],
        tracks=[(each, sum(one.draft.track == each.key for one in plan)) for each in event.tracks],
    )


@bp.get("/new/<any(rooms, tracks):what>")
@needs(Action.PLAN)
def new(slug: str, what: str) -> ResponseReturnValue:
    """Show the form of a new room or track."""
    event = current_event(slug)
    return _form(event, what, None, Typed(dict.fromkeys(event.languages, "")))


@bp.post("/new/<any(rooms, tracks):what>")
@needs(Action.PLAN)
def create(slug: str, what: str) -> ResponseReturnValue:
    """Make a room or a track."""
    return _save(slug, what, None)


@bp.get("/<any(rooms, tracks):what>/<key>")
@needs(Action.PLAN)
def edit(slug: str, what: str, key: str) -> ResponseReturnValue:
    """Show a room or a track as a form."""
    event = current_event(slug)
    part = _part(event, what, key)
    return _form(event, what, part, _stored(event, part))


@bp.post("/<any(rooms, tracks):what>/<key>")
@needs(Action.PLAN)
def save(slug: str, what: str, key: str) -> ResponseReturnValue:
    """Change a room or a track to what the form says."""
    return _save(slug, what, _part(current_event(slug), what, key))


@bp.get("/<any(rooms, tracks):what>/<key>/remove")
@needs(Action.PLAN)
def ask_to_remove(slug: str, what: str, key: str) -> ResponseReturnValue:
    """Ask once before a room or a track is removed, and say how many sessions and people that touches."""
    event = current_event(slug)
    return _asking(event, what, _part(event, what, key))


@bp.post("/<any(rooms, tracks):what>/<key>/remove")
@needs(Action.PLAN)
def remove(slug: str, what: str, key: str) -> ResponseReturnValue:
    """Remove a room or a track; its sessions stay, and people with a seat in them are told."""
    event = current_event(slug)
    part = _part(event, what, key)
    version = request.form.get("version", type=int)
    if version is None:
        abort(400)
    told = 0
    try:
        if what == "rooms":
            removed = planning.remove_room(
                session(), actor(), slug, key, version=version, now=now(), told="told" in request.form
            )
            told = removed.told
        else:
            planning.remove_track(session(), actor(), slug, key, version=version, now=now())
    except Changed:
        event = event_again(slug)
        return _asking(event, what, _part(event, what, key), is_newer=True), 409
    except Refused:
        return _asking(event, what, part, is_newer=True), 409
    said = _("“%(name)s” is removed.", name=_name(part))
    if told:
        said += " " + ngettext("%(num)s person is told.", "%(num)s people are told.", told)
        site().ring()
    flash(said, "success")
    return redirect(url_for(".index", slug=slug), 303)


def _part(event: EventFacts, what: str, key: str) -> Part:
    parts: Sequence[Part] = event.rooms if what == "rooms" else event.tracks
    for part in parts:
        if part.key == key:
            return part
    raise NotFound(what)


def _name(part: Part) -> str:
    return translated(part.name if isinstance(part, RoomFacts) else part.title)


def _stored(event: EventFacts, part: Part) -> Typed:
    texts = part.name if isinstance(part, RoomFacts) else part.title
    capacity = part.capacity if isinstance(part, RoomFacts) else None
    names = {code: texts.get(code, "") for code in (*event.languages, *(set(texts) - set(event.languages)))}
    return Typed(names, "" if capacity is None else str(capacity), str(part.version))


def _sent(event: EventFacts, what: str, part: Part | None) -> Typed:
    """What was typed, with what is wrong in it."""
    codes = list(_stored(event, part).names) if part else list(event.languages)
    names = {code: clean_line(request.form.get(f"name-{code}", "")) for code in codes}
    capacity = request.form.get("capacity", "").strip() if what == "rooms" else ""
    problems = []
    if not (names[event.language] if what == "tracks" else any(names.values())):
        problems.append((f"name-{event.language}", _("Enter a name.")))
    problems += [
        (f"name-{code}", _("Shorten this to %(max)d characters.", max=LONGEST_LINE))
        for code, text in names.items()
        if len(text) > LONGEST_LINE
    ]
    if capacity and not (capacity.isascii() and capacity.isdigit() and 0 < int(capacity) <= LARGEST_NUMBER):
        problems.append(("capacity", _("Enter a whole number, such as 60, or leave it empty.")))
    return Typed(names, capacity, request.form.get("version", ""), tuple(problems))


def _save(slug: str, what: str, part: Part | None) -> ResponseReturnValue:
    event = current_event(slug)
    typed = _sent(event, what, part)
    if typed.problems:
        return _form(event, what, part, typed), 422
    try:
        _store(event, what, part, typed)
    except Changed:
        return _changed(slug, what, part, typed), 409
    except Invalid:
        wrong = ((f"name-{event.language}", _("Look at this answer again: it does not fit.")),)
        return _form(event, what, part, Typed(typed.names, typed.capacity, typed.version, wrong)), 422
    except Refused as refused:
        return _touched(event, part, typed, refused)
    site().ring()
    flash(_("Saved."), "success")
    return redirect(url_for(".index", slug=slug), 303)


def _store(event: EventFacts, what: str, part: Part | None, typed: Typed) -> None:
    version = request.form.get("version", default=0, type=int) if part else None
    if what == "rooms":
        key = part.key if part else _free_key(event, typed, [each.key for each in event.rooms])
        draft = RoomDraft(key, typed.filled, typed.number)
        planning.save_room(
            session(), actor(), event.slug, draft, version=version, now=now(), choice=choice_of(request.form)
        )
    else:
        key = part.key if part else _free_key(event, typed, [each.key for each in event.tracks])
        planning.save_track(session(), actor(), event.slug, TrackDraft(key, typed.filled), version=version, now=now())


def _free_key(event: EventFacts, typed: Typed, taken: Sequence[str]) -> str:
    stem = planning.new_key(event, next(iter(typed.filled.values())))
    keys = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return next(key for key in keys if key not in taken)


def _form(event: EventFacts, what: str, part: Part | None, typed: Typed) -> str:
    return page(
        "programme/part.html",
        event.slug,
        tab="programme",
        what=what,
        part=part,
        name=_name(part) if part else "",
        typed=typed,
        errors=dict(typed.problems),
        language_names={code: language_within(code) for code in typed.names},
    )


def _asking(event: EventFacts, what: str, part: Part, *, is_newer: bool = False) -> str:
    keys = [
        each.session.key
        for each in planning.shown_plan(event)
        if part.key == (each.draft.room if what == "rooms" else each.draft.track)
    ]
    touched = [planning.touched_by_removal(session(), event, key) for key in keys] if what == "rooms" else []
    return page(
        "programme/part_remove.html",
        event.slug,
        tab="programme",
        what=what,
        part=part,
        name=_name(part),
        number=len(keys),
        people=sum(each.booked + each.waiting for each in touched),
        is_newer=is_newer,
    )


def _touched(event: EventFacts, part: Part | None, typed: Typed, refused: Refused) -> ResponseReturnValue:
    touched = refused.facts.get("touched")
    if part is None or not isinstance(touched, Touched):
        raise refused
    is_answered = "told" in request.form
    body = page(
        "programme/touched.html",
        event.slug,
        tab="programme",
        heading=_("Before “%(title)s” is saved", title=_name(part)),
        rows=[],
        action=url_for(".save", slug=event.slug, what="rooms", key=part.key),
        hidden=_hidden(typed),
        problems=problems_of(touched, request.form) if is_answered else [],
        go=_("Save and tell them"),
        back=url_for(".edit", slug=event.slug, what="rooms", key=part.key),
        **touched_facts(touched, request.form),
    )
    return (body, 422) if is_answered else body


def _hidden(typed: Typed) -> list[tuple[str, Any]]:
    names = [(f"name-{code}", text) for code, text in typed.names.items()]
    return [("version", typed.version), *names, ("capacity", typed.capacity)]


def _changed(slug: str, what: str, part: Part | None, typed: Typed) -> str:
    """Somebody was quicker: both versions, and what was typed carried along."""
    event = event_again(slug)
    present = _part(event, what, part.key) if part else None
    stored = _stored(event, present) if present else Typed({})
    rows = [
        {"label": language_name(code), "now": stored.names.get(code, ""), "typed": text}
        for code, text in typed.names.items()
    ]
    if what == "rooms":
        rows.append({"label": _("Seats"), "now": stored.capacity, "typed": typed.capacity})
    hidden = [("version", stored.version), *_hidden(typed)[1:]]
    key = part.key if part else ""
    return page(
        "programme/changed.html",
        slug,
        tab="programme",
        title=_name(present) if present else "",
        rows=[row for row in rows if row["now"] != row["typed"]],
        action=url_for(".save", slug=slug, what=what, key=key) if part else url_for(".create", slug=slug, what=what),
        hidden=hidden,
        save=_("Save mine over it"),
        is_form=False,
        drop=url_for(".index", slug=slug),
    )
