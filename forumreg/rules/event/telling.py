"""What the public is told of a programme that changes: one journal entry a session, public facts only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from forumreg.rules import journal
from forumreg.rules.access import Actor
from forumreg.rules.event.facts import EventFacts, SessionFacts
from forumreg.tables.event import EventStatus

PUBLISHED, MOVED, CHANGED, WITHDRAWN = "session_published", "session_moved", "session_changed", "session_withdrawn"
_TOLD = ("title", "abstract", "kind", "track", "languages", "interpreted", "speakers", "lead_id", "booking")


def tell_changes(session: Session, actor: Actor, before: EventFacts, after: EventFacts, now: datetime) -> None:
    """Write down how the public programme differs, in the caller's transaction; a draft event tells nothing."""
    if after.status is EventStatus.DRAFT:
        return
    old = {entry.key: entry for entry in before.sessions}
    new = {entry.key: entry for entry in after.sessions}
    for key in sorted({*old, *new}):
        action = _action(old.get(key), new.get(key))
        if action is not None:
            entry = new.get(key) or old[key]
            journal.write(
                session, actor, action, subject=("session", entry.id), event_id=after.id, now=now,
                before=_facts(old.get(key)), after=_facts(new.get(key)),
            )  # fmt: skip


def _action(old: SessionFacts | None, new: SessionFacts | None) -> str | None:
    if old is None:
        return PUBLISHED
    if new is None:
        return WITHDRAWN
    if _when_and_where(old) != _when_and_where(new):
        return MOVED
    return CHANGED if any(getattr(old, name) != getattr(new, name) for name in _TOLD) else None


def _when_and_where(entry: SessionFacts) -> tuple[datetime, datetime, str | None]:
    return entry.starts_at, entry.ends_at, entry.room.key if entry.room else None


def _facts(entry: SessionFacts | None) -> Mapping[str, Any]:
    if entry is None:
        return {}
    return {
        "key": entry.key,
        "guid": entry.guid,
        "title": dict(entry.title),
        "starts_at": entry.starts_at.isoformat(),
        "ends_at": entry.ends_at.isoformat(),
        "room": dict(entry.room.name) if entry.room else {},
    }
