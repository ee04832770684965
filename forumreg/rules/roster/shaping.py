"""What the database says, as values that pages and files take."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError

from forumreg.rules.event.facts import EventFacts, FieldFacts, SessionFacts
from forumreg.rules.roster.scopes import Scope
from forumreg.tables.event import FieldKind
from forumreg.tables.registration import Status

# Several answers to one question are a tuple of words, seats a tuple of sessions in the programme's order.
Value = str | int | float | bool | date | datetime | tuple[str, ...] | tuple[SessionFacts, ...] | None
Convert = Callable[[Any], Value]


def converts(scope: Scope, event: EventFacts) -> list[Convert]:
    """One function a column of the scope, in its order."""
    plain = [_CONVERTS.get(column, _plain)(event) for column in scope.columns]
    own = [_answers_to(event.find_field(key)) for key in scope.fields]
    return [*plain, *own]


def _plain(_event: EventFacts) -> Convert:
    return _as_it_is


def _as_it_is(value: Any) -> Value:
    found: Value = value
    return found


def _status(_event: EventFacts) -> Convert:
    def word(status: Status) -> Value:
        return status.value

    return word


def _category(event: EventFacts) -> Convert:
    keys = {category.id: category.key for category in event.categories}

    def key(category_id: int | None) -> Value:
        return keys.get(category_id or 0, "")

    return key


def _country_name(event: EventFacts) -> Convert:
    names = _territories(event.language)

    def name(code: str) -> Value:
        return names.get(code, code)

    return name


@cache
def _territories(language: str) -> Mapping[str, str]:
    try:
        return dict(Locale.parse(language, sep="-").territories)
    except (ValueError, UnknownLocaleError):
        return dict(Locale("en").territories)


def _sessions(event: EventFacts) -> Convert:
    places = {entry.id: place for place, entry in enumerate(event.sessions)}

    def in_programme_order(ids: str | None) -> Value:
        found = sorted(places[int(each)] for each in (ids or "").split() if int(each) in places)
        return tuple(event.sessions[place] for place in found)

    return in_programme_order


_CONVERTS: Mapping[str, Callable[[EventFacts], Convert]] = {
    "status": _status,
    "category": _category,
    "country_name": _country_name,
    "sessions": _sessions,
}


def _answers_to(field: FieldFacts | None) -> Convert:
    return _ANSWERS.get(field.kind, _answer) if field is not None else _answer


def _day(answer: Any) -> Value:
    try:
        return date.fromisoformat(answer)
    except (TypeError, ValueError):
        return _answer(answer)


def _yes_no(answer: Any) -> Value:
    return bool(answer) if isinstance(answer, int) else _answer(answer)  # SQLite reads true out of JSON as 1


def _answer(answer: Any) -> Value:
    if isinstance(answer, list):
        return tuple(str(each) for each in answer)
    return answer if answer is None or isinstance(answer, str | int | float) else str(answer)


_ANSWERS: Mapping[FieldKind, Convert] = {FieldKind.DATE: _day, FieldKind.YES_NO: _yes_no}
