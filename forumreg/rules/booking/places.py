"""Where a seat's place is taken: among those held for the person's category first, then among those for all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forumreg.rules.event import SessionFacts
from forumreg.rules.seats import PoolState


@dataclass(frozen=True, slots=True)
class PlacesLeft:
    """A session's places in all its pools, as they were read; ``None``: there is no limit.

    ``id`` is that of the pool for all; ``kept`` are the places left for one category alone, by its key.
    """

    id: int
    capacity: int | None
    left: int | None
    kept: tuple[tuple[str, int], ...]

    @property
    def is_full(self) -> bool:
        """Whether nobody else gets in, of whatever category."""
        return self.left == 0

    def is_full_for(self, category: str | None) -> bool:
        """Whether nobody else of this category gets in."""
        others = sum(number for key, number in self.kept if key != category)
        return self.left is not None and self.left <= others


def places_left(entry: SessionFacts, pools: Mapping[int, PoolState]) -> PlacesLeft:
    """What is left in a session in which seats are counted; ``pools`` by their id."""
    found = [pools[pool] for pool in entry.pool_ids]
    capacities, left = [pool.capacity for pool in found], [pool.left for pool in found]
    return PlacesLeft(
        id=found[0].id,
        capacity=None if None in capacities else sum(filter(None, capacities)),
        left=None if None in left else sum(filter(None, left)),
        kept=tuple((key, number) for key, pool in entry.held.items() if (number := pools[pool].left)),
    )


def pools_for(entry: SessionFacts, category: str | None) -> tuple[int, ...]:
    """The pools in which somebody of this category may have a seat, in the order they are tried."""
    held = entry.held.get(category or "")
    return tuple(pool for pool in (held, entry.pool_id) if pool is not None)


class Places:
    """The pools from which somebody's sessions take their places, while some turn out to be full."""

    def __init__(self, category: str | None) -> None:
        self._category = category
        self._full: set[int] = set()

    def pool_of(self, entry: SessionFacts) -> int | None:
        """The pool to try for the session; ``None`` where every one is known to be full."""
        return next((pool for pool in pools_for(entry, self._category) if pool not in self._full), None)

    def was_full(self, pool_id: int) -> None:
        """Remember that nobody gets in there."""
        self._full.add(pool_id)
