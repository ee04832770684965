"""A mail as its reader has it: both texts, the code as a scanner reads it, the calendar as a program does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from typing import Any

import png
import zxingcpp
from icalendar import Calendar


@dataclass(frozen=True)
class Entry:
    """One thing in a calendar."""

    uid: str
    sequence: int
    title: str
    starts: date


@dataclass(frozen=True)
class Letter:
    """A mail, opened."""

    subject: str
    text: str
    html: str
    code: str
    method: str
    entries: tuple[Entry, ...]

    @property
    def link(self) -> str:
        """The own link, which both texts hold."""
        found = re.search(r"^http://\S+/r/\S+/$", self.text, re.MULTILINE)
        assert found
        assert f'href="{found[0]}"' in self.html
        return found[0]


def opened(mail: EmailMessage) -> Letter:
    """Open a mail of ours."""
    parts = {part.get_content_type(): part for part in mail.walk() if not part.is_multipart()}
    assert {"text/plain", "text/html", "text/calendar"} <= set(parts), sorted(parts)
    calendar = Calendar.from_ical(parts["text/calendar"].get_payload(decode=True))
    method = str(calendar["method"])
    assert parts["text/calendar"].get_param("method") == method
    return Letter(
        subject=str(mail["Subject"]),
        text=parts["text/plain"].get_content().replace("\r\n", "\n"),
        html=parts["text/html"].get_content(),
        code=_scanned(parts["image/png"].get_content()) if "image/png" in parts else "",
        method=method,
        entries=tuple(_entry(each) for each in calendar.walk("VEVENT")),
    )


def _entry(event: Any) -> Entry:
    return Entry(str(event["uid"]), int(event["sequence"]), str(event["summary"]), event.decoded("dtstart"))


def _scanned(picture: bytes) -> str:
    width, height, rows, info = png.Reader(bytes=picture).asDirect()
    assert info["planes"] == 1
    dots = b"".join(bytes(255 * dot for dot in row) for row in rows)
    [code] = zxingcpp.read_barcodes(memoryview(dots).cast("B", shape=[height, width]))
    return str(code.text)
