"""Who takes a mail out of the house: a mail server, or the folder that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from forumreg.adapters.smtp.connection import SafeConnection
from forumreg.adapters.smtp.draft import Draft
from forumreg.adapters.smtp.failures import Later
from forumreg.adapters.smtp.keeping import file_name, keep
from forumreg.adapters.smtp.server import server_of
from forumreg.base.settings import Settings


class Carrier(Protocol):
    """Takes mails, one at a time; each thread has its own."""

    def carry(self, outbox_id: int, key: str, draft: Draft) -> None:
        """Take one mail. Raises ``Later`` or ``ForGood`` where it cannot."""
        ...

    def rest(self) -> None:
        """No mail is due: close what is open."""
        ...


@dataclass(frozen=True, slots=True)
class _Sending:
    connection: SafeConnection

    def carry(self, outbox_id: int, key: str, draft: Draft) -> None:  # noqa: ARG002 (a server needs neither)
        self.connection.deliver(draft)

    def rest(self) -> None:
        self.connection.close()


@dataclass(frozen=True, slots=True)
class _Keeping:
    folder: Path

    def carry(self, outbox_id: int, key: str, draft: Draft) -> None:
        try:
            keep(self.folder, file_name(outbox_id, key), draft)
        except OSError as error:
            raise Later(f"The mail could not be kept: {error.strerror}") from error

    def rest(self) -> None:
        """Nothing is open."""


def carrier(settings: Settings) -> Carrier:
    """Answer who takes mails out of this installation.

    Raises:
        SettingsError: FORUMREG_SMTP_URL cannot be used.
    """
    server = server_of(settings)
    return _Sending(SafeConnection(server)) if server else _Keeping(settings.mail_folder)
