"""One registrant: everything about them, and what an organizer decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from forumreg.base.errors import Changed, NotFound, Refused
from forumreg.doors.organizer.answers import answers_of
from forumreg.doors.organizer.filters import view_of
from forumreg.doors.organizer.frame import page
from forumreg.doors.organizer.words import Line, history_line, mail_state, message_word, why_not
from forumreg.rules import registration as rules
from forumreg.rules.access import Action
from forumreg.rules.journal import Entry, of_registration
from forumreg.rules.mail import mails_of_registration
from forumreg.rules.registration import Decision, RegistrationFacts
from forumreg.web import actor, needs, now, session, site, translated
from forumreg.web.words import diet_words

bp = Blueprint("registration", __name__, url_prefix="/<slug:slug>/attendees/<reference>")
LONGEST_REASON = 1000  # signs, as the rule keeps
Act = Callable[..., Decision]


class Decline(FlaskForm):
    """Why somebody is declined; they read it."""

    reason = TextAreaField(
        _l("Reason, in the registrant’s language if you can"),
        [
            DataRequired(_l("Write a reason. The registrant reads it.")),
            Length(max=LONGEST_REASON, message=_l("Shorten the reason to %(max)d characters.")),
        ],
    )


@bp.get("")
@needs(Action.SEE_EVENT)
def show(slug: str, reference: str) -> ResponseReturnValue:
    """Show a registrant: answers, sessions, consents, mails, history, and what can be decided."""
    found = _read(slug, reference)
    if found.reference != reference:
        return redirect(_address(found), 303)
    return _page(found, Decline())


@bp.post("/confirm")
@needs(Action.DECIDE)
def confirm(slug: str, reference: str) -> ResponseReturnValue:
    """Confirm the registration."""
    return _act(slug, reference, rules.confirm, _("%(name)s is confirmed, and a mail says so."))


@bp.post("/promote")
@needs(Action.DECIDE)
def promote(slug: str, reference: str) -> ResponseReturnValue:
    """Give somebody on the waiting list a place."""
    return _act(slug, reference, rules.promote, _("%(name)s has a place, and a mail says so."))


@bp.get("/waitlist")
@needs(Action.DECIDE)
def ask_to_waitlist(slug: str, reference: str) -> ResponseReturnValue:
    """Ask once before somebody who holds a place is put on the waiting list: the place goes to who waits."""
    found = _read(slug, reference)
    return page("registration/waitlist.html", slug, tab="attendees", found=found, at=_at(found), **_stamp(found))


@bp.post("/waitlist")
@needs(Action.DECIDE)
def waitlist(slug: str, reference: str) -> ResponseReturnValue:
    """Put the registration on the waiting list; its seats go to those who wait."""
    return _act(slug, reference, rules.waitlist, _("%(name)s is on the waiting list, and a mail says so."))


@bp.post("/decline")
@needs(Action.DECIDE)
def decline(slug: str, reference: str) -> ResponseReturnValue:
    """Decline the registration for a reason; without one the form comes back."""
    found = _read(slug, reference)
    form = Decline()
    if not form.validate():
        return _page(found, form), 422
    said = _("%(name)s is declined, and a mail gives the reason.")
    return _act(slug, reference, rules.decline, said, reason=form.reason.data)


@bp.get("/cancel")
@needs(Action.DECIDE)
def ask_to_cancel(slug: str, reference: str) -> ResponseReturnValue:
    """Ask once before a registration is cancelled."""
    found = _read(slug, reference)
    return page("registration/cancel.html", slug, tab="attendees", found=found, at=_at(found), **_stamp(found))


@bp.post("/cancel")
@needs(Action.DECIDE)
def cancel(slug: str, reference: str) -> ResponseReturnValue:
    """Cancel the registration; its seats go to those who wait."""
    return _act(slug, reference, rules.cancel, _("The registration of %(name)s is cancelled, and a mail says so."))


@bp.post("/link")
@needs(Action.DECIDE)
def replace_link(slug: str, reference: str) -> ResponseReturnValue:
    """End the registrant's link and mail a new one; as the registration stays, no version is asked for."""
    found = _read(slug, reference)
    rules.replace_link(session(), actor(), found.reference, now=now())
    flash(_("%(name)s has a new link by mail. The old one has ended.", name=found.name or found.reference), "success")
    site().ring()
    return redirect(_address(found), 303)


def _read(slug: str, reference: str) -> RegistrationFacts:
    found = rules.read(session(), actor(), reference)
    if found.event.slug != slug:
        raise NotFound("registration")
    return found


def _at(found: RegistrationFacts) -> dict[str, Any]:
    """The arguments of its addresses: the registrant, and the view of the list that the reader came from."""
    return {"slug": found.event.slug, "reference": found.reference, **view_of(request.args).arguments}


def _address(found: RegistrationFacts) -> str:
    return url_for(".show", **_at(found))


def _history(found: RegistrationFacts) -> Sequence[Entry]:
    return of_registration(session(), found.id)


def _lines(found: RegistrationFacts, entries: Sequence[Entry]) -> list[Line]:
    """The entries in words.

    The reason of a decline stands with the registration while it is declined, and is erased with it. The journal
    keeps no words of people, so earlier declines have none.
    """
    reasons = iter([found.reason] if found.status == "declined" else [])
    return [
        history_line(entry, found.event, next(reasons, "") if entry.action == "declined" else "") for entry in entries
    ]


def _stamp(found: RegistrationFacts) -> dict[str, int]:
    """What each form carries: the version it shows, and how many entries its reader has seen."""
    return {"version": found.version, "seen": len(_history(found))}


def _page(found: RegistrationFacts, form: Decline) -> str:
    event, view = found.event, view_of(request.args)
    history = _history(found)
    return page(
        "registration/show.html",
        event.slug,
        tab="attendees",
        found=found,
        form=form,
        at=_at(found),
        list_url=view.url(event.slug),
        is_whole_list=not view.arguments,
        longest_reason=LONGEST_REASON,
        stamp={"version": found.version, "seen": len(history)},
        category=translated(found.category.title) if found.category else "",
        diets=[diet_words()[diet] for diet in found.dietary],
        answers=answers_of(event, found.answers),
        history=_lines(found, history),
        mails=[
            (mail, message_word(mail.message), mail_state(mail.status, mail.error))
            for mail in mails_of_registration(session(), found.id)
        ],
    )


def _act(slug: str, reference: str, act: Act, said: str, **more: Any) -> ResponseReturnValue:
    """Do it to the version that the form showed, then show the registrant again."""
    found = _read(slug, reference)
    version = request.form.get("version", type=int)
    if version is None:
        abort(400)
    try:
        act(session(), actor(), reference, now=now(), version=version, **more)
    except Changed:
        return _changed(slug, reference), 409
    except Refused as refused:
        flash(why_not(found.event, refused.reason, refused.facts.get("pool")), "warning")
    else:
        flash(said % {"name": found.name or found.reference}, "success")
        site().ring()
    return redirect(_address(found), 303)


def _changed(slug: str, reference: str) -> str:
    """What changed since the form was shown."""
    found = _read(slug, reference)
    history = _history(found)
    seen = request.form.get("seen", default=0, type=int)
    fresh = history[: max(1, len(history) - seen)]
    return page(
        "registration/changed.html",
        slug,
        tab="attendees",
        found=found,
        at=_at(found),
        fresh=_lines(found, fresh),
    )
