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
from typing import Any, TypeVar, cast

from flask import Response, request
from flask import session as cookie
from flask_babel import get_locale
from markupsafe import Markup, escape

from forumreg.base.clock import RealClock
from forumreg.web.headers import takes_gzip
from forumreg.web.site import site

MOST_PAGES = 64  # of at most 60 KB each; a process keeps no more
MOST_PACKED = 32  # of at most some 120 KB each
LONGEST_QUERY_BYTES = 100  # what no page of ours asks for is not worth keeping
LEVEL = 6  # of compression, once for many readers
MOST_HOLES_PACKED = 12
T = TypeVar("T")
_SALT = secrets.token_hex(8)  # nobody can write a hole into an event's words
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
    for_all: bool = False,
) -> Response:
    """The page for this address and language, rendered unless one made of the same is kept; holes filled as HTML.

    ``address`` stands for that of the request where part of it differs for each reader and is in holes. ``for_all``
    says that nothing in the holes is one reader's, so that the whole may be kept until it differs.
    """
    page = _page(made_of, render, address)
    filling = holes or {}
    filled = [escape(filling[name]).encode() for name in page.holes]
    response = Response(mimetype="text/html")
    response.vary.add("Accept-Encoding")
    if page.packed and takes_gzip(request.headers.get("Accept-Encoding", "")):
        response.set_data(page.sent_to_all(filled) if for_all else page.sent(filled))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response.set_data(b"".join(_woven(page.words, filled)))
    return response


@dataclass(frozen=True, slots=True)
class Page:
    """A kept page: its words in parts, the name of the hole after each but the last, and the parts packed.

    A page of many holes is packed as a whole for each reader: parts packed one by one are longer.
    """

    words: tuple[bytes, ...]
    holes: tuple[str, ...]
    packed: tuple[bytes, ...]
    last: list[tuple[Sequence[bytes], bytes]] = field(default_factory=list)  # what was sent to all

    def sent(self, filled: Sequence[bytes]) -> bytes:
        """The page packed, its holes filled."""
        return _gzip(self, filled)

    def sent_to_all(self, filled: Sequence[bytes]) -> bytes:
        """The same, kept until the holes are filled differently."""
        for same, blob in self.last:
            if same == filled:
                return blob
        blob = self.sent(filled)
        self.last[:] = [(filled, blob)]
        return blob


def made(text: str) -> Page:
    """The page of a text with holes."""
    found = _HOLE.split(text)  # words and names of holes take turns
    words = tuple(part.encode() for part in found[::2])
    holes = tuple(found[1::2])
    return Page(words, holes, tuple(map(_deflated, words)) if len(holes) <= MOST_HOLES_PACKED else ())


def _deflated(words: bytes) -> bytes:
    """Blocks of RFC 1951 that end at a whole byte and refer to nothing before them."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(words) + packer.flush(zlib.Z_FULL_FLUSH)


def _gzip(page: Page, filled: Sequence[bytes]) -> bytes:
    """The page as one member of RFC 1952: packed words, and what fills the holes as blocks that are not packed."""
    checked, length = 0, 0
    for part in _woven(page.words, filled):
        checked, length = zlib.crc32(part, checked), length + len(part)
    return b"".join(
        (_HEAD, *_woven(page.packed, list(map(_stored, filled))), _LAST_BLOCK, _FOOT.pack(checked, length & 0xFFFFFFFF))
    )


def _stored(filling: bytes) -> bytes:
    """Blocks that hold it as it is; one holds 65,535 bytes at most."""
    parts = [filling[at : at + 0xFFFF] for at in range(0, len(filling), 0xFFFF)]
    return b"".join(_STORED.pack(0, len(part), len(part) ^ 0xFFFF) + part for part in parts)


_HEAD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # deflate, no name, no time, no system
_STORED = struct.Struct("<BHH")  # a block that is not the last, its length, and that length's complement
_LAST_BLOCK = b"\x03\0"
_FOOT = struct.Struct("<II")


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
