"""What a schedule file tells, before it meets the programme there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from forumreg.base.errors import Problem
from forumreg.base.texts import Texts
from forumreg.rules.event.drafts import SpeakerDraft
from forumreg.rules.planning import ProgrammeDraft

UNNAMED = ""  # the language of a text whose language the file does not name
MOST_SESSIONS = 5_000  # real schedules have up to 1,500
MOST_ROOMS = 1_000  # and 100 of these


class Said(TypedDict, total=False):
    """What a file says of a session, by the names of a draft; what it does not say has no key and stays."""

    title: Texts
    abstract: Texts
    kind: str
    type: str  # the file's own word for the kind, where it is none of ours
    room: str  # by name or key; "" is none
    track: str
    starts_at: datetime
    ends_at: datetime
    capacity: int | None
    language: str  # the only one that the format has room for
    languages: tuple[str, ...]
    interpreted: tuple[str, ...]
    speakers: tuple[SpeakerDraft, ...]
    names: tuple[SpeakerDraft, ...]  # speakers, where the format has room for no more than their names
    booking: str
    visibility: str
    lead: str
    held: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file something stands: a path or a cell, and the line where there are lines."""

    where: str
    line: int | None = None

    def inside(self, step: str) -> Place:
        """One step further in."""
        return Place(f"{self.where}/{step}" if self.where else step, self.line)


@dataclass(frozen=True, slots=True)
class Item:
    """One session of a file. ``places`` are those of its fields, where a field has one of its own."""

    place: Place
    said: Said
    guid: str | None = None
    key: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)

    def at(self, name: str) -> Place:
        """Where the file says this of the session."""
        return self.places.get(name) or self.places.get(name.partition(".")[0]) or self.place


@dataclass(frozen=True, slots=True)
class Told:
    """All that a file tells. ``rooms`` are names and capacities; ``named`` counts what cannot be kept, by its name."""

    items: tuple[Item, ...]
    rooms: Mapping[str, int | None] = field(default_factory=dict)
    tracks: tuple[str, ...] = ()
    named: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet: its head, what it is taken for (a field, ``keep`` or ``leave``), and its first cells."""

    head: str
    field: str
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as a programme. ``places`` say where each of its sessions stands, in their order.

    ``kept`` counts the sessions with something that we have no field for and keep, ``named`` what is left out.
    """

    programme: ProgrammeDraft
    kind: str  # frab-xml, frab-json, sheet
    places: tuple[Item, ...] = ()
    kept: Mapping[str, int] = field(default_factory=dict)
    named: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[Column, ...] = ()

    def place_of(self, place: str) -> Place:
        """Where in the file a place of the programme (``sessions[12].ends_at``) stands."""
        number, bracket, name = place.removeprefix("sessions[").partition("]")
        if not bracket or not number.isdigit() or int(number) >= len(self.places):
            return Place(place)
        return self.places[int(number)].at(name.removeprefix("."))


def problem(place: Place, word: str, **facts: object) -> Problem:
    """A problem of a file: its word is explained by ``reading_words``."""
    line = {} if place.line is None else {"line": place.line}
    return Problem(place.where, word, tuple({**line, **facts}.items()))
