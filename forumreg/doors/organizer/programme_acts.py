"""What can be done with a session beside changing it: copied, published, its change dropped, removed."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.base.errors import Changed, Invalid, Refused
from forumreg.doors.organizer.frame import page
from forumreg.doors.organizer.programme_compare import compared
from forumreg.doors.organizer.programme_showing import done, newer, shown
from forumreg.doors.organizer.programme_touched import choice_of, problems_of, touched_facts
from forumreg.doors.organizer.programme_words import day_and_hours, named
from forumreg.rules import planning
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.planning import Touched
from forumreg.web import actor, current_event, needs, now, session, site

bp = Blueprint("acts", __name__, url_prefix="/sessions/<key>")
EDIT = "organizer.programme.sessions.edit"


@bp.post("/duplicate")
@needs(Action.PLAN)
def duplicate(slug: str, key: str) -> ResponseReturnValue:
    """Make a draft that says the same, and open it."""
    saved = planning.duplicate(session(), actor(), slug, key, now=now())
    flash(_("This is a copy, kept as a draft. Change what differs, then save it."), "success")
    return redirect(url_for(EDIT, slug=slug, key=saved.key), 303)


@bp.post("/publish")
@needs(Action.PLAN)
def publish(slug: str, key: str) -> ResponseReturnValue:
    """Make a draft or a proposed change public; whom it touches is shown and asked about first."""
    event, version = current_event(slug), _version()
    draft = shown(event, key)
    try:
        saved = planning.publish(
            session(), actor(), slug, key, version=version, now=now(), choice=choice_of(request.form)
        )
    except Changed:
        return newer(slug, key)
    except Invalid:
        flash(_("Something in it does not fit any more. Look at the form and save it."), "warning")
        return redirect(url_for(EDIT, slug=slug, key=key), 303)
    except Refused as refused:
        if refused.reason == "clash":
            flash(_("It still clashes. Move one of the two, or drop this change."), "warning")
            return redirect(url_for(EDIT, slug=slug, key=key), 303)
        return _ask(event, draft, url_for(".publish", slug=slug, key=key), version, refused, _("Publish and tell them"))
    return done(slug, saved)


@bp.post("/discard")
@needs(Action.PLAN)
def discard(slug: str, key: str) -> ResponseReturnValue:
    """Drop the change that is not public."""
    shown(current_event(slug), key)
    try:
        planning.discard(session(), actor(), slug, key, version=_version(), now=now())
    except Changed:
        return newer(slug, key)
    flash(_("The change is dropped. The session is as the public sees it."), "success")
    return redirect(url_for(EDIT, slug=slug, key=key), 303)


@bp.get("/remove")
@needs(Action.PLAN)
def ask_to_remove(slug: str, key: str) -> ResponseReturnValue:
    """Ask once before a session is removed, and say how many are told."""
    event = current_event(slug)
    draft = shown(event, key)
    entry = event.find_planned(key)
    return page(
        "programme/remove.html",
        slug,
        tab="programme",
        draft=draft,
        title=named(draft),
        when=day_and_hours(event, draft),
        version=entry.version if entry else 0,
        touched=planning.touched_by_removal(session(), event, key),
    )


@bp.post("/remove")
@needs(Action.PLAN)
def remove(slug: str, key: str) -> ResponseReturnValue:
    """Remove the session; its people are told."""
    event = current_event(slug)
    title = named(shown(event, key))
    try:
        removed = planning.remove(
            session(), actor(), slug, key, version=_version(), now=now(), told="told" in request.form
        )
    except Changed:
        return newer(slug, key)
    except Refused:
        flash(_("People have booked it meanwhile. Look at the numbers, then decide."), "warning")
        return redirect(url_for(".ask_to_remove", slug=slug, key=key), 303)
    said = _("“%(title)s” is removed.", title=title)
    if removed.told:
        said += " " + ngettext("%(num)s person is told.", "%(num)s people are told.", removed.told)
        site().ring()
    flash(said, "success")
    return redirect(url_for("organizer.programme.index", slug=slug), 303)


def _version() -> int:
    version = request.form.get("version", type=int)
    if version is None:
        abort(400)
    return version


def _ask(
    event: EventFacts, draft: SessionDraft, action: str, version: int, refused: Refused, go: str
) -> ResponseReturnValue:
    """Who is touched by publishing, and what becomes of them."""
    touched = refused.facts.get("touched")
    if not isinstance(touched, Touched):
        raise refused
    is_answered = "told" in request.form
    before = planning.draft_of(event, draft.id)
    rows = [each for each in compared(event, before, replace(draft, visibility="public")) if each.differs]
    body = page(
        "programme/touched.html",
        event.slug,
        tab="programme",
        heading=_("Before “%(title)s” becomes public", title=named(draft)),
        rows=[(each.label, each.now, each.typed) for each in rows],
        action=action,
        hidden=[("version", version)],
        problems=problems_of(touched, request.form) if is_answered else [],
        go=go,
        back=url_for(EDIT, slug=event.slug, key=draft.id),
        **touched_facts(touched, request.form),
    )
    return (body, 422) if is_answered else body
