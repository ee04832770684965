"""What one reader is shown is kept for the next, and nothing of the one reaches the other."""

from __future__ import annotations

import gzip
from dataclasses import replace

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from forumreg.rules.access import Shell
from forumreg.rules.event import put
from forumreg.web import kept
from tests.builders import a_draft, a_receipt, a_session, an_event, seats_in
from tests.conftest import NOW
from tests.doors.participant.conftest import FORM, an_answered_form, count_of
from tests.pages import Page, Visitor

EVENT = "/events/forum/"
OWN = ("csrf_token", "key")  # what each reader's form has for itself


def without_own(page: Page) -> str:
    """The page without what is the reader's."""
    html = page.html
    for name in OWN:
        html = html.replace(page.form.answers[name][0], "")
    return html


def test_two_readers_find_the_same_form_with_tokens_of_their_own(app: Flask, store: Session) -> None:
    an_event(store, sessions=(a_session("A", capacity=5),))
    first, second = Visitor(app).open(FORM), Visitor(app).open(FORM)

    assert without_own(first) == without_own(second)
    assert all(first.form.answers[name] != second.form.answers[name] for name in OWN)
    assert all(len(first.form.answers[name][0]) >= 24 for name in OWN)


def test_a_kept_form_can_be_sent_by_each_reader(app: Flask, store: Session) -> None:
    an_event(store)
    readers = [Visitor(app) for _ in range(3)]
    forms = [reader.open(FORM) for reader in readers]

    answers = [
        reader.send(form, an_answered_form(n)).status
        for n, (reader, form) in enumerate(zip(readers, forms, strict=True))
    ]

    assert answers == [303, 303, 303]
    assert count_of(store) == 3


def test_a_page_in_packed_pieces_is_the_page(app: Flask, store: Session) -> None:
    an_event(store, capacity=9)
    client, packed = app.test_client(), []
    for _ in range(2):  # made, then kept
        answer = client.get(EVENT, headers={"Accept-Encoding": "gzip"})
        packed.append((answer.headers["Content-Encoding"], gzip.decompress(answer.data)))

    plain = client.get(EVENT, headers={"Accept-Encoding": "gzip;q=0, br"})

    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert packed == [("gzip", plain.data)] * 2


@given(
    parts=st.lists(st.text(max_size=40), min_size=1, max_size=6), filling=st.lists(st.text(), min_size=5, max_size=5)
)
def test_what_fills_a_hole_is_told_as_it_is(parts: list[str], filling: list[str]) -> None:
    words = "".join(f"{part}{kept.hole(str(at)) if at < len(parts) - 1 else ''}" for at, part in enumerate(parts))
    filled = [text.encode() for text in filling[: len(parts) - 1]]

    page = kept.made(words)

    told = gzip.decompress(page.sent(filled)).decode()
    assert page.sent(filled) == page.sent(filled)
    assert told == "".join(f"{part}{text}" for part, text in zip(parts, [*filling[: len(parts) - 1], ""], strict=True))


@given(
    words=st.lists(st.sampled_from(["<li>Right to food, 9:00", " seats left</li>", "", "é"]), min_size=2, max_size=30),
    fillings=st.lists(st.lists(st.sampled_from(["12", "99", "li", "é"]), min_size=29, max_size=29), min_size=2),
)
def test_a_page_that_is_packed_for_a_length_takes_any_filling_of_it(
    words: list[str], fillings: list[list[str]]
) -> None:
    page = kept.made(str(kept.hole("number")).join(words))

    for filling in fillings:
        filled = [text.encode() for text in filling[: len(words) - 1]]
        told = gzip.decompress(page.sent(filled)).decode()
        assert told == "".join(
            f"{word}{text}" for word, text in zip(words, [*filling[: len(words) - 1], ""], strict=True)
        )


def test_places_left_are_those_of_this_moment(app: Flask, store: Session) -> None:
    event = an_event(store, capacity=9, sessions=(a_session("A", "2015-10-15T09:00", "2015-10-15T10:00", capacity=3),))
    reader, left = Visitor(app), []
    for _ in range(4):
        left.append(["3 of 3 left" in reader.open(FORM).words, reader.open(EVENT).words.count("9 places left")])
        a_receipt(store, event, sessions=seats_in("A", waitlist=True))

    assert left == [[True, 1], [False, 0], [False, 0], [False, 0]]
    assert "1 person is before you" in reader.open(FORM).words
    assert "5 places left" in reader.open(EVENT).words


def test_a_changed_event_is_shown_at_once(app: Flask, store: Session) -> None:
    an_event(store)
    Visitor(app).open(EVENT)
    Visitor(app).open(FORM)

    put(store, Shell(), replace(a_draft(), title={"en": "Renamed Forum"}), now=NOW)

    assert "Renamed Forum" in Visitor(app).open(EVENT).heading
    assert "Renamed Forum" in Visitor(app).open(FORM).words


def test_each_language_has_its_page(app: Flask, store: Session) -> None:
    an_event(store)
    pages = [Visitor(app).open(FORM, headers={"Accept-Language": code}).html for code in ("en", "fr", "en")]

    assert [page.partition('lang="')[2][:2] for page in pages] == ["en", "fr", "en"]


def test_an_organizer_cannot_write_a_hole(app: Flask, store: Session) -> None:
    an_event(store, title={"en": "Forum csrf_token.key. {token}"})

    assert "Forum csrf_token.key. {token}" in Visitor(app).open(FORM).words


def test_no_more_pages_are_kept_than_said(app: Flask, store: Session) -> None:
    an_event(store)
    for number in range(kept.MOST_PAGES + 10):
        Visitor(app).open(f"{FORM}?category=c{number}")
    Visitor(app).open(f"{FORM}?category={'c' * kept.LONGEST_QUERY_BYTES}")

    assert len(kept._pages) == kept.MOST_PAGES
