"""A whole installation for a browser to visit: server, worker, database, mail server, staff."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from importlib.resources import files
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from forumreg.adapters.event_file.reading import read
from forumreg.adapters.passwords import hash_password
from forumreg.base.references import Keys, link_token
from forumreg.rules import account as accounts
from forumreg.rules import registration as registrations
from forumreg.rules.access import Anonymous, Role, Shell
from forumreg.rules.event import EventFacts, facts, put
from forumreg.rules.event.drafts import EventDraft
from forumreg.rules.event.reading import forget_all as forget_events
from forumreg.store.engine import make_engine, make_sessions
from tests.builders import NOW, a_submission
from tests.mail_server import Mailbox

ROOT = Path(__file__).parents[2]
SECRET = "a-secret-of-the-journeys-long-enough"
PASSWORD = "seven arches of the palace"
TURIN = "led-forum-2015"
LONGEST_WAIT_S = 20.0
# Errors, addresses of people, tokens of own links, references, names from the journeys.
UNFIT = re.compile(r" error |Traceback|example\.org|/r/[A-Z0-9]|[A-Z]{3}-[A-Z0-9]{4}-|Coulibaly|Sample")


@dataclass
class House:
    """An installation that runs, as tests reach into it."""

    url: str
    engine: Engine
    mailbox: Mailbox
    log: Path

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session on its database, whose events are none of those that other tests kept in this process."""
        forget_events()
        with make_sessions(self.engine)() as opened:
            yield opened

    def store(self, draft: EventDraft) -> EventFacts:
        """Put an event into it."""
        with self.session() as session:
            put(session, Shell(), draft, now=NOW)
            return facts(session, draft.slug)

    def hire(self, email: str, role: Role, slug: str, organisation: str | None = None, *, name: str) -> str:
        """Somebody with an account and a role at the event; the answer is the address."""
        with self.session() as session:
            if accounts.find(session, email=email) is None:
                accounts.create(session, Shell(), email, password_hash=hashed(), name=name, now=NOW)
            accounts.grant(session, Shell(), email, slug, role, organisation, now=NOW)
        return email

    def register(self, event: EventFacts, sharing: tuple[str, ...] = (), *, now: datetime = NOW, **form: Any) -> str:
        """Somebody sends the form, sharing with organisations by short name; the answer is the reference."""
        with_whom = frozenset(each.id for each in event.sharing if each.short in sharing)
        with self.session() as session:
            sent = a_submission(sharing=with_whom, **form)
            return registrations.submit(session, Anonymous(), event, sent, now=now).reference

    def own_link(self, reference: str) -> str:
        """The link that was mailed to a registrant."""
        return f"{self.url}/r/{link_token(Keys.of([SECRET]), reference, 1)}/"

    def mails_to(self, address: str, number: int = 1) -> list[EmailMessage]:
        """What the mail server took for this address, once so many have come."""
        deadline = time.monotonic() + LONGEST_WAIT_S
        while len(found := self._taken_for(address)) < number:
            assert time.monotonic() < deadline, f"{len(found)} mails to {address}, not {number}"
            time.sleep(0.05)
        return found

    def failures_and_indiscretions(self) -> list[str]:
        """Lines of the log that tell of a failure, or something about a person."""
        lines = self.log.read_text("utf-8").splitlines()
        return [line for line in lines if UNFIT.search(line)]

    def _taken_for(self, address: str) -> list[EmailMessage]:
        return [each.mail for each in list(self.mailbox.received) if each.recipients == [address]]


_hashed: list[str] = []


def hashed() -> str:
    """The password of all staff, hashed once."""
    if not _hashed:
        _hashed.append(hash_password(PASSWORD))
    return _hashed[0]


def turin(**changes: Any) -> EventDraft:
    """The Turin forum as the package ships it, changed where a test says so."""
    return replace(read(files("forumreg.demo").joinpath(f"events/{TURIN}.json").read_bytes()), **changes)


@contextmanager
def a_house(
    port: int, database_url: str, instance: Path, mailbox: Mailbox, *, name: str = "127.0.0.1"
) -> Iterator[House]:
    """An installation that runs while the block does."""
    instance.mkdir(exist_ok=True)
    house = House(f"http://{name}:{port}", make_engine(database_url), mailbox, instance / "log")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("FORUMREG_")},
        "FORUMREG_DATABASE_URL": database_url,
        "FORUMREG_INSTANCE": str(instance),
        "FORUMREG_SECRET_KEY": SECRET,
        "FORUMREG_BASE_URL": house.url,
        "FORUMREG_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}?tls=off",
        "FORUMREG_MAIL_FROM": "no-reply@example.org",
    }
    with house.log.open("wb") as log:
        server = _started(port, environment, log)
        try:
            yield house
        finally:
            server.send_signal(signal.SIGTERM)
            server.communicate(timeout=20)
            house.engine.dispose()


def _started(port: int, environment: Mapping[str, str], log: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.journeys.serving", str(port)]
    server = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=log)
    assert server.stdout is not None
    assert server.stdout.readline() == b"ready\n", Path(log.name).read_text("utf-8")
    return server
