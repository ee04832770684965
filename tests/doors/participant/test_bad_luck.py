"""A database that is locked or gone, a failing view: plain answers, nothing lost, nothing told to the log."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, make_url, text
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException, default_exceptions

from forumreg.app import create_app
from forumreg.base.clock import ShiftedClock
from forumreg.base.errors import Changed, Forbidden, Gone, NotFound, Refused, Unavailable
from forumreg.doors.participant import registration
from forumreg.rules.access import Shell
from forumreg.rules.booking import of_registration
from forumreg.rules.event import facts, put
from forumreg.rules.registration import cancel
from forumreg.store import engine as engines
from forumreg.store.engine import make_engine
from forumreg.web import limits
from forumreg.web.site import NAME, db
from tests.builders import NOW, a_draft, a_registration, a_session, an_event, an_organizer, seats_in
from tests.conftest import settings_for
from tests.doors.participant.conftest import FORM, an_answered_form, mails, own_address, the_registration
from tests.pages import Page, Visitor

POST_PLACES = ("change", "sharing", "cancel")
CODES = (400, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits long for a lock."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(engines, "LOCK_TIMEOUT", "50ms")


@pytest.fixture
def installed(impatient: None, database_url: str, tmp_path: Path) -> Iterator[Flask]:  # noqa: ARG001 (before it)
    """The whole application on each kind of database."""
    limits.forget_all()
    app = create_app(settings_for(database_url, tmp_path), clock=ShiftedClock.starting_at(NOW))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Another program is writing and does not come to an end."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                yield
            return
        connection.execute(text("SELECT id FROM seat_pool FOR UPDATE"))
        connection.execute(text("SELECT id FROM registration FOR UPDATE"))
        yield


def is_the_houses(page: Page) -> bool:
    """Whether an answer is a page of ours, protected, without anything of the machine's."""
    told = ("Traceback", "sqlalchemy", "sqlite3", "psycopg", "OperationalError", "/forumreg/")
    return (
        "default-src 'none'" in page.headers["Content-Security-Policy"]
        and page.headers["Cache-Control"] == "private, no-store"
        and page.headers["Referrer-Policy"] == "no-referrer"
        and "_shared/public.css" in page.html
        and bool(page.heading)
        and not any(word in page.html for word in told)
    )


def test_a_locked_database_keeps_the_form_and_thanks_nobody(installed: Flask, session: Session, engine: Engine) -> None:
    an_event(session)
    visitor = Visitor(installed)
    form = visitor.open(FORM)

    with locked(engine):
        page = visitor.send(form, an_answered_form())
    again = visitor.send(page)

    assert (page.status, page.headers["Retry-After"], page.form.answers["given_name"]) == (503, "5", ["Awa1"])
    assert "Not sent: we cannot save anything right now." in page.words
    assert page.summary_heading == "Not sent"
    assert is_the_houses(page)
    assert again.status == 303
    assert page.form.answers["key"] == form.form.answers["key"]


def test_a_locked_database_keeps_a_change_and_refuses_plainly_elsewhere(
    installed: Flask, session: Session, engine: Engine
) -> None:
    mine = a_registration(session, an_event(session))
    visitor = Visitor(installed)
    forms = {place: visitor.open(own_address(mine) + place) for place in POST_PLACES}
    session.rollback()

    with locked(engine):
        pages = {place: visitor.send(form, {"job_title": "Mayor", "sharing": ["2"]}) for place, form in forms.items()}

    assert {place: (page.status, page.headers["Retry-After"]) for place, page in pages.items()} == dict.fromkeys(
        POST_PLACES, (503, "5")
    )
    assert all(map(is_the_houses, pages.values()))
    assert pages["change"].form.answers["job_title"] == ["Mayor"]
    assert pages["sharing"].form.answers["sharing"] == ["2"]
    assert {pages[place].summary_heading for place in ("change", "sharing")} == {"Not saved"}
    assert [visitor.send(pages[place]).status for place in ("sharing", "change")] == [303, 409]  # by the first of them


