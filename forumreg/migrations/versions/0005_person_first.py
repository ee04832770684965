"""A person is looked for by their key first: every event's index would do for the event alone."""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = "uq_registration_person"
WHERE = text("status <> 'cancelled'")


def upgrade() -> None:
    """Put the key before the event."""
    _replace(["person_key", "event_id"])


def downgrade() -> None:
    """Put the event before the key."""
    _replace(["event_id", "person_key"])


def _replace(columns: list[str]) -> None:
    op.drop_index(NAME, "registration")
    op.create_index(NAME, "registration", columns, unique=True, sqlite_where=WHERE, postgresql_where=WHERE)
