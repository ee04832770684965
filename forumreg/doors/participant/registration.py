"""The form, its answer, and the mailing of a link again."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeSerializer

from forumreg.base.addresses import is_address, masked
from forumreg.base.errors import Invalid, NotFound, Refused, Unavailable
from forumreg.base.folding import clean_line, fold_address
from forumreg.doors.participant import forms, problems
from forumreg.doors.participant.forms import TRAP, RegistrationForm
from forumreg.doors.participant.problems import Said
from forumreg.doors.participant.sight import Sight
from forumreg.doors.participant.states import window_words
from forumreg.rules import registration as registrations
from forumreg.rules.event import EventFacts, window_of
from forumreg.rules.registration import Receipt
from forumreg.rules.seats import PoolState, state_of
from forumreg.web import (
    actor,
    client_network,
    kept,
    keys,
    language,
    languages,
    limits,
    now,
    public,
    session,
    site,
    translated,
    visible_event,
)
from forumreg.web.view import event_view

bp = Blueprint("registration", __name__)
SENT_TO = "sent_to"  # in the cookie: the masked address of the last form


@bp.get("/events/<slug:slug>/register")
@public
def register(slug: str) -> ResponseReturnValue:
    """The form, or why there is none."""
    sight = _look(visible_event(slug))
    event, state = sight.event, sight.window
    if not state.takes_forms:
        return render_template(
            "participant/registration/closed.html", event=event_view(event), words=window_words(event, state)
        )
    holes = {"token": generate_csrf(), "key": secrets.token_urlsafe(18), **sight.seats()}
    return make_response(kept.page(sight.made_of(), lambda: _fresh(sight), holes))


def _fresh(sight: Sight) -> str:
    """The form as everybody finds it, with holes for what differs."""
    form = forms.form_for(sight.event, key=kept.hole("key"), language=language(), meta={"csrf": False})
    form.category.data = request.args.get("category", "")
    return _rendered(sight, form, [], token=kept.hole("token"), seats=sight.hole)


@bp.post("/events/<slug:slug>/register")
@public
def send(slug: str) -> ResponseReturnValue:
    """Register, or show the form again with what is wrong and everything that was typed."""
    event = visible_event(slug)
    form = forms.form_for(event)
    stopped = _stopped(form)
    if stopped is not None:
        return stopped_page(event, form, *stopped)
    try:
        receipt = registrations.submit(session(), actor(), event, form.submission(event), now=now())
    except Invalid as invalid:
        return _page(event, form, problems.sentences(event, invalid.problems), code=422)
    except Refused as refused:
        form.accept_waitlist.data = form.accept_waitlist.data or refused.reason == "full_waitlist"
        closed = window_words(event, _look(event).window).sentence
        return _page(event, form, problems.refusal(event, refused, closed=closed), code=422)
    except Unavailable as busy:
        return _busy_page(event, form, busy)
    site().ring()
    return _received(event, receipt)


def _stopped(form: RegistrationForm) -> tuple[int, str] | None:
    """Why a form is not even looked at: the code of the answer, and a sentence."""
    if not form.is_ours():
        return 422, _(
            "The form had been open for so long that it expired. Press Send again: nothing you typed is lost."
        )
    if request.form.get(TRAP):
        return 422, _("A program filled in a field that people do not see. We emptied it: press Send again.")
    return None if within_limits(form) else (429, many_forms())


def within_limits(form: RegistrationForm) -> bool:
    """Whether this network and this mailbox may have one more form."""
    return limits.within(limits.PER_NETWORK, "register", client_network()) and _mailbox_within(form.email.data or "")


def many_forms() -> str:
    """What somebody reads who may not."""
    return _("Many forms came from where you are. Wait a minute, then press Send again: nothing you typed is lost.")


def _mailbox_within(typed: str) -> bool:
    """Whether this mailbox may have one more form; what is no address is nobody's and is not counted."""
    line = clean_line(typed)
    return not is_address(line) or limits.within(limits.PER_ADDRESS, "register", fold_address(line))