def test_a_locked_database_keeps_the_address_that_asks_for_a_link_and_counts_no_mail(
    installed: Flask, session: Session, engine: Engine
) -> None:
    a_registration(session, an_event(session), email="known@example.org")
    visitor = Visitor(installed)
    form = visitor.open("/events/forum/find")
    session.rollback()

    with locked(engine):
        pages = [visitor.send(form, {"email": "known@example.org"}) for _ in range(7)]
    again = visitor.send(pages[-1])

    assert {(page.status, page.headers["Retry-After"], *page.summary) for page in pages} == {(503, "5", "send")}
    assert pages[-1].form.answers["email"] == ["known@example.org"]
    assert "Not sent We cannot look that up right now." in pages[-1].words
    assert (again.status, mails(session)[1:]) == (303, [("link_again", "known@example.org")])


def test_reading_goes_on_while_somebody_writes(installed: Flask, session: Session, engine: Engine) -> None:
    mine = a_registration(session, an_event(session))
    visitor = Visitor(installed)
    session.rollback()

    with locked(engine):
        codes = [visitor.open(address).status for address in ("/", "/events/forum/", FORM, own_address(mine))]

    assert codes == [200] * 4


def gone(app: Flask, session: Session) -> None:
    """The database is not there any more."""
    session.close()
    engine = session.get_bind()
    engine.dispose()
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite":
        Path(str(url.database)).unlink()
        return
    with app.app_context():
        nowhere = make_engine(url.set(port=1).render_as_string(hide_password=False))
        db.engine.dispose()
        db.engines[None] = nowhere


def test_a_database_that_is_gone_is_said_plainly_and_thanks_nobody(installed: Flask, session: Session) -> None:
    mine = a_registration(session, an_event(session))
    own = own_address(mine)
    visitor = Visitor(installed)
    form, change, find = (visitor.open(each) for each in (FORM, f"{own}change", "/events/forum/find"))
    gone(installed, session)

    pages = [
        *(visitor.open(address) for address in ("/", "/events/forum/", FORM, own, "/events/forum/programme.ics")),
        visitor.send(form, an_answered_form()),
        visitor.send(change, {"job_title": "Mayor"}),
        visitor.send(find, {"email": "awa@example.org"}),
    ]

    assert [(page.status, page.headers["Retry-After"]) for page in pages] == [(503, "5")] * len(pages)
    assert all(map(is_the_houses, pages))
    assert visitor.client.get("/healthz").status_code == 200
    assert visitor.client.get("/readyz").status_code == 503


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
def test_connections_that_were_cut_are_made_anew(installed: Flask, session: Session) -> None:
    an_event(session)
    visitor = Visitor(installed)
    form = visitor.open(FORM)
    session.close()
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with session.get_bind().connect() as connection:
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
        deadline = time.monotonic() + 10
        while connection.scalar(text(f"SELECT count(*) {others}")):  # they are told, and end when they hear it
            assert time.monotonic() < deadline
            time.sleep(0.01)

    assert visitor.send(form, an_answered_form()).status == 303


# Error pages ----------------------------------------------------------------------------------------------------


@pytest.fixture
def failing(app: Flask) -> Flask:
    """An application with a view for each way of failing, which also says who and what was asked."""
    known = app.extensions[NAME]
    made = create_app(known.settings, clock=known.clock)

    def fail(code: int, token: str) -> None:
        if code == 500:
            raise ValueError(f"Awa Koné <awa@example.org> {token}")
        raise default_exceptions.get(code, _of(code))

    made.add_url_rule("/fail/<int:code>/<token>", "fail", fail, methods=["GET", "POST"])
    return made


def _of(code: int) -> type[HTTPException]:
    return type("Unknown", (HTTPException,), {"code": code})


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "https://forum.example.org"])
def test_every_error_has_a_page_of_the_house(failing: Flask, base_url: str) -> None:
    app = create_app(replace(failing.extensions[NAME].settings, base_url=base_url))
    app.add_url_rule("/fail/<int:code>/<token>", "fail", failing.view_functions["fail"])
    visitor = Visitor(app)

    pages = {code: visitor.open(f"/fail/{code}/x", base_url=base_url) for code in CODES}

    assert {code: page.status for code, page in pages.items()} == {code: code for code in CODES}
    assert [code for code, page in pages.items() if not is_the_houses(page)] == []
    assert len({page.heading for page in pages.values()}) == len(CODES)
    assert {("Strict-Transport-Security" in page.headers) for page in pages.values()} == {"https" in base_url}


