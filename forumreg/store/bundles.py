"""Rows of several tables that are written in one go, with the row that they belong to.

PostgreSQL is sent one statement, with all rows as one JSON value: each statement and each value costs it and its driver
more than the row. SQLite is in the same process and takes the rows a table at a time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnDefault, Connection, Dialect, Insert, Integer, Table, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from forumreg.store.driver import send
from forumreg.store.sending import Writer, writer_of
from forumreg.store.writing import connection_of

FIRST_ID: Final = object()  # stands in a row for the id of the bundle's first row
_FIRST = "first_id"
Row = Mapping[str, Any]
Shape = tuple[tuple[Table, tuple[str, ...], frozenset[str]], ...]


class Rows(NamedTuple):
    """Rows of one table, each with a value for the same columns; the table's plain defaults stand for the others."""

    table: Table
    rows: Sequence[Row]


class first_id(FunctionElement[int]):  # noqa: N801 (is written like a function of SQL)
    """In a ``then``: the id of the bundle's first row, which is of this table."""

    type = Integer()
    inherit_cache = False

    def __init__(self, table: Table) -> None:
        super().__init__()
        self.table = table


@compiles(first_id, "sqlite")
def _first_on_sqlite(_element: first_id, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(bindparam(_FIRST, type_=Integer), **how)


@compiles(first_id, "postgresql")
def _first_on_postgres(element: first_id, compiler: SQLCompiler, **_how: Any) -> str:
    return _id_of(element.table, compiler.dialect)


def write_bundle(session: Session, first: Rows, *others: Rows, then: Sequence[Insert] = ()) -> None:
    """Write one row, the rows that belong to it (no table twice), and what ``then`` makes of them.

    ``then`` are inserts from a SELECT of the tables that were written. On SQLite they see the other rows of these
    tables, too, and on PostgreSQL none but those of the bundle, so they ask for what belongs to ``first_id``.

    Raises:
        IntegrityError: one of them hurts a constraint; the caller's transaction cannot go on.
    """
    connection = connection_of(session)
    bundle = [_completed(each) for each in (first, *others) if each.rows]
    shape = tuple((each.table, tuple(each.rows[0]), _dependent(each)) for each in bundle)
    if connection.dialect.name == "sqlite":
        _write_in_turn(connection, bundle, then)
        return
    rows = {each.table.name: each.rows for each in bundle}
    sql = _as_one(connection.dialect, shape, tuple(then))
    send(connection, sql, [json.dumps(rows, default=_plain, ensure_ascii=False)])


def _dependent(rows: Rows) -> frozenset[str]:
    """Which columns hold the id of the first row.

    Raises:
        ValueError: the rows differ in this or in their columns.
    """
    first = rows.rows[0]
    dependent = frozenset(name for name, value in first.items() if value is FIRST_ID)
    for row in rows.rows[1:]:
        if row.keys() != first.keys() or any((row[name] is FIRST_ID) != (name in dependent) for name in row):
            raise ValueError(f"rows of {rows.table.name} differ in their columns")
    return dependent


def _completed(rows: Rows) -> Rows:
    """The rows with the plain defaults of their table."""
    missing = _defaults(rows.table, tuple(rows.rows[0]))
    return Rows(rows.table, [{**missing, **row} for row in rows.rows]) if missing else rows


@lru_cache(maxsize=64)
def _defaults(table: Table, names: tuple[str, ...]) -> Mapping[str, Any]:
    plain = ((each.name, each.default) for each in table.columns if each.name not in names)
    return {name: default.arg for name, default in plain if isinstance(default, ColumnDefault) and default.is_scalar}


# PostgreSQL ----------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> str | None:
    """What JSON has no word for: an instant in ISO 8601 with its zone, and the id that PostgreSQL puts in itself."""
    if value is FIRST_ID:
        return None
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat()
    raise TypeError(f"a {type(value).__name__} is not written in a bundle")


@lru_cache(maxsize=64)
def _as_one(dialect: Dialect, shape: Shape, then: tuple[Insert, ...]) -> str:
    """One statement. What is written to a table goes by the table's name, so that a ``then`` reads it there."""
    quoted, first = dialect.identifier_preparer.quote, shape[0][0]
    parts = ["given AS MATERIALIZED (SELECT CAST(%s AS jsonb) AS it)"]
    for table, names, dependent in shape:
        kinds = [f"{quoted(name)} {table.c[name].type.compile(dialect)}" for name in names if name not in dependent]
        values = [_id_of(first, dialect) if name in dependent else f"said.{quoted(name)}" for name in names]
        parts.append(
            f"{quoted(table.name)} AS (INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, names))})"  # noqa: S608 (names of ours)
            f" SELECT {', '.join(values)}"
            f" FROM given, jsonb_to_recordset(it -> '{table.name}') AS said({', '.join(kinds)}) RETURNING *)"
        )
    parts += [f"then_{number} AS ({_plainly(each, dialect)})" for number, each in enumerate(then)]
    return f"WITH {', '.join(parts)} SELECT 1"


def _plainly(statement: Insert, dialect: Dialect) -> Any:
    compiled = statement.compile(dialect=dialect)
    if set(compiled.params) - {_FIRST}:
        raise ValueError("a `then` has no constants of its own: they are not sent")
    return compiled


def _id_of(table: Table, dialect: Dialect) -> str:
    return f"(SELECT id FROM {dialect.identifier_preparer.quote(table.name)})"  # noqa: S608 (a name of ours)


# SQLite --------------------------------------------------------------------------------------------------------------


def _write_in_turn(connection: Connection, bundle: Sequence[Rows], then: Sequence[Insert]) -> None:
    first: int | None = None
    for table, rows in bundle:
        sql, writers = _one_table(connection.dialect, table, tuple(rows[0]), len(rows), is_first=first is None)
        values = [
            first if (value := row[name]) is FIRST_ID else writer(value) if writer else value
            for row in rows
            for name, writer in writers
        ]
        written = send(connection, sql, values)
        first = first or written[0][0]
    for each in then:
        sql, count = _after(connection.dialect, each)
        send(connection, sql, [first] * count)


@lru_cache(maxsize=256)
def _one_table(
    dialect: Dialect, table: Table, names: tuple[str, ...], count: int, *, is_first: bool
) -> tuple[str, Sequence[tuple[str, Writer | None]]]:
    """One statement for all rows of a table: with each, other threads may go on while the database is held."""
    quoted = dialect.identifier_preparer.quote
    row = f"({', '.join('?' * len(names))})"
    sql = (
        f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, names))})"  # noqa: S608 (names of ours)
        f" VALUES {', '.join([row] * count)}{' RETURNING id' if is_first else ''}"
    )
    return sql, [(name, writer_of(table.c[name].type, dialect)) for name in names]


@lru_cache(maxsize=64)
def _after(dialect: Dialect, statement: Insert) -> tuple[str, int]:
    compiled = _plainly(statement, dialect)
    return str(compiled), len(compiled.positiontup)
