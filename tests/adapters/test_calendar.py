"""Calendar files as two readers read them: icalendar, and a small one of our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from forumreg.adapters.calendar import event_calendar, programme_calendar, registration_calendar
from forumreg.rules.event.facts import EventFacts
from forumreg.rules.registration.letters import RegistrationLetter
from forumreg.tables.event import EventStatus
from forumreg.tables.registration import Status
from tests.letters import MOMENT, a_registration_letter, a_session_facts, an_event_facts

BASE = "https://forum.example.org:8443"


def the_file(event: EventFacts, registration: RegistrationLetter) -> bytes:
    return registration_calendar(event, registration, base_url=BASE, language="en", moment=MOMENT)


def lines_of(content: bytes) -> list[str]:
    """The unfolded lines; RFC 5545, 3.1."""
    return content.decode().replace("\r\n ", "").split("\r\n")


def components(content: bytes, kind: str = "VEVENT") -> list[dict[str, str]]:
    """The second reader: properties by name with their parameters, of each component of the kind."""
    found: list[dict[str, str]] = []
    inside = False
    for line in lines_of(content):
        if line == f"BEGIN:{kind}":
            inside = True
            found.append({})
        elif line == f"END:{kind}":
            inside = False
        elif inside:
            name, _, value = line.partition(":")
            found[-1][name] = value
    return found


def test_a_registration_is_the_event_and_the_seats() -> None:
    event = an_event_facts()

    content = the_file(event, a_registration_letter(event))

    shared = {
        "DTSTAMP": "20150901T070000Z",
        "SEQUENCE": "2",
        "STATUS": "CONFIRMED",
        "LAST-MODIFIED": "20150901T070000Z",
        'ORGANIZER;CN="Forum on Examples"': "mailto:forum@example.org",
        "URL": f"{BASE}/events/forum/",
    }
    assert components(content) == [
        shared
        | {
            "UID": "tur-7k3m-9qxa@forum.example.org",
            "SUMMARY": "Forum on Examples",
            "DTSTART;VALUE=DATE": "20151015",
            "DTEND;VALUE=DATE": "20151019",
            "TRANSP": "TRANSPARENT",
            "LOCATION": "Lingotto\\, Turin",
            "DESCRIPTION": "Four days.",
        },
        shared
        | {
            "UID": "tur-7k3m-9qxa.s1@forum.example.org",
            "SUMMARY": "Session 1",
            "DTSTART;TZID=Europe/Rome": "20151015T090000",
            "DTEND;TZID=Europe/Rome": "20151015T100000",
            "LOCATION": "Sala Po\\, Lingotto\\, Turin",
        },
    ]
    assert "METHOD:PUBLISH" in lines_of(content)


def test_the_library_reads_the_same_instants() -> None:
    event = an_event_facts()

    calendar = Calendar.from_ical(the_file(event, a_registration_letter(event)))

    starts = [entry["dtstart"].dt for entry in calendar.walk("VEVENT")]
    assert starts == [date(2015, 10, 15), datetime(2015, 10, 15, 7, 0, tzinfo=UTC)]
    assert calendar.get_missing_tzids() == set()


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("Europe/Rome", datetime(2015, 10, 15, 7, 0, tzinfo=UTC)),
        ("Europe/Rome", datetime(2015, 10, 25, 0, 30, tzinfo=UTC)),  # the last hour of summer time
        ("Africa/Casablanca", datetime(2015, 6, 20, 9, 0, tzinfo=UTC)),  # summer time pauses in Ramadan
        ("America/Bogota", datetime(2015, 10, 15, 14, 0, tzinfo=UTC)),  # none at all
        ("Asia/Kathmandu", datetime(2026, 1, 2, 3, 0, tzinfo=UTC)),
        ("America/St_Johns", datetime(2026, 3, 8, 12, 0, tzinfo=UTC)),
    ],
)
def test_the_rules_of_the_zone_in_the_file_agree_with_the_zone(zone: str, moment: datetime) -> None:
    session = a_session_facts(1, starts_at=moment, ends_at=moment.replace(minute=45))
    event = an_event_facts(timezone=zone, sessions=(session,))

    content = programme_calendar(event, base_url=BASE, language="en", moment=MOMENT)

    text = content.decode().replace("\r\n ", "").replace("\r\n", "\n")
    told = tzical(StringIO(text)).get(zone)
    local = moment.astimezone(event.zone).replace(tzinfo=None)
    assert told is not None
    assert local.replace(tzinfo=told).utcoffset() == local.replace(tzinfo=event.zone).utcoffset()


def test_a_programme_without_sessions_holds_the_event_itself() -> None:
    event = an_event_facts(sessions=())

    whole = event_calendar(event, base_url=BASE, language="en", moment=MOMENT)

    assert programme_calendar(event, base_url=BASE, language="en", moment=MOMENT) == whole


def test_a_session_that_was_left_is_cancelled_under_its_uid() -> None:
    event = an_event_facts()
    letter = a_registration_letter(event, left=(event.sessions[0], event.sessions[2]), sequence=3)

    content = the_file(event, letter)

    standing = {entry["UID"].split("@")[0]: (entry["STATUS"], entry["SEQUENCE"]) for entry in components(content)}
    assert standing == {
        "tur-7k3m-9qxa": ("CONFIRMED", "3"),
        "tur-7k3m-9qxa.s1": ("CONFIRMED", "3"),  # left and taken again: the seat counts
        "tur-7k3m-9qxa.s3": ("CANCELLED", "3"),
    }


def test_a_cancelled_registration_takes_everything_back() -> None:
    event = an_event_facts()
    letter = a_registration_letter(event, status=Status.CANCELLED, sessions=(), left=event.sessions[:1])

    content = the_file(event, letter)

    assert "METHOD:CANCEL" in lines_of(content)
    assert [entry["STATUS"] for entry in components(content)] == ["CANCELLED", "CANCELLED"]
    assert all(entry.keys() >= {"UID", "DTSTAMP", "SEQUENCE"} for entry in components(content))


@pytest.mark.parametrize("status", [Status.PENDING, Status.WAITLISTED])
def test_who_has_no_place_yet_is_tentative(status: Status) -> None:
    event = an_event_facts()

    content = the_file(event, a_registration_letter(event, status=status))

    assert {entry["STATUS"] for entry in components(content)} == {"TENTATIVE"}


def test_a_cancelled_event_is_cancelled_in_every_file() -> None:
    event = an_event_facts(status=EventStatus.CANCELLED)

    files = [
        event_calendar(event, base_url=BASE, language="en", moment=MOMENT),
        programme_calendar(event, base_url=BASE, language="en", moment=MOMENT),
        the_file(event, a_registration_letter(event)),
    ]

    assert {entry["STATUS"] for content in files for entry in components(content)} == {"CANCELLED"}


def test_lines_are_short_and_say_what_was_meant() -> None:
    title = 'Développement économique local \u200fمنتدى\u200f 日本語の長い題名、; \\ "x" ' * 6
    session = a_session_facts(1, title={"en": title + "\r\nATTENDEE:mailto:x@example.org\x00"})
    event = an_event_facts(title={"en": 'A "quoted"; forum: of, all' + "ü" * 80}, sessions=(session,))

    content = programme_calendar(event, base_url=BASE, language="en", moment=MOMENT)

    assert max(len(line) for line in content.split(b"\r\n")) <= 75  # octets; RFC 5545, 3.1
    assert b"\n" not in content.replace(b"\r\n", b"")
    entry = Calendar.from_ical(content).walk("VEVENT")[0]
    assert "attendee" not in entry
    assert str(entry["summary"]).startswith("Développement économique local")


def test_the_words_are_the_readers_with_the_events_as_fallback() -> None:
    event = an_event_facts()

    in_french = event_calendar(event, base_url=BASE, language="fr", moment=MOMENT)
    in_swahili = event_calendar(event, base_url=BASE, language="sw", moment=MOMENT)

    summaries = [components(content)[0]["SUMMARY"] for content in (in_french, in_swahili)]
    assert summaries == ["Forum des exemples", "Forum on Examples"]


def test_an_event_without_a_contact_has_no_organizer() -> None:
    event = replace(an_event_facts(), contact_email="")

    content = event_calendar(event, base_url=BASE, language="en", moment=MOMENT)

    assert not [line for line in lines_of(content) if line.startswith("ORGANIZER")]
