"""Pages that are the same for every reader, kept in the process; what differs is put into holes.

A kept page must hold nothing of one reader. What it is made of is its key: an event's version, the language, the
places left. A hole stands for what differs each time, such as the token of a form.
"""

from __future__ import annotations

import gzip
import re
import secrets
import threading
from collections.abc import Callable, Hashable, Mapping
from typing import TypeVar

from flask import Response, request
from flask import session as cookie
from flask_babel import get_locale
from markupsafe import Markup, escape

from forumreg.base.clock import RealClock
from forumreg.web.site import site

MOST_PAGES = 64  # of at most 60 KB each; a process keeps no more
MOST_PACKED = 32  # of at most some 120 KB each
LONGEST_QUERY_BYTES = 100  # what no page of ours asks for is not worth keeping
LEVEL = 6  # of compression, once for many readers
T = TypeVar("T")
_SALT = secrets.token_hex(8)  # nobody can write a hole into an event's words
_HOLE = re.compile(rf"{_SALT}\.([a-z0-9-]+)\.")
_pages: dict[Hashable, tuple[str, ...]] = {}
_packed: dict[Hashable, bytes] = {}
_lock = threading.Lock()


def hole(name: str) -> Markup:
    """What stands in a kept page where ``name`` is put in."""
    return Markup(f"{_SALT}.{escape(name)}.")  # noqa: S704 (the name is escaped)


def page(
    made_of: Hashable, render: Callable[[], str], holes: Mapping[str, str] | None = None, *, address: str | None = None
) -> str:
    """The page for this address and language, rendered unless one made of the same is kept; holes filled as HTML.

    ``address`` stands for that of the request where part of it differs for each reader and is in holes.
    """
    parts = _parts(made_of, render, address)
    if len(parts) == 1:
        return parts[0]
    filling = holes or {}
    # Words and names of holes take turns, as re.split leaves them.
    return "".join(escape(filling[part]) if at % 2 else part for at, part in enumerate(parts))


def packed(response: Response, made_of: Hashable, write: Callable[[], bytes]) -> Response:
    """The response with its content, which is without holes and kept as it is sent.

    For pages and files of many rows: packing them takes longer than finding them.
    """
    key, may_be_kept = _key(made_of), _may_be_kept()
    blob = _packed.get(key) if may_be_kept else None
    if blob is None:
        blob = gzip.compress(write(), LEVEL, mtime=0)
        if may_be_kept:
            _keep(_packed, key, blob, MOST_PACKED)
    response.vary.add("Accept-Encoding")
    if request.accept_encodings.quality("gzip"):
        response.set_data(blob)
        response.content_encoding = "gzip"
    else:
        response.set_data(gzip.decompress(blob))
    return response


def forget_all() -> None:
    """Forget every page."""
    _pages.clear()
    _packed.clear()


def _parts(made_of: Hashable, render: Callable[[], str], address: str | None) -> tuple[str, ...]:
    if not _may_be_kept(address):
        return tuple(_HOLE.split(render()))
    key = _key(made_of, address)
    found = _pages.get(key)
    if found is None:
        found = tuple(_HOLE.split(render()))
        _keep(_pages, key, found, MOST_PAGES)
    return found


def _key(made_of: Hashable, address: str | None = None) -> Hashable:
    return address or request.full_path, request.script_root, str(get_locale()), _minute(), made_of


def _keep(pages: dict[Hashable, T], key: Hashable, page_: T, most: int) -> None:
    """Keep a page, and forget the oldest where there are too many."""
    with _lock:
        if len(pages) >= most:
            pages.pop(next(iter(pages)))
        pages[key] = page_


def _may_be_kept(address: str | None = None) -> bool:
    """Not with a notice to one reader, nor where the address asks for what no page of ours does."""
    return "_flashes" not in cookie and (address is not None or len(request.query_string) <= LONGEST_QUERY_BYTES)


def _minute() -> int | None:
    """The minute that a demonstration's clock shows on its pages."""
    clock = site().clock
    return None if isinstance(clock, RealClock) else int(clock.now().timestamp() // 60)
