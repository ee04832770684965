"""The own page: what the mailed link opens."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from limits import RateLimitItemPerHour
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.adapters import qr
from forumreg.rules import partner
from forumreg.rules import registration as registrations
from forumreg.rules.access import Participant
from forumreg.rules.event import EventFacts, facts
from forumreg.rules.registration.letters import registration_letter
from forumreg.rules.registration.recount import recount
from forumreg.tables.mail import OutboxMessage
from forumreg.tables.registration import Consent, Registration
from forumreg.web import limits
from tests.builders import (
    NOW,
    a_registration,
    a_session,
    an_event,
    an_organizer,
    every_kind_of_question,
    seats_in,
)
from tests.doors.participant.conftest import mails, own_address, rows_of_all_tables, statuses
from tests.pages import Visitor

SESSIONS = (
    a_session("A", capacity=1),
    a_session("B", "2015-10-16T11:00", "2015-10-16T12:00"),
    a_session("C", "2015-10-16T11:30", "2015-10-16T12:30"),
)
PAGES = ("", "change", "sessions", "programme", "sharing", "cancel", "calendar.ics")


def read_again(store: Session, registration: Registration) -> Registration:
    store.rollback()
    store.refresh(registration)
    return registration


def test_the_page_says_where_the_registration_stands(store: Session, visitor: Visitor) -> None:
    event = an_event(store, capacity=4, sessions=SESSIONS)
    organizer = an_organizer(event)
    confirmed = a_registration(store, event, given_name="Amina", sessions=seats_in("A"))
    pending = a_registration(store, event, given_name="Bo", category="press")
    declined = a_registration(store, event, given_name="Cem")
    registrations.decline(store, organizer, declined.reference, reason="No <press> card", now=NOW)
    cancelled = a_registration(store, event, given_name="Dina")
    registrations.cancel(store, Participant(cancelled.id), cancelled.reference, now=NOW)
    for _ in range(2):
        a_registration(store, event)
    first = a_registration(store, event, given_name="Eva", accept_waitlist=True)
    second = a_registration(store, event, NOW + timedelta(seconds=1), given_name="Fay", accept_waitlist=True)

    pages = {each: visitor.open(own_address(each)) for each in (confirmed, pending, declined, cancelled, first, second)}

    assert [(page.status, page.heading) for page in pages.values()] == [
        (200, "You are registered, Amina"),
        (200, "We have your registration, Bo"),
        (200, "We cannot give you a place, Cem"),
        (200, "This registration is cancelled, Dina"),
        (200, "You are on the waiting list, Eva"),
        (200, "You are on the waiting list, Fay"),
    ]
    assert "Seat booked" in pages[confirmed].words
    assert "Their reason: No <press> card" in pages[declined].words
    assert "You are number 2 in line." in pages[second].words
    assert ["Add to calendar" in page.words for page in pages.values()] == [True, True, False, False, False, False]
    assert ["Your programme" in page.words for page in pages.values()] == [True, True, False, False, True, True]
    assert ['class="qr"' in page.html for page in pages.values()] == [True, False, False, False, False, False]
    assert [each.reference in page.words for each, page in pages.items()] == [True, True, False, False, True, True]


def test_who_waits_for_a_decision_too_is_not_promised_a_place(store: Session, visitor: Visitor) -> None:
    event = an_event(store, capacity=1)
    a_registration(store, event)
    waiting = [a_registration(store, event, category=each, accept_waitlist=True) for each in ("local", "press")]

    pages = [visitor.open(own_address(each)).words for each in waiting]
    letters = [registration_letter(store, event, each.id) for each in waiting]

    assert ["When a place comes free it is yours" in words for words in pages] == [True, False]
    assert ["it is kept for you until the organizers have decided" in words for words in pages] == [False, True]
    assert [letter.needs_decision for letter in letters] == [False, True]


def test_a_calendar_is_offered_to_who_may_come_and_promises_no_seat_that_is_none(
    store: Session, visitor: Visitor
) -> None:
    event = an_event(store, sessions=SESSIONS)
    seated = a_registration(store, event, sessions=seats_in("A"))
    waits = a_registration(store, event, sessions=seats_in("A", waitlist=True))
    cancelled = a_registration(store, event, sessions=seats_in("B"))
    registrations.cancel(store, Participant(cancelled.id), cancelled.reference, now=NOW)

    pages = [visitor.open(own_address(each)) for each in (seated, waits, cancelled)]

    assert [[link for link in page.links if link.endswith(".ics")] != [] for page in pages] == [True, True, False]
    feeds = [visitor.open(f"{own_address(each)}calendar.ics").html for each in (seated, waits)]
    titles = [[str(entry["SUMMARY"]) for entry in Calendar.from_ical(feed).events] for feed in feeds]
    assert [len(each) for each in titles] == [2, 1]
    assert titles[1] == titles[0][:1]


def test_what_was_answered_is_shown_and_the_address_is_masked(store: Session, visitor: Visitor) -> None:
    event = an_event(store, fields=every_kind_of_question())
    mine = a_registration(
        store, event, email="amina@example.org", dietary=("halal",), accessibility="A ramp", job_title="Mayor",
        answers={"visa": True, "passport": "X123", "lunch": "early", "themes": ["jobs", "food"], "works-in": "FR"},
    )  # fmt: skip

    words = visitor.open(own_address(mine)).words

    for told in ("a•••••@example.org", "Halal", "A ramp", "Mayor", "Yes", "X123", "At noon", "Jobs, Food", "France"):
        assert told in words
    assert "amina@example.org" not in words


def test_a_date_is_told_as_the_reader_writes_it(store: Session, visitor: Visitor) -> None:
    event = an_event(store, fields=every_kind_of_question())
    mine = a_registration(store, event, answers={"visa": False, "arrival": "2015-10-14"})

    assert "14 October 2015" in visitor.open(own_address(mine)).words


def test_it_is_confirmed_since_it_was_and_not_since_an_answer_changed(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    mine = a_registration(store, event)
    mine.changed_at = NOW + timedelta(days=2)
    store.commit()

    assert "1 September 2015, 09:00" in visitor.open(own_address(mine)).words


def test_who_cancelled_may_register_again_while_registration_is_open(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    event = an_event(store)
    mine = a_registration(store, event)
    registrations.cancel(store, Participant(mine.id), mine.reference, now=NOW)
    open_page = visitor.open(own_address(mine))

    clock(datetime(2015, 10, 10, tzinfo=UTC))
    closed_page = visitor.open(own_address(mine))

    assert ["Register again" in page.words for page in (open_page, closed_page)] == [True, False]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_page_speaks_the_registrants_language(store: Session, visitor: Visitor, language: str) -> None:
    mine = a_registration(store, an_event(store), language=language)

    page = visitor.open(own_address(mine), headers={"Accept-Language": "en"})

    assert f'<html lang="{language}"' in page.html
    assert 'lang="en"' in visitor.open(f"{own_address(mine)}?lang=en").html


def test_opening_the_link_changes_nothing(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store, sessions=SESSIONS), sessions=seats_in("A"))
    before = rows_of_all_tables(store)

    codes = [visitor.open(own_address(mine) + page).status for page in PAGES]

    assert codes == [200] * len(PAGES)
    assert rows_of_all_tables(store) == before


def test_the_link_is_kept_from_caches_and_from_other_sites(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store))

    headers = visitor.open(own_address(mine)).headers

    assert (headers["Referrer-Policy"], headers["Cache-Control"]) == ("no-referrer", "private, no-store")


def test_a_link_that_was_changed_guessed_or_replaced_opens_nothing(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    mine = a_registration(store, event)
    old = own_address(mine)
    token = old.split("/")[2]
    other = a_registration(store, event)
    stolen = other.reference.replace("-", "") + token[11:]
    wrong = [token[:-1] + ("A" if token[-1] != "A" else "B"), token[:-1], token.lower(), stolen, "x", "é" * 35]
    registrations.replace_link(store, an_organizer(event), mine.reference, now=NOW)

    codes = [visitor.open(f"/r/{each}/{page}").status for each in (*wrong, token) for page in PAGES]

    assert set(codes) == {404}
    assert visitor.open(own_address(read_again(store, mine))).status == 200


@pytest.mark.parametrize(("days", "code"), [(30, 200), (31, 410)])
def test_the_link_ends_thirty_days_after_the_event(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None], days: int, code: int
) -> None:
    mine = a_registration(store, an_event(store))  # its last day is 18 October
    clock(datetime(2015, 10, 18, 12, tzinfo=UTC) + timedelta(days=days))

    pages = [visitor.open(own_address(mine) + page) for page in ("", "sharing", "calendar.ics")]

    assert [page.status for page in pages] == [code] * 3
    assert visitor.open(own_address(mine) + "cancel").status == 410  # there is nothing left to cancel
    assert ("This link has ended" in pages[0].words) == (code == 410)
    whom_to_ask = "Links to registrations work until 30 days after the event. Write to forum@example.org"
    assert (whom_to_ask in pages[0].words) == (code == 410)
    assert "/events/forum/" in pages[0].links
    assert (mine.reference in pages[0].words) == (code == 200)


def test_the_calendar_holds_the_booked_sessions(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store, sessions=SESSIONS), sessions=seats_in("A", "B"))

    answer = visitor.open(own_address(mine) + "calendar.ics")

    titles = {str(entry["SUMMARY"]) for entry in Calendar.from_ical(answer.html).walk("VEVENT")}
    assert {"Session A", "Session B"} <= titles
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{mine.reference}.ics"'


# Change ---------------------------------------------------------------------------------------------------------


def test_the_form_holds_what_was_answered_and_sent_as_it_is_changes_nothing(store: Session, visitor: Visitor) -> None:
    event = an_event(store, fields=every_kind_of_question(), sessions=SESSIONS)
    mine = a_registration(
        store, event, sessions=seats_in("A", "B"), dietary=("vegan",), interpretation="fr", language="fr",
        accessibility="One\nTwo", phone="+39 011 5555", sharing=frozenset({event.sharing[0].id}),
        answers={"visa": False, "bring": "A\nB", "lunch": "early", "themes": ["food"], "staff": 1.5,
                 "arrival": "2015-10-14", "works-in": "FR"},
    )  # fmt: skip
    before = rows_of_all_tables(store)

    answer = visitor.send(visitor.open(own_address(mine) + "change"))

    assert (answer.status, answer.headers["Location"]) == (303, own_address(mine))
    assert rows_of_all_tables(store) == before


def test_answers_and_sessions_are_changed_and_the_mail_says_so(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    mine = a_registration(store, event, sessions=seats_in("A"))
    waits = a_registration(store, event, sessions=seats_in("A", waitlist=True))

    answer = visitor.send(
        visitor.open(own_address(mine) + "change"), {"sessions": ["B"], "job_title": "Mayor", "badge_name": "Mina"}
    )

    page = visitor.open(answer.headers["Location"])
    assert "Saved." in page.words
    assert "Mayor" in page.words
    assert mails(store)[-2:] == [("changed", mine.email), ("changed", waits.email)]
    payloads = store.scalars(select(OutboxMessage.payload).order_by(OutboxMessage.id)).all()[-2:]
    assert [payload.get("fields") for payload in payloads] == [["badge_name", "job_title", "sessions"], None]
    assert recount(store, event.id) == ()


def test_a_form_that_is_refused_keeps_what_was_typed(store: Session, visitor: Visitor) -> None:
    event = an_event(store, sessions=SESSIONS)
    a_registration(store, event, sessions=seats_in("A"))
    mine = a_registration(store, event, sessions=seats_in("B"))
    form = visitor.open(own_address(mine) + "change")

    overlap = visitor.send(form, {"sessions": ["B", "C"], "job_title": "Mayor"})
    full = visitor.send(form, {"sessions": ["A", "B"], "job_title": "Mayor"})

    assert [(page.status, page.form.answers["job_title"]) for page in (overlap, full)] == [(422, ["Mayor"])] * 2
    assert overlap.form.answers["sessions"] == ["B", "C"]
    assert full.form.answers["sessions"] == ["wait:A", "B"]
    assert set(overlap.summary + full.summary) <= set(full.ids)
    assert visitor.send(full).status == 303


def test_an_older_form_is_told_of_the_change_and_keeps_what_was_typed(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store, sessions=SESSIONS), sessions=seats_in("B"))
    one, other = (visitor.open(own_address(mine) + "change") for _ in range(2))
    visitor.send(one, {"organisation": "Region"})

    page = visitor.send(other, {"job_title": "Mayor", "sessions": ["C"]})

    assert (page.status, page.form.answers["job_title"], page.form.answers["sessions"]) == (409, ["Mayor"], ["C"])
    assert set(page.summary) <= set(page.ids)
    assert visitor.send(page).status == 303
    assert read_again(store, mine).job_title == "Mayor"


def test_saving_again_takes_back_nothing_that_another_window_saved(store: Session, visitor: Visitor) -> None:
    fields = (*every_kind_of_question()[:1], *every_kind_of_question()[2:])  # no passport
    event = an_event(store, sessions=SESSIONS, fields=fields)
    shared = frozenset(each.id for each in event.sharing[:1])
    mine = a_registration(
        store, event, sessions=seats_in("B"), sharing=shared, dietary=("halal",), badge_name="Awa", phone="+39 11",
        answers={"visa": False, "bring": "A case\nand more", "themes": ["jobs"], "staff": "12"},
    )  # fmt: skip
    one, other = (visitor.open(own_address(mine) + "change") for _ in range(2))
    saved = {
        "badge_name": "Mayor Awa", "sessions": ["B", "A"], "dietary": ["halal", "vegan"], "sharing": [], "phone": "",
        "q-bring": "", "q-themes": ["food"], "q-visa": "yes", "country": "FR",
    }  # fmt: skip
    assert visitor.send(one, {**saved, "sessions": ["C"]}).status == 303

    page = visitor.send(other, {"job_title": "Mayor", "sessions": ["A", "B"], "country": "IT", "dietary": []})

    assert (page.status, page.form.answers["job_title"]) == (409, ["Mayor"])
    wanted = {**saved, "sessions": ["A", "C"], "country": "IT", "dietary": ["vegan"], "q-staff": "12"}
    assert page.form.kept(wanted) == {
        name: sorted([value] if isinstance(value, str) else value) for name, value in wanted.items()
    }
    assert page.summary == [
        "send", "badge_name", "phone", "country", "ses", "q-visa", "q-bring", "q-themes", "dietary", "share",
    ]  # fmt: skip
    assert set(page.summary) <= set(page.ids)
    for sentence in (
        "Name on your badge: “Mayor Awa” was saved meanwhile, and the form shows it now.",
        "Mobile phone: emptied meanwhile, and the form shows it so now.",
        "Country you come from: “France” was saved meanwhile. The form shows your answer: “Italy”.",
        "Sessions: “Session C” was saved meanwhile. The form shows your answer: “Session C, Session A”.",
        "Food: “Vegan, Halal” was saved meanwhile. The form shows your answer: “Vegan”.",
        "“Do you need a visa letter?”: “Yes” was saved meanwhile, and the form shows it now.",
        "Sharing your details: emptied meanwhile, and the form shows it so now.",
    ):
        assert sentence in page.words
    assert visitor.send(page).status == 303
    assert (read_again(store, mine).badge_name, mine.country, mine.phone) == ("Mayor Awa", "IT", "")
    assert (shared_with(store, mine), mine.answers["themes"]) == (set(), ["food"])


def test_an_older_form_without_its_marks_is_kept_whole_and_told_of_every_difference(
    store: Session, visitor: Visitor
) -> None:
    mine = a_registration(store, an_event(store, sessions=SESSIONS), sessions=seats_in("B"))
    one, other = (visitor.open(own_address(mine) + "change") for _ in range(2))
    visitor.send(one, {"badge_name": "Mayor Awa", "sessions": ["C"]})

    page = visitor.send(other, {"job_title": "Mayor", "given": ""})

    assert (page.status, page.summary) == (409, ["send", "badge_name", "job_title", "ses"])
    assert (page.form.answers["sessions"], page.form.answers["badge_name"]) == (["B"], [""])
    assert "“Mayor Awa” was saved meanwhile. You left it empty, and so does the form." in page.words


def test_a_form_that_is_refused_still_knows_what_it_held(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store))
    one, other = (visitor.open(own_address(mine) + "change") for _ in range(2))
    refused = visitor.send(other, {"job_title": "Mayor", "country": ""})
    visitor.send(one, {"badge_name": "Mayor Awa"})

    page = visitor.send(refused, {"country": "CI"})

    assert (refused.status, page.status, page.summary) == (422, 409, ["send", "badge_name"])
    assert page.form.answers["badge_name"] == ["Mayor Awa"]


def test_a_draft_belongs_to_one_version_of_the_registration(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store))
    before = visitor.open(own_address(mine) + "change")
    visitor.send(before, {"organisation": "Region"})

    after = visitor.open(own_address(mine) + "change")

    drafts = [re.findall(r'data-draft="([^"]+)"', page.html) for page in (before, after)]
    assert drafts == [[f"{mine.reference}.1"], [f"{mine.reference}.2"]]
    assert "We put back what you wrote here before." in after.words


@pytest.mark.parametrize("version", ["", "x", "²", "-1", "9" * 5000])
def test_a_version_that_was_made_up_is_an_older_one(store: Session, visitor: Visitor, version: str) -> None:
    mine = a_registration(store, an_event(store))

    page = visitor.send(visitor.open(own_address(mine) + "change"), {"version": version, "job_title": "Mayor"})

    assert (page.status, page.form.answers["job_title"]) == (409, ["Mayor"])


def test_an_expired_form_keeps_what_was_typed(store: Session, visitor: Visitor) -> None:
    mine = a_registration(store, an_event(store))

    page = visitor.send(visitor.open(own_address(mine) + "change"), {"csrf_token": "old", "job_title": "Mayor"})

    assert (page.status, page.form.answers["job_title"]) == (422, ["Mayor"])
    assert visitor.send(page).status == 303


def test_nothing_is_changed_once_registration_is_closed(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    mine = a_registration(store, an_event(store))
    form = visitor.open(own_address(mine) + "change")
    clock(datetime(2015, 10, 10, tzinfo=UTC))

    sent, opened = visitor.send(form, {"job_title": "Mayor"}), visitor.open(own_address(mine) + "change")

    assert (sent.status, sent.form.answers["job_title"], opened.status) == (422, ["Mayor"], 410)
    assert "Registration closed on" in sent.words
    assert read_again(store, mine).version == 1
    assert own_address(mine) + "change" not in visitor.open(own_address(mine)).links


@pytest.mark.parametrize("moment", [NOW, datetime(2015, 10, 10, tzinfo=UTC)])
def test_what_was_cancelled_or_declined_cannot_be_changed_and_says_so(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None], moment: datetime
) -> None:
    event = an_event(store)
    cancelled, declined = (a_registration(store, event) for _ in range(2))
    forms = [visitor.open(own_address(each) + "change") for each in (cancelled, declined)]
    registrations.cancel(store, Participant(cancelled.id), cancelled.reference, now=NOW)
    registrations.decline(store, an_organizer(event), declined.reference, reason="No", now=NOW)
    clock(moment)

    opened = [
        visitor.open(own_address(each) + page) for page in ("change", "sessions") for each in (cancelled, declined)
    ]
    sent = [visitor.send(form, {"version": "2", "job_title": "Mayor"}) for form in forms]

    told = ("Your registration is cancelled.", "The organizers declined this registration.")
    assert [(page.status, words in page.words) for page, words in zip(opened, told * 2, strict=True)] == [
        (410, True)
    ] * 4
    assert "No account needed" not in "".join(page.words for page in opened)
    assert [(page.status, words in page.words) for page, words in zip(sent, told, strict=True)] == [(422, True)] * 2
    assert [own_address(each) in page.links for each, page in zip((cancelled, declined) * 2, opened, strict=True)] == [
        True
    ] * 4


def test_the_category_stays_whatever_the_form_says(store: Session, visitor: Visitor) -> None:
    mine = a_registration(
        store, an_event(store, fields=every_kind_of_question()), answers={"visa": False, "works-in": "FR"}
    )

    visitor.send(visitor.open(own_address(mine) + "change"), {"category": "press", "job_title": "Mayor"})

    found = read_again(store, mine)
    assert (found.job_title, found.answers) == ("Mayor", {"visa": False, "works-in": "FR"})


def test_an_answer_that_is_full_is_named(store: Session, visitor: Visitor) -> None:
    event = an_event(store, fields=every_kind_of_question())
    a_registration(store, event, answers={"visa": False, "lunch": "early"})
    mine = a_registration(store, event, answers={"visa": False, "lunch": "late"})

    page = visitor.send(visitor.open(own_address(mine) + "change"), {"q-lunch": "early"})

    assert (page.status, page.summary) == (422, ["q-lunch"])
    assert "“At noon” is full. Choose another answer to “Lunch”." in page.words


def test_who_waits_for_a_session_keeps_the_place_in_line_when_something_else_changes(
    store: Session, visitor: Visitor
) -> None:
    event = an_event(
        store, sessions=(a_session("A", capacity=1), a_session("B", "2015-10-16T10:30", "2015-10-16T12:00"))
    )
    leaves = a_registration(store, event, sessions=seats_in("A"))
    mine = a_registration(store, event, sessions=(*seats_in("A", waitlist=True), *seats_in("B")))
    registrations.cancel(store, Participant(leaves.id), leaves.reference, now=NOW)  # mine is in B meanwhile

    answer = visitor.send(visitor.open(own_address(mine) + "change"), {"job_title": "Mayor"})

    assert answer.status == 303
    assert "Waiting, number 1" in visitor.open(own_address(mine)).words


# Sharing and cancelling -----------------------------------------------------------------------------------------


def shared_with(store: Session, mine: Registration) -> set[str]:
    store.rollback()
    found = registrations.read(store, Participant(mine.id), mine.reference)
    return {entry.organisation.short for entry in found.consents if entry.withdrawn_at is None}


def test_sharing_is_changed_at_any_time(store: Session, visitor: Visitor, clock: Callable[[datetime], None]) -> None:
    event = an_event(store)
    mine = a_registration(store, event, sharing=frozenset({event.sharing[0].id}))
    clock(datetime(2015, 11, 1, tzinfo=UTC))
    form = visitor.open(own_address(mine) + "sharing")

    sent = visitor.send(form, {"sharing": [str(event.sharing[1].id), "999", "x", "²", "9" * 5000]})

    assert (form.form.answers["sharing"], sent.status) == ([str(event.sharing[0].id)], 303)
    assert shared_with(store, mine) == {"UCLG"}


def test_cancelling_asks_once_then_frees_the_place(store: Session, visitor: Visitor) -> None:
    event: EventFacts = an_event(store, capacity=1)
    mine = a_registration(store, event)
    waits = a_registration(store, event, accept_waitlist=True)
    question = visitor.open(own_address(mine) + "cancel")
    asked = statuses(store, event)

    sent = [visitor.send(question) for _ in range(2)]

    assert asked == {"confirmed": 1, "waitlisted": 1}
    assert [page.status for page in sent] == [303, 410]
    assert sent[1].heading == f"This registration is cancelled, {mine.given_name}"
    assert own_address(mine) in sent[1].links
    assert statuses(store, event) == {"cancelled": 1, "confirmed": 1}
    assert mails(store)[-2:] == [("cancelled", mine.email), ("promoted", waits.email)]


@pytest.mark.parametrize("status", ["cancelled", "declined"])
def test_what_has_ended_cannot_be_cancelled(store: Session, visitor: Visitor, status: str) -> None:
    event = an_event(store)
    mine = a_registration(store, event)
    question = visitor.open(own_address(mine) + "cancel")
    if status == "cancelled":
        registrations.cancel(store, an_organizer(event), mine.reference, now=NOW)
    else:
        registrations.decline(store, an_organizer(event), mine.reference, reason="No", now=NOW)
    before = rows_of_all_tables(store)

    answers = [visitor.open(own_address(mine) + "cancel"), visitor.send(question)]

    assert [page.status for page in answers] == [410, 410]
    assert rows_of_all_tables(store) == before


def test_nothing_is_cancelled_after_the_event(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    event = an_event(store)
    mine = a_registration(store, event)
    clock(event.over_at - timedelta(minutes=1))
    question = visitor.open(own_address(mine) + "cancel")
    clock(event.over_at)
    before = rows_of_all_tables(store)

    answers = [visitor.open(own_address(mine) + "cancel"), visitor.send(question)]

    heading = "This registration cannot be cancelled any more"
    assert question.status == 200
    assert [(page.status, page.heading) for page in answers] == [(410, heading)] * 2
    assert rows_of_all_tables(store) == before


def grant_email(store: Session, event: EventFacts) -> EventFacts:
    ilo = event.sharing[0].id
    partner.set_scope(store, an_organizer(event), event, ilo, extra_columns=["email"], purpose={}, now=NOW)
    return facts(store, "forum")


def terms(store: Session, mine: Registration) -> list[tuple[list[str], bool]]:
    """What each consent named, in order, and whether it stands."""
    store.rollback()
    rows = store.scalars(select(Consent).where(Consent.registration_id == mine.id).order_by(Consent.id))
    return [(row.columns, row.withdrawn_at is None) for row in rows]


def test_the_sharing_page_tells_of_wider_terms_and_agrees_to_them(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    mine = a_registration(store, event, sharing=frozenset({event.sharing[0].id}))
    told = "New since you agreed, and not shown to ILO: email address."
    before = visitor.open(own_address(mine) + "sharing")
    event = grant_email(store, event)
    page = visitor.open(own_address(mine) + "sharing")

    stale = visitor.send(before)
    assert (stale.status, terms(store, mine)) == (303, [([], True)])
    sent = visitor.send(page)

    assert (told in before.words, told in page.words, sent.status) == (False, True, 303)
    assert terms(store, mine) == [([], False), (["email"], True)]
    assert told not in visitor.open(own_address(mine) + "sharing").words


def test_the_change_page_tells_of_wider_terms_and_leaves_them(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    mine = a_registration(store, event, sharing=frozenset({event.sharing[0].id}))
    grant_email(store, event)
    page = visitor.open(own_address(mine) + "change")

    sent = visitor.send(page, {"job_title": "Mayor"})

    assert "New since you agreed, and not shown to ILO: email address." in page.words
    assert (sent.status, terms(store, mine)) == (303, [([], True)])


def test_a_form_of_sharing_that_expired_keeps_the_ticks(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    mine = a_registration(store, event, sharing=frozenset({event.sharing[0].id}))
    other = str(event.sharing[1].id)

    page = visitor.send(visitor.open(own_address(mine) + "sharing"), {"csrf_token": "old", "sharing": [other]})

    assert (page.status, page.summary, page.form.answers["sharing"]) == (422, ["send"], [other])
    assert "Not saved The form had expired." in page.words
    assert set(page.summary) <= set(page.ids)
    assert shared_with(store, mine) == {"ILO"}
    assert visitor.send(page).status == 303
    assert shared_with(store, mine) == {"UCLG"}


def test_acting_needs_the_key_of_a_page_just_seen(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    mine = a_registration(store, event)

    answer = visitor.post(own_address(mine) + "cancel")

    assert (answer.status, answer.heading) == (400, "The form had been open for too long")
    assert statuses(store, event) == {"confirmed": 1}


def test_the_change_page_does_not_tell_who_is_registered(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    a_registration(store, event, given_name="Awa", family_name="Koné", email="awa@example.org")
    answers = []
    for given_name in ("Awa", "Aya"):
        mine = a_registration(store, event)
        page = visitor.open(own_address(mine) + "change")
        typed = {"given_name": given_name, "family_name": "Koné", "email": "awa@example.org"}
        sent = visitor.send(page, typed)
        shown = visitor.open(sent.headers["Location"])
        told = re.sub(r"/r/[\w-]+/", "…", shown.words)
        answers.append((sent.status, told.replace(given_name, "…").replace(mine.reference, "…")))

    assert answers[0] == answers[1]
    assert answers[0][0] == 303


def test_changes_flood_no_mailbox(store: Session, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "PER_ADDRESS", RateLimitItemPerHour(1))
    change = f"{own_address(a_registration(store, an_event(store)))}change"
    victim = {"email": "mayor@example.org"}
    codes = [visitor.send(visitor.open(change), victim).status for _ in range(2)]
    former = mails(store)

    page = visitor.send(visitor.open(change), {**victim, "job_title": "Mayor"})

    assert (codes, page.status) == ([303, 429], 429)
    assert 3500 < int(page.headers["Retry-After"]) <= 3600
    assert "Wait 60 minutes" in page.words
    assert page.form.answers["job_title"] == ["Mayor"]
    assert mails(store) == former


def test_the_code_on_the_page_is_that_of_the_reference(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    mine, other = a_registration(store, event), a_registration(store, event)

    html = visitor.open(own_address(mine)).html

    drawn = [re.findall(r'stroke="#000" d="([^"]+)"', qr.svg(each.reference, label="")) for each in (mine, other)]
    assert [[path in html for path in paths] for paths in drawn] == [[True], [False]]


def test_the_page_says_with_whom_the_details_are_shared(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    ilo = event.sharing[0].id
    mine, other = a_registration(store, event, sharing=frozenset({ilo})), a_registration(store, event)

    assert "Shared with ILO. Not shared with UCLG, City of Turin." in visitor.open(own_address(mine)).words
    assert "Not shared with ILO, UCLG, City of Turin." in visitor.open(own_address(other)).words


def test_who_has_no_place_is_not_told_that_details_are_seen(store: Session, visitor: Visitor) -> None:
    event = an_event(store, capacity=1)
    ilo = frozenset({event.sharing[0].id})
    confirmed, declined, cancelled = (a_registration(store, event, sharing=ilo, accept_waitlist=True) for _ in range(3))
    waits = a_registration(store, event, sharing=ilo, accept_waitlist=True)
    registrations.decline(store, an_organizer(event), declined.reference, reason="No", now=NOW)
    registrations.cancel(store, Participant(cancelled.id), cancelled.reference, now=NOW)

    words = [visitor.open(own_address(each)).words for each in (confirmed, waits, declined, cancelled)]

    assert ["Shared with ILO." in each for each in words] == [True, False, False, False]
    assert "No organization sees your details yet. Once you have a place: ILO." in words[1]
    assert ["No organization sees your details." in each for each in words] == [False, False, True, True]
