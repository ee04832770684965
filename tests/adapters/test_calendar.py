"""Calendar files as two readers read them: icalendar, and a small one of our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from dateutil.tz import tzical
from icalendar import Calendar

from forumreg.adapters.calendar import event_calendar, programme_calendar, registration_calendar, registration_feed
from forumreg.rules.event.facts import EventFacts, SessionFacts
from forumreg.rules.registration.letters import ChosenSession, FormerSession, RegistrationLetter
from forumreg.tables.booking import BookingStatus
from forumreg.tables.event import EventStatus
from forumreg.tables.registration import Status
from tests.calendars import calendar_of
from tests.letters import MOMENT, a_registration_letter, a_session_facts, an_event_facts

BASE = "https://forum.example.org:8443"
SENDER = "no-reply@example.org"


def the_file(event: EventFacts, registration: RegistrationLetter) -> bytes:
    return registration_calendar(event, registration, base_url=BASE, language="en", moment=MOMENT, sender=SENDER)


def the_feed(event: EventFacts, registration: RegistrationLetter) -> bytes:
    return registration_feed(event, registration, base_url=BASE, language="en", moment=MOMENT, sender=SENDER)


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
        "STATUS": "CONFIRMED",
        "LAST-MODIFIED": "20150901T070000Z",
        'ORGANIZER;CN="Forum on Examples"': "mailto:forum@example.org",
        "URL": f"{BASE}/events/forum/",
    }
    assert components(content) == [
        shared
        | {
            "UID": "tur-7k3m-9qxa@forum.example.org",
            "SEQUENCE": "5",  # the registration's and the event's version: its days may move, too
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
            "SEQUENCE": "2",
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

    content = programme_calendar(event, base_url=BASE, language="en", moment=MOMENT, sender=SENDER)

    text = content.decode().replace("\r\n ", "").replace("\r\n", "\n")
    told = tzical(StringIO(text)).get(zone)
    local = moment.astimezone(event.zone).replace(tzinfo=None)
    assert told is not None
    assert local.replace(tzinfo=told).utcoffset() == local.replace(tzinfo=event.zone).utcoffset()


def test_a_programme_without_sessions_holds_the_event_itself() -> None:
    event = an_event_facts(sessions=())

    programme, whole = (
        Calendar.from_ical(write(event, base_url=BASE, language="en", moment=MOMENT, sender=SENDER))
        for write in (programme_calendar, event_calendar)
    )

    assert programme.events == whole.events != []


def test_a_session_that_was_left_is_cancelled_under_its_uid() -> None:
    event = an_event_facts()
    letter = a_registration_letter(event, left=(event.sessions[0], event.sessions[2]), sequence=3)

    content = the_file(event, letter)

    standing = {entry["UID"].split("@")[0]: (entry["STATUS"], entry["SEQUENCE"]) for entry in components(content)}
    assert standing == {
        "tur-7k3m-9qxa": ("CONFIRMED", "6"),
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
        event_calendar(event, base_url=BASE, language="en", moment=MOMENT, sender=SENDER),
        programme_calendar(event, base_url=BASE, language="en", moment=MOMENT, sender=SENDER),
        the_file(event, a_registration_letter(event)),
    ]

    assert {entry["STATUS"] for content in files for entry in components(content)} == {"CANCELLED"}


def test_lines_are_short_and_say_what_was_meant() -> None:
    title = 'Développement économique local \u200fمنتدى\u200f 日本語の長い題名、; \\ "x" ' * 6
    session = a_session_facts(1, title={"en": title + "\r\nATTENDEE:mailto:x@example.org\x00"})
    event = an_event_facts(title={"en": 'A "quoted"; forum: of, all' + "ü" * 80}, sessions=(session,))

    content = programme_calendar(event, base_url=BASE, language="en", moment=MOMENT, sender=SENDER)

    assert max(len(line) for line in content.split(b"\r\n")) <= 75  # octets; RFC 5545, 3.1
    assert b"\n" not in content.replace(b"\r\n", b"")
    entry = Calendar.from_ical(content).walk("VEVENT")[0]
    assert "attendee" not in entry
    assert str(entry["summary"]).startswith("Développement économique local")


def test_the_words_are_the_readers_with_the_events_as_fallback() -> None:
    event = an_event_facts()

    in_french = event_calendar(event, base_url=BASE, language="fr", moment=MOMENT, sender=SENDER)
    in_swahili = event_calendar(event, base_url=BASE, language="sw", moment=MOMENT, sender=SENDER)

    summaries = [components(content)[0]["SUMMARY"] for content in (in_french, in_swahili)]
    assert summaries == ["Forum des exemples", "Forum on Examples"]


@pytest.mark.parametrize(("contact", "organizer"), [("forum@example.org", "forum@example.org"), ("", SENDER)])
def test_an_event_without_a_contact_is_organized_by_who_sends_its_mails(contact: str, organizer: str) -> None:
    event = replace(an_event_facts(), contact_email=contact)

    files = (
        event_calendar(event, base_url=BASE, language="en", moment=MOMENT, sender=SENDER),
        programme_calendar(event, base_url=BASE, language="en", moment=MOMENT, sender=SENDER),
        the_file(event, a_registration_letter(event)),
    )

    found = {line.rpartition("mailto:")[2] for file in files for line in lines_of(file) if line.startswith("ORGANIZER")}
    assert found == {organizer}


# The feed -------------------------------------------------------------------------------------------------------


def standing(content: bytes) -> dict[str, tuple[str, int]]:
    """What each entry's status and number are, by the part of its UID before the host."""
    events = calendar_of(content).all("VEVENT")
    return {each.text("UID").split("@")[0]: (each.text("STATUS"), int(each.text("SEQUENCE"))) for each in events}


