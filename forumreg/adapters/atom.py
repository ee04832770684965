"""A feed of news as RFC 4287 has it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from forumreg.base.folding import xml_text

NAMESPACE = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news; ``id`` is a URI that never changes."""

    id: str
    title: str
    updated: datetime
    summary: str
    url: str


@dataclass(frozen=True, slots=True)
class Feed:
    """What a whole feed says; ``url`` is the page it is about, ``own_url`` where it is read again."""

    id: str
    title: str
    author: str
    language: str
    updated: datetime
    url: str
    own_url: str


def write(feed: Feed, entries: Iterable[Entry]) -> bytes:
    """The feed with its entries in this order, in UTF-8."""
    root = Element("feed", {"xmlns": NAMESPACE, "xml:lang": feed.language})
    _add_common(root, feed.id, feed.title, feed.updated)
    SubElement(root, "link", rel="self", type="application/atom+xml", href=feed.own_url)
    SubElement(root, "link", rel="alternate", type="text/html", href=feed.url)
    _add(SubElement(root, "author"), "name", feed.author)
    for entry in entries:
        element = SubElement(root, "entry")
        _add_common(element, entry.id, entry.title, entry.updated)
        SubElement(element, "link", rel="alternate", type="text/html", href=entry.url)
        _add(element, "summary", entry.summary)
    indent(root, space=" ")
    return tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _add_common(element: Element, uri: str, title: str, updated: datetime) -> None:
    _add(element, "id", uri)
    _add(element, "title", title)
    _add(element, "updated", updated.isoformat(timespec="seconds"))


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = xml_text(text)
