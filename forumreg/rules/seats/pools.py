"""Taking is one conditional UPDATE: all or none, and never too many.

The database refuses what is not there, whatever the code above does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, Engine, Table, bindparam, literal_column, or_, select, update
from sqlalchemy.orm import Session

from forumreg.base.errors import Refused
from forumreg.store.looking import Look
from forumreg.store.sending import Statement
from forumreg.store.types import among
from forumreg.store.writing import holds_all
from forumreg.tables.seats import PoolKind, SeatPool


class PoolState(NamedTuple):
    """A pool as it stood when it was read; a tuple, for a page reads all of an event's."""

    id: int
    capacity: int | None
    taken: int

    @property
    def left(self) -> int | None:
        """Places left; ``None`` where there is no limit."""
        return None if self.capacity is None else max(0, self.capacity - self.taken)

    @property
    def is_full(self) -> bool:
        """Whether nobody else gets in."""
        return self.left == 0


# Written once: making a statement anew costs more than running it, and a registration moves several pools.
_POOLS = cast("Table", SeatPool.__table__)
_OF_EVENT = Statement(
    select(_POOLS.c.id)
    .where(_POOLS.c.event_id == bindparam("event"), _POOLS.c.kind == PoolKind.EVENT)
    .with_for_update()
)


def lock_event(session: Session, event_id: int) -> None:
    """Hold the event's pool until the caller's transaction ends, so that changes of one event's seats queue up.

    Every rule that moves seats does this first; that is why none of them can deadlock. What stands still about
    the event is read after it: whoever changes an event holds this pool, too.
    """
    if not holds_all(session):
        _OF_EVENT.at(session, event=event_id)


def exchange(session: Session, *, take: Iterable[int] = (), give: Iterable[int] = ()) -> int | None:
    """Take a place in each of some pools and give one back in others: all, or none and the pool that is full.

    The caller holds the event's pool, so the order in which the database touches the others does not matter.
    """
    taking, giving = set(take), set(give)
    unchanged = taking & giving
    taking, giving = taking - unchanged, giving - unchanged
    if taking:
        taken = {number for (number,) in _TAKE.at(session, pools=sorted(taking))}
        if taken != taking:
            _give_back(session, taken)
            return min(taking - taken)
    _give_back(session, giving)
    return None


_ROOM = or_(_POOLS.c.capacity.is_(None), _POOLS.c.taken < _POOLS.c.capacity)
_THESE = among(_POOLS.c.id, "pools")
_TAKE = Statement(update(_POOLS).where(_THESE, _ROOM).values(taken=_POOLS.c.taken + 1).returning(_POOLS.c.id))
_GIVE = Statement(update(_POOLS).where(_THESE).values(taken=_POOLS.c.taken - 1))


def _give_back(session: Session, pools: AbstractSet[int]) -> None:
    if pools:
        _GIVE.at(session, pools=sorted(pools))


_OF_THE_EVENT = select(_POOLS.c.id, _POOLS.c.capacity, _POOLS.c.taken).where(_POOLS.c.event_id == bindparam("event"))
_STATES, _NAMED_STATES = Look(_OF_THE_EVENT), _OF_THE_EVENT.add_columns(_POOLS.c.kind, _POOLS.c.key)


def state_of(session: Session, event_id: int) -> Mapping[tuple[PoolKind, str], PoolState]:
    """All pools of an event as they stand, by kind and key; one query."""
    rows = session.execute(_NAMED_STATES, {"event": event_id})
    return {(row[3], row[4]): PoolState(row[0], row[1], row[2]) for row in rows}


def pools_of(session: Session, event_id: int) -> Mapping[int, PoolState]:
    """All pools of an event as they stand, by id; one query."""
    return by_id(_STATES.at(session, event=event_id))


def by_id(rows: Iterable[Sequence[Any]]) -> Mapping[int, PoolState]:
    """Pools by id, of rows that end with a pool's id, capacity and places taken."""
    return {row[-3]: PoolState(row[-3], row[-2], row[-1]) for row in rows}


_OF_SESSIONS: list[ColumnElement[str]] = [literal_column(f"'{kind}'") for kind in (PoolKind.SESSION, PoolKind.HELD)]
_COUNTS = Look(_OF_THE_EVENT.where(_POOLS.c.kind.in_(_OF_SESSIONS)))


def counts_of(place: Session | Engine, event_id: int) -> tuple[tuple[int, int | None, int], ...]:
    """Id, capacity and places taken of every pool of an event's sessions, as plain numbers; one query.

    For pages of many sessions: the numbers tell whether a kept page still holds, at a part of ``state_of``'s cost.
    """
    return tuple((row[0], row[1], row[2]) for row in _COUNTS.at(place, event=event_id))


def set_capacity(
    session: Session, event_id: int, kind: PoolKind, key: str, capacity: int | None, *, held: int = 0
) -> int:
    """Make the pool hold so many; returns its id. Makes it, with ``held`` places taken, where there is none.

    Raises:
        Refused: "capacity_below_taken" with ``taken``: people hold more places than that.
    """
    pool = session.scalar(
        select(SeatPool)
        .where(SeatPool.event_id == event_id, SeatPool.kind == kind, SeatPool.key == key)
        .with_for_update()
    )
    if pool is None:
        pool = SeatPool(event_id=event_id, kind=kind, key=key, capacity=None, taken=held)
        session.add(pool)
    if pool.capacity != capacity:
        if capacity is not None and pool.taken > capacity:
            raise Refused("capacity_below_taken", kind=kind.value, key=key, taken=pool.taken)
        pool.capacity = capacity
    session.flush()
    return pool.id
