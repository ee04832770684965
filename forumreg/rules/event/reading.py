"""Reading events: once a version, then kept in the process.

What moves (places taken) is never kept: ``rules.seats.state_of`` reads it. Whoever changes an event or a part
of it calls ``touch`` in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Table, bindparam, select, update
from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound
from forumreg.rules.event.facts import (
    CategoryFacts,
    EventFacts,
    FieldFacts,
    OptionFacts,
    OrganisationFacts,
    RoomFacts,
    SessionFacts,
    SpeakerFacts,
    TrackFacts,
)
from forumreg.rules.seats import PoolState, by_id
from forumreg.store.looking import Look
from forumreg.store.writing import is_writing
from forumreg.tables.event import Category, Event, EventOrganisation, Field, Organisation, PrivacyNotice
from forumreg.tables.partner import PartnerScope
from forumreg.tables.programme import Booking, ProgrammeSession, Room, Track
from forumreg.tables.seats import PoolKind, SeatPool

Rows = Sequence[Sequence[Any]]
KEPT_EVENTS = 64  # a process keeps at most so many

_kept: dict[int, EventFacts] = {}


def facts(session: Session, slug: str) -> EventFacts:
    """The event at this address, drafts included.

    Raises:
        NotFound: no event has this slug.
    """
    return _current(session, _BY_SLUG, slug)


def look_at(place: Session | Engine, slug: str) -> Rows:
    """What tells whether anything of an event or its places has changed: two equal looks saw the same."""
    return _WITH_POOLS.at(place, event=slug)


def facts_and_pools(rows: Rows, session: Callable[[], Session]) -> tuple[EventFacts, Mapping[int, PoolState]]:
    """The event that a look found, drafts included, and its pools by id.

    ``session`` opens the one in which an event is read that is not kept.

    Raises:
        NotFound: no event has this slug.
    """
    if not rows:
        raise NotFound("event")
    number, version = rows[0][:2]
    return kept_facts(number, version) or facts_of(session(), number, version), by_id(rows)


def version_at(place: Session | Engine, slug: str) -> Sequence[Any] | None:
    """Id and version of the event at this address; ``None`` where there is none."""
    rows = _BY_SLUG.at(place, event=slug)
    return tuple(rows[0]) if rows else None


def facts_at(place: Session | Engine, slug: str, session: Callable[[], Session]) -> EventFacts:
    """The event at this address, drafts included; ``place`` is where it is looked for.

    Raises:
        NotFound: no event has this slug.
    """
    found = version_at(place, slug)
    if found is None:
        raise NotFound("event")
    return kept_facts(*found) or facts_of(session(), *found)


def kept_facts(event_id: int, version: int) -> EventFacts | None:
    """The event where this version of it is kept."""
    kept = _kept.get(event_id)
    return kept if kept is not None and kept.version == version else None


def facts_by_id(session: Session, event_id: int) -> EventFacts:
    """The event of this id.

    Raises:
        NotFound: there is none.
    """
    return _current(session, _BY_ID, event_id)


def touch(session: Session, event_id: int) -> None:
    """Say that the event or a part of it changed, in the caller's transaction."""
    session.execute(
        update(Event)
        .where(Event.id == event_id)
        .values(version=Event.version + 1)
        .execution_options(synchronize_session=False)
    )


# Asked by every request, so written once: making a statement anew costs more than running it.
_EVENTS = cast("Table", Event.__table__)
_BY_SLUG = Look(select(_EVENTS.c.id, _EVENTS.c.version).where(_EVENTS.c.slug == bindparam("event")))
_POOLS = cast("Table", SeatPool.__table__)
_WITH_POOLS = Look(
    select(_EVENTS.c.id, _EVENTS.c.version, _POOLS.c.id, _POOLS.c.capacity, _POOLS.c.taken)
    .join(_POOLS, _POOLS.c.event_id == _EVENTS.c.id)
    .where(_EVENTS.c.slug == bindparam("event"))
)
_BY_ID = Look(select(_EVENTS.c.id, _EVENTS.c.version).where(_EVENTS.c.id == bindparam("event")))


