"""What must hold in an event before it is stored, whoever wrote it: a file, a page or a program."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from enum import Enum
from itertools import chain
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from forumreg.base.addresses import is_address
from forumreg.base.codes import COUNTRIES, is_language
from forumreg.base.errors import Problem
from forumreg.base.texts import Texts
from forumreg.rules.event.drafts import (
    ACCENTS,
    APPROVALS,
    AUDIENCES,
    BOOKINGS,
    EVENT_KINDS,
    FIELD_KINDS,
    ROLES,
    SESSION_KINDS,
    SESSION_VISIBILITIES,
    STATUSES,
    VISIBILITIES,
    YES_NO,
    EventDraft,
    FieldDraft,
    SessionDraft,
)

LONGEST_DAYS = 366  # a page lists every day; no event of the field lasts longer than a year
FIRST_YEAR, LAST_YEAR = 1900, 2999  # within what spreadsheets, calendars and every zone can count
LONGEST_LINE, LONGEST_TEXT = 300, 20_000  # signs, as the schema of event files says
LONGEST_SPEAKER, LONGEST_ROLE = 160, 200
LARGEST_CAPACITY = 10**9  # within the numbers of both databases
# The roster's own columns: a field of the same key would be a second column of that name.
_ROSTER_COLUMNS = (
    "reference status category honorific given_name family_name organisation job_title country country_name"
    " language email phone delegation sessions registered_at checked_in_at"
)
ROSTER_KEYS = frozenset(_ROSTER_COLUMNS.split())


def problems(draft: EventDraft) -> tuple[Problem, ...]:
    """Everything that is wrong with the event, by place; empty where it may be stored."""
    return in_order(
        chain(
            _about_the_event(draft),
            _about_registration(draft),
            _about_words(draft),
            _about_capacities(draft),
            _about_texts(draft),
            _about_countries(draft),
            _about_doubles(draft),
            _about_fields(draft),
            _about_sessions(draft),
        )
    )


def in_order(found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems by place, the tenth item after the ninth, each said once."""
    return tuple(sorted(dict.fromkeys(found), key=_reading_order))


