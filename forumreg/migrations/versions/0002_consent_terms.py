"""What a consent named when it was given, and a folded organisation for the search of co-organizers.

Consents that stand already get the empty list: what the form told beyond the default columns when they were given is
not recorded anywhere, so no extra column and no question of the event's own can be proved to have been named. Those
registrants stay on the rosters with the default columns, and may agree to the present terms on their own page.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from forumreg.base.folding import search_key
from forumreg.store.types import Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BATCH = 1000  # rows folded at a time

registration = sa.table(
    "registration",
    sa.column("id", sa.Integer),
    sa.column("organisation", sa.String),
    sa.column("organisation_key", sa.Text),
)


def upgrade() -> None:
    """Add both, with defaults by which the program before this one goes on writing; fold what there is.

    Plain statements and no batch: SQLite would copy the table, and dropping the old one would cascade.
    """
    op.add_column("consent", sa.Column("columns", Json, nullable=False, server_default="[]"))
    op.add_column("registration", sa.Column("organisation_key", sa.Text(), nullable=False, server_default=""))
    _fold_organisations(op.get_bind())


def _fold_organisations(connection: sa.Connection) -> None:
    last = 0
    wanted = sa.select(registration.c.id, registration.c.organisation).order_by(registration.c.id).limit(BATCH)
    while rows := connection.execute(wanted.where(registration.c.id > last)).all():
        connection.execute(
            sa.update(registration)
            .where(registration.c.id == sa.bindparam("number"))
            .values(organisation_key=sa.bindparam("folded")),
            [{"number": row.id, "folded": search_key(row.organisation)} for row in rows],
        )
        last = rows[-1].id


def downgrade() -> None:
    """Take both away; what consents named is lost."""
    op.drop_column("registration", "organisation_key")
    op.drop_column("consent", "columns")
