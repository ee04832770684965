"""The form, its answer, and the mailing of a link again."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from itsdangerous import BadSignature, URLSafeSerializer

from forumreg.base.addresses import is_address, masked
from forumreg.base.errors import Invalid, NotFound, Refused, Unavailable
from forumreg.base.folding import clean_line, fold_address
from forumreg.doors.participant import asking, floods, forms, problems, sessions
from forumreg.doors.participant.floods import Stop
from forumreg.doors.participant.forms import TRAP, RegistrationForm
from forumreg.doors.participant.problems import Said
from forumreg.doors.participant.sessions import Numbers, Person
from forumreg.doors.participant.sight import Holes, Sight
from forumreg.doors.participant.states import no_mail_words, window_words
from forumreg.rules import registration as registrations
from forumreg.rules.event import EventFacts, SessionFacts, window_of
from forumreg.rules.registration import Receipt, Submission
from forumreg.rules.seats import PoolState
from forumreg.web import (
    actor,
    event_and_pools,
    kept,
    keys,
    language,
    languages,
    limits,
    now,
    public,
    session,
    site,
    visible_event,
)
from forumreg.web.view import event_view

bp = Blueprint("registration", __name__)
SENT_TO = "sent_to"  # in the cookie: the masked address of the last form


@bp.get("/events/<slug:slug>/register")
@public
def register(slug: str) -> ResponseReturnValue:
    """The form, or why there is none."""
    sight = _sight(*event_and_pools(slug))
    event, state = sight.event, sight.window
    if not state.takes_forms:
        body = render_template(
            "participant/registration/closed.html", event=event_view(event), words=window_words(event, state)
        )
        return make_response(body, 410 if state.has_ended else 200)
    holes = {"token": generate_csrf(), "key": secrets.token_urlsafe(18), **sight.seats()}
    return kept.answer(sight.made_of(), lambda: _fresh(sight), holes)


def _fresh(sight: Sight) -> str:
    """The form as everybody finds it, with holes for what differs."""
    form = forms.form_for(
        sight.event,
        key=kept.hole("key"),
        notice_version=str(sight.event.notice_version),
        language=language(),
    )
    form.category.data = request.args.get("category", "")
    shown = Shown(token=kept.hole("token"), numbers=Holes())
    return _rendered(sight, form, Person(), shown)


@bp.post("/events/<slug:slug>/register")
@public
def send(slug: str) -> ResponseReturnValue:
    """Register, or show the form again with what is wrong and everything that was typed."""
    event = visible_event(slug)
    submission = forms.sent(event)
    stopped = _stopped(submission.email)
    if stopped is not None:
        return _stopped_page(slug, submission, stopped)
    if registrations.not_understood(event, submission, leaving_out=forms.warned_of()):
        return _page(*_again(slug, submission))
    try:
        receipt = registrations.submit(session(), actor(), event, submission, now=now())
    except (Invalid, Refused) as no:
        return _refused_page(slug, submission, no)
    except Unavailable as busy:
        return _busy_page(slug, submission, busy)
    floods.count(submission.email)
    site().ring()
    return _received(event, receipt)


def _again(slug: str, submission: Submission) -> tuple[Sight, RegistrationForm]:
    """The form that was sent, to be shown again for the event as it is now: it may have changed since it was read."""
    sight = _sight(*event_and_pools(slug))
    form = forms.form_for(sight.event)
    form.key.data = submission.key
    return sight, form


def _stopped(address: str) -> Stop | None:
    """Why a form is not even looked at."""
    if not forms.is_ours():
        return Stop(
            422,
            _("The form had been open for so long that it expired. Press Send again: nothing you typed is lost."),
        )
    if request.form.get(TRAP):
        return Stop(422, _("A program filled in a field that people do not see. We emptied it: press Send again."))
    return floods.stop(address)


def _stopped_page(slug: str, submission: Submission, stop: Stop) -> Response:
    return stop.on(_page(*_again(slug, submission), [("send", stop.sentence)], code=stop.code))


def _refused_page(slug: str, submission: Submission, no: Invalid | Refused) -> Response:
    """What is wrong; who is told that the privacy notice changed is shown the present one by this page."""
    sight, form = _again(slug, submission)
    event = sight.event
    if isinstance(no, Refused) and no.reason == "full_waitlist":
        form.accept_waitlist.data = "1"
    if isinstance(no, Invalid) and any(problem.message == "notice_changed" for problem in no.problems):
        form.notice_version.data = str(event.notice_version)
    told = problems.told(event, no, sight.pools, closed=window_words(event, sight.window).sentence)
    return _page(sight, form, told.said, code=422, refused=told.session)


def _busy_page(slug: str, submission: Submission, busy: Unavailable) -> Response:
    sentence = _(
        "Not sent: we cannot save anything right now. "
        "Nothing you typed is lost: wait a few seconds and press Send again."
    )
    return _stopped_page(slug, submission, floods.busy(busy, sentence))


def _page(
    sight: Sight,
    form: RegistrationForm,
    said: Said | None = None,
    *,
    code: int = 200,
    refused: SessionFacts | None = None,
) -> Response:
    found, event = said or [], sight.event
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
    return make_response(_rendered(sight, form, person, shown), code)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form says besides its fields: its token, what is wrong, and sessions its sender may not follow."""

    token: str
    said: Said = field(default_factory=list)
    foreign: tuple[SessionFacts, ...] = ()
    numbers: Numbers | None = None


