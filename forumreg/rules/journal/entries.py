"""Writing and reading entries. Facts are states, words and numbers, never personal data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from forumreg.rules.access import Actor, Participant, Shell, Staff, Worker
from forumreg.store.bundles import Rows
from forumreg.tables.account import Account
from forumreg.tables.journal import ActorKind, JournalEntry

LONGEST_HISTORY = 200  # entries on one page


@dataclass(frozen=True, slots=True)
class Entry:
    """One act as a page shows it; ``who`` is a staff member's name or address, empty for everybody else."""

    at: datetime
    actor: ActorKind
    who: str
    action: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def write(
    session: Session,
    actor: Actor,
    action: str,
    *,
    subject: tuple[str, int | None],
    now: datetime,
    event_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry to the caller's transaction."""
    entry = row_of(actor, action, subject=subject, now=now, event_id=event_id, before=before, after=after)
    session.execute(_WRITE, entry.rows)


def row_of(
    actor: Actor,
    action: str,
    *,
    subject: tuple[str, object],
    now: datetime,
    event_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Rows:
    """What ``write`` writes, for a subject that is written with it."""
    kind, actor_id = _who(actor, subject)
    row = {
        "at": now,
        "event_id": event_id,
        "actor_kind": kind,
        "actor_id": actor_id,
        "action": action,
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "before": dict(before or {}),
        "after": dict(after or {}),
    }
    return Rows(_ENTRIES, [row])


_ENTRIES = cast("Table", JournalEntry.__table__)
_WRITE = insert(_ENTRIES).inline()


def _who(actor: Actor, subject: tuple[str, object]) -> tuple[ActorKind, object]:
    match actor:
        case Staff(account_id=account_id):
            return ActorKind.STAFF, account_id
        case Participant(registration_id=registration_id):
            return ActorKind.PARTICIPANT, registration_id
        case Worker():
            return ActorKind.WORKER, None
        case Shell():
            return ActorKind.SHELL, None
    return ActorKind.PARTICIPANT, subject[1] if subject[0] == "registration" else None


def of_registration(session: Session, registration_id: int) -> Sequence[Entry]:
    """What happened to a registration, latest first, at most 200 entries. The caller has checked the actor."""
    rows = session.execute(
        select(JournalEntry, Account.name, Account.email)
        .outerjoin(Account, (JournalEntry.actor_kind == ActorKind.STAFF) & (JournalEntry.actor_id == Account.id))
        .where(JournalEntry.subject_kind == "registration", JournalEntry.subject_id == registration_id)
        .order_by(JournalEntry.id.desc())
        .limit(LONGEST_HISTORY)
    )
    return [
        Entry(entry.at, entry.actor_kind, name or email or "", entry.action, entry.before, entry.after)
        for entry, name, email in rows
    ]
