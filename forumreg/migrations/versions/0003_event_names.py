"""What an event calls an organisation is the event's own: two events may name the same one differently."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give every event the short name and the country that the organisation had, and take them from there.

    Plain statements and no batch: SQLite would copy the table, and dropping the old one would break its references.
    """
    for column in _columns():
        op.add_column("event_organisation", column)
    op.execute(
        """
        UPDATE event_organisation SET
            short_name = (SELECT short_name FROM organisation WHERE organisation.id = organisation_id),
            country = (SELECT country FROM organisation WHERE organisation.id = organisation_id)
        """
    )
    for column in _columns():
        op.drop_column("organisation", column.name)


def downgrade() -> None:
    """Give the organisation what the newest event calls it; what others call it is lost."""
    for column in _columns():
        op.add_column("organisation", column)
    newest = "FROM event_organisation WHERE organisation_id = organisation.id ORDER BY event_id DESC LIMIT 1"
    for column in _columns():
        op.execute(f"UPDATE organisation SET {column.name} = COALESCE((SELECT {column.name} {newest}), '')")  # noqa: S608 (two fixed names)
        op.drop_column("event_organisation", column.name)


def _columns() -> tuple[sa.Column[str], ...]:
    return (
        sa.Column("short_name", sa.String(length=60), nullable=False, server_default=""),
        sa.Column("country", sa.String(length=2), nullable=False, server_default=""),
    )
