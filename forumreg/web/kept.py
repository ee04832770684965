"""Pages that are the same for every reader, kept in the process as they are sent; what differs is put into holes.

A kept page must hold nothing of one reader. What it is made of is its key: an event's version, the language, the
places left. A hole stands for what differs each time, such as the token of a form.
"""

from __future__ import annotations

import gzip
import re
import secrets
import struct
import threading
import zlib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from flask import Response, request
from flask import session as cookie
from flask_babel import get_locale
from markupsafe import Markup, escape

from forumreg.base.clock import RealClock
from forumreg.web.headers import takes_gzip
from forumreg.web.site import site

MOST_PAGES = 64  # of at most 60 KB each, and 4 times 15 KB packed; a process keeps no more
MOST_PACKED = 32  # of at most some 120 KB each
LONGEST_QUERY_BYTES = 100  # what no page of ours asks for is not worth keeping
LEVEL = 6  # of compression, once for many readers
MOST_LENGTHS = 4  # of fillings for which a page is kept packed
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
_SALT = secrets.token_hex(8)  # nobody can write a hole into an event's words
_VARY = {"Vary": "Accept-Encoding"}
_HOLE = re.compile(rf"{_SALT}\.([a-z0-9-]+)\.")
_pages: dict[Hashable, Page] = {}
_packed: dict[Hashable, bytes] = {}
_words: dict[Hashable, Any] = {}
_lock = threading.Lock()


def hole(name: str) -> Markup:
    """What stands in a kept page where ``name`` is put in."""
    return Markup(f"{_SALT}.{escape(name)}.")  # noqa: S704 (the name is escaped)


def answer(
    made_of: Hashable,
    render: Callable[[], str],
    holes: Mapping[str, str] | None = None,
    *,
    address: str | None = None,
) -> Response:
    """The page for this address and language, rendered unless one made of the same is kept; holes filled as HTML.

    ``address`` stands for that of the request where part of it differs for each reader and is in holes.
    """
    page = _page(made_of, render, address)
    filling = holes or {}
    filled = [escape(filling[name]).encode() for name in page.holes]
    response = Response(mimetype="text/html", headers=_VARY)
    if takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.set_data(page.sent(filled))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(b"".join(_woven(page.words, filled)))
    return response


@dataclass(frozen=True, slots=True)
class Page:
    """A kept page: its words in parts, the name of the hole after each but the last, and the parts packed.

    How the parts are packed depends on how long the fillings are, which is the same for most readers.
    """

    words: tuple[bytes, ...]
    holes: tuple[str, ...]
    packed: dict[tuple[int, ...], tuple[bytes, ...]] = field(default_factory=dict)

    def sent(self, filled: Sequence[bytes]) -> bytes:
        """The page packed and its holes filled: one member of RFC 1952; fillings are blocks that are not packed."""
        lengths = tuple(map(len, filled))
        parts = self.packed.get(lengths)
        if parts is None:
            parts = _packed_around(self.words, lengths)
            _keep(self.packed, lengths, parts, MOST_LENGTHS)
        checked, length = 0, 0
        for part in _woven(self.words, filled):
            checked, length = zlib.crc32(part, checked), length + len(part)
        return b"".join((_HEAD, *_woven(parts, list(map(_stored, filled))), _FOOT.pack(checked, length & 0xFFFFFFFF)))


def made(text: str) -> Page:
    """The page of a text with holes."""
    found = _HOLE.split(text)  # words and names of holes take turns
    return Page(tuple(part.encode() for part in found[::2]), tuple(found[1::2]))


def _packed_around(words: Sequence[bytes], lengths: Sequence[int]) -> tuple[bytes, ...]:
    """The words packed (RFC 1951) as they are around fillings of these lengths, which go in as blocks of their own.

    The packer is shown as many other bytes in the place of each filling, and what it makes of them is thrown away. So
    words refer to words before a filling, in the right distance, and never to the filling: they hold no such byte.
    """
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    parts = []
    for part, length in zip(words, lengths, strict=False):
        packed = packer.compress(part)
        if length:  # where nothing is put in, words go on
            packed += packer.flush(zlib.Z_SYNC_FLUSH)  # up to a whole byte
            packer.compress(_FILLER * length)
            packer.flush(zlib.Z_SYNC_FLUSH)
        parts.append(packed)
    return (*parts, packer.compress(words[-1]) + packer.flush())


def _stored(filling: bytes) -> bytes:
    """Blocks that hold it as it is; one holds 65,535 bytes at most."""
    parts = [filling[at : at + 0xFFFF] for at in range(0, len(filling), 0xFFFF)]
    return b"".join(_STORED.pack(0, len(part), len(part) ^ 0xFFFF) + part for part in parts)


_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # deflate, no name, no time, no system
_STORED = struct.Struct("<BHH")  # a block that is not the last, its length, and that length's complement
_FOOT = struct.Struct("<II")
_FILLER = b"\xff"  # UTF-8 has no such byte


def _woven(words: Sequence[bytes], between: Sequence[bytes]) -> Iterator[bytes]:
    for part, filling in zip(words, between, strict=False):
        yield part
        yield filling
    yield words[-1]


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
    if takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.set_data(blob)
        response.content_encoding = "gzip"
    else:
        response.set_data(gzip.decompress(blob))
    return response


def words(made_of: Hashable, make: Callable[[], T]) -> T:
    """Words of the page's language that ``made_of`` names, made once; they must hold nothing of one reader."""
    key = made_of, str(get_locale())
    found = _words.get(key)
    if found is None:
        found = make()
        _keep(_words, key, found, MOST_PAGES)
    return cast("T", found)


def forget_all() -> None:
    """Forget every page."""
    _pages.clear()
    _packed.clear()
    _words.clear()


def _page(made_of: Hashable, render: Callable[[], str], address: str | None) -> Page:
    if not _may_be_kept(address):
        return made(render())
    key = _key(made_of, address)
    found = _pages.get(key)
    if found is None:
        found = made(render())
        _keep(_pages, key, found, MOST_PAGES)
    return found


def _key(made_of: Hashable, address: str | None = None) -> Hashable:
    return address or request.full_path, request.script_root, str(get_locale()), _minute(), made_of


def _keep(pages: dict[K, T], key: K, page_: T, most: int) -> None:
    """Keep a page, and forget the oldest where there are too many."""
    with _lock:
        if len(pages) >= most:
            pages.pop(next(iter(pages)))
        pages[key] = page_


def _may_be_kept(address: str | None = None) -> bool:
    """Not with a notice to one reader, nor where the address asks for what no page of ours does."""
    return "_flashes" not in cookie and (address is not None or len(request.query_string) <= LONGEST_QUERY_BYTES)


def until(turn: datetime) -> datetime:
    """Until when a page stands that says the same until ``turn``: where it shows a clock, for a minute at most."""
    minute = _minute()
    return turn if minute is None else min(turn, datetime.fromtimestamp((minute + 1) * 60, UTC))


def _minute() -> int | None:
    """The minute that a demonstration's clock shows on its pages."""
    clock = site().clock
    return None if isinstance(clock, RealClock) else int(clock.now().timestamp() // 60)
