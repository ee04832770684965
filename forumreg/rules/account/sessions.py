"""Signed-in browsers. The row is the truth: ending it signs the browser out at its next request."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound, Unavailable
from forumreg.rules import journal
from forumreg.rules.access import Grant, Staff
from forumreg.store.writing import writing
from forumreg.tables.account import Account, StaffRole, StaffSession

LONGEST_IDLE = timedelta(hours=12)  # a working day
LONGEST = timedelta(days=7)
TOUCH_EVERY = timedelta(minutes=5)  # so that reading pages hardly ever writes
AGENT_SIGNS = 120


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A browser that is signed in; ``is_this`` marks the one that asks."""

    id: int
    agent: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


def key_hash(key: str) -> str:
    """What the table keeps of a browser's key: 256 random bits need no slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def open_session(session: Session, account_id: int, key: str, agent: str, *, now: datetime) -> None:
    """Sign a browser in, under a key that the caller made afresh and puts into its cookie."""
    with writing(session):
        session.add(
            StaffSession(
                account_id=account_id,
                key_hash=key_hash(key),
                agent=agent[:AGENT_SIGNS],
                created_at=now,
                seen_at=now,
            )
        )
        _note(session, account_id, "signed_in", now)


def staff_of(session: Session, key: str, *, now: datetime) -> Staff | None:
    """Who is signed in under the key, with all roles; ``None`` where nobody is any more.

    Refuses inactive accounts and sessions that are ended, idle for 12 hours or older than 7 days.
    Notes at most every 5 minutes that the browser was seen; where that cannot be written, reading goes on.
    """
    rows = session.execute(
        select(
            StaffSession.id.label("session_id"),
            StaffSession.seen_at,
            StaffSession.account_id,
            Account.is_admin,
            StaffRole.event_id,
            StaffRole.role,
            StaffRole.organisation_id,
        )
        .join(Account, Account.id == StaffSession.account_id)
        .outerjoin(StaffRole, StaffRole.account_id == Account.id)
        .where(StaffSession.key_hash == key_hash(key), Account.active, *_alive(now))
        .order_by(StaffRole.id)
    ).all()
    if not rows:
        return None
    first = rows[0]
    grants = tuple(Grant(row.event_id, row.role, row.organisation_id) for row in rows if row.event_id is not None)
    if now - first.seen_at >= TOUCH_EVERY:
        _touch(session, first.session_id, now)
    return Staff(first.account_id, first.is_admin, grants)


def end_session(session: Session, key: str, *, now: datetime) -> None:
    """Sign out the browser that holds the key; nothing happens where it is signed out already."""
    with writing(session):
        found = session.execute(
            select(StaffSession.id, StaffSession.account_id).where(
                StaffSession.key_hash == key_hash(key), StaffSession.ended_at.is_(None)
            )
        ).first()
        if found:
            _end(session, now, StaffSession.id == found.id)
            _note(session, found.account_id, "signed_out", now)


def end_other_session(session: Session, actor: Staff, session_id: int, *, now: datetime) -> None:
    """Sign out another browser of the same person.

    Raises:
        NotFound: no open session of the actor has this id.
    """
    with writing(session):
        if not _end(session, now, StaffSession.id == session_id, StaffSession.account_id == actor.account_id):
            raise NotFound("session")
        _note(session, actor.account_id, "signed_out_elsewhere", now)


def end_all_sessions(session: Session, account_id: int, *, keep: str | None, now: datetime) -> int:
    """Sign out every browser of an account but the one that holds the key ``keep``; says how many."""
    kept = [StaffSession.key_hash != key_hash(keep)] if keep else []
    with writing(session):
        ended = _end(session, now, StaffSession.account_id == account_id, *kept)
        if ended:
            _note(session, account_id, "signed_out_elsewhere", now)
        return ended


def open_sessions(session: Session, actor: Staff, key: str, *, now: datetime) -> Sequence[OpenSession]:
    """The browsers in which the person is signed in, the one with the key ``key`` marked, last seen first."""
    rows = session.scalars(
        select(StaffSession)
        .where(StaffSession.account_id == actor.account_id, *_alive(now))
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
    )
    this = key_hash(key)
    return [OpenSession(row.id, row.agent, row.created_at, row.seen_at, row.key_hash == this) for row in rows]


def _alive(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        StaffSession.ended_at.is_(None),
        StaffSession.seen_at > now - LONGEST_IDLE,
        StaffSession.created_at > now - LONGEST,
    )


def _touch(session: Session, session_id: int, now: datetime) -> None:
    try:
        with writing(session):
            session.execute(
                update(StaffSession)
                .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None))
                .values(seen_at=now)
            )
    except Unavailable:
        return


def _end(session: Session, now: datetime, *which: ColumnElement[bool]) -> int:
    done = session.execute(
        update(StaffSession)
        .where(StaffSession.ended_at.is_(None), *which)
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def _note(session: Session, account_id: int, action: str, now: datetime) -> None:
    journal.write(session, Staff(account_id), action, subject=("account", account_id), now=now)
