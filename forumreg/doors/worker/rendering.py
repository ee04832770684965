"""A letter's facts made into a mail: words in the registrant's language, the code, the calendar file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _
from jinja2 import Template
from markupsafe import Markup, escape

from forumreg.adapters import qr
from forumreg.adapters.calendar import registration_calendar, registration_method
from forumreg.adapters.smtp import Draft, Picture, sender_of
from forumreg.base.references import link_token
from forumreg.rules.event.facts import EventFacts, SessionFacts
from forumreg.rules.registration.letters import FIELDS, GAVE_UP, JOINED, ChosenSession, LetterFacts, RegistrationLetter
from forumreg.web import keys, language, settings, translated
from forumreg.web.context import RIGHT_TO_LEFT
from forumreg.web.languages import OWN, installed
from forumreg.web.when import clock, country_name, day, days
from forumreg.web.words import field_words

_OWN_LINK = r'<a class="link" href="\g<0>" style="color:#0b5563;word-break:break-all;">\g<0></a>'
_EMPTY_LINES = re.compile(r"\n[ \t]*\n\s*\n")


@dataclass(frozen=True, slots=True)
class Accent:
    """The colours of a mail's head: in light, in dark, and of text on dark."""

    light: str
    dark: str
    on_dark: str


# The tokens --field and --on-field of static/_shared/public.css.
ACCENTS = {
    "ochre": Accent("#f3bb47", "#3d2f0d", "#fbe6b8"),
    "brick": Accent("#efab95", "#43231a", "#fbd9cd"),
    "sage": Accent("#b9d2ad", "#22331c", "#d9ecd0"),
    "lagoon": Accent("#96ced6", "#10343a", "#cdeef3"),
    "plum": Accent("#d8b9d3", "#37203a", "#f0dcf0"),
    "slate": Accent("#bccad6", "#22303c", "#dce7f0"),
}


# What a mail to an address that was given up does not say: whoever reads it may be somebody else.
_FORMER_ADDRESS: Mapping[str, Any] = {
    "is_to_former_address": True,
    "code_cid": None,
    "link": None,
    "is_active": False,
    "sessions": (),
    "lists": (),
    "reason": "",
    "moves": (),
    "passed": (),
    "announced": "",
    "paragraphs": (),
    "session_title": "",
}


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session as a mail lists it."""

    when: str
    what: str
    note: str


@dataclass(frozen=True, slots=True)
class List:
    """What a mail tells as a list, under its heading."""

    heading: str
    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class MoveLine:
    """What an organizer changed about one session, and what became of the registrant's seat in it."""

    title: str
    was: str
    now: str  # empty: it was taken out of the programme
    outcome: str


@dataclass(frozen=True, slots=True)
class PassedLine:
    """A session in which a seat went to the next in line, and what the registrant has at that time."""

    title: str
    when: str
    other: str


def draft_of(facts: LetterFacts) -> Draft:
    """Answer the mail, inside an application context.

    Raises:
        jinja2.TemplateError, ValueError, KeyError: the words cannot be put together.
    """
    with force_locale(_spoken(facts)):
        g.event = facts.event
        context = _context(facts)
        text_template = _template(f"{facts.message}.txt")
        subject = " ".join(_block(text_template, "subject", context).split())
        context["subject"] = subject
        return Draft(
            message_id=message_id(facts),
            subject=subject,
            sender=sender_of(
                settings().mail_from, context["title"] if context["event"] else "", otherwise=context["title"]
            ),
            recipient=facts.recipient,
            text=_tidy(text_template.render(context)),
            html=facts.payload.get("html") or _template(f"{facts.message}.html").render(context),
            reply_to=facts.event.contact_email if facts.event else "",
            language=language(),
            pictures=tuple(_pictures(facts, context)),
            **_calendar(facts),
        )


def message_id(facts: LetterFacts) -> str:
    """Answer an id that is the same each time this mail is sent and tells nothing about its reader."""
    cause = f"{settings().base_url}\n{facts.key}\n{facts.created_at.isoformat()}"
    return f"{hashlib.sha256(cause.encode()).hexdigest()[:32]}@{_host()}"


def _host() -> str:
    return urlsplit(settings().base_url).hostname or "localhost"


def _spoken(facts: LetterFacts) -> str:
    """The registrant's language where we have its words, else the event's, else English."""
    own = facts.event.language if facts.event else OWN
    wanted = (facts.language, facts.language.partition("-")[0], own)
    return next((tag for tag in wanted if tag in installed()), OWN)


def _template(name: str) -> Template:
    return current_app.jinja_env.get_template(f"mail/{name}")


