"""The doctor's looks: each says what it found in one sentence, and what to do where it is bad."""

from __future__ import annotations

import enum
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from forumreg.adapters.installation import Installation, require_current
from forumreg.adapters.smtp import Later, server_of
from forumreg.adapters.smtp.connection import greet
from forumreg.base.errors import Damaged, Refused, Unavailable
from forumreg.base.hosts import OWN_HOSTS
from forumreg.base.settings import SECRET_FILE, Settings
from forumreg.doors.cli.words import sentence
from forumreg.rules.mail import oldest_unsent
from forumreg.rules.registration.recount import recount
from forumreg.store.engine import make_sessions
from forumreg.store.writing import answering
from forumreg.tables.event import Event
from forumreg.tables.journal import JournalEntry
from forumreg.web.health import MAIL_LATE

SHORTEST_SECRET = 32  # signs; 32 of them at random are beyond guessing
LEAST_DISK_BYTES = 200 * 1024 * 1024  # below that, SQLite's log of a busy day may not fit
FEW_DISK_BYTES = 1024 * 1024 * 1024
WAL_RESET_FIXED = (3, 51, 3)  # sqlite.org/wal.html: before it, a checkpoint that meets a writer could lose pages
CLOCK_SLACK = timedelta(minutes=2)


class Level(enum.Enum):
    """How a look turned out."""

    GOOD = "good"
    NOTE = "note"  # worth knowing, loses nothing
    BAD = "bad"  # loses mail or data


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and a sentence."""

    what: str
    level: Level
    sentence: str


def examine(site: Installation) -> Iterator[Finding]:
    """Every look, one after the other; those at the database's content only where it answers and is current."""
    database = _database(site)
    yield database
    yield _version(site)
    if database.level is Level.GOOD:
        with answering(), make_sessions(site.engine)() as session:
            for look in (_seats, _unsent, _clock):
                yield look(session)
    for check in (_mail_server, _secret, _address, _disk):
        yield check(site.settings)


def _database(site: Installation) -> Finding:
    try:
        with answering():
            require_current(site.engine)
            _require_whole(site.engine)
    except Refused as refused:
        return Finding("database", Level.BAD, sentence(refused.reason, refused.facts))
    except Damaged:
        return Finding("database", Level.BAD, sentence("damaged", {}))
    except Unavailable:
        return Finding("database", Level.BAD, "it does not answer; nobody can register. See FORUMREG_DATABASE_URL")
    return Finding("database", Level.GOOD, f"{site.engine.dialect.name} answers and its schema is current")


def _require_whole(engine: Engine) -> None:
    """Turn away a SQLite file with a page that is not in order; PostgreSQL looks after its own.

    Raises:
        Damaged: there is one.
    """
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as connection:
        if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            raise Damaged


def _version(site: Installation) -> Finding:
    if not site.settings.is_sqlite:
        return Finding("version", Level.GOOD, "PostgreSQL keeps what it acknowledges")
    present = sqlite3.sqlite_version_info
    if present >= WAL_RESET_FIXED:
        return Finding("version", Level.GOOD, f"SQLite {sqlite3.sqlite_version}")
    told = "is older than 3.51.3, which mends a rare loss of pages; keep to one web process, and back up"
    return Finding("version", Level.NOTE, f"SQLite {sqlite3.sqlite_version} {told}")


def _seats(session: Session) -> Finding:
    differences = [
        f"{slug} {difference.place}: {difference.taken} taken, {difference.counted} counted"
        for event_id, slug in session.execute(select(Event.id, Event.slug).order_by(Event.id)).all()
        for difference in recount(session, event_id)
    ]
    if differences:
        return Finding("seats", Level.BAD, f"pools differ from a recount: {'; '.join(differences)}")
    return Finding("seats", Level.GOOD, "every pool equals a recount")


def _unsent(session: Session) -> Finding:
    oldest = oldest_unsent(session)
    if oldest is None:
        return Finding("outbox", Level.GOOD, "every mail is settled")
    waits = datetime.now(UTC) - oldest
    if waits <= MAIL_LATE:
        return Finding("outbox", Level.GOOD, "mail is on its way")
    minutes = int(waits.total_seconds() // 60)
    told = f"a mail has waited for {minutes} minutes; is a worker running? See the pages under Messages"
    return Finding("outbox", Level.BAD, told)


def _clock(session: Session) -> Finding:
    newest = session.scalar(select(func.max(JournalEntry.at)))
    if newest is not None and newest > datetime.now(UTC) + CLOCK_SLACK:
        told = f"the machine's clock is before the journal's newest entry ({newest:%Y-%m-%d %H:%M} UTC); set it"
        return Finding("clock", Level.BAD, told)
    return Finding("clock", Level.GOOD, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, after everything in the journal")


def _mail_server(settings: Settings) -> Finding:
    server = server_of(settings)
    if server is None:
        told = "none is set: mails are kept in instance/mail/ and reach nobody. See FORUMREG_SMTP_URL"
        return Finding("mail server", Level.NOTE, told)
    try:
        greet(server)
    except Later as error:
        return Finding("mail server", Level.BAD, f"{error}")
    return Finding("mail server", Level.GOOD, "it answers, and takes us" if server.user else "it answers")


def _secret(settings: Settings) -> Finding:
    if any(len(word) < SHORTEST_SECRET for word in settings.keys.secrets):
        told = f"shorter than {SHORTEST_SECRET} signs: links could be forged. Take: openssl rand -base64 48"
        return Finding("secret", Level.BAD, told)
    path = settings.instance / SECRET_FILE
    if _is_open_to_others(path):
        return Finding("secret", Level.BAD, f"others on this machine can read {path}; run: chmod 600 {path}")
    return Finding("secret", Level.GOOD, "long enough, and readable by its owner alone")


def _is_open_to_others(path: Path) -> bool:
    return path.is_file() and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def _address(settings: Settings) -> Finding:
    if settings.host in OWN_HOSTS:
        told = f"links in mails lead to {settings.base_url}, which is this machine alone. See FORUMREG_BASE_URL"
        return Finding("address", Level.NOTE if not settings.smtp_url else Level.BAD, told)
    if not settings.is_https:
        told = f"{settings.base_url} is not https: names and links travel in the open"
        return Finding("address", Level.NOTE, told)
    return Finding("address", Level.GOOD, settings.base_url)


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.instance).free
    told = f"{free // (1024 * 1024)} MiB free where {settings.instance} lies"
    if free < LEAST_DISK_BYTES:
        return Finding("disk", Level.BAD, f"only {told}; the database stops when it is full")
    return Finding("disk", Level.NOTE if free < FEW_DISK_BYTES else Level.GOOD, told)
