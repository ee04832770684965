"""The frab schedule, from XML or JSON in the one shape of schedule.json, as items."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from forumreg.adapters.schedule.names import PERSONS
from forumreg.adapters.schedule.reading_hours import Hours, duration_of, hour_of
from forumreg.adapters.schedule.reading_items import (
    MOST_ROOMS,
    MOST_SESSIONS,
    UNNAMED,
    Item,
    Place,
    Said,
    Told,
    problem,
)
from forumreg.adapters.schedule.reading_kinds import is_ours
from forumreg.adapters.schedule.reading_languages import language_of
from forumreg.base.errors import Invalid, Problem
from forumreg.base.folding import clean_line, clean_text, prose, prose_line
from forumreg.base.texts import Texts
from forumreg.rules.event.checks import zone as zone_called
from forumreg.rules.event.drafts import SpeakerDraft
from forumreg.rules.event.facts import EventFacts

# What becomes of a session's own fields; the rest is kept under the file's names.
_USED = frozenset(
    {"title", "abstract", "type", "track", "room", "date", "start", "end", "duration", "language", "guid", "persons"}
)
_TEXT = "should_be_text"
_SPEAKER = frozenset({"name", "public_name", "full_public_name", "title", "organisation"})
_BETWEEN_LANGUAGES = re.compile(r"\s*[,;/]\s*|\s+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a schedule as schedule.json has it, with its day and room, and where its parts stand."""

    event: Mapping[str, Any]
    place: Place
    day: Mapping[str, Any]
    room: str
    places: Mapping[str, Place] = field(default_factory=dict)

    def at(self, name: str) -> Place:
        """Where a part of it stands."""
        return self.places.get(name) or self.place.inside(name)

    def words(self, name: str) -> str:
        """A part that is a text, trimmed; empty where it is missing.

        Raises:
            Invalid: it is something else.
        """
        value = self.event.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Invalid(problem(self.at(name), _TEXT))
        return value.strip()


@dataclass(frozen=True, slots=True)
class Frab:
    """A schedule; ``zone`` is the name of its time zone, if it says one."""

    entries: tuple[Entry, ...]
    zone: str = ""
    rooms: Mapping[str, int | None] = field(default_factory=dict)
    tracks: tuple[str, ...] = ()
    named: Mapping[str, int] = field(default_factory=dict)


def told(schedule: Frab, event: EventFacts) -> Told:
    """What the schedule tells.

    Raises:
        Invalid: every place that is wrong.
    """
    if len(schedule.entries) > MOST_SESSIONS:
        raise Invalid(problem(Place("event"), "too_many", most=MOST_SESSIONS))
    if len(schedule.rooms) > MOST_ROOMS:
        raise Invalid(problem(Place("room"), "too_many", most=MOST_ROOMS))
    if not schedule.entries:
        raise Invalid(problem(Place(""), "empty"))
    hours = Hours(_zone(schedule.zone, event), event.days)
    items, wrong = [], list[Problem]()
    for entry in schedule.entries:
        try:
            items.append(_item(entry, hours))
        except Invalid as invalid:
            wrong += invalid.problems
    if wrong:
        raise Invalid(*wrong)
    return Told(
        items=tuple(items),
        rooms={clean_line(name): capacity for name, capacity in schedule.rooms.items() if clean_line(name)},
        tracks=tuple(dict.fromkeys(filter(None, map(clean_line, schedule.tracks)))),
        named=Counter(schedule.named),
    )


def _zone(name: str, event: EventFacts) -> ZoneInfo:
    if not name:
        return event.zone
    found = zone_called(name)
    if found is None:
        raise Invalid(problem(Place("time_zone_name"), "unknown_zone", value=name))
    return found


def _item(entry: Entry, hours: Hours) -> Item:
    said, extra = Said(), dict(_rest(entry))
    wrong: list[Problem] = []
    for read in (_texts, _about, _hours, _people):
        try:
            read(entry, said, extra, hours)
        except Invalid as invalid:
            wrong += invalid.problems
    if wrong:
        raise Invalid(*wrong)
    return Item(entry.place, said, _guid(entry, extra), None, extra, dict(_places(entry)))


def _places(entry: Entry) -> Iterator[tuple[str, Place]]:
    names = {"starts_at": "start", "ends_at": "duration", "kind": "type", "speakers": "persons"}
    for name in ("title", "abstract", "room", "track", "starts_at", "ends_at", "kind", "speakers"):
        yield name, entry.at(names.get(name, name))


