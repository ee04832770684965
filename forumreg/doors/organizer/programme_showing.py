"""A session's page, for every act that leads to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.doors.organizer.frame import event_again, page
from forumreg.doors.organizer.programme_form import (
    SessionForm,
    Speaker,
    doubtful,
    form_for,
    speakers_of,
    values_of,
)
from forumreg.doors.organizer.programme_words import concern_words, named, place_in_grid, said_of
from forumreg.rules import planning
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.planning import Saved
from forumreg.web import site, translated
from forumreg.web.view import event_view


def shown(event: EventFacts, key: str) -> SessionDraft:
    """The session as organizers see it: with its proposed change, if there is one.

    Raises:
        NotFound: the event has no session of this key.
    """
    return planning.proposed_of(event, key) or planning.draft_of(event, key)


def session_page(
    event: EventFacts,
    entry: SessionFacts | None,
    form: SessionForm,
    speakers: Sequence[Speaker],
    problems: Iterable[tuple[str, str]] = (),
) -> str:
    """The page of a session with its form, each problem at its input; of a new session without ``entry``."""
    said = form.say(problems)
    draft = shown(event, entry.key) if entry else None
    plan = {each.session.key: each for each in planning.shown_plan(event)} if entry else {}
    drafts = {key: each.draft for key, each in plan.items()}
    return page(
        "programme/session.html",
        event.slug,
        tab="programme",
        form=form,
        entry=entry,
        draft=draft,
        title=named(draft) if draft else "",
        speakers=speakers,
        problems=said,
        errors=dict(said),
        doubtful=list(doubtful(event, form)),
        concerns=[concern_words(event, each, drafts) for each in plan[entry.key].concerns] if entry else [],
        step=30,
        rooms={room.key: translated(room.name) for room in event.rooms},
        zone_words=event_view(event).zone_words,
        in_grid=place_in_grid(event, draft) if draft else url_for("organizer.programme.index", slug=event.slug),
    )


def done(slug: str, saved: Saved) -> ResponseReturnValue:
    """Say what became of a change, and show where the session stands now."""
    flash(*said_of(saved))
    if saved.told:
        site().ring()
    event = event_again(slug)
    return redirect(place_in_grid(event, shown(event, saved.key)), 303)


def newer(slug: str, key: str) -> ResponseReturnValue:
    """A button was pressed on an older page: the session as it is now, with the same buttons."""
    event = event_again(slug)
    draft, entry = shown(event, key), event.find_planned(key)
    form = form_for(event, values_of(event, draft, entry.version if entry else None))
    said = [("at", _("Somebody changed it meanwhile, and nothing was done. This is how it is now."))]
    return session_page(event, entry, form, speakers_of(draft), said), 409
