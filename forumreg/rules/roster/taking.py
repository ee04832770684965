"""Rosters that leave the house: nobody gets the rows without an entry that says so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.rules import journal
from forumreg.rules.access import Actor
from forumreg.rules.event.reading import facts_by_id
from forumreg.rules.roster.reading import rows
from forumreg.rules.roster.scopes import Question, Scope, require_scope
from forumreg.rules.roster.shaping import Value
from forumreg.store.writing import writing
from forumreg.tables.account import Account
from forumreg.tables.journal import ActorKind, JournalEntry

TAKEN = "roster_taken"
PAGE_TAKINGS = 50
Write = Callable[[Iterable[tuple[Value, ...]]], None]


@dataclass(frozen=True, slots=True)
class Taking:
    """One roster as it was taken: when, how many rows, which columns, in which format."""

    at: datetime
    count: int
    keys: tuple[str, ...]
    format: str
    organisation_id: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A taking of the past as a page shows it; ``who`` is empty where a program took it."""

    at: datetime
    who: str
    format: str
    count: int
    columns: tuple[str, ...]
    sessions: tuple[str, ...] | None  # keys: only who has a seat in one of them; ``None``: not noted then
    chosen_by: tuple[str, ...]  # columns, and "search"; never the words, which may be a name


@dataclass(frozen=True, slots=True)
class TakenPage:
    """Takings of one page, latest first; ``older`` is the ``before`` of the page after this one, if there is one."""

    rows: tuple[Taken, ...]
    older: int | None


def take(
    session: Session,
    actor: Actor,
    scope: Scope,
    question: Question,
    format: str,  # noqa: A002 (the word of the field)
    write: Write,
    *,
    now: datetime,
) -> Taking:
    """Give every row that the question asks for to ``write``, along ``scope.keys``, and journal it.

    The rows come from one statement, the entry is committed after the last one and holds their true number.
    The caller hands out what was written only when this returns: where no entry can be kept, nothing leaves.

    Raises:
        Forbidden: the scope or the question tells the actor more than is allowed.
        NotFound: there is no such event or organisation.
    """
    counted = _Counted(rows(session, actor, scope, question))
    write(counted)
    taking = Taking(now, counted.count, scope.keys, format, scope.consent_to)
    with writing(session):
        journal.write(
            session,
            actor,
            TAKEN,
            subject=_subject(scope),
            event_id=scope.event_id,
            now=now,
            after={
                "format": format,
                "rows": taking.count,
                "columns": list(taking.keys),
                "sessions": list(scope.sessions) or [key for key in (question.session,) if key],
                "chosen_by": [*question.filters, *(["search"] if question.search.strip() else [])],
            },
        )
    return taking


def _subject(scope: Scope) -> tuple[str, int | None]:
    if scope.consent_to is None:
        return "event", scope.event_id
    return "organisation", scope.consent_to


class _Counted:
    """Rows passed on one by one, and how many there were."""

    def __init__(self, source: Iterator[tuple[Value, ...]]) -> None:
        self.source = source
        self.count = 0

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        for row in self.source:
            self.count += 1
            yield row


def taken(
    session: Session, actor: Actor, scope: Scope, *, before: int | None = None, limit: int = PAGE_TAKINGS
) -> TakenPage:
    """The takings of the scope's event and organisation, latest first, a page at a time; one query.

    Raises:
        Forbidden: the scope tells the actor more than is allowed.
        NotFound: there is no such event or organisation.
    """
    require_scope(actor, scope, facts_by_id(session, scope.event_id))
    kind, subject_id = _subject(scope)
    by_staff = (JournalEntry.actor_kind == ActorKind.STAFF) & (JournalEntry.actor_id == Account.id)
    wanted = [
        JournalEntry.subject_kind == kind,
        JournalEntry.subject_id == subject_id,
        JournalEntry.event_id == scope.event_id,
        JournalEntry.action == TAKEN,
    ]
    if before is not None:
        wanted.append(JournalEntry.id < before)
    found = session.execute(
        select(JournalEntry.id, JournalEntry.at, Account.name, Account.email, JournalEntry.after)
        .outerjoin(Account, by_staff)
        .where(*wanted)
        .order_by(JournalEntry.id.desc())
        .limit(limit + 1)
    ).all()
    rows = tuple(_taken(row.at, row.name or row.email or "", row.after) for row in found[:limit])
    return TakenPage(rows, found[limit - 1].id if len(found) > limit else None)


def _taken(at: datetime, who: str, noted: Mapping[str, Any]) -> Taken:
    sessions = noted.get("sessions")
    return Taken(
        at,
        who,
        noted["format"],
        noted["rows"],
        tuple(noted["columns"]),
        None if sessions is None else tuple(sessions),
        tuple(noted.get("chosen_by", ())),
    )
