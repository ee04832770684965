"""The demo's forum says what was published about it: no session is invented, and none differs.

``tests/published/`` holds the plain facts: what a session was called, and its day, hours and room where they were told.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.groups import schemas

FACTS = Path(__file__).parents[1] / "published" / "turin-forum-2015.csv"
# No title of them is known, or no hours; docs/operating.md tells it.
LEFT_OUT = {"F16": "no title", "F19": "no hours", "F20": "no hours", "F21": "no title"}
TOLD = ("kind", "day", "starts", "ends", "room")


def published() -> Mapping[str, Mapping[str, str]]:
    """What was published, by its number."""
    with FACTS.open(encoding="utf-8", newline="") as file:
        return {row["id"]: row for row in csv.DictReader(file)}


def shown() -> Mapping[str, Mapping[str, Any]]:
    """The sessions of the demo's forum but for its breaks, by their English title."""
    forum = json.loads(files("forumreg.demo").joinpath("events/led-forum-2015.json").read_text(encoding="utf-8"))
    sessions = [session for session in forum["sessions"] if session["kind"] != "break"]
    return {title["en"] if isinstance(title := each["title"], dict) else title: each for each in sessions}


def told(session: Mapping[str, Any], facts: Mapping[str, str]) -> dict[str, str]:
    """What the demo says of a session, so far as something was published about it."""
    said = {
        "kind": session["kind"],
        "day": session["starts_at"][:10],
        "starts": session["starts_at"][11:16],
        "ends": session["ends_at"][11:16],
        "room": session.get("room", ""),
    }
    return {name: value for name, value in said.items() if facts[name]}


def test_the_demo_shows_what_was_published_and_nothing_else() -> None:
    wanted = {facts["title"] for number, facts in published().items() if number not in LEFT_OUT}

    assert set(shown()) == wanted
    assert len(wanted) == 17


@pytest.mark.parametrize("number", [number for number in published() if number not in LEFT_OUT])
def test_kind_day_hours_and_room_are_the_published_ones(number: str) -> None:
    facts = published()[number]
    wanted = {name: facts[name] for name in TOLD if facts[name]}

    assert told(shown()[facts["title"]], facts) == wanted


def test_what_is_left_out_has_no_title_or_no_hours() -> None:
    found = {number: facts for number, facts in published().items() if number in LEFT_OUT}

    assert {number: "no hours" if facts["title"] else "no title" for number, facts in found.items()} == LEFT_OUT
    assert [number for number, facts in found.items() if facts["title"] and facts["starts"]] == []


@pytest.mark.schemas
def test_the_facts_are_those_that_were_gathered() -> None:
    folder = schemas()
    assert folder is not None
    gathered = json.loads((folder.parent / "turin-forum-2015.json").read_text(encoding="utf-8"))["sessions_found"]

    assert [tuple(facts.values()) for facts in published().values()] == [plain(session) for session in gathered]


def plain(session: Mapping[str, Any]) -> tuple[str, ...]:
    """A gathered session as the table has it; a title that was not found is empty."""
    title = "" if session.get("title_status") == "unknown" else session["title"]
    hours = [(session[name] or "")[11:16] for name in ("start", "end")]
    return (session["id"], session["type"], title, session["date"] or "", *hours, session["room"] or "")
