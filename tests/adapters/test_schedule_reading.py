"""Schedule files of other programs become a programme; what is wrong in them is named with its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from forumreg.adapters.schedule.reading import read
from forumreg.adapters.schedule.reading_words import SENTENCES, sentence
from forumreg.base.errors import Invalid, Refused
from forumreg.rules.event.drafts import RoomDraft, SpeakerDraft
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.event.reading import forget_all
from forumreg.rules.planning import compare
from forumreg.store.engine import make_engine, make_sessions
from tests.builders import a_session, an_event
from tests.schedules import schedule_json, schedule_xml, sessions_of

BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
PLAIN_DTD = '<!DOCTYPE schedule SYSTEM "schedule.dtd">'


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Session]:
    """A database that every test here only reads."""
    path = tmp_path_factory.mktemp("reading") / "reading.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    engine = make_engine(f"sqlite:///{path}")
    forget_all()
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()


@pytest.fixture(scope="module")
def event(store: Session) -> EventFacts:
    """A forum with an opening in the Great Hall."""
    return an_event(store, sessions=(a_session("opening", title={"en": "Opening", "fr": "Ouverture"}),))


def wrong(blob: bytes, event: EventFacts) -> list[str]:
    """What a file is refused for."""
    with pytest.raises(Invalid) as refused:
        read(blob, event)
    return [sentence(problem) for problem in refused.value.problems]


@pytest.mark.parametrize("write", [schedule_xml, schedule_json])
def test_a_schedule_of_another_program_becomes_sessions(write, event: EventFacts) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    brought = read(write(sessions_of(3, rooms=2)), event)

    first, *_others = brought.programme.sessions
    assert len(brought.programme.sessions) == 3
    assert (first.id, first.kind, first.room, first.track) == (
        "talk-0-developpement-local-et-emploi",
        "panel",
        "room-1",
        "track-1",
    )
    assert (first.starts_at, first.ends_at) == (
        datetime(2015, 10, 15, 7, 0, tzinfo=UTC),
        datetime(2015, 10, 15, 7, 50, tzinfo=UTC),
    )
    assert first.speakers == (SpeakerDraft("Speaker 0-0"), SpeakerDraft("Speaker 0-1"))
    assert (first.languages, first.visibility, first.booking) == (("en",), "public", "none")


def test_what_we_have_no_field_for_is_kept_under_its_name(event: EventFacts) -> None:
    (session,) = sessions_of(1)
    session |= {"subtitle": "A beginning", "answers": [{"question": 1, "answer": "yes"}]}

    brought = read(schedule_json([session]), event)

    extra = brought.programme.sessions[0].extra
    assert extra["subtitle"] == "A beginning"
    assert extra["answers"] == [{"question": 1, "answer": "yes"}]
    assert (extra["type"], extra["id"], extra["code"]) == ("Lecture", 1, "000001")
    assert extra["persons"][0] == {
        "name": "Speaker 0-0",
        "id": 0,
        "guid": session["persons"][0]["guid"],
        "biography": "Works.",
    }
    assert brought.kept["answers"] == brought.kept["subtitle"] == 1


def test_an_element_that_nobody_knows_is_kept_too(event: EventFacts) -> None:
    blob = schedule_xml(sessions_of(1)).replace(b"<persons>", b"<stage light='dim'><lamp>3</lamp></stage><persons>")

    brought = read(blob, event)

    assert brought.programme.sessions[0].extra["stage"] == {"light": "dim", "lamp": "3"}


def test_what_is_no_part_of_a_session_is_named(event: EventFacts) -> None:
    xml = read(schedule_xml(sessions_of(1), conference="<logo>https://example.org/a.png</logo>"), event)
    rooms = [{"name": "Room 1", "guid": "d0f7b9a0-0000-4000-8000-000000000001", "capacity": 40}]
    of_json = read(schedule_json(sessions_of(1), rooms=rooms, keywords=["jobs"]), event)

    assert xml.named == {"conference/logo": 1}
    assert of_json.named == {"conference/keywords": 1, "room/guid": 1}
    assert RoomDraft("room-1", {"en": "Room 1"}, 40) in of_json.programme.rooms


def test_a_session_is_found_again_by_its_uuid_whatever_else_changed(event: EventFacts) -> None:
    (session,) = sessions_of(1)
    session |= {"guid": event.planned[0].guid, "title": "A new opening", "room": "great hall"}

    brought = read(schedule_xml([session]), event)
    found = compare(event, brought.programme)

    assert (found.added, found.removed, found.rooms_added) == ((), (), ())
    assert brought.programme.sessions[0].title == {"en": "A new opening", "fr": "Ouverture"}
    assert brought.programme.sessions[0].booking == "open"  # the file says nothing of it


def test_without_a_known_uuid_title_and_start_tell_which_it_is(event: EventFacts) -> None:
    (session,) = sessions_of(1)
    session |= {"title": "OUVERTURE", "date": "2015-10-16T09:30:00+02:00", "duration": "01:30"}
    later = {**session, "date": "2015-10-16T10:30:00+02:00"}

    same, other = (compare(event, read(schedule_json([each]), event).programme) for each in (session, later))

    assert (same.added, list(same.changed)) == ((), ["opening"])
    assert other.added == ("ouverture",)


def test_an_hour_after_midnight_belongs_to_the_night_of_its_day(event: EventFacts) -> None:
    (session,) = sessions_of(1)
    session |= {"start": "00:30", "duration": "01:00"}
    blob = schedule_json([session]).replace(session["date"].encode(), b"")

    brought = read(blob, event)

    assert brought.programme.sessions[0].starts_at == datetime(2015, 10, 15, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("local", "said"),
    [
        ("2015-03-29T02:30:00", "Clocks were set forward: 2015-03-29 02:30 did not exist on that day."),
        (
            "2015-10-25T02:30:00",
            "Clocks were set back: 2015-10-25 02:30 came twice on that day. Write the hour with its offset, as "
            "2015-10-25T02:30+02:00 or 2015-10-25T02:30+01:00.",
        ),
    ],
)
def test_an_hour_that_clocks_skip_or_show_twice_is_asked_about(local: str, said: str, event: EventFacts) -> None:
    (session,) = sessions_of(1)

    blob = schedule_json([{**session, "date": local}])

    assert wrong(blob, event) == [f"days[0]/rooms/Room 1[0]/date: {said}"]


@pytest.mark.parametrize("head", [BOMB, OUTSIDE, PLAIN_DTD])
def test_a_document_type_is_refused_before_anything_in_it_is_read(head: str, event: EventFacts) -> None:
    blob = schedule_xml(sessions_of(1), head=head)

    assert wrong(blob, event) == [f"Line 2: {SENTENCES['doctype']}"]


def test_a_deep_file_is_refused(event: EventFacts) -> None:
    xml = b"<schedule>" + b"<a>" * 100_000
    of_json = b'{"schedule":' + b"[" * 200_000

    assert wrong(xml, event) == ["Line 1: The file is nested deeper than 20 levels."]
    assert wrong(of_json, event) == ["The file is nested deeper than 30 levels."]


def test_an_endless_file_is_refused(event: EventFacts) -> None:
    blob = b"<schedule>" + b"<a/>" * 400_000 + b"</schedule>"

    assert wrong(blob, event) == ["Line 1: There are more than 300000 of these."]


def test_a_file_that_was_cut_off_says_so(event: EventFacts) -> None:
    xml, of_json = schedule_xml(sessions_of(3)), schedule_json(sessions_of(3))

    assert wrong(xml[: len(xml) // 2], event)[0].endswith(SENTENCES["cut_off"])
    assert wrong(of_json[: len(of_json) - 9], event) == [f"Line 1: {SENTENCES['cut_off']}"]


@pytest.mark.parametrize(
    ("blob", "said"),
    [
        (b'<?xml version="1.0" encoding="utf-8"?><schedule>\xe9</schedule>', "Line 1: This is not XML."),
        (b'<?xml version="1.0" encoding="x-klingon"?><schedule/>', f"Line 1: {SENTENCES['encoding_unknown']}"),
        (b"<html><body>Sign in</body></html>", f"Line 1, html: {SENTENCES['not_a_schedule']}"),
        (b'{"talks": []}', SENTENCES["not_a_schedule"]),
        (b'{"schedule": {"conference": {"days": [{"rooms": {"A": [}', "Line 1: This is not JSON."),
        (b'{"schedule": NaN}', SENTENCES["not_json"]),
        (b'{"schedule": "\xff"}', f"Line 1: {SENTENCES['encoding']}"),
        (b'{"schedule": {"conference": {"days": []}}}', SENTENCES["empty"]),
        (
            b'{"schedule": {"conference": {"days": [{"rooms": []}]}}}',
            f"days[0]/rooms: {SENTENCES['should_be_object']}",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 of old", SENTENCES["old_book"]),
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused_in_one_sentence(blob: bytes, said: str, event: EventFacts) -> None:
    assert wrong(blob, event) == [said]


@pytest.mark.parametrize("blob", [b"", b"  \n", b"%PDF-1.7 a programme", b"\x89PNG\r\n", b"\x00\x01\x02title,starts"])
def test_a_file_of_no_kind_that_we_know_is_refused(blob: bytes, event: EventFacts) -> None:
    with pytest.raises(Refused, match="unknown_file"):
        read(blob, event)


def test_every_wrong_place_is_named(event: EventFacts) -> None:
    good, long, backwards, nameless = sessions_of(4, rooms=1)
    long["title"] = "x" * 5_000
    backwards |= {"end": "2015-10-15T08:00:00+02:00"}
    nameless["title"] = "  "

    assert wrong(schedule_json([good, backwards, nameless]), event) == [
        f"days[0]/rooms/Room 1[1]/end: {SENTENCES['ends_before_start']}",
        f"days[0]/rooms/Room 1[2]/title: {SENTENCES['title_missing']}",
    ]
    (said,) = wrong(schedule_xml([good, long]), event)
    assert said.endswith("day[1]/room[1]/event[2]/title: The text has 5000 characters; 300 are the most.")
    assert said.startswith("Line 6, ")


def test_one_session_twice_is_refused(event: EventFacts) -> None:
    first, second = sessions_of(2, rooms=1)

    said = wrong(schedule_json([first, {**second, "guid": first["guid"]}]), event)

    assert said == ["days[0]/rooms/Room 1[1]: This is the same session as at days[0]/rooms/Room 1[0]."]


def test_a_control_character_in_what_is_kept_is_refused(event: EventFacts) -> None:
    (session,) = sessions_of(1)

    said = wrong(schedule_json([{**session, "notes": {"deep": ["a\x00b"]}}]), event)

    assert said == [f"days[0]/rooms/Room 1[0]/notes: {SENTENCES['control']}"]


def test_a_file_above_the_limit_is_refused(event: EventFacts) -> None:
    assert wrong(b"<schedule>" + b" " * (10 * 1024 * 1024), event) == ["The file is larger than 10 MB."]


def test_a_schedule_in_utf_16_is_read(event: EventFacts) -> None:
    text = schedule_xml(sessions_of(1)).decode().replace('encoding="utf-8"', 'encoding="utf-16"')

    brought = read(text.encode("utf-16"), event)

    assert brought.programme.sessions[0].title == {"en": "Talk 0: développement local et emploi"}


def test_the_same_file_again_brings_nothing_new(event: EventFacts) -> None:
    blob = schedule_json(sessions_of(40))

    once, again = read(blob, event), read(blob, event)

    assert once == again


@pytest.mark.parametrize("write", [schedule_xml, schedule_json])
def test_a_schedule_of_1500_sessions_in_100_rooms_is_read_whole(write, event: EventFacts) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    brought = read(write(sessions_of(1500, rooms=100)), event)

    assert len({session.id for session in brought.programme.sessions}) == 1500
    assert len(brought.programme.rooms) == 101
    assert json.dumps(brought.kept)
    assert replace(brought, columns=()) == brought
