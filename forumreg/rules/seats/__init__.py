"""Pools of places: take, give back, and the states that pages show."""

from forumreg.rules.seats.pools import (
    PoolState,
    by_id,
    counts_of,
    exchange,
    lock_event,
    pools_of,
    set_capacity,
    state_of,
)

__all__ = ["PoolState", "by_id", "counts_of", "exchange", "lock_event", "pools_of", "set_capacity", "state_of"]
