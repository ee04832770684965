"""Who is in one session: a page, files, a sheet to sign; seats given and taken by hand; a mail to all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from forumreg.adapters.pdf import SignIn, sign_in_sheets
from forumreg.adapters.pdf.sign_in import uncovered
from forumreg.adapters.sheets import FORMATS, Labels, Sheet, spooled
from forumreg.base.errors import Invalid, NotFound, Problem, Refused
from forumreg.base.folding import clean_line
from forumreg.base.references import find_reference
from forumreg.doors.organizer.frame import page
from forumreg.rules import planning, roster
from forumreg.rules.access import Action
from forumreg.rules.event import EventFacts, SessionFacts
from forumreg.rules.partner import name_of
from forumreg.rules.registration import read, waiting_for
from forumreg.rules.roster import Question, Scope, session_scope
from forumreg.web import actor, current_event, explain, needs, now, session, settings, site, translated
from forumreg.web.context import RIGHT_TO_LEFT
from forumreg.web.files import attachment, file_name
from forumreg.web.languages import language
from forumreg.web.when import clock, day, today_in
from forumreg.web.words import kind_words, sheet_words, sign_in_words

bp = Blueprint("session_people", __name__, url_prefix="/<slug:slug>/programme")
PDF = "application/pdf"
SHEET_COLUMNS = ("family_name", "given_name", "organisation")  # and the sessions, where several sheets are printed


def _entry(event: EventFacts, key: str) -> SessionFacts:
    entry = event.find_session(key)
    if entry is None:
        raise NotFound("session")
    return entry


@bp.get("/sessions/<key>/people")
@needs(Action.PLAN)
def show(slug: str, key: str) -> ResponseReturnValue:
    """Show who has a seat, a page at a time, how many wait, and what was written to them."""
    return _page(slug, key)


def _page(slug: str, key: str, said: Sequence[tuple[str, str]] = (), typed: str = "") -> str:
    event = current_event(slug)
    entry = _entry(event, key)
    question = Question(after=request.args.get("after", ""), before=request.args.get("before", ""))
    return page(
        "programme/people.html",
        slug,
        tab="programme",
        entry=entry,
        kind=kind_words()[entry.kind.value],
        found=roster.page(session(), actor(), session_scope(event, key), question),
        waiting=waiting_for(session(), event).get(entry.id, 0),
        categories={category.key: translated(category.title) for category in event.categories},
        announced=roster.announced(session(), actor(), event, key),
        said=said,
        typed=typed,
    )


@bp.post("/sessions/<key>/people")
@needs(Action.PLAN)
def seat(slug: str, key: str) -> ResponseReturnValue:
    """Give the registrant with the typed reference a seat."""
    event = current_event(slug)
    entry = _entry(event, key)
    typed = clean_line(request.form.get("reference", ""))[:40]
    reference = find_reference(typed)
    if reference is None:
        return _page(slug, key, [("reference", _("Type a reference such as TUR-7K3M-9QXA."))], typed), 422
    try:
        planning.seat(session(), actor(), slug, key, reference, now=now())
    except NotFound:
        return _page(slug, key, [("reference", _("Nobody at this event has this reference."))], typed), 422
    except Refused as refused:
        return _page(slug, key, [("reference", _why_no_seat(refused))], typed), 422
    site().ring()
    flash(_("%(reference)s has a seat in “%(title)s”, and a mail says so.", reference=reference,
            title=translated(entry.title)), "success")  # fmt: skip
    return redirect(url_for(".show", slug=slug, key=key), 303)


def _why_no_seat(refused: Refused) -> str:
    if refused.reason == "overlap":
        other: Any = refused.facts["other"]
        return _("They are in “%(title)s” at that time.", title=translated(other.title))
    words = {
        "already": _("They have a seat in this session already."),
        "no_place": _("They have no place at the event. Confirm the registration first."),
        "not_seated": _("No seats are counted in this session: people simply come."),
        "session_full": _("The session is full. Raise its capacity first."),
    }
    return words.get(refused.reason) or explain(refused.reason)


@bp.get("/sessions/<key>/people/<reference>/remove")
@needs(Action.PLAN)
def ask_to_unseat(slug: str, key: str, reference: str) -> ResponseReturnValue:
    """Ask once before a seat is taken back: who waits gets it at once."""
    event = current_event(slug)
    entry = _entry(event, key)
    found = read(session(), actor(), reference)
    if found.event.id != event.id:
        raise NotFound("registration")
    if not found.has_seat_in(entry):
        return _no_seat(slug, key)
    waits = waiting_for(session(), event).get(entry.id, 0)
    return page("programme/unseat.html", slug, tab="programme", entry=entry, found=found, waiting=waits)


@bp.post("/sessions/<key>/people/<reference>/remove")
@needs(Action.PLAN)
def unseat(slug: str, key: str, reference: str) -> ResponseReturnValue:
    """Take a seat back; it goes to who waits."""
    _entry(current_event(slug), key)
    try:
        planning.unseat(session(), actor(), slug, key, reference, now=now())
    except Refused:
        return _no_seat(slug, key)
    site().ring()
    flash(_("%(reference)s has no seat in this session any more, and a mail says so.", reference=reference),
          "success")  # fmt: skip
    return redirect(url_for(".show", slug=slug, key=key), 303)


def _no_seat(slug: str, key: str) -> ResponseReturnValue:
    flash(_("They have no seat in this session."), "warning")
    return redirect(url_for(".show", slug=slug, key=key), 303)


# Files ------------------------------------------------------------------------------------------------------------


@bp.get("/sessions/<key>/people.<any(csv, xlsx):ending>")
@needs(Action.READ_ROSTER)
def take(slug: str, key: str, ending: str) -> ResponseReturnValue:
    """Send the list as a file; it is written and journalled before the first byte leaves."""
    event, form = current_event(slug), FORMATS[ending]
    entry = _entry(event, key)
    if request.method == "HEAD":  # nothing is taken
        return Response(mimetype=form.mimetype)
    scope, file = session_scope(event, key), spooled()
    sheet = _sheet(event, entry, scope)
    roster.take(session(), actor(), scope, Question(), ending, partial(form.write, file, sheet), now=sheet.at)
    return attachment(file, file_name(slug, key, _today(event), ending=ending), form.mimetype)


def _sheet(event: EventFacts, entry: SessionFacts, scope: Scope) -> Sheet:
    return Sheet(
        columns=scope.keys,
        slug=event.slug,
        event=translated(event.title),
        language=event.language,
        zone=event.zone,
        scope=_("Everybody who has a seat in “%(title)s”", title=translated(entry.title)),
        who=name_of(session(), actor()),
        at=now(),
        labels=Labels(**sheet_words(_("Roster"))),
    )


@bp.get("/sessions/<key>/people.pdf")
@needs(Action.READ_ROSTER)
def sign_in(slug: str, key: str) -> ResponseReturnValue:
    """Send the sheet on which people sign that they came."""
    event = current_event(slug)
    entry = _entry(event, key)
    if request.method == "HEAD":
        return Response(mimetype=PDF)
    scope = Scope(event.id, SHEET_COLUMNS, sessions=(key,))
    people: list[tuple[str, str]] = []

    def keep(rows: Iterable[tuple[Any, ...]]) -> None:
        people.extend((_name(*row[:2]), str(row[2])) for row in rows)

    roster.take(session(), actor(), scope, Question(), "pdf", keep, now=now())
    return _pdf(event, [_sign_in(event, entry, people)], key)


@bp.get("/sign-in.pdf")
@needs(Action.READ_ROSTER)
def sign_in_of_day(slug: str) -> ResponseReturnValue:
    """Send the sheets of a day's sessions, room after room, for whoever carries them to the doors."""
    event = current_event(slug)
    wanted = next((each for each in event.days if each.isoformat() == request.args.get("day")), None)
    entries = [
        entry for entry in event.sessions
        if entry.pool_id is not None and wanted in {None, today_in(event.zone, entry.starts_at)}
    ]  # fmt: skip
    if not entries:
        raise NotFound("session")
    if request.method == "HEAD":
        return Response(mimetype=PDF)
    scope = Scope(event.id, (*SHEET_COLUMNS, "sessions"), sessions=tuple(entry.key for entry in entries))
    people: dict[int, list[tuple[str, str]]] = {entry.id: [] for entry in entries}

    def keep(rows: Iterable[tuple[Any, ...]]) -> None:
        for family, given, organisation, sessions in rows:
            for entry in sessions:
                if entry.id in people:
                    people[entry.id].append((_name(family, given), organisation))

    roster.take(session(), actor(), scope, Question(), "pdf", keep, now=now())
    places = {room.id: place for place, room in enumerate(event.rooms)}
    in_room_order = sorted(
        entries, key=lambda each: (places.get(each.room.id, -1) if each.room else -1, each.starts_at)
    )
    sheets = [_sign_in(event, entry, people[entry.id]) for entry in in_room_order]
    return _pdf(event, sheets, wanted.isoformat() if wanted else "programme")


