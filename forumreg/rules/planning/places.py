"""Rooms, tracks and the limits of booking, changed by organizers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import Changed, Invalid, NotFound, Problem
from forumreg.base.texts import Texts
from forumreg.rules import journal
from forumreg.rules.access import Actor
from forumreg.rules.event import EventFacts
from forumreg.rules.event.checks import LONGEST_LINE, problems
from forumreg.rules.event.drafts import LimitsDraft, RoomDraft, SessionDraft, TrackDraft
from forumreg.rules.planning.acting import Act, Part, act
from forumreg.rules.planning.drafts import Choice, Removed
from forumreg.rules.planning.proposals import stored_draft
from forumreg.rules.planning.whole import as_draft, room_drafts, track_drafts
from forumreg.tables.event import Event
from forumreg.tables.programme import Room, Track

_NEW = Choice()


def save_room(
    session: Session,
    actor: Actor,
    slug: str,
    room: RoomDraft,
    *,
    version: int | None,
    now: datetime,
    choice: Choice = _NEW,
) -> None:
    """Make a room, or make it what the draft says. Sessions that take as many as their room holds follow it.

    Raises:
        NotFound: no event has this slug; with ``version``, no room has the draft's id.
        Forbidden: the actor does not plan the event.
        Changed: it was changed since ``version``; without one, its id is taken.
        Invalid: what is wrong with it ("name", "capacity").
        Refused: "touched" with ``touched``: sessions in it become too small for those who booked them.
    """
    with act(session, actor, slug, now, choice) as acting:
        others = [each for each in room_drafts(acting.event) if each.id != room.id]
        _refuse(as_draft_problems(acting.event, rooms=(*others, room)), f"rooms[{len(others)}].")
        _refuse_long(room.name, "name")
        row = _part(acting, Room, room.id, version)
        row.name, row.capacity = dict(room.name), room.capacity
        acting.rooms_changed()
        for entry in acting.event.planned:
            if entry.room is not None and entry.room.key == room.id and entry.capacity is None:
                acting.write(acting.row(entry.key), stored_draft(acting.event, entry), keep_proposal=True)


def save_track(
    session: Session, actor: Actor, slug: str, track: TrackDraft, *, version: int | None, now: datetime
) -> None:
    """Make a track, or make it what the draft says.

    Raises:
        NotFound, Forbidden, Changed: as ``save_room``.
        Invalid: what is wrong with it ("title").
    """
    with act(session, actor, slug, now) as acting:
        others = [each for each in track_drafts(acting.event) if each.id != track.id]
        _refuse(as_draft_problems(acting.event, tracks=(*others, track)), f"tracks[{len(others)}].")
        _refuse_long(track.title, "title")
        row = _part(acting, Track, track.id, version)
        row.title = dict(track.title)


def remove_room(
    session: Session, actor: Actor, slug: str, key: str, *, version: int, now: datetime, told: bool = False
) -> Removed:
    """Remove a room; its sessions stay where they are in time, in no room, and their people are told.

    Raises:
        NotFound, Forbidden, Changed: as ``save_room``.
        Refused: "touched" with ``touched``: people are in its sessions, and the organizer has not read how many.
    """
    with act(session, actor, slug, now, Choice(told=told)) as acting:
        row = _part(acting, Room, key, version)
        for entry in acting.event.planned:
            if entry.room is not None and entry.room.key == key:
                acting.write(acting.row(entry.key), _without_room(acting, stored_draft(acting.event, entry)))
        session.delete(row)
    return Removed(acting.told)


def _without_room(acting: Act, draft: SessionDraft) -> SessionDraft:
    """The session in no room, with as many places as it had."""
    holds = acting.around.holds.get(draft.room or "")
    return replace(draft, room=None, capacity=draft.capacity if draft.capacity is not None else holds)


def remove_track(session: Session, actor: Actor, slug: str, key: str, *, version: int, now: datetime) -> None:
    """Remove a track; its sessions stay, in no track.

    Raises:
        NotFound, Forbidden, Changed: as ``save_room``.
    """
    with act(session, actor, slug, now) as acting:
        row = _part(acting, Track, key, version)
        for entry in acting.event.planned:
            if entry.track is not None and entry.track.key == key:
                acting.write(acting.row(entry.key), replace(stored_draft(acting.event, entry), track=None))
        session.delete(row)


def set_limits(session: Session, actor: Actor, slug: str, limits: LimitsDraft, *, now: datetime) -> None:
    """Set how many seats one person and one organisation may take; seats that a wider limit frees are given.

    Raises:
        NotFound: no event has this slug.
        Forbidden: the actor does not plan the event.
        Invalid: what is wrong with them ("most_per_kind.<kind>", "most_per_organisation").
    """
    with act(session, actor, slug, now) as acting:
        _refuse(problems(replace(as_draft(acting.event), limits=limits)), "limits.")
        row = session.get_one(Event, acting.event.id)
        row.most_per_kind = dict(limits.most_per_kind)
        row.most_per_organisation, row.organisation_limit_until = limits.most_per_organisation, limits.until
        journal.write(
            session, actor, "limits_set", subject=("event", row.id), event_id=row.id, now=now,
            after={"most_per_kind": row.most_per_kind, "most_per_organisation": row.most_per_organisation},
        )  # fmt: skip


def as_draft_problems(
    event: EventFacts, *, rooms: Sequence[RoomDraft] | None = None, tracks: Sequence[TrackDraft] | None = None
) -> tuple[Problem, ...]:
    """What would be wrong with the event if it had these rooms or tracks."""
    return problems(as_draft(event, rooms=rooms, tracks=tracks))


def _refuse(found: Sequence[Problem], at: str) -> None:
    mine = [replace(problem, place=problem.place.removeprefix(at)) for problem in found if problem.place.startswith(at)]
    if mine:
        raise Invalid(*mine)


def _refuse_long(texts: Texts, place: str) -> None:
    longest = max(map(len, texts.values()), default=0)
    if longest > LONGEST_LINE:
        raise Invalid(Problem(place, f"longer than {LONGEST_LINE} signs"))


def _part(acting: Act, table: type[Part], key: str, version: int | None) -> Part:
    """The row to change; a new one where no version is named."""
    stored = acting.session.scalar(select(table.version).where(table.event_id == acting.event.id, table.key == key))
    if version is not None and stored is None:
        raise NotFound(table.__tablename__)
    if stored != version:
        raise Changed
    return acting.part(table, key)


def sessions_in_room(event: EventFacts, key: str) -> tuple[str, ...]:
    """The keys of the sessions in the room; for asking before it is removed."""
    return tuple(entry.key for entry in event.planned if entry.room is not None and entry.room.key == key)
