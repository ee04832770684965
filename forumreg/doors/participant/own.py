"""The own page: everything a registrant may see and do with the link that was mailed. Opening it changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_number, refresh
from flask_babel import gettext as _

from forumreg.adapters import qr
from forumreg.adapters.calendar import registration_calendar
from forumreg.base.addresses import masked
from forumreg.base.errors import Changed, Gone, Invalid, Refused, Unavailable
from forumreg.doors.participant import forms, problems
from forumreg.doors.participant.calendars import calendar_file
from forumreg.doors.participant.forms import RegistrationForm
from forumreg.doors.participant.problems import Said
from forumreg.doors.participant.registration import many_forms, mark, within_limits
from forumreg.doors.participant.states import window_words
from forumreg.rules import registration as registrations
from forumreg.rules.access import Participant
from forumreg.rules.event import EventFacts, FieldFacts, is_open, window_of
from forumreg.rules.registration import RegistrationFacts, registration_letter
from forumreg.rules.seats import PoolState, state_of
from forumreg.web import explain, keys, language, now, public, session, settings, site, translated
from forumreg.web.errors import page
from forumreg.web.view import event_view
from forumreg.web.when import country_name, day
from forumreg.web.words import diet_words

bp = Blueprint("own", __name__, url_prefix="/r")


def _opened(token: str) -> tuple[Participant, RegistrationFacts]:
    """Who holds the link, and the registration; the page then speaks the registrant's language."""
    own, reference = registrations.open_link(session(), keys(), token, now=now())
    found = registrations.read(session(), own, reference)
    g.event, g.spoken = found.event, found.language
    refresh()
    return own, found


@bp.errorhandler(Gone)
def _gone(_error: Gone) -> Response:
    return page(
        410,
        _("This link has ended"),
        _("Links to registrations work until 30 days after the event. Write to the organizers with any question."),
    )


@bp.get("/<token>/")
@public
def show(token: str) -> ResponseReturnValue:
    """Status, ticket, programme, what was answered and what can be done."""
    _own, found = _opened(token)
    event = found.event
    return render_template(
        "participant/own/show.html",
        event=event_view(event),
        registration=found,
        token=token,
        status=status_words(found),
        since=_since(found),
        steps=_steps(found),
        registers_again=_registers_again(found),
        qr=qr.svg(found.reference, label=_("QR code for %(reference)s", reference=found.reference)),
        masked=masked(found.email),
        answers=[
            (translated(entry.label), _told(entry, found)) for entry in event.fields if entry.key in found.answers
        ],
        diets=[diet_words()[word] for word in found.dietary],
        shared=[entry.short for entry in event.sharing if entry.id in found.sharing],
        unshared=[entry.short for entry in event.sharing if entry.id not in found.sharing],
        can_change=can_change(found),
        can_cancel=found.status not in {"cancelled", "declined"} and now() < event.over_at,
        zone=event.zone,
    )


def _since(found: RegistrationFacts) -> datetime:
    """Since when the registration stands where it stands; answers that were changed later do not count."""
    if found.status == "cancelled":
        return found.changed_at  # nothing changes after it
    return found.decided_at or found.received_at


@dataclass(frozen=True, slots=True)
class _Step:
    """A step from the form to the badge."""

    word: str
    when: str
    is_done: bool
    is_current: bool


def _steps(found: RegistrationFacts) -> list[_Step]:
    """The way to the badge, while there is one."""
    words = {
        "pending": _("With the organizers"),
        "waitlisted": _("Waiting list"),
        "confirmed": _("Confirmed"),
    }
    if found.status not in words:
        return []
    is_confirmed, zone = found.status == "confirmed", found.event.zone
    opening = _("from %(day)s", day=day(found.event.starts_on, form="MMMd"))
    return [
        _Step(_("Received"), day(found.received_at, zone, form="MMMd"), is_done=True, is_current=False),
        _Step(
            words[found.status.value],
            day(_since(found), zone, form="MMMd") if is_confirmed else "",
            is_done=is_confirmed,
            is_current=True,
        ),
        _Step(_("Badge at the entrance"), opening, is_done=False, is_current=False),
    ]


def _registers_again(found: RegistrationFacts) -> bool:
    """Whether who cancelled may send the form again now; who was declined may not."""
    if found.status != "cancelled":
        return False
    return window_of(found.event, _event_pool(found.event), now()).takes_forms


def can_change(found: RegistrationFacts) -> bool:
    """Whether answers and sessions may still be changed."""
    return found.status not in {"cancelled", "declined"} and is_open(found.event, now())


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
                rank=format_number(found.rank or 0),
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
    if entry.kind == "date":
        return day(date.fromisoformat(str(answer)), form="yMMMMd")
    labels = {option.value: translated(option.label) for option in entry.options}
    if isinstance(answer, list):
        return ", ".join(labels.get(value, value) for value in answer)
    if entry.kind == "country":
        return country_name(str(answer))
    return labels.get(str(answer), str(answer))


