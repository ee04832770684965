"""The own page: everything a registrant may see and do with the link that was mailed. Opening it changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.adapters import qr
from forumreg.base.addresses import masked
from forumreg.base.errors import Changed, Invalid, Refused, Unavailable
from forumreg.doors.participant import forms, problems, sessions
from forumreg.doors.participant.forms import RegistrationForm
from forumreg.doors.participant.itinerary import days_of, feed_addresses
from forumreg.doors.participant.opening import (
    can_change,
    can_choose,
    closed_words,
    kept_choices,
    opened,
    own_blueprint,
    person_of,
    pools_of,
)
from forumreg.doors.participant.problems import Said
from forumreg.doors.participant.registration import many_forms, mark, within_limits
from forumreg.rules import registration as registrations
from forumreg.rules.access import Participant
from forumreg.rules.event import FieldFacts, SessionFacts
from forumreg.rules.registration import RegistrationFacts, Submission
from forumreg.web import explain, now, public, session, site, translated
from forumreg.web.errors import page
from forumreg.web.view import event_view
from forumreg.web.when import country_name, language_name
from forumreg.web.words import diet_words, kind_words

bp = own_blueprint("own")


@bp.get("/<token>/")
@public
def show(token: str) -> ResponseReturnValue:
    """Status, ticket, programme, what was answered and what can be done."""
    _own, found = opened(token)
    event = found.event
    return render_template(
        "participant/own/show.html",
        event=event_view(event),
        registration=found,
        token=token,
        status=status_words(found),
        qr=qr.svg(found.reference, label=_("QR code for %(reference)s", reference=found.reference)),
        masked=masked(found.email),
        answers=[
            (translated(entry.label), _told(entry, found)) for entry in event.fields if entry.key in found.answers
        ],
        diets=[diet_words()[word] for word in found.dietary],
        shared=[entry.short for entry in event.sharing if entry.id in found.sharing],
        unshared=[entry.short for entry in event.sharing if entry.id not in found.sharing],
        can_change=can_change(found),
        can_choose=can_choose(found),
        days=days_of(found),
        kinds=kind_words(),
        feed=feed_addresses(token),
        understands=[language_name(code) for code in found.understands],
        can_cancel=found.status not in {"cancelled", "declined"} and now() < event.over_at,
        zone=event.zone,
    )


def status_words(found: RegistrationFacts) -> tuple[str, str]:
    """The status as a heading and as a sentence that says what comes next."""
    name = found.given_name or found.name
    words = {
        "pending": (
            _("We have your registration, %(name)s", name=name),
            _("The organizers look at it and write to you. Your seats are kept for you until then."),
        ),
        "confirmed": (
            _("You are registered, %(name)s", name=name),
            _("Show the code at the entrance, on your phone or on paper."),
        ),
        "waitlisted": (
            _("You are on the waiting list, %(name)s", name=name),
            _("The organizers put you on the waiting list. They write to you when they can give you a place.")
            if found.is_held
            else _(
                "You are number %(rank)s in line. When a place comes free it is yours, and we write to you at once.",
                rank=found.rank,
            ),
        ),
        "declined": (
            _("We cannot give you a place, %(name)s", name=name),
            _("The organizers declined this registration."),
        ),
        "cancelled": (
            _("This registration is cancelled, %(name)s", name=name),
            _("Its seats went to the next in line. You may register again while registration is open."),
        ),
    }
    return words[found.status.value]


def _told(entry: FieldFacts, found: RegistrationFacts) -> str:
    """An answer in words."""
    answer = found.answers[entry.key]
    if isinstance(answer, bool):
        return _("Yes") if answer else _("No")
    labels = {option.value: translated(option.label) for option in entry.options}
    if isinstance(answer, list):
        return ", ".join(labels.get(value, value) for value in answer)
    if entry.kind == "country":
        return country_name(str(answer))
    return labels.get(str(answer), str(answer))


@bp.get("/<token>/change")
@public
def change_form(token: str) -> ResponseReturnValue:
    """The form with what was answered."""
    _own, found = opened(token)
    if not can_change(found):
        return _cannot_change(found)
    form = forms.form_for(found.event, data=forms.values_of(found))
    return _change_page(token, found, form, chosen=kept_choices(found))


def _cannot_change(found: RegistrationFacts) -> Response:
    return page(
        410, _("This registration cannot be changed any more"), closed_words(found.event, pools_of(found.event))
    )


@bp.post("/<token>/change")
@public
def change(token: str) -> ResponseReturnValue:
    """Change answers and sessions, or show the form again with what is wrong."""
    own, found = opened(token)
    form = forms.form_for(found.event)
    stopped = _stopped(form)
    if stopped is not None:
        return _stopped_page(token, found, form, *stopped)
    submission = form.submission(found.event)
    if _to_warn_of(found, submission, forms.warned_of()):
        return _change_page(token, found, form)
    try:
        version = next(iter(forms.whole_numbers([form.version.data or ""])), 0)
        outcome = registrations.change(session(), own, found.reference, submission, now=now(), version=version)
    except (Invalid, Refused) as no:
        pools = pools_of(found.event)
        told = problems.told(found.event, no, pools, closed=closed_words(found.event, pools))
        return _change_page(token, found, form, told.said, 422, refused=told.session)
    except Changed:
        return _changed_meanwhile(token, own, found.reference, form)
    except Unavailable as busy:
        response = _change_page(
            token,
            found,
            form,
            [
                (
                    "send",
                    _("Not saved: we cannot save anything right now. Press the button again in a few seconds."),
                )
            ],
            503,
        )
        response.headers["Retry-After"] = str(busy.retry_after_s)
        return response
    site().ring()
    flash(_("Saved. We wrote to you what changed.") if outcome.changed else _("Nothing was changed."), "success")
    return redirect(url_for(".show", token=token), 303)


def _to_warn_of(
    found: RegistrationFacts, submission: Submission, known: Collection[str] = ()
) -> tuple[SessionFacts, ...]:
    """The sessions that the form newly chooses and the registrant may not follow."""
    mine = {item.session.key for item in found.chosen}
    return registrations.not_understood(found.event, submission, leaving_out=mine.union(known))


def _stopped(form: RegistrationForm) -> tuple[int, str] | None:
    """Why a form is not even looked at; each change writes to an address that may be somebody else's."""
    if not form.is_ours():
        return 422, _("The form had expired. Press the button again: nothing you typed is lost.")
    return None if within_limits(form) else (429, many_forms())