def stopped_page(event: EventFacts, form: RegistrationForm, code: int, sentence: str) -> Response:
    """The form as it was typed, with one sentence on top."""
    response = _page(event, form, [("send", sentence)], code=code)
    if code == 429:
        response.headers["Retry-After"] = "60"
    return response


def _busy_page(event: EventFacts, form: RegistrationForm, busy: Unavailable) -> Response:
    sentence = _(
        "Not sent: we cannot save anything right now. "
        "Nothing you typed is lost: wait a few seconds and press Send again."
    )
    response = _page(event, form, [("send", sentence)], code=503)
    response.headers["Retry-After"] = str(busy.retry_after_s)
    return response


def _page(
    event: EventFacts,
    form: RegistrationForm,
    said: Said | None = None,
    *,
    code: int = 200,
) -> Response:
    found = said or []
    mark(form, found)
    sight = _look(event)
    return make_response(_rendered(sight, form, found, token=generate_csrf(), seats=forms.seats_left), code)


def _rendered(sight: Sight, form: RegistrationForm, said: Said, *, token: str, seats: forms.SeatsLeft) -> str:
    event = sight.event
    return render_template(
        "participant/registration/register.html",
        parts=_parts(event),
        to_fix=Counter(_part_of(name) for name, _sentence in said),
        clash_words=forms.clash_words(),
        event=event_view(event),
        form=form,
        token=token,
        said=said,
        words=window_words(event, sight.window),
        accepts_waitlist=sight.window.window == "waitlist" or bool(form.accept_waitlist.data),
        categories=offered_categories(event, form.category.data or "", sight.pools.values()),
        days=forms.session_parts(
            event,
            sight.pools,
            forms.sent_sessions(),
            sight.waiting,
            seats=seats,
            clashes={key.removeprefix("session-"): sentence for key, sentence in said if key.startswith("session-")},
        ),
        trap=TRAP,
    )


def _parts(event: EventFacts) -> list[tuple[str, str]]:
    """The parts of the form that this event has, in order: (id, title)."""
    parts = [
        ("you", _("You"), True),
        ("org", _("Organization"), True),
        ("cat", _("Category"), bool(event.categories)),
        ("ses", _("Sessions"), bool(event.bookable)),
        ("more", _("Questions of the organizers"), bool(event.fields)),
        ("needs", _("Practical needs"), True),
        ("share", _("Sharing your details"), bool(event.sharing)),
        ("send", _("Check and send"), True),
    ]
    return [(name, title) for name, title, is_there in parts if is_there]


_PART_OF = {
    **dict.fromkeys(
        ("honorific", "given_name", "family_name", "badge_name", "email", "phone", "country", "language"), "you"
    ),
    **dict.fromkeys(("organisation", "job_title"), "org"),
    **dict.fromkeys(("interpretation", "dietary", "accessibility"), "needs"),
    "category": "cat",
    "sharing": "share",
}
_PART_OF_THE_LIKE = {"session": "ses", "q": "more"}


def _part_of(name: str) -> str:
    """The part of the form that an input is in; none for what is about the form as a whole."""
    return _PART_OF.get(name) or _PART_OF_THE_LIKE.get(name.partition("-")[0], "")


def mark(form: RegistrationForm, said: Iterable[tuple[str, str]]) -> None:
    """Put the sentences beside their inputs."""
    for name, sentence in said:
        if name in form:
            form[name].errors = [*form[name].errors, sentence]


def _look(event: EventFacts) -> Sight:
    """What moves of an event, read once for a page."""
    pools = {pool.id: pool for pool in state_of(session(), event.id).values()}
    is_any_full = any(entry.pool_id is not None and pools[entry.pool_id].is_full for entry in event.sessions)
    waiting = registrations.waiting_for(session(), event) if is_any_full else {}
    return Sight(event, window_of(event, pools[event.pool_id], now()), pools, waiting)


