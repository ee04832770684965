"""Engines for the two databases, with what each needs to be trusted with acknowledged writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

FILE, INODE = "forumreg_file", "forumreg_inode"  # of a connection in the pool
WRITING = "forumreg_writing"  # execution option of a transaction that will write
BUSY_TIMEOUT_MS = 15_000  # waiting writers of other processes; 15 s was enough under 32 writers (trial, 2026-11)
LOCK_TIMEOUT = "15s"


def make_engine(url: str, **options: Any) -> Engine:
    """An engine on SQLite (WAL, foreign keys, full sync) or PostgreSQL (READ COMMITTED, bounded waits)."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}, **options
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        event.listen(engine, "checkout", _check_file)
        return engine
    return create_engine(
        url,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": 5,
            "options": f"-c lock_timeout={LOCK_TIMEOUT} -c statement_timeout=60s -c timezone=UTC",
        },
        **{"pool_size": 10, "max_overflow": 20, "pool_timeout": 10, **options},
    )


def make_sessions(engine: Engine) -> sessionmaker[Session]:
    """Sessions of the engine; nothing is flushed or committed behind the caller's back at exit."""
    return sessionmaker(engine, expire_on_commit=False)


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
        found = Path(path).stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _begin_sqlite(connection: Connection) -> None:
    is_writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")
