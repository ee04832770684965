"""Which mail server an installation has."""

from __future__ import annotations

from forumreg.base.mail_server import Server, parsed
from forumreg.base.settings import Settings, SettingsError

__all__ = ["Server", "server_of"]


def server_of(settings: Settings) -> Server | None:
    """Answer the server that is set; ``None`` where mails are kept in the instance folder.

    Raises:
        SettingsError: an address that cannot be used, with what it takes. Settings that were loaded have none.
    """
    try:
        return parsed(settings.smtp_url) if settings.smtp_url else None
    except ValueError as error:
        raise SettingsError(f"FORUMREG_SMTP_URL: {error}") from error
