"""A whole scope: its rows as a stream, and its numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forumreg.rules.access import Actor
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.event.reading import facts_by_id
from forumreg.rules.roster import compiling
from forumreg.rules.roster.scopes import Question, Scope, require_question, require_scope
from forumreg.rules.roster.shaping import Value, converts
from forumreg.store.writing import steadily
from forumreg.tables.registration import Registration

CHUNK_ROWS = 500  # held in memory at a time while a file is written


def guarded(session: Session, actor: Actor, scope: Scope, question: Question) -> EventFacts:
    """The scope's event, once it is sure that the actor may ask this of the scope.

    Raises:
        Forbidden: the scope or the question tells the actor more than is allowed.
        NotFound: there is no such event or organisation.
    """
    event = facts_by_id(session, scope.event_id)
    require_scope(actor, scope, event)
    require_question(scope, question)
    return event


def rows(session: Session, actor: Actor, scope: Scope, question: Question) -> Iterator[tuple[Value, ...]]:
    """Every row that the question asks for, in its order, as values along ``scope.keys``; no paging.

    Read in chunks, so memory does not grow with the event. Read it to the end before the session does more.

    Raises:
        Forbidden: the scope or the question tells the actor more than is allowed.
        NotFound: there is no such event or organisation.
    """
    return _stream(session, scope, guarded(session, actor, scope, question), question)


def _stream(session: Session, scope: Scope, event: EventFacts, question: Question) -> Iterator[tuple[Value, ...]]:
    statement = select(*compiling.columns(scope)).where(compiling.chosen(scope, question, event))
    shapes = converts(scope, event)
    ordered = compiling.in_order(statement, question)
    steadily(session)
    for row in session.execute(ordered, execution_options={"yield_per": CHUNK_ROWS}):
        yield tuple(convert(value) for convert, value in zip(shapes, row, strict=True))


def count(session: Session, actor: Actor, scope: Scope, question: Question | None = None) -> int:
    """How many rows the scope has, or of those, how many the question asks for.

    Raises:
        Forbidden: the scope or the question tells the actor more than is allowed.
        NotFound: there is no such event or organisation.
    """
    asked = question or Question()
    event = guarded(session, actor, scope, asked)
    counted = select(func.count()).select_from(Registration).where(compiling.chosen(scope, asked, event))
    return session.scalar(counted) or 0


def agreed_before(session: Session, actor: Actor, scope: Scope) -> Mapping[str, int]:
    """How many of the scope's people agreed before a column or question was named, by its key; one query.

    Raises:
        Forbidden: the scope tells the actor more than is allowed.
        NotFound: there is no such event or organisation.
    """
    event = guarded(session, actor, scope, Question())
    keys = [key for key in scope.keys if scope.needs_leave(key)]
    if not keys:
        return {}
    uncovered = (func.count().filter(~compiling.covers(scope, key)) for key in keys)
    numbers = session.execute(select(*uncovered).select_from(Registration).where(*compiling.rows_of(scope, event)))
    return {key: number for key, number in zip(keys, numbers.one(), strict=True) if number}


def not_consenting(session: Session, actor: Actor, scope: Scope) -> int:
    """How many people of the scope's event and statuses did not agree to share, or took it back.

    Raises:
        Forbidden: the scope tells the actor more than is allowed.
        NotFound: there is no such event or organisation.
    """
    event = guarded(session, actor, scope, Question())
    if scope.consent_to is None:
        return 0
    without = compiling.people_of(scope, event)
    counted = select(func.count()).select_from(Registration).where(*without, ~compiling.agreed(scope.consent_to))
    return session.scalar(counted) or 0
