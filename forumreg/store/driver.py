"""The driver itself, past SQLAlchemy's layers, on a connection that SQLAlchemy keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def send(connection: Connection, sql: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> Sequence[Sequence[Any]]:
    """The rows that the driver gives for this statement; none where it gives none.

    Raises:
        DBAPIError: of the kind that a session would raise; a line that is gone is given up.
    """
    driver: Any = connection.connection.driver_connection
    try:
        cursor = driver.execute(sql, values)
        rows: Sequence[Sequence[Any]] = cursor.fetchall() if cursor.description else ()
    except connection.dialect.loaded_dbapi.Error as error:
        raise told(connection, sql, error) from error
    return rows


def told(connection: Connection, sql: str, error: Exception) -> BaseException:
    """The driver's error as a session tells it; a line that is gone is given up."""
    dialect: Any = connection.dialect
    is_gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)
    if is_gone:
        connection.invalidate(error)
    return DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, connection_invalidated=is_gone, dialect=dialect
    )
