"""Which schema a database has and which this program knows, without loading Alembic: servers ask often."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"
TABLE = "alembic_version"  # Alembic's own


def head() -> str:
    """The newest revision that this program knows: files are ``NNNN_slug.py`` and revisions their numbers."""
    return max(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.py"))


def current(connection: Connection) -> str | None:
    """The revision that the database has; ``None`` where it has no schema."""
    if not inspect(connection).has_table(TABLE):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return str(found) if found is not None else None
