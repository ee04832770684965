"""Mails kept as files while no mail server is set, and read again by organizers."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from forumreg.adapters.smtp.draft import Draft, Letter
from forumreg.adapters.smtp.failures import ForGood
from forumreg.base.settings import Settings


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A picture or file of a kept mail; ``cid`` is what the HTML text calls a picture."""

    name: str
    content_type: str
    content: bytes
    cid: str


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A kept mail as its reader would see it."""

    subject: str
    sender: str
    recipient: str
    date: str
    text: str
    html: str
    attachments: tuple[KeptPart, ...]


def keep(folder: Path, name: str, draft: Draft) -> Path:
    """Write the mail into the folder, whole or not at all; the same name again replaces it.

    Raises:
        ForGood: an address that no mail can be sent to.
    """
    try:
        letter = Letter(draft, utf8=draft.needs_utf8)
    except ValueError as error:
        raise ForGood("No mail can be sent to this address.") from error
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    descriptor, unfinished = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(letter.as_bytes())
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).replace(path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return path


def file_name(outbox_id: int, key: str) -> str:
    """Answer the name of a kept mail, of its number and key in the outbox."""
    return f"{outbox_id:08d}-{re.sub(r'[^a-z0-9]+', '-', key.lower()).strip('-')[:80]}.eml"


def read_kept(settings: Settings, outbox_id: int) -> KeptMail | None:
    """Answer a kept mail; ``None`` where there is none of this number."""
    for path in settings.mail_folder.glob(f"{outbox_id:08d}-*.eml"):
        with path.open("rb") as file:
            return _read(BytesParser(policy=policy.default).parse(file))
    return None


def _read(mail: object) -> KeptMail:
    assert isinstance(mail, EmailMessage)  # noqa: S101 (what the parser makes under this policy)
    return KeptMail(
        subject=str(mail["Subject"] or ""),
        sender=str(mail["From"] or ""),
        recipient=str(mail["To"] or ""),
        date=str(mail["Date"] or ""),
        text=_words(mail, "plain"),
        html=_words(mail, "html"),
        attachments=tuple(_part(part) for part in mail.walk() if part.get_filename()),
    )


def _words(mail: EmailMessage, subtype: str) -> str:
    body = mail.get_body((subtype,))
    return str(body.get_content()) if isinstance(body, EmailMessage) else ""


def _part(part: object) -> KeptPart:
    assert isinstance(part, EmailMessage)  # noqa: S101 (as above)
    content = part.get_payload(decode=True)
    return KeptPart(
        part.get_filename() or "",
        part.get_content_type(),
        content if isinstance(content, bytes) else b"",
        str(part["Content-ID"] or "").strip("<>"),
    )
