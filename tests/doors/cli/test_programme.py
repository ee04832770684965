"""Programmes out by the program."""

from __future__ import annotations

import csv
import json
import stat
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session

from forumreg.adapters.schedule.columns import held_of, list_of, speakers_of
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import SpeakerDraft, TrackDraft
from tests.builders import a_session, an_event
from tests.doors.cli.conftest import Forumreg

SPEAKERS = (SpeakerDraft("=Ana", "Mayor; City | Region", "Pasto"), SpeakerDraft("Bo"))


@pytest.fixture
def event(session: Session) -> EventFacts:
    """A forum with a session that says everything, and a draft."""
    full = a_session(
        "full",
        title={"en": "=1+1", "fr": "Tout"},
        abstract={"pt": "Uma linha\nOutra linha"},
        track="jobs",
        capacity=30,
        interpreted=("ar",),
        speakers=SPEAKERS,
        held={"press": 5},
        lead="ILO",
    )
    draft = a_session("draft", "2015-10-15T09:00", "2015-10-15T10:00", visibility="draft", booking="none", room=None)
    return an_event(session, sessions=(full, draft), tracks=(TrackDraft("jobs", {"en": "Jobs"}),))


def test_the_sheet_has_every_session_and_everything_of_it(
    forumreg: Forumreg, event: EventFacts, tmp_path: Path
) -> None:
    file = tmp_path / "programme.csv"

    result = forumreg("programme", "export", event.slug, "--format", "csv", "-o", str(file))

    draft, full = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines(keepends=True))
    assert (result.exit_code, result.output, stat.S_IMODE(file.stat().st_mode)) == (0, "", 0o600)
    assert (draft["id"], draft["visibility"], draft["booking"], draft["room"]) == ("draft", "draft", "none", "")
    assert (speakers_of(full.pop("speakers")), held_of(full.pop("held"))) == (SPEAKERS, {"press": 5})
    assert full.pop("guid") == event.sessions[0].guid
    assert list_of(full["languages"]) == ("en", "fr")
    assert full == {
        "id": "full",
        "title_en": "\u200b=1+1",
        "title_fr": "Tout",
        "title_pt": "",
        "abstract_en": "",
        "abstract_fr": "",
        "abstract_pt": "Uma linha\nOutra linha",
        "kind": "panel",
        "track": "Jobs",
        "room": "Great Hall",
        "starts_at": "2015-10-16T09:30:00+02:00",
        "ends_at": "2015-10-16T11:00:00+02:00",
        "capacity": "30",
        "languages": "en; fr",
        "interpreted": "ar",
        "booking": "open",
        "visibility": "public",
        "lead": "ILO",
    }
    assert datetime.fromisoformat(full["starts_at"]) == event.sessions[0].starts_at


def test_the_public_forms_hold_no_draft(forumreg: Forumreg, event: EventFacts) -> None:
    xml, told, ics = (
        forumreg("programme", "export", event.slug, "--format", form) for form in ("frab-xml", "frab-json", "ics")
    )

    days = json.loads(told.stdout)["schedule"]["conference"]["days"]
    assert [entry.findtext("title") for entry in ET.fromstring(xml.stdout).iter("event")] == ["=1+1"]  # noqa: S314 (ours)
    assert [item["title"] for day in days for room in day["rooms"].values() for item in room] == ["=1+1"]
    assert [str(entry["SUMMARY"]) for entry in Calendar.from_ical(ics.stdout).walk("VEVENT")] == ["=1+1"]


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (("nowhere", "--format", "csv"), 1, "forumreg: no event has this slug\n"),
        (("forum", "--format", "csv", "-o", "/nowhere/file"), 1, "forumreg: /nowhere/"),
    ],
)
def test_what_cannot_be_written_is_told_in_one_line(
    forumreg: Forumreg, event: EventFacts, words: tuple[str, ...], code: int, line: str
) -> None:
    result = forumreg("programme", "export", *words)

    assert event.slug == "forum"
    assert (result.exit_code, result.stderr.count("\n")) == (code, 1)
    assert result.stderr.startswith(line)