def _name(family: str, given: str) -> str:
    return ", ".join(filter(None, (family, given)))


def _sign_in(event: EventFacts, entry: SessionFacts, people: Sequence[tuple[str, str]]) -> SignIn:
    hours = f"{clock(entry.starts_at, event.zone)}–{clock(entry.ends_at, event.zone)}"
    return SignIn(
        title=translated(entry.title),
        where=translated(entry.room.name) if entry.room else "",
        when=f"{day(entry.starts_at, event.zone)}, {hours}",
        people=tuple(people),
    )


def _pdf(event: EventFacts, sheets: Sequence[SignIn], name: str) -> Response:
    words, note = sign_in_words(name_of(session(), actor()), day(now(), event.zone), boxes=len(uncovered(sheets)))
    file = spooled()
    file.write(
        sign_in_sheets(
            sheets,
            event=translated(event.title),
            words=words,
            note=note,
            language=language(),
            is_rtl=language() in RIGHT_TO_LEFT,
            instance=settings().instance,
        )
    )
    return attachment(file, file_name(event.slug, "sign-in", name, ending="pdf"), PDF)


def _today(event: EventFacts) -> str:
    return today_in(event.zone, now()).isoformat()


# Writing ----------------------------------------------------------------------------------------------------------


@bp.get("/sessions/<key>/write")
@needs(Action.PLAN)
def write(slug: str, key: str) -> ResponseReturnValue:
    """Ask what to write to those who have a seat."""
    return _write_page(slug, key, {"subject": "", "body": ""})


