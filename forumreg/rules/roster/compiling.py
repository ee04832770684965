"""A scope and a question made into SQL. Consent and column rights are part of the SELECT."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from forumreg.base.folding import clean_line, fold, fold_address
from forumreg.base.references import find_reference
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.roster.scopes import Question, Scope, instant_of
from forumreg.store.types import holds
from forumreg.tables.booking import SEATED, BookingStatus, SessionBooking
from forumreg.tables.registration import Consent, Registration, Status, Submission
from forumreg.tables.seats import SeatPool

MOST_WORDS = 8  # of a search; more narrow nothing that a reader would notice
Condition = ColumnElement[bool]
_DASHES = "-\u2010\u2011\u2012\u2013\u2014"  # as people type them
_NO_DASH = re.compile(f"[{_DASHES}]")


@dataclass(frozen=True, slots=True)
class Key:
    """Where a row stands in an order: the value it is ordered by, and its id."""

    value: Any
    id: int


def _booked_sessions() -> ColumnElement[Any]:
    """The ids of the sessions in which a registrant has a seat, joined by blanks, in no order."""
    return (
        select(func.aggregate_strings(cast(SessionBooking.session_id, String), " "))
        .where(SessionBooking.registration_id == Registration.id)
        .where(SessionBooking.status.in_(SEATED))
        .correlate(Registration)
        .scalar_subquery()
    )


_EXPRESSIONS: Mapping[str, Callable[[], ColumnElement[Any]]] = {
    "reference": lambda: Registration.reference.expression,
    "status": lambda: Registration.status.expression,
    "category": lambda: Registration.category_id.expression,
    "honorific": lambda: Registration.honorific.expression,
    "given_name": lambda: Registration.given_name.expression,
    "family_name": lambda: Registration.family_name.expression,
    "organisation": lambda: Registration.organisation.expression,
    "job_title": lambda: Registration.job_title.expression,
    "country": lambda: Registration.country.expression,
    "country_name": lambda: Registration.country.expression,
    "language": lambda: Registration.language.expression,
    "email": lambda: Registration.email.expression,
    "phone": lambda: Registration.phone.expression,
    "delegation": lambda: literal(""),  # until there are delegations
    "sessions": _booked_sessions,
    "registered_at": lambda: Registration.received_at.expression,
    "checked_in_at": lambda: Registration.checked_in_at.expression,
}


def columns(scope: Scope) -> list[ColumnElement[Any]]:
    """One expression a column of the scope, in its order; nothing else is read.

    Where a scope needs consent, what goes beyond the default columns is read only of those whose consent named it.
    """
    plain = [_covered(scope, column, _EXPRESSIONS[column]()).label(f"column_{column}") for column in scope.columns]
    own = [_covered(scope, key, Registration.answers[key]).label(f"field_{key}") for key in scope.fields]
    return [*plain, *own]


def _covered(scope: Scope, key: str, expression: ColumnElement[Any]) -> ColumnElement[Any]:
    if not scope.needs_leave(key):
        return expression
    nothing = literal("") if isinstance(expression.type, String) else null()
    return case((covers(scope, key), expression), else_=nothing)


def covers(scope: Scope, key: str) -> Condition:
    """Whether the registrant agreed to share this column or answer; without ``consent_to`` nobody is asked."""
    if not scope.needs_leave(key):
        return true()
    return exists().where(*_stands(scope.consent_to), holds(Consent.columns.expression, key))


def chosen(scope: Scope, question: Question, event: EventFacts) -> Condition:
    """The rows of the scope that the question asks for."""
    return and_(*rows_of(scope, event), *_asked(scope, question, event))


def narrowed(scope: Scope, question: Question, event: EventFacts) -> Condition:
    """The question alone, for counting within the rows of the scope."""
    return and_(true(), *_asked(scope, question, event))


def rows_of(scope: Scope, event: EventFacts) -> Iterator[Condition]:
    """The rows of the scope; consent among them."""
    yield from people_of(scope, event)
    if scope.consent_to is not None:
        yield agreed(scope.consent_to)


def people_of(scope: Scope, event: EventFacts) -> Iterator[Condition]:
    """The rows of the scope, whether they agreed or not; for counting only."""
    yield Registration.event_id == scope.event_id
    if scope.statuses:
        yield Registration.status.in_(scope.statuses)
    if scope.categories:
        yield Registration.category_id.in_(_category_ids(event, scope.categories))
    if scope.countries:
        yield Registration.country.in_(scope.countries)
    if scope.sessions:
        yield or_(*(_has_seat_in(event, key) for key in scope.sessions))


def agreed(organisation_id: int) -> Condition:
    """Whether the registrant agreed to share with the organisation and has not taken it back."""
    return exists().where(*_stands(organisation_id))


def _stands(organisation_id: int | None) -> tuple[Condition, ...]:
    return (
        Consent.registration_id == Registration.id,
        Consent.organisation_id == organisation_id,
        Consent.withdrawn_at.is_(None),
    )


def _category_ids(event: EventFacts, keys: tuple[str, ...]) -> list[int]:
    return [category.id for category in event.categories if category.key in keys]


def _asked(scope: Scope, question: Question, event: EventFacts) -> Iterator[Condition]:
    if question.statuses:
        yield Registration.status.in_([status for status in Status if status.value in question.statuses])
    if question.category:
        yield Registration.category_id.in_(_category_ids(event, (question.category,)))
    if question.country:
        yield Registration.country == question.country
    if question.session:
        yield _has_seat_in(event, question.session)
    if question.waits_for:
        yield _is_in(event, question.waits_for, (BookingStatus.WAITLISTED,))
    if question.since:
        yield _came_after(question.since)
    if question.has_room:
        yield _has_room(event)
    if question.search.strip():
        yield _matches(scope, question.search)


def _has_seat_in(event: EventFacts, key: str) -> Condition:
    return _is_in(event, key, SEATED)


def _came_after(since: str) -> Condition:
    at = instant_of(since)
    return Registration.received_at > at if at else false()


def _has_room(event: EventFacts) -> Condition:
    """Who waits for a place though the event and their category have some; an answer's places are not asked."""
    with_room = select(SeatPool.id).where(
        SeatPool.event_id == event.id, SeatPool.capacity.is_(None) | (SeatPool.taken < SeatPool.capacity)
    )
    of_category = (
        case(
            {category.id: category.pool_id for category in event.categories},
            value=Registration.category_id,
            else_=event.pool_id,
        )
        if event.categories
        else literal(event.pool_id)
    )
    return and_(
        Registration.status == Status.WAITLISTED,
        literal(event.pool_id).in_(with_room),
        of_category.in_(with_room),
    )


