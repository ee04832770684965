"""A real SMTP server for tests, on a port of its own, with the answers a test gives it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class Received:
    """One mail as the server took it."""

    sender: str
    recipients: list[str]
    content: bytes
    options: list[str]

    @property
    def mail(self) -> EmailMessage:
        return cast("EmailMessage", message_from_bytes(self.content, policy=policy.default))


@dataclass
class Mailbox:
    """What the server took, and what it answers instead where a test says so."""

    port: int = 0
    received: list[Received] = field(default_factory=list)
    sessions: int = 0
    at_recipient: str = ""
    at_data: str = ""
    pause_s: float = 0.0
    on_data: Callable[[int], object] = lambda _number: None

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.at_recipient:
            return self.at_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.at_data:
            return self.at_data
        if self.pause_s:
            time.sleep(self.pause_s)
        content = cast("bytes", envelope.original_content)
        self.received.append(
            Received(envelope.mail_from or "", list(envelope.rcpt_tos), content, list(envelope.mail_options))
        )
        self.on_data(len(self.received))
        del session
        return "250 taken"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class _Server(Controller):
    def factory(self) -> Any:
        cast("Mailbox", self.handler).sessions += 1
        return super().factory()


@contextmanager
def a_mail_server(*, context: ssl.SSLContext | None = None, smtps: bool = False, **options: Any) -> Iterator[Mailbox]:
    """A server that runs while the block does."""
    mailbox = Mailbox(free_port())
    extra: dict[str, Any] = {"ssl_context": context} if smtps else {"tls_context": context}
    controller = _Server(
        mailbox, hostname="127.0.0.1", port=mailbox.port, **{"enable_SMTPUTF8": True, **extra, **options}
    )
    controller.start()
    mailbox.sessions = 0
    try:
        yield mailbox
    finally:
        controller.stop()


@contextmanager
def a_speaking_server(speak: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that says what the function says, to each who connects; answers its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    try:
                        speak(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            over.set()
            thread.join(5)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of a test, and what it signed for 127.0.0.1 and localhost."""

    ca_file: Path
    context: ssl.SSLContext


def an_authority(folder: Path, *, name: str = "localhost") -> Authority:
    """Make one, with a certificate for the name (and 127.0.0.1 where it is localhost)."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA of a test")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names: list[x509.GeneralName] = [x509.DNSName(name)]
    if name == "localhost":
        names.append(x509.IPAddress(IPv4Address("127.0.0.1")))
    is_authority = x509.BasicConstraints(ca=True, path_length=0)
    ca = _certificate(issuer, issuer, ca_key.public_key(), is_authority, ca_key)
    own = _certificate(subject, issuer, key.public_key(), x509.SubjectAlternativeName(names), ca_key)
    ca_file, own_file = folder / "ca.pem", folder / "own.pem"
    ca_file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    own_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + own.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(own_file)
    return Authority(ca_file, context)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: Any,
    extension: x509.ExtensionType,
    signing_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    day = timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - day)
        .not_valid_after(datetime.now(UTC) + day)
        .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        .sign(signing_key, hashes.SHA256())
    )