def _rendered(sight: Sight, form: RegistrationForm, person: Person, shown: Shown) -> str:
    event, chosen = sight.event, form.category.data or ""
    offered = asking.offered_categories(event, chosen)
    asked = asking.questions(event, form, offered, sight.pools, numbers=shown.numbers)
    return render_template(
        "participant/registration/register.html",
        parts=_parts(event, asked),
        to_fix=Counter(_part_of(name) for name, _sentence in shown.said),
        clash_words=sessions.clash_words(),
        event=event_view(event),
        form=form,
        token=shown.token,
        said=shown.said,
        heading=problems.heading_of(shown.said, _("Not sent")),
        warning=sessions.warning(shown.foreign, forms.warned_of()),
        limits=sight.limits,
        words=window_words(event, sight.window),
        accepts_waitlist=sight.window.window == "waitlist" or bool(form.accept_waitlist.data),
        categories=asking.category_rows(event, offered, chosen, sight.pools),
        others=len(offered) < len([entry for entry in event.categories if entry.visibility == "public"]),
        questions=asked,
        days=sessions.session_parts(event, sight.pools, sight.waiting, person, numbers=shown.numbers),
        trap=TRAP,
        no_mail=no_mail_words(event),
    )


def _parts(event: EventFacts, asked: Sequence[asking.Asked]) -> list[tuple[str, str]]:
    """The parts of the form that this event has, in order: (id, title)."""
    parts = [
        ("you", _("You"), True),
        ("org", _("Organization"), True),
        ("cat", _("Category"), bool(event.categories)),
        ("ses", _("Sessions"), bool(event.bookable)),
        ("more", _("Questions of the organizers"), bool(asked)),
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
    **dict.fromkeys(("interpretation", "understands", "dietary", "accessibility"), "needs"),
    "category": "cat",
    "sharing": "share",
    "ses": "ses",
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


def _sight(event: EventFacts, pools: Mapping[int, PoolState]) -> Sight:
    """What moves of an event, read once for a page."""
    is_any_full = any(pools[pool].is_full for entry in event.sessions for pool in entry.pool_ids)
    is_line = is_any_full or event.most_per_organisation is not None
    waiting = registrations.waiting_for(session(), event) if is_line else {}
    limits_ = tuple(sessions.limit_words(event, now()))
    return Sight(event, window_of(event, pools[event.pool_id], now()), pools, waiting, limits_)


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
    """What everybody reads whose form arrived: the reference, and whether a mail is on its way."""
    event, receipt = visible_event(slug), request.args.get("receipt", "")
    try:
        sealed_slug, reference = _receipts().loads(receipt)
    except (BadSignature, ValueError, TypeError) as error:
        raise NotFound("receipt") from error
    if sealed_slug != slug:
        raise NotFound("receipt")
    sent_to = cookie.get(SENT_TO, "")

    def render() -> str:
        return render_template(
            "participant/registration/received.html",
            event=event_view(event),
            reference=kept.hole("reference"),
            sent_to=kept.hole("sent-to") if sent_to else "",
            no_mail=no_mail_words(event),
            languages=[
                replace(each, url=each.url.replace(receipt, kept.hole("receipt"))) for each in languages.choices()
            ],
        )

    holes = {"reference": reference, "sent-to": sent_to, "receipt": receipt}
    return kept.answer((event.id, event.version, bool(sent_to)), render, holes, address=request.path)


@bp.get("/events/<slug:slug>/find")
@public
def find(slug: str) -> ResponseReturnValue:
    """Ask for the own link again."""
    return _find_page(visible_event(slug))


def _find_page(event: EventFacts, *, said: Said | None = None, typed: str = "", sent: bool = False) -> str:
    """The question for an address, with what is wrong; or, once it was sent, what happens now."""
    heading = problems.heading_of(said or [], _("Not sent"))
    return render_template(
        "participant/registration/find.html",
        event=event_view(event),
        said=said or [],
        heading=heading,
        typed=typed,
        sent=sent,
        no_mail=no_mail_words(event),
    )


def _find_stopped(event: EventFacts, typed: str, stop: Stop) -> Response:
    return stop.on(make_response(_find_page(event, said=[("send", stop.sentence)], typed=typed), stop.code))


@bp.post("/events/<slug:slug>/find")
@public
def mail_links(slug: str) -> ResponseReturnValue:
    """Mail the own links of an address; the answer is the same whether it is known or not."""
    event = visible_event(slug)
    typed = clean_line(request.form.get("email", ""))[:254]
    if not forms.is_ours():
        return _find_stopped(event, typed, floods.expired())
    if not is_address(typed):
        said = [("email", _("Enter an email address such as name@example.org."))]
        return make_response(_find_page(event, said=said, typed=typed), 422)
    if stop := floods.many_questions():
        return _find_stopped(event, typed, stop)
    if not limits.opens_in_s(limits.LINKS_PER_ADDRESS, "find", fold_address(typed)):
        try:
            registrations.send_links(session(), event, typed, now=now())
        except Unavailable as busy:
            sentence = _("We cannot look that up right now. Press the button again in a few seconds.")
            return _find_stopped(event, typed, floods.busy(busy, sentence))
        limits.within(limits.LINKS_PER_ADDRESS, "find", fold_address(typed))
        site().ring()
    return redirect(url_for(".find_sent", slug=slug), 303)


@bp.get("/events/<slug:slug>/find/sent")
@public
def find_sent(slug: str) -> ResponseReturnValue:
    """What everybody reads who asked for a link."""
    return _find_page(visible_event(slug), sent=True)
