"""Engines for the two databases, with what each needs to be trusted with acknowledged writes."""

from __future__ import annotations

import os
import select
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError, InvalidatePoolError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from forumreg.store.driver import send

FILE, INODE = "forumreg_file", "forumreg_inode"  # of a connection in the pool
WRITING = "forumreg_writing"  # execution option of a transaction that will write
STEADY = "forumreg_steady"  # of one in which rows are read in chunks
LOOKING = "forumreg_looking"  # of a session that mostly looks: see `_begin`
BUSY_TIMEOUT_MS = 15_000  # waiting writers of other processes; 15 s was enough under 32 writers (trial, 2026-11)
LOCK_TIMEOUT = "15s"
RESTED = "forumreg_rested"  # since when a connection in the pool rests
ASKED_AFTER_S = 10  # a connection that rested longer is asked whether it lives: a firewall may have forgotten it


def make_engine(url: str, **options: Any) -> Engine:
    """An engine on SQLite (WAL, foreign keys, full sync) or PostgreSQL (READ COMMITTED, bounded waits)."""
    if url.startswith("sqlite"):
        pool = {"pool_use_lifo": True} if make_url(url).database and "poolclass" not in options else {}
        engine = create_engine(
            url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}, **pool, **options
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "checkout", _check_file)
        return engine
    engine = create_engine(
        url,
        connect_args={
            "autocommit": True,  # we say BEGIN ourselves, and not for a look
            "connect_timeout": 5,
            "options": f"-c lock_timeout={LOCK_TIMEOUT} -c statement_timeout=60s -c timezone=UTC",
        },
        **{"pool_size": 10, "max_overflow": 20, "pool_timeout": 10, "pool_use_lifo": True, **options},
    )
    if options.get("isolation_level") != "AUTOCOMMIT":
        event.listen(engine, "begin", _begin)
    event.listen(engine, "checkin", _rest)
    event.listen(engine, "checkout", lambda *given: _check_line(engine, *given))
    return engine


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions of the engine; nothing is flushed or committed behind the caller's back at exit."""
    return sessionmaker(for_sessions(engine), expire_on_commit=False)


def for_sessions(engine: Engine) -> Engine:
    """The engine as a session uses it: between two ``writing()`` it looks."""
    return engine.execution_options(**{LOOKING: True})


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    record.info[FILE] = cursor.execute("PRAGMA database_list").fetchone()[2]
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",  # an acknowledged registration survives a power cut
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "cache_size=-8000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    record.info[INODE] = _inode(record.info[FILE])


def _check_file(_connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Drop a connection to a file that was removed or replaced: what it writes, nobody would ever read.

    SQLite itself goes on without a word; the fresh connection finds the present file, or no tables.
    """
    if _inode(record.info[FILE]) != record.info[INODE]:
        raise DisconnectionError("the database file was replaced")


def _inode(path: str) -> tuple[int, int] | None:
    """The file's identity; ``None`` in memory, or where there is none."""
    try:
        found = os.stat(path) if path else None  # noqa: PTH116 (with every look; a Path costs more than the look)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _begin(connection: Connection) -> None:
    """Begin a transaction, unless a session only looks.

    A look needs none: on PostgreSQL every statement of READ COMMITTED sees what is committed when it starts, inside a
    transaction or not. That saves two ways to the database, and the ROLLBACK after which the driver of PostgreSQL
    forgets its prepared statements.
    """
    options = connection.get_execution_options()
    is_sqlite = connection.dialect.name == "sqlite"
    if options.get(WRITING):
        send(connection, "BEGIN IMMEDIATE" if is_sqlite else "BEGIN")
    elif options.get(STEADY) or not options.get(LOOKING):
        send(connection, "BEGIN")


def _rest(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[RESTED] = time.monotonic()


def _check_line(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Drop the pool's connections once the server has hung up on one; asking each time costs a way there and back.

    A server that ends or restarts closes the line, which can be seen without asking. One that rested long is asked.
    """
    rested = record.info.pop(RESTED, None)
    if rested is None:
        return  # it is new
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    said = line.poll(0)
    is_old = time.monotonic() - rested > ASKED_AFTER_S
    if said or (is_old and not _lives(engine, connection)):
        raise InvalidatePoolError("the server hung up")


def _lives(engine: Engine, connection: Any) -> bool:
    try:
        return engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        return False