def _is_in(event: EventFacts, key: str, statuses: tuple[BookingStatus, ...]) -> Condition:
    found = event.find_session(key)
    if found is None:
        return false()
    return exists().where(
        SessionBooking.registration_id == Registration.id,
        SessionBooking.session_id == found.id,
        SessionBooking.status.in_(statuses),
    )


def _matches(scope: Scope, search: str) -> Condition:
    """Every word stands somewhere in what the scope shows, or the whole is a reference that it shows."""
    words = _words(search)
    titles = [_has_title(scope, word) if len(words) > 1 else false() for word in words]  # beside a name alone
    each = (_has_word(scope, word) | title for word, title in zip(words, titles, strict=True))
    by_words = and_(*each) if words else false()
    found = find_reference(search) if "reference" in scope.columns else None
    return or_(by_words, covers(scope, "reference") & _has_reference(found)) if found else by_words


def _words(search: str) -> list[str]:
    """The words, without what pages write between those of a name: "Koné, Awa"."""
    found = (word.strip(",;") for word in clean_line(search).split())
    return [word for word in found if word.strip(_DASHES)][:MOST_WORDS]


def _has_title(scope: Scope, word: str) -> Condition:
    """In the title that pages write before a name."""
    if scope.consent_to is not None and "honorific" not in scope.columns:
        return false()
    return covers(scope, "honorific") & Registration.honorific.icontains(word, autoescape=True)


def _has_reference(reference: str) -> Condition:
    """Its own, or one that a person who was registered already was answered."""
    aliases = select(Submission.registration_id).where(Submission.reference == reference)
    return or_(Registration.reference == reference, Registration.id.in_(aliases))


def _has_word(scope: Scope, word: str) -> Condition:
    """In names and organisation, in address and reference; in each only where it may be seen."""
    places: list[Condition] = [false()]
    if folded := fold(word):
        places += [column.contains(folded, autoescape=True) for column in _folded(scope)]
    if "email" in scope.columns:
        address = fold_address(word) if "@" in word else word.casefold()
        places.append(covers(scope, "email") & Registration.address_key.contains(address, autoescape=True))
    if "reference" in scope.columns and (signs := _NO_DASH.sub("", word.upper())):
        plain = func.replace(Registration.reference, "-", "")
        places.append(covers(scope, "reference") & plain.contains(signs, autoescape=True))
    return or_(*places)


def _folded(scope: Scope) -> Iterator[ColumnElement[str]]:
    """The folded words that hold nothing beyond what the scope shows; the name on the badge is for organizers."""
    if scope.consent_to is None:
        yield Registration.search_key.expression
        return
    if {"given_name", "family_name"} <= set(scope.columns):
        yield Registration.sort_key.expression
    if "organisation" in scope.columns:
        yield Registration.organisation_key.expression


def key_columns(question: Question) -> tuple[ColumnElement[Any], ColumnElement[int]]:
    """What rows are ordered by, and the id that settles a tie."""
    value = Registration.received_at if question.order == "received" else Registration.sort_key
    return value.expression, Registration.id.expression


def in_order(statement: Select[Any], question: Question, *, backwards: bool = False) -> Select[Any]:
    """The statement in the question's order, or against it."""
    down = (question.order == "received") is not backwards
    return statement.order_by(*(each.desc() if down else each.asc() for each in key_columns(question)))


def beyond(question: Question, key: Key, *, backwards: bool = False) -> Condition:
    """The rows that come after the key in the question's order, or before it."""
    value, row_id = key_columns(question)
    if (question.order == "received") is not backwards:
        return and_(value <= key.value, or_(value < key.value, row_id < key.id))
    return and_(value >= key.value, or_(value > key.value, row_id > key.id))
