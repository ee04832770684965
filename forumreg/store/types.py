"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import enum
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    Boolean,
    ColumnElement,
    DateTime,
    Dialect,
    Enum,
    Index,
    Integer,
    String,
    bindparam,
    literal,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

_SQLITE_FORM, _SQLITE_SIGNS = "%Y-%m-%d %H:%M:%S.%f", 26  # without the zone: it is UTC


class Utc(TypeDecorator[datetime]):
    """An instant: aware going in, aware and in UTC coming out. SQLite keeps text that sorts as time does."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Text of fixed width on SQLite, ``timestamptz`` elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(26))
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuses a naive instant: whose midnight would it be."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        moment = value.astimezone(UTC)
        return moment.isoformat(" ", "microseconds")[:_SQLITE_SIGNS] if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (its signature)
        """The instant, in UTC."""
        if value is None:
            return None
        if isinstance(value, str):
            return datetime.strptime(value, _SQLITE_FORM).replace(tzinfo=UTC)
        moment: datetime = value
        return moment.astimezone(UTC)


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class holds(FunctionElement[bool]):  # noqa: N801 (is written like a function of SQL)
    """Whether a list that is kept as JSON holds a word."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[list[str]], word: str) -> None:
        super().__init__(column, literal(word, String))


class Numbers(TypeDecorator[list[int]]):
    """Whole numbers that a statement takes as one value: an array on PostgreSQL, JSON on SQLite."""

    impl = ARRAY(Integer)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Text on SQLite, ``integer[]`` elsewhere."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else ARRAY(Integer))

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        """The numbers as the driver takes them."""
        return json.dumps(value) if dialect.name == "sqlite" else value


class among(FunctionElement[bool]):  # noqa: N801 (is written like a function of SQL)
    """Whether a column is one of the numbers of a bind parameter: one statement, however many they are."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: ColumnElement[int], numbers: str) -> None:
        super().__init__(column, bindparam(numbers, type_=Numbers))


def _written(function: type[FunctionElement[Any]], **forms: str) -> None:
    """Have the function written in this form by each dialect, its parts in the places of ``{}``."""
    for dialect, form in forms.items():

        def write(element: FunctionElement[Any], compiler: SQLCompiler, form: str = form, **how: Any) -> str:
            return form.format(*(compiler.process(each, **how) for each in element.clauses))

        compiles(function, dialect)(write)


_written(holds, sqlite="EXISTS (SELECT 1 FROM json_each({}) WHERE value = {})", postgresql="jsonb_exists({}, {})")
_written(among, sqlite="{} IN (SELECT value FROM json_each({}))", postgresql="{} = ANY ({})")


def by_code_point(longest: int) -> String:
    """Text that both databases sort alike, whatever the locale of the server."""
    return String(longest).with_variant(String(longest, collation="C"), "postgresql")


def words(vocabulary: type[enum.StrEnum]) -> Enum:
    """A column that holds one of the words; the database refuses any other."""
    return Enum(
        vocabulary,
        native_enum=False,
        create_constraint=True,
        length=max(24, *(len(word.value) for word in vocabulary)),
        name=vocabulary.__name__.lower(),
        values_callable=lambda chosen: [word.value for word in chosen],
        validate_strings=True,
    )


def active_unique(name: str, *columns: str, where: str) -> Index:
    """A unique index over the rows for which ``where`` (SQL that both databases read) holds."""
    condition: ColumnElement[bool] = text(where)  # type: ignore[assignment]  # text() is accepted as a condition
    return Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)
