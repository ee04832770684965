"""From the outbox's row to the mailbox: what is settled, put off, refused, and holds up nobody."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from forumreg.adapters.bell import QUEUE_FILE, Bell
from forumreg.adapters.smtp import carrier, read_kept
from forumreg.base.settings import Settings
from forumreg.doors.worker import run
from forumreg.doors.worker.delivery import deliver_one
from forumreg.rules.mail import Item, claim, post
from forumreg.rules.registration.letters import AnnouncementFacts, letter_facts
from forumreg.store.writing import writing
from forumreg.tables.mail import Message, OutboxMessage
from forumreg.tables.programme import Announcement
from forumreg.tables.registration import Registration
from forumreg.web.bare import bare_app
from forumreg.web.site import db
from tests.builders import a_registration, a_session, an_event, seats_in
from tests.mail_server import Mailbox, Received, a_mail_server
from tests.statements import statements


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        secret_key="a secret of this test, long enough",
        mail_from="no-reply@example.org",
        instance=tmp_path,
    )


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mail_server() as made:
        yield made


@contextmanager
def a_worker_app(settings: Settings) -> Iterator[Flask]:
    app = bare_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def to(mailbox: Mailbox, settings: Settings) -> Settings:
    return replace(settings, smtp_url=f"smtp://127.0.0.1:{mailbox.port}?tls=off")


def deliver_all(settings: Settings) -> None:
    with a_worker_app(settings) as app:
        carries = carrier(settings)
        while deliver_one(app, carries, "a worker"):
            pass
        carries.rest()


def text_of(received: Received) -> str:
    body = received.mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def outcome(session: Session) -> list[tuple[str, str]]:
    session.rollback()
    rows = session.execute(select(OutboxMessage.status, OutboxMessage.last_error).order_by(OutboxMessage.id))
    return [(status.value, error) for status, error in rows]


def a_staff_mail(session: Session, number: int) -> None:
    payload = {"subject": f"Mail {number}", "text": "Text"}
    item = Item(f"mail {number}", Message.STAFF, "a@example.org", "en", payload=payload)
    with writing(session):
        post(session, item)


def test_a_confirmation_reaches_its_registrant(session: Session, settings: Settings, mailbox: Mailbox) -> None:
    event = an_event(session, sessions=(a_session("panel"),))
    registration = a_registration(session, event, sessions=seats_in("panel"), given_name="Amina")

    deliver_all(to(mailbox, settings))

    [received] = mailbox.received
    assert received.recipients == [registration.email]
    assert str(received.mail["Subject"]) == "You are registered: Forum on Local Development"
    assert registration.reference in text_of(received)
    assert "09:30  Session panel, Great Hall" in text_of(received)
    assert outcome(session) == [("sent", "")]


def test_without_a_server_the_mail_is_kept_and_settled(session: Session, settings: Settings) -> None:
    registration = a_registration(session, an_event(session))

    deliver_all(settings)

    kept = read_kept(settings, session.scalars(select(OutboxMessage.id)).one())
    assert kept is not None
    assert (kept.recipient, outcome(session)) == (registration.email, [("sent", "")])


def test_a_mail_that_cannot_be_written_stands_in_nobodys_way(
    session: Session, settings: Settings, mailbox: Mailbox
) -> None:
    event = an_event(session)
    for _ in range(3):
        a_registration(session, event)
    broken = session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()[1]
    broken.payload = {"left": 5}  # not a list
    session.commit()

    deliver_all(to(mailbox, settings))

    assert [status for status, _ in outcome(session)] == ["sent", "refused", "sent"]
    assert outcome(session)[1][1].startswith("This mail could not be written: TypeError")
    assert len(mailbox.received) == 2


def test_a_recipient_refused_for_good_is_not_tried_again(
    session: Session, settings: Settings, mailbox: Mailbox
) -> None:
    a_staff_mail(session, 1)
    mailbox.at_recipient = "550 no such user"

    deliver_all(to(mailbox, settings))

    assert outcome(session) == [("refused", "The mail server did not take the recipient: 550 no such user")]


def test_a_server_that_is_down_puts_mails_off_and_loses_none(session: Session, settings: Settings) -> None:
    for number in range(3):
        a_staff_mail(session, number)

    deliver_all(replace(settings, smtp_url="smtp://127.0.0.1:1?tls=off"))

    assert [status for status, _ in outcome(session)] == ["queued"] * 3


def until(condition: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()


@contextmanager
def workers(settings: Settings, number: int, **options: int) -> Iterator[None]:
    """So many workers, each with an application of its own, until the block ends."""
    stop = threading.Event()
    apps = [bare_app(settings) for _ in range(number)]
    threads = [threading.Thread(target=run, args=(app, settings), kwargs={"stop": stop, **options}) for app in apps]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for app in apps:
            with app.app_context():
                db.engine.dispose()


def test_two_workers_send_each_mail_once(session: Session, settings: Settings, mailbox: Mailbox) -> None:
    event = an_event(session)
    emails = [a_registration(session, event).email for _ in range(25)]

    with workers(to(mailbox, settings), 2, concurrency=3):
        assert until(lambda: all(status == "sent" for status, _ in outcome(session)))

    assert sorted(received.recipients[0] for received in mailbox.received) == sorted(emails)


def test_a_mail_written_while_workers_run_is_found_by_its_ring(
    session: Session, settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forumreg.doors.worker.running.SWEEP_S", 60.0)
    bell = Bell(settings)
    a_staff_mail(session, 0)  # found as the worker starts, which it looks for once
    with workers(to(mailbox, settings), 1, concurrency=1):
        assert until(lambda: len(mailbox.received) == 1)
        time.sleep(0.3)
        for number in (1, 2):
            a_staff_mail(session, number)
            bell.ring()
            assert until(lambda number=number: len(mailbox.received) == 1 + number, 6)  # type: ignore[misc]


def test_a_mail_whose_ring_was_lost_is_found_by_the_sweep(
    session: Session, settings: Settings, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forumreg.doors.worker.running.SWEEP_S", 0.2)
    with workers(to(mailbox, settings), 1):
        time.sleep(0.5)
        a_staff_mail(session, 1)

        assert until(lambda: len(mailbox.received) == 1, 5)


def test_a_ring_that_fails_is_no_fault_of_the_page(settings: Settings) -> None:
    Bell(replace(settings, instance=Path("/nowhere"), database_url="sqlite://"))._ring_once()


def test_rings_that_nobody_hears_do_not_pile_up(sqlite_url: str, tmp_path: Path) -> None:
    bell = Bell(Settings(database_url=sqlite_url, secret_key="x", instance=tmp_path))

    for _ in range(50):
        bell._ring_once()

    assert bell._huey.pending_count() == 1


def test_whoever_rings_does_not_wait_for_the_bell(sqlite_url: str, tmp_path: Path) -> None:
    bell = Bell(Settings(database_url=sqlite_url, secret_key="x", instance=tmp_path))
    bell._ring_once()
    bell._huey.flush()
    with closing(sqlite3.connect(tmp_path / QUEUE_FILE, isolation_level=None)) as held:
        held.execute("BEGIN EXCLUSIVE")

        bell.ring()  # waited for the file, or gave up, if it rang before it returned

        held.execute("ROLLBACK")
    assert until(lambda: bell._huey.pending_count() == 1)


def test_the_thread_that_rings_ends_and_begins_again(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forumreg.adapters.bell._RESTS_S", 0.1)
    bell = Bell(Settings(database_url=sqlite_url, secret_key="x", instance=tmp_path))
    for _ in range(2):
        bell.ring()
        assert until(lambda: bell._huey is not None and bell._huey.pending_count() == 1)
        assert until(lambda: not bell._is_ringing)
        bell._huey.flush()


def test_stopping_finishes_the_mail_in_flight(session: Session, settings: Settings, mailbox: Mailbox) -> None:
    a_staff_mail(session, 1)
    mailbox.pause_s = 1.0
    with workers(to(mailbox, settings), 1):
        assert until(lambda: mailbox.sessions == 1)

    assert (len(mailbox.received), outcome(session)) == (1, [("sent", "")])


def test_a_registration_that_changed_since_is_told_as_it_is(
    session: Session, settings: Settings, mailbox: Mailbox
) -> None:
    registration = a_registration(session, an_event(session), given_name="Before")
    session.get_one(Registration, registration.id).given_name = "After"
    session.commit()

    deliver_all(to(mailbox, settings))

    assert text_of(mailbox.received[0]).startswith("You are registered, After")


@pytest.mark.parametrize("sessions", [1, 12])
def test_a_letter_takes_as_many_queries_however_many_sessions(engine: Engine, session: Session, sessions: int) -> None:
    keys = [f"s{number}" for number in range(sessions)]
    hours = [(f"2015-10-16T{8 + n:02}:00", f"2015-10-16T{8 + n:02}:50") for n in range(sessions)]
    made = [a_session(key, *hour) for key, hour in zip(keys, hours, strict=True)]
    a_registration(session, an_event(session, sessions=tuple(made)), sessions=seats_in(*keys))
    leased = claim(session, "a worker", moment=datetime.now(UTC))
    assert leased is not None
    letter_facts(session, leased)

    with statements(engine) as asked:
        facts = letter_facts(session, leased)

    assert facts.registration is not None
    queries = [sql for sql in asked if sql.startswith("SELECT")]
    assert (len(facts.registration.booked), len(queries)) == (sessions, 5)


def test_an_announcement_is_read_when_it_is_sent_and_only_by_its_own_event(session: Session) -> None:
    event, other = an_event(session), an_event(session, "other")
    registration = a_registration(session, event)
    claimed = claim(session, "a worker", moment=datetime.now(UTC))  # the confirmation: what is next comes after it
    assert claimed is not None
    with writing(session):
        for owner in (event, other):
            session.add(
                Announcement(
                    event_id=owner.id, session_key="A", session_title={"en": "Jobs"}, subject="Laptop",
                    body="Bring one.", recipients=1, written_at=datetime.now(UTC),
                )
            )  # fmt: skip
    numbers = session.scalars(select(Announcement.id).order_by(Announcement.id)).all()
    session.rollback()

    def told(number: object) -> AnnouncementFacts | None:
        return letter_facts(session, replace(claimed, payload={"announcement": number})).announcement

    assert told(numbers[0]) == AnnouncementFacts("Laptop", "Bring one.", {"en": "Jobs"})
    assert [told(number) for number in (numbers[1], 999, "x", None)] == [None] * 4
    assert claimed.registration_id == registration.id