def offered_categories(event: EventFacts, chosen: str, pools: Iterable[PoolState]) -> list[dict[str, object]]:
    """The categories to choose from: the public ones, and an unlisted one that the address named."""
    by_id = {pool.id: pool for pool in pools}
    named = request.args.get("category") or chosen
    rows: list[dict[str, object]] = []
    for entry in event.categories:
        if entry.visibility != "public" and entry.key != named:
            continue
        is_manual = entry.approval == "manual"
        full = by_id[entry.pool_id].is_full
        rows.append(
            {
                "value": entry.key,
                "label": translated(entry.title),
                "id": "category" if not rows else f"category-{entry.key}",
                "hint": _("The organizers look at each request in this category. You hear from them by email.")
                if is_manual
                else "",
                "end": forms.seats_left(by_id[entry.pool_id], is_full=True) if full else "",
                "checked": entry.key == chosen,
            }
        )
    return rows


def _receipts() -> URLSafeSerializer:
    return URLSafeSerializer(list(reversed(keys().secrets)), salt="forumreg receipt")


def _received(event: EventFacts, receipt: Receipt) -> ResponseReturnValue:
    """Answer alike, whoever sent the form: the mail tells the rest."""
    cookie[SENT_TO] = masked(receipt.email)
    sealed = _receipts().dumps([event.slug, receipt.reference])
    return redirect(url_for(".received", slug=event.slug, receipt=sealed), 303)


@bp.get("/events/<slug:slug>/received")
@public
def received(slug: str) -> ResponseReturnValue:
    """What everybody reads whose form arrived: the reference, and that a mail is on its way."""
    event = visible_event(slug)
    try:
        sealed_slug, reference = _receipts().loads(request.args.get("receipt", ""))
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFound("receipt") from error
    if sealed_slug != slug:
        raise NotFound("receipt")
    sent_to = cookie.get(SENT_TO, "")
    choices = languages.choices()

    def render() -> str:
        return render_template(
            "participant/registration/received.html",
            event=event_view(event),
            reference=kept.hole("reference"),
            sent_to=kept.hole("sent-to") if sent_to else "",
            languages=[replace(each, url=kept.hole(each.code)) for each in choices],
        )

    holes = {"reference": reference, "sent-to": sent_to, **{each.code: each.url for each in choices}}
    return kept.page((event.id, event.version, bool(sent_to)), render, holes, address=request.path)


@bp.get("/events/<slug:slug>/find")
@public
def find(slug: str) -> ResponseReturnValue:
    """Ask for the own link again."""
    return render_template(
        "participant/registration/find.html",
        event=event_view(visible_event(slug)),
        error="",
        typed="",
        sent=False,
    )


@bp.post("/events/<slug:slug>/find")
@public
def mail_links(slug: str) -> ResponseReturnValue:
    """Mail the own links of an address; the answer is the same whether it is known or not."""
    event = visible_event(slug)
    typed = clean_line(request.form.get("email", ""))[:254]
    if not is_address(typed):
        sentence = _("Enter an email address such as name@example.org.")
        body = render_template(
            "participant/registration/find.html",
            event=event_view(event),
            error=sentence,
            typed=typed,
            sent=False,
        )
        return make_response(body, 422)
    limits.count(limits.LINKS_PER_NETWORK, "find", client_network())
    if limits.within(limits.LINKS_PER_ADDRESS, "find", fold_address(typed)):
        registrations.send_links(session(), event, typed, now=now())
        site().ring()
    return redirect(url_for(".find_sent", slug=slug), 303)


@bp.get("/events/<slug:slug>/find/sent")
@public
def find_sent(slug: str) -> ResponseReturnValue:
    """What everybody reads who asked for a link."""
    return render_template(
        "participant/registration/find.html",
        event=event_view(visible_event(slug)),
        error="",
        typed="",
        sent=True,
    )
