"""What people hold of an event, which no file takes from them, and how it is told."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.rules.event.drafts import EventDraft
from forumreg.tables.event import Category
from forumreg.tables.registration import Consent, Registration


def registered_in(session: Session, categories: Collection[Category]) -> dict[int, int]:
    """How many chose each of these categories; those that nobody chose are not in it."""
    rows = session.execute(
        select(Registration.category_id, func.count())
        .where(Registration.category_id.in_([row.id for row in categories]))
        .group_by(Registration.category_id)
    )
    return {number: count for number, count in rows if number is not None}


def sharing_with(session: Session, event_id: int, organisation_id: int) -> int:
    """How many registrants of the event agreed to share with the organisation, and still do."""
    found = session.scalar(
        select(func.count())
        .select_from(Consent)
        .join(Registration)
        .where(
            Consent.organisation_id == organisation_id,
            Consent.withdrawn_at.is_(None),
            Registration.event_id == event_id,
        )
    )
    return found or 0


def place_of_seats(draft: EventDraft, number: int) -> str:
    """The place in the file that says how many seats this session of it has: its own, or its room's."""
    part = draft.sessions[number]
    if part.capacity is None:
        for position, room in enumerate(draft.rooms):
            if room.id == part.room and room.capacity is not None:
                return f"rooms[{position}].capacity"
    return f"sessions[{number}].capacity"


def places(count: object) -> str:
    """So many places, as an operator reads it."""
    return "1 place" if count == 1 else f"{count} places"


def people(count: int) -> str:
    """So many people, as an operator reads it."""
    return "1 person" if count == 1 else f"{count} people"
