"""One way to write: a transaction that is announced, bounded, and never nested."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from forumreg.base.errors import Damaged, Unavailable
from forumreg.store.engine import STEADY, WRITING

_WRITING_NOW, _CONNECTION = "forumreg_writing_now", "forumreg_connection"
_LOCK_WAIT_S = 15
_BETWEEN_TRIES_S = 0.001  # a commit takes some milliseconds
# SQLite's own wait is not fair: without one lock a process, 23 of 1,920 tries timed out (trial, 2026-11).
_one_writer = threading.Lock()


@contextmanager
def writing(session: Session) -> Iterator[None]:
    """A transaction that writes: BEGIN IMMEDIATE on SQLite, row locks on PostgreSQL, one commit at the end.

    A read transaction that is still open is ended first, so what was read before is read again.

    Raises:
        RuntimeError: inside another ``writing()``, or with changes made outside of it.
        Unavailable: the database is locked or gone; nothing was written.
    """
    if session.info.get(_WRITING_NOW):
        raise RuntimeError("writing() inside writing()")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made before writing()")
    session.info[_WRITING_NOW] = True
    try:
        with _turn(session), answering():
            session.rollback()
            session.info[_CONNECTION] = _begin(session)
            yield
            session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info[_WRITING_NOW] = False
        session.info.pop(_CONNECTION, None)


def steadily(session: Session) -> None:
    """From here on, read rows in chunks: that needs a transaction of its own on PostgreSQL.

    A read transaction that is still open is ended first; inside ``writing()`` nothing changes.
    """
    if not is_writing(session):
        session.rollback()
        session.connection(execution_options={STEADY: True})


def is_writing(session: Session) -> bool:
    """Whether the session is inside ``writing()``: what it reads may never be committed."""
    return bool(session.info.get(_WRITING_NOW))


def connection_of(session: Session) -> Connection:
    """The connection of a session that is writing, for what is sent past its layers.

    Raises:
        RuntimeError: outside of ``writing()``.
    """
    connection: Connection | None = session.info.get(_CONNECTION)
    if connection is None:
        raise RuntimeError("changes are made in writing()")
    # The session itself says SAVEPOINT with the first that it is asked after `begin_nested`.
    return session.connection() if session.in_nested_transaction() else connection


def holds_all(session: Session) -> bool:
    """Whether who writes holds the whole database, as on SQLite, so that rows need no lock of their own.

    Raises:
        RuntimeError: outside of ``writing()``.
    """
    return connection_of(session).dialect.name == "sqlite"


def _begin(session: Session) -> Connection:
    try:
        return session.connection(execution_options={WRITING: True})
    except OperationalError:
        session.rollback()
        return session.connection(execution_options={WRITING: True})


def _turn(session: Session) -> AbstractContextManager[object]:
    engine = session.get_bind().engine
    return _sqlite_turn(engine.url.database or "") if engine.dialect.name == "sqlite" else nullcontext()


@contextmanager
def _sqlite_turn(database: str) -> Iterator[None]:
    deadline = time.monotonic() + _LOCK_WAIT_S
    if not _one_writer.acquire(timeout=_LOCK_WAIT_S):
        raise Unavailable
    try:
        with _one_process(database, deadline):
            yield
    finally:
        _one_writer.release()


@contextmanager
def _one_process(database: str, deadline: float) -> Iterator[None]:
    """Take turns with the other processes, without SQLite's sleeps of up to 100 ms between two tries.

    The kernel gives the turn back when a process dies. Who does not know this file still meets SQLite's own lock.
    """
    if not database or database == ":memory:":
        yield
        return
    try:
        descriptor = os.open(f"{database}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable from error
    try:
        while not _has_turn(descriptor):
            if time.monotonic() > deadline:
                raise Unavailable
            time.sleep(_BETWEEN_TRIES_S)
        yield
    finally:
        os.close(descriptor)


def _has_turn(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def answering() -> Iterator[None]:
    """Turns a database that is locked, gone or out of connections into ``Unavailable``, broken into ``Damaged``."""
    try:
        yield
    except PoolTimeout as error:
        raise Unavailable from error
    except DBAPIError as error:
        if isinstance(error, OperationalError) or error.connection_invalidated:
            raise Unavailable from error
        if type(error) is DatabaseError:  # SQLite's word for a file that is malformed or no database; no kind of it
            raise Damaged from error
        raise
