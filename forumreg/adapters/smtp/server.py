"""Which mail server: the parts of FORUMREG_SMTP_URL."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from forumreg.base.settings import Settings, SettingsError

_NAME = "FORUMREG_SMTP_URL"
SUBMISSION, SUBMISSIONS, PLAIN = 587, 465, 25  # RFC 6409, RFC 8314, RFC 5321


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes. Without ``starttls`` and ``tls`` nothing is encrypted, which the URL must say."""

    host: str
    port: int
    user: str
    password: str
    tls: bool  # from the first octet (smtps)
    starttls: bool

    def __repr__(self) -> str:
        return f"Server({self.host}:{self.port})"


def server_of(settings: Settings) -> Server | None:
    """Answer the server that is set; ``None`` where mails are kept in the instance folder.

    Raises:
        SettingsError: an address that cannot be used, with what it takes.
    """
    return _parsed(settings.smtp_url) if settings.smtp_url else None


def _parsed(url: str) -> Server:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"{_NAME}: the port is a number up to 65535") from error
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
        raise SettingsError(f"{_NAME}: smtp://user:password@host:587 or smtps://…")
    is_plain = _is_plain(parts.query)
    tls = parts.scheme == "smtps"
    if tls and is_plain:
        raise SettingsError(f"{_NAME}: smtps:// is TLS; take smtp:// with ?tls=off")
    usual = SUBMISSIONS if tls else PLAIN if is_plain else SUBMISSION
    server = Server(
        parts.hostname, port or usual, unquote(parts.username or ""), unquote(parts.password or ""), tls,
        not tls and not is_plain,
    )  # fmt: skip
    if is_plain and server.user and not _is_this_machine(server.host):
        raise SettingsError(f"{_NAME}: a password goes over TLS only; leave out ?tls=off or the user")
    return server


def _is_plain(query: str) -> bool:
    asked = parse_qsl(query, keep_blank_values=True)
    if asked not in ([], [("tls", "off")]):
        raise SettingsError(f"{_NAME}: the only thing to ask for is ?tls=off")
    return bool(asked)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
