"""Finding public programme sessions: by day, track, room, language, kind and words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from forumreg.base.folding import search_key
from forumreg.rules.event.facts import EventFacts, SessionFacts

KEPT_EVENTS = 16  # a process keeps the folded words of so many

_folded: dict[int, tuple[EventFacts, Sequence[str]]] = {}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty asks nothing. A value that means nothing finds nothing."""

    day: str = ""  # ISO 8601, by the event's clock
    track: str = ""  # key
    room: str = ""  # key
    language: str = ""  # spoken or interpreted
    kind: str = ""
    words: str = ""  # each of them occurs in title, abstract or speakers, in any language

    @property
    def active(self) -> tuple[str, ...]:
        """The names of what is asked."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name))

    def without(self, name: str) -> Wanted:
        """The same, asking one thing less."""
        return replace(self, **{name: ""})


def found(event: EventFacts, wanted: Wanted) -> tuple[SessionFacts, ...]:
    """The public sessions that fit, in the programme's order."""
    if not wanted.active:
        return event.sessions
    fitting = tuple(_fitting(event, wanted))
    if not wanted.words:
        return fitting
    words = search_key(wanted.words).split()
    keys = dict(zip((entry.id for entry in event.sessions), _keys(event), strict=True))
    return tuple(entry for entry in fitting if all(word in keys[entry.id] for word in words))


def days_of(event: EventFacts) -> tuple[date, ...]:
    """The days on which public sessions start, by the event's clock."""
    return tuple(dict.fromkeys(entry.starts_at.astimezone(event.zone).date() for entry in event.sessions))


def _fitting(event: EventFacts, wanted: Wanted) -> Iterator[SessionFacts]:
    zone = event.zone
    for entry in event.sessions:
        if wanted.track and (entry.track is None or entry.track.key != wanted.track):
            continue
        if wanted.room and (entry.room is None or entry.room.key != wanted.room):
            continue
        if wanted.kind and entry.kind.value != wanted.kind:
            continue
        if wanted.language and wanted.language not in (*entry.languages, *entry.interpreted):
            continue
        if wanted.day and entry.starts_at.astimezone(zone).date().isoformat() != wanted.day:
            continue
        yield entry


def _keys(event: EventFacts) -> Sequence[str]:
    """The folded words of each public session, made once a version: folding costs more than looking."""
    known = _folded.get(event.id)
    if known is not None and known[0] is event:
        return known[1]
    keys = [search_key(*_words(entry)) for entry in event.sessions]
    if len(_folded) >= KEPT_EVENTS:
        _folded.clear()
    _folded[event.id] = event, keys
    return keys


def _words(entry: SessionFacts) -> Iterator[str]:
    yield from entry.title.values()
    yield from entry.abstract.values()
    for speaker in entry.speakers:
        yield from (speaker.name, speaker.title, speaker.organisation)
