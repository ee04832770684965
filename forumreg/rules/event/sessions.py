"""One programme session into its row and its pools, inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from forumreg.base.errors import Refused
from forumreg.base.references import guid_of
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.seats import set_capacity
from forumreg.tables.booking import SessionBooking
from forumreg.tables.programme import Booking, ProgrammeSession, SessionKind, SessionVisibility
from forumreg.tables.seats import PoolKind, SeatPool


@dataclass(frozen=True, slots=True)
class Around:
    """What a session may name: ids of rooms, tracks and organisations by key or name, and what the rooms hold."""

    slug: str
    rooms: Mapping[str, int]
    tracks: Mapping[str, int]
    organisations: Mapping[str, int]
    holds: Mapping[str, int | None]


def fill_row(row: ProgrammeSession, part: SessionDraft, around: Around) -> bool:
    """Make the row what the draft says; whether that changed anything. Counts a change of a stored row."""
    values = dict(_values(part, around))
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    is_stored = row.id is not None
    for name in changed:
        setattr(row, name, values[name])
    if changed and is_stored:
        row.version += 1
        row.sequence += 1
    return bool(changed)


def _values(part: SessionDraft, around: Around) -> Iterator[tuple[str, Any]]:
    for name in ("title", "abstract", "held", "extra"):
        yield name, dict(getattr(part, name))
    for name in ("starts_at", "ends_at", "capacity"):
        yield name, getattr(part, name)
    for name in ("languages", "interpreted"):
        yield name, list(getattr(part, name))
    yield "kind", SessionKind(part.kind)
    yield "booking", Booking(part.booking)
    yield "visibility", SessionVisibility(part.visibility)
    yield "speakers", [asdict(speaker) for speaker in part.speakers]
    yield "track_id", around.tracks[part.track] if part.track else None
    yield "room_id", around.rooms[part.room] if part.room else None
    yield "lead_id", around.organisations[part.lead] if part.lead else None
    yield "guid", part.guid or guid_of(around.slug, part.id)


def total_places(part: SessionDraft, around: Around) -> int | None:
    """How many the session takes in all; ``None`` where there is no limit."""
    return part.capacity if part.capacity is not None else around.holds.get(part.room or "")


def set_pools(session: Session, event_id: int, part: SessionDraft, total: int | None) -> None:
    """Make the session's pools what the draft says: one for all, one of each category that places are held for.

    The caller holds the event's pool. Seats taken in a category's places that are held no more become seats of all.

    Raises:
        Refused: "capacity_below_taken" with ``taken`` and ``key``, the category (empty: all).
    """
    if part.booking == Booking.NONE:
        return
    kept = None if total is None else max(0, total - sum(part.held.values()))
    pools = _pools(session, event_id, part.id)
    gone = [pool for name, pool in pools.items() if name and name not in part.held]
    moved = sum(pool.taken for pool in gone)
    general = pools.get("") or _new_pool(session, event_id, PoolKind.SESSION, part.id)
    if kept is not None and general.taken + moved > kept:
        raise Refused("capacity_below_taken", key="", taken=general.taken + moved)
    general.capacity = kept
    general.taken += moved
    session.flush()
    for pool in gone:
        session.execute(
            update(SessionBooking)
            .where(SessionBooking.pool_id == pool.id)
            .values(pool_id=general.id)
            .execution_options(synchronize_session="fetch")
        )
        session.delete(pool)
    session.flush()
    for category, places in part.held.items():
        _set_held(session, event_id, part.id, category, places)


def _set_held(session: Session, event_id: int, key: str, category: str, places: int) -> None:
    try:
        set_capacity(session, event_id, PoolKind.HELD, f"{key}={category}", places)
    except Refused as refused:
        raise Refused("capacity_below_taken", key=category, taken=refused.facts["taken"]) from refused


def _new_pool(session: Session, event_id: int, kind: PoolKind, key: str) -> SeatPool:
    pool = SeatPool(event_id=event_id, kind=kind, key=key, capacity=None, taken=0)
    session.add(pool)
    session.flush()
    return pool


def _pools(session: Session, event_id: int, key: str) -> dict[str, SeatPool]:
    """The session's pools by category key; "" is the one for all."""
    rows = session.scalars(
        select(SeatPool)
        .where(
            SeatPool.event_id == event_id,
            ((SeatPool.kind == PoolKind.SESSION) & (SeatPool.key == key))
            | ((SeatPool.kind == PoolKind.HELD) & SeatPool.key.startswith(f"{key}=", autoescape=True)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.key.removeprefix(f"{key}=") if row.kind is PoolKind.HELD else "": row for row in rows}


def drop_pools(session: Session, event_id: int, key: str) -> None:
    """Remove the pools of a session in which nobody has a seat any more."""
    for pool in _pools(session, event_id, key).values():
        session.delete(pool)
    session.flush()


def people_in(session: Session, event_id: int) -> dict[int, int]:
    """How many booked, wait for or wish for each session of the event, by the session's id; none is left out."""
    rows = session.execute(
        select(SessionBooking.session_id, func.count())
        .join(ProgrammeSession, ProgrammeSession.id == SessionBooking.session_id)
        .where(ProgrammeSession.event_id == event_id)
        .group_by(SessionBooking.session_id)
    )
    return {row[0]: row[1] for row in rows}
