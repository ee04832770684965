"""The programme is edited, booked within limits, and told to calendars."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from forumreg.store.types import Json, Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = ("event", "category", "option", "session")
BOOKINGS = ("open", "none")
SEATS = ("booked", "waitlisted", "wished")
MESSAGES = (
    "received", "confirmed", "waitlisted", "promoted", "declined", "changed", "cancelled", "link_again",
    "already_registered", "staff",
)  # fmt: skip
SEATED = "(status IN ('booked', 'clashing')) = (pool_id IS NOT NULL)"
MAILS = sa.table("outbox_message", sa.column("message", sa.String))
POOLS = sa.table("seat_pool", sa.column("kind", sa.String))


def upgrade() -> None:
    """Make room for planning."""
    _add_to_events_rooms_and_registrations()
    _add_to_sessions()
    _words("seat_pool", "kind", "poolkind", (*KINDS, "held"))
    _add_to_bookings()
    _words("outbox_message", "message", "message", (*MESSAGES, "moved", "passed_over", "announcement"))
    op.create_table(
        "former_seat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("registration_id", sa.Integer(), nullable=False),
        sa.Column("session_key", sa.String(length=60), nullable=False),
        sa.Column("title", Json, nullable=False),
        sa.Column("starts_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=False),
        sa.Column("left_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registration.id"],
            name=op.f("fk_former_seat_registration_id_registration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_seat")),
        sa.UniqueConstraint("registration_id", "session_key", name=op.f("uq_former_seat_registration_id_session_key")),
    )
    op.create_table(
        "announcement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("session_key", sa.String(length=60), nullable=False),
        sa.Column("session_title", Json, nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("written_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_announcement_event_id_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    op.create_index("ix_announcement_event", "announcement", ["event_id", "id"])


def downgrade() -> None:
    """Take it back: seats held for a category become seats for all, kept clashes end, such mails are forgotten."""
    op.drop_table("announcement")
    op.drop_table("former_seat")
    op.execute(sa.delete(MAILS).where(MAILS.c.message.in_(["moved", "passed_over", "announcement"])))
    _words("outbox_message", "message", "message", MESSAGES)
    _take_from_bookings()
    _merge_held_seats()
    _words("seat_pool", "kind", "poolkind", KINDS)
    _take_from_sessions()
    _take_from_events_rooms_and_registrations()


def _add_to_events_rooms_and_registrations() -> None:
    op.add_column("event", sa.Column("most_per_kind", Json, nullable=False, server_default="{}"))
    op.add_column("event", sa.Column("most_per_organisation", sa.Integer(), nullable=True))
    op.add_column("event", sa.Column("organisation_limit_until", Utc(), nullable=True))
    for table in ("room", "track"):
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("registration", sa.Column("understands", Json, nullable=False, server_default="[]"))
    op.create_index("ix_registration_organisation", "registration", ["event_id", "organisation_key"])
    op.add_column(
        "partner_scope", sa.Column("sees_led_sessions", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def _take_from_events_rooms_and_registrations() -> None:
    op.drop_column("partner_scope", "sees_led_sessions")
    op.drop_index("ix_registration_organisation", "registration")
    op.drop_column("registration", "understands")
    for table in ("track", "room"):
        op.drop_column(table, "version")
    for column in ("organisation_limit_until", "most_per_organisation", "most_per_kind"):
        op.drop_column("event", column)


def _add_to_sessions() -> None:
    for name, kind, default in (
        ("guid", sa.String(length=36), None),
        ("version", sa.Integer(), "1"),
        ("interpreted", Json, "[]"),
        ("speakers", Json, "[]"),
        ("visibility", sa.String(length=24), "public"),
        ("held", Json, "{}"),
        ("extra", Json, "{}"),
        ("proposed", Json, None),
    ):
        op.add_column("programme_session", sa.Column(name, kind, nullable=default is None, server_default=default))
    sessions = sa.table("programme_session", sa.column("id", sa.Integer), sa.column("guid", sa.String))
    connection = op.get_bind()
    for row_id in connection.scalars(sa.select(sessions.c.id)).all():
        guid = str(uuid.uuid4())
        connection.execute(sessions.update().where(sessions.c.id == row_id).values(guid=guid))
    _words("programme_session", "booking", "booking", (*BOOKINGS, "invitation"))
    with op.batch_alter_table("programme_session") as batch:
        batch.alter_column("guid", existing_type=sa.String(length=36), nullable=False)
        batch.create_unique_constraint(op.f("uq_programme_session_event_id_guid"), ["event_id", "guid"])
        batch.create_check_constraint(
            op.f("ck_programme_session_sessionvisibility"), sa.text(_one_of("visibility", ("public", "draft")))
        )


def _take_from_sessions() -> None:
    sessions = sa.table("programme_session", sa.column("booking", sa.String))
    op.execute(sessions.update().where(sessions.c.booking == "invitation").values(booking="open"))
    _words("programme_session", "booking", "booking", BOOKINGS)
    with op.batch_alter_table("programme_session") as batch:
        batch.drop_constraint(op.f("ck_programme_session_sessionvisibility"), type_="check")
        batch.drop_constraint(op.f("uq_programme_session_event_id_guid"), type_="unique")
        for name in ("proposed", "extra", "held", "visibility", "speakers", "interpreted", "version", "guid"):
            batch.drop_column(name)


def _add_to_bookings() -> None:
    op.add_column("session_booking", sa.Column("pool_id", sa.Integer(), nullable=True))
    op.execute(
        """
        UPDATE session_booking SET pool_id = (
          SELECT seat_pool.id FROM seat_pool JOIN programme_session
          ON programme_session.event_id = seat_pool.event_id AND programme_session.key = seat_pool.key
          WHERE seat_pool.kind = 'session' AND programme_session.id = session_booking.session_id)
        WHERE status = 'booked'
        """
    )
    _words("session_booking", "status", "bookingstatus", (*SEATS, "clashing"))
    with op.batch_alter_table("session_booking") as batch:
        batch.drop_index("ix_session_booking_queue")
        batch.create_index("ix_session_booking_queue", ["session_id", "status", "id"])
        batch.create_check_constraint(op.f("ck_session_booking_seats_are_counted"), sa.text(SEATED))
        batch.create_foreign_key(op.f("fk_session_booking_pool_id_seat_pool"), "seat_pool", ["pool_id"], ["id"])


def _take_from_bookings() -> None:
    bookings = sa.table("session_booking", sa.column("status", sa.String))
    op.execute(
        """
        UPDATE seat_pool SET taken = taken - (
          SELECT count(*) FROM session_booking WHERE pool_id = seat_pool.id AND status = 'clashing')
        """
    )
    op.execute(sa.delete(bookings).where(bookings.c.status == "clashing"))
    with op.batch_alter_table("session_booking") as batch:
        batch.drop_index("ix_session_booking_queue")
        batch.create_index("ix_session_booking_queue", ["session_id", "status", "received_at", "id"])
        batch.drop_constraint(op.f("ck_session_booking_seats_are_counted"), type_="check")
        batch.drop_constraint(op.f("fk_session_booking_pool_id_seat_pool"), type_="foreignkey")
        batch.drop_column("pool_id")
    _words("session_booking", "status", "bookingstatus", SEATS)


def _merge_held_seats() -> None:
    of_session = "held.event_id = seat_pool.event_id AND held.kind = 'held' AND held.key LIKE seat_pool.key || '=%'"
    op.execute(
        f"""
        UPDATE seat_pool SET
          capacity = capacity + coalesce((SELECT sum(capacity) FROM seat_pool AS held WHERE {of_session}), 0),
          taken = taken + coalesce((SELECT sum(taken) FROM seat_pool AS held WHERE {of_session}), 0)
        WHERE kind = 'session'
        """  # noqa: S608 (our own words)
    )
    op.execute(sa.delete(POOLS).where(POOLS.c.kind == "held"))


# Checks --------------------------------------------------------------------------------------------------------


def _one_of(column: str, allowed: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in allowed)})"


def _words(table: str, column: str, name: str, allowed: Sequence[str]) -> None:
    """Let the column hold these words and no other."""
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        batch.create_check_constraint(op.f(f"ck_{table}_{name}"), sa.text(_one_of(column, allowed)))
