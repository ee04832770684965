"""What people, programs and broken lines send: taken as far as it can be, refused with a reason, kept as typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.rules import registration as registrations
from forumreg.rules.access import Participant
from forumreg.rules.event.drafts import RegistrationDraft
from forumreg.tables.registration import Registration
from tests.builders import (
    NOW,
    a_receipt,
    a_registration,
    a_session,
    an_event,
    every_kind_of_question,
    seats_in,
)
from tests.doors.participant.conftest import FORM, an_answered_form, count_of, mails, own_address, statuses
from tests.pages import Page, Visitor

FORM_TYPE = "application/x-www-form-urlencoded"

# Kinds of addresses that mail servers take.
ODD_ADDRESSES = (
    "x@example.org",
    "first.middle.last@sub.example.org",
    "mayor+forum+2015@example.org",
    "MAYOR.Office@EXAMPLE.Org",
    "o'neill.siobhan@example.org",
    "town/office=records@example.com",
    "!#$%&'*+-/=?^_`{|}~@example.org",
    "_____@example.net",
    "0123456789@example.com",
    "office%example.com@example.org",
    '"mayor of the town"@example.com',
    '"very.@.odd"@example.com',
    '"with \\" a quote"@example.com',
    "m" * 64 + "@example.org",
    "office@" + "long-label-".ljust(63, "x") + ".example",
    "office@xn--mnchen-3ya.example",
    "jürgen.groß@münchen.example",
    "δήμος@example.org",
    "بلدية@example.org",
    "市役所@例え.テスト",
    "office@[192.0.2.25]",
    "office@[IPv6:2001:db8::25]",
)
NO_ADDRESSES = (
    "office",
    "@example.org",
    "office@",
    "office@example",
    "office@-example.org",
    "office@exam ple.org",
    "of fice@example.org",
    ".office@example.org",
    "of..fice@example.org",
    "office@example..org",
    "office@[999.0.0.1]",
    "m" * 65 + "@example.org",
    "office@" + "x" * 64 + ".example",
    "a@example.org, b@example.org",
    "Office <office@example.org>",
    "office@exam\u200dple.org",
)


def test_every_address_that_gets_mail_is_taken_as_it_is(store: Session, visitor: Visitor) -> None:
    event = an_event(store)
    form = visitor.open(FORM)

    for number, address in enumerate(ODD_ADDRESSES):
        visitor.send(form, {**an_answered_form(number, email=address), "key": f"the key of form {number:02}"})

    assert [recipient for _message, recipient in mails(store)] == list(ODD_ADDRESSES)
    assert statuses(store, event) == {"confirmed": len(ODD_ADDRESSES)}
    opened = [visitor.open(own_address(each)).status for each in store.scalars(select(Registration))]
    assert opened == [200] * len(ODD_ADDRESSES)


def test_what_is_no_address_comes_back_as_typed(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM)

    pages = [visitor.send(form, an_answered_form(email=address)) for address in NO_ADDRESSES]

    assert [(page.status, page.summary, page.form.answers["email"][0]) for page in pages] == [
        (422, ["email"], address) for address in NO_ADDRESSES
    ]


def test_line_breaks_in_an_address_steer_no_header(store: Session, visitor: Visitor) -> None:
    an_event(store)

    page = visitor.send(visitor.open(FORM), an_answered_form(email="a@example.org\r\nBcc: b@example.org"))

    assert page.status == 422
    assert count_of(store) == 0


# Names ----------------------------------------------------------------------------------------------------------


def test_ten_thousand_characters_come_back_as_typed_with_what_to_do(store: Session, visitor: Visitor) -> None:
    an_event(store, fields=every_kind_of_question())
    form = visitor.open(FORM)
    long = "é" * 10_000
    names = ("given_name", "family_name", "badge_name", "organisation", "job_title", "email", "q-bring", "q-passport")

    pages = {
        name: visitor.send(form, {**an_answered_form(), "q-visa": "yes", "q-passport": "X", name: long})
        for name in names
    }

    assert {name: (page.status, page.form.answers[name], page.summary) for name, page in pages.items()} == {
        name: (422, [long], [name]) for name in names
    }
    assert count_of(store) == 0


NAMES = {
    "\u202eanimA\u202c": "animA",
    "\u2067أمينة\u2069": "أمينة",
    "A\u200bmi\ufeffna\u2060": "Amina",
    "Ami\x00na\x07": "Ami na",
    " Amina \t\r\n von   Sample ": "Amina von Sample",
    "می\u200cخواهم": "می\u200cخواهم",
    "Jose\u0301": "José",
    "O’Neill-Ἀθηνᾶ (長野) 🙂": "O’Neill-Ἀθηνᾶ (長野) 🙂",
    "=2+3": "=2+3",
    "<b>Bo</b>": "<b>Bo</b>",
    "Null": "Null",
}


def test_names_are_kept_without_what_cannot_be_seen(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM)

    for number, typed in enumerate(NAMES):
        visitor.send(form, {**an_answered_form(number, given_name=typed), "key": f"the key of form {number:02}"})

    store.rollback()
    kept = store.scalars(select(Registration).order_by(Registration.id)).all()
    assert [each.given_name for each in kept] == list(NAMES.values())
    for each in kept:
        assert f"You are registered, {each.given_name}" in visitor.open(own_address(each)).words


def test_a_name_of_which_nothing_can_be_seen_is_none(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM)
    for typed in ("\u200b\u2060", "\u202e\u202c", "\x00", " \u00a0 "):
        page = visitor.send(form, an_answered_form(given_name=typed, family_name=typed))

        assert (page.status, page.summary) == (422, ["given_name"])


# Bytes ----------------------------------------------------------------------------------------------------------


def raw(visitor: Visitor, form: Page, extra: bytes) -> Page:
    """Send a complete form with these bytes after it."""
    token = form.form.answers["csrf_token"][0]
    known = f"csrf_token={token}&notice_version=1&"
    body = f"{known}email=a%40example.org&organisation=City&country=CI&category=local&".encode() + extra
    return Page(visitor.client.post(FORM, data=body, content_type=FORM_TYPE))


def test_names_that_are_not_utf_8_are_asked_for_again(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM)
    for extra in (b"given_name=Ami%FFna", b"given_name=Ami\xff\xfena", b"given_name=%C3"):
        page = raw(visitor, form, extra)

        assert (page.status, page.summary) == (422, ["given_name"])
        assert "arrived unreadable" in page.words
        assert page.form.answers["organisation"] == ["City"]


NOT_OFFERED = (
    b"%FF=1",
    b"key=%FF%FE%00%00%00%00%00%00%00%00%00%00%00%00",
    b"dietary=%FF",
    b"interpretation=%00",
    b"language=%FF",
    b"sharing=%00&sharing=-1",
    b"badge_name=%00",
    b"&&=&=x",
)


def test_answers_that_no_form_offers_do_no_harm(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM)

    codes = [
        raw(visitor, form, b"given_name=Awa%d&" % number + extra).status for number, extra in enumerate(NOT_OFFERED)
    ]

    assert (codes, count_of(store)) == ([303] * len(NOT_OFFERED), len(NOT_OFFERED))


@pytest.mark.parametrize("name", ["category", "country"])
def test_a_choice_that_is_not_offered_is_refused_by_name(store: Session, visitor: Visitor, name: str) -> None:
    an_event(store)
    for value in ("\x00", "\ufffd", '"><script>', "x" * 5000):
        page = visitor.send(visitor.open(FORM), {**an_answered_form(), name: value})

        assert (page.status, page.summary) == (422, [name])
        assert "<script>" not in page.html


ODD_PAGES = {
    "/?day=%FF": 200,
    "/events/forum/?day=%FF%FE": 200,
    f"{FORM}?category=%FF": 200,
    f"{FORM}?lang=%FF": 200,
    "/events/forum/received?receipt=%FF": 404,
    "/events/forum/?day=%00": 400,
    f"{FORM}?category=a%00b": 400,
    "/events/%00/": 400,
    "/r/%00/": 400,
    "/events/%FF/": 404,
    "/events/FORUM/": 404,
    "/events/..%2f..%2fetc/": 404,
    "/r/%FF%FE/": 404,
    "/static/..%2f..%2fpyproject.toml": 404,
    f"/static/{300 * 'a'}": 404,
    "/" + "x" * 5000: 404,
}


def test_odd_addresses_of_pages_are_answered_plainly(store: Session, visitor: Visitor) -> None:
    an_event(store)

    pages = {address: visitor.open(address) for address in ODD_PAGES}

    assert {address: page.status for address, page in pages.items()} == ODD_PAGES
    assert [address for address, page in pages.items() if not page.heading] == []


@pytest.mark.parametrize("address", [FORM, "/events/forum/find"])
def test_a_body_that_is_too_large_is_turned_away(store: Session, visitor: Visitor, address: str) -> None:
    an_event(store)
    form = visitor.open(address)

    page = visitor.send(form, {"accessibility": "x" * (1024 * 1024)})

    assert (page.status, page.heading) == (413, "That was too much at once")
    assert count_of(store) == 0


def test_a_form_of_many_thousand_parts_is_turned_away(store: Session, visitor: Visitor) -> None:
    an_event(store)
    visitor.open(FORM)

    page = visitor.post(FORM, {f"x{number}": "" for number in range(5000)}, content_type="multipart/form-data")

    assert page.status == 413


def test_other_content_than_a_form_is_turned_away(store: Session, visitor: Visitor) -> None:
    an_event(store)
    for address in (FORM, "/events/forum/find"):
        for kind in ("application/json", "text/plain", "application/xml", "", "image/png; a=b"):
            page = Page(visitor.client.post(address, data=b'{"email": "a@example.org"}', content_type=kind))

            assert (page.status, page.heading) == (415, "We cannot read that kind of content")


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=other"])
@pytest.mark.parametrize("address", [FORM, "/events/forum/find"])
def test_a_form_of_which_nothing_can_be_read_is_not_said_to_be_kept(
    store: Session, visitor: Visitor, address: str, kind: str
) -> None:
    an_event(store)
    visitor.open(FORM)
    body = b'--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na@example.org\r\n--x--\r\n'

    page = Page(visitor.client.post(address, data=body, content_type=kind))

    assert (page.status, page.heading) == (400, "We could not read that request")


def test_a_form_with_a_file_is_read_without_it(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM).form.filled(an_answered_form())

    answer = visitor.client.post(FORM, data={**form, "file": (BytesIO(b"\xff" * 1000), "a.pdf")})

    assert (answer.status_code, count_of(store)) == (303, 1)


# What changed while the form was open -----------------------------------------------------------------------------


def test_an_expired_form_keeps_everything_and_is_sent_again(store: Session, visitor: Visitor, app: Flask) -> None:
    an_event(store, sessions=(a_session("A"),))
    typed = {**an_answered_form(), "sessions": ["A"], "dietary": ["vegan"], "sharing": ["1"]}
    form = visitor.open(FORM)
    later = Visitor(app)  # the cookie is gone

    page = later.send(form, typed)

    assert (page.status, page.summary) == (422, ["send"])
    assert page.form.kept(typed) == {
        name: [value] if isinstance(value, str) else value for name, value in typed.items()
    }
    assert page.form.answers["key"] == form.form.answers["key"]
    assert later.send(page).status == 303


def test_registration_that_closed_while_the_form_was_open_says_so_and_keeps_it(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    an_event(store)
    form = visitor.open(FORM)
    clock(datetime(2015, 10, 10, tzinfo=UTC))

    page = visitor.send(form, an_answered_form())

    assert (page.status, page.form.answers["given_name"], page.summary) == (422, ["Awa1"], ["send"])
    assert "Write to forum@example.org with any question." in page.words
    assert count_of(store) == 0


def test_a_form_that_arrived_is_answered_alike_after_the_close(
    store: Session, visitor: Visitor, clock: Callable[[datetime], None]
) -> None:
    an_event(store)
    form = visitor.open(FORM)
    first = visitor.send(form, an_answered_form())
    clock(datetime(2015, 10, 10, tzinfo=UTC))

    again = visitor.send(form, an_answered_form())

    assert (again.status, again.headers["Location"]) == (303, first.headers["Location"])


def test_the_last_place_lost_meanwhile_offers_the_line_and_sent_again_gives_a_place_in_it(
    store: Session, visitor: Visitor
) -> None:
    event = an_event(store, capacity=1, sessions=(a_session("A"),))
    typed = {**an_answered_form(), "sessions": ["A"], "sharing": ["1"]}
    form = visitor.open(FORM)
    a_receipt(store, event)

    page = visitor.send(form, typed)

    assert (page.status, page.summary) == (422, ["send"])
    assert "Send the form once more to join the waiting list" in page.words
    assert page.form.kept(typed) == {
        name: [value] if isinstance(value, str) else value for name, value in typed.items()
    }
    assert (form.form.answers.get("accept_waitlist"), page.form.answers["accept_waitlist"]) == (None, ["1"])
    assert visitor.send(page).status == 303
    assert statuses(store, event) == {"confirmed": 1, "waitlisted": 1}


def test_the_last_place_lost_where_there_is_no_line_says_whom_to_ask(store: Session, visitor: Visitor) -> None:
    event = an_event(store, capacity=1, registration=RegistrationDraft(waitlist=False))
    form = visitor.open(FORM)
    a_receipt(store, event)

    page = visitor.send(form, an_answered_form())

    assert (page.status, page.summary, page.form.answers["given_name"]) == (422, ["send"], ["Awa1"])
    assert "Write to forum@example.org with any question." in page.words


def test_the_last_seat_in_a_session_lost_meanwhile_offers_its_line(store: Session, visitor: Visitor) -> None:
    event = an_event(
        store, sessions=(a_session("A", capacity=1), a_session("B", "2015-10-16T14:00", "2015-10-16T15:00"))
    )
    typed = {**an_answered_form(), "sessions": ["A", "B"]}
    form = visitor.open(FORM)
    a_receipt(store, event, sessions=seats_in("A"))

    page = visitor.send(form, typed)

    assert (page.status, page.summary) == (422, ["session-A"])
    assert "session-A" in page.ids
    assert "The last seat in “Session A” was taken meanwhile." in page.words
    assert page.form.answers["sessions"] == ["wait:A", "B"]
    assert visitor.send(page).status == 303
    assert statuses(store, event) == {"confirmed": 2}


def test_two_lines_offered_one_after_the_other_are_both_kept(store: Session, visitor: Visitor) -> None:
    event = an_event(
        store,
        capacity=9,
        sessions=(a_session("A", capacity=1), a_session("B", "2015-10-16T14:00", "2015-10-16T15:00", capacity=1)),
    )
    form = visitor.open(FORM)
    a_receipt(store, event, sessions=seats_in("A", "B"))
    an_event(
        store,
        capacity=1,
        sessions=(a_session("A", capacity=1), a_session("B", "2015-10-16T14:00", "2015-10-16T15:00", capacity=1)),
    )
    page, sent = form, 0
    answers = {**an_answered_form(), "sessions": ["A", "B"]}

    while (page := visitor.send(page, answers)).status == 422:
        answers, sent = {}, sent + 1

    assert (page.status, sent) == (303, 1)  # a waiting registrant's sessions are wishes
    assert statuses(store, event) == {"confirmed": 1, "waitlisted": 1}


def test_a_seat_that_came_free_is_given_to_who_had_chosen_the_line(store: Session, visitor: Visitor) -> None:
    event = an_event(
        store, sessions=(a_session("A", capacity=1), a_session("B", "2015-10-16T10:00", "2015-10-16T12:00"))
    )
    leaves = a_registration(store, event, sessions=seats_in("A"))
    form = visitor.open(FORM)
    registrations.cancel(store, Participant(leaves.id), leaves.reference, now=NOW)

    sent = visitor.send(form, {**an_answered_form(), "sessions": ["wait:A", "B"]})

    assert sent.status == 303  # and not a word about closed registration


def test_a_cancelled_event_takes_no_form(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM)
    an_event(store, status="cancelled")

    page = visitor.send(form, an_answered_form())

    assert (page.status, page.form.answers["given_name"]) == (422, ["Awa1"])
    assert "This event is cancelled." in page.words


def test_a_cookie_that_is_not_utf_8_is_no_trouble(app: Flask, store: Session) -> None:
    an_event(store)
    reader = app.test_client(use_cookies=False)  # one that has cookies writes them itself

    answers = [
        reader.get(address, environ_overrides={"HTTP_COOKIE": "other=caf\xe9; lang=fr"})
        for address in ("/", "/events/forum/", FORM, "/healthz", "/nowhere")
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 404]
    assert 'lang="fr"' in answers[1].text


@pytest.mark.parametrize("name", ["notice_version", "key", "given_name", "sharing"])
def test_a_file_in_the_place_of_an_answer_is_none(store: Session, visitor: Visitor, name: str) -> None:
    an_event(store)
    form = visitor.open(FORM)
    answers = {**form.form.answers, **an_answered_form(), "csrf_token": "old", name: (BytesIO(b"x"), "x.txt")}

    page = visitor.post(FORM, answers, content_type="multipart/form-data")

    assert (page.status, page.form.answers["email"]) == (422, ["awa1@example.org"])
