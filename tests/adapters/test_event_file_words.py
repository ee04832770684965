"""What event files say of themselves: schema, rule, demo and documentation hold the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from forumreg.adapters.event_file.reading import read
from forumreg.adapters.event_file.shape import SCHEMA, keys_of
from forumreg.adapters.event_file.writing import write
from forumreg.base.codes import COUNTRIES, LANGUAGES
from forumreg.rules.event import drafts
from forumreg.rules.event.drafts import (
    EventDraft,
    ShowIf,
)

ROOT = Path(__file__).parents[2]
DEMO = sorted((ROOT / "forumreg" / "demo" / "events").glob("*.json"))
OBJECTS = (
    "event",
    "registration",
    "limits",
    "organisation",
    "category",
    "field",
    "option",
    "show_if",
    "room",
    "track",
    "speaker",
    "session",
)


@pytest.mark.parametrize("name", OBJECTS)
def test_unknown_keys_are_refused_everywhere(name: str) -> None:
    shape = SCHEMA if name == "event" else SCHEMA["$defs"][name]

    assert shape["additionalProperties"] is False


def test_the_demo_asks_every_kind_of_question_in_english_and_french() -> None:
    questions = [question for path in DEMO for question in read(path.read_bytes()).fields]
    bare = [
        question.key
        for question in questions
        for words in (question.label, question.help, question.purpose, *(o.label for o in question.options))
        if not {"en", "fr"} <= set(words)
    ]

    assert {question.kind for question in questions} == set(drafts.FIELD_KINDS)
    assert bare == []


def test_the_demo_speaks_english_and_french_of_every_event() -> None:
    spoken = {
        path.stem: [
            set(words)
            for event in [read(path.read_bytes())]
            for words in (event.title, event.summary, event.description, event.privacy_notice)
            if not set(event.languages) <= set(words) or not {"en", "fr"} <= set(words)
        ]
        for path in DEMO
    }

    assert spoken == {path.stem: [] for path in DEMO}


def test_no_session_of_the_demo_books_more_than_its_room_holds() -> None:
    crowded = [
        session.id
        for path in DEMO
        for event in [read(path.read_bytes())]
        for session in event.sessions
        for room in event.rooms
        if room.id == session.room and (session.capacity or 0) > (room.capacity or 0)
    ]

    assert crowded == []


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("event", "kind"), drafts.EVENT_KINDS),
        (("event", "status"), drafts.STATUSES),
        (("event", "visibility"), drafts.VISIBILITIES),
        (("event", "accent"), drafts.ACCENTS),
        (("registration", "approval"), drafts.APPROVALS),
        (("organisation", "role"), drafts.ROLES),
        (("category", "approval"), drafts.APPROVALS),
        (("category", "visibility"), drafts.VISIBILITIES),
        (("field", "kind"), drafts.FIELD_KINDS),
        (("field", "audience"), drafts.AUDIENCES),
        (("session", "kind"), drafts.SESSION_KINDS),
        (("session", "booking"), drafts.BOOKINGS),
        (("session", "visibility"), drafts.SESSION_VISIBILITIES),
    ],
)
def test_schema_and_rule_know_the_same_words(place: tuple[str, str], words: tuple[str, ...]) -> None:
    assert tuple(shape_of(place[0])["properties"][place[1]]["enum"]) == words


@pytest.mark.parametrize("name", OBJECTS)
def test_schema_and_drafts_have_the_same_keys(name: str) -> None:
    kind = {"event": EventDraft, "show_if": ShowIf}.get(name) or getattr(drafts, f"{name.title()}Draft")
    keys_of_draft = {field.name.removesuffix("_") for field in dataclass_fields(kind)}

    assert set(keys_of(name)) - {"format"} == keys_of_draft


def test_codes_are_those_that_cldr_can_name() -> None:
    english = Locale("en")

    assert set(english.territories) >= COUNTRIES
    assert {str(tag).partition("_")[0] for tag in english.languages} >= LANGUAGES


def shape_of(name: str) -> Mapping[str, Any]:
    return SCHEMA if name == "event" else SCHEMA["$defs"][name]


def kind_of(entry: Mapping[str, Any]) -> str:
    """What a key holds, in the words of the documentation."""
    if "enum" in entry:
        return ", ".join(f"`{word}`" for word in entry["enum"])
    if "const" in entry:
        return f"`{entry['const']}`"
    if entry.get("type") == "array":
        return f"list of {kind_of(entry['items'])}"
    name = entry.get("$ref", "").rpartition("/")[2]
    if name in OBJECTS:
        return f"[{name}](#{name.replace('_', '-')})"
    if "$ref" in entry and entry.get("type") is None:
        return str(SCHEMA["$defs"][name]["title"])
    plain = {"string": "text", "boolean": "true or false", "integer": "whole number", "object": "an object"}
    return plain[entry["type"]]


def default_of(entry: Mapping[str, Any]) -> str:
    return f"`{json.dumps(entry['default'])}`" if "default" in entry else ""


def table_of(name: str) -> str:
    """The table that ``docs/event-file.md`` must hold for one object."""
    shape = shape_of(name)
    rows = [
        f"| `{key}` | {'yes' if key in shape.get('required', []) else ''} | {kind_of(entry)} |"
        f" {default_of(entry)} | {entry['description']} |"
        for key, entry in shape["properties"].items()
    ]
    return "\n".join(["| key | needed | holds | without it | says |", "| --- | --- | --- | --- | --- |", *rows])


@pytest.mark.parametrize("name", OBJECTS)
def test_every_key_is_documented(name: str) -> None:
    documentation = (ROOT / "docs" / "event-file.md").read_text(encoding="utf-8")

    assert table_of(name) in documentation


def test_the_example_in_the_documentation_is_an_event_file() -> None:
    documentation = (ROOT / "docs" / "event-file.md").read_text(encoding="utf-8")
    example = documentation.partition("```json\n")[2].partition("```")[0]

    assert write(read(example.encode())) == example
