"""A mail as Flask-Mail sends it: headers that nothing steers, both texts, the code, the calendar file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from types import MappingProxyType
from typing import Any, cast

from flask_mail import Message

from forumreg.base.addresses import is_address, is_mailbox
from forumreg.base.folding import ascii_domain, clean_line

LONGEST_LINE = 78  # RFC 5322, 2.1.1


class _Folding(policy.EmailPolicy):
    """The library's policy without its way of finding out that a short line of ASCII needs no folding.

    That way was a sixth of what a mail costs (measured, 2026-11).
    """

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The header as it goes over the wire."""
        line = f"{name}: {value}"
        if len(line) <= LONGEST_LINE and line.isascii() and line.isprintable():
            return f"{line}{self.linesep}".encode("ascii")
        if name == "Subject" and not self.utf8:
            # The library drops a blank between two words that it encodes one by one (CPython 3.11); as a whole
            # they keep it.
            words = Header(str(value), "utf-8", LONGEST_LINE, name).encode(linesep=self.linesep)
            return f"{name}: {words}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


# Seven bits, so that a server without 8BITMIME (RFC 6152) needs not rewrite it.
_PLAIN = _Folding(linesep="\r\n", cte_type="7bit")
_UTF8 = _PLAIN.clone(utf8=True, cte_type="8bit")


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

    def _message(self) -> EmailMessage:  # type: ignore[override]  # EmailMessage folds and encodes by the RFCs
        draft = self.draft
        mail = EmailMessage(policy=_UTF8 if self.utf8 else _PLAIN)
        mail.set_content(draft.text)
        mail.add_alternative(draft.html, subtype="html")
        for picture in draft.pictures:
            _html_of(mail).add_related(
                picture.content,
                "image",
                "png",
                cid=f"<{picture.cid}>",
                disposition="inline",
                filename=picture.filename,
            )
        if draft.calendar:
            mail.add_attachment(
                draft.calendar.decode(),
                subtype="calendar",
                filename="calendar.ics",
                params={"method": draft.calendar_method},
            )
        for name, value in self._headers().items():
            mail[name] = value
        return mail

    def _headers(self) -> dict[str, object]:
        draft = self.draft
        headers: dict[str, object] = {
            "From": _mailbox(draft.sender[0], self.envelope_from),
            "To": _mailbox("", self.envelope_to),
            "Subject": self.subject,
            "Date": format_datetime(datetime.now(UTC)),
            "Message-ID": f"<{draft.message_id}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834, 5: no answer by machine
            "X-Auto-Response-Suppress": "OOF, AutoReply",  # the same for servers that do not know it
            "Content-Language": draft.language,
        }
        if draft.reply_to and is_address(draft.reply_to) and (self.utf8 or _local(draft.reply_to).isascii()):
            headers["Reply-To"] = _mailbox("", wire_address(draft.reply_to))
        return headers | {name: clean_line(value) for name, value in draft.headers.items()}


def _html_of(mail: EmailMessage) -> EmailMessage:
    return cast("list[EmailMessage]", mail.get_payload())[1]  # text first, HTML second


def wire_address(address: str) -> str:
    """Answer the address with its domain in ASCII (RFC 5890).

    Raises:
        ValueError: no mail can be sent to it.
    """
    local, _, domain = address.rpartition("@")
    if not is_mailbox(address):
        raise ValueError("not a mail address")
    return f"{local}@{ascii_domain(domain)}"


def sender_of(mail_from: str, name: str) -> tuple[str, str]:
    """Answer who a mail is from: the address of ``FORUMREG_MAIL_FROM`` under the event's name."""
    own_name, address = parseaddr(mail_from)
    return clean_line(name) or clean_line(own_name), address


def _mailbox(name: str, address: str) -> Address:
    return Address(name, addr_spec=address) if address.isascii() else Address(name, *_split(address))


def _split(address: str) -> tuple[str, str]:
    local, _, domain = address.rpartition("@")
    return local, domain


def _local(address: str) -> str:
    return address.rpartition("@")[0]
