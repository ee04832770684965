"""An event as its file says it, read from the tables."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.references import guid_of
from forumreg.rules.event.drafts import (
    CategoryDraft,
    EventDraft,
    FieldDraft,
    LimitsDraft,
    OptionDraft,
    OrganisationDraft,
    RegistrationDraft,
    RoomDraft,
    SessionDraft,
    ShowIf,
    SpeakerDraft,
    TrackDraft,
)
from forumreg.tables.event import Category, Event, EventOrganisation, Field, Organisation, PrivacyNotice
from forumreg.tables.programme import ProgrammeSession, Room, Track
from forumreg.tables.seats import PoolKind, SeatPool


def draft_of_event(session: Session, event: Event) -> EventDraft:
    """The event with all its parts, in the order of its file. The caller has checked the actor."""
    capacities: dict[tuple[PoolKind, str], int | None] = {
        (row.kind, row.key): row.capacity
        for row in session.execute(
            select(SeatPool.kind, SeatPool.key, SeatPool.capacity).where(SeatPool.event_id == event.id)
        )
    }
    notice = session.scalars(
        select(PrivacyNotice).where(PrivacyNotice.event_id == event.id).order_by(PrivacyNotice.version.desc()).limit(1)
    ).first()
    return EventDraft(
        **{name: getattr(event, name) for name in _PLAIN},
        kind=event.kind.value,
        country=event.country or None,
        status=event.status.value,
        visibility=event.visibility.value,
        languages=tuple(event.languages),
        privacy_notice=notice.texts if notice else {},
        capacity=capacities.get((PoolKind.EVENT, "")),
        registration=RegistrationDraft(event.opens_at, event.closes_at, event.approval.value, event.waitlist),
        limits=LimitsDraft(event.most_per_kind, event.most_per_organisation, event.organisation_limit_until),
        organisations=_organisations(session, event.id),
        categories=_categories(session, event.id, capacities),
        fields=_fields(session, event.id),
        rooms=_rooms(session, event.id),
        tracks=_tracks(session, event.id),
        sessions=_sessions(session, event),
    )


_PLAIN = (
    "slug", "title", "starts_on", "ends_on", "timezone", "summary", "description", "venue", "city", "accent",
    "contact_email",
)  # fmt: skip


def _organisations(session: Session, event_id: int) -> tuple[OrganisationDraft, ...]:
    rows = session.execute(
        select(Organisation.name, EventOrganisation)
        .join(EventOrganisation)
        .where(EventOrganisation.event_id == event_id)
        .order_by(EventOrganisation.position)
    )
    return tuple(OrganisationDraft(name, row.role.value, row.short_name, row.country or None) for name, row in rows)


def _categories(
    session: Session, event_id: int, capacities: Mapping[tuple[PoolKind, str], int | None]
) -> tuple[CategoryDraft, ...]:
    rows = session.scalars(select(Category).where(Category.event_id == event_id).order_by(Category.position))
    return tuple(
        CategoryDraft(
            row.key,
            row.title,
            capacities.get((PoolKind.CATEGORY, row.key)),
            row.approval.value if row.approval else None,
            row.visibility.value,
        )
        for row in rows
    )


def _fields(session: Session, event_id: int) -> tuple[FieldDraft, ...]:
    rows = session.scalars(select(Field).where(Field.event_id == event_id).order_by(Field.position))
    return tuple(
        FieldDraft(
            row.key, row.kind.value, row.label, row.help, row.purpose, row.required,
            tuple(OptionDraft(option["value"], option["label"], option["capacity"]) for option in row.options),
            ShowIf(row.show_if["field"], row.show_if["is"]) if row.show_if else None,
            tuple(row.categories), row.audience.value, row.erase_after_days,
        )
        for row in rows
    )  # fmt: skip


def _rooms(session: Session, event_id: int) -> tuple[RoomDraft, ...]:
    rows = session.scalars(select(Room).where(Room.event_id == event_id).order_by(Room.position))
    return tuple(RoomDraft(row.key, row.name, row.capacity) for row in rows)


def _tracks(session: Session, event_id: int) -> tuple[TrackDraft, ...]:
    rows = session.scalars(select(Track).where(Track.event_id == event_id).order_by(Track.position))
    return tuple(TrackDraft(row.key, row.title) for row in rows)


def _sessions(session: Session, event: Event) -> tuple[SessionDraft, ...]:
    rows = session.execute(
        select(ProgrammeSession, Track.key, Room.key, EventOrganisation.short_name, Organisation.name)
        .outerjoin(Track, Track.id == ProgrammeSession.track_id)
        .outerjoin(Room, Room.id == ProgrammeSession.room_id)
        .outerjoin(Organisation, Organisation.id == ProgrammeSession.lead_id)
        .outerjoin(
            EventOrganisation,
            (EventOrganisation.organisation_id == ProgrammeSession.lead_id)
            & (EventOrganisation.event_id == ProgrammeSession.event_id),
        )
        .where(ProgrammeSession.event_id == event.id)
        .order_by(ProgrammeSession.position)
    )
    return tuple(
        SessionDraft(
            id=row.key,
            track=track,
            room=room,
            lead=short_name or name,
            guid=None if row.guid == guid_of(event.slug, row.key) else row.guid,
            kind=row.kind.value,
            booking=row.booking.value,
            visibility=row.visibility.value,
            languages=tuple(row.languages),
            interpreted=tuple(row.interpreted),
            speakers=tuple(SpeakerDraft(**speaker) for speaker in row.speakers),
            **{name: getattr(row, name) for name in _PLAIN_OF_SESSION},
        )
        for row, track, room, short_name, name in rows
    )


_PLAIN_OF_SESSION = ("title", "abstract", "starts_at", "ends_at", "capacity", "held", "extra")
