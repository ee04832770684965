"""Answers to the event's own questions, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _

from forumreg.rules.event import EventFacts, FieldFacts
from forumreg.web import translated
from forumreg.web.when import country_name, day


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and what was answered."""

    label: str
    value: str


def answers_of(event: EventFacts, answers: Mapping[str, Any]) -> list[Answered]:
    """Every answer that was given, in the form's order; last, those whose question is no longer asked."""
    return list(_asked(event, answers)) + [
        Answered(key, str(value)) for key, value in answers.items() if event.find_field(key) is None
    ]


def _asked(event: EventFacts, answers: Mapping[str, Any]) -> Iterator[Answered]:
    for field in event.fields:
        value = answers.get(field.key)
        if value not in (None, "", []):
            yield Answered(translated(field.label), _told(field, value))


def _told(field: FieldFacts, value: Any) -> str:
    labels = {option.value: translated(option.label) for option in field.options}
    match field.kind:
        case "choice":
            return labels.get(value, str(value))
        case "choices":
            return ", ".join(labels.get(each, str(each)) for each in value)
        case "yes-no":
            return _("Yes") if value in (True, "yes") else _("No")
        case "country":
            return country_name(str(value))
        case "date":
            return _day(str(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _day(value: str) -> str:
    try:
        return day(date.fromisoformat(value), form="yMMMMEEEEd")
    except ValueError:
        return value
