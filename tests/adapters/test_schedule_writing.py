"""schedule.xml and schedule.json: valid against the published schemas, and saying what the programme says."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from jsonschema import Draft6Validator, FormatChecker

from forumreg.adapters.schedule.items import Schedule, schedule_of
from forumreg.adapters.schedule.names import own_id, without_own
from forumreg.adapters.schedule.writing_json import schedule_json
from forumreg.adapters.schedule.writing_xml import schedule_xml
from forumreg.rules.event.facts import EventFacts, RoomFacts, SpeakerFacts, TrackFacts
from tests.groups import schemas
from tests.letters import a_session_facts, an_event_facts

BASE = "https://forum.example.org"
HALL, ANNEX = RoomFacts(1, "hall", 1, {"en": "Great Hall"}, 100), RoomFacts(2, "annex", 1, {"en": "Annex"}, None)
TRACK = TrackFacts(1, "jobs", 1, {"en": "Jobs & work", "fr": "Emploi"})
LONG = "Ж" * 300
HOSTILE = (
    "<script>alert(1)</script> ]]> & \"quoted\" 'so'",
    "\u202eכותרת מימין לשמאל\u202c \u200f",
    LONG,
    "bell \x07 null \x00 escape \x1b vertical \x0b",
    "\ufffe\uffff 🦉 \u2028 end",
)
BROUGHT: dict[str, Any] = {
    "id": 4711,
    "code": "ABC123",
    "slug": "forum-4711-opening_session",
    "subtitle": "A subtitle",
    "description": "A longer text.",
    "type": "lecture",
    "logo": "https://example.org/logo.png",
    "url": "https://example.org/talk/4711",
    "recording_license": "CC-BY",
    "do_not_record": True,
    "do_not_stream": False,
    "feedback_url": "https://example.org/feedback",
    "links": [{"url": "https://example.org/paper", "title": "Paper", "type": "paper"}],
    "attachments": [{"url": "https://example.org/slides.pdf", "title": "Slides"}],
    "persons": [{"name": "Ana Pérez", "id": 12, "guid": "6b8a1b3e-0f0e-4b57-9f59-0d8f0a6f7a11", "biography": "Mayor."}],
}
MISSHAPEN: dict[str, Any] = {
    "id": -3,
    "code": "lower case",
    "slug": 7,
    "subtitle": ["a"],
    "type": None,
    "logo": "javascript:alert(1)",
    "url": "ftp://example.org",
    "recording_license": {"a": 1},
    "do_not_record": "maybe",
    "links": [{"url": "javascript:alert(1)"}, "x", {"url": "https://example.org/ not one"}, {"title": "t"}],
    "attachments": {"url": "https://example.org"},
    "persons": [{"name": "Ana Pérez", "guid": "nobody", "id": "x"}, 3],
}


def a_programme(**changes: Any) -> EventFacts:
    """Three sessions on two days, one of them without a room, one over midnight."""
    ana, bo = SpeakerFacts("Ana Pérez", "Mayor", "City of Pasto"), SpeakerFacts("Bo", "", "")
    night = datetime(2015, 10, 15, 20, 30, tzinfo=UTC)
    sessions = (
        a_session_facts(1, room=HALL, track=TRACK, speakers=(ana, bo), languages=("en", "fr")),
        a_session_facts(2, room=None, speakers=(ana,)),
        a_session_facts(3, room=ANNEX, starts_at=night, ends_at=night + timedelta(hours=4), abstract={"fr": "Nuit."}),
    )
    return an_event_facts(**{"sessions": sessions, "rooms": (HALL, ANNEX), "tracks": (TRACK,), **changes})


def the_schedule(event: EventFacts, language: str = "en") -> Schedule:
    return schedule_of(event, base_url=BASE, language=language, program="0.1.0")


def items_of(content: bytes) -> dict[str, dict[str, Any]]:
    """The items of schedule.json by guid."""
    days = json.loads(content)["schedule"]["conference"]["days"]
    return {item["guid"]: item for day in days for room in day["rooms"].values() for item in room}


def with_first(event: EventFacts, **changes: Any) -> EventFacts:
    """The event with something else in its first session."""
    sessions = (replace(event.sessions[0], **changes), *event.sessions[1:])
    return replace(event, sessions=sessions, planned=sessions)


PROGRAMMES = {
    "plain": a_programme(),
    "empty": a_programme(sessions=()),
    "short name, odd zone": a_programme(slug="x", timezone="Etc/GMT+5"),
    "brought in": with_first(a_programme(), extra=BROUGHT),
    "misshapen": with_first(a_programme(), extra=MISSHAPEN),
    "long": with_first(a_programme(), ends_at=datetime(2015, 10, 22, tzinfo=UTC)),
    **{
        f"hostile {number}": with_first(
            a_programme(title={"en": text}, rooms=(replace(HALL, name={"en": text}), ANNEX)),
            title={"en": text},
            abstract={"en": text},
            room=replace(HALL, name={"en": text}),
            track=replace(TRACK, title={"en": text}),
            speakers=(SpeakerFacts(text, text, text),),
            extra={"subtitle": text, "type": text, "description": text},
        )
        for number, text in enumerate(HOSTILE)
    },
    "twice the same": a_programme(
        sessions=tuple(a_session_facts(number, extra={**BROUGHT, "url": ""}) for number in (1, 2))
    ),
}


@pytest.mark.schemas
@pytest.mark.parametrize("name", PROGRAMMES)
def test_both_files_are_valid_against_the_published_schemas(name: str) -> None:
    folder, schedule = schemas(), the_schedule(PROGRAMMES[name])
    assert folder is not None

    xml, told = schedule_xml(schedule), json.loads(schedule_json(schedule))

    found = [str(error.reason) for error in xmlschema.XMLSchema(folder / "schedule.xml.xsd").iter_errors(xml.decode())]
    schema = json.loads((folder / "schema.json").read_text("utf-8"))
    said = [error.message for error in Draft6Validator(schema, format_checker=FormatChecker()).iter_errors(told)]
    assert (found, said) == ([], [])


def test_an_item_says_when_where_and_who() -> None:
    event = a_programme()

    item = items_of(schedule_json(the_schedule(event)))[event.sessions[0].guid]

    assert {name: value for name, value in item.items() if name != "persons"} == {
        "id": own_id(event.sessions[0].guid),
        "guid": event.sessions[0].guid,
        "date": "2015-10-15T09:00:00+02:00",
        "start": "09:00",
        "end": "2015-10-15T10:00:00+02:00",
        "duration": "01:00",
        "room": "Great Hall",
        "slug": "forum-s1",
        "url": f"{BASE}/events/forum/sessions/s1",
        "title": "Session 1",
        "subtitle": "",
        "track": "Jobs & work",
        "type": "panel",
        "language": "en, fr",
        "abstract": "",
        "links": [],
        "attachments": [],
    }
    assert [(one["name"], one.get("title"), one.get("organisation")) for one in item["persons"]] == [
        ("Ana Pérez", "Mayor", "City of Pasto"),
        ("Bo", None, None),
    ]


def test_a_speaker_is_the_same_person_in_every_session_and_in_both_files() -> None:
    schedule = the_schedule(a_programme())

    told = items_of(schedule_json(schedule)).values()
    in_json = {(one["name"], one["id"], one["guid"]) for item in told for one in item["persons"]}
    root = ET.fromstring(schedule_xml(schedule))  # noqa: S314 (ours)
    in_xml = {(one.text, int(one.attrib["id"]), one.attrib["guid"]) for one in root.iter("person")}

    assert in_xml == in_json
    assert len(in_xml) == 2


def test_days_are_all_of_the_event_with_their_rooms_in_its_order() -> None:
    days = json.loads(schedule_json(the_schedule(a_programme())))["schedule"]["conference"]["days"]

    assert [(day["index"], day["date"], list(day["rooms"])) for day in days] == [
        (1, "2015-10-15", ["Great Hall", "Annex", ""]),
        (2, "2015-10-16", []),
        (3, "2015-10-17", []),
        (4, "2015-10-18", []),
    ]
    assert (days[0]["day_start"], days[0]["day_end"]) == ("2015-10-15T09:00:00+02:00", "2015-10-16T02:30:00+02:00")


def test_words_come_in_the_language_that_is_asked_for_else_in_what_there_is() -> None:
    event = a_programme()

    told = items_of(schedule_json(the_schedule(event, "fr")))

    assert [(told[entry.guid]["track"], told[entry.guid]["abstract"]) for entry in event.sessions] == [
        ("Emploi", ""),
        (None, ""),
        (None, "Nuit."),
    ]


def test_what_was_brought_in_goes_out_again_under_its_own_names() -> None:
    event = with_first(a_programme(), extra=BROUGHT)
    schedule = the_schedule(event)

    told = items_of(schedule_json(schedule))[event.sessions[0].guid]

    same = BROUGHT.keys() - {"persons", "url", "recording_url"}
    assert {name: told[name] for name in same} == {name: BROUGHT[name] for name in same}
    assert (told["origin_url"], told["persons"][0]["biography"], told["persons"][0]["id"]) == (
        BROUGHT["url"],
        "Mayor.",
        12,
    )
    entry = ET.fromstring(schedule_xml(schedule)).find(".//event[@id='4711']")  # noqa: S314 (ours)
    assert entry is not None
    assert entry.attrib["code"] == "ABC123"
    assert [entry.findtext(path) for path in ("subtitle", "type", "recording/license", "recording/optout")] == [
        "A subtitle",
        "lecture",
        "CC-BY",
        "true",
    ]
    assert [(one.attrib, one.text) for one in entry.iter("link")] == [
        ({"href": "https://example.org/paper", "type": "paper"}, "Paper")
    ]


def test_our_own_file_brings_nothing_new() -> None:
    event = a_programme()

    told = items_of(schedule_json(the_schedule(event)))

    for entry in event.sessions:
        said = {name: value for name, value in told[entry.guid].items() if name in BROUGHT}
        assert without_own(said, event.slug, entry.key, entry.guid, entry.kind.value) == {}


def test_a_thousand_five_hundred_sessions_have_numbers_of_their_own() -> None:
    sessions = tuple(
        a_session_facts(1, id=n, key=f"k{n}", guid=str(uuid.UUID(int=n)), extra={"id": 5} if n % 3 else {})
        for n in range(1500)
    )
    event = a_programme(sessions=sessions)

    items = items_of(schedule_json(the_schedule(event)))

    assert len({item["id"] for item in items.values()}) == 1500
