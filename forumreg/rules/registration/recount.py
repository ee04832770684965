"""The recount that proves the pools: what they say against the registrations and bookings there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.rules.event import EventFacts, facts_by_id
from forumreg.rules.registration.pools import HOLDING, option_pools
from forumreg.rules.seats import state_of
from forumreg.store.writing import steadily
from forumreg.tables.booking import SEATED, SessionBooking
from forumreg.tables.registration import Registration


@dataclass(frozen=True, slots=True)
class Difference:
    """A pool that says another number than the recount. ``place`` is such as ``category/press``."""

    place: str
    taken: int
    counted: int


def recount(session: Session, event_id: int) -> tuple[Difference, ...]:
    """Every pool of the event that does not equal a recount, by place; empty where all do.

    Raises:
        NotFound: no event has this id.
    """
    event = facts_by_id(session, event_id)
    steadily(session)
    counted = Counter(_of_registrations(session, event))
    counted.update(_of_bookings(session, event))
    return tuple(
        Difference(f"{kind.value}/{key}".rstrip("/"), state.taken, counted[state.id])
        for (kind, key), state in sorted(state_of(session, event_id).items())
        if state.taken != counted[state.id]
    )


def _of_registrations(session: Session, event: EventFacts) -> Iterator[int]:
    """The pools that pending and confirmed registrations hold: one entry a place."""
    rows = session.execute(
        select(Registration.category_id, Registration.answers)
        .where(Registration.event_id == event.id, Registration.status.in_(HOLDING))
        .execution_options(yield_per=1000)
    )
    for category_id, answers in rows:
        yield event.pool_id
        category = event.category(category_id)
        if category is not None:
            yield category.pool_id
        yield from option_pools(event, answers)


def _of_bookings(session: Session, event: EventFacts) -> dict[int, int]:
    """Seats in sessions, by the pool in which each one's place was taken."""
    rows = session.execute(
        select(SessionBooking.pool_id, func.count())
        .join(Registration, Registration.id == SessionBooking.registration_id)
        .where(Registration.event_id == event.id, SessionBooking.status.in_(SEATED))
        .group_by(SessionBooking.pool_id)
    )
    return {pool: number for pool, number in rows if pool is not None}
