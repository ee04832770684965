"""What a co-organizer may see of those who agreed to share with it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from forumreg.store.base import Base
from forumreg.store.types import Json


class PartnerScope(Base):
    """Extra columns that an organizer granted an organisation, and the purpose the form tells."""

    __tablename__ = "partner_scope"
    __table_args__ = (UniqueConstraint("event_id", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    extra_columns: Mapped[list[str]] = mapped_column(Json, default=list)  # beyond the default scope: "email"
    sees_led_sessions: Mapped[bool] = mapped_column(default=False, server_default=false())  # lists of those it leads
    purpose: Mapped[dict[str, str]] = mapped_column(Json, default=dict)
