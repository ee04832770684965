"""Making guesses slow, on every process alike. Nobody is kept out for longer than 15 minutes.

A try is counted before it is looked at, so tries sent side by side count too; who proves to be
right is forgiven. Keys are hashes: the table names neither addresses nor networks.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from forumreg.base.errors import Refused
from forumreg.base.folding import fold_address
from forumreg.store.writing import writing
from forumreg.tables.account import SignInTry

Kind = Literal["password", "code", "reset"]
FREE_TRIES = 5
FREE_TRIES_OF_A_NETWORK = 20  # an office behind one address; its people must not pay for one of them
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
ONE_LESS_AFTER = {FREE_TRIES: LONGEST_WAIT, FREE_TRIES_OF_A_NETWORK: timedelta(minutes=3)}  # people mistype
FORGOTTEN_AFTER = timedelta(hours=24)


def count_try(session: Session, kind: Kind, address: str | None, network: str, *, now: datetime) -> None:
    """Count one try of an address (where one was named) and of a network.

    Raises:
        Refused: "wait", with ``seconds``; this try was not counted and must not be looked at.
    """
    keys = sorted(_keys(kind, address, network))
    with writing(session):
        rows = [(_row(session, key, now), free) for key, free in keys]
        wait = max((row.blocked_until - now for row, _ in rows if row.blocked_until), default=timedelta())
        if wait > timedelta():
            raise Refused("wait", seconds=int(wait.total_seconds()) + 1)
        for row, free in rows:
            row.failures = max(row.failures - (now - row.last_at) // ONE_LESS_AFTER[free], 0) + 1
            row.blocked_until = now + wait_after(row.failures, free) if row.failures >= free else None
            row.last_at = now


def forgive(session: Session, kind: Kind, address: str, network: str, *, now: datetime) -> None:
    """Take back the tries of an address whose owner proved to be right, and one of the network's."""
    own, shared = (key for key, _ in _keys(kind, address, network))
    with writing(session):
        session.execute(delete(SignInTry).where((SignInTry.key == own) | (SignInTry.last_at < now - FORGOTTEN_AFTER)))
        row = session.scalar(select(SignInTry).where(SignInTry.key == shared).with_for_update())
        if row and row.failures > 0:
            row.failures -= 1
            if row.failures < FREE_TRIES_OF_A_NETWORK:
                row.blocked_until = None


def clear(session: Session, address: str) -> None:
    """Forget, in the caller's transaction, the tries at a password that its owner has just set anew."""
    keys = [_hash(kind, fold_address(address)) for kind in ("password", "reset")]
    session.execute(delete(SignInTry).where(SignInTry.key.in_(keys)))


def wait_after(failures: int, free: int = FREE_TRIES) -> timedelta:
    """How long the next try has to wait: 30 seconds, doubled with each failure, 15 minutes at most."""
    return min(FIRST_WAIT * 2 ** min(failures - free, 10), LONGEST_WAIT) if failures >= free else timedelta()


def _keys(kind: Kind, address: str | None, network: str) -> list[tuple[str, int]]:
    own = [(_hash(kind, fold_address(address)), FREE_TRIES)] if address else []
    return [*own, (_hash("network", network), FREE_TRIES_OF_A_NETWORK)]


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _row(session: Session, key: str, now: datetime) -> SignInTry:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(SignInTry).values(key=key, failures=0, last_at=now).on_conflict_do_nothing(index_elements=["key"])
    )
    return session.scalars(
        select(SignInTry).where(SignInTry.key == key).with_for_update().execution_options(populate_existing=True)
    ).one()
