"""Who understands what is said: for each session, and headsets by room and hour. Numbers only."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, cast, func, select
from sqlalchemy.orm import Session

from forumreg.rules.access import Action, Actor, require
from forumreg.rules.booking import SEATED
from forumreg.rules.event import EventFacts, RoomFacts, SessionFacts
from forumreg.tables.booking import SessionBooking
from forumreg.tables.registration import Registration

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SessionLanguages:
    """Of those who have a seat in a session: who is lost, who listens to interpreters, what would help most.

    ``best`` are languages that are not offered, with how many of the lost each would reach, most first.
    """

    session: SessionFacts
    seated: int
    lost: int  # understand none of its languages
    headsets: int  # do not understand what is spoken, but what it is interpreted into
    best: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Headsets:
    """How many headsets a room needs in one hour."""

    room: RoomFacts | None
    hour: datetime
    number: int


@dataclass(frozen=True, slots=True)
class LanguagePlan:
    """The sessions that name a language, worst first; headsets by hour and room; the most at one hour in all."""

    sessions: tuple[SessionLanguages, ...]
    headsets: tuple[Headsets, ...]
    most_at_once: int


def language_plan(session: Session, actor: Actor, event: EventFacts) -> LanguagePlan:
    """What the languages of the programme mean for those who booked; one query.

    People understand the language of their mails, the one they want to listen in, and those they named.

    Raises:
        Forbidden: the actor does not plan the event.
    """
    require(actor, Action.PLAN, event.id)
    listeners = _listeners(session, event)
    found = [_plan(entry, listeners.get(entry.id, Counter())) for entry in event.sessions if entry.languages]
    in_order = sorted(found, key=lambda each: (-each.lost, each.session.starts_at, each.session.id))
    headsets = tuple(_by_hour(found))
    at_once = Counter[datetime]()
    for each in headsets:
        at_once[each.hour] += each.number
    return LanguagePlan(tuple(in_order), headsets, max(at_once.values(), default=0))


def _listeners(session: Session, event: EventFacts) -> Mapping[int, Counter[frozenset[str]]]:
    """How many with a seat in each session understand each set of languages."""
    understands = cast(Registration.understands, String)  # one word of JSON: equal lists are grouped by the database
    rows = session.execute(
        select(SessionBooking.session_id, Registration.language, Registration.interpretation, understands, func.count())
        .join(Registration, Registration.id == SessionBooking.registration_id)
        .where(Registration.event_id == event.id, SessionBooking.status.in_(SEATED))
        .group_by(SessionBooking.session_id, Registration.language, Registration.interpretation, understands)
    )
    found: dict[int, Counter[frozenset[str]]] = defaultdict(Counter)
    for session_id, language, interpretation, named, number in rows:
        known = {language, interpretation, *json.loads(named)} - {""}
        found[session_id][frozenset(known)] += number
    return found


def _plan(entry: SessionFacts, listeners: Counter[frozenset[str]]) -> SessionLanguages:
    spoken = frozenset(entry.languages)
    lost: Counter[str] = Counter()
    number_lost = headsets = 0
    for known, number in listeners.items():
        if entry.understood_by(known):
            headsets += 0 if known & spoken else number
            continue
        number_lost += number
        for language in known:
            lost[language] += number
    best = tuple(sorted(lost.items(), key=lambda each: (-each[1], each[0])))
    return SessionLanguages(entry, sum(listeners.values()), number_lost, headsets, best)


def _by_hour(found: list[SessionLanguages]) -> Iterator[Headsets]:
    """The hours in which headsets are needed, in order, each room once."""
    needed: Counter[tuple[datetime, int]] = Counter()
    rooms: dict[int, RoomFacts | None] = {}
    for each in found:
        if not each.headsets:
            continue
        room = each.session.room
        rooms[room.id if room else 0] = room
        hour = each.session.starts_at.replace(minute=0, second=0, microsecond=0)
        while hour < each.session.ends_at:
            needed[hour, room.id if room else 0] += each.headsets
            hour += HOUR
    for (hour, room_id), number in sorted(needed.items()):
        yield Headsets(rooms[room_id], hour, number)
