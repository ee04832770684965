"""What a file tells beside what the event has: which session, room or track each is, and what stays as it is.

A session is found by its UUID, else by its id, else by its title and start, where one alone has both. What a file
says nothing of stays; what it says in other words than ours, but means the same, is the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from forumreg.adapters.schedule.reading_extra import merged_extra
from forumreg.adapters.schedule.reading_items import UNNAMED, Brought, Item, Place, Said, Told, problem
from forumreg.adapters.schedule.reading_kinds import USUAL, kind_of
from forumreg.adapters.schedule.reading_text import has_control
from forumreg.base.errors import Invalid, Problem
from forumreg.base.folding import clean_line, clean_text, fold, prose
from forumreg.base.references import guid_of
from forumreg.base.texts import Texts, language_of, read
from forumreg.rules.event.drafts import RoomDraft, SessionDraft, SpeakerDraft, TrackDraft
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.planning import ProgrammeDraft, draft_of

LONGEST_TITLE, LONGEST_ABSTRACT = 300, 20_000  # signs, as an event file has them
LONGEST_NAME, LONGEST_PART, MOST_SPEAKERS = 160, 200, 100
LONGEST_KEY = 48
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_PLAIN = ("capacity", "languages", "interpreted", "booking", "visibility", "held", "speakers")
_MINUTE = timedelta(minutes=1)


def programme_of(told: Told, event: EventFacts, kind: str) -> Brought:
    """The programme that the file tells, every session with the key of the one it is.

    Raises:
        Invalid: every place that is wrong.
    """
    return _Matching(told, event).brought(kind)


class _Matching:
    """One file and one event."""

    def __init__(self, told: Told, event: EventFacts) -> None:
        self.told, self.event = told, event
        self.wrong: list[Problem] = []
        self.rooms = {room.key: RoomDraft(room.key, room.name, room.capacity) for room in event.rooms}
        self.tracks = {track.key: TrackDraft(track.key, track.title) for track in event.tracks}
        self.keys = {entry.key for entry in event.planned}
        self.by_guid = {entry.guid: entry.key for entry in event.planned}
        self.by_start: Counter[tuple[str, datetime]] = Counter()
        self.called: dict[tuple[str, datetime], str] = {}
        for entry in event.planned:
            for title in {fold(text) for text in entry.title.values()}:
                self.by_start[title, entry.starts_at] += 1
                self.called[title, entry.starts_at] = entry.key
        self.leads = {
            fold(name): each.short for each in event.organisations for name in (each.name, each.short_name) if name
        }
        self.known_rooms = _Named({key: room.name for key, room in self.rooms.items()})
        self.known_tracks = _Named({key: track.title for key, track in self.tracks.items()})

    def brought(self, kind: str) -> Brought:
        """All of it."""
        for name, capacity in self.told.rooms.items():
            self.room(name, capacity)
        for name in self.told.tracks:
            self.track(name)
        seen: dict[str, Item] = {}
        guids: dict[str, Item] = {}
        drafts = []
        for item, key in self.keyed():
            twin = seen.get(key) or (guids.get(item.guid) if item.guid else None)
            if twin is not None:
                other = twin.place
                self.fail(item.at("guid"), "double", other=f"{other.line}" if other.line else other.where)
                continue
            seen[key] = item
            if item.guid:
                guids[item.guid] = item
            drafts.append(self.draft(item, key))
        if self.wrong:
            raise Invalid(*self.wrong)
        kept: Counter[str] = Counter()
        for item, draft in zip(seen.values(), drafts, strict=True):
            kept.update(name for name in draft.extra if name in item.extra)
        return Brought(
            ProgrammeDraft(tuple(self.rooms.values()), tuple(self.tracks.values()), tuple(drafts)),
            kind,
            tuple(seen.values()),
            dict(sorted(kept.items())),
            dict(sorted(self.told.named.items())),
        )

    def fail(self, place: Place, word: str, **facts: object) -> None:
        """Note what is wrong and go on."""
        self.wrong.append(problem(place, word, **facts))

    # Which one it is ---------------------------------------------------------------------------------------------

    def keyed(self) -> Iterator[tuple[Item, str]]:
        """Each session of the file with its key: first those that there are, so that none takes another's."""
        found = [self.found(item) for item in self.told.items]
        wanted = set(self.keys).union(filter(None, map(_key, self.told.items)))
        for item, known in zip(self.told.items, found, strict=True):
            key = known or _key(item)
            if key is None:
                key = free_key(read(item.said.get("title", {}), self.event.language, UNNAMED), "session", wanted)
                wanted.add(key)
            yield item, key

    def found(self, item: Item) -> str | None:
        """The key of the session that there is."""
        if item.guid in self.by_guid:
            return self.by_guid[item.guid]
        key = _key(item)
        if key is not None or "starts_at" not in item.said:
            return key if key in self.keys else None
        for title in item.said.get("title", {}).values():
            at = fold(title), item.said["starts_at"]
            if self.by_start[at] == 1:
                return self.called[at]
        return None

    def room(self, name: str, capacity: int | None = None) -> str | None:
        """The key of a room by its name; a new room where there is none."""
        if not name:
            return None
        key = self.known_rooms.find(name)
        if key is None:
            key = free_key(name, "room", self.rooms)
            self.rooms[key] = RoomDraft(key, {self.event.language: name}, capacity)
            self.known_rooms.add(key, self.rooms[key].name)
            self.check(name, Place(name[:60]), LONGEST_TITLE)
        elif capacity is not None and capacity != self.rooms[key].capacity:
            self.rooms[key] = replace(self.rooms[key], capacity=capacity)
        return key

    def track(self, name: str) -> str | None:
        """The key of a track by its title; a new track where there is none."""
        if not name:
            return None
        key = self.known_tracks.find(name)
        if key is None:
            key = free_key(name, "track", self.tracks)
            self.tracks[key] = TrackDraft(key, {self.event.language: name})
            self.known_tracks.add(key, self.tracks[key].title)
            self.check(name, Place(name[:60]), LONGEST_TITLE)
        return key

    # What it becomes ---------------------------------------------------------------------------------------------

    def draft(self, item: Item, key: str) -> SessionDraft:
        """The session as it will be."""
        old = draft_of(self.event, key) if key in self.keys else None
        said = item.said
        values: dict[str, Any] = {name: said[name] for name in _PLAIN if name in said}  # type: ignore[literal-required]  # names of its own
        values |= {"id": key, "guid": self.guid(item, key, old)}
        values["title"] = self.texts(item, "title", old.title if old else {})
        values["abstract"] = self.texts(item, "abstract", old.abstract if old else {})
        values |= self.hours(item, old)
        values["kind"] = _kind(said, old)
        values |= self.places(item, old)
        if "names" in said:
            values["speakers"] = _speakers(said["names"], old.speakers if old else ())
        if "lead" in said:
            values["lead"] = self.lead(item)
        draft = replace(old, **values) if old else SessionDraft(**values)
        draft = self.with_extra(item, draft, old)
        self.check_draft(item, draft)
        return draft

    def guid(self, item: Item, key: str, old: SessionDraft | None) -> str | None:
        """The UUID; none where it is the one that we would make ourselves."""
        guid = item.guid or (old.guid if old else None)
        return None if guid == guid_of(self.event.slug, key) else guid

    def texts(self, item: Item, name: str, old: Texts) -> Texts:
        """Texts by language: what the file says over what there is."""
        said: Texts = item.said.get(name, {})  # type: ignore[assignment]  # one of the two texts
        made = dict(old)
        for tag, text in said.items():
            if tag == UNNAMED and (
                clean_text(text) in map(clean_text, old.values()) or (not text and not any(old.values()))
            ):
                continue
            language = tag or language_of(old, self.event.language) or self.event.language
            if clean_text(made.get(language, "")) == clean_text(text):
                continue
            made.pop(language, None)
            if text:
                made[language] = text
        return made

    def hours(self, item: Item, old: SessionDraft | None) -> Mapping[str, datetime]:
        """Start and end; what differs by less than a minute is the same, for some formats know no seconds."""
        made = {}
        for name in ("starts_at", "ends_at"):
            before: datetime | None = getattr(old, name) if old else None
            value: datetime | None = item.said.get(name)  # type: ignore[assignment]  # one of the two instants
            if value is None and before is None:
                self.fail(item.at(name), "missing")
                value = self.event.over_at
            made[name] = before if before and (value is None or abs(value - before) < _MINUTE) else value or before
        return {name: value for name, value in made.items() if value is not None}

    def places(self, item: Item, old: SessionDraft | None) -> Mapping[str, str | None]:
        """Room and track by key; a name that is also the present one's is the present one."""
        made: dict[str, str | None] = {}
        if "room" in item.said:
            name = item.said["room"]
            is_same = old and old.room and fold(name) in map(fold, self.rooms[old.room].name.values())
            made["room"] = old.room if is_same and old else self.room(name)
        if "track" in item.said:
            name = item.said["track"]
            is_same = old and old.track and fold(name) in map(fold, self.tracks[old.track].title.values())
            made["track"] = old.track if is_same and old else self.track(name)
        return made

    def lead(self, item: Item) -> str | None:
        """The organisation that leads it, by name or short name."""
        name = item.said["lead"]
        found = self.leads.get(fold(name))
        if name and found is None:
            self.fail(item.at("lead"), "unknown_organisation", value=name)
        return found

    def with_extra(self, item: Item, draft: SessionDraft, old: SessionDraft | None) -> SessionDraft:
        """With what we have no field for; a description stands in for an abstract that is missing."""
        guid = draft.guid or guid_of(self.event.slug, draft.id)
        before = old.extra if old else {}
        extra = merged_extra(item.extra, before, self.event.slug, draft.id, guid, draft.kind)
        text = extra.get("description")
        is_new = isinstance(text, str) and before.get("description") != text
        if "abstract" in item.said and not any(item.said["abstract"].values()) and is_new:
            del extra["description"]
            made = self.texts(Item(item.place, {"abstract": {UNNAMED: prose(str(text))}}), "abstract", _abstract(old))
            return replace(draft, extra=extra, abstract=made)
        return replace(draft, extra=extra)

    # Whether it may be --------------------------------------------------------------------------------------------

    def check_draft(self, item: Item, draft: SessionDraft) -> None:
        """Note what is wrong with its texts."""
        if not any(draft.title.values()):
            self.fail(item.at("title"), "title_missing")
        for text in draft.title.values():
            self.check(text, item.at("title"), LONGEST_TITLE)
        for text in draft.abstract.values():
            self.check(text, item.at("abstract"), LONGEST_ABSTRACT)
        self.check_speakers(item, draft)
        for name, value in draft.extra.items():
            if name in item.extra and any(has_control(text) for text in _strings(value)):
                self.fail(item.place.inside(name[:60]), "control")
        for category in draft.held:
            if self.event.find_category(category) is None:
                self.fail(item.at("held"), "unknown_category", value=category)

    def check_speakers(self, item: Item, draft: SessionDraft) -> None:
        """Note what is wrong with its speakers."""
        place = item.at("speakers")
        if len(draft.speakers) > MOST_SPEAKERS:
            self.fail(place, "too_many", most=MOST_SPEAKERS)
        for speaker in draft.speakers:
            self.check(speaker.name, place, LONGEST_NAME)
            self.check(speaker.title, place, LONGEST_PART)
            self.check(speaker.organisation, place, LONGEST_PART)

    def check(self, text: str, place: Place, most: int) -> None:
        """Note a text that is too long."""
        if len(text) > most:
            self.fail(place, "too_long", number=len(text), most=most)


