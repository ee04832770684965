"""The demonstration's clock: told on every page of it and on none of a real installation; machines keep real time."""

from __future__ import annotations

import ast
import logging
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import select
from sqlalchemy.orm import Session

from forumreg.adapters.installation import installation
from forumreg.adapters.smtp import carrier
from forumreg.base.clock import Clock, RealClock, ShiftedClock
from forumreg.base.references import Keys, link_token
from forumreg.base.settings import NAMES
from forumreg.commands.serve import serve
from forumreg.commands.worker import worker
from forumreg.doors.worker.delivery import deliver_one
from forumreg.rules.account import open_session
from forumreg.rules.event import EventFacts
from forumreg.rules.event.drafts import RegistrationDraft
from forumreg.rules.mail import claim, try_later
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables.account import Role
from forumreg.tables.mail import MailStatus, OutboxMessage
from forumreg.tables.registration import Registration
from forumreg.web import logs
from forumreg.web.acting import STAFF_KEY
from forumreg.web.site import NAME
from tests.builders import a_registration, an_account, an_event
from tests.conftest import SECRET, settings_for

ROOT = Path(__file__).parents[2]
SHORTLY = timedelta(minutes=10)  # what a slow machine may take for a test
BANNER = '<aside class="demo"'
PUBLIC = ("", "register", "find", "find/sent", "programme", "privacy")
PAGES = {
    "public": ("/", *(f"/events/forum/{page}" for page in PUBLIC)),
    "own": tuple(f"{{own}}{page}" for page in ("", "change", "sharing", "cancel", "programme")),
    "organizer": ("/organize/", *(f"/organize/forum/{page}" for page in ("", "attendees", "messages", "programme"))),
    "partner": ("/partners/", "/partners/forum/roster"),
    "account": ("/account/",),
    "sign-in": ("/account/login", "/account/reset"),
}


@dataclass(frozen=True)
class World:
    """An installation on a clock, with an event that takes forms on it."""

    app: Flask
    store: Session
    clock: Clock
    event: EventFacts
    registration: Registration

    @property
    def own(self) -> str:
        """The own link of somebody who is registered."""
        return f"/r/{link_token(Keys((SECRET,)), self.registration.reference, 1)}/"

    def browser(self, kind: str) -> FlaskClient:
        """The browser that such a page is looked at with."""
        browser, role = self.app.test_client(), {"partner": Role.PARTNER, "public": None}.get(kind, Role.ORGANIZER)
        if role is None or kind in {"own", "sign-in"}:
            return browser
        partner = self.event.sharing[0].id if role is Role.PARTNER else None
        key = secrets.token_urlsafe(16)
        account = an_account(self.store, role, self.event, organisation_id=partner)
        open_session(self.store, account.id, key, "Firefox", now=datetime.now(UTC))
        with browser.session_transaction() as cookie:
            cookie[STAFF_KEY] = key
        return browser


@pytest.fixture(params=["demo", "real"])
def world(request: pytest.FixtureRequest, app: Flask, sqlite_url: str) -> Iterator[World]:
    """An installation of each kind."""
    clock: Clock = app.extensions[NAME].clock if request.param == "demo" else RealClock()
    app.extensions[NAME].clock = clock
    day = (clock.now() + timedelta(days=30)).date()
    engine = make_engine(sqlite_url)
    with make_sessions(engine)() as store:
        event = an_event(store, starts_on=day, ends_on=day, registration=RegistrationDraft())
        yield World(app, store, clock, event, a_registration(store, event, clock.now()))
    engine.dispose()


def is_demo(world: World) -> bool:
    return isinstance(world.clock, ShiftedClock)


def test_the_banner_is_on_every_page_of_the_demo_and_on_none_of_a_real_installation(world: World) -> None:
    found = {}
    for kind, addresses in PAGES.items():
        browser = world.browser(kind)
        for address in addresses:
            answer = browser.get(address.format(own=world.own))
            found[address] = (answer.status_code, BANNER in answer.text)

    assert found == {address: (200, is_demo(world)) for addresses in PAGES.values() for address in addresses}


def test_the_banner_is_on_the_pages_that_say_no(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_parts: str) -> str:
        raise RuntimeError

    monkeypatch.setitem(world.app.view_functions, "participant.events.privacy", fails)
    nobody, partner = world.browser("public"), world.browser("partner")

    answers = [
        nobody.post(f"{world.own}cancel"),
        partner.get("/organize/forum/"),
        nobody.get("/nowhere"),
        nobody.post("/events/forum/register", data=b"{}", content_type="application/json"),
        nobody.post("/events/forum/find", data={}),
        nobody.get("/events/forum/privacy"),
    ]

    assert [(answer.status_code, BANNER in answer.text) for answer in answers] == [
        (code, is_demo(world)) for code in (400, 403, 404, 415, 422, 500)
    ]


