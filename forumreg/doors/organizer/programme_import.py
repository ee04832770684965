"""Bring a programme in from a file: choose it, look at what it would change, then do it in one step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from forumreg.adapters import kept_files
from forumreg.adapters.schedule.reading import Unmatched, read
from forumreg.adapters.schedule.reading_items import Brought, Column
from forumreg.adapters.schedule.reading_text import LARGEST_BYTES
from forumreg.base.errors import Invalid, Refused
from forumreg.doors.organizer.frame import page
from forumreg.doors.organizer.programme_import_view import Look, column_words, file_words, look_of, problem_words
from forumreg.doors.organizer.programme_touched import ANSWERS, choice_of, problems_of, touched_facts
from forumreg.rules import planning
from forumreg.rules.access import Action, Staff
from forumreg.rules.event import EventFacts
from forumreg.rules.planning import WholeReview
from forumreg.web import actor, current_event, needs, now, session, settings, site
from forumreg.web.sent import takes

bp = Blueprint("programme_import", __name__, url_prefix="/<slug:slug>/programme/import")
FILE = "file"
AROUND_BYTES = 64 * 1024  # what a browser sends beside the file
MOST_PROBLEMS = 100  # more than anybody reads at once
LOCAL = {*ANSWERS, "remove", "seen", "version", "csrf_token"}  # of a form, what does not say how columns are taken


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was sent, and how its columns are taken."""

    token: str
    blob: bytes
    chosen: Mapping[int, str]


@bp.get("")
@needs(Action.PLAN)
def choose(slug: str) -> ResponseReturnValue:
    """Ask for the file."""
    return _ask(slug)


@bp.post("")
@takes(LARGEST_BYTES + AROUND_BYTES)
@needs(Action.PLAN)
def bring(slug: str) -> ResponseReturnValue:
    """Keep the file, if it can be read, and go on to what it would change."""
    sent = request.files.get(FILE)
    blob = sent.read(LARGEST_BYTES + 1) if sent is not None else b""
    if not blob:
        return _ask(slug, _("Choose a file that is not empty.")), 422
    if len(blob) > LARGEST_BYTES:
        raise RequestEntityTooLarge
    try:
        read(blob, current_event(slug))
    except Unmatched:
        pass  # somebody has to say what its columns are
    except Refused:
        return _ask(slug, file_words("unknown_file")), 415
    except Invalid as invalid:
        return _ask(slug, *problem_words(invalid.problems[:MOST_PROBLEMS])), 422
    token = kept_files.keep(settings().instance, _whose(slug), blob)
    return redirect(url_for(".look", slug=slug, token=token), 303)


@bp.get("/<token>")
@needs(Action.PLAN)
def look(slug: str, token: str) -> ResponseReturnValue:
    """Show what the file would change; nothing is written."""
    kept = _kept(slug, token, request.args)
    if kept is None:
        return _gone(slug)
    return _look(slug, kept, request.args)


@bp.post("/<token>")
@needs(Action.PLAN)
def apply(slug: str, token: str) -> ResponseReturnValue:
    """Bring the programme in, all of it or nothing."""
    kept = _kept(slug, token, request.form)
    if kept is None:
        return _gone(slug)
    removing = "remove" in request.form
    if removing != (request.form.get("seen") == "remove"):
        return redirect(_address(slug, kept, removing=removing), 303)  # first look at what goes
    event = current_event(slug)
    if request.form.get("version") != str(event.version):
        return _look(slug, kept, request.form, is_changed=True)
    try:
        programme = read(kept.blob, event, kept.chosen).programme
        done = planning.replace_programme(
            session(), actor(), slug, programme, now=now(), choice=choice_of(request.form), removing=removing
        )
    except (Refused, Invalid):
        return _look(slug, kept, request.form, is_answered=True)
    kept_files.drop(settings().instance, _whose(slug), token)
    site().ring()
    flash(_said(done), "success")
    return redirect(url_for("organizer.programme.index", slug=slug), 303)


@bp.post("/<token>/drop")
@needs(Action.PLAN)
def drop(slug: str, token: str) -> ResponseReturnValue:
    """Keep the file no longer."""
    kept_files.drop(settings().instance, _whose(slug), token)
    flash(_("The file is dropped. Nothing was changed."), "info")
    return redirect(url_for(".choose", slug=slug), 303)


