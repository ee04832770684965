"""What moves of an event while its form is open: the window, the places, the lines."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from forumreg.doors.participant.forms import seats_left
from forumreg.rules.event import EventFacts, WindowState
from forumreg.rules.seats import PoolState
from forumreg.web import kept


@dataclass(frozen=True, slots=True)
class Sight:
    """An event as one reader finds it: pools by id, and how many wait by session id where any session is full."""

    event: EventFacts
    window: WindowState
    pools: Mapping[int, PoolState]
    waiting: Mapping[int, int]

    def made_of(self) -> Hashable:
        """What the form looks like depends on this, and on places left, for which it has holes."""
        full = frozenset(pool.id for pool in self.pools.values() if pool.is_full)
        window = (self.window.window, self.window.at)
        return self.event.id, self.event.version, window, full, frozenset(self.waiting.items())

    def seats(self) -> dict[str, str]:
        """What is left in each session and of each counted answer, for the holes."""
        options = [option.pool_id for entry in self.event.fields for option in entry.options]
        counted = (each for each in [*(entry.pool_id for entry in self.event.sessions), *options] if each is not None)
        return {_name(pool): seats_left(pool, is_full=pool.is_full) for pool in (self.pools[each] for each in counted)}

    @staticmethod
    def hole(pool: PoolState, *, is_full: bool) -> Markup:  # noqa: ARG004 (made in the way of `seats_left`)
        """The hole for what is left in the pool."""
        return kept.hole(_name(pool))


def _name(pool: PoolState) -> str:
    return f"seats-{pool.id}"
