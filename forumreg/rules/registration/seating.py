"""In which sessions one person gets a seat, settled pool by pool as some turn out to be full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from forumreg.base.errors import Refused
from forumreg.rules.booking import Places
from forumreg.rules.event import SessionFacts
from forumreg.rules.registration.checks import Checked, seatable


class Seating:
    """What to take for a checked form; ``held`` are the ids of sessions in which the person has a seat already.

    A session that cannot give a seat becomes a place in its line where the form accepts that, else it is refused.
    """

    def __init__(self, checked: Checked, *, held: Iterable[int] = ()) -> None:
        self._checked, self._held = checked, frozenset(held)
        self._places = Places(checked.category.key if checked.category else None)
        self._no_seat: set[int] = set()

    @property
    def fresh(self) -> tuple[SessionFacts, ...]:
        """The sessions in which the person has no seat yet."""
        return tuple(entry for entry in self._checked.sessions if entry.id not in self._held)

    def give_up(self, entry: SessionFacts, reason: str) -> None:
        """Go without a seat in the session.

        Raises:
            Refused: the reason with ``session``: the form did not accept a place in its line.
        """
        if entry.id not in self._checked.waiting:
            raise Refused(reason, session=entry)
        self._no_seat.add(entry.id)

    def pools(self) -> Mapping[int, SessionFacts]:
        """The pools to try to take places in now, each with its session.

        Raises:
            Refused: "session_full" with ``session``.
        """
        while True:
            wanted = [entry for entry in self.seated() if entry.id not in self._held]
            pools = {self._places.pool_of(entry): entry for entry in wanted}
            if None not in pools:
                return {pool: entry for pool, entry in pools.items() if pool is not None}
            self.give_up(pools[None], "session_full")

    def was_full(self, pool_id: int) -> None:
        """Remember that nobody gets in there."""
        self._places.was_full(pool_id)

    def seated(self) -> tuple[SessionFacts, ...]:
        """The sessions in which there is a seat, as far as is known, those held among them."""
        return seatable(self._checked.sessions, self._checked.waiting, self._no_seat)
