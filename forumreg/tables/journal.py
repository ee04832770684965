"""Who did what when. Rows are added and never changed; the migration makes the database refuse it."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import Json, Utc, words


class ActorKind(enum.StrEnum):
    """Who acted."""

    PARTICIPANT = "participant"
    STAFF = "staff"
    WORKER = "worker"
    SHELL = "shell"


class JournalEntry(Base):
    """One act. ``before`` and ``after`` hold states and names of changed fields, never personal data."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index("ix_journal_subject", "subject_kind", "subject_id", "id"),
        Index("ix_journal_event", "event_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id"))
    actor_kind: Mapped[ActorKind] = mapped_column(words(ActorKind))
    actor_id: Mapped[int | None]  # account or registration
    action: Mapped[str] = mapped_column(String(40))
    subject_kind: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int | None]
    before: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
