"""One calendar a registrant: two commitments never overlap."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from forumreg.tables.booking import Commitment, SessionBooking


def overlapping(
    registration_id: ColumnElement[int] | int, starts_at: datetime, ends_at: datetime
) -> ColumnElement[bool]:
    """The condition under which a commitment of the registrant stands in the way of the interval."""
    return (
        (Commitment.registration_id == registration_id)
        & (Commitment.starts_at < ends_at)
        & (Commitment.ends_at > starts_at)
    )


def busy_with(session: Session, registration_id: int, starts_at: datetime, ends_at: datetime) -> int | None:
    """The programme session (its id) that the registrant is in at that time; ``None`` where they are free."""
    return session.scalar(
        select(SessionBooking.session_id)
        .join(Commitment, Commitment.booking_id == SessionBooking.id)
        .where(overlapping(registration_id, starts_at, ends_at))
        .limit(1)
    )
