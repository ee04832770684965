"""The registrant's sessions alone: chosen and left until each starts, also once registration has closed."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from forumreg.base.errors import Changed, Invalid, Refused, Unavailable
from forumreg.doors.participant import floods, forms, meanwhile, problems, sessions, states
from forumreg.doors.participant.opening import (
    ENDED,
    back_to_registration,
    can_choose,
    kept_choices,
    opened,
    own_blueprint,
    person_of,
    pools_of,
    why_closed,
)
from forumreg.doors.participant.problems import Said
from forumreg.rules import registration as registrations
from forumreg.rules.event import SessionFacts, is_before_end
from forumreg.rules.registration import RegistrationFacts
from forumreg.web import now, public, session, site
from forumreg.web.errors import page
from forumreg.web.view import event_view

bp = own_blueprint("choosing")


class SessionsForm(FlaskForm):
    """What the page sends beside the sessions themselves."""

    version = HiddenField()


@bp.get("/<token>/sessions")
@public
def show(token: str) -> ResponseReturnValue:
    """The sessions to choose from, with those of the registrant."""
    _own, found = opened(token)
    if not can_choose(found):
        return page(
            410,
            _("Your sessions cannot be changed any more"),
            _why_not(found),
            way_out=back_to_registration(token),
        )
    return _page(token, found, SessionsForm(), chosen=kept_choices(found), given=_marks(found))


@bp.post("/<token>/sessions")
@public
def choose(token: str) -> ResponseReturnValue:
    """Be in exactly these sessions, or show them again with what is wrong."""
    own, found = opened(token)
    form = SessionsForm()
    stopped = floods.stop(found.email, is_ours=forms.is_ours())
    if stopped is not None:
        return stopped.on(_page(token, found, form, [("send", stopped.sentence)], stopped.code))
    if _to_warn_of(found, forms.warned_of()):
        return _page(token, found, form)
    version = next(iter(forms.whole_numbers([form.version.data or ""])), 0)
    try:
        outcome = registrations.choose_sessions(
            session(), own, found.reference, forms.sent_choices(), now=now(), version=version
        )
    except (Invalid, Refused) as no:
        told = problems.told(found.event, no, pools_of(found.event), closed=_why_not(found))
        return _page(token, found, form, told.said, 422, refused=told.session)
    except Changed:
        return _changed_meanwhile(token, form)
    except Unavailable as busy:
        stop = floods.not_saved(busy)
        return stop.on(_page(token, found, form, [("send", stop.sentence)], stop.code))
    floods.count(found.email)
    site().ring()
    saved = states.done_words(_("Saved."), _("We wrote to you what changed."))
    flash(saved if outcome.changed else _("Nothing was changed."), "success")
    return redirect(url_for("participant.own.show", token=token), 303)


def _why_not(found: RegistrationFacts) -> str:
    """Why sessions are not changed: registration that is open or closed has no part in it."""
    if found.status in ENDED or not is_before_end(found.event, now()):
        return why_closed(found)
    return _("No session of this event takes bookings.")


def _to_warn_of(found: RegistrationFacts, warned: frozenset[str] = frozenset()) -> tuple[SessionFacts, ...]:
    """The sessions that are newly chosen and that the registrant may not follow."""
    mine = {item.session.key for item in found.chosen}
    keys = [choice.key for choice in forms.sent_choices()]
    return registrations.not_followed(found.event, keys, found.known_languages, leaving_out=mine | warned)


def _changed_meanwhile(token: str, form: SessionsForm) -> Response:
    _own, found = opened(token)
    settled = meanwhile.settle(found, _offered(found))
    form.version.data = str(found.version)
    sentence = _(
        "This registration was changed meanwhile, perhaps in another window. What you chose is still here; "
        "what you left as it was is shown as it is saved now. Check it and save again."
    )
    said = [("send", sentence), *settled.said]
    return _page(token, found, form, said, 409, chosen=settled.chosen, given=_marks(found))


def _offered(found: RegistrationFacts) -> frozenset[str]:
    """The sessions, by key, that have not started, so that they may be chosen and left."""
    return frozenset(entry.key for entry in found.event.bookable if entry.starts_at > now())


def _marks(found: RegistrationFacts) -> str:
    return meanwhile.marks_of(found, _offered(found), whole=False)


def _page(
    token: str,
    found: RegistrationFacts,
    form: SessionsForm,
    said: Said | None = None,
    code: int = 200,
    *,
    chosen: frozenset[str] | None = None,
    given: str | None = None,
    refused: SessionFacts | None = None,
) -> Response:
    event, offered = found.event, _offered(found)
    form.version.data = form.version.data or str(found.version)
    started = {item.session.id for item in found.chosen if item.session.starts_at <= now()}
    person = person_of(found, said or [], refused)
    fixed = tuple(item for item in found.chosen if item in person.fixed or item.session.id in started)
    body = render_template(
        "participant/choosing/show.html",
        event=event_view(event),
        registration=found,
        token=token,
        form=form,
        given=meanwhile.marks_sent() if given is None else given,
        said=said or [],
        heading=problems.heading_of(said or [], _("Not saved")),
        warning=sessions.warning(_to_warn_of(found) if request.method == "POST" else (), forms.warned_of()),
        limits=sessions.limit_words(event, now()),
        clash_words=sessions.clash_words(),
        days=sessions.session_parts(
            event,
            pools_of(event),
            registrations.waiting_for(session(), event),
            replace(person, fixed=fixed, chosen=frozenset(forms.sent_sessions()) if chosen is None else chosen),
            offered=[entry for entry in event.bookable if entry.key in offered],
        ),
    )
    return make_response(body, code)