def _current(session: Session, look: Look, event: str | int) -> EventFacts:
    found = look.at(session, event=event)
    if not found:
        raise NotFound("event")
    return facts_of(session, *found[0])


def facts_of(session: Session, event_id: int, version: int) -> EventFacts:
    """The event of this id, whose version the caller has just read."""
    kept = kept_facts(event_id, version)
    if kept is not None:
        return kept
    fresh = _read(session, event_id)
    if is_writing(session):
        return fresh  # another commit may give this version another content
    if len(_kept) >= KEPT_EVENTS:
        _kept.clear()
    _kept[event_id] = fresh
    return fresh


def forget_all() -> None:
    """Forget every kept event: a test's database is another one."""
    _kept.clear()


def _read(session: Session, event_id: int) -> EventFacts:
    event = session.scalars(select(Event).where(Event.id == event_id).execution_options(populate_existing=True)).one()
    pools: dict[tuple[PoolKind, str], int] = {
        (row.kind, row.key): row.id
        for row in session.execute(
            select(SeatPool.id, SeatPool.kind, SeatPool.key).where(SeatPool.event_id == event_id)
        )
    }
    rooms, tracks = _rooms(session, event_id), _tracks(session, event_id)
    notice = session.scalars(
        select(PrivacyNotice).where(PrivacyNotice.event_id == event_id).order_by(PrivacyNotice.version.desc()).limit(1)
    ).first()
    parts: dict[str, Any] = {
        "organisations": _organisations(session, event_id),
        "categories": _categories(session, event, pools),
        "fields": _fields(session, event_id, pools),
        "rooms": tuple(rooms.values()),
        "tracks": tuple(tracks.values()),
        "planned": _sessions(session, event_id, rooms, tracks, pools),
    }
    return EventFacts(
        **{name: getattr(event, name) for name in _PLAIN},
        languages=tuple(event.languages),
        notice_version=notice.version if notice else 0,
        notice=notice.texts if notice else {},
        pool_id=pools[PoolKind.EVENT, ""],
        **parts,
        sessions=tuple(entry for entry in parts["planned"] if entry.is_public),
        _by_id={**_index(parts), ("days", None): _by_day(parts["planned"], ZoneInfo(event.timezone))},
    )


_PLAIN = (
    "id", "slug", "version", "reference_prefix", "title", "summary", "description", "kind", "starts_on", "ends_on",
    "timezone", "venue", "city", "country", "status", "visibility", "accent", "contact_email", "opens_at",
    "closes_at", "approval", "waitlist", "most_per_kind", "most_per_organisation", "organisation_limit_until",
)  # fmt: skip


def _by_day(planned: Iterable[SessionFacts], zone: ZoneInfo) -> dict[date, tuple[SessionFacts, ...]]:
    days: dict[date, tuple[SessionFacts, ...]] = {}
    for entry in planned:
        if entry.is_public:
            day = entry.starts_at.astimezone(zone).date()
            days[day] = (*days.get(day, ()), entry)
    return days


def _index(parts: Mapping[str, Any]) -> dict[tuple[str, Any], Any]:
    index: dict[tuple[str, Any], Any] = {}
    for entry in parts["categories"]:
        index["category", entry.id] = index["category key", entry.key] = entry
    for entry in parts["planned"]:
        index["session", entry.id] = index["session key", entry.key] = entry
    for entry in parts["fields"]:
        index["field", entry.key] = entry
    for entry in parts["organisations"]:
        index["organisation", entry.id] = entry
    return index


