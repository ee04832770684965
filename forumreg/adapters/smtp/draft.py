"""A mail as Flask-Mail sends it: headers that nothing steers, both texts, the code, the calendar file."""

from __future__ import annotations

import re
import secrets
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.base64mime import body_encode as base64_of
from email.header import Header
from email.message import Message as Part
from email.utils import format_datetime, parseaddr, quote
from types import MappingProxyType
from typing import Any

from flask_mail import Message

from forumreg.base.addresses import is_address, is_mailbox
from forumreg.base.folding import ascii_domain, clean_line

LONGEST_LINE = 78  # RFC 5322, 2.1.1


class _AsWritten(policy.Compat32):
    """Headers go over the wire as `Letter` wrote them, folded and in ASCII, or in UTF-8 where the server takes it.

    The library's own policy reads each header that it is given by the grammar, and folds it by another: a third of
    what a mail costs (measured, 2026-11).
    """

    def header_store_parse(self, name: str, value: Any) -> tuple[str, str]:
        """The header; a line that goes on begins with a blank and says something, or it would end the header or all."""
        _first, *others = _BREAK.split(str(value))
        if any(not line.startswith(" ") or line.isspace() for line in others):
            raise ValueError("a line break in a header")
        return name, str(value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The header as it goes over the wire."""
        return f"{name}: {value}{self.linesep}".encode()


_BREAK = re.compile(r"\r\n|\r|\n")
_POLICY = _AsWritten(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside the HTML text, named there as ``cid:<name>@<host>``."""

    cid: str
    filename: str
    content: bytes  # PNG


@dataclass(frozen=True, slots=True)
class Draft:
    """One mail to one person. Headers are cleaned when it is built; texts are sent as they are."""

    message_id: str  # without its brackets
    subject: str
    sender: tuple[str, str]  # name, address
    recipient: str
    text: str
    html: str
    reply_to: str = ""
    language: str = "en"
    pictures: tuple[Picture, ...] = ()
    calendar: bytes = b""
    calendar_method: str = "PUBLISH"
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def needs_utf8(self) -> bool:
        """Whether only a server with SMTPUTF8 (RFC 6531) can take it."""
        return not _local(self.recipient).isascii()


class Letter(Message):
    """Flask-Mail's message with its own hand in the headers: one recipient, strict addresses, a stable id."""

    def __init__(self, draft: Draft, *, utf8: bool = False) -> None:
        """Build the mail; ``utf8`` says that the server takes Unicode in addresses.

        Raises:
            ValueError: an address that no mail can be sent to.
        """
        self.draft = draft
        self.utf8 = utf8
        self.envelope_from = wire_address(draft.sender[1])
        self.envelope_to = wire_address(draft.recipient)
        super().__init__(clean_line(draft.subject), [self.envelope_to], sender=self.envelope_from)

    def _message(self) -> Part:  # type: ignore[override]  # made part by part, without the library's MIME classes
        draft = self.draft
        html = _text(draft.html, "html")
        if draft.pictures:
            html = _several("related", html, *map(_picture, draft.pictures))
        mail = _several("alternative", _text(draft.text, "plain"), html)
        if draft.calendar:
            calendar = _text(draft.calendar.decode(), "calendar", method=draft.calendar_method)
            calendar.add_header("Content-Disposition", "attachment", filename="calendar.ics")
            mail = _several("mixed", mail, calendar)
        mail["MIME-Version"] = "1.0"
        for name, value in self._headers().items():
            mail[name] = value
        return mail

    def _headers(self) -> dict[str, str]:
        draft = self.draft
        headers = {
            "From": _mailbox("From", draft.sender[0], self.envelope_from),
            "To": self.envelope_to,
            "Subject": _words("Subject", self.subject),
            "Date": format_datetime(datetime.now(UTC)),
            "Message-ID": f"<{draft.message_id}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834, 5: no answer by machine
            "X-Auto-Response-Suppress": "OOF, AutoReply",  # the same for servers that do not know it
            "Content-Language": draft.language,
        }
        if draft.reply_to and is_address(draft.reply_to) and (self.utf8 or _local(draft.reply_to).isascii()):
            headers["Reply-To"] = wire_address(draft.reply_to)
        return headers | {name: _words(name, clean_line(value)) for name, value in draft.headers.items()}


# Parts ---------------------------------------------------------------------------------------------------------------


def _several(subtype: str, *parts: Part) -> Part:
    """Parts that belong together (RFC 2046, 5.1); no line of any of them begins with the boundary."""
    whole = Part(_POLICY)
    whole["Content-Type"] = f'multipart/{subtype}; boundary="=_{secrets.token_hex(12)}"'
    whole.set_payload(list(parts))
    return whole


def _text(text: str, subtype: str, **parameters: str) -> Part:
    """A text in seven bits and short lines, so that a server without 8BITMIME (RFC 6152) needs not rewrite it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    part = Part(_POLICY)
    part.add_header("Content-Type", f"text/{subtype}", charset="utf-8", **parameters)
    how, payload = _seven_bits(lines)
    part["Content-Transfer-Encoding"] = how
    part.set_payload(payload)
    return part


def _seven_bits(text: str) -> tuple[str, str]:
    """How a text is written, and so written: as it is, else in whichever of the two ways is shorter (RFC 2045, 6)."""
    if text.isascii() and max(map(len, text.split("\n"))) <= LONGEST_LINE:
        return "7bit", text
    quoted = b2a_qp(text.encode()).decode("ascii")
    packed = base64_of(text.replace("\n", _POLICY.linesep).encode())
    return ("quoted-printable", quoted) if len(quoted) <= len(packed) else ("base64", packed)


def _picture(picture: Picture) -> Part:
    part = Part(_POLICY)
    part["Content-Type"] = "image/png"
    part["Content-Transfer-Encoding"] = "base64"
    part.add_header("Content-Disposition", "inline", filename=picture.filename)
    part["Content-ID"] = f"<{picture.cid}>"
    part.set_payload(base64_of(picture.content))
    return part


# Headers -------------------------------------------------------------------------------------------------------------


def _words(name: str, text: str) -> str:
    """Words of a header in ASCII, folded; words in other letters as RFC 2047 has it, blanks between them kept."""
    if _is_plain(text):
        return text if len(name) + 2 + len(text) <= LONGEST_LINE else _folded(name, text)
    return Header(text, "utf-8", LONGEST_LINE, name).encode(linesep=_POLICY.linesep)


def _is_plain(text: str) -> bool:
    """Whether a header may hold it as it is: what looks like an encoded word would be read as one."""
    return text.isascii() and "=?" not in text


def _folded(name: str, text: str) -> str:
    """The text with breaks before blanks (RFC 5322, 2.2.3), where a line has any."""
    lines, line = [], ""
    room = LONGEST_LINE - len(name) - 2
    for number, word in enumerate(text.split(" ")):
        longer = f"{line} {word}" if number else word
        if line.strip() and len(longer) > room:
            lines.append(line)
            longer, room = f" {word}", LONGEST_LINE
        line = longer
    return _POLICY.linesep.join((*lines, line))


def _mailbox(name: str, called: str, address: str) -> str:
    """Somebody's name and address, as the header of this name says it."""
    if not called:
        return address
    words = _words(name, f'"{quote(called)}"' if _is_plain(called) else called)
    last = f"{name}: {words}".rpartition(_POLICY.linesep)[2]
    is_short = len(last) + len(address) + 3 <= LONGEST_LINE
    return f"{words} <{address}>" if is_short else f"{words}{_POLICY.linesep} <{address}>"


# Addresses -----------------------------------------------------------------------------------------------------------


def wire_address(address: str) -> str:
    """Answer the address with its domain in ASCII (RFC 5890).

    Raises:
        ValueError: no mail can be sent to it.
    """
    local, _, domain = address.rpartition("@")
    if not is_mailbox(address):
        raise ValueError("not a mail address")
    return f"{local}@{ascii_domain(domain)}"


def sender_of(mail_from: str, name: str, *, otherwise: str = "") -> tuple[str, str]:
    """Answer who a mail is from: the address of ``FORUMREG_MAIL_FROM`` under the event's name.

    A mail about no event bears the name that stands there, ``otherwise`` where none does.
    """
    own_name, address = parseaddr(mail_from)
    return clean_line(name) or clean_line(own_name) or otherwise, address


def _local(address: str) -> str:
    return address.rpartition("@")[0]
