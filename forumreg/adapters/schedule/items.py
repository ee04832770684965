"""A programme as the frab schedule has it: days, rooms, items with plain words. XML and JSON are written from it.

``extra`` may hold anything, for event files bring it in: what has not the shape that the format asks for stays out.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from forumreg.adapters.schedule.names import own_id, own_path, own_person, own_room, own_slug
from forumreg.base.folding import xml_text
from forumreg.base.texts import Texts, read
from forumreg.rules.event.facts import EventFacts, SessionFacts

GENERATOR = "forumreg"
TIMESLOT = "00:05"  # the grain of the grid in which apps draw; no session of ours is shorter
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`\[\]]+")
_CODE = re.compile(r"[0-9A-Z]{1,20}")
_REFERENCE_TYPES = frozenset({"slides", "paper", "web", "blog", "article", "media", "related", "activitypub"})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody announced to speak; ``more`` is what JSON has a place for and XML has not."""

    name: str
    id: int
    guid: str
    more: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """Something to look at: a page, or a file; ``kind`` is one of the format's, or empty."""

    url: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Item:
    """One session; ``plain`` are the words of a schedule that was brought in, by the names of JSON."""

    session: SessionFacts
    id: int
    slug: str
    title: str
    abstract: str
    kind: str
    track: str
    starts: datetime  # in the event's zone
    ends: datetime
    language: str
    url: str
    persons: Sequence[Person]
    links: Sequence[Link]
    attachments: Sequence[Link]
    plain: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A room on one day with its items; sessions without a room are in one without a name."""

    name: str
    guid: str | None
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the event, from 1, with its rooms in the event's order."""

    index: int
    date: date
    starts: datetime
    ends: datetime
    places: Sequence[Place]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The whole programme in one language; ``acronym`` as both forms of the format allow it."""

    event: EventFacts
    title: str
    acronym: str
    url: str
    version: str
    days: Sequence[Day]
    tracks: Sequence[tuple[str, str]]  # (key, title)
    rooms: Sequence[tuple[str, str, int | None]]  # (name, guid, capacity) of those in use
    program: str  # version of the program


def schedule_of(event: EventFacts, *, base_url: str, language: str, program: str) -> Schedule:
    """The public programme of the event."""
    build = _Build(event, base_url, language)
    used = {entry.room.id for entry in event.sessions if entry.room}
    return Schedule(
        event=event,
        title=build.read(event.title),
        acronym=_acronym(event.slug),
        url=f"{base_url}/events/{event.slug}/",
        version=str(event.version),
        days=list(build.days()),
        tracks=[(track.key, build.read(track.title)) for track in event.tracks],
        rooms=[
            (build.read(room.name), own_room(event.slug, room.key), room.capacity)
            for room in event.rooms
            if room.id in used
        ],
        program=program,
    )


def hours(length: timedelta) -> str:
    """A length as hours and minutes (``01:30``)."""
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60:02}:{minutes % 60:02}"


class _Build:
    """Builds the parts of a schedule."""

    def __init__(self, event: EventFacts, base_url: str, language: str) -> None:
        self.event, self.base_url, self.language = event, base_url, language
        self.zone = event.zone
        self.ids = _numbers(event.sessions)

    def read(self, texts: Texts) -> str:
        return xml_text(read(texts, self.language, self.event.language))

    def days(self) -> Iterator[Day]:
        by_day: dict[date, list[Item]] = {day: [] for day in self.event.days}
        for entry in self.event.sessions:
            item = self.item(entry)
            by_day.setdefault(item.starts.date(), []).append(item)
        for index, (day, items) in enumerate(sorted(by_day.items()), 1):
            midnight = datetime.combine(day, datetime.min.time(), self.zone)
            starts = min((item.starts for item in items), default=midnight)
            ends = max((item.ends for item in items), default=midnight + timedelta(days=1))
            yield Day(index, day, starts, ends, list(self.places(items)))

    def places(self, items: Iterable[Item]) -> Iterator[Place]:
        by_room: dict[int | None, list[Item]] = {room.id: [] for room in self.event.rooms}
        for item in items:
            by_room.setdefault(item.session.room.id if item.session.room else None, []).append(item)
        for found in by_room.values():
            room = found[0].session.room if found else None
            if room is not None:
                yield Place(self.read(room.name), own_room(self.event.slug, room.key), found)
            elif found:
                yield Place("", None, found)

    def item(self, entry: SessionFacts) -> Item:
        extra, slug = entry.extra, self.event.slug
        own = own_slug(slug, entry.key)
        return Item(
            session=entry,
            id=self.ids[entry.id],
            slug=_word(extra.get("slug")) or own,
            title=self.read(entry.title),
            abstract=self.read(entry.abstract),
            kind=_word(extra.get("type")) or entry.kind.value,
            track=self.read(entry.track.title) if entry.track else "",
            starts=entry.starts_at.astimezone(self.zone),
            ends=entry.ends_at.astimezone(self.zone),
            language=", ".join(entry.languages),
            url=self.base_url + own_path(slug, entry.key),
            persons=list(_persons(entry, slug)),
            links=list(_links(extra.get("links"))),
            attachments=list(_links(extra.get("attachments"))),
            plain=dict(_plain(extra)),
        )


def _acronym(slug: str) -> str:
    """Four signs at least, none of them a hyphen: the two schemas agree on no more."""
    plain = slug.replace("-", "_")
    return plain if len(plain) >= 4 else f"event_{plain}"


def _numbers(sessions: Iterable[SessionFacts]) -> dict[int, int]:
    """A number for each session, by its id: the one it came with, else its own; none twice."""
    found, taken = {}, set()
    for entry in sorted(sessions, key=lambda it: not _number(it.extra.get("id"))):
        number = _number(entry.extra.get("id")) or own_id(entry.guid)
        while number in taken:
            number += 1
        taken.add(number)
        found[entry.id] = number
    return found


def _persons(entry: SessionFacts, slug: str) -> Iterator[Person]:
    told = {known.get("name"): known for known in _objects(entry.extra.get("persons"))}
    for speaker in entry.speakers:
        known = told.get(speaker.name, {})
        guid = _uuid(known.get("guid")) or own_person(slug, speaker.name)
        texts = {name: _word(known.get(name)) for name in ("biography", "code")}
        addresses = {name: _address(known.get(name)) for name in ("avatar", "url")}
        told_here = {"title": xml_text(speaker.title), "organisation": xml_text(speaker.organisation)}
        more = {name: value for name, value in {**told_here, **texts, **addresses}.items() if value}
        if not _CODE.fullmatch(more.get("code", "")):
            more.pop("code", None)
        yield Person(xml_text(speaker.name), _number(known.get("id")) or own_id(guid), guid, more)


def _plain(extra: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in ("subtitle", "description", "recording_license"):
        if text := _word(extra.get(name)):
            yield name, text
    for name in ("logo", "feedback_url", "recording_url", "recording_link", "video_download_url"):
        if address := _address(extra.get(name)):
            yield name, address
    if origin := _address(extra.get("origin_url")) or _address(extra.get("url")):
        yield "origin_url", origin
    for name in ("do_not_record", "do_not_stream"):
        if isinstance(extra.get(name), bool):
            yield name, extra[name]
    if _CODE.fullmatch(code := _word(extra.get("code"))):
        yield "code", code


def _links(value: Any) -> Iterator[Link]:
    for each in _objects(value):
        kind = _word(each.get("type"))
        if url := _address(each.get("url")):
            yield Link(url, _word(each.get("title")), kind if kind in _REFERENCE_TYPES else "")


def _objects(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _word(value: Any) -> str:
    return xml_text(value) if isinstance(value, str) else ""


def _address(value: Any) -> str:
    return value if isinstance(value, str) and _ADDRESS.fullmatch(value) else ""


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _uuid(value: Any) -> str:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else ""
    except ValueError:
        return ""
