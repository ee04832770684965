"""How the public programme of an event changed, as its journal has it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.base.errors import NotFound
from forumreg.base.texts import Texts
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.event.telling import CHANGED, MOVED, PUBLISHED, WITHDRAWN
from forumreg.tables.event import EventStatus
from forumreg.tables.journal import JournalEntry

ACTIONS = (PUBLISHED, MOVED, CHANGED, WITHDRAWN)
MOST = 100  # entries in a feed


@dataclass(frozen=True, slots=True)
class Standing:
    """A session as the public programme had it: title, times, room."""

    title: Texts
    starts_at: datetime
    ends_at: datetime
    room: Texts


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the public programme; ``before`` is ``None`` for what is new, ``after`` for what is gone."""

    number: int  # of the journal; the same for ever
    at: datetime
    action: str
    key: str
    before: Standing | None
    after: Standing | None


def changes(session: Session, event: EventFacts, *, since: datetime | None = None) -> tuple[Change, ...]:
    """The changes from ``since`` on, newest first, at most 100. Nothing of who made them.

    Raises:
        NotFound: the event is a draft, so it has no public programme.
    """
    if event.status is EventStatus.DRAFT:
        raise NotFound("event")
    statement = (
        select(JournalEntry.id, JournalEntry.at, JournalEntry.action, JournalEntry.before, JournalEntry.after)
        .where(
            JournalEntry.event_id == event.id,
            JournalEntry.subject_kind == "session",
            JournalEntry.action.in_(ACTIONS),
        )
        .order_by(JournalEntry.id.desc())
        .limit(MOST)
    )
    if since is not None:
        statement = statement.where(JournalEntry.at >= since)
    return tuple(_change(*row) for row in session.execute(statement))


def last_titles(session: Session, event: EventFacts, keys: Collection[str]) -> Mapping[str, Texts]:
    """What sessions were called when the public programme last had them, by key; not all are remembered."""
    found: dict[str, Texts] = {}
    if event.status is EventStatus.DRAFT:
        return found
    for change in changes(session, event):
        standing = change.before or change.after
        if change.key in keys and standing is not None:
            found.setdefault(change.key, standing.title)
    return found


def changed_at(session: Session, event: EventFacts) -> datetime | None:
    """When the public programme last changed; where it never did, when the event was first written down."""
    entries = select(JournalEntry.at).where(JournalEntry.event_id == event.id)
    last = entries.where(JournalEntry.subject_kind == "session", JournalEntry.action.in_(ACTIONS))
    found = session.scalar(last.order_by(JournalEntry.id.desc()).limit(1))
    return found or session.scalar(entries.order_by(JournalEntry.id).limit(1))


def _change(number: int, at: datetime, action: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    key = after.get("key") or before.get("key", "")
    return Change(number, at, action, key, _standing(before), _standing(after))


def _standing(facts: Mapping[str, Any]) -> Standing | None:
    if not facts.get("starts_at"):
        return None
    return Standing(
        facts.get("title") or {},
        datetime.fromisoformat(facts["starts_at"]),
        datetime.fromisoformat(facts["ends_at"]),
        facts.get("room") or {},
    )
