"""Flask-Mail's connection made safe: certificates checked, time limited, failures sorted."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, cast

from flask_mail import Connection, Mail

from forumreg.adapters.smtp.draft import Draft, Letter
from forumreg.adapters.smtp.failures import ForGood, Later, sorted_out
from forumreg.adapters.smtp.server import Server

STEP_S = 20.0  # one command and its reply
WHOLE_S = 90.0  # one mail with its connection; below the outbox's lease of 120 s, or two workers send it
MAILS_A_CONNECTION = 100  # servers close a connection after some number; many after 100
_NO_UTF8 = "The mail server takes no address with letters outside ASCII before the @ (it has no SMTPUTF8)."
IDLE_CHECK_S = 2.0  # after such a pause a server is asked whether it is still there


class _Hurried(Protocol):
    deadline: float
    sock: socket.socket | None
    file: Any


@dataclass(slots=True)
class _Lines:
    """A server's lines, each asked for only while there is time: a reply may have any number of them."""

    smtp: _Hurried
    file: BinaryIO

    def readline(self, limit: int) -> bytes:
        _hurry(self.smtp)
        return self.file.readline(limit)

    def close(self) -> None:
        self.file.close()


def _hurry(smtp: _Hurried) -> None:
    left = smtp.deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("deadline")
    if smtp.sock is not None:
        smtp.sock.settimeout(min(STEP_S, left))


def _watch(smtp: _Hurried) -> None:
    if smtp.file is None and smtp.sock is not None:
        smtp.file = _Lines(smtp, smtp.sock.makefile("rb"))


class _Plain(smtplib.SMTP):
    """Keeps to a deadline however many replies a slow server draws out."""

    deadline = 0.0

    def getreply(self) -> tuple[int, bytes]:
        _watch(self)
        return super().getreply()


class _Encrypted(smtplib.SMTP_SSL):
    """The same over TLS from the first octet."""

    deadline = 0.0

    def getreply(self) -> tuple[int, bytes]:
        _watch(self)
        return super().getreply()


class SafeConnection(Connection):
    """One connection for many mails; it opens itself when there is a mail and again when the server left."""

    def __init__(self, server: Server) -> None:
        """Prepare; nothing is opened yet."""
        super().__init__(_state(server))
        self.server = server
        self.host: _Plain | _Encrypted | None = None
        self._used_at = 0.0

    def configure_host(self) -> _Plain | _Encrypted:
        """Open a connection, encrypted with a checked certificate unless the settings say otherwise."""
        server, context = self.server, ssl.create_default_context()
        smtp = _Encrypted(timeout=STEP_S, context=context) if server.tls else _Plain(timeout=STEP_S)
        smtp.deadline = time.monotonic() + WHOLE_S
        smtp._host = server.host  # type: ignore[union-attr]  # the name that the certificate must carry
        try:
            _prepare(smtp, server, context)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def deliver(self, draft: Draft) -> None:
        """Hand one mail to the server.

        Raises:
            Later: it was not taken now.
            ForGood: it will never be taken.
        """
        try:
            self._deliver(draft, self._open())
        except (smtplib.SMTPException, OSError) as error:
            failure = sorted_out(error)
            if not isinstance(failure, ForGood):
                self.close()
            raise failure from error

    def _deliver(self, draft: Draft, smtp: _Plain | _Encrypted) -> None:
        utf8 = smtp.has_extn("smtputf8")
        if draft.needs_utf8 and not utf8:
            raise ForGood(_NO_UTF8)
        letter = _letter(draft, utf8=draft.needs_utf8)
        options = ["SMTPUTF8", "BODY=8BITMIME"] if letter.utf8 else []
        smtp.sendmail(letter.envelope_from, [letter.envelope_to], letter.as_bytes(), options)
        self.num_emails += 1
        self._used_at = time.monotonic()

    def _open(self) -> _Plain | _Encrypted:
        if self.host is not None and self.num_emails >= MAILS_A_CONNECTION:
            self.close()
        if self.host is not None and not self._still_there(self.host):
            self.close()
        if self.host is None:
            self.host, self.num_emails = self.configure_host(), 0
        self.host.deadline = time.monotonic() + WHOLE_S
        return self.host

    def _still_there(self, smtp: _Plain | _Encrypted) -> bool:
        if time.monotonic() - self._used_at < IDLE_CHECK_S:
            return True
        smtp.deadline = time.monotonic() + STEP_S
        try:
            return smtp.noop()[0] == 250  # RFC 5321, 4.1.1.9
        except (smtplib.SMTPException, OSError):
            return False

    def close(self) -> None:
        """Say goodbye and close, whatever state the connection is in."""
        smtp, self.host = self.host, None
        if smtp is None:
            return
        smtp.deadline = time.monotonic() + 1
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            smtp.close()


def _prepare(smtp: _Plain | _Encrypted, server: Server, context: ssl.SSLContext) -> None:
    code, words = smtp.connect(server.host, server.port)
    if code != 220:  # RFC 5321, 3.1
        raise smtplib.SMTPConnectError(code, words)
    if server.starttls:
        smtp.starttls(context=context)
    smtp.ehlo_or_helo_if_needed()
    if server.user:
        smtp.login(server.user, server.password)


def _letter(draft: Draft, *, utf8: bool) -> Letter:
    try:
        return Letter(draft, utf8=utf8)
    except ValueError as error:
        raise ForGood("No mail can be sent to this address.") from error


def _state(server: Server) -> Mail:
    settings = {"MAIL_SERVER": server.host, "MAIL_PORT": server.port}
    return cast("Mail", Mail().init_mail(settings))  # Flask-Mail's own type for it is private


def greet(server: Server) -> None:
    """Open a connection as for a mail, and close it.

    Raises:
        Later: with what stands in the way, for an operator.
    """
    connection = SafeConnection(server)
    try:
        connection.host = connection.configure_host()
    except (smtplib.SMTPException, OSError) as error:
        raise Later(str(sorted_out(error))) from error
    finally:
        connection.close()
