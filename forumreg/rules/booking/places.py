"""Where a seat's place is taken: among those held for the person's category first, then among those for all."""

from __future__ import annotations

from forumreg.rules.event import SessionFacts


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
