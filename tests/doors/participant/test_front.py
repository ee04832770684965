"""An event's page is answered again without Flask while it says what is so, and never a moment longer."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from forumreg.rules.access import Shell
from forumreg.rules.event import put
from forumreg.store.engine import make_engine
from forumreg.tables.event import EventStatus
from forumreg.web import front
from tests.builders import NOW, a_draft, a_receipt, a_session, an_event, seats_in
from tests.groups import POSTGRES_URL

EVENT = "/events/forum/"


class Asking:
    """Asks without cookies, and knows how often the application itself had to answer."""

    def __init__(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app, self.took = app, 0
        answer = app.full_dispatch_request

        def counted() -> object:
            self.took += 1
            return answer()

        monkeypatch.setattr(app, "full_dispatch_request", counted)

    def get(self, address: str = EVENT, **headers: str) -> TestResponse:
        """An answer."""
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.app.test_client(use_cookies=False).get(address, headers=said)

    def words(self, **headers: str) -> tuple[str, bool]:
        """What the event's page says, and whether the application was asked for it."""
        before = self.took
        text = self.get(**headers).text
        return text, self.took > before


@pytest.fixture
def asking(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Asking:
    """Somebody who asks for the same again and again."""
    return Asking(app, monkeypatch)


def test_what_stands_is_answered_again_with_all_its_headers_and_an_id_of_its_own(
    store: Session, asking: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    an_event(store)
    caplog.set_level(logging.INFO, "forumreg.access")
    first, second = asking.get(), asking.get()

    assert asking.took == 1
    assert first.data == second.data
    ids = [answer.headers.pop("X-Request-Id") for answer in (first, second)]
    assert sorted(first.headers) == sorted(second.headers)
    assert "default-src 'none'" in second.headers["Content-Security-Policy"]
    assert ids[0] != ids[1]
    told = [(each.request, each.route, each.status) for each in caplog.records if hasattr(each, "route")]  # type: ignore[attr-defined]
    assert told == [(number, "/events/<slug:slug>/", 200) for number in ids]


def test_a_place_that_is_taken_and_a_change_are_told_at_once(store: Session, asking: Asking) -> None:
    event = an_event(store, capacity=9)
    assert ["9 places left" in asking.words()[0] for _ in range(2)] == [True, True]

    a_receipt(store, event)
    assert ["8 places left" in asking.words()[0] for _ in range(2)] == [True, True]
    put(store, Shell(), replace(a_draft(capacity=9), title={"en": "Renamed Forum"}), now=NOW)
    assert ["Renamed Forum" in asking.words()[0] for _ in range(2)] == [True, True]
    assert asking.took == 3

    put(store, Shell(), replace(a_draft(), status=EventStatus.DRAFT), now=NOW)
    assert asking.get().status_code == 404


def test_the_clock_alone_changes_it(store: Session, asking: Asking, clock: Callable[[datetime], None]) -> None:
    closes_at = an_event(store).closes_at or NOW
    asking.get()

    clock(closes_at - timedelta(seconds=20))
    before = [asking.words() for _ in range(2)]
    clock(closes_at)
    after = [asking.words() for _ in range(2)]

    assert [asked for _text, asked in (*before, *after)] == [True, False, True, False]
    assert ["Registration closed on" in text for text, _asked in (*before, *after)] == [False, False, True, True]


def test_a_demonstration_shows_the_minute(store: Session, asking: Asking, clock: Callable[[datetime], None]) -> None:
    an_event(store)
    shown = []
    for minute in range(3):
        clock(datetime(2015, 9, 1, 7, minute, tzinfo=UTC))
        shown.append(f"9:0{minute}" in asking.words()[0])

    assert shown == [True, True, True]


def test_a_programme_is_answered_again_until_a_seat_is_taken_or_the_event_changes(
    store: Session, asking: Asking
) -> None:
    address, sessions = f"{EVENT}programme", (a_session("A", capacity=5),)
    event = an_event(store, sessions=sessions)
    said = ["<b>5</b> of 5 seats left" in asking.get(address).text for _ in range(2)]
    assert (said, asking.took) == ([True, True], 1)

    a_receipt(store, event)  # a place at the event is none in a session
    assert ("<b>5</b> of 5 seats left" in asking.get(address).text, asking.took) == (True, 1)
    a_receipt(store, event, sessions=seats_in("A"), family_name="Another")
    said = ["<b>4</b> of 5 seats left" in asking.get(address).text for _ in range(2)]
    assert (said, asking.took) == ([True, True], 2)

    put(store, Shell(), a_draft(sessions=(replace(sessions[0], title={"en": "Right to food"}),)), now=NOW)
    said = ["Right to food" in asking.get(address).text for _ in range(2)]
    assert (said, asking.took) == ([True, True], 3)
    assert ("Right to food" in asking.get(f"{address}?q=food").text, asking.took) == (True, 4)


def test_a_page_that_is_too_large_is_not_kept(store: Session, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "LARGEST_BYTES", 1000)
    an_event(store)

    assert [asking.get().status_code for _ in range(2)] == [200, 200]
    assert asking.took == 2


def test_each_language_encoding_and_host_has_its_own(store: Session, asking: Asking) -> None:
    an_event(store)
    for _ in range(2):
        pages = [asking.get(Accept_Language=code).text for code in ("en", "fr")]
        packed = asking.get(Accept_Encoding="gzip")
        assert [page.partition('lang="')[2][:2] for page in pages] == ["en", "fr"]
        assert gzip.decompress(packed.data).startswith(b"<!doctype html>")
        assert "Content-Encoding" not in asking.get(Accept_Encoding="gzip;q=0").headers
        assert asking.get(Host="elsewhere.example.org").status_code == 400

    assert asking.took == 4 + 2  # a foreign host is never answered by what was kept


def test_who_brings_a_cookie_or_a_question_is_answered_by_the_application(store: Session, asking: Asking) -> None:
    an_event(store)
    asking.get()

    for headers in ({"Cookie": "lang=fr"}, {"Cookie": "forumreg=x"}):
        asking.get(**headers)
    asking.get(f"{EVENT}?day=2015-10-16")
    asking.get(Accept_Language="en," * 40)

    assert asking.took == 5
    assert 'lang="fr"' in asking.get(Cookie="lang=fr").text


@contextmanager
def away(address: str) -> Iterator[None]:
    """The database cannot be reached meanwhile."""
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        moved = file.rename(file.with_name("away"))
        yield
        for made in file.parent.glob(f"{file.name}*"):  # the database without tables that was made in its place
            made.unlink()
        moved.rename(file)
        return
    server = make_engine(POSTGRES_URL, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false"))
        try:
            ended = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
            connection.execute(ended, {"name": url.database})
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true"))
    server.dispose()


def test_a_database_that_is_gone_is_no_answer_that_stands(app_url: str, store: Session, asking: Asking) -> None:
    an_event(store)
    assert asking.get().status_code == 200
    engine = store.get_bind()
    if engine.dialect.name == "sqlite":
        store.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    store.close()
    engine.engine.dispose()

    with away(app_url):
        gone = asking.get().status_code

    assert gone == 503
    assert asking.get().status_code == 200


def test_no_more_are_kept_than_said(store: Session, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(front, "MOST_PAGES", 2)
    an_event(store)
    for number in (1, 2, 3, 2):
        asking.get(Accept_Language=f"en;q=0.{number}")

    assert asking.took == 4
    asking.get(Accept_Language="en;q=0.2")
    assert asking.took == 4
