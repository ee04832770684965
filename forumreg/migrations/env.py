"""Alembic's way in: runs under Flask-Migrate, or on a connection that a test hands over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from forumreg.store.engine import make_engine
from forumreg.tables import Base

config = context.config


def _is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """The queue engine keeps its own tables beside ours on PostgreSQL."""
    return kind != "table" or not (name or "").startswith("huey_")


@contextmanager
def _unlinked(connection: Connection) -> Iterator[None]:
    """SQLite changes a table by making it anew; what names its rows must not go with the old one."""
    if connection.dialect.name != "sqlite":
        yield
        return
    own: Any = connection.connection.dbapi_connection  # before any BEGIN: inside one the pragma does nothing
    own.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        own.execute("PRAGMA foreign_keys=ON")


def _still_linked(ctx: MigrationContext, *_facts: Any, **_more: Any) -> None:
    """Refuse, before its commit, a migration that left a row without what it names."""
    if ctx.connection is not None and ctx.connection.dialect.name == "sqlite":
        broken = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"rows of {broken[0][0]} name rows of {broken[0][2]} that are gone")


def run(connection: Connection) -> None:
    """Run the migrations on this connection, all in one transaction where the database can."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=_is_ours,
        transaction_per_migration=True,
        on_version_apply=_still_linked,
    )
    with _unlinked(connection), context.begin_transaction():
        context.run_migrations()


given = config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = make_engine(config.get_main_option("sqlalchemy.url") or config.attributes["url"])
    with engine.connect() as opened:
        run(opened)
        opened.commit()
    engine.dispose()
