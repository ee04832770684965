"""Transactions that write, on both databases."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.orm import Session

from forumreg.base.errors import Unavailable
from forumreg.store import engine as engines
from forumreg.store.engine import make_engine, make_sessions
from forumreg.store.writing import is_writing, steadily, writing
from forumreg.tables.event import Organisation
from forumreg.tables.journal import ActorKind, JournalEntry
from forumreg.tables.mail import JobDone, MailStatus, Message, OutboxMessage
from tests.statements import statements

MOMENT = datetime(2015, 10, 25, 0, 30, 0, 123456, tzinfo=UTC)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ON_POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)


def an_organisation(name: str = "ILO") -> Organisation:
    return Organisation(name=name)


def organisations(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count(Organisation.id))) or 0


def an_entry(at: datetime = MOMENT) -> JournalEntry:
    return JournalEntry(at=at, actor_kind=ActorKind.SHELL, action="tested", subject_kind="nothing")


def test_what_is_written_is_there_for_others(session: Session) -> None:
    with writing(session):
        session.add(an_organisation())

    with make_sessions(session.get_bind())() as other:
        assert organisations(other) == 1


def test_a_refusal_leaves_nothing_behind(session: Session) -> None:
    def refused() -> None:
        with writing(session):
            session.add(an_organisation())
            session.flush()
            raise LookupError

    with pytest.raises(LookupError):
        refused()

    assert (organisations(session), is_writing(session)) == (0, False)
    with writing(session):
        session.add(an_organisation())
    assert organisations(session) == 1


def test_writing_inside_writing_is_an_error_and_writes_nothing(session: Session) -> None:
    def nested() -> None:
        with writing(session):
            session.add(an_organisation())
            with writing(session):
                pass

    with pytest.raises(RuntimeError, match="inside writing"):
        nested()

    assert organisations(session) == 0


def test_changes_before_writing_are_an_error(session: Session) -> None:
    session.add(an_organisation())

    with pytest.raises(RuntimeError, match="before writing"), writing(session):
        pass

    assert organisations(session) == 0


def test_what_was_read_before_is_read_again(session: Session) -> None:
    assert organisations(session) == 0
    session.scalar(select(func.count(Organisation.id)))  # a snapshot is open from here on
    with make_sessions(session.get_bind())() as other, writing(other):
        other.add(an_organisation())

    with writing(session):
        found = session.scalar(select(func.count(Organisation.id)))

    assert found == 1


def test_a_constraint_that_is_hurt_is_not_called_a_lack_of_luck(session: Session) -> None:
    def twice() -> None:
        with writing(session):
            session.add_all([JobDone(job="a", period="b", done_at=MOMENT) for _ in range(2)])

    with pytest.raises(IntegrityError):
        twice()


@ON_SQLITE
def test_only_writing_begins_as_a_writer(session: Session) -> None:
    seen: list[str] = []
    driver: Any = session.connection().connection.driver_connection
    driver.set_trace_callback(seen.append)
    session.rollback()

    session.scalar(select(func.count(Organisation.id)))
    with writing(session):
        session.add(an_organisation())
    session.scalar(select(func.count(Organisation.id)))

    assert [statement for statement in seen if statement.startswith("BEGIN")] == ["BEGIN IMMEDIATE"]


def test_a_look_begins_nothing_and_steady_reading_does(engine: Engine, session: Session) -> None:
    with statements(engine) as seen:
        session.scalar(select(func.count(Organisation.id)))
        session.rollback()
        with writing(session):
            session.add(an_organisation())
        steadily(session)
        names = select(Organisation.name).execution_options(yield_per=1)
        assert session.scalars(names).all() == ["ILO"]
        session.rollback()

    assert [statement.split()[0] for statement in seen] == ["SELECT", *["BEGIN", "INSERT"], *["BEGIN", "SELECT"]]


@ON_POSTGRES
def test_statements_that_are_asked_again_stay_prepared(session: Session) -> None:
    for _ in range(8):  # the driver prepares what it is asked for the sixth time
        session.scalar(select(func.count(Organisation.id)))
        session.rollback()

    kept = session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert [statement for statement in kept if "FROM organisation" in statement]


@ON_POSTGRES
def test_a_line_that_the_server_hung_up_is_not_used(engine: Engine, session: Session) -> None:
    with engine.connect() as other:
        ours = session.scalar(text("SELECT pg_backend_pid()"))
        session.rollback()
        other.execute(text("SELECT pg_terminate_backend(:pid, 2000)"), {"pid": ours})

    assert organisations(session) == 0
    with writing(session):
        session.add(an_organisation())
    assert organisations(session) == 1


@ON_POSTGRES
def test_a_line_that_rested_long_is_asked_whether_it_lives(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(engine.dialect, "do_ping", lambda line: asked.append(line) or len(asked) > 1)
    for _ in range(2):
        engine.connect().close()
    assert asked == []

    monkeypatch.setattr(engines, "ASKED_AFTER_S", -1)
    with engine.connect() as connection:  # the line that does not answer is replaced
        assert connection.scalar(text("SELECT 1")) == 1

    assert len(asked) == 1


@ON_SQLITE
def test_connections_keep_what_was_acknowledged(engine: Engine) -> None:
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert found == ["wal", 2, 1, 15_000]


@ON_POSTGRES
def test_connections_wait_for_a_bounded_time(engine: Engine) -> None:
    names = ("lock_timeout", "statement_timeout", "timezone", "transaction_isolation")
    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in names]

    assert found == ["15s", "1min", "UTC", "read committed"]


@ON_SQLITE
def test_a_database_that_another_program_holds_is_unavailable(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", 50)
    engine = make_engine(database_url)
    with make_sessions(engine)() as session, closing(sqlite3.connect(str(engine.url.database))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable), writing(session):
            pass
        other.rollback()
        with writing(session):
            session.add(an_organisation())
        assert organisations(session) == 1
    engine.dispose()


@ON_POSTGRES
def test_a_row_that_another_program_holds_is_unavailable(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "LOCK_TIMEOUT", "50ms")
    engine = make_engine(database_url)
    with make_sessions(engine)() as session, engine.connect() as other:
        with writing(session):
            session.add(an_organisation())
        other.execute(text("SELECT id FROM organisation FOR UPDATE"))

        with pytest.raises(Unavailable), writing(session):
            session.execute(select(Organisation).with_for_update())
    engine.dispose()


def test_a_pool_without_connections_is_unavailable(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    with make_sessions(engine)() as session, engine.connect(), pytest.raises(Unavailable), writing(session):
        pass
    engine.dispose()


@ON_SQLITE
def test_a_file_that_was_replaced_is_not_written_to(engine: Engine, session: Session, sqlite_template: Path) -> None:
    path = Path(str(engine.url.database))
    with writing(session):
        session.add(an_organisation())
    session.rollback()
    fresh = path.with_name("fresh.sqlite3")
    fresh.write_bytes(sqlite_template.read_bytes())
    for left in ("-wal", "-shm"):
        path.with_name(path.name + left).unlink(missing_ok=True)
    fresh.replace(path)

    with writing(session):
        session.add(an_organisation("UCLG"))

    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT name FROM organisation").fetchall() == [("UCLG",)]


def test_writers_of_one_process_take_turns(session: Session) -> None:
    sessions = make_sessions(session.get_bind())

    def write(number: int) -> None:
        with sessions() as mine, writing(mine):
            mine.add(an_organisation(f"Organisation {number}"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert organisations(session) == 20


# Types ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "moment",
    [
        MOMENT,
        MOMENT.astimezone(timezone(timedelta(hours=5, minutes=45))),
        datetime(2015, 10, 25, 2, 30, tzinfo=timezone(timedelta(hours=2)), fold=1),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_aware_and_in_utc(session: Session, moment: datetime) -> None:
    with writing(session):
        session.add(an_entry(moment))
    session.expire_all()

    found = session.scalars(select(JournalEntry.at)).one()

    assert (found, found.tzinfo) == (moment, UTC)


def test_instants_sort_and_compare_as_time_does(session: Session) -> None:
    moments = [MOMENT + timedelta(microseconds=step) for step in (0, 1, 900_000, 10**6, 10**9)]
    with writing(session):
        session.add_all([an_entry(moment) for moment in reversed(moments)])

    found = session.scalars(select(JournalEntry.at).where(JournalEntry.at > MOMENT).order_by(JournalEntry.at)).all()

    assert found == moments[1:]


def test_a_naive_instant_is_refused(session: Session) -> None:
    def naive() -> None:
        with writing(session):
            session.add(an_entry(datetime(2015, 10, 25)))  # noqa: DTZ001 (the point of it)

    with pytest.raises(StatementError, match="must be aware"):
        naive()


def test_the_database_refuses_a_word_it_does_not_know(session: Session) -> None:
    row = {
        "key": "k", "message": "unheard-of", "recipient": "a@example.org", "language": "en", "payload": "{}",
        "status": "queued", "created_at": "2015-10-25 00:00:00.000000", "due_at": "2015-10-25 00:00:00.000000",
        "attempts": 0, "last_error": "",
    }  # fmt: skip
    kind = "jsonb" if session.get_bind().dialect.name == "postgresql" else "text"
    at = "timestamptz" if kind == "jsonb" else "text"
    casts = {"payload": kind, "created_at": at, "due_at": at}
    values = ", ".join(f"CAST(:{name} AS {casts[name]})" if name in casts else f":{name}" for name in row)
    insertion = text(f"INSERT INTO outbox_message ({', '.join(row)}) VALUES ({values})")  # noqa: S608 (names are ours)

    with pytest.raises(IntegrityError, match="message"), writing(session):
        session.execute(insertion, row)
    with writing(session):
        session.execute(insertion, {**row, "message": "confirmed"})

    found = session.scalars(select(OutboxMessage)).one()
    assert (found.message, found.status, found.payload) == (Message.CONFIRMED, MailStatus.QUEUED, {})


def test_a_word_that_is_none_does_not_leave_the_program(session: Session) -> None:
    with pytest.raises(StatementError), writing(session):
        session.execute(insert(JournalEntry).values(at=MOMENT, actor_kind="robot", action="x", subject_kind="x"))


# The journal ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["UPDATE journal_entry SET action = 'forged'", "DELETE FROM journal_entry"])
def test_nobody_changes_the_journal(session: Session, act: str) -> None:
    with writing(session):
        session.add(an_entry())

    with pytest.raises(DBAPIError, match="append only"), writing(session):
        session.execute(text(act))

    session.rollback()
    assert session.scalars(select(JournalEntry.action)).all() == ["tested"]
