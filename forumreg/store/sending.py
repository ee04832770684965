"""Statements of a rule that are sent past the session's layers, inside `writing()`.

The session coerces a statement, looks it up, wraps its values, its cursor and its rows: for the few statements of every
registration that costs four times the statements themselves (measured, 2026-11). One of these is compiled once
for each dialect and goes to the driver on the session's own connection. It sees what the session has flushed, and is
committed or taken back with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Delete, Dialect, Insert, Select, Update
from sqlalchemy.orm import Session

from forumreg.store.driver import send
from forumreg.store.writing import connection_of

Writer = Callable[[Any], Any]


class _Sent(NamedTuple):
    """A statement as the driver takes it: the order of its values where they have no names, and what writes them."""

    sql: str
    order: Sequence[str] | None
    writers: Mapping[str, Writer]
    constants: Mapping[str, Any]


class Statement:
    """A statement; what it is given are its bind parameters, by name."""

    def __init__(self, statement: Select[Any] | Insert | Update | Delete) -> None:
        self.statement = statement
        self._as_sent = cache(self._compiled)

    def at(self, session: Session, **values: Any) -> Sequence[Sequence[Any]]:
        """The rows that it gives; none where it gives none.

        Raises:
            IntegrityError: it hurts a constraint.
            OperationalError: the database is locked or gone.
            RuntimeError: outside of ``writing()``.
        """
        connection = connection_of(session)
        sql, order, writers, constants = self._as_sent(connection.dialect)
        for name, writer in writers.items():
            values[name] = writer(values[name])
        values.update(constants)
        return send(connection, sql, values if order is None else [values[name] for name in order])

    def _compiled(self, dialect: Dialect) -> _Sent:
        compiled: Any = self.statement.compile(dialect=dialect)
        binds = compiled.bind_names.items()
        writers = {name: writer for bind, name in binds if (writer := writer_of(bind.type, dialect))}
        constants = {
            name: writers[name](value) if name in writers else value
            for name, value in compiled.params.items()
            if value is not None
        }
        if compiled.post_compile_params or any(
            bind.value is None and not bind.required for bind in compiled.bind_names
        ):
            raise ValueError("such a statement has no lists and no NULL of its own: they are not sent")
        given = {name: writer for name, writer in writers.items() if name not in constants}
        return _Sent(str(compiled), compiled.positiontup, given, constants)


def writer_of(kind: Any, dialect: Dialect) -> Writer | None:
    """What makes a value of this column type one that the driver takes; ``None`` where it takes it as it is."""
    writer: Writer | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return writer