def zone(name: str) -> ZoneInfo | None:
    """The time zone of that name; ``None`` where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _reading_order(problem: Problem) -> tuple[list[tuple[int, str]], str]:
    parts = re.split(r"(\d+)", problem.place)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], problem.message


def _about_the_event(draft: EventDraft) -> Iterator[Problem]:
    yield from _about_years(draft)
    if draft.ends_on < draft.starts_on:
        yield Problem("ends_on", "before starts_on")
    elif (draft.ends_on - draft.starts_on).days >= LONGEST_DAYS:
        yield Problem("ends_on", f"more than {LONGEST_DAYS} days after starts_on")
    if zone(draft.timezone) is None:
        yield Problem("timezone", f"unknown time zone {_said(draft.timezone)}")
    if draft.contact_email and not is_address(draft.contact_email):
        yield Problem("contact_email", "not an e-mail address")
    if not draft.languages:
        yield Problem("languages", "needs at least one language")


def _about_years(draft: EventDraft) -> Iterator[Problem]:
    window = draft.registration
    days = {
        "starts_on": draft.starts_on,
        "ends_on": draft.ends_on,
        "registration.opens_at": window.opens_at,
        "registration.closes_at": window.closes_at,
    }
    for place, day in days.items():
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            yield Problem(place, f"not between {FIRST_YEAR} and {LAST_YEAR}")


def _about_registration(draft: EventDraft) -> Iterator[Problem]:
    opens_at, closes_at = draft.registration.opens_at, draft.registration.closes_at
    if opens_at and closes_at and closes_at <= opens_at:
        yield Problem("registration.closes_at", _not_after(closes_at, opens_at, "opens_at"))


def _about_words(draft: EventDraft) -> Iterator[Problem]:
    for place, word, allowed in _words(draft):
        if word not in allowed:
            yield Problem(place, f"{_said(word)} is not one of {', '.join(allowed)}")


def _words(draft: EventDraft) -> Iterator[tuple[str, str, Sequence[str]]]:
    yield "kind", draft.kind, EVENT_KINDS
    yield "status", draft.status, STATUSES
    yield "visibility", draft.visibility, VISIBILITIES
    yield "accent", draft.accent, ACCENTS
    yield "registration.approval", draft.registration.approval, APPROVALS
    for number, organisation in enumerate(draft.organisations):
        yield f"organisations[{number}].role", organisation.role, ROLES
    for number, category in enumerate(draft.categories):
        yield f"categories[{number}].visibility", category.visibility, VISIBILITIES
        yield f"categories[{number}].approval", category.approval or APPROVALS[0], APPROVALS
    for number, question in enumerate(draft.fields):
        yield f"fields[{number}].kind", question.kind, FIELD_KINDS
        yield f"fields[{number}].audience", question.audience, AUDIENCES
    for number, meeting in enumerate(draft.sessions):
        yield f"sessions[{number}].kind", meeting.kind, SESSION_KINDS
        yield f"sessions[{number}].booking", meeting.booking, BOOKINGS
        yield f"sessions[{number}].visibility", meeting.visibility, SESSION_VISIBILITIES
    for kind in draft.limits.most_per_kind:
        yield f"limits.most_per_kind.{kind}", kind, SESSION_KINDS


def _about_capacities(draft: EventDraft) -> Iterator[Problem]:
    for place, capacity in _capacities(draft):
        if capacity is not None and capacity < 0:
            yield Problem(place, "below 0")
        if capacity is not None and capacity > LARGEST_CAPACITY:
            yield Problem(place, f"above {LARGEST_CAPACITY}")


def _capacities(draft: EventDraft) -> Iterator[tuple[str, int | None]]:
    yield "capacity", draft.capacity
    for number, category in enumerate(draft.categories):
        yield f"categories[{number}].capacity", category.capacity
    for number, question in enumerate(draft.fields):
        yield f"fields[{number}].erase_after_days", question.erase_after_days
        for place, option in enumerate(question.options):
            yield f"fields[{number}].options[{place}].capacity", option.capacity
    for number, room in enumerate(draft.rooms):
        yield f"rooms[{number}].capacity", room.capacity
    for number, meeting in enumerate(draft.sessions):
        yield f"sessions[{number}].capacity", meeting.capacity
        for kept_for, places in meeting.held.items():
            yield f"sessions[{number}].held.{kept_for}", places
    yield "limits.most_per_organisation", draft.limits.most_per_organisation
    for kind, most in draft.limits.most_per_kind.items():
        yield f"limits.most_per_kind.{kind}", most


def _about_texts(draft: EventDraft) -> Iterator[Problem]:
    first = next(iter(draft.languages), "")
    for place, texts, need in _texts(draft):
        if need is _Need.FIRST and first and not texts.get(first):
            yield Problem(place, f"missing in {_said(first)}, the event's first language")
        if need is _Need.ANY and not any(texts.values()):
            yield Problem(place, "required")
        for tag in texts:
            if not is_language(tag):
                yield Problem(f"{place}.{tag}", "unknown language")
    for place, tags in _language_lists(draft):
        for number, tag in enumerate(tags):
            if not is_language(tag):
                yield Problem(f"{place}[{number}]", f"unknown language {_said(tag)}")


class _Need(Enum):
    """Whether a text must be there: in the event's first language, in any, or not at all."""

    FIRST = 1
    ANY = 2
    NONE = 3


def _texts(draft: EventDraft) -> Iterator[tuple[str, Texts, _Need]]:
    """Every text. Sessions and rooms keep the titles that their owners published, in whatever language."""
    yield "title", draft.title, _Need.FIRST
    yield "summary", draft.summary, _Need.NONE
    yield "description", draft.description, _Need.NONE
    yield "venue", draft.venue, _Need.NONE
    yield "privacy_notice", draft.privacy_notice, _Need.NONE
    for number, category in enumerate(draft.categories):
        yield f"categories[{number}].title", category.title, _Need.FIRST
    for number, track in enumerate(draft.tracks):
        yield f"tracks[{number}].title", track.title, _Need.FIRST
    for number, room in enumerate(draft.rooms):
        yield f"rooms[{number}].name", room.name, _Need.ANY
    for number, question in enumerate(draft.fields):
        yield from _texts_of_field(f"fields[{number}]", question)
    for number, meeting in enumerate(draft.sessions):
        yield f"sessions[{number}].title", meeting.title, _Need.ANY
        yield f"sessions[{number}].abstract", meeting.abstract, _Need.NONE