@pytest.mark.parametrize("language", ["en", "fr"])
def test_error_pages_speak_the_readers_language(failing: Flask, language: str) -> None:
    page = Visitor(failing).open("/fail/404/x", headers={"Accept-Language": language})

    assert f'<html lang="{language}"' in page.html


@pytest.mark.parametrize(
    ("raised", "code"),
    [(NotFound("x"), 404), (Forbidden("x"), 403), (Changed(), 409), (Refused("x"), 409), (Gone("x"), 410),
     (Unavailable(7), 503)],
)  # fmt: skip
def test_every_no_of_a_rule_has_its_code(app: Flask, raised: Exception, code: int) -> None:
    known = app.extensions[NAME]
    made = create_app(known.settings, clock=known.clock)

    def refuse() -> None:
        raise raised

    made.add_url_rule("/no", "no", refuse)
    page = Visitor(made).open("/no")

    assert (page.status, is_the_houses(page), page.headers.get("Retry-After")) == (
        code,
        True,
        "7" if code == 503 else None,
    )


def test_a_failing_view_shows_a_code_and_no_more(failing: Flask) -> None:
    page = Visitor(failing).open("/fail/500/secret-token")

    assert page.headers["X-Request-Id"] in page.words
    assert [word for word in ("Awa", "Koné", "example.org", "ValueError") if word in page.html] == []


def test_a_failing_view_tells_the_log_where_and_not_who(
    failing: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("forumreg"), "propagate", True)
    failing.logger.setLevel(logging.INFO)
    with caplog.at_level(logging.DEBUG):
        page = Visitor(failing).post(
            "/fail/500/secret-token?email=awa@example.org", {"given_name": "Awa", "family_name": "Koné"}
        )

    assert page.status in {400, 500}
    lines = "\n".join(str(vars(record)) for record in caplog.records) + caplog.text
    assert [word for word in ("Awa", "Koné", "awa@", "secret-token") if word in lines] == []


def test_no_line_of_the_log_holds_a_name_an_address_or_a_token(
    store: Session, app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("forumreg"), "propagate", True)
    mine = a_registration(store, an_event(store), given_name="Zulaikha", email="zulaikha@example.org")
    token = own_address(mine)
    visitor = Visitor(app)
    with caplog.at_level(logging.INFO):
        visitor.open(token)
        visitor.send(visitor.open(f"{token}change"), {"organisation": "Quetzaltenango"})
        visitor.send(visitor.open(FORM), an_answered_form(email="quirin@example.org"))
        visitor.send(visitor.open("/events/forum/find"), {"email": "quirin@example.org"})
        visitor.open(token[:-3])

    lines = "\n".join(str(vars(record)) for record in caplog.records) + caplog.text
    words = ("Zulaikha", "zulaikha@", "Quetzaltenango", "quirin@", token.split("/")[2], mine.reference)
    assert [word for word in words if word in lines] == []
    assert [record.route for record in caplog.records if record.name == "forumreg.access"][:2] == [
        "/r/<token>/",
        "/r/<token>/change",
    ]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "forum.example.org@evil.example"])
def test_a_foreign_host_is_refused_in_the_houses_style(store: Session, visitor: Visitor, host: str) -> None:
    an_event(store)

    page = visitor.open("/events/forum/", headers={"Host": host})

    assert (page.status, is_the_houses(page), "evil" in page.html) == (400, True, False)


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "LOCALHOST", "[::1]", "[::1]:8140", "Forum.Example.ORG:443"])
def test_the_own_host_is_answered_however_it_is_written(
    store: Session, app_url: str, tmp_path: Path, host: str
) -> None:
    an_event(store)
    settings = replace(settings_for(app_url, tmp_path), base_url="https://forum.example.org")
    browser = create_app(settings, clock=ShiftedClock.starting_at(NOW)).test_client()

    assert browser.get("/events/forum/", headers={"Host": host}).status_code == 200


def test_a_method_that_is_not_taken_is_answered_with_those_that_are(store: Session, visitor: Visitor) -> None:
    an_event(store)

    page = Page(visitor.client.delete("/events/forum/"))

    allowed = {method.strip() for method in page.headers["Allow"].split(",")}
    assert (page.status, allowed, is_the_houses(page)) == (405, {"GET", "HEAD", "OPTIONS"}, True)


