"""The tables, one file a room; importing this package makes the whole metadata known."""

from forumreg.store.base import Base
from forumreg.tables import account, booking, event, journal, mail, partner, programme, registration, seats

__all__ = ["Base", "account", "booking", "event", "journal", "mail", "partner", "programme", "registration", "seats"]
