"""What a file would change, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext

from forumreg.adapters.schedule.columns import held_cell, speakers_cell
from forumreg.adapters.schedule.reading_columns import FIELDS, KEEP, LEAVE
from forumreg.adapters.schedule.reading_items import Brought, Column
from forumreg.adapters.schedule.reading_words import sentence
from forumreg.base.errors import Problem
from forumreg.doors.organizer.programme_words import (
    booking_words,
    concern_words,
    cut,
    day_and_hours,
    named,
    visibility_words,
)
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.planning import WholeReview, draft_of
from forumreg.web import translated
from forumreg.web.when import clock, day, language_list, language_within
from forumreg.web.words import kind_words

LONGEST_SHOWN = 400  # signs of a value beside another
MOST_CONCERNS = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A session in a list: its title, its day and hours, its room."""

    title: str
    when: str
    room: str


@dataclass(frozen=True, slots=True)
class Change:
    """A session that would change: rows of a field's name, what is now and what would be."""

    title: str
    when: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that the page says of a file."""

    added: tuple[Line, ...]
    changed: tuple[Change, ...]
    left_out: tuple[Line, ...]
    same: int
    rooms: tuple[str, ...]
    tracks: tuple[str, ...]
    kept: tuple[tuple[str, int], ...]
    named: tuple[tuple[str, int], ...]
    concerns: tuple[tuple[str, str], ...]  # a session's title and what to know of it
    more_concerns: int
    refusal: str
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """A column of a sheet: its head, its first cells, what it is taken for, and what else it may be taken for."""

    name: str
    head: str
    sample: str
    field: str
    choices: tuple[tuple[str, str], ...]


def look_of(event: EventFacts, brought: Brought, review: WholeReview, left_out: Sequence[str]) -> Look:
    """The page's words for a review."""
    drafts = {draft.id: draft for draft in brought.programme.sessions}
    stored = {entry.key: draft_of(event, entry.key) for entry in event.planned}
    rooms = {room.id: translated(room.name) for room in brought.programme.rooms}
    tracks = {track.id: translated(track.title) for track in brought.programme.tracks}
    fields = _Fields(event, rooms, tracks)
    found = review.comparison
    everything = {**stored, **drafts}
    concerns = [
        (named(everything[each.session_key]), concern_words(event, each, everything)) for each in review.concerns
    ]
    return Look(
        added=tuple(fields.line(drafts[key]) for key in found.added),
        changed=tuple(fields.change(stored[key], drafts[key], names) for key, names in found.changed.items()),
        left_out=tuple(fields.line(stored[key]) for key in left_out),
        same=len(found.same),
        rooms=tuple(rooms[key] for key in (*found.rooms_added, *found.rooms_changed)),
        tracks=tuple(tracks[key] for key in (*found.tracks_added, *found.tracks_changed)),
        kept=tuple(brought.kept.items()),
        named=tuple(brought.named.items()),
        concerns=tuple(concerns[:MOST_CONCERNS]),
        more_concerns=max(0, len(concerns) - MOST_CONCERNS),
        refusal=_refusal(review),
        is_empty=found.is_empty and not found.removed,
    )


def _refusal(review: WholeReview) -> str:
    if not review.refusal:
        return ""
    if review.refusal == "has_bookings":
        return _("The file closes the booking of a session, or hides it, in which people have seats.")
    return _("That is not possible now.")