@bp.errorhandler(RequestEntityTooLarge)
def too_large(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Say how large a file may be."""
    slug = (request.view_args or {}).get("slug", "")
    return _ask(slug, file_words("too_large", most=LARGEST_BYTES >> 20)), 413


@bp.errorhandler(UnsupportedMediaType)
def not_a_form(_error: UnsupportedMediaType) -> ResponseReturnValue:
    """Say what kinds of files there are."""
    slug = (request.view_args or {}).get("slug", "")
    return _ask(slug, file_words("unknown_file")), 415


def _whose(slug: str) -> str:
    """Who keeps a file for which event."""
    who = actor()
    return f"programme-{current_event(slug).id}-{who.account_id if isinstance(who, Staff) else 0}"


def _kept(slug: str, token: str, sent: MultiDict[str, str]) -> Kept | None:
    blob = kept_files.find(settings().instance, _whose(slug), token)
    chosen = {
        int(name[1:]): value
        for name, value in sent.items()
        if name[:1] == "c" and name[1:].isdecimal() and len(name) < 5
    }
    return Kept(token, blob, chosen) if blob is not None else None


def _ask(slug: str, *problems: str) -> str:
    return page(
        "programme/import.html", slug, tab="programme", problems=[(FILE, each) for each in problems], field=FILE
    )


def _gone(slug: str) -> ResponseReturnValue:
    return _ask(slug, _("The file is not kept any more. Choose it again.")), 410


def _address(slug: str, kept: Kept, *, removing: bool) -> str:
    more: dict[str, Any] = {f"c{number}": field for number, field in kept.chosen.items()}
    if removing:
        more["remove"] = "1"
    return url_for(".look", slug=slug, token=kept.token, **more)


def _look(
    slug: str, kept: Kept, sent: MultiDict[str, str], *, is_changed: bool = False, is_answered: bool = False
) -> ResponseReturnValue:
    """What the file would change, or what keeps it from being brought in."""
    event = current_event(slug)
    removing = "remove" in sent
    brought: Brought | None = None
    try:
        brought = read(kept.blob, event, kept.chosen)
        review = planning.review_programme(session(), actor(), slug, brought.programme, now=now(), removing=removing)
    except Unmatched as unmatched:
        return _broken(slug, kept, unmatched.columns, problem_words(unmatched.problems[:MOST_PROBLEMS]))
    except Invalid as invalid:
        columns = brought.columns if brought else ()
        return _broken(slug, kept, columns, problem_words(invalid.problems[:MOST_PROBLEMS], brought))
    problems = problems_of(review.touched, sent) if is_answered and review.touched.anybody else []
    return page(
        "programme/import_look.html",
        slug,
        tab="programme",
        token=kept.token,
        problems=problems,
        is_changed=is_changed,
        removing=removing,
        look=_view(event, brought, review),
        version=event.version,
        columns=column_words(event, brought.columns),
        chosen=kept.chosen,
        **touched_facts(review.touched, sent),
    ), 409 if is_changed else 422 if is_answered else 200


def _view(event: EventFacts, brought: Brought, review: WholeReview) -> Look:
    left_out = planning.compare(event, brought.programme).removed
    return look_of(event, brought, review, left_out)


def _broken(slug: str, kept: Kept, columns: tuple[Column, ...], problems: list[str]) -> ResponseReturnValue:
    shown = column_words(current_event(slug), columns)
    return page(
        "programme/import_columns.html",
        slug,
        tab="programme",
        token=kept.token,
        problems=[("columns" if columns else FILE, each) for each in problems],
        columns=shown,
        chosen=kept.chosen,
        removing=False,
    ), 422


def _said(done: planning.Replaced) -> str:
    found = done.comparison
    parts = [
        ngettext("%(num)s session added", "%(num)s sessions added", len(found.added)),
        ngettext("%(num)s changed", "%(num)s changed", len(found.changed)),
    ]
    if found.removed:
        parts.append(ngettext("%(num)s removed", "%(num)s removed", len(found.removed)))
    sentence = _("The programme is brought in: %(what)s.", what=", ".join(parts))
    if done.told:
        sentence += " " + ngettext("%(num)s person is told.", "%(num)s people are told.", done.told)
    return sentence
