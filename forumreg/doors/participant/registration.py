"""The form, its answer, and the mailing of a link again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeSerializer

from forumreg.base.addresses import is_address, masked
from forumreg.base.errors import Invalid, NotFound, Refused, Unavailable
from forumreg.base.folding import clean_line, fold_address
from forumreg.doors.participant import forms, problems, sessions
from forumreg.doors.participant.forms import TRAP, RegistrationForm
from forumreg.doors.participant.problems import Said
from forumreg.doors.participant.sessions import Numbers, Person
from forumreg.doors.participant.sight import Holes, Sight
from forumreg.doors.participant.states import window_words
from forumreg.rules import registration as registrations
from forumreg.rules.event import EventFacts, SessionFacts, window_of
from forumreg.rules.registration import Receipt
from forumreg.rules.seats import PoolState, state_of
from forumreg.web import (
    actor,
    client_network,
    kept,
    keys,
    language,
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
    shown = Shown(token=kept.hole("token"), numbers=Holes())
    return _rendered(sight, form, Person(), shown)


@bp.post("/events/<slug:slug>/register")
@public
def send(slug: str) -> ResponseReturnValue:
    """Register, or show the form again with what is wrong and everything that was typed."""
    event = visible_event(slug)
    form = forms.form_for(event)
    stopped = _stopped(form)
    if stopped is not None:
        return stopped_page(event, form, *stopped)
    submission = form.submission(event)
    if registrations.not_understood(event, submission, leaving_out=forms.warned_of()):
        return _page(event, form)
    try:
        receipt = registrations.submit(session(), actor(), event, submission, now=now())
    except (Invalid, Refused) as no:
        if isinstance(no, Refused) and no.reason == "full_waitlist":
            form.accept_waitlist.data = "1"
        sight = _look(event)
        told = problems.told(event, no, sight.pools, closed=window_words(event, sight.window).sentence)
        return _page(event, form, told.said, code=422, refused=told.session)
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
    return within_rates(form.email.data or "")


def within_rates(address: str) -> bool:
    """Whether this network may send, and this mailbox get, one more."""
    return limits.within(limits.PER_NETWORK, "register", client_network()) and _mailbox_within(address)


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
    refused: SessionFacts | None = None,
) -> Response:
    found = said or []
    mark(form, found)
    submission = form.submission(event)
    person = Person(
        chosen=frozenset(forms.sent_sessions()),
        category=submission.category or "",
        known=registrations.known_languages(submission.language, submission.interpretation, submission.understands),
        refused=frozenset({refused.key} if refused else ()),
        clashes=sessions.clashes_of(found),
    )
    shown = Shown(generate_csrf(), said=found, foreign=registrations.not_understood(event, submission))
    return make_response(_rendered(_look(event), form, person, shown), code)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form says besides its fields: its token, what is wrong, and sessions its sender may not follow."""

    token: str
    said: Said = field(default_factory=list)
    foreign: tuple[SessionFacts, ...] = ()
    numbers: Numbers | None = None


def _rendered(sight: Sight, form: RegistrationForm, person: Person, shown: Shown) -> str:
    event = sight.event
    return render_template(
        "participant/registration/register.html",
        parts=_parts(event),
        clash_words=sessions.clash_words(),
        event=event_view(event),
        form=form,
        token=shown.token,
        said=shown.said,
        warning=sessions.warning(shown.foreign, forms.warned_of()),
        limits=sight.limits,
        words=window_words(event, sight.window),
        accepts_waitlist=sight.window.window == "waitlist" or bool(form.accept_waitlist.data),
        categories=offered_categories(event, form.category.data or "", sight.pools.values()),
        days=sessions.session_parts(event, sight.pools, sight.waiting, person, numbers=shown.numbers),
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


def mark(form: RegistrationForm, said: Iterable[tuple[str, str]]) -> None:
    """Put the sentences beside their inputs."""
    for name, sentence in said:
        if name in form:
            form[name].errors = [*form[name].errors, sentence]


def _look(event: EventFacts) -> Sight:
    """What moves of an event, read once for a page."""
    pools = {pool.id: pool for pool in state_of(session(), event.id).values()}
    is_any_full = any(pools[pool].is_full for entry in event.sessions for pool in entry.pool_ids)
    is_line = is_any_full or event.most_per_organisation is not None
    waiting = registrations.waiting_for(session(), event) if is_line else {}
    limits_ = tuple(sessions.limit_words(event, now()))
    return Sight(event, window_of(event, pools[event.pool_id], now()), pools, waiting, limits_)


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
                "end": sessions.seats_left(by_id[entry.pool_id], is_full=True) if full else "",
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
    return render_template(
        "participant/registration/received.html",
        event=event_view(event),
        reference=reference,
        sent_to=cookie.get(SENT_TO, ""),
    )


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