def _texts_of_field(place: str, question: FieldDraft) -> Iterator[tuple[str, Texts, _Need]]:
    yield f"{place}.label", question.label, _Need.FIRST
    yield f"{place}.help", question.help, _Need.NONE
    yield f"{place}.purpose", question.purpose, _Need.NONE
    for number, option in enumerate(question.options):
        yield f"{place}.options[{number}].label", option.label, _Need.FIRST


def _language_lists(draft: EventDraft) -> Iterator[tuple[str, Sequence[str]]]:
    yield "languages", draft.languages
    for number, meeting in enumerate(draft.sessions):
        yield f"sessions[{number}].languages", meeting.languages
        yield f"sessions[{number}].interpreted", meeting.interpreted


def _about_countries(draft: EventDraft) -> Iterator[Problem]:
    places = {"country": draft.country}
    for number, organisation in enumerate(draft.organisations):
        places[f"organisations[{number}].country"] = organisation.country
    for place, code in places.items():
        if code is not None and code not in COUNTRIES:
            yield Problem(place, f"unknown country {_said(code)}")


def _about_doubles(draft: EventDraft) -> Iterator[Problem]:
    yield from _doubles("organisations[{}].name", [each.name for each in draft.organisations])
    yield from _doubles("organisations[{}].short_name", [each.short_name for each in draft.organisations])
    yield from _doubles("categories[{}].id", [each.id for each in draft.categories])
    yield from _doubles("rooms[{}].id", [each.id for each in draft.rooms])
    yield from _doubles("tracks[{}].id", [each.id for each in draft.tracks])
    yield from _doubles("sessions[{}].id", [each.id for each in draft.sessions])
    yield from _doubles("sessions[{}].guid", [each.guid or "" for each in draft.sessions])
    yield from _doubles("languages[{}]", draft.languages)
    yield from _doubles("fields[{}].key", [each.key for each in draft.fields])
    for number, question in enumerate(draft.fields):
        yield from _doubles(f"fields[{number}].options[{{}}].value", [each.value for each in question.options])
        yield from _doubles(f"fields[{number}].categories[{{}}]", question.categories)
    for number, meeting in enumerate(draft.sessions):
        yield from _doubles(f"sessions[{number}].languages[{{}}]", meeting.languages)
        yield from _doubles(f"sessions[{number}].interpreted[{{}}]", meeting.interpreted)