@pytest.mark.usefixtures("environ_of_nothing")
def test_serving_takes_no_other_clock() -> None:
    words = {option for command in (serve, worker) for param in command.params for option in param.opts}

    assert words == {"--bind", "--workers", "--threads", "--no-worker", "--concurrency"}
    assert [name for name in NAMES if re.search("clock|time|now|date_|day", name)] == []
    assert isinstance(installation().clock, RealClock)


@pytest.fixture
def environ_of_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An installation's environment that only says where it lies."""
    monkeypatch.setenv("FORUMREG_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.delenv("FORUMREG_DATABASE_URL", raising=False)


def test_cookies_and_signatures_go_by_the_machines_time(world: World) -> None:
    browser = world.browser("public")

    chosen = browser.get("/events/forum/?lang=fr")
    form = browser.get("/events/forum/find")

    kept_until = re.search(r"Expires=([^;]+)", "".join(chosen.headers.getlist("Set-Cookie")))
    cookie = browser.get_cookie("forumreg")
    token = re.search(r'name="csrf_token" value="([^"]+)"', form.text)
    assert kept_until is not None
    assert abs(parsedate_to_datetime(kept_until[1]) - timedelta(days=365) - datetime.now(UTC)) < timedelta(days=2)
    assert cookie is not None
    assert token is not None
    assert is_recent(signed_at(world.app, cookie.value, "cookie-session"))
    assert is_recent(signed_at(world.app, token[1], "wtf-csrf-token"))


def signed_at(app: Flask, text: str, salt: str) -> datetime:
    """When something of the web libraries was signed."""
    interface = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    reader = interface if salt == "cookie-session" else URLSafeTimedSerializer(SECRET, salt=salt)
    _value, at = reader.loads(text, return_timestamp=True)
    return at  # type: ignore[no-any-return]


def is_recent(at: datetime) -> bool:
    """Whether it was just now by the machine's clock."""
    return abs(datetime.now(UTC) - at) < SHORTLY


def test_mails_are_written_dated_and_settled_by_the_machines_time(world: World, tmp_path: Path) -> None:
    while deliver_one(world.app, carrier(settings_for("", tmp_path)), "a worker"):
        pass

    world.store.rollback()
    mail = world.store.scalars(select(OutboxMessage)).one()
    [file] = (tmp_path / "mail").glob("*.eml")
    dated = parsedate_to_datetime(message_from_bytes(file.read_bytes())["Date"])
    assert [is_recent(at) for at in (mail.created_at, mail.due_at, dated)] == [True] * 3
    assert mail.settled_at is not None
    assert is_recent(mail.settled_at)


def test_a_mail_that_fails_is_tried_again_on_either_clock(world: World) -> None:
    leased = claim(world.store, "a worker", moment=datetime.now(UTC))
    assert leased is not None

    try_later(world.store, leased, "The server is gone.", moment=datetime.now(UTC))

    mail = world.store.scalars(select(OutboxMessage)).one()
    assert mail.status is MailStatus.QUEUED
    assert timedelta(0) < mail.due_at - datetime.now(UTC) < SHORTLY


def test_lines_of_the_log_have_the_machines_time(world: World, caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("forumreg")
    logger.addHandler(caplog.handler)
    with caplog.at_level(logging.INFO, "forumreg"):
        world.browser("public").get("/events/forum/")
    logger.removeHandler(caplog.handler)

    lines = [logs.Line("text").format(record) for record in caplog.records if record.name == "forumreg.access"]
    assert lines
    assert all(is_recent(datetime.fromisoformat(line.split(" ")[0])) for line in lines)


# The one place in a rule that asks what time it is; docs/architecture.md says why it may.
ASKING = {"forumreg/rules/mail/outbox.py"}
QUESTIONS = {"now", "utcnow", "today", "time", "time_ns", "monotonic"}


def test_rules_are_told_the_time() -> None:
    found = {
        str(path.relative_to(ROOT))
        for floor in ("rules", "tables")
        for path in sorted((ROOT / "forumreg" / floor).rglob("*.py"))
        if any(map(asks_the_time, ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
    }

    assert found == ASKING


def asks_the_time(node: ast.AST) -> bool:
    """Whether it calls the machine's clock: ``datetime.now()``, ``time.time()`` and their like."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    owner = node.func.value
    return node.func.attr in QUESTIONS and isinstance(owner, ast.Name) and owner.id in {"datetime", "date", "time"}
