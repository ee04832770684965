"""Pools of places: take, give back, and the states that pages show."""

from forumreg.rules.seats.pools import PoolState, exchange, lock_event, set_capacity, state_of

__all__ = ["PoolState", "exchange", "lock_event", "set_capacity", "state_of"]