@bp.get("/<token>/calendar.ics")
@public
def calendar(token: str) -> ResponseReturnValue:
    """The registrant's sessions as a calendar."""
    own, found = _opened(token)
    content = registration_calendar(
        found.event,
        registration_letter(session(), found.event, own.registration_id),
        base_url=settings().base_url,
        language=language(),
        moment=datetime.now(UTC),
    )
    return calendar_file(content, f"{found.reference}.ics")


@bp.get("/<token>/change")
@public
def change_form(token: str) -> ResponseReturnValue:
    """The form with what was answered."""
    _own, found = _opened(token)
    if not can_change(found):
        return _cannot_change(found)
    form = forms.form_for(found.event, data=forms.values_of(found))
    return _change_page(token, found, form, chosen=_kept(found))


def _kept(found: RegistrationFacts) -> list[str]:
    return [seat.session.key if seat.status == "booked" else f"{forms.WAIT}{seat.session.key}" for seat in found.seats]


def _cannot_change(found: RegistrationFacts) -> Response:
    return page(410, _("This registration cannot be changed any more"), _closed(found))


def _closed(found: RegistrationFacts) -> str:
    return window_words(found.event, window_of(found.event, _event_pool(found.event), now())).sentence


def _event_pool(event: EventFacts) -> PoolState:
    return next(pool for pool in state_of(session(), event.id).values() if pool.id == event.pool_id)


@bp.post("/<token>/change")
@public
def change(token: str) -> ResponseReturnValue:
    """Change answers and sessions, or show the form again with what is wrong."""
    own, found = _opened(token)
    form = forms.form_for(found.event)
    stopped = _stopped(form)
    if stopped is not None:
        return _stopped_page(token, found, form, *stopped)
    submission = form.submission(found.event)
    try:
        version = next(iter(forms.whole_numbers([form.version.data or ""])), 0)
        outcome = registrations.change(session(), own, found.reference, submission, now=now(), version=version)
    except Invalid as invalid:
        return _change_page(token, found, form, problems.sentences(found.event, invalid.problems), 422)
    except Refused as refused:
        return _change_page(token, found, form, problems.refusal(found.event, refused, closed=_closed(found)), 422)
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
    chosen: list[str] | None = None,
) -> Response:
    event = found.event
    mark(form, said or [])
    form.version.data = form.version.data or str(found.version)
    body = render_template(
        "participant/own/change.html",
        event=event_view(event),
        registration=found,
        token=token,
        form=form,
        said=said or [],
        clash_words=forms.clash_words(),
        days=forms.session_parts(
            event,
            {pool.id: pool for pool in state_of(session(), event.id).values()},
            chosen if chosen is not None else forms.sent_sessions(),
            registrations.waiting_for(session(), event),
            held=frozenset(seat.session.key for seat in found.seats if seat.status == "booked"),
            clashes={
                key.removeprefix("session-"): sentence for key, sentence in said or [] if key.startswith("session-")
            },
        ),
    )
    return make_response(body, code)


@bp.get("/<token>/sharing")
@public
def sharing(token: str) -> ResponseReturnValue:
    """With whom the details are shared, and the way to change that."""
    _own, found = _opened(token)
    return render_template(
        "participant/own/sharing.html", event=event_view(found.event), registration=found, token=token
    )


@bp.post("/<token>/sharing")
@public
def share(token: str) -> ResponseReturnValue:
    """Share with exactly the organizations that are ticked."""
    own, found = _opened(token)
    wanted = set(forms.whole_numbers(request.form.getlist("sharing")))
    registrations.share(session(), own, found.reference, wanted, now=now())
    flash(_("Saved. It holds from now on."), "success")
    return redirect(url_for(".show", token=token), 303)


@bp.get("/<token>/cancel")
@public
def ask_cancel(token: str) -> ResponseReturnValue:
    """Ask once whether to cancel."""
    _own, found = _opened(token)
    return render_template(
        "participant/own/cancel.html", event=event_view(found.event), registration=found, token=token
    )


@bp.post("/<token>/cancel")
@public
def cancel(token: str) -> ResponseReturnValue:
    """Cancel; the seats go to the next in line."""
    own, found = _opened(token)
    try:
        registrations.cancel(session(), own, found.reference, now=now())
    except Refused as refused:
        flash(explain(refused.reason), "warning")
    else:
        site().ring()
        flash(_("Cancelled. We wrote to you to say so."), "success")
    return redirect(url_for(".show", token=token), 303)
