"""How many people a change of the programme touches. Read only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from forumreg.base.errors import Refused
from forumreg.rules.booking import SEATED
from forumreg.rules.event import SessionFacts
from forumreg.rules.event.drafts import SessionDraft
from forumreg.rules.planning.drafts import Touched
from forumreg.tables.booking import BookingStatus, Commitment, SessionBooking
from forumreg.tables.programme import Booking, SessionVisibility
from forumreg.tables.seats import SeatPool


def counts_by_session(session: Session, session_ids: Collection[int]) -> Mapping[int, Mapping[BookingStatus, int]]:
    """How many have, wait for and wish for each session, by its id and the status."""
    rows = session.execute(
        select(SessionBooking.session_id, SessionBooking.status, func.count())
        .where(SessionBooking.session_id.in_(list(session_ids)))
        .group_by(SessionBooking.session_id, SessionBooking.status)
    )
    found: dict[int, dict[BookingStatus, int]] = defaultdict(dict)
    for session_id, status, number in rows:
        found[session_id][status] = number
    return found


def keep_bookable(session: Session, entry: SessionFacts, part: SessionDraft) -> None:
    """Let a session that people are in stay one that they can see and book.

    Raises:
        Refused: "has_bookings" with ``number``: people would lose what they have by a draft or a closed booking.
    """
    closes = part.booking == Booking.NONE and entry.booking is not Booking.NONE
    hides = part.visibility == SessionVisibility.DRAFT and entry.is_public
    number = sum(counts_by_session(session, [entry.id]).get(entry.id, {}).values()) if closes or hides else 0
    if number:
        raise Refused("has_bookings", number=number)


def touched_by_move(session: Session, moved: Sequence[tuple[SessionFacts, SessionFacts]]) -> Touched:
    """Whom a change of time or room touches; of those with a seat, who is elsewhere at the new time."""
    counts = counts_by_session(session, [old.id for old, _ in moved])
    moving = {old.id for old, _ in moved}
    return Touched(
        booked=sum(counts.get(old.id, {}).get(status, 0) for old, _ in moved for status in SEATED),
        waiting=sum(counts.get(old.id, {}).get(BookingStatus.WAITLISTED, 0) for old, _ in moved),
        clashing=sum(
            _elsewhere(session, entry, moving)
            for old, entry in moved
            if (old.starts_at, old.ends_at) != (entry.starts_at, entry.ends_at)
        ),
    )


def _elsewhere(session: Session, entry: SessionFacts, moving: Collection[int]) -> int:
    """How many with a seat in the session are, at its new time, in one that does not move."""
    other = aliased(SessionBooking)
    is_elsewhere = exists().where(
        Commitment.registration_id == SessionBooking.registration_id,
        Commitment.booking_id == other.id,
        other.session_id.not_in(list(moving)),
        Commitment.starts_at < entry.ends_at,
        Commitment.ends_at > entry.starts_at,
    )
    statement = (
        select(func.count())
        .select_from(SessionBooking)
        .where(SessionBooking.session_id == entry.id, SessionBooking.status.in_(SEATED), is_elsewhere)
    )
    return session.scalar(statement) or 0


def over_capacity(session: Session, entry: SessionFacts, part: SessionDraft, total: int | None) -> int:
    """How many of those who have a seat in the places for all would be too many."""
    if total is None or entry.pool_id is None:
        return 0
    kept = max(0, total - sum(part.held.values()))
    given_up = [pool for key, pool in entry.held.items() if key not in part.held]
    taken = session.scalar(select(func.sum(SeatPool.taken)).where(SeatPool.id.in_([entry.pool_id, *given_up]))) or 0
    return max(0, taken - kept)