class _Named:
    """Rooms or tracks by key and by name in any language, found fast; the first of a name is meant."""

    def __init__(self, named: Mapping[str, Texts]) -> None:
        self.named = dict(named)
        self.folded: dict[str, str] = {}
        for key, texts in named.items():
            self.add(key, texts)

    def add(self, key: str, texts: Texts) -> None:
        """Know one more."""
        self.named[key] = texts
        for text in texts.values():
            self.folded.setdefault(fold(text), key)

    def find(self, cell: str) -> str | None:
        """The key that is meant."""
        return cell if cell in self.named else self.folded.get(fold(cell))


def free_key(words: str, otherwise: str, taken: Mapping[str, Any] | set[str]) -> str:
    """A key that is not taken: small Latin letters, digits and hyphens of the words."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_KEY].strip("-") or otherwise
    number = 1
    key = stem
    while key in taken:
        number += 1
        key = f"{stem}-{number}"
    return key


def _key(item: Item) -> str | None:
    """The key that the file gives a session, as one may be."""
    if not item.key:
        return None
    return item.key if _KEY.fullmatch(item.key) else free_key(item.key, "session", set())


def _kind(said: Said, old: SessionDraft | None) -> str:
    if "kind" in said:
        return said["kind"]
    word = said.get("type")
    if old is not None and (word is None or old.extra.get("type") == word):
        return old.kind
    return (kind_of(word) if word else None) or USUAL


def _speakers(said: tuple[SpeakerDraft, ...], old: tuple[SpeakerDraft, ...]) -> tuple[SpeakerDraft, ...]:
    """The speakers of these names; what the file has no room for stays as it is."""
    known = {fold(speaker.name): speaker for speaker in reversed(old)}
    beside = (*old, *[None] * len(said))  # two may have one name: the place in the list tells them apart
    return tuple(
        _speaker(speaker, there if there and fold(there.name) == fold(speaker.name) else known.get(fold(speaker.name)))
        for speaker, there in zip(said, beside, strict=False)
    )


def _speaker(said: SpeakerDraft, old: SpeakerDraft | None) -> SpeakerDraft:
    if old is None:
        return said
    return SpeakerDraft(*(_same(getattr(said, name), getattr(old, name)) for name in ("name", "title", "organisation")))


def _same(said: str, old: str) -> str:
    return old if not said or clean_line(old) == said else said


def _abstract(old: SessionDraft | None) -> Texts:
    return old.abstract if old else {}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield str(name)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
