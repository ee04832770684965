"""Pools of places. One table serves the event, its categories, answers with few places, and sessions."""

from __future__ import annotations

import enum

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import words


class PoolKind(enum.StrEnum):
    """What the places of a pool are places in."""

    EVENT = "event"
    CATEGORY = "category"
    OPTION = "option"
    SESSION = "session"
    HELD = "held"  # of a session, for one category


class SeatPool(Base):
    """So many places, so many taken. The database refuses to take more than there are."""

    __tablename__ = "seat_pool"
    __table_args__ = (
        UniqueConstraint("event_id", "kind", "key"),
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("capacity IS NULL OR taken <= capacity", name="taken_within_capacity"),
        CheckConstraint("capacity >= 0", name="capacity_not_negative"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    kind: Mapped[PoolKind] = mapped_column(words(PoolKind))
    key: Mapped[str] = mapped_column(
        String(130), default=""
    )  # category key, "field=value", session key, "session key=category key"; "" for the event
    capacity: Mapped[int | None]  # None: no limit
    taken: Mapped[int] = mapped_column(default=0)
