"""Pools of places: take, give back, and the states that pages show."""

from forumreg.rules.seats.pools import PoolState, counts_of, exchange, lock_event, set_capacity, state_of

__all__ = ["PoolState", "counts_of", "exchange", "lock_event", "set_capacity", "state_of"]
