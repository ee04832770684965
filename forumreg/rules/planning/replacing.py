"""A whole programme brought in: compared with the one there is, and put in its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from forumreg.base.errors import Invalid, Problem, Refused
from forumreg.rules.access import Action, Actor, require
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.event.checks import problems
from forumreg.rules.event.drafts import RoomDraft, SessionDraft, TrackDraft
from forumreg.rules.event.storing import settled_draft
from forumreg.rules.planning.acting import Act, act
from forumreg.rules.planning.concerns import alone, between
from forumreg.rules.planning.drafts import (
    Choice,
    Comparison,
    Concern,
    ProgrammeDraft,
    Replaced,
    Touched,
    WholeReview,
)
from forumreg.rules.planning.proposals import stored_draft
from forumreg.rules.planning.whole import as_draft, room_drafts, track_drafts
from forumreg.tables.programme import ProgrammeSession, Room, Track

Draft = TypeVar("Draft", RoomDraft, TrackDraft)
_NEW = Choice()


def compare(event: EventFacts, programme: ProgrammeDraft) -> Comparison:
    """What bringing the programme in would add and change, and what it leaves out; nothing is written."""
    old = {entry.key: stored_draft(event, entry) for entry in event.planned}
    new = {entry.id: _settled(event, entry) for entry in programme.sessions}
    changed = {key: _differing(old[key], entry) for key, entry in new.items() if key in old and entry != old[key]}
    rooms_added, rooms_changed = _parts(room_drafts(event), programme.rooms)
    tracks_added, tracks_changed = _parts(track_drafts(event), programme.tracks)
    return Comparison(
        added=tuple(key for key in new if key not in old),
        changed=changed,
        removed=tuple(key for key in old if key not in new),
        same=tuple(key for key in new if key in old and key not in changed),
        rooms_added=rooms_added,
        rooms_changed=rooms_changed,
        tracks_added=tracks_added,
        tracks_changed=tracks_changed,
    )


def _settled(event: EventFacts, entry: SessionDraft) -> SessionDraft:
    return settled_draft(as_draft(event), entry)


def _differing(old: SessionDraft, new: SessionDraft) -> tuple[str, ...]:
    return tuple(each.name for each in fields(SessionDraft) if getattr(old, each.name) != getattr(new, each.name))


def _parts(old: Iterable[Draft], new: Iterable[Draft]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    there = {each.id: each for each in old}
    added = tuple(each.id for each in new if each.id not in there)
    return added, tuple(each.id for each in new if each.id in there and each != there[each.id])


def check_programme(event: EventFacts, programme: ProgrammeDraft) -> tuple[Problem, ...]:
    """Everything that is wrong with the programme beside what the event keeps; places are ``sessions[12].ends_at``."""
    rooms = {each.id: each for each in (*programme.rooms, *_left(room_drafts(event), programme.rooms))}
    tracks = {each.id: each for each in (*programme.tracks, *_left(track_drafts(event), programme.tracks))}
    whole = as_draft(event, rooms=tuple(rooms.values()), tracks=tuple(tracks.values()), sessions=programme.sessions)
    return tuple(each for each in problems(whole) if each.place.startswith(("sessions", "rooms", "tracks")))


def _left(there: Iterable[Draft], new: Iterable[Draft]) -> list[Draft]:
    named = {each.id for each in new}
    return [each for each in there if each.id not in named]


def replace_programme(
    session: Session,
    actor: Actor,
    slug: str,
    programme: ProgrammeDraft,
    *,
    now: datetime,
    choice: Choice = _NEW,
    removing: bool = False,
) -> Replaced:
    """Add and change what the programme says, in one step with one mail a person; sessions it leaves out stay.

    With ``removing``, sessions it leaves out go. Rooms and tracks that it leaves out stay in any case.

    Raises:
        NotFound: no event has this slug.
        Forbidden: the actor does not plan the event.
        Invalid: everything that is wrong with it, by place.
        Refused: "touched" with ``touched``, "has_bookings" with ``number``: as ``save``.
    """
    with act(session, actor, slug, now, choice) as acting:
        comparison = _put_all(acting, programme, removing=removing)
    return Replaced(comparison if removing else replace(comparison, removed=()), acting.told)


def review_programme(
    session: Session, actor: Actor, slug: str, programme: ProgrammeDraft, *, now: datetime, removing: bool = False
) -> WholeReview:
    """What ``replace_programme`` would do, found by doing it and taking it back: nothing is written.

    Raises:
        NotFound: no event has this slug.
        Forbidden: the actor does not plan the event.
        Invalid: everything that is wrong with it, by place.
    """
    event = facts(session, slug)
    require(actor, Action.PLAN, event.id)
    comparison = compare(event, programme)
    found = WholeReview(
        comparison if removing else replace(comparison, removed=()),
        tuple(_concerns(event, programme, comparison, removing=removing)),
    )
    wrong = check_programme(event, programme)
    if wrong:
        raise Invalid(*wrong)
    if not (comparison.changed or comparison.rooms_changed or found.comparison.removed):
        return found  # what is new touches nobody
    try:
        _take_back(session, actor, slug, programme, now=now, removing=removing)
    except _TakenBack:
        return found
    except Refused as refused:
        if refused.reason != "touched":
            return replace(found, refusal=refused.reason, facts=refused.facts)
        touched = refused.facts["touched"]
        return replace(found, touched=touched) if isinstance(touched, Touched) else found
    return found


def _take_back(
    session: Session, actor: Actor, slug: str, programme: ProgrammeDraft, *, now: datetime, removing: bool
) -> None:
    with act(session, actor, slug, now) as acting:
        _put_all(acting, programme, removing=removing)
        acting.settle()
        raise _TakenBack


class _TakenBack(Exception):
    """Ends a transaction whose outcome is known and not wanted."""


def _concerns(
    event: EventFacts, programme: ProgrammeDraft, comparison: Comparison, *, removing: bool
) -> Iterator[Concern]:
    """Clashes of what is new or changed with the rest of the plan, then what to know of each by itself."""
    fresh = {*comparison.added, *comparison.changed}
    left = (
        [] if removing else [stored_draft(event, entry) for entry in event.planned if entry.key in comparison.removed]
    )
    for concern in between([*programme.sessions, *left]):
        if fresh & {concern.session_key, concern.other_key}:
            yield concern
    for entry in programme.sessions:
        if entry.id in fresh:
            yield from alone(event, entry)


def _put_all(acting: Act, programme: ProgrammeDraft, *, removing: bool) -> Comparison:
    wrong = check_programme(acting.event, programme)
    if wrong:
        raise Invalid(*wrong)
    comparison = compare(acting.event, programme)
    _put_parts(acting, programme, comparison)
    _put_sessions(acting, programme, comparison)
    for key in comparison.removed if removing else ():
        acting.remove(acting.row(key))
    return comparison


def _put_parts(acting: Act, programme: ProgrammeDraft, comparison: Comparison) -> None:
    event = acting.event
    rooms, tracks = {each.id: each for each in programme.rooms}, {each.id: each for each in programme.tracks}
    for key in (*comparison.rooms_added, *comparison.rooms_changed):
        room = acting.part(Room, key)
        room.name, room.capacity = dict(rooms[key].name), rooms[key].capacity
    for key in (*comparison.tracks_added, *comparison.tracks_changed):
        acting.part(Track, key).title = dict(tracks[key].title)
    acting.rooms_changed()
    changed = {entry.id for entry in programme.sessions}
    for entry in event.planned:
        in_changed_room = entry.room is not None and entry.room.key in comparison.rooms_changed
        if in_changed_room and entry.capacity is None and entry.key not in changed:
            acting.write(acting.row(entry.key), stored_draft(event, entry), keep_proposal=True)


def _put_sessions(acting: Act, programme: ProgrammeDraft, comparison: Comparison) -> None:
    rows = acting.rows()
    after = max((row.position for row in rows.values()), default=0)
    drafts: Mapping[str, Any] = {entry.id: _settled(acting.event, entry) for entry in programme.sessions}
    for number, key in enumerate(comparison.added, start=1):
        row = ProgrammeSession(
            event_id=acting.event.id, key=key, position=after + number, version=1, sequence=acting.event.version
        )
        acting.write(row, drafts[key])
    followed = {entry.key for entry in acting.event.planned if _follows(entry.room, entry.capacity, comparison)}
    for key in (*comparison.changed, *(key for key in comparison.same if key in followed)):
        acting.write(rows[key], drafts[key])


def _follows(room: Any, capacity: int | None, comparison: Comparison) -> bool:
    """Whether the session has as many places as a room that changes."""
    return capacity is None and room is not None and room.key in comparison.rooms_changed
