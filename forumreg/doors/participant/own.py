"""The own page: everything a registrant may see and do with the link that was mailed. Opening it changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from forumreg.adapters import qr
from forumreg.base.addresses import masked
from forumreg.base.errors import Changed, Invalid, Refused, Unavailable
from forumreg.doors.participant import asking, floods, forms, meanwhile, problems, sessions, standing, states
from forumreg.doors.participant.forms import RegistrationForm
from forumreg.doors.participant.itinerary import days_of, feed_addresses
from forumreg.doors.participant.opening import (
    back_to_registration,
    can_change,
    can_choose,
    kept_choices,
    opened,
    own_blueprint,
    person_of,
    pools_of,
    why_closed,
)
from forumreg.doors.participant.problems import Said
from forumreg.doors.participant.registration import mark
from forumreg.rules import registration as registrations
from forumreg.rules.access import Participant
from forumreg.rules.event import FieldFacts, SessionFacts, window_of
from forumreg.rules.registration import RegistrationFacts, Submission
from forumreg.rules.registration.pools import HOLDING, option_pools
from forumreg.web import explain, now, public, session, site, translated
from forumreg.web.errors import page
from forumreg.web.view import event_view
from forumreg.web.when import country_name, day
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
        status=standing.status_words(found),
        since=standing.since(found),
        steps=standing.steps(found),
        registers_again=_registers_again(found),
        qr=qr.svg(found.reference, label=_("QR code for %(reference)s", reference=found.reference)),
        masked=masked(found.email),
        no_mail=states.no_mail_words(event),
        answers=[
            (translated(entry.label), _told(entry, found)) for entry in event.fields if entry.key in found.answers
        ],
        diets=[diet_words()[word] for word in found.dietary],
        sharing=standing.sharing_words(found),
        has_seat=any(seat.status == "booked" for seat in found.seats),
        can_change=can_change(found),
        can_choose=can_choose(found),
        days=days_of(found),
        kinds=kind_words(),
        feed=feed_addresses(found),
        can_cancel=can_cancel(found),
        zone=event.zone,
    )


def _registers_again(found: RegistrationFacts) -> bool:
    """Whether who cancelled may send the form again now; who was declined may not."""
    if found.status != "cancelled":
        return False
    return window_of(found.event, pools_of(found.event)[found.event.pool_id], now()).takes_forms


def can_cancel(found: RegistrationFacts) -> bool:
    """Whether there is a place or a wish for one to give up."""
    return found.status not in {"cancelled", "declined"} and now() < found.event.over_at


def _told(entry: FieldFacts, found: RegistrationFacts) -> str:
    """An answer in words."""
    answer = found.answers[entry.key]
    if isinstance(answer, bool):
        return _("Yes") if answer else _("No")
    if entry.kind == "date":
        return day(date.fromisoformat(str(answer)), form="yMMMMd")
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
        return _cannot_change(token, found)
    form = forms.form_for(found.event, data=forms.values_of(found))
    return _change_page(token, found, form, chosen=kept_choices(found), given=_marks(found))


def _cannot_change(token: str, found: RegistrationFacts) -> Response:
    return page(
        410, _("This registration cannot be changed any more"), why_closed(found), way_out=back_to_registration(token)
    )


@bp.post("/<token>/change")
@public
def change(token: str) -> ResponseReturnValue:
    """Change answers and sessions, or show the form again with what is wrong."""
    own, found = opened(token)
    form = forms.form_for(found.event)
    stopped = floods.stop(form.email.data or "", is_ours=forms.is_ours())
    if stopped is not None:
        return stopped.on(_change_page(token, found, form, [("send", stopped.sentence)], stopped.code))
    submission = form.submission(found.event)
    if _to_warn_of(found, submission, forms.warned_of()):
        return _change_page(token, found, form)
    try:
        version = next(iter(forms.whole_numbers([form.version.data or ""])), 0)
        outcome = registrations.change(session(), own, found.reference, submission, now=now(), version=version)
    except (Invalid, Refused) as no:
        told = problems.told(found.event, no, pools_of(found.event), closed=why_closed(found))
        return _change_page(token, found, form, told.said, 422, refused=told.session)
    except Changed:
        return _changed_meanwhile(token, own, found.reference, form)
    except Unavailable as busy:
        stop = floods.not_saved(busy)
        return stop.on(_change_page(token, found, form, [("send", stop.sentence)], stop.code))
    floods.count(form.email.data or "")
    site().ring()
    saved = states.done_words(_("Saved."), _("We wrote to you what changed."))
    flash(saved if outcome.changed else _("Nothing was changed."), "success")
    return redirect(url_for(".show", token=token), 303)


def _to_warn_of(
    found: RegistrationFacts, submission: Submission, known: Collection[str] = ()
) -> tuple[SessionFacts, ...]:
    """The sessions that the form newly chooses and the registrant may not follow."""
    mine = {item.session.key for item in found.chosen}
    return registrations.not_understood(found.event, submission, leaving_out=mine.union(known))


def _changed_meanwhile(token: str, own: Participant, reference: str, form: RegistrationForm) -> Response:
    found = registrations.read(session(), own, reference)
    settled = meanwhile.settle(found, _offered(found), form)
    form.version.data = str(found.version)
    sentence = _(
        "This registration was changed meanwhile, perhaps in another window. What you typed is still here; "
        "what you left as it was is shown as it is saved now. Check it and save again."
    )
    said = [("send", sentence), *settled.said]
    return _change_page(token, found, form, said, 409, chosen=settled.chosen, given=_marks(found))


def _offered(found: RegistrationFacts) -> frozenset[str]:
    """The sessions, by key, among which the form lets choose."""
    return frozenset(entry.key for entry in found.event.bookable)


def _marks(found: RegistrationFacts) -> str:
    return meanwhile.marks_of(found, _offered(found))


def _change_page(
    token: str,
    found: RegistrationFacts,
    form: RegistrationForm,
    said: Said | None = None,
    code: int = 200,
    *,
    chosen: frozenset[str] | None = None,
    given: str | None = None,
    refused: SessionFacts | None = None,
) -> Response:
    event = found.event
    pools = pools_of(event)
    mine = (found.category,) if found.category else ()
    mark(form, said or [])
    form.version.data = form.version.data or str(found.version)
    submission = form.submission(event)
    person = replace(
        person_of(found, said or [], refused),
        chosen=frozenset(forms.sent_sessions()) if chosen is None else chosen,
        known=registrations.known_languages(submission.language, submission.interpretation, submission.understands),
    )
    foreign = _to_warn_of(found, submission) if request.method == "POST" else ()
    body = render_template(
        "participant/own/change.html",
        event=event_view(event),
        registration=found,
        token=token,
        form=form,
        given=meanwhile.marks_sent() if given is None else given,
        said=said or [],
        heading=problems.heading_of(said or [], _("Not saved")),
        warning=sessions.warning(foreign, forms.warned_of()),
        limits=sessions.limit_words(event, now()),
        clash_words=sessions.clash_words(),
        questions=asking.questions(event, form, mine, pools, held=_held_answers(found)),
        days=sessions.session_parts(event, pools, registrations.waiting_for(session(), event), person),
    )
    return make_response(body, code)


def _held_answers(found: RegistrationFacts) -> frozenset[int]:
    return option_pools(found.event, found.answers) if found.status in HOLDING else frozenset()


@bp.get("/<token>/cancel")
@public
def ask_cancel(token: str) -> ResponseReturnValue:
    """Ask once whether to cancel."""
    _own, found = opened(token)
    if not can_cancel(found):
        return _cannot_cancel(token, found)
    return render_template(
        "participant/own/cancel.html", event=event_view(found.event), registration=found, token=token
    )


def _cannot_cancel(token: str, found: RegistrationFacts) -> Response:
    """Say how the registration ended, or that the event did."""
    if found.status in {"cancelled", "declined"}:
        return page(410, *standing.status_words(found), way_out=back_to_registration(token))
    return page(
        410,
        _("This registration cannot be cancelled any more"),
        states.and_whom_to_ask(found.event, _("This event is over.")),
        way_out=back_to_registration(token),
    )


@bp.post("/<token>/cancel")
@public
def cancel(token: str) -> ResponseReturnValue:
    """Cancel; the seats go to the next in line."""
    own, found = opened(token)
    if not can_cancel(found):
        return _cannot_cancel(token, found)
    try:
        registrations.cancel(session(), own, found.reference, now=now())
    except Refused as refused:
        flash(explain(refused.reason), "warning")
    else:
        site().ring()
        flash(states.done_words(_("Cancelled."), _("We wrote to you to say so.")), "success")
    return redirect(url_for(".show", token=token), 303)