class _Fields:
    """A session's fields in words."""

    def __init__(self, event: EventFacts, rooms: Mapping[str, str], tracks: Mapping[str, str]) -> None:
        self.event, self.rooms, self.tracks = event, rooms, tracks

    def line(self, draft: SessionDraft) -> Line:
        """One session in a list."""
        return Line(translated(draft.title), day_and_hours(self.event, draft), self.rooms.get(draft.room or "", ""))

    def change(self, old: SessionDraft, new: SessionDraft, names: Iterable[str]) -> Change:
        """A session with what differs."""
        rows = tuple(row for name in names for row in self.rows(name, getattr(old, name), getattr(new, name)))
        return Change(translated(old.title), day_and_hours(self.event, old), rows)

    def rows(self, name: str, old: Any, new: Any) -> Iterator[tuple[str, str, str]]:
        """One field, or each of its languages, or each word of what is kept beside."""
        if name == "extra":
            for key in dict.fromkeys([*old, *new]):
                if old.get(key) != new.get(key):
                    yield key, _short(old.get(key)), _short(new.get(key))
        elif name in {"title", "abstract"}:
            for tag in dict.fromkeys([*old, *new]):
                if old.get(tag) != new.get(tag):
                    label = _("%(field)s (%(language)s)", field=field_word(name), language=language_within(tag))
                    yield label, _short(old.get(tag)), _short(new.get(tag))
        else:
            yield field_word(name), self.value(name, old), self.value(name, new)

    def value(self, name: str, value: Any) -> str:
        """What a field holds."""
        if value is None or value == "":
            return ""
        words = {
            "kind": kind_words(),
            "booking": booking_words(),
            "visibility": visibility_words(),
            "room": self.rooms,
            "track": self.tracks,
        }
        if name in words:
            return str(words[name].get(value, value))
        if name in {"starts_at", "ends_at"}:
            return f"{day(value, self.event.zone, form='MMMEd')}, {clock(value, self.event.zone)}"
        if name == "speakers":
            return _short(speakers_cell(value))
        if name == "held":
            return held_cell(value)
        return language_list(value) if isinstance(value, tuple) else _short(value)


def _short(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"


def field_word(name: str) -> str:
    """A field of a session, or what a column may be taken for."""
    words = {
        "id": _("Key"),
        "guid": _("UUID"),
        "title": pgettext("session", "Title"),
        "abstract": _("Abstract"),
        "kind": _("Kind"),
        "track": _("Track"),
        "room": _("Room"),
        "starts_at": _("Start"),
        "ends_at": _("End"),
        "day": _("Day"),
        "duration": _("Duration"),
        "capacity": _("Places"),
        "languages": _("Languages spoken"),
        "interpreted": _("Interpreted into"),
        "speakers": _("Speakers"),
        "booking": _("Booking"),
        "visibility": _("Who sees it"),
        "lead": _("Lead organization"),
        "held": _("Places held for categories"),
        KEEP: _("Keep beside the session, under its own name"),
        LEAVE: _("Leave out"),
    }
    stem, _line, tag = name.partition("_")
    if name not in words and stem in words:
        return _("%(field)s (%(language)s)", field=words[stem], language=language_within(tag))
    return words.get(name, name)


def column_words(event: EventFacts, columns: Sequence[Column]) -> list[Taken]:
    """A sheet's columns, each with what it may be taken for."""
    texts = [f"{stem}_{tag}" for stem in ("title", "abstract") for tag in event.languages]
    names = [
        KEEP,
        LEAVE,
        *FIELDS[:2],
        "title",
        *texts[: len(event.languages)],
        "abstract",
        *texts[len(event.languages) :],
    ]
    names += [name for name in FIELDS if name not in names]
    known = dict.fromkeys([*names, *(column.field for column in columns)])
    choices = tuple((name, field_word(name)) for name in known)
    return [
        Taken(
            f"c{number}",
            column.head or _("Column %(number)s", number=number + 1),
            ", ".join(column.sample),
            column.field,
            choices,
        )
        for number, column in enumerate(columns)
    ]


def problem_words(problems: Sequence[Problem], brought: Brought | None = None) -> list[str]:
    """What is wrong, each with its place in the file."""
    return [sentence(_in_file(each, brought), _said) for each in problems]


def file_words(word: str, **facts: object) -> str:
    """What is wrong with the file as a whole."""
    return sentence(Problem("", word, tuple(facts.items())), _said)


def _said(text: str) -> str:
    return str(_(text))


def _in_file(found: Problem, brought: Brought | None) -> Problem:
    """A problem of the programme with the place in the file that it comes from."""
    if brought is None:
        facts = dict(found.facts)
        if found.message == "missing_column":
            return Problem(field_word(found.place), found.message, found.facts)
        if "number" in facts:
            return Problem(cut(found.place), found.message, found.facts)
        return found
    place = brought.place_of(found.place)
    line = () if place.line is None else (("line", place.line),)
    return Problem(place.where, found.message, (*line, *found.facts))
