"""One page of a scope, by key and not by offset: rows that come or go do not shift it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import false, func, select
from sqlalchemy.orm import Session

from forumreg.rules.access import Actor
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.roster import compiling
from forumreg.rules.roster.compiling import Key
from forumreg.rules.roster.reading import guarded
from forumreg.rules.roster.scopes import MOST_PAGE_ROWS, Question, Scope
from forumreg.rules.roster.shaping import Value, converts
from forumreg.tables.registration import Registration

Row = Mapping[str, Value]
_MACHINERY = 3  # columns before the scope's own: the two of the key, and the cursor


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in order, by column; ``first`` is the place of the first one, from 1, and 0 where there is none.

    ``next`` and ``previous`` are cursors for ``Question.after`` and ``Question.before``, empty at the ends.
    """

    rows: tuple[Row, ...]
    total: int  # in the scope
    filtered: int  # of those, what the question asks for
    first: int
    next: str
    previous: str

    @property
    def last(self) -> int:
        """The place of the last row of the page."""
        return self.first + len(self.rows) - 1 if self.rows else 0


def page(session: Session, actor: Actor, scope: Scope, question: Question) -> Page:
    """One page of the scope; at most four queries, however many rows.

    Raises:
        Forbidden: the scope or the question tells the actor more than is allowed.
        NotFound: there is no such event or organisation.
    """
    event = guarded(session, actor, scope, question)
    asked = replace(question, limit=max(1, min(question.limit, MOST_PAGE_ROWS)))
    start = _start(session, scope, event, asked)
    found = _found(session, scope, event, asked, start)
    shown, is_more = found[: asked.limit], len(found) > asked.limit
    if start is not None and asked.before:
        return _page(session, scope, event, asked, shown[::-1], ends=(is_more, True))
    return _page(session, scope, event, asked, shown, ends=(start is not None, is_more))


def _start(session: Session, scope: Scope, event: EventFacts, question: Question) -> Key | None:
    """Where the cursor's row stands; ``None`` where the scope has it no longer, and the page is the first."""
    cursor = question.before or question.after
    if not cursor:
        return None
    is_row = (*compiling.rows_of(scope, event), Registration.reference == cursor)
    found = session.execute(select(*compiling.key_columns(question)).where(*is_row)).first()
    return Key(*found) if found else None


def _found(
    session: Session, scope: Scope, event: EventFacts, question: Question, start: Key | None
) -> Sequence[Sequence[Any]]:
    """The page's rows and one more, if there is one, away from the start."""
    backwards = start is not None and bool(question.before)
    machinery = (*compiling.key_columns(question), Registration.reference)
    statement = select(*machinery, *compiling.columns(scope)).where(compiling.chosen(scope, question, event))
    if start is not None:
        statement = statement.where(compiling.beyond(question, start, backwards=backwards))
    ordered = compiling.in_order(statement, question, backwards=backwards)
    return session.execute(ordered.limit(question.limit + 1)).all()


def _page(
    session: Session,
    scope: Scope,
    event: EventFacts,
    question: Question,
    shown: Sequence[Sequence[Any]],
    *,
    ends: tuple[bool, bool],
) -> Page:
    """The page; ``ends`` says whether there are rows before it and after it."""
    first = Key(*shown[0][:2]) if shown else None
    total, filtered, before = _numbers(session, scope, event, question, first)
    shapes = converts(scope, event)
    by_column = tuple(
        {key: shape(value) for key, shape, value in zip(scope.keys, shapes, row[_MACHINERY:], strict=True)}
        for row in shown
    )
    return Page(
        by_column,
        total,
        filtered,
        first=before + 1 if shown else 0,
        next=shown[-1][2] if shown and ends[1] else "",
        previous=shown[0][2] if shown and ends[0] else "",
    )


def _numbers(session: Session, scope: Scope, event: EventFacts, question: Question, first: Key | None) -> Sequence[int]:
    """How many in the scope, how many asked for, and how many of those come before the first one shown."""
    asked = compiling.narrowed(scope, question, event)
    earlier = compiling.beyond(question, first, backwards=True) if first else false()
    numbers = select(func.count(), func.count().filter(asked), func.count().filter(asked & earlier))
    found = session.execute(numbers.select_from(Registration).where(*compiling.rows_of(scope, event))).one()
    return list(found)