def _organisations(session: Session, event_id: int) -> tuple[OrganisationFacts, ...]:
    rows = session.execute(
        select(
            EventOrganisation,
            Organisation.name,
            PartnerScope.extra_columns,
            PartnerScope.purpose,
            PartnerScope.sees_led_sessions,
        )
        .join(Organisation, Organisation.id == EventOrganisation.organisation_id)
        .outerjoin(
            PartnerScope,
            (PartnerScope.organisation_id == Organisation.id) & (PartnerScope.event_id == EventOrganisation.event_id),
        )
        .where(EventOrganisation.event_id == event_id)
        .order_by(EventOrganisation.position)
    )
    return tuple(
        OrganisationFacts(
            entry.organisation_id,
            name,
            entry.short_name,
            entry.country,
            entry.role,
            tuple(extra or ()),
            purpose or {},
            sees_led_sessions=bool(sees_led),
        )
        for entry, name, extra, purpose, sees_led in rows
    )


def _categories(session: Session, event: Event, pools: Mapping[tuple[PoolKind, str], int]) -> tuple[CategoryFacts, ...]:
    rows = session.scalars(select(Category).where(Category.event_id == event.id).order_by(Category.position))
    return tuple(
        CategoryFacts(
            row.id,
            row.key,
            row.title,
            row.approval or event.approval,
            row.visibility,
            pools[PoolKind.CATEGORY, row.key],
        )
        for row in rows
    )


def _fields(session: Session, event_id: int, pools: Mapping[tuple[PoolKind, str], int]) -> tuple[FieldFacts, ...]:
    rows = session.scalars(select(Field).where(Field.event_id == event_id).order_by(Field.position))
    return tuple(
        FieldFacts(
            row.id, row.key, row.kind, row.label, row.help, row.purpose, row.required,
            tuple(
                OptionFacts(one["value"], one["label"], pools.get((PoolKind.OPTION, f"{row.key}={one['value']}")))
                for one in row.options
            ),
            (row.show_if["field"], row.show_if["is"]) if row.show_if else None,
            tuple(row.categories), row.audience, row.erase_after_days,
        )
        for row in rows
    )  # fmt: skip


def _rooms(session: Session, event_id: int) -> dict[int, RoomFacts]:
    rows = session.scalars(select(Room).where(Room.event_id == event_id).order_by(Room.position))
    return {row.id: RoomFacts(row.id, row.key, row.version, row.name, row.capacity) for row in rows}


def _tracks(session: Session, event_id: int) -> dict[int, TrackFacts]:
    rows = session.scalars(select(Track).where(Track.event_id == event_id).order_by(Track.position))
    return {row.id: TrackFacts(row.id, row.key, row.version, row.title) for row in rows}


def _sessions(
    session: Session,
    event_id: int,
    rooms: Mapping[int, RoomFacts],
    tracks: Mapping[int, TrackFacts],
    pools: Mapping[tuple[PoolKind, str], int],
) -> tuple[SessionFacts, ...]:
    rows: Sequence[ProgrammeSession] = session.scalars(
        select(ProgrammeSession)
        .where(ProgrammeSession.event_id == event_id)
        .order_by(ProgrammeSession.starts_at, ProgrammeSession.position)
    ).all()
    return tuple(_session(row, rooms, tracks, pools) for row in rows)


def _session(
    row: ProgrammeSession,
    rooms: Mapping[int, RoomFacts],
    tracks: Mapping[int, TrackFacts],
    pools: Mapping[tuple[PoolKind, str], int],
) -> SessionFacts:
    is_counted = row.booking is not Booking.NONE
    return SessionFacts(
        **{name: getattr(row, name) for name in _PLAIN_OF_SESSION},
        track=tracks.get(row.track_id or 0),
        room=rooms.get(row.room_id or 0),
        languages=tuple(row.languages),
        interpreted=tuple(row.interpreted),
        speakers=tuple(SpeakerFacts(**speaker) for speaker in row.speakers),
        pool_id=pools.get((PoolKind.SESSION, row.key)) if is_counted else None,
        held_places=row.held,
        held={key: pools[PoolKind.HELD, f"{row.key}={key}"] for key in row.held} if is_counted else {},
    )


_PLAIN_OF_SESSION = (
    "id", "key", "title", "abstract", "kind", "starts_at", "ends_at", "booking", "visibility", "lead_id", "capacity",
    "sequence", "guid", "version", "extra", "proposed",
)  # fmt: skip
