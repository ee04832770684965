"""Looks: single statements that every page asks, sent past the session where nothing is being written.

A session opens a connection, begins, wraps each row and closes: for a look that costs four times the look itself
(measured, 2026-11). A look tells whole numbers and words only, which both drivers give as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Dialect, Engine, Select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


class Look:
    """A statement of plain columns; what it is asked for are its bind parameters, by name."""

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement
        self._as_sent = cache(self._compiled)

    def at(self, place: Session | Engine, **asked: int | str) -> Sequence[Sequence[Any]]:
        """The rows as they stand; inside a transaction of a session, as that sees them.

        Raises:
            OperationalError: the database is locked or gone.
        """
        if isinstance(place, Session):
            if place.in_transaction():
                return place.execute(self.statement, asked).all()
            bind: Any = place.get_bind()
        else:
            bind = place
        sql, names = self._as_sent(bind.dialect)
        values = tuple(asked[name] for name in names) if names is not None else asked
        errors = bind.dialect.loaded_dbapi.Error
        try:
            connection = bind.raw_connection()
            try:
                rows: Sequence[Sequence[Any]] = connection.driver_connection.execute(sql, values).fetchall()
            finally:
                connection.close()
        except errors as error:
            raise DBAPIError.instance(sql, None, error, errors, dialect=bind.dialect) from error
        return rows

    def _compiled(self, dialect: Dialect) -> tuple[str, Sequence[str] | None]:
        """The statement as the driver takes it, and the order of its values where they have no names."""
        compiled: Any = self.statement.compile(dialect=dialect)
        if any(value is not None for value in compiled.params.values()):
            raise ValueError("a look has no constants of its own: they are not sent")
        return str(compiled), compiled.positiontup
