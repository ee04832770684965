"""A device that holds a passkey, as software: it answers what a page asks, well or badly."""

from __future__ import annotations

import hashlib
import html
import json
import re
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ORIGIN = "http://localhost:8000"


@dataclass(frozen=True)
class Question:
    """What a page hands to the browser."""

    url: str
    options: dict[str, object]

    @classmethod
    def on(cls, page: str) -> Question:
        """The question on this page."""
        found = re.search(r'action="([^"]+)" data-passkey="[a-z]+" data-options="([^"]+)"', page)
        assert found, page
        return cls(html.unescape(found.group(1)), json.loads(html.unescape(found.group(2))))


@dataclass
class Device:
    """One passkey. ``origin``, ``host``, ``count`` and ``verifies`` may be set to lie."""

    origin: str = ORIGIN
    host: str = "localhost"
    count: int = 0
    verifies: bool = True
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: str = ""

    def create(self, question: Question, challenge: object = None) -> str:
        """Answer a question for a new passkey."""
        self.handle = question.options["user"]["id"]  # type: ignore[index]
        data = self._said(ATTESTED) + bytes(16) + struct.pack(">H", len(self.id)) + self.id + self._public()
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", challenge or question.options["challenge"])
        return self._answer({"clientDataJSON": _text(client), "attestationObject": _text(made), "transports": ["usb"]})

    def sign(self, question: Question, challenge: object = None) -> str:
        """Answer a question who somebody is."""
        data = self._said()
        client = self._client("webauthn.get", challenge or question.options["challenge"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer({name: _text(part) for name, part in parts.items()} | {"userHandle": self.handle})

    def _answer(self, response: dict[str, object]) -> str:
        return json.dumps({"id": _text(self.id), "rawId": _text(self.id), "type": "public-key", "response": response})

    def _client(self, kind: str, challenge: object) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _said(self, flags: int = 0) -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _public(self) -> bytes:
        point = self.key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})


def _text(part: bytes) -> str:
    return urlsafe_b64encode(part).decode().rstrip("=")


def other(challenge: object) -> str:
    """A challenge of the same length that nobody asked."""
    plain = urlsafe_b64decode(f"{challenge}==")
    return _text(bytes([plain[0] ^ 1]) + plain[1:])
