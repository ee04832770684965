"""How many seats one person and one organisation may take in the programme."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.base.errors import Invalid
from forumreg.doors.organizer.frame import page
from forumreg.rules import planning
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import SESSION_KINDS, LimitsDraft
from forumreg.web import actor, current_event, needs, now, session, site
from forumreg.web.words import kind_words

bp = Blueprint("limits", __name__)
LARGEST_NUMBER = 1_000_000  # places; as an event file may say
KINDS = tuple(kind for kind in SESSION_KINDS if kind != "break")


@bp.get("/limits")
@needs(Action.PLAN)
def show(slug: str) -> ResponseReturnValue:
    """Show the limits as a form."""
    event = current_event(slug)
    return _form(event, _stored(event), {})


@bp.post("/limits")
@needs(Action.PLAN)
def save(slug: str) -> ResponseReturnValue:
    """Set the limits."""
    event = current_event(slug)
    typed = {name: request.form.get(name, "").strip() for name in _stored(event)}
    limits, errors = _read(event, typed)
    if not errors:
        try:
            planning.set_limits(session(), actor(), slug, limits, now=now())
        except Invalid as invalid:
            errors = {_input(problem.place): _number_sentence() for problem in invalid.problems}
    if errors:
        return _form(event, typed, errors), 422
    site().ring()
    flash(_("The limits are saved. They hold for every booking from now on; seats that people have stay."), "success")
    return redirect(url_for(".show", slug=slug), 303)


def _stored(event: EventFacts) -> dict[str, str]:
    return {
        **{f"most-{kind}": str(event.most_per_kind.get(kind, "")) for kind in KINDS},
        "organisation": str(event.most_per_organisation or ""),
        "until": _last_day(event),
    }


def _last_day(event: EventFacts) -> str:
    """The last day on which the limit for organisations holds."""
    until = event.organisation_limit_until
    if until is None:
        return ""
    return (until - timedelta(microseconds=1)).astimezone(event.zone).date().isoformat()


def _read(event: EventFacts, typed: Mapping[str, str]) -> tuple[LimitsDraft, dict[str, str]]:
    """The limits that were typed, and what is wrong by input."""
    errors: dict[str, str] = {}
    numbers = {}
    for name, text in typed.items():
        if name == "until" or not text:
            continue
        if text.isascii() and text.isdigit() and 0 < int(text) <= LARGEST_NUMBER:
            numbers[name] = int(text)
        else:
            errors[name] = _number_sentence()
    kinds = {kind: numbers[f"most-{kind}"] for kind in KINDS if f"most-{kind}" in numbers}
    try:
        until = _until(event, typed["until"])
    except ValueError:
        errors["until"] = _("Enter the day, such as 2015-10-01, or leave it empty.")
        until = None
    return LimitsDraft(kinds, numbers.get("organisation"), until), errors


def _until(event: EventFacts, text: str) -> datetime | None:
    """The end of the day that was typed; the instant that is stored where the day is the same."""
    if not text:
        return None
    if text == _last_day(event):
        return event.organisation_limit_until
    day = date.fromisoformat(text)
    if not 1900 <= day.year <= 2199:  # what an event file may say
        raise ValueError(text)
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), event.zone).astimezone(UTC)


def _input(place: str) -> str:
    return {"most_per_organisation": "organisation", "until": "until"}.get(place, f"most-{place.rpartition('.')[2]}")


def _number_sentence() -> str:
    return _("Enter a whole number from 1, or leave it empty.")


def _form(event: EventFacts, typed: Mapping[str, str], errors: Mapping[str, str]) -> str:
    words = kind_words()
    return page(
        "programme/limits.html",
        event.slug,
        tab="programme",
        typed=typed,
        errors=errors,
        problems=list(errors.items()),
        kinds={kind: words[kind] for kind in KINDS},
    )
