"""Hosts as browsers and servers name them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?", re.ASCII | re.IGNORECASE)

OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})  # this machine, for those who are on it


def is_host(text: str) -> bool:
    """Whether it is a name in ASCII, an IPv4 address or, without brackets, an IPv6 address of no zone."""
    if ":" not in text:
        return bool(_NAME.fullmatch(text))
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def without_port(host: str) -> str:
    """The host of ``host:port`` in lower case; an IPv6 address keeps its brackets."""
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return host.partition(":")[0].lower()


def port_of(url: str) -> int | None:
    """The port that the address names.

    Raises:
        ValueError: it names one that there is not.
    """
    try:
        port = urlsplit(url).port
    except ValueError as error:
        raise ValueError("the port is a number from 1 to 65535") from error
    if port == 0:
        raise ValueError("the port is a number from 1 to 65535")
    return port
