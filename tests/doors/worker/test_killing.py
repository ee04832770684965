"""kill -9 of a real worker at any moment: no mail is lost, at most those in flight come twice, under one id."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from forumreg.rules.mail import Item, post
from forumreg.store.writing import writing
from forumreg.tables.mail import MailStatus, Message, OutboxMessage
from tests.mail_server import Mailbox, a_mail_server

MAILS = 30
KILLS = 5
CONCURRENCY = 2


def a_worker(url: str, instance: Path, mailbox: Mailbox) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "FORUMREG_DATABASE_URL": url.replace("+psycopg", ""),
        "FORUMREG_INSTANCE": str(instance),
        "FORUMREG_SECRET_KEY": "a-secret-of-this-test-long-enough",
        "FORUMREG_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}?tls=off",
        "FORUMREG_MAIL_FROM": "no-reply@example.org",
    }
    command = [sys.executable, "-m", "forumreg", "worker", "--concurrency", str(CONCURRENCY)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def wait_for(mailbox: Mailbox, number: int, worker: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 30
    while len(mailbox.received) < number and time.monotonic() < end:
        assert worker.poll() is None, worker.communicate()[1].decode()
        time.sleep(0.001)
    assert len(mailbox.received) >= number


def unsent(session: Session) -> int:
    session.rollback()
    query = select(func.count()).where(OutboxMessage.status != MailStatus.SENT)
    return session.scalar(query) or 0


def end_leases(session: Session) -> None:
    """Two minutes pass."""
    with writing(session):
        past = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(update(OutboxMessage).values(leased_until=past))


def test_no_mail_is_lost_and_few_come_twice(session: Session, database_url: str, tmp_path: Path) -> None:
    chance = random.Random(20151015)
    for number in range(MAILS):
        payload = {"subject": f"Mail {number}", "text": "Text"}
        with writing(session):
            post(session, Item(f"mail {number}", Message.STAFF, "a@example.org", "en", payload=payload))

    with a_mail_server() as mailbox:
        mailbox.pause_s = 0.004
        for _ in range(KILLS):
            worker = a_worker(database_url, tmp_path, mailbox)
            wait_for(mailbox, min(len(mailbox.received) + chance.randint(1, 4), MAILS), worker)
            time.sleep(chance.uniform(0, 0.03))
            worker.send_signal(signal.SIGKILL)
            worker.communicate()
            end_leases(session)
        worker = a_worker(database_url, tmp_path, mailbox)
        end = time.monotonic() + 30
        while unsent(session) and time.monotonic() < end:
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        _, errors = worker.communicate(timeout=20)
        received = list(mailbox.received)

    copies = Counter(str(mail.mail["Subject"]) for mail in received)
    ids = {(str(mail.mail["Subject"]), str(mail.mail["Message-ID"])) for mail in received}
    assert (worker.returncode, unsent(session), errors.decode().count("Traceback")) == (0, 0, 0)
    assert copies.keys() == {f"Mail {number}" for number in range(MAILS)}
    assert len(ids) == MAILS
    assert len(received) - MAILS <= KILLS * CONCURRENCY
