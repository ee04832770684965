"""Seats in programme sessions, and the one calendar of what a registrant is committed to."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import Json, Utc, words


class BookingStatus(enum.StrEnum):
    """``wished``: chosen by somebody who has no place at the event yet; it holds nothing.

    ``clashing``: a seat kept in a session that moved to where its holder is already; they choose.
    """

    BOOKED = "booked"
    CLASHING = "clashing"
    WAITLISTED = "waitlisted"
    WISHED = "wished"


SEATED = (BookingStatus.BOOKED, BookingStatus.CLASHING)  # these have a place; the others hold none


class SessionBooking(Base):
    """A registrant's seat, or wish for one, in a programme session. Leaving deletes the row; the journal keeps it.

    A session's line is in the order of ``id``: rows are made while the event's places are locked, so that is the order
    of commits, and nobody who was told a rank is overtaken by a request that came a moment earlier and was slower.
    """

    __tablename__ = "session_booking"
    __table_args__ = (
        UniqueConstraint("registration_id", "session_id"),
        CheckConstraint("(status IN ('booked', 'clashing')) = (pool_id IS NOT NULL)", name="seats_are_counted"),
        Index("ix_session_booking_queue", "session_id", "status", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("programme_session.id"))
    status: Mapped[BookingStatus] = mapped_column(words(BookingStatus))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("seat_pool.id"))  # where its place was taken
    received_at: Mapped[datetime] = mapped_column(Utc)


class Commitment(Base):
    """An interval in which a registrant is taken; two of one registrant never overlap."""

    __tablename__ = "commitment"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index("ix_commitment_registrant", "registration_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("session_booking.id", ondelete="CASCADE"), unique=True)
    starts_at: Mapped[datetime] = mapped_column(Utc)
    ends_at: Mapped[datetime] = mapped_column(Utc)


class FormerSeat(Base):
    """A seat that a registrant had: subscribed calendars are told that it is gone."""

    __tablename__ = "former_seat"
    __table_args__ = (UniqueConstraint("registration_id", "session_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    session_key: Mapped[str] = mapped_column(String(60))  # the session itself may be gone
    title: Mapped[dict[str, str]] = mapped_column(Json)
    starts_at: Mapped[datetime] = mapped_column(Utc)
    ends_at: Mapped[datetime] = mapped_column(Utc)
    left_at: Mapped[datetime] = mapped_column(Utc)
