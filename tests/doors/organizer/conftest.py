"""Organizers and others at their browsers, without JavaScript."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from forumreg.rules.account import open_session
from forumreg.rules.event import EventFacts
from forumreg.store.engine import make_engine, make_sessions
from forumreg.tables.account import Role
from forumreg.tables.journal import JournalEntry
from forumreg.tables.registration import Registration
from forumreg.web.acting import STAFF_KEY
from tests.builders import a_registration, a_session, an_account, an_event


class Browser:
    """A browser that sends the forms of the pages it sees."""

    def __init__(self, app: Flask, key: str | None) -> None:
        self.client = app.test_client()
        if key:
            with self.client.session_transaction() as cookie:
                cookie[STAFF_KEY] = key

    def get(self, address: str) -> TestResponse:
        """Open a page."""
        return self.client.get(address)

    def send(self, address: str, fields: dict[str, object] | None = None) -> TestResponse:
        """Send a form with the key of a page just seen."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/organize/").text)
        return self.client.post(address, data={"csrf_token": found[1] if found else "", **(fields or {})})

    def form_of(self, page: str, action: str) -> dict[str, object]:
        """The hidden inputs of a page's form, as a browser would send them."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', self.get(page).text, re.DOTALL)
        assert form, f"no form to {action} on {page}"
        inputs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
        return {name: unescape(value) for name, value in inputs}

    def press(self, page: str, action: str, **fields: object) -> TestResponse:
        """Send the form of a page that leads to this address."""
        return self.client.post(action, data={**self.form_of(page, action), **fields})


@dataclass
class Office:
    """An event in a database, and the browsers of its staff."""

    app: Flask
    engine: Engine
    session: Session
    event: EventFacts

    def browser_of(self, role: Role | None, event: EventFacts | None = None, **facts: object) -> Browser:
        """The browser of somebody with a role at the event; with none of nobody in particular."""
        if role is None:
            return Browser(self.app, None)
        at = event or self.event
        partner = at.sharing[0].id if role is Role.PARTNER else None
        account = an_account(self.session, role, at, name="Sample Staff", organisation_id=partner, **facts)
        key = secrets.token_urlsafe(16)
        open_session(self.session, account.id, key, "Firefox", now=datetime.now(UTC))
        return Browser(self.app, key)

    def register(self, **facts: object) -> str:
        """Somebody registers; the answer is the reference."""
        return a_registration(self.session, self.event, **facts).reference

    def status_of(self, reference: str) -> str:
        """Where a registration stands now."""
        self.session.rollback()
        query = select(Registration.status).where(Registration.reference == reference)
        return self.session.scalars(query.execution_options(populate_existing=True)).one().value

    def acts(self) -> list[str]:
        """What the journal holds of the event beyond making it, in order."""
        self.session.rollback()
        rows = self.session.scalars(
            select(JournalEntry.action)
            .where(JournalEntry.event_id == self.event.id, JournalEntry.action != "event_created")
            .order_by(JournalEntry.id)
        )
        return list(rows)


@pytest.fixture
def office(app: Flask, app_url: str) -> Iterator[Office]:
    """A forum with one session, and nobody registered."""
    engine = make_engine(app_url)
    with make_sessions(engine)() as session:
        yield Office(app, engine, session, an_event(session, sessions=(a_session("opening"),)))
    engine.dispose()


@pytest.fixture
def organizer(office: Office) -> Browser:
    """The browser of an organizer of the forum."""
    return office.browser_of(Role.ORGANIZER)
