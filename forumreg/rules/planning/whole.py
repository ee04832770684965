"""An event's facts as the draft of a whole event, so that one session is checked by the rules for all."""

from __future__ import annotations

from collections.abc import Sequence

from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import (
    CategoryDraft,
    EventDraft,
    OrganisationDraft,
    RoomDraft,
    SessionDraft,
    TrackDraft,
)


def as_draft(
    event: EventFacts,
    *,
    rooms: Sequence[RoomDraft] | None = None,
    tracks: Sequence[TrackDraft] | None = None,
    sessions: Sequence[SessionDraft] = (),
) -> EventDraft:
    """What the checks of a programme look at: days, zone, languages, organisations, categories, rooms, tracks.

    Questions, notice and registration are left out: a programme does not touch them.
    """
    return EventDraft(
        slug=event.slug,
        title=event.title,
        kind=event.kind.value,
        starts_on=event.starts_on,
        ends_on=event.ends_on,
        timezone=event.timezone,
        languages=event.languages,
        organisations=tuple(
            OrganisationDraft(each.name, each.role.value, each.short_name, each.country or None)
            for each in event.organisations
        ),
        categories=tuple(CategoryDraft(each.key, each.title) for each in event.categories),
        rooms=room_drafts(event) if rooms is None else tuple(rooms),
        tracks=track_drafts(event) if tracks is None else tuple(tracks),
        sessions=tuple(sessions),
    )


def room_drafts(event: EventFacts) -> tuple[RoomDraft, ...]:
    """The event's rooms as drafts."""
    return tuple(RoomDraft(each.key, each.name, each.capacity) for each in event.rooms)


def track_drafts(event: EventFacts) -> tuple[TrackDraft, ...]:
    """The event's tracks as drafts."""
    return tuple(TrackDraft(each.key, each.title) for each in event.tracks)
