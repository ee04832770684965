"""The public programme: found by what one looks for, a page a session, feeds for calendars and apps."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from forumreg.rules.access import Shell
from forumreg.rules.event import put
from forumreg.rules.event.drafts import EventDraft, RoomDraft, SessionDraft, SpeakerDraft, TrackDraft
from tests.builders import NOW, a_draft, a_receipt, a_session, an_event, seats_in
from tests.doors.participant.conftest import FORM
from tests.pages import Page, Visitor
from tests.statements import statements

PROGRAMME = "/events/forum/programme"
ROOMS = (RoomDraft("hall", {"en": "Great Hall"}, 100), RoomDraft("annex", {"en": "Annex", "fr": "Annexe"}))
ANA = SpeakerDraft("Ana Pérez", "Mayor", "City of Pasto")
LARGEST_PACKED_BYTES = 120 * 1024
ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = (
    "<script>alert(1)</script> & \"quoted\" ]]> 'so' {{ 7*7 }} %(num)s %s",
    "כותרת מימין לשמאל: תעסוקה",
    "Ж" * 300,
    "bell \x07 escape \x1b end",
)


def a_programme(**facts: Any) -> EventDraft:
    """Four sessions that differ in everything, and a draft."""
    return a_draft(
        **{
            "rooms": ROOMS,
            "tracks": (TrackDraft("jobs", {"en": "Jobs"}), TrackDraft("food", {"en": "Food"})),
            "sessions": (
                a_session("opening", "2015-10-15T09:00", "2015-10-15T10:00", kind="plenary", booking="none"),
                a_session("coffee", "2015-10-15T10:00", "2015-10-15T10:30", kind="break", booking="none"),
                a_session("jobs", track="jobs", capacity=2, languages=("es",), interpreted=("ar",), lead="ILO",
                          speakers=(ANA,), abstract={"fr": "Un travail décent."}),
                a_session("closed", track="food", room="annex", booking="invitation", capacity=5),
                a_session("secret", visibility="draft", title={"en": "Nobody reads this"}),
            ),
            **facts,
        }
    )  # fmt: skip


def stored(store: Session, draft: EventDraft, days: int = 0) -> None:
    put(store, Shell(), draft, now=NOW + timedelta(days=days))


def sessions_on(page: Page) -> list[str]:
    """The keys of the sessions that a page links to."""
    start = "/events/forum/sessions/"
    return [link.removeprefix(start) for link in page.links if link.startswith(start)]


def many(number: int) -> tuple[SessionDraft, ...]:
    """Sessions as a large congress has them: titles, speakers, rooms and languages that differ."""
    words = ("work", "cities", "local", "decent", "green", "youth", "rural", "skills", "finance", "care", "policy")
    start = datetime(2015, 10, 15, 6, tzinfo=UTC)
    made = []
    for each in range(number):
        title = " ".join(words[(each * step + step) % len(words)] for step in range(3, 11))
        begins = start + timedelta(days=each % 4, minutes=15 * (each // 4 % 40))
        made.append(
            a_session(
                f"session-{each}",
                title={"en": f"{title.capitalize()} {each}", "fr": f"Séance {each}"},
                starts_at=begins,
                ends_at=begins + timedelta(minutes=75),
                capacity=20 + each % 80,
                room=f"room-{each % 100}",
                speakers=(SpeakerDraft(f"Given{each} Family{each * 7}", "Mayor", "City"), ANA),
                languages=(("en", "fr"), ("es",), ("en",))[each % 3],
            )
        )
    return tuple(made)


HUNDRED_ROOMS = tuple(RoomDraft(f"room-{each}", {"en": f"Room {each}"}, 200) for each in range(100))


@pytest.mark.parametrize(
    ("query", "keys", "chips"),
    [
        ("", ["opening", "jobs", "closed"], 0),
        ("?day=2015-10-16", ["jobs", "closed"], 1),
        ("?track=food", ["closed"], 1),
        ("?room=annex&kind=panel", ["closed"], 2),
        ("?in=ar", ["jobs"], 1),
        ("?kind=plenary", ["opening"], 1),
        ("?q=PEREZ+decent", ["jobs"], 1),
        ("?q=nobody", [], 1),
    ],
)
def test_sessions_are_found_by_the_address(
    store: Session, visitor: Visitor, query: str, keys: Sequence[str], chips: int
) -> None:
    stored(store, a_programme())

    page = visitor.open(PROGRAMME + query)

    assert (page.status, sessions_on(page), page.html.count("Remove filter: ")) == (200, keys, chips)
    assert "Nobody reads this" not in page.html


def test_the_form_keeps_what_was_asked_and_a_chip_takes_it_away(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme())

    page = visitor.open(f"{PROGRAMME}?q=session&day=2015-10-16&track=jobs")

    assert page.form.answers["q"] == ["session"]
    assert (page.form.answers["day"], page.form.answers["track"]) == (["2015-10-16"], ["jobs"])
    assert "?q=session&track=jobs" in page.links
    assert "1 session" in page.words


def test_an_empty_answer_names_the_filter_to_drop(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme())

    page = visitor.open(f"{PROGRAMME}?day=2015-10-16&kind=plenary")

    assert "Without the filter “Kind: Plenary” there are 2." in page.words
    assert "?day=2015-10-16" in page.links


def test_where_no_single_filter_helps_the_whole_programme_is_offered(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme())

    page = visitor.open(f"{PROGRAMME}?day=2015-01-01&track=nothing&q=zzz")

    assert (page.status, "No single filter is to blame" in page.words, PROGRAMME in page.links) == (200, True, True)


def test_a_row_says_what_one_chooses_by(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme())

    words = visitor.open(PROGRAMME).words

    assert "09:30–11:00 Session jobs Panel, Great Hall. Spanish; interpretation: Arabic Ana Pérez" in words
    assert "Session closed Panel, Annex. English, French By invitation" in words
    assert "Session opening Plenary, Great Hall. English, French Open to everyone" in words


def test_seats_left_are_those_of_all_and_those_held(store: Session, visitor: Visitor) -> None:
    later = a_session("B", "2015-10-17T09:00", "2015-10-17T10:00", capacity=1)
    event = an_event(store, sessions=(a_session("A", capacity=10, held={"press": 4}), later))
    before = visitor.open(PROGRAMME).words

    a_receipt(store, event, sessions=seats_in("A", "B"))

    after = visitor.open(PROGRAMME).words
    assert ("10 of 10 seats left" in before, "9 of 10 seats left" in after, "Full, waiting list" in after) == (
        True,
        True,
        True,
    )
    assert "4 of them are kept for some participants." in visitor.open("/events/forum/sessions/A").words


def test_a_page_of_a_thousand_sessions_is_light_and_asks_no_more_than_one_of_three(
    store: Session, visitor: Visitor, app_engine: Engine, app: Flask
) -> None:
    costs = []
    for number in (3, 1000):
        stored(store, a_draft(rooms=HUNDRED_ROOMS, sessions=many(number)))
        visitor.open(PROGRAMME)
        with statements(app_engine) as seen:
            visitor.open(f"{PROGRAMME}?q=given")
        costs.append(len(seen))

    answer = app.test_client().get(PROGRAMME, headers={"Accept-Encoding": "gzip"})

    assert costs[0] == costs[1]
    assert gzip.decompress(answer.data).count(b'<li class="slot"') == 1000
    assert len(answer.data) <= LARGEST_PACKED_BYTES


def test_who_cannot_unpack_gets_the_same_page(app: Flask, store: Session) -> None:
    stored(store, a_programme())
    packed = app.test_client().get(PROGRAMME, headers={"Accept-Encoding": "gzip"})

    plain = app.test_client().get(PROGRAMME)

    assert (plain.headers.get("Content-Encoding"), packed.headers.get("Content-Encoding")) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data


def test_a_session_has_its_page(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme())

    page = visitor.open("/events/forum/sessions/jobs")

    assert page.heading == "Session jobs"
    for words in (
        "Panel. Jobs",
        "Friday 16 October, 09:30–11:00",
        "Turin time, UTC+02:00",
        "Ana Pérez Mayor, City of Pasto",
        "Great Hall",
        "Languages Spanish",
        "Interpretation Arabic",
        "Led by International Labour Organization",
        "2 of 2 seats left",
        "At the same time 09:30–11:00 Session closed",
    ):
        assert words in page.words
    assert '<link rel="canonical" href="http://127.0.0.1:8000/events/forum/sessions/jobs">' in page.html
    assert '<p class="measure pre-line" lang="fr" dir="auto">Un travail décent.</p>' in page.html
    assert FORM in page.links


@pytest.mark.parametrize(
    ("key", "status"), [("secret", 404), ("secret.ics", 404), ("nothing", 404), ("jobs.ics", 200), ("coffee", 200)]
)
def test_only_public_sessions_have_a_page(store: Session, visitor: Visitor, key: str, status: int) -> None:
    stored(store, a_programme())

    assert visitor.open(f"/events/forum/sessions/{key}").status == status


def test_a_draft_event_has_no_sessions_to_show(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme(status="draft"))

    places = ("sessions/jobs", "sessions/jobs.ics", "schedule.xml", "schedule.json", "changes.atom", "programme")
    assert {visitor.open(f"/events/forum/{place}").status for place in places} == {404}


def test_a_closed_event_says_so_on_the_page_of_a_session(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    stored(store, a_programme())
    clock(NOW + timedelta(days=40))

    page = visitor.open("/events/forum/sessions/jobs")

    assert "Registration closed on" in page.words
    assert FORM not in page.links


def test_the_agenda_of_the_event_leads_to_the_sessions(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme())

    assert sessions_on(visitor.open("/events/forum/?day=2015-10-16")) == ["jobs", "closed"]


def test_a_session_is_the_same_entry_alone_and_in_the_whole_programme(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme())
    stored(store, a_programme(sessions=(replace(a_programme().sessions[2], capacity=1),)))

    alone, whole = (visitor.open(f"/events/forum/{name}.ics") for name in ("sessions/jobs", "programme"))

    entries = [Calendar.from_ical(page.html).walk("VEVENT") for page in (alone, whole)]
    first, second = (
        [{name: str(entry[name]) for name in ("UID", "SEQUENCE", "URL", "DESCRIPTION")} for entry in found]
        for found in entries
    )
    assert first == second == [
        {
            "UID": "forum.jobs@127.0.0.1",
            "SEQUENCE": "1",
            "URL": "http://127.0.0.1:8000/events/forum/sessions/jobs",
            "DESCRIPTION": "\n".join(
                (
                    "Speakers: Ana Pérez (Mayor, City of Pasto)",
                    "Languages: Spanish",
                    "Interpretation: Arabic",
                    "",
                    "Un travail décent.",
                )
            ),
        }
    ]  # fmt: skip
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT4H" in whole.html


def test_a_cancelled_event_cancels_every_entry(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme(status="cancelled"))

    calendar = Calendar.from_ical(visitor.open("/events/forum/programme.ics").html)

    assert {str(entry["STATUS"]) for entry in calendar.walk("VEVENT")} == {"CANCELLED"}
    assert "This event is cancelled." in visitor.open(PROGRAMME).words


def test_a_cancelled_event_offers_no_seat_in_what_does_not_take_place(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme(status="cancelled"))

    pages = ("/events/forum/?day=2015-10-16", PROGRAMME, "/events/forum/sessions/jobs", "/events/forum/sessions/closed")
    words = [visitor.open(page).words for page in pages]

    assert ["seats left" in each or "By invitation" in each for each in words] == [False] * 4
    assert all("Session jobs" in each for each in words[:3])


def test_a_programme_that_never_came_is_promised_only_until_the_event_is_over(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    event = an_event(store, sessions=())
    words = []
    for moment in (NOW, event.over_at - timedelta(seconds=1), event.over_at):
        clock(moment)
        words.append([visitor.open(page).words for page in ("/events/forum/", PROGRAMME)])

    promised = [["It will be here." in each for each in pages] for pages in words]
    said = [["No programme was published for this event." in each for each in pages] for pages in words]
    assert promised == [[True, True], [True, True], [False, False]]
    assert said == [[False, False], [False, False], [True, True]]


@pytest.mark.parametrize("name", ["programme.ics", "schedule.xml", "schedule.json", "changes.atom"])
def test_a_feed_is_sent_again_only_when_it_changed(store: Session, visitor: Visitor, name: str) -> None:
    stored(store, a_programme())
    address = f"/events/forum/{name}"
    first = visitor.open(address)
    tag = {"If-None-Match": first.headers["ETag"]}

    same, other = (visitor.open(asked, headers=tag) for asked in (address, f"{address}?lang=fr"))
    stored(store, a_programme(sessions=(a_session("new"),)), days=1)
    fresh = visitor.open(f"{address}?lang=en", headers=tag)

    assert [page.status for page in (first, same, other, fresh)] == [200, 304, 200, 200]
    assert (first.headers["Cache-Control"], same.html) == ("private, no-cache", "")


def test_the_schedules_hold_the_public_sessions_and_no_others(store: Session, visitor: Visitor) -> None:
    stored(store, a_programme())

    xml, told = (visitor.open(f"/events/forum/schedule.{form}") for form in ("xml", "json"))

    titles = ["Session opening", "Session coffee", "Session jobs", "Session closed"]
    days = json.loads(told.html)["schedule"]["conference"]["days"]
    assert [entry.findtext("title") for entry in ET.fromstring(xml.html).iter("event")] == titles  # noqa: S314 (ours)
    assert [item["title"] for day in days for room in day["rooms"].values() for item in room] == titles
    assert (xml.headers["Content-Type"], told.headers["Content-Type"]) == (
        "application/xml; charset=utf-8",
        "application/json",
    )


def a_history(store: Session) -> None:
    """A session that is published, moved a day later, then withdrawn."""
    plain = a_session("A", title={"en": "Jobs & <b>", "fr": "Emplois"})
    moved = replace(plain, starts_at=plain.starts_at + timedelta(hours=5), ends_at=plain.ends_at + timedelta(hours=5))
    for day, sessions in enumerate(((), (plain,), (moved,), ())):
        stored(store, a_draft(sessions=sessions), days=day)


def entries_of(page: Page) -> list[dict[str, str]]:
    """The entries of an Atom feed."""
    return [
        {part.tag.removeprefix(ATOM): part.text or part.attrib.get("href", "") for part in entry}
        for entry in ET.fromstring(page.html).iter(f"{ATOM}entry")  # noqa: S314 (ours)
    ]


def test_changes_are_news_in_words(store: Session, visitor: Visitor) -> None:
    a_history(store)

    entries = entries_of(visitor.open("/events/forum/changes.atom"))

    assert [(entry["title"], entry["summary"], entry["updated"]) for entry in entries] == [
        (
            "Withdrawn: Jobs & <b>",
            "It is no longer in the programme. It was planned for Friday 16 October, 14:30–16:00, Great Hall.",
            "2015-09-04T07:00:00+00:00",
        ),
        (
            "Moved: Jobs & <b>",
            "Before: Friday 16 October, 09:30–11:00, Great Hall. Now: Friday 16 October, 14:30–16:00, Great Hall.",
            "2015-09-03T07:00:00+00:00",
        ),
        ("New: Jobs & <b>", "Friday 16 October, 09:30–11:00, Great Hall", "2015-09-02T07:00:00+00:00"),
    ]
    assert {entry["link"] for entry in entries} == {"http://127.0.0.1:8000/events/forum/programme"}
    assert len({entry["id"] for entry in entries}) == 3
    french = entries_of(visitor.open("/events/forum/changes.atom?lang=fr"))
    assert [entry["id"] for entry in french] == [entry["id"] for entry in entries]


@pytest.mark.parametrize(
    ("since", "number"),
    [
        ("2015-09-03", 2),
        ("2015-09-03T09:00", 2),
        ("2015-09-03T09:00:01+02:00", 1),
        ("2015-09-03T09:00:00%2B02:00", 2),
        ("2015-09-03T07:00:00Z", 2),
        ("2016-01-01", 0),
    ],
)
def test_changes_are_told_since_a_day_or_an_instant(store: Session, visitor: Visitor, since: str, number: int) -> None:
    a_history(store)

    assert len(entries_of(visitor.open(f"/events/forum/changes.atom?since={since}"))) == number


@pytest.mark.parametrize("since", ["yesterday", "2015-13-01", "0001-01-01", "9999-12-31T23:59-12:00", "٢٠١٥-٠٩-٠١"])
def test_a_since_that_is_no_time_is_answered_plainly(store: Session, visitor: Visitor, since: str) -> None:
    a_history(store)

    page = visitor.open(f"/events/forum/changes.atom?since={since}")

    assert (page.status, page.heading) == (400, "We do not know since when")


def test_a_programme_that_never_changed_has_an_empty_feed(store: Session, visitor: Visitor) -> None:
    stored(store, a_draft(sessions=()))

    page = visitor.open("/events/forum/changes.atom")
    assert entries_of(page) == []
    assert f"<updated>{NOW.isoformat()}</updated>" in page.html.replace("Z</updated>", "+00:00</updated>")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_are_words_everywhere(store: Session, visitor: Visitor, text: str) -> None:
    stored(store, a_draft(title={"en": text}))
    name, words = text[:160], {"en": text}
    entry = a_session("A", title=words, abstract=words, speakers=(SpeakerDraft(name, name, name),))
    stored(store, a_draft(title=words, rooms=(RoomDraft("hall", words, 9),), sessions=(entry,)), days=1)

    addresses = (PROGRAMME, "/events/forum/sessions/A", f"{PROGRAMME}?q=%3Cscript%3E")
    pages = [visitor.open(address) for address in addresses]
    xml, told, ics, alone, atom = (
        visitor.open(f"/events/forum/{name}")
        for name in ("schedule.xml", "schedule.json", "programme.ics", "sessions/A.ics", "changes.atom")
    )

    assert {page.status for page in (*pages, xml, told, ics, alone, atom)} == {200}
    assert all("<script>alert" not in page.html and "<script>" not in page.html.partition("<main")[2] for page in pages)
    seen = printable(text)
    found = [entry.findtext("title") for entry in ET.fromstring(xml.html).iter("event")]  # noqa: S314 (ours)
    assert [printable(words) for words in (found[0] or "", entries_of(atom)[0]["title"])] == [seen, f"New: {seen}"]
    assert json.loads(told.html)["schedule"]["conference"]["title"] is not None
    for calendar in (ics, alone):
        assert all(len(line.encode()) <= 75 for line in calendar.html.split("\r\n"))
        assert len(Calendar.from_ical(calendar.html).walk("VEVENT")) == 1


def printable(words: str) -> str:
    """The words without signs that nobody sees."""
    return "".join(sign for sign in words if sign.isprintable())
