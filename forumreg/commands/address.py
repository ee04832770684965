"""The address to listen on, as it is typed."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import click

_SHAPE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[A-Za-z0-9.\-]*)):(?P<port>[0-9]{1,5})")


class Address(NamedTuple):
    """A host and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class _Bind(click.ParamType[Address]):
    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Address:
        """Read ``127.0.0.1:8000``, ``[::1]:8000`` or ``:8000`` (every address of the machine)."""
        if isinstance(value, Address):
            return value
        found = _SHAPE.fullmatch(str(value))
        if found is None or int(found["port"]) > 65535:
            self.fail(f"{value!r} is not an address such as 127.0.0.1:8000 or [::1]:8000.", param, ctx)
        return Address(found["six"] or found["four"] or "0.0.0.0", int(found["port"]))  # noqa: S104 (asked for by ":8000")


BIND = _Bind()