# The event changes while a form is looked at -----------------------------------------------------------------------


@pytest.fixture
def changing(store: Session, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has an organizer change the event after a form has been read, and before it is taken."""
    submit = registration.registrations.submit

    def change(**facts: Any) -> None:
        def meanwhile(*given: Any, **named: Any) -> Any:
            monkeypatch.undo()
            put(store, Shell(), a_draft(**facts), now=NOW)
            return submit(*given, **named)

        monkeypatch.setattr(registration.registrations, "submit", meanwhile)

    return change


def test_a_session_that_is_removed_meanwhile_costs_nothing_that_was_typed(
    store: Session, visitor: Visitor, changing: Callable[..., None]
) -> None:
    an_event(store, sessions=(a_session("A", capacity=5), a_session("B", "2015-10-16T09:00", "2015-10-16T10:00")))
    form = visitor.open(FORM)

    changing(sessions=(a_session("B", "2015-10-16T09:00", "2015-10-16T10:00"),))
    page = visitor.send(form, an_answered_form(sessions=["A"]))

    assert (page.status, page.summary, page.form.answers["given_name"]) == (422, ["ses"], ["Awa1"])
    gone = "“Session A” is no longer in the programme. Choose another session, or send the form without it."
    assert gone in page.words
    assert "Sessions (1 to fix)" in page.words
    assert visitor.send(page).status == 303


def test_a_session_that_was_never_there_or_is_long_forgotten_is_counted(store: Session, visitor: Visitor) -> None:
    an_event(store)
    form = visitor.open(FORM)

    one = visitor.send(form, an_answered_form(sessions=["\x00"]))
    two = visitor.send(form, an_answered_form(slot__99="no-such-session", sessions=["wait:neither"]))

    assert [(page.status, page.summary) for page in (one, two)] == [(422, ["send"])] * 2  # nothing to choose from
    assert "A session that you chose is no longer in the programme." in one.words
    assert "2 sessions that you chose are no longer in the programme." in two.words
    assert visitor.send(two).status == 303


def test_a_form_that_arrived_is_the_same_when_sent_again_after_its_session_was_removed(
    store: Session, visitor: Visitor
) -> None:
    event = an_event(store, sessions=(a_session("A"), a_session("B", "2015-10-17T09:00", "2015-10-17T10:00")))
    form = visitor.open(FORM)
    first = visitor.send(form, an_answered_form(sessions=["A"]))
    cancel(store, an_organizer(event), the_registration(store).reference, now=NOW)
    put(store, Shell(), a_draft(sessions=(a_session("B", "2015-10-17T09:00", "2015-10-17T10:00"),)), now=NOW)

    again = visitor.send(form, an_answered_form(sessions=["A"]))

    assert (first.status, again.status, again.headers["Location"]) == (303, 303, first.headers["Location"])


@pytest.mark.parametrize("place", ["sessions", "change"])
def test_a_session_that_is_removed_takes_no_other_seat_with_it(store: Session, visitor: Visitor, place: str) -> None:
    kept = a_session("B", "2015-10-17T09:00", "2015-10-17T10:00")
    event = an_event(store, sessions=(a_session("A"), kept))
    mine = a_registration(store, event, sessions=seats_in("B"))
    form = visitor.open(own_address(mine) + place)
    put(store, Shell(), a_draft(sessions=(kept,)), now=NOW)

    page = visitor.send(form, {"sessions": ["A"]})

    assert (page.status, page.summary) == (422, ["ses"])
    assert "“Session A” is no longer in the programme." in page.words
    assert "ses" in page.ids
    assert [seat.session.key for seat in of_registration(store, facts(store, "forum"), mine.id)] == ["B"]


def test_a_notice_that_changes_meanwhile_is_shown_once_and_then_the_form_is_taken(
    store: Session, visitor: Visitor, changing: Callable[..., None]
) -> None:
    an_event(store, privacy_notice={"en": "We keep your answers."})
    form = visitor.open(FORM)

    changing(privacy_notice={"en": "We keep your answers for two years."})
    page = visitor.send(form, an_answered_form())

    assert (page.status, page.form.answers["notice_version"]) == (422, ["2"])
    assert visitor.send(page).status == 303
