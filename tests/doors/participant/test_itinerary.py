"""The own programme: on the page by day, on paper, and in calendars that subscribe."""

from __future__ import annotations

from datetime import timedelta

from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.rules import registration as registrations
from forumreg.rules.access import Participant
from forumreg.tables.event import Event
from forumreg.tables.programme import ProgrammeSession
from tests.builders import NOW, a_registration, a_session, an_event, an_organizer, seats_in
from tests.calendars import calendar_of
from tests.doors.participant.conftest import own_address
from tests.pages import Visitor

SESSIONS = (
    a_session("P", "2015-10-15T09:00", "2015-10-15T10:00", kind="plenary", booking="none"),
    a_session("A", capacity=1),
    a_session("B", "2015-10-16T11:00", "2015-10-16T12:00", interpreted=("ar",)),
)
PAGES_OF_THE_LINK = ("", "change", "sessions", "programme", "sharing", "cancel")


def test_the_page_tells_each_day_with_hours_rooms_and_seats(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    a_registration(store, event, sessions=seats_in("A"))
    mine = a_registration(store, event, sessions=(*seats_in("B"), *seats_in("A", waitlist=True)))

    words = visitor.open(own_address(mine)).words

    parts = [
        "Thursday 15 October",
        "09:00–10:00 Session P Plenary, Great Hall. English, French Open to everyone",
        "Friday 16 October",
        "09:30–11:00 Session A Panel, Great Hall. English, French Waiting, number 1",
        "11:00–12:00 Session B Panel, Great Hall. English, French. Interpretation into: Arabic Seat booked",
    ]
    found = [words.find(part) for part in parts]
    assert -1 not in found
    assert found == sorted(found)


def test_who_has_no_place_yet_reads_what_is_kept_for_them(store: Session, visitor: Visitor) -> None:
    event = an_event(store, capacity=1, sessions=SESSIONS)
    a_registration(store, event)
    mine = a_registration(store, event, accept_waitlist=True, sessions=seats_in("B"))

    pages = [visitor.open(own_address(mine) + page).words for page in ("", "programme")]
    assert ["Asked for, no seat yet" in words for words in pages] == [True, True]
    assert "Kept for you" not in "".join(pages)


def test_who_has_no_place_any_more_has_no_programme_to_print(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    cancelled, declined = (a_registration(store, event, sessions=seats_in("B")) for _ in range(2))
    registrations.cancel(store, Participant(cancelled.id), cancelled.reference, now=NOW)
    registrations.decline(store, an_organizer(event), declined.reference, reason="No", now=NOW)

    pages = [visitor.open(own_address(each) + "programme") for each in (cancelled, declined)]

    assert [page.status for page in pages] == [410, 410]
    assert [page.heading.partition(",")[0] for page in pages] == [
        "This registration is cancelled",
        "We cannot give you a place",
    ]
    assert [own_address(each) in page.links for each, page in zip((cancelled, declined), pages, strict=True)] == [
        True,
        True,
    ]


def test_the_programme_is_printed_on_either_paper(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store, sessions=SESSIONS), sessions=seats_in("B"), badge_name="<Amina>")

    own = visitor.open(own_address(mine))
    pages = [visitor.open(own_address(mine) + "programme" + paper) for paper in ("", "?paper=a6", "?paper=%22x")]

    assert own_address(mine) + "programme" in own.links
    assert [f"paper-{paper}" in page.html for page, paper in zip(pages, ("a4", "a6", "a4"), strict=True)] == [True] * 3
    for page in pages:
        assert (page.status, page.headers["Cache-Control"]) == (200, "private, no-store")
        for said in ("<Amina>", mine.reference, "Session B", "11:00–12:00", "Seat booked", "Session P"):
            assert said in page.words


def test_the_calendar_is_a_file_first_and_a_subscription_second(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store, sessions=SESSIONS), sessions=seats_in("A"))

    page = visitor.open(own_address(mine))

    file = next(link for link in page.links if link.endswith("calendar.ics"))
    assert f"webcal://127.0.0.1:8000{file}" in page.links
    assert f"http://127.0.0.1:8000{file}" in page.words
    assert "Session A" in visitor.open(file).html


def test_the_address_of_the_calendar_opens_nothing_else(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    mine = a_registration(store, event, sessions=seats_in("A"))
    own = own_address(mine)
    file = next(link for link in visitor.open(own).links if link.endswith("calendar.ics"))
    feed = file.removesuffix("calendar.ics")

    opened = {page: visitor.open(feed + page).status for page in PAGES_OF_THE_LINK}
    calendars = [visitor.open(address + "calendar.ics") for address in (own, feed)]
    registrations.replace_link(store, an_organizer(event), mine.reference, now=NOW)

    assert opened == dict.fromkeys(PAGES_OF_THE_LINK, 404)
    assert [each.headers["ETag"] for each in calendars] == [calendars[0].headers["ETag"]] * 2
    assert visitor.open(file).status == 404


def move_to_the_next_day(store: Session, key: str) -> None:
    """What is left in the tables when organizers move a session with everybody in it."""
    store.rollback()
    row = store.scalars(select(ProgrammeSession).where(ProgrammeSession.key == key)).one()
    row.starts_at, row.ends_at = row.starts_at + timedelta(days=1), row.ends_at + timedelta(days=1)
    row.sequence += 1
    store.get_one(Event, row.event_id).version += 1
    store.commit()


def test_the_feed_follows_what_the_registrant_and_the_organizers_change(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    mine = a_registration(store, event, sessions=seats_in("A", "B"))
    address = own_address(mine) + "calendar.ics"

    def told() -> dict[str, tuple[str, str, int]]:
        content = visitor.open(address).response.data
        theirs = {str(each["uid"]): str(each["status"]) for each in Calendar.from_ical(content).walk("VEVENT")}
        ours = list(calendar_of(content).all("VEVENT"))
        assert theirs == {each.text("UID"): each.text("STATUS") for each in ours}
        return {
            each.text("SUMMARY"): (each.text("STATUS"), each.text("DTSTART"), int(each.text("SEQUENCE")))
            for each in ours
            if "." in each.text("UID").split("@")[0]
        }

    assert told() == {
        "Session A": ("CONFIRMED", "20151016T093000", 0),
        "Session B": ("CONFIRMED", "20151016T110000", 0),
    }
    move_to_the_next_day(store, "B")
    registrations.choose_sessions(
        store, Participant(mine.id), mine.reference, seats_in("B"), now=NOW + timedelta(minutes=1), version=1
    )
    assert told() == {
        "Session A": ("CANCELLED", "20151016T093000", 1),
        "Session B": ("CONFIRMED", "20151017T110000", 2),
    }


def test_a_feed_that_has_not_changed_is_not_sent_again(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store, sessions=SESSIONS), sessions=seats_in("A"))
    address = own_address(mine) + "calendar.ics"
    first = visitor.open(address)
    tag = first.headers["ETag"]

    same = visitor.open(address, headers={"If-None-Match": tag})
    registrations.choose_sessions(store, Participant(mine.id), mine.reference, (), now=NOW, version=1)
    other = visitor.open(address, headers={"If-None-Match": tag})

    assert (first.status, same.status, same.html, other.status) == (200, 304, "", 200)
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (tag[:2], other.headers["ETag"] != tag) == ("W/", True)