def _stopped_page(token: str, found: RegistrationFacts, form: RegistrationForm, code: int, sentence: str) -> Response:
    response = _change_page(token, found, form, [("send", sentence)], code)
    if code == 429:
        response.headers["Retry-After"] = "60"
    return response


def _changed_meanwhile(token: str, own: Participant, reference: str, form: RegistrationForm) -> Response:
    found = registrations.read(session(), own, reference)
    form.version.data = str(found.version)
    sentence = _(
        "This registration was changed meanwhile, perhaps in another window. What you typed is still here: "
        "check it and save again."
    )
    return _change_page(token, found, form, [("send", sentence)], 409)


def _change_page(
    token: str,
    found: RegistrationFacts,
    form: RegistrationForm,
    said: Said | None = None,
    code: int = 200,
    *,
    chosen: frozenset[str] | None = None,
    refused: SessionFacts | None = None,
) -> Response:
    event = found.event
    mark(form, said or [])
    form.version.data = form.version.data or str(found.version)
    submission = form.submission(event)
    person = replace(
        person_of(found, said or [], refused),
        chosen=frozenset(forms.sent_sessions()) if chosen is None else chosen,
        known=registrations.known_languages(submission.language, submission.interpretation, submission.understands),
    )
    foreign = _to_warn_of(found, submission) if chosen is None else ()
    body = render_template(
        "participant/own/change.html",
        event=event_view(event),
        registration=found,
        token=token,
        form=form,
        said=said or [],
        warning=sessions.warning(foreign, forms.warned_of()),
        limits=sessions.limit_words(event, now()),
        clash_words=sessions.clash_words(),
        days=sessions.session_parts(event, pools_of(event), registrations.waiting_for(session(), event), person),
    )
    return make_response(body, code)


@bp.get("/<token>/sharing")
@public
def sharing(token: str) -> ResponseReturnValue:
    """With whom the details are shared, and the way to change that."""
    _own, found = opened(token)
    return render_template(
        "participant/own/sharing.html", event=event_view(found.event), registration=found, token=token
    )


@bp.post("/<token>/sharing")
@public
def share(token: str) -> ResponseReturnValue:
    """Share with exactly the organizations that are ticked."""
    own, found = opened(token)
    wanted = set(forms.whole_numbers(request.form.getlist("sharing")))
    registrations.share(session(), own, found.reference, wanted, now=now())
    flash(_("Saved. It holds from now on."), "success")
    return redirect(url_for(".show", token=token), 303)


@bp.get("/<token>/cancel")
@public
def ask_cancel(token: str) -> ResponseReturnValue:
    """Ask once whether to cancel."""
    _own, found = opened(token)
    return render_template(
        "participant/own/cancel.html", event=event_view(found.event), registration=found, token=token
    )


@bp.post("/<token>/cancel")
@public
def cancel(token: str) -> ResponseReturnValue:
    """Cancel; the seats go to the next in line."""
    own, found = opened(token)
    try:
        registrations.cancel(session(), own, found.reference, now=now())
    except Refused as refused:
        flash(explain(refused.reason), "warning")
    else:
        site().ring()
        flash(_("Cancelled. We wrote to you to say so."), "success")
    return redirect(url_for(".show", token=token), 303)
