"""The public list of events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.rules.event.facts import EventFacts
from forumreg.rules.event.reading import facts_of
from forumreg.rules.event.window import WindowState, window_of
from forumreg.rules.seats import PoolState
from forumreg.tables.event import Event, EventStatus, Visibility
from forumreg.tables.seats import PoolKind, SeatPool

LONGEST_LIST = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """An event in the list, with the state of its registration."""

    event: EventFacts
    window: WindowState

    @property
    def is_over(self) -> bool:
        """Whether its last day has passed."""
        return self.window.window == "over"


def listed(session: Session, *, now: datetime) -> tuple[Listed, ...]:
    """Public events, the next first, then the past ones, latest first; at most 200."""
    rows = session.execute(
        select(Event.id, Event.version, SeatPool.capacity, SeatPool.taken, SeatPool.id)
        .join(SeatPool, (SeatPool.event_id == Event.id) & (SeatPool.kind == PoolKind.EVENT))
        .where(Event.visibility == Visibility.PUBLIC, Event.status != EventStatus.DRAFT)
        .order_by(Event.starts_on.desc())
        .limit(LONGEST_LIST)
    ).all()
    found = []
    for event_id, version, capacity, taken, pool_id in rows:
        event = facts_of(session, event_id, version)
        pool = PoolState(pool_id, capacity, taken)
        found.append(Listed(event, window_of(event, pool, now)))
    coming = [entry for entry in reversed(found) if not entry.is_over]
    return (*coming, *(entry for entry in found if entry.is_over))