def _block(template: Template, name: str, context: Mapping[str, Any]) -> str:
    return "".join(template.blocks[name](template.new_context(dict(context))))


def _tidy(text: str) -> str:
    return _EMPTY_LINES.sub("\n\n", text).strip() + "\n"


def _own_links(text: str) -> Markup:
    """The text with links made of our own addresses, and of no others."""
    address = re.compile(re.escape(str(escape(settings().base_url))) + r"/[^\s<]*")
    return Markup(address.sub(_OWN_LINK, str(escape(text))))  # noqa: S704 (the text is escaped)


def _context(facts: LetterFacts) -> dict[str, Any]:
    event = facts.event
    return {
        "language": language(),
        "direction": "rtl" if language() in RIGHT_TO_LEFT else "ltr",
        "accent": ACCENTS.get(event.accent if event else "", ACCENTS["ochre"]),
        "payload": facts.payload,
        "payload_text": _own_links(str(facts.payload.get("text", ""))),
        "event": event,
        "title": translated(event.title) if event else _("Your staff account"),
        **(_event_context(event) if event else {}),
        **(_registration_context(event, facts.registration) if event and facts.registration else {}),
        **(_news_context(event, facts) if event else {}),
        **(_FORMER_ADDRESS if facts.is_to_former_address else {}),
    }


def _lists(event: EventFacts, facts: LetterFacts) -> Iterator[List]:
    """What the registrant changed, by its names alone (needs and passports are not for mails); seats and lines."""
    words, changed = field_words(), facts.payload.get(FIELDS) or ()
    lists = (
        (_("What was changed:"), [words[name] for name in changed if name in words]),
        (_("You now have a seat in:"), _titles(facts.registration.gained if facts.registration else ())),
        (_("You no longer have a seat in:"), _titles(facts.registration.lost if facts.registration else ())),
        (_("You are now on the waiting list of:"), _titles(_named(event, facts.payload.get(JOINED)))),
        (_("You are no longer on the waiting list of:"), _titles(_named(event, facts.payload.get(GAVE_UP)))),
    )
    return (List(heading, items) for heading, items in lists if items)


def _titles(sessions: Iterable[SessionFacts]) -> list[str]:
    return [translated(entry.title) for entry in sessions]


def _named(event: EventFacts, ids: Sequence[int] | None) -> Iterator[SessionFacts]:
    return (entry for entry in event.sessions if entry.id in (ids or ()))


def _news_context(event: EventFacts, facts: LetterFacts) -> dict[str, Any]:
    """What the programme's own mails tell: changes, a seat that went by, words of the organizers."""
    announcement = facts.announcement
    return {
        "lists": list(_lists(event, facts)),
        "moves": [_move(event, piece) for piece in facts.payload.get("changes") or ()],
        "passed": _passed(event, facts),
        "announced": announcement.subject if announcement else "",
        "paragraphs": _paragraphs(announcement.body) if announcement else (),
        "session_title": translated(announcement.session_title) if announcement else "",
    }


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in _EMPTY_LINES.split(text.replace("\r\n", "\n")) if part.strip()]


def _move(event: EventFacts, piece: Mapping[str, Any]) -> MoveLine:
    outcomes = {
        "kept": _("You keep your seat."),
        "clashing": _("You keep your seat, but it is now at the same time as another of your sessions: choose one."),
        "freed": _("You no longer have a seat in it."),
        "waitlisted": _("The room takes fewer people now: you are on the waiting list of this session."),
        "waiting": _("You keep your place in line."),
    }
    gone = {
        "freed": _("Your seat is gone with it."),
        "waiting": _("Its waiting list is gone with it."),
    }
    seat = str(piece.get("seat", ""))
    words = outcomes | (gone if piece.get("now") is None else {})
    return MoveLine(
        title=translated(piece.get("title")),
        was=_place_and_time(event, piece.get("was")),
        now=_place_and_time(event, piece.get("now")),
        outcome=words.get(seat, ""),
    )


def _place_and_time(event: EventFacts, told: Mapping[str, Any] | None) -> str:
    if not told:
        return ""
    starts_at, ends_at = (datetime.fromisoformat(told[name]) for name in ("starts_at", "ends_at"))
    hours = f"{clock(starts_at, event.zone)}–{clock(ends_at, event.zone)}"
    return ", ".join(filter(None, (day(starts_at, event.zone), hours, translated(told.get("room") or {}))))


