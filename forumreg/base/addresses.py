"""Which e-mail addresses we take: every one that a mail server may, none that could steer a header."""

from __future__ import annotations

import ipaddress
import re

from forumreg.base.folding import fold_address

LONGEST_OCTETS = 254  # RFC 5321, 4.5.3.1.3: a path of 256 less its two brackets
LONGEST_LOCAL_OCTETS = 64  # RFC 5321, 4.5.3.1.1
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u00a1-\U0010ffff]"
_DOT_ATOM = re.compile(rf"{_ATEXT}+(?:\.{_ATEXT}+)*")
_QUOTED = re.compile(r'"(?:[ !#-\[\]-~\u00a1-\U0010ffff]|\\[ -~])*"')
_LABEL = re.compile(r"[A-Za-z0-9\u00a1-\U0010ffff](?:[A-Za-z0-9\-\u00a1-\U0010ffff]*[A-Za-z0-9\u00a1-\U0010ffff])?")


def is_address(text: str) -> bool:
    """Whether mail can be sent to it: local part plain, quoted or in Unicode; domain or address literal."""
    if not text.isprintable() or (not text.isascii() and any(sign.isspace() and sign != " " for sign in text)):
        return False
    local, at, domain = text.rpartition("@")
    if not at or _octets(text) > LONGEST_OCTETS or len(local.encode()) > LONGEST_LOCAL_OCTETS:
        return False
    return bool(_DOT_ATOM.fullmatch(local) or _QUOTED.fullmatch(local)) and _is_domain(domain)


def is_mailbox(text: str) -> bool:
    """Whether our own mail server may take it: an address, or one at this machine (``…@localhost``)."""
    local, _, domain = text.rpartition("@")
    return is_address(f"{local}@localhost.localdomain" if domain == "localhost" else text)


def _octets(text: str) -> int:
    """How long it is as typed or as it is compared and sent, whichever is longer."""
    return max(len(text.encode()), len(fold_address(text)))


def _is_domain(domain: str) -> bool:
    if domain.startswith("[") and domain.endswith("]"):
        return _is_literal(domain[1:-1])
    labels = domain.split(".")
    if len(labels) < 2 or any(not _LABEL.fullmatch(label) for label in labels):
        return False
    try:
        # RFC 1035, 2.3.4
        return all(len(label if label.isascii() else label.encode("idna")) <= 63 for label in labels)
    except UnicodeError:
        return False


def _is_literal(text: str) -> bool:
    try:
        if text.startswith("IPv6:"):
            ipaddress.IPv6Address(text[5:])
        else:
            ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else can use (``a•••••@example.org``)."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••••@{domain}"