def _doubles(place: str, names: Sequence[str]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, name in enumerate(names):
        if name and name in seen:
            yield Problem(place.format(number), f"{_said(name)} is also {place.format(seen[name])}")
        seen.setdefault(name, number)


def _about_fields(draft: EventDraft) -> Iterator[Problem]:
    categories = {category.id for category in draft.categories}
    before: dict[str, FieldDraft] = {}
    for number, question in enumerate(draft.fields):
        place = f"fields[{number}]"
        yield from _about_options(place, question)
        yield from _about_condition(place, question, before, {each.key for each in draft.fields})
        for index, category in enumerate(question.categories):
            if category not in categories:
                yield Problem(f"{place}.categories[{index}]", f"unknown category {_said(category)}")
        if question.key in ROSTER_KEYS:
            yield Problem(f"{place}.key", f"{_said(question.key)} is a column of every roster; take another key")
        before.setdefault(question.key, question)


def _about_options(place: str, question: FieldDraft) -> Iterator[Problem]:
    if question.kind in {"choice", "choices"}:
        if not question.options:
            yield Problem(f"{place}.options", f"a field of kind {question.kind} needs options")
    elif question.options:
        yield Problem(f"{place}.options", "only for fields of kind choice or choices")


def _about_condition(
    place: str, question: FieldDraft, before: dict[str, FieldDraft], keys: set[str]
) -> Iterator[Problem]:
    if question.show_if is None:
        return
    asked = before.get(question.show_if.field)
    if asked is None:
        known = question.show_if.field in keys
        said = "not before this field" if known else f"unknown field {_said(question.show_if.field)}"
        yield Problem(f"{place}.show_if.field", said)
        return
    allowed = _answers(asked)
    if not allowed:
        yield Problem(f"{place}.show_if.field", f"a field of kind {asked.kind} cannot be a condition")
    elif question.show_if.is_ not in allowed:
        yield Problem(f"{place}.show_if.is", f"{_said(question.show_if.is_)} is not an answer to {asked.key}")
    if asked.categories and not set(question.categories or ["*"]) <= set(asked.categories):
        yield Problem(f"{place}.categories", f"some are not asked {asked.key}, which show_if names")


def _answers(asked: FieldDraft) -> frozenset[str]:
    """The answers that another field may depend on."""
    if asked.kind == "yes-no":
        return frozenset(YES_NO)
    if asked.kind == "country":
        return COUNTRIES
    return frozenset(option.value for option in asked.options)


def _about_sessions(draft: EventDraft) -> Iterator[Problem]:
    rooms = {room.id for room in draft.rooms}
    tracks = {track.id for track in draft.tracks}
    leads = {name for each in draft.organisations for name in (each.name, each.short_name) if name}
    for number, meeting in enumerate(draft.sessions):
        place = f"sessions[{number}]"
        yield from _about_times(place, meeting, draft)
        if meeting.room is not None and meeting.room not in rooms:
            yield Problem(f"{place}.room", f"unknown room {_said(meeting.room)}")
        if meeting.track is not None and meeting.track not in tracks:
            yield Problem(f"{place}.track", f"unknown track {_said(meeting.track)}")
        if meeting.lead is not None and meeting.lead not in leads:
            yield Problem(f"{place}.lead", f"unknown organisation {_said(meeting.lead)}")
        if meeting.kind == "break" and meeting.booking != "none":
            yield Problem(f"{place}.booking", "a break cannot be booked")
        yield from _about_held(place, meeting, draft)
        yield from _about_lengths(place, meeting)


def _about_lengths(place: str, meeting: SessionDraft) -> Iterator[Problem]:
    """What an event file's schema says of lengths, for those who write a session elsewhere."""
    for name, texts, longest in (("title", meeting.title, LONGEST_LINE), ("abstract", meeting.abstract, LONGEST_TEXT)):
        if any(len(text) > longest for text in texts.values()):
            yield Problem(f"{place}.{name}", f"longer than {longest} signs")
    for number, speaker in enumerate(meeting.speakers):
        if not speaker.name:
            yield Problem(f"{place}.speakers[{number}].name", "empty")
        for name, longest in (("name", LONGEST_SPEAKER), ("title", LONGEST_ROLE), ("organisation", LONGEST_ROLE)):
            if len(getattr(speaker, name)) > longest:
                yield Problem(f"{place}.speakers[{number}].{name}", f"longer than {longest} signs")


def _about_held(place: str, meeting: SessionDraft, draft: EventDraft) -> Iterator[Problem]:
    categories = {category.id for category in draft.categories}
    for kept_for in meeting.held:
        if kept_for not in categories:
            yield Problem(f"{place}.held.{kept_for}", "unknown category")
    places = {room.id: room.capacity for room in draft.rooms}
    total = meeting.capacity if meeting.capacity is not None else places.get(meeting.room or "")
    if meeting.held and meeting.booking == "none":
        yield Problem(f"{place}.held", "nobody books this session")
    elif meeting.held and (total is None or sum(meeting.held.values()) > total):
        yield Problem(f"{place}.held", "more places than the session has")


def _about_times(place: str, meeting: SessionDraft, draft: EventDraft) -> Iterator[Problem]:
    if meeting.ends_at <= meeting.starts_at:
        yield Problem(f"{place}.ends_at", _not_after(meeting.ends_at, meeting.starts_at, "starts_at"))
    where = zone(draft.timezone)
    if where is None or draft.ends_on < draft.starts_on:
        return
    for name, moment in (("starts_at", meeting.starts_at), ("ends_at", meeting.ends_at)):
        if not FIRST_YEAR <= moment.year <= LAST_YEAR or _days_outside(moment.astimezone(where).date(), draft) > 1:
            yield Problem(f"{place}.{name}", "more than a day outside the event's days")


def _days_outside(day: date, draft: EventDraft) -> int:
    outside: timedelta = max(draft.starts_on - day, day - draft.ends_on, timedelta())
    return outside.days


def _not_after(later: datetime, earlier: datetime, name: str) -> str:
    return f"before {name}" if later < earlier else f"the same as {name}"


def _said(word: str) -> str:
    """A word of the file, quoted and cut so that a message stays a line."""
    return f"“{word if len(word) <= 60 else word[:59] + '…'}”"