def _passed(event: EventFacts, facts: LetterFacts) -> list[PassedLine]:
    ids = facts.payload.get("passed") or ()
    booked = facts.registration.booked if facts.registration else ()
    lines = []
    for entry in (entry for entry in event.sessions if entry.id in ids):
        other = next((each for each in booked if each.id != entry.id and each.overlaps(entry)), None)
        when = f"{day(entry.starts_at, event.zone)}, {clock(entry.starts_at, event.zone)}"
        lines.append(PassedLine(translated(entry.title), when, translated(other.title) if other else ""))
    return lines


def _event_context(event: EventFacts) -> dict[str, Any]:
    where = ", ".join(filter(None, (event.city, country_name(event.country))))
    return {
        "when_and_where": ", ".join(filter(None, (days(event.starts_on, event.ends_on), where))),
        "hosts": " ".join(_hosts(event)),
        "time_note": _("Times are those of %(city)s.", city=event.city) if event.city else event.timezone,
    }


def _hosts(event: EventFacts) -> Iterator[str]:
    """The organizations that invite, as what they are to the event."""
    names = {
        role: [entry.short for entry in event.sharing if entry.role == role] for role in ("organizer", "co-organizer")
    }
    if organizers := names["organizer"]:
        yield ngettext(
            "The organizer: %(names)s.", "The organizers: %(names)s.", len(organizers), names=", ".join(organizers)
        )
    if others := names["co-organizer"]:
        yield ngettext(
            "The co-organizer: %(names)s.", "The co-organizers: %(names)s.", len(others), names=", ".join(others)
        )


def _registration_context(event: EventFacts, registration: RegistrationLetter) -> dict[str, Any]:
    token = link_token(keys(), registration.reference, registration.link_version)
    return {
        "name": registration.greeting,
        "reference": registration.reference,
        "code_cid": f"code@{_host()}" if registration.status == "confirmed" else None,
        "link": f"{settings().base_url}/r/{token}/",
        "place": registration.place,
        "reason": registration.reason,
        "is_held": registration.is_held,
        "needs_decision": registration.needs_decision,
        "is_active": registration.is_active,
        "status": registration.status.value,
        "status_sentence": _status_sentence(registration),
        "sessions": [
            _line(event, entry, registration.left) for entry in registration.sessions if registration.is_active
        ],
        "has_seat": bool(registration.booked),
        "sharing": _sharing(registration),
    }


def _status_sentence(registration: RegistrationLetter) -> str:
    sentences = {
        "pending": _("Your registration awaits a decision of the organizers."),
        "waitlisted": _("You are on the waiting list."),
        "confirmed": _("You are registered and have a place."),
        "declined": _("The organizers could not accept your registration."),
        "cancelled": _("Your registration is cancelled."),
    }
    return str(sentences[registration.status.value])


def _sharing(registration: RegistrationLetter) -> str:
    if not registration.shared_with:
        return str(_("You share your details with no organization: only the team that runs registration sees them."))
    names = ", ".join(registration.shared_with)
    if registration.status == "waitlisted":
        return str(_("No organization sees your details yet. Once you have a place: %(names)s.", names=names))
    return str(_("You share your details with %(names)s.", names=names))


def _line(event: EventFacts, chosen: ChosenSession, left: Sequence[SessionFacts]) -> SessionLine:
    session = chosen.session
    when = f"{day(session.starts_at, event.zone, form='MMMEd')}, {clock(session.starts_at, event.zone)}"
    room = translated(session.room.name) if session.room else ""
    what = ", ".join(filter(None, (translated(session.title), room)))
    notes = {
        "booked": "",
        "waitlisted": _("waiting list, number %(place)s", place=chosen.place),
        "wished": _("you no longer have a seat; it stays asked for")
        if session in left
        else _("asked for; you hold no seat yet"),
        "clashing": _("at the same time as “%(title)s”: choose one", title=translated(chosen.clash.title))
        if chosen.clash
        else _("at the same time as another of your sessions: choose one"),
    }
    return SessionLine(when, what, notes[chosen.status.value])


def _pictures(facts: LetterFacts, context: Mapping[str, Any]) -> Iterator[Picture]:
    if facts.registration and context.get("code_cid"):
        reference = facts.registration.reference
        yield Picture(context["code_cid"], f"{reference}.png", qr.png(reference))


def _calendar(facts: LetterFacts) -> dict[str, Any]:
    if facts.event is None or facts.registration is None or facts.is_to_former_address:
        return {}
    content = registration_calendar(
        facts.event,
        facts.registration,
        base_url=settings().base_url,
        language=language(),
        moment=datetime.now(UTC),
        sender=settings().mail_address,
    )
    return {"calendar": content, "calendar_method": registration_method(facts.event, facts.registration)}