def _rest(entry: Entry) -> Iterator[tuple[str, Any]]:
    for name, value in entry.event.items():
        kept = clean_text(value) if isinstance(value, str) else value
        if name not in _USED and kept not in ("", None, [], {}):
            yield name, kept
    number = entry.event.get("id")
    if isinstance(number, str) and number.isdecimal():
        yield "id", int(number[:18])


def _guid(entry: Entry, extra: dict[str, Any]) -> str | None:
    """The UUID; what is none is kept as a word."""
    word = entry.words("guid")
    try:
        return str(UUID(word)) if word else None
    except ValueError:
        extra["guid"] = word
        return None


def _texts(entry: Entry, said: Said, _extra: dict[str, Any], _hours: Hours) -> None:
    title = _text(entry, "title", prose_line)
    if not any(title.values()):
        raise Invalid(problem(entry.at("title"), "title_missing"))
    said["title"], said["abstract"] = title, _text(entry, "abstract", prose)


def _text(entry: Entry, name: str, clean: Callable[[str], str]) -> Texts:
    """A text, or texts by language, as some programs write them."""
    value = entry.event.get(name)
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return {tag: clean(text) for tag, text in value.items() if language_of(tag) == tag}
    return {UNNAMED: clean(entry.words(name))}


def _about(entry: Entry, said: Said, extra: dict[str, Any], _hours: Hours) -> None:
    said["room"] = clean_line(entry.words("room") or entry.room)
    said["track"] = clean_line(entry.words("track"))
    word = clean_line(entry.words("type"))
    if is_ours(word):
        said["kind"] = word
    elif word:
        said["type"] = extra["type"] = word
    spoken = entry.words("language")
    found = [language_of(tag) for tag in _BETWEEN_LANGUAGES.split(spoken) if tag]
    if all(found):
        said["languages"] = tuple(dict.fromkeys(filter(None, found)))
    else:
        extra["language"] = spoken


def _hours(entry: Entry, said: Said, _extra: dict[str, Any], hours: Hours) -> None:
    starts_at = _start(entry, hours)
    said["starts_at"] = starts_at
    end, place = entry.words("end"), entry.at("end")
    if end:
        ends_at = hours.moment(end, place)
    elif entry.words("duration"):
        place = entry.at("duration")
        ends_at = starts_at + _length(entry.words("duration"), place)
    else:
        raise Invalid(problem(entry.place, "missing_end"))
    if ends_at <= starts_at:
        raise Invalid(problem(place, "ends_before_start"))
    said["ends_at"] = ends_at


def _length(text: str, place: Place) -> timedelta:
    return duration_of(text, place)


def _start(entry: Entry, hours: Hours) -> datetime:
    """The start: what ``date`` says with its hour, else ``start`` on the day, or after its midnight."""
    moment = entry.words("date")
    if "T" in moment or " " in moment:
        return hours.moment(moment, entry.at("date"))
    day = _day(moment or str(entry.day.get("date") or ""), entry.at("date"))
    hour = hour_of(entry.words("start"), entry.at("start"))
    opens = str(entry.day.get("start") or entry.day.get("day_start") or "")
    try:
        is_past_midnight = not moment and hour < datetime.fromisoformat(opens).time()
    except ValueError:
        is_past_midnight = False
    return hours.instant(datetime.combine(day + timedelta(days=is_past_midnight), hour), entry.at("start"))


def _day(text: str, place: Place) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(problem(place, "bad_date" if text else "missing", value=text)) from None


def _people(entry: Entry, said: Said, extra: dict[str, Any], _hours: Hours) -> None:
    """Speakers by name; what else the file says of them is kept beside."""
    persons = entry.event.get(PERSONS) or []
    if not isinstance(persons, list):
        raise Invalid(problem(entry.at(PERSONS), "should_be_list"))
    speakers, more = [], []
    for person in persons:
        if not isinstance(person, dict):
            raise Invalid(problem(entry.at(PERSONS), "should_be_object"))
        name = next((clean_line(str(person[key])) for key in _names(person)), "")
        if name:
            speakers.append(SpeakerDraft(name, _part(person, "title"), _part(person, "organisation")))
            rest = {key: value for key, value in person.items() if key not in _SPEAKER and value not in ("", None, [])}
            more.append({"name": name, **rest})
    said["names"] = tuple(speakers)
    if more:
        extra[PERSONS] = more


def _names(person: Mapping[str, Any]) -> Iterator[str]:
    return (key for key in ("name", "public_name", "full_public_name") if isinstance(person.get(key), str))


def _part(person: Mapping[str, Any], name: str) -> str:
    value = person.get(name)
    return clean_line(value) if isinstance(value, str) else ""
