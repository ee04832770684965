"""Alembic's way in: runs under Flask-Migrate, or on a connection that a test hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from forumreg.store.engine import make_engine
from forumreg.tables import Base

config = context.config


def _is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """The queue engine keeps its own tables beside ours on PostgreSQL."""
    return kind != "table" or not (name or "").startswith("huey_")


def run(connection: Connection) -> None:
    """Run the migrations on this connection, all in one transaction where the database can."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        include_object=_is_ours,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
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
