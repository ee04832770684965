"""The whole programme as a sheet, drafts included: for organizers alone."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from io import StringIO
from zoneinfo import ZoneInfo

from forumreg.adapters.schedule.columns import (
    ABSTRACT,
    TITLE,
    columns_for,
    held_cell,
    list_cell,
    name_cell,
    speakers_cell,
)
from forumreg.adapters.sheets import harmless
from forumreg.base.references import guid_of
from forumreg.base.texts import Texts
from forumreg.rules.event.drafts import EventDraft, SessionDraft


def programme_csv(event: EventDraft) -> bytes:
    """A row a session by its start, then as in the event's file; as RFC 4180 has it, in UTF-8 with a BOM."""
    file = StringIO(newline="")
    writer = csv.DictWriter(file, columns_for(_languages(event)), restval="", lineterminator="\r\n")
    writer.writeheader()
    zone = ZoneInfo(event.timezone)
    for part in sorted(event.sessions, key=lambda it: it.starts_at):
        guarded = {name: harmless(cell) for name, cell in _words(part, event)}
        writer.writerow(guarded | dict(_ours(part, event.slug, zone)))
    return codecs.BOM_UTF8 + file.getvalue().encode()


def _languages(event: EventDraft) -> tuple[str, ...]:
    """The event's own, then every other that a text is in."""
    texts: list[Texts] = [text for part in event.sessions for text in (part.title, part.abstract)]
    return tuple(dict.fromkeys([*event.languages, *(code for text in texts for code in text)]))


def _words(part: SessionDraft, event: EventDraft) -> Iterator[tuple[str, str]]:
    """What somebody typed."""
    for kind, texts in ((TITLE, part.title), (ABSTRACT, part.abstract)):
        for code, text in texts.items():
            yield kind + code, text
    language = event.languages[0]
    if part.room:
        yield "room", name_cell(part.room, {room.id: room.name for room in event.rooms}, language)
    if part.track:
        yield "track", name_cell(part.track, {track.id: track.title for track in event.tracks}, language)
    yield "speakers", speakers_cell(part.speakers)
    yield "lead", part.lead or ""


def _ours(part: SessionDraft, slug: str, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """Words, numbers and instants that are ours: no spreadsheet runs them."""
    yield "id", part.id
    yield "guid", part.guid or guid_of(slug, part.id)
    yield "kind", part.kind
    yield "starts_at", part.starts_at.astimezone(zone).isoformat()
    yield "ends_at", part.ends_at.astimezone(zone).isoformat()
    yield "capacity", "" if part.capacity is None else str(part.capacity)
    yield "languages", list_cell(part.languages)
    yield "interpreted", list_cell(part.interpreted)
    yield "booking", part.booking
    yield "visibility", part.visibility
    yield "held", held_cell(part.held)