def a_former_session(number: int, session: SessionFacts | None = None) -> FormerSession:
    was = a_session_facts(number)
    return FormerSession(was.key, was.title, was.starts_at, was.ends_at, session)


def test_the_feed_asks_to_be_read_again_every_four_hours() -> None:
    event = an_event_facts()

    calendar = calendar_of(the_feed(event, a_registration_letter(event)))

    assert (calendar.text("REFRESH-INTERVAL"), calendar.params("REFRESH-INTERVAL")) == ("PT4H", "VALUE=DURATION")
    assert (calendar.text("X-PUBLISHED-TTL"), calendar.text("METHOD")) == ("PT4H", "PUBLISH")


def test_seats_that_are_gone_are_cancelled_also_where_their_session_is_gone() -> None:
    event = an_event_facts(version=9)
    former = (a_former_session(3, event.sessions[2]), a_former_session(7))

    content = the_feed(event, a_registration_letter(event, former=former))

    assert standing(content) == {
        "tur-7k3m-9qxa": ("CONFIRMED", 11),
        "tur-7k3m-9qxa.s1": ("CONFIRMED", 2),
        "tur-7k3m-9qxa.s3": ("CANCELLED", 2),
        "tur-7k3m-9qxa.s7": ("CANCELLED", 11),
    }


def test_a_number_never_goes_down_whoever_changes_what() -> None:
    moved = a_session_facts(1, sequence=5)
    calm, busy = an_event_facts(), an_event_facts(version=12, sessions=(moved, a_session_facts(2)))
    gone = an_event_facts(version=13, sessions=(a_session_facts(2),))
    seat = {"sessions": (ChosenSession(moved, BookingStatus.BOOKED, None),)}

    files = [
        the_feed(calm, a_registration_letter(calm)),
        the_feed(calm, a_registration_letter(calm, sequence=3)),
        the_feed(busy, a_registration_letter(busy, sequence=3, **seat)),
        the_feed(busy, a_registration_letter(busy, sequence=4, sessions=(), former=(a_former_session(1, moved),))),
        the_feed(gone, a_registration_letter(busy, sequence=4, sessions=(), former=(a_former_session(1),))),
    ]

    assert [standing(content)["tur-7k3m-9qxa.s1"][1] for content in files] == [2, 3, 8, 9, 17]


def test_a_seat_that_clashes_is_tentative() -> None:
    event = an_event_facts()
    seats = (
        ChosenSession(event.sessions[0], BookingStatus.BOOKED, None),
        ChosenSession(event.sessions[1], BookingStatus.CLASHING, None, event.sessions[0]),
    )

    content = the_feed(event, a_registration_letter(event, sessions=seats))

    assert [status for status, _number in standing(content).values()] == ["CONFIRMED", "CONFIRMED", "TENTATIVE"]


def test_the_feed_of_a_cancelled_registration_stays_a_feed_in_which_all_is_cancelled() -> None:
    event = an_event_facts()
    letter = a_registration_letter(
        event, status=Status.CANCELLED, sessions=(), former=(a_former_session(1, event.sessions[0]),)
    )

    calendar = calendar_of(the_feed(event, letter))

    assert calendar.text("METHOD") == "PUBLISH"
    assert [each.text("STATUS") for each in calendar.all("VEVENT")] == ["CANCELLED", "CANCELLED"]


@pytest.mark.parametrize(
    "title",
    [
        "الحوار الاجتماعي والتنمية الاقتصادية المحلية في المدن المتوسطة والصغيرة " * 4,
        "👩🏽‍🌾 Farmers’ markets 🥕🍅 and 🏘️ neighbourhoods 👨‍👩‍👧‍👦 " * 6,
        "a" * 5000,
        "é" * 33 + "語" * 40 + '; , \\ : " \n x',
    ],
)
def test_titles_of_any_script_are_folded_between_signs_and_both_readers_agree(title: str) -> None:
    session = a_session_facts(1, title={"en": title})
    event = an_event_facts(sessions=(session, a_session_facts(2)))

    content = the_feed(event, a_registration_letter(event))

    ours = next(each for each in calendar_of(content).all("VEVENT") if ".s1@" in each.text("UID"))
    theirs = next(each for each in Calendar.from_ical(content).walk("VEVENT") if ".s1@" in str(each["uid"]))
    assert ours.text("SUMMARY") == str(theirs["summary"]) == " ".join(title.split())
    assert (ours.text("DTSTART"), theirs["dtstart"].dt.isoformat()) == ("20151015T090000", "2015-10-15T09:00:00+02:00")
