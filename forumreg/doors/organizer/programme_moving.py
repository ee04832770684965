"""Moving a session: earlier, later, to another room, back again. Whom it touches is asked about first."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.base.errors import Changed, Invalid, Refused
from forumreg.doors.organizer.frame import event_again, page
from forumreg.doors.organizer.programme_compare import Compared, compared
from forumreg.doors.organizer.programme_showing import shown
from forumreg.doors.organizer.programme_touched import choice_of, problems_of, touched_facts
from forumreg.doors.organizer.programme_words import named, place_in_grid, said_of
from forumreg.rules import planning
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.planning import Saved, Touched
from forumreg.web import actor, current_event, needs, now, session, site

bp = Blueprint("moving", __name__, url_prefix="/sessions/<key>")
MOVED = "moved"  # in the cookie: the move that was just made
LONGEST_STEP = timedelta(days=31)
STEP = re.compile(r"[+-]?[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Undo:
    """A move that was made: whose it was, and where it was before."""

    slug: str
    key: str
    version: int  # since the move
    starts_at: str
    room: str
    told: int  # people

    @classmethod
    def read(cls, kept: Any) -> Undo | None:
        """What a cookie keeps of it."""
        return cls(*kept) if isinstance(kept, list) and len(kept) == 6 else None

    @property
    def fields(self) -> dict[str, Any]:
        """What a form sends to take it back."""
        return {"version": self.version, "starts_at": self.starts_at, "to": self.room, "back": "1"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Where a session should go."""

    starts_at: datetime
    room: str | None

    @property
    def fields(self) -> dict[str, Any]:
        """What a form sends to say it again."""
        return {"starts_at": self.starts_at.isoformat(), "to": self.room or ""}


@bp.post("/move")
@needs(Action.PLAN)
def move(slug: str, key: str) -> ResponseReturnValue:
    """Move the session, and show where it stands now; who is touched is shown and asked about first."""
    event = current_event(slug)
    before = shown(event, key)
    version = request.form.get("version", type=int)
    wanted = _wanted(event, before)
    if version is None or wanted is None:
        abort(400)
    try:
        saved = planning.move(
            session(),
            actor(),
            slug,
            key,
            room=wanted.room,
            starts_at=wanted.starts_at,
            version=version,
            now=now(),
            choice=choice_of(request.form),
        )
    except Changed:
        return _changed(slug, key, wanted), 409
    except Invalid:
        flash(_("There is no place for it there. It stays where it was."), "warning")
        return redirect(place_in_grid(event, before), 303)
    except Refused as refused:
        return _refused(event, before, wanted, version, refused)
    return _done(slug, before, saved)


def _wanted(event: EventFacts, draft: SessionDraft) -> Wanted | None:
    """What the form asks for: so many minutes earlier or later, an hour of a day, an instant; and which room."""
    try:
        starts_at = _start(event, draft)
    except (ValueError, OverflowError):
        return None
    room = request.form.get("to")
    if room and room not in {each.key for each in event.rooms}:
        return None
    return Wanted(starts_at, draft.room if room is None else room or None)


def _start(event: EventFacts, draft: SessionDraft) -> datetime:
    sent = request.form
    if "starts_at" in sent:
        return datetime.fromisoformat(sent["starts_at"]).astimezone(UTC)
    if "at" in sent:
        local = datetime.combine(date.fromisoformat(sent.get("day", "")), time.fromisoformat(sent["at"]))
        return local.replace(tzinfo=event.zone).astimezone(UTC)
    step = sent.get("by", "0")
    if not STEP.fullmatch(step) or abs(minutes := timedelta(minutes=int(step))) > LONGEST_STEP:
        raise ValueError(step)
    return draft.starts_at + minutes


def _done(slug: str, before: SessionDraft, saved: Saved) -> ResponseReturnValue:
    event = event_again(slug)
    after = shown(event, saved.key)
    if saved.told:
        site().ring()
    is_moved = (after.starts_at, after.room) != (before.starts_at, before.room)
    if is_moved and "back" not in request.form:
        cookie[MOVED] = [slug, saved.key, saved.version, before.starts_at.isoformat(), before.room or "", saved.told]
        if saved.outcome in {"draft", "proposed"}:
            flash(*said_of(saved))
    elif is_moved:
        flash(_("“%(title)s” is where it was before.", title=named(after)), "success")
    return redirect(place_in_grid(event, after), 303)


def _refused(
    event: EventFacts, before: SessionDraft, wanted: Wanted, version: int, refused: Refused
) -> ResponseReturnValue:
    touched = refused.facts.get("touched")
    if not isinstance(touched, Touched):
        flash(_("That is not possible now."), "warning")
        return redirect(place_in_grid(event, before), 303)
    is_answered = "told" in request.form
    body = page(
        "programme/touched.html",
        event.slug,
        tab="programme",
        heading=_("Before “%(title)s” moves", title=named(before)),
        rows=_rows(event, before, wanted),
        action=url_for(".move", slug=event.slug, key=before.id),
        hidden=[("version", version), *wanted.fields.items(), *([("back", "1")] if "back" in request.form else [])],
        problems=problems_of(touched, request.form) if is_answered else [],
        go=_("Move it and tell them"),
        back=place_in_grid(event, before),
        **touched_facts(touched, request.form),
    )
    return (body, 422) if is_answered else body


def _moved(draft: SessionDraft, wanted: Wanted) -> SessionDraft:
    lasts = draft.ends_at - draft.starts_at
    return replace(draft, starts_at=wanted.starts_at, ends_at=wanted.starts_at + lasts, room=wanted.room)


def _rows(event: EventFacts, before: SessionDraft, wanted: Wanted) -> list[tuple[str, str, str]]:
    return [(each.label, each.now, each.typed) for each in _differing(event, before, wanted)]


def _differing(event: EventFacts, before: SessionDraft, wanted: Wanted) -> list[Compared]:
    found = compared(event, before, _moved(before, wanted))
    return [each for each in found if each.name in {"when", "room"} and each.differs]


def _changed(slug: str, key: str, wanted: Wanted) -> str:
    """Somebody was quicker: what stands now beside what was wanted, and a button that moves it all the same."""
    event = event_again(slug)
    present = shown(event, key)
    stored = event.find_planned(key)
    return page(
        "programme/changed.html",
        slug,
        tab="programme",
        title=named(present),
        rows=_differing(event, present, wanted),
        action=url_for(".move", slug=slug, key=key),
        hidden=[("version", stored.version if stored else 0), *wanted.fields.items()],
        save=_("Move it all the same"),
        is_form=False,
        drop=place_in_grid(event, present),
    )