@bp.post("/sessions/<key>/write")
@needs(Action.PLAN)
def send(slug: str, key: str) -> ResponseReturnValue:
    """Show once what will be sent to how many, then send it."""
    event = current_event(slug)
    typed = {name: request.form.get(name, "") for name in ("subject", "body")}
    _entry(event, key)
    if "sure" not in request.form or "back" in request.form:
        wrong = roster.announcement_problems(typed["subject"], typed["body"])
        if wrong or "back" in request.form:
            return _write_page(slug, key, typed, _sentences(wrong)), 422 if wrong else 200
        return _write_page(slug, key, typed, is_sure=True)
    try:
        done = roster.announce(session(), actor(), event, key, **typed, now=now())
    except Invalid as invalid:
        return _write_page(slug, key, typed, _sentences(invalid.problems)), 422
    site().ring()
    flash(
        ngettext("Written to %(num)s person.", "Written to %(num)s people.", done.recipients),
        "success",
    )
    return redirect(url_for(".show", slug=slug, key=key), 303)


def _write_page(
    slug: str, key: str, typed: dict[str, str], said: Sequence[tuple[str, str]] = (), *, is_sure: bool = False
) -> str:
    event = current_event(slug)
    entry = _entry(event, key)
    return page(
        "programme/write.html",
        slug,
        tab="programme",
        entry=entry,
        typed=typed,
        said=said,
        errors=dict(said),
        is_sure=is_sure,
        recipients=roster.count(session(), actor(), session_scope(event, key)),
    )


def _sentences(wrong: Iterable[Problem]) -> list[tuple[str, str]]:
    words = {
        "subject_missing": _("Write a subject."),
        "body_missing": _("Write what you want to say."),
        "nobody": _("Nobody has a seat in this session yet, so there is nobody to write to."),
    }
    return [
        (
            problem.place,
            words.get(problem.message)
            or _("Shorten this to %(longest)s characters.", longest=dict(problem.facts).get("longest", "")),
        )
        for problem in wrong
    ]
