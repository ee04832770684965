"""Which mail server: the parts of FORUMREG_SMTP_URL."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from forumreg.base.folding import ascii_domain
from forumreg.base.hosts import is_host, port_of

SUBMISSION, SUBMISSIONS, PLAIN = 587, 465, 25  # RFC 6409, RFC 8314, RFC 5321
FORM = "smtp://user:password@host:587 or smtps://…"


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


def parsed(url: str) -> Server:
    """The server that the address names.

    Raises:
        ValueError: it names none; says what it takes.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError(FORM) from error
    host = ascii_domain(parts.hostname or "")
    if parts.scheme not in {"smtp", "smtps"} or not is_host(host) or parts.path.strip("/"):
        raise ValueError(FORM)
    is_plain = _is_plain(parts.query)
    tls = parts.scheme == "smtps"
    if tls and is_plain:
        raise ValueError("smtps:// is TLS; take smtp:// with ?tls=off")
    usual = SUBMISSIONS if tls else PLAIN if is_plain else SUBMISSION
    server = Server(
        host, port_of(url) or usual, unquote(parts.username or ""), unquote(parts.password or ""), tls,
        not tls and not is_plain,
    )  # fmt: skip
    if is_plain and server.user and not _is_this_machine(server.host):
        raise ValueError("a password goes over TLS only; leave out ?tls=off or the user")
    return server


def _is_plain(query: str) -> bool:
    asked = parse_qsl(query, keep_blank_values=True)
    if asked not in ([], [("tls", "off")]):
        raise ValueError("the only thing to ask for is ?tls=off")
    return bool(asked)


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
