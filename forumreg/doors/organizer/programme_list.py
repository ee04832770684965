"""The list of a programme's sessions: what the address asks for, and the rows that fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from forumreg.base.folding import fold
from forumreg.doors.organizer.programme_plan import Fill, fill_of
from forumreg.doors.organizer.programme_words import hours, short_words
from forumreg.rules.event import EventFacts
from forumreg.rules.planning import Planned
from forumreg.rules.seats import PoolState

STATES = ("public", "draft", "proposed", "clash")
WITHOUT = "-"  # the filter's word for sessions that have no room, or no track
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; empty is any."""

    search: str = ""
    day: str = ""
    room: str = ""
    track: str = ""
    kind: str = ""
    state: str = ""

    @property
    def is_narrowing(self) -> bool:
        """Whether some sessions may be left out."""
        return self != Asked()


@dataclass(frozen=True, slots=True)
class Row:
    """A session in the list; ``states`` are words with their tone."""

    planned: Planned
    hours: str
    fill: Fill | None
    states: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class List:
    """The rows by day, and how many they are."""

    days: Mapping[date, Sequence[Row]]
    number: int


def asked_of(arguments: MultiDict[str, str]) -> Asked:
    """The filters that an address names. Words that mean nothing match nothing."""
    words = {name: arguments.get(name, "") for name in ("day", "room", "track", "kind", "state")}
    return Asked(search=arguments.get("q", "")[:LONGEST_SEARCH].strip(), **words)


def rows_of(event: EventFacts, plan: Sequence[Planned], asked: Asked, pools: Mapping[int, PoolState]) -> List:
    """The sessions that fit, by the day they start."""
    days: dict[date, list[Row]] = {}
    number = 0
    for planned in plan:
        starts_on = planned.draft.starts_at.astimezone(event.zone).date()
        if _fits(planned, starts_on, asked):
            row = Row(planned, hours(event, planned.draft), fill_of(planned, pools), tuple(_states(planned)))
            days.setdefault(starts_on, []).append(row)
            number += 1
    return List(days, number)


def _fits(planned: Planned, starts_on: date, asked: Asked) -> bool:
    draft = planned.draft
    facts: dict[str, Any] = {
        "day": starts_on.isoformat(),
        "room": draft.room or WITHOUT,
        "track": draft.track or WITHOUT,
        "kind": draft.kind,
    }
    return (
        all(getattr(asked, name) in {"", value} for name, value in facts.items())
        and (not asked.state or asked.state in _state_keys(planned))
        and (not asked.search or _has_words(planned, asked.search))
    )


def _has_words(planned: Planned, search: str) -> bool:
    draft = planned.draft
    text = fold(" ".join([*draft.title.values(), *(speaker.name for speaker in draft.speakers), draft.id]))
    return all(word in text for word in fold(search).split())


def _state_keys(planned: Planned) -> Iterator[str]:
    yield "public" if planned.session.is_public else "draft"
    if planned.session.proposed is not None:
        yield "proposed"
    if any(concern.is_clash for concern in planned.concerns):
        yield "clash"


def state_words() -> Mapping[str, str]:
    """The states in words."""
    return {
        "public": _("Public"),
        "draft": _("Draft"),
        "proposed": _("Change not public yet"),
        "clash": _("Clash"),
    }


def _states(planned: Planned) -> Iterator[tuple[str, str]]:
    """Tone and word of each thing to know about a session."""
    words = state_words()
    for key in _state_keys(planned):
        if key != "clash":
            yield {"public": "ok", "draft": "", "proposed": "warn"}[key], words[key]
    for concern in dict.fromkeys((concern.is_clash, short_words(concern)) for concern in planned.concerns):
        yield "bad" if concern[0] else "warn", concern[1]
