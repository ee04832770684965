"""What moves of an event while its form is open: the window, the places, the lines."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from forumreg.doors.participant.sessions import Numbers, kept_words, seats_words
from forumreg.rules.booking import PlacesLeft, places_left
from forumreg.rules.event import EventFacts, WindowState
from forumreg.rules.seats import PoolState
from forumreg.web import kept, language


@dataclass(frozen=True, slots=True)
class Sight:
    """An event as one reader finds it: pools by id, and how many wait by session id where any session is full."""

    event: EventFacts
    window: WindowState
    pools: Mapping[int, PoolState]
    waiting: Mapping[int, int]
    limits: tuple[str, ...] = ()

    def made_of(self) -> Hashable:
        """What the form looks like depends on this, and on places left, for which it has holes."""
        full = frozenset(each.id for each in self.pools.values() if each.capacity is not None and each.is_full)
        window = (self.window.window, self.window.at)
        return self.event.id, self.event.version, window, full, frozenset(self.waiting.items()), self.limits

    def seats(self) -> dict[str, str]:
        """What is left in each session and of each counted answer, for the holes."""
        reader = language()  # asked once: a form has many numbers
        holes: dict[str, str] = {}
        for entry in self.event.bookable:
            places = places_left(entry, self.pools)
            holes[_left(places)] = seats_words(reader, places.capacity, places.left, places.is_full)
            holes[_kept(places)] = kept_words(self.event, places) if places.kept else ""
        for field in self.event.fields:
            for option in field.options:
                if option.pool_id is not None:
                    pool = self.pools[option.pool_id]
                    holes[_option(pool)] = seats_words(reader, pool.capacity, pool.left, pool.is_full)
        return holes


class Holes(Numbers):
    """Numbers for a page that is kept: each reader is told those of the moment."""

    def left(self, places: PlacesLeft, *, is_full: bool) -> Markup:  # noqa: ARG002 (what is full is a page of its own)
        """The hole for what is left."""
        return kept.hole(_left(places))

    def option(self, pool: PoolState, *, is_full: bool) -> Markup:  # noqa: ARG002 (as above)
        """The hole for what is left of a counted answer."""
        return kept.hole(_option(pool))

    def kept(self, event: EventFacts, places: PlacesLeft) -> str:  # noqa: ARG002 (in the way of `Numbers`)
        """The hole for whom some of it is kept."""
        return kept.hole(_kept(places))


def _left(places: PlacesLeft) -> str:
    return f"seats-{places.id}"


def _kept(places: PlacesLeft) -> str:
    return f"kept-{places.id}"


def _option(pool: PoolState) -> str:
    return f"option-{pool.id}"
